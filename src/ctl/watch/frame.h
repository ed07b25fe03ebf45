/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "output.h"

/* What a screen is to show: cells of one column each. Whatever lies outside of it is dropped. */

#define FRAME_ROWS_MAX    500U
#define FRAME_COLUMNS_MAX 1000U

typedef struct FrameCell {
        uint32_t character; /* 0 = the right half of the character before */
        Style style;
} FrameCell;

typedef struct Frame {
        unsigned rows, columns;
        FrameCell *cells; /* row by row */
} Frame;

/* Makes it empty, of that size or as much of it as is allowed; the old cells are freed. */
void frame_resize(Frame *f, unsigned rows, unsigned columns);
void frame_free(Frame *f);
void frame_clear(Frame *f);

/* NULL outside of it. */
FrameCell *frame_at(Frame *f, unsigned row, unsigned column);

void frame_fill(Frame *f, unsigned row, unsigned column, unsigned columns, Style style, uint32_t character);

/* Puts a text, cleaned and cut to this many columns. Returns the columns that it takes. */
unsigned frame_text(Frame *f, unsigned row, unsigned column, unsigned columns, Style style, const char *text);
unsigned frame_textf(Frame *f, unsigned row, unsigned column, unsigned columns, Style style,
                const char *format, ...) _printf_(6, 7);

/* Whether the last cell of a row shows something: clearing to the end of the row would erase it. */
bool frame_row_is_full(const Frame *f, unsigned row);

/* A row as it is sent to a terminal, without blanks at its end; to be freed. */
char *frame_row(const Frame *f, unsigned row, bool colour);
