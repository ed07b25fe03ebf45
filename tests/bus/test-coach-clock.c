/* SPDX-License-Identifier: MIT */

/* The coach by clocks of the test's own (tests/shim/clock-shim.c): midnight, clocks that are set, workouts to the minute,
 * and a morning whose every R-R interval is known. */

#include "coach-fixture.h"
#include "shim-fixture.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define AUTO "[ceiling]\nceiling = auto\n"
/* Minutes pass between two heart rates. */
#define PATIENT \
        "[sensor]\nstale-after = 5min\nfrozen-after = 1h\n[session]\nstart-above = off\nend-after = 1h\n"

typedef struct Stage {
        Harness *h;
        ClockShim *clock;
        usec_t before_usec, after_usec; /* by the daemon's clock, the workout began in between */
        unsigned bpm;
} Stage;

static void stage_end(Stage *s)
{
        clock_end(s->clock);
}
#define _cleanup_stage_ _cleanup_(stage_end)

/* cardiod, by whose clock it is noon. */
static Stage stage_begin(Harness *h, const char *config)
{
        Stage s = { .h = h, .clock = clock_begin(harness_path(h, "clock")) };

        coach_daemon(h, config);
        shim_inherit_no_more();
        return s;
}

static usec_t daemon_now(const Stage *s)
{
        struct timespec t;

        assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &t), 0);
        return (usec_t)t.tv_sec * USEC_PER_SEC + (usec_t)t.tv_nsec / 1000 +
               (usec_t)s->clock->offset.boottime_usec;
}

/* Its loop has run, and has handled what was due before. */
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

static void step(const Stage *s, int64_t usec)
{
        clock_step(s->clock, usec);
        wake(s);
}

/* One more heart rate. */
static void send_heart_rate(Stage *s, unsigned bpm)
{
        s->bpm = bpm + (s->bpm == bpm); /* another one than before, so that its coming can be seen */
        run_heart_rate(s->h, s->bpm);
}

/* Enough heart rates that they count. */
static void send_heart_rates(Stage *s, unsigned bpm)
{
        for (unsigned i = 0; i < 4; i++) {
                send_heart_rate(s, bpm + i);
                pass(s, USEC_PER_SEC);
        }
}

static void expect_day(const Stage *s, const char *ceiling, const char *pattern)
{
        _cleanup_free_ char *reason = NULL;

        run_wait_manager(s->h, "Ceiling", ceiling);
        reason = harness_property(s->h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "CeilingReason");
        assert_non_null(reason);
        if (fnmatch(pattern, reason, 0) != 0)
                harness_fail(s->h, "CeilingReason is %s, expected %s", reason, pattern);
}

/* -- The calendar ---------------------------------------------------------------------------------------- */

/* The day of a marathon has no ceiling, to its last seconds; the day after has. */
static void test_midnight(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, RUN_BASE AUTO);

        coach_race(h, 0, "marathon");
        expect_day(&s, "0", "the day of your marathon");
        coach_expect(h, 0, "race", "the day of your marathon");
        pass(&s, 11 * USEC_PER_HOUR + 59 * USEC_PER_MIN);
        expect_day(&s, "0", "the day of your marathon");
        pass(&s, USEC_PER_MIN);
        expect_day(&s, "145.55", "the day after your marathon on *");
        coach_expect(h, 1, "rest",
                        "the day after your marathon on *"); /* by the test's own clock it is tomorrow */
        pass(&s, 24 * USEC_PER_HOUR);
        expect_day(&s, "145.55", "2 days after your marathon on *");
}

/* Midnight passes unnoticed while the machine is suspended, or before the clock is right. */
static void test_days_slept_through(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, RUN_BASE AUTO);

        coach_run(h, 0, 40, "hard");
        expect_day(&s, "167.6", "nothing in your last days asks for rest");
        clock_sleep(s.clock, (int64_t)(20 * USEC_PER_HOUR));
        wake(&s);
        expect_day(&s, "145.55", "the day after your hard run on *");
        clock_sleep(s.clock, (int64_t)(3 * 24 * USEC_PER_HOUR));
        wake(&s);
        expect_day(&s, "167.6", "nothing in your last days asks for rest");
}

