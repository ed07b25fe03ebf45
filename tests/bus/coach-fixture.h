/* SPDX-License-Identifier: MIT */
#pragma once

#include "run-fixture.h"

/* What the tests of the coach share: days counted from today by the runner's own clock, and the day as the coach sees it. */

#define COACH "org.cardiod1.Coach."

/* Seconds that a clock is to be ahead of UTC so that it shows this time now. */
long coach_offset_for(unsigned hour, unsigned minute, unsigned second);
/* The programs started from here on are in a zone so far ahead of UTC. */
void coach_set_zone(long ahead_s);

/* cardiod in a zone where it is noon now, so that no test begins on one date and ends on another. */
void coach_daemon(Harness *h, const char *config);

#define COACH_DATE_MAX 16
/* So many days from today, by the clock that was last set. Returns buf. */
const char *coach_date(int days, char buf[static COACH_DATE_MAX]);

/* A run of that kind so many days from today. Returns its id. */
int64_t coach_run(Harness *h, int days, unsigned minutes, const char *kind);
int64_t coach_race(Harness *h, int days, const char *distance);
int64_t coach_morning(Harness *h, int days, double heart_rate);

/* The reply of Today. */
typedef struct CoachDay {
        char kind[16], ceiling[32], coach_ceiling[32], ceiling_reason[512], reason[512], rule[32],
                        advice[4000], care[4000];
        double ceiling_bpm;
        uint32_t min_minutes, max_minutes, streak, cycle_day;
        uint32_t sessions, week_sessions, week_minutes;
        double resting, resting_delta;
        int provisional;
        double proposed_maximum;
        char proposed_maximum_date[16], proposed_maximum_text[512];
        unsigned keys; /* the number of keys */
} CoachDay;
CoachDay coach_ask(Harness *h, int days);

/* Fails unless the day is of this kind, and its reason matches the shell pattern. */
void coach_expect(Harness *h, int days, const char *kind, const char *pattern);

/* The reply to a measurement of 30 s. */
typedef struct CoachAnswer {
        bool here;
        double heart_rate, rmssd;
        char error[128];
} CoachAnswer;

/* Asks for one, on a connection that lives as long as the reply; wait for coach_is_answered(). */
void coach_measure(sd_bus *bus, CoachAnswer *answer);
bool coach_is_answered(Harness *h, void *answer);
