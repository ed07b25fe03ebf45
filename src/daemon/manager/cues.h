/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/workout.h"

/* The workout of the session that is recorded, from cue to cue. workouts.c begins it and goes on with it. */
typedef struct Cues {
        Workout *workout; /* NULL = none */
        char name[WORKOUT_NAME_MAX + 1];
        WorkoutRun run;
        uint64_t step_ends; /* Unix µs */
        bool hard;          /* it is between its first hard step and its end */
        sd_event_source *timer;
} Cues;

void cues_end(Cues *c); /* all is said, or its session is over */
