/* SPDX-License-Identifier: MIT */
/* cardioctl and the database: where it is looked for, what is refused, and what `sessions` and `show` print of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ctl-fixture.h"

/* Two hours east of Greenwich, 2026-05-12 06:31:00 there. */
#define RUN                                                                                                  \
        "INSERT INTO sensor (id, address, name) VALUES (1, 'A0:9E:1A:12:34:56', 'Polar' || char(27) || "     \
        "'H10');"                                                                                            \
        "INSERT INTO session (id, sensor_id, source, kind, started_at, ended_at, utc_offset_s, resting_hr, " \
        "max_hr, ceiling,"                                                                                   \
        "  ceiling_expression, tolerance, zone_model, zone_bounds, live_s, avg_hr, min_hr, peak_hr, "        \
        "over_s, breaches,"                                                                                  \
        "  longest_breach_s, trimp, rpe, note) VALUES (12, 1, 'strap', 'base', 1778560260000, "              \
        "1778562060500, 7200, 50, 197,"                                                                      \
        "  145.55, '65%hrr', 2, 'hrr', '50 60 70 80 90', 1700.25, 138.44, 92, 161.5, 92.3, 1, 92.3, 41.26, " \
        "3, 'calf' || char(10));"                                                                            \
        "INSERT INTO zone_time VALUES (12, 1, 850.125), (12, 2, 850.125);"                                   \
        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, settled) VALUES"            \
        "  (12, 0, 92, 92, 0, 1, 1), (12, 600000, 157, 157.5, 2, 1, 1), (12, 650000, 228, 228, 5, 1, 0);"    \
        "INSERT INTO event (session_id, t, type, value) VALUES (12, 600000, 'over-limit', 157.5),"           \
        "  (12, 692300, 'back-in-range', 92.3), (12, 900000, 'gap', 11.8);"
#define OTHERS                                                                                          \
        "INSERT INTO session (id, source, kind, started_at, ended_at) VALUES"                           \
        "  (3, 'manual', 'long', 1600000000000, 1600003600000), (20, 'import', 'hard', 1500000000000, " \
        "1500000060000);"

static void test_sessions(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h, RUN OTHERS);
        assert_int_equal(ctl_run(&c, "sessions", "--database", db, NULL), 0);
        assert_string_equal(c.out,
                        "ID  DATE        START   LENGTH  KIND  AVG  PEAK  CEIL     OVER  EASY  STRAP      STATE\n"
                        "12  2026-05-12  06:31  0:30:01  base  138   162   146  0:01:32  94 %  Polar?H10\n"
                        " 3  2020-09-13  12:26  1:00:00  long                                             manual\n"
                        "20  2017-07-14  02:40  0:01:00  hard                                             import\n");

        assert_int_equal(ctl_run(&c, "sessions", "--json", "--database", db, NULL), 0);
        assert_string_equal(ctl_json(&c, "$[0].id"), "12");
        assert_string_equal(ctl_json(&c, "$[0].duration"), "0:30:01");
        assert_string_equal(ctl_json(&c, "$[0].duration_s"), "1801");
        assert_string_equal(ctl_json(&c, "$[0].over_s"), "92");
        assert_string_equal(ctl_json(&c, "$[0].ceiling"), "145.55");
        assert_string_equal(ctl_json(&c, "$[0].strap"), "Polar\033H10");
        assert_null(ctl_json(&c, "$[1].easy_percent"));
        assert_string_equal(ctl_json(&c, "$[2].id"), "20");
        assert_null(ctl_json(&c, "$[3]"));
        assert_null(strstr(c.out, "ended_at"));
}

/* Recorded before the clock was set, which it never was; a date that may be is not doubted. */
static void test_date_unknown(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h,
                        "INSERT INTO session (id, source, started_at, ended_at, boot_id, boot_ms, clock_known)"
                        " VALUES (1, 'strap', 60000, 3660000, 'c0ffee', 60000, 0),"
                        " (2, 'strap', 1778560260000, 1778563860000, 'c0ffee', 60000, 0)");
        assert_int_equal(ctl_run(&c, "sessions", "--database", db, NULL), 0);
        assert_string_equal(c.out, "ID  DATE        START   LENGTH  STATE\n"
                                   " 2  2026-05-12  04:31  1:00:00\n"
                                   " 1  1970-01-01  00:01  1:00:00  date?\n");
        assert_int_equal(ctl_run(&c, "show", "1", "--database", db, NULL), 0);
        ctl_assert_contains(c.out,
                        "Session 1  Thu 1970-01-01  00:01-01:01  date unknown: the clock was not set\n");
        assert_int_equal(ctl_run(&c, "show", "1", "--json", "--database", db, NULL), 0);
        assert_string_equal(ctl_json(&c, "$.clock_known"), "0");
        assert_null(ctl_json(&c, "$.boot_id"));
        assert_null(ctl_json(&c, "$.boot_ms"));
}

