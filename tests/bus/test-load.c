/* SPDX-License-Identifier: MIT */

/* More than there ever is: as many straps as possible, two thousand notifications a second, hundreds of clients that come
 * and vanish, and some that never read. A run in progress has each of its heart rates exactly once, and other programs on
 * the bus notice nothing.
 *
 * The longest time the loop was busy is printed, not judged: on a busy machine one would measure the other programs. The
 * longest pause of the machine itself is printed beside it. That the loop never waits for the disk is judged. LOAD_SECONDS:
 * how long each load lasts, 3 by default; if it is set, the daemon has real-time priority, where that is allowed. `make
 * bench-load` takes 30. */

#include "run-fixture.h"
#include "shim-fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardio/parse.h"

#define STRAPS        64U  /* SENSORS_MAX */
#define SUBSCRIBERS   128U /* SUBSCRIBERS_MAX */
#define PACE_MS       31U  /* of each but the recorded one */
#define SAMPLES_MAX   4096U
#define MEMORY_MAX_KB 65536U
#define FILL_BLOCK    65536U
#define FILL_MAX      16500000U /* more than what the bus keeps */
#define NSEC_PER_SEC  UINT64_C(1000000000)

/* A disk that is written and synced as often as the configuration allows. */
#define CONFIG                                                    \
        RUN_RUNNER RUN_SMOOTHING "[session]\nstart-above = off\n" \
                                 "[storage]\ncommit-interval = 500ms\nsync-interval = 1s\n"

/* The pauses of the machine itself, which are part of the daemon's figure, too: a hypervisor gives the processor to others,
 * invisibly from inside. A thread that only wants to be woken each millisecond, with the daemon's priority, keeps how late
 * it was at most. If a test fails it goes on, on memory of its own. */
typedef struct Control {
        pthread_t thread;
        atomic_bool ends;
        uint64_t longest_nsec;
} Control;

