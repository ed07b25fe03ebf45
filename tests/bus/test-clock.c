/* SPDX-License-Identifier: MIT */

/* A machine without a real-time clock: what is recorded before the network has set its clock, and what goes on after a power
 * cut. By clocks of the test's own (tests/shim/clock-shim.c). */

#include "coach-fixture.h"
#include "shim-fixture.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define HOUR_USEC ((int64_t)USEC_PER_HOUR)
#define MIN_USEC  ((int64_t)USEC_PER_MIN)

/* Minutes pass between two heart rates. */
#define CONFIG                                                                                  \
        RUN_BASE "[ceiling]\nceiling = auto\n[sensor]\nstale-after = 5min\nfrozen-after = 1h\n" \
                 "[session]\nstart-above = off\nend-after = 1h\n"

typedef struct Machine {
        Harness *h;
        ClockShim *clock;
        unsigned bpm;
} Machine;

static void start(Machine *m, const char *config)
{
        if (config)
                coach_daemon(m->h, config);
        else
                harness_daemon_start(m->h, NULL, DAEMON_SYSTEM);
}

/* Its clock is so far ahead of the right one. The stand-in, which is there before, has the machine's. */
static Machine machine_begin(Harness *h, int64_t ahead_usec, bool known)
{
        Machine m = { .h = h };

        harness_standin(h, "adapter add hci0 powered");
        harness_clock_begin(h);
        m.clock = harness_clock(h);
        m.clock->offset.realtime_usec = ahead_usec;
        m.clock->unsynchronised = !known;
        start(&m, CONFIG);
        run_strap(h, STRAP);
        return m;
}

static int64_t to_1970_usec(void)
{
        return 2 * 24 * HOUR_USEC - (int64_t)run_realtime_usec();
}

/* Its loop has run, and has handled what was due before. */
static void wake(const Machine *m)
{
        for (int i = 0; i < 2; i++) {
                _cleanup_free_ char *version =
                                harness_property(m->h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Version");

                assert_non_null(version);
        }
}

static void pass(const Machine *m, int64_t usec)
{
        clock_pass(m->clock, usec);
        wake(m);
}

/* The network sets it; what has passed in the test stays passed. */
static void set_right(const Machine *m, int64_t ahead_usec)
{
        m->clock->unsynchronised = false;
        clock_step(m->clock, -ahead_usec);
        wake(m);
}

/* After minutes without heart rates the daemon may have begun to make a new link: that is done first. */
static void send_heart_rate(Machine *m, unsigned bpm)
{
        harness_clock_settle(m->h);
        harness_standin(m->h, "expect notifying " STRAP " 30s");
        m->bpm = bpm + (m->bpm == bpm); /* another one than before, so that its coming can be seen */
        run_heart_rate(m->h, m->bpm);
}

static void begin(Machine *m, unsigned minutes, unsigned bpm)
{
        send_heart_rate(m, 60);
        run_call(m->h, "StartSession", "s", "");
        send_heart_rate(m, bpm);
        for (unsigned i = 0; i < minutes; i += 4) {
                pass(m, 4 * MIN_USEC);
                send_heart_rate(m, bpm + i % 3);
        }
}

static void run(Machine *m, unsigned minutes, unsigned bpm)
{
        begin(m, minutes, bpm);
        run_call(m->h, "StopSession", NULL);
}

/* By how many seconds a session's start differs from its true time, this long ago. */
static void expect_began(const Machine *m, int64_t session, int64_t ago_usec)
{
        int64_t now_ms = ((int64_t)run_realtime_usec() + m->clock->offset.realtime_usec) / 1000;
        int64_t began_ms = run_int(m->h, "SELECT started_at FROM session WHERE id = %" PRIi64, session);
        int64_t off_ms = began_ms - (now_ms - ago_usec / 1000);

        /* The test itself takes its time. */
        if (off_ms < -60000 || off_ms > 1000)
                harness_fail(m->h, "session %" PRIi64 " is off by %" PRIi64 " ms", session, off_ms);
}

static void expect_dates(const Machine *m, int days)
{
        char date[COACH_DATE_MAX], sql[96];

        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM sessions WHERE date <> '%s'",
                        coach_date(days, date));
        run_wait_int(m->h, 0, sql);
}