static void test_sessions_selected(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h, RUN OTHERS);
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", "--limit", "1", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[0].id"), "12");
        assert_null(ctl_json(&c, "$[1]"));
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", "--kind", "long", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[0].id"), "3");
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", "--since", "2020-09-13", NULL),
                        0);
        assert_string_equal(ctl_json(&c, "$[1].id"), "3");
        assert_null(ctl_json(&c, "$[2]"));
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", "--since", "2020-09-14", NULL),
                        0);
        assert_null(ctl_json(&c, "$[1]"));
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", "--kind", "race", NULL), 0);
        assert_string_equal(ctl_json(&c, "$"), "[]");
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--kind", "' OR 1 --", NULL), 2);
        ctl_assert_contains(c.err,
                        "is not a kind; accepted: rest, cross-training, recovery, base, long, hard or race");
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--kind", "race", NULL), 0);
        assert_string_equal(c.out, "");
        assert_string_equal(c.err, "No session of kind race.\n");
}

/* The ids of the array in out, as in "12 3". */
static const char *listed(Ctl *c, char *buf, size_t size)
{
        char path[32];
        const char *id;

        buf[0] = '\0';
        for (size_t i = 0;; i++) {
                (void)snprintf(path, sizeof(path), "$[%zu].id", i);
                id = ctl_json(c, path);
                if (!id)
                        return buf;
                (void)snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", i > 0 ? " " : "", id);
        }
}

/* What is looked for is a text, whatever SQL or a shell would make of it, and --until is that day, too. */
static void test_sessions_searched(Harness *h)
{
        static const struct {
                const char *argument[4];
                const char *ids;
        } cases[] = {
                { { "--grep", "hills" }, "5" },
                { { "--grep", "HILLS" }, "5" },
                { { "--grep", "b\u00dcGEL" }, "" },
                { { "--grep", "h\u00dcGEL" }, "4" },
                { { "--grep", "%" }, "3" },
                { { "--grep", "_" }, "" },
                { { "--grep", "100 %" }, "3" },
                { { "--grep", "*" }, "" },
                { { "--grep", "'" }, "2" },
                { { "--grep", "' OR 1 --" }, "" },
                { { "--grep", "long" }, "5" },      /* its kind */
                { { "--grep", "polar" }, "5 4 3" }, /* its strap */
                { { "--grep", "import" }, "1" },    /* its source */
                { { "--grep", "too fast" }, "3" },  /* its verdict, in words */
                { { "--grep", "too-fast" }, "3" },  /* and as a key */
                { { "--grep", "2026-05-1" }, "5 4 3 2 1" },
                { { "--grep", "05-14" }, "5" },
                { { "--grep", "Polar hills" }, "" }, /* not across two of them */
                { { "--grep", "" }, "5 4 3 2 1" },
                { { "--until", "2026-05-11" }, "2 1" },
                { { "--until", "2026-05-09" }, "" },
                { { "--until", "today" }, "5 4 3 2 1" },
                { { "--since", "2026-05-11", "--until", "2026-05-13" }, "4 3 2" },
                { { "--since", "2026-05-12", "--until", "2026-05-12" }, "3" },
                { { "--until", "2026-05-13", "--grep", "polar" }, "4 3" },
                { { "--grep", "polar", "--limit", "1" }, "5" },
                { { "--grep", "polar", "--kind", "long" }, "5" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;
        char ids[64];

        db = ctl_database(h,
                        "INSERT INTO sensor (id, address, name) VALUES (1, 'A0:9E:1A:12:34:56', 'Polar H10');"
                        "INSERT INTO session (id, source, kind, sensor_id, verdict, note, started_at, ended_at) "
                        "SELECT column1, column2, column3, column4, column5, column6,"
                        "  1778400000000 + column1 * 86400000 - 86400000, 1778401000000 + column1 * 86400000 - 86400000 "
                        "FROM (VALUES (1, 'import', 'base', NULL, NULL, NULL), (2, 'manual', 'base', NULL, NULL, "
                        "'the dog''s'), (3, 'strap', 'base', 1, 'too-fast', 'at 100 %'),"
                        "(4, 'strap', 'base', 1, 'good', 'Die H\u00fcgel'),"
                        "(5, 'strap', 'long', 1, NULL, 'all the' || char(10) || 'Hills'))");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *const *a = cases[i].argument;

                assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", a[0], a[1], a[2], a[3],
                                                 NULL),
                                0);
                if (strcmp(listed(&c, ids, sizeof(ids)), cases[i].ids) != 0)
                        fail_msg("case %zu, %s %s: '%s'", i, a[0], a[1], ids);
        }
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--grep", "hills", NULL), 0);
        ctl_assert_contains(c.out, "2026-05-14");
        assert_null(strstr(c.out, "2026-05-13"));
}

