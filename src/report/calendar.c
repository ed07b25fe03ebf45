/* SPDX-License-Identifier: MIT */

/* A year as weeks of seven days, Monday at the top. No clock. */

#include "report/calendar.h"

#include <math.h>

#include "report/path.h"
#include "report/words.h"

#define WEEKS 53
/* Of a square's side. */
#define SHARE 0.86

static const double box[2] = { CHART_WIDTH, CHART_HEIGHT };

Kind calendar_kind(const TrendDay *day)
{
        for (size_t kind = _KIND_MAX; kind-- > 0;)
                if (day->seconds[kind] > 0)
                        return (Kind)kind;
        return _KIND_INVALID;
}

const char *kind_class(Kind kind)
{
        return kind_to_string(kind);
}

void kind_legend(Out *o, const ReportTrend *t, Day from)
{
        bool there[_KIND_MAX] = { false };

        for (Day day = from; day <= t->last; day++)
                for (size_t kind = 0; kind < _KIND_MAX; kind++)
                        there[kind] = there[kind] || t->days[day - t->first].seconds[kind] > 0;
        for (size_t kind = 0; kind < _KIND_MAX; kind++)
                if (there[kind])
                        legend_item(o, kind_class((Kind)kind), kind_to_string((Kind)kind));
}

static double all_seconds(const TrendDay *day)
{
        double all = 0;

        for (size_t kind = 0; kind < _KIND_MAX; kind++)
                all += day->seconds[kind];
        return all;
}

static void put_day(Out *o, const ReportTrend *t, Day day, Day begin)
{
        const double width = CHART_WIDTH / WEEKS, height = CHART_HEIGHT / 7;
        const TrendDay *d = &t->days[day - t->first];
        Kind kind = calendar_kind(d);
        bool known = kind >= 0;

        put(o, "<g class=\"day\">");
        path_rect(o, known ? kind_class(kind) : "none", (double)((day - begin) / 7) * width,
                        (double)((day - begin) % 7) * height, width * SHARE, height * SHARE, 0, box);
        if (known) {
                put(o, "<title>");
                out_day_and_month(o, day);
                put(o, ": ", kind_to_string(kind), ", ");
                out_length(o, all_seconds(d));
                put(o, "</title>");
        }
        put(o, "</g>\n");
}

/* The names of months, above their first week. */
static void put_months(Chart *c, Day begin, Day last)
{
        unsigned before = 0;

        put(c->o, "</svg>\n<svg class=\"x\" aria-hidden=\"true\">");
        for (Day day = begin; day <= last; day += 7) {
                int year;
                unsigned month, of_month;
                char name[4] = { 0 };

                day_to_civil(day, &year, &month, &of_month);
                if (month != before && before > 0) {
                        for (size_t i = 0; i < 3; i++)
                                name[i] = month_name(month)[i];
                        put(c->o, "<text class=\"", month % 2 ? "major" : "minor", "\" x=\"",
                                        100.0 * ((double)((day - begin) / 7) + 0.5) / WEEKS,
                                        "%\" y=\"1.1em\">", name, "</text>");
                }
                before = month;
        }
}

static void put_row(Out *o, const ReportTrend *t, Day from, Day to)
{
        unsigned days[_KIND_MAX] = { 0 }, ran = 0;
        double all = 0;
        int year;
        unsigned month, of_month;

        for (Day day = from; day <= to; day++) {
                const TrendDay *d = &t->days[day - t->first];
                Kind kind = calendar_kind(d);

                if (kind >= 0)
                        days[kind]++;
                ran += d->ran;
                all += all_seconds(d);
        }
        day_to_civil(from, &year, &month, &of_month);
        put(o, "<tr><th scope=\"row\">", month_name(month), " ", year, "</th><td>", ran, "</td>");
        for (size_t kind = KIND_CROSS_TRAINING; kind < _KIND_MAX; kind++)
                put(o, "<td>", days[kind], "</td>");
        put(o, "<td>");
        out_hms(o, all);
        put(o, "</td></tr>\n");
}

static void put_table(Chart *c, const ReportTrend *t, Day first)
{
        static const char *const titles[] = { "Month", "Days run", "Cross-training", "Recovery", "Base",
                "Long", "Hard", "Race", "Time", NULL };

        chart_table(c, "The year's months as a table", titles);
        for (Day day = first; day <= t->last;) {
                TrendPeriod p = trend_period(t, day, true);

                put_row(c->o, t, p.from, p.to);
                day = p.to + 1;
        }
        chart_table_end(c);
}

static void say(Chart *c, const ReportTrend *t, Day first)
{
        unsigned ran = 0;

        for (Day day = first; day <= t->last; day++)
                ran += t->days[day - t->first].ran;
        chart_said(c);
        put(c->o, "Runs on ", ran, " of the last ", t->last - first + 1, t->last == first ? " day" : " days",
                        "; of several in a day the hardest is shown.");
        chart_said_end(c);
}

void calendar_write(Out *o, const ReportTrend *t)
{
        Chart c = { .o = o, .id = "calendar" };
        Day monday = t->last - (Day)day_of_week(t->last), begin = monday - 7 * (WEEKS - 1),
            first = begin > t->first ? begin : t->first;

        c.x = scale_of_time(1, CHART_WIDTH);
        c.y = (Scale){ .low = 0, .high = 7, .size = CHART_HEIGHT, .down = true };
        chart_begin(&c, "The last year");
        kind_legend(o, t, first);
        legend_item(o, "none", "none");
        chart_days(&c, "The last year, a square for each day in the colour of its kind");
        for (Day day = first; day <= t->last; day++)
                put_day(o, t, day, begin);
        chart_labels(&c);
        put_months(&c, begin, t->last);
        chart_end(&c);
        say(&c, t, first);
        put_table(&c, t, first);
        chart_done(&c);
}
