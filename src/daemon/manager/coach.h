/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/coach.h"
#include "cardio/engine.h"
#include "cardio/runner.h"
#include "store/coach.h"

typedef struct Manager Manager;

/* The coach's answers. The coach changes nothing by itself: coach_wants() returns what the core needs to know, and core.c
 * passes it on. */
typedef struct Coach {
        CoachDay day;             /* in force; the runner's figures are of this date, too */
        Runner runner;            /* the figures in force on that day */
        bool dirty;               /* the facts that the coach goes by may have changed: ask it again */
        bool configure;           /* the core's configuration is to be computed again */
        bool unjudged;            /* some verdicts could not be stored yet */
        int64_t unjudged_session; /* ended, but without a verdict so far, since that could not be stored; 0 = none */
} Coach;

/* What the core is to be given. */
typedef struct CoachWish {
        bool end_override; /* the ceiling set by command is over */
        bool configure;    /* .config differs from the core's */
        bool override;     /* a command has left the ceiling to the coach, and .ceiling is the coach's now */
        EngineConfig config;
        Intensity ceiling;
} CoachWish;

/* Something has changed that the coach is to be asked about, or that the core is to be told. That another day has come is not
 * seen here. */
bool coach_is_stale(const Manager *m);
/* Asks the coach again if another day is in force, or if its facts are dirty. Returns whether the core needs anything. */
bool coach_wants(Manager *m, CoachWish *ret);
/* Asks the coach at once: before the core begins, or when the day in force changes within an event. Returns 0 or a negative
 * errno. */
int coach_ask(Manager *m);
/* The same for any date. Returns 0 or a negative errno. */
int coach_of_date(Manager *m, Day date, CoachFacts *ret_facts, CoachDay *ret);
/* The runner's figures on that day; corrects a resting heart rate that cannot be true. */
Runner coach_runner(const Manager *m, CoachDay *day);

/* ceiling.c: which ceiling is in force, and why. */
EngineConfig ceiling_engine_config(const Manager *m);
bool ceiling_is_lifted_by(Kind said);
Intensity ceiling_of_coach(const Manager *m); /* the ceiling that `auto` stands for now */
const char *ceiling_reason(const Manager *m, char buf[static COACH_TEXT_MAX]);
/* The ceiling of a session that begins on that day without the runner saying what it is, and the reason for it. */
Intensity ceiling_of_day(const Manager *m, const CoachDay *day, const char **ret_reason,
                char buf[static COACH_TEXT_MAX]);

/* verdict.c: how finished sessions went. Those of the last days are judged; older ones keep their verdict unless somebody asks,
 * and one that was imported when it was older has none. */
#define VERDICT_DAYS 14
int verdict_of_session(Manager *m, int64_t session, StoreRun *ret_run, CoachVerdict *ret);
void verdict_judge_recent(Manager *m); /* judges again: the facts about the last days have changed */

/* warnings.c: to be called when anything that warnings depend on has changed. New ones are logged. */
void warnings_update(Manager *m);
void warnings_forget(Manager *m); /* the next update logs all of them */
