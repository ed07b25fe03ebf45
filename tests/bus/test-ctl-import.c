/* SPDX-License-Identifier: MIT */

/* `import`, with the real daemon: that what is stored is what is in the files, each once, and that all else is told, with file and
 * place, and keeps nothing back. What readers make of a file, and what the process that reads one may do, are unit tests. */
#include "ctl-fixture.h"
#include "run-fixture.h"
#include "terminal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define POINT(time, bpm) \
        "<Trackpoint><Time>" time "</Time><HeartRateBpm><Value>" bpm "</Value></HeartRateBpm></Trackpoint>"
#define TCX(activities) \
        "<TrainingCenterDatabase><Activities>" activities "</Activities></TrainingCenterDatabase>"
#define ACTIVITY(sport, day)                                                               \
        "<Activity Sport=\"" sport "\"><Lap><Track>" POINT(day "T08:00:00Z", "120") POINT( \
                        day "T08:00:01Z", "121") POINT(day "T08:00:02Z", "122") "</Track></Lap></Activity>"
#define CSV(day) "time,heart_rate\n" day "T08:00:00Z,120\n" day "T08:00:01Z,121\n" day "T08:00:02Z,122\n"

static void count(Harness *h, const char *sql, int64_t expected)
{
        int64_t found = run_int(h, "%s", sql);

        if (found != expected)
                harness_fail(h, "%s: %lld, not %lld", sql, (long long)found, (long long)expected);
}

static void start_daemon(Harness *h)
{
        harness_daemon_start(h, RUN_BASE, DAEMON_SYSTEM);
}

/* -- The same again -- */

/* Runs that straps have, in all formats: make-runs says which heart rates and intervals are in them. */
static const char *make_runs(Harness *h)
{
        const char *folder = harness_path(h, "made");

        assert_int_equal(mkdir(folder, 0700), 0);
        assert_int_equal(harness_command(h, NULL, NULL, "make-runs", folder), 0);
        return folder;
}

/* The rows of a session as make-runs writes them: those that begin with a word. */
static char *rows_of(Harness *h, int64_t id, const char *word)
{
        char sql[512];

        if (strcmp(word, "record") == 0)
                (void)snprintf(sql, sizeof(sql),
                                "SELECT group_concat('record ' || ((s.started_at + t) / 1000) || ' ' || heart_rate, char(10))"
                                " FROM sample, session s WHERE s.id = session_id AND s.id = %lld",
                                (long long)id);
        else
                (void)snprintf(sql, sizeof(sql),
                                "SELECT group_concat('rr ' || ((s.started_at + t) / 1000) || ' ' || rr, char(10))"
                                " FROM rr, session s WHERE s.id = session_id AND s.id = %lld",
                                (long long)id);
        return harness_sql(h, sql);
}

/* The lines of a text that begin with a word, compared with another one's; of intervals 1 ms is 2/1024 s. */
static void assert_rows(Harness *h, const char *made, const char *stored, const char *word)
{
        long long at = 0, stored_at = 0;
        unsigned value = 0, stored_value = 0, n = 0;
        size_t length = strlen(word);

        for (const char *line = made; line && *line; line = strchr(line, '\n'), line += line != NULL) {
                if (strncmp(line, word, length) != 0 || line[length] != ' ')
                        continue;
                n++;
                assert_int_equal(sscanf(line + length, "%lld %u", &at, &value), 2);
                if (sscanf(stored + length, "%lld %u", &stored_at, &stored_value) != 2)
                        harness_fail(h, "there is no %s number %u", word, n);
                if (stored_at != at || value > stored_value + 1 || stored_value > value + 1)
                        harness_fail(h, "%s number %u is %lld %u, not %lld %u", word, n, stored_at,
                                        stored_value, at, value);
                stored = strchr(stored, '\n') ? strchr(stored, '\n') + 1 : "";
        }
        assert_true(n > 2000);
        assert_int_equal(strlen(stored) > 1, 0);
}

