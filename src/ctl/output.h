/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "cardio/macro.h"

/* Text for people on stdout: fields, tables, bars. Whatever is printed here is cleaned of control characters.
 * */

typedef struct Output {
        bool terminal;
        bool colour;
        bool utf8;
        unsigned width; /* columns, 0 = as wide as it comes */
} Output;

typedef enum Style {
        STYLE_PLAIN,
        STYLE_DIM,
        STYLE_BOLD,
        STYLE_GOOD,
        STYLE_WARNING,
        STYLE_BAD,
        /* Letters on a field of colour. */
        STYLE_BAND_PLAIN,
        STYLE_BAND_GOOD,
        STYLE_BAND_WARNING,
        STYLE_BAND_BAD,
        /* Training zones; those above the last one look like it. */
        STYLE_ZONE_0,
        STYLE_ZONE_1,
        STYLE_ZONE_2,
        STYLE_ZONE_3,
        STYLE_ZONE_4,
        STYLE_ZONE_5,
        _STYLE_MAX,
        _STYLE_INVALID = -EINVAL,
} Style;

/* What stdout is: a terminal or not, how wide, and whether colour is wanted. */
void output_open(Output *ret);

Style style_of_zone(unsigned zone);

/* What switches a terminal to a style; without colour that is bold and reverse only. It ends with
 * STYLE_RESET. */
const char *style_sequence(Style style, bool colour);
#define STYLE_RESET "\033[0m"

void output_text(const Output *out, Style style, const char *format, ...) _printf_(3, 4);

/* Text that ends its line, broken between words where the terminal is too narrow, further lines indented.
 * column is where it begins. */
void output_wrapped(const Output *out, Style style, unsigned column, unsigned indent, const char *format, ...)
                _printf_(5, 6);

/* A line of a list of fields is a label, "" for one more of the label before, and its text; output_field()
 * prints a whole one, broken likewise. */
void output_label(const Output *out, const char *label);
void output_field(const Output *out, const char *label, const char *format, ...) _printf_(3, 4);

/* A bar of so many columns, fraction (0..1) of it filled, in the colour of a training zone. */
void output_bar(const Output *out, unsigned zone, double fraction, unsigned columns);
void output_zone(const Output *out, unsigned zone, const char *format, ...) _printf_(3, 4);

/* A line put together of pieces in styles of their own, broken between words where the terminal is too narrow, further
 * lines indented as far as the label reaches. */
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
        bool right;      /* figures */
        unsigned narrow; /* may be cut to that many columns where the terminal is too narrow; 0 = never */
        unsigned drop;   /* left out where that is not enough, the highest first; 0 = never */
} Column;

#define TABLE_COLUMNS_MAX 16U

/* A table of text. Columns without any text are not printed. */
typedef struct Table Table;

Table *table_new(const Column *columns, size_t n);
Table *table_free(Table *t);
DEFINE_CLEANUP(Table *, table_free);

/* The next cell, row by row; NULL = empty. */
void table_cell(Table *t, Style style, const char *text);
void table_cellf(Table *t, Style style, const char *format, ...) _printf_(3, 4);

void table_print(const Table *t, const Output *out);