/* Where there is none it is said what was asked for. */
static void test_sessions_none(Harness *h)
{
        static const struct {
                const char *argument[8];
                const char *said;
        } cases[] = {
                { { "--since", "2026-06-01" }, "No session since 2026-06-01.\n" },
                { { "--until", "2020-06-01" }, "No session up to 2020-06-01.\n" },
                { { "--since", "2026-06-01", "--until", "2026-06-02" },
                                "No session from 2026-06-01 to 2026-06-02.\n" },
                { { "--since", "2026-06-01", "--until", "2026-06-01" }, "No session on 2026-06-01.\n" },
                { { "--grep", "hi\033lls" },
                                "No session with 'hi?lls' in its note, kind, verdict, strap or date.\n" },
                { { "--kind", "race", "--until", "2026-06-01", "--grep", "x" },
                                "No session of kind race up to 2026-06-01 with 'x' in its note, kind, verdict, strap or date.\n" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, RUN);

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *const *a = cases[i].argument;

                assert_int_equal(ctl_run(&c, "--database", db, "sessions", a[0], a[1], a[2], a[3], a[4], a[5],
                                                 NULL),
                                0);
                assert_string_equal(c.err, cases[i].said);
                assert_string_equal(c.out, "");
        }
}

static void test_since_days(Harness *h)
{
        static const struct {
                const char *since;
                size_t n;
        } cases[] = { { "today", 1 }, { "0d", 1 }, { "yesterday", 2 }, { "1d", 2 }, { "7d", 3 }, { "1w", 3 },
                { "2w", 4 }, { "36500d", 4 } };
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;
        char sql[512], path[16];
        struct tm tm;
        time_t noon;

        noon = time(NULL);
        assert_non_null(localtime_r(&noon, &tm));
        tm.tm_hour = 12;
        tm.tm_min = tm.tm_sec = 0;
        noon = mktime(&tm);
        (void)snprintf(sql, sizeof(sql),
                        "WITH ago(days) AS (VALUES (0), (1), (7), (8)) INSERT INTO session (source, started_at, ended_at,"
                        " utc_offset_s) SELECT 'strap', (%lld - days * 86400) * 1000, (%lld - days * "
                        "86400) * 1000, %ld FROM ago",
                        (long long)noon, (long long)noon, tm.tm_gmtoff);
        db = ctl_database(h, sql);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", "--since",
                                                 cases[i].since, NULL),
                                0);
                (void)snprintf(path, sizeof(path), "$[%zu]", cases[i].n - 1);
                assert_non_null(ctl_json(&c, path));
                (void)snprintf(path, sizeof(path), "$[%zu]", cases[i].n);
                assert_null(ctl_json(&c, path));
        }
}

