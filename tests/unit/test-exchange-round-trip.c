/* SPDX-License-Identifier: MIT */

/* Sessions written and read again, in each format: what was there is there again, as far as the format says it.
 *
 *      JSON  all of it, to the ms, 1/1024 s and the last bit
 *      CSV   heart rates with contact and R-R intervals likewise, and events at the heart rate behind them
 *      FIT   heart rates at their second, R-R intervals to 1 ms at their heart rate, marks, and what makes it ours
 *      TCX   heart rates to the ms, and what makes it ours
 *
 * How fast it went is read at the time of its record (see point.h): in FIT to the cm, the mm/s and 1/64 steps per min, in TCX without
 * incline, and with a cadence to one step per min. */

#include "exchange/exchange.h"
#include "exchange/reading.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "exchange-fixture.h"
#include "reading-fixture.h"

#define ITEMS_MAX 600000U

typedef struct Run {
        const char *name;
        ExchangeSession session;
        size_t n;
        ExchangeItem *items; /* ITEMS_MAX */
} Run;

static void add(Run *run, ExchangeItem item)
{
        assert_true(run->n < ITEMS_MAX);
        run->items[run->n++] = item;
        if (item.type == EXCHANGE_SAMPLE)
                run->session.length = item.t;
        if (item.type == EXCHANGE_PACE)
                run->session.has_pace = true;
}

static void add_heart_rate(Run *run, int64_t t, unsigned bpm, unsigned contact)
{
        ExchangeItem item = heart_rate(t, bpm);

        item.sample.contact = contact;
        item.sample.unsettled = bpm % 7 == 0;
        add(run, item);
}

/* -- What is written -- */

static uint32_t random_below(uint32_t *state, uint32_t n)
{
        *state = *state * 1664525U + 1013904223U;
        return (*state >> 8) % n;
}

/* All that a session may have. */
static void make_whole(Run *run)
{
        ExchangeSession *s = &run->session;

        s->kind = "race";
        s->said_kind = "long";
        s->record_kind = "hard";
        s->note = "Up the hill & down; für Ärzte";
        s->talk_test = "fail";
        s->ceiling_expression = "65%hrr";
        s->zone_model = "hrr";
        s->zone_bounds = "50 60 70 80 90";
        s->sex = "female";
        s->day_kind = "recovery";
        s->workout = "4x4";
        s->resting = 50 + 1.0 / 7;
        s->maximum = 197;
        s->ceiling = 0.65 * (197 - s->resting) + s->resting;
        s->tolerance = 2.5;
        s->rpe = 9;
        s->by_hand = true;
        add(run, event(0, "step", 1, "warm-up"));
        add(run, interval(0, 430));
        add_heart_rate(run, 0, 140, 1);
        add(run, pace(100, 3.36, 161, 0.1));
        add(run, event(400, "ceiling", s->ceiling, "65%hrr"));
        add_heart_rate(run, 999, 141, 2);
        add_heart_rate(run, 1400, 240, 1); /* a spike */
        add(run, pace(1450, 10 / 3.0, NAN, 255.55));
        add(run, event(1500, "mark", NAN, "Hill, \"steep\""));
        add(run, event(1600, "snooze", 600, ""));
        for (unsigned i = 0; i < 9; i++)
                add(run, interval(2000, 800 + i));
        add_heart_rate(run, 2000, 72, 0);
        add(run, event(3000, "gap", 57.5, ""));
        add(run, event(3000, "battery", 20, ""));
        add(run, event(30000, "strap", NAN, "A0:9E:1A:12:34:56"));
        add(run, interval(60001, 65535));
        add_heart_rate(run, 60001, 25, 1);
        add(run, event(60500, "clock", -3600.25, ""));
        add(run, event(61000, "trouble", NAN, "strap-lost"));
        add_heart_rate(run, 61000, 250, 1);
}

