/* SPDX-License-Identifier: MIT */

/* A generated year of training, asked for day by day, with races of all distances, listed and not. What is expected comes
 * from another direction: the coach looks back from a day at what has a say in it; here every race, run and pain paints the
 * days around it on a calendar, from strips that are written out day by day. The letters are those of coach-fixture.h, and
 * s: cross-training, or for who feels good 20 to 30 minutes; 1: no long run; 2: nothing long or hard. */

#include "coach-fixture.h"

#include <stdio.h>

#define YEAR_DAYS     366
#define CALENDAR_DAYS (YEAR_DAYS + 40)
#define PER_DAY_MAX   2
#define LAYERS_MAX    128

typedef struct Strips {
        const char *race[2][_DISTANCE_MAX]; /* hilly or not; from the day after it on */
        const char *marathon_on[2];         /* the same of a marathon without days off */
        const char *hard[_PHASE_MAX];
        const char *long_off, *long_on; /* days off, and without */
} Strips;

#define SHORT            "nb"
#define SHORT_LONGER     "nbb"
#define HALF             "qbrHHHhhhhhhh"
#define HALF_LONGER      "qbbrHHHHHhhhhhhhhhh"
#define MARATHON         ".xxxxxqq.qq.qbrbrbrbh"
#define MARATHON_ON      ".xxxxxqqqqqqqbrbrbrbh"
#define MARATHON_GOOD    ".xxsssqq.qq.qbrbrbrbh"
#define GOOD_ON          ".xxsssqqqqqqqbrbrbrbh"
#define MARATHON_MORE    ".xxxxxxxxqqq.qqq..qbbrbbrbbrbbh"
#define MARATHON_ON_MORE ".xxxxxxxxqqqqqqqqqqbbrbbrbbrbbh"
#define GOOD_MORE        ".xxxsssssqqq.qqq..qbbrbbrbbrbbh"
#define GOOD_ON_MORE     ".xxxsssssqqqqqqqqqqbbrbbrbbrbbh"

/* clang-format off */
static const Strips careful = {
        .race = { { SHORT_LONGER, SHORT_LONGER, HALF_LONGER, MARATHON_MORE },
                  { SHORT_LONGER, SHORT_LONGER, HALF_LONGER, MARATHON_MORE } },
        .marathon_on = { MARATHON_ON_MORE, MARATHON_ON_MORE },
        .hard = { ".rb", ".rrb" },
        .long_off = "or", .long_on = "or",
};
static const Strips regular = {
        .race = { { SHORT, SHORT, HALF, MARATHON },
                  { SHORT_LONGER, SHORT_LONGER, HALF_LONGER, MARATHON_MORE } },
        .marathon_on = { MARATHON_ON, MARATHON_ON_MORE },
        .hard = { "rb", "rrb" },
        .long_off = "o", .long_on = "r",
};
static const Strips seasoned = {
        .race = { { SHORT, SHORT, HALF, MARATHON_GOOD },
                  { SHORT_LONGER, SHORT_LONGER, HALF_LONGER, GOOD_MORE } },
        .marathon_on = { GOOD_ON, GOOD_ON_MORE },
        .hard = { "rb", "rrb" },
        .long_off = "r", .long_on = "r",
};
/* clang-format on */

static const Strips *strips_of(Level level)
{
        return level == LEVEL_SEASONED ? &seasoned : level == LEVEL_REGULAR ? &regular : &careful;
}

/* What one thing paints: letters by day, 0 = nothing. */
typedef struct Layer {
        char day[CALENDAR_DAYS];
} Layer;

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
        size_t n_layers;
        Layer layer[LAYERS_MAX];
        int64_t next_id;

        /* The walk's own book-keeping. */
        unsigned cycle_day; /* of yesterday, whose long run would begin a new cycle */
        unsigned streak;
        int pain_ends;             /* the day on which the newest pain is taken back */
        unsigned asked[_KIND_MAX]; /* how often each kind was the answer */
} Year;

static Layer *add_layer(Year *y)
{
        assert_true(y->n_layers < LAYERS_MAX);
        y->layer[y->n_layers] = (Layer){ 0 };
        return &y->layer[y->n_layers++];
}