static void test_heart_rates_and_intervals_come_back(Harness *h)
{
        static const struct {
                const char *extension;
                bool has_rr;
        } rows[] = { { "fit", true }, { "tcx", false }, { "csv", true }, { "json", true } };
        const char *folder = make_runs(h);
        _cleanup_free_ char *made = harness_read_file(h, "made/run.rows");
        _cleanup_ctl_ Ctl c = { .h = h };

        start_daemon(h);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *samples = NULL, *intervals = NULL, *path = NULL;

                assert_true(asprintf(&path, "%s/run.%s", folder, rows[i].extension) > 0);
                assert_int_equal(ctl_run(&c, "import", "--keep-overlap", path, NULL), 0);
                assert_string_equal(c.err, "");
                samples = rows_of(h, (int64_t)i + 1, "record");
                assert_rows(h, made, samples, "record");
                intervals = rows_of(h, (int64_t)i + 1, "rr");
                if (rows[i].has_rr)
                        assert_rows(h, made, intervals, "rr");
        }
        count(h, "SELECT count(*) FROM session WHERE source = 'import' AND live_s > 2000", 4);
        /* Of one of ours, what no replay knows. */
        count(h, "SELECT count(*) FROM event WHERE session_id = 4 AND type = 'step'", 6);
        count(h, "SELECT count(*) FROM session WHERE id = 4 AND ceiling = 145.55 AND tolerance = 3", 1);
}

/* -- Once -- */

static void test_nothing_twice(Harness *h)
{
        const char *folder = make_runs(h);
        _cleanup_free_ char *fit = NULL, *tcx = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_true(asprintf(&fit, "%s/run.fit", folder) > 0 && asprintf(&tcx, "%s/run.tcx", folder) > 0);
        start_daemon(h);
        assert_int_equal(ctl_run(&c, "import", fit, NULL), 0);
        ctl_assert_contains(c.out, "2026-05-17 17:30  0:");
        ctl_assert_contains(c.out, " bpm  session 1\n1 session imported.\n`cardioctl show 1` shows it.\n");
        assert_string_equal(c.err, "");

        assert_int_equal(ctl_run(&c, "import", fit, NULL), 1);
        ctl_assert_contains(c.err, "run.fit: the same content is session 1 already");
        ctl_assert_contains(c.out, "Nothing imported, 1 there already.");
        /* From another program, which wrote it down otherwise. */
        assert_int_equal(ctl_run(&c, "import", tcx, NULL), 1);
        ctl_assert_contains(c.err, "run.tcx: ");
        ctl_assert_contains(c.err, "session 1");
        ctl_assert_contains(c.out, "Nothing imported, 1 refused.\nWith --keep-overlap what lies in");
        count(h, "SELECT count(*) FROM session", 1);
        assert_int_equal(ctl_run(&c, "import", "--keep-overlap", "--quiet", tcx, NULL), 0);
        assert_string_equal(c.out, "");
        count(h, "SELECT count(*) FROM session", 2);
        /* In a folder both are no news. */
        assert_int_equal(ctl_run(&c, "import", "--keep-overlap", folder, NULL), 0);
        ctl_assert_contains(c.out, "2 there already");
        assert_string_equal(c.err, "");
        /* One that was deleted may come back. */
        assert_int_equal(ctl_run(&c, "delete", "--yes", "1", NULL), 0);
        assert_int_equal(ctl_run(&c, "import", "--keep-overlap", fit, NULL), 0);
}

