/* SPDX-License-Identifier: MIT */

/* The reduction of what was measured to what a picture can show. The rules are those of the chart on a terminal: a column has
 * the zone of most of its values, and nothing is drawn over a gap. No clock. */

#include "report/series.h"

#include <math.h>

void series_begin(Series *t, int64_t length, const Span *gaps, size_t n_gaps)
{
        t->length = length > 0 ? length : 0;
        /* No column is shorter than a second: most straps send one heart rate in that time. */
        t->n = t->length / 1000 < (int64_t)SERIES_COLUMNS ? (unsigned)(t->length / 1000) : SERIES_COLUMNS;
        t->n = t->n > 0 ? t->n : 1;
        t->gaps = gaps;
        t->n_gaps = n_gaps;
        t->next_gap = 0;
        t->hole_ms = SERIES_HOLE_MS;
        t->last = -1;
        t->lowest = t->highest = NAN;
        t->highest_at = 0;
        for (unsigned i = 0; i < SERIES_COLUMNS; i++)
                t->column[i] = (SeriesColumn){ .lowest = NAN, .highest = NAN };
}

unsigned series_column_of(const Series *t, int64_t at)
{
        unsigned i;

        if (at <= 0 || t->length == 0)
                return 0;
        i = (unsigned)((double)(at < t->length ? at : t->length) * t->n / (double)t->length);
        return i < t->n ? i : t->n - 1; /* the end, too, lies in the last column */
}

/* Whether a gap lies between the last value and this one. */
static bool is_broken(Series *t, int64_t at)
{
        bool broken = t->last >= 0 && at - t->last > t->hole_ms;

        for (; t->next_gap < t->n_gaps && t->gaps[t->next_gap].from < at; t->next_gap++)
                broken = broken || t->last >= 0;
        return broken;
}

void series_add(Series *t, int64_t at, double value, unsigned zone)
{
        SeriesColumn *column;
        bool broken;

        if (!isfinite(value) || at < 0 || at > t->length || at < t->last)
                return;
        broken = is_broken(t, at);
        column = &t->column[series_column_of(t, at)];
        if (column->n == 0)
                column->breaks = broken;
        if (!(value <= t->highest)) {
                t->highest = value;
                t->highest_at = at;
        }
        t->lowest = fmin(t->lowest, value); /* fmin() and fmax() ignore NAN */
        t->last = at;
        column->n++;
        column->zone[zone < ZONES_MAX ? zone : ZONES_MAX]++;
        column->sum += value;
        column->highest = fmax(column->highest, value);
        column->lowest = fmin(column->lowest, value);
}

bool series_is_empty(const Series *t)
{
        return t->last < 0;
}

double series_mean(const SeriesColumn *column)
{
        return column->n > 0 ? column->sum / column->n : NAN;
}

unsigned series_zone(const SeriesColumn *column)
{
        unsigned most = 0;

        for (unsigned zone = 0; zone <= ZONES_MAX; zone++)
                if (column->zone[zone] >= column->zone[most])
                        most = zone;
        return most;
}
