/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "cardio/resting.h"
#include "output.h"

/* The mornings of the last days as columns, today's on the right, and the first and last date below. Their order does not
 * matter; mornings after today are left out. Without mornings, or without room, nothing is printed. */
void chart_print(const Output *out, const Morning *morning, size_t n, Day today);
