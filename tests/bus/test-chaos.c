/* SPDX-License-Identifier: MIT */

/* A run through everything that BlueZ, the bus, the machine and the strap can do to it, in no order: the real daemon, a
 * bluetoothd played, and clocks of the test's own (tests/shim/clock-shim.c), so that hours of sleep and steps of the wall
 * clock take no time. Both programs live by these clocks: by another one what bluetoothd puts off for a moment would take
 * longer than the daemon waits for any answer, however often it asks. After each step the link must heal by itself, and the
 * run be the same run; each heart rate that was sent while the daemon was subscribed is in the database exactly once, in order
 * and at its time, and nothing else is.
 *
 * Each packet carries a number of its own as its R-R interval, by which it is found again; a strap that is frozen sends none.
 * Only a kill -9 may cost something: the last ones, those that came after the last commit. There is an alert for each time
 * that the runner was too fast, one end of it each, and no other.
 *
 * A walk follows from its seed; how far it comes is the machine's. CHAOS_SEED: 1 unless told. CHAOS_SECONDS: how long, 15
 * unless told; `make check-chaos` takes minutes and a new seed each time. A failing walk tells its seed and its steps. */

#include "run-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/parse.h"

#define SAMPLES_MAX 60000U
#define RR_FIRST    300U
#define HOUR_USEC   (3600 * INT64_C(1000000))
/* What a heart rate's time may be off by: between the command and its coming the machine may have other things to do. */
#define SLACK_MS 10000

/* The ceiling is reached only in the step for it, and always by what a stranger says. */
#define CONFIG                                                                         \
        RUN_RUNNER "[session]\nend-after = 6h\nswitch-after = 1h\nstart-above = off\n" \
                   "[smoothing]\nwindow = 100ms\n[sensor]\nfrozen-after = 20s\n"       \
                   "[ceiling]\nhold = 0s\nclear = 1s\nrepeat = 0\n"                    \
                   "[storage]\ncommit-interval = 200ms\nsync-interval = 1s\n"

typedef struct Sample {
        unsigned heart_rate, rr; /* rr 0 = none */
        bool optional;           /* it may have been lost in a kill */
        int64_t realtime_ms;     /* by the clock as the daemon saw it; corrected when that is set */
} Sample;

typedef struct Walk {
        Harness *h;
        ClockShim *clock;
        unsigned seed;
        uint64_t random;
        size_t n_samples, n_committed; /* the first so many are on disk */
        Sample sample[SAMPLES_MAX];
        unsigned n_sent; /* also those that nobody heard */
        unsigned n_lost;
        unsigned n_steps, n_restarts;
        unsigned n_fast; /* that often too fast */
        double live_s, last_t;
} Walk;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next_random(Walk *w)
{
        uint64_t z = (w->random += 0x9e3779b97f4a7c15U);

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
}

static unsigned pick(Walk *w, unsigned n)
{
        return (unsigned)(next_random(w) % n);
}

static unsigned variable(const char *name, unsigned otherwise)
{
        const char *text = getenv(name);
        unsigned value = otherwise;

        if (text && *text && parse_unsigned(text, &value) < 0)
                fail_msg("%s=%s: a number is expected", name, text);
        return value;
}

/* -- Time and the daemon -- */

/* Whatever BlueZ has said is heard, and the daemon has looked at its clocks: the bus passes on in order what comes from one
 * connection, and the daemon answers in order. */
static void poke(Walk *w)
{
        sd_bus_message *m = NULL;

        /* Whatever it answers, or that it is not there. */
        assert_true(sd_bus_message_new_method_call(harness_bus(w->h, BUS_SYSTEM), &m, BLUEZ_BUS_NAME, "/",
                                    "org.freedesktop.DBus.Peer", "Ping") >= 0);
        assert_true(sd_bus_message_set_auto_start(m, false) >= 0);
        (void)sd_bus_call(harness_bus(w->h, BUS_SYSTEM), m, 0, NULL, NULL);
        sd_bus_message_unref(m);
        run_command(w->h, "Snooze", "u", 0U);
}

/* All that was heard is on disk. */
static void commit(Walk *w)
{
        sd_bus_message *reply = NULL;

        assert_int_equal(harness_call(w->h, &reply, NULL, "GetSession", "x", INT64_C(1)), 0);
        sd_bus_message_unref(reply);
        w->n_committed = w->n_samples;
}

static int64_t realtime_ms(const Walk *w)
{
        return ((int64_t)run_realtime_usec() + w->clock->offset.realtime_usec) / 1000;
}

