/* SPDX-License-Identifier: MIT */

/* How far and how fast a session went, in `show`, `sessions`, `totals` and `report`: in kilometres or miles, as the runner asks, as the
 * daemon says, or as its files say. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "ctl-fixture.h"

/* Half an hour at 2.7 m/s, 4860 m, then two minutes at a light; the second kilometre goes up. */
#define RUN                                                                                                   \
        "INSERT INTO session (id, source, kind, started_at, ended_at, utc_offset_s, live_s, avg_hr, min_hr, " \
        "peak_hr, trimp, distance_m, avg_speed, ascent_m, beats_known) VALUES (12, 'strap', 'base', "         \
        "1778560260000, 1778562180000, 7200, 1920, 138, 92, 150, 41, 4860, 2.7, 20, 1);"                      \
        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, settled)"                    \
        " WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 1920)"                    \
        " SELECT 12, v * 1000, 130 + v / 100, 130 + v / 100, 1, 1, 1 FROM n;"                                 \
        "INSERT INTO pace (session_id, t, speed, cadence, distance, incline, ascent)"                         \
        " WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 1920)"                    \
        " SELECT 12, v * 1000, CASE WHEN v < 1800 THEN 2.7 ELSE 0 END,"                                       \
        "  CASE WHEN v < 1800 THEN 170 ELSE 0 END, 2.7 * min(v, 1800), 0,"                                    \
        "  max(0, min(20, (2.7 * v - 1000) / 50)) FROM n;"
/* One without a pace, and one of a file, slower. */
#define OTHERS                                                                                       \
        "INSERT INTO session (id, source, kind, started_at, ended_at) VALUES (3, 'strap', 'hard', "  \
        "1778400000000, 1778403600000);"                                                             \
        "INSERT INTO session (id, source, kind, started_at, ended_at, distance_m, avg_speed) VALUES" \
        "  (20, 'import', 'long', 1778500000000, 1778507200000, 16000, 2.5);"

static void test_show(Harness *h)
{
        const char *db = ctl_database(h, RUN OTHERS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "show", "12", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "Distance    4.86 km in 30 min, 6:10 /km, 20 m up\n"
                                   "Cadence     170 steps per minute\n");
        ctl_assert_contains(c.out, "Splits\n"
                                   "    KM  PACE  AVG    UP\n"
                                   "     1  6:10  131   0 m\n"
                                   "     2  6:10  135  20 m\n"
                                   "     3  6:10  139   0 m\n"
                                   "     4  6:10  142   0 m\n"
                                   "  0.86  6:10  146   0 m\n");
        assert_int_equal(ctl_run(&c, "show", "12", "--units", "mile", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "Distance    3.02 mi in 30 min, 9:56 /mile, 20 m up\n");
        ctl_assert_contains(c.out, "  MILE  PACE  AVG    UP\n     1  9:56  132  12 m\n");
        ctl_assert_contains(c.out, "\n  0.02  9:56  1");

        assert_int_equal(ctl_run(&c, "show", "3", "--database", db, NULL), 0);
        assert_null(strstr(c.out, "Distance"));
        assert_null(strstr(c.out, "Splits"));
        assert_null(strstr(c.out, "Cadence"));
}

/* The verdict is that of the heart rate, which may have been as it should while the pace was not. */
static void test_too_fast_by_pace(Harness *h)
{
        const char *db = ctl_database(h, RUN OTHERS
                        "INSERT INTO event (session_id, t, type, value) VALUES (12, 65000, 'over-pace', 2.9),"
                        " (12, 130000, 'pace-in-range', 2.2), (12, 300000, 'over-pace', 3);");
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "show", "12", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "Too fast by pace\n"
                                   "  AT            PACE\n"
                                   "  06:32:05  5:45 /km\n"
                                   "  06:36:00  5:33 /km\n");
        assert_int_equal(ctl_run(&c, "show", "12", "--units", "mile", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "9:15 /mile\n");
        assert_int_equal(ctl_run(&c, "report", "12", "--database", db, NULL), 0);
        assert_non_null(strstr(c.out, "<summary>Too fast by pace</summary>"));
        assert_non_null(strstr(c.out, "<th scope=\"row\">06:36:00</th><td>5:33</td>"));
        assert_int_equal(ctl_run(&c, "show", "20", "--database", db, NULL), 0);
        assert_null(strstr(c.out, "Too fast"));
}

static void test_show_json(Harness *h)
{
        const char *db = ctl_database(h, RUN OTHERS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "show", "12", "--json", "--database", db, NULL), 0);
        assert_string_equal(ctl_json(&c, "$.distance_m"), "4860");
        assert_string_equal(ctl_json(&c, "$.avg_speed"), "2.7");
        assert_string_equal(ctl_json(&c, "$.ascent_m"), "20");
        assert_string_equal(ctl_json(&c, "$.units"), "km");
        assert_string_equal(ctl_json(&c, "$.cadence"), "170");
        assert_string_equal(ctl_json(&c, "$.splits[4].end_t"), "1800000");
        assert_null(ctl_json(&c, "$.splits[5]"));
        assert_int_equal(lround(strtod(ctl_json(&c, "$.splits[0].moved_s"), NULL)), 370);
        assert_int_equal(lround(strtod(ctl_json(&c, "$.splits[4].distance_m"), NULL)), 860);
        assert_int_equal(lround(strtod(ctl_json(&c, "$.splits[4].avg_speed"), NULL) * 100), 270);
        assert_int_equal(lround(strtod(ctl_json(&c, "$.splits[1].ascent_m"), NULL)), 20);
        assert_int_equal(lround(strtod(ctl_json(&c, "$.splits[1].avg_hr"), NULL)), 135);

        assert_int_equal(ctl_run(&c, "show", "3", "--json", "--database", db, NULL), 0);
        assert_null(ctl_json(&c, "$.distance_m"));
        assert_null(ctl_json(&c, "$.cadence"));
        assert_string_equal(ctl_json(&c, "$.splits"), "[]");
}

