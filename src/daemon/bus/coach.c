/* SPDX-License-Identifier: MIT */
/* org.cardiod1.Coach on D-Bus: reads calls and passes them on. Whether a figure or a text is acceptable is decided
 * elsewhere. No clock. */

#include "bus/coach.h"

#include <stdlib.h>
#include <string.h>

#include "bus/dict.h"
#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

static const DictEntry annotation_entries[] = {
        { "kind", "s", offsetof(Annotation, kind), NULL },
        { "talk_test", "s", offsetof(Annotation, talk_test), NULL },
        { "rpe", "y", offsetof(Annotation, rpe), NULL },
        { "note", "s", offsetof(Annotation, note), NULL },
};

static const DictEntry scan_entries[] = {
        { "feel", "y", offsetof(BodyScan, feel), NULL },
        { "mood", "s", offsetof(BodyScan, mood), NULL },
        { "soreness", "s", offsetof(BodyScan, soreness), NULL },
        { "pain", "s", offsetof(BodyScan, pain), NULL },
        { "pain_worsening", "b", offsetof(BodyScan, pain_worsening), NULL },
        { "pain_gait", "b", offsetof(BodyScan, pain_gait), NULL },
        { "pain_gone", "s", offsetof(BodyScan, pain_gone), NULL },
        { "note", "s", offsetof(BodyScan, note), NULL },
};

static const DictEntry race_entries[] = {
        { "note", "s", offsetof(BusRace, note), NULL },
        { "hilly", "b", offsetof(BusRace, hilly), NULL },
};

static const DictEntry run_entries[] = {
        { "local_date", "s", offsetof(BusRun, local_date), NULL },
        { "started_at", "x", offsetof(BusRun, started_at), NULL },
        { "minutes", "u", offsetof(BusRun, minutes), NULL },
        { "kind", "s", offsetof(BusRun, annotation.kind), NULL },
        { "talk_test", "s", offsetof(BusRun, annotation.talk_test), NULL },
        { "rpe", "y", offsetof(BusRun, annotation.rpe), NULL },
        { "note", "s", offsetof(BusRun, annotation.note), NULL },
};

static int method_add_resting(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        const char *date;
        double heart_rate;
        int64_t id;
        int r = sd_bus_message_read(m, "sd", &date, &heart_rate);

        if (r >= 0)
                r = b->handlers->coach->add_resting(b->userdata, date, heart_rate, &id, error);
        return r < 0 ? bus_later(b, m, method_add_resting, r, error) : sd_bus_reply_method_return(m, "x", id);
}

static int method_remove_resting(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        return bus_later(b, m, method_remove_resting,
                        bus_delete(b, m, b->handlers->coach->remove_resting, error), error);
}

static int method_add_race(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusRace race = { .note = "" };
        Bus *b = userdata;
        int64_t id;
        int r = sd_bus_message_read(m, "ss", &race.date, &race.distance);

        if (r >= 0)
                r = bus_read_dict(m, race_entries, ELEMENTSOF(race_entries), &race, error);
        if (r >= 0)
                r = b->handlers->coach->add_race(b->userdata, &race, &id, error);
        return r < 0 ? bus_later(b, m, method_add_race, r, error) : sd_bus_reply_method_return(m, "x", id);
}

static int method_remove_race(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        return bus_later(b, m, method_remove_race, bus_delete(b, m, b->handlers->coach->remove_race, error),
                        error);
}

static int method_annotate(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Annotation annotation = ANNOTATION_NOTHING;
        Bus *b = userdata;
        int64_t session;
        int r = sd_bus_message_read(m, "x", &session);

        if (r >= 0)
                r = bus_read_dict(m, annotation_entries, ELEMENTSOF(annotation_entries), &annotation, error);
        if (r >= 0)
                r = b->handlers->coach->annotate(b->userdata, session, &annotation, error);
        return r < 0 ? bus_later(b, m, method_annotate, r, error) : sd_bus_reply_method_return(m, NULL);
}

static int method_log_day(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BodyScan scan = BODY_SCAN_NOTHING;
        Bus *b = userdata;
        const char *date;
        int r = sd_bus_message_read(m, "s", &date);

        if (r >= 0)
                r = bus_read_dict(m, scan_entries, ELEMENTSOF(scan_entries), &scan, error);
        if (r >= 0)
                r = b->handlers->coach->log_day(b->userdata, date, &scan, error);
        return r < 0 ? bus_later(b, m, method_log_day, r, error) : sd_bus_reply_method_return(m, NULL);
}

/* Answers a question about a date. */
static int answer_of_date(sd_bus_message *m, Bus *b,
                int (*append)(void *userdata, const char *date, sd_bus_message *reply, sd_bus_error *error),
                sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *date;
        int r = sd_bus_message_read(m, "s", &date);

        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append(b->userdata, date, reply, error);
        return r < 0 ? r : sd_bus_send(b->bus, reply, NULL);
}

static int method_get_day(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        return bus_later(b, m, method_get_day, answer_of_date(m, b, b->handlers->coach->get_day, error),
                        error);
}

