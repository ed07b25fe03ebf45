/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "cardio/day.h"

/* What a day is for, and what a session was: from the most to the least careful, so of two answers the smaller is the
 * more careful one. */
typedef enum Kind {
        KIND_REST,
        KIND_CROSS_TRAINING,
        KIND_RECOVERY,
        KIND_BASE,
        KIND_LONG,
        KIND_HARD,
        KIND_RACE,
        _KIND_MAX,
        _KIND_INVALID = -EINVAL,
} Kind;

/* The names of all kinds, with what stands between two of them and before the last one. */
#define KIND_NAMES(between, last)                                                                            \
        "rest" between "cross-training" between "recovery" between "base" between "long" between "hard" last \
        "race"
#define KIND_ACCEPTED KIND_NAMES(", ", " or ")

const char *kind_to_string(Kind kind);
Kind kind_from_string(const char *s);

/* It is running: neither rest nor cross-training. */
bool kind_is_run(Kind kind);

typedef enum Distance {
        DISTANCE_5K,
        DISTANCE_10K,
        DISTANCE_HALF,
        DISTANCE_MARATHON,
        _DISTANCE_MAX,
        _DISTANCE_INVALID = -EINVAL,
} Distance;

#define DISTANCE_ACCEPTED "5k, 10k, half or marathon"

const char *distance_to_string(Distance distance);
Distance distance_from_string(const char *s);

/* A heart rate at or above the one, at or below the other, in per cent of heart-rate reserve, makes a session hard or
 * easy. */
#define KIND_HARD_PERCENT 80.0
#define KIND_EASY_PERCENT 65.0

/* A session against the runs before it is against those of this many local dates, its own the last of them, … */
#define KIND_HISTORY_DAYS 56
/* … and only if there are so many: else it takes KIND_LONG_ALONE_S to be long. Shorter ones than KIND_SAY_FROM_S are none. */
#define KIND_HISTORY_RUNS 5U
#define KIND_LONG_ALONE_S 5400.0
#define KIND_SAY_FROM_S   600.0
/* In medians of the runs before it. */
#define KIND_LONG_FROM_MEDIANS 1.5

/* The distance of a race of which only its length is known. */
Distance distance_of_length(double duration_s);

/* What a session's kind follows from. Times in seconds; hard_s and easy_s are 0 where no heart rate was recorded. */
typedef struct SessionRecord {
        double duration_s; /* from the first to the last heart rate */
        double live_s;     /* of which with a heart rate */
        double hard_s;     /* of which at or above 80 %hrr */
        double easy_s;     /* of which at or below 65 %hrr */
} SessionRecord;

/* What a session was by its record alone: hard from 10 minutes at or above 80 %hrr on; long from 60 minutes and 1.5 times the
 * median of the base, long and hard runs before it on, of fewer than five of them from 90 minutes on; recovery if at least
 * 90 % of it was at or below 65 %hrr; else base. A run may be hard and long: then it is hard, and was long all the same. */
Kind kind_by_record(const SessionRecord *record, double median_s, size_t n_runs);
bool kind_was_long(const SessionRecord *record, double median_s, size_t n_runs);
/* From what length on, in seconds. */
double kind_long_from_s(double median_s, size_t n_runs);

/* The median of n values, which it sorts; NAN if there are none. Even n: the mean of the middle two. */
double median_of(double *values, size_t n);
