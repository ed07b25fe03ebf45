/* SPDX-License-Identifier: MIT */

/* More than there ever is: as many straps as there may be, two thousand notifications a second, hundreds of clients that
 * come and vanish, and some that never read. A run in progress has each of its heart rates exactly once, and others on the
 * bus notice nothing.
 *
 * How long the loop was busy at most is told, not judged: on a machine that has other things to do it is those that one
 * would measure. LOAD_SECONDS: how long each load lasts, 3 unless told; `make bench-load` takes 30. */

#include "run-fixture.h"
#include "shim-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/parse.h"

#define STRAPS        64U /* SENSORS_MAX */
#define PACE_MS       31U /* of each but the one that is recorded */
#define BEATS_MAX     4096U
#define MEMORY_MAX_KB 65536U

/* A disk that is written to and waited for as often as the configuration allows. */
#define CONFIG                                                    \
        RUN_RUNNER RUN_SMOOTHING "[session]\nstart-above = off\n" \
                                 "[storage]\ncommit-interval = 500ms\nsync-interval = 1s\n"

typedef struct Run {
        Harness *h;
        LoopShim *loop;
        unsigned beat[BEATS_MAX];
        size_t n_beats;
} Run;

static unsigned load_seconds(void)
{
        const char *text = getenv("LOAD_SECONDS");
        unsigned seconds = 3;

        if (text && parse_unsigned(text, &seconds) < 0)
                fail_msg("LOAD_SECONDS=%s: a number is expected", text);
        return seconds;
}

static usec_t now_usec(void)
{
        return run_realtime_usec();
}

/* -- The run in progress -- */

static void run_sends(Run *r)
{
        unsigned bpm = 60 + (unsigned)(r->n_beats * 7 % 120);

        assert_true(r->n_beats < BEATS_MAX);
        harness_standin(r->h, "hr " STRAP " %u", bpm);
        r->beat[r->n_beats++] = bpm;
}

static void run_begin(Run *r, Harness *h)
{
        *r = (Run){ .h = h, .loop = loop_begin(harness_path(h, "loop")) };
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        shim_inherit_no_more();
        run_strap(h, STRAP);
        harness_standin(h, "hr " STRAP " 60");
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", "60", HARNESS_TIMEOUT);
        r->beat[r->n_beats++] = 60;
        run_call(h, "StartSession", "s", "");
}

static unsigned memory_kb(Harness *h, const char *name)
{
        char path[64], line[128];
        unsigned kb = 0;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", harness_child_pid(harness_daemon(h)));
        f = fopen(path, "re");
        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                if (strncmp(line, name, strlen(name)) == 0)
                        kb = (unsigned)strtoul(line + strlen(name) + 1, NULL, 10);
        (void)fclose(f);
        return kb;
}

