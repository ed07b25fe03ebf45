/* SPDX-License-Identifier: MIT */

/* The figures of a session, computed anew from its rows, from the documentation and not with the daemon's code: both must
 * agree. Times are ms since the session's start. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run-fixture.h"

#define SAMPLES_MAX   4096U
#define ZONES_MAX     8U
#define BREACHES_MAX  256U
#define INTERVALS_MAX 10U
/* ms */
#define CREDIT_MIN   2000
#define CREDIT_MAX   12000
#define HOLD_GAP_MAX 60000
#define REACH_MAX    30000
/* This many heart rates within this many bpm of their median count. */
#define ENOUGH  3U
#define SETTLED 20

static double real_of(const char *text)
{
        return *text ? strtod(text, NULL) : (double)NAN;
}

/* A row of the session: a heart rate, or a new ceiling. */
typedef struct SampleRow {
        int64_t t;
        char type; /* 's', 'c' */
        double heart_rate, smoothed;
        unsigned zone;
        bool settled;
        double ceiling;
        int64_t credit; /* of the heart rate before it, ms */
} SampleRow;

static size_t read_rows(Harness *h, int64_t session, SampleRow *rows)
{
        _cleanup_free_ char *sql = NULL, *text = NULL;
        char *save = NULL;
        size_t n = 0;

        assert_true(asprintf(&sql,
                                    "SELECT t, 's' AS what, heart_rate, smoothed, zone, settled FROM sample "
                                    "WHERE session_id = %1$" PRIi64 " UNION ALL "
                                    "SELECT t, 'c', value, 0, 0, 0 FROM event WHERE session_id = %1$" PRIi64
                                    " AND type = 'ceiling' ORDER BY t, what",
                                    session) >= 0);
        text = harness_sql(h, sql);
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                SampleRow *row = &rows[n++];
                char *column[6];

                assert_true(n < SAMPLES_MAX);
                for (size_t i = 0; i < ELEMENTSOF(column); i++) {
                        column[i] = strsep(&line, "|");
                        assert_non_null(column[i]);
                }
                *row = (SampleRow){ .t = strtoll(column[0], NULL, 10), .type = column[1][0] };
                row->heart_rate = row->ceiling = real_of(column[2]);
                row->smoothed = real_of(column[3]);
                row->zone = (unsigned)strtoul(column[4], NULL, 10);
                row->settled = strcmp(column[5], "1") == 0;
        }
        return n;
}

