/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "cardio/resting.h"
#include "output.h"

/* The mornings of the last days as columns, today's on the right, and their first and last date below. The
 * order is any; later ones than today's are left out. Without any, or without room, nothing is
 * printed. */
void chart_print(const Output *out, const Morning *morning, size_t n, Day today);
