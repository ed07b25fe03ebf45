/* SPDX-License-Identifier: MIT */

/* kill -9 at random moments of a run: while packets come, in the middle of a commit, of a command, of the start. After each
 * one the database is undamaged, holds nothing twice and nothing that was not sent, and lacks at most what the daemon
 * received within the last commit-interval; and the run goes on as the same session.
 *
 * CARDIO_DEATHS is how many, CARDIO_SEED which; the seed is printed.
 *
 * What the daemon received, and when, is known from its Measurement signals. They come from the loop that also commits, so
 * no clock of the test's is needed and a slow machine does no harm: what is older by a commit-interval than a heart rate
 * that the loop received before its last ones was due to be committed before those were received. */

#include "run-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INTERVAL_MS 200
/* The loop may serve the bus first in the round in which a commit becomes due. */
#define LAST_ONES 3U

#define CONFIG                                                                                              \
        RUN_RUNNER RUN_SMOOTHING                                                                            \
                        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 5min\nend-after = 1h\n" \
                        "min-duration = 0s\n[storage]\ncommit-interval = 200ms\nsync-interval = 1s\n"

/* Each packet is identified by its R-R interval. */
#define PACKETS_MAX 20000U

typedef struct Packet {
        bool taken;     /* the daemon has signalled it */
        bool lost;      /* missing after a death that may have lost it */
        int64_t at_ms;  /* by the daemon's clock, Unix time */
        unsigned order; /* among those taken */
} Packet;

typedef struct DeathTest {
        Harness *h;
        Packet packet[PACKETS_MAX];
        unsigned n_sent;
        unsigned n_taken;
        int64_t last_ms[LAST_ONES]; /* of those taken, since the daemon was started, the newest first */
        unsigned n_last;
        bool gone; /* the bus has seen the daemon's end, and all its signals have arrived */
        int64_t session;
        int64_t n_sessions;
        bool begun;       /* by hand, and nothing else of it is stored: StopSession has no effect any more */
        int64_t worst_ms; /* loss */
        unsigned n_lost;
} DeathTest;

/* -- Chance -- */