static void test_show(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h, RUN OTHERS);
        assert_int_equal(ctl_run(&c, "--database", db, "show", "last", NULL), 0);
        ctl_assert_contains(c.out, "Session 12  Tue 2026-05-12  06:31-07:01  base\n"
                                   "\n"
                                   " 158 ");
        ctl_assert_contains(c.out, "     |06:35       |06:40      |06:45       |06:50      |06:55\n\nLength");
        assert_string_equal(strstr(c.out, "Length"),
                        "Length      30 min 1 s, 28 min 20 s of it with a heart rate\n"
                        "Heart rate  average 138, lowest 92, peak 162\n"
                        "Ceiling     146 bpm (65%hrr), close enough up to 148\n"
                        "Over        1 min 32 s, a breach of 1 min 32 s; easy for 94 %\n"
                        "Load        41.3 TRIMP\n"
                        "Strap       Polar?H10 (A0:9E:1A:12:34:56)\n"
                        "Runner      resting 50, maximum 197\n"
                        "Effort felt 3 of 10\n"
                        "Note        calf\n"
                        "\n"
                        "Zones\n"
                        "  5  182 up      0:00:00   0.0 %\n"
                        "  4  168-182     0:00:00   0.0 %\n"
                        "  3  153-168     0:00:00   0.0 %\n"
                        "  2  138-153     0:14:10  50.0 %  ██████████████████\n"
                        "  1  124-138     0:14:10  50.0 %  ██████████████████\n"
                        "  0  below 124   0:00:00   0.0 %\n"
                        "\n"
                        "Too fast\n"
                        "  AT         LENGTH  PEAK  CEILING\n"
                        "  06:41:00  0:01:32   158      146\n"
                        "\n"
                        "Gaps\n"
                        "  AT         LENGTH\n"
                        "  06:46:00  0:00:12  no heart rate\n");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "3", NULL), 0);
        assert_string_equal(
                        c.out, "Session 3  Sun 2020-09-13  12:26-13:26  long  manual\n\nLength      1 h\n");
}

/* What its beats come to, and how the strap sends them. */
static void test_show_beats(Harness *h)
{
        static const char beats[] =
                        "UPDATE session SET beats_known = 1, rmssd = 12.3456, sdnn = 20.02, pnn50 = 1.25,"
                        " artefact_percent = 2.04, hrr60 = 31.5, record_kind = 'base';"
                        "UPDATE sample SET rr_json = CASE t WHEN 0 THEN NULL ELSE '[400,410,420,430,440]' END;"
                        "INSERT INTO alpha1 VALUES (12, 20000, NULL, 0.5), (12, 40000, 0.91, 0), (12, 60000, 0.5, 1),"
                        " (12, 80000, 0.755, 2);";
        _cleanup_ctl_ Ctl c = { .h = h };
        _cleanup_free_ char *sql = NULL;
        const char *db;

        assert_true(asprintf(&sql, "%s%s", RUN, beats) > 0);
        db = ctl_database(h, sql);
        assert_int_equal(ctl_run(&c, "--database", db, "show", "12", NULL), 0);
        ctl_assert_contains(c.out,
                        "Load        41.3 TRIMP\n"
                        "Recovery    32 bpm down in the first minute after effort\n"
                        "R-R         10 intervals, with 66 % of the heart rates, up to 5 at once; 2 % artefacts\n"
                        "Variability RMSSD 12.3 ms, SDNN 20 ms, pNN50 1.2 %\n"
                        "Alpha1      0.76 in the middle, 0.5 to 0.91; available for 75 % of the time\n"
                        "Strap ");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "12", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.rmssd"), "12.3456");
        assert_string_equal(ctl_json(&c, "$.alpha1[1].alpha1"), "0.91");
        assert_null(ctl_json(&c, "$.alpha1[0].alpha1"));
        assert_string_equal(ctl_json(&c, "$.rr.most_at_once"), "5");

        free(sql);
        sql = NULL;
        assert_int_equal(unlink(db), 0);
        assert_true(asprintf(&sql,
                                    "%s%s"
                                    "UPDATE sensor SET body_location = 'wrist'; UPDATE session SET rmssd = NULL, hrr60 = NULL;"
                                    "UPDATE alpha1 SET alpha1 = NULL, artefact_percent = 30;",
                                    RUN, beats) > 0);
        db = ctl_database(h, sql);
        assert_int_equal(ctl_run(&c, "--database", db, "show", "12", NULL), 0);
        ctl_assert_contains(c.out,
                        "; 2 % artefacts; this device is not worn on the chest, and such ones often work "
                        "intervals out\n"
                        "Alpha1      not available: more than 5 % artefacts\n");
        assert_int_equal(unlink(db), 0);
        db = ctl_database(h, RUN "UPDATE session SET beats_known = 1");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "12", NULL), 0);
        ctl_assert_contains(c.out, "R-R         none: the strap sends no R-R intervals\n");
        assert_int_equal(unlink(db), 0);
        db = ctl_database(h, RUN "UPDATE session SET beats_known = 1, source = 'import'");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "12", NULL), 0);
        ctl_assert_contains(c.out, "R-R         none: the file has no R-R intervals\n");
}

