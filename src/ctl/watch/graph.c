/* SPDX-License-Identifier: MIT */
/* The bar graphs of the live view. Every column shows the highest smoothed heart rate of its seconds, so that no moment above
 * the ceiling is hidden by lower ones; in that of a run, which is drawn as `show` draws it, as a thin line above the mean.
 * Times are of the live clock. */
#include "watch/graph.h"

#include <math.h>

#include "scale.h"
#include "text.h"

/* The time that the columns of the last minutes cover together, at least; and those of a run. */
#define SPAN_S     300U
#define RUN_SPAN_S 60.0
/* The width of the labels on the left, if there is room. */
#define LABEL_COLUMNS 4U
#define LABELLED_MIN  30U
/* The rows from which on there is one for breaches and marks; columns between two times named. */
#define FLAGGED_MIN      5U
#define TIME_COLUMNS_MIN 10U

typedef struct GraphColumn {
        double value, high; /* bpm, NAN = no heart rate; filled up to the value */
        double ceiling;     /* bpm, 0 = none */
        Style style;
        uint8_t flags; /* TRACE_BREACH, TRACE_MARK */
} GraphColumn;

typedef struct Graph {
        unsigned row, rows;       /* of the columns */
        unsigned column, columns; /* of all columns */
        double ceiling;           /* that the scale goes by, 0 = none */
        Scale scale;
        bool utf8;
        GraphColumn of[FRAME_COLUMNS_MAX];
} Graph;

static void begin(Graph *g, const Frame *f, unsigned row, unsigned rows, bool utf8)
{
        g->row = row;
        g->rows = rows;
        g->column = f->columns >= LABELLED_MIN ? LABEL_COLUMNS : 0;
        g->columns = f->columns - g->column;
        g->ceiling = 0;
        g->utf8 = utf8;
}

/* -- The scale ------------------------------------------------------------------------------------------- */

static void find_scale(Graph *g)
{
        double low = NAN, high = NAN;

        for (unsigned i = 0; i < g->columns; i++) {
                double ceiling = g->of[i].ceiling > 0 ? g->of[i].ceiling : NAN;

                low = fmin(fmin(low, g->of[i].value), ceiling); /* fmin() ignores NAN */
                high = fmax(fmax(high, g->of[i].high), ceiling);
        }
        g->scale = scale_find(low, high, g->ceiling, g->rows);
}

/* The scale of a column: a ceiling other than that of the whole is drawn at the closest row. */
static Scale column_scale(const Graph *g, const GraphColumn *c)
{
        Scale s = g->scale;

        if (!(fabs(c->ceiling - s.ceiling) > 0))
                return s;
        s.ceiling = c->ceiling;
        s.below = 0;
        if (c->ceiling > 0 && g->rows > 1) {
                double below = round((c->ceiling - s.low) / s.row_bpm);

                s.below = below < 1 ? 1 : below >= g->rows ? g->rows - 1 : (unsigned)below;
        }
        return s;
}

/* -- Drawing --------------------------------------------------------------------------------------------- */

static void draw_column(Frame *f, const Graph *g, unsigned i)
{
        const GraphColumn *c = &g->of[i];
        const Scale s = column_scale(g, c);
        unsigned height = scale_height(&s, c->value), high = scale_height(&s, c->high);
        uint32_t line = g->utf8 ? 0x2581 : '_', thin = g->utf8 ? 0x2502 : '|';

        for (unsigned y = 0; y < g->rows; y++) {
                unsigned foot = y * SCALE_EIGHTHS, row = g->row + g->rows - 1 - y;
                unsigned filled = height > foot ? height - foot : 0;

                filled = filled < SCALE_EIGHTHS ? filled : SCALE_EIGHTHS;
                /* The line lies at the foot of the row above the ceiling, and crosses the columns that rise above it. */
                if (s.below > 0 && y == s.below && filled == SCALE_EIGHTHS)
                        frame_fill(f, row, g->column + i, 1, STYLE_BAND_BAD, line);
                else if (filled > 0)
                        frame_fill(f, row, g->column + i, 1, c->style, scale_block(filled, g->utf8));
                else if (high > foot)
                        frame_fill(f, row, g->column + i, 1, c->style, thin);
                else if (s.below > 0 && y == s.below)
                        frame_fill(f, row, g->column + i, 1, STYLE_BAD, line);
        }
}

static void draw_labels(Frame *f, const Graph *g)
{
        const Scale *s = &g->scale;
        unsigned top = g->row, bottom = g->row + g->rows - 1;

        if (g->column == 0)
                return;
        if (g->rows >= 3 && s->below != g->rows - 1)
                frame_textf(f, top, 0, LABEL_COLUMNS, STYLE_DIM, "%3ld",
                                lround(s->low + g->rows * s->row_bpm));
        if (g->rows >= 3)
                frame_textf(f, bottom, 0, LABEL_COLUMNS, STYLE_DIM, "%3ld", lround(s->low));
        if (s->below > 0)
                frame_textf(f, bottom - s->below, 0, LABEL_COLUMNS, STYLE_BAD, "%3ld", lround(s->ceiling));
}

static void draw_columns(Frame *f, Graph *g)
{
        find_scale(g);
        for (unsigned i = 0; i < g->columns; i++)
                draw_column(f, g, i);
        draw_labels(f, g);
}

/* -- The last minutes ------------------------------------------------------------------------------------ */

static double seconds_value(const Graph *g, unsigned column_s, const Live *live, uint64_t now_s, unsigned i)
{
        uint64_t back_s = (uint64_t)(g->columns - 1 - i) * column_s;
        /* Columns end at whole multiples, so that they all move together. */
        uint64_t end_s = now_s - now_s % column_s + column_s - 1;

        if (back_s + column_s > end_s)
                return NAN;
        return live_history(live, end_s - back_s - column_s, end_s - back_s);
}

