/* SPDX-License-Identifier: MIT */
/* A screenful of cells. It takes only cleaned text and characters of our own, so nothing but the styles has an effect on the
 * terminal that shows it. No clock. */
#include "watch/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "cardio/text.h"
#include "memory.h"
#include "text.h"

/* The longest style, a character, and a reset. */
#define CELL_BYTES_MAX 24U

void frame_resize(Frame *f, unsigned rows, unsigned columns)
{
        frame_free(f);
        f->rows = rows < FRAME_ROWS_MAX ? rows : FRAME_ROWS_MAX;
        f->columns = columns < FRAME_COLUMNS_MAX ? columns : FRAME_COLUMNS_MAX;
        f->cells = checked(calloc((size_t)f->rows * f->columns + 1, sizeof(*f->cells)));
        frame_clear(f);
}

void frame_free(Frame *f)
{
        free(f->cells);
        *f = (Frame){ .cells = NULL };
}

void frame_clear(Frame *f)
{
        for (size_t i = 0; i < (size_t)f->rows * f->columns; i++)
                f->cells[i] = (FrameCell){ .character = ' ', .style = STYLE_PLAIN };
}

FrameCell *frame_at(Frame *f, unsigned row, unsigned column)
{
        return row < f->rows && column < f->columns ? &f->cells[(size_t)row * f->columns + column] : NULL;
}

void frame_fill(Frame *f, unsigned row, unsigned column, unsigned columns, Style style, uint32_t character)
{
        for (unsigned i = 0; i < columns; i++) {
                FrameCell *cell = frame_at(f, row, column + i);

                if (cell)
                        *cell = (FrameCell){ .character = character, .style = style };
        }
}

unsigned frame_text(Frame *f, unsigned row, unsigned column, unsigned columns, Style style, const char *text)
{
        _cleanup_free_ char *clean = text_clean(text);
        const char *at = clean;
        unsigned used = 0;
        uint32_t c;

        while (*at) {
                FrameCell *cell, *right;
                int width;

                at += utf8_next(at, &c);
                width = wcwidth((wchar_t)c);
                if (width <= 0)
                        continue; /* it would have to share a cell with another one */
                if (used + (unsigned)width > columns)
                        break;
                cell = frame_at(f, row, column + used);
                right = frame_at(f, row, column + used + (unsigned)width - 1);
                used += (unsigned)width;
                if (!right || !cell)
                        break;
                *right = (FrameCell){ .character = 0, .style = style };
                *cell = (FrameCell){ .character = c, .style = style };
        }
        return used;
}

unsigned frame_textf(Frame *f, unsigned row, unsigned column, unsigned columns, Style style,
                const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = text_formatted(format, arguments);
        va_end(arguments);
        return frame_text(f, row, column, columns, style, text);
}

static size_t put_utf8(char *to, uint32_t c)
{
        if (c < 0x80) {
                to[0] = (char)c;
                return 1;
        }
        if (c < 0x800) {
                to[0] = (char)(0xc0 | c >> 6);
                to[1] = (char)(0x80 | (c & 0x3f));
                return 2;
        }
        if (c < 0x10000) {
                to[0] = (char)(0xe0 | c >> 12);
                to[1] = (char)(0x80 | (c >> 6 & 0x3f));
                to[2] = (char)(0x80 | (c & 0x3f));
                return 3;
        }
        to[0] = (char)(0xf0 | c >> 18);
        to[1] = (char)(0x80 | (c >> 12 & 0x3f));
        to[2] = (char)(0x80 | (c >> 6 & 0x3f));
        to[3] = (char)(0x80 | (c & 0x3f));
        return 4;
}

static bool is_blank(const FrameCell *cell)
{
        return cell->character == ' ' && cell->style == STYLE_PLAIN;
}

bool frame_row_is_full(const Frame *f, unsigned row)
{
        return !is_blank(&f->cells[(size_t)row * f->columns + f->columns - 1]);
}

char *frame_row(const Frame *f, unsigned row, bool colour)
{
        const FrameCell *cells = &f->cells[(size_t)row * f->columns];
        char *text = checked(malloc((size_t)f->columns * CELL_BYTES_MAX + 1)), *to = text;
        Style style = STYLE_PLAIN;
        unsigned columns = f->columns;

        while (columns > 0 && is_blank(&cells[columns - 1]))
                columns--;
        for (unsigned i = 0; i < columns; i++) {
                if (cells[i].style != style) {
                        if (*style_sequence(style, colour))
                                to = stpcpy(to, STYLE_RESET);
                        style = cells[i].style;
                        to = stpcpy(to, style_sequence(style, colour));
                }
                if (cells[i].character != 0)
                        to += put_utf8(to, cells[i].character);
        }
        if (*style_sequence(style, colour))
                to = stpcpy(to, STYLE_RESET);
        *to = '\0';
        return text;
}
