/* SPDX-License-Identifier: MIT */

/* What a day is for. Everything behind the runner that has a say (a race, a hard or a long run, the body scan) is a
 * cause; rows of one table say what a cause asks for so many days later; the most careful row has the day. No clock: the
 * date is passed in. */

#include "cardio/coach.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"

/* So far above its mean the resting heart rate is worth a word, in bpm. */
#define RESTING_HIGH_BPM 5.0

/* A runner who feels no better than this is told to take it easy. */
#define FEEL_TIRED 2U

static const char *const level_names[] = {
        [LEVEL_NEW] = "new",
        [LEVEL_REGULAR] = "regular",
        [LEVEL_SEASONED] = "seasoned",
};

const char *level_to_string(Level level)
{
        assert(level >= 0 && level < _LEVEL_MAX);
        return level_names[level];
}

Level level_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(level_names); i++)
                if (strcmp(s, level_names[i]) == 0)
                        return (Level)i;
        return _LEVEL_INVALID;
}

/* -- The table --------------------------------------------------------------------------------------------------- */

typedef enum Parity {
        EVERY_DAY,
        EVEN_DAYS,
        ODD_DAYS,
} Parity;

typedef enum DaysOff {
        EITHER_WAY,
        DAYS_OFF,
        NO_DAYS_OFF,
} DaysOff;

#define NEW      (1U << LEVEL_NEW)
#define REGULAR  (1U << LEVEL_REGULAR)
#define SEASONED (1U << LEVEL_SEASONED)
#define ALL      (NEW | REGULAR | SEASONED)

#define ROW_ADVICE_MAX 3U

typedef struct Row {
        CoachRule rule;
        unsigned first, last; /* days after it, inclusive */
        Kind kind;
        Kind allows; /* as in CoachDay, where it is more than kind */
        Parity parity;
        unsigned levels;
        DaysOff days_off;
        unsigned min, max; /* minutes, as in CoachDay */
        AdviceKey advice[ROW_ADVICE_MAX];
} Row;

