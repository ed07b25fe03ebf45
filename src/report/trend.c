/* SPDX-License-Identifier: MIT */

/* The arithmetic of years of runs. No clock. */

#include "report/trend.h"

#include <math.h>

#include "cardio/resting.h"

/* A run that counts in a streak. */
#define STREAK_LEAST_S 300.0
/* Weeks that a picture has room for. */
#define WEEKS_MOST 160
/* A mean is of the last seven dates measured within so many days. */
#define MEAN_DATES 7U
#define MEAN_DAYS  28

static size_t n_days(const ReportTrend *t)
{
        return (size_t)(t->last - t->first) + 1;
}

static void take_most(TrendMost *most, double value, Day day)
{
        if (value > most->value)
                *most = (TrendMost){ value, day };
}

void trend_add(ReportTrend *t, const TrendSession *s)
{
        Kind kind = s->kind >= 0 && s->kind < _KIND_MAX ? s->kind : KIND_BASE;
        TrendDay *day;

        if (s->day < t->first || s->day > t->last)
                return;
        day = &t->days[s->day - t->first];
        day->n_sessions++;
        if (s->duration_s > 0 && isfinite(s->duration_s))
                day->seconds[kind] += s->duration_s;
        if (s->limited && s->live_s > 0 && isfinite(s->live_s)) {
                day->limited_s += s->live_s;
                day->over_s += fmin(s->live_s, fmax(0, s->over_s));
        }
        if (s->trimp > 0 && isfinite(s->trimp))
                day->load += s->trimp;
        if (kind_is_run(kind)) {
                day->ran = day->ran || s->duration_s >= STREAK_LEAST_S;
                take_most(&t->longest, s->duration_s, s->day);
                take_most(&t->farthest, s->distance_m, s->day);
        }
}

void trend_settle(ReportTrend *t)
{
        Fitness f = { 0 };

        for (size_t i = 0; i < n_days(t); i++) {
                fitness_day(&f, t->days[i].load);
                t->days[i].fitness = f;
        }
}

TrendStreak trend_streak(const ReportTrend *t)
{
        size_t i = n_days(t);
        TrendStreak streak = { 0, t->last };

        if (i > 1 && !t->days[i - 1].ran) {
                i--;
                streak.last--;
        }
        for (; i > 0 && t->days[i - 1].ran; i--)
                streak.days++;
        return streak;
}

TrendStreak trend_longest_streak(const ReportTrend *t)
{
        TrendStreak longest = { 0, t->first };
        unsigned days = 0;

        for (size_t i = 0; i < n_days(t); i++) {
                days = t->days[i].ran ? days + 1 : 0;
                if (days > longest.days)
                        longest = (TrendStreak){ days, t->first + (Day)i };
        }
        return longest;
}

/* What is usual goes by the last 60 dates, each of which is one morning here. */
static bool mean_of_rmssd(const ReportTrend *t, size_t morning, TrendMean *ret)
{
        Morning last[RMSSD_USUAL_DAYS];
        RmssdUsual usual;
        size_t n = 0;

        for (size_t i = morning + 1; i-- > 0 && n < RMSSD_USUAL_DAYS;)
                last[n++] = (Morning){ .date = t->mornings[i].day,
                        .rmssd = isfinite(t->mornings[i].rmssd) ? t->mornings[i].rmssd : 0 };
        usual = rmssd_usual(last, n, t->mornings[morning].day);
        *ret = (TrendMean){ usual.mean, usual.low, usual.high };
        return !isnan(usual.mean);
}

static bool mean_of_heart_rates(const ReportTrend *t, size_t morning, TrendMean *ret)
{
        double sum = 0;
        unsigned n = 0;

        *ret = (TrendMean){ NAN, NAN, NAN };
        for (size_t i = morning + 1; i-- > 0 && n < MEAN_DATES &&
                                     t->mornings[i].day > t->mornings[morning].day - MEAN_DAYS;) {
                double value = t->mornings[i].heart_rate;

                if (!isfinite(value))
                        continue;
                sum += value;
                n++;
                ret->lowest = fmin(ret->lowest, value);
                ret->highest = fmax(ret->highest, value);
        }
        ret->mean = n > 0 ? sum / n : NAN;
        return n > 0;
}

bool trend_mean7(const ReportTrend *t, size_t morning, bool heart_rate, TrendMean *ret)
{
        return heart_rate ? mean_of_heart_rates(t, morning, ret) : mean_of_rmssd(t, morning, ret);
}

bool trend_by_months(const ReportTrend *t)
{
        return (t->last - t->shown) / 7 > WEEKS_MOST;
}

static Day last_of_month(Day day)
{
        int year;
        unsigned month, of_month;
        Day next;

        day_to_civil(day, &year, &month, &of_month);
        if (day_from_civil(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1, &next) < 0)
                return DAY_MAX;
        return next - 1;
}

TrendPeriod trend_period(const ReportTrend *t, Day from, bool month)
{
        Day to = month ? last_of_month(from) : from + 6 - (Day)day_of_week(from);
        TrendPeriod p = { .from = from, .to = to < t->last ? to : t->last };
        double over = 0;

        for (Day day = p.from; day <= p.to; day++) {
                const TrendDay *d = &t->days[day - t->first];

                for (size_t kind = 0; kind < _KIND_MAX; kind++) {
                        p.seconds[kind] += d->seconds[kind];
                        p.all_s += d->seconds[kind];
                }
                p.limited_s += d->limited_s;
                over += d->over_s;
                p.load += d->load;
                p.n_sessions += d->n_sessions;
        }
        p.easy_percent = p.limited_s > 0 ? 100 * (1 - over / p.limited_s) : NAN;
        return p;
}
