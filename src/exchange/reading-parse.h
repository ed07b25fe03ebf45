/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange/reading.h"

/* Numbers, moments and texts as the programs of others write them, and problems in words. No locale plays a part. */

/* The whole text, but for blanks around it, is a decimal number: with a sign or none, "." or ",", and an exponent or none. Returns
 * 0; -ENODATA if there are only blanks; -EINVAL for what is no number, or beyond 10^15. On error ret is untouched. */
int reading_number(const char *text, double *ret);

typedef struct ReadingMoment {
        int64_t at;      /* Unix ms; as if UTC where it is local */
        bool local;      /* it says nothing of a zone */
        bool has_offset; /* … or what the clock was ahead of UTC, in numbers */
        int32_t utc_offset_s;
} ReadingMoment;

#define READING_MOMENT_ACCEPTED "a time such as 2026-05-17T08:00:00Z"

/* The whole text is a date and a time of day, as in ISO 8601: 2026-05-17T08:00:00, with a fraction or none, with Z, an offset or
 * none. There may be blanks around it, for its T, and for zeros that a figure begins with. What is below 1 ms is rounded. Returns
 * 0; -ENODATA if there are only blanks; -EINVAL for what is none. On error ret is untouched. */
int reading_moment(const char *text, ReadingMoment *ret);

/* Text of others on one line: plain, blanks around it left out, ends of lines as blanks; what does not fit is cut with "…". */
void reading_plain(const char *text, char ret[static READING_TEXT_MAX]);
void reading_note(const char *text, char ret[static READING_NOTE_MAX]);

/* Cadences of a runner, in steps per min of both feet. Some count both, some one, whatever their format says: fewer than 110 at
 * more than 1.8 m/s, or at a speed that is not known, are of one foot. By the definition of a column of one foot they are at any
 * speed. */
double reading_cadence_of_run(double cadence, double speed);
double reading_cadence_of_foot(double cadence);

/* Whether the name of a sport means running; of an empty one that is taken as well. */
bool reading_sport_is_running(const char *sport);

/* The same letters, whatever their case; of ASCII. Whether text has word in it. */
bool reading_has_word(const char *text, const char *word);

/* Words of a problem, one after the other; what does not fit is left out. */
void reading_place(ReadingProblem *problem, const char *what, uint64_t number);
void reading_say(ReadingProblem *problem, const char *text);
/* Repeats text of others, in quotation marks. */
void reading_quote(ReadingProblem *problem, const char *text);
