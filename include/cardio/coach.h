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

/* Who the runner is, and so how much recovery is due. */
typedef enum Level {
        LEVEL_NEW,
        LEVEL_RETURNING, /* building up again, or back from an injury: as new */
        LEVEL_REGULAR,
        LEVEL_SEASONED,
        _LEVEL_MAX,
        _LEVEL_INVALID = -EINVAL,
} Level;

const char *level_to_string(Level level);

/* What the runner trains for just now: in a phase of intensity more recovery is due than while building base. */
typedef enum Phase {
        PHASE_BASE,
        PHASE_INTENSITY,
        _PHASE_MAX,
        _PHASE_INVALID = -EINVAL,
} Phase;

const char *phase_to_string(Phase phase);

#define CYCLE_DAYS_MIN 3U
#define CYCLE_DAYS_MAX 28U

typedef struct CoachConfig {
        Intensity base_ceiling;
        bool rest_days;      /* the runner takes days off */
        unsigned cycle_days; /* CYCLE_DAYS_MIN..CYCLE_DAYS_MAX */
        Level level;
        Phase phase;
        unsigned pace_margin; /* s per mile */
        bool miles;           /* what paces are written in */
} CoachConfig;

/* -- What is known ----------------------------------------------------------------------------------------------- */

/* So far back the base runs matter that a run is compared with, and the runs that a long one is. */
#define COACH_BASE_DAYS 42
/* So many base runs with a distance it takes to say how fast a recovery run may be. */
#define COACH_PACE_RUNS    3U
#define COACH_SESSION_DAYS KIND_HISTORY_DAYS
/* More without a run are a break: no cycle goes on across it. */
#define COACH_BREAK_DAYS COACH_SESSION_DAYS
/* So far back races matter, and so far ahead. */
#define COACH_RACE_DAYS       32
#define COACH_RACE_AHEAD_DAYS 7

/* Of more the newest are taken. */
#define COACH_SESSIONS_MAX 256U
#define COACH_RACES_MAX    64U
#define COACH_MORNINGS_MAX 256U
#define COACH_PAINS_MAX    8U

/* A shorter session has no say in what follows from sessions, and no verdict. */
#define COACH_SAY_FROM_S KIND_SAY_FROM_S
/* A shorter run is no day of a streak. */
#define COACH_STREAK_FROM_S 300.0

typedef struct CoachSession {
        int64_t id;
        Day date;
        Kind kind;     /* as it counts: as said, else race, else by day and record */
        bool was_long; /* by its record, whatever else it was */
        double duration_s;
        TalkTest talk_test; /* _TALK_TEST_INVALID = not said */
        double held; /* bpm, the highest heart rate that was held (held.h) by what is no optical device; 0 = none */
} CoachSession;

typedef struct CoachRace {
        int64_t id;
        Day date;
        Distance distance;
        bool hilly; /* as hard as a longer one */
} CoachRace;

/* A pain that was logged, and not taken back by the date in question. */
typedef struct CoachPain {
        Day since;
        bool stops; /* it worsens, or changes how the runner moves: no running until it is taken back */
        char text[DIARY_WORDS_MAX + 1];
} CoachPain;

/* What the coach goes by of a body scan. */
typedef struct CoachScan {
        unsigned feel; /* 1..FEEL_MAX, 0 = not said */
        bool sore;
        bool low_mood;
} CoachScan;

/* Everything in any order. Entries of later dates than `date` do no harm, but for races: those are spoken of. */
typedef struct CoachFacts {
        Day date; /* the day in question */
        size_t n_sessions;
        /* Finished ones of the last COACH_SESSION_DAYS dates, `date` the last. */
        CoachSession session[COACH_SESSIONS_MAX];
        size_t n_races;
        CoachRace race[COACH_RACES_MAX];
        size_t n_mornings;
        Morning morning[COACH_MORNINGS_MAX];
        size_t n_pains;
        CoachPain pain[COACH_PAINS_MAX];
        CoachScan scan; /* of the date; zero if there is none */
        Day last_long; /* the last date before it with a long run since the last break; DAY_NONE = there is none */
        Day first_run;   /* without one, the first date before it with a run since then, likewise */
        unsigned streak; /* of streak_count() */
        double base_speed; /* m/s: of the base runs of the COACH_BASE_DAYS dates before it, weighted by distance; NAN = none */
        unsigned base_runs; /* that have a distance, of 1 km or more */
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
        RULE_BEFORE_RACE,
        RULE_HARD,
        RULE_LONG,
        RULE_PAIN_STOPS,
        RULE_PAIN,
        RULE_RUN_DOWN, /* the body scan, and the resting heart rate with it */
        RULE_WORN_OUT,
        RULE_TIRED,
        RULE_SORE,
        RULE_CYCLE,
        RULE_NONE,
        _RULE_MAX,
        _RULE_INVALID = -EINVAL,
} CoachRule;

/* "after-marathon", "before-race", "after-hard", "pain", "body-scan", "cycle", "none", for programs. */
const char *coach_rule_to_string(CoachRule rule);

