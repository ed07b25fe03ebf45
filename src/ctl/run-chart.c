/* SPDX-License-Identifier: MIT */
/* The chart of a run. It agrees with the figures: the peak is that of the session, a column is of the zone that most of its
 * heart rates were in, nothing at or below the ceiling rises above its line, and a breach is shown however short it was.
 * Pure: heart rates in, cells out; no clock. */
#include "run-chart.h"

#include <math.h>

#include "scale.h"

#define ROWS 9U
/* The width of the labels on the left. */
#define LABEL_COLUMNS 5U
/* Fewer columns show no course. */
#define COLUMNS_MIN 10U
/* A hole as long as that is a gap for whatever sensor, also where no event says so. */
#define HOLE_MAX 35000
/* "|06:31" and a blank. */
#define TICK_COLUMNS 7U

#define SECONDS_PER_MINUTE 60

static const unsigned tick_minutes[] = { 1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440, 2880 };

/* -- What is in it ---------------------------------------------------------------------------------------- */

void run_chart_begin(RunChart *c, unsigned width, int64_t length)
{
        unsigned columns = width > LABEL_COLUMNS ? width - LABEL_COLUMNS : 0;

        *c = (RunChart){ .length = length > 0 ? length : 0, .last = -1 };
        columns = columns < RUN_CHART_COLUMNS_MAX ? columns : RUN_CHART_COLUMNS_MAX;
        if (columns < COLUMNS_MIN)
                return;
        /* No column is shorter than a second: most straps send one heart rate in that time. */
        c->n = c->length / 1000 < (int64_t)columns ? (unsigned)(c->length / 1000) : columns;
        c->n = c->n > 0 ? c->n : 1;
        for (unsigned i = 0; i < c->n; i++)
                c->column[i].lowest = c->column[i].highest = c->column[i].ceiling = NAN;
}

/* The column of a time, the first or last one for what is outside. */
static unsigned column_of(const RunChart *c, int64_t t)
{
        unsigned i;

        if (t <= 0 || c->length == 0)
                return 0;
        i = (unsigned)((double)(t < c->length ? t : c->length) * c->n / (double)c->length);
        return i < c->n ? i : c->n - 1; /* the end, too, lies in the last column */
}

void run_chart_gap(RunChart *c, int64_t from, int64_t to)
{
        for (unsigned i = column_of(c, from); i < c->n && i <= column_of(c, to); i++)
                c->column[i].gap = true;
}

void run_chart_breach(RunChart *c, int64_t from, int64_t to)
{
        for (unsigned i = column_of(c, from); i < c->n && i <= column_of(c, to); i++)
                c->column[i].breach = true;
}

void run_chart_mark(RunChart *c, int64_t t)
{
        if (c->n > 0)
                c->column[column_of(c, t)].mark = true;
}

void run_chart_ceiling(RunChart *c, int64_t from, double bpm)
{
        for (unsigned i = column_of(c, from); i < c->n; i++)
                c->column[i].ceiling = bpm > 0 ? bpm : NAN;
}

/* A sensor may send less than one heart rate a column: the columns between two that are no gap are as the one before. */
static void bridge(RunChart *c, unsigned from, unsigned to)
{
        for (unsigned i = from + 1; i < to && !c->column[i].gap; i++) {
                RunColumn *column = &c->column[i];
                double ceiling = column->ceiling;
                bool breach = column->breach, mark = column->mark;

                *column = c->column[from];
                column->ceiling = ceiling;
                column->breach = breach;
                column->mark = mark;
                column->gap = false;
        }
}

void run_chart_add(RunChart *c, int64_t t, double smoothed, bool settled, unsigned zone)
{
        RunColumn *column;
        unsigned i;

        if (c->n == 0 || t < 0 || !isfinite(smoothed))
                return;
        i = column_of(c, t);
        column = &c->column[i];
        if (c->last >= 0 && t - c->last <= HOLE_MAX)
                bridge(c, column_of(c, c->last), i);
        c->last = t;

        column->n++;
        column->zone[zone < ZONES_MAX ? zone : ZONES_MAX]++;
        if (!settled)
                return;
        column->n_settled++;
        column->sum += smoothed;
        column->highest = fmax(column->highest, smoothed); /* fmax() and fmin() ignore NAN */
        column->lowest = fmin(column->lowest, smoothed);
}

