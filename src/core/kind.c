/* SPDX-License-Identifier: MIT */

/* The kinds of days and sessions, the distances of races, and what a session was by its record. No clock. */

#include "cardio/kind.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"

#define HARD_FROM_S           600.0
#define LONG_FROM_S           3600.0
#define RECOVERY_FROM_PERCENT 90.0

static const char *const kind_names[] = {
        [KIND_REST] = "rest",
        [KIND_CROSS_TRAINING] = "cross-training",
        [KIND_RECOVERY] = "recovery",
        [KIND_BASE] = "base",
        [KIND_LONG] = "long",
        [KIND_HARD] = "hard",
        [KIND_RACE] = "race",
};

static const char *const distance_names[] = {
        [DISTANCE_5K] = "5k",
        [DISTANCE_10K] = "10k",
        [DISTANCE_HALF] = "half",
        [DISTANCE_MARATHON] = "marathon",
};

const char *kind_to_string(Kind kind)
{
        assert(kind >= 0 && kind < _KIND_MAX);
        return kind_names[kind];
}

Kind kind_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(kind_names); i++)
                if (strcmp(s, kind_names[i]) == 0)
                        return (Kind)i;
        return _KIND_INVALID;
}

bool kind_is_run(Kind kind)
{
        return kind > KIND_CROSS_TRAINING;
}

const char *distance_to_string(Distance distance)
{
        assert(distance >= 0 && distance < _DISTANCE_MAX);
        return distance_names[distance];
}

Distance distance_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(distance_names); i++)
                if (strcmp(s, distance_names[i]) == 0)
                        return (Distance)i;
        return _DISTANCE_INVALID;
}

Distance distance_of_length(double duration_s)
{
        return duration_s >= 150 * 60  ? DISTANCE_MARATHON
               : duration_s >= 75 * 60 ? DISTANCE_HALF
                                       : DISTANCE_10K;
}

double kind_long_from_s(double median_s, size_t n_runs)
{
        if (n_runs < KIND_HISTORY_RUNS)
                return KIND_LONG_ALONE_S;
        return fmax(LONG_FROM_S, KIND_LONG_FROM_MEDIANS * median_s);
}

bool kind_was_long(const SessionRecord *r, double median_s, size_t n_runs)
{
        return r->duration_s >= kind_long_from_s(median_s, n_runs);
}

Kind kind_by_record(const SessionRecord *r, double median_s, size_t n_runs)
{
        if (r->hard_s >= HARD_FROM_S)
                return KIND_HARD;
        if (kind_was_long(r, median_s, n_runs))
                return KIND_LONG;
        if (r->live_s > 0 && 100 * r->easy_s >= RECOVERY_FROM_PERCENT * r->live_s)
                return KIND_RECOVERY;
        return KIND_BASE;
}

/* By insertion: there are a few dozen. */
static void sort(double *values, size_t n)
{
        for (size_t i = 1; i < n; i++) {
                double value = values[i];
                size_t at = i;

                for (; at > 0 && values[at - 1] > value; at--)
                        values[at] = values[at - 1];
                values[at] = value;
        }
}

double median_of(double *values, size_t n)
{
        if (n == 0)
                return NAN;
        sort(values, n);
        return (values[(n - 1) / 2] + values[n / 2]) / 2;
}
