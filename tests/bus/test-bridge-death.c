/* SPDX-License-Identifier: MIT */

/* kill -9 at random moments of cardio-bridge, and now and then of the broker and the daemon, while session after session finishes: as
 * it starts, looks, keeps, sends, and is acknowledged. In the end the broker has taken each finished session, and nothing else; one
 * that it was sent again is the same bytes, and lies on both sides of a death.
 *
 * CARDIO_DEATHS is how many, CARDIO_SEED which; the seed is printed.
 *
 * What was sent and acknowledged is known from a stand-in between bridge and broker, which writes it down before it passes it on:
 * what a broker that is killed had taken is lost with it, and no fault of the bridge's. The daemon's time is the test's, so that
 * a session takes none. */

#include "bridge-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONFIG                                                                            \
        RUN_BASE "[ceiling]\nhold = 100ms\nclear = 100ms\n[session]\nstart-above = 240\n" \
                 "min-duration = 0s\nend-after = 1h\n"

/* What passed, in the order in which it did. life: of bridges and brokers, any death begins another one. */
#define TAP                                                                                                     \
        "CREATE TABLE sent (n INTEGER PRIMARY KEY, connection INTEGER, mid INTEGER, id INTEGER, payload TEXT, " \
        "acknowledged INTEGER DEFAULT 0)"

#define FINISHED "SELECT count(*) FROM session WHERE ended_at IS NOT NULL AND resumable = 0"

typedef struct DeathTest {
        Harness *h;
        Broker broker;
        Bridge bridge;
        ClockShim *clock; /* of the bridge: its disk can hang */
        Child *tap;
        size_t offset; /* how far its output has been read */
        sqlite3 *db;
        int64_t connection;
        unsigned random;
        int64_t lost; /* with a broker: acknowledged, and not passed on to the subscriber */
        unsigned n_bridge, n_broker, n_daemon;
} DeathTest;

