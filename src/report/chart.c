/* SPDX-License-Identifier: MIT */

/* What all pictures have around them. No clock. */

#include "report/chart.h"

#include <math.h>

#include "cardio/macro.h"
#include "report/path.h"
#include "report/words.h"

#define VALUES_MOST 6U
#define TIMES_MOST  12U
/* Labels that are nearer to an end than that, in per cent, would be cut off. */
#define EDGE 2.0

void chart_begin(Chart *c, const char *title)
{
        put(c->o, "<figure class=\"picture\" id=\"", c->id, "\">\n<figcaption><h2>", title,
                        "</h2>\n<ul class=\"legend\">");
}

void legend_item(Out *o, const char *class, const char *label)
{
        put(o, "<li><svg class=\"swatch\" aria-hidden=\"true\"><rect class=\"", class,
                        "\" width=\"100%\" height=\"100%\"/></svg>", label, "</li>");
}

void write_whole(Out *o, double value)
{
        put(o, whole(value));
}

void write_decimal(Out *o, double value)
{
        put(o, fixed(value, 2));
}

static void find_ticks(Chart *c)
{
        double step = scale_step(&c->y, VALUES_MOST);

        for (double v = scale_first(&c->y, step); v <= c->y.high && c->n_ticks < CHART_TICKS_MAX; v += step)
                c->ticks[c->n_ticks++] = v;
}

static void grid(Chart *c)
{
        Path p = path_begin(c->o, "grid", CHART_WIDTH, CHART_HEIGHT);

        for (unsigned i = 0; i < c->n_ticks; i++) {
                path_move(&p, 0, scale_at(&c->y, c->ticks[i]));
                path_line(&p, CHART_WIDTH, scale_at(&c->y, c->ticks[i]));
        }
        path_end(&p);
}

static void begin_svg(Chart *c, const char *label)
{
        put(c->o, "<svg class=\"chart\" role=\"img\" aria-label=\"", label, "\" aria-describedby=\"", c->id,
                        "-said\" viewBox=\"0 0 ", CHART_WIDTH, " ", CHART_HEIGHT,
                        "\" preserveAspectRatio=\"none\"");
}

void chart_picture(Chart *c, const char *size, const char *label, const char *unit,
                void (*write_value)(Out *o, double value))
{
        put(c->o, "</ul></figcaption>\n<div class=\"plot ", size,
                        "\">\n<svg class=\"y\" aria-hidden=\"true\">");
        if (c->n_ticks == 0)
                find_ticks(c);
        for (unsigned i = 0; i < c->n_ticks; i++) {
                double y = scale_percent(&c->y, c->ticks[i]);

                if (y < EDGE || y > 100 - EDGE)
                        continue;
                put(c->o, "<text x=\"100%\" y=\"", y, "%\" dy=\".35em\">");
                write_value(c->o, c->ticks[i]);
                put(c->o, "</text>");
        }
        put(c->o, "<text class=\"unit\" x=\"100%\" y=\"0\" dy=\"-.5em\">", unit, "</text></svg>\n");
        begin_svg(c, label);
}

void chart_days(Chart *c, const char *label)
{
        put(c->o, "</ul></figcaption>\n<div class=\"plot days\">\n<svg class=\"y\" aria-hidden=\"true\">");
        for (unsigned i = 0; i < 7; i += 2) {
                char name[4] = { weekday_name(i)[0], weekday_name(i)[1], weekday_name(i)[2] };

                put(c->o, "<text x=\"100%\" y=\"", (i + 0.43) * 100 / 7, "%\" dy=\".35em\">", name,
                                "</text>");
        }
        put(c->o, "</svg>\n");
        begin_svg(c, label);
        put(c->o, ">\n");
}

void chart_open(Chart *c)
{
        put(c->o, ">\n<defs><pattern id=\"", c->id,
                        "-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
                        "<path class=\"hatch\" d=\"M0 6L6 0\"/></pattern></defs>\n");
        grid(c);
}