/* Where no session has a pace the columns are not there; a terminal shows what there is room for. */
static void test_sessions(Harness *h)
{
        const char *db = ctl_database(h, RUN OTHERS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "sessions", "--database", db, NULL), 0);
        assert_string_equal(c.out, "ID  DATE        START   LENGTH     KM  PACE  KIND  AVG  PEAK  STATE\n"
                                   "12  2026-05-12  06:31  0:32:00   4.86  6:10  base  138   150\n"
                                   "20  2026-05-11  11:46  2:00:00  16.00  6:40  long             import\n"
                                   " 3  2026-05-10  08:00  1:00:00               hard\n");
        assert_int_equal(ctl_run(&c, "sessions", "--units", "mile", "--limit", "1", "--database", db, NULL),
                        0);
        assert_string_equal(c.out, "ID  DATE        START   LENGTH  MILES  PACE  KIND  AVG  PEAK\n"
                                   "12  2026-05-12  06:31  0:32:00   3.02  9:56  base  138   150\n");
        assert_int_equal(ctl_run(&c, "sessions", "--kind", "hard", "--database", db, NULL), 0);
        assert_string_equal(c.out, "ID  DATE        START   LENGTH  KIND\n"
                                   " 3  2026-05-10  08:00  1:00:00  hard\n");
}

static void test_totals(Harness *h)
{
        const char *db = ctl_database(h, RUN OTHERS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "totals", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "\nLoad a day over six weeks, over one, and the difference.\n\n");
        ctl_assert_contains(c.out, "WEEK        SESSIONS     TIME  CHANGE     KM  PACE    UP  LONGEST  LOAD\n"
                                   "2026-05-11         2  2:32:00  +153 %  20.86  6:33  20 m  2:00:00    41\n"
                                   "2026-05-04         1  1:00:00                             1:00:00\n");
        assert_int_equal(ctl_run(&c, "totals", "--units", "mile", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "MILES   PACE");
        ctl_assert_contains(c.out, "12.96  10:33");
        assert_int_equal(ctl_run(&c, "totals", "--json", "--database", db, NULL), 0);
        assert_string_equal(ctl_json(&c, "$.periods[0].distance_m"), "20860");
        assert_string_equal(ctl_json(&c, "$.periods[0].ascent_m"), "20");
        assert_int_equal(lround(strtod(ctl_json(&c, "$.periods[0].easy_speed"), NULL) * 1000), 2544);
        assert_null(ctl_json(&c, "$.periods[1].distance_m"));
        assert_null(ctl_json(&c, "$.periods[1].easy_speed"));
}

static void test_report(Harness *h)
{
        const char *db = ctl_database(h, RUN OTHERS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "report", "12", "--database", db, NULL), 0);
        assert_non_null(strstr(c.out, "<dt>Distance</dt><dd>4.86 km<small>20 m up</small>"));
        assert_non_null(strstr(c.out, "<dt>Pace</dt><dd>6:10 min/km<small>170 steps per minute</small>"));
        assert_non_null(strstr(c.out, "<th scope=\"row\">2</th><td>6:10</td><td>135</td><td>20</td>"));
        assert_non_null(strstr(c.out, "<th scope=\"row\">0.86 km</th><td>6:10</td><td>146</td><td>0</td>"));
        assert_int_equal(ctl_run(&c, "report", "12", "--units", "mile", "--database", db, NULL), 0);
        assert_non_null(strstr(c.out, "<dt>Distance</dt><dd>3.02 mi<small>20 m up</small>"));
        assert_non_null(strstr(c.out, "<summary>Mile by mile</summary>"));
        assert_non_null(strstr(c.out, "9:56 min/mile."));
        assert_null(strstr(c.out, "min/km"));
        assert_int_equal(ctl_run(&c, "trend", "--since", "2026-05-01", "--database", db, NULL), 0);
        assert_non_null(strstr(c.out, "<dt>Farthest run</dt><dd>16.00 km"));
        assert_int_equal(ctl_run(&c, "trend", "--units", "mile", "--database", db, NULL), 0);
        assert_non_null(strstr(c.out, "<dt>Farthest run</dt><dd>9.94 mi"));
}

