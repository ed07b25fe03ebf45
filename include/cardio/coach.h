/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/day.h"
#include "cardio/diary.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/resting.h"

/* The handbook's rules: what a day is for, and how a run went. Dates and records in, facts out: whoever asks collects
 * what is known of the days before (CoachFacts), coach_day() answers from that alone, and the sentences are made from the
 * answer. All dates are the runner's local ones. */

/* How much recovery is due. */
typedef enum Level {
        LEVEL_NEW,
        LEVEL_REGULAR,
        LEVEL_SEASONED,
        _LEVEL_MAX,
        _LEVEL_INVALID = -EINVAL,
} Level;

const char *level_to_string(Level level);
Level level_from_string(const char *s);

#define CYCLE_DAYS_MIN 3U
#define CYCLE_DAYS_MAX 28U

typedef struct CoachConfig {
        Intensity base_ceiling;
        bool rest_days;      /* the runner takes days off */
        unsigned cycle_days; /* CYCLE_DAYS_MIN..CYCLE_DAYS_MAX */
        Level level;
} CoachConfig;

/* -- What is known ----------------------------------------------------------------------------------------------- */

/* So far back sessions matter: the base runs that a run is compared with. */
#define COACH_SESSION_DAYS 42
/* So far back races matter, and so far ahead. */
#define COACH_RACE_DAYS       32
#define COACH_RACE_AHEAD_DAYS 7

/* Of more the newest are taken. */
#define COACH_SESSIONS_MAX 256U
#define COACH_RACES_MAX    64U
#define COACH_MORNINGS_MAX 256U

typedef struct CoachSession {
        int64_t id;
        Day date;
        Kind kind; /* as it counts: as said, else race if its date has one, else by the record */
        double duration_s;
        bool talk_test_failed;
} CoachSession;

typedef struct CoachRace {
        int64_t id;
        Day date;
        Distance distance;
} CoachRace;

/* What the coach hears of a body scan. */
typedef struct CoachScan {
        unsigned feel; /* 1..FEEL_MAX, 0 = not said */
        bool sore;
        bool pain;
        bool pain_worse; /* it worsens, or changes the gait */
} CoachScan;

/* Everything in any order. Entries of later dates than `date` do no harm, races apart: those are told of. */
typedef struct CoachFacts {
        Day date; /* the day in question */
        size_t n_sessions;
        CoachSession session
                        [COACH_SESSIONS_MAX]; /* finished ones of the last COACH_SESSION_DAYS dates, `date` the last */
        size_t n_races;
        CoachRace race[COACH_RACES_MAX];
        size_t n_mornings;
        Morning morning[COACH_MORNINGS_MAX];
        CoachScan scan; /* of the date; zero if there is none */
        Day last_long; /* the last date before it with a long run, however long ago; DAY_NONE = there is none */
        Day first_run;   /* the first date with a run before it, likewise */
        unsigned streak; /* of streak_count() */
} CoachFacts;

/* Counts the days run without a break up to a date, on which the runner may still run: begin with `date`, then add the
 * dates of runs, the newest first, until it returns false. Several runs on one date are one day. */
typedef struct Streak {
        Day date, last;
        unsigned days;
} Streak;

Streak streak_begin(Day date);
bool streak_add(Streak *s, Day run);

/* -- The day ----------------------------------------------------------------------------------------------------- */

/* Which rule has the day. */
typedef enum CoachRule {
        RULE_5K, /* the four races in the order of Distance */
        RULE_10K,
        RULE_HALF,
        RULE_MARATHON,
        RULE_HARD,
        RULE_LONG,
        RULE_PAIN_WORSE,
        RULE_PAIN,
        RULE_CYCLE,
        RULE_NONE,
        _RULE_MAX,
        _RULE_INVALID = -EINVAL,
} CoachRule;

/* "after-marathon", "after-hard", "body-scan", "cycle", "none", for programs. */
const char *coach_rule_to_string(CoachRule rule);

