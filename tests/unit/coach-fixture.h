/* SPDX-License-Identifier: MIT */
#pragma once

/* What the coach is told, put together a fact at a time. */

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
        };
}

/* Nothing is known yet. */
static inline CoachFacts facts_of(Day date)
{
        return (CoachFacts){ .date = date, .last_long = DAY_NONE, .first_run = DAY_NONE };
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
        };
        return s;
}

static inline void add_race(CoachFacts *f, int days_ago, Distance distance)
{
        CoachRace *race = &f->race[f->n_races++];

        assert_true(f->n_races <= COACH_RACES_MAX);
        *race = (CoachRace){
                .id = 100 + (int64_t)f->n_races, .date = f->date - days_ago, .distance = distance
        };
}

static inline void add_morning(CoachFacts *f, int days_ago, double heart_rate)
{
        Morning *m = &f->morning[f->n_mornings++];

        assert_true(f->n_mornings <= COACH_MORNINGS_MAX);
        *m = (Morning){ .date = f->date - days_ago, .heart_rate = heart_rate };
}

static inline CoachDay ask(const CoachFacts *f, const CoachConfig *c)
{
        CoachDay day;

        coach_day(f, c, 60, &day);
        return day;
}

static inline bool advises(const CoachDay *day, AdviceKey key)
{
        for (size_t i = 0; i < day->n_advice; i++)
                if (day->advice[i].key == key)
                        return true;
        return false;
}

static inline void assert_kind(Kind found, Kind expected)
{
        if (found != expected)
                fail_msg("%s, expected %s", kind_to_string(found), kind_to_string(expected));
}

/* What a session of a kind asks for so many days later, with all that goes with it; _KIND_INVALID = nothing. */
static inline Kind after(Kind kind, int days, const CoachConfig *c)
{
        CoachFacts f = facts_of(day_of(TODAY));
        CoachDay day;

        add_session(&f, days, kind, 70);
        day = ask(&f, c);
        if (day.rule == RULE_NONE)
                return _KIND_INVALID;
        assert_int_equal(day.id, 1);
        assert_int_equal(day.days, days);
        assert_int_equal(day.since, f.date - days);
        return day.kind;
}

/* The kind as a letter: R race, . rest, x cross-training, r recovery, b base; blank where no race has the day. */
static inline char letter_of(const CoachDay *day)
{
        return day->rule > RULE_MARATHON ? ' ' : ".xrblhR"[day->kind];
}