/* Rows of races are as for level regular; for new ones see row_covers(). */
/* clang-format off */
static const Row table[] = {
        { RULE_MARATHON,  0,  0, KIND_RACE, .levels = ALL, .advice = { ADVICE_REFUEL_MARATHON, ADVICE_WALK } },
        { RULE_MARATHON,  1,  1, KIND_REST, .levels = ALL, .advice = { ADVICE_NO_RUNNING } },
        { RULE_MARATHON,  2,  6, KIND_CROSS_TRAINING, .levels = ALL,
                .advice = { ADVICE_LIGHT_CROSS_TRAINING, ADVICE_MASSAGE, ADVICE_DAYS_OFF } },
        { RULE_MARATHON,  7, 13, KIND_RECOVERY, .levels = ALL, .min = 20, .max = 30,
                .advice = { ADVICE_SEE_HOW_IT_FEELS, ADVICE_DAYS_OFF } },
        { RULE_MARATHON, 14, 20, KIND_BASE, .levels = ALL, .parity = EVEN_DAYS, .advice = { ADVICE_STRIDES } },
        { RULE_MARATHON, 14, 20, KIND_RECOVERY, .levels = ALL, .parity = ODD_DAYS, .advice = { ADVICE_SHORTER, ADVICE_STRIDES } },
        { RULE_MARATHON, 21, 21, KIND_BASE, KIND_HARD, .levels = ALL, .advice = { ADVICE_ONE_LIGHT_WORKOUT, ADVICE_BLOOD } },

        { RULE_HALF,  0,  0, KIND_RACE, .levels = ALL, .advice = { ADVICE_REFUEL_HALF, ADVICE_JOG_10 } },
        { RULE_HALF,  1,  1, KIND_RECOVERY, .levels = ALL, .min = 20, .max = 30,
                .advice = { ADVICE_OR_CROSS_TRAIN, ADVICE_STRETCH } },
        { RULE_HALF,  2,  2, KIND_BASE, .levels = ALL, .advice = { ADVICE_STRIDES, ADVICE_LEGS_UP } },
        { RULE_HALF,  3,  6, KIND_RECOVERY, .levels = ALL, .advice = { ADVICE_SHORTER, ADVICE_LEGS_UP } },
        { RULE_HALF,  7, 13, KIND_BASE, KIND_HARD, .levels = ALL, .advice = { ADVICE_ONE_HARD_WORKOUT, ADVICE_STRIDES } },

        { RULE_10K, 0, 0, KIND_RACE, .levels = ALL, .advice = { ADVICE_REFUEL_SHORT, ADVICE_COOL_DOWN } },
        { RULE_10K, 1, 1, KIND_RECOVERY, KIND_BASE, .levels = ALL, .min = 30, .advice = { ADVICE_OR_NORMAL } },
        { RULE_10K, 2, 2, KIND_BASE, .levels = ALL, .advice = { ADVICE_LIGHTER } },
        { RULE_5K,  0, 0, KIND_RACE, .levels = ALL, .advice = { ADVICE_REFUEL_SHORT, ADVICE_COOL_DOWN } },
        { RULE_5K,  1, 1, KIND_RECOVERY, KIND_BASE, .levels = ALL, .min = 30, .advice = { ADVICE_OR_NORMAL } },
        { RULE_5K,  2, 2, KIND_BASE, .levels = ALL, .advice = { ADVICE_LIGHTER } },

        { RULE_HARD, 1, 1, KIND_REST, .levels = NEW, .advice = { ADVICE_NO_RUNNING } },
        { RULE_HARD, 2, 2, KIND_RECOVERY, .levels = NEW, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_HARD, 3, 3, KIND_BASE, .levels = NEW },
        { RULE_HARD, 1, 1, KIND_RECOVERY, .levels = REGULAR | SEASONED, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_HARD, 2, 2, KIND_BASE, .levels = REGULAR | SEASONED },

        { RULE_LONG, 1, 1, KIND_REST, KIND_CROSS_TRAINING, .levels = NEW, .advice = { ADVICE_CROSS_TRAINING, ADVICE_OR_EASY } },
        { RULE_LONG, 2, 2, KIND_RECOVERY, .levels = NEW, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_LONG, 1, 1, KIND_REST, KIND_CROSS_TRAINING, .levels = REGULAR, .days_off = DAYS_OFF,
                .advice = { ADVICE_CROSS_TRAINING, ADVICE_OR_EASY } },
        { RULE_LONG, 1, 1, KIND_RECOVERY, .levels = REGULAR, .days_off = NO_DAYS_OFF,
                .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },
        { RULE_LONG, 1, 1, KIND_RECOVERY, .levels = SEASONED, .advice = { ADVICE_SHORTER, ADVICE_CONVERSATION } },

        { RULE_PAIN_WORSE, 0, 0, KIND_REST, .levels = ALL, .advice = { ADVICE_PROFESSIONAL } },
        /* A mile at the pace of a walk. */
        { RULE_PAIN,       0, 0, KIND_RECOVERY, .levels = ALL, .max = 15, .advice = { ADVICE_EASY_MILE } },
};
/* clang-format on */

static bool is_race(CoachRule rule)
{
        return rule <= RULE_MARATHON;
}

/* For new runners the rows of a race, but for the day itself, last half as long again. */
static unsigned stretch(unsigned days)
{
        return (3 * days + 1) / 2;
}

static bool row_covers(const Row *row, const CoachConfig *c, unsigned days)
{
        unsigned first = row->first, last = row->last;

        if ((row->levels & (1U << c->level)) == 0)
                return false;
        if (row->days_off != EITHER_WAY && (row->days_off == DAYS_OFF) != c->rest_days)
                return false;
        if (row->parity != EVERY_DAY && (row->parity == EVEN_DAYS) != (days % 2 == 0))
                return false;
        if (is_race(row->rule) && c->level == LEVEL_NEW && first > 0) {
                first = stretch(first - 1) + 1;
                last = stretch(last);
        }
        return days >= first && days <= last;
}

/* -- Causes ------------------------------------------------------------------------------------------------------ */

/* Something that has a say in the day. */
typedef struct Cause {
        CoachRule rule;
        unsigned days;
        int64_t id;
        Day date;
} Cause;

/* The answer so far. */
typedef struct Answer {
        const CoachConfig *config;
        const Row *row; /* NULL = nothing has a say */
        Cause cause;
} Answer;

/* The longest that a row lets a runner run, to tell which is the more careful. */
static unsigned row_limit(const Row *row)
{
        return row->max > 0 ? row->max : UINT_MAX;
}

static bool is_more_careful(const Row *row, const Cause *cause, const Answer *than)
{
        if (!than->row || row->kind != than->row->kind)
                return !than->row || row->kind < than->row->kind;
        if (row_limit(row) != row_limit(than->row))
                return row_limit(row) < row_limit(than->row);
        if (row->min != than->row->min)
                return row->min < than->row->min;
        return cause->days < than->cause.days;
}

