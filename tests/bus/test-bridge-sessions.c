/* SPDX-License-Identifier: MIT */

/* Finished sessions reach the broker once each, whoever was away, stopped or killed meanwhile; what is live does not wait. With the
 * real daemon, whose time is the test's, and a real broker. test-bridge-death.c has random moments. */

#include "bridge-fixture.h"
#include "import-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG \
        RUN_BASE "[ceiling]\nhold = 100ms\nclear = 100ms\n[session]\nstart-above = 240\nmin-duration = 0s\n"

#define ONLINE  "topic = 'cardiod/garage/availability' AND payload = 'online'"
#define SESSION "topic = 'cardiod/garage/session'"

static void begin(Harness *h, Broker *broker)
{
        broker_begin(h, BROKER_GOOD, broker);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 120);
}

static void start(Broker *broker, Bridge *b)
{
        const BridgeSetup setup = bridge_to(broker);

        bridge_configure(b, &setup);
        bridge_start(b);
        bridge_wait_begun(b);
        free(broker_wait(broker, 2 * HARNESS_TIMEOUT, ONLINE));
}

static void expect_session(Broker *broker, int64_t id)
{
        free(broker_wait(broker, 2 * HARNESS_TIMEOUT, SESSION " AND json->>'id' = %" PRIi64, id));
}

/* These have come, in all, each once. */
static void expect_sessions(Broker *broker, const char *expected)
{
        _cleanup_free_ char *got = NULL;

        harness_pass_time(broker->h, 300 * USEC_PER_MSEC);
        got = broker_sql(broker,
                        "SELECT group_concat(json->>'id', ' ') FROM (SELECT * FROM message WHERE " SESSION
                        " ORDER BY n)");
        assert_string_equal(got, expected);
        assert_int_equal(broker_count_all(broker, SESSION " AND (retained OR qos <> 1 OR json IS NULL)"), 0);
}

/* Members of one JSON document that the other one has with another value, or not at all. */
static void assert_same_members(Harness *h, const char *got, const char *expected)
{
        static const char sql[] =
                        "SELECT coalesce(group_concat(key || ': ' || coalesce(value, 'null') || ', not ' || "
                        "coalesce(json_extract(?1, '$.' || key), 'null'), '; '), '') FROM json_each(?2)"
                        " WHERE json_type(?1, '$.' || key) IS NOT type OR json_extract(?1, '$.' || key) IS NOT value";
        sqlite3 *db = NULL;
        sqlite3_stmt *s = NULL;
        const char *different;

        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_bind_text(s, 1, got, -1, SQLITE_STATIC), SQLITE_OK);
        assert_int_equal(sqlite3_bind_text(s, 2, expected, -1, SQLITE_STATIC), SQLITE_OK);
        if (sqlite3_step(s) != SQLITE_ROW)
                harness_fail(h, "%s: %s, %s", sqlite3_errmsg(db), got, expected);
        different = (const char *)sqlite3_column_text(s, 0);
        if (*different)
                harness_fail(h, "%s in: %s", different, got);
        (void)sqlite3_finalize(s);
        (void)sqlite3_close(db);
}

/* What was there before the first start is not sent, nor what was not heard from a strap; what comes is what cardioctl prints. */
static void test_first_start(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        _cleanup_free_ char *payload = NULL, *printed = NULL;
        int64_t id;
        char *row;

        begin(h, &broker);
        assert_int_equal(bridge_session(h), 1);
        assert_int_equal(bridge_session(h), 2);
        start(&broker, &b);
        assert_int_equal(import_run(h, 1, import_moment(-3, 7), 30, 130), 3);
        id = bridge_session(h);
        assert_int_equal(id, 4);
        payload = broker_wait(&broker, 2 * HARNESS_TIMEOUT,
                        SESSION " AND json->>'id' = 4 AND json->>'device' = 'garage'");
        expect_sessions(&broker, "4");

        assert_int_equal(harness_ctl(h, &printed, NULL, "sessions", "--json", "--limit", "1"), 0);
        row = strchr(printed, '{');
        assert_non_null(row);
        *strrchr(row, ']') = '\0';
        assert_same_members(h, payload, row);
}

/* The broker is away for a whole run: the session arrives afterwards, once, and no heart rate and no event of it. */
static void test_away(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        int64_t id;

        begin(h, &broker);
        start(&broker, &b);
        broker_stop(&broker, SIGTERM);
        bridge_wait_status(&b, "*not connected*", HARNESS_TIMEOUT);
        run_heart_rate(h, 111);
        id = bridge_session(h);
        bridge_wait_status(&b, "*not connected*1 session wait*", HARNESS_TIMEOUT);
        run_heart_rate(h, 95);
        broker_start(&broker);
        expect_session(&broker, id);
        expect_sessions(&broker, "1");
        assert_int_equal(
                        broker_count_all(&broker,
                                        "leaf = 'state' AND (json->>'heart_rate' IN (111, 118, 122) OR json->>'recording')"),
                        0);
        assert_int_equal(broker_count_all(&broker, "leaf = 'event'"), 0);
        /* What is now is there again. */
        broker.taken = 0;
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, "leaf = 'state' AND json->>'heart_rate' = 95"));
        bridge_wait_status(&b, "*connected to 127.0.0.1:*", HARNESS_TIMEOUT);
}

