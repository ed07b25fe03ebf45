/* SPDX-License-Identifier: MIT */

/* Nothing is lost on the way: what was recorded goes out as a file, is deleted, and comes in again, by the real programs. As JSON
 * every row is the one it was; as FIT, TCX and CSV all that those formats have. A recorded run of a watch in, by files that were
 * made of it, has its known figures, and out again it is read by programs of others; see tests/scripts/test-export-decoders. By a
 * clock of the test's own. */

#include "ctl-fixture.h"
#include "edit-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG                                                                               \
        RUN_BASE                                                                             \
        "[session]\nstart-above = 200\nend-after = 5min\nmin-duration = 0s\npre-roll = 0s\n" \
        "[ceiling]\nhold = 3s\nclear = 2s\nrepeat = 10s\n"

/* -- What is stored -- */

/* All columns of a session but those that say which it is and where it came from. Computed figures to the last bit. */
#define SESSION_COLUMNS                                                                               \
        "kind, started_at, ended_at, utc_offset_s, resting_hr, max_hr, ceiling, ceiling_expression, " \
        "tolerance, zone_model, zone_bounds, live_s, avg_hr, min_hr, peak_hr, over_s, breaches, "     \
        "longest_breach_s, trimp, talk_test, rpe, note, by_hand, sex, record_kind, hard_s, easy_s, "  \
        "day_kind, workout, record_long, verdict, rmssd, sdnn, pnn50, artefact_percent, hrr60, held_hr"
#define SAMPLE_COLUMNS "t, heart_rate, smoothed, zone, contact, rr_json, settled"
#define EVENT_COLUMNS  "t, type, value, detail"

/* The rows, one a line; to be freed. */
static char *rows_of(Harness *h, const char *table, const char *columns, const char *order, int64_t id)
{
        char sql[2048];

        (void)snprintf(sql, sizeof(sql), "SELECT %s FROM %s WHERE %s = %lld ORDER BY %s", columns, table,
                        strcmp(table, "session") == 0 ? "id" : "session_id", (long long)id, order);
        return harness_sql(h, sql);
}

static const struct {
        const char *table, *columns, *order;
} tables[] = {
        { "session", SESSION_COLUMNS, "id" },
        { "sample", SAMPLE_COLUMNS, "t" },
        { "event", EVENT_COLUMNS, "t, id" },
        { "pace", "t, speed, cadence, distance, incline", "t" },
        { "zone_time", "zone, seconds", "zone" },
        { "rr", "t, seq, rr, flag", "t, seq" },
        { "alpha1", "t, alpha1, artefact_percent", "t" },
        { "breach", "began_t, ended_t, seconds, peak_bpm", "began_t" },
};

typedef struct Rows {
        char *of[ELEMENTSOF(tables)];
} Rows;

static void rows_end(Rows *rows)
{
        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                free(rows->of[i]);
}

static void rows_read(Harness *h, int64_t id, Rows *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                ret->of[i] = rows_of(h, tables[i].table, tables[i].columns, tables[i].order, id);
}

/* The first line of two texts that differs. */
static void assert_same(Harness *h, const char *what, const char *before, const char *after)
{
        for (unsigned line = 1; strcmp(before, after) != 0; line++) {
                size_t n = strcspn(before, "\n"), m = strcspn(after, "\n");

                if (n != m || strncmp(before, after, n) != 0)
                        harness_fail(h, "%s, row %u was\n%.*s\nand is\n%.*s", what, line, (int)n, before,
                                        (int)m, after);
                before += n + 1;
                after += n + 1;
        }
}

/* -- A run -- */

/* The strap's heart rate drifts for so long. */
static void drift(Harness *h, unsigned from, unsigned to, unsigned seconds)
{
        harness_standin(h, "curve " STRAP " %u %u %us background", from, to, seconds);
        harness_clock_pass(h, seconds * USEC_PER_SEC);
}