static unsigned environment_or(const char *name, unsigned otherwise)
{
        const char *text = getenv(name);

        return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static unsigned random_below(unsigned *state, unsigned n)
{
        *state = *state * 1664525U + 1013904223U;
        return (*state >> 8) % n;
}

/* -- What the daemon says -- */

static int on_measurement(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
        DeathTest *w = userdata;
        const uint16_t *rr;
        uint64_t at_usec;
        uint16_t heart_rate;
        double smoothed;
        uint8_t zone;
        size_t size;

        assert_true(sd_bus_message_read(m, "tqdy", &at_usec, &heart_rate, &smoothed, &zone) > 0);
        assert_true(sd_bus_message_read_array(m, 'q', (const void **)&rr, &size) > 0);
        assert_int_equal(size, sizeof(rr[0]));
        assert_true(rr[0] < w->n_sent);
        assert_false(w->packet[rr[0]].taken);
        w->packet[rr[0]] =
                        (Packet){ .taken = true, .at_ms = (int64_t)(at_usec / 1000), .order = w->n_taken++ };
        memmove(w->last_ms + 1, w->last_ms, (LAST_ONES - 1) * sizeof(w->last_ms[0]));
        w->last_ms[0] = (int64_t)(at_usec / 1000);
        w->n_last++;
        return 0;
}

static int on_owner_changed(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
        const char *name, *before, *after;
        DeathTest *w = userdata;

        assert_true(sd_bus_message_read(m, "sss", &name, &before, &after) > 0);
        if (!*after)
                w->gone = true;
        return 0;
}

static bool is_gone(_unused_ Harness *h, void *userdata)
{
        return ((DeathTest *)userdata)->gone;
}

/* -- A life -- */

static void start(DeathTest *w)
{
        harness_clear_signals(w->h);
        w->n_last = 0;
        w->gone = false;
        harness_daemon_start(w->h, NULL, DAEMON_SYSTEM);
        run_command(w->h, "Subscribe", NULL);
        harness_standin(w->h, "expect notifying " STRAP " 60s");
}

static void send_packets(DeathTest *w, unsigned n, unsigned *random)
{
        for (; n > 0; n--) {
                assert_true(w->n_sent < PACKETS_MAX);
                harness_standin(w->h, "hr " STRAP " %u rr %u", 110 + random_below(random, 20), w->n_sent++);
                harness_pass_time(w->h, random_below(random, 30) * USEC_PER_MSEC);
        }
}

static void kill_daemon(DeathTest *w)
{
        assert_int_equal(harness_daemon_stop(w->h, SIGKILL), 128 + SIGKILL);
        assert_true(harness_wait(w->h, is_gone, w, 4 * HARNESS_TIMEOUT));
}

/* Killed before it is ready, maybe before it has begun. */
static void die_at_start(DeathTest *w, unsigned *random)
{
        Child *daemon = harness_program_start(w->h, "cardiod", "--config", harness_path(w->h, "cardiod.conf"),
                        "--database", harness_path(w->h, "cardiod.db"));

        harness_pass_time(w->h, random_below(random, 60) * USEC_PER_MSEC);
        assert_int_equal(harness_child_end(w->h, daemon, SIGKILL), 128 + SIGKILL);
}

/* -- What is left of it -- */

static void check_packet(DeathTest *w, unsigned i, bool stored, int64_t must_ms, int64_t newest_ms)
{
        Packet *p = &w->packet[i];

        if (p->lost && stored)
                harness_fail(w->h, "packet %u was lost and is there", i);
        if (stored || !p->taken || p->lost)
                return;
        if (p->at_ms <= must_ms)
                harness_fail(w->h, "packet %u is lost: taken in %" PRIi64 " ms before the last one", i,
                                newest_ms - p->at_ms);
        p->lost = true;
        w->n_lost++;
        if (newest_ms - p->at_ms > w->worst_ms)
                w->worst_ms = newest_ms - p->at_ms;
}

static void check_database(DeathTest *w)
{
        _cleanup_free_ char *whole = harness_sql(w->h, "PRAGMA integrity_check");
        _cleanup_free_ char *numbers = NULL;
        int64_t must_ms = w->n_last >= LAST_ONES ? w->last_ms[LAST_ONES - 1] - INTERVAL_MS : INT64_MIN;
        char *p;

        assert_string_equal(whole, "ok");
        assert_int_equal(run_int(w->h, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
        /* A session by hand begins with the current heart rate, even if that is the last one of the session before. */
        assert_int_equal(run_int(w->h, "SELECT count(*) - count(DISTINCT rr) FROM rr WHERE t > 0 OR "
                                       "(SELECT by_hand FROM session WHERE id = session_id) = 0"),
                        0);
        assert_int_equal(run_int(w->h, "SELECT count(*) FROM session WHERE ended_at IS NULL") <= 1, 1);

        numbers = harness_sql(w->h, "SELECT DISTINCT rr FROM rr ORDER BY rr");
        p = numbers;
        for (unsigned i = 0; i < w->n_sent; i++) {
                char *end;
                bool stored = *p && strtoul(p, &end, 10) == i;

                if (stored)
                        p = *end == '\n' ? end + 1 : end;
                check_packet(w, i, stored, must_ms, w->n_last > 0 ? w->last_ms[0] : 0);
        }
        if (*p)
                harness_fail(w->h, "a packet is there that was not sent: %s", p);
        w->n_last = 0;
}

/* The stored times are those that were signalled: a restart changes none of them. */
static void check_times(DeathTest *w)
{
        _cleanup_free_ char *rows = harness_sql(w->h,
                        "SELECT r.rr, s.started_at + r.t FROM rr AS r JOIN session AS s ON s.id = r.session_id");
        char *p = rows;

        while (*p) {
                unsigned i = (unsigned)strtoul(p, &p, 10);
                int64_t at_ms = strtoll(p + 1, &p, 10);

                if (w->packet[i].taken)
                        assert_in_range(at_ms - w->packet[i].at_ms + 1000, 900, 1100);
                if (*p == '\n')
                        p++;
        }
}

/* The run goes on: the session is the same one, and is recorded to. */
static void check_goes_on(DeathTest *w)
{
        char expected[24];

        (void)snprintf(expected, sizeof(expected), "%" PRIi64, w->session);
        run_wait_manager(w->h, "Session", expected);
        run_wait_manager(w->h, "Recording", w->session > 0 ? "true" : "false");
        assert_int_equal(run_int(w->h, "SELECT count(*) FROM session"), w->n_sessions);
}

/* Ends the session and begins another, killed somewhere on the way. Which of the two calls were carried out shows later. */
static void die_at_command(DeathTest *w, unsigned *random)
{
        sd_bus *bus = harness_bus(w->h, BUS_SYSTEM);
        unsigned n = random_below(random, 3);

        if (n > 0)
                assert_true(sd_bus_call_method_async(bus, NULL, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                            CARDIO_MANAGER_INTERFACE, "StopSession", NULL, NULL, NULL) >= 0);
        if (n > 1)
                assert_true(sd_bus_call_method_async(bus, NULL, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                            CARDIO_MANAGER_INTERFACE, "StartSession", NULL, NULL, "s",
                                            "") >= 0);
        assert_true(sd_bus_flush(bus) >= 0);
        harness_pass_time(w->h, random_below(random, 8) * USEC_PER_MSEC);
        kill_daemon(w);
        /* A session that was begun at the same heart rate that ended the other waits for its first one: there is nothing of
         * it yet, and nothing to go on with. */
        w->n_sessions = run_int(w->h, "SELECT count(DISTINCT session_id) FROM sample");
        w->session = run_int(w->h, "SELECT coalesce(max(id), 0) FROM session WHERE ended_at IS NULL "
                                   "AND EXISTS (SELECT 1 FROM sample WHERE session_id = id)");
        w->begun = run_int(w->h, "SELECT count(*) FROM session WHERE ended_at IS NULL") > 0;
}

static void begin_session(DeathTest *w, unsigned *random)
{
        _cleanup_free_ char *session = NULL;

        send_packets(w, w->begun ? 3 : 1, random); /* without a command it takes three that agree */
        harness_wait_property(w->h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "live", HARNESS_TIMEOUT);
        if (!w->begun) /* the session before was stopped by hand, so this one begins by hand */
                (void)run_call(w->h, "StartSession", "s", "");
        run_wait_manager(w->h, "Recording", "true");
        session = harness_property(w->h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Session");
        assert_non_null(session);
        w->session = strtoll(session, NULL, 10);
        w->n_sessions++;
}

static void test_deaths(Harness *h)
{
        unsigned n_deaths = environment_or("CARDIO_DEATHS", 15);
        unsigned seed = environment_or("CARDIO_SEED", (unsigned)time(NULL)), random = seed;
        DeathTest *w = calloc(1, sizeof(*w));
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);

        assert_non_null(w);
        print_message("%u deaths, CARDIO_SEED=%u\n", n_deaths, seed);
        w->h = h;
        w->session = w->n_sessions = 1;
        w->n_sent = 1; /* 0 is no interval */
        assert_true(sd_bus_match_signal(bus, NULL, NULL, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "Measurement",
                                    on_measurement, w) >= 0);
        assert_true(sd_bus_match_signal(bus, NULL, "org.freedesktop.DBus", NULL, "org.freedesktop.DBus",
                                    "NameOwnerChanged", on_owner_changed, w) >= 0);

        harness_write_file(h, "cardiod.conf", CONFIG);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_command(h, "Subscribe", NULL);
        send_packets(w, 5, &random);
        run_wait_manager(h, "Session", "1");
        for (unsigned i = 0; i < n_deaths; i++) {
                send_packets(w, 3 + random_below(&random, 40), &random);
                if (random_below(&random, 8) == 0)
                        die_at_command(w, &random);
                else
                        kill_daemon(w);
                check_database(w);
                for (; random_below(&random, 6) == 0 && i < n_deaths; i++) {
                        die_at_start(w, &random);
                        check_database(w);
                }
                start(w);
                check_goes_on(w);
                if (w->session == 0)
                        begin_session(w, &random);
        }
        send_packets(w, 1, &random);
        run_call(h, "StopSession", NULL);
        check_database(w);
        check_times(w);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session WHERE ended_at IS NULL"), 0);
        print_message("%u packets sent, %u taken in, %u lost, the oldest of them %" PRIi64
                      " ms before a death\n",
                        w->n_sent - 1, w->n_taken, w->n_lost, w->worst_ms);
        free(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { harness_test(test_deaths) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
