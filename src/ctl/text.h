/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text from elsewhere, such as a strap's name, on its way to a terminal; and figures in words. */

/* A copy with every control character, and whatever the locale cannot show, replaced by '?'. */
char *text_clean(const char *text);

/* The columns that a cleaned text takes on a terminal. */
size_t text_width(const char *text);

/* The bytes of a cleaned text that fit into this many columns. */
size_t text_fit(const char *text, size_t columns);

#define NUMBER_STRING_MAX 32
/* A figure rounded to at most this many decimals, without trailing zeros. Returns buf. */
const char *number_to_string(double value, unsigned decimals, char buf[static NUMBER_STRING_MAX]);
/* A share that is said to be easy, in whole percent, rounded down as in the coach's verdict: 100 is all of it. Returns buf. */
const char *share_to_string(double percent, char buf[static NUMBER_STRING_MAX]);

#define HMS_STRING_MAX 32
/* Seconds as H:MM:SS, rounded. Returns buf. */
const char *seconds_to_string(double seconds, char buf[static HMS_STRING_MAX]);

#define DATE_STRING_MAX 16
/* For sentences: 45 s, 3 min 57 s, 40 min, and from an hour on 1 h 5 min. Returns buf. */
const char *seconds_to_words(double seconds, char buf[static HMS_STRING_MAX]);

/* A date as the runner writes it, `2026-05-17`, `today`, `yesterday`, `7d` (days ago) or `2w` (weeks ago), as YYYY-MM-DD.
 * now is Unix seconds. Returns 0, -EINVAL, or -ERANGE for a date that does not exist. */
int date_parse(const char *text, int64_t now, char ret[static DATE_STRING_MAX]);
#define DATE_ACCEPTED "YYYY-MM-DD, today, yesterday, or as long ago as in 7d or 2w"

/* A help text's sentence on the argument ID. */
#define SESSION_ID_HELP \
        "ID is a number that `sessions` lists, `last`, or a date with one session:\n" DATE_ACCEPTED ".\n"

/* Whether the part occurs in the text, whatever the case of letters. */
bool text_contains(const char *text, const char *part);

/* Whether it is one of several words separated by blanks. */
bool word_is_in(const char *word, const char *words);

/* A row number: the whole text is an integer above 0. Returns 0 or -EINVAL. */
int id_parse(const char *text, int64_t *ret);

/* Manager.CeilingReason as printed after a ceiling: "from the configuration". */
const char *ceiling_reason_to_string(const char *reason);