static void test_several_activities(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *path = harness_path(h, "all.tcx");

        harness_write_file(h, "all.tcx",
                        TCX(ACTIVITY("Running", "2026-05-17") ACTIVITY("Biking", "2026-05-18")
                                                        ACTIVITY("Running", "1989-05-18")));
        start_daemon(h);
        assert_int_equal(ctl_run(&c, "import", path, NULL), 1);
        ctl_assert_contains(c.err, "all.tcx, activity 3: it begins on 1989-05-18, before 1990");
        ctl_assert_contains(c.out, "2 sessions imported, 1 refused.");
        count(h, "SELECT count(*) FROM session", 2);
        count(h, "SELECT count(*) FROM session WHERE kind = 'cross-training' AND started_at = 1779091200000",
                        1);
        /* Each is known by itself. */
        assert_int_equal(ctl_run(&c, "import", "--json", path, NULL), 1);
        assert_string_equal(ctl_json(&c, "$.known[1].session"), "2");
        assert_string_equal(ctl_json(&c, "$.known[1].activity"), "2");
        assert_string_equal(ctl_json(&c, "$.refused[0].activity"), "3");
}

/* -- Folders -- */

static void make_folder(Harness *h, const char *name)
{
        assert_int_equal(mkdir(harness_path(h, name), 0700), 0);
}

static void test_folder(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *folder = harness_path(h, "export");

        make_folder(h, "export");
        make_folder(h, "export/activities");
        make_folder(h, "export/empty");
        make_folder(h, "export/.cache");
        make_folder(h, "elsewhere");
        harness_write_file(h, "export/activities/2.CSV", CSV("2026-05-18"));
        harness_write_file(h, "export/activities/1.tcx", TCX(ACTIVITY("Running", "2026-05-17")));
        harness_write_file(h, "export/activities/3.gpx", "<gpx><trk><trkseg></trkseg></trk></gpx>");
        harness_write_file(h, "export/activities.csv", "Activity ID,Activity Date\n1,2026-05-17\n");
        harness_write_file(h, "export/profile.json", "{}");
        harness_write_file(h, "export/media.jpg", "no picture");
        harness_write_file(h, "export/Part1.zip", "PK\3\4");
        harness_write_file(h, "export/.cache/4.csv", CSV("2026-05-20"));
        harness_write_file(h, "elsewhere/5.csv", CSV("2026-05-21"));
        assert_int_equal(symlink(harness_path(h, "elsewhere"), harness_path(h, "export/link")), 0);
        assert_int_equal(symlink(harness_path(h, "elsewhere/5.csv"), harness_path(h, "export/5.csv")), 0);
        start_daemon(h);

        assert_int_equal(ctl_run(&c, "import", folder, NULL), 0);
        assert_string_equal(c.err, "");
        ctl_assert_contains(c.out,
                        "2 sessions imported, 1 file without heart rates left out, 7 other files passed over.");
        ctl_assert_contains(c.out, "1 ZIP archive was not looked into: unpack it (`unzip ");
        /* In order of name. */
        count(h, "SELECT count(*) FROM session WHERE id = 1 AND started_at = 1779004800000", 1);
        count(h, "SELECT count(*) FROM session", 2);

        assert_int_equal(ctl_run(&c, "import", "--json", folder, NULL), 0);
        assert_string_equal(ctl_json(&c, "$.known[1].session"), "2");
        assert_null(ctl_json(&c, "$.taken[0]"));
        assert_string_equal(ctl_json(&c, "$.passed_over"), "7");
        assert_int_equal(ctl_run(&c, "import", "--verbose", folder, NULL), 0);
        ctl_assert_contains(c.out, "export/activities/3.gpx: it has no heart rates");
        ctl_assert_contains(c.out, "export/activities/2.CSV: the same content is session 2 already\n");
        ctl_assert_contains(c.out, "export/activities.csv: ");

        assert_int_equal(ctl_run(&c, "import", harness_path(h, "export/empty"), NULL), 0);
        assert_string_equal(c.out,
                        "Nothing imported.\nNo file there has a name that ends in .fit, .tcx, .gpx, .hrm, .csv or .json.\n");

        /* What claims to be a run and is none is told, and keeps no other back. */
        harness_write_file(h, "export/activities/0.fit", "nothing of a run");
        harness_write_file(h, "export/activities/6.csv", CSV("2026-05-22"));
        assert_int_equal(ctl_run(&c, "import", folder, NULL), 1);
        ctl_assert_contains(c.err, "export/activities/0.fit: it is no file of a run");
        ctl_assert_contains(c.out, "1 session imported, 2 there already, 1 refused");
}

