/* SPDX-License-Identifier: MIT */

/* The page of years of runs. All pictures but the calendar have days from left to right, the same in each. No clock. */

#include <math.h>

#include "cardio/macro.h"
#include "report/calendar.h"
#include "report/chart.h"
#include "report/page.h"
#include "report/path.h"
#include "report/trend-best.h"
#include "report/trend.h"
#include "report/words.h"

/* Of a day, as a time of a Series: 720 of them have a column each. */
#define DAY_MS 1000
/* Of what a bar may take. */
#define BAR_SHARE 0.84
/* A mean of mornings ends where none was measured for so many days. */
#define MORNINGS_HOLE_MS (28 * DAY_MS)
/* Rows of a table of days. */
#define ROWS_MOST 60

static const double box[2] = { CHART_WIDTH, CHART_HEIGHT };

static int64_t n_shown(const ReportTrend *t)
{
        return t->last - t->shown + 1;
}

static Scale days_scale(const ReportTrend *t)
{
        return (Scale){ .high = (double)n_shown(t), .size = CHART_WIDTH };
}

static double day_x(const Chart *c, const ReportTrend *t, Day day)
{
        return scale_at(&c->x, (double)(day - t->shown));
}

static const char *period_name(const ReportTrend *t)
{
        return trend_by_months(t) ? "month" : "week";
}

/* "Week of 12 May 2026", "May 2026". */
static void put_period(Out *o, const TrendPeriod *p, bool month)
{
        int year;
        unsigned of_year, of_month;

        day_to_civil(p->from, &year, &of_year, &of_month);
        if (month)
                put(o, month_name(of_year), " ", year);
        else
                put(o, of_month, " ", month_name(of_year), " ", year);
}

/* -- The head -- */

static TrendPeriod all_shown(const ReportTrend *t)
{
        TrendPeriod all = { .from = t->shown, .to = t->last };
        double over = 0;

        for (Day day = t->shown; day <= t->last; day++) {
                const TrendDay *d = &t->days[day - t->first];

                all.n_sessions += d->n_sessions;
                for (size_t kind = 0; kind < _KIND_MAX; kind++)
                        all.all_s += d->seconds[kind];
                all.limited_s += d->limited_s;
                over += d->over_s;
        }
        all.easy_percent = all.limited_s > 0 ? 100 * (1 - over / all.limited_s) : NAN;
        return all;
}

static void figure(Out *o, const char *name)
{
        put(o, "<div><dt>", name, "</dt><dd>");
}

static void figure_end(Out *o)
{
        put(o, "</dd></div>\n");
}

static int year_of(Day day)
{
        int year;
        unsigned month, of_month;

        day_to_civil(day, &year, &month, &of_month);
        return year;
}

static void put_streak(Out *o, const ReportTrend *t)
{
        TrendStreak streak = trend_streak(t), longest = trend_longest_streak(t);

        figure(o, "Streak");
        put(o, streak.days, streak.days == 1 ? " day" : " days");
        if (longest.days > streak.days && longest.days > 1) {
                put(o, "<small>longest ", longest.days, ", to ");
                out_day_and_month(o, longest.last);
                put(o, " ", year_of(longest.last), "</small>");
        } else if (streak.days > 1) {
                put(o, "<small>the longest so far</small>");
        }
        figure_end(o);
}

static void put_head(Out *o, const ReportTrend *t)
{
        const TrendDay *today = &t->days[t->last - t->first];
        double form = fitness_form(&today->fitness);
        TrendPeriod all = all_shown(t);

        put(o, "<header><h1>Your running</h1>\n<p>");
        out_date(o, t->shown);
        put(o, " to ");
        out_date(o, t->last);
        put(o, "</p></header>\n<dl class=\"figures\">\n");
        figure(o, "Sessions");
        put(o, all.n_sessions);
        figure_end(o);
        figure(o, "Time");
        out_length(o, all.all_s);
        figure_end(o);
        if (!isnan(all.easy_percent)) {
                figure(o, "Easy");
                out_share(o, all.easy_percent);
                put(o, " %<small>of the ");
                out_length(o, all.limited_s);
                put(o, " with a ceiling</small>");
                figure_end(o);
        }
        put_streak(o, t);
        figure(o, "Fitness");
        put(o, whole(today->fitness.fitness), "<small>fatigue ", whole(today->fitness.fatigue), ", form ",
                        form < 0 ? "−" : "", whole(fabs(form)), "</small>");
        figure_end(o);
        put(o, "</dl>\n");
}

