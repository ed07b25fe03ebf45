/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/time.h"

/* Small text grammars shared by the configuration and the command line. Locale plays no part. All return 0, -EINVAL
 * for text that is not of the form, or -ERANGE for a figure too large to hold; on error ret is untouched. */

/* An unsigned decimal number such as 65 or 62.5, ending where *text is left. At most 15 digits count, so that
 * decimal_to_string() gives back what was read. */
int parse_decimal(const char **text, double *ret);

/* The longest text decimal_to_string() writes, with the final NUL. */
#define DECIMAL_STRING_MAX 24
/* Writes a number of 0 up to 10^15 with as few digits as distinguish it from its neighbours, at most 15. Returns buf. */
const char *decimal_to_string(double value, char buf[static DECIMAL_STRING_MAX]);

/* The whole text is an unsigned integer. */
int parse_unsigned(const char *text, unsigned *ret);

/* A duration: a whole number and its unit, ms, s, min or h, as in 10s, 2min, 1h. "0" needs no unit. */
int parse_duration(const char *text, usec_t *ret_usec);

/* A Bluetooth address such as A0:9E:1A:12:34:56, with the final NUL. */
#define ADDRESS_STRING_MAX 18U
#define ADDRESS_ACCEPTED   "an address such as A0:9E:1A:12:34:56"
/* The whole text is one; ret has its letters in capitals, as BlueZ writes it. Returns 0 or -EINVAL. */
int parse_address(const char *text, char ret[static ADDRESS_STRING_MAX]);

/* The longest text duration_to_string() writes, with the final NUL. */
#define DURATION_STRING_MAX 32
/* Writes a duration in the largest unit that holds it without a fraction; what is below 1 ms is dropped. Returns buf. */
const char *duration_to_string(usec_t usec, char buf[static DURATION_STRING_MAX]);