static void answer_hear(Answer *a, const Cause *cause)
{
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (table[i].rule == cause->rule && row_covers(&table[i], a->config, cause->days) &&
                                is_more_careful(&table[i], cause, a)) {
                        a->row = &table[i];
                        a->cause = *cause;
                }
}

static bool has_race(const CoachFacts *f, Day date)
{
        for (size_t i = 0; i < f->n_races; i++)
                if (f->race[i].date == date)
                        return true;
        return false;
}

/* A race that is not in the list of races, of whatever distance, asks for at least what a hard run asks for. */
static CoachRule rule_of_session(const CoachFacts *f, const CoachSession *s)
{
        if (s->kind == KIND_HARD || (s->kind == KIND_RACE && !has_race(f, s->date)))
                return RULE_HARD;
        return s->kind == KIND_LONG ? RULE_LONG : RULE_NONE;
}

static void hear_all(const CoachFacts *f, Answer *a)
{
        for (size_t i = 0; i < f->n_races; i++) {
                const CoachRace *race = &f->race[i];

                if (race->date <= f->date)
                        answer_hear(a, &(Cause){ .rule = (CoachRule)race->distance,
                                                       .days = (unsigned)(f->date - race->date),
                                                       .id = race->id,
                                                       .date = race->date });
        }
        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->date < f->date)
                        answer_hear(a, &(Cause){ .rule = rule_of_session(f, s),
                                                       .days = (unsigned)(f->date - s->date),
                                                       .id = s->id,
                                                       .date = s->date });
        }
        if (f->scan.pain_worse)
                answer_hear(a, &(Cause){ .rule = RULE_PAIN_WORSE, .date = f->date });
        else if (f->scan.pain)
                answer_hear(a, &(Cause){ .rule = RULE_PAIN, .date = f->date });
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

/* The median length in seconds of the runs of the last so many dates, or of the base runs among them, but for one; NAN
 * if there are none. */
static double median_run_s(const CoachFacts *f, int days, bool base, int64_t except)
{
        double length[COACH_SESSIONS_MAX];
        size_t n = 0;

        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];

                if (s->id == except || s->date > f->date || s->date <= f->date - days)
                        continue;
                if (base ? s->kind == KIND_BASE : kind_is_run(s->kind))
                        length[n++] = s->duration_s;
        }
        return median_of(length, n);
}

/* Whole minutes, 0 for NAN. */
static unsigned minutes_of(double seconds)
{
        return seconds >= 0 ? (unsigned)lround(seconds / 60) : 0;
}

static bool has_session(const CoachFacts *f, Day date, Kind kind)
{
        for (size_t i = 0; i < f->n_sessions; i++)
                if (f->session[i].date == date && f->session[i].kind == kind)
                        return true;
        return false;
}

