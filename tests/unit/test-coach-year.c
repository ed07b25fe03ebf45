/* SPDX-License-Identifier: MIT */

/* A generated year of training, asked for day by day, with races of all distances. What is expected comes from another
 * direction: the coach looks back from a day at what has a say in it; here every race, run and pain paints the days
 * ahead of it on a calendar, from strips that are written out day by day, and the more careful colour stays. */

#include "coach-fixture.h"

#include <stdio.h>

#define YEAR_DAYS     366
#define CALENDAR_DAYS (YEAR_DAYS + 40)
#define PER_DAY_MAX   2

/* Strips, a letter a day from the day of what it follows: R race, b base, r recovery, x cross-training, . rest, blank no
 * say. r with a length: p is a mile, q is 20 to 30 minutes, t is 30 or more. */
static const char colours[] = ".xpqrtblhR"; /* from careful to bold */

typedef struct Strips {
        const char *race[_DISTANCE_MAX];
        const char *hard, *long_off, *long_on; /* days off, and without */
} Strips;

static const Strips strips[] = {
        [LEVEL_NEW] = {
                .race = {
                        [DISTANCE_5K] = "Rttb",
                        [DISTANCE_10K] = "Rttb",
                        [DISTANCE_HALF] = "Rqqbrrrrrrbbbbbbbbbbb",
                        [DISTANCE_MARATHON] = "R..xxxxxxxqqqqqqqqqqqrbrbrbrbrbbb",
                },
                .hard = " .rb",
                .long_off = " .r",
                .long_on = " .r",
        },
        [LEVEL_REGULAR] = {
                .race = {
                        [DISTANCE_5K] = "Rtb",
                        [DISTANCE_10K] = "Rtb",
                        [DISTANCE_HALF] = "Rqbrrrrbbbbbbb",
                        [DISTANCE_MARATHON] = "R.xxxxxqqqqqqqbrbrbrbb",
                },
                .hard = " rb",
                .long_off = " .",
                .long_on = " r",
        },
        [LEVEL_SEASONED] = {
                .race = {
                        [DISTANCE_5K] = "Rtb",
                        [DISTANCE_10K] = "Rtb",
                        [DISTANCE_HALF] = "Rqbrrrrbbbbbbb",
                        [DISTANCE_MARATHON] = "R.xxxxxqqqqqqqbrbrbrbb",
                },
                .hard = " rb",
                .long_off = " r",
                .long_on = " r",
        },
};

typedef struct Painted {
        char colour[CALENDAR_DAYS]; /* 0 = none */
} Painted;

static void paint(Painted *p, int day, const char *strip)
{
        for (int i = 0; strip[i] && day + i < CALENDAR_DAYS; i++) {
                char *at = &p->colour[day + i];

                if (strip[i] != ' ' && (*at == 0 || strchr(colours, strip[i]) < strchr(colours, *at)))
                        *at = strip[i];
        }
}

/* A generator of one's own, so that the year is the same everywhere (Park and Miller). */
static unsigned draw(uint32_t *seed, unsigned below)
{
        *seed = (uint32_t)((uint64_t)*seed * 48271 % 2147483647);
        return *seed % below;
}

typedef struct Year {
        Day begin;
        CoachConfig config;
        uint32_t seed;
        CoachFacts facts; /* what is known so far; sessions of all of the year's days that matter yet */
        Painted painted;
        int64_t next_id;

        /* The walk's own book-keeping. */
        unsigned cycle_day; /* of yesterday, 0 = nothing was run yet */
        unsigned streak;
        bool long_today;
        unsigned asked[_KIND_MAX]; /* how often each kind was the answer */
        unsigned races[_DISTANCE_MAX];
} Year;