/* Periods against those before, and fitness by day. */
static void test_totals(Harness *h)
{
        static const char runs[] =
                        "INSERT INTO session (source, kind, started_at, ended_at, ceiling, live_s, over_s, trimp)"
                        " SELECT 'strap', 'base', t * 1000, (t + 3600 * (1 + (i = 1))) * 1000, 150, 3600, 360, 50 + i"
                        "   FROM (SELECT i, CAST(strftime('%s', 'now', '-' || (i * 7) || ' days', 'start of day', '+12 hours')"
                        "                        AS INTEGER) AS t"
                        "           FROM (SELECT 0 AS i UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 9));";
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, runs);
        char more[1024];

        assert_int_equal(ctl_run(&c, "--database", db, "totals", NULL), 0);
        ctl_assert_contains(c.out, "Fitness ");
        ctl_assert_contains(c.out, "WEEK        SESSIONS     TIME  CHANGE  LONGEST  EASY  LOAD\n");
        ctl_assert_contains(c.out, "         1  1:00:00   -50 %  1:00:00  90 %    50\n");
        ctl_assert_contains(c.out, "         1  2:00:00  +100 %  2:00:00  90 %    51\n");
        ctl_assert_contains(c.out, "         1  1:00:00          1:00:00  90 %    52\n");
        ctl_assert_contains(c.out, "         1  1:00:00          1:00:00  90 %    59\n");
        assert_int_equal(ctl_run(&c, "--database", db, "totals", "--by", "year", "--json", "--limit", "1",
                                         NULL),
                        0);
        assert_string_equal(ctl_json(&c, "$.by"), "year");
        assert_null(ctl_json(&c, "$.periods[1].sessions"));
        assert_string_equal(ctl_json(&c, "$.days[0].load"), "59");
        ctl_assert_contains(ctl_json(&c, "$.days[0].fitness"), "1.388"); /* 59 x (1 - exp(-1 / 42)) */
        assert_string_equal(ctl_json(&c, "$.days[63].load"), "50");
        assert_null(ctl_json(&c, "$.days[64].load"));

        /* A share of one run in three hours of others is none of the week. */
        assert_int_equal(unlink(db), 0);
        (void)snprintf(more, sizeof(more),
                        "%s INSERT INTO session (source, started_at, ended_at, live_s)"
                        " SELECT 'import', started_at + 4000000, ended_at + 10800000, 10800 FROM session WHERE trimp = 50;",
                        runs);
        db = ctl_database(h, more);
        assert_int_equal(ctl_run(&c, "--database", db, "totals", NULL), 0);
        ctl_assert_contains(c.out, "         2  3:53:20   +94 %  2:53:20          50\n");
        ctl_assert_contains(c.out, "         1  2:00:00  +100 %  2:00:00  90 %    51\n");
        assert_int_equal(ctl_run(&c, "--database", db, "totals", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.periods[0].easy_percent"), "90");
        assert_string_equal(ctl_json(&c, "$.periods[0].ceiling_s"), "3600");
}

static void test_show_marks(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h, RUN
                        "INSERT INTO event (session_id, t, type, value, detail) VALUES"
                        " (12, 960000, 'mark', NULL, 'top of the hill'), (12, 970000, 'step', 2, 'hard'),"
                        " (12, 1000000, 'mark', NULL, ''), (12, 1100000, 'trouble', NULL, 'strap-lost');");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "12", NULL), 0);
        ctl_assert_contains(c.out, "  06:46:00  0:00:12  no heart rate\n"
                                   "\n"
                                   "Marks\n"
                                   "  AT\n"
                                   "  06:47:00  top of the hill\n"
                                   "  06:47:40\n");
}