/* Of a pod and of a strap, each at about a second, so that they come in any order; with a minute of one of them alone. */
static void make_pod(Run *run)
{
        uint32_t seed = 7;
        double distance = 0;

        for (int64_t second = 0; second < 3600; second++) {
                int64_t strap = second * 1000 + (second > 0 ? random_below(&seed, 300) : 0),
                        pod = second * 1000 + 150 + random_below(&seed, 300);
                ExchangeItem p = pace(pod, (700 + random_below(&seed, 300)) / 256.0,
                                140 + random_below(&seed, 150) / 2.0, distance);
                bool has_strap = second < 1000 || second >= 1060, has_pod = second < 2000 || second >= 2060;

                p.pace.incline = (random_below(&seed, 200) - 100.0) / 10;
                distance += (25 + random_below(&seed, 11)) / 10.0;
                if (has_strap && strap <= pod)
                        add_heart_rate(run, strap, 120 + (unsigned)(second % 50), 1);
                if (has_pod && pod <= second * 1000 + 999)
                        add(run, p);
                if (has_strap && strap > pod)
                        add_heart_rate(run, strap, 120 + (unsigned)(second % 50), 1);
        }
}

static void make_least(Run *run)
{
        ExchangeSession *s = &run->session;

        s->kind = s->said_kind = s->device = "";
        s->resting = s->maximum = s->tolerance = NAN;
        s->utc_offset_s = 0;
        add_heart_rate(run, 0, 100, 0);
}

/* Texts that mean something elsewhere. */
static void make_hostile(Run *run)
{
        ExchangeSession *s = &run->session;

        s->device = "\"><H10 ' & ]]> \\u0022";
        s->note = "]]> <!-- <note a='1'> &amp; \"x\", =cmd|' /C calc'!A0; # \\n {\"t\": 0} %s \xf0\x9f\x98\x80";
        s->workout = "=1+1";
        s->zone_bounds = "\"50\",'60'";
        add(run, event(0, "mark", NAN, "=SUM(A1), \"x\" ]]> <b>"));
        add_heart_rate(run, 0, 100, 1);
        add_heart_rate(run, 1000, 101, 1);
}

/* Heart rates around a moment. */
static void make_around(Run *run, int64_t moment, int32_t utc_offset_s)
{
        run->session.started_at = moment - 3001;
        run->session.utc_offset_s = utc_offset_s;
        for (unsigned i = 0; i < 7; i++) {
                add(run, interval(i * 999, 1000 + i));
                add_heart_rate(run, i * 999, 100 + i, 1);
        }
}

static void make_new_year(Run *run)
{
        make_around(run, INT64_C(1798761600000), 3600); /* 2027-01-01T00:00:00Z */
}

static void make_new_year_west(Run *run)
{
        make_around(run, INT64_C(1798795800000), -34200); /* 2026-12-31T24:00:00-09:30 */
}

/* The clocks of Berlin go from 02:00 to 03:00, and back. */
static void make_summer_time(Run *run)
{
        make_around(run, INT64_C(1774746000000), 3600);
}

static void make_winter_time(Run *run)
{
        make_around(run, INT64_C(1792890000000), 7200);
}

static void make_leap_day(Run *run)
{
        make_around(run, INT64_C(1835395200000), 45900); /* 2028-02-29T00:00:00Z */
}

/* A heart rate a second, with two intervals; some are missing, and some seconds have two. */
static void make_day(Run *run)
{
        for (int64_t s = 0; s < 24 * 3600; s++) {
                int64_t t = s * 1000 + s * 7919 % 900;

                if (s % 5000 > 4900 && s < 24 * 3600 - 1)
                        continue;
                if (s % 3600 == 60)
                        add(run, event(t, "mark", NAN, ""));
                add(run, interval(t, 300 + (unsigned)(s % 1500)));
                add(run, interval(t, 301 + (unsigned)(s % 1499)));
                add_heart_rate(run, t, 60 + (unsigned)(s % 120), 1);
        }
}