/* Where runs share a layer, one has to leave the other's letters: each begins one of its own. */
static void paint(Year *y, int first, const char *strip)
{
        Layer *layer = add_layer(y);

        for (int i = 0; strip[i]; i++)
                if (first + i >= 0 && first + i < CALENDAR_DAYS && strip[i] != ' ')
                        layer->day[first + i] = strip[i];
}

static void paint_race(Year *y, int day, Distance distance, bool hilly, bool listed)
{
        const Strips *s = strips_of(y->config.level);
        bool is_long = distance >= DISTANCE_HALF;

        if (listed && is_long)
                paint(y, day - 6, "11122eR");
        else if (listed)
                paint(y, day - 2, "2eR");
        paint(y, day + 1,
                        distance == DISTANCE_MARATHON && !y->config.rest_days ? s->marathon_on[hilly]
                                                                              : s->race[hilly][distance]);
}

static bool races_on(const Year *y, int day)
{
        for (size_t i = 0; i < y->facts.n_races; i++)
                if (y->facts.race[i].date == y->begin + day)
                        return true;
        return false;
}

static void draw_races(Year *y)
{
        /* Each distance several times, with some close together. */
        for (unsigned i = 0; i < 14; i++) {
                Distance distance = (Distance)(i % _DISTANCE_MAX);
                bool hilly = draw(&y->seed, 3) == 0;
                int day;

                do {
                        day = (int)draw(&y->seed, YEAR_DAYS);
                        if (i % 3 == 2) /* soon after the one before */
                                day = (y->facts.race[i - 1].date - y->begin + (int)draw(&y->seed, 12)) %
                                      YEAR_DAYS;
                } while (races_on(y, day));
                y->facts.race[y->facts.n_races++] = (CoachRace){
                        .id = 1 + (int64_t)i, .date = y->begin + day, .distance = distance, .hilly = hilly
                };
                paint_race(y, day, distance, hilly, true);
        }
}

/* What all letters of a day come to. */
typedef struct Expected {
        Kind kind;
        unsigned min, max, allowed;
        bool min_open; /* two rows of one length, and nothing says whose least length it is */
} Expected;

static void hear_letter(Expected *e, const DayLetter *l)
{
        e->allowed &= l->allowed;
        if (l->kind > e->kind)
                return;
        if (l->kind < e->kind || (l->max > 0 && (e->max == 0 || l->max < e->max)))
                *e = (Expected){ l->kind, l->min, l->max, e->allowed, false };
        else if (l->max == e->max && l->min != e->min) {
                if (e->max == 0)
                        e->min = 0; /* whoever is asked for recovery alone is not asked for half an hour of it */
                else
                        e->min_open = true;
        }
}

static Expected expect(const Year *y, int day, const CoachScan *scan, const char *pains)
{
        Expected e = { .kind = _KIND_MAX, .allowed = 127 };
        bool race = races_on(y, day);
        char body = scan->feel == 1 ? 'x' : scan->feel == 2 ? 'r' : 0;

        if (strchr(pains, '.'))
                return (Expected){ .kind = KIND_REST, .allowed = 1 };
        if (race)
                return (Expected){ .kind = KIND_RACE, .allowed = 127 };
        for (size_t i = 0; i < y->n_layers; i++) {
                char letter = y->layer[i].day[day];

                if (letter == 's')
                        letter = scan->feel >= 4 ? 'q' : 'x';
                if (letter == '1' || letter == '2')
                        e.allowed &= letter == '1' ? ~16U : ~48U;
                else if (letter)
                        hear_letter(&e, day_letter(letter));
        }
        for (size_t i = 0; pains[i]; i++)
                hear_letter(&e, day_letter(pains[i]));
        if (body)
                hear_letter(&e, day_letter(body));
        if (scan->sore)
                hear_letter(&e, day_letter('b'));
        return e;
}