/* Each of its heart rates is there once, in order, and nothing else. */
static void run_ends(Run *r, const char *title)
{
        _cleanup_free_ char *stored = NULL;
        char *rest;
        unsigned kb;

        harness_standin(r->h, "hr " STRAP " 59");
        r->beat[r->n_beats++] = 59;
        harness_wait_property(
                        r->h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", "59", 12 * HARNESS_TIMEOUT);
        run_call(r->h, "StopSession", NULL);
        stored = harness_sql(r->h, "SELECT heart_rate FROM sample ORDER BY t");
        rest = stored;
        for (size_t i = 0; i < r->n_beats; i++)
                if (strtoul(rest, &rest, 10) != r->beat[i])
                        fail_msg("heart rate %zu of %zu is not the one that was sent", i, r->n_beats);
        assert_int_equal(rest[strspn(rest, "\n")], '\0');

        kb = memory_kb(r->h, "VmHWM");
        loop_tell(r->loop, title);
        print_message("# %s: at most %u kB of memory\n", title, kb);
#ifndef __SANITIZE_ADDRESS__ /* what it, or valgrind, takes is theirs */
        if (!getenv("CARDIO_WRAP") && kb > MEMORY_MAX_KB)
                fail_msg("%u kB", kb);
#endif
        loop_end(r->loop);
}

/* -- Straps -- */

/* A packet each PACE_MS, none the same as the one before: that would be a duplicate. */
static const char *straps_recording(Harness *h)
{
        FILE *f = fopen(harness_path(h, "load.csv"), "we");

        assert_non_null(f);
        (void)fputs("t_s,hr_bpm\n", f);
        for (unsigned i = 0; i < (load_seconds() + 60) * 1000 / PACE_MS; i++)
                (void)fprintf(f, "%u.%03u,%u\n", i * PACE_MS / 1000, i * PACE_MS % 1000, 100 + i % 10);
        assert_int_equal(fclose(f), 0);
        return harness_path(h, "load.csv");
}

static void straps_begin(Harness *h)
{
        const char *recording = straps_recording(h);

        for (unsigned i = 1; i < STRAPS; i++) {
                harness_standin(h, "strap add hci0 D0:00:00:00:00:%02X \"Strap %u\" trusted", i, i);
                harness_standin(h, "advertise D0:00:00:00:00:%02X", i);
        }
        for (unsigned i = 1; i < STRAPS; i++) {
                harness_standin(h, "expect notifying D0:00:00:00:00:%02X 60s", i);
                harness_standin(h, "play D0:00:00:00:00:%02X %s background", i, recording);
        }
}

static void straps_end(Harness *h)
{
        for (unsigned i = 1; i < STRAPS; i++)
                harness_standin(h, "stop D0:00:00:00:00:%02X", i);
}

/* 63 of them send two thousand notifications a second together, and somebody subscribes to it all. */
static void test_straps(Harness *h)
{
        usec_t begin, end;
        unsigned n;
        Run r;

        run_begin(&r, h);
        straps_begin(h);
        run_command(h, "Subscribe", NULL);
        harness_clear_signals(h);
        begin = now_usec();
        end = begin + load_seconds() * USEC_PER_SEC;
        while (now_usec() < end) {
                run_sends(&r);
                harness_pass_time(h, 50 * USEC_PER_MSEC);
                if (harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement") > 50000)
                        break;
        }
        end = now_usec();
        n = harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement");
        harness_clear_signals(h);
        straps_end(h);
        print_message("# %u straps, %.0f notifications a second\n", STRAPS,
                        (double)n / ((double)(end - begin) / 1e6));
        assert_true(n > STRAPS);
        run_ends(&r, "straps");
        harness_refute_output(h, harness_daemon(h), true, "*ignored*");
        harness_refute_output(h, harness_daemon(h), true, "*dropped*");
}

/* -- Clients -- */

static void send_subscribe(sd_bus *bus)
{
        assert_true(sd_bus_call_method_async(bus, NULL, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, "Subscribe", NULL, NULL, NULL) >= 0);
        assert_true(sd_bus_flush(bus) >= 0);
}

static bool nobody_is_subscribed(Harness *h, void *userdata)
{
        Run *r = userdata;

        harness_clear_signals(h);
        run_sends(r);
        harness_pass_time(h, 20 * USEC_PER_MSEC);
        return harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement") == 0;
}

/* Five hundred come, subscribe, and are gone: some before the daemon can have heard of them. */
static void test_clients_vanish(Harness *h)
{
        sd_bus *client[20];
        Run r;

        run_begin(&r, h);
        for (unsigned i = 0; i < 500 / ELEMENTSOF(client); i++) {
                for (size_t k = 0; k < ELEMENTSOF(client); k++) {
                        client[k] = harness_bus_open(h, BUS_SYSTEM);
                        send_subscribe(client[k]);
                }
                run_sends(&r);
                if (i % 2)
                        harness_pass_time(h, 10 * USEC_PER_MSEC);
                for (size_t k = 0; k < ELEMENTSOF(client); k++)
                        sd_bus_close_unref(client[k]); /* it does not say goodbye */
        }
        if (!harness_wait(h, nobody_is_subscribed, &r, 6 * HARNESS_TIMEOUT))
                harness_fail(h, "subscribers that have left the bus still are some");
        /* And there is room for as many as ever. */
        for (size_t k = 0; k < ELEMENTSOF(client); k++) {
                client[k] = harness_bus_open(h, BUS_SYSTEM);
                assert_true(sd_bus_call_method(client[k], CARDIO_BUS_NAME, CARDIO_OBJECT,
                                            CARDIO_MANAGER_INTERFACE, "Subscribe", NULL, NULL, NULL) >= 0);
        }
        run_ends(&r, "clients");
        for (size_t k = 0; k < ELEMENTSOF(client); k++)
                sd_bus_flush_close_unref(client[k]);
}

/* -- Somebody who never reads -- */

/* A system bus that keeps no more than so many bytes for a connection that does not read, and takes no more than so many
 * from one whose messages are still kept: what on a real bus takes hours comes in seconds. */
static void begin_small_bus(Harness *h, unsigned outgoing, unsigned incoming)
{
        _cleanup_free_ char *config = harness_read_file(h, "dbus-system.conf"), *limited = NULL;
        char *end = strstr(config, "</busconfig>");

        assert_non_null(end);
        *end = '\0';
        assert_true(asprintf(&limited,
                                    "%s<limit name=\"max_outgoing_bytes\">%u</limit>\n"
                                    "<limit name=\"max_incoming_bytes\">%u</limit>\n</busconfig>\n",
                                    config, outgoing, incoming) >= 0);
        harness_bus_stop(h, BUS_SYSTEM);
        harness_write_file(h, "dbus-system.conf", limited);
        harness_bus_start(h, BUS_SYSTEM);
}

/* It subscribes and listens, and never reads. */
static sd_bus *deaf_client(void)
{
        sd_bus *bus;

        assert_true(sd_bus_open_system(&bus) >= 0);
        assert_true(sd_bus_match_signal(bus, NULL, NULL, NULL, CARDIO_SENSOR_INTERFACE, NULL, NULL, NULL) >=
                        0);
        assert_true(sd_bus_call_method(bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                    "Subscribe", NULL, NULL, NULL) >= 0);
        return bus;
}

static void flood(Run *r, unsigned seconds)
{
        usec_t end = now_usec() + seconds * USEC_PER_SEC;

        while (now_usec() < end) {
                run_sends(r);
                harness_pass_time(r->h, 50 * USEC_PER_MSEC);
                harness_clear_signals(r->h);
        }
}

/* The bus keeps what it may, and drops the rest: nobody else notices. */
static void test_deaf_client(Harness *h)
{
        sd_bus *deaf;
        Run r;

        begin_small_bus(h, 100000, 100000000);
        run_begin(&r, h);
        straps_begin(h);
        deaf = deaf_client();
        flood(&r, load_seconds() + 2);
        straps_end(h);
        harness_clear_signals(h);
        run_sends(&r);
        (void)harness_wait_signal(h, CARDIO_SENSOR_INTERFACE, "Measurement", 2 * HARNESS_TIMEOUT);
        run_ends(&r, "deaf client");
        sd_bus_close_unref(deaf);
}

static bool bus_is_blocked(Harness *h)
{
        _cleanup_free_ char *log = harness_child_output(h, harness_daemon(h), true);

        return strstr(log, "The bus does not take");
}

/* The bus takes no more from the daemon, since all that it sent is still kept for somebody. The run is recorded all the
 * same, memory has its limit, and when that somebody goes the bus goes on. */
static void test_deaf_client_blocks_bus(Harness *h)
{
        sd_bus *deaf;
        Run r;

        begin_small_bus(h, 100000000, 100000);
        run_begin(&r, h);
        straps_begin(h);
        deaf = deaf_client();
        for (unsigned i = 0; i < 60 && !bus_is_blocked(h); i++)
                flood(&r, 1);
        assert_true(bus_is_blocked(h));
        flood(&r, load_seconds());
        straps_end(h);
        sd_bus_close_unref(deaf);
        harness_wait_property(
                        h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Recording", "true", 6 * HARNESS_TIMEOUT);
        run_ends(&r, "blocked bus");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_straps),
                harness_test(test_clients_vanish),
                harness_test(test_deaf_client),
                harness_test(test_deaf_client_blocks_bus),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
