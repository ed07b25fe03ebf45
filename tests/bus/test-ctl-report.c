/* SPDX-License-Identifier: MIT */

/* `report` and `trend`: where the page goes, what is refused, and that it says what `show` says. What pages look like is tested
 * with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-coach.h"
#include "ctl-fixture.h"

/* Two hours east of Greenwich, 2026-05-12 06:31:00 there: half an hour, over from 06:41:00 on, a gap, a mark, a workout. */
#define RUN                                                                                                        \
        "INSERT INTO sensor (id, address, name) VALUES (1, 'A0:9E:1A:12:34:56', 'Polar <b>H10</b>');"              \
        "INSERT INTO session (id, sensor_id, source, kind, started_at, ended_at, utc_offset_s, resting_hr, "       \
        "max_hr, ceiling, ceiling_expression, tolerance, zone_model, zone_bounds, live_s, avg_hr, min_hr, "        \
        "peak_hr, over_s, breaches, longest_breach_s, trimp, rpe, talk_test, verdict, note) VALUES (12, 1, "       \
        "'strap', 'base', 1778560260000, 1778562060500, 7200, 50, 197, 145.55, '65%hrr', 2, 'hrr', "               \
        "'50 60 70 80 90', 1700.25, 138.44, 92, 161.5, 92.3, 1, 92.3, 41.26, 3, 'fail', 'too-fast', "              \
        "'calf' || char(10) || '<script>alert(1)</script>');"                                                      \
        "INSERT INTO zone_time VALUES (12, 1, 850.125), (12, 2, 850.125);"                                         \
        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, settled, rr_json)"                \
        " WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 1800)"                         \
        " SELECT 12, v * 1000, 130, CASE WHEN v = 0 THEN 92 WHEN v = 640 THEN 161.5"                               \
        "  WHEN v BETWEEN 600 AND 692 THEN 157.5 ELSE 130 END, CASE WHEN v BETWEEN 600 AND 692 THEN 3 ELSE 1 END," \
        "  1, 1, '[470]' FROM n WHERE v NOT BETWEEN 901 AND 911;"                                                  \
        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, settled) VALUES"                  \
        "  (12, 650500, 228, 228, 5, 1, 0);"                                                                       \
        "INSERT INTO event (session_id, t, type, value, detail) VALUES (12, 600000, 'over-limit', 157.5, NULL),"   \
        "  (12, 692300, 'back-in-range', 92.3, NULL), (12, 900000, 'gap', 11.8, NULL),"                            \
        "  (12, 60000, 'mark', NULL, 'the bridge'), (12, 0, 'step', 1, 'warm-up'),"                                \
        "  (12, 600000, 'step', 2, 'hard'), (12, 720000, 'step', NULL, NULL);"
/* Of its kind, and a short one that is of no say. */
#define BEFORE                                                                                \
        "INSERT INTO session (id, source, kind, started_at, ended_at, live_s, avg_hr) VALUES" \
        "  (3, 'strap', 'base', 1778400000000, 1778403600000, 3600, 136),"                    \
        "  (4, 'strap', 'base', 1778450000000, 1778450300000, 300, 150),"                     \
        "  (5, 'strap', 'long', 1778460000000, 1778467200000, 7200, 140);"
#define OTHERS                                                                                                    \
        "INSERT INTO session (id, source, kind, started_at, ended_at) VALUES"                                     \
        "  (20, 'manual', 'long', 1600000000000, 1600003600000);"                                                 \
        "INSERT INTO session (id, source, started_at) VALUES (21, 'strap', 1778570000000);"                       \
        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact) VALUES (21, 0, 120, 120, 1, 1)," \
        "  (21, 60000, 121, 121, 1, 1);"

/* Pages are too long for a message. */
static void assert_has(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in it", part);
}

static void assert_lacks(const char *text, const char *part)
{
        if (strstr(text, part))
                fail_msg("\"%s\" is in it", part);
}