/* With two breaches, a gap, a change of the ceiling, a snooze, marks, and all that a runner says of it. Returns its id. */
static int64_t record(Harness *h, Ctl *c)
{
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, USEC_PER_SEC);
        run_heart_rate(h, 90);
        assert_int_equal(ctl_run(c, "start", "base", NULL), 0);
        drift(h, 90, 160, 40);
        run_command(h, "Mark", "s", "the hill, \"steep\"; =1+1");
        drift(h, 160, 120, 30);
        assert_int_equal(ctl_run(c, "ceiling", "130", NULL), 0);
        drift(h, 125, 140, 20);
        assert_int_equal(ctl_run(c, "snooze", "1min", NULL), 0);
        harness_clock_pass(h, 60 * USEC_PER_SEC); /* nothing comes */
        drift(h, 140, 110, 20);
        run_command(h, "Mark", "s", "");
        assert_int_equal(ctl_run(c, "stop", NULL), 0);
        (void)run_wait(h, "SessionEnded");
        assert_int_equal(ctl_run(c, "log", "1", "--talk-test", "pass", "--rpe", "4", "--note",
                                         "für <Ärzte> & \"so\"", NULL),
                        0);
        run_wait_int(h, 0, "SELECT count(*) FROM session WHERE ended_at IS NULL OR record_kind IS NULL");
        return 1;
}

/* Writes it into a file, deletes it, takes the file in; returns its new id. */
static int64_t there_and_back(Harness *h, Ctl *c, int64_t id, const char *format)
{
        const char *path = harness_path(h, "run");
        char number[24];

        (void)snprintf(number, sizeof(number), "%lld", (long long)id);
        assert_int_equal(ctl_run(c, "export", number, "--format", format, "--force", "-o", path, NULL), 0);
        assert_int_equal(ctl_run(c, "delete", "--yes", number, NULL), 0);
        if (ctl_run(c, "import", path, NULL) != 0)
                harness_fail(h, "%s: %s%s", format, c->out, c->err);
        assert_string_equal(c->err, "");
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE record_kind IS NOT NULL");
        return run_int(h, "SELECT max(id) FROM session");
}

static void test_json_gives_back_every_row(Harness *h)
{
        _cleanup_(rows_end) Rows before = { 0 }, after = { 0 };
        _cleanup_ctl_ Ctl c = { .h = h };
        int64_t id = record(h, &c);

        edit_meddle(h, "INSERT INTO event (session_id, t, type, value) VALUES (1, 20000, 'over-pace', 3.25),"
                       " (1, 50000, 'pace-in-range', 3.5)");
        /* Or nothing would be tested. */
        assert_int_equal(run_int(h, "SELECT count(DISTINCT type) >= 9 FROM event"), 1);
        assert_int_equal(run_int(h, "SELECT breaches >= 2 AND over_s > 10 AND by_hand FROM session"), 1);
        rows_read(h, id, &before);
        id = there_and_back(h, &c, id, "json");
        rows_read(h, id, &after);
        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                assert_same(h, tables[i].table, before.of[i], after.of[i]);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session WHERE source = 'import'"), 1);
}

/* One of another program, of another sport, with all that such files have. */
static void test_json_gives_back_a_run_of_others(Harness *h)
{
        static const char file[] =
                        "<TrainingCenterDatabase><Activities><Activity Sport=\"Biking\"><Lap><Track>"
                        "<Trackpoint><Time>2026-05-17T08:00:00Z</Time><HeartRateBpm><Value>120</Value></HeartRateBpm>"
                        "<DistanceMeters>0</DistanceMeters><Extensions><TPX><Speed>3.3333333333333335</Speed></TPX></Extensions>"
                        "</Trackpoint><Trackpoint><Time>2026-05-17T08:00:01.5Z</Time><DistanceMeters>5.1</DistanceMeters>"
                        "</Trackpoint><Trackpoint><Time>2026-05-17T08:00:03Z</Time><HeartRateBpm><Value>121</Value>"
                        "</HeartRateBpm><DistanceMeters>10</DistanceMeters></Trackpoint></Track></Lap><Notes>to work</Notes>"
                        "<Creator><Name>A watch</Name></Creator></Activity></Activities></TrainingCenterDatabase>";
        _cleanup_(rows_end) Rows before = { 0 }, after = { 0 };
        _cleanup_free_ char *own = NULL, *own_after = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        int64_t id;

        harness_write_file(h, "ride.tcx", file);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        assert_int_equal(ctl_run(&c, "import", harness_path(h, "ride.tcx"), NULL), 0);
        assert_int_equal(run_int(h, "SELECT count(*) FROM pace"), 3);
        rows_read(h, 1, &before);
        own = rows_of(h, "session", "device, sport, source", "id", 1);
        assert_string_equal(own, "A watch|Biking|import");
        id = there_and_back(h, &c, 1, "json");
        rows_read(h, id, &after);
        own_after = rows_of(h, "session", "device, sport, source", "id", id);
        for (size_t i = 0; i < ELEMENTSOF(tables); i++)
                assert_same(h, tables[i].table, before.of[i], after.of[i]);
        assert_string_equal(own, own_after);
}

