/* SPDX-License-Identifier: MIT */
/* The bar graph of the live view. A column is the highest smoothed heart rate of its seconds, so that no moment above the
 * ceiling is hidden by lower ones. Times are CLOCK_BOOTTIME. */
#include "watch/graph.h"

#include <math.h>

/* The time that the columns cover together, at least. */
#define SPAN_S 300U
/* The range of the scale, at least, and the margin below the lowest and above the highest value. */
#define RANGE_MIN_BPM 30.0
#define MARGIN_BPM    4.0
/* The width of the labels on the left, if there is room. */
#define LABEL_COLUMNS 4U
#define LABELLED_MIN  30U
/* The steps in which a character can be filled. */
#define EIGHTHS 8

typedef struct Graph {
        unsigned row, rows;       /* of the columns */
        unsigned column, columns; /* of all columns */
        unsigned column_s;        /* seconds per column */
        double low, row_bpm;      /* bpm at the foot of the lowest row; bpm per row */
        double ceiling;           /* 0 = none */
        unsigned below;           /* rows below the ceiling, which lies between two rows; 0 = not drawn */
} Graph;

static double column_value(const Graph *g, const Live *live, uint64_t now_s, unsigned i)
{
        uint64_t back_s = (uint64_t)(g->columns - 1 - i) * g->column_s;
        /* Columns end at whole multiples, so that they all move together. */
        uint64_t end_s = now_s - now_s % g->column_s + g->column_s - 1;

        if (back_s + g->column_s > end_s)
                return NAN;
        return live_history(live, end_s - back_s - g->column_s, end_s - back_s);
}

/* The ceiling lies between two rows, so that values just below and just above it look different. */
static void find_scale(Graph *g, double low, double high)
{
        g->below = 0;
        g->low = low;
        g->row_bpm = (high - low) / g->rows;
        for (unsigned below = 1; g->ceiling > 0 && below < g->rows; below++) {
                double row_bpm = fmax((g->ceiling - low) / below, (high - g->ceiling) / (g->rows - below));

                if (g->below > 0 && row_bpm >= g->row_bpm)
                        continue;
                g->below = below;
                g->row_bpm = row_bpm;
                g->low = g->ceiling - below * row_bpm;
        }
}

static void find_range(Graph *g, const Live *live, uint64_t now_s)
{
        double low = NAN, high = NAN;

        for (unsigned i = 0; i < g->columns; i++) {
                double value = column_value(g, live, now_s, i);

                low = fmin(low, value); /* fmin() ignores NAN */
                high = fmax(high, value);
        }
        if (g->ceiling > 0) {
                low = fmin(low, g->ceiling);
                high = fmax(high, g->ceiling);
        }
        if (isnan(low))
                low = high = 100;
        low -= MARGIN_BPM;
        high += MARGIN_BPM;
        if (high - low < RANGE_MIN_BPM) {
                double middle = (low + high) / 2;

                low = middle - RANGE_MIN_BPM / 2;
                high = middle + RANGE_MIN_BPM / 2;
        }
        find_scale(g, low, high);
}

/* Eighths of a row that a value fills; NAN is nothing, any other value shows at least a little. */
static unsigned height_of(const Graph *g, double value)
{
        long height, line = (long)g->below * EIGHTHS;

        if (isnan(value))
                return 0;
        height = lround((value - g->low) / g->row_bpm * EIGHTHS);
        if (g->below > 0 &&
                        value > g->ceiling) /* the smallest excess shows above the line, and nothing else does */
                height = height > line ? height : line + 1;
        else if (g->below > 0 && height > line)
                height = line;
        return height < 1 ? 1 : (unsigned)height;
}

static uint32_t block(unsigned eighths, bool utf8)
{
        if (utf8)
                return 0x2580 + eighths; /* lower eighths up to the full block */
        return eighths == EIGHTHS ? '#' : eighths >= EIGHTHS / 2 ? ':' : '.';
}

static void draw_column(Frame *f, const Graph *g, unsigned i, double value, bool utf8)
{
        unsigned height = height_of(g, value);
        bool over = g->ceiling > 0 && value > g->ceiling;
        Style style = over ? STYLE_BAD : g->ceiling > 0 ? STYLE_GOOD : STYLE_PLAIN;
        uint32_t line = utf8 ? 0x2581 : '_';

        for (unsigned y = 0; y < g->rows; y++) {
                unsigned filled = height > y * EIGHTHS ? height - y * EIGHTHS : 0;
                unsigned row = g->row + g->rows - 1 - y;

                /* The line lies at the foot of the row above the ceiling, and crosses the columns that rise above it. */
                if (g->below > 0 && y == g->below && (filled == 0 || filled >= EIGHTHS))
                        frame_fill(f, row, g->column + i, 1, filled == 0 ? STYLE_BAD : STYLE_BAND_BAD, line);
                else if (filled > 0)
                        frame_fill(f, row, g->column + i, 1, style,
                                        block(filled < EIGHTHS ? filled : EIGHTHS, utf8));
        }
}

static void draw_labels(Frame *f, const Graph *g)
{
        unsigned top = g->row, bottom = g->row + g->rows - 1;

        if (g->column == 0)
                return;
        if (g->rows >= 3 && g->below != g->rows - 1)
                frame_textf(f, top, 0, LABEL_COLUMNS, STYLE_DIM, "%3ld",
                                lround(g->low + g->rows * g->row_bpm));
        if (g->rows >= 3)
                frame_textf(f, bottom, 0, LABEL_COLUMNS, STYLE_DIM, "%3ld", lround(g->low));
        if (g->below > 0)
                frame_textf(f, bottom - g->below, 0, LABEL_COLUMNS, STYLE_BAD, "%3ld", lround(g->ceiling));
}

void graph_draw(Frame *f, unsigned row, unsigned rows, const Live *live, usec_t now_usec, bool utf8)
{
        Graph g = { .row = row, .rows = rows - 1, .ceiling = live->ceiling };
        uint64_t now_s = now_usec / USEC_PER_SEC;
        unsigned minutes;
        static const char quit[] = "q quits";

        g.column = f->columns >= LABELLED_MIN ? LABEL_COLUMNS : 0;
        g.columns = f->columns - g.column;
        g.column_s = (SPAN_S + g.columns - 1) / g.columns;
        find_range(&g, live, now_s);
        for (unsigned i = 0; i < g.columns; i++)
                draw_column(f, &g, i, column_value(&g, live, now_s, i), utf8);
        draw_labels(f, &g);

        minutes = (g.columns * g.column_s + 30) / 60;
        row += g.rows;
        frame_textf(f, row, g.column, g.columns, STYLE_DIM, "-%u min", minutes);
        if (g.columns >= 30)
                frame_text(f, row, g.column + (g.columns - (unsigned)sizeof(quit) + 1) / 2, g.columns,
                                STYLE_DIM, quit);
        if (g.columns >= 12)
                frame_text(f, row, g.column + g.columns - 3, 3, STYLE_DIM, "now");
}