/* Whether 4.86 km are shown as miles. */
static bool shows_miles(Ctl *c, const char *units)
{
        assert_int_equal(ctl_run(c, "sessions", "--limit", "1", units ? "--units" : NULL, units, NULL), 0);
        return strstr(c->out, "3.02") != NULL;
}

/* The last file that says so counts, as with the daemon. What no daemon would understand says nothing. */
static void test_units_of_files(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        (void)ctl_database(h, RUN OTHERS);
        assert_false(shows_miles(&c, NULL));
        assert_int_equal(mkdir(harness_path(h, "config"), 0755), 0);
        assert_int_equal(mkdir(harness_path(h, "config/cardiod"), 0755), 0);
        harness_write_file(h, "config/cardiod/cardiod.conf", "[pace]\nunits = mile ; as at home\n");
        assert_true(shows_miles(&c, NULL));
        assert_false(shows_miles(&c, "km"));
        assert_int_equal(mkdir(harness_path(h, "config/cardiod/cardiod.conf.d"), 0755), 0);
        harness_write_file(h, "config/cardiod/cardiod.conf.d/50-units.conf", "[pace]\nunits = km\n");
        assert_false(shows_miles(&c, NULL));
        harness_write_file(h, "config/cardiod/cardiod.conf.d/60-units.conf", "[pace]\nunits = mile\n");
        assert_true(shows_miles(&c, NULL));
        harness_write_file(h, "config/cardiod/cardiod.conf.d/70-units.conf", "[pace]\nunits = furlong\n");
        assert_false(shows_miles(&c, NULL));
        assert_true(shows_miles(&c, "mile"));
        assert_int_equal(ctl_run(&c, "sessions", "--units", "furlong", NULL), 2);
        assert_string_equal(c.err, "cardioctl: 'furlong' is not a unit; accepted: km or mile\n");
}

/* A daemon that was asked for the database knows better than files which may not be its own. */
static void test_units_of_the_daemon(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, RUN OTHERS);

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.units = "mile";
        assert_true(shows_miles(&c, NULL));
        assert_false(shows_miles(&c, "km"));
        c.daemon.units = "km";
        assert_int_equal(mkdir(harness_path(h, "config"), 0755), 0);
        assert_int_equal(mkdir(harness_path(h, "config/cardiod"), 0755), 0);
        harness_write_file(h, "config/cardiod/cardiod.conf", "[pace]\nunits = mile\n");
        assert_false(shows_miles(&c, NULL));
        c.daemon.units = NULL; /* an older one */
        assert_true(shows_miles(&c, NULL));
        /* One that is not asked has no say. */
        c.daemon.units = "km";
        assert_int_equal(ctl_run(&c, "sessions", "--limit", "1", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "3.02");
}

/* Its row has the figures once it is over. */
static void test_while_it_is_recorded(Harness *h)
{
        const char *db = ctl_database(h, RUN
                        "UPDATE session SET ended_at = NULL, distance_m = NULL, avg_speed = NULL, ascent_m = NULL;");
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "show", "12", "--database", db, NULL), 0);
        ctl_assert_contains(c.out, "Distance    4.86 km in 30 min, 6:10 /km, 20 m up\n");
        ctl_assert_contains(c.out, "Splits\n");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_show),
                harness_test(test_too_fast_by_pace),
                harness_test(test_show_json),
                harness_test(test_sessions),
                harness_test(test_totals),
                harness_test(test_report),
                harness_test(test_units_of_files),
                harness_test(test_units_of_the_daemon),
                harness_test(test_while_it_is_recorded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