static void draw_races(Year *y)
{
        /* Each distance several times, with some close together. */
        for (unsigned i = 0; i < 14; i++) {
                Distance distance = (Distance)(i % _DISTANCE_MAX);
                int day = (int)draw(&y->seed, YEAR_DAYS);

                if (i % 3 == 2) /* soon after the one before */
                        day = (y->facts.race[i - 1].date - y->begin + (int)draw(&y->seed, 12)) % YEAR_DAYS;
                y->facts.race[y->facts.n_races++] = (CoachRace){
                        .id = 1 + (int64_t)i, .date = y->begin + day, .distance = distance
                };
                y->races[distance]++;
                paint(&y->painted, day, strips[y->config.level].race[distance]);
        }
}

static bool races_on(const Year *y, int day)
{
        for (size_t i = 0; i < y->facts.n_races; i++)
                if (y->facts.race[i].date == y->begin + day)
                        return true;
        return false;
}

/* What the day's letter says, by way of another alphabet than the coach's. */
static Kind kind_of_colour(char colour)
{
        switch (colour) {
        case '.':
                return KIND_REST;
        case 'x':
                return KIND_CROSS_TRAINING;
        case 'p':
        case 'q':
        case 't':
        case 'r':
                return KIND_RECOVERY;
        case 'b':
                return KIND_BASE;
        case 'R':
                return KIND_RACE;
        default:
                fail_msg("no colour: %c", colour);
                return _KIND_INVALID;
        }
}

/* The expectation for the day's morning. */
static void expect(const Year *y, int day, char colour, const CoachDay *found)
{
        unsigned cycle_day = y->cycle_day == 0 ? 0 : y->cycle_day % y->config.cycle_days + 1;
        Kind kind = colour                              ? kind_of_colour(colour)
                    : cycle_day == y->config.cycle_days ? KIND_LONG
                                                        : KIND_BASE;
        char date[DAY_STRING_MAX], reason[COACH_TEXT_MAX];

        if (found->kind != kind)
                fail_msg("day %d, %s: %s (%s), expected %s", day, day_to_string(y->begin + day, date),
                                kind_to_string(found->kind), coach_reason_to_string(found, reason),
                                kind_to_string(kind));
        if (found->cycle_day != cycle_day)
                fail_msg("day %d: cycle day %u, expected %u", day, found->cycle_day, cycle_day);
        if (found->streak != y->streak)
                fail_msg("day %d: streak %u, expected %u", day, found->streak, y->streak);
        if (kind != KIND_LONG) {
                assert_int_equal(found->min_minutes, colour == 'q' ? 20 : colour == 't' ? 30 : 0);
                assert_int_equal(found->max_minutes, colour == 'q' ? 30 : colour == 'p' ? 15 : 0);
        } else
                assert_true(found->min_minutes >= 60 && found->max_minutes == 0);
        assert_int_equal(found->ceiling.kind, kind == KIND_RACE ? INTENSITY_OFF : INTENSITY_PERCENT_RESERVE);
        if (kind != KIND_RACE)
                assert_true(found->ceiling.value == (kind == KIND_BASE || kind == KIND_LONG ? 80 : 65));
}

/* A runner who mostly does as told, and at times anything. */
static Kind draw_kind(Year *y, int day, Kind told)
{
        if (races_on(y, day))
                return KIND_RACE;
        if (draw(&y->seed, 100) < 70)
                return told;
        return (Kind)draw(&y->seed, KIND_RACE); /* a race would be in the list */
}

static void run(Year *y, int day, Kind kind)
{
        const Strips *s = &strips[y->config.level];
        CoachFacts *f = &y->facts;

        f->session[f->n_sessions++] = (CoachSession){
                .id = ++y->next_id,
                .date = y->begin + day,
                .kind = kind,
                .duration_s = 60.0 * (20 + draw(&y->seed, 100)),
        };
        if (kind == KIND_HARD)
                paint(&y->painted, day, s->hard);
        if (kind == KIND_LONG)
                paint(&y->painted, day, y->config.rest_days ? s->long_off : s->long_on);
}

