/* SPDX-License-Identifier: MIT */

/* How far and how fast: a device's distance whatever its counter does, a session's over all its devices, what stored rows come to,
 * the smoothed speed, and the limit of a recovery run. */

#include "cardio/pace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

static void assert_near(double value, double wanted, double margin)
{
        if (isnan(wanted) ? !isnan(value) : !(fabs(value - wanted) <= margin))
                fail_msg("%.9g, not %.9g", value, wanted);
}

/* -- A device -- */

/* What it says at which second, and how far that is since it connected. */
typedef struct Said {
        double at_s; /* 0 ends the list */
        double speed, counter, distance;
} Said;

static const PaceReading reading_unknown = {
        .speed = NAN, .cadence = NAN, .distance = NAN, .incline = NAN, .ascent = NAN
};

static bool say(PaceSource *s, double at_s, double speed, double counter, PacePoint *ret)
{
        PaceReading r = reading_unknown;

        r.speed = speed;
        r.distance = counter;
        return pace_source_add(s, &r, SEC(at_s), ret);
}

static void test_distance_of_a_device(void **state)
{
        static const struct {
                const char *what;
                Said said[10];
        } cases[] = {
                { "a counter, from where it stood",
                                { { 1, 3, 251, 0 }, { 2, 3, 254, 3 }, { 3, 3, 254, 3 }, { 4, 3, 260, 9 } } },
                { "one of tenths", { { 1, 3, 0, 0 }, { 2, 3, 2.9, 2.9 }, { 3, 3, 6.1, 6.1 } } },
                { "one in steps of 10 m",
                                { { 1, 3, 40, 0 }, { 2, 3, 40, 0 }, { 3, 3, 50, 10 }, { 4, 3, 50, 10 },
                                                { 5, 3, 50, 10 }, { 6, 3, 60, 20 } } },
                { "restarted", { { 1, 3, 251, 0 }, { 2, 3, 254, 3 }, { 3, 3, 0, 3 }, { 4, 3, 3, 6 },
                                               { 5, 3, 260, 6 }, { 6, 3, 263, 9 } } },
                { "corrected by a metre", { { 1, 3, 10, 0 }, { 2, 3, 20, 10 }, { 3, 3, 19, 10 },
                                                          { 4, 3, 20, 10 }, { 5, 3, 22, 12 } } },
                { "a leap that no runner makes",
                                { { 1, 3, 0, 0 }, { 2, 3, 3, 3 }, { 3, 3, 103, 3 }, { 4, 3, 106, 6 } } },
                { "what was counted while nothing came",
                                { { 1, 3, 0, 0 }, { 2, 3, 3, 3 }, { 62, 3, 183, 183 },
                                                { 63, 3, 186, 186 } } },
                { "and a leap meanwhile",
                                { { 1, 3, 0, 0 }, { 2, 3, 3, 3 }, { 62, 3, 800, 3 }, { 63, 3, 803, 6 } } },
                { "readings without the counter", { { 1, 3, 7, 0 }, { 2, 3, NAN, 0 }, { 3, 3, 13, 6 },
                                                                  { 4, 3, NAN, 6 }, { 6, 3, 22, 15 } } },
                { "no counter: by the speed before", { { 1, 3, NAN, 0 }, { 2, 2, NAN, 3 }, { 3, 0, NAN, 5 },
                                                                     { 4, 1, NAN, 5 }, { 5, 9, NAN, 6 } } },
                { "but not over more than 5 s", { { 1, 3, NAN, 0 }, { 6, 3, NAN, 15 }, { 11.001, 3, NAN, 15 },
                                                                { 12.001, 3, NAN, 18 } } },
                { "nor of a speed that is not known", { { 1, 3, NAN, 0 }, { 2, NAN, NAN, 3 },
                                                                      { 3, 3, NAN, 3 }, { 4, 3, NAN, 6 } } },
                { "a counter that comes later",
                                { { 1, 3, NAN, 0 }, { 2, 3, NAN, 3 }, { 3, 3, 500, 6 }, { 4, 3, 502, 8 } } },
                { "nothing known, then something",
                                { { 1, NAN, NAN, NAN }, { 2, 3, NAN, 0 }, { 3, NAN, NAN, 3 } } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PaceSource s = { 0 };

                pace_source_begin(&s);
                for (const Said *said = cases[i].said; said->at_s > 0; said++) {
                        PacePoint p;

                        assert_true(say(&s, said->at_s, said->speed, said->counter, &p));
                        assert_int_equal(p.at_usec, SEC(said->at_s));
                        if (isnan(said->distance) ? !isnan(p.distance)
                                                  : !(fabs(p.distance - said->distance) < 1e-6))
                                fail_msg("%s: %f m at %f s", cases[i].what, p.distance, said->at_s);
                }
        }
}

/* A counter that never moves says nothing. One that counts in the coarsest of steps is not taken for such, and one that moves after
 * all counts nothing twice. */
static void test_counter_that_stands_still(void **state)
{
        static const struct {
                double step, distance; /* what it counts in; after 3000 s at 3 m/s */
        } cases[] = { { 1e9, 8997 }, { 1, 8997 }, { 10, 9000 }, { 160.9344, 8851.392 }, { 250, 9000 },
                { 450, 9000 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PaceSource s = { 0 };
                PacePoint p = { 0 };
                double before = 0, step = cases[i].step;

                pace_source_begin(&s);
                for (unsigned t = 1; t <= 3000; t++) {
                        assert_true(say(&s, t, 3, floor(3 * t / step) * step, &p));
                        assert_true(p.distance >= before);
                        before = p.distance;
                }
                assert_near(p.distance, cases[i].distance, 1e-6);
                assert_true(p.distance <= 9000);
        }
}

/* A treadmill that counts down to the end of its programme, as some do. */
static void test_counter_that_counts_down(void **state)
{
        PaceSource s = { 0 };
        PacePoint p = { 0 };

        (void)state;
        pace_source_begin(&s);
        for (unsigned t = 1; t <= 1001; t++)
                assert_true(say(&s, t, 3, 5000 - 3 * t, &p));
        assert_near(p.distance, 3000, 1);
}

static void test_points_of_a_device(void **state)
{
        PaceSource s = { 0 };
        PaceReading r = { .speed = 3, .cadence = 170, .distance = 9, .incline = 1.5, .ascent = 12.4 };
        PacePoint p = { .distance = 77 };

        (void)state;
        pace_source_begin(&s);
        assert_false(pace_source_add(&s, &r, 0, &p));
        assert_true(pace_source_add(&s, &r, SEC(5), &p));
        assert_true(p.speed == 3 && p.cadence == 170 && p.incline == 1.5);
        assert_true(p.distance == 0 && p.ascent == 0);
        p.distance = 77;
        assert_false(pace_source_add(&s, &r, SEC(5), &p)); /* not later */
        assert_false(pace_source_add(&s, &r, SEC(4), &p));
        assert_true(p.distance == 77);

        r.ascent = 12.6;
        assert_true(pace_source_add(&s, &r, SEC(6), &p));
        assert_near(p.ascent, 0.2, 1e-9);
        r.ascent = 0; /* reset */
        assert_true(pace_source_add(&s, &r, SEC(7), &p));
        assert_near(p.ascent, 0.2, 1e-9);
        r.ascent = 3000; /* nobody climbs like this */
        assert_true(pace_source_add(&s, &r, SEC(8), &p));
        assert_near(p.ascent, 0.2, 1e-9);
        r.ascent = NAN;
        assert_true(pace_source_add(&s, &r, SEC(9), &p));
        assert_near(p.ascent, 0.2, 1e-9);

        pace_source_begin(&s); /* another link */
        r.distance = 50;
        assert_true(pace_source_add(&s, &r, SEC(10), &p));
        assert_true(p.distance == 0 && isnan(p.ascent));
}

/* -- A session -- */

static void test_way_of_a_session(void **state)
{
        static const struct {
                double at_s;
                int link;
                double distance, ascent; /* as the device has it */
                double trip_distance, trip_ascent;
        } steps[] = {
                { 100, 1, 812, 20, 0, 0 }, /* it was on before the session */
                { 101, 1, 815, 20.5, 3, 0.5 },
                { 102, 1, 815, 20.5, 3, 0.5 },
                { 110, 1, 830, NAN, 18, NAN },
                { 111, 1, 833, NAN, 21, NAN },
                { 131, 2, 0, 0, 21, 0.5 }, /* the link was lost, and is back */
                { 132, 2, 4, 1, 25, 1.5 },
                { 133, 7, 900, NAN, 25, NAN }, /* a foot pod */
                { 134, 7, 902, NAN, 27, NAN },
                { 135, 2, 20, 9, 27,
                                1.5 }, /* and back: what the pod counted meanwhile is not counted twice */
                { 136, 2, 23, 9.5, 30, 2 },
        };
        PaceTrip t = { 0 };
        PacePoint p;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                const PacePoint from = { .at_usec = SEC(steps[i].at_s),
                        .speed = 3,
                        .cadence = 170,
                        .incline = 2,
                        .distance = steps[i].distance,
                        .ascent = steps[i].ascent };

                assert_true(pace_trip_add(&t, steps[i].link, &from, &p));
                assert_near(p.distance, steps[i].trip_distance, 1e-9);
                assert_near(p.ascent, steps[i].trip_ascent, 1e-9);
                assert_true(p.at_usec == from.at_usec && p.speed == 3 && p.cadence == 170 && p.incline == 2);
                assert_false(pace_trip_add(&t, 3, &from, &p)); /* not later */
        }
}

static void test_way_without_distance(void **state)
{
        PaceTrip t = { 0 };
        PacePoint from = { .at_usec = SEC(1),
                .speed = NAN,
                .cadence = 170,
                .incline = NAN,
                .distance = NAN,
                .ascent = NAN };
        PacePoint p;

        (void)state;
        assert_true(pace_trip_add(&t, 0, &from, &p));
        assert_true(isnan(p.distance) && isnan(p.ascent));
        from.at_usec = SEC(2);
        from.distance = 5;
        assert_true(pace_trip_add(&t, 0, &from, &p));
        assert_true(p.distance == 0);
}

/* Whatever a device says, and however often its link is lost: no distance falls, and none rises faster than a runner. */
static void test_distance_never_falls(void **state)
{
        static const double odd[] = { 0, 1, 10, 255, 16777214, 429496729.4, NAN };
        unsigned seed = 7;

        (void)state;
        for (unsigned round = 0; round < 200; round++) {
                PaceSource s = { 0 };
                PaceTrip t = { 0 };
                PacePoint p, q;
                double counter = 0, last = 0, last_trip = 0, at_s = 1;
                int link = 0;

                pace_source_begin(&s);
                for (unsigned i = 0; i < 500; i++) {
                        unsigned dice = (seed = seed * 1103515245 + 12345) >> 16 & 0xff;
                        double dt = dice % 16 == 3 ? 40 : 1;

                        at_s += dt;
                        counter += dice % 7;
                        if (dice == 200) {
                                pace_source_begin(&s);
                                link++;
                                last = 0;
                        }
                        if (!say(&s, at_s, dice % 5 == 0 ? NAN : dice % 7,
                                            dice % 10 == 9 ? odd[dice % ELEMENTSOF(odd)] : counter, &p))
                                fail();
                        assert_true(isnan(p.distance) || p.distance >= last);
                        assert_true(isnan(p.distance) || p.distance - last <= 12 * dt + 1400);
                        last = isnan(p.distance) ? last : p.distance;
                        if (!pace_trip_add(&t, link, &p, &q))
                                fail();
                        assert_true(isnan(q.distance) || q.distance >= last_trip);
                        last_trip = isnan(q.distance) ? last_trip : q.distance;
                }
        }
}

/* -- Stored rows -- */

static PacePoint row(double speed, double distance)
{
        return (PacePoint){
                .speed = speed, .cadence = NAN, .distance = distance, .incline = NAN, .ascent = NAN
        };
}

static void add(PaceFigures *f, double t_s, double speed, double distance)
{
        PacePoint p = row(speed, distance);

        pace_figures_add(f, (int64_t)llround(t_s * 1000), &p);
}

static void expect(const PaceFigures *f, double distance, double moved_s, double speed)
{
        assert_near(pace_figures_distance(f), distance, 1e-6);
        assert_near(f->moved_s, moved_s, 1e-6);
        assert_near(pace_figures_speed(f), speed, 1e-6);
}

static void test_figures_of_nothing(void **state)
{
        PaceFigures f;

        (void)state;
        pace_figures_begin(&f);
        expect(&f, NAN, 0, NAN);
        assert_true(isnan(pace_figures_ascent(&f)));
        add(&f, 0, NAN, NAN);
        add(&f, 1, NAN, NAN);
        expect(&f, NAN, 0, NAN);
        pace_figures_begin(&f);
        add(&f, 0, 3, 17);
        expect(&f, 0, 0, NAN); /* one row is no way */
        add(&f, 0, 3, 20);     /* not later */
        add(&f, -5, 3, 40);
        expect(&f, 0, 0, NAN);
}

/* At 3 m/s, a minute at a red light, and on: the light is in the distance, not in the speed. */
static void test_figures_of_a_run(void **state)
{
        PaceFigures f;
        double distance = 100;

        (void)state;
        pace_figures_begin(&f);
        for (unsigned t = 0; t < 700; t++) {
                bool stands = t >= 300 && t < 360;

                add(&f, t, stands ? 0.1 : 3, floor(distance));
                distance += stands ? 0 : 3;
        }
        expect(&f, 639 * 3, 639, 3);
}

/* Rows however far apart: the speed is right; with a distance, so is that. */
static void test_figures_of_slow_rows(void **state)
{
        static const double every_s[] = { 0.25, 1, 2, 3, 5, 8, 12, 15, 30, 60 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(every_s); i++) {
                PaceFigures with, without;

                pace_figures_begin(&with);
                pace_figures_begin(&without);
                for (double t = 0; t <= 1800; t += every_s[i]) {
                        add(&with, t, 2.5, 2.5 * t);
                        add(&without, t, 2.5, NAN);
                }
                expect(&with, 4500, 1800, 2.5);
                assert_near(pace_figures_speed(&without), 2.5, 1e-9);
                if (every_s[i] <= 12)
                        assert_near(pace_figures_distance(&without), 4500, 25);
        }
}

/* A watch writes a row when something changes: 1 to 8 s apart. */
static void test_figures_of_smart_recording(void **state)
{
        static const unsigned after_s[] = { 1, 8, 3, 7, 1, 6, 8, 2, 5, 8, 4, 1, 7 };
        PaceFigures f;
        double t = 0, distance = 0;

        (void)state;
        pace_figures_begin(&f);
        for (unsigned i = 0; i < 600; i++) {
                double speed = 2.5 + 0.5 * sin(i * 0.7);

                add(&f, t, speed, distance);
                t += after_s[i % ELEMENTSOF(after_s)];
                distance += speed * after_s[i % ELEMENTSOF(after_s)];
        }
        assert_near(pace_figures_distance(&f), distance, 40);
        assert_near(pace_figures_speed(&f), pace_figures_distance(&f) / (t - 1), 0.01);
}

static void test_figures_over_gaps(void **state)
{
        static const struct {
                const char *what;
                double length_s, gained, moved_s; /* between two minutes at 3 m/s */
        } cases[] = {
                { "none", 1, 3, 1 },
                { "a lost pod: nothing is known of it", 40, 0, 0 },
                { "the counter went on", 40, 120, 40 },
                { "it went on, and stood for a while", 40, 60, 20 },
                { "it went faster", 40, 160, 40 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PaceFigures f;

                pace_figures_begin(&f);
                for (unsigned t = 0; t <= 60; t++)
                        add(&f, t, 3, 3 * t);
                for (unsigned t = 0; t <= 60; t++)
                        add(&f, 60 + cases[i].length_s + t, 3, 180 + cases[i].gained + 3 * t);
                expect(&f, 360 + cases[i].gained, 120 + cases[i].moved_s,
                                (360 + cases[i].gained) / (120 + cases[i].moved_s));
        }
}

/* Without speeds the distance says when the runner moved; without distances at first, the speed how far. */
static void test_figures_of_half_the_columns(void **state)
{
        PaceFigures f;

        (void)state;
        pace_figures_begin(&f);
        for (unsigned t = 0; t <= 100; t++)
                add(&f, t, NAN, t < 50 ? 3 * t : 150);
        expect(&f, 150, 50, 3);

        pace_figures_begin(&f);
        for (unsigned t = 0; t <= 100; t++)
                add(&f, t, 3, t < 50 ? NAN : 1000 + 3 * t);
        expect(&f, 300, 100, 3);

        /* a distance in every tenth row */
        pace_figures_begin(&f);
        for (unsigned t = 0; t <= 100; t++)
                add(&f, t, 3, t % 10 ? NAN : 3 * t);
        expect(&f, 300, 100, 3);

        /* one that falls, and numbers that are none */
        pace_figures_begin(&f);
        add(&f, 0, 3, 10);
        add(&f, 1, 3, 13);
        add(&f, 2, INFINITY, 5);
        add(&f, 3, -4, INFINITY);
        add(&f, 4, 3, -1);
        add(&f, 5, 3, 19);
        assert_near(pace_figures_distance(&f), 9, 1e-9);
        assert_true(isfinite(pace_figures_speed(&f)));
}

static void test_ascent(void **state)
{
        static const struct {
                const char *what;
                double incline, counter_per_s, ascent; /* after 200 s at 3 m/s */
        } cases[] = {
                { "nothing known", NAN, NAN, NAN },
                { "flat", 0, NAN, 0 },
                { "downhill", -3, NAN, 0 },
                { "by incline", 5, NAN, 30 },
                { "by the machine's counter", 5, 0.1, 20 },
                { "the counter alone", NAN, 0.1, 20 },
                { "a counter that never counts", 5, 0, 30 },
                { "and no incline", NAN, 0, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned with_distance = 0; with_distance < 2; with_distance++) {
                        PaceFigures f;

                        pace_figures_begin(&f);
                        for (unsigned t = 0; t <= 200; t++) {
                                PacePoint p = row(3, with_distance ? 50 + 3 * t : NAN);

                                p.incline = cases[i].incline;
                                p.ascent = 4 + t * cases[i].counter_per_s;
                                pace_figures_add(&f, t * 1000, &p);
                        }
                        assert_near(pace_figures_ascent(&f), cases[i].ascent, 1e-6);
                        assert_near(pace_figures_distance(&f), 600, 1e-6);
                }
}

/* -- The smoothed speed -- */

static void test_smoother(void **state)
{
        PaceSmoother s = { 0 };

        (void)state;
        pace_smoother_clear(&s);
        for (unsigned t = 100; t < 105; t++)
                assert_true(isnan(pace_smoother_add(&s, SEC(t), 3)));
        assert_near(pace_smoother_add(&s, SEC(105), 3), 3, 1e-9); /* half of the time is known */
        for (unsigned t = 106; t < 120; t++)
                assert_near(pace_smoother_add(&s, SEC(t), 3), 3, 1e-9);
        /* A faster one is worth the time until the next. */
        assert_near(pace_smoother_add(&s, SEC(120), 5), 3, 1e-9);
        for (unsigned t = 1; t <= 10; t++)
                assert_near(pace_smoother_add(&s, SEC(120 + t), 5), 3 + 0.2 * t, 1e-9);
        assert_near(pace_smoother_add(&s, SEC(130.5), 5), 5, 1e-9);
        assert_near(pace_smoother_add(&s, SEC(129), 99), 5, 1e-9); /* back in time */
        assert_near(pace_smoother_add(&s, SEC(130.5), 99), 5, 1e-9);
        /* A gap of which 5 s are known, then one of which nothing is. */
        assert_near(pace_smoother_add(&s, SEC(139.5), 2), 5, 1e-9);
        assert_true(isnan(pace_smoother_add(&s, SEC(160), 2)));
        pace_smoother_clear(&s);
        assert_true(isnan(pace_smoother_add(&s, SEC(161), 2)));
}

static void test_smoother_at_any_rate(void **state)
{
        static const double every_s[] = { 0.001, 0.02, 0.1, 0.15, 0.1666, 0.17, 0.5, 1, 2, 4 };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(every_s); i++) {
                PaceSmoother s = { 0 };
                double mean = NAN;

                pace_smoother_clear(&s);
                for (double t = 1; t < 40; t += every_s[i]) {
                        mean = pace_smoother_add(&s, SEC(t), t < 20 ? 2 : 4);
                        assert_true(isnan(mean) == (t < 6 - 1e-6) || t < 10);
                        assert_true(s.n <= PACE_SMOOTH_MAX);
                }
                assert_near(mean, 4, 1e-9);
        }
}

/* What is not known is worth nothing, and does not count as standing. */
static void test_smoother_of_unknown_speeds(void **state)
{
        PaceSmoother s = { 0 };
        double mean = NAN;

        (void)state;
        pace_smoother_clear(&s);
        for (unsigned t = 1; t <= 30; t++)
                mean = pace_smoother_add(&s, SEC(t), t % 2 ? 3 : NAN);
        assert_near(mean, 3, 1e-9);
        for (unsigned t = 31; t <= 36; t++)
                mean = pace_smoother_add(&s, SEC(t), NAN);
        assert_true(isnan(mean));
}

static void test_limit(void **state)
{
        (void)state;
        assert_near(pace_limit(METRES_PER_MILE / 600, 60), METRES_PER_MILE / 660,
                        1e-12); /* 10:00 and 11:00 */
        assert_near(pace_limit(2.6822, 60), 2.4384, 1e-4);
        assert_near(pace_limit(3, 0), 3, 1e-12);
        assert_true(isnan(pace_limit(NAN, 60)));
        assert_true(isnan(pace_limit(0, 60)));
        assert_true(isnan(pace_limit(-1, 60)));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_distance_of_a_device),
                cmocka_unit_test(test_counter_that_stands_still),
                cmocka_unit_test(test_counter_that_counts_down),
                cmocka_unit_test(test_points_of_a_device),
                cmocka_unit_test(test_way_of_a_session),
                cmocka_unit_test(test_way_without_distance),
                cmocka_unit_test(test_distance_never_falls),
                cmocka_unit_test(test_figures_of_nothing),
                cmocka_unit_test(test_figures_of_a_run),
                cmocka_unit_test(test_figures_of_slow_rows),
                cmocka_unit_test(test_figures_of_smart_recording),
                cmocka_unit_test(test_figures_over_gaps),
                cmocka_unit_test(test_figures_of_half_the_columns),
                cmocka_unit_test(test_ascent),
                cmocka_unit_test(test_smoother),
                cmocka_unit_test(test_smoother_at_any_rate),
                cmocka_unit_test(test_smoother_of_unknown_speeds),
                cmocka_unit_test(test_limit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
