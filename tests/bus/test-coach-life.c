/* SPDX-License-Identifier: MIT */

/* Days in a runner's life, against the real daemon and a strap that sends every five seconds, by a clock of the test's own: a
 * race, the days after it, a limp and its end, an easy run, a run without the strap; and when the coach speaks without being
 * asked, and when not. */

#include "coach-fixture.h"
#include "shim-fixture.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIFE  RUN_RUNNER RUN_STORAGE
#define EACH  (5 * USEC_PER_SEC)
#define HAND  "[session]\nstart-above = off\nend-after = 10min\n"
#define WORDS "[workout steps]\nsteps = warm-up 1h\n"

typedef struct Stage {
        Harness *h;
        ClockShim *clock;
        unsigned bpm;
} Stage;

static void stage_end(Stage *s)
{
        clock_end(s->clock);
}
#define _cleanup_stage_ _cleanup_(stage_end)

/* cardiod, by whose clock it is noon, and a strap. The shim stays, for daemons that are started later. */
static Stage stage_begin(Harness *h, const char *config)
{
        Stage s = { .h = h, .clock = clock_begin(harness_path(h, "clock")) };

        coach_daemon(h, config);
        shim_inherit_no_more();
        run_strap(h, STRAP);
        return s;
}

static void wake(const Stage *s)
{
        for (int i = 0; i < 2; i++) {
                _cleanup_free_ char *version =
                                harness_property(s->h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Version");

                assert_non_null(version);
        }
}

static void pass(const Stage *s, usec_t usec)
{
        clock_pass(s->clock, (int64_t)usec);
        wake(s);
}

static bool is_received(Harness *h, void *userdata)
{
        _cleanup_free_ char *signalled = NULL;
        Stage *s = userdata;
        char expected[8];

        s->bpm = 60 + (s->bpm == 60);
        harness_standin(h, "hr " STRAP " %u", s->bpm);
        harness_pass_time(h, 100 * USEC_PER_MSEC);
        (void)snprintf(expected, sizeof(expected), "%u", s->bpm);
        signalled = harness_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate");
        return signalled && strcmp(signalled, expected) == 0;
}

/* After hours without it the strap is put on again, and the daemon has connected again. */
static void put_on(Stage *s)
{
        assert_true(harness_wait(s->h, is_received, s, HARNESS_TIMEOUT));
}

/* The same hour, a day later. */
static void next_day(Stage *s)
{
        pass(s, 24 * USEC_PER_HOUR);
        put_on(s);
}

/* So long at about that heart rate. */
static void at(Stage *s, usec_t length_usec, unsigned bpm)
{
        for (usec_t t = 0; t < length_usec; t += EACH) {
                char expected[8];

                clock_pass(s->clock, (int64_t)EACH);
                s->bpm = bpm + (s->bpm == bpm); /* another one than before, so that its coming can be seen */
                harness_standin(s->h, "hr " STRAP " %u", s->bpm);
                (void)snprintf(expected, sizeof(expected), "%u", s->bpm);
                harness_wait_property(s->h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", expected,
                                HARNESS_TIMEOUT);
        }
}

/* The runner rests until the session is over. */
static void rest(Stage *s)
{
        at(s, 8 * USEC_PER_MIN, 62);
        run_wait(s->h, "SessionEnded");
        run_wait_manager(s->h, "Recording", "false");
}

/* The same after a session that has ended already, so that one may begin by itself again. */
static void rest_quietly(Stage *s)
{
        at(s, 12 * USEC_PER_MIN, 62);
}

static unsigned count_advice(Harness *h)
{
        return harness_count_signals(h, CARDIO_COACH_INTERFACE, "Advice");
}

static void expect_advice(Harness *h, int64_t session, const char *kind, const char *pattern)
{
        sd_bus_message *m = harness_wait_signal(h, CARDIO_COACH_INTERFACE, "Advice", HARNESS_TIMEOUT);
        const char *signalled, *text;
        int64_t id;

        assert_true(sd_bus_message_read(m, "xss", &id, &signalled, &text) > 0);
        if (id != session || strcmp(signalled, kind) != 0 || fnmatch(pattern, text, 0) != 0)
                harness_fail(h, "advice of session %" PRIi64 ", %s: %s; expected %" PRIi64 ", %s: %s", id,
                                signalled, text, session, kind, pattern);
}

static void expect_ceiling(Harness *h, const char *bpm, const char *reason)
{
        run_wait_manager(h, "Ceiling", bpm);
        run_wait_manager(h, "CeilingReason", reason);
}

/* The session's row in the list, and its verdict in words. */
static void expect_session(Harness *h, int64_t id, const char *row, const char *pattern)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_free_ char *found = NULL, *sql = NULL;
        const char *kind, *text;

        assert_true(asprintf(&sql,
                                    "SELECT kind, breaches, coalesce(verdict, '-') FROM sessions WHERE id = "
                                    "%" PRIi64,
                                    id) > 0);
        found = harness_sql(h, sql);
        assert_string_equal(found, row);
        assert_true(harness_call(h, &reply, NULL, COACH "Verdict", "x", id) >= 0);
        assert_true(sd_bus_message_read(reply, "ss", &kind, &text) > 0);
        if (fnmatch(pattern, text, 0) != 0)
                harness_fail(h, "of session %" PRIi64 " is said: %s; expected: %s", id, text, pattern);
}

