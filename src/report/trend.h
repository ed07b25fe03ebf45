/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/day.h"
#include "cardio/fitness.h"
#include "cardio/kind.h"
#include "report/report.h"

/* Years of runs, day by day, and a page of them. */

typedef struct TrendDay {
        unsigned n_sessions;
        double seconds[_KIND_MAX];
        double limited_s, over_s; /* live time of sessions that had a ceiling, and what of it was over */
        double load;              /* TRIMP */
        Fitness fitness;          /* when the day is over */
        bool ran;                 /* for long enough to count in a streak */
} TrendDay;

/* The mornings of a date together. NAN = not measured. */
typedef struct TrendMorning {
        Day day;
        double heart_rate, rmssd;
} TrendMorning;

/* The most of something, and when; n = 0: there is none. */
typedef struct TrendMost {
        double value;
        Day day;
} TrendMost;

typedef struct ReportTrend {
        Day first, shown, last;       /* of days; the first one shown; of days, which is today */
        TrendDay *days;               /* last - first + 1 of them */
        const TrendMorning *mornings; /* by date */
        size_t n_mornings;
        TrendMost longest, farthest; /* of runs, in s and in m; value 0 = none */
        bool miles;                  /* else kilometres */
} ReportTrend;

typedef struct TrendSession {
        Day day;
        Kind kind; /* _KIND_INVALID = not known: it counts as base */
        double duration_s, live_s, over_s, trimp, distance_m;
        bool limited; /* it had a ceiling */
} TrendSession;

/* Puts a session into its day; one that is on none of them is left out. */
void trend_add(ReportTrend *t, const TrendSession *session);
/* Fitness and fatigue of each day, once all sessions are there. */
void trend_settle(ReportTrend *t);

/* Dates in a row with a run, up to a day. */
typedef struct TrendStreak {
        unsigned days;
        Day last;
} TrendStreak;
/* The present one, which today need not have added to yet, and the longest of all. */
TrendStreak trend_streak(const ReportTrend *t);
TrendStreak trend_longest_streak(const ReportTrend *t);

/* What a morning is seen against. Heart rates: the mean of the last seven dates measured within 28 days, and the lowest and
 * highest of these. RMSSD: the mean over seven days, and what is usual for the runner, as rmssd_usual() has it. Returns false if
 * there are too few for a mean; NAN: for a range. */
typedef struct TrendMean {
        double mean, lowest, highest;
} TrendMean;
bool trend_mean7(const ReportTrend *t, size_t morning, bool heart_rate, TrendMean *ret);

/* A week from its Monday on, or a month, of which only days that are shown are in it. */
typedef struct TrendPeriod {
        Day from, to; /* both in it */
        double seconds[_KIND_MAX], all_s;
        double limited_s;    /* with a ceiling */
        double easy_percent; /* of these; NAN = there was none */
        double load;
        unsigned n_sessions;
} TrendPeriod;
/* Whether there are so many weeks that months are shown. */
bool trend_by_months(const ReportTrend *t);
/* The one that begins at this day. */
TrendPeriod trend_period(const ReportTrend *t, Day from, bool month);

int report_write_trend(const ReportTrend *t, const ReportSink *sink);
