/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/workout.h"

/* The workout of the recorded session, cue by cue. workouts.c begins and continues it. */
typedef struct Cues {
        Workout *workout; /* NULL = none */
        char name[WORKOUT_NAME_MAX + 1];
        WorkoutRun run;
        uint64_t step_ends; /* Unix µs */
        bool hard;          /* between the first hard step and the end of the workout */
        sd_event_source *timer;
} Cues;

void cues_end(Cues *c); /* after the last cue, or when the session is over */