static void log_day(Harness *h, int days, const char *pain, int gait)
{
        char date[COACH_DATE_MAX];

        if (gait)
                run_command(h, COACH "LogDay", "sa{sv}", coach_date(days, date), 2, "pain", "s", pain,
                                "pain_gait", "b", 1);
        else
                run_command(h, COACH "LogDay", "sa{sv}", coach_date(days, date), 1, "pain", "s", pain);
}

/* -- A life ---------------------------------------------------------------------------------------------- */

/* A hard day lies behind it: it is a race day all the same. */
static void race_morning(Stage *s)
{
        coach_run(s->h, -1, 45, "hard");
        coach_race(s->h, 0, "10k");
        coach_expect(s->h, 0, "race", "the day of your 10K");
        assert_string_equal(coach_ask(s->h, 0).ceiling, "off");
        run_assert_contains(coach_ask(s->h, 0).advice, "After the race: a recovery drink");
        expect_ceiling(s->h, "0", "the day of your 10K");
}

/* The warm-up is none; the race is far above 65 %hrr, and nobody calls it too fast. */
static void race(Stage *s)
{
        at(s, USEC_PER_MIN, 60);
        at(s, 12 * USEC_PER_MIN, 135);
        rest(s);
        assert_int_equal(count_advice(s->h), 0);
        at(s, 30 * USEC_PER_MIN, 178);
        run_wait_manager(s->h, "Session", "3");
        rest(s);
        assert_int_equal(run_count(s->h, "OverLimit"), 0);
        expect_advice(s->h, 3, "after-race", "Well run. A recovery drink within 30 to 60 minutes; *");
        expect_session(s->h, 2, "recovery|0|-", "");
        expect_session(s->h, 3, "race|0|-", "");
        /* A cool-down is another session, and no race. */
        at(s, 15 * USEC_PER_MIN, 130);
        rest(s);
        assert_int_equal(count_advice(s->h), 0);
        pass(s, 10 * USEC_PER_MIN);
        expect_advice(s->h, 3, "after-race", "Had your recovery drink?");
        expect_session(s->h, 3, "race|0|-", "");
        expect_session(s->h, 4, "recovery|0|-", "");
}

/* A limp: stop. A runner who runs all the same is notified once, and is not praised. */
static void limp(Stage *s)
{
        next_day(s);
        coach_expect(s->h, 1, "recovery", "the day after your 10K on *");
        expect_ceiling(s->h, "145.55", "configuration");
        log_day(s->h, 1, "left knee", 1);
        coach_expect(s->h, 1, "rest", "a pain that gets worse or changes how you move (left knee, *)");
        at(s, 12 * USEC_PER_MIN, 144);
        expect_advice(s->h, 5, "rest", "* that pain has not been taken back. Please stop running, *");
        rest(s);
        assert_int_equal(count_advice(s->h), 0);
        expect_session(s->h, 5, "recovery|0|rest-was-due", "A pain that stops you is in your log: *");
        assert_int_equal(run_int(s->h, "SELECT day_kind = 'rest' FROM session WHERE id = 5"), 1);
}