/* A clock that is set to another date, forward and back, is followed; not during a run, which keeps its day. */
static void test_clock_set(Harness *h)
{
        const int64_t day_usec = INT64_C(24) * 3600 * 1000000;
        _cleanup_stage_ Stage s = stage_begin(h, RUN_BASE AUTO PATIENT);
        char date[COACH_DATE_MAX];

        coach_run(h, -1, 40, "hard");
        run_strap(h, STRAP);
        send_heart_rate(&s, 60);
        expect_day(&s, "145.55", "the day after your hard run on *");
        step(&s, day_usec);
        send_heart_rate(&s, 60);
        expect_day(&s, "167.6", "2 days after your hard run on *");
        step(&s, -day_usec);
        send_heart_rate(&s, 60);
        expect_day(&s, "145.55", "the day after your hard run on *");

        run_call(h, "StartSession", "s", "");
        send_heart_rate(&s, 100);
        step(&s, day_usec);
        send_heart_rate(&s, 100);
        expect_day(&s, "145.55", "the day after your hard run on *");
        run_wait_int(h, 1, "SELECT count(*) FROM event WHERE type = 'clock' AND round(value) = 86400");
        run_call(h, "StopSession", NULL);
        expect_day(&s, "167.6", "2 days after your hard run on *");
        /* Its beginning is given by the clock as it is now. */
        assert_int_equal(run_int(h, "SELECT count(*) FROM sessions WHERE id = 2 AND date = '%s'",
                                         coach_date(1, date)),
                        1);
}

/* -- A clock that was not set ------------------------------------------------------------------------------ */

#define BORN "[runner]\nborn = 1986\nresting-heart-rate = 60\n" RUN_SMOOTHING RUN_STORAGE PATIENT

/* From the test's own clock to the third day of 1970. */
static int64_t to_1970_usec(void)
{
        return INT64_C(2) * 24 * 3600 * 1000000 - (int64_t)run_realtime_usec();
}

static Stage stage_begin_in_1970(Harness *h, const char *config)
{
        Stage s = { .h = h, .clock = clock_begin(harness_path(h, "clock")) };

        s.clock->offset.realtime_usec = to_1970_usec();
        coach_daemon(h, config);
        shim_inherit_no_more();
        return s;
}

static void expect_maximum(const Stage *s, int age)
{
        char text[16];

        (void)snprintf(text, sizeof(text), "%d", 220 - age);
        run_wait_manager(s->h, "MaximumHeartRate", text);
}

static int this_year(void)
{
        char date[COACH_DATE_MAX];

        return (int)strtol(coach_date(0, date), NULL, 10);
}

/* It starts, logs it, and uses what is known all the same: the last mornings, and the age as it was last known. */
static void test_no_clock(Harness *h)
{
        char date[COACH_DATE_MAX], pattern[96];

        coach_daemon(h, BORN);
        run_call(h, COACH "AddResting", "sd", coach_date(-1, date), 50.0);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);

        _cleanup_stage_ Stage s = stage_begin_in_1970(h, BORN);
        harness_wait_output(h, harness_daemon(h), true, "*The clock is not set, it says 1970-01-*",
                        HARNESS_TIMEOUT);
        harness_wait_output(h, harness_daemon(h), true, "*is reckoned as of 2024 *", HARNESS_TIMEOUT);
        run_wait_manager(h, "ClockSet", "false");
        run_wait_manager(h, "RestingHeartRate", "50");
        run_wait_manager(h, "RestingProvisional", "true");
        expect_maximum(&s, 2024 - 1986);
        /* What needs a date is refused, and says why. */
        run_refused(h, CARDIO_ERROR_CLOCK_NOT_SET, "The clock of this machine is not set*",
                        COACH "AddResting", "sd", date, 51.0);
        run_refused(h, CARDIO_ERROR_CLOCK_NOT_SET, "*", COACH "MeasureResting", "u", 60);
        run_refused(h, CARDIO_ERROR_CLOCK_NOT_SET, "*", COACH "Today", "s", "");
        run_refused(h, CARDIO_ERROR_CLOCK_NOT_SET, "*", "AddSession", "a{sv}", 2, "local_date", "s", date,
                        "minutes", "u", 30);

        /* Set in the middle of a run: its times are corrected, and its date is today's. */
        run_strap(h, STRAP);
        send_heart_rate(&s, 60);
        run_call(h, "StartSession", "s", "");
        send_heart_rate(&s, 100);
        step(&s, -s.clock->offset.realtime_usec);
        send_heart_rate(&s, 100);
        run_wait_manager(h, "ClockSet", "true");
        expect_maximum(&s, this_year() - 1986);
        (void)snprintf(pattern, sizeof(pattern), "*The clock is set: today is %s*", coach_date(0, date));
        harness_wait_output(h, harness_daemon(h), true, pattern, HARNESS_TIMEOUT);
        run_call(h, "StopSession", NULL);
        assert_int_equal(run_int(h, "SELECT count(*) FROM sessions WHERE date = '%s'", date), 1);
        run_call(h, COACH "AddResting", "sd", date, 52.0);
        run_wait_manager(h, "RestingHeartRate", "51");
}