static int method_today(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        return bus_later(b, m, method_today, answer_of_date(m, b, b->handlers->coach->today, error), error);
}

int bus_method_add_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusRun run = { .started_at = BUS_RUN_NO_START, .annotation = ANNOTATION_NOTHING };
        Bus *b = userdata;
        int64_t id;
        int r = bus_read_dict(m, run_entries, ELEMENTSOF(run_entries), &run, error);

        if (r >= 0)
                r = b->handlers->coach->add_session(b->userdata, &run, &id, error);
        return r < 0 ? bus_later(b, m, bus_method_add_session, r, error)
                     : sd_bus_reply_method_return(m, "x", id);
}

static int method_start_workout(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        const char *name;
        int64_t id;
        int r = sd_bus_message_read(m, "s", &name);

        if (r >= 0)
                r = b->handlers->coach->start_workout(b->userdata, name, &id, error);
        return r < 0 ? r : bus_reply_stored(b, m, &id);
}

static int method_list_workouts(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Bus *b = userdata;
        int r = sd_bus_message_new_method_return(m, &reply);

        (void)error;
        if (r >= 0)
                r = b->handlers->coach->list_workouts(b->userdata, reply);
        return r < 0 ? r : sd_bus_send(b->bus, reply, NULL);
}

static int method_verdict(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Bus *b = userdata;
        int64_t session;
        int r = sd_bus_message_read(m, "x", &session);

        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = b->handlers->coach->verdict(b->userdata, session, reply, error);
        return r < 0 ? bus_later(b, m, method_verdict, r, error) : sd_bus_send(b->bus, reply, NULL);
}

void bus_cue(Bus *b, int64_t session, const char *cue, uint32_t seconds)
{
        bus_emit(b, CARDIO_COACH_INTERFACE, "Cue", "xsu", session, cue, seconds);
}

void bus_advice(Bus *b, int64_t session, const char *kind, const char *text)
{
        bus_emit(b, CARDIO_COACH_INTERFACE, "Advice", "xss", session, kind, text);
}

/* Which step, of how many. */
DEFINE_PROPERTY_GET(get_step_number, uint32_t, "(uu)", field[0], field[1])

#define CHANGES SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

static const BusProperty properties[] = {
        { "Workout", "s", NULL, PROPERTY_TEXT(WorkoutView, workout), CHANGES },
        { "WorkoutStep", "s", NULL, PROPERTY_TEXT(WorkoutView, step), CHANGES },
        { "WorkoutStepNumber", "(uu)", get_step_number, PROPERTY_VALUE(WorkoutView, number), CHANGES },
        { "WorkoutStepEnds", "t", NULL, PROPERTY_VALUE(WorkoutView, step_ends), CHANGES },
};

void bus_set_workout(Bus *b, const WorkoutView *view)
{
        bus_push(b, &b->coach_object, view);
}

static const sd_bus_vtable members[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("MeasureResting", SD_BUS_ARGS("u", seconds),
                        SD_BUS_RESULT("d", heart_rate, "d", rmssd), method_measure_resting,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("AddResting", SD_BUS_ARGS("s", local_date, "d", heart_rate),
                        SD_BUS_RESULT("x", id), method_add_resting, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("RemoveResting", SD_BUS_ARGS("x", id), SD_BUS_NO_RESULT,
                        method_remove_resting, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("AddRace", SD_BUS_ARGS("s", local_date, "s", distance, "a{sv}", options),
                        SD_BUS_RESULT("x", id), method_add_race, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("RemoveRace", SD_BUS_ARGS("x", id), SD_BUS_NO_RESULT, method_remove_race,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Annotate", SD_BUS_ARGS("x", session, "a{sv}", annotation), SD_BUS_NO_RESULT,
                        method_annotate, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("LogDay", SD_BUS_ARGS("s", local_date, "a{sv}", body_scan), SD_BUS_NO_RESULT,
                        method_log_day, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetDay", SD_BUS_ARGS("s", local_date), SD_BUS_RESULT("a{sv}", body_scan),
                        method_get_day, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Today", SD_BUS_ARGS("s", local_date), SD_BUS_RESULT("a{sv}", day),
                        method_today, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListWorkouts", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(ss)", workouts),
                        method_list_workouts, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StartWorkout", SD_BUS_ARGS("s", name), SD_BUS_RESULT("x", session),
                        method_start_workout, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Verdict", SD_BUS_ARGS("x", session), SD_BUS_RESULT("s", kind, "s", text),
                        method_verdict, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Cue", SD_BUS_ARGS("x", session, "s", cue, "u", seconds), 0),
        SD_BUS_SIGNAL_WITH_ARGS("Advice", SD_BUS_ARGS("x", session, "s", kind, "s", text), 0),
        SD_BUS_VTABLE_END,
};

const BusInterface bus_coach_interface = {
        .name = CARDIO_COACH_INTERFACE,
        .properties = properties,
        .n_properties = ELEMENTSOF(properties),
        .members = members,
        .offset = offsetof(Bus, workout),
};
