/* SPDX-License-Identifier: MIT */

/* What is recorded survives the daemon, and a database that cannot be written for a while: killed, stopped, locked out, with
 * the disk full. What the strap sent is compared with what is stored. By a clock of the test's own. */

#include "run-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define SESSION(end_after, min_duration)                                                            \
        "[sensor]\nstale-after = 2s\n[ceiling]\nhold = 200ms\nclear = 200ms\nrepeat = 0\n"          \
        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\ncool-down = 0s\nend-after " \
        "= " end_after "\n"                                                                         \
        "min-duration = " min_duration "\n"
#define CONFIG(end_after, min_duration) RUN_RUNNER RUN_SMOOTHING SESSION(end_after, min_duration)
#define RUN_BASE_SLOW                   RUN_RUNNER RUN_SMOOTHING COMMIT("5min")
#define COMMIT(interval)                "[storage]\ncommit-interval = " interval "\n"
/* Longer than stale-after, so that the gap is reported. */
#define GAP_USEC (2300 * USEC_PER_MSEC)
/* Longer than end-after. */
#define TOO_LONG_USEC (61 * USEC_PER_SEC)

/* The time on the way to the database, beyond the interval and the time that a busy machine takes. */
#define SLACK_USEC (200 * USEC_PER_MSEC)

/* Starts the daemon with an end-after of a minute; min-duration is an hour. */
static void start_short(Harness *h)
{
        harness_daemon_start(h, CONFIG("1min", "1h") COMMIT("200ms"), DAEMON_SYSTEM);
}

static void start_again(Harness *h)
{
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
}

/* From here on the session that was interrupted must be the one that goes on. */
static void expect_goes_on(Harness *h, int64_t last_t)
{
        int64_t t, at_ms, before_ms, after_ms;

        run_wait_manager(h, "Session", "1");
        run_wait_manager(h, "Recording", "true");
        before_ms = (int64_t)(harness_clock_realtime_usec(h) / USEC_PER_MSEC);
        run_heart_rate(h, 101);
        after_ms = (int64_t)(harness_clock_realtime_usec(h) / USEC_PER_MSEC);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE heart_rate = 101");
        t = run_int(h, "SELECT t FROM sample WHERE heart_rate = 101");
        assert_true(t > last_t);
        at_ms = run_int(h, "SELECT started_at FROM session") + t;
        assert_in_range(at_ms, before_ms - 2, after_ms + 2); /* both are rounded */

        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
        assert_int_equal(run_int(h, "SELECT ended_at IS NULL FROM session"), 1);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'gap'"), 1);
        assert_int_equal(run_int(h,
                                         "SELECT abs(value * 1000 - (%" PRIi64
                                         " - t)) < 3 FROM event WHERE type = 'gap'",
                                         t),
                        1);
        assert_int_equal(run_count(h, "SessionStarted"), 0);
        harness_wait_output(h, harness_daemon(h), true, "Session 1 was interrupted; it goes on*",
                        HARNESS_TIMEOUT);
}

static void test_kill(Harness *h)
{
        usec_t sent_usec[40], killed_usec, lost_usec;
        int64_t last_t;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("500ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 104);
        for (unsigned i = 0; i < ELEMENTSOF(sent_usec); i++) {
                harness_standin(h, "hr " STRAP " %u", 105 + i);
                sent_usec[i] = harness_clock_usec(h);
                harness_clock_pass(h, 35 * USEC_PER_MSEC);
        }
        killed_usec = harness_clock_usec(h);
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        assert_int_equal(run_wait(h, "SessionStarted").session, 1);

        lost_usec = killed_usec - sent_usec[0] - ELEMENTSOF(sent_usec) * 35 * USEC_PER_MSEC;
        for (unsigned i = 0; i < ELEMENTSOF(sent_usec); i++)
                if (sent_usec[i] + 500 * USEC_PER_MSEC + SLACK_USEC + lost_usec < killed_usec)
                        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE heart_rate = %u",
                                                         105 + i),
                                        1);
        assert_int_equal(run_int(h, "SELECT ended_at IS NULL FROM session"), 1);
        last_t = run_int(h, "SELECT max(t) FROM sample");

        harness_clock_pass(h, GAP_USEC);
        start_again(h);
        expect_goes_on(h, last_t);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        run_check_figures(h, 1, &(RunLimits){ .hold = 200, .clear = 200, .stale = 2000, .window = 100 });
}