/* -- Before it is set ------------------------------------------------------------------------------------- */

/* Two of three that are kept, by a clock that begins in 1970, or that a file has restored. */
static void set_after(Harness *h, int64_t ahead_usec)
{
        Machine m = machine_begin(h, ahead_usec, false);

        run(&m, 4, 100);
        run(&m, 4, 110);
        run(&m, 8, 120);
        run_command(h, "DeleteSession", "x", INT64_C(2));
        set_right(&m, ahead_usec);
        run_wait_int(h, 2, "SELECT count(*) FROM session WHERE clock_known = 1");
        expect_began(&m, 1, 16 * MIN_USEC);
        expect_began(&m, 3, 8 * MIN_USEC);
        expect_dates(&m, 0);
        run_wait_int(h, 2, "SELECT count(*) FROM event WHERE type = 'clock'");
        harness_wait_output(h, harness_daemon(h), true,
                        "*2 sessions recorded before the clock was set moved with it*", HARNESS_TIMEOUT);
        /* From now on they stay, whoever sets it. */
        m.clock->unsynchronised = true;
        clock_step(m.clock, 3 * 24 * HOUR_USEC);
        wake(&m);
        clock_step(m.clock, -3 * 24 * HOUR_USEC);
        wake(&m);
        expect_began(&m, 3, 8 * MIN_USEC);
}

static void test_1970(Harness *h)
{
        set_after(h, to_1970_usec());
}

static void test_behind(Harness *h)
{
        set_after(h, -26 * HOUR_USEC);
}

static void test_ahead(Harness *h)
{
        set_after(h, 4000 * 24 * HOUR_USEC);
}

/* The daemon is started again before or after that, and the machine has slept. */
static void test_restart_between(Harness *h)
{
        const int64_t ahead_usec = to_1970_usec();
        Machine m = machine_begin(h, ahead_usec, false);

        run(&m, 4, 100);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        start(&m, NULL);
        clock_sleep(m.clock, 2 * HOUR_USEC);
        wake(&m);
        clock_step(m.clock, -ahead_usec);
        wake(&m);
        /* Nothing confirms yet that it is right. */
        run_wait_int(h, 1, "SELECT count(*) FROM event WHERE type = 'clock'");
        assert_int_equal(run_int(h, "SELECT clock_known FROM session"), 0);
        expect_began(&m, 1, 4 * MIN_USEC + 2 * HOUR_USEC);

        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        clock_step(m.clock, -5000000);
        m.clock->unsynchronised = false;
        start(&m, NULL);
        run_wait_int(h, 1, "SELECT clock_known FROM session");
        run_wait_int(h, 2, "SELECT count(*) FROM event WHERE type = 'clock'");
        expect_began(&m, 1, 4 * MIN_USEC + 2 * HOUR_USEC);
        expect_dates(&m, 0);
}

/* It becomes known without a step. */
static void test_learnt(Harness *h)
{
        Machine m = machine_begin(h, 0, false);

        run(&m, 4, 100);
        pass(&m, 11000000);
        assert_int_equal(run_int(h, "SELECT clock_known FROM session"), 0);
        m.clock->unsynchronised = false;
        pass(&m, 11000000);
        run_wait_int(h, 1, "SELECT clock_known FROM session");
        clock_step(m.clock, 24 * HOUR_USEC);
        wake(&m);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'clock'"), 0);
}

