/* SPDX-License-Identifier: MIT */
/* Sessions with cues: a session begun by hand, and a timer of CLOCK_BOOTTIME that goes from cue to cue. Each cue is due when
 * the steps before it add up to, so none is late because another was; if the machine has slept through some, only the newest
 * is announced. The cues end with their session. From the first hard step to the end there is no ceiling: the cues say how
 * hard to go. */

#include "manager/workouts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/kind.h"
#include "cardio/text.h"
#include "manager/feed.h"
#include "manager/internal.h"
#include "manager/start.h"
#include "store/writer.h"

/* The built-in one that is not running. */
#define WORKOUT_CROSS_TRAINING "cross-training"

static bool is_own(const Config *c, const char *name)
{
        for (size_t i = 0; i < c->n_workouts; i++)
                if (strcmp(c->workout[i].name, name) == 0)
                        return true;
        return false;
}

int workouts_list(void *userdata, sd_bus_message *reply)
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
                n += (size_t)snprintf(own + n, sizeof(own) - n, ", %s",
                                m->config->workout[i].name); /* always fits */
        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                        "'%s' is not a workout; accepted: fartlek, " WORKOUT_CROSS_TRAINING "%s",
                        text_brief(brief, sizeof(brief), name), own);
}

static void arm_cue(Manager *m)
{
        usec_t due_usec = workout_run_deadline(&m->cues.run, m->cues.workout);

        if (due_usec < USEC_INFINITY)
                (void)core_timer_set(m->cues.timer, due_usec);
}

/* Whether its first step is hard, so that there is no ceiling from the beginning. */
static bool begins_hard(const Workout *workout)
{
        return workout_run_is_demanding(&(WorkoutRun){ .next = 1 }, workout);
}

int workouts_start(void *userdata, const char *name, int64_t *ret_id, sd_bus_error *error)
{
        Manager *m = userdata;
        _cleanup_free_ Workout *workout = malloc(sizeof(*workout));
        const char *kind =
                        strcmp(name, WORKOUT_CROSS_TRAINING) == 0 ? kind_to_string(KIND_CROSS_TRAINING) : "";
        int r;

        if (!workout)
                return -ENOMEM;
        if (config_workout(m->config, name, workout) < 0)
                return refuse_name(m, name, error);
        r = start_allowed(m, error);
        if (r < 0)
                return r;
        m->cues.hard = begins_hard(workout);
        m->cues.workout = TAKE_PTR(workout);
        m->session.with_workout = true;
        (void)snprintf(m->cues.name, sizeof(m->cues.name), "%s", name); /* always fits: it is a known name */
        r = start_by_hand(m, kind, ret_id, error);
        if (r < 0)
                return r;
        workout_run_begin(&m->cues.run, core_now());
        arm_cue(m); /* the first cue is due now, and announced once the caller knows the session */
        return 0;
}

/* A step began where the one before it was to end, however late it is announced. */
static void record_step(Manager *m, const WorkoutCue *cue)
{
        const Workout *workout = m->cues.workout;
        const WorkoutRun *run = &m->cues.run;
        bool done = run->next > workout->n;
        usec_t began_usec = done ? run->due_usec : run->due_usec - workout->step[run->next - 1].length_usec;

        (void)session_writer_event(m->session.writer, session_time(&m->session, began_usec), "step",
                        done ? NAN : (double)run->next, cue->cue); /* logged there */
}

/* The ceiling is changed before the cue is announced, since it may be none from now on. */
static void say_cue(Manager *m, const WorkoutCue *cue)
{
        bool hard = workout_run_is_demanding(&m->cues.run, m->cues.workout);
        usec_t due_usec = workout_run_deadline(&m->cues.run, m->cues.workout);
        uint32_t length_s = (uint32_t)((cue->length_usec + USEC_PER_SEC / 2) / USEC_PER_SEC);
        char said[WORKOUT_CUE_MAX + 1];

        record_step(m, cue);
        (void)snprintf(said, sizeof(said), "%s", cue->cue); /* always fits */
        if (due_usec < USEC_INFINITY)
                m->cues.step_ends = (uint64_t)core_to_unix_ms(due_usec) * 1000;
        else
                cues_end(&m->cues);
        m->published.dirty = true;
        if (hard != m->cues.hard || due_usec == USEC_INFINITY) {
                m->cues.hard = hard;
                feed_ceiling_changed(m);
        } else
                publish(m);
        bus_cue(m->bus, m->session.id, said, length_s);
}

static int on_cue(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        WorkoutCue cue;

        /* Lets a session end that is over by now, as after a long suspend, and its cues with it. */
        feed_time(m);
        if (!m->cues.workout)
                return 0;
        if (workout_run_step(&m->cues.run, m->cues.workout, core_now(), &cue))
                say_cue(m, &cue);
        if (m->cues.workout)
                arm_cue(m);
        return 0;
}

int workouts_begin(Manager *m)
{
        return core_timer_add(m->event, &m->cues.timer, on_cue, m);
}
