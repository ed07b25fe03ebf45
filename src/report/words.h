/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/out.h"

/* Figures as the rest of the program writes them. */

/* In sentences: 45 s, 3 min 57 s, 40 min, 1 h 5 min. */
void out_length(Out *o, double seconds);
/* In tables: 0:03:57. */
void out_hms(Out *o, double seconds);
/* Of a moment in local seconds: 06:31, and 06:31:05. */
void out_time_of_day(Out *o, int64_t local_s);
void out_time_with_seconds(Out *o, int64_t local_s);
/* Thursday 10 March 2016. */
void out_date(Out *o, Day day);
/* 10 March */
void out_day_and_month(Out *o, Day day);
/* The day of a moment in local seconds; one that is in no calendar is the first or last one. */
Day day_of_local(int64_t local_s);

const char *month_name(unsigned month);
const char *weekday_name(unsigned weekday);

/* As a title: "Base run", "Race". */
void out_kind_title(Out *o, const char *kind);
/* Several of them, or one: "base runs", "race". */
void out_kind_plural(Out *o, const char *kind, bool one);
/* A key of several words, as in rest-was-due, with blanks. */
void out_key(Out *o, const char *key);
/* Of a speed in m/s, without its unit: 5:41. */
void out_pace(Out *o, double speed, bool miles);
/* "min/km", "min/mile". */
const char *pace_unit(bool miles);
/* Of metres: 8.42 km. */
void out_distance(Out *o, double metres, bool miles);
/* An easy share in whole per cent, rounded down as in the verdict: 100 is all of it. */
void out_share(Out *o, double percent);