/* What confirms that a clock is right, and what identifies the boot. */
static void test_sources(Harness *h)
{
        static const struct {
                bool unsynchronised, has_rtc, unreadable, timesync_file, boot_hidden, known;
        } cases[] = {
                { .unsynchronised = true },
                { .unsynchronised = true, .has_rtc = true, .known = true },
                { .unreadable = true },
                { .unreadable = true, .timesync_file = true, .known = true },
                { .unreadable = true, .has_rtc = true, .known = true },
                { .boot_hidden = true, .known = true },
                { .known = true },
        };
        Machine m = machine_begin(h, 0, true);

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                m.clock->unsynchronised = cases[i].unsynchronised;
                m.clock->has_rtc = cases[i].has_rtc;
                m.clock->unreadable = cases[i].unreadable;
                m.clock->timesync_file = cases[i].timesync_file;
                m.clock->boot_hidden = cases[i].boot_hidden;
                assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
                start(&m, NULL);
                harness_standin(h, "expect notifying " STRAP " 30s");
                run(&m, 4, 100);
                assert_int_equal(
                                run_int(h,
                                                "SELECT length(boot_id) = 32 AND clock_known = %d AND"
                                                " (boot_id LIKE 'c0ffee%%') = %d FROM session ORDER BY id DESC",
                                                cases[i].known, !cases[i].boot_hidden),
                                1);
        }
        /* The bus lives as long as the boot. */
        m.clock->boot_hidden = m.clock->unsynchronised = true;
        for (int i = 0; i < 2; i++) {
                assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
                start(&m, NULL);
                harness_standin(h, "expect notifying " STRAP " 30s");
                run(&m, 4, 100);
        }
        assert_int_equal(run_int(h, "SELECT count(*) = 3 AND count(DISTINCT boot_id) = 1 FROM session"
                                    " WHERE boot_id NOT LIKE 'c0ffee%%'"),
                        1);
}

/* A step of a clock that was right moves only what is recorded. */
static void test_right_clock(Harness *h)
{
        Machine m = machine_begin(h, 0, true);

        run(&m, 4, 100);
        m.clock->unsynchronised = true; /* without a network for hours, which alone is no doubt */
        begin(&m, 4, 120);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session WHERE clock_known = 1"), 2);
        clock_step(m.clock, HOUR_USEC);
        wake(&m);
        send_heart_rate(&m, 130);
        run_call(h, "StopSession", NULL);
        expect_began(&m, 1, HOUR_USEC + 8 * MIN_USEC);
        expect_began(&m, 2, 4 * MIN_USEC);
        set_right(&m, HOUR_USEC);
        run_wait_int(h, 2, "SELECT count(*) FROM session WHERE clock_known = 1");
        expect_began(&m, 1, 8 * MIN_USEC);
        expect_began(&m, 2, 4 * MIN_USEC);
        run_wait_int(h, 2, "SELECT count(*) FROM event WHERE type = 'clock' AND session_id = 2");
}

/* -- The coach --------------------------------------------------------------------------------------------- */

/* A run of the day on which a race was entered, once that is known: and the day after it. */
static void test_coach(Harness *h)
{
        const int64_t ahead_usec = to_1970_usec();
        Machine m = machine_begin(h, ahead_usec, false);

        coach_race(h, 0, "5k");
        run(&m, 16, 180);
        run_wait_int(h, 0, "SELECT count(*) FROM sessions WHERE kind = 'race'");
        set_right(&m, ahead_usec);
        run_wait_int(h, 1, "SELECT count(*) FROM sessions WHERE kind = 'race'");
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE day_kind IS NULL");
        coach_expect(h, 0, "race", "the day of your 5K");
        pass(&m, 24 * HOUR_USEC);
        coach_expect(h, 1, "recovery", "*after your 5K on *");
}

/* The purpose of its day follows from its own date. */
static void test_verdict(Harness *h)
{
        const int64_t ahead_usec = to_1970_usec();
        Machine m = machine_begin(h, 0, true);

        coach_run(h, -1, 220, "race");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        m.clock->offset.realtime_usec = ahead_usec;
        m.clock->unsynchronised = true;
        start(&m, NULL);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run(&m, 32, 150);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session WHERE verdict = 'rest-was-due'"), 0);
        set_right(&m, ahead_usec);
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE id = 2 AND verdict = 'rest-was-due'");
        coach_expect(h, 0, "rest", "the day after your marathon on *");
}

