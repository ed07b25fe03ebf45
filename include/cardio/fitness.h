/* SPDX-License-Identifier: MIT */
#pragma once

/* Fitness and fatigue: how much load the runner is used to over six weeks, and over one, in TRIMP a day; and form, how much less
 * the one week was than the six. E. Banister's model, with averages that forget exponentially. Zero it to begin. */
typedef struct Fitness {
        double fitness, fatigue;
} Fitness;

#define FITNESS_DAYS 42.0
#define FATIGUE_DAYS 7.0

/* A day is over, with this load in all; 0 without a session. */
void fitness_day(Fitness *f, double load);
double fitness_form(const Fitness *f);
