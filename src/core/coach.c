/* SPDX-License-Identifier: MIT */

/* What a day is for. Everything that has a say in it (a race behind the runner or ahead, a hard or a long run, a pain, the
 * body scan) is a cause; rows of one table say what a cause asks for so many days later; the most careful row has the day,
 * and what else is said only takes from what it allows. What is said of the day: coach-advice.c; of a run: coach-verdict.c. No
 * clock: the date is passed in. */

#include "coach-internal.h"

#include <assert.h>
#include <limits.h>
#include <math.h>

#include "cardio/macro.h"
#include "cardio/pace.h"

static const char *const level_names[] = {
        [LEVEL_NEW] = "new",
        [LEVEL_RETURNING] = "returning",
        [LEVEL_REGULAR] = "regular",
        [LEVEL_SEASONED] = "seasoned",
};

static const char *const phase_names[] = {
        [PHASE_BASE] = "base",
        [PHASE_INTENSITY] = "intensity",
};

const char *level_to_string(Level level)
{
        assert(level >= 0 && level < _LEVEL_MAX);
        return level_names[level];
}

const char *phase_to_string(Phase phase)
{
        assert(phase >= 0 && phase < _PHASE_MAX);
        return phase_names[phase];
}

/* -- The table --------------------------------------------------------------------------------------------------- */

/* For whom a row is; of each group at least one must hold, 0 = for all. */
enum {
        FOR_NEW = 1 << 0, /* and returning ones */
        FOR_REGULAR = 1 << 1,
        FOR_SEASONED = 1 << 2,
        FOR_LEVELS = FOR_NEW | FOR_REGULAR | FOR_SEASONED,
        FOR_DAYS_OFF = 1 << 3, /* the runner takes days off; or not */
        FOR_NO_DAYS_OFF = 1 << 4,
        FOR_OFF_OR_NOT = FOR_DAYS_OFF | FOR_NO_DAYS_OFF,
        FOR_BASE = 1 << 5, /* the phase */
        FOR_INTENSITY = 1 << 6,
        FOR_PHASES = FOR_BASE | FOR_INTENSITY,
        FOR_EVEN = 1 << 7, /* days */
        FOR_ODD = 1 << 8,
        FOR_PARITIES = FOR_EVEN | FOR_ODD,
        FOR_FEELING_GOOD = 1 << 9,
        FOR_FEELING_LESS = 1 << 10,
        FOR_FEELINGS = FOR_FEELING_GOOD | FOR_FEELING_LESS,
        /* One hard session is allowed in the row and those like it; after the day on which it was done not again. */
        ONE_HARD = 1 << 11,
};