/* Measured by a clock that a file has restored, it is one of today. */
static void test_morning(Harness *h)
{
        const int64_t ahead_usec = -26 * HOUR_USEC;
        Machine m = machine_begin(h, ahead_usec, false);
        sd_bus *bus = harness_bus_open(h, BUS_SYSTEM);
        char date[COACH_DATE_MAX];
        CoachAnswer answer;

        send_heart_rate(&m, 62);
        coach_measure(bus, &answer);
        for (unsigned i = 0; !coach_is_answered(h, &answer) && i < 60; i++) {
                send_heart_rate(&m, 59 + i % 2 * 2);
                pass(&m, USEC_PER_SEC);
        }
        assert_true(harness_wait(h, coach_is_answered, &answer, HARNESS_TIMEOUT));
        assert_string_equal(answer.error, "");
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting WHERE local_date = '%s'",
                                         coach_date(0, date)),
                        0);
        set_right(&m, ahead_usec);
        run_wait_int(h, 1, "SELECT clock_known FROM resting");
        assert_int_equal(run_int(h, "SELECT count(*) FROM resting WHERE local_date = '%s'", date), 1);
        sd_bus_flush_close_unref(bus);
}

/* A ceiling for today stays that of today, and a pause of the alerts keeps its length. */
static void test_commands(Harness *h)
{
        const int64_t ahead_usec = to_1970_usec();
        Machine m = machine_begin(h, ahead_usec, false);
        _cleanup_free_ char *until = NULL;
        int64_t off_usec;

        run_command(h, "SetCeiling", "s", "133");
        run_command(h, "Snooze", "u", 600);
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        start(&m, NULL);
        run_wait_manager(h, "Ceiling", "133");
        set_right(&m, ahead_usec);
        run_wait_manager(h, "ClockSet", "true");
        run_wait_manager(h, "Ceiling", "133");
        until = harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SnoozedUntil");
        off_usec = strtoll(until, NULL, 10) - (int64_t)run_realtime_usec() - 600000000;
        assert_in_range(-off_usec, 0, 60000000);
}

/* The step is not signalled before the daemon checks whether the clock is known. */
static void test_step_found(Harness *h)
{
        const int64_t ahead_usec = -26 * HOUR_USEC;
        Machine m = machine_begin(h, ahead_usec, false);

        run(&m, 4, 100);
        run_command(h, "SetCeiling", "s", "133");
        m.clock->unsynchronised = false;
        clock_step(m.clock, -ahead_usec);
        pass(&m, 11000000);
        run_wait_int(h, 1, "SELECT clock_known FROM session");
        run_wait_manager(h, "Ceiling", "133");
        expect_began(&m, 1, 4 * MIN_USEC + 11000000);
}

/* -- A power cut ------------------------------------------------------------------------------------------- */

/* In the middle of a run. The machine comes back after so long, with a clock that is so far behind. */
static Machine power_cut(Harness *h, int64_t off_usec, int64_t behind_usec)
{
        Machine m = machine_begin(h, 0, true);
        struct timespec t;

        begin(&m, 8, 140);
        /* All but the last, which may be on its way or not. */
        run_wait_int(h, 1, "SELECT count(*) >= 3 FROM sample");
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &t), 0);
        m.clock->boot++;
        m.clock->unsynchronised = behind_usec != 0;
        clock_step(m.clock, off_usec - behind_usec);
        /* Booted twenty seconds ago. */
        m.clock->offset.boottime_usec = m.clock->offset.monotonic_usec =
                        20000000 - (int64_t)t.tv_sec * 1000000;
        start(&m, NULL);
        harness_standin(h, "expect registered hci0 30s"); /* no call is under way when time passes */
        harness_standin(h, "expect notifying " STRAP " 30s");
        harness_clock_settle(h);
        return m;
}

static void test_power_cut(Harness *h)
{
        Machine m = power_cut(h, 5 * MIN_USEC, 0);

        run_wait_manager(h, "Session", "1");
        send_heart_rate(&m, 150);
        run_call(h, "StopSession", NULL);
        expect_began(&m, 1, 13 * MIN_USEC);
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE (ended_at - started_at) / 60000 = 13");
}