/* Samples from before the run was detected are far older than a commit-interval: they are stored with its beginning. */
static void test_kill_at_start(Harness *h)
{
        unsigned sent = 0;

        harness_daemon_start(h,
                        RUN_BASE_SLOW
                        "[session]\nstart-above = 100\nstart-after = 500ms\npre-roll = 5s\nend-after = 20s\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        for (unsigned i = 0; i < 5; i++)
                run_heart_rate(h, 80 + i);
        /* The signal comes before the reply that run_heart_rate() waits for: so the last of these is the one that began it. */
        for (; run_count(h, "SessionStarted") == 0; sent++)
                run_heart_rate(h, 120 + sent);
        run_heart_rate(h, 90);
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE heart_rate BETWEEN 80 AND 84"), 5);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE heart_rate >= 120"), sent);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE heart_rate = 90"), 0);

        start_again(h);
        run_wait_manager(h, "Session", "1");
}

static void test_stop(Harness *h)
{
        static const int signals[] = { SIGTERM, SIGINT };
        RunSignal ended;
        int64_t last_t;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("5min"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 110); /* the third begins it */
        for (unsigned i = 1; i < 30; i++)
                harness_standin(h, "hr " STRAP " %u", 110 + i);
        run_heart_rate(h, 140);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);

        /* Nothing is lost, the session is closed, and its end was signalled. */
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 31);
        assert_int_equal(
                        run_int(h, "SELECT ended_at - started_at - (SELECT max(t) FROM sample) FROM session"),
                        0);
        ended = run_wait(h, "SessionEnded");
        assert_int_equal(ended.session, 1);
        assert_string_equal(ended.sensor, STRAP_PATH);
        assert_int_equal(run_wait(h, "SessionStarted").session, 1);
        last_t = run_int(h, "SELECT max(t) FROM sample");
        run_check_figures(h, 1, &(RunLimits){ .hold = 200, .clear = 200, .stale = 2000, .window = 100 });

        harness_clock_pass(h, GAP_USEC);
        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        expect_goes_on(h, last_t);

        /* Again and again, the other signal too, without a heart rate in between. */
        for (unsigned i = 0; i < ELEMENTSOF(signals); i++) {
                assert_int_equal(harness_daemon_stop(h, signals[i]), 0);
                start_again(h);
        }
        run_settle(h, 103);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 35);
        /* Each daemon smooths anew, and the gaps between these are shorter than stale-after. */
        run_check_figures(h, 1, &(RunLimits){ .hold = 200, .clear = 200, .stale = 2000 });
}

/* A breach that the daemon's end cuts off has an end; what follows is another one. */
static void test_stop_in_breach(Harness *h)
{
        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, 250 * USEC_PER_MSEC);
        harness_standin(h, "stream " STRAP " 170");
        run_wait(h, "OverLimit");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        run_wait(h, "BackInRange");
        start_again(h);
        run_wait(h, "OverLimit");

        run_wait_int(h, 2, "SELECT count(*) FROM event WHERE type = 'over-limit'");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        start_again(h);
        run_wait(h, "OverLimit");
        run_call(h, "StopSession", NULL);
        run_wait(h, "BackInRange");
        assert_int_equal(run_int(h, "SELECT breaches FROM session"), 3);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'over-limit'"), 3);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'back-in-range'"), 3);
        assert_int_equal(
                        run_int(h, "SELECT longest_breach_s = (SELECT max(value) FROM event WHERE type = 'back-in-range')"
                                   " FROM session"),
                        1);
}

static void test_too_old(Harness *h)
{
        start_short(h);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_heart_rate(h, 121);
        run_wait_int(h, 2, "SELECT count(*) FROM sample");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_clock_pass(h, TOO_LONG_USEC);

        start_again(h);
        run_wait_manager(h, "Recording", "false");
        /* Closed, and kept although it is shorter than min-duration. */
        assert_int_equal(
                        run_int(h, "SELECT ended_at - started_at - (SELECT max(t) FROM sample) FROM session"),
                        0);
        run_check_figures(h, 1, &(RunLimits){ .hold = 200, .clear = 200, .stale = 2000, .window = 100 });
        run_settle(h, 122);
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE id = 2 AND ended_at IS NULL");
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE session_id = 1"), 2);
}