/* -- Bars of weeks or months -- */

/* Begins a bar's group; its rectangles follow, then bar_end() with a word for the pointer. */
static void bar_rect(Out *o, const Chart *c, const ReportTrend *t, const TrendPeriod *p, const char *class,
                double from, double to)
{
        double left = day_x(c, t, p->from), right = day_x(c, t, p->to + 1), top = scale_at(&c->y, to),
               foot = scale_at(&c->y, from);

        path_rect(o, class, left, top, (right - left) * BAR_SHARE, foot - top, 0.5, box);
}

static void say_range(Chart *c, const char *what, const ReportTrend *t)
{
        chart_said(c);
        put(c->o, what, period_name(t), ".");
        chart_said_end(c);
}

static double most_seconds(const ReportTrend *t)
{
        double most = 0;

        for (Day day = t->shown; day <= t->last;) {
                TrendPeriod p = trend_period(t, day, trend_by_months(t));

                most = fmax(most, p.all_s);
                day = p.to + 1;
        }
        return most;
}

static void put_kinds_table(Chart *c, const ReportTrend *t)
{
        static const char *const titles[] = { "From", "Sessions", "Rest", "Cross-training", "Recovery",
                "Base", "Long", "Hard", "Race", "All", "Easy", "Load", NULL };
        bool months = trend_by_months(t);

        chart_table(c, months ? "Months as a table" : "Weeks as a table", titles);
        for (Day day = t->shown; day <= t->last;) {
                TrendPeriod p = trend_period(t, day, months);

                put(c->o, "<tr><th scope=\"row\">");
                put_period(c->o, &p, months);
                put(c->o, "</th><td>", p.n_sessions, "</td>");
                for (size_t kind = 0; kind < _KIND_MAX; kind++) {
                        put(c->o, "<td>");
                        if (p.seconds[kind] > 0)
                                out_hms(c->o, p.seconds[kind]);
                        put(c->o, "</td>");
                }
                put(c->o, "<td>");
                out_hms(c->o, p.all_s);
                put(c->o, "</td><td>");
                if (isnan(p.easy_percent))
                        put(c->o, "–");
                else
                        put(c->o, padded(p.easy_percent, 1), " %");
                put(c->o, "</td><td>", whole(p.load), "</td></tr>\n");
                day = p.to + 1;
        }
        chart_table_end(c);
}

static void put_kind_bar(Chart *c, const ReportTrend *t, const TrendPeriod *p)
{
        double hours = 0;

        put(c->o, "<g>");
        for (size_t kind = 0; kind < _KIND_MAX; kind++) {
                double more = p->seconds[kind] / 3600;

                if (more > 0)
                        bar_rect(c->o, c, t, p, kind_class((Kind)kind), hours, hours + more);
                hours += more;
        }
        put(c->o, "<title>");
        put_period(c->o, p, trend_by_months(t));
        put(c->o, ": ");
        out_length(c->o, p->all_s);
        put(c->o, "</title></g>\n");
}

static void put_kinds(Out *o, const ReportTrend *t)
{
        Chart c = { .o = o, .id = "kinds" };
        bool months = trend_by_months(t);

        c.x = days_scale(t);
        c.y = scale_from_zero(most_seconds(t) / 3600, 1, CHART_HEIGHT);
        chart_begin(&c, months ? "Time by kind, a month" : "Time by kind, a week");
        kind_legend(o, t, t->shown);
        chart_picture(&c, "low", "Time by kind", "h", write_decimal);
        chart_open(&c);
        for (Day day = t->shown; day <= t->last;) {
                TrendPeriod p = trend_period(t, day, months);

                if (p.all_s > 0)
                        put_kind_bar(&c, t, &p);
                day = p.to + 1;
        }
        chart_labels(&c);
        chart_dates(&c, t->shown);
        chart_end(&c);
        say_range(&c, "Hours of each kind, a bar for each ", t);
        put_kinds_table(&c, t);
        chart_done(&c);
}