static void make_random(Run *run, uint32_t seed)
{
        static const char *const types[] = { "step", "mark", "gap", "zone", "ceiling", "snooze" };
        static const char *const details[] = { "warm-up", "hard", "", "a, b; c" };
        int64_t t = 0;

        run->session.started_at += random_below(&seed, 1000);
        run->session.utc_offset_s = ((int32_t)random_below(&seed, 105) - 48) * 900;
        run->session.ceiling = 50 + random_below(&seed, 100000000) / 7.0 / 100000;
        do {
                while (t > 0 && random_below(&seed, 4) == 0) {
                        const char *type = types[random_below(&seed, ELEMENTSOF(types))];
                        bool marks = strcmp(type, "mark") == 0;

                        add(run, event(t, type, marks ? NAN : random_below(&seed, 100000) / 64.0,
                                                 details[random_below(&seed, ELEMENTSOF(details))]));
                }
                for (uint32_t rr = random_below(&seed, 10); rr > 0; rr--)
                        add(run, interval(t, 1 + random_below(&seed, 65535)));
                add_heart_rate(run, t, 25 + random_below(&seed, 226), random_below(&seed, 3));
                t += 1 +
                     (random_below(&seed, 10) == 0 ? random_below(&seed, 100000) : random_below(&seed, 1200));
        } while (random_below(&seed, 60) > 0);
}

/* -- What is read -- */

typedef struct Expectation {
        const ExchangeFormat *out;
        const ReadingFormat *in;
        bool contact, rr, events, marks, pace, ours, exact;
        double speed, cadence, distance,
                        incline; /* how far they may be off if not pace; below 0: not in it */
        bool whole_seconds;      /* and R-R intervals in whole ms */
        bool at_heart_rate;      /* events have the time of the heart rate behind them */
} Expectation;

static const Expectation expectations[] = {
        { &exchange_json, &reading_json, .contact = true, .rr = true, .events = true, .pace = true,
                        .ours = true, .exact = true },
        { &exchange_csv, &reading_csv, .contact = true, .rr = true, .events = true, .at_heart_rate = true },
        { &exchange_fit, &reading_fit, .rr = true, .marks = true, .ours = true, .whole_seconds = true,
                        .speed = 0.0005, .cadence = 0.5 / 64, .distance = 0.005, .incline = 0.005 },
        { &exchange_tcx, &reading_tcx, .ours = true, .exact = true, .cadence = 1, .incline = -1 },
};

static bool is_same(double a, double b)
{
        return a == b || (isnan(a) && isnan(b));
}

/* A float32 to the nearest thousandth holds as much. */
static bool is_figure(const Expectation *e, double read, double meant)
{
        return is_same(read, meant) || (!e->exact && fabs(read - meant) < 0.001);
}

static void assert_session(const Run *run, const Expectation *e, const ReadingActivity *a)
{
        const ExchangeSession *s = &run->session;

        assert_false(a->local);
        assert_true(a->has_offset);
        assert_int_equal(a->utc_offset_s, s->utc_offset_s);
        assert_int_equal(a->skipped, 0);
        if (!e->ours)
                return;
        assert_string_equal(a->kind, s->said_kind);
        assert_string_equal(a->device, s->device);
        assert_string_equal(a->note, s->note);
        assert_string_equal(a->talk_test, s->talk_test);
        assert_string_equal(a->ceiling_expression, s->ceiling_expression);
        assert_string_equal(a->zone_model, s->zone_model);
        assert_string_equal(a->zone_bounds, s->zone_bounds);
        assert_string_equal(a->sex, s->sex);
        assert_string_equal(a->day_kind, s->day_kind);
        assert_string_equal(a->workout, s->workout);
        assert_true(is_figure(e, a->maximum, s->maximum) && is_figure(e, a->resting, s->resting));
        assert_true(is_figure(e, a->ceiling, s->ceiling) && is_figure(e, a->tolerance, s->tolerance));
        assert_int_equal(a->rpe, s->rpe);
        assert_int_equal(a->by_hand, s->by_hand);
}

static bool is_said(const Expectation *e, const Run *run, const ExchangeItem *item)
{
        switch (item->type) {
        case EXCHANGE_SAMPLE:
                return true;
        case EXCHANGE_PACE:
                return e->pace;
        case EXCHANGE_RR:
                return e->rr;
        case EXCHANGE_EVENT:
                if (e->at_heart_rate && item->t > run->session.length)
                        return false;
                return e->events || (e->marks && strcmp(item->event.type, "mark") == 0);
        case _EXCHANGE_ITEM_TYPE_MAX:
        case _EXCHANGE_ITEM_TYPE_INVALID:
                break;
        }
        return false;
}