typedef struct Run {
        Harness *h;
        LoopShim *loop;
        Control *control;
        unsigned sample[SAMPLES_MAX];
        size_t n_samples;
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

static struct sched_param comes_first(void)
{
        return (struct sched_param){ .sched_priority = sched_get_priority_min(SCHED_FIFO) };
}

/* -- The machine's own pauses -- */

static uint64_t monotonic_nsec(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

static void *control_thread(void *userdata)
{
        Control *c = userdata;

        while (!atomic_load(&c->ends)) {
                uint64_t due = monotonic_nsec() + NSEC_PER_SEC / 1000, now;

                (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
                                &(struct timespec){
                                                (time_t)(due / NSEC_PER_SEC), (long)(due % NSEC_PER_SEC) },
                                NULL);
                now = monotonic_nsec();
                if (now > due && now - due > c->longest_nsec)
                        c->longest_nsec = now - due;
        }
        return NULL;
}

static Control *control_begin(void)
{
        const struct sched_param first = comes_first();
        Control *c = calloc(1, sizeof(*c));

        assert_non_null(c);
        assert_int_equal(pthread_create(&c->thread, NULL, control_thread, c), 0);
        if (getenv("LOAD_SECONDS"))
                (void)pthread_setschedparam(c->thread, SCHED_FIFO, &first); /* if not, the daemon says so */
        return c;
}

static void control_end(Control *c, const char *title)
{
        atomic_store(&c->ends, true);
        assert_int_equal(pthread_join(c->thread, NULL), 0);
        print_message("# %s: the machine's own longest pause meanwhile %.1f ms\n", title,
                        (double)c->longest_nsec / 1e6);
        free(c);
}

/* -- The run in progress -- */

static void run_sends(Run *r)
{
        unsigned bpm = 60 + (unsigned)(r->n_samples * 7 % 120);

        assert_true(r->n_samples < SAMPLES_MAX);
        harness_standin(r->h, "hr " STRAP " %u", bpm);
        r->sample[r->n_samples++] = bpm;
}

/* So that the daemon is measured and not the other programs. */
static void daemon_comes_first(Harness *h)
{
        const struct sched_param first = comes_first();

        if (getenv("LOAD_SECONDS") &&
                        sched_setscheduler(harness_child_pid(harness_daemon(h)), SCHED_FIFO, &first) < 0)
                print_message("# the daemon shares the processors with everybody else\n");
}

static void run_begin(Run *r, Harness *h)
{
        *r = (Run){ .h = h, .loop = loop_begin(harness_path(h, "loop")), .control = control_begin() };
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        shim_inherit_no_more();
        daemon_comes_first(h);
        run_strap(h, STRAP);
        harness_standin(h, "hr " STRAP " 60");
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", "60", HARNESS_TIMEOUT);
        r->sample[r->n_samples++] = 60;
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
        r->sample[r->n_samples++] = 59;
        harness_wait_property(
                        r->h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", "59", 12 * HARNESS_TIMEOUT);
        run_call(r->h, "StopSession", NULL);
        stored = harness_sql(r->h, "SELECT heart_rate FROM sample ORDER BY t");
        rest = stored;
        for (size_t i = 0; i < r->n_samples; i++)
                if (strtoul(rest, &rest, 10) != r->sample[i])
                        fail_msg("heart rate %zu of %zu is not the one that was sent", i, r->n_samples);
        assert_int_equal(rest[strspn(rest, "\n")], '\0');

        assert_true(r->loop->syncs > 0);
        assert_int_equal(r->loop->loop_syncs, 0);

        kb = memory_kb(r->h, "VmHWM");
        loop_print(r->loop, title);
        control_end(r->control, title);
        print_message("# %s: at most %u kB of memory\n", title, kb);
#ifndef __SANITIZE_ADDRESS__ /* their memory is not the daemon's */
        if (!getenv("CARDIO_WRAP") && kb > MEMORY_MAX_KB)
                fail_msg("%u kB", kb);
#endif
        loop_end(r->loop);
}

#define LIMIT(name, value) "<limit name=\"" name "\">" #value "</limit>\n"

/* A system bus with other limits than it has by itself. */
static void begin_bus(Harness *h, const char *limits)
{
        _cleanup_free_ char *config = harness_read_file(h, "dbus-system.conf"), *limited = NULL;
        char *end = strstr(config, "</busconfig>");

        assert_non_null(end);
        *end = '\0';
        assert_true(asprintf(&limited, "%s%s</busconfig>\n", config, limits) >= 0);
        harness_bus_stop(h, BUS_SYSTEM);
        harness_write_file(h, "dbus-system.conf", limited);
        harness_bus_start(h, BUS_SYSTEM);
}

/* -- The disk -- */

static bool disk_has_turned(Harness *h, void *userdata)
{
        Run *r = userdata;

        run_sends(r);
        harness_pass_time(h, 50 * USEC_PER_MSEC);
        return r->loop->syncs >= 4;
}

/* Each sync takes as long as on a worn card. */
static void test_slow_disk(Harness *h)
{
        Run r;

        run_begin(&r, h);
        r.loop->sync_nsec = 800000000;
        r.loop->syncs = 0;
        assert_true(harness_wait(h, disk_has_turned, &r, 12 * HARNESS_TIMEOUT));
        run_ends(&r, "slow disk");
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

/* Five hundred come, subscribe, and are gone: some before the daemon can have handled their call. */
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
                        sd_bus_close_unref(client[k]); /* it closes without Unsubscribe */
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

/* All of them are there at once: as many as allowed are served, the others are refused, and when they are gone it is as if
 * they had never come. */
static void test_clients_at_once(Harness *h)
{
        sd_bus *client[500];
        unsigned n_served = 0;
        Run r;

        begin_bus(h, LIMIT("max_connections_per_user", 1000) LIMIT("max_completed_connections", 1000));
        run_begin(&r, h);
        for (size_t i = 0; i < ELEMENTSOF(client); i++) {
                sd_bus_error error = SD_BUS_ERROR_NULL;

                client[i] = harness_bus_open(h, BUS_SYSTEM);
                if (sd_bus_call_method(client[i], CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                    "Subscribe", &error, NULL, NULL) >= 0)
                        n_served++;
                else
                        assert_string_equal(error.name, CARDIO_ERROR_LIMIT_REACHED);
                sd_bus_error_free(&error);
                if (i % 10 == 0)
                        run_sends(&r);
        }
        assert_int_equal(n_served, SUBSCRIBERS);
        for (size_t i = 0; i < ELEMENTSOF(client); i++)
                sd_bus_close_unref(client[i]);
        if (!harness_wait(h, nobody_is_subscribed, &r, 6 * HARNESS_TIMEOUT))
                harness_fail(h, "subscribers that have left the bus still are some");
        run_ends(&r, "clients at once");
}

/* -- Somebody who never reads -- */

/* A client that subscribes, and never reads. */
static sd_bus *unread_client(void)
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

/* Another client sends it so much that hardly anything more is kept for it: what would take hours comes in seconds, and the
 * clients that do read have all the room that there is. */
static void fill_up(Harness *h, sd_bus *unread)
{
        static const uint8_t block[FILL_BLOCK];
        const char *name;

        assert_true(sd_bus_get_unique_name(unread, &name) >= 0);
        for (size_t sent = 0; sent < FILL_MAX; sent += sizeof(block)) {
                sd_bus_message *m = NULL;

                assert_true(sd_bus_message_new_signal(harness_bus(h, BUS_SYSTEM), &m, "/", "a.b", "C") >= 0);
                assert_true(sd_bus_message_set_destination(m, name) >= 0);
                assert_true(sd_bus_message_append_array(m, 'y', block, sizeof(block)) >= 0);
                assert_true(sd_bus_send(NULL, m, NULL) >= 0);
                assert_true(sd_bus_flush(harness_bus(h, BUS_SYSTEM)) >= 0);
                sd_bus_message_unref(m);
        }
}

/* The bus keeps what it may, and drops the rest: nobody else notices. */
static void test_unread_client(Harness *h)
{
        sd_bus *unread;
        Run r;

        begin_bus(h, LIMIT("max_outgoing_bytes", 16000000) LIMIT("max_incoming_bytes", 100000000));
        run_begin(&r, h);
        straps_begin(h);
        unread = unread_client();
        fill_up(h, unread);
        flood(&r, load_seconds() + 2);
        straps_end(h);
        harness_clear_signals(h);
        run_sends(&r);
        (void)harness_wait_signal(h, CARDIO_SENSOR_INTERFACE, "Measurement", 2 * HARNESS_TIMEOUT);
        run_ends(&r, "deaf client");
        sd_bus_close_unref(unread);
}

static bool bus_is_blocked(Harness *h)
{
        _cleanup_free_ char *log = harness_child_output(h, harness_daemon(h), true);

        return strstr(log, "The bus does not take");
}

/* The bus takes no more from the daemon, since all that it sent is still kept for somebody. The run is recorded all the
 * same, memory has its limit, and when that somebody goes the bus goes on. */
static void test_unread_client_blocks_bus(Harness *h)
{
        sd_bus *unread;
        Run r;

        begin_bus(h, LIMIT("max_outgoing_bytes", 100000000) LIMIT("max_incoming_bytes", 100000));
        run_begin(&r, h);
        straps_begin(h);
        unread = unread_client();
        for (unsigned i = 0; i < 60 && !bus_is_blocked(h); i++)
                flood(&r, 1);
        assert_true(bus_is_blocked(h));
        flood(&r, load_seconds());
        straps_end(h);
        sd_bus_close_unref(unread);
        harness_wait_property(
                        h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Recording", "true", 6 * HARNESS_TIMEOUT);
        run_ends(&r, "blocked bus");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_slow_disk),
                harness_test(test_straps),
                harness_test(test_clients_vanish),
                harness_test(test_clients_at_once),
                harness_test(test_unread_client),
                harness_test(test_unread_client_blocks_bus),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