/* Rows after a race are as they are for most; for whom they last longer see effective_days(). */
/* clang-format off */
static const Row table[] = {
        { RULE_MARATHON, 1, 1, KIND_REST, .advice = { ADVICE_NO_RUNNING }, .care = { CARE_ROLL } },
        { RULE_MARATHON, 2, 3, KIND_CROSS_TRAINING, .advice = { ADVICE_LIGHT_CROSS_TRAINING, ADVICE_DAY_OFF },
                .care = { CARE_MASSAGE, CARE_SOCKS } },
        { RULE_MARATHON, 4, 6, KIND_CROSS_TRAINING, .who = FOR_NEW | FOR_REGULAR,
                .advice = { ADVICE_LIGHT_CROSS_TRAINING, ADVICE_DAY_OFF }, .care = { CARE_MASSAGE, CARE_SOCKS } },
        { RULE_MARATHON, 4, 6, KIND_CROSS_TRAINING, .who = FOR_SEASONED | FOR_FEELING_LESS,
                .advice = { ADVICE_LIGHT_CROSS_TRAINING, ADVICE_DAY_OFF }, .care = { CARE_MASSAGE, CARE_SOCKS } },
        { RULE_MARATHON, 4, 6, KIND_RECOVERY, .who = FOR_SEASONED | FOR_FEELING_GOOD, .min = 20, .max = 30,
                .advice = { ADVICE_SEE_HOW_IT_FEELS }, .care = { CARE_MASSAGE, CARE_SOCKS } },
        { RULE_MARATHON, 7, 8, KIND_RECOVERY, .min = 20, .max = 30, .advice = { ADVICE_SEE_HOW_IT_FEELS },
                .care = { CARE_BAREFOOT_STRIDES } },
        { RULE_MARATHON, 9, 9, KIND_REST, .who = FOR_DAYS_OFF, .advice = { ADVICE_NO_RUNNING } },
        { RULE_MARATHON, 9, 9, KIND_RECOVERY, .who = FOR_NO_DAYS_OFF, .min = 20, .max = 30,
                .advice = { ADVICE_SEE_HOW_IT_FEELS }, .care = { CARE_BAREFOOT_STRIDES } },
        { RULE_MARATHON, 10, 11, KIND_RECOVERY, .min = 20, .max = 30, .advice = { ADVICE_SEE_HOW_IT_FEELS },
                .care = { CARE_BAREFOOT_STRIDES } },
        { RULE_MARATHON, 12, 12, KIND_REST, .who = FOR_DAYS_OFF, .advice = { ADVICE_NO_RUNNING } },
        { RULE_MARATHON, 12, 12, KIND_RECOVERY, .who = FOR_NO_DAYS_OFF, .min = 20, .max = 30,
                .advice = { ADVICE_SEE_HOW_IT_FEELS }, .care = { CARE_BAREFOOT_STRIDES } },
        { RULE_MARATHON, 13, 13, KIND_RECOVERY, .min = 20, .max = 30, .advice = { ADVICE_SEE_HOW_IT_FEELS },
                .care = { CARE_BAREFOOT_STRIDES } },
        { RULE_MARATHON, 14, 20, KIND_BASE, .who = FOR_EVEN, .advice = { ADVICE_STRIDES },
                .care = { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP } },
        { RULE_MARATHON, 14, 20, KIND_RECOVERY, .who = FOR_ODD, .advice = { ADVICE_SHORTER, ADVICE_STRIDES },
                .care = { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP } },
        { RULE_MARATHON, 21, 21, KIND_BASE, .who = ONE_HARD, .advice = { ADVICE_ONE_LIGHT_WORKOUT, ADVICE_BLOOD } },

        { RULE_HALF, 1, 1, KIND_RECOVERY, .min = 20, .max = 30, .advice = { ADVICE_OR_CROSS_TRAIN },
                .care = { CARE_STRETCH_AND_ROLL, CARE_BATH, CARE_SOCKS } },
        { RULE_HALF, 2, 2, KIND_BASE, .advice = { ADVICE_STRIDES }, .care = { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP, CARE_MASSAGE } },
        { RULE_HALF, 3, 3, KIND_RECOVERY, .advice = { ADVICE_SHORTER },
                .care = { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP, CARE_MASSAGE } },
        { RULE_HALF, 4, 6, KIND_RECOVERY, .who = ONE_HARD, .advice = { ADVICE_ONE_HARD_WORKOUT, ADVICE_SHORTER },
                .care = { CARE_STRETCH_AND_ROLL, CARE_LEGS_UP } },
        { RULE_HALF, 7, 13, KIND_BASE, .who = ONE_HARD, .advice = { ADVICE_ONE_HARD_WORKOUT },
                .care = { CARE_BAREFOOT_STRIDES } },

        { RULE_10K, 1, 1, KIND_RECOVERY, KIND_HARD, .min = 30, .advice = { ADVICE_OR_NORMAL },
                .care = { CARE_STRETCH_AND_ROLL, CARE_MASSAGE } },
        { RULE_10K, 2, 2, KIND_BASE, .advice = { ADVICE_LIGHTER } },
        { RULE_5K, 1, 1, KIND_RECOVERY, KIND_HARD, .min = 30, .advice = { ADVICE_OR_NORMAL },
                .care = { CARE_STRETCH_AND_ROLL, CARE_MASSAGE } },
        { RULE_5K, 2, 2, KIND_BASE, .advice = { ADVICE_LIGHTER } },

        { RULE_BEFORE_RACE, 1, 1, KIND_RECOVERY, .max = 30 },

        { RULE_HARD, 1, 1, KIND_REST, .who = FOR_NEW, .advice = { ADVICE_NO_RUNNING } },
        { RULE_HARD, 2, 2, KIND_RECOVERY, .who = FOR_NEW, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_HARD, 3, 3, KIND_RECOVERY, .who = FOR_NEW | FOR_INTENSITY, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_HARD, 3, 3, KIND_BASE, .who = FOR_NEW | FOR_BASE },
        { RULE_HARD, 4, 4, KIND_BASE, .who = FOR_NEW | FOR_INTENSITY },
        { RULE_HARD, 1, 1, KIND_RECOVERY, .who = FOR_REGULAR | FOR_SEASONED, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_HARD, 2, 2, KIND_RECOVERY, .who = FOR_REGULAR | FOR_SEASONED | FOR_INTENSITY,
                .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_HARD, 2, 2, KIND_BASE, .who = FOR_REGULAR | FOR_SEASONED | FOR_BASE },
        { RULE_HARD, 3, 3, KIND_BASE, .who = FOR_REGULAR | FOR_SEASONED | FOR_INTENSITY },

        { RULE_LONG, 1, 1, KIND_REST, KIND_CROSS_TRAINING, .who = FOR_NEW, .advice = { ADVICE_CROSS_TRAINING, ADVICE_OR_EASY } },
        { RULE_LONG, 2, 2, KIND_RECOVERY, .who = FOR_NEW, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_LONG, 1, 1, KIND_REST, KIND_CROSS_TRAINING, .who = FOR_REGULAR | FOR_DAYS_OFF,
                .advice = { ADVICE_CROSS_TRAINING, ADVICE_OR_EASY } },
        { RULE_LONG, 1, 1, KIND_RECOVERY, .who = FOR_REGULAR | FOR_NO_DAYS_OFF, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_LONG, 1, 1, KIND_RECOVERY, .who = FOR_SEASONED, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },

        { RULE_PAIN_STOPS, 0, UINT_MAX, KIND_REST, .max = 0 },
        /* A mile at the pace of a walk. */
        { RULE_PAIN, 0, PAIN_DAYS - 1, KIND_RECOVERY, .max = 15, .advice = { ADVICE_EASY_MILE } },
        { RULE_RUN_DOWN, 0, 0, KIND_REST, .advice = { ADVICE_REST_UP, ADVICE_RESTING_HIGH } },
        { RULE_WORN_OUT, 0, 0, KIND_CROSS_TRAINING, .advice = { ADVICE_WORN_OUT } },
        { RULE_TIRED, 0, 0, KIND_RECOVERY, .advice = { ADVICE_TIRED } },
        { RULE_SORE, 0, 0, KIND_BASE, .advice = { ADVICE_SORE } },
};
/* clang-format on */

