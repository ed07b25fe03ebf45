/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "cardio/time.h"

/* Workouts: steps with cues, as the runner writes them,
 *
 *      warm-up 10min, 5x(hard 2min, easy 2min)
 *
 * counted out. */

#define WORKOUT_NAME_MAX      32U
#define WORKOUT_NAME_ACCEPTED "[workout NAME], the name at most 32 letters, digits, - and _"

#define WORKOUT_CUE_MAX          32U
#define WORKOUT_STEPS_LENGTH_MAX 160U
#define WORKOUT_STEPS_MAX        200U /* with repeats counted out */
#define WORKOUT_STEPS_ACCEPTED                                                                        \
        "at most 160 characters such as warm-up 10min, 5x(hard 2min, easy 2min): steps of 1s to 6h, " \
        "repeats of 1 to 99, 200 steps in all"

typedef struct WorkoutStep {
        char cue[WORKOUT_CUE_MAX + 1];
        usec_t length_usec;
} WorkoutStep;

typedef struct Workout {
        size_t n; /* at least 1 */
        WorkoutStep step[WORKOUT_STEPS_MAX];
} Workout;

bool workout_name_is_valid(const char *name);

/* Returns 0; or -EINVAL and in ret_rest where it stops to be understood, or -ERANGE if there are too many steps. */
int workout_parse(const char *text, Workout *ret, const char **ret_rest);

/* The steps of a workout that is there without being configured, as text; NULL if there is none of this name. fartlek:
 * 10 min of warm-up, then five times 2 min hard and 2 min easy. cross-training: the same on a machine, with the
 * resistance up and down. */
const char *workout_builtin(const char *name);

/* The name of the first, second, … of them; NULL if there are not so many. */
const char *workout_builtin_name(size_t i);

/* -- A workout being done -- */

/* The cue that is said when all steps are over. */
#define WORKOUT_CUE_DONE "done"
/* Those of steps that are easy, wherever the runner says so. */
#define WORKOUT_CUE_WARM_UP "warm-up"
#define WORKOUT_CUE_EASY    "easy"

/* Goes through a workout by CLOCK_BOOTTIME. Every step begins where the one before it was to end, so that no cue is late
 * because the one before it was. */
typedef struct WorkoutRun {
        size_t next;     /* the step whose cue is to be said next, n = the end's; beyond it: all are said */
        usec_t due_usec; /* when */
} WorkoutRun;

typedef struct WorkoutCue {
        const char *cue;    /* of the workout; WORKOUT_CUE_DONE at its end */
        usec_t length_usec; /* what is left of that step, 0 at the end */
} WorkoutCue;

/* The first cue is due at once. */
void workout_run_begin(WorkoutRun *run, usec_t now_usec);

/* Takes the cue that is due. Of several that have become due, as after the machine slept, it is the newest: the others
 * are past. Returns false if none is due. */
bool workout_run_step(WorkoutRun *run, const Workout *w, usec_t now_usec, WorkoutCue *ret);

/* Whether the workout asks for more than an easy run does: from its first step on that is not called `warm-up` or `easy`,
 * until all is said. The easy steps in between count as well: the heart takes a while to come down. */
bool workout_run_is_demanding(const WorkoutRun *run, const Workout *w);

/* When the next cue is due, USEC_INFINITY when all are said. */
usec_t workout_run_deadline(const WorkoutRun *run, const Workout *w);
