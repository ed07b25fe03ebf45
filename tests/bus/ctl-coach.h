/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl-fixture.h"

/* The coach of the played cardiod: replies as configured, and logs its calls. */
typedef struct CtlCoach {
        Ctl *c;
        sd_bus *bus;
        const char *error, *error_message; /* the reply of every method, NULL = no error */
        double heart_rate, rmssd;          /* of MeasureResting() */
        bool silent;                       /* MeasureResting() gets no reply, StartWorkout() emits no cue */
        const char *verdict;
        const char *maximum_date; /* Today() proposes one of that date; NULL = none */
        bool logged;              /* GetDay() has a log to return */
        bool long_is_due;         /* today, and until it is done */
        size_t n_calls;
        char call[CTL_CALLS_MAX][256]; /* as in "AddRace 2026-10-04 half note" */
} CtlCoach;

/* Begins playing it beside ctl_daemon(). */
void ctl_coach(CtlCoach *coach, Ctl *c, BusKind kind);

/* Fails unless the first call since the last check was this one. */
void ctl_coach_expect(CtlCoach *coach, const char *call);

void ctl_coach_heart_rate(CtlCoach *coach, unsigned heart_rate);
void ctl_coach_cue(CtlCoach *coach, const char *cue, unsigned seconds);