/* -- What cannot be -- */

static void test_refused(Harness *h)
{
        static const struct {
                const char *name, *bytes; /* bytes: NULL = there is no such file */
                const char *error;
        } rows[] = {
                { "nowhere.fit", NULL, "nowhere.fit: no such file or directory" },
                { "empty.fit", "", "empty.fit: it is empty" },
                { "words.fit", "words", "words.fit: it is no file of a run; FIT, TCX" },
                { "run.zip", "PK\3\4...", "run.zip: it is a ZIP archive: unpack it" },
                { "run.fit.gz", "\x1f\x8b\x08...", "run.fit.gz: it is packed by gzip" },
                { "cut.tcx", "<TrainingCenterDatabase><Activities><Acti", "cut.tcx: " },
                { "broken.tcx", TCX(ACTIVITY("Running", "2026-05-17") "</Nothing>"),
                                "broken.tcx: line 1, column " },
                { "bomb.gpx", "<gpx><!DOCTYPE a [<!ENTITY b \"bb\">]>&b;</gpx>", "bomb.gpx: line 1" },
                { "names.csv", "a,b\n1,2\n", "names.csv: line 1: no line names a column of heart rates" },
                { "course.gpx", "<gpx></gpx>", "course.gpx: it has no track" },
                { "early.csv", CSV("1989-12-31"), "early.csv: it begins on 1989-12-31, before 1990" },
                { "late.csv", CSV("2999-05-17"),
                                "late.csv: it begins on 2999-05-17, which is still to come" },
                { "long.csv", CSV("2026-05-17") CSV("2026-05-19"),
                                "long.csv: from its first heart rate, on 2026-05-17" },
                { "back.csv", CSV("2036-05-17") CSV("2026-05-19") CSV("2026-05-20"),
                                "back.csv: most of it would be lost: 6 records" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };

        start_daemon(h);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (rows[i].bytes)
                        harness_write_file(h, rows[i].name, rows[i].bytes);
                assert_int_equal(ctl_run(&c, "import", harness_path(h, rows[i].name), NULL), 1);
                ctl_assert_contains(c.err, rows[i].error);
                ctl_assert_contains(c.out, "Nothing imported, 1 refused.");
        }
        assert_int_equal(ctl_run(&c, "import", "/dev/zero", NULL), 1);
        ctl_assert_contains(c.err, "/dev/zero: it is no file");
        assert_int_equal(ctl_run(&c, "import", NULL), 2);
        assert_int_equal(ctl_run(&c, "import", "--quiet", "--verbose", "x", NULL), 2);
        count(h, "SELECT count(*) FROM session", 0);
}

static void test_warned(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        start_daemon(h);
        harness_write_file(h, "odd.csv",
                        CSV("2026-05-17") "2026-05-17T07:00:00Z,120\n2026-05-17T08:00:03Z,251\n");
        assert_int_equal(ctl_run(&c, "import", harness_path(h, "odd.csv"), NULL), 0);
        ctl_assert_contains(c.err, "odd.csv: 1 record whose time goes back, or that has none, is left out\n");
        ctl_assert_contains(c.err, "odd.csv: 1 heart rate outside of 25 to 250 bpm is left out\n");
        count(h, "SELECT count(*) FROM sample", 3);
        /* A run that stops in the middle of its file is a run up to there. */
        harness_write_file(h, "cut.tcx",
                        "<TrainingCenterDatabase><Activities><Activity><Lap><Track>" POINT(
                                        "2026-05-18T08:00:00Z", "120")
                                        POINT("2026-05-18T08:00:01Z", "120") "<Trackp");
        assert_int_equal(ctl_run(&c, "import", harness_path(h, "cut.tcx"), NULL), 0);
        ctl_assert_contains(c.err, "what is whole before it is taken\n");
        count(h, "SELECT count(*) FROM sample WHERE session_id = 2", 2);
}