static bool holds(unsigned who, unsigned group, unsigned ours)
{
        return (who & group) == 0 || (who & group & ours) != 0;
}

static bool row_covers(const Row *row, const CoachConfig *c, unsigned feel, unsigned days)
{
        unsigned level = c->level == LEVEL_NEW || c->level == LEVEL_RETURNING ? FOR_NEW
                         : c->level == LEVEL_SEASONED                         ? FOR_SEASONED
                                                                              : FOR_REGULAR;

        return days >= row->first && days <= row->last && holds(row->who, FOR_LEVELS, level) &&
               holds(row->who, FOR_OFF_OR_NOT, c->rest_days ? FOR_DAYS_OFF : FOR_NO_DAYS_OFF) &&
               holds(row->who, FOR_PHASES, c->phase == PHASE_INTENSITY ? FOR_INTENSITY : FOR_BASE) &&
               holds(row->who, FOR_PARITIES, days % 2 == 0 ? FOR_EVEN : FOR_ODD) &&
               holds(row->who, FOR_FEELINGS, feel >= FEEL_GOOD ? FOR_FEELING_GOOD : FOR_FEELING_LESS);
}

/* -- Causes ------------------------------------------------------------------------------------------------------ */

#define ALL_KINDS ((1U << _KIND_MAX) - 1)

static unsigned kinds_up_to(Kind kind)
{
        return (2U << kind) - 1;
}

/* For runners who need more recovery, and after a hilly race, the rows of a race last half as long again. */
static unsigned effective_days(const CoachConfig *c, bool hilly, unsigned days)
{
        bool stretched = hilly || c->level == LEVEL_NEW || c->level == LEVEL_RETURNING;

        return stretched ? (2 * days + 2) / 3 : days;
}

/* The longest that a row lets a runner run: which is the more careful goes by it. */
static unsigned row_limit(const Row *row)
{
        return row->max > 0 ? row->max : UINT_MAX;
}

