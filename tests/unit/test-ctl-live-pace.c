/* SPDX-License-Identifier: MIT */
/* Foot pods and treadmills in the model of a daemon that is watched, and in its view: which of them tells the pace, how far the
 * session has come, when a pace is too fast, and that who has none sees nothing of it. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "ctl/watch/live.h"
#include "ctl/watch/view.h"

#define STRAP     "/org/cardiod1/sensor/A"
#define POD       "/org/cardiod1/sensor/B"
#define TREADMILL "/org/cardiod1/sensor/C"
#define SECOND    USEC_PER_SEC
#define NOW       (1000 * SECOND)

static const ViewNow now = { .boot_usec = NOW, .realtime_usec = 1778560260 * SECOND };

static void put_sensor(Live *l, const char *path, const char *kind, const char *state)
{
        live_put_strap(l, path, &(const SensorProperties){ .name = kind, .kind = kind, .state = state });
}

static void put_manager(Live *l, ManagerProperties properties)
{
        live_put_manager(l, &properties, NOW);
}

static bool put_pace(Live *l, const char *path, double speed, double distance, usec_t at_usec)
{
        return live_put_pace(l,
                        &(const FollowerPace){ .path = path,
                                        .speed = speed,
                                        .cadence = 168,
                                        .distance = distance,
                                        .incline = NAN },
                        at_usec);
}

static void put_heart_rate(Live *l, double smoothed)
{
        const FollowerMeasurement m = {
                .path = STRAP, .heart_rate = (uint16_t)smoothed, .smoothed = smoothed, .zone = 2
        };

        (void)live_put_measurement(l, &m, NOW);
}

/* A recovery run of 0 s under a ceiling of 140, at 120 bpm. */
static void begin(Live *l)
{
        memset(l, 0, sizeof(*l));
        live_lose(l, REACH_PRESENT);
        put_manager(l, (ManagerProperties){ .given = MANAGER_SESSION | MANAGER_CEILING,
                                       .session = 5,
                                       .ceiling = 140 });
        live_put_strap(l, STRAP,
                        &(const SensorProperties){ .given = SENSOR_SESSION,
                                        .name = "Strap",
                                        .kind = "strap",
                                        .state = "live",
                                        .session = 5 });
        l->session.tolerance = 2;
        put_heart_rate(l, 120);
}

/* Whatever it says of hearts, only a strap is shown as one, also if it is the only one that is live. */
static void test_no_strap(void **state _unused_)
{
        Live l;

        memset(&l, 0, sizeof(l));
        live_lose(&l, REACH_PRESENT);
        put_sensor(&l, TREADMILL, "treadmill", "live");
        assert_null(live_strap(&l));
        assert_int_equal(verdict(&l, &now), VERDICT_NO_STRAP);
        put_sensor(&l, STRAP, "strap", "absent");
        assert_string_equal(live_strap(&l)->name, "strap");
        put_sensor(&l, STRAP, "satellite", "absent"); /* of another version */
        assert_string_equal(live_strap(&l)->name, "satellite");
}

/* A treadmill before a foot pod before a strap with a pace of its own; one that is silent tells nothing. */
static void test_source(void **state _unused_)
{
        Live l;

        begin(&l);
        put_sensor(&l, POD, "foot-pod", "live");
        put_sensor(&l, TREADMILL, "treadmill", "live");
        assert_null(live_pace(&l, NOW)); /* none has told any yet */
        assert_true(put_pace(&l, STRAP, 2, NAN, NOW));
        assert_true(put_pace(&l, POD, 2.5, 100, NOW));
        assert_false(put_pace(&l, STRAP, 2, NAN, NOW));
        assert_true(put_pace(&l, TREADMILL, 3, 7, NOW));
        assert_string_equal(live_pace(&l, NOW)->path, TREADMILL);
        assert_false(put_pace(&l, "/nobody", 3, 7, NOW));
        /* The belt stands, and the runner runs elsewhere. */
        assert_false(put_pace(&l, TREADMILL, 0, 7, NOW + SECOND));
        assert_string_equal(live_pace(&l, NOW + SECOND)->path, POD);
        put_pace(&l, TREADMILL, 3, 7, NOW + 2 * SECOND);
        assert_string_equal(live_pace(&l, NOW + 2 * SECOND)->path, TREADMILL);

        assert_true(put_pace(&l, POD, 2.5, 100, NOW + 2 * SECOND + LIVE_PACE_USEC + 1));
        assert_string_equal(live_pace(&l, NOW + 2 * SECOND + LIVE_PACE_USEC + 1)->path, POD);
        put_sensor(&l, POD, "foot-pod", "absent");
        assert_null(live_pace(&l, NOW + 2 * SECOND + LIVE_PACE_USEC + 1));
        /* A scan has found it: it is nobody's. */
        put_sensor(&l, POD, "foot-pod", "live");
        assert_true(put_pace(&l, POD, 2.5, 100, NOW + 13 * SECOND));
        live_put_strap(&l, POD, &(const SensorProperties){ .given = SENSOR_CONFIGURED, .configured = false });
        assert_null(live_pace(&l, NOW + 13 * SECOND));
}