/* Lines are broken between words, tables fit, and a note of two lines is one paragraph. */
static void test_show_on_a_narrow_terminal(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h, .columns = 40 };
        const char *db;

        db = ctl_database(h,
                        "INSERT INTO session (id, source, kind, started_at, ended_at, ceiling, tolerance, "
                        "  live_s, over_s, breaches, longest_breach_s, note) VALUES (12, 'strap', "
                        "  'cross-training', 1778560260000, 1778562060500, 150, 2, 1700, 92.3, 2, 90, "
                        "  'so easy at first, and then it' || char(10) || 'became \u592a\u5feb\u4e86, "
                        "the hills');"
                        "INSERT INTO event (session_id, t, type, value) VALUES (12, 600000, 'over-limit', 157),"
                        "  (12, 690000, 'back-in-range', 90), (12, 900000, 'stale', NULL),"
                        "  (12, 1798000, 'over-limit', 153);");
        (void)setenv("NO_COLOR", "1", 1);
        assert_int_equal(ctl_run_terminal(&c, "--database", db, "show", "12", NULL), 0);
        (void)unsetenv("NO_COLOR");
        assert_string_equal(c.out, "Session 12  Tue 2026-05-12  04:31-05:01\r\n"
                                   "cross-training\r\n"
                                   "\r\n"
                                   "Length      30 min 1 s, 28 min 20 s of\r\n"
                                   "            it with a heart rate\r\n"
                                   "Ceiling     150 bpm, close enough up to\r\n"
                                   "            152\r\n"
                                   "Over        1 min 32 s in 2 breaches,\r\n"
                                   "            the longest 1 min 30 s; easy\r\n"
                                   "            for 94 %\r\n"
                                   "Note        so easy at first, and then\r\n"
                                   "            it became \u592a\u5feb\u4e86, the hills\r\n"
                                   "\r\n"
                                   "Too fast\r\n"
                                   "  AT            LENGTH  CEILING\r\n"
                                   "  04:41:00     0:01:30      150\r\n"
                                   "  05:00:58  still over      150\r\n"
                                   "\r\n"
                                   "Gaps\r\n"
                                   "  AT\r\n"
                                   "  04:46:00  silent or frozen\r\n");
}

static void test_show_json(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h, RUN);
        assert_int_equal(ctl_run(&c, "--database", db, "show", "12", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.id"), "12");
        assert_string_equal(ctl_json(&c, "$.date"), "2026-05-12");
        assert_string_equal(ctl_json(&c, "$.started_at"), "1778560260000");
        assert_string_equal(ctl_json(&c, "$.avg_bpm"), "138.4");
        assert_string_equal(ctl_json(&c, "$.avg_hr"), "138.44");
        assert_string_equal(ctl_json(&c, "$.address"), "A0:9E:1A:12:34:56");
        assert_string_equal(ctl_json(&c, "$.note"), "calf\n");
        assert_null(ctl_json(&c, "$.talk_test"));
        assert_string_equal(ctl_json(&c, "$.zones[1].zone"), "2");
        assert_string_equal(ctl_json(&c, "$.zones[1].seconds"), "850.125");
        assert_string_equal(ctl_json(&c, "$.zones[1].percent"), "50");
        assert_string_equal(ctl_json(&c, "$.events[2].type"), "gap");
        assert_string_equal(ctl_json(&c, "$.events[2].value"), "11.8");
        assert_string_equal(ctl_json(&c, "$.events[2].t"), "900000");
}

/* The date is that of where it was run; of several the runner chooses. */
static void test_session_by_date(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;
        char sql[256];
        struct tm tm;
        time_t noon = time(NULL);

        assert_non_null(localtime_r(&noon, &tm));
        tm.tm_mday--;
        tm.tm_hour = 12;
        tm.tm_isdst = -1;
        noon = mktime(&tm);
        (void)snprintf(sql, sizeof(sql),
                        "INSERT INTO session (id, source, started_at, ended_at, utc_offset_s) VALUES"
                        " (50, 'strap', %lld000, %lld000, %ld)",
                        (long long)noon, (long long)noon + 600, tm.tm_gmtoff);
        /* 23:30 UTC, which was the 15th where it was. */
        db = ctl_database(h, RUN OTHERS
                        "INSERT INTO session (id, source, kind, started_at, ended_at, utc_offset_s) VALUES"
                        " (30, 'strap', 'base', 1778801400000, 1778803200000, 7200),"
                        " (32, 'strap', NULL, 1778958000000, 1778960712000, 0),"
                        " (31, 'strap', 'recovery', 1778914800000, 1778917200000, 0)");
        {
                sqlite3 *file = NULL;

                assert_int_equal(sqlite3_open(db, &file), SQLITE_OK);
                assert_int_equal(sqlite3_exec(file, sql, NULL, NULL, NULL), SQLITE_OK);
                assert_int_equal(sqlite3_close(file), SQLITE_OK);
        }
        assert_int_equal(ctl_run(&c, "--database", db, "show", "2026-05-12", NULL), 0);
        ctl_assert_contains(c.out, "Session 12 ");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "2026-05-15", NULL), 0);
        ctl_assert_contains(c.out, "Session 30 ");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "yesterday", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.id"), "50");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "1d", NULL), 0);

        assert_int_equal(ctl_run(&c, "--database", db, "show", "2026-05-14", NULL), 4);
        assert_string_equal(c.err, "cardioctl: there is no session on 2026-05-14\n");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "today", NULL), 4);
        assert_int_equal(ctl_run(&c, "--database", db, "show", "2026-05-16", NULL), 2);
        assert_string_equal(c.err, "cardioctl: there are 2 sessions on 2026-05-16, say which: "
                                   "31 (07:00, recovery, 40 min), 32 (19:00, 45 min 12 s)\n");
        assert_string_equal(c.out, "");
}

