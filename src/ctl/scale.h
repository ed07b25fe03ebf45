/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The scale of a bar graph of heart rates: rows of characters, each of them filled in eighths. */

#define SCALE_EIGHTHS 8U

typedef struct Scale {
        unsigned rows;
        double low, row_bpm; /* bpm at the foot of the lowest row; bpm per row */
        double ceiling;      /* 0 = none */
        unsigned below;      /* rows below the ceiling, which lies between two rows; 0 = none */
} Scale;

/* One that has room for these heart rates, NAN = there are none, and for the ceiling, 0 = none. */
Scale scale_find(double low, double high, double ceiling, unsigned rows);

/* Eighths of a row that a value fills, from the foot of the lowest row: NAN is nothing, any other value at least one. */
unsigned scale_height(const Scale *s, double value);

/* The character of which so many eighths are filled, 1 to 8. */
uint32_t scale_block(unsigned eighths, bool utf8);
