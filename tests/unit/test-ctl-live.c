/* SPDX-License-Identifier: MIT */
/* The model of a daemon that is watched: which strap counts, what is time over, what it all comes to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "ctl/watch/live.h"
#include "ctl/watch/view.h"

#define STRAP_A "/org/cardiod1/sensor/A"
#define STRAP_B "/org/cardiod1/sensor/B"
#define SECOND  USEC_PER_SEC

static void put_manager(Live *l, ManagerProperties properties, usec_t now_usec)
{
        live_put_manager(l, &properties, now_usec);
}

static void put_coach(Live *l, CoachProperties properties)
{
        live_put_coach(l, &properties);
}

static void put_strap(Live *l, const char *path, SensorProperties properties)
{
        live_put_strap(l, path, &properties);
}

static void put_ceiling(Live *l, double ceiling)
{
        put_manager(l, (ManagerProperties){ .given = MANAGER_CEILING, .ceiling = ceiling }, 999 * SECOND);
}

static void put_state(Live *l, const char *path, const char *state)
{
        put_strap(l, path, (SensorProperties){ .state = state });
}

static void put_strap_session(Live *l, const char *path, int64_t session)
{
        put_strap(l, path, (SensorProperties){ .given = SENSOR_SESSION, .session = session });
}

static void put_configured(Live *l, const char *path, bool configured)
{
        put_strap(l, path, (SensorProperties){ .given = SENSOR_CONFIGURED, .configured = configured });
}

static void put_row(Live *l, SessionRow row, usec_t now_usec)
{
        live_put_session(l, &row, now_usec);
}

static bool put_beat(Live *l, const char *path, double smoothed, usec_t now_usec)
{
        const FollowerMeasurement m = {
                .path = path, .heart_rate = (uint16_t)smoothed, .smoothed = smoothed, .zone = 2
        };

        return live_put_measurement(l, &m, now_usec);
}

/* A run at 1000 s, with a ceiling of 140 and a tolerance of 2. */
static void begin(Live *l)
{
        memset(l, 0, sizeof(*l));
        live_lose(l, REACH_PRESENT);
        put_manager(l,
                        (ManagerProperties){ .given = MANAGER_SESSION | MANAGER_CEILING,
                                        .session = 5,
                                        .ceiling = 140,
                                        .ceiling_expression = "140" },
                        1000 * SECOND);
        put_strap(l, STRAP_A,
                        (SensorProperties){ .given = SENSOR_SESSION,
                                        .address = "A",
                                        .state = "live",
                                        .session = 5 });
        l->session.tolerance = 2;
}

static void test_over(void **state _unused_)
{
        /* At a time in ms, smoothed; time over afterwards, in seconds. */
        static const struct {
                unsigned at;
                double smoothed, over;
        } beats[] = {
                { 0, 139, 0 },
                { 1000, 142, 0 },   /* not above 140 + 2 */
                { 2000, 142.5, 0 }, /* what is before it counts for the one before */
                { 3000, 150, 1 },
                { 4500, 141, 2.5 },
                { 5500, 143, 2.5 },
                { 12500, 120, 4.5 }, /* of a hole two seconds count */
                { 13500, 160, 4.5 },
        };
        Live l;

        begin(&l);
        for (size_t i = 0; i < ELEMENTSOF(beats); i++) {
                assert_true(put_beat(
                                &l, STRAP_A, beats[i].smoothed, 1000 * SECOND + beats[i].at * USEC_PER_MSEC));
                assert_true(fabs(l.session.over_s - beats[i].over) < 1e-9);
        }

        /* The daemon's word counts, unless it has only rounded. */
        put_row(&l, (SessionRow){ .id = 5, .over_s = 5, .breaches = 1, .exact_duration_s = 13 },
                        1014 * SECOND);
        assert_true(fabs(l.session.over_s - 4.5) < 1e-9);
        assert_int_equal(l.session.breaches, 1);
        put_row(&l, (SessionRow){ .id = 5, .over_s = 9, .breaches = 2, .exact_duration_s = 13 },
                        1014 * SECOND);
        assert_true(fabs(l.session.over_s - 9) < 1e-9);
        /* An answer about another session comes too late. */
        put_row(&l, (SessionRow){ .id = 4, .over_s = 99, .breaches = 9, .exact_duration_s = 13 },
                        1014 * SECOND);
        assert_int_equal(l.session.breaches, 2);

        /* A new session begins from nothing. */
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 6 }, 1020 * SECOND);
        assert_true(l.session.over_s == 0 && l.session.breaches == 0);
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 0 }, 1021 * SECOND);
        assert_false(live_is_over(&l));
}