static void test_no_such_session(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h, "");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "last", NULL), 4);
        ctl_assert_contains(c.err, "no session has been recorded yet");
        assert_int_equal(ctl_run(&c, "--database", db, "show", "99", NULL), 4);
        ctl_assert_contains(c.err, "there is no session 99");
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", NULL), 0);
        assert_string_equal(c.err, "No session yet.\n");
}

/* A session without an end is being recorded if the daemon says so, and was cut off if none runs. */
static void test_unfinished(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        (void)ctl_database(h,
                        "INSERT INTO session (id, source, started_at, live_s, avg_hr, ceiling, over_s, breaches) "
                        "VALUES (43, 'strap', 1778560260000, 61, 120, 145.55, 30, 1);INSERT INTO sample "
                        "(session_id, t, heart_rate, smoothed, zone, contact) VALUES (43, 61000, 120, 120, 0, 1)");
        assert_int_equal(ctl_run(&c, "sessions", "--user", NULL), 0);
        ctl_assert_contains(c.out, "0:01:01");
        ctl_assert_contains(c.out, "interrupted");

        ctl_daemon(&c, BUS_SYSTEM);
        assert_int_equal(ctl_run(&c, "sessions", NULL), 0);
        ctl_assert_contains(c.out, "recording");
        assert_int_equal(ctl_run(&c, "show", "last", NULL), 0);
        ctl_assert_contains(c.out, "Session 43  Tue 2026-05-12  04:31-04:32  recording\n");
        ctl_assert_contains(c.out, "\nOver        30 s in 1 breach; easy for 50 %\n"); /* it goes on */
        c.daemon.session = 0;
        assert_int_equal(ctl_run(&c, "show", "43", NULL), 0);
        ctl_assert_contains(c.out, "interrupted");
}