static int compare_reals(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

/* The heart rates from which the one at i is smoothed: [returned, i]. -1: those before the session are needed, too. */
static ssize_t window_begin(const SampleRow *rows, size_t i, const RunLimits *limits)
{
        int64_t now = rows[i].t, later = now;
        size_t first = i;
        unsigned n = 1;

        for (size_t k = i; k-- > 0;) {
                int64_t length = now - rows[k].t;

                if (rows[k].type != 's')
                        continue;
                if (later - rows[k].t > limits->stale ||
                                (length >= limits->window && (n >= ENOUGH || length > REACH_MAX)))
                        return (ssize_t)first;
                later = rows[k].t;
                first = k;
                n++;
        }
        return -1;
}

static void check_smoothed(const SampleRow *rows, size_t n, const RunLimits *limits)
{
        double heart_rate[SAMPLES_MAX];

        for (size_t i = 0; i < n; i++) {
                ssize_t begin = rows[i].type == 's' ? window_begin(rows, i, limits) : -1;
                unsigned count = 0, close = 0;
                double median;

                if (begin < 0)
                        continue;
                for (size_t k = (size_t)begin; k <= i; k++)
                        if (rows[k].type == 's')
                                heart_rate[count++] = rows[k].heart_rate;
                qsort(heart_rate, count, sizeof(heart_rate[0]), compare_reals);
                median = (heart_rate[(count - 1) / 2] + heart_rate[count / 2]) / 2;
                for (unsigned k = 0; k < count; k++)
                        close += fabs(heart_rate[k] - median) <= SETTLED;
                if (median != rows[i].smoothed || (close >= ENOUGH) != rows[i].settled)
                        fail_msg("at %" PRIi64 " ms smoothed is %g and settled %d, expected %g and %d",
                                        rows[i].t, rows[i].smoothed, rows[i].settled, median,
                                        close >= ENOUGH);
        }
}

static int compare_times(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return (x > y) - (x < y);
}

/* The maximum credit of an interval: the median of the ten intervals before it. */
static int64_t most_credit(const int64_t *interval, size_t n)
{
        int64_t sorted[INTERVALS_MAX], median;
        size_t count = n < INTERVALS_MAX ? n : INTERVALS_MAX;

        if (count == 0)
                return CREDIT_MIN;
        memcpy(sorted, interval + n - count, count * sizeof(sorted[0]));
        qsort(sorted, count, sizeof(sorted[0]), compare_times);
        median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
        return median < CREDIT_MIN ? CREDIT_MIN : median > CREDIT_MAX ? CREDIT_MAX : median;
}

static void compute_credit(SampleRow *rows, size_t n)
{
        _cleanup_free_ int64_t *interval = calloc(n + 1, sizeof(*interval));
        const SampleRow *previous = NULL;
        size_t n_intervals = 0;

        assert_non_null(interval);
        for (size_t i = 0; i < n; i++) {
                SampleRow *row = &rows[i];

                if (row->type != 's')
                        continue;
                if (previous) {
                        int64_t length = row->t - previous->t, most = most_credit(interval, n_intervals);

                        assert_true(length > 0);
                        row->credit = length < most ? length : most;
                        interval[n_intervals++] = length;
                }
                previous = row;
        }
}

typedef struct Breach {
        int64_t began, ended, length; /* ms */
} Breach;

typedef struct Figures {
        int64_t live, over, zone[ZONES_MAX], longest;
        double weighted, min, peak;
        unsigned gaps, breaches;
        Breach breach[BREACHES_MAX];
} Figures;

static bool is_over(const SampleRow *row, double ceiling, double tolerance)
{
        return row->smoothed > ceiling + tolerance; /* never above NAN */
}

static void compute_times(
                const SampleRow *rows, size_t n, double ceiling, double tolerance, int64_t stale, Figures *f)
{
        const SampleRow *previous = NULL;
        bool over = false;

        f->min = f->peak = NAN;
        for (size_t i = 0; i < n; i++) {
                const SampleRow *row = &rows[i];

                if (row->type == 'c') {
                        ceiling = row->ceiling;
                        continue;
                }
                if (previous) {
                        f->live += row->credit;
                        f->weighted += (double)row->credit * previous->heart_rate;
                        f->zone[previous->zone] += row->credit;
                        f->over += over ? row->credit : 0;
                        f->gaps += row->t - previous->t > stale;
                }
                if (row->settled) {
                        f->min = fmin(f->min, row->smoothed);
                        f->peak = fmax(f->peak, row->smoothed);
                }
                over = is_over(row, ceiling, tolerance);
                previous = row;
        }
}

/* A breach, or what may become one: from the first heart rate above to the last one. */
typedef struct Above {
        bool begun, open;
        int64_t began, ended; /* t */
        int64_t began_over, ended_over;
        int64_t held;
        int64_t clear; /* t of the first one since that is not above, -1 = none */
} Above;

static const Above nothing_above = { .clear = -1 };

static void close_breach(Figures *f, Above *a)
{
        if (a->open) {
                Breach *breach = &f->breach[f->breaches++];

                assert_true(f->breaches < BREACHES_MAX);
                *breach = (Breach){ a->began, a->ended, a->ended_over - a->began_over };
                if (breach->length > f->longest)
                        f->longest = breach->length;
        }
        *a = nothing_above;
}

static void breach_row(const SampleRow *row, bool over, int64_t over_ms, const RunLimits *limits, Figures *f,
                Above *a)
{
        if (over) {
                if (!a->begun) {
                        a->begun = true;
                        a->began = row->t;
                        a->began_over = over_ms;
                }
                a->ended = row->t;
                a->ended_over = over_ms;
                a->clear = -1;
                a->open = a->open || a->held >= limits->hold;
        } else if (!a->open) {
                *a = nothing_above;
        } else {
                a->clear = a->clear < 0 ? row->t : a->clear;
                if (row->t - a->clear >= limits->clear)
                        close_breach(f, a);
        }
}

static void compute_breaches(const SampleRow *rows, size_t n, double ceiling, double tolerance,
                const RunLimits *limits, Figures *f)
{
        bool over = false, holds = false; /* whether the heart rate before was above, and whether it counts */
        Above a = nothing_above;
        int64_t over_ms = 0, last = -1;

        for (size_t i = 0; i < n; i++) {
                const SampleRow *row = &rows[i];

                if (row->type == 'c') {
                        close_breach(f, &a);
                        ceiling = row->ceiling;
                        holds = false;
                        continue;
                }
                over_ms += over ? row->credit : 0;
                a.held += holds ? row->credit : 0;
                if (!a.open && last >= 0 && row->t - last > HOLD_GAP_MAX)
                        a = nothing_above;
                last = row->t;
                over = is_over(row, ceiling, tolerance);
                holds = over && row->settled;
                if (row->settled)
                        breach_row(row, over, over_ms, limits, f, &a);
        }
        close_breach(f, &a);
}

static void assert_near(const char *what, double found, double expected, double margin)
{
        if (!(fabs(found - expected) <= margin))
                fail_msg("%s is %.10g, expected %.10g", what, found, expected);
}

/* Both are unknown, or the same. */
static void assert_same(const char *what, double found, double expected)
{
        if (!isnan(found) || !isnan(expected))
                assert_near(what, found, expected, 0);
}

/* The events lie where the breaches began and ended, and have their lengths. */
static void check_breaches(Harness *h, int64_t session, const Figures *f)
{
        _cleanup_free_ char *sql = NULL, *found = NULL, *expected = NULL;
        size_t size;
        FILE *stream = open_memstream(&expected, &size);

        assert_non_null(stream);
        for (unsigned i = 0; i < f->breaches; i++)
                fprintf(stream, "%sover-limit|%" PRIi64 "|", i > 0 ? "\n" : "", f->breach[i].began);
        for (unsigned i = 0; i < f->breaches; i++)
                fprintf(stream, "\nback-in-range|%" PRIi64 "|%" PRIi64, f->breach[i].ended,
                                f->breach[i].length);
        assert_int_equal(fclose(stream), 0);
        assert_true(asprintf(&sql,
                                    "SELECT type || '|' || t || '|' || CASE type WHEN 'back-in-range' THEN "
                                    "CAST(round(value * 1000) AS INTEGER) ELSE '' END FROM event WHERE session_id = %" PRIi64
                                    " AND type IN ('over-limit', 'back-in-range') ORDER BY type DESC, t, id",
                                    session) >= 0);
        found = harness_sql(h, sql);
        assert_string_equal(found, expected);
}

void run_check_figures(Harness *h, int64_t session, const RunLimits *limits)
{
        _cleanup_free_ SampleRow *rows = calloc(SAMPLES_MAX, sizeof(*rows));
        int64_t stale = limits->stale > 0 ? limits->stale : INT64_MAX;
        Figures f = { 0 };
        double ceiling, tolerance;
        size_t n;

        assert_non_null(rows);
        n = read_rows(h, session, rows);
        compute_credit(rows, n);
        if (limits->window > 0)
                check_smoothed(rows, n, limits);
        ceiling = run_real(h, "SELECT ceiling FROM session WHERE id = %" PRIi64, session);
        tolerance = run_real(h, "SELECT tolerance FROM session WHERE id = %" PRIi64, session);
        compute_times(rows, n, ceiling, tolerance, stale, &f);
        compute_breaches(rows, n, ceiling, tolerance, limits, &f);

#define ROW(column) run_real(h, "SELECT " column " FROM session WHERE id = %" PRIi64, session)
        assert_near("live_s", ROW("live_s"), (double)f.live / 1000, 1e-9);
        if (f.live > 0)
                assert_near("avg_hr", ROW("avg_hr"), f.weighted / (double)f.live, 1e-9);
        assert_same("min_hr", ROW("min_hr"), f.min);
        assert_same("peak_hr", ROW("peak_hr"), f.peak);
        assert_near("over_s", ROW("over_s"), (double)f.over / 1000, 1e-9);
        assert_near("breaches", ROW("breaches"), f.breaches, 0);
        assert_near("longest_breach_s", ROW("longest_breach_s"), (double)f.longest / 1000, 1e-9);
#undef ROW
        check_breaches(h, session, &f);
        if (limits->stale > 0)
                assert_int_equal(
                                run_int(h, "SELECT count(*) FROM event WHERE type = 'gap' AND session_id = %" PRIi64,
                                                session),
                                f.gaps);
        for (unsigned zone = 0; zone < ZONES_MAX; zone++)
                assert_near("zone_time",
                                run_real(h,
                                                "SELECT coalesce(sum(seconds), 0) FROM zone_time WHERE session_id = %" PRIi64
                                                " AND zone = %u",
                                                session, zone),
                                (double)f.zone[zone] / 1000, 1e-9);
        if (!isnan(ceiling) && f.live > 0)
                assert_near("easy_percent",
                                run_real(h, "SELECT easy_percent FROM sessions WHERE id = %" PRIi64, session),
                                round(1000 * (1 - (double)f.over / (double)f.live)) / 10, 0.1001);
}