/* One that sends every five seconds is worth them, once that is its usual interval. */
static void test_slow_strap(void **state _unused_)
{
        Live l;

        begin(&l);
        for (unsigned i = 0; i < 4; i++)
                put_beat(&l, STRAP_A, 150, (1000 + 5 * i) * SECOND);
        assert_true(fabs(l.session.over_s - (2 + 5 + 5)) < 1e-9);
        put_beat(&l, STRAP_A, 120, 1100 * SECOND); /* a hole is worth no more */
        assert_true(fabs(l.session.over_s - (2 + 5 + 5 + 5)) < 1e-9);
}

/* What of the time over lies between its first heart rate above and its last one. */
static void test_breach_length(void **state _unused_)
{
        static const struct {
                unsigned at; /* s */
                double smoothed, length;
        } beats[] = {
                { 10, 150, 11 },
                { 11, 141, 11 }, /* up to the last one above */
                { 12, 150, 12 },
                { 13, 139, 12 },
                { 60, 150, 13 }, /* a hole adds nothing more */
                { 61, 150, 14 },
        };
        Credit past = { 0 };
        Live l;

        begin(&l);
        for (unsigned i = 0; i < 5; i++)
                (void)credit_push(&past, (995 + i) * SECOND);
        live_put_credit(&l, &past);
        put_beat(&l, STRAP_A, 150, 1009 * SECOND);
        live_put_breach(&l, 10, true);
        for (size_t i = 0; i < ELEMENTSOF(beats); i++) {
                put_beat(&l, STRAP_A, beats[i].smoothed, (1000 + beats[i].at) * SECOND);
                assert_true(fabs(l.session.breach_s - beats[i].length) < 1e-9);
        }
        live_put_breach(&l, 14, true); /* told again, in whole seconds */
        assert_true(fabs(l.session.breach_s - 14) < 1e-9);
        live_put_breach(&l, 20, true);
        assert_true(fabs(l.session.breach_s - 20) < 1e-9);
}

/* Without the tolerance only the daemon's word makes it time over. */
static void test_unknown_tolerance(void **state _unused_)
{
        Live l;

        begin(&l);
        l.session.tolerance = NAN;
        put_beat(&l, STRAP_A, 150, 1000 * SECOND);
        assert_false(live_is_over(&l));
        live_put_breach(&l, 5, true);
        assert_true(live_is_over(&l));
        live_end_breach(&l);
        assert_false(live_is_over(&l));
}

static void test_start(void **state _unused_)
{
        Live l;

        begin(&l);
        /* Nothing is known but that it runs: the row says how long it is. */
        put_row(&l,
                        (SessionRow){ .id = 5,
                                        .exact_duration_s = 600,
                                        .over_s = 0,
                                        .breaches = 0,
                                        .kind = "long" },
                        1000 * SECOND);
        assert_int_equal(l.session.started_usec, 400 * SECOND);
        assert_string_equal(l.session.kind, "long");
        /* Its last heart rate is past: that makes it no younger. */
        put_row(&l, (SessionRow){ .id = 5, .exact_duration_s = 600, .over_s = 0, .breaches = 0 },
                        1010 * SECOND);
        assert_int_equal(l.session.started_usec, 400 * SECOND);
        live_put_start(&l, 6, 970 * SECOND);
        assert_int_equal(l.session.id, 6);
        assert_int_equal(l.session.started_usec, 970 * SECOND);
}

