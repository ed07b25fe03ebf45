/* SPDX-License-Identifier: MIT */
/* What is kept of a session's moments besides heart rates: what the runner marks, and troubles, which are signalled, too. By
 * clocks of the test's own (tests/shim/clock-shim.c). */

#include "run-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <string.h>

#include "cardio/diary.h"
#include "cardio/macro.h"

#define BY_HAND "[session]\nstart-above = off\n"

/* -- Marks -- */

static void test_mark(Harness *h)
{
        char long_text[DIARY_WORDS_MAX + 2];
        int64_t last;

        memset(long_text, 'x', sizeof(long_text) - 1);
        long_text[sizeof(long_text) - 1] = '\0';
        harness_daemon_start(h, RUN_BASE BY_HAND, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 120);
        run_refused(h, CARDIO_ERROR_NOT_RECORDING, "No session is being recorded", "Mark", "s", "hill");

        run_call(h, "StartSession", "s", "");
        run_heart_rate(h, 121);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT,
                        "The text is too long; accepted: at most 200 bytes, or nothing", "Mark", "s",
                        long_text);
        long_text[DIARY_WORDS_MAX] = '\0';
        run_command(h, "Mark", "s", "hill\n\x1b[2J top ä");
        run_command(h, "Mark", "s", "");
        /* Stored before it is answered, at its moment. */
        harness_wait_sql(h, "SELECT detail, value IS NULL FROM event WHERE type = 'mark' ORDER BY id",
                        "hill??[2J top ä|1\n|1", HARNESS_TIMEOUT);
        run_heart_rate(h, 122);
        run_command(h, "Mark", "s", long_text);
        run_heart_rate(h, 123);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE heart_rate = 123");
        last = run_int(h, "SELECT max(t) FROM sample");
        assert_int_equal(run_int(h,
                                         "SELECT count(*) FROM event WHERE type = 'mark' AND t BETWEEN "
                                         "(SELECT t FROM sample WHERE heart_rate = 121) AND %" PRIi64,
                                         last),
                        3);
        assert_int_equal(run_int(h,
                                         "SELECT count(*) FROM event WHERE type = 'mark' AND t BETWEEN "
                                         "(SELECT t FROM sample WHERE heart_rate = 122) AND %" PRIi64,
                                         last),
                        1);

        /* One that comes right before the end is kept with the last heart rate. What is later than the kept end is not. */
        harness_pass_time(h, USEC_PER_SEC);
        run_command(h, "Mark", "s", "at the end");
        harness_pass_time(h, 1500 * USEC_PER_MSEC);
        run_command(h, "Mark", "s", "after the end");
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'mark'"), 4);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event JOIN session ON session.id = session_id "
                                    "WHERE detail = 'at the end' AND t = ended_at - started_at"),
                        1);
        run_refused(h, CARDIO_ERROR_NOT_RECORDING, "No session is being recorded", "Mark", "s", "");
}

/* -- Troubles -- */

typedef struct Machine {
        Harness *h;
        ClockShim *clock;
} Machine;

static void machine_end(Machine *m)
{
        clock_end(m->clock);
}
#define _cleanup_machine_ _cleanup_(machine_end)

static void start(Machine *m, const char *config)
{
        clock_inherit(harness_path(m->h, "clock"));
        harness_daemon_start(m->h, config, DAEMON_SYSTEM);
        shim_inherit_no_more();
}

/* A run by hand with the strap, at 140. */
static Machine machine_begin(Harness *h)
{
        Machine m = { .h = h, .clock = clock_begin(harness_path(h, "clock")) };

        start(&m, RUN_BASE "sync-interval = 1h\n" BY_HAND); /* a sync that runs is none that hangs */
        run_strap(h, STRAP);
        run_heart_rate(h, 100);
        run_call(h, "StartSession", "s", "");
        run_settle(h, 140);
        return m;
}

/* The daemon's loop has run, and has handled what was due before. */
static void wake(Harness *h)
{
        for (int i = 0; i < 2; i++) {
                _cleanup_free_ char *version =
                                harness_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Version");

                assert_non_null(version);
        }
}