static bool is_more_careful(const Row *row, const Cause *cause, const Answer *than)
{
        bool stops = row->rule == RULE_PAIN_STOPS;

        /* Nothing is more careful than a pain that stops the runner, and no other reason for rest hides it. */
        if (than->row && stops != (than->row->rule == RULE_PAIN_STOPS))
                return stops;
        if (!than->row || row->kind != than->row->kind)
                return !than->row || row->kind < than->row->kind;
        if (row_limit(row) != row_limit(than->row))
                return row_limit(row) < row_limit(than->row);
        if (row->allows != than->row->allows)
                return row->allows < than->row->allows;
        return cause->days < than->cause.days;
}

/* By its kind, or by its record if it was hard, too. */
static bool was_long(const CoachSession *s)
{
        return coach_has_say(s) && (s->kind == KIND_LONG || (s->kind == KIND_HARD && s->was_long));
}

/* A hard session, on a date before this one, since the day after the race from which on one was allowed. */
static bool one_hard_is_done(const CoachFacts *f, const CoachConfig *c, const Cause *cause)
{
        const CoachRace *race = coach_race_on(f, cause->date);
        unsigned first = UINT_MAX;

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (table[i].rule == cause->rule && (table[i].who & ONE_HARD) && table[i].first < first)
                        first = table[i].first;
        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->kind == KIND_HARD && coach_has_say(s) && s->date > cause->date && s->date < f->date &&
                                effective_days(c, race && race->hilly, (unsigned)(s->date - cause->date)) >=
                                                first)
                        return true;
        }
        return false;
}

/* The most careful row has the day; a kind is allowed if all that have a say allow it. */
static void answer_hear(const CoachFacts *f, Answer *a, const Cause *cause)
{
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                const Row *row = &table[i];
                bool done;

                if (row->rule != cause->rule || !row_covers(row, a->config, a->feel, cause->effective))
                        continue;
                done = (row->who & ONE_HARD) && one_hard_is_done(f, a->config, cause);
                a->allowed &= kinds_up_to(row->allows > row->kind ? row->allows : row->kind) |
                              ((row->who & ONE_HARD) && !done ? 1U << KIND_HARD : 0);
                if (is_more_careful(row, cause, a)) {
                        a->row = row;
                        a->cause = *cause;
                        a->hard_done = done;
                }
        }
}

static void hear_race_behind(const CoachFacts *f, Answer *a, const CoachRace *race)
{
        unsigned days = (unsigned)(f->date - race->date);

        answer_hear(f, a,
                        &(Cause){ .rule = (CoachRule)race->distance,
                                        .days = days,
                                        .effective = effective_days(a->config, race->hilly, days),
                                        .id = race->id,
                                        .date = race->date });
}

/* Fresh legs: no long run in the week before a long race, and nothing hard in the last days before any. */
static void hear_race_ahead(const CoachFacts *f, Answer *a, const CoachRace *race)
{
        unsigned days = (unsigned)(race->date - f->date);
        bool is_long = race->distance == DISTANCE_HALF || race->distance == DISTANCE_MARATHON;

        if (days <= (is_long ? 6 : 2))
                a->allowed &= ~(1U << KIND_LONG);
        if (days <= (is_long ? 3 : 2))
                a->allowed &= ~(1U << KIND_HARD);
        answer_hear(f, a,
                        &(Cause){ .rule = RULE_BEFORE_RACE,
                                        .days = days,
                                        .effective = days,
                                        .id = race->id,
                                        .date = race->date,
                                        .distance = race->distance });
}

static void hear_session(const CoachFacts *f, Answer *a, const CoachSession *s)
{
        unsigned days = (unsigned)(f->date - s->date);
        Cause cause = { .days = days, .effective = days, .id = s->id, .date = s->date };

        if (!coach_has_say(s))
                return;
        /* A race that is not in the list of races counts by its length. */
        if (s->kind == KIND_RACE && !coach_race_on(f, s->date)) {
                cause.rule = (CoachRule)distance_of_length(s->duration_s);
                cause.effective = effective_days(a->config, false, days);
                answer_hear(f, a, &cause);
        }
        if (s->kind == KIND_HARD) {
                cause.rule = RULE_HARD;
                answer_hear(f, a, &cause);
        }
        if (was_long(s)) {
                cause.rule = RULE_LONG;
                answer_hear(f, a, &cause);
        }
}

