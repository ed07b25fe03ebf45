/* SPDX-License-Identifier: MIT */

/* What was best and longest in years of runs, in words. No clock. */

#include "report/trend-best.h"

#include <math.h>

#include "report/words.h"

/* A shorter week's easy share is no record. */
#define EASY_LEAST_S 3600.0

static void put_day(Out *o, Day day)
{
        put(o, ", ");
        out_date(o, day);
        put(o, "</dd>\n");
}

/* The week with the most time, and of those of an hour and more the easiest, the latest of several. */
static void put_weeks(Out *o, const ReportTrend *t)
{
        TrendPeriod most = { .all_s = 0 }, easiest = { .easy_percent = -1 };

        for (Day day = t->first; day <= t->last;) {
                TrendPeriod p = trend_period(t, day, false);

                if (p.all_s > most.all_s)
                        most = p;
                if (p.all_s >= EASY_LEAST_S && p.easy_percent >= easiest.easy_percent)
                        easiest = p;
                day = p.to + 1;
        }
        if (most.all_s > 0) {
                put(o, "<dt>Most in a week</dt><dd>");
                out_length(o, most.all_s);
                put(o, ", from ");
                out_date(o, most.from);
                put(o, "</dd>\n");
        }
        if (easiest.easy_percent >= 0) {
                put(o, "<dt>Easiest week</dt><dd>");
                out_share(o, easiest.easy_percent);
                put(o, " % easy, from ");
                out_date(o, easiest.from);
                put(o, "</dd>\n");
        }
}

static void put_lowest_resting(Out *o, const ReportTrend *t)
{
        double lowest = NAN;
        Day day = 0;

        for (size_t i = 0; i < t->n_mornings; i++) {
                TrendMean mean;

                /* Of seven dates, so that one lucky morning is no record. */
                if (i < 6 || t->mornings[i].day - t->mornings[i - 6].day >= 28 ||
                                !trend_mean7(t, i, true, &mean) || mean.mean >= lowest)
                        continue;
                lowest = mean.mean;
                day = t->mornings[i].day;
        }
        if (isnan(lowest))
                return;
        put(o, "<dt>Lowest resting heart rate</dt><dd>", fixed(lowest, 1),
                        " bpm, the mean of seven mornings");
        put_day(o, day);
}

void trend_best_write(Out *o, const ReportTrend *t)
{
        TrendStreak streak = trend_longest_streak(t);

        put(o, "<section id=\"best\"><h2>Best and longest, of all time</h2>\n<dl class=\"log\">\n");
        if (t->longest.value > 0) {
                put(o, "<dt>Longest run</dt><dd>");
                out_length(o, t->longest.value);
                put_day(o, t->longest.day);
        }
        if (t->farthest.value > 0) {
                put(o, "<dt>Farthest run</dt><dd>");
                out_distance(o, t->farthest.value, t->miles);
                put_day(o, t->farthest.day);
        }
        put_weeks(o, t);
        if (streak.days > 0) {
                put(o, "<dt>Longest streak</dt><dd>", streak.days, streak.days == 1 ? " day" : " days",
                                ", to ");
                out_date(o, streak.last);
                put(o, "</dd>\n");
        }
        put_lowest_resting(o, t);
        put(o, "</dl></section>\n");
}
