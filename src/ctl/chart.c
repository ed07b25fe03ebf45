/* SPDX-License-Identifier: MIT */
/* The small chart of resting heart rates: one column per day, so that days without a measurement are gaps. No clock: the
 * caller passes today's date. */
#include "chart.h"

#include <math.h>
#include <stdio.h>

#include "cardio/day.h"

#define ROWS 5U
/* The scale: the width of its labels, and the range that it covers at least. */
#define LABEL_COLUMNS 4U
#define SPAN_MIN_BPM  10.0
/* The number of days: at most, and at least where there is room. */
#define DAYS_MAX  90U
#define DAYS_MIN  14U
#define CELL_MAX  3U
#define DATE_SIZE (DAY_STRING_MAX - 1U)
/* The width if it is not known. */
#define WIDTH_DEFAULT 80U
/* The steps in which a character can be filled. */
#define EIGHTHS 8

typedef struct Chart {
        Day first;
        unsigned days, cell;    /* cell: columns of one day */
        double value[DAYS_MAX]; /* NAN = not measured */
        double low, high;       /* the ends of the scale */
} Chart;

/* Chooses the days to show: from the first morning on, as far as there is room. */
static bool chart_choose_days(Chart *c, const Morning *morning, size_t n, Day today, unsigned columns)
{
        Day earliest = DAY_MAX;
        unsigned days;

        for (size_t i = 0; i < n; i++)
                if (morning[i].date <= today && morning[i].date < earliest)
                        earliest = morning[i].date;
        if (earliest > today || columns < DATE_SIZE)
                return false;
        days = (unsigned)(today - earliest) < DAYS_MAX ? (unsigned)(today - earliest) + 1 : DAYS_MAX;
        days = days < DAYS_MIN ? DAYS_MIN : days;
        c->days = days < columns ? days : columns;
        c->first = today - (Day)c->days + 1;
        c->cell = columns / c->days < CELL_MAX ? columns / c->days : CELL_MAX;
        return true;
}

static bool chart_find_scale(Chart *c, const Morning *morning, size_t n)
{
        double low = NAN, high = NAN, middle;

        for (unsigned i = 0; i < c->days; i++) {
                c->value[i] = resting_on(morning, n, c->first + (Day)i);
                low = fmin(low, c->value[i]); /* fmin() ignores NAN */
                high = fmax(high, c->value[i]);
        }
        if (isnan(low))
                return false;
        low = floor(low) - 2;
        high = ceil(high) + 1;
        middle = round((low + high) / 2);
        c->low = fmin(low, middle - SPAN_MIN_BPM / 2);
        c->high = fmax(high, middle + SPAN_MIN_BPM / 2);
        return true;
}

/* One character of a column: how much of it is filled y rows above the lowest. */
static const char *chart_cell(const Chart *c, double value, unsigned y, bool utf8)
{
        static const char *const blocks[] = { " ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586",
                "\u2587", "\u2588" };
        long height;

        if (isnan(value))
                return " ";
        height = lround((value - c->low) / (c->high - c->low) * ROWS * EIGHTHS) - (long)y * EIGHTHS;
        height = height < 0 ? 0 : height > EIGHTHS ? EIGHTHS : height;
        if (utf8)
                return blocks[height];
        return height == EIGHTHS ? "#" : height >= EIGHTHS / 2 ? ":" : height > 0 ? "." : " ";
}

static void chart_print_row(const Chart *c, const Output *out, unsigned y)
{
        unsigned pending =
                        LABEL_COLUMNS; /* blanks, printed only before other text, so that no line ends in them */
        unsigned bar = c->cell > 1 ? c->cell - 1 : 1;

        if (y == ROWS - 1 || y == 0) {
                output_text(out, STYLE_DIM, "%*.0f", (int)LABEL_COLUMNS - 1, y == 0 ? c->low : c->high);
                pending = 1;
        }
        for (unsigned i = 0; i < c->days; i++) {
                const char *cell = chart_cell(c, c->value[i], y, out->utf8);

                if (*cell == ' ') {
                        pending += c->cell;
                        continue;
                }
                printf("%*s", (int)pending, "");
                for (unsigned j = 0; j < bar; j++)
                        fputs(cell, stdout);
                pending = c->cell - bar;
        }
        putchar('\n');
}

/* Prints both dates, or only the last one if there is no room for two. */
static void chart_print_dates(const Chart *c, const Output *out)
{
        char first[DAY_STRING_MAX], last[DAY_STRING_MAX];
        unsigned columns = c->days * c->cell - (c->cell > 1 ? 1 : 0);
        unsigned between = columns >= 2 * DATE_SIZE + 1 ? columns - 2 * DATE_SIZE : 0;

        (void)day_to_string(c->first, first);
        (void)day_to_string(c->first + (Day)c->days - 1, last);
        if (between > 0)
                output_text(out, STYLE_DIM, "%*s%s%*s%s", (int)LABEL_COLUMNS, "", first, (int)between, "",
                                last);
        else
                output_text(out, STYLE_DIM, "%*s", (int)(LABEL_COLUMNS + columns), last);
        putchar('\n');
}

void chart_print(const Output *out, const Morning *morning, size_t n, Day today)
{
        unsigned width = out->width > 0 ? out->width : WIDTH_DEFAULT;
        Chart c;

        if (width <= LABEL_COLUMNS || !chart_choose_days(&c, morning, n, today, width - LABEL_COLUMNS) ||
                        !chart_find_scale(&c, morning, n))
                return;
        for (unsigned y = ROWS; y > 0; y--)
                chart_print_row(&c, out, y - 1);
        chart_print_dates(&c, out);
}