/* Where the daemon says; without one, the runner's own. */
static void test_where(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        _cleanup_free_ char *line = NULL;
        const char *db;

        assert_int_equal(ctl_run(&c, "db", "--database", "/nowhere/x.db", NULL), 1);
        ctl_assert_contains(
                        c.err, "there is no database at /nowhere/x.db; cardiod creates it when it starts");
        assert_int_equal(ctl_run(&c, "db", "--user", NULL), 1);
        ctl_assert_contains(c.err, CTL_DATABASE);
        assert_string_equal(c.out, "");

        db = ctl_database(h, RUN);
        assert_true(asprintf(&line, "%s\n", db) > 0);
        assert_int_equal(ctl_run(&c, "db", NULL), 0);
        assert_string_equal(c.out, line);
        assert_int_equal(ctl_run(&c, "db", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.path"), db);
        assert_int_equal(ctl_run(&c, "show", "12", NULL), 0);

        ctl_daemon(&c, BUS_SYSTEM);
        c.daemon.database_path = "/nowhere/y.db";
        assert_int_equal(ctl_run(&c, "show", "12", NULL), 1);
        ctl_assert_contains(c.err, "/nowhere/y.db");
        assert_int_equal(ctl_run(&c, "show", "12", "--user", NULL), 0);
        assert_int_equal(c.daemon.n_calls, 0);
}

static void test_refused(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *path = harness_path(h, "text");

        harness_write_file(h, "text",
                        "This is no database, and long enough that nobody could take it for an empty one. "
                        "SQLite reads a hundred bytes before it knows, so here they are, and a few more.");
        assert_int_equal(ctl_run(&c, "sessions", "--database", path, NULL), 1);
        ctl_assert_contains(c.err, "is not a database of cardiod");
        harness_write_file(h, "text", "");
        assert_int_equal(ctl_run(&c, "sessions", "--database", path, NULL), 1);
        ctl_assert_contains(c.err, "is not a database of cardiod");
        assert_int_equal(ctl_run(&c, "sessions", "--database", "/", NULL), 1);
        ctl_assert_contains(c.err, "is not a database of cardiod");

        path = ctl_database(h, "PRAGMA application_id = 7");
        assert_int_equal(ctl_run(&c, "show", "last", "--database", path, NULL), 1);
        ctl_assert_contains(c.err, "is not a database of cardiod");
}

/* The error of a missing table says which version the database belongs to. */
static void test_other_versions(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *path = ctl_database(h, RUN "DROP VIEW sessions; PRAGMA user_version = 99");

        assert_int_equal(ctl_run(&c, "sessions", "--database", path, NULL), 1);
        ctl_assert_contains(c.err, "it is of a newer cardiod, install its cardioctl");
        assert_int_equal(unlink(path), 0);
        path = ctl_database(h, "DROP VIEW sessions; PRAGMA user_version = 0");
        assert_int_equal(ctl_run(&c, "show", "last", "--database", path, NULL), 4);
        assert_int_equal(ctl_run(&c, "show", "1", "--database", path, NULL), 1);
        ctl_assert_contains(c.err, "it is of an older cardiod, and the one that");
}

static void test_damaged(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *path = ctl_database(h, RUN);
        char zeros[3 * 4096] = "";
        FILE *file = fopen(path, "r+e");

        assert_non_null(file);
        assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
        assert_int_equal(fwrite(zeros, sizeof(zeros), 1, file), 1);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(ctl_run(&c, "sessions", "--database", path, NULL), 1);
        ctl_assert_contains(c.err, "is damaged");
        ctl_assert_contains(c.err, "`cardioctl doctor` says what to do");
}

static void test_not_allowed(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        if (getuid() != 0)
                harness_skip(h, "needs root, to be somebody else");
        assert_int_equal(chmod(harness_path(h, "."), 0755), 0);
        db = ctl_database(h, RUN);
        c.as_nobody = true;
        assert_int_equal(chmod(db, 0600), 0);
        assert_int_equal(ctl_run(&c, "sessions", "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "you may not read");

        /* The file may be read, but what WAL needs beside it is not there and may not be made. */
        assert_int_equal(chmod(db, 0644), 0);
        assert_int_equal(ctl_run(&c, "sessions", "--database", db, NULL), 1);
        ctl_assert_contains(c.err, "start cardiod once");
}

/* Nobody's colour codes outside of a terminal; on one they fit its width. */
static void test_terminal(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db;

        db = ctl_database(h, RUN OTHERS
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) INSERT INTO session "
                        "(source, kind, started_at, ended_at, sensor_id) "
                        "SELECT 'strap', 'cross-training', i * 1000, i * 2000, 1 FROM n");
        assert_int_equal(ctl_run_terminal(&c, "--database", db, "sessions", NULL), 0);
        ctl_assert_contains(c.out, "\033[");
        ctl_assert_contains(c.out, "There are more; --limit 0 lists all.");
        assert_int_equal(ctl_run_terminal(&c, "--database", db, "sessions", "--limit", "0", NULL), 0);
        assert_null(strstr(c.out, "There are more"));

        (void)setenv("NO_COLOR", "1", 1);
        assert_int_equal(ctl_run_terminal(&c, "--database", db, "sessions", NULL), 0);
        assert_null(strchr(c.out, '\033'));
        for (const char *line = c.out; *line; line += strcspn(line, "\n") + 1)
                assert_true(strcspn(line, "\r\n") <= 80);
        (void)unsetenv("NO_COLOR");
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", NULL), 0);
        assert_null(strchr(c.out, '\033'));
        assert_null(strstr(c.out, "There are more"));
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_sessions),
                harness_test(test_date_unknown),
                harness_test(test_sessions_selected),
                harness_test(test_sessions_searched),
                harness_test(test_sessions_none),
                harness_test(test_since_days),
                harness_test(test_show),
                harness_test(test_show_beats),
                harness_test(test_totals),
                harness_test(test_show_marks),
                harness_test(test_show_on_a_narrow_terminal),
                harness_test(test_show_json),
                harness_test(test_session_by_date),
                harness_test(test_no_such_session),
                harness_test(test_unfinished),
                harness_test(test_where),
                harness_test(test_refused),
                harness_test(test_other_versions),
                harness_test(test_damaged),
                harness_test(test_not_allowed),
                harness_test(test_terminal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