/* What is started next lives by the walk's clocks. */
static void inherit_clocks(Walk *w)
{
        (void)setenv("LD_PRELOAD", getenv("CHAOS_PRELOAD"), 1);
        (void)setenv("CLOCK_SHIM", harness_path(w->h, "clock"), 1);
}

static void start_daemon(Walk *w)
{
        inherit_clocks(w);
        harness_daemon_start(w->h, NULL, DAEMON_SYSTEM);
        shim_inherit_no_more();
}

static void start_bluetoothd(Walk *w)
{
        inherit_clocks(w);
        harness_standin_start(w->h);
        shim_inherit_no_more();
}

/* -- What the strap sends -- */

static unsigned lost_so_far(Walk *w)
{
        return harness_calls(w->h, "note lost " STRAP);
}

/* Returns whether the packet that was just sent was heard. */
static bool take_packet(Walk *w, unsigned bpm, unsigned rr)
{
        unsigned lost;

        assert_true(w->n_samples < SAMPLES_MAX);
        poke(w);
        lost = lost_so_far(w);
        if (lost > w->n_lost) {
                w->n_lost = lost;
                return false;
        }
        w->sample[w->n_samples++] = (Sample){ .heart_rate = bpm, .rr = rr, .realtime_ms = realtime_ms(w) };
        return true;
}

static bool send_bpm(Walk *w, unsigned bpm)
{
        unsigned rr = RR_FIRST + w->n_sent++;

        assert_true(rr < UINT16_MAX);
        harness_standin(w->h, "hr " STRAP " %u rr %u contact yes", bpm, rr);
        return take_packet(w, bpm, rr);
}

/* One packet, whether or not anybody hears it. */
static void send_packet(Walk *w)
{
        (void)send_bpm(w, 90 + pick(w, 50));
}

static void send_packets(Walk *w)
{
        for (unsigned n = 1 + pick(w, 4); n > 0; n--) {
                if (pick(w, 2))
                        clock_pass(w->clock, 1000000);
                send_packet(w);
        }
}

/* -- Healing -- */

static bool is_subscribed(Walk *w)
{
        _cleanup_free_ char *answer = harness_standin_answer(w->h, "expect notifying " STRAP " 1ms");

        return strcmp(answer, "ok") == 0;
}

/* The daemon's pauses, which grow to a minute where call after call fails or is never answered, go by 25 times as fast as
 * life. No faster: a program that starts takes its time. */
static void pass_half_a_second(Walk *w)
{
        poke(w);
        harness_pass_time(w->h, 20 * USEC_PER_MSEC);
        clock_pass(w->clock, 500000);
}

/* For a quarter of an hour at most. */
static void heal(Walk *w)
{
        for (unsigned i = 0; i < 1800; i++) {
                if (is_subscribed(w)) {
                        send_packet(w);
                        if (w->n_samples > 0 && is_subscribed(w))
                                return;
                }
                pass_half_a_second(w);
        }
        harness_fail(w->h, "CHAOS_SEED=%u: the link does not heal after step %u", w->seed, w->n_steps);
}

/* -- The steps -- */

static void strap_drops(Walk *w)
{
        harness_standin(w->h, "leave " STRAP);
        if (pick(w, 2))
                send_packet(w); /* to nobody */
        harness_standin(w->h, "advertise " STRAP);
}

static void strap_flickers(Walk *w)
{
        harness_standin(w->h, "disconnect " STRAP "%s", pick(w, 2) ? " merged" : "");
        send_packets(w);
}

static void strap_is_silent(Walk *w)
{
        clock_pass(w->clock, 1000000 * (int64_t)pick(w, 120));
        poke(w);
}

/* The same packet again and again, and more often than is needed to believe it. */
static void strap_freezes(Walk *w)
{
        unsigned bpm = 90 + pick(w, 50);
        bool received = true;

        harness_standin(w->h, "duplicate 1"); /* one copy could not be told from the other */
        for (unsigned i = 0; i < 65; i++) {
                clock_pass(w->clock, 500000);
                harness_standin(w->h, "hr " STRAP " %u contact yes", bpm);
                received = take_packet(w, bpm, 0) && received;
        }
        if (received)
                harness_wait_property(
                                w->h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "stale", HARNESS_TIMEOUT);
        if (pick(w, 2))
                clock_pass(w->clock, 1000000 * (int64_t)pick(w, 60));
        send_packets(w);
}