static void pass(const Machine *m, unsigned seconds)
{
        clock_pass(m->clock, seconds * (int64_t)USEC_PER_SEC);
        wake(m->h);
}

/* After a silence, in which the daemon may have made a new link. */
static void send_again(Harness *h, unsigned heart_rate)
{
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_heart_rate(h, heart_rate);
}

/* Of the disk there may be one, too: where time passes during a sync it looks as if that would not come back. */
static void expect_trouble(Harness *h, const char *expected)
{
        for (;;) {
                _cleanup_free_ char *text = harness_message_text(
                                harness_wait_signal(h, CARDIO_MANAGER_INTERFACE, "Trouble", HARNESS_TIMEOUT));

                if (strstr(text, "writing ")) /* … and "not-writing " */
                        continue;
                assert_string_equal(text, expected);
                return;
        }
}

#define LOST                                                                                              \
        "strap-lost No heart rate from Strap 01 for a minute: the run goes on, but nothing is recorded; " \
        "wet the electrodes, check the strap"
#define BACK "strap-back The strap is back: the heart rate is recorded again"

static void test_strap_lost(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h);

        pass(&m, 50);
        assert_int_equal(run_count(h, "Trouble"), 0);
        pass(&m, 15);
        expect_trouble(h, LOST);
        pass(&m, 120);
        assert_int_equal(run_count(h, "Trouble"), 0);
        send_again(h, 135);
        expect_trouble(h, BACK);
        /* It sends, and says that it has no contact. */
        run_settle(h, 136);
        for (unsigned i = 0; i < 13; i++) {
                harness_standin(h, "hr " STRAP " 0 contact no");
                pass(&m, 5);
        }
        expect_trouble(h,
                        "strap-lost No heart rate from Strap 01 for a minute: the run goes on, but nothing is recorded; "
                        "the strap has no contact, so wet the electrodes and tighten it");
        send_again(h, 137);
        expect_trouble(h, BACK);
        /* Twice is enough. */
        pass(&m, 120);
        send_again(h, 138);
        wake(h);
        assert_int_equal(run_count(h, "Trouble"), 0);
        run_call(h, "StopSession", NULL);
        harness_wait_sql(h,
                        "SELECT detail, value > 60, t = (SELECT max(s.t) FROM sample AS s WHERE s.t <= e.t) FROM event AS e "
                        "WHERE type = 'trouble' ORDER BY id",
                        "strap-lost||1\nstrap-back|1|1\nstrap-lost||1\nstrap-back|1|1", HARNESS_TIMEOUT);
}

/* What was said is known to the next daemon, whether the one before was stopped or killed. */
static void test_strap_lost_over_restarts(Harness *h)
{
        static const int signals[] = { SIGTERM, SIGKILL };
        _cleanup_machine_ Machine m = machine_begin(h);

        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                harness_standin(h, "expect notifying " STRAP " 30s");
                pass(&m, 61);
                expect_trouble(h, LOST);
                run_command(h, "Mark", "s", "in the gap");
                if (signals[i] == SIGKILL) /* what is not committed by then is lost */
                        run_wait_int(h, 2, "SELECT count(*) FROM event WHERE detail = 'strap-lost'");
                (void)harness_daemon_stop(h, signals[i]);
                harness_clear_signals(h);
                start(&m, NULL);
                run_wait_manager(h, "Session", "1");
                harness_standin(h, "expect notifying " STRAP " 30s");
                pass(&m, 61);
                assert_int_equal(run_count(h, "Trouble"), 0);
                send_again(h, 141 + (unsigned)i);
                expect_trouble(h, BACK);
                run_settle(h, 150);
        }
        pass(&m, 120);
        assert_int_equal(run_count(h, "Trouble"), 0);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'mark'"), 2);
}

/* A restart in the silence: the strap gets its minute from the one that waits for it. */
static void test_restart_in_a_silence(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h);

        pass(&m, 50);
        (void)harness_daemon_stop(h, SIGTERM);
        harness_clear_signals(h);
        start(&m, NULL);
        run_wait_manager(h, "Session", "1");
        harness_standin(h, "expect notifying " STRAP " 30s");
        pass(&m, 50);
        assert_int_equal(run_count(h, "Trouble"), 0);
        pass(&m, 15);
        expect_trouble(h, LOST);
}