static void test_strap_stays_away(Harness *h)
{
        RunSignal ended;

        start_short(h);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_heart_rate(h, 121);
        run_wait_int(h, 2, "SELECT count(*) FROM sample");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_standin(h, "leave " STRAP);

        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_clock_pass(h, 50 * USEC_PER_SEC);
        assert_int_equal(run_count(h, "SessionEnded"), 0);
        ended = run_wait(h, "SessionEnded");
        assert_int_equal(ended.session, 1);
        assert_int_equal(ended.realtime_usec,
                        1000 * run_int(h, "SELECT started_at + (SELECT max(t) FROM sample) FROM session"));
        assert_int_equal(run_int(h, "SELECT ended_at * 1000 FROM session"), ended.realtime_usec);
        assert_int_equal(run_count(h, "SessionDiscarded"), 0);
        run_wait_manager(h, "Recording", "false");
}

static void test_by_hand(Harness *h)
{
        static const int signals[] = { SIGKILL, SIGTERM };

        start_short(h);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
        assert_int_equal(run_call(h, "StartSession", "s", "long"), 1);
        run_heart_rate(h, 61);
        run_wait_int(h, 2, "SELECT count(*) FROM sample");
        for (unsigned i = 0; i < ELEMENTSOF(signals); i++) {
                (void)harness_daemon_stop(h, signals[i]);
                start_again(h);
                /* Low effort for longer than end-after: only a session by hand goes on. */
                harness_standin(h, "curve " STRAP " 62 70 2min background");
                harness_clock_pass(h, TOO_LONG_USEC);
                run_wait_manager(h, "Session", "1");
        }
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        assert_int_equal(run_int(h, "SELECT count(*) = 1 AND max(kind) = 'long' FROM session"), 1);
        assert_true(run_int(h, "SELECT count(*) FROM sample") >= 110);
}