/* What to do, and what for. */
typedef enum AdviceKey {
        ADVICE_NONE, /* fills a row of the table */
        ADVICE_PROFESSIONAL,
        ADVICE_EASY_MILE,
        ADVICE_RACE_LET_GO,    /* a race, and a pain that stops the runner */
        ADVICE_PAIN_GONE,      /* are the day's pains gone? With how to answer */
        ADVICE_PAIN_STANDS,    /* the day's pains, and how they are taken back */
        ADVICE_RACE_WHICH,     /* id and date of the session: a race that is not listed */
        ADVICE_RACE_RUN,       /* id and date of the race: nothing was run on its day */
        ADVICE_AFTER_MARATHON, /* on the day of a race, for afterwards */
        ADVICE_AFTER_HALF,
        ADVICE_AFTER_SHORT,
        ADVICE_WALK,
        ADVICE_JOG_10,
        ADVICE_COOL_DOWN,
        ADVICE_NO_RUNNING,
        ADVICE_LIGHT_CROSS_TRAINING,
        ADVICE_SEE_HOW_IT_FEELS,
        ADVICE_DAY_OFF,
        ADVICE_STRIDES,
        ADVICE_ONE_LIGHT_WORKOUT,
        ADVICE_BLOOD,
        ADVICE_OR_CROSS_TRAIN,
        ADVICE_ONE_HARD_WORKOUT,
        ADVICE_HARD_WORKOUT_DONE,
        ADVICE_OR_NORMAL,
        ADVICE_LIGHTER,
        ADVICE_CROSS_TRAINING,
        ADVICE_OR_EASY,
        ADVICE_REST_UP,
        ADVICE_WORN_OUT,
        ADVICE_TIRED,
        ADVICE_SORE,
        ADVICE_RESTING_HIGH, /* figure: bpm above the mean */
        ADVICE_RMSSD_LOW,    /* figure: ms, the mean over seven days, which is below what is usual … */
        ADVICE_RMSSD_HIGH,   /* … or above it */
        ADVICE_TALK_TEST,    /* date of the run */
        ADVICE_RACE_AHEAD,   /* figure: days until then */
        ADVICE_HARD_WELCOME,
        ADVICE_SHORTER, /* figure: minutes of the median base run, 0 = not known */
        ADVICE_CONVERSATION,
        ADVICE_PACE,       /* the same, where the pace limit is known */
        ADVICE_LONG,       /* figure: minutes, at least */
        ADVICE_LONG_FIRST, /* too few runs are known to say which is a long one */
        _ADVICE_KEY_MAX,
        _ADVICE_KEY_INVALID = -EINVAL,
} AdviceKey;

/* What does the body good, after the run or in the course of the day. */
typedef enum CareKey {
        CARE_NONE,
        CARE_PROFESSIONAL,
        CARE_WARM_CLOTHES,
        CARE_STRETCH,
        CARE_ROLL,
        CARE_STRETCH_AND_ROLL,
        CARE_BATH,
        CARE_SOCKS,
        CARE_MASSAGE,
        CARE_LEGS_UP,
        CARE_BAREFOOT_STRIDES,
        CARE_PRE_RUN,
        CARE_STRENGTH,
        CARE_STREAK, /* figure: days */
        CARE_FRIEND, /* a low mood; on days without a run: */
        CARE_WALK_WITH_FRIEND,
        _CARE_KEY_MAX,
        _CARE_KEY_INVALID = -EINVAL,
} CareKey;

typedef struct CoachAdvice {
        AdviceKey key;
        unsigned figure;
        int64_t id;
        Day date;
        Distance distance; /* of the race it is about */
} CoachAdvice;

typedef struct CoachCare {
        CareKey key;
        unsigned figure;
        bool after_race; /* on the day of a race */
} CoachCare;

/* More than that nobody reads. */
#define COACH_ADVICE_MAX 3U
#define COACH_CARE_MAX   2U