static void test_straps(void **state _unused_)
{
        char path[32];
        Live l;

        begin(&l);
        put_strap(&l, STRAP_B,
                        (SensorProperties){ .given = SENSOR_SESSION,
                                        .address = "B",
                                        .state = "live",
                                        .session = 0 });
        assert_string_equal(live_strap(&l)->address, "A");
        put_beat(&l, STRAP_A, 120, 1000 * SECOND);
        assert_false(put_beat(&l, STRAP_B, 90, 1000 * SECOND));
        assert_true(live_history(&l, 999, 1000) == 120);
        assert_false(put_beat(&l, "/nobody", 90, 1000 * SECOND));

        /* A scan has found it: it is nobody's, until it is. */
        put_configured(&l, STRAP_B, false);
        put_strap(&l, STRAP_A,
                        (SensorProperties){ .given = SENSOR_CONFIGURED | SENSOR_SESSION,
                                        .configured = false,
                                        .session = 0 });
        assert_null(live_strap(&l));
        put_strap(&l, STRAP_A,
                        (SensorProperties){ .given = SENSOR_CONFIGURED | SENSOR_SESSION,
                                        .configured = true,
                                        .session = 5 });
        assert_string_equal(live_strap(&l)->address, "A");
        put_configured(&l, STRAP_B, true);

        /* Recording has gone on with the other. */
        put_strap_session(&l, STRAP_A, 0);
        put_strap_session(&l, STRAP_B, 5);
        assert_string_equal(live_strap(&l)->address, "B");
        /* Without a session the one that has most to say. */
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 0 }, 1000 * SECOND);
        put_state(&l, STRAP_B, "absent");
        assert_string_equal(live_strap(&l)->address, "A");
        assert_non_null(live_strap_with_heart_rate(&l));
        put_state(&l, STRAP_A, "stale");
        assert_null(live_strap_with_heart_rate(&l));
        /* What was said before is not said again when it comes back. */
        put_state(&l, STRAP_A, "live");
        assert_null(live_strap_with_heart_rate(&l));
        live_drop_strap(&l, STRAP_A);
        assert_string_equal(live_strap(&l)->address, "B");
        live_drop_strap(&l, STRAP_A);
        live_drop_strap(&l, STRAP_B);
        assert_null(live_strap(&l));

        for (unsigned i = 0; i < 2 * LIVE_STRAPS_MAX; i++) {
                (void)snprintf(path, sizeof(path), "/strap/%u", i);
                put_state(&l, path, "absent");
        }
        assert_int_equal(l.n_straps, LIVE_STRAPS_MAX);
}

/* A scan in a full room, and then it is watched: what comes first are straps of others. */
static void test_room_full_of_straps(void **state _unused_)
{
        char path[64];
        Live l;

        memset(&l, 0, sizeof(l));
        live_lose(&l, REACH_PRESENT);
        for (unsigned i = 0; i < SENSORS_MAX - 1; i++) {
                (void)snprintf(path, sizeof(path), "/strap/%u", i);
                put_strap(&l, path,
                                (SensorProperties){ .given = SENSOR_CONFIGURED,
                                                .configured = false,
                                                .state = "absent" });
        }
        put_strap(&l, STRAP_A,
                        (SensorProperties){ .given = SENSOR_CONFIGURED,
                                        .configured = true,
                                        .address = "A",
                                        .state = "live" });
        assert_non_null(live_strap(&l));
        assert_string_equal(live_strap(&l)->address, "A");
}

/* A name that is too long is cut where a character ends. */
static void test_long_name(void **state _unused_)
{
        char name[1024] = "x";
        Live l;

        begin(&l);
        for (int i = 0; i < 100; i++)
                strcat(name, "\xc3\xa9");
        put_strap(&l, STRAP_A, (SensorProperties){ .name = name });
        assert_int_equal(strlen(live_strap(&l)->name), LIVE_TEXT_MAX - 1);
        assert_memory_equal(live_strap(&l)->name + LIVE_TEXT_MAX - 3, "\xc3\xa9", 3);
}

static void test_history(void **state _unused_)
{
        Live l = { .reach = REACH_LOOKING };

        live_put_past(&l, 120, 5000 * SECOND);
        live_put_past(&l, 130, 5000 * SECOND + 500 * USEC_PER_MSEC);
        live_put_past(&l, 125, 5000 * SECOND + 900 * USEC_PER_MSEC);
        assert_true(live_history(&l, 4999, 5000) == 130);
        live_put_past(&l, 100, 4990 * SECOND); /* late, from the record */
        assert_true(live_history(&l, 4989, 4990) == 100);
        assert_true(isnan(live_history(&l, 4990, 4999)));
        assert_true(isnan(live_history(&l, 5000, 9000)));
        assert_true(live_history(&l, 0, UINT64_MAX) == 130);

        /* What lies in between is empty, however long, and what is too old is gone. */
        live_put_past(&l, 140, (5000 + LIVE_HISTORY_S - 1) * SECOND);
        assert_true(live_history(&l, 4999, 5000) == 130);
        live_put_past(&l, 140, (5000 + LIVE_HISTORY_S) * SECOND);
        assert_true(isnan(live_history(&l, 4999, 5000)));
        live_put_past(&l, 110, 5000 * SECOND);
        assert_true(isnan(live_history(&l, 4999, 5000)));
        live_put_past(&l, 150, 100000 * SECOND);
        assert_true(live_history(&l, 0, 100000) == 150);
        assert_true(isnan(live_history(&l, 0, 99999)));
}