/* -- The other formats -- */

/* What of the columns a format has. */
static const struct {
        const char *format;
        const char *session, *sample, *event; /* NULL = nothing */
} others[] = {
        /* As what is said is not in it, that of the session is what the heart rates alone give. */
        { "csv", "started_at, ended_at, utc_offset_s, live_s, avg_hr, min_hr, peak_hr, trimp", SAMPLE_COLUMNS,
                        NULL },
        { "tcx",
                        "kind, started_at, ended_at, utc_offset_s, resting_hr, max_hr, ceiling, ceiling_expression,"
                        " tolerance, zone_model, zone_bounds, avg_hr, talk_test, rpe, note, by_hand, sex, day_kind, workout",
                        "t, heart_rate, smoothed, zone", NULL },
        { "fit",
                        "kind, started_at / 1000, ended_at / 1000, utc_offset_s, resting_hr, max_hr, ceiling,"
                        " ceiling_expression, tolerance, zone_model, zone_bounds, talk_test, rpe, note, by_hand, sex,"
                        " day_kind, workout",
                        "((SELECT started_at FROM session WHERE id = session_id) + t) / 1000, heart_rate, json_array_length(rr_json)",
                        NULL },
};

/* Intervals to 1 ms: in 1/1024 s two whole numbers are at most one apart. */
static void assert_intervals(Harness *h, const char *before, const char *after)
{
        unsigned n = 0;

        for (; *before && *after; n++) {
                unsigned long a = strtoul(before, NULL, 10), b = strtoul(after, NULL, 10);

                if (a > b + 1 || b > a + 1)
                        harness_fail(h, "interval %u was %lu and is %lu", n, a, b);
                before += strcspn(before, "\n");
                after += strcspn(after, "\n");
                before += *before == '\n';
                after += *after == '\n';
        }
        assert_true(n > 100);
        assert_string_equal(before, after);
}

static void test_other_formats_give_back_what_they_have(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        int64_t id = record(h, &c);

        for (size_t i = 0; i < ELEMENTSOF(others); i++) {
                /* JSON gives all back for the next one. */
                _cleanup_free_ char *session = rows_of(h, "session", others[i].session, "id", id),
                                    *samples = rows_of(h, "sample", others[i].sample, "t", id),
                                    *intervals = rows_of(h, "rr", "rr", "t, seq", id),
                                    *marks = harness_sql(h, "SELECT count(*) FROM event WHERE type = 'mark'"),
                                    *session_after = NULL, *samples_after = NULL, *intervals_after = NULL,
                                    *marks_after = NULL;
                char number[24];

                (void)snprintf(number, sizeof(number), "%lld", (long long)id);
                assert_int_equal(
                                ctl_run(&c, "export", number, "-f", "-o", harness_path(h, "kept.json"), NULL),
                                0);
                id = there_and_back(h, &c, id, others[i].format);
                session_after = rows_of(h, "session", others[i].session, "id", id);
                samples_after = rows_of(h, "sample", others[i].sample, "t", id);
                intervals_after = rows_of(h, "rr", "rr", "t, seq", id);
                marks_after = harness_sql(h, "SELECT count(*) FROM event WHERE type = 'mark'");
                assert_same(h, others[i].format, session, session_after);
                assert_same(h, others[i].format, samples, samples_after);
                if (strcmp(others[i].format, "tcx") == 0) {
                        assert_string_equal(intervals_after, "");
                } else {
                        assert_intervals(h, intervals, intervals_after);
                        assert_string_equal(marks, marks_after);
                }
                (void)snprintf(number, sizeof(number), "%lld", (long long)id);
                assert_int_equal(ctl_run(&c, "delete", "--yes", number, NULL), 0);
                assert_int_equal(ctl_run(&c, "import", harness_path(h, "kept.json"), NULL), 0);
                id = run_int(h, "SELECT max(id) FROM session");
        }
}

/* -- A foot pod -- */

/* What comes back is what the format has of it, at the times of its records, without the steps of the workout. These keep a pace
 * from the heart rate behind them; once more without them, and from then on nothing changes. */