void graph_draw_minutes(Frame *f, unsigned row, unsigned rows, const Live *live, usec_t now_usec, bool utf8)
{
        uint64_t now_s = now_usec / USEC_PER_SEC;
        unsigned column_s;
        Graph g;

        begin(&g, f, row, rows - 1, utf8);
        g.ceiling = live->ceiling;
        column_s = (SPAN_S + g.columns - 1) / g.columns;
        for (unsigned i = 0; i < g.columns; i++) {
                double value = seconds_value(&g, column_s, live, now_s, i);
                bool over = g.ceiling > 0 && value > g.ceiling;

                g.of[i] = (GraphColumn){ .value = value,
                        .high = value,
                        .ceiling = g.ceiling,
                        .style = over            ? STYLE_BAD
                                 : g.ceiling > 0 ? STYLE_GOOD
                                                 : STYLE_PLAIN };
        }
        draw_columns(f, &g);

        row += g.rows;
        frame_textf(f, row, g.column, g.columns, STYLE_DIM, "-%u min", (g.columns * column_s + 30) / 60);
        if (g.columns >= 12)
                frame_text(f, row, g.column + g.columns - 3, 3, STYLE_DIM, "now");
}

/* -- The whole run --------------------------------------------------------------------------------------- */

/* The length of the run, in seconds: until now, or until the last heart rate of one that has ended. */
static double run_length(const Live *live, usec_t now_usec)
{
        const Trace *t = &live->trace;
        usec_t end_usec = live->session.id == t->session ? now_usec : t->last_usec;

        return (double)usec_sub(end_usec, t->started_usec) / (double)USEC_PER_SEC;
}

static Style style_of(const TraceBucket *b)
{
        if (b->flags & TRACE_BREACH)
                return STYLE_BAD;
        return b->zone == TRACE_ZONE_UNKNOWN ? STYLE_PLAIN : style_of_zone(b->zone);
}

/* The ceiling is drawn across gaps, too. The scale goes by the newest one. */
static void take_run(Graph *g, const Live *live, double length_s, double span_s)
{
        double column_s = span_s / g->columns, ceiling = 0;

        for (unsigned i = 0; i < g->columns; i++) {
                TraceBucket b = trace_get(&live->trace, i * column_s, (i + 1) * column_s, length_s);

                g->of[i] = (GraphColumn){
                        .value = NAN, .high = NAN, .flags = b.flags, .style = style_of(&b)
                };
                if (i * column_s > length_s)
                        continue;
                if (b.n > 0) {
                        g->of[i].value = (double)b.mean;
                        g->of[i].high = (double)b.high;
                        ceiling = (double)b.ceiling;
                }
                g->of[i].ceiling = ceiling;
                if (ceiling > 0)
                        g->ceiling = ceiling;
        }
}

static void draw_flags(Frame *f, const Graph *g)
{
        for (unsigned i = 0; i < g->columns; i++) {
                if (g->of[i].flags & TRACE_MARK)
                        frame_fill(f, g->row + g->rows, g->column + i, 1, STYLE_BOLD, '^');
                else if (g->of[i].flags & TRACE_BREACH)
                        frame_fill(f, g->row + g->rows, g->column + i, 1, STYLE_BAD, '!');
        }
}

static void draw_times(Frame *f, const Graph *g, unsigned row, double length_s, double span_s, bool runs)
{
        static const unsigned steps[] = { 1, 2, 5, 10, 15, 30, 60, 120, 240, 480 };
        char end[HMS_STRING_MAX] = "now";
        /* The end of the run, which in its first minute is not at the right yet. */
        unsigned until = (unsigned)lround(length_s / span_s * g->columns), step = 0, reserved;

        if (!runs)
                (void)seconds_to_string(length_s, end);
        reserved = (unsigned)text_width(end);
        frame_text(f, row, g->column, g->columns, STYLE_DIM, "0:00");
        if (!runs && until < 6 + reserved)
                until = 6 + reserved;
        if (until < 6 + reserved || until > g->columns)
                return;
        for (size_t i = 0; i < ELEMENTSOF(steps) && step == 0; i++)
                if (steps[i] * 60 / span_s * g->columns >= TIME_COLUMNS_MIN)
                        step = steps[i];
        for (unsigned minutes = step; step > 0; minutes += step) {
                double at = minutes * 60 / span_s * g->columns;

                if (at + 6 + reserved > until)
                        break;
                frame_textf(f, row, g->column + (unsigned)at, 5, STYLE_DIM, "%u:%02u", minutes / 60,
                                minutes % 60);
        }
        frame_text(f, row, g->column + until - reserved, reserved, STYLE_DIM, end);
}

void graph_draw_run(Frame *f, unsigned row, unsigned rows, const Live *live, usec_t now_usec, bool utf8)
{
        bool flags = rows >= FLAGGED_MIN, runs = live->session.id == live->trace.session;
        double length_s = run_length(live, now_usec), span_s = fmax(length_s, RUN_SPAN_S);
        Graph g;

        begin(&g, f, row, rows - 1 - flags, utf8);
        if (live->trace.session == 0) {
                frame_text(f, row + rows / 2, g.column, g.columns, STYLE_DIM, "no run yet");
                return;
        }
        take_run(&g, live, length_s, span_s);
        draw_columns(f, &g);
        if (flags)
                draw_flags(f, &g);
        draw_times(f, &g, row + rows - 1, length_s, span_s, runs);
}
