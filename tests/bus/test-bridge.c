/* SPDX-License-Identifier: MIT */

/* What cardio-bridge publishes while it and the broker are well: states, events, availability, Home Assistant's discovery. With
 * the real daemon, a strap and a real broker, by TLS; time is an input where it is long. */

#include "bridge-fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG                                                                    \
        RUN_BASE "[ceiling]\nhold = 1s\nclear = 1s\n[sensor]\nstale-after = 4s\n" \
                 "[session]\nstart-above = 240\nmin-duration = 0s\n"

/* Of a strap that is not live only its state is told. */
#define NO_FIGURES                                                                                 \
        "json_type(json, '$.heart_rate') = 'null' AND json_type(json, '$.smoothed') = 'null' AND " \
        "json_type(json, '$.zone') = 'null' AND json_type(json, '$.contact') = 'null' AND "        \
        "json_type(json, '$.battery') = 'null'"

#define STATE  "topic = 'cardiod/garage/state'"
#define EVENT  "topic = 'cardiod/garage/event' AND json->>'device' = 'garage' AND json->>'event' = "
#define ONLINE "topic = 'cardiod/garage/availability' AND payload = 'online'"

static void begin(Harness *h, Broker *broker, Bridge *b)
{
        BridgeSetup setup;

        broker_begin(h, BROKER_GOOD, broker);
        setup = bridge_to(broker);
        setup.discovery = true;
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        bridge_configure(b, &setup);
        bridge_start(b);
        free(broker_wait(broker, 2 * HARNESS_TIMEOUT, ONLINE));
}

/* A packet of that heart rate each 250 ms. */
static void beat(Harness *h, unsigned heart_rate)
{
        harness_standin(h, "stream " STRAP " %u", heart_rate);
}

/* The state that says so has come, and next to no time has passed for it. */
static void expect_at_once(Broker *broker, const char *condition)
{
        usec_t before_usec = harness_clock_usec(broker->h);

        free(broker_wait(broker, HARNESS_TIMEOUT, STATE " AND %s", condition));
        if (harness_clock_usec(broker->h) - before_usec > 900 * USEC_PER_MSEC * run_scale())
                harness_fail(broker->h, "it has taken %" PRIu64 " ms: %s",
                                (harness_clock_usec(broker->h) - before_usec) / USEC_PER_MSEC, condition);
}

static void expect_pace(
                Broker *broker, Bridge *b, usec_t usec, const char *condition, unsigned least, unsigned most)
{
        unsigned n;

        broker_forget(broker);
        bridge_pass(b, usec);
        harness_pass_time(broker->h, 200 * USEC_PER_MSEC);
        n = broker_count(broker, STATE " AND %s", condition);
        if (n < least || n > most) {
                _cleanup_free_ char *all =
                                broker_sql(broker, "SELECT payload FROM message WHERE leaf = 'state'");

                harness_fail(broker->h, "there were %u states in %" PRIu64 " s, expected %u to %u: %s\n%s", n,
                                usec / USEC_PER_SEC, least, most, condition, all);
        }
        assert_int_equal(broker_count(broker, STATE), n);
}

