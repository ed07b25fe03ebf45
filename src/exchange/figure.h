/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* Numbers and moments as files have them: the same in every locale, and read back as what they were. */

#define FIGURE_MAX 48

const char *figure_from_integer(int64_t value, char buf[static FIGURE_MAX]);

/* With three decimals, as in 12.345 of 12345. */
const char *figure_from_thousandths(int64_t value, char buf[static FIGURE_MAX]);

/* The shortest that is read back as the same number, without an exponent; below 2^-11 right to 2^-64. Returns NULL for what
 * is no number, and from 2^63 on, which nothing here reaches. */
const char *figure_from_real(double value, char buf[static FIGURE_MAX]);

/* The R-R interval in ms with three decimals, which tell each 1/1024 s from its neighbours. */
const char *figure_from_rr(uint16_t rr, char buf[static FIGURE_MAX]);

#define MOMENT_UTC INT32_MIN /* an offset: as in 2026-05-17T06:00:00.000Z */

/* A moment, t ms after Unix ms, on a clock that is so many seconds ahead of UTC: 2026-05-17T08:00:00.000+02:00. The offset is
 * taken in whole minutes, of less than a day, as it is written, so that the moment is right in any case. Returns 0, or -EINVAL
 * outside of the years 1 to 9999. */
int moment_to_string(int64_t unix_ms, int64_t t, int32_t offset_s, char buf[static FIGURE_MAX]);
