/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/pace.h"

/* A run kilometre by kilometre, or mile by mile: first its rows of pace go by, then its heart rates, each in order of time. Together
 * the splits are what pace_figures_* makes of the same rows. */

/* More than anybody runs in a day; what is run after these is not split. */
#define SPLITS_MAX 400U
/* What is left behind the last whole one is a split of its own from here on, in m. */
#define SPLIT_LEAST 10.0

typedef struct Split {
        int64_t end_t;   /* ms from the session's start */
        double distance; /* m */
        double moved_s;
        double ascent;     /* m, NAN = not known */
        double heart_rate; /* mean over the time that is known, NAN = none is */
        double credit_s;   /* that time */
} Split;

typedef struct Splits {
        size_t n;
        Split split[SPLITS_MAX];

        double length; /* of a split, m */
        PaceFigures figures;
        int64_t moved_t;                              /* when the distance grew last */
        double begun_distance, begun_s, begun_ascent; /* what the figures were where the last one ended */
        size_t heard;                                 /* the split of the last heart rate */
} Splits;

/* miles: else kilometres. */
void splits_begin(Splits *s, bool miles);
/* A row of table `pace`. */
void splits_add(Splits *s, int64_t t, const PacePoint *p);
/* After the last one. */
void splits_end(Splits *s);
/* Then a heart rate at t, in bpm, and what it is worth. */
void splits_add_heart_rate(Splits *s, int64_t t, double heart_rate, double credit_s);

/* m/s, NAN = not known. */
double split_speed(const Split *s);
/* A kilometre, or a mile, or what is one with two decimals; else it is what was left behind the last whole one. */
bool split_is_whole(double distance, bool miles);