static void compare(const Year *y, int day, Expected e, const CoachDay *found)
{
        unsigned cycle_day = y->facts.first_run == DAY_NONE ? 0 : y->cycle_day + 1;
        char date[DAY_STRING_MAX], reason[COACH_TEXT_MAX];

        if (e.kind == _KIND_MAX)
                e.kind = cycle_day >= y->config.cycle_days && (e.allowed & 1U << KIND_LONG) ? KIND_LONG
                                                                                            : KIND_BASE;
        if (found->kind != e.kind || found->allowed != e.allowed)
                fail_msg("day %d, %s: %s, %x (%s), expected %s, %x", day, day_to_string(y->begin + day, date),
                                kind_to_string(found->kind), found->allowed,
                                coach_reason_to_string(found, reason), kind_to_string(e.kind), e.allowed);
        if (found->cycle_day != cycle_day)
                fail_msg("day %d: cycle day %u, expected %u", day, found->cycle_day, cycle_day);
        assert_int_equal(found->streak, y->streak);
        if (e.kind != KIND_LONG) {
                if (found->max_minutes != e.max || (!e.min_open && found->min_minutes != e.min))
                        fail_msg("day %d: %u to %u minutes (%s), expected %u to %u", day, found->min_minutes,
                                        found->max_minutes, coach_reason_to_string(found, reason), e.min,
                                        e.max);
        } else
                assert_true((found->min_minutes == 0 || found->min_minutes >= 60) && found->max_minutes == 0);
        assert_int_equal(
                        found->ceiling.kind, e.kind == KIND_RACE ? INTENSITY_OFF : INTENSITY_PERCENT_RESERVE);
        if (e.kind != KIND_RACE)
                assert_true(found->ceiling.value == (e.kind == KIND_BASE || e.kind == KIND_LONG ? 80 : 65));
        assert_in_range(found->n_care, 1, COACH_CARE_MAX);
        assert_in_range(found->n_advice, 0, COACH_ADVICE_MAX);
}

/* A runner who mostly does as told, and at times anything: a race that is not listed, too. */
static Kind draw_kind(Year *y, int day, Kind told)
{
        if (races_on(y, day))
                return KIND_RACE;
        if (draw(&y->seed, 100) < 70)
                return told;
        return draw(&y->seed, 12) == 0 ? KIND_RACE : (Kind)draw(&y->seed, KIND_RACE);
}

/* A hard workout on a day that has allowed one after a half marathon takes it from the days ahead. Of a marathon's it is on
 * the last one. */
static void take_the_one(Year *y, int day)
{
        for (size_t i = 0; i < y->n_layers; i++) {
                Layer *l = &y->layer[i];

                if (l->day[day] != 'H' && l->day[day] != 'h')
                        continue;
                for (int d = day + 1; d < CALENDAR_DAYS; d++)
                        l->day[d] = l->day[d] == 'H' ? 'r' : l->day[d] == 'h' ? 'b' : l->day[d];
        }
}

static CoachSession run(Year *y, int day, Kind kind)
{
        const Strips *s = strips_of(y->config.level);
        CoachFacts *f = &y->facts;
        CoachSession session = {
                .id = ++y->next_id,
                .date = y->begin + day,
                .kind = kind,
                .duration_s = 60.0 * (draw(&y->seed, 10) == 0 ? 5 : 20 + draw(&y->seed, 170)),
                .talk_test = (TalkTest)draw(&y->seed, 2),
        };

        session.was_long = session.duration_s >= 5400;
        f->session[f->n_sessions++] = session;
        if (session.duration_s < 600)
                return session;
        if (kind == KIND_HARD) {
                take_the_one(y, day);
                paint(y, day + 1, s->hard[y->config.phase]);
        }
        if (kind == KIND_LONG || (kind == KIND_HARD && session.was_long))
                paint(y, day + 1, y->config.rest_days ? s->long_off : s->long_on);
        if (kind == KIND_RACE && !races_on(y, day))
                paint_race(y, day,
                                session.duration_s >= 9000   ? DISTANCE_MARATHON
                                : session.duration_s >= 4500 ? DISTANCE_HALF
                                                             : DISTANCE_10K,
                                false, false);
        return session;
}