/* One alert, unless nobody heard. Three heart rates that agree make it so, no fewer. Returns whether there was one. */
static bool runner_speeds_up(Walk *w)
{
        unsigned n_over = run_count(w->h, "OverLimit");

        for (unsigned i = 0; i < 3; i++) {
                clock_pass(w->clock, 1000000);
                if (!send_bpm(w, 190))
                        return false;
                /* Beside two that an attempt before has left it may be the first. */
                if (i < 2 && run_count(w->h, "OverLimit") > n_over)
                        break;
        }
        w->n_fast++;
        return true;
}

/* The alert's end. Without a heart rate it stands: where none is heard the link is to heal first. */
static void runner_slows_down(Walk *w)
{
        unsigned n_back = run_count(w->h, "BackInRange");

        for (unsigned i = 0; run_count(w->h, "BackInRange") == n_back; i++) {
                if (i == 200)
                        harness_fail(w->h, "CHAOS_SEED=%u: too fast for ever, in step %u", w->seed,
                                        w->n_steps);
                clock_pass(w->clock, 1500000);
                if (!send_bpm(w, 100))
                        heal(w);
        }
        assert_int_equal(run_count(w->h, "OverLimit"), w->n_fast);
        assert_int_equal(run_count(w->h, "BackInRange"), w->n_fast);
}

/* Too fast, and no more. */
static void runner_is_too_fast(Walk *w)
{
        if (runner_speeds_up(w))
                runner_slows_down(w);
}

static void strap_talks_nonsense(Walk *w)
{
        static const char *const values[] = { "", "00", "01", "00 00", "04 50", "08 78", "00 0a", "00 ff",
                "ff ff ff ff ff", "10", "01 ff ff" };

        for (unsigned n = 1 + pick(w, 4); n > 0; n--) {
                harness_standin(w->h, "raw " STRAP " %s", values[pick(w, ELEMENTSOF(values))]);
                w->n_lost = lost_so_far(w);
        }
        send_packets(w);
}

static void bluetoothd_restarts(Walk *w)
{
        static const char *const ends[] = { "stop", "kill" };
        bool restart = pick(w, 3) == 0;

        harness_standin(w->h, "bluetoothd %s", restart ? "restart" : ends[pick(w, 2)]);
        if (pick(w, 2))
                send_packet(w);
        if (!restart)
                harness_standin(w->h, "bluetoothd start");
}

static void adapter_goes(Walk *w)
{
        bool power = pick(w, 2);

        harness_standin(w->h, power ? "adapter power hci0 off" : "adapter remove hci0");
        if (pick(w, 2))
                poke(w);
        harness_standin(w->h, power ? "adapter power hci0 on" : "adapter add hci0 powered");
}

static void services_change(Walk *w)
{
        _cleanup_free_ char *answer = NULL;
        char command[64];

        harness_standin(w->h, "gatt " STRAP " remove");
        send_packets(w);
        (void)snprintf(command, sizeof(command), "gatt " STRAP " add %u", 32 + 16 * pick(w, 8));
        answer = harness_standin_answer(w->h, command); /* a link that came up anew has them already */
        assert_true(strcmp(answer, "ok") == 0 || strstr(answer, "still there"));
}

static void bluetoothd_misbehaves(Walk *w)
{
        static const char *const members[] = { "StartNotify", "Connect", "Disconnect", "RegisterApplication",
                "GetManagedObjects" };
        static const char *const errors[] = { "org.bluez.Error.Failed", "org.bluez.Error.InProgress",
                "org.bluez.Error.NotReady", "org.bluez.Error.NotPermitted",
                "org.freedesktop.DBus.Error.UnknownObject" };
        const char *member = members[pick(w, ELEMENTSOF(members))];

        switch (pick(w, 3)) {
        case 0:
                harness_standin(w->h, "fail %s %s %s %u", member, errors[pick(w, ELEMENTSOF(errors))],
                                "\"not now\"", 1 + pick(w, 3));
                break;
        case 1:
                /* Below any time-out. */
                harness_standin(w->h, "delay %s %ums", member, 250 + 25 * pick(w, 300));
                break;
        case 2:
                harness_standin(w->h, "never %s %u", member, 1 + pick(w, 2));
                break;
        }
        /* So that it matters. */
        if (pick(w, 2))
                strap_drops(w);
        else
                bluetoothd_restarts(w);
        send_packets(w);
        if (pick(w, 2))
                harness_standin(w->h, "normal all");
}

