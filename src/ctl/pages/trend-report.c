/* SPDX-License-Identifier: MIT */
/* From the database to the page of years: a row for each session and each morning, counted into their days. Days are those of
 * where they were; no clock. */
#include "pages/trend-report.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "session.h"

/* A hundred years and more; what is before is left out. */
#define DAYS_MOST 40000

struct TrendReport {
        ReportTrend trend;
        TrendMorning *mornings;
};

TrendReport *trend_report_free(TrendReport *r)
{
        if (!r)
                return NULL;
        free(r->trend.days);
        free(r->mornings);
        free(r);
        return NULL;
}

static double column(sqlite3_stmt *s, int i)
{
        return sqlite3_column_type(s, i) == SQLITE_NULL ? NAN : sqlite3_column_double(s, i);
}

static Day day_column(sqlite3_stmt *s, int i)
{
        const char *text = (const char *)sqlite3_column_text(s, i);
        Day day;

        return text && day_parse(text, &day) >= 0 ? day : DAY_NONE;
}

/* What the columns below are, in order. */
enum {
        ROW_DATE,
        ROW_KIND,
        ROW_DURATION,
        ROW_LIVE,
        ROW_OVER,
        ROW_LIMITED,
        ROW_TRIMP,
        ROW_CLOCK_KNOWN,
        ROW_DISTANCE,
};
#define SESSIONS_SQL                                                                                         \
        "SELECT d.local_date, d.kind, l.duration_s, s.live_s, s.over_s, s.ceiling IS NOT NULL, s.trimp, "    \
        "s.clock_known, s.distance_m"                                                                        \
        "  FROM session AS s JOIN session_days AS d ON d.id = s.id JOIN session_lengths AS l ON l.id = s.id" \
        " WHERE s.ended_at IS NOT NULL ORDER BY d.local_date"

/* Whether it counts: its date is known. */
static bool is_dated(sqlite3_stmt *s, Day *ret)
{
        const char *date = (const char *)sqlite3_column_text(s, ROW_DATE);

        *ret = day_column(s, ROW_DATE);
        return *ret != DAY_NONE &&
               !session_date_is_unknown(date, sqlite3_column_int(s, ROW_CLOCK_KNOWN) != 0);
}

static void add_row(TrendReport *r, sqlite3_stmt *s, Day day)
{
        const char *kind = (const char *)sqlite3_column_text(s, ROW_KIND);
        const TrendSession session = { .day = day,
                .kind = kind ? kind_from_string(kind) : _KIND_INVALID,
                .duration_s = column(s, ROW_DURATION),
                .live_s = column(s, ROW_LIVE),
                .over_s = column(s, ROW_OVER),
                .limited = sqlite3_column_int(s, ROW_LIMITED) != 0,
                .trimp = column(s, ROW_TRIMP),
                .distance_m = column(s, ROW_DISTANCE) };

        trend_add(&r->trend, &session);
}

/* The first session that counts says how many days there are. */
static void begin_days(ReportTrend *t, Day first)
{
        t->first = first > t->last - DAYS_MOST ? first : t->last - DAYS_MOST;
        t->days = checked(calloc((size_t)(t->last - t->first) + 1, sizeof(*t->days)));
}

static Outcome read_sessions(TrendReport *r, const Database *d)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome = database_prepare(d, SESSIONS_SQL, &s);

        while (outcome == OUTCOME_DONE && (outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                Day day;

                if (!is_dated(s, &day) || day > r->trend.last)
                        continue;
                if (!r->trend.days)
                        begin_days(&r->trend, day);
                add_row(r, s, day);
        }
        if (outcome == OUTCOME_DONE && !r->trend.days)
                return fail(OUTCOME_NOT_FOUND, "there is no session yet that has ended");
        return outcome;
}

static Outcome read_mornings(TrendReport *r, const Database *d)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        size_t n = 0, room = 0;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT local_date, avg(heart_rate), avg(rmssd) FROM resting GROUP BY local_date ORDER BY local_date",
                        &s);
        while (outcome == OUTCOME_DONE && (outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                Day day = day_column(s, 0);

                if (day == DAY_NONE)
                        continue;
                if (n == room) {
                        room = room > 0 ? 2 * room : 512;
                        r->mornings = checked(reallocarray(r->mornings, room, sizeof(*r->mornings)));
                }
                r->mornings[n++] = (TrendMorning){ day, column(s, 1), column(s, 2) };
        }
        r->trend.mornings = r->mornings;
        r->trend.n_mornings = n;
        return outcome;
}

Outcome trend_report_read(const Database *d, Day since, Day today, bool miles, TrendReport **ret)
{
        _cleanup_(trend_report_freep) TrendReport *r = checked(calloc(1, sizeof(*r)));
        Outcome outcome;

        r->trend.last = today;
        r->trend.miles = miles;
        outcome = read_sessions(r, d);
        if (outcome == OUTCOME_DONE)
                outcome = read_mornings(r, d);
        if (outcome != OUTCOME_DONE)
                return outcome;
        r->trend.shown = since > r->trend.first ? since : r->trend.first;
        trend_settle(&r->trend);
        *ret = TAKE_PTR(r);
        return OUTCOME_DONE;
}

int trend_report_write(const ReportSink *sink, const void *report)
{
        const TrendReport *r = report;

        return report_write_trend(&r->trend, sink);
}