typedef struct CoachDay {
        Day date;
        Kind kind;
        unsigned allowed; /* 1 << Kind: a session of such a kind is not something else than the day asks for */
        Intensity ceiling;                 /* what `auto` stands for; INTENSITY_OFF = none */
        unsigned min_minutes, max_minutes; /* max 0: that long or longer; both 0: no length is named */

        CoachRule rule;
        unsigned days;     /* since that race or run; until the race that is ahead */
        int64_t id;        /* of that race or session, else 0 */
        Day since;         /* its date */
        Distance distance; /* of the race ahead, with RULE_BEFORE_RACE */
        unsigned cycle_days;

        /* The most important first. */
        size_t n_advice, n_care;
        CoachAdvice advice[COACH_ADVICE_MAX];
        CoachCare care[COACH_CARE_MAX];

        size_t n_pains; /* as in the facts, the one that has the day first */
        CoachPain pain[COACH_PAINS_MAX];
        bool pain_stops;      /* one of them does */
        double usual_s;       /* the median length of the runner's runs, NAN = not known */
        double median_base_s; /* … of the base runs */

        double pace_limit;  /* the fastest speed of a recovery run, m/s; NAN = not known, … */
        double base_speed;  /* … and that of the base runs which it follows from, … */
        unsigned base_runs; /* … so many */
        bool miles;

        unsigned streak; /* days run without a break; up to yesterday while nothing was run today */
        unsigned cycle_day; /* 1 = the day after the last long run, or that of the first run; 0 = nothing was run since a break */
        unsigned sessions; /* of that date, cross-training among them */
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

static inline bool coach_allows(const CoachDay *day, Kind kind)
{
        return day->allowed & (1U << kind);
}

/* -- The maximum -------------------------------------------------------------------------------------------------- */

/* So far back a session proposes a higher maximum heart rate, and for so many days, its own the first, that is worth a word. */
#define COACH_MAXIMUM_DAYS 28
#define COACH_MAXIMUM_SAID 2

typedef struct CoachMaximum {
        unsigned bpm;
        int64_t id; /* of the session that held it first */
        Day date;
} CoachMaximum;

/* Whether a session held more than the maximum in force, in bpm; of several the most. */
bool coach_maximum(const CoachFacts *facts, double maximum, CoachMaximum *ret);

/* -- A session --------------------------------------------------------------------------------------------------- */

/* What a finished session is judged by. */
typedef struct CoachRun {
        int64_t id;
        Kind kind;         /* as it counts */
        bool said;         /* by the runner */
        bool seen_running; /* by a foot pod or a treadmill */
        bool workout;
        double duration_s, live_s;
        bool has_ceiling; /* one was in force at some time */
        double over_s;
        unsigned breaches;
        double longest_breach_s;
        TalkTest talk_test; /* _TALK_TEST_INVALID = not said */
} CoachRun;

typedef enum VerdictKey {
        VERDICT_NONE, /* nothing is to be judged; or not by what is known */
        VERDICT_REST_WAS_DUE,
        VERDICT_UNKNOWN,
        VERDICT_TOO_FAST,
        VERDICT_TOO_LONG,
        VERDICT_GOOD,
        _VERDICT_KEY_MAX,
        _VERDICT_KEY_INVALID = -EINVAL,
} VerdictKey;

/* "rest-was-due", "unknown", "too-fast", "too-long", "good"; "" for VERDICT_NONE. */
const char *verdict_key_to_string(VerdictKey key);

typedef struct CoachVerdict {
        VerdictKey key;
        int64_t id;      /* of the session */
        Kind day_kind;   /* what its day was for */
        Kind asked;      /* what it is judged as */
        bool perhaps;    /* REST_WAS_DUE, if it was a run at all */
        bool pain_stops; /* … because of a pain */
        bool talk_test_failed;
        bool ask_talk_test;   /* the runner may be asked whether they could talk */
        unsigned max_minutes; /* that the day had, 0 = none */
        double duration_s, over_s, longest_breach_s;
        unsigned breaches;
        double easy_percent; /* NAN without a ceiling or live time */
        double median_base_s; /* of the base runs it is compared with, itself not among them; NAN = there are none */
} CoachVerdict;

/* How a session went, against what its day asked for or, if that was said, against its own kind. facts and day are those of
 * its own date. */
void coach_verdict(const CoachFacts *facts, const CoachDay *day, const CoachRun *run, CoachVerdict *ret);

/* -- Sentences --------------------------------------------------------------------------------------------------- */

/* The longest one names all pains, each of which may be 200 bytes long. */
#define COACH_TEXT_MAX 2048U

/* What is said of a day may be read on any other one: it speaks of dates and weekdays, never of today or tomorrow. What is
 * said in the first minutes of a session is read at once. */

/* Which rule has the day, and of which race or session: "the day after your hard run on 2026-05-04 (session 12)". */
const char *coach_reason_to_string(const CoachDay *day, char buf[static COACH_TEXT_MAX]);

const char *coach_advice_to_string(
                const CoachDay *day, const CoachAdvice *advice, char buf[static COACH_TEXT_MAX]);
const char *coach_care_to_string(const CoachCare *care, char buf[static COACH_TEXT_MAX]);

/* What is said in the first minutes of a session when its day asks for something else than a run, or for a shorter one than
 * usual. kind is what the runner said it is, _KIND_INVALID = nothing. moving: something that sees running has seen it; else
 * it may be a machine.
 * Returns false, and an empty text, if there is nothing to say. */
bool coach_session_advice(
                const CoachDay *day, Kind kind, bool workout, bool moving, char buf[static COACH_TEXT_MAX]);

/* What is to be done now that a race is over; and half an hour later. */
const char *coach_after_race_to_string(Distance distance, char buf[static COACH_TEXT_MAX]);
const char *coach_eaten_to_string(Distance distance, char buf[static COACH_TEXT_MAX]);

/* What was held, and what to write where; by_age: the maximum in force is that of the runner's age. */
const char *coach_maximum_to_string(
                const CoachMaximum *proposed, double maximum, bool by_age, char buf[static COACH_TEXT_MAX]);

/* Could you talk? Asked where the talk test is all that there is to know. */
const char *coach_talk_test_question(void);

const char *coach_verdict_to_string(const CoachVerdict *verdict, char buf[static COACH_TEXT_MAX]);