/* -- Drawing ------------------------------------------------------------------------------------------------ */

typedef struct Drawing {
        const RunChart *c;
        Frame *f;
        Scale scale;
        unsigned rows;          /* from the lowest one up to the highest one that shows something */
        unsigned peak;          /* the row of the highest heart rate's label */
        double lowest, highest; /* of the settled heart rates */
        unsigned breaches, marks,
                        times; /* the rows below the zones; breaches and marks: 0 = there are none */
        bool utf8, colour;
} Drawing;

static double column_mean(const RunColumn *column)
{
        return column->n_settled > 0 ? column->sum / column->n_settled : NAN;
}

/* The zone of most of its heart rates, of two the higher one. */
static unsigned column_zone(const RunColumn *column)
{
        unsigned most = 0;

        for (unsigned zone = 0; zone <= ZONES_MAX; zone++)
                if (column->zone[zone] >= column->zone[most])
                        most = zone;
        return most;
}

/* The ceiling that was in force in most of the columns, 0 = none ever was. The rows are laid to it. */
static double main_ceiling(const RunChart *c)
{
        double ceiling = 0;
        unsigned most = 0;

        for (unsigned i = 0; i < c->n; i++) {
                unsigned n = 0;

                for (unsigned j = i; j < c->n; j++)
                        n += c->column[j].ceiling == c->column[i].ceiling; /* NAN is equal to nothing */
                if (n > most) {
                        most = n;
                        ceiling = c->column[i].ceiling;
                }
        }
        return ceiling;
}

static void find_scale(Drawing *d)
{
        const RunChart *c = d->c;
        double low, high;

        d->lowest = d->highest = NAN;
        for (unsigned i = 0; i < c->n; i++) {
                d->lowest = fmin(d->lowest, c->column[i].lowest);
                d->highest = fmax(d->highest, c->column[i].highest);
        }
        low = d->lowest;
        high = d->highest;
        for (unsigned i = 0; i < c->n; i++) {
                low = fmin(low, c->column[i].ceiling);
                high = fmax(high, c->column[i].ceiling);
        }
        d->scale = scale_find(low, high, main_ceiling(c), ROWS);
}

/* The row above the ceiling's line, counted from the lowest one; ROWS = no line. */
static unsigned line_row(const Drawing *d, double ceiling)
{
        const Scale *s = &d->scale;
        long row;

        if (isnan(ceiling))
                return ROWS;
        row = ceiling == s->ceiling ? (long)s->below : lround((ceiling - s->low) / s->row_bpm);
        return row < 0 ? 0 : row < (long)ROWS ? (unsigned)row : ROWS - 1;
}

static unsigned row_of(const Drawing *d, double value)
{
        unsigned height = scale_height(&d->scale, value);

        return height > 0 ? (height - 1) / SCALE_EIGHTHS : 0;
}

/* The rows above the highest heart rate and the ceiling would be empty; but if both are of one row, each has its label. */
static void find_rows(Drawing *d)
{
        unsigned highest = row_of(d, d->highest);
        bool breaches = false, marks = false;

        d->peak = highest;
        for (unsigned i = 0; i < d->c->n; i++) {
                const RunColumn *column = &d->c->column[i];
                unsigned line = line_row(d, column->ceiling);

                if (line == row_of(d, d->highest))
                        d->peak = line + 1;
                if (line < ROWS && line > highest)
                        highest = line;
                breaches = breaches || column->breach;
                marks = marks || column->mark;
        }
        highest = d->peak > highest ? d->peak : highest;
        d->rows = d->times = highest + 1;
        d->breaches = breaches ? ++d->times : 0;
        d->marks = marks ? ++d->times : 0;
        d->times++;
}

