/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/coach.h"
#include "cardio/engine.h"
#include "cardio/runner.h"
#include "store/coach.h"

typedef struct Manager Manager;

/* What the coach says. It does nothing by itself: coach_wants() returns what the core is to be told, and core.c tells it. */
typedef struct Coach {
        CoachDay day;   /* in force; its date is the one that the runner's figures are of, too */
        Runner runner;  /* the figures in force on it */
        bool dirty;     /* what it goes by may have changed: it is to be asked again */
        bool configure; /* what follows from its answer, or from what was said, is to be told to the core */
        bool unjudged;  /* verdicts could not be stored yet */
        int64_t unjudged_session; /* that has ended, while that could not be stored yet; 0 = none */
} Coach;

/* What is to be told to the core. */
typedef struct CoachWish {
        bool end_override; /* what a command has set is over */
        bool configure;    /* .config is another one */
        bool override;     /* a command has left the ceiling to the coach, for whom it is .ceiling now */
        EngineConfig config;
        Intensity ceiling;
} CoachWish;

/* Asks the coach anew if another day is in force, or if what it goes by has changed. Returns whether it wants anything. */
bool coach_wants(Manager *m, CoachWish *ret);
/* Before the core begins, or when the day in force is another one all at once: the answer for it. Returns 0 or a negative
 * errno. */
int coach_ask(Manager *m);
/* Of any day. Returns 0 or a negative errno. */
int coach_of_date(Manager *m, Day date, CoachFacts *ret_facts, CoachDay *ret);
/* The runner's figures on that day; a resting heart rate that cannot be is put right. */
Runner coach_runner(const Manager *m, CoachDay *day);

/* ceiling.c: which ceiling is in force, and why. */
EngineConfig ceiling_engine_config(const Manager *m);
bool ceiling_is_lifted_by(Kind said);
Intensity ceiling_of_coach(const Manager *m); /* what `auto` stands for now */
const char *ceiling_reason(const Manager *m, char buf[static COACH_TEXT_MAX]);
/* Of a session begun that day without a word, and why. */
Intensity ceiling_of_day(const Manager *m, const CoachDay *day, const char **ret_reason,
                char buf[static COACH_TEXT_MAX]);

/* verdict.c: how finished sessions went. */
int verdict_of_session(Manager *m, int64_t session, StoreRun *ret_run, CoachVerdict *ret);
void verdict_judge_recent(Manager *m); /* what was known of the last days has changed */

/* warnings.c: after whatever they may follow from has changed. Those that are new are logged. */
void warnings_update(Manager *m);
void warnings_forget(Manager *m); /* the next time all are new */