/* Once it is taken back, running is fine; twelve seconds too fast in half an hour are no offence. */
static void easy_run(Stage *s)
{
        next_day(s);
        coach_expect(s->h, 2, "rest", "a pain that gets worse *");
        log_day(s->h, 2, "none", 0);
        coach_expect(s->h, 2, "base", "2 days after your 10K on *");
        at(s, 20 * USEC_PER_MIN, 130);
        at(s, 30 * USEC_PER_SEC, 160);
        run_wait(s->h, "OverLimit");
        at(s, 10 * USEC_PER_MIN, 130);
        rest(s);
        assert_int_equal(count_advice(s->h), 0);
        expect_session(s->h, 6, "recovery|1|good",
                        "A good base run. 98 % easy, * s over the ceiling, the longest stretch * s.*");
}

static void without_strap(Stage *s)
{
        char date[COACH_DATE_MAX];

        pass(s, 24 * USEC_PER_HOUR);
        (void)run_call(s->h, "AddSession", "a{sv}", 2, "local_date", "s", coach_date(3, date), "minutes", "u",
                        30);
        expect_advice(s->h, 7, "talk-test", "Could you hold a conversation?");
        expect_session(s->h, 7, "base|0|unknown", "No heart rate, so only you know: *");
        run_command(s->h, COACH "Annotate", "xa{sv}", INT64_C(7), 1, "talk_test", "s", "pass");
        expect_session(s->h, 7, "base|0|good", "A good base run.");
}

static void test_a_life(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, LIFE);

        race_morning(&s);
        race(&s);
        limp(&s);
        easy_run(&s);
        without_strap(&s);
}

/* -- When it speaks --------------------------------------------------------------------------------------- */

/* Three minutes after the first effort, once a day, and as a question, for it may be a machine. */
static void test_advice_in_the_first_minutes(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, LIFE "[session]\nend-after = 10min\n");

        coach_race(h, -1, "marathon");
        at(&s, 10 * USEC_PER_SEC, 60);
        run_call(h, "StartSession", "s", "");
        at(&s, 2 * USEC_PER_MIN, 130);
        assert_int_equal(count_advice(h), 0);
        at(&s, 2 * USEC_PER_MIN, 130);
        expect_advice(h, 1, "rest",
                        "If this is a run, today asks for rest: the day after your marathon on *");
        run_call(h, "StopSession", NULL);
        run_call(h, "StartSession", "s", "");
        at(&s, 6 * USEC_PER_MIN, 130);
        run_call(h, "StopSession", NULL);
        assert_int_equal(count_advice(h), 0);
        rest_quietly(&s);
        /* The next day is for something else; a session that begins by itself is answered three minutes after its first
         * effort, which comes after the pre-roll. */
        next_day(&s);
        at(&s, USEC_PER_MIN, 61);
        at(&s, 165 * USEC_PER_SEC, 130);
        run_wait_manager(h, "Session", "3");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(3), 1, "kind", "s", "base");
        assert_int_equal(count_advice(h), 0);
        at(&s, 60 * USEC_PER_SEC, 130);
        expect_advice(h, 3, "cross-training",
                        "Today asks for cross-training: 2 days after your marathon on *");
}

/* Not if that is what the day is for: by its kind, even if that is set in the middle of it, or by a workout. */
static void test_no_advice_where_none_is_due(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, LIFE HAND WORDS);

        coach_race(h, -2, "marathon");
        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "cross-training");
        at(&s, 6 * USEC_PER_MIN, 130);
        run_call(h, "StopSession", NULL);
        run_heart_rate(h, 60);
        run_call(h, COACH "StartWorkout", "s", "steps");
        at(&s, 6 * USEC_PER_MIN, 130);
        run_call(h, "StopSession", NULL);
        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(3), 1, "kind", "s", "cross-training");
        at(&s, 6 * USEC_PER_MIN, 130);
        run_call(h, "StopSession", NULL);
        assert_int_equal(count_advice(h), 0);
        /* The workout on such a day is no run. */
        assert_int_equal(run_int(h, "SELECT count(*) FROM sessions WHERE kind = 'cross-training'"), 3);
}