/* A birthday that no date contradicted yet. */
static void test_no_clock_and_born_in_the_future(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin_in_1970(h, "[runner]\nborn = 2986\n");

        run_wait_manager(h, "ClockSet", "false");
        step(&s, -s.clock->offset.realtime_usec);
        run_wait_manager(h, "ClockSet", "true");
        harness_wait_output(h, harness_daemon(h), true,
                        "*born in section \\[runner\\] is in the future: correct it*", HARNESS_TIMEOUT);
        run_refused(h, CARDIO_ERROR_CONFIGURATION, "*born: \"2986\" is in the future; *", "Reload", NULL);
}

static void test_no_clock_check_config(Harness *h)
{
        Stage s = { .h = h, .clock = clock_begin(harness_path(h, "clock")) };
        _cleanup_free_ char *out = NULL, *err = NULL, *none = NULL;
        const char *path;

        s.clock->offset.realtime_usec = to_1970_usec();
        harness_write_file(h, "cardiod.conf", "[runner]\nborn = 1986\n");
        path = harness_path(h, "cardiod.conf");
        assert_int_equal(harness_command(h, &out, &err, "cardiod", "--check-config", "--config", path), 0);
        run_assert_contains(out, "born = 1986\n");
        run_assert_contains(
                        err, "cardiod.conf: born: the clock is not set; the age is computed when it is\n");
        free(TAKE_PTR(out));
        harness_write_file(h, "cardiod.conf", "[runner]\nage = 40\n");
        assert_int_equal(harness_command(h, &out, &none, "cardiod", "--check-config", "--config", path), 0);
        assert_string_equal(none, "");
        stage_end(&s);
}

/* -- Workouts -------------------------------------------------------------------------------------------- */

static void begin_workout(Stage *s, const char *name)
{
        s->before_usec = daemon_now(s);
        run_call(s->h, COACH "StartWorkout", "s", name);
        s->after_usec = daemon_now(s);
}

static void pass_until(const Stage *s, usec_t until_usec)
{
        usec_t now_usec = daemon_now(s);

        assert_true(until_usec > now_usec);
        pass(s, until_usec - now_usec);
}

/* The cue of that minute, and what is left of its step: all of it, but for what we were late. */
static void expect_cue(const Stage *s, unsigned minute, const char *cue, unsigned seconds)
{
        sd_bus_message *m = harness_wait_signal(s->h, CARDIO_COACH_INTERFACE, "Cue", 2 * HARNESS_TIMEOUT);
        usec_t late_usec = daemon_now(s) - (s->before_usec + minute * USEC_PER_MIN);
        uint32_t length;
        const char *signalled;
        int64_t id;

        assert_true(sd_bus_message_read(m, "xsu", &id, &signalled, &length) > 0);
        assert_int_equal(id, 1);
        assert_string_equal(signalled, cue);
        if (length > seconds || length + late_usec / USEC_PER_SEC + 1 < seconds)
                harness_fail(s->h, "%s for %u s, %.1f s late; expected %u s", cue, length,
                                (double)late_usec / 1e6, seconds);
}

typedef struct TimedCue {
        unsigned minute;
        const char *cue;
        unsigned seconds;
} TimedCue;

static const TimedCue fartlek[] = {
        { 10, "hard", 120 },
        { 12, "easy", 120 },
        { 14, "hard", 120 },
        { 16, "easy", 120 },
        { 18, "hard", 120 },
        { 20, "easy", 120 },
        { 22, "hard", 120 },
        { 24, "easy", 120 },
        { 26, "hard", 120 },
        { 28, "easy", 120 },
        { 30, "done", 0 },
};