void chart_labels(Chart *c)
{
        put(c->o, "</svg>\n<svg class=\"over\" aria-hidden=\"true\">\n");
}

void chart_label_begin(Chart *c, const char *class, double x, double y, const char *anchor, int up)
{
        put(c->o, "<text class=\"", class, "\" x=\"", x, "%\" y=\"", y, "%\" dy=\"", -up, "\"");
        put(c->o, " text-anchor=\"", anchor, "\">");
}

void chart_label_end(Chart *c)
{
        put(c->o, "</text>\n");
}

void chart_times(Chart *c, int64_t started_s)
{
        int64_t length_s = (int64_t)(c->x.high / 1000), step = scale_time_step(length_s, TIMES_MOST),
                at = started_s - started_s % step;
        unsigned n = 0;

        put(c->o, "</svg>\n<svg class=\"x\" aria-hidden=\"true\">");
        for (at += at < started_s ? step : 0; at - started_s <= length_s && n <= TIMES_MOST + 1;
                        at += step, n++) {
                double x = scale_percent(&c->x, (double)(at - started_s) * 1000);

                if (x < EDGE || x > 100 - EDGE)
                        continue;
                put(c->o, "<text class=\"", at / step % 2 == 0 ? "major" : "minor", "\" x=\"", x,
                                "%\" y=\"1.1em\">");
                out_time_of_day(c->o, at);
                put(c->o, "</text>");
        }
}

/* Months between two dates that are named. */
static unsigned month_step(int64_t days)
{
        static const unsigned steps[] = { 1, 2, 3, 6, 12, 24, 60 };

        for (size_t i = 0; i < ELEMENTSOF(steps); i++)
                if (days / 30 / steps[i] <= TIMES_MOST)
                        return steps[i];
        return 120;
}

static void put_month(Out *o, int year, unsigned month, unsigned step)
{
        char name[4] = { month_name(month)[0], month_name(month)[1], month_name(month)[2] };

        if (month == 1 || step >= 12)
                put(o, year);
        else
                put(o, name);
}

void chart_dates(Chart *c, Day first)
{
        int64_t days = (int64_t)c->x.high;
        unsigned step = month_step(days);

        put(c->o, "</svg>\n<svg class=\"x\" aria-hidden=\"true\">");
        for (int64_t i = 0; i < days && first + i <= DAY_MAX; i++) {
                double x = scale_percent(&c->x, (double)i);
                int year;
                unsigned month, of_month;
                int64_t n;

                day_to_civil((Day)(first + i), &year, &month, &of_month);
                n = 12 * (int64_t)year + month - 1;
                if (of_month != 1 || n % step != 0 || x < EDGE || x > 100 - EDGE)
                        continue;
                put(c->o, "<text class=\"", n / step % 2 == 0 ? "major" : "minor", "\" x=\"", x,
                                "%\" y=\"1.1em\">");
                put_month(c->o, year, month, step);
                put(c->o, "</text>");
        }
}

void chart_end(Chart *c)
{
        put(c->o, "</svg>\n</div>\n");
}

void chart_said(Chart *c)
{
        put(c->o, "<p class=\"said\" id=\"", c->id, "-said\">");
}

void chart_said_end(Chart *c)
{
        put(c->o, "</p>\n");
}

void chart_table(Chart *c, const char *name, const char *const *titles)
{
        put(c->o, "<details><summary>", name,
                        "</summary>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"",
                        name, "\"><table>\n<thead><tr>");
        for (; *titles; titles++)
                put(c->o, "<th scope=\"col\">", *titles, "</th>");
        put(c->o, "</tr></thead>\n<tbody>\n");
}

void chart_table_end(Chart *c)
{
        put(c->o, "</tbody></table></div></details>\n");
}

void chart_done(Chart *c)
{
        put(c->o, "</figure>\n");
}