static void put_easy_table(Chart *c, const ReportTrend *t)
{
        static const char *const titles[] = { "From", "Easy", "Time", NULL };
        bool months = trend_by_months(t);

        chart_table(c, "Easy shares as a table", titles);
        for (Day day = t->shown; day <= t->last;) {
                TrendPeriod p = trend_period(t, day, months);

                day = p.to + 1;
                if (isnan(p.easy_percent))
                        continue;
                put(c->o, "<tr><th scope=\"row\">");
                put_period(c->o, &p, months);
                put(c->o, "</th><td>", padded(p.easy_percent, 1), " %</td><td>");
                out_hms(c->o, p.all_s);
                put(c->o, "</td></tr>\n");
        }
        chart_table_end(c);
}

static void put_easy(Out *o, const ReportTrend *t)
{
        Chart c = { .o = o, .id = "easy", .ticks = { 0, 25, 50, 75, 100 }, .n_ticks = 5 };
        bool months = trend_by_months(t);

        if (isnan(all_shown(t).easy_percent))
                return;
        c.x = days_scale(t);
        c.y = scale_from_zero(100, 100, CHART_HEIGHT);
        chart_begin(&c, months ? "How much was easy, a month" : "How much was easy, a week");
        chart_picture(&c, "low", "Share of the time that was below the ceiling", "%", write_whole);
        chart_open(&c);
        for (Day day = t->shown; day <= t->last;) {
                TrendPeriod p = trend_period(t, day, months);

                day = p.to + 1;
                if (isnan(p.easy_percent))
                        continue;
                put(o, "<g>");
                bar_rect(o, &c, t, &p, "plain", 0, p.easy_percent);
                put(o, "<title>");
                put_period(o, &p, months);
                put(o, ": ");
                out_share(o, p.easy_percent);
                put(o, " %</title></g>\n");
        }
        chart_labels(&c);
        chart_dates(&c, t->shown);
        chart_end(&c);
        say_range(&c, "Of the time with a ceiling, what was not over it; a bar for each ", t);
        put_easy_table(&c, t);
        chart_done(&c);
}

/* -- Lines of days -- */

static void draw_means(Out *o, const Chart *c, const Series *s, const char *class, bool band)
{
        Path p;

        put(o, "<g class=\"", class, "\">");
        if (band) {
                p = path_begin(o, "spread", CHART_WIDTH, CHART_HEIGHT);
                for (unsigned i = 0; i < s->n; i++) {
                        double x = (i + 0.5) * CHART_WIDTH / s->n;

                        if (s->column[i].n == 0)
                                continue;
                        path_move(&p, x, scale_at(&c->y, s->column[i].lowest));
                        path_line(&p, x, scale_at(&c->y, s->column[i].highest));
                }
                path_end(&p);
        }
        p = path_begin(o, "trace", CHART_WIDTH, CHART_HEIGHT);
        for (unsigned i = 0; i < s->n; i++) {
                if (s->column[i].n == 0)
                        continue;
                if (s->column[i].breaks)
                        path_move(&p, (i + 0.5) * CHART_WIDTH / s->n,
                                        scale_at(&c->y, series_mean(&s->column[i])));
                path_line(&p, (i + 0.5) * CHART_WIDTH / s->n, scale_at(&c->y, series_mean(&s->column[i])));
        }
        path_end(&p);
        put(o, "</g>\n");
}

static void begin_days(const ReportTrend *t, Series *s)
{
        series_begin(s, n_shown(t) * DAY_MS, NULL, 0);
        s->hole_ms = MORNINGS_HOLE_MS;
}