static void hear_body(const CoachFacts *f, Answer *a, double resting_delta)
{
        const Cause today = { .date = f->date };
        Cause cause;

        for (size_t i = 0; i < f->n_pains; i++) {
                unsigned days = (unsigned)(f->date - f->pain[i].since);

                if (f->pain[i].since > f->date)
                        continue;
                cause = (Cause){ .rule = f->pain[i].stops ? RULE_PAIN_STOPS : RULE_PAIN,
                        .days = days,
                        .effective = days,
                        .date = f->pain[i].since,
                        .pain = i };
                answer_hear(f, a, &cause);
        }
        cause = today;
        cause.rule = RULE_SORE;
        if (f->scan.sore)
                answer_hear(f, a, &cause);
        if (f->scan.feel == 0 || f->scan.feel > FEEL_TIRED)
                return;
        cause.rule = resting_delta >= RESTING_HIGH_BPM ? RULE_RUN_DOWN
                     : f->scan.feel == FEEL_WORN_OUT   ? RULE_WORN_OUT
                                                       : RULE_TIRED;
        answer_hear(f, a, &cause);
}

static void hear_all(const CoachFacts *f, Answer *a, double resting_delta)
{
        for (size_t i = 0; i < f->n_races; i++) {
                if (f->race[i].date < f->date)
                        hear_race_behind(f, a, &f->race[i]);
                else if (f->race[i].date > f->date)
                        hear_race_ahead(f, a, &f->race[i]);
        }
        for (size_t i = 0; i < f->n_sessions; i++)
                if (f->session[i].date < f->date)
                        hear_session(f, a, &f->session[i]);
        hear_body(f, a, resting_delta);
}

/* -- What was run ------------------------------------------------------------------------------------------------ */

Streak streak_begin(Day date)
{
        return (Streak){ .date = date, .last = DAY_NONE };
}

bool streak_add(Streak *s, Day run)
{
        if (run > s->date || run == s->last)
                return true;
        if (run < (s->days == 0 ? s->date : s->last) - 1)
                return false;
        s->days++;
        s->last = run;
        return true;
}

double coach_median_run_s(const CoachFacts *f, int days, bool base, int64_t except)
{
        double length[COACH_SESSIONS_MAX];
        size_t n = 0;

        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->id == except || s->date > f->date || s->date <= f->date - days || !coach_has_say(s))
                        continue;
                if (base ? s->kind == KIND_BASE : kind_is_run(s->kind))
                        length[n++] = s->duration_s;
        }
        return median_of(length, n);
}

/* From what length on a run on the date would be a long one, in seconds; 0 while too few runs are known. */
static double long_from_s(const CoachFacts *f)
{
        double length[COACH_SESSIONS_MAX];
        size_t n = 0;

        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->date <= f->date && s->date > f->date - COACH_SESSION_DAYS && coach_has_say(s) &&
                                s->kind >= KIND_BASE && s->kind <= KIND_HARD)
                        length[n++] = s->duration_s;
        }
        return n < KIND_HISTORY_RUNS ? 0 : kind_long_from_s(median_of(length, n), n);
}

/* Counted from the last long run, which closes its cycle; before there was one since a break, from the first run after
 * that, whose day is 1. */
static unsigned cycle_day(const CoachFacts *f)
{
        Day closed = f->last_long;

        if (closed == DAY_NONE && f->first_run != DAY_NONE)
                closed = f->first_run - 1;
        return closed == DAY_NONE || closed >= f->date ? 0 : (unsigned)(f->date - closed);
}

static void count_sessions(const CoachFacts *f, CoachDay *day)
{
        Day monday = f->date - (Day)day_of_week(f->date);

        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->date < monday || s->date > f->date)
                        continue;
                day->sessions += s->date == f->date;
                day->week_sessions++;
                day->week_s += s->duration_s;
        }
}

/* -- The day ----------------------------------------------------------------------------------------------------- */

