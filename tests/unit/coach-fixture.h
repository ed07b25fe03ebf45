/* SPDX-License-Identifier: MIT */
#pragma once

/* What the coach is given, put together a fact at a time. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/coach.h"
#include "cardio/macro.h"

static const char *const TODAY = "2026-05-20"; /* a Wednesday */

static inline Day day_of(const char *text)
{
        Day day;

        if (day_parse(text, &day) < 0)
                fail_msg("%s is no day", text);
        return day;
}

static inline CoachConfig config_default(void)
{
        return (CoachConfig){
                .base_ceiling = { INTENSITY_PERCENT_RESERVE, 80 },
                .rest_days = true,
                .cycle_days = 7,
                .level = LEVEL_REGULAR,
                .phase = PHASE_BASE,
        };
}

/* Nothing is known yet. */
static inline CoachFacts facts_of(Day date)
{
        return (CoachFacts){ .date = date, .last_long = DAY_NONE, .first_run = DAY_NONE };
}

static inline CoachFacts facts_today(void)
{
        return facts_of(day_of(TODAY));
}

/* A session so many days before the date; ids count from 1. */
static inline CoachSession *add_session(CoachFacts *f, int days_ago, Kind kind, double minutes)
{
        CoachSession *s = &f->session[f->n_sessions++];

        assert_true(f->n_sessions <= COACH_SESSIONS_MAX);
        *s = (CoachSession){
                .id = (int64_t)f->n_sessions,
                .date = f->date - days_ago,
                .kind = kind,
                .duration_s = minutes * 60,
                .talk_test = _TALK_TEST_INVALID,
        };
        return s;
}

/* Ids count from 101. */
static inline CoachRace *add_race(CoachFacts *f, int days_ago, Distance distance)
{
        CoachRace *race = &f->race[f->n_races++];

        assert_true(f->n_races <= COACH_RACES_MAX);
        *race = (CoachRace){
                .id = 100 + (int64_t)f->n_races, .date = f->date - days_ago, .distance = distance
        };
        return race;
}

static inline void add_morning(CoachFacts *f, int days_ago, double heart_rate)
{
        Morning *m = &f->morning[f->n_mornings++];

        assert_true(f->n_mornings <= COACH_MORNINGS_MAX);
        *m = (Morning){ .date = f->date - days_ago, .heart_rate = heart_rate };
}

static inline CoachPain *add_pain(CoachFacts *f, int days_ago, bool stops, const char *text)
{
        CoachPain *pain = &f->pain[f->n_pains++];

        assert_true(f->n_pains <= COACH_PAINS_MAX && strlen(text) <= DIARY_WORDS_MAX);
        *pain = (CoachPain){ .since = f->date - days_ago, .stops = stops };
        memcpy(pain->text, text, strlen(text));
        return pain;
}

static inline CoachDay ask(const CoachFacts *f, const CoachConfig *c)
{
        CoachDay day;

        coach_day(f, c, 60, &day);
        return day;
}

static inline const CoachAdvice *find_advice(const CoachDay *day, AdviceKey key)
{
        for (size_t i = 0; i < day->n_advice; i++)
                if (day->advice[i].key == key)
                        return &day->advice[i];
        return NULL;
}

static inline bool advises(const CoachDay *day, AdviceKey key)
{
        return find_advice(day, key);
}

static inline bool cares(const CoachDay *day, CareKey key)
{
        for (size_t i = 0; i < day->n_care; i++)
                if (day->care[i].key == key)
                        return true;
        return false;
}

static inline void assert_kind(Kind found, Kind expected)
{
        if (found != expected)
                fail_msg("%s, expected %s", found < 0 ? "none" : kind_to_string(found),
                                expected < 0 ? "none" : kind_to_string(expected));
}

static inline unsigned up_to(Kind kind)
{
        return (2U << kind) - 1;
}