static void test_verdicts(void **state _unused_)
{
        const ViewNow now = { .boot_usec = 1000 * SECOND, .realtime_usec = 1000000 * SECOND };
        char text[LIVE_TEXT_MAX];
        Live l;

        memset(&l, 0, sizeof(l));
        live_lose(&l, REACH_ABSENT);
        assert_int_equal(verdict(&l, &now), VERDICT_NO_DAEMON);
        live_lose(&l, REACH_DENIED);
        assert_int_equal(verdict(&l, &now), VERDICT_DENIED);
        live_lose(&l, REACH_PRESENT);
        assert_int_equal(verdict(&l, &now), VERDICT_NO_STRAP);
        put_state(&l, STRAP_A, "absent");
        assert_int_equal(verdict(&l, &now), VERDICT_ABSENT);
        put_state(&l, STRAP_A, "connecting");
        assert_int_equal(verdict(&l, &now), VERDICT_CONNECTING);
        put_state(&l, STRAP_A, "stale");
        assert_int_equal(verdict(&l, &now), VERDICT_STALE);
        put_state(&l, STRAP_A, "no-contact");
        assert_int_equal(verdict(&l, &now), VERDICT_NO_CONTACT);
        put_state(&l, STRAP_A, "something-new");
        assert_int_equal(verdict(&l, &now), VERDICT_ABSENT);

        put_beat(&l, STRAP_A, 150, 999 * SECOND);
        assert_int_equal(verdict(&l, &now), VERDICT_IDLE);
        put_manager(&l, (ManagerProperties){ .given = MANAGER_WAITS_FOR_REST, .waits_for_rest = true },
                        999 * SECOND);
        put_manager(&l, (ManagerProperties){ .given = MANAGER_WAITING, .waiting = 0 },
                        999 * SECOND); /* what did not change is not told */
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "not recording before you have rested");
        put_manager(&l, (ManagerProperties){ .given = MANAGER_WAITS_FOR_REST, .waits_for_rest = false },
                        999 * SECOND);
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "not recording");
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 5 }, 999 * SECOND);
        assert_int_equal(verdict(&l, &now), VERDICT_FREE);
        put_ceiling(&l, 150);
        l.session.tolerance = 2;
        assert_int_equal(verdict(&l, &now), VERDICT_EASY);
        put_beat(&l, STRAP_A, 152, 999 * SECOND);
        assert_int_equal(verdict(&l, &now), VERDICT_AT);
        put_beat(&l, STRAP_A, 153, 999 * SECOND);
        assert_int_equal(verdict(&l, &now), VERDICT_ABOVE);
        live_put_breach(&l, 70, true);
        assert_int_equal(verdict(&l, &now), VERDICT_TOO_FAST);
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "TOO FAST  3 over for 1 min 10 s");
        put_manager(&l,
                        (ManagerProperties){
                                        .given = MANAGER_SNOOZED_UNTIL, .snoozed_until_usec = 1000000000001 },
                        999 * SECOND);
        assert_int_equal(verdict(&l, &now), VERDICT_SNOOZED);
        put_manager(&l,
                        (ManagerProperties){
                                        .given = MANAGER_SNOOZED_UNTIL, .snoozed_until_usec = 1000000000000 },
                        999 * SECOND);
        assert_int_equal(verdict(&l, &now), VERDICT_TOO_FAST);
        put_beat(&l, STRAP_A, 152, 999 * SECOND); /* within the tolerance */
        assert_int_equal(verdict(&l, &now), VERDICT_AT);
        put_beat(&l, STRAP_A, 145, 999 * SECOND); /* not yet for long enough to be told so */
        assert_int_equal(verdict(&l, &now), VERDICT_EASY);
        for (Verdict v = 0; v < _VERDICT_MAX; v++)
                assert_non_null(verdict_to_string(v));
}