/* A ceiling that was set by command outlives the daemon, killed or stopped, as long as its session. */
static void test_ceiling(Harness *h)
{
        static const RunLimits limits = { .hold = 600000, .clear = 15000 };
        static const int signals[] = { SIGTERM, SIGKILL };

        harness_daemon_start(h,
                        RUN_BASE
                        "[ceiling]\nhold = 10min\n[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\n"
                        "end-after = 20s\nmin-duration = 0s\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 130);
        run_command(h, "SetCeiling", "s", "120");
        run_heart_rate(h, 131);
        run_heart_rate(h, 132);
        for (unsigned i = 0; i < ELEMENTSOF(signals); i++) {
                (void)harness_daemon_stop(h, signals[i]);
                start_again(h);
                run_wait_manager(h, "CeilingReason", "set by command");
                run_wait_manager(h, "CeilingExpression", "120");
                run_wait_manager(h, "Ceiling", "120");
                run_heart_rate(h, 133 + i);
        }
        run_call(h, "StopSession", NULL);
        run_wait_manager(h, "CeilingReason", "configuration");
        run_check_figures(h, 1, &limits);
        harness_wait_sql(h,
                        "SELECT group_concat(detail, ' ') FROM (SELECT detail FROM event WHERE type = 'ceiling' ORDER BY t)",
                        "120", HARNESS_TIMEOUT);
        assert_true(run_real(h, "SELECT over_s FROM session") > 0);

        /* Set while nothing is recorded it waits for the next session, however long that takes. */
        run_command(h, "SetCeiling", "s", "110");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        start_again(h);
        run_wait_manager(h, "CeilingExpression", "110");
        run_command(h, "SetCeiling", "s", "");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        start_again(h);
        run_wait_manager(h, "CeilingReason", "configuration");
}

/* The session that it was set for is too old to go on. */
static void test_ceiling_of_old(Harness *h)
{
        start_short(h);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_heart_rate(h, 121);
        run_wait_int(h, 2, "SELECT count(*) FROM sample");
        run_command(h, "SetCeiling", "s", "130");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_clock_pass(h, TOO_LONG_USEC);
        start_again(h);
        run_wait_manager(h, "Recording", "false");
        run_wait_manager(h, "CeilingReason", "configuration");
}

static void test_snooze(Harness *h)
{
        _cleanup_free_ char *until = NULL, *after = NULL;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("5min"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_command(h, "Snooze", "u", 600);
        until = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SnoozedUntil");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        start_again(h);
        after = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SnoozedUntil");
        assert_in_range(llabs(strtoll(until, NULL, 10) - strtoll(after, NULL, 10)), 0, 200000);

        /* Breaches are counted, and there is no alert. */
        for (unsigned i = 0; i < 6; i++)
                run_heart_rate(h, 160 + i);
        run_call(h, "StopSession", NULL);
        assert_true(run_int(h, "SELECT breaches FROM session") > 0);
        assert_int_equal(run_count(h, "OverLimit"), 0);
}

/* Stopped by command while the runner goes on: a restart does not make a session of the rest. */
static void test_stopped(Harness *h)
{
        static const int signals[] = { SIGTERM, SIGKILL };

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("5min"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        for (unsigned i = 0; i < ELEMENTSOF(signals); i++) {
                (void)harness_daemon_stop(h, signals[i]);
                start_again(h);
                run_settle(h, 122 + i);
                run_settle(h, 132 + i);
                run_wait_manager(h, "Recording", "false");
        }
        assert_int_equal(run_call(h, "StartSession", "s", ""), 2);
}

/* Killed in the cool-down: what there was of it before counts. */
static void test_cool_down(Harness *h)
{
        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_heart_rate(h, 121);
        run_settle(h, 90);
        run_wait_int(h, 5, "SELECT count(*) FROM sample");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        start_again(h);
        run_wait_manager(h, "Session", "1");
        run_heart_rate(h, 92);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample"), 2);
        assert_int_equal(run_int(h, "SELECT max(heart_rate) FROM sample"), 121);
}

/* The session had gone over to another strap: it is that one's to go on with. */
static void test_other_strap(Harness *h)
{
        harness_daemon_start(h,
                        RUN_BASE
                        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\nend-after = 20s\n"
                        "switch-after = 300ms\nmin-duration = 0s\n",
                        DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_strap(h, OTHER);
        run_settle(h, 150);
        run_wait(h, "SessionStarted");
        run_pace(h, 250 * USEC_PER_MSEC);
        harness_standin(h, "stream " OTHER " 120");
        run_wait_int(h, 1, "SELECT count(*) >= 2 FROM sample WHERE heart_rate = 120");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_wait_property(h, OTHER_PATH, CARDIO_SENSOR_INTERFACE, "Session", "1", HARNESS_TIMEOUT);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "Session", "0", HARNESS_TIMEOUT);
        run_call(h, "StopSession", NULL);
        assert_string_equal(run_wait(h, "SessionEnded").sensor, OTHER_PATH);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'strap'"), 1);
}

/* -- A database that cannot be written ------------------------------------------------------------------- */

static sqlite3 *database_open(Harness *h, const char *sql)
{
        sqlite3 *db;

        assert_int_equal(sqlite3_open_v2(harness_path(h, "cardiod.db"), &db, SQLITE_OPEN_READWRITE, NULL),
                        SQLITE_OK);
        (void)sqlite3_busy_timeout(db, 10000);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        return db;
}

/* A run that goes on while nothing can be written: alerts come, callers get their answers, rows wait. */
static void run_unwritten(Harness *h)
{
        harness_clear_signals(h);
        for (unsigned i = 0; i < 6; i++)
                run_heart_rate(h, 160 + i);
        assert_int_equal(run_wait(h, "OverLimit").session, 1);
        harness_wait_output(h, harness_daemon(h), true, "*cannot be written, * entries wait in memory*",
                        HARNESS_TIMEOUT);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE heart_rate >= 160"), 0);

        assert_true(harness_call(h, NULL, NULL, "GetSession", "x", INT64_C(1)) >= 0);
        run_refused(h, CARDIO_ERROR_STORAGE, "Session 404 cannot be deleted now*", "DeleteSession", "x",
                        INT64_C(404));
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        run_wait(h, "SessionEnded");
        run_heart_rate(h, 90);
        assert_int_equal(run_call(h, "StartSession", "s", "hard"), 2);
        run_heart_rate(h, 91);
        assert_int_equal(run_int(h, "SELECT count(*) = 1 AND max(ended_at) IS NULL FROM session"), 1);
}

static void expect_written(Harness *h)
{
        _cleanup_free_ char *errors = NULL;

        run_wait_int(h, 2, "SELECT count(*) FROM sample WHERE session_id = 2 AND heart_rate IN (90, 91)");
        assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE session_id = 1 AND heart_rate >= 160"),
                        6);
        assert_int_equal(run_int(h, "SELECT ended_at IS NOT NULL FROM session WHERE id = 1"), 1);
        run_check_figures(h, 1, &(RunLimits){ .hold = 200, .clear = 200, .stale = 2000, .window = 100 });
        harness_wait_output(h, harness_daemon(h), true, "*is written again*", HARNESS_TIMEOUT);
        /* It has said so once, however often it has tried. */
        errors = harness_child_output(h, harness_daemon(h), true);
        assert_null(strstr(strstr(errors, "cannot be written") + 1, "cannot be written"));
}

static void test_locked(Harness *h)
{
        sqlite3 *db;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_int(h, 1, "SELECT count(*) FROM sample");
        db = database_open(h, "BEGIN EXCLUSIVE");
        run_unwritten(h);
        assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        expect_written(h);
        sqlite3_close(db);
}

static void test_disk_full(Harness *h)
{
        struct rlimit limit;
        struct stat st;
        rlim_t before;
        pid_t pid;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_int(h, 1, "SELECT count(*) FROM sample");

        /* The write-ahead log is its longest file, and may not grow. */
        pid = harness_child_pid(harness_daemon(h));
        assert_int_equal(prlimit(pid, RLIMIT_FSIZE, NULL, &limit), 0);
        assert_int_equal(stat(harness_path(h, "cardiod.db-wal"), &st), 0);
        before = limit.rlim_cur;
        limit.rlim_cur = (rlim_t)st.st_size;
        assert_int_equal(prlimit(pid, RLIMIT_FSIZE, &limit, NULL), 0);
        run_unwritten(h);
        limit.rlim_cur = before;
        assert_int_equal(prlimit(pid, RLIMIT_FSIZE, &limit, NULL), 0);
        expect_written(h);
}

/* Locked at the start it does not run, and says what is in the way. */
static void test_start_locked(Harness *h)
{
        _cleanup_free_ char *err = NULL;
        sqlite3 *db;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        db = database_open(h, "BEGIN EXCLUSIVE");
        harness_clock(h)->short_sleeps = true;
        assert_int_equal(harness_daemon_refuse(h, NULL, DAEMON_SYSTEM, &err), 1);
        assert_true(harness_clock(h)->slept_usec >= 2900 * USEC_PER_MSEC); /* it might have been let go */
        run_assert_contains(err, harness_path(h, "cardiod.db"));
        run_assert_contains(err, "busy");
        assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
        sqlite3_close(db);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
}

/* Stopped while another one writes: it waits for its turn, and nothing is lost. */
static void test_stop_locked(Harness *h)
{
        sqlite3 *db;
        Child *daemon;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_int(h, 1, "SELECT count(*) FROM sample");
        daemon = harness_daemon(h);
        db = database_open(h, "BEGIN EXCLUSIVE");
        run_heart_rate(h, 121);
        assert_int_equal(kill(harness_child_pid(daemon), SIGTERM), 0);
        harness_wait_output(h, daemon, true, "Stopping on *", HARNESS_TIMEOUT);
        harness_pass_time(h, 2 * USEC_PER_SEC);
        assert_true(harness_child_is_running(daemon));
        sqlite3_close(db);
        assert_int_equal(harness_daemon_stop(h, 0), 0);
        harness_refute_output(h, daemon, true, "*entries are lost*");
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE session_id = 1 AND heart_rate = 121");

        start_again(h);
        run_heart_rate(h, 122);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE session_id = 1 AND heart_rate = 122");
}

/* -- A reader that holds on ------------------------------------------------------------------------------ */

/* The bytes of an R-R interval's text, in the database or its log. */
static bool bytes_are_gone(Harness *h, void *userdata)
{
        static const char *const names[] = { "cardiod.db", "cardiod.db-wal" };
        const char *needle = userdata;
        bool found = false;

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                FILE *f = fopen(harness_path(h, names[i]), "re");
                static char bytes[16 * 1024 * 1024];
                size_t n;

                assert_non_null(f);
                n = fread(bytes, 1, sizeof(bytes), f);
                assert_true(n < sizeof(bytes));
                fclose(f);
                found = found || memmem(bytes, n, needle, strlen(needle));
        }
        return !found;
}

static void test_reader(Harness *h)
{
        static char needle[] = "54321,12345";
        sqlite3 *db;

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 119);
        harness_standin(h, "hr " STRAP " 120 rr 54321 12345");
        run_wait_int(h, 2, "SELECT count(*) FROM sample");
        db = database_open(h, "BEGIN; SELECT count(*) FROM sample");

        /* It delays nothing. */
        run_heart_rate(h, 121);
        run_wait_int(h, 3, "SELECT count(*) FROM sample");
        run_call(h, "StopSession", NULL);
        assert_false(bytes_are_gone(h, needle));

        harness_standin(h, "leave " STRAP);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "absent", HARNESS_TIMEOUT);
        harness_clock_pass(h, 500 * USEC_PER_MSEC);
        harness_clock(h)->short_sleeps = true;

        /* Deleted at once for every reader, and the reply says that more is to be done; for good as soon as the reader lets
         * go, although nothing happens any more. */
        run_refused(h, CARDIO_ERROR_DELETION_PENDING, "It is deleted, but *", "DeleteSession", "x",
                        INT64_C(1));
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 0);
        harness_wait_output(h, harness_daemon(h), true, "*a reader holds on to the log*", HARNESS_TIMEOUT);
        sqlite3_close(db);
        if (!harness_wait(h, bytes_are_gone, needle, HARNESS_TIMEOUT))
                harness_fail(h, "what was deleted is still in the file");
}

