/* SPDX-License-Identifier: MIT */
/* A coach played on the harness's own connection, so that it replies whenever the test waits. No clock. */
#include "ctl-coach.h"

#include <stdio.h>

#define SENSOR CARDIO_SENSOR_PREFIX "/A0_9E_1A_12_34_56"

/* Logs the call. Returns 1 if it has been answered with an error. */
static int note_call(CtlCoach *coach, sd_bus_message *m)
{
        _cleanup_free_ char *text = harness_message_text(m);

        assert_true(coach->n_calls < CTL_CALLS_MAX);
        (void)snprintf(coach->call[coach->n_calls++], sizeof(coach->call[0]), "%s%s%s",
                        sd_bus_message_get_member(m), *text ? " " : "", text);
        return coach->error ? sd_bus_reply_method_errorf(m, coach->error, "%s", coach->error_message) : 0;
}

static int method_id(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        int r = note_call(userdata, m);

        (void)error;
        return r != 0 ? r : sd_bus_reply_method_return(m, "x", INT64_C(12));
}

static int method_plain(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        int r = note_call(userdata, m);

        (void)error;
        return r != 0 ? r : sd_bus_reply_method_return(m, NULL);
}

/* No test depends on it. */
static int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)userdata, (void)error;
        return sd_bus_reply_method_return(m, NULL);
}

static int method_measure(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlCoach *coach = userdata;
        int r = note_call(coach, m);

        (void)error;
        if (r != 0)
                return r;
        ctl_coach_heart_rate(coach, 52);
        return coach->silent ? 1 : sd_bus_reply_method_return(m, "dd", coach->heart_rate, coach->rmssd);
}

static int method_today(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlCoach *coach = userdata;
        int r = note_call(coach, m);

        (void)error;
        if (r != 0)
                return r;
        if (coach->long_is_due)
                return sd_bus_reply_method_return(m, "a{sv}", 3, "kind", "s", "long", "rule", "s", "cycle",
                                "minutes", "(uu)", 64, 0);
        return sd_bus_reply_method_return(m, "a{sv}", 21, "kind", "s", "recovery", "ceiling", "s", "65%hrr",
                        "ceiling_bpm", "d", 145.55, "ceiling_reason", "s", CARDIO_CEILING_BY_CONFIG,
                        "coach_ceiling", "s", "off", "rule", "s", "after-hard", "reason", "s",
                        "the day after your hard run on 2026-05-16 (session 12)", "advice", "as", 2,
                        "Slow enough to chat in whole sentences.",
                        "Keep it shorter than your base runs, which take about 45 minutes.", "care", "as", 1,
                        "Stretch for ten minutes, gently.", "minutes", "(uu)", 20, 30, "streak", "u", 12,
                        "cycle_day", "u", 3, "sessions", "u", 2, "week_sessions", "u", 4, "week_minutes", "u",
                        225, "resting", "d", 50.0, "resting_delta", "d", 2.25, "provisional", "b", true,
                        "proposed_maximum", "d", coach->maximum_date ? 194.0 : 0.0, "proposed_maximum_date",
                        "s", coach->maximum_date ? coach->maximum_date : "", "proposed_maximum_text", "s",
                        coach->maximum_date ? "A higher one: write it down" : "");
}

/* The log of a day: nothing, or everything possible with two pains on record. */
static int method_day(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlCoach *coach = userdata;

        (void)error;
        if (!coach->logged)
                return sd_bus_reply_method_return(m, "a{sv}", 1, "pains", "a(ssb)", 0);
        return sd_bus_reply_method_return(m, "a{sv}", 5, "feel", "y", 3, "mood", "s", "calm", "soreness", "s",
                        "calves", "note", "s", "slept late", "pains", "a(ssb)", 2, "left knee", "2026-05-15",
                        true, "toe", "2026-05-01", false);
}

static int method_verdict(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlCoach *coach = userdata;

        (void)error;
        return sd_bus_reply_method_return(m, "ss", "recovery", coach->verdict);
}

static int method_workout(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlCoach *coach = userdata;
        int r = note_call(coach, m);

        (void)error;
        if (r != 0)
                return r;
        r = sd_bus_reply_method_return(m, "x", INT64_C(43));
        if (!coach->silent)
                ctl_coach_cue(coach, "warm-up", 600);
        return r;
}

static int method_workouts(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)userdata, (void)error;
        return sd_bus_reply_method_return(m, "a(ss)", 2, "fartlek", "warm-up 10min, 5x(hard 2min, easy 2min)",
                        "hills", "up 1min");
}

static const sd_bus_vtable coach_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("MeasureResting", "u", "dd", method_measure, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("AddResting", "sd", "x", method_id, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("RemoveResting", "x", NULL, method_plain, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("AddRace", "ssa{sv}", "x", method_id, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("RemoveRace", "x", NULL, method_plain, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Annotate", "xa{sv}", NULL, method_plain, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("LogDay", "sa{sv}", NULL, method_plain, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetDay", "s", "a{sv}", method_day, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Today", "s", "a{sv}", method_today, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Verdict", "x", "ss", method_verdict, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ListWorkouts", NULL, "a(ss)", method_workouts, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("StartWorkout", "s", "x", method_workout, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/* The manager's members that belong to the coach. */
static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Subscribe", NULL, NULL, method_subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("AddSession", "a{sv}", "x", method_id, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

void ctl_coach(CtlCoach *coach, Ctl *c, BusKind kind)
{
        *coach = (CtlCoach){ .c = c,
                .bus = harness_bus(c->h, kind),
                .heart_rate = 48.33,
                .rmssd = 41.7,
                .verdict = "A good recovery run." };
        ctl_daemon(c, kind);
        assert_true(sd_bus_add_object_vtable(coach->bus, NULL, CARDIO_OBJECT, CARDIO_COACH_INTERFACE,
                                    coach_vtable, coach) >= 0);
        assert_true(sd_bus_add_object_vtable(coach->bus, NULL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                    manager_vtable, coach) >= 0);
}

void ctl_coach_expect(CtlCoach *coach, const char *call)
{
        assert_true(coach->n_calls > 0);
        assert_string_equal(coach->call[0], call);
        coach->n_calls = 0;
}

void ctl_coach_heart_rate(CtlCoach *coach, unsigned heart_rate)
{
        assert_true(sd_bus_emit_signal(coach->bus, SENSOR, CARDIO_SENSOR_INTERFACE, "Measurement", "tqdyaq",
                                    UINT64_C(1), (int)heart_rate, (double)heart_rate, 0, 0) >= 0);
}

void ctl_coach_cue(CtlCoach *coach, const char *cue, unsigned seconds)
{
        assert_true(sd_bus_emit_signal(coach->bus, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Cue", "xsu",
                                    INT64_C(43), cue, seconds) >= 0);
}
