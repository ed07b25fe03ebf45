/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of the coach share. */

#include "cardio/coach.h"

/* So far above its mean the resting heart rate is worth a word, in bpm. */
#define RESTING_HIGH_BPM 5.0

/* A runner who feels no better than this is to take it easy; so well, may run hard. */
#define FEEL_WORN_OUT 1U
#define FEEL_TIRED    2U
#define FEEL_GOOD     4U
#define FEEL_GREAT    5U

/* A pain that does not stop the runner has its date and the next two; then it is asked about, for so many days. */
#define PAIN_DAYS     3
#define PAIN_ASK_DAYS 4

#define ROW_ADVICE_MAX 2U
#define ROW_CARE_MAX   3U

typedef struct Row {
        CoachRule rule;
        unsigned first, last; /* days after it, inclusive; before it, for RULE_BEFORE_RACE */
        Kind kind;
        Kind allows;       /* up to this kind, where that is more than its own */
        unsigned min, max; /* minutes, as in CoachDay */
        unsigned who;
        AdviceKey advice[ROW_ADVICE_MAX];
        CareKey care[ROW_CARE_MAX];
} Row;

/* Something that has a say in the day. */
typedef struct Cause {
        CoachRule rule;
        unsigned days;      /* since; until, for RULE_BEFORE_RACE */
        unsigned effective; /* as they count for the rows */
        int64_t id;
        Day date;
        Distance distance; /* of RULE_BEFORE_RACE */
        size_t pain;
} Cause;

/* The answer so far. */
typedef struct Answer {
        const CoachConfig *config;
        unsigned feel;
        const Row *row; /* NULL = nothing has a say */
        Cause cause;
        unsigned allowed; /* 1 << Kind: by all that has a say */
        bool hard_done;   /* the one hard session that the row allows */
} Answer;

/* It is long enough to have a say. */
static inline bool coach_has_say(const CoachSession *s)
{
        return s->duration_s >= COACH_SAY_FROM_S;
}

bool coach_has_session(const CoachFacts *f, Day date, Kind kind);

/* Of several on one date the longest one is the day's; NULL = there is none. */
const CoachRace *coach_race_on(const CoachFacts *f, Day date);

/* The median length in seconds of the runs of the last so many dates, or of the base runs among them, but for one; NAN if
 * there are none. */
double coach_median_run_s(const CoachFacts *f, int days, bool base, int64_t except);

/* What to do, and what does the body good, on a day whose kind, rule and pains are known. */
void coach_advise(const CoachFacts *f, const Answer *a, CoachDay *day);
void coach_care(const CoachFacts *f, const Answer *a, CoachDay *day);