/* Each of the three is started again, in order and by a death, before, while and after there is something to send. */
static void test_restarts(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };

        begin(h, &broker);
        start(&broker, &b);
        expect_session(&broker, bridge_session(h)); /* 1 */

        /* The bridge: what ends while it does not run arrives when it does, and nothing a second time. */
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
        assert_int_equal(bridge_session(h), 2);
        bridge_start(&b);
        expect_session(&broker, 2);
        assert_int_equal(bridge_stop(&b, SIGKILL), 128 + SIGKILL);
        assert_int_equal(bridge_session(h), 3);
        assert_int_equal(bridge_session(h), 4);
        bridge_start(&b);
        expect_session(&broker, 3);
        expect_session(&broker, 4);

        /* The daemon. */
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        expect_session(&broker, bridge_session(h)); /* 5 */
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");

        /* The broker, and with it the bridge. */
        broker_stop(&broker, SIGKILL);
        assert_int_equal(bridge_session(h), 6);
        assert_int_equal(bridge_stop(&b, SIGKILL), 128 + SIGKILL);
        bridge_start(&b);
        broker_start(&broker);
        expect_session(&broker, 6);
        expect_sessions(&broker, "1 2 3 4 5 6");
}

static bool waits_for_second(Harness *h, void *userdata)
{
        _cleanup_free_ char *outbox = harness_read_file(h, "state-garage/bridge-outbox");

        (void)userdata;
        return strstr(outbox, "\nwaiting 2\n");
}

/* What is sent is what the disk has: while that hangs nothing goes out, and who dies then has sent nothing else before. */
static void test_durable(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage", .clock = "bridge-clock" };
        ClockShim *clock = clock_begin(harness_path(h, "bridge-clock"));

        shim_inherit_no_more();
        begin(h, &broker);
        start(&broker, &b);
        expect_session(&broker, bridge_session(h));
        assert_int_equal(run_call(h, "StartSession", "s", "base"), 2);
        run_settle(h, 121);
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
        bridge_start(&b);
        if (!harness_wait(h, waits_for_second, NULL, 2 * HARNESS_TIMEOUT))
                harness_fail(h, "the outbox has no session that goes on");
        clock_disk_hangs(clock, true);
        assert_int_equal(run_call(h, "StopSession", NULL), 2);
        broker_refute(&broker, 700 * USEC_PER_MSEC, SESSION);
        assert_int_equal(bridge_stop(&b, SIGKILL), 128 + SIGKILL);
        run_command(h, CARDIO_COACH_INTERFACE ".Annotate", "xa{sv}", INT64_C(2), 1, "note", "s", "later");
        clock_disk_hangs(clock, false);
        bridge_start(&b);
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT,
                        SESSION " AND json->>'id' = 2 AND json->>'note' = 'later'"));
        expect_sessions(&broker, "1 2");
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
        clock_end(clock);
}

/* The runner's own daemon and bridge. */
static void test_user(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage", .user = true };

        broker_begin(h, BROKER_GOOD, &broker);
        harness_daemon_start(h, CONFIG, DAEMON_USER);
        run_strap(h, STRAP);
        run_heart_rate(h, 120);
        start(&broker, &b);
        assert_true(harness_call(h, NULL, NULL, "StartSession", "s", "base") >= 0);
        run_settle(h, 121);
        assert_true(harness_call(h, NULL, NULL, "StopSession", NULL) >= 0);
        expect_session(&broker, 1);
        expect_sessions(&broker, "1");
        assert_int_equal(access(bridge_state_path(&b, "bridge-outbox"), F_OK), 0);
}

/* A session that the broker's rules forbid waits, and is sent once they allow it. */
static void test_forbidden(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        BridgeSetup setup;
        int64_t id;

        begin(h, &broker);
        setup = bridge_to(&broker);
        setup.username = "stranger";
        bridge_configure(&b, &setup);
        bridge_start(&b);
        bridge_wait_begun(&b);
        id = bridge_session(h);
        harness_wait_output(h, broker.child, true, "*Denied PUBLISH*cardiod/garage/session*",
                        2 * HARNESS_TIMEOUT);
        bridge_wait_status(&b, "*1 session wait*", HARNESS_TIMEOUT);
        harness_wait_output(h, b.child, true, "*[Nn]ot authori[sz]ed*", HARNESS_TIMEOUT);
        bridge_wait_status(&b, "connected to *; it has refused *[Nn]ot authori[sz]ed; 1 session waits",
                        HARNESS_TIMEOUT);
        broker_refute(&broker, 100 * USEC_PER_MSEC, "1");
        setup.username = NULL;
        bridge_configure(&b, &setup);
        (void)kill(harness_child_pid(b.child), SIGHUP);
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, ONLINE));
        expect_session(&broker, id);
        expect_sessions(&broker, "1");
        bridge_wait_status(&b, "connected to 127.0.0.1:*[0-9]", HARNESS_TIMEOUT);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_clock_test(test_first_start),
                harness_clock_test(test_away),
                harness_clock_test(test_restarts),
                harness_clock_test(test_durable),
                harness_clock_test(test_user),
                harness_clock_test(test_forbidden),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
