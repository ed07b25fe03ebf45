/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl-fixture.h"

/* The coach of the cardiod that is played: answers as told, and notes what it was asked for. */
typedef struct CtlCoach {
        Ctl *c;
        sd_bus *bus;
        const char *error, *error_message; /* what every method answers, NULL = it does as told */
        double heart_rate, rmssd;          /* of MeasureResting() */
        bool silent;                       /* MeasureResting() is not answered, StartWorkout() says no cue */
        const char *verdict;
        bool logged; /* GetDay() has something to tell */
        size_t n_calls;
        char call[CTL_CALLS_MAX][256]; /* as in "AddRace 2026-10-04 half note" */
} CtlCoach;

/* Begins playing it beside ctl_daemon(). */
void ctl_coach(CtlCoach *coach, Ctl *c, BusKind kind);

/* The first call since the last look was this. */
void ctl_coach_expect(CtlCoach *coach, const char *call);

void ctl_coach_beat(CtlCoach *coach, unsigned heart_rate);
void ctl_coach_cue(CtlCoach *coach, const char *cue, unsigned seconds);