/* Once is enough to know that the others would fare no better. */
static void test_the_daemon_cannot(Harness *h)
{
        static const struct {
                const char *error, *message, *told;
                int status;
        } rows[] = {
                { CARDIO_ERROR_BUSY, "The disk is full", "cardioctl: the disk is full\n", 1 },
                { SD_BUS_ERROR_UNKNOWN_METHOD, "Unknown method", "cardioctl: this cardiod takes no files",
                                1 },
                { SD_BUS_ERROR_ACCESS_DENIED, "No", "cardioctl: access to cardiod is denied", 3 },
                { SD_BUS_ERROR_NO_REPLY, "Gone", "cardioctl: cardiod did not answer", 3 },
        };
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *folder = harness_path(h, "runs");

        make_folder(h, "runs");
        for (char name[] = "runs/0.csv"; name[5] <= '9'; name[5]++)
                harness_write_file(h, name, CSV("2026-05-17"));
        assert_int_equal(ctl_run(&c, "import", folder, NULL), 3);
        ctl_assert_contains(c.err, "cardiod is not running");
        ctl_daemon(&c, BUS_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                c.daemon.error = rows[i].error;
                c.daemon.error_message = rows[i].message;
                c.daemon.n_calls = 0;
                assert_int_equal(ctl_run(&c, "import", folder, NULL), rows[i].status);
                ctl_assert_contains(c.err, rows[i].told);
                ctl_assert_contains(c.out, "Nothing imported, 10 files not got to.");
                assert_int_equal(c.daemon.n_calls, 1);
        }
}

/* -- Without a daemon, without a file -- */

static void test_dry_run(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *path = harness_path(h, "run.csv");

        harness_write_file(h, "run.csv", CSV("2026-05-17"));
        assert_int_equal(ctl_run(&c, "import", "--dry-run", path, NULL), 0);
        ctl_assert_contains(c.out,
                        "2026-05-17 08:00  0:00:02  run             avg 120 bpm\n1 session would be imported.");
        assert_int_equal(ctl_run(&c, "import", "-n", "--json", path, NULL), 0);
        assert_string_equal(ctl_json(&c, "$.taken[0].heart_rates"), "3");
        assert_null(ctl_json(&c, "$.taken[0].session"));
        assert_string_equal(ctl_json(&c, "$.dry_run"), "1");
        /* A daemon knows what is there. */
        start_daemon(h);
        assert_int_equal(ctl_run(&c, "import", path, NULL), 0);
        harness_write_file(h, "new.csv", CSV("2026-05-18"));
        assert_int_equal(ctl_run(&c, "import", "--dry-run", path, harness_path(h, "new.csv"), NULL), 1);
        ctl_assert_contains(c.err, "run.csv: the same content is session 1 already");
        ctl_assert_contains(c.out, "1 session would be imported, 1 there already.\nNothing was stored.\n");
        count(h, "SELECT count(*) FROM session", 1);
        /* … and what has become a part of another session. */
        harness_write_file(h, "noon.csv", "time,heart_rate\n2026-05-17T12:00:00Z,120\n");
        assert_int_equal(ctl_run(&c, "import", harness_path(h, "noon.csv"), NULL), 0);
        assert_int_equal(ctl_run(&c, "edit", "merge", "1", "2", NULL), 0);
        assert_int_equal(ctl_run(&c, "import", "--dry-run", harness_path(h, "noon.csv"), NULL), 1);
        ctl_assert_contains(c.err, "noon.csv: the same content is session 1 already");
        ctl_assert_contains(c.out, "Nothing would be imported, 1 there already.\n");
}