/* From what the daemon has said on by the source's counter, which begins anew with each link. */
static void test_distance(void **state _unused_)
{
        Live l;

        begin(&l);
        assert_true(l.session.distance == 0);
        put_sensor(&l, POD, "foot-pod", "live");
        put_pace(&l, POD, 2.5, 800, NOW);
        assert_true(l.session.distance == 0); /* run before the session, for all that is known */
        put_manager(&l, (ManagerProperties){ .given = MANAGER_DISTANCE, .distance = 120 });
        put_pace(&l, POD, 2.5, 803, NOW + 1 * SECOND);
        assert_true(l.session.distance == 123);
        put_pace(&l, POD, NAN, NAN, NOW + 2 * SECOND);
        put_pace(&l, POD, 2.5, 810, NOW + 3 * SECOND); /* the daemon knows */
        assert_true(l.session.distance == 123);
        live_put_distance(&l, 130);
        put_sensor(&l, POD, "foot-pod", "absent");
        put_sensor(&l, POD, "foot-pod", "live");
        put_pace(&l, POD, 2.5, 2, NOW + 60 * SECOND);
        put_pace(&l, POD, 2.5, 5, NOW + 61 * SECOND);
        assert_true(l.session.distance == 133);
        live_put_distance(&l, NAN);
        assert_true(l.session.distance == 0);
        live_put_distance(&l, 130);
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 6 });
        assert_true(l.session.distance == 0);
}

/* Too fast by pace is said where the heart rate gives no reason for an alert, and never in place of one. */
static void test_verdicts(void **state _unused_)
{
        static const struct {
                double speed, limit, heart_rate;
                bool signalled, breach, snoozed;
                Verdict verdict;
        } cases[] = {
                { 3, 2.5, 120, true, false, false, VERDICT_TOO_FAST_PACE },
                { 3, 2.5, 141, true, false, false, VERDICT_TOO_FAST_PACE },
                { 3, 2.5, 150, true, false, false, VERDICT_TOO_FAST_PACE },
                { 3, 2.5, 150, true, true, false, VERDICT_TOO_FAST },
                { 3, 2.5, 150, true, true, true, VERDICT_SNOOZED },
                { 3, 2.5, 120, true, false, true, VERDICT_EASY },
                { 3, 2.5, 120, false, false, false, VERDICT_EASY },   /* not for long enough yet */
                { 2.57, 2.5, 120, true, false, false, VERDICT_EASY }, /* within the tolerance */
                { 2.58, 2.5, 120, true, false, false, VERDICT_TOO_FAST_PACE },
                { 3, 0, 120, true, false, false, VERDICT_EASY },
        };
        char text[LIVE_TEXT_MAX];
        Live l;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                begin(&l);
                put_sensor(&l, POD, "foot-pod", "live");
                put_pace(&l, POD, cases[i].speed, 800, NOW);
                put_manager(&l, (ManagerProperties){ .given = MANAGER_PACE_LIMIT | MANAGER_SNOOZED_UNTIL,
                                                .pace_limit = cases[i].limit,
                                                .snoozed_until_usec = cases[i].snoozed ? UINT64_MAX : 0 });
                put_heart_rate(&l, cases[i].heart_rate);
                if (cases[i].breach)
                        live_put_breach(&l, 10, true);
                l.session.pace_breach = cases[i].signalled;
                if (verdict(&l, &now) != cases[i].verdict)
                        fail_msg("%zu: %s", i, verdict_to_string(verdict(&l, &now)));
        }

        begin(&l);
        put_sensor(&l, POD, "foot-pod", "live");
        put_manager(&l, (ManagerProperties){ .given = MANAGER_PACE_LIMIT, .pace_limit = 1000 / 405.0 });
        put_pace(&l, POD, 1000 / 340.0, 800, NOW);
        l.session.pace_breach = true;
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "TOO FAST  5:40 /km, recovery is 6:45 /km or slower");
        put_manager(&l, (ManagerProperties){ .pace_units = "mile" });
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "TOO FAST  9:07 /mile, recovery is 10:52 /mile or slower");
        /* The pod is lost, the limit is gone: nothing more is said of it. */
        l.strap[1].paced_usec -= LIVE_PACE_USEC + 1;
        assert_int_equal(verdict(&l, &now), VERDICT_EASY);
        put_manager(&l, (ManagerProperties){ .given = MANAGER_PACE_LIMIT, .pace_limit = 0 });
        assert_false(l.session.pace_breach);
}

