/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/zones.h"

/* A measured value over time, reduced to columns of equal time, however long it lasted. A column keeps the mean, the lowest
 * and the highest of what fell into it, so that no spike is lost, and the zone that most of it was in. */

#define SERIES_COLUMNS 720U
/* A hole as long as that, in ms, is a gap for whatever sensor, also where no event says so. */
#define SERIES_HOLE_MS 35000

/* A part of the time, in ms. */
typedef struct Span {
        int64_t from, to;
        double value;
} Span;

typedef struct SeriesColumn {
        double sum, lowest, highest; /* NAN = none */
        unsigned n;                  /* values; */
        unsigned zone[ZONES_MAX + 1];
        bool breaks; /* before its first value was a gap */
} SeriesColumn;

typedef struct Series {
        int64_t length;
        unsigned n; /* columns */
        const Span *gaps;
        size_t n_gaps, next_gap;
        int64_t hole_ms, last;  /* last: the time of the last value, -1 = none */
        double lowest, highest; /* of all; NAN = none */
        int64_t highest_at;
        SeriesColumn column[SERIES_COLUMNS];
} Series;

/* Begins one of that many ms. The gaps, by time, stay as they are until the last value was added. */
void series_begin(Series *t, int64_t length, const Span *gaps, size_t n_gaps);

/* Values come in the order of time; one before the start or after the end, or that is no number, is left out. */
void series_add(Series *t, int64_t at, double value, unsigned zone);

bool series_is_empty(const Series *t);
/* The column of a time, the first or last one for what is outside. */
unsigned series_column_of(const Series *t, int64_t at);
double series_mean(const SeriesColumn *column);
/* The zone of most of its values, of two the higher one. */
unsigned series_zone(const SeriesColumn *column);