static void test_to_a_file(Harness *h)
{
        const char *db = ctl_database(h, RUN BEFORE);
        _cleanup_free_ char *file = strdup(harness_path(h, "run.html")), *page = NULL, *again = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        struct stat st;

        assert_int_equal(ctl_run(&c, "report", "12", "-o", file, "--database", db, NULL), 0);
        assert_has(c.out, "run.html: ");
        assert_string_equal(c.err, "");
        page = harness_read_file(h, "run.html");
        assert_has(page, "<title>Base run, Tuesday 12 May 2026</title>");
        assert_int_equal(stat(file, &st), 0);

        assert_int_equal(ctl_run(&c, "report", "last", "-o", file, "--database", db, NULL), 1);
        assert_has(c.err, "run.html is there already; --force replaces it");
        assert_int_equal(ctl_run(&c, "report", "last", "-f", "-o", file, "--database", db, NULL), 0);
        again = harness_read_file(h, "run.html");
        assert_string_equal(again, page); /* no clock, no chance */
        assert_int_equal(ctl_run(&c, "report", "2026-05-12", "--database", db, NULL), 0);
        assert_string_equal(c.out, page);
        assert_int_equal(ctl_run(&c, "report", "12", "-o", "-", "--database", db, NULL), 0);
        assert_string_equal(c.out, page);
}

static void test_refused(Harness *h)
{
        const char *db = ctl_database(h, RUN);
        _cleanup_free_ char *folder = strdup(harness_path(h, "state")),
                            *nowhere = strdup(harness_path(h, "no/x.html"));
        const struct {
                const char *arguments[4];
                int status;
                const char *error;
        } rows[] = {
                { { NULL }, 2, "an argument is missing: ID" },
                { { "first" }, 2, "'first' is not a session" },
                { { "99" }, 4, "there is no session 99" },
                { { "2026-05-13" }, 4, "there is no session on 2026-05-13" },
                { { "12", "-o", "" }, 2, "--output is empty; name a file" },
                { { "12", "-f" }, 2, "--force replaces a file; name it with --output FILE" },
                { { "12", "-o", folder }, 1, "is not a file" },
                { { "12", "-o", nowhere }, 1, "cannot write" },
                { { "12", "-fo", db }, 1, "is the database itself" },
                { { "12", "--json" }, 2, "has nothing to print as JSON" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const char *const *a = rows[i].arguments;

                assert_int_equal(ctl_run(&c, "--database", db, "report", a[0], a[1], a[2], a[3], NULL),
                                rows[i].status);
                assert_has(c.err, rows[i].error);
                assert_string_equal(c.out, "");
        }
        assert_int_equal(ctl_run_terminal(&c, "--database", db, "report", "12", NULL), 2);
        assert_has(c.out, "a page is nothing for a terminal; name a file: --output report.html");
}

/* Figures, breaches, gaps and marks are those of `show`. */
static void test_it_says_what_show_says(Harness *h)
{
        static const struct {
                const char *of_show, *of_page;
        } rows[] = {
                { "Length      30 min 1 s, 28 min 20 s of it with a heart rate",
                                "<dd>30 min 1 s<small>28 min 20 s of it with a heart rate</small>" },
                { "average 138, lowest 92, peak 162",
                                "<dd>138 bpm<small>average; lowest 92, peak 162</small>" },
                { "146 bpm (65%hrr), close enough up to 148",
                                "below 146 bpm (65%hrr), close enough up to 148" },
                { "1 min 32 s, a breach of 1 min 32 s; easy for 94 %",
                                "<dd>1 min 32 s<small>a breach of 1 min 32 s</small>" },
                { "easy for 94 %", "<dd>94 %<small>" },
                { "06:41:00  0:01:32   162      146",
                                "<tr><th scope=\"row\">06:41:00</th><td>0:01:32</td><td>162</td><td>146</td></tr>" },
                { "06:46:00  0:00:12", "<tr><th scope=\"row\">06:46:00</th><td>0:00:12</td></tr>" },
                { "06:32:00  the bridge", "marked: the bridge" },
                { "2  138-153     0:14:10  50.0 %",
                                "<tr><th scope=\"row\">2</th><td>138–153</td><td>0:14:10</td><td>50.0 %</td>" },
                { "Talk test   failed: you could not talk", "failed: you could not talk" },
                { "Effort felt 3 of 10", "3 of 10" },
                { "Verdict     too fast", "<strong>Verdict:</strong> too fast" },
                { "resting 50, maximum 197", "resting 50, maximum 197 bpm" },
                { " 162 ", ">peak 162</text>" },
                { " 146 ", ">ceiling 146</text>" },
        };
        const char *db = ctl_database(h, RUN);
        _cleanup_free_ char *page = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "report", "12", "--database", db, NULL), 0);
        page = strdup(c.out);
        assert_int_equal(ctl_run(&c, "show", "12", "--database", db, NULL), 0);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                assert_has(c.out, rows[i].of_show);
                assert_has(page, rows[i].of_page);
        }
        /* One that had not settled is no peak, here or there. */
        assert_lacks(c.out, "228");
        assert_lacks(page, ">228<");
        assert_lacks(page, "peak 228");
        /* What happened is a shade, a gap, a strip of steps. */
        assert_has(page, "<rect class=\"breach\"");
        assert_has(page, "<rect class=\"gap\"");
        assert_has(page, "<td>warm-up</td><td>0:10:00</td><td>130</td>");
        assert_has(page, "<td>hard</td><td>0:02:00</td><td>162</td>");
        assert_has(page, "id=\"rr\"");
}