/* From the first hard step on a workout has no ceiling; one that a command sets counts in its easy steps. */
static void test_workout(void **state)
{
        ViewNow now = { .boot_usec = 1000 * SECOND, .realtime_usec = 5000 * SECOND };
        char text[LIVE_TEXT_MAX];
        Live l;

        (void)state;
        begin(&l);
        put_beat(&l, STRAP_A, 150, 999 * SECOND);
        live_put_breach(&l, 70, true);
        put_coach(&l, (CoachProperties){ .given = COACH_STEP_NUMBER,
                                      .workout = "hills",
                                      .step = "",
                                      .step_number = { 0, 5 } });
        assert_int_equal(verdict(&l, &now), VERDICT_TOO_FAST);
        put_coach(&l, (CoachProperties){ .given = COACH_STEP_NUMBER | COACH_STEP_ENDS,
                                      .step = "warm-up",
                                      .step_number = { 1, 5 },
                                      .step_ends_usec = 5070000000 });
        assert_int_equal(verdict(&l, &now), VERDICT_TOO_FAST);
        put_coach(&l, (CoachProperties){
                                      .given = COACH_STEP_NUMBER, .step = "hard", .step_number = { 2, 5 } });
        assert_int_equal(verdict(&l, &now), VERDICT_WORKOUT);
        put_ceiling(&l, 0);
        assert_int_equal(verdict(&l, &now), VERDICT_WORKOUT);
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "HARD  2 of 5, 1 min 10 s left");
        assert_string_equal(verdict_to_string(VERDICT_WORKOUT), "workout");
        now.realtime_usec = 5070 * SECOND - 1;
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "HARD  2 of 5, 1 s left");
        now.realtime_usec = 6000 * SECOND;
        verdict_describe(&l, &now, text, sizeof(text));
        assert_string_equal(text, "HARD  2 of 5, 0 s left");
        put_coach(&l, (CoachProperties){
                                      .given = COACH_STEP_NUMBER, .step = "easy", .step_number = { 3, 5 } });
        assert_int_equal(verdict(&l, &now), VERDICT_WORKOUT);
        put_ceiling(&l, 140);
        assert_int_equal(verdict(&l, &now), VERDICT_TOO_FAST);
        put_coach(&l, (CoachProperties){ .given = COACH_STEP_NUMBER,
                                      .workout = "",
                                      .step = "",
                                      .step_number = { 0, 0 } });
        put_ceiling(&l, 0);
        assert_int_equal(verdict(&l, &now), VERDICT_FREE);
        assert_string_equal(verdict_to_string(VERDICT_FREE), "no-ceiling");
        put_coach(&l, (CoachProperties){ .workout = "hills", .step = "hard" });
        live_lose(&l, REACH_PRESENT);
        assert_string_equal(l.workout.name, "");
}

/* The trace of the session has what was live before it was known to be one; it stays when the session is over, and when the
 * daemon is gone. */