static void test_deleted_bytes(Harness *h)
{
        static char needle[] = "54321,12345";

        harness_daemon_start(h, CONFIG("20s", "0s") COMMIT("200ms"), DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 119);
        harness_standin(h, "hr " STRAP " 120 rr 54321 12345");
        run_heart_rate(h, 121);
        run_call(h, "StopSession", NULL);
        run_heart_rate(h, 80);
        assert_int_equal(run_call(h, "StartSession", "s", ""), 2);
        assert_false(bytes_are_gone(h, needle));
        run_command(h, "DeleteSession", "x", INT64_C(1));
        /* Once the call is answered it is done. */
        assert_true(bytes_are_gone(h, needle));
        assert_int_equal(run_int(h, "SELECT (SELECT count(*) FROM sample WHERE session_id = 1) +"
                                    " (SELECT count(*) FROM event WHERE session_id = 1) +"
                                    " (SELECT count(*) FROM zone_time WHERE session_id = 1)"),
                        0);
        run_refused(h, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session 1", "DeleteSession", "x",
                        INT64_C(1));
        run_refused(h, CARDIO_ERROR_BUSY, "Session 2 is being recorded*", "DeleteSession", "x", INT64_C(2));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_kill),
                harness_clock_test(test_kill_at_start),
                harness_clock_test(test_stop),
                harness_clock_test(test_stop_in_breach),
                harness_clock_test(test_too_old),
                harness_clock_test(test_strap_stays_away),
                harness_clock_test(test_by_hand),
                harness_clock_test(test_ceiling),
                harness_clock_test(test_ceiling_of_old),
                harness_clock_test(test_snooze),
                harness_clock_test(test_stopped),
                harness_clock_test(test_cool_down),
                harness_clock_test(test_other_strap),
                harness_clock_test(test_locked),
                harness_clock_test(test_disk_full),
                harness_clock_test(test_start_locked),
                harness_clock_test(test_stop_locked),
                harness_clock_test(test_reader),
                harness_clock_test(test_deleted_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