Intensity coach_ceiling(const CoachConfig *config, Kind kind)
{
        switch (kind) {
        case KIND_REST:
        case KIND_CROSS_TRAINING:
        case KIND_RECOVERY:
                return (Intensity){ .kind = INTENSITY_PERCENT_RESERVE, .value = KIND_EASY_PERCENT };
        case KIND_BASE:
        case KIND_LONG:
                return config->base_ceiling;
        case KIND_HARD:
        case KIND_RACE:
                return (Intensity){ .kind = INTENSITY_OFF };
        case _KIND_MAX:
        case _KIND_INVALID:
                break;
        }
        assert(0 && "no such kind");
        return (Intensity){ .kind = INTENSITY_OFF };
}

static void day_of_race(const CoachRace *race, CoachDay *day)
{
        day->kind = KIND_RACE;
        day->allowed = ALL_KINDS;
        day->rule = (CoachRule)race->distance;
        day->id = race->id;
        day->since = race->date;
}

static void day_of_cause(const Answer *a, CoachDay *day)
{
        day->kind = a->row->kind;
        day->rule = a->cause.rule;
        day->days = a->cause.days;
        day->id = a->cause.id;
        day->since = a->cause.date;
        day->distance = a->cause.distance;
        day->min_minutes = a->row->min;
        day->max_minutes = a->row->max;
}

/* Nothing has a say. */
static void day_of_cycle(const CoachFacts *f, const CoachConfig *c, CoachDay *day)
{
        day->kind = KIND_BASE;
        day->rule = RULE_NONE;
        if (day->cycle_day < c->cycle_days || !coach_allows(day, KIND_LONG))
                return;
        for (size_t i = 0; i < f->n_sessions; i++)
                if (f->session[i].date == f->date && was_long(&f->session[i]))
                        return;
        day->kind = KIND_LONG;
        day->rule = RULE_CYCLE;
        day->min_minutes = (unsigned)ceil(long_from_s(f) / 60);
}

/* The pain that has the day stands first; those that have lapsed are not of the day any more. */
static void take_pains(const CoachFacts *f, const Answer *a, CoachDay *day)
{
        bool has_day = a->row && (a->cause.rule == RULE_PAIN || a->cause.rule == RULE_PAIN_STOPS);

        if (has_day)
                day->pain[day->n_pains++] = f->pain[a->cause.pain];
        for (size_t i = 0; i < f->n_pains; i++) {
                const CoachPain *pain = &f->pain[i];
                Day days = f->date - pain->since;

                if (days < 0 || (!pain->stops && days >= PAIN_DAYS + PAIN_ASK_DAYS))
                        continue;
                day->pain_stops |= pain->stops;
                if (!(has_day && i == a->cause.pain))
                        day->pain[day->n_pains++] = *pain;
        }
}

void coach_day(const CoachFacts *f, const CoachConfig *c, double configured_resting, CoachDay *ret)
{
        Answer answer = { .config = c, .feel = f->scan.feel, .allowed = ALL_KINDS };
        const CoachRace *race = coach_race_on(f, f->date);
        CoachDay day = {
                .date = f->date,
                .since = DAY_NONE,
                .cycle_days = c->cycle_days,
                .cycle_day = cycle_day(f),
                .streak = f->streak,
                .resting = resting_in_force(f->morning, f->n_mornings, f->date, configured_resting),
                .usual_s = coach_median_run_s(f, COACH_SESSION_DAYS, false, 0),
                .median_base_s = coach_median_run_s(f, COACH_BASE_DAYS, true, 0),
                .pace_limit = f->base_runs >= COACH_PACE_RUNS ? pace_limit(f->base_speed, c->pace_margin)
                                                              : NAN,
                .base_speed = f->base_speed,
                .base_runs = f->base_runs,
                .miles = c->miles,
        };

        day.resting_delta = resting_on(f->morning, f->n_mornings, f->date) - day.resting.heart_rate;
        count_sessions(f, &day);
        hear_all(f, &answer, day.resting_delta);
        take_pains(f, &answer, &day);
        day.allowed = answer.allowed;

        /* Whatever lies behind, a race day is a race day; only a pain that stops goes before it. */
        if (race && !day.pain_stops)
                day_of_race(race, &day);
        else if (answer.row)
                day_of_cause(&answer, &day);
        else
                day_of_cycle(f, c, &day);
        coach_advise(f, &answer, &day);
        coach_care(f, &answer, &day);
        day.ceiling = coach_ceiling(c, day.kind);
        *ret = day;
}
