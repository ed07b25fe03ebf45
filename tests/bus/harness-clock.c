/* SPDX-License-Identifier: MIT */

/* Time as an input: the clocks of the daemon and of BlueZ's stand-in are the machine's and an offset that the test moves
 * (tests/shim/clock-shim.c). It moves in steps, since each of them may set the time of the next thing that is due. */

#include <time.h>

#include "harness-private.h"
#include "shim-fixture.h"

#define STEP_USEC  (500 * USEC_PER_MSEC) /* unless the test has said more */
#define NUDGE_USEC (50 * USEC_PER_MSEC)
/* What is due has been done by the time that the programs reply; its way over the bus may take a moment longer. */
#define MOMENT_USEC (2 * USEC_PER_SEC)

void harness_clock_begin(Harness *h)
{
        assert_null(h->clock);
        assert_null(h->daemon);
        h->clock = clock_begin(harness_path(h, "clock"));
        h->step_usec = STEP_USEC;
        shim_inherit_no_more();
}

ClockShim *harness_clock(Harness *h)
{
        assert_non_null(h->clock);
        return h->clock;
}

void harness_clock_free(Harness *h)
{
        if (h->clock)
                clock_end(h->clock);
        h->clock = NULL;
}

Child *child_start_by_clock(Harness *h, const char *name, ChildFlags flags, const char *const *argv)
{
        Child *child;

        if (h->clock)
                clock_inherit(harness_path(h, "clock"));
        child = child_start(h, name, flags, argv);
        if (h->clock)
                shim_inherit_no_more();
        return child;
}

void harness_clock_step(Harness *h, usec_t usec)
{
        h->step_usec = usec;
}

usec_t harness_clock_usec(const Harness *h)
{
        return now_boot_usec() + (h->clock ? (usec_t)h->clock->offset.boottime_usec : 0);
}

usec_t harness_clock_realtime_usec(const Harness *h)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_REALTIME, &ts);
        return (usec_t)((int64_t)ts.tv_sec * (int64_t)USEC_PER_SEC + ts.tv_nsec / 1000 +
                        (h->clock ? h->clock->offset.realtime_usec : 0));
}

/* -- Waking who has it -- */

static bool child_runs(const Child *child)
{
        return child && !child->ended;
}

static void ping(sd_bus *bus, const char *name, bool reply)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        if (!bus || sd_bus_message_new_method_call(bus, &m, name, "/", "org.freedesktop.DBus.Peer", "Ping") <
                                        0)
                return;
        /* Whoever has just left the bus does not reply. */
        if (reply)
                (void)sd_bus_call(bus, m, 0, NULL, NULL);
        else if (sd_bus_message_set_expect_reply(m, false) >= 0)
                (void)sd_bus_send(bus, m, NULL);
}

/* Each ping may wake the test, too, by an error. */
void harness_clock_nudge(Harness *h)
{
        usec_t now_usec = now_boot_usec();

        if (!h->clock || now_usec < h->nudged_usec + NUDGE_USEC)
                return;
        h->nudged_usec = now_usec;
        if (child_runs(h->standin))
                ping(h->buses[BUS_SYSTEM], BLUEZ_BUS_NAME, false);
        if (child_runs(h->daemon))
                ping(h->buses[h->daemon_bus], CARDIO_BUS_NAME, false);
}

static void ping_twice(Harness *h, const Child *child, BusKind kind, const char *name)
{
        for (unsigned i = 0; child_runs(child) && i < 2; i++)
                ping(h->buses[kind], name, true);
}

/* A program's first reply may come before what was due, its second comes after, and behind all that it has sent until then.
 * So the daemon has BlueZ's signals when it is asked, and BlueZ has the daemon's calls in the end. */
void harness_clock_settle(Harness *h)
{
        ping_twice(h, h->standin, BUS_SYSTEM, BLUEZ_BUS_NAME);
        ping_twice(h, h->daemon, h->daemon_bus, CARDIO_BUS_NAME);
        ping_twice(h, h->standin, BUS_SYSTEM, BLUEZ_BUS_NAME);
}

/* -- Moving it -- */

static void step(Harness *h, usec_t usec)
{
        clock_pass(harness_clock(h), (int64_t)usec);
        harness_clock_settle(h);
        loop_drain(h);
}

void harness_clock_pass(Harness *h, usec_t usec)
{
        if (!h->clock) {
                harness_pass_time(h, usec);
                return;
        }
        for (; usec > h->step_usec; usec -= h->step_usec)
                step(h, h->step_usec);
        step(h, usec);
}

bool harness_clock_wait(
                Harness *h, bool (*condition)(Harness *h, void *userdata), void *userdata, usec_t most_usec)
{
        usec_t end_usec = harness_clock_usec(h) + most_usec;

        if (!h->clock)
                return harness_wait(h, condition, userdata, most_usec);
        while (!condition(h, userdata)) {
                if (harness_clock_usec(h) >= end_usec)
                        return harness_wait(h, condition, userdata, MOMENT_USEC);
                step(h, h->step_usec);
        }
        return true;
}
