/* SPDX-License-Identifier: MIT */
/* Sessions with cues: a session begun by hand, and a timer of CLOCK_BOOTTIME that goes from cue to cue. Every cue is due
 * when the steps before it add up to, so none is late because another was; after the machine has slept through some, the
 * newest is said. The cues end with their session. From the first hard step to the end there is no ceiling: the cues say how hard to
 * go. */

#include "manager/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/kind.h"
#include "cardio/text.h"

/* The one that is not running. */
#define WORKOUT_CROSS_TRAINING "cross-training"

static bool is_own(const Config *c, const char *name)
{
        for (size_t i = 0; i < c->n_workouts; i++)
                if (strcmp(c->workout[i].name, name) == 0)
                        return true;
        return false;
}

int manager_workout_list(void *userdata, sd_bus_message *reply)
{
        const Manager *m = userdata;
        const Config *c = m->config;
        const char *name;
        int r = sd_bus_message_open_container(reply, 'a', "(ss)");

        for (size_t i = 0; r >= 0 && (name = workout_builtin_name(i)); i++)
                if (!is_own(c, name))
                        r = sd_bus_message_append(reply, "(ss)", name, workout_builtin(name));
        for (size_t i = 0; r >= 0 && i < c->n_workouts; i++)
                r = sd_bus_message_append(reply, "(ss)", c->workout[i].name, c->workout[i].steps);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int refuse_name(const Manager *m, const char *name, sd_bus_error *error)
{
        char own[CONFIG_WORKOUTS_MAX * (WORKOUT_NAME_MAX + 2) + 1] = "";
        char brief[TEXT_BRIEF_SIZE];
        size_t n = 0;

        for (size_t i = 0; i < m->config->n_workouts; i++)
                n += (size_t)snprintf(
                                own + n, sizeof(own) - n, ", %s", m->config->workout[i].name); /* fits */
        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                        "'%s' is not a workout; accepted: fartlek, " WORKOUT_CROSS_TRAINING "%s",
                        text_brief(brief, sizeof(brief), name), own);
}

static void arm_cue(Manager *m)
{
        usec_t due_usec = workout_run_deadline(&m->workout_run, m->workout);

        if (due_usec < USEC_INFINITY)
                (void)manager_set_timer(m->cue, due_usec);
}

/* Whether its first step is hard, so that there is no ceiling from the beginning. */
static bool begins_hard(const Workout *workout)
{
        return workout_run_is_demanding(&(WorkoutRun){ .next = 1 }, workout);
}

int manager_workout_start(Manager *m, const char *name, int64_t *ret_id, sd_bus_error *error)
{
        _cleanup_free_ Workout *workout = malloc(sizeof(*workout));
        const char *kind =
                        strcmp(name, WORKOUT_CROSS_TRAINING) == 0 ? kind_to_string(KIND_CROSS_TRAINING) : "";
        int r;

        if (!workout)
                return -ENOMEM;
        if (config_workout(m->config, name, workout) < 0)
                return refuse_name(m, name, error);
        r = manager_may_start(m, error);
        if (r < 0)
                return r;
        m->workout_hard = begins_hard(workout);
        m->workout = TAKE_PTR(workout);
        m->was_workout = true;
        (void)snprintf(m->workout_name, sizeof(m->workout_name), "%s", name); /* fits: it is one of ours */
        r = manager_start_session(m, kind, ret_id, error);
        if (r < 0)
                return r;
        workout_run_begin(&m->workout_run, manager_now());
        arm_cue(m); /* the first one is due now, and said once the caller knows the session */
        return 0;
}

void manager_workout_end(Manager *m)
{
        free(TAKE_PTR(m->workout));
        m->workout_hard = false;
        m->workout_run = (WorkoutRun){ 0 };
        (void)sd_event_source_set_enabled(m->cue, SD_EVENT_OFF); /* it is ours */
}

void manager_push_workout(Manager *m)
{
        size_t next = m->workout_run.next;
        bool steps = m->workout && next > 0 && next <= m->workout->n;

        bus_set_workout(m->bus, &(WorkoutView){
                                                .workout = m->workout ? m->workout_name : "",
                                                .step = steps ? m->workout->step[next - 1].cue : "",
                                                .number = { steps ? (uint32_t)next : 0,
                                                                m->workout ? (uint32_t)m->workout->n : 0 },
                                                .step_ends = steps ? m->workout_ends : 0,
                                });
}

/* The ceiling follows before the cue is said, which may be for none. */
static void say_cue(Manager *m, const WorkoutCue *cue)
{
        bool hard = workout_run_is_demanding(&m->workout_run, m->workout);
        usec_t due_usec = workout_run_deadline(&m->workout_run, m->workout);
        uint32_t length_s = (uint32_t)((cue->length_usec + USEC_PER_SEC / 2) / USEC_PER_SEC);
        char said[WORKOUT_CUE_MAX + 1];

        (void)snprintf(said, sizeof(said), "%s", cue->cue); /* fits */
        if (due_usec < USEC_INFINITY)
                m->workout_ends = (uint64_t)manager_realtime_ms(due_usec) * 1000;
        else
                manager_workout_end(m);
        if (hard != m->workout_hard || due_usec == USEC_INFINITY) {
                m->workout_hard = hard;
                manager_ceiling_follow(m);
        } else
                manager_push(m);
        bus_cue(m->bus, m->session, said, length_s);
}

int manager_on_cue(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        WorkoutCue cue;

        (void)source, (void)usec;
        /* A session that is over by now, as after a long sleep, has no cues any more. */
        (void)manager_handle(m, &(Event){ .type = EVENT_TICK }); /* time is never refused */
        if (!m->workout)
                return 0;
        if (workout_run_step(&m->workout_run, m->workout, manager_now(), &cue))
                say_cue(m, &cue);
        if (m->workout)
                arm_cue(m);
        return 0;
}