static void restart(Stage *s)
{
        assert_int_equal(harness_daemon_stop(s->h, SIGTERM), 0);
        s->clock = clock_begin(harness_path(s->h, "clock"));
        harness_daemon_start(s->h, NULL, DAEMON_SYSTEM);
        shim_inherit_no_more();
        harness_standin(s->h, "expect notifying " STRAP " 30s");
        s->bpm = 0;
}

/* A session that goes on after the daemon was away has had its advice. */
static void test_advice_once_over_restarts(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, LIFE HAND);

        coach_race(h, -1, "marathon");
        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "");
        at(&s, 4 * USEC_PER_MIN, 130);
        expect_advice(h, 1, "rest", "If this is a run, *");
        restart(&s);
        run_wait_manager(h, "Recording", "true");
        at(&s, 5 * USEC_PER_MIN, 130);
        run_wait_manager(h, "Session", "1");
        assert_int_equal(count_advice(h), 0);
}

/* Half an hour after a race nobody asks if the daemon was not running meanwhile; nor twice after one race. */
static void test_no_reminder_after_a_restart(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, LIFE HAND);

        coach_race(h, 0, "5k");
        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "race");
        at(&s, 20 * USEC_PER_MIN, 178);
        run_call(h, "StopSession", NULL);
        expect_advice(h, 1, "after-race", "Well run. *");
        restart(&s);
        at(&s, 40 * USEC_PER_MIN, 62);
        run_call(h, "StartSession", "s", "race");
        at(&s, 20 * USEC_PER_MIN, 178);
        run_call(h, "StopSession", NULL);
        at(&s, 40 * USEC_PER_MIN, 62);
        assert_int_equal(count_advice(h), 0);
}

/* Nor about a race that was none, nor hours later, when the machine wakes. */
static void test_no_reminder_where_none_is_due(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, LIFE HAND);

        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "race");
        at(&s, 20 * USEC_PER_MIN, 178);
        run_call(h, "StopSession", NULL);
        expect_advice(h, 1, "after-race", "Well run. *");
        run_command(h, COACH "Annotate", "xa{sv}", INT64_C(1), 1, "kind", "s", "base");
        at(&s, 40 * USEC_PER_MIN, 62);
        assert_int_equal(count_advice(h), 0);

        next_day(&s);
        run_heart_rate(h, 61);
        run_call(h, "StartSession", "s", "race");
        at(&s, 20 * USEC_PER_MIN, 178);
        run_call(h, "StopSession", NULL);
        expect_advice(h, 2, "after-race", "Well run. *");
        clock_sleep(s.clock, (int64_t)(5 * USEC_PER_HOUR));
        wake(&s);
        put_on(&s);
        at(&s, USEC_PER_MIN, 62);
        assert_int_equal(count_advice(h), 0);
}

/* What the runner was asked only after the run is no reproach; but a pain that stops running is never passed over. */
static void test_verdict_of_what_was_asked(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, LIFE HAND);
        char date[COACH_DATE_MAX];

        run_heart_rate(h, 60);
        run_call(h, "StartSession", "s", "");
        at(&s, 15 * USEC_PER_MIN, 130);
        run_call(h, "StopSession", NULL);
        expect_session(h, 1, "recovery|0|good", "A good base run.*");
        run_command(h, COACH "LogDay", "sa{sv}", coach_date(0, date), 1, "feel", "y", 1);
        expect_session(h, 1, "recovery|0|good", "A good base run.*");
        log_day(h, 0, "shin", 1);
        expect_session(h, 1, "recovery|0|rest-was-due", "A pain that stops you is in your log: *");
        log_day(h, 0, "no", 0);
        expect_session(h, 1, "recovery|0|good", "A good base run.*");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_a_life),
                harness_test(test_advice_in_the_first_minutes),
                harness_test(test_no_advice_where_none_is_due),
                harness_test(test_advice_once_over_restarts),
                harness_test(test_no_reminder_after_a_restart),
                harness_test(test_no_reminder_where_none_is_due),
                harness_test(test_verdict_of_what_was_asked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