static void test_texts_of_others(Harness *h)
{
        const char *db = ctl_database(h, RUN);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "report", "12", "--database", db, NULL), 0);
        assert_has(c.out, "Polar &lt;b&gt;H10&lt;/b&gt;");
        assert_has(c.out, "calf\n&lt;script&gt;alert(1)&lt;/script&gt;");
        assert_lacks(c.out, "<script>alert");
}

static void test_runs_of_its_kind(Harness *h)
{
        const char *db = ctl_database(h, RUN BEFORE);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "report", "12", "--database", db, NULL), 0);
        assert_has(c.out, "The last base run before it");
        assert_has(c.out, "An average heart rate 2 bpm above theirs.");
        assert_has(c.out, "<tr><th scope=\"row\">2026-05-10</th><td>1:00:00</td>");
        /* Nothing was before. */
        assert_int_equal(ctl_run(&c, "report", "3", "--database", db, NULL), 0);
        assert_lacks(c.out, "before it");
}

/* What strap alone does not give is shown once it is there. */
static void test_pace_and_alpha1(Harness *h)
{
        const char *db = ctl_database(h, RUN
                        "CREATE TABLE IF NOT EXISTS pace (session_id, t, speed, cadence, distance, incline);"
                        "CREATE TABLE IF NOT EXISTS alpha1 (session_id, t, alpha1, artefact_percent);"
                        "INSERT INTO pace (session_id, t, speed, cadence, distance, incline) WITH RECURSIVE n (v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 1800)"
                        " SELECT 12, v * 1000, 2.9, 160.0, 2.9 * v, v / 900 * 1.0 FROM n;"
                        "INSERT INTO alpha1 (session_id, t, alpha1, artefact_percent) VALUES (12, 120000, 0.91, 1.0),"
                        "  (12, 140000, 0.93, 1.0), (12, 160000, 0.1, 40.0);");
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "report", "12", "--database", db, NULL), 0);
        assert_has(c.out, "<p class=\"said\" id=\"pace-said\">From 5:45 to 5:45 min/km.</p>");
        assert_has(c.out, "<p class=\"said\" id=\"incline-said\">From 0 to 2 %.</p>");
        /* One of too many artefacts says nothing. */
        assert_has(c.out, "<p class=\"said\" id=\"alpha1-said\">From 0.91 to 0.93.</p>");
}

static void test_without_pictures(Harness *h)
{
        const char *db = ctl_database(h, RUN OTHERS);
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "report", "20", "--database", db, NULL), 0);
        assert_has(c.out, "<h1>Long run</h1>");
        assert_has(c.out, " · manual</p>");
        assert_lacks(c.out, "<figure");
        /* One that goes on is shown as far as it is known. */
        assert_int_equal(ctl_run(&c, "report", "21", "--database", db, NULL), 0);
        assert_has(c.out, " · recording");
        assert_has(c.out, "<figure class=\"picture\" id=\"heart-rate\">");
}

static void test_the_verdict_in_words(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        CtlCoach coach;

        (void)ctl_database(h, RUN);
        ctl_coach(&coach, &c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "report", "12", NULL), 0);
        assert_has(c.out, "<strong>Verdict:</strong> A good recovery run.</p>");
}

