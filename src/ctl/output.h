/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "cardio/macro.h"

/* Text for people on stdout: fields, tables, bars. All text is cleaned of control characters. */

typedef struct Output {
        bool terminal;
        bool colour;
        bool utf8;
        bool pager;     /* what is longer than the terminal may go through a pager */
        unsigned width; /* columns, 0 = no limit */
} Output;

typedef enum Style {
        STYLE_PLAIN,
        STYLE_DIM,
        STYLE_BOLD,
        STYLE_GOOD,
        STYLE_WARNING,
        STYLE_BAD,
        /* Text on a coloured background. */
        STYLE_BAND_PLAIN,
        STYLE_BAND_GOOD,
        STYLE_BAND_WARNING,
        STYLE_BAND_BAD,
        /* Training zones; higher ones look like the last one. */
        STYLE_ZONE_0,
        STYLE_ZONE_1,
        STYLE_ZONE_2,
        STYLE_ZONE_3,
        STYLE_ZONE_4,
        STYLE_ZONE_5,
        _STYLE_MAX,
        _STYLE_INVALID = -EINVAL,
} Style;

/* Whether stdout is a terminal, how wide it is, and whether colour is wanted. */
void output_open(Output *ret);

Style style_of_zone(unsigned zone);

/* The escape sequence of a style; without colour that is bold and reverse only. STYLE_RESET ends it. */
const char *style_sequence(Style style, bool colour);
#define STYLE_RESET "\033[0m"

void output_text(const Output *out, Style style, const char *format, ...) _printf_(3, 4);

/* Text to the end of the line, wrapped between words if the terminal is too narrow, further lines indented. column is where
 * it begins. */
void output_wrapped(const Output *out, Style style, unsigned column, unsigned indent, const char *format, ...)
                _printf_(5, 6);

/* A line in a list of fields is a label, "" to continue the previous label, and its text; output_field() prints both,
 * wrapped likewise. */
void output_label(const Output *out, const char *label);
void output_field(const Output *out, const char *label, const char *format, ...) _printf_(3, 4);

/* A bar of this many columns, fraction (0..1) of it filled, in the colour of a training zone. */
void output_bar(const Output *out, unsigned zone, double fraction, unsigned columns);
void output_zone(const Output *out, unsigned zone, const char *format, ...) _printf_(3, 4);

/* A line made of pieces, each in its own style, wrapped between words if the terminal is too narrow, further lines indented
 * as far as the label reaches. */
typedef struct Line {
        const Output *out;
        size_t indent, at; /* columns */
        size_t blanks;     /* before the next word, printed only with it */
} Line;

/* label: NULL = none. */
Line line_begin(const Output *out, const char *label);
void line_add(Line *l, Style style, const char *format, ...) _printf_(3, 4);
void line_end(Line *l);

typedef struct Column {
        const char *title;
        bool right;      /* aligned to the right, for figures */
        unsigned narrow; /* may be cut to this many columns if the terminal is too narrow; 0 = never */
        unsigned drop;   /* left out if that is not enough, the highest first; 0 = never */
} Column;

#define TABLE_COLUMNS_MAX 16U

/* A table of text. Columns without text are not printed. */
typedef struct Table Table;

Table *table_new(const Column *columns, size_t n);
Table *table_free(Table *t);
DEFINE_CLEANUP(Table *, table_free);

/* The next cell, row by row; NULL = empty. */
void table_cell(Table *t, Style style, const char *text);
void table_cellf(Table *t, Style style, const char *format, ...) _printf_(3, 4);

void table_print(const Table *t, const Output *out);