static void order_changes(Walk *w)
{
        static const char *const commands[] = { "order resolved-first 1", "order resolved-without-gatt 1",
                "set drop-signals 1", "set drop-signals 2", "set connected-signal no",
                "set connected-signal yes", "duplicate 1", "duplicate 3", "set link-delay 5ms",
                "set link-delay 2s", "set resolve-delay 5ms", "set resolve-delay 3s" };

        harness_standin(w->h, "%s", commands[pick(w, ELEMENTSOF(commands))]);
        send_packets(w);
}

static int on_trusted(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        int *answer = userdata;

        (void)error;
        *answer = sd_bus_message_is_method_error(m, NULL) ? -1 : 1;
        return 0;
}

/* Returns whether it was done, and not refused. */
static bool trust_strap(Walk *w)
{
        sd_bus_slot *slot = NULL;
        int answer = 0;

        assert_true(sd_bus_call_method_async(harness_bus(w->h, BUS_SYSTEM), &slot, CARDIO_BUS_NAME,
                                    CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Trust", on_trusted, &answer,
                                    "s", STRAP) >= 0);
        while (answer == 0)
                pass_half_a_second(w);
        sd_bus_slot_unref(slot);
        return answer > 0;
}

/* Somebody removes it from bluetoothd, and the runner trusts it again, as often as bluetoothd makes it necessary. */
static void strap_is_removed(Walk *w)
{
        assert_true(sd_bus_call_method(harness_bus(w->h, BUS_SYSTEM), BLUEZ_BUS_NAME, "/org/bluez/hci0",
                                    BLUEZ_ADAPTER_INTERFACE, "RemoveDevice", NULL, NULL, "o",
                                    "/org/bluez/hci0/dev_C0_FF_EE_00_00_01") >= 0);
        if (pick(w, 2))
                send_packets(w); /* to nobody */
        for (unsigned i = 0; !trust_strap(w); i++)
                if (i == 10)
                        harness_fail(w->h, "CHAOS_SEED=%u: it cannot be trusted again, in step %u", w->seed,
                                        w->n_steps);
}

/* To all callers, to all, to the daemon alone. */
static void stranger_lies(Walk *w)
{
        static const char *const means[] = { "", "broadcast ", "to " CARDIO_BUS_NAME " " };
        static const char *const lies[] = { "value 10 c8 01 00", "value 00 ff", "connected no",
                "connected yes", "removed" };

        for (unsigned n = 1 + pick(w, 5); n > 0; n--)
                harness_standin(w->h, "spoof " STRAP " %s%s", means[pick(w, 3)],
                                lies[pick(w, ELEMENTSOF(lies))]);
        send_packets(w);
}

static void daemon_restarts(Walk *w)
{
        bool kill = pick(w, 2);

        if (kill && pick(w, 2))
                commit(w);
        if (!kill)
                w->n_committed = w->n_samples;
        for (size_t i = w->n_committed; i < w->n_samples; i++)
                w->sample[i].optional = true;
        w->n_committed = w->n_samples;
        assert_int_equal(harness_daemon_stop(w->h, kill ? SIGKILL : SIGTERM), kill ? 128 + SIGKILL : 0);
        if (pick(w, 2))
                clock_pass(w->clock, 1000000 * (int64_t)pick(w, 60));
        start_daemon(w);
        w->n_restarts++;
}

/* The wall clock is set: what is stored moves with it. */
static void clock_is_set(Walk *w)
{
        int64_t step_usec = ((int64_t)pick(w, 2 * 7200) - 7200) * 1000000;

        poke(w);
        clock_step(w->clock, step_usec);
        poke(w);
        commit(w);
        for (size_t i = 0; i < w->n_samples; i++)
                w->sample[i].realtime_ms += step_usec / 1000;
}

static void machine_sleeps(Walk *w)
{
        clock_sleep(w->clock, 1000000 * (int64_t)pick(w, 1200));
        poke(w);
}

/* In a gap, too, where it may be dropped with what is not kept. */
static void runner_marks(Walk *w)
{
        run_command(w->h, "Mark", "s", pick(w, 2) ? "a hill" : "");
}

static void runner_travels(Walk *w)
{
        static const char *const zones[] = { "UTC0", "XXX-5:30", "YYY+9", "CET-1CEST,M3.5.0,M10.5.0/3" };

        clock_zone(w->clock, zones[pick(w, ELEMENTSOF(zones))]);
        run_command(w->h, "Reload", NULL);
}