/* Four years up to today: a run of an hour every third day, and a morning every day of the last hundred. */
#define YEARS                                                                                                   \
        "INSERT INTO session (id, source, kind, started_at, ended_at, live_s, over_s, ceiling, trimp, avg_hr)"  \
        " WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 500)"                       \
        " SELECT v, 'strap', CASE v % 5 WHEN 0 THEN 'hard' ELSE 'base' END,"                                    \
        "  (CAST(strftime('%s', 'now', 'start of day', '-' || (3 * v) || ' days') AS INTEGER) + 36000) * 1000," \
        "  (CAST(strftime('%s', 'now', 'start of day', '-' || (3 * v) || ' days') AS INTEGER) + 39600) * 1000," \
        "  3600, CASE v % 5 WHEN 0 THEN 1800 ELSE 0 END, 145.55, 60.0, 140.0 FROM n;"                           \
        "INSERT INTO resting (taken_at, local_date, heart_rate, rmssd, source)"                                 \
        " SELECT 0, date('now', '-' || v || ' days'), 50 + v % 3, 60.0, 'strap' FROM"                           \
        "  (SELECT id AS v FROM session WHERE id < 100);"                                                       \
        "INSERT INTO session (id, source, kind, started_at, ended_at, clock_known) VALUES"                      \
        "  (900, 'strap', 'long', 0, 360000000, 0);"

static void test_trend(Harness *h)
{
        _cleanup_free_ char *file = strdup(harness_path(h, "trend.html")), *page = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        (void)setenv("TZ", "UTC", 1);
        db = ctl_database(h, YEARS);
        assert_int_equal(ctl_run(&c, "trend", "-o", file, "--database", db, NULL), 0);
        assert_has(c.out, "trend.html: ");
        page = harness_read_file(h, "trend.html");
        /* A year of weeks, and what there is of the present one. */
        assert_has(page, "<h2>Time by kind, a week</h2>");
        assert_has(page, "<h2>Resting heart rate</h2>");
        assert_has(page, "<h2>RMSSD in the morning</h2>");
        /* Half of each fifth was over; 121 hours to 123, by the day of the week. */
        assert_has(page, "<dd>90 %<small>of the 12");
        assert_has(page, " h with a ceiling</small>");
        assert_has(page, "<dt>Longest run</dt><dd>1 h, ");
        /* One whose date nobody knows is of no day. */
        assert_lacks(page, "1970");
        assert_int_equal(ctl_run(&c, "trend", "--since", "2200d", "--database", db, NULL), 0);
        assert_has(c.out, "<h2>Time by kind, a month</h2>");
        assert_has(c.out, "<div><dt>Sessions</dt><dd>500</dd></div>");
        assert_int_equal(ctl_run(&c, "trend", "--since", "30d", "--database", db, NULL), 0);
        assert_has(c.out, "<div><dt>Sessions</dt><dd>10</dd></div>");
        (void)unsetenv("TZ");
}

static void test_trend_refused(Harness *h)
{
        const char *db = ctl_database(h, "");
        const struct {
                const char *arguments[3];
                int status;
                const char *error;
        } rows[] = {
                { { NULL }, 4, "there is no session yet that has ended" },
                { { "--since", "soon" }, 2, "'soon' is not a date; accepted: YYYY-MM-DD" },
                { { "--since", "2999-01-01" }, 2, "--since 2999-01-01 has yet to come" },
                { { "-o", "" }, 2, "--output is empty; name a file" },
                { { "last" }, 2, "last" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const char *const *a = rows[i].arguments;

                assert_int_equal(ctl_run(&c, "--database", db, "trend", a[0], a[1], a[2], NULL),
                                rows[i].status);
                assert_has(c.err, rows[i].error);
                assert_string_equal(c.out, "");
        }
        assert_int_equal(ctl_run_terminal(&c, "--database", db, "trend", NULL), 2);
        assert_has(c.out, "name a file: --output trend.html");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_to_a_file),
                harness_test(test_refused),
                harness_test(test_it_says_what_show_says),
                harness_test(test_texts_of_others),
                harness_test(test_runs_of_its_kind),
                harness_test(test_pace_and_alpha1),
                harness_test(test_without_pictures),
                harness_test(test_the_verdict_in_words),
                harness_test(test_trend),
                harness_test(test_trend_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