/* Sessions too old to matter are let go of, as the database does. */
static void forget(Year *y, int day)
{
        CoachFacts *f = &y->facts;
        size_t n = 0;

        for (size_t i = 0; i < f->n_sessions; i++)
                if (f->session[i].date > y->begin + day - COACH_SESSION_DAYS)
                        f->session[n++] = f->session[i];
        f->n_sessions = n;
}

/* The day is over. */
static void close_day(Year *y, int day, const Kind *done, size_t n)
{
        bool ran = false, went_long = false;

        for (size_t i = 0; i < n; i++) {
                ran = ran || done[i] >= KIND_RECOVERY;
                went_long = went_long || done[i] == KIND_LONG;
        }
        y->streak = ran ? y->streak + 1 : 0;
        if (went_long)
                y->cycle_day = y->config.cycle_days;
        else if (y->cycle_day > 0)
                y->cycle_day = y->cycle_day % y->config.cycle_days + 1;
        else if (ran)
                y->cycle_day = 1;

        if (went_long)
                y->facts.last_long = y->begin + day;
        if (ran && y->facts.first_run == DAY_NONE)
                y->facts.first_run = y->begin + day;
}

static void walk_day(Year *y, int day)
{
        CoachScan scan = { .pain = draw(&y->seed, 40) == 0 };
        Kind done[PER_DAY_MAX];
        size_t n = 0, times = draw(&y->seed, 10) == 0 ? 0 : draw(&y->seed, 8) == 0 ? 2 : 1;
        Painted with_pain = y->painted;
        CoachDay found;

        if (scan.pain)
                scan.pain_worse = draw(&y->seed, 3) == 0;
        if (scan.pain)
                paint(&with_pain, day, scan.pain_worse ? "." : "p");

        forget(y, day);
        y->facts.date = y->begin + day;
        y->facts.streak = y->streak;
        y->facts.scan = scan;
        coach_day(&y->facts, &y->config, 60, &found);
        expect(y, day, with_pain.colour[day], &found);
        y->asked[found.kind]++;

        while (n < times) {
                done[n] = draw_kind(y, day, found.kind);
                if (done[n] == KIND_REST)
                        break;
                run(y, day, done[n++]);
        }
        close_day(y, day, done, n);
}

static void walk_year(uint32_t seed, Level level, bool rest_days, unsigned cycle_days,
                unsigned asked[static _KIND_MAX])
{
        Year y = {
                .begin = day_of("2027-09-06"), /* with a leap day in it */
                .config = config_default(),
                .seed = seed,
                .facts = { .last_long = DAY_NONE, .first_run = DAY_NONE },
        };

        y.config.level = level;
        y.config.rest_days = rest_days;
        y.config.cycle_days = cycle_days;
        draw_races(&y);
        for (size_t i = 0; i < _DISTANCE_MAX; i++)
                assert_true(y.races[i] >= 3);
        for (int day = 0; day < YEAR_DAYS; day++)
                walk_day(&y, day);
        for (size_t i = 0; i < _KIND_MAX; i++)
                asked[i] += y.asked[i];
}

static void test_years(void **state)
{
        static const unsigned cycles[] = { 7, 9, 3 };
        unsigned asked[_KIND_MAX] = { 0 };

        (void)state;
        for (uint32_t seed = 1; seed <= 20; seed++)
                for (unsigned level = 0; level < _LEVEL_MAX; level++)
                        for (int off = 0; off <= 1; off++)
                                for (size_t i = 0; i < ELEMENTSOF(cycles); i++)
                                        walk_year(seed * 1000 + level, (Level)level, off, cycles[i], asked);

        /* The year had something of everything; hard is for the runner to choose, and never asked for. */
        for (size_t i = 0; i < _KIND_MAX; i++)
                if ((asked[i] == 0) != (i == KIND_HARD))
                        fail_msg("%s was the answer %u times", kind_to_string((Kind)i), asked[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_years),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