typedef enum AdviceKey {
        ADVICE_NONE, /* fills a row of the table */
        ADVICE_REFUEL_MARATHON,
        ADVICE_WALK,
        ADVICE_REFUEL_HALF,
        ADVICE_JOG_10,
        ADVICE_REFUEL_SHORT,
        ADVICE_COOL_DOWN,
        ADVICE_NO_RUNNING,
        ADVICE_LIGHT_CROSS_TRAINING,
        ADVICE_MASSAGE,
        ADVICE_SEE_HOW_IT_FEELS,
        ADVICE_DAYS_OFF,
        ADVICE_STRIDES,
        ADVICE_ONE_LIGHT_WORKOUT,
        ADVICE_BLOOD,
        ADVICE_OR_CROSS_TRAIN,
        ADVICE_STRETCH,
        ADVICE_LEGS_UP,
        ADVICE_ONE_HARD_WORKOUT,
        ADVICE_OR_NORMAL,
        ADVICE_LIGHTER,
        ADVICE_CROSS_TRAINING,
        ADVICE_OR_EASY,
        ADVICE_PROFESSIONAL,
        ADVICE_EASY_MILE,
        ADVICE_TIRED,
        ADVICE_SORE,
        ADVICE_SHORTER, /* figure: minutes of the median base run, 0 = not known */
        ADVICE_CONVERSATION,
        ADVICE_LONG, /* figure: minutes, at least */
        ADVICE_TALK_TEST,
        ADVICE_RESTING_HIGH, /* figure: bpm above the mean */
        ADVICE_RACE_TODAY,
        ADVICE_RACE_AHEAD, /* figure: days until then */
        _ADVICE_KEY_MAX,
        _ADVICE_KEY_INVALID = -EINVAL,
} AdviceKey;

typedef struct CoachAdvice {
        AdviceKey key;
        unsigned figure;
        Distance distance; /* of the race it is about */
} CoachAdvice;

#define COACH_ADVICE_MAX 12U

typedef struct CoachDay {
        Day date;
        Kind kind;
        Kind allows;       /* a session up to this kind is not something else than the day asks for */
        Intensity ceiling; /* what `auto` stands for; INTENSITY_OFF = none */
        unsigned min_minutes, max_minutes; /* max 0: that long or longer; both 0: no length is named */

        CoachRule rule;
        unsigned days; /* since that race or run */
        int64_t id;    /* of that race or session, else 0 */
        Day since;     /* its date */
        unsigned cycle_days;

        size_t n_advice;
        CoachAdvice advice[COACH_ADVICE_MAX];

        unsigned streak;    /* days run without a break; up to yesterday while nothing was run today */
        unsigned cycle_day; /* 1 = the day after the last long run; 0 = nothing was run yet */
        unsigned sessions;  /* of that date, cross-training among them */
        RestingInForce resting;
        double resting_delta; /* this date's mornings against the figure in force, bpm; NAN = none on this date */

        /* The week, from its Monday up to the date. */
        unsigned week_sessions;
        double week_s; /* of them, together */
} CoachDay;

/* What a day is for: the most careful of what races, runs and the body scan say. configured_resting in bpm. */
void coach_day(const CoachFacts *facts, const CoachConfig *config, double configured_resting, CoachDay *ret);

/* The ceiling that `auto` stands for on a day of this kind. */
Intensity coach_ceiling(const CoachConfig *config, Kind kind);

/* -- A session --------------------------------------------------------------------------------------------------- */

/* What is told of a finished session. */
typedef struct CoachRun {
        int64_t id;
        Kind kind; /* as it counts */
        double duration_s, live_s;
        bool has_ceiling; /* at its start */
        double over_s;
        unsigned breaches;
        double longest_breach_s;
        TalkTest talk_test; /* _TALK_TEST_INVALID = not said */
} CoachRun;

typedef struct CoachVerdict {
        bool too_fast; /* there was a breach, or the talk test failed */
        bool talk_test_failed;
        double over_s, longest_breach_s;
        unsigned breaches;
        double easy_percent;  /* NAN without a ceiling or live time */
        double median_base_s; /* of the base runs it is compared with; NAN = there are none */
        bool shorter;         /* than that; false if there are none */
} CoachVerdict;

/* How a recovery run went. facts are those of its own date. */
void coach_verdict(const CoachFacts *facts, const CoachRun *run, CoachVerdict *ret);

/* A run is judged if it was a recovery run, or if its day asked for one or for less. */
bool coach_verdict_wanted(const CoachRun *run, const CoachDay *day);

/* -- Sentences --------------------------------------------------------------------------------------------------- */

#define COACH_TEXT_MAX 320U

/* Which rule has the day, and of which race or session: "the day after your hard run on 2026-05-04 (session 12)". */
const char *coach_reason_to_string(const CoachDay *day, char buf[static COACH_TEXT_MAX]);

const char *coach_advice_to_string(const CoachAdvice *advice, char buf[static COACH_TEXT_MAX]);

/* What is said at a session's start when its day asks for something else. kind is what the runner said it is,
 * _KIND_INVALID = nothing: then only a day without running speaks up. Returns false, and an empty text, if there is
 * nothing to say. */
bool coach_session_advice(const CoachDay *day, Kind kind, char buf[static COACH_TEXT_MAX]);

const char *coach_verdict_to_string(const CoachVerdict *verdict, char buf[static COACH_TEXT_MAX]);