static void test_standard_input(Harness *h)
{
        static const char program[] = BUILD "/cardioctl";
        const char *const argv[] = { "sh", "-c", "exec \"$0\" import - <\"$1\"", program,
                harness_path(h, "run.csv"), NULL };
        _cleanup_free_ char *out = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        harness_write_file(h, "run.csv", CSV("2026-05-17"));
        start_daemon(h);
        child = harness_spawn(h, "piped", false, argv);
        assert_int_equal(harness_child_end(h, child, 0), 0);
        out = harness_child_output(h, child, false);
        ctl_assert_contains(out, "session 1\n1 session imported.");
        /* On a terminal nothing would ever come. */
        assert_int_equal(ctl_run_terminal(&c, "import", "-", NULL), 2);
}

static void test_local_times(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        start_daemon(h);
        (void)setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        harness_write_file(h, "run.csv", "time,hr\n2026-05-17 08:00:00,120\n2026-05-17 08:00:01,121\n");
        assert_int_equal(ctl_run(&c, "import", harness_path(h, "run.csv"), NULL), 0);
        (void)unsetenv("TZ");
        count(h, "SELECT started_at FROM session", INT64_C(1778997600000));
        count(h, "SELECT utc_offset_s FROM session", 7200);
}

/* -- Progress -- */

#define MANY 30

static void write_many(Harness *h)
{
        make_folder(h, "many");
        for (unsigned i = 1; i <= MANY; i++) {
                char name[32], text[256];

                (void)snprintf(name, sizeof(name), "many/%02u.csv", i);
                (void)snprintf(text, sizeof(text),
                                "time,hr\n2026-06-%02uT08:00:00Z,120\n2026-06-%02uT08:00:01Z,121\n", i, i);
                harness_write_file(h, name, text);
        }
}

static void test_progress(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;

        write_many(h);
        start_daemon(h);
        harness_stop_child(harness_daemon(h));
        t = terminal_run(h, 24, 80, "import", harness_path(h, "many"), NULL);
        terminal_wait(t, 0, "*0 of 30  0 files/s*");
        harness_continue_child(harness_daemon(h));
        assert_int_equal(terminal_wait_end(t), 0);
        /* Many sessions have no lines, and nothing is left of the progress. */
        terminal_wait(t, 0, "30 sessions imported.");
        terminal_wait(t, 1, "`cardioctl sessions` lists them, `cardioctl totals --by year` adds them up.");
        count(h, "SELECT count(*) FROM session", MANY);
}

/* What cardiod has begun is waited for and told; the rest comes with the next attempt. */
static void test_interrupted(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *folder = harness_path(h, "many");

        write_many(h);
        start_daemon(h);
        harness_stop_child(harness_daemon(h));
        t = terminal_run(h, 24, 80, "import", folder, NULL);
        terminal_wait(t, 0, "*0 of 30  0 files/s*");
        terminal_type(t, "\003");
        terminal_wait(t, 0, "*^C*");
        harness_continue_child(harness_daemon(h));
        assert_int_equal(terminal_wait_end(t), 1);
        (void)terminal_find(t, 0, "*1 session imported, 29 files not got to.");
        (void)terminal_find(t, 0, "The same command goes on from here:*");
        count(h, "SELECT count(*) FROM session", 1);
        assert_int_equal(ctl_run(&c, "import", folder, NULL), 0);
        ctl_assert_contains(c.out, "29 sessions imported, 1 there already.");
        assert_string_equal(c.err, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_heart_rates_and_intervals_come_back),
                harness_test(test_nothing_twice),
                harness_test(test_several_activities),
                harness_test(test_folder),
                harness_test(test_refused),
                harness_test(test_warned),
                harness_test(test_the_daemon_cannot),
                harness_test(test_dry_run),
                harness_test(test_standard_input),
                harness_test(test_local_times),
                harness_test(test_progress),
                harness_test(test_interrupted),
        };

        ctl_join_group();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
