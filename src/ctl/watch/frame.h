/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "output.h"

/* What a screen is to show: cells of one column each. Whatever is put outside of it is left out. */

#define FRAME_ROWS_MAX    500U
#define FRAME_COLUMNS_MAX 1000U

typedef struct FrameCell {
        uint32_t character; /* 0 = the right half of the one before */
        Style style;
} FrameCell;

typedef struct Frame {
        unsigned rows, columns;
        FrameCell *cells; /* row by row */
} Frame;

/* An empty frame of that size, or as much of it as is allowed; the old cells are let go. */
void frame_resize(Frame *f, unsigned rows, unsigned columns);
void frame_free(Frame *f);
void frame_clear(Frame *f);

/* NULL outside of it. */
FrameCell *frame_at(Frame *f, unsigned row, unsigned column);

void frame_fill(Frame *f, unsigned row, unsigned column, unsigned columns, Style style, uint32_t character);

/* Puts a text, cleaned, and cut to so many columns. Returns the columns it takes. */
unsigned frame_text(Frame *f, unsigned row, unsigned column, unsigned columns, Style style, const char *text);
unsigned frame_textf(Frame *f, unsigned row, unsigned column, unsigned columns, Style style,
                const char *format, ...) _printf_(6, 7);

/* The last cell of a row shows something: clearing to the end of the row would clear it. */
bool frame_row_is_full(const Frame *f, unsigned row);

/* A row as a terminal takes it, without blanks at its end; to be freed. */
char *frame_row(const Frame *f, unsigned row, bool colour);