static const struct {
        const char *name;
        void (*step)(Walk *w);
        unsigned weight;
} steps[] = {
        { "beats", send_packets, 6 },
        { "drop", strap_drops, 3 },
        { "flicker", strap_flickers, 2 },
        { "silence", strap_is_silent, 2 },
        { "freeze", strap_freezes, 1 },
        { "too fast", runner_is_too_fast, 3 },
        { "nonsense", strap_talks_nonsense, 2 },
        { "bluetoothd", bluetoothd_restarts, 2 },
        { "adapter", adapter_goes, 2 },
        { "services", services_change, 2 },
        { "misbehaviour", bluetoothd_misbehaves, 4 },
        { "order", order_changes, 2 },
        { "removal", strap_is_removed, 2 },
        { "stranger", stranger_lies, 3 },
        { "daemon", daemon_restarts, 2 },
        { "clock", clock_is_set, 2 },
        { "sleep", machine_sleeps, 2 },
        { "zone", runner_travels, 1 },
        { "mark", runner_marks, 1 },
};

static void step(Walk *w)
{
        unsigned total = 0, which;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++)
                total += steps[i].weight;
        which = pick(w, total);
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                if (which < steps[i].weight) {
                        print_message("# step %u: %s\n", ++w->n_steps, steps[i].name);
                        steps[i].step(w);
                        return;
                }
                which -= steps[i].weight;
        }
}

/* -- What must be so -- */

static void walk_fail(Walk *w, const char *why, size_t i)
{
        harness_fail(w->h, "CHAOS_SEED=%u, after %u steps: %s (%zu of %zu heart rates)", w->seed, w->n_steps,
                        why, i, w->n_samples);
}

/* Passes over a copy that bluetoothd sent of the same packet, and that a machine with other things to do let the daemon see
 * only after the 200 ms within which it is one. */
static char *skip_echo(char *rest, unsigned rr, long long at)
{
        unsigned heart_rate, echo_rr;
        long long echo_at;
        int n = 0;

        while (rr > 0 && sscanf(rest, "%u %u %lld%n", &heart_rate, &echo_rr, &echo_at, &n) == 3 &&
                        echo_rr == rr && echo_at >= at + 199) {
                at = echo_at;
                rest += n;
                rest += strspn(rest, "\n");
        }
        return rest;
}

/* Each once, in order, at its time; of those that a kill may have cost, the first ones, if any. */
static void check_samples(Walk *w)
{
        _cleanup_free_ char *text = harness_sql(w->h,
                        "SELECT heart_rate || ' ' || coalesce(json_extract(rr_json, '$[0]'), 0) || ' ' || (started_at + t)"
                        " FROM sample JOIN session ON id = session_id ORDER BY t");
        bool lost = false;
        char *rest = text;
        size_t i = 0;

        for (; i < w->n_samples; i++) {
                const Sample *b = &w->sample[i];
                unsigned heart_rate, rr;
                long long at;
                int n = 0;
                bool found = sscanf(rest, "%u %u %lld%n", &heart_rate, &rr, &at, &n) == 3 && rr == b->rr &&
                             heart_rate == b->heart_rate;

                if (!found) {
                        lost = true;
                        if (!b->optional)
                                walk_fail(w, "a heart rate that was heard is missing", i);
                        continue;
                }
                if (lost && b->optional)
                        walk_fail(w, "a kill has cost an older heart rate than one that is there", i);
                lost = false;
                if (llabs(at - b->realtime_ms) > SLACK_MS)
                        walk_fail(w, "a heart rate is at another time than it was sent", i);
                rest += n;
                rest += strspn(rest, "\n");
                rest = skip_echo(rest, rr, at);
        }
        if (*rest) {
                print_message("from here on: %.200s\n", rest);
                walk_fail(w, "there is a heart rate that was not sent, or one twice", i);
        }
}

/* A lost strap is told at most twice, and each time it is back before it is lost again. */
static void check_troubles(Walk *w)
{
        static const char all[] = "strap-lost strap-back strap-lost strap-back";
        _cleanup_free_ char *found = harness_sql(w->h,
                        "SELECT coalesce(group_concat(detail, ' '), '') FROM (SELECT detail FROM event WHERE type = "
                        "'trouble' AND detail LIKE 'strap-%' ORDER BY t, id)");

        if (strncmp(found, all, strlen(found)) != 0) {
                print_message("troubles: %s\n", found);
                walk_fail(w, "the strap is lost too often, or back without having been lost", w->n_samples);
        }
}