static void test_trace(void **state _unused_)
{
        Live l;

        begin(&l);
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 0 }, 1000 * SECOND);
        for (unsigned s = 1000; s < 1060; s++)
                put_beat(&l, STRAP_A, 120, s * SECOND);
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 6 }, 1060 * SECOND);
        l.session.tolerance = 2;
        live_put_start(&l, 6, 1010 * SECOND); /* backdated */
        assert_int_equal(l.trace.session, 6);
        assert_true(trace_get(&l.trace, 5, 6, 50).high == 120.0F);
        assert_int_equal(trace_get(&l.trace, 5, 6, 50).zone, TRACE_ZONE_UNKNOWN);
        assert_true(trace_get(&l.trace, 5, 6, 50).ceiling == 140.0F);

        put_beat(&l, STRAP_A, 150, 1060 * SECOND);
        put_beat(&l, STRAP_A, 151, 1065 * SECOND);
        live_put_breach(&l, 5, true);
        live_trace_breach(&l, 1060 * SECOND, 1065 * SECOND);
        put_beat(&l, STRAP_A, 130, 1066 * SECOND);
        put_beat(&l, STRAP_A, 150, 1070 * SECOND); /* still the same one */
        put_beat(&l, STRAP_A, 130, 1071 * SECOND);
        live_end_breach(&l);
        put_beat(&l, STRAP_A, 150, 1080 * SECOND); /* too short to be one */
        for (unsigned s = 0; s < 90; s++)
                assert_int_equal(trace_get(&l.trace, s, s + 1, 80).flags,
                                s >= 50 && s <= 60 ? TRACE_BREACH : 0);

        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 0 }, 1081 * SECOND);
        put_beat(&l, STRAP_A, 90, 1090 * SECOND);
        assert_true(l.trace.last_usec == 1080 * SECOND);
        live_lose(&l, REACH_ABSENT);
        assert_int_equal(l.trace.session, 6);
        /* It is the same session that goes on. */
        live_put_start(&l, 6, 1010 * SECOND + USEC_PER_MSEC);
        assert_true(trace_get(&l.trace, 55, 56, 80).high == 151.0F);
        live_put_start(&l, 7, 1090 * SECOND);
        assert_false(trace_get(&l.trace, 55, 56, 80).high > 0);
}

static void test_trouble(void **state _unused_)
{
        static const struct {
                unsigned at; /* s */
                const char *kind, *text;
                bool calls;
                const char *told;
        } cases[] = {
                { 0, "battery", "low", false, "low" },
                { 10, "strap-lost", "lost", true, "lost" },
                { 20, "not-writing", "full", true, "full" }, /* more important */
                { 30, "strap-back", "back", false, "full" },
                { 40, "writing", "again", false, "low" },
                { 61, "something-new", "?", false, NULL },
                { 70, "strap-lost", "lost", true, "lost" },
        };
        Live l;

        begin(&l);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const FollowerTrouble t = { .kind = cases[i].kind, .text = cases[i].text };
                usec_t now_usec = (1000 + cases[i].at) * SECOND;
                const char *told;

                assert_int_equal(live_put_trouble(&l, &t, now_usec), cases[i].calls);
                told = live_trouble(&l, now_usec);
                assert_string_equal(told ? told : "none", cases[i].told ? cases[i].told : "none");
                assert_string_equal(l.trouble_news, cases[i].text);
        }
        /* Without a run there is no strap to be lost. */
        put_manager(&l, (ManagerProperties){ .given = MANAGER_SESSION, .session = 0 }, 1081 * SECOND);
        assert_null(live_trouble(&l, 1081 * SECOND));
        (void)live_put_trouble(
                        &l, &(FollowerTrouble){ .kind = "not-writing", .text = "full" }, 1090 * SECOND);
        live_lose(&l, REACH_ABSENT);
        assert_null(live_trouble(&l, 1091 * SECOND));
}

/* A strap is waited for in vain: why. */
static void test_bluetooth(void **state)
{
        static const struct {
                const char *bluetooth, *told;
        } cases[] = {
                { "", "waiting for the strap" },
                { "off", "Bluetooth is off" },
                { "no-adapter", "no Bluetooth adapter" },
                { "no-bluez", "BlueZ is not running" },
                { "on", "waiting for the strap" },
        };
        const ViewNow now = { .boot_usec = 1000 * SECOND };
        char text[LIVE_TEXT_MAX];
        Live l;

        (void)state;
        begin(&l);
        put_state(&l, STRAP_A, "absent");
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                put_manager(&l, (ManagerProperties){ .bluetooth = cases[i].bluetooth }, 999 * SECOND);
                verdict_describe(&l, &now, text, sizeof(text));
                assert_string_equal(text, cases[i].told);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_over),
                cmocka_unit_test(test_slow_strap),
                cmocka_unit_test(test_breach_length),
                cmocka_unit_test(test_unknown_tolerance),
                cmocka_unit_test(test_start),
                cmocka_unit_test(test_straps),
                cmocka_unit_test(test_room_full_of_straps),
                cmocka_unit_test(test_long_name),
                cmocka_unit_test(test_history),
                cmocka_unit_test(test_verdicts),
                cmocka_unit_test(test_workout),
                cmocka_unit_test(test_trace),
                cmocka_unit_test(test_trouble),
                cmocka_unit_test(test_bluetooth),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
