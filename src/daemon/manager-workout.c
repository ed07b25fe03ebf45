/* SPDX-License-Identifier: MIT */
/* Sessions with cues: a session begun by hand, and a timer of CLOCK_BOOTTIME that goes from cue to cue. Every cue is due
 * when the steps before it add up to, so none is late because another was; after the machine has slept through some, the
 * newest is said. The cues end with their session. From the first hard step to the end the ceiling is not announced: the cues
 * say how hard to go. */

#include "manager-internal.h"

#include <stdlib.h>

#include "cardio/bus-api.h"
#include "cardio/kind.h"

/* The one that is not running. */
#define WORKOUT_CROSS_TRAINING "cross-training"

static int refuse_name(const Manager *m, const char *name, sd_bus_error *error)
{
        char own[CONFIG_WORKOUTS_MAX * (WORKOUT_NAME_MAX + 2) + 1] = "";
        size_t n = 0;

        for (size_t i = 0; i < m->config->n_workouts; i++)
                n += (size_t)snprintf(
                                own + n, sizeof(own) - n, ", %s", m->config->workout[i].name); /* fits */
        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                        "'%s' is not a workout; accepted: fartlek, " WORKOUT_CROSS_TRAINING "%s", name, own);
}

static void arm_cue(Manager *m)
{
        usec_t due_usec = workout_run_deadline(&m->workout_run, m->workout);

        if (due_usec < USEC_INFINITY)
                (void)manager_set_timer(m->cue, due_usec);
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
        r = manager_start_session(m, kind, ret_id, error);
        if (r < 0)
                return r;
        m->workout = TAKE_PTR(workout);
        workout_run_begin(&m->workout_run, manager_now());
        arm_cue(m); /* the first one is due now, and said once the caller knows the session */
        return 0;
}

void manager_workout_end(Manager *m)
{
        free(TAKE_PTR(m->workout));
        (void)sd_event_source_set_enabled(m->cue, SD_EVENT_OFF); /* it is ours */
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
        if (workout_run_step(&m->workout_run, m->workout, manager_now(), &cue)) {
                (void)manager_handle(m, &(Event){ .type = EVENT_QUIET,
                                                        .quiet = workout_run_is_demanding(&m->workout_run,
                                                                        m->workout) }); /* it is recorded */
                bus_cue(m->bus, m->session, cue.cue,
                                (uint32_t)((cue.length_usec + USEC_PER_SEC / 2) / USEC_PER_SEC));
        }
        arm_cue(m);
        return 0;
}