static void check_session(Walk *w, bool ended)
{
        _cleanup_free_ char *rows =
                        harness_sql(w->h, "SELECT count(*), max(id), max(ended_at IS NOT NULL) FROM session");
        _cleanup_free_ char *sound = harness_sql(w->h, "PRAGMA integrity_check"), *figures = NULL;
        double live_s, last_t;
        unsigned breaches;
        char expected[32];

        (void)snprintf(expected, sizeof(expected), "1|1|%d", ended);
        if (strcmp(rows, expected) != 0) {
                print_message("session: %s\n", rows);
                walk_fail(w, "the run is not one session", w->n_samples);
        }
        if (strcmp(sound, "ok") != 0)
                walk_fail(w, "the database is damaged", w->n_samples);
        if (run_count(w->h, "OverLimit") != w->n_fast || run_count(w->h, "BackInRange") != w->n_fast)
                walk_fail(w, "an alert without a reason", w->n_samples);
        figures = harness_sql(w->h,
                        "SELECT live_s || ' ' || (SELECT max(t) FROM sample) || ' ' || breaches FROM session");
        if (sscanf(figures, "%lf %lf %u", &live_s, &last_t, &breaches) != 3 || live_s < w->live_s ||
                        last_t < w->last_t || live_s > last_t / 1000 + 2 || breaches > w->n_fast ||
                        (w->n_restarts == 0 && breaches < w->n_fast)) {
                print_message("live_s, last t and breaches: %s, after %.3f %.0f %u\n", figures, w->live_s,
                                w->last_t, w->n_fast);
                walk_fail(w, "the run's figures do not go on", w->n_samples);
        }
        check_troubles(w);
        w->live_s = live_s;
        w->last_t = last_t;
        if (run_count(w->h, "SessionStarted") > 1)
                walk_fail(w, "the run began twice", w->n_samples);
}

/* A run has begun. */
static Walk *walk_begin(Harness *h, unsigned seed)
{
        Walk *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        w->h = h;
        w->seed = seed;
        w->random = seed;
        w->clock = clock_begin(harness_path(h, "clock"));
        (void)setenv("CHAOS_PRELOAD", getenv("LD_PRELOAD"), 1);
        harness_write_file(h, "cardiod.conf", CONFIG);
        start_daemon(w);
        start_bluetoothd(w);
        run_strap(h, STRAP);
        send_packet(w);
        poke(w);
        assert_int_equal(run_call(h, "StartSession", "s", ""), 1);
        return w;
}

static void walk_end(Walk *w)
{
        clock_end(w->clock);
        free(w);
}

/* The subscription ends while the runner is too fast, and bluetoothd answers the next one late, but by the walk's clocks in
 * time, however fast they go: the alert ends all the same. */
static void test_late_while_too_fast(Harness *h)
{
        Walk *w = walk_begin(h, 1);

        assert_true(runner_speeds_up(w));
        harness_standin(h, "delay StartNotify 5s");
        harness_standin(h, "gatt " STRAP " remove");
        harness_standin(h, "gatt " STRAP " add 64");
        for (unsigned s = 0; s < 8 && !is_subscribed(w); s++) {
                poke(w);
                clock_pass(w->clock, 1000000);
        }
        assert_true(is_subscribed(w));
        assert_int_equal(harness_calls(h, "call StopNotify *"), 0); /* nor had it been given up before */
        runner_slows_down(w);
        check_samples(w);
        check_session(w, false);
        walk_end(w);
}

static void test_chaos(Harness *h)
{
        unsigned seed = variable("CHAOS_SEED", 1), seconds = variable("CHAOS_SECONDS", 15);
        usec_t end = run_realtime_usec() + seconds * USEC_PER_SEC;
        Walk *w;

        print_message("# CHAOS_SEED=%u\n", seed);
        w = walk_begin(h, seed);
        while (run_realtime_usec() < end) {
                step(w);
                heal(w);
                commit(w);
                check_samples(w);
                check_session(w, false);
        }
        poke(w);
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        check_samples(w);
        check_session(w, true);
        assert_int_equal(
                        run_int(h, "SELECT ended_at - started_at - max(t) FROM session JOIN sample ON session_id = id"),
                        0);
        print_message("# %u steps, %u restarts of the daemon, %u times too fast, %zu heart rates recorded, %u sent to nobody\n",
                        w->n_steps, w->n_restarts, w->n_fast, w->n_samples, w->n_lost);
        walk_end(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_late_while_too_fast),
                harness_test(test_chaos),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