/* When an item is to be read. */
static int64_t time_of(const Run *run, const Expectation *e, size_t i)
{
        int64_t t = run->items[i].t;

        for (size_t k = i; e->at_heart_rate && k < run->n; k++)
                if (run->items[k].type == EXCHANGE_SAMPLE) {
                        t = run->items[k].t;
                        break;
                }
        return run->session.started_at + t;
}

static bool is_read(const Run *run, const Expectation *e, size_t i, const ReadItem *read)
{
        const ExchangeItem *item = run->items + i;
        int64_t at = time_of(run, e, i);

        /* What shares a second is a few ms apart. */
        if (e->whole_seconds ? read->at / 1000 != at / 1000 : read->at != at)
                return false;
        switch (item->type) {
        case EXCHANGE_SAMPLE:
                return read->type == READ_HEART_RATE && read->value == item->sample.heart_rate &&
                       read->contact == (e->contact ? item->sample.contact : 0);
        case EXCHANGE_PACE:
                return read->type == READ_PACE && is_same(read->speed, item->pace.speed) &&
                       is_same(read->cadence, item->pace.cadence) &&
                       is_same(read->distance, item->pace.distance) &&
                       is_same(read->incline, item->pace.incline);
        case EXCHANGE_RR:
                return read->type == READ_RR &&
                       (e->whole_seconds ? fabs(read->value - (double)item->rr.rr) * 1000 <= 1024
                                         : read->value == item->rr.rr);
        case EXCHANGE_EVENT:
                return read->type == READ_EVENT && strcmp(read->type_text, item->event.type) == 0 &&
                       (!e->events || (is_same(read->figure, item->event.value) &&
                                                      strcmp(read->detail, item->event.detail) == 0));
        case _EXCHANGE_ITEM_TYPE_MAX:
        case _EXCHANGE_ITEM_TYPE_INVALID:
                break;
        }
        return false;
}

static bool is_near(double read, double meant, double off)
{
        return is_same(read, meant) || fabs(read - meant) <= off + 1e-9 || (off < 0 && isnan(read));
}

/* All that were written, one after the other, each within two seconds of its time; how many were left out, but for those behind the
 * last heart rate. */
static size_t check_pace(const Run *run, const Expectation *e, const Reading *reading)
{
        size_t next = 0, n_left_out = 0;

        for (size_t i = 0; i < reading->n_items; i++) {
                const ReadItem *read = reading->items + i;
                const ExchangeItem *item = NULL;
                int64_t late;

                if (read->type != READ_PACE)
                        continue;
                for (; next < run->n && !item; next++) {
                        if (run->items[next].type != EXCHANGE_PACE)
                                continue;
                        item = run->items + next;
                        if (!is_near(read->distance, item->pace.distance, e->distance)) {
                                item = NULL;
                                n_left_out++;
                        }
                }
                if (!item)
                        fail_msg("%s as %s: pace %f m is not of the run", run->name, e->out->name,
                                        read->distance);
                late = read->at - run->session.started_at - item->t;
                assert_true(late > -2000 && late < 2000);
                assert_true(is_near(read->speed, item->pace.speed, e->speed));
                assert_true(is_near(read->cadence, item->pace.cadence, e->cadence));
                assert_true(is_near(read->incline, item->pace.incline, e->incline));
        }
        for (; next < run->n; next++)
                n_left_out += run->items[next].type == EXCHANGE_PACE &&
                              run->items[next].t <= run->session.length;
        return n_left_out;
}

static void check(const Run *run, const Expectation *e)
{
        Reading reading = { 0 };
        size_t next = 1; /* behind the beginning */
        File f = { 0 };

        assert_int_equal(exchange_write(e->out, &f, &run->session, run->items, run->n), 0);
        assert_true(e->in->is(f.data, f.size));
        reading_make(&reading, e->in, f.data, f.size);
        assert_int_equal(reading.r, 0);
        assert_int_equal(reading.n[READ_BEGIN], 1);
        assert_int_equal(reading.n[READ_WARNING], 0);
        for (size_t i = 0; i < run->n; i++) {
                if (!is_said(e, run, run->items + i))
                        continue;
                while (!e->pace && next < reading.n_items && reading.items[next].type == READ_PACE)
                        next++;
                if (next >= reading.n_items || !is_read(run, e, i, reading.items + next))
                        fail_msg("%s as %s: item %zu is not read", run->name, e->out->name, i);
                next++;
        }
        while (!e->pace && reading.items[next].type == READ_PACE)
                next++;
        assert_int_equal(reading.n_items, next + 1);
        if (!e->pace)
                assert_int_equal(check_pace(run, e, &reading), 0);
        assert_session(run, e, &reading.activity);
        reading_done(&reading);
        file_done(&f);
}