static void test_asleep(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h);

        pass(&m, 30);
        clock_sleep(m.clock, 120 * (int64_t)USEC_PER_SEC);
        wake(h);
        pass(&m, 50);
        assert_int_equal(run_count(h, "Trouble"), 0);
        pass(&m, 15);
        expect_trouble(h,
                        "strap-lost No heart rate from Strap 01 for 3 min: the run goes on, but nothing is recorded; wet the "
                        "electrodes, check the strap");
}

/* Nothing after a run, whether it was ended by command or by itself; and nothing that ends it is a trouble's end. */
static void test_after_the_run(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h);

        run_call(h, "StopSession", NULL);
        pass(&m, 120);
        harness_refute_output(h, harness_daemon(h), true, "*strap-lost*");
        harness_clear_signals(h);
        send_again(h, 139);
        run_call(h, "StartSession", "s", "");
        run_settle(h, 140);
        pass(&m, 61);
        expect_trouble(h, LOST);
        pass(&m, 250);
        run_wait(h, "SessionEnded");
        send_again(h, 141);
        wake(h);
        assert_int_equal(run_count(h, "Trouble"), 0);
}

static void report_battery(const Machine *m, unsigned percent)
{
        char level[16], sql[80];

        (void)snprintf(level, sizeof(level), "%u", percent);
        (void)snprintf(sql, sizeof(sql), "SELECT battery = %u FROM sensor", percent);
        harness_standin(m->h, "battery " STRAP " %s", level);
        run_wait_int(m->h, 1, sql);
}

/* What is in the way is said, where it is known. */
static void test_bluetooth_off(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h);

        harness_standin(h, "adapter power hci0 off");
        run_wait_manager(h, "Bluetooth", "off");
        pass(&m, 61);
        expect_trouble(h,
                        "strap-lost No heart rate from Strap 01 for a minute: the run goes on, but nothing is recorded; "
                        "Bluetooth is off, so switch it on");
}

/* So many seconds with heart rates, so that its link is left alone. */
static void run_on(const Machine *m, unsigned seconds)
{
        static const unsigned step = 4;

        for (unsigned i = 0; i < seconds; i += step) {
                pass(m, step);
                run_heart_rate(m->h, 130 + i / step % 2);
        }
}

static void test_battery(Harness *h)
{
        _cleanup_machine_ Machine m = machine_begin(h);

        /* A moment's level is none. */
        report_battery(&m, 100);
        report_battery(&m, 10);
        run_on(&m, 20);
        report_battery(&m, 100);
        run_on(&m, 80);
        report_battery(&m, 15);
        run_on(&m, 52);
        assert_int_equal(run_count(h, "Trouble"), 0);
        run_on(&m, 12);
        expect_trouble(h,
                        "battery The battery of Strap 01 is low, at 15 %: change or charge it before the next run");
        run_wait_int(h, 1,
                        "SELECT count(*) FROM event WHERE type = 'trouble' AND detail = 'battery' AND value = 15");
        run_call(h, "StopSession", NULL);
        run_wait(h, "SessionEnded");

        /* Once, for the next daemon, too, even if this one is killed right now. */
        (void)harness_daemon_stop(h, SIGKILL);
        harness_clear_signals(h);
        start(&m, NULL);
        harness_standin(h, "expect notifying " STRAP " 30s");
        report_battery(&m, 8);
        run_on(&m, 80);
        assert_int_equal(run_count(h, "Trouble"), 0);
        /* A new one runs down, too; and outside of a session. */
        report_battery(&m, 90);
        run_on(&m, 64);
        run_wait_int(h, 0, "SELECT battery_low FROM sensor");
        report_battery(&m, 14);
        run_on(&m, 64);
        expect_trouble(h,
                        "battery The battery of Strap 01 is low, at 14 %: change or charge it before the next run");
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'trouble'"), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_mark),
                harness_test(test_strap_lost),
                harness_test(test_strap_lost_over_restarts),
                harness_test(test_restart_in_a_silence),
                harness_test(test_asleep),
                harness_test(test_after_the_run),
                harness_test(test_bluetooth_off),
                harness_test(test_battery),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