/* Counted from the last long run, which closes its cycle; before there was one, from the first run. */
static unsigned cycle_day(const CoachFacts *f, unsigned cycle_days)
{
        Day closed = f->last_long;

        if (closed == DAY_NONE && f->first_run != DAY_NONE)
                closed = f->first_run - 1;
        if (closed == DAY_NONE || closed >= f->date)
                return 0;
        return (unsigned)(f->date - closed - 1) % cycle_days + 1;
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

/* -- Advice ------------------------------------------------------------------------------------------------------ */

static void advise(CoachDay *day, CoachAdvice advice)
{
        if (advice.key != ADVICE_NONE && day->n_advice < COACH_ADVICE_MAX)
                day->advice[day->n_advice++] = advice;
}

static void advise_of_races(const CoachFacts *f, CoachDay *day)
{
        for (size_t i = 0; i < f->n_races; i++) {
                const CoachRace *race = &f->race[i];

                if (race->date == f->date && day->kind != KIND_RACE)
                        advise(day, (CoachAdvice){ .key = ADVICE_RACE_TODAY, .distance = race->distance });
                else if (race->date > f->date && race->date <= f->date + COACH_RACE_AHEAD_DAYS)
                        advise(day, (CoachAdvice){ .key = ADVICE_RACE_AHEAD,
                                                    .figure = (unsigned)(race->date - f->date),
                                                    .distance = race->distance });
        }
}

static bool failed_talk_test_lately(const CoachFacts *f)
{
        for (size_t i = 0; i < f->n_sessions; i++)
                if (f->session[i].talk_test_failed &&
                                (f->session[i].date == f->date || f->session[i].date == f->date - 1))
                        return true;
        return false;
}

static void advise_of_runner(const CoachFacts *f, CoachDay *day)
{
        if (f->scan.feel > 0 && f->scan.feel <= FEEL_TIRED)
                advise(day, (CoachAdvice){ .key = ADVICE_TIRED });
        if (f->scan.sore)
                advise(day, (CoachAdvice){ .key = ADVICE_SORE });
        if (day->resting_delta >= RESTING_HIGH_BPM)
                advise(day, (CoachAdvice){ .key = ADVICE_RESTING_HIGH,
                                            .figure = (unsigned)lround(day->resting_delta) });
        if (failed_talk_test_lately(f))
                advise(day, (CoachAdvice){ .key = ADVICE_TALK_TEST });
}

static void advise_of_day(const CoachFacts *f, const AdviceKey *key, size_t n, CoachDay *day)
{
        for (size_t i = 0; i < n; i++) {
                CoachAdvice advice = { .key = key[i] };

                if (key[i] == ADVICE_SHORTER)
                        advice.figure = minutes_of(median_run_s(f, COACH_SESSION_DAYS, true, 0));
                else if (key[i] == ADVICE_LONG)
                        advice.figure = day->min_minutes;
                advise(day, advice);
        }
        /* Who is told to stop is told nothing else. */
        if (day->rule == RULE_PAIN_WORSE)
                return;
        advise_of_runner(f, day);
        advise_of_races(f, day);
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

/* Nothing behind the runner has a say. */
static void day_of_cycle(const CoachFacts *f, const CoachConfig *c, CoachDay *day)
{
        static const AdviceKey go_long[] = { ADVICE_LONG };
        double median_s;

        day->kind = KIND_BASE;
        day->allows = KIND_RACE;
        day->rule = RULE_NONE;
        if (day->cycle_day == c->cycle_days && !has_session(f, f->date, KIND_LONG)) {
                median_s = median_run_s(f, KIND_HISTORY_DAYS, false, 0);
                day->kind = KIND_LONG;
                day->rule = RULE_CYCLE;
                day->min_minutes = (unsigned)ceil(fmax(3600, isnan(median_s) ? 0 : 1.5 * median_s) / 60);
        }
        advise_of_day(f, go_long, day->kind == KIND_LONG ? 1 : 0, day);
}

static void day_of_row(const CoachFacts *f, const Answer *a, CoachDay *day)
{
        const Row *row = a->row;

        day->kind = row->kind;
        day->allows = row->allows > row->kind ? row->allows : row->kind;
        day->rule = a->cause.rule;
        day->days = a->cause.days;
        day->id = a->cause.id;
        day->since = a->cause.date;
        day->min_minutes = row->min;
        day->max_minutes = row->max;
        advise_of_day(f, row->advice, ROW_ADVICE_MAX, day);
}

void coach_day(const CoachFacts *f, const CoachConfig *c, double configured_resting, CoachDay *ret)
{
        Answer answer = { .config = c };
        CoachDay day = {
                .date = f->date,
                .since = DAY_NONE,
                .cycle_days = c->cycle_days,
                .cycle_day = cycle_day(f, c->cycle_days),
                .streak = f->streak,
                .resting = resting_in_force(f->morning, f->n_mornings, f->date, configured_resting),
        };

        day.resting_delta = resting_on(f->morning, f->n_mornings, f->date) - day.resting.heart_rate;
        count_sessions(f, &day);

        hear_all(f, &answer);
        if (answer.row)
                day_of_row(f, &answer, &day);
        else
                day_of_cycle(f, c, &day);
        day.ceiling = coach_ceiling(c, day.kind);
        *ret = day;
}

/* -- A session --------------------------------------------------------------------------------------------------- */

bool coach_verdict_wanted(const CoachRun *run, const CoachDay *day)
{
        return run->kind == KIND_RECOVERY || (kind_is_run(run->kind) && day->kind <= KIND_RECOVERY);
}

void coach_verdict(const CoachFacts *facts, const CoachRun *run, CoachVerdict *ret)
{
        CoachVerdict v = {
                .talk_test_failed = run->talk_test == TALK_TEST_FAIL,
                .over_s = run->over_s,
                .breaches = run->breaches,
                .longest_breach_s = run->longest_breach_s,
                .easy_percent = NAN,
                .median_base_s = median_run_s(facts, COACH_SESSION_DAYS, true, run->id),
        };

        v.too_fast = v.breaches > 0 || v.talk_test_failed;
        if (run->has_ceiling && run->live_s > 0)
                v.easy_percent = 100 * (1 - run->over_s / run->live_s);
        v.shorter = run->duration_s < v.median_base_s; /* false for NAN */
        *ret = v;
}