static void test_run(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage", .clock = "clock" };
        _cleanup_free_ char *retained = NULL, *state = NULL;
        char *event;

        begin(h, &broker, &b);
        free(broker_wait(&broker, HARNESS_TIMEOUT, STATE " AND json->>'state' = 'absent' AND " NO_FIGURES));
        run_strap(h, STRAP);
        harness_standin(h, "battery " STRAP " 80");
        run_pace(h, 250 * USEC_PER_MSEC);
        beat(h, 120);
        harness_pass_until_property(
                        h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "live", 20 * USEC_PER_SEC);
        expect_at_once(&broker, "json->>'state' = 'live'");

        /* A figure a second, whatever the strap's pace. */
        expect_pace(&broker, &b, 10 * USEC_PER_SEC,
                        "json->>'state' = 'live' AND json->>'heart_rate' = 120 AND json->>'smoothed' = 120 AND "
                        " json->>'zone' = 0 AND abs(json->>'ceiling' - 145.55) < 0.01 AND "
                        "json->>'over' = 0 AND json->>'recording' = 0 AND json_type(json, '$.session') = 'null' AND "
                        "json->>'strap' = 'Strap 01' AND json->>'battery' = 80",
                        8, 11);

        /* Changes come at once. */
        (void)run_call(h, "StartSession", "s", "base");
        expect_at_once(&broker, "json->>'recording' = 1 AND json->>'session' = 1");
        broker.taken = 0;
        event = broker_wait(&broker, HARNESS_TIMEOUT, EVENT "'session-started' AND json->>'session' = 1");
        free(event);
        beat(h, 165);
        (void)run_wait(h, "OverLimit");
        expect_at_once(&broker, "json->>'over' = 1");
        broker.taken = 0;
        free(broker_wait(&broker, HARNESS_TIMEOUT,
                        EVENT
                        "'over-limit' AND json->>'session' = 1 AND json->>'ceiling' BETWEEN 145 AND 148 AND qos = 1 AND "
                        "json->>'time' GLOB '20[0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]*Z'"));

        /* One that begins in the midst of it knows of it, too. */
        broker_forget(&broker);
        assert_int_equal(kill(harness_child_pid(b.child), SIGHUP), 0);
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, ONLINE));
        state = broker_wait(&broker, 2 * HARNESS_TIMEOUT, STATE " AND json->>'recording' = 1");
        run_assert_contains(state, "\"over\":true");
        broker_forget(&broker);
        beat(h, 120);
        (void)run_wait(h, "BackInRange");
        expect_at_once(&broker, "json->>'over' = 0");
        broker.taken = 0;
        free(broker_wait(&broker, HARNESS_TIMEOUT,
                        EVENT "'back-in-range' AND json->>'session' = 1 AND qos = 1"));
        broker_forget(&broker);
        (void)run_call(h, "StopSession", NULL);
        expect_at_once(&broker, "json->>'recording' = 0 AND json_type(json, '$.session') = 'null'");
        broker.taken = 0;
        free(broker_wait(&broker, HARNESS_TIMEOUT,
                        EVENT "'session-ended' AND json->>'session' = 1 AND qos = 1"));
        free(broker_wait(&broker, HARNESS_TIMEOUT,
                        "topic = 'cardiod/garage/session' AND json->>'id' = 1 AND json->>'device' = 'garage' AND qos = 1"));

        /* The strap is silent: that is told, and no heart rate that is not one. */
        broker_forget(&broker);
        harness_standin(h, "stop " STRAP);
        harness_pass_until_property(
                        h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "stale", 20 * USEC_PER_SEC);
        expect_at_once(&broker, "json->>'state' = 'stale' AND " NO_FIGURES);
        /* Twice, and whatever else becomes of it while the daemon tries to get it back. */
        expect_pace(&broker, &b, 65 * USEC_PER_SEC, "json->>'state' <> 'live' AND " NO_FIGURES, 2, 8);
        harness_standin(h, "leave " STRAP);
        harness_pass_until_property(
                        h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "absent", 20 * USEC_PER_SEC);
        expect_at_once(&broker, "json->>'state' = 'absent' AND " NO_FIGURES);

        /* Without a daemon nothing is known, and the bridge is there. */
        broker_forget(&broker);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        expect_at_once(&broker,
                        "json->>'state' = 'absent' AND json_type(json, '$.ceiling') = 'null' AND json->>'recording' = 0 AND "
                        "json_type(json, '$.strap') = 'null' AND json_type(json, '$.session') = 'null' AND " NO_FIGURES);
        assert_int_equal(broker_count_all(&broker, "payload = 'offline'"), 1); /* when it was reloaded */

        /* No heart rate is kept for whoever comes later, nor anything but what has to be. */
        assert_int_equal(broker_count_all(&broker, STATE " AND (qos <> 0 OR retained)"), 0);
        retained = broker_retained(&broker);
        run_assert_contains(retained, "cardiod/garage/availability online\n");
        run_assert_contains(retained, "homeassistant/device/");
        assert_string_equal(strchr(strchr(retained, '\n') + 1, '\n'), "\n"); /* two lines */
}

/* Heart rates are health data: they are in no log. */
static void test_log(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        _cleanup_free_ char *log = NULL;

        begin(h, &broker, &b);
        run_strap(h, STRAP);
        run_settle(h, 137);
        free(broker_wait(&broker, HARNESS_TIMEOUT, STATE " AND json->>'heart_rate' = 137"));
        log = harness_child_output(h, b.child, true);
        if (strstr(log, "137") || strstr(log, BROKER_PASSWORD))
                harness_fail(h, "the log says what it should not: %s", log);
}

/* -- Home Assistant -- */

#define DISCOVERY "topic GLOB 'homeassistant/device/*/config' AND qos = 1"