static void begin(Run *run, const char *name)
{
        run->name = name;
        run->session = fixture_run;
        run->n = 0;
}

static void test_runs(void **state)
{
        static const struct {
                const char *name;
                void (*make)(Run *run);
        } runs[] = {
                { "a whole one", make_whole },
                { "one with a pod", make_pod },
                { "one of which little is known", make_least },
                { "one with hostile texts", make_hostile },
                { "one over new year", make_new_year },
                { "one over new year by the clock", make_new_year_west },
                { "one as summer time begins", make_summer_time },
                { "one as it ends", make_winter_time },
                { "one over the beginning of a leap day", make_leap_day },
                { "one of a day", make_day },
        };
        Run *run = *state;

        for (size_t i = 0; i < ELEMENTSOF(runs); i++) {
                begin(run, runs[i].name);
                runs[i].make(run);
                for (size_t k = 0; k < ELEMENTSOF(expectations); k++)
                        check(run, &expectations[k]);
        }
}

static void test_random_runs(void **state)
{
        Run *run = *state;
        char name[32];

        for (uint32_t seed = 0; seed < 500; seed++) {
                (void)snprintf(name, sizeof(name), "seed %u", seed);
                begin(run, name);
                make_random(run, seed);
                for (size_t k = 0; k < ELEMENTSOF(expectations); k++)
                        check(run, &expectations[k]);
        }
}

/* Control characters, bytes that are no UTF-8, a character of four bytes where a text has no room for it: JSON has them as they
 * are but for what is no text; of others they are one line of characters. The rest of the run comes to no harm. */
static void test_texts_that_are_none(void **state)
{
        static const char *const texts[] = { "a\nb", "\x01\x1b[31m\x7f", "\xff\xc3", "\xc2\x9b",
                "\xe2\x80\xae", "  ", "?\t\r\n" };
        Run *run = *state;
        char longest[256];

        memset(longest, 'x', sizeof(longest));
        memcpy(longest + 251, "\xf0\x9f\x98\x80", 5);
        for (size_t i = 0; i <= ELEMENTSOF(texts); i++) {
                const char *text = i < ELEMENTSOF(texts) ? texts[i] : longest;

                begin(run, "a text");
                run->session.note = run->session.workout = text;
                add(run, event(0, "mark", NAN, text));
                add_heart_rate(run, 0, 100, 0);
                for (size_t k = 0; k < ELEMENTSOF(expectations); k++) {
                        Reading reading = { 0 };
                        File f = { 0 };

                        assert_int_equal(exchange_write(expectations[k].out, &f, &run->session, run->items,
                                                         run->n),
                                        0);
                        reading_make(&reading, expectations[k].in, f.data, f.size);
                        assert_int_equal(reading.r, 0);
                        assert_int_equal(reading.n[READ_HEART_RATE], 1);
                        assert_int_equal(reading.n[READ_WARNING], 0);
                        if (expectations[k].in == &reading_json && i != 2)
                                assert_string_equal(reading.activity.note, text);
                        reading_done(&reading);
                        file_done(&f);
                }
        }
}

static int setup(void **state)
{
        Run *run = calloc(1, sizeof(*run));

        assert_non_null(run);
        run->items = calloc(ITEMS_MAX, sizeof(*run->items));
        assert_non_null(run->items);
        *state = run;
        return 0;
}

static int teardown(void **state)
{
        Run *run = *state;

        free(run->items);
        free(run);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_runs),
                cmocka_unit_test(test_random_runs),
                cmocka_unit_test(test_texts_that_are_none),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