static void add_day(const ReportTrend *t, Series *s, Day day, double value)
{
        series_add(s, (int64_t)(day - t->shown) * DAY_MS, value, 0);
}

static void put_load_table(Chart *c, const ReportTrend *t)
{
        static const char *const titles[] = { "Date", "Fitness", "Fatigue", "Form", NULL };
        Day step = (Day)(n_shown(t) / ROWS_MOST + 1);

        step = step < 7 ? 7 : step;
        chart_table(c, "Fitness, fatigue and form as a table", titles);
        for (Day day = t->last - (t->last - t->shown) / step * step; day <= t->last; day += step) {
                const TrendDay *d = &t->days[day - t->first];
                char buf[DAY_STRING_MAX];

                put(c->o, "<tr><th scope=\"row\">", day_to_string(day, buf), "</th><td>",
                                whole(d->fitness.fitness), "</td><td>", whole(d->fitness.fatigue),
                                "</td><td>", whole(fitness_form(&d->fitness)), "</td></tr>\n");
        }
        chart_table_end(c);
}

static void draw_load(Out *o, Chart *c, const ReportTrend *t, Series s[static 3])
{
        static const char *const classes[] = { "plain", "second", "third" };

        for (size_t i = 0; i < 3; i++)
                begin_days(t, &s[i]);
        for (Day day = t->shown; day <= t->last; day++) {
                const TrendDay *d = &t->days[day - t->first];

                add_day(t, &s[0], day, d->fitness.fitness);
                add_day(t, &s[1], day, d->fitness.fatigue);
                add_day(t, &s[2], day, fitness_form(&d->fitness));
        }
        c->y = scale_fit(fmin(0, s[2].lowest), fmax(s[0].highest, s[1].highest), 20, CHART_HEIGHT);
        chart_picture(c, "tall", "Fitness, fatigue and form over the days", "TRIMP", write_whole);
        chart_open(c);
        for (size_t i = 3; i-- > 0;)
                draw_means(o, c, &s[i], classes[i], false);
}

static void put_load(Out *o, const ReportTrend *t)
{
        Chart c = { .o = o, .id = "load" };
        Series s[3];

        c.x = days_scale(t);
        chart_begin(&c, "Load: fitness, fatigue and form");
        legend_item(o, "plain", "fitness, 42 days");
        legend_item(o, "second", "fatigue, 7 days");
        legend_item(o, "third", "form, the one without the other");
        draw_load(o, &c, t, s);
        chart_labels(&c);
        chart_dates(&c, t->shown);
        chart_end(&c);
        chart_said(&c);
        put(o, "Of the TRIMP of each day, averages that forget. Below 0, form says that the last days were more than you are "
               "used to. A session without heart rates has no load.");
        chart_said_end(&c);
        put_load_table(&c, t);
        chart_done(&c);
}

/* -- Mornings -- */

typedef struct Mornings {
        const char *id, *title, *label, *unit, *table;
        double range_min;
        bool heart_rate;
        const char *mean, *range, *said; /* what the line and the band are */
} Mornings;

static double morning_value(const TrendMorning *m, bool heart_rate)
{
        return heart_rate ? m->heart_rate : m->rmssd;
}

static void put_mornings_table(Chart *c, const ReportTrend *t, const Mornings *which)
{
        const char *const titles[] = { "Date", "Morning", "Mean", "Range", NULL };
        size_t n = 0;

        chart_table(c, which->table, titles);
        for (size_t i = t->n_mornings; i-- > 0 && n < ROWS_MOST;) {
                const TrendMorning *m = &t->mornings[i];
                char buf[DAY_STRING_MAX];
                TrendMean mean;

                if (m->day < t->shown || m->day > t->last || !isfinite(morning_value(m, which->heart_rate)))
                        continue;
                (void)trend_mean7(t, i, which->heart_rate, &mean); /* what is not known is NAN */
                n++;
                put(c->o, "<tr><th scope=\"row\">", day_to_string(m->day, buf), "</th><td>",
                                padded(morning_value(m, which->heart_rate), 1), "</td><td>",
                                padded(mean.mean, 1), "</td><td>", padded(mean.lowest, 1), "–");
                put(c->o, padded(mean.highest, 1), "</td></tr>\n");
        }
        chart_table_end(c);
}