static void test_discovery(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        _cleanup_free_ char *first = NULL, *second = NULL, *components = NULL, *wrong = NULL;

        begin(h, &broker, &b);
        first = broker_wait(&broker, HARNESS_TIMEOUT,
                        DISCOVERY
                        " AND json_type(json, '$.device.identifiers') IN ('array', 'text') AND "
                        "json_type(json, '$.device.name') = 'text' AND json_type(json, '$.origin.name') = 'text'");
        assert_int_equal(broker_count_all(&broker,
                                         "topic GLOB 'homeassistant/device/*[^A-Za-z0-9_-]*/config'"),
                        0);
        components = broker_sql(&broker,
                        "SELECT c.value->>'platform' FROM message, json_each(message.json->'components') AS c WHERE " DISCOVERY
                        " AND n = (SELECT min(n) FROM message WHERE " DISCOVERY ") ORDER BY 1");
        assert_string_equal(components, "binary_sensor\nbinary_sensor\nsensor\nsensor\nsensor\nsensor");
        wrong = broker_sql(&broker,
                        "SELECT c.key FROM message, json_each(message.json->'components') AS c WHERE " DISCOVERY
                        " AND (c.value->>'expire_after' IS NOT 90 OR c.value->>'unique_id' IS NULL OR"
                        " coalesce(c.value->>'state_topic', message.json->>'state_topic') IS NOT 'cardiod/garage/state')");
        assert_string_equal(wrong, "");

        /* Home Assistant was away, and is back; whatever else is said there is nothing to the bridge. */
        broker_publish(&broker, "homeassistant/status", "offline");
        broker_publish(&broker, "homeassistant/status", "online");
        broker_publish(&broker, "homeassistant/status", "");
        second = broker_wait(&broker, HARNESS_TIMEOUT, DISCOVERY);
        assert_string_equal(second, first);
        broker_refute(&broker, 300 * USEC_PER_MSEC, DISCOVERY);
}

/* -- Availability -- */

static void test_availability(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        _cleanup_free_ char *before = NULL, *after = NULL;

        begin(h, &broker, &b);
        before = broker_retained(&broker);
        run_assert_contains(before, "cardiod/garage/availability online\n");
        /* It dies, and the broker says so in its stead. */
        assert_int_equal(bridge_stop(&b, SIGKILL), 128 + SIGKILL);
        free(broker_wait(&broker, HARNESS_TIMEOUT, "leaf = 'availability' AND payload = 'offline'"));
        after = broker_retained(&broker);
        run_assert_contains(after, "cardiod/garage/availability offline\n");

        bridge_start(&b);
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, ONLINE));
        /* It ends in order. */
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
        free(broker_wait(&broker, HARNESS_TIMEOUT, "leaf = 'availability' AND payload = 'offline'"));
        harness_wait_output(h, broker.child, true, "*Received DISCONNECT from cardio*", HARNESS_TIMEOUT);
}

/* One outbox has one bridge: two would send all twice. */
static void test_second(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        _cleanup_free_ char *errors = NULL;

        begin(h, &broker, &b);
        broker_forget(&broker);
        assert_int_equal(bridge_refuse(&b, &errors), 1);
        run_assert_contains(errors, "another");
        broker_refute(&broker, 100 * USEC_PER_MSEC, "leaf = 'availability'");
}

/* -- Its configuration -- */

static void test_reload(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        BridgeSetup setup;
        int pid;

        begin(h, &broker, &b);
        pid = harness_child_pid(b.child);
        setup = bridge_to(&broker);
        setup.protocol = "6";
        bridge_configure(&b, &setup);
        assert_int_equal(kill(pid, SIGHUP), 0);
        harness_wait_output(h, b.child, true, "*protocol*accepted: auto, 3.1.1, 5*", HARNESS_TIMEOUT);
        harness_wait_output(h, b.child, true, "*stays as it was*", HARNESS_TIMEOUT);
        broker_refute(&broker, 200 * USEC_PER_MSEC, "leaf = 'availability'");
        setup.protocol = "3.1.1";
        bridge_configure(&b, &setup);
        assert_int_equal(kill(pid, SIGHUP), 0);
        free(broker_wait(&broker, HARNESS_TIMEOUT, "leaf = 'availability' AND payload = 'offline'"));
        free(broker_wait(&broker, HARNESS_TIMEOUT, ONLINE));
        harness_wait_output(h, broker.child, true, "*as cardio* (p2, c1, *",
                        HARNESS_TIMEOUT); /* p2 is MQTT 3.1.1 */
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_clock_test(test_run),
                harness_test(test_log),
                harness_test(test_discovery),
                harness_test(test_availability),
                harness_test(test_second),
                harness_test(test_reload),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