/* A day as one letter: what it is for, how long, and what is allowed besides.
 *
 *      R race                        H recovery, or one hard workout         . rest
 *      b base                        r recovery                              o rest, or cross-training
 *      h base, or one hard workout   q recovery, 20 to 30 minutes            x cross-training
 *      l long                        e recovery, at most 30 minutes
 *      n recovery from 30 minutes    p recovery, at most 15 minutes
 *        on, or what is usual          ' ' base, and all is allowed         ? something else */
typedef struct DayLetter {
        char letter;
        Kind kind;
        unsigned min, max, allowed;
} DayLetter;

#define LETTER_HARD (1U << KIND_HARD)

static const DayLetter day_letters[] = {
        { '.', KIND_REST, 0, 0, 1U << KIND_REST },
        { 'o', KIND_REST, 0, 0, 3 },
        { 'x', KIND_CROSS_TRAINING, 0, 0, 3 },
        { 'p', KIND_RECOVERY, 0, 15, 7 },
        { 'q', KIND_RECOVERY, 20, 30, 7 },
        { 'e', KIND_RECOVERY, 0, 30, 7 },
        { 'r', KIND_RECOVERY, 0, 0, 7 },
        { 'H', KIND_RECOVERY, 0, 0, 7 | LETTER_HARD },
        { 'n', KIND_RECOVERY, 30, 0, 63 },
        { 'b', KIND_BASE, 0, 0, 15 },
        { 'h', KIND_BASE, 0, 0, 15 | LETTER_HARD },
        { ' ', KIND_BASE, 0, 0, 127 },
        { 'l', KIND_LONG, 0, 0, 127 },
        { 'R', KIND_RACE, 0, 0, 127 },
};

static inline const DayLetter *day_letter(char letter)
{
        for (size_t i = 0; i < ELEMENTSOF(day_letters); i++)
                if (day_letters[i].letter == letter)
                        return &day_letters[i];
        fail_msg("no such letter: %c", letter);
        return NULL;
}

static inline char letter_of(const CoachDay *day)
{
        for (size_t i = 0; i < ELEMENTSOF(day_letters); i++) {
                const DayLetter *l = &day_letters[i];

                if (l->kind == day->kind && l->allowed == day->allowed &&
                                (l->kind == KIND_LONG ||
                                                (l->min == day->min_minutes && l->max == day->max_minutes)))
                        return l->letter;
        }
        return '?';
}

/* What a session of a kind asks for from its own day on, a letter a day. */
static inline void assert_after_session(Kind kind, const CoachConfig *c, const char *expected)
{
        for (int days = 0; expected[days]; days++) {
                CoachFacts f = facts_today();
                CoachDay day;

                add_session(&f, days, kind, 70);
                day = ask(&f, c);
                if (letter_of(&day) != expected[days])
                        fail_msg("%d days after %s: '%c', expected '%c'", days, kind_to_string(kind),
                                        letter_of(&day), expected[days]);
                if (day.rule == RULE_NONE)
                        continue;
                assert_int_equal(day.id, 1);
                assert_int_equal(day.days, days);
                assert_int_equal(day.since, f.date - days);
        }
}

/* A run of half an hour with a strap, under a ceiling that it kept to. */
static inline CoachRun run_of(Kind kind)
{
        return (CoachRun){ .id = 99,
                .kind = kind,
                .duration_s = 1800,
                .live_s = 1800,
                .has_ceiling = true,
                .talk_test = _TALK_TEST_INVALID };
}

static inline CoachVerdict judge_run(const CoachFacts *f, const CoachConfig *c, const CoachRun *run)
{
        CoachDay day = ask(f, c);
        CoachVerdict v;

        coach_verdict(f, &day, run, &v);
        return v;
}

static inline void assert_verdict(const CoachVerdict *v, VerdictKey expected)
{
        if (v->key != expected)
                fail_msg("'%s', expected '%s'", verdict_key_to_string(v->key),
                                verdict_key_to_string(expected));
}