static void draw_column(const Drawing *d, unsigned i)
{
        const RunColumn *column = &d->c->column[i];
        unsigned line = line_row(d, column->ceiling), at = LABEL_COLUMNS + i;
        unsigned mean = scale_height(&d->scale, column_mean(column)),
                 highest = scale_height(&d->scale, column->highest);
        Style style = style_of_zone(column_zone(column));

        for (unsigned y = 0; y < d->rows; y++) {
                unsigned row = d->rows - 1 - y, foot = y * SCALE_EIGHTHS;
                unsigned filled = mean > foot ? mean - foot : 0;

                if (filled >= SCALE_EIGHTHS && y == line && d->colour)
                        frame_fill(d->f, row, at, 1, STYLE_BAND_BAD, d->utf8 ? 0x2581 : '_');
                else if (filled > 0)
                        frame_fill(d->f, row, at, 1, style,
                                        scale_block(filled < SCALE_EIGHTHS ? filled : SCALE_EIGHTHS,
                                                        d->utf8));
                else if (highest > foot)
                        frame_fill(d->f, row, at, 1, style, d->utf8 ? 0x2502 : '|');
                else if (y == line)
                        frame_fill(d->f, row, at, 1, STYLE_BAD, d->utf8 ? 0x2581 : '_');
        }
        if (column->n > 0)
                frame_textf(d->f, d->rows, at, 1, style, "%u", column_zone(column));
        if (column->breach)
                frame_text(d->f, d->breaches, at, 1, STYLE_BAD, "!");
        if (column->mark)
                frame_text(d->f, d->marks, at, 1, STYLE_BOLD, "^");
}

/* Rounded as the figures below the chart are, halves to the even one. A ceiling's label is beside its line; that is needed
 * more than the lowest heart rate where both are of one row. */
static void draw_labels(const Drawing *d)
{
        unsigned low = row_of(d, d->lowest), high = d->peak;

        if (low != high)
                frame_textf(d->f, d->rows - 1 - low, 0, LABEL_COLUMNS, STYLE_DIM, "%4ld ", lrint(d->lowest));
        frame_textf(d->f, d->rows - 1 - high, 0, LABEL_COLUMNS, STYLE_DIM, "%4ld ", lrint(d->highest));
        for (unsigned i = 0; i < d->c->n; i++) {
                double ceiling = d->c->column[i].ceiling;
                unsigned line = line_row(d, ceiling);

                if (line < d->rows)
                        frame_textf(d->f, d->rows - 1 - line, 0, LABEL_COLUMNS, STYLE_BAD, "%4ld ",
                                        lrint(ceiling));
        }
        frame_text(d->f, d->rows, 0, LABEL_COLUMNS, STYLE_DIM, "zone");
        if (d->breaches > 0)
                frame_text(d->f, d->breaches, 0, LABEL_COLUMNS, STYLE_BAD, "fast");
        if (d->marks > 0)
                frame_text(d->f, d->marks, 0, LABEL_COLUMNS, STYLE_DIM, "mark");
}

static void draw_tick(const Drawing *d, unsigned column, int64_t at_s)
{
        unsigned minute = (unsigned)(((at_s / SECONDS_PER_MINUTE) % 1440 + 1440) % 1440);

        frame_textf(d->f, d->times, LABEL_COLUMNS + column, TICK_COLUMNS, STYLE_DIM, "|%02u:%02u",
                        minute / 60, minute % 60);
}

/* Round times of day, as far apart as their labels need. */
static void draw_times(const Drawing *d, int64_t started_s)
{
        double column_s = (double)d->c->length / 1000 / d->c->n;
        int64_t step = 0, at;
        bool any = false;

        for (size_t i = 0; i < ELEMENTSOF(tick_minutes); i++) {
                step = (int64_t)tick_minutes[i] * SECONDS_PER_MINUTE;
                if ((double)step >= column_s * (TICK_COLUMNS + 2))
                        break;
        }
        at = started_s - started_s % step;
        for (at += at < started_s ? step : 0; at - started_s <= d->c->length / 1000; at += step) {
                unsigned column = column_of(d->c, (at - started_s) * 1000);

                if (column + TICK_COLUMNS - 1 > d->c->n)
                        break;
                draw_tick(d, column, at);
                any = true;
        }
        if (!any)
                draw_tick(d, 0, started_s);
}

void run_chart_draw(const RunChart *c, Frame *f, int64_t started_s, bool utf8, bool colour)
{
        Drawing d = { .c = c, .f = f, .utf8 = utf8, .colour = colour };

        frame_resize(f, 0, 0);
        find_scale(&d);
        if (isnan(d.highest))
                return;
        find_rows(&d);
        frame_resize(f, d.times + 1, LABEL_COLUMNS + (c->n < TICK_COLUMNS ? TICK_COLUMNS : c->n));
        for (unsigned i = 0; i < c->n; i++)
                draw_column(&d, i);
        draw_labels(&d);
        draw_times(&d, started_s);
}