static unsigned environment_or(const char *name, unsigned otherwise)
{
        const char *text = getenv(name);

        return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static unsigned random_below(DeathTest *w, unsigned n)
{
        w->random = w->random * 1664525U + 1013904223U;
        return (w->random >> 8) % n;
}

/* -- What passed the stand-in -- */

static void run_sql(DeathTest *w, const char *format, ...)
{
        va_list arguments;
        char *sql;

        va_start(arguments, format);
        sql = sqlite3_vmprintf(format, arguments);
        va_end(arguments);
        assert_non_null(sql);
        if (sqlite3_exec(w->db, sql, NULL, NULL, NULL) != SQLITE_OK)
                harness_fail(w->h, "%s: %s", sql, sqlite3_errmsg(w->db));
        sqlite3_free(sql);
}

/* What the query returns, "" for NULL. To be freed. */
static char *text(DeathTest *w, const char *sql)
{
        sqlite3_stmt *s = NULL;
        const char *found;
        char *copy;

        assert_int_equal(sqlite3_prepare_v2(w->db, sql, -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        found = (const char *)sqlite3_column_text(s, 0);
        copy = strdup(found ? found : "");
        assert_non_null(copy);
        (void)sqlite3_finalize(s);
        return copy;
}

static int64_t figure(DeathTest *w, const char *sql)
{
        _cleanup_free_ char *value = text(w, sql);

        return strtoll(value, NULL, 10);
}

static void take_line(DeathTest *w, const char *line)
{
        static const char topic[] = "cardiod/garage/session ";
        unsigned mid;
        int n = 0;

        if (strncmp(line, "connect ", 8) == 0)
                w->connection++;
        else if (sscanf(line, "publish 1 0 %u %n", &mid, &n) == 1 && n > 0 &&
                        strncmp(line + n, topic, strlen(topic)) == 0)
                run_sql(w, "INSERT INTO sent (connection, mid, id, payload) VALUES (%lld, %u, %Q ->> 'id', %Q)",
                                (long long)w->connection, mid, line + n + strlen(topic),
                                line + n + strlen(topic));
        else if (sscanf(line, "puback %u", &mid) == 1)
                run_sql(w,
                                "UPDATE sent SET acknowledged = 1 WHERE n = (SELECT max(n) FROM sent WHERE connection = %lld"
                                " AND mid = %u)",
                                (long long)w->connection, mid);
}

static void read_tap(DeathTest *w)
{
        _cleanup_free_ char *output = harness_child_output(w->h, w->tap, false);
        char *line, *end;

        for (line = output + w->offset; (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';
                take_line(w, line);
        }
        w->offset = (size_t)(line - output);
}

/* -- Sessions, and deaths -- */

/* Some are annotated a moment later, which changes their rows: what was sent before has to stay as it was. */
static void run_sessions(DeathTest *w, unsigned n)
{
        for (; n > 0; n--) {
                int64_t id = bridge_session(w->h);

                harness_pass_time(w->h, random_below(w, 3) * random_below(w, 8000));
                if (random_below(w, 2) == 0)
                        run_command(w->h, CARDIO_COACH_INTERFACE ".Annotate", "xa{sv}", id, 1, "note", "s",
                                        "a moment later");
        }
        harness_clear_signals(w->h);
}

static void pass_moment(DeathTest *w, unsigned most_ms)
{
        harness_pass_time(w->h, (usec_t)random_below(w, most_ms * 1000));
}

/* Now and then in a sync: else a disk is so quick that next to none dies there. */
static void bridge_dies(DeathTest *w)
{
        w->n_bridge++;
        if (random_below(w, 4) == 0) {
                clock_disk_hangs(w->clock, true);
                run_sessions(w, 1 + random_below(w, 2));
                pass_moment(w, 20);
        }
        assert_int_equal(bridge_stop(&w->bridge, SIGKILL), 128 + SIGKILL);
        clock_disk_hangs(w->clock, false);
        if (random_below(w, 3) == 0)
                run_sessions(w, random_below(w, 3)); /* while it is away */
        bridge_start(&w->bridge);
}

static void daemon_dies(DeathTest *w)
{
        w->n_daemon++;
        /* In the middle of a session, or behind the end of one. */
        if (random_below(w, 2) == 0)
                (void)run_call(w->h, "StartSession", "s", "base");
        assert_int_equal(harness_daemon_stop(w->h, SIGKILL), 128 + SIGKILL);
        pass_moment(w, 30);
        harness_daemon_start(w->h, NULL, DAEMON_SYSTEM);
        harness_standin(w->h, "expect notifying " STRAP " 30s");
        run_heart_rate(w->h, 119);
        if (run_int(w->h, "SELECT count(*) FROM session WHERE ended_at IS NULL") > 0)
                (void)run_call(w->h, "StopSession", NULL);
}

/* What it had taken and not passed on is gone with it, also of brokers before. One that has arrived may not be acknowledged. */
static void broker_dies(DeathTest *w)
{
        _cleanup_free_ char *arrived = NULL, *sql = NULL;

        w->n_broker++;
        broker_stop(&w->broker, SIGKILL);
        read_tap(w);
        arrived = broker_sql(&w->broker,
                        "SELECT coalesce(group_concat(DISTINCT json->>'id'), '') FROM message WHERE leaf = 'session'");
        assert_true(asprintf(&sql, "SELECT count(DISTINCT id) FROM sent WHERE acknowledged AND id NOT IN (%s)",
                                    arrived) > 0);
        w->lost = figure(w, sql);
        if (random_below(w, 2) == 0)
                run_sessions(w, random_below(w, 3));
        broker_start(&w->broker);
}

/* -- The end of it -- */

static bool all_acknowledged(Harness *h, void *userdata)
{
        DeathTest *w = userdata;

        read_tap(w);
        return figure(w, "SELECT count(DISTINCT id) FROM sent WHERE acknowledged") >= run_int(h, FINISHED);
}

static bool outbox_is_empty(Harness *h, void *userdata)
{
        _cleanup_free_ char *outbox = harness_read_file(h, "state-garage/bridge-outbox");

        (void)userdata;
        return strstr(outbox, "\nseen ") && !strstr(outbox, "\nsending ") && !strstr(outbox, "\nwaiting ");
}

static void check(DeathTest *w)
{
        _cleanup_free_ char *arrived = NULL, *other = NULL, *there = NULL, *sent = NULL;
        int64_t finished, repeated;

        if (!harness_wait(w->h, all_acknowledged, w, 8 * HARNESS_TIMEOUT))
                harness_fail(w->h, "%" PRIi64 " of %" PRIi64 " sessions were acknowledged",
                                figure(w, "SELECT count(DISTINCT id) FROM sent WHERE acknowledged"),
                                run_int(w->h, FINISHED));
        if (!harness_wait(w->h, outbox_is_empty, w, 2 * HARNESS_TIMEOUT))
                harness_fail(w->h, "the outbox still has something");
        finished = run_int(w->h, FINISHED);
        there = harness_sql(w->h,
                        "SELECT group_concat(id, ' ') FROM (SELECT id FROM session WHERE ended_at IS NOT NULL"
                        " AND resumable = 0 ORDER BY id)");
        sent = text(w, "SELECT group_concat(id, ' ') FROM (SELECT DISTINCT id FROM sent WHERE acknowledged ORDER BY id)");
        assert_string_equal(sent, there);
        assert_int_equal(figure(w, "SELECT count(DISTINCT id) FROM sent"), finished);
        /* The same bytes, and never twice by one connection. */
        assert_int_equal(figure(w, "SELECT count(*) FROM (SELECT DISTINCT id, payload FROM sent)"), finished);
        assert_int_equal(figure(w, "SELECT count(*) - count(DISTINCT id || ' ' || connection) FROM sent"), 0);
        /* What was acknowledged comes again only where the bridge may have died before it kept that. */
        repeated = figure(w,
                        "SELECT count(*) FROM sent AS a WHERE EXISTS (SELECT 1 FROM sent AS b WHERE b.id = a.id AND b.n < a.n AND"
                        " b.acknowledged)");
        assert_true(repeated <= 32 * (int64_t)w->n_bridge);

        harness_pass_time(w->h, 200 * USEC_PER_MSEC);
        arrived = broker_sql(
                        &w->broker, "SELECT count(DISTINCT json->>'id') FROM message WHERE leaf = 'session'");
        assert_in_range(strtoll(arrived, NULL, 10), finished - w->lost, finished);
        other = broker_sql(&w->broker,
                        "SELECT id FROM (SELECT json->>'id' AS id, count(DISTINCT payload) AS n FROM message"
                        " WHERE leaf = 'session' GROUP BY 1) WHERE n > 1 OR id IS NULL");
        assert_string_equal(other, "");
        print_message("%" PRIi64
                      " sessions, %u deaths of the bridge, %u of the broker, %u of the daemon; sent %" PRIi64
                      " times, %" PRIi64 " of them after an acknowledgement; %" PRIi64
                      " lost with a broker\n",
                        finished, w->n_bridge, w->n_broker, w->n_daemon,
                        figure(w, "SELECT count(*) FROM sent"), repeated, w->lost);
}

static void set_up(DeathTest *w)
{
        BridgeSetup setup;

        w->clock = clock_begin(harness_path(w->h, "bridge-clock"));
        shim_inherit_no_more();
        assert_int_equal(sqlite3_open(":memory:", &w->db), SQLITE_OK);
        run_sql(w, "%s", TAP);
        broker_begin(w->h, BROKER_NO_TLS, &w->broker);
        setup = bridge_to(&w->broker);
        w->tap = broker_standin(w->h, "tap", &w->broker, &setup.port);
        harness_daemon_start(w->h, CONFIG, DAEMON_SYSTEM);
        run_strap(w->h, STRAP);
        run_heart_rate(w->h, 120);
        bridge_configure(&w->bridge, &setup);
        bridge_start(&w->bridge);
        bridge_wait_begun(&w->bridge);
}

static void test_deaths(Harness *h)
{
        unsigned n_deaths = environment_or("CARDIO_DEATHS", 12);
        DeathTest *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        *w = (DeathTest){ .h = h,
                .bridge = { .h = h, .device = "garage", .clock = "bridge-clock", .unready = true },
                .random = environment_or("CARDIO_SEED", (unsigned)time(NULL)) };
        print_message("%u deaths, CARDIO_SEED=%u\n", n_deaths, w->random);
        set_up(w);
        for (unsigned i = 0; i < n_deaths; i++) {
                unsigned which = random_below(w, 12);

                run_sessions(w, random_below(w, 4));
                pass_moment(w, 40);
                if (which == 0)
                        daemon_dies(w);
                else if (which == 1)
                        broker_dies(w);
                else
                        bridge_dies(w);
                pass_moment(w, 60);
        }
        /* One that lives does what is left; another broker may have kept it from trying again at once. */
        bridge_dies(w);
        run_sessions(w, 1);
        check(w);
        (void)sqlite3_close(w->db);
        assert_int_equal(bridge_stop(&w->bridge, SIGTERM), 0);
        clock_end(w->clock);
        bridge_end(&w->bridge);
        broker_end(&w->broker);
        free(w);
}

int main(void)
{
        static const struct CMUnitTest tests[] = { harness_clock_test(test_deaths) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