/* 10 min and five times 2 and 2: no cue ten seconds before its minute, and at the minute there is one. */
static void test_fartlek_on_the_minute(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, RUN_BASE PATIENT);

        run_strap(h, STRAP);
        send_heart_rate(&s, 100);
        begin_workout(&s, "fartlek");
        expect_cue(&s, 0, "warm-up", 600);
        for (size_t i = 0; i < ELEMENTSOF(fartlek); i++) {
                usec_t at_usec = fartlek[i].minute * USEC_PER_MIN;

                pass_until(&s, s.before_usec + at_usec - 10 * USEC_PER_SEC);
                assert_int_equal(harness_count_signals(h, CARDIO_COACH_INTERFACE, "Cue"), 0);
                pass_until(&s, s.after_usec + at_usec);
                expect_cue(&s, fartlek[i].minute, fartlek[i].cue, fartlek[i].seconds);
        }
        run_wait_manager(h, "Recording", "true");
}

static void expect_step(const Stage *s, const char *step, unsigned number, unsigned steps, uint64_t ends_usec)
{
        _cleanup_free_ char *signalled = NULL, *which = NULL, *ends = NULL, *expected = NULL;

        harness_wait_property(
                        s->h, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "WorkoutStep", step, HARNESS_TIMEOUT);
        signalled = harness_property(s->h, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Workout");
        which = harness_property(s->h, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "WorkoutStepNumber");
        ends = harness_property(s->h, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "WorkoutStepEnds");
        assert_string_equal(signalled, steps > 0 ? "fartlek" : "");
        assert_true(asprintf(&expected, "%u %u", number, steps) > 0);
        assert_string_equal(which, expected);
        if (ends_usec == 0)
                assert_string_equal(ends, "0");
        else if (llabs((int64_t)strtoull(ends, NULL, 10) - (int64_t)ends_usec) > (int64_t)(20 * USEC_PER_SEC))
                harness_fail(s->h, "the step ends at %s, expected about %" PRIu64, ends, ends_usec);
}

/* The runner's ceiling is in force in the warm-up and after the end; in between the cues say how hard to go, and there is
 * none: what is above is not over. Which step it is can be asked for at any time. */
static void test_hard_steps_are_not_too_fast(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(
                        h, RUN_BASE PATIENT "[ceiling]\nceiling = 65%hrr\nhold = 0s\nclear = 0s\n");
        uint64_t begun_usec;

        run_strap(h, STRAP);
        send_heart_rates(&s, 100);
        begin_workout(&s, "fartlek");
        begun_usec = run_realtime_usec() + (uint64_t)s.clock->offset.realtime_usec;
        expect_step(&s, "warm-up", 1, 11, begun_usec + 10 * USEC_PER_MIN);
        expect_day(&s, "145.55", "configuration");
        send_heart_rates(&s, 160);
        run_wait(h, "OverLimit");
        send_heart_rates(&s, 100);
        run_wait(h, "BackInRange");
        expect_cue(&s, 0, "warm-up", 600);
        for (size_t i = 0; i < ELEMENTSOF(fartlek); i++) {
                pass_until(&s, s.after_usec + fartlek[i].minute * USEC_PER_MIN);
                expect_cue(&s, fartlek[i].minute, fartlek[i].cue, fartlek[i].seconds);
                assert_int_equal(run_count(h, "OverLimit"), 0);
                assert_int_equal(run_count(h, "BackInRange"), 0);
                if (i + 1 == ELEMENTSOF(fartlek))
                        break;
                expect_step(&s, fartlek[i].cue, (unsigned)i + 2, 11,
                                begun_usec + fartlek[i + 1].minute * USEC_PER_MIN);
                expect_day(&s, "0", "a workout's hard part");
                /* Hard and easy in turn; the last easy step is not easy enough. */
                send_heart_rates(&s, i % 2 == 0 || i == 9 ? 170 : 120);
        }
        expect_step(&s, "", 0, 0, 0);
        expect_day(&s, "145.55", "configuration");
        send_heart_rates(&s, 170);
        run_wait(h, "OverLimit");
        send_heart_rates(&s, 100);
        run_wait(h, "BackInRange");
        run_call(h, "StopSession", NULL);
        /* That of the warm-up, and the one after the end. */
        assert_int_equal(run_int(h, "SELECT breaches FROM session"), 2);
        assert_int_equal(run_int(h, "SELECT count(*) FROM breach"), 2);
        assert_int_equal(run_int(h, "SELECT workout = 'fartlek' FROM session"), 1);
        assert_int_equal(run_int(h, "SELECT count(*) FROM event WHERE type = 'ceiling'"), 2);
        run_wait_manager(h, "SnoozedUntil", "0");
        /* The next session is none of it. */
        pass(&s, USEC_PER_MIN);
        send_heart_rates(&s, 100);
        run_call(h, "StartSession", "s", "");
        send_heart_rates(&s, 170);
        run_wait(h, "OverLimit");
}

/* A ceiling that a command has set without a session is over with the day; also if the daemon is away meanwhile. */
static void test_command_is_over_with_the_day(Harness *h)
{
        _cleanup_stage_ Stage s = stage_begin(h, RUN_BASE PATIENT);

        run_command(h, "SetCeiling", "s", "150");
        expect_day(&s, "150", "set by command");
        assert_string_equal(coach_ask(h, 0).ceiling, "150");
        assert_true(coach_ask(h, 0).ceiling_bpm == 150);
        assert_string_equal(coach_ask(h, 1).ceiling, "65%hrr");
        pass(&s, 11 * USEC_PER_HOUR + 59 * USEC_PER_MIN);
        expect_day(&s, "150", "set by command");
        pass(&s, USEC_PER_MIN);
        expect_day(&s, "145.55", "configuration");

        /* Set in a session it is over with that, midnight or not. */
        run_strap(h, STRAP);
        send_heart_rate(&s, 60);
        run_call(h, "StartSession", "s", "");
        run_command(h, "SetCeiling", "s", "155");
        for (unsigned i = 0; i < 49; i++) {
                pass(&s, 30 * USEC_PER_MIN);
                send_heart_rate(&s, 100);
        }
        expect_day(&s, "155", "set by command");
        run_call(h, "StopSession", NULL);
        expect_day(&s, "145.55", "configuration");
}

/* -- Mornings -------------------------------------------------------------------------------------------- */

/* Of every second the intervals differ by 20 and by 60 units of 1/1024 s from the ones before them, whichever seconds are
 * looked at: the root of the mean square is that of (400 + 3600) / 2, 44.72 units. */
static void test_rmssd(Harness *h)
{
        static const char *const rr[] = { "1020 960", "940 1000" };
        _cleanup_stage_ Stage s = stage_begin(h, RUN_BASE PATIENT);
        sd_bus *bus = harness_bus_open(h, BUS_SYSTEM);
        CoachAnswer answer;

        run_strap(h, STRAP);
        send_heart_rate(&s, 62);
        coach_measure(bus, &answer);
        for (unsigned i = 0; !coach_is_answered(h, &answer) && i < 60; i++) {
                char bpm[8];

                (void)snprintf(bpm, sizeof(bpm), "%u", 61 - i % 2 * 2);
                harness_standin(h, "hr " STRAP " %s rr %s", bpm, rr[i % 2]);
                harness_wait_property(
                                h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", bpm, HARNESS_TIMEOUT);
                pass(&s, USEC_PER_SEC);
        }
        assert_true(harness_wait(h, coach_is_answered, &answer, HARNESS_TIMEOUT));
        assert_string_equal(answer.error, "");
        assert_float_equal(answer.rmssd, sqrt(2000) * 1000 / 1024, 0.001);
        /* 61 and 59 in turn; of an odd number of seconds one weighs more. */
        assert_true(fabs(answer.heart_rate - 60) < 0.2);
        assert_float_equal(run_real(h, "SELECT rmssd FROM resting"), answer.rmssd, 1e-9);
        /* 940 to 1020, each as often as the others: the root of 1000, of as many less one a little more; and 60 units are
         * 58.6 ms, half of the differences. */
        assert_float_equal(run_real(h, "SELECT sdnn FROM resting"), sqrt(1000) * 1000 / 1024, 1);
        assert_float_equal(run_real(h, "SELECT pnn50 FROM resting"), 50, 2);
        sd_bus_flush_close_unref(bus);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_midnight),
                harness_test(test_days_slept_through),
                harness_test(test_clock_set),
                harness_test(test_no_clock),
                harness_test(test_no_clock_and_born_in_the_future),
                harness_test(test_no_clock_check_config),
                harness_test(test_fartlek_on_the_minute),
                harness_test(test_hard_steps_are_not_too_fast),
                harness_test(test_command_is_over_with_the_day),
                harness_test(test_rmssd),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