/* Sessions too old to matter are let go of, as the database does; and layers that are all behind. */
static void forget(Year *y, int day)
{
        CoachFacts *f = &y->facts;
        size_t n = 0;

        for (size_t i = 0; i < f->n_sessions; i++)
                if (f->session[i].date > y->begin + day - COACH_SESSION_DAYS)
                        f->session[n++] = f->session[i];
        f->n_sessions = n;

        n = 0;
        for (size_t i = 0; i < y->n_layers; i++) {
                bool ahead = false;

                for (int d = day; d < CALENDAR_DAYS && !ahead; d++)
                        ahead = y->layer[i].day[d];
                if (ahead && n++ < i)
                        y->layer[n - 1] = y->layer[i];
        }
        y->n_layers = n;
}

/* The day is over. */
static void close_day(Year *y, int day, const CoachSession *done, size_t n)
{
        bool ran = false, went_long = false;

        for (size_t i = 0; i < n; i++) {
                ran = ran || done[i].kind >= KIND_RECOVERY;
                went_long = went_long ||
                            (done[i].duration_s >= 600 &&
                                            (done[i].kind == KIND_LONG ||
                                                            (done[i].kind == KIND_HARD && done[i].was_long)));
        }
        y->streak = ran ? y->streak + 1 : 0;
        if (went_long) {
                y->facts.last_long = y->begin + day;
                y->cycle_day = 0;
        } else if (y->facts.first_run != DAY_NONE || ran)
                y->cycle_day++;
        if (ran && y->facts.first_run == DAY_NONE)
                y->facts.first_run = y->begin + day;
}

/* Pains come, last for days or weeks, and are taken back. Writes a letter for each that has a say. */
static void draw_pains(Year *y, int day, char pains[static COACH_PAINS_MAX + 1])
{
        CoachFacts *f = &y->facts;
        size_t n = 0;

        if (day == y->pain_ends)
                f->n_pains = 0;
        if (f->n_pains < 3 && draw(&y->seed, 40) == 0) {
                f->date = y->begin + day;
                add_pain(f, 0, draw(&y->seed, 3) == 0, "left knee");
                y->pain_ends = day + 1 + (int)draw(&y->seed, 12);
        }
        for (size_t i = 0; i < f->n_pains; i++)
                if (f->pain[i].stops || y->begin + day - f->pain[i].since <= 2)
                        pains[n++] = f->pain[i].stops ? '.' : 'p';
        pains[n] = '\0';
}

static void walk_day(Year *y, int day)
{
        CoachScan scan = { .feel = draw(&y->seed, 2) ? draw(&y->seed, FEEL_MAX + 1) : 0,
                .sore = draw(&y->seed, 12) == 0,
                .low_mood = draw(&y->seed, 20) == 0 };
        CoachSession done[PER_DAY_MAX];
        size_t n = 0, times = draw(&y->seed, 10) == 0 ? 0 : draw(&y->seed, 8) == 0 ? 2 : 1;
        char pains[COACH_PAINS_MAX + 1];
        CoachDay found;

        if (scan.feel <= 2 && draw(&y->seed, 3))
                scan.feel = 0;
        draw_pains(y, day, pains);
        forget(y, day);
        y->facts.date = y->begin + day;
        y->facts.streak = y->streak;
        y->facts.scan = scan;
        coach_day(&y->facts, &y->config, 60, &found);
        compare(y, day, expect(y, day, &scan, pains), &found);
        y->asked[found.kind]++;

        while (n < times) {
                Kind kind = draw_kind(y, day, found.kind);

                if (kind == KIND_REST)
                        break;
                done[n++] = run(y, day, kind);
        }
        close_day(y, day, done, n);
}

static void walk_year(uint32_t seed, const CoachConfig *config, unsigned asked[static _KIND_MAX])
{
        static Year y;

        y = (Year){
                .begin = day_of("2027-09-06"), /* with a leap day in it */
                .config = *config,
                .seed = seed,
                .facts = { .last_long = DAY_NONE, .first_run = DAY_NONE },
        };
        draw_races(&y);
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
                        for (unsigned phase = 0; phase < _PHASE_MAX; phase++)
                                for (int off = 0; off <= 1; off++)
                                        for (size_t i = 0; i < ELEMENTSOF(cycles); i++) {
                                                CoachConfig c = config_default();

                                                c.level = (Level)level;
                                                c.phase = (Phase)phase;
                                                c.rest_days = off;
                                                c.cycle_days = cycles[i];
                                                walk_year(seed * 1000 + level * 10 + phase, &c, asked);
                                        }

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