/* -- The view -- */

static char *row_text(const Frame *f, unsigned row)
{
        char *text = frame_row(f, row, false);

        for (char *at = text; (at = strstr(at, "\033["));)
                memmove(at, at + strcspn(at, "m") + 1, strlen(at + strcspn(at, "m") + 1) + 1);
        return text;
}

static void draw(const Live *l, Frame *f, unsigned rows, unsigned columns)
{
        const ViewMode mode = { .keys = true };

        frame_resize(f, rows, columns);
        view_draw(l, &now, &mode, f);
}

static bool shows(const Frame *f, const char *text)
{
        for (unsigned i = 0; i < f->rows; i++) {
                _cleanup_free_ char *row = row_text(f, i);

                if (strstr(row, text))
                        return true;
        }
        return false;
}

/* All of it fits on the smallest usual terminal, beside what a run has otherwise; without a pace there is not a line of it. */
static void test_view(void **state _unused_)
{
        static const char *const lines[] = { "pace     6:40 /km limit 6:45", "distance 0.12 km",
                "cadence  168", "incline  1.5 %", "ceiling  140", "session  0:00:00", "over     0:00:00",
                "now      120", "Strap  live   pace from Mill" };
        Frame f = { .cells = NULL };
        Live l;

        begin(&l);
        draw(&l, &f, 24, 80);
        assert_true(shows(&f, "ceiling 140"));
        assert_false(shows(&f, "pace  ") || shows(&f, "distance") || shows(&f, "cadence"));
        put_sensor(&l, TREADMILL, "treadmill", "absent");
        put_manager(&l, (ManagerProperties){ .pace_reason = "no treadmill" });
        draw(&l, &f, 24, 80);
        assert_false(shows(&f, "pace  ") || shows(&f, "distance") || shows(&f, "treadmill"));

        live_put_strap(&l, TREADMILL, &(const SensorProperties){ .name = "Mill", .state = "live" });
        put_manager(&l, (ManagerProperties){ .given = MANAGER_PACE_LIMIT | MANAGER_DISTANCE,
                                        .pace_limit = 1000 / 405.0,
                                        .distance = 120 });
        live_put_pace(&l,
                        &(const FollowerPace){ .path = TREADMILL,
                                        .speed = 2.5,
                                        .cadence = 168,
                                        .distance = 7,
                                        .incline = 1.5 },
                        NOW);
        draw(&l, &f, 24, 80);
        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                if (!shows(&f, lines[i]))
                        fail_msg("no '%s'", lines[i]);
        draw(&l, &f, 1, 80);
        assert_true(shows(&f, "120  zone 2  ceiling 140  pace 6:40 /km  distance 0.12 km"));

        /* Lost in the run: how far it was is known, how fast is not. */
        put_sensor(&l, TREADMILL, "treadmill", "absent");
        draw(&l, &f, 24, 80);
        assert_true(shows(&f, "pace     - limit 6:45"));
        assert_true(shows(&f, "distance 0.12 km"));
        assert_false(shows(&f, "cadence") || shows(&f, "Mill"));
        frame_free(&f);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_no_strap),
                cmocka_unit_test(test_source),
                cmocka_unit_test(test_distance),
                cmocka_unit_test(test_verdicts),
                cmocka_unit_test(test_view),
        };

        (void)setlocale(LC_CTYPE, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