/* By a clock that a file has restored it would be a minute old, or still to come. A run is one of its own. */
static void restored_clock(Harness *h, int64_t behind_usec)
{
        Machine m = power_cut(h, 3 * HOUR_USEC, behind_usec);

        run_wait_manager(h, "Recording", "false");
        harness_wait_output(h, harness_daemon(h), true,
                        "*Session 1 was interrupted; whether it goes on is decided when the clock is "
                        "set*",
                        HARNESS_TIMEOUT);
        run(&m, 4, 120);
        run_wait_int(h, 1,
                        "SELECT count(*) FROM session WHERE id = 1 AND ended_at - started_at < "
                        "490000");
        set_right(&m, -behind_usec);
        run_wait_int(h, 2, "SELECT count(*) FROM session WHERE clock_known = 1");
        expect_began(&m, 1, 3 * HOUR_USEC + 12 * MIN_USEC);
        expect_began(&m, 2, 4 * MIN_USEC);
}

static void test_restored_young(Harness *h)
{
        restored_clock(h, 3 * HOUR_USEC - MIN_USEC);
}

static void test_restored_before(Harness *h)
{
        restored_clock(h, 4 * HOUR_USEC);
}

/* It goes on when the clock is set, if that is soon enough. */
static void set_late(Harness *h, int64_t off_usec, bool goes_on)
{
        Machine m = power_cut(h, off_usec, 3 * HOUR_USEC);

        send_heart_rate(&m, 100);
        pass(&m, 4 * MIN_USEC);
        send_heart_rate(&m, 101);
        run_wait_manager(h, "Recording", "false");
        set_right(&m, -3 * HOUR_USEC);
        run_wait_manager(h, "Session", goes_on ? "1" : "0");
        if (goes_on) {
                send_heart_rate(&m, 155);
                run_call(h, "StopSession", NULL);
                run_wait_int(h, 22, "SELECT (ended_at - started_at) / 60000 FROM session WHERE id = 1");
                assert_int_equal(run_int(h, "SELECT count(*) FROM sample WHERE heart_rate = 101"), 0);
        }
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE ended_at IS NOT NULL");
        expect_began(&m, 1, off_usec + 12 * MIN_USEC);
}

static void test_set_late(Harness *h)
{
        set_late(h, 10 * MIN_USEC, true);
}

static void test_set_too_late(Harness *h)
{
        set_late(h, 58 * MIN_USEC, false);
}

/* Nobody sets it: it cannot be young enough any more. */
static void test_never_set(Harness *h)
{
        Machine m = power_cut(h, 10 * MIN_USEC, 3 * HOUR_USEC);

        pass(&m, 59 * MIN_USEC);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session WHERE ended_at IS NULL"), 1);
        pass(&m, MIN_USEC);
        run_wait_int(h, 1, "SELECT count(*) FROM session WHERE ended_at - started_at < 490000");
        harness_wait_output(h, harness_daemon(h), true, "*Session 1 was interrupted for too long*",
                        HARNESS_TIMEOUT);
        run(&m, 4, 120);
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 2);
}

/* The same boot: by CLOCK_BOOTTIME, whatever the wall clock was set to meanwhile. */
static void test_same_boot(Harness *h)
{
        Machine m = machine_begin(h, 0, true);

        begin(&m, 4, 140);
        assert_int_equal(harness_daemon_stop(h, SIGKILL), 128 + SIGKILL);
        m.clock->unsynchronised = true;
        clock_pass(m.clock, 10 * MIN_USEC);
        clock_step(m.clock, -3 * HOUR_USEC);
        start(&m, NULL);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_wait_manager(h, "Session", "1");
        send_heart_rate(&m, 150);
        run_call(h, "StopSession", NULL);
        expect_began(&m, 1, 14 * MIN_USEC);
        run_wait_int(h, 1, "SELECT count(*) FROM event WHERE type = 'clock' AND round(value) = -10800");
        run_wait_int(h, 14, "SELECT (ended_at - started_at) / 60000 FROM session WHERE id = 1");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_1970),
                harness_test(test_behind),
                harness_test(test_ahead),
                harness_test(test_restart_between),
                harness_test(test_learnt),
                harness_test(test_sources),
                harness_test(test_right_clock),
                harness_test(test_coach),
                harness_test(test_verdict),
                harness_test(test_morning),
                harness_test(test_commands),
                harness_test(test_step_found),
                harness_test(test_power_cut),
                harness_test(test_restored_young),
                harness_test(test_restored_before),
                harness_test(test_set_late),
                harness_test(test_set_too_late),
                harness_test(test_never_set),
                harness_test(test_same_boot),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