static void test_how_fast_it_went_comes_back(Harness *h)
{
        static const struct {
                const char *format, *columns;
        } rows[] = {
                { "fit", "t / 1000, speed, cadence, distance, incline" },
                { "tcx", "t, speed, cadence, distance" },
                { "csv", "t, speed, cadence, distance, incline" },
        };
        const char *folder = harness_path(h, "made");
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(mkdir(folder, 0700), 0);
        assert_int_equal(harness_command(h, NULL, NULL, "make-runs", folder), 0);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *path = NULL, *once = NULL, *twice = NULL;
                int64_t n, way, id;

                assert_true(asprintf(&path, "%s/pod.json", folder) > 0);
                assert_int_equal(ctl_run(&c, "import", path, NULL), 0);
                n = run_int(h, "SELECT count(*) FROM pace");
                way = run_int(h, "SELECT round(100 * max(distance)) FROM pace");
                assert_true(n > 2300 && way > 700000);
                id = there_and_back(h, &c, run_int(h, "SELECT max(id) FROM session"), rows[i].format);
                /* But for a few that came within one second. */
                assert_int_equal(run_int(h, "SELECT count(*) > %" PRIi64 " FROM pace", n * 99 / 100), 1);
                assert_int_equal(run_int(h, "SELECT round(100 * max(distance)) FROM pace"), way);
                assert_int_equal(
                                run_int(h, "SELECT count(*) FROM pace WHERE speed IS NULL OR cadence IS NULL"),
                                0);
                id = there_and_back(h, &c, id, rows[i].format);
                once = rows_of(h, "pace", rows[i].columns, "t", id);
                id = there_and_back(h, &c, id, rows[i].format);
                twice = rows_of(h, "pace", rows[i].columns, "t", id);
                assert_same(h, rows[i].format, once, twice);
                assert_int_equal(ctl_run(&c, "delete", "--yes", "last", NULL), 0);
        }
}

/* -- The recording of a watch -- */

static void test_a_recording_has_its_figures(Harness *h)
{
        static const char *const formats[] = { "fit", "tcx", "csv", "json" };
        const char *data = getenv("TEST_DATA"), *folder = harness_path(h, "made");
        char recording[512], records[600];
        _cleanup_free_ char *first = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };

        (void)snprintf(recording, sizeof(recording), "%s/garmin-strap-run", data ? data : TEST_DATA);
        (void)snprintf(records, sizeof(records), "%s/records.csv", recording);
        if (access(records, R_OK) != 0)
                harness_skip(h, "no recording at %s", recording);
        assert_int_equal(mkdir(folder, 0700), 0);
        assert_int_equal(harness_command(h, NULL, NULL, "make-runs", folder, recording), 0);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                _cleanup_free_ char *path = NULL, *samples = NULL;
                int64_t id;

                assert_true(asprintf(&path, "%s/recording.%s", folder, formats[i]) > 0);
                assert_int_equal(ctl_run(&c, "import", path, NULL), 0);
                id = run_int(h, "SELECT max(id) FROM session");
                assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE session_id = %" PRIi64, id),
                                1681);
                assert_int_equal(
                                run_int(h, "SELECT round(avg_hr) FROM session WHERE id = %" PRIi64, id), 158);
                assert_int_equal(run_int(h, "SELECT max(heart_rate) FROM sample WHERE session_id = %" PRIi64,
                                                 id),
                                177);
                assert_int_equal(run_int(h, "SELECT ended_at - started_at FROM session WHERE id = %" PRIi64,
                                                 id),
                                1680000);
                if (strcmp(formats[i], "csv") != 0) /* it does not say whose heart it is */
                        assert_int_equal(
                                        run_int(h, "SELECT abs(trimp - 60.766) < 0.01 FROM session WHERE id = %" PRIi64,
                                                        id),
                                        1);
                /* All but the 16 intervals behind the last heart rate. */
                if (strcmp(formats[i], "tcx") != 0)
                        assert_int_equal(
                                        run_int(h, "SELECT count(*) = 4344 AND abs(sum(rr) / 1024.0 - 1679.19) < 0.1 FROM rr WHERE session_id = %" PRIi64,
                                                        id),
                                        1);
                /* Out again, it is the same. */
                samples = harness_sql(h, "SELECT heart_rate FROM sample ORDER BY t");
                id = there_and_back(h, &c, id, "fit");
                free(first);
                first = harness_sql(h, "SELECT heart_rate FROM sample ORDER BY t");
                assert_same(h, formats[i], samples, first);
                assert_int_equal(ctl_run(&c, "delete", "--yes", "last", NULL), 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_json_gives_back_every_row),
                harness_test(test_json_gives_back_a_run_of_others),
                harness_clock_test(test_other_formats_give_back_what_they_have),
                harness_test(test_how_fast_it_went_comes_back),
                harness_test(test_a_recording_has_its_figures),
        };

        ctl_join_group();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