/* Of the mornings that are shown. */
typedef struct Shown {
        size_t n;
        double lowest, highest;
} Shown;

static Shown add_mornings(const ReportTrend *t, const Mornings *which, Series *ranges, Series *means)
{
        Shown shown = { 0, NAN, NAN };

        begin_days(t, ranges);
        begin_days(t, means);
        for (size_t i = 0; i < t->n_mornings; i++) {
                const TrendMorning *m = &t->mornings[i];
                double value = morning_value(m, which->heart_rate);
                TrendMean mean;

                if (m->day < t->shown || m->day > t->last || !isfinite(value))
                        continue;
                shown.n++;
                shown.lowest = fmin(shown.lowest, value); /* fmin() and fmax() ignore NAN */
                shown.highest = fmax(shown.highest, value);
                if (!trend_mean7(t, i, which->heart_rate, &mean))
                        continue;
                add_day(t, means, m->day, mean.mean);
                add_day(t, ranges, m->day, mean.lowest);
                add_day(t, ranges, m->day, mean.highest);
        }
        return shown;
}

static void put_mornings(Out *o, const ReportTrend *t, const Mornings *which)
{
        Chart c = { .o = o, .id = which->id };
        Series all, means;
        Shown shown = add_mornings(t, which, &all, &means);

        if (series_is_empty(&means))
                return;
        c.x = days_scale(t);
        c.y = scale_fit(fmin(all.lowest, means.lowest), fmax(all.highest, means.highest), which->range_min,
                        CHART_HEIGHT);
        chart_begin(&c, which->title);
        legend_item(o, "plain", which->mean);
        legend_item(o, "range", which->range);
        chart_picture(&c, "low", which->label, which->unit, write_whole);
        chart_open(&c);
        draw_means(o, &c, &all, "range", true);
        draw_means(o, &c, &means, "plain", false);
        chart_labels(&c);
        chart_dates(&c, t->shown);
        chart_end(&c);
        chart_said(&c);
        put(o, shown.n, shown.n == 1 ? " morning" : " mornings", ", from ", fixed(shown.lowest, 1), " to ",
                        fixed(shown.highest, 1), " ", which->unit, ". ", which->said);
        chart_said_end(&c);
        put_mornings_table(&c, t, which);
        chart_done(&c);
}

/* -- The page -- */

int report_write_trend(const ReportTrend *t, const ReportSink *sink)
{
        static const Mornings
                        resting = { "resting", "Resting heart rate", "Resting heart rate over the days",
                                "bpm", "Resting heart rates as a table", 8, true,
                                "mean of the last seven mornings", "their range",
                                "A mean is of the last seven measured within 28 days." },
                        rmssd = { "rmssd", "RMSSD in the morning", "RMSSD over the days", "ms",
                                "RMSSD as a table", 20, false, "mean of seven days", "what is usual for you",
                                "Usual are the middle two thirds of 60 days, once there are 14 mornings." };
        Out o;

        out_begin(&o, sink);
        page_begin(&o);
        put(&o, "Your running, ");
        out_date(&o, t->shown);
        put(&o, " to ");
        out_date(&o, t->last);
        page_body(&o);
        put_head(&o, t);
        calendar_write(&o, t);
        put_load(&o, t);
        put(&o, "<div class=\"two\">\n");
        put_kinds(&o, t);
        put_easy(&o, t);
        put_mornings(&o, t, &resting);
        put_mornings(&o, t, &rmssd);
        put(&o, "</div>\n");
        trend_best_write(&o, t);
        put(&o, "<footer>cardiod. These are health data: mind whom you give them to.</footer>\n");
        page_end(&o);
        return out_end(&o);
}
