/* SPDX-License-Identifier: MIT */

/* Years of runs: what is counted into days, weeks and streaks, and the page of them. */

#include "report/trend.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "page-judge.h"
#include "report-fixture.h"

#define MONDAY 20584 /* 2026-05-11 */
#define DAYS   399   /* 57 weeks */

typedef struct Years {
        TrendDay days[DAYS];
        TrendMorning mornings[40];
        ReportTrend t;
} Years;

static void years_begin(Years *y)
{
        *y = (Years){ .t = { .first = MONDAY - DAYS + 7, .last = MONDAY + 6 } };
        y->t.shown = y->t.first;
        y->t.days = y->days;
        y->t.mornings = y->mornings;
}

static void add(Years *y, Day day, Kind kind, double minutes)
{
        const TrendSession s = { .day = day,
                .kind = kind,
                .duration_s = minutes * 60,
                .live_s = minutes * 60,
                .over_s = kind == KIND_HARD ? minutes * 30 : 0,
                .trimp = minutes,
                .distance_m = NAN,
                .limited = kind != KIND_RACE };

        trend_add(&y->t, &s);
}

static void write_page(const Years *y, PageBytes *page)
{
        const ReportSink sink = { .write = page_bytes_write, .userdata = page };
        const char *wrong;

        assert_int_equal(report_write_trend(&y->t, &sink), 0);
        wrong = page_judge(page->data, page->size);
        if (wrong)
                fail_msg("%s", wrong);
}

static void assert_has(const PageBytes *page, const char *part)
{
        if (!strstr(page->data, part))
                fail_msg("\"%s\" is not in the page", part);
}

static void test_a_week(void **state)
{
        static Years y;
        TrendPeriod p;

        (void)state;
        years_begin(&y);
        add(&y, MONDAY, KIND_BASE, 60);
        add(&y, MONDAY, KIND_BASE, 30); /* twice in a day */
        add(&y, MONDAY + 6, KIND_HARD, 90);
        add(&y, MONDAY + 3, KIND_RACE, 40);      /* without a ceiling */
        add(&y, MONDAY + 4, _KIND_INVALID, 10);  /* not known: base */
        add(&y, MONDAY - 1, KIND_LONG, 120);     /* the week before */
        add(&y, MONDAY + 7, KIND_LONG, 120);     /* tomorrow */
        add(&y, y.t.first - 1, KIND_LONG, 1000); /* before all */
        p = trend_period(&y.t, MONDAY, false);
        assert_int_equal(p.n_sessions, 5);
        assert_true(p.from == MONDAY && p.to == MONDAY + 6);
        assert_true(p.seconds[KIND_BASE] == 6000 && p.seconds[KIND_HARD] == 5400 && p.all_s == 230 * 60);
        /* 45 of 190 minutes over. */
        assert_true(fabs(p.easy_percent - 100 * (1 - 45.0 / 190)) < 1e-9);
        assert_true(p.load == 230);
        assert_true(isnan(trend_period(&y.t, MONDAY - 14, false).easy_percent));
        /* From the middle of one on only the rest of it. */
        assert_int_equal(trend_period(&y.t, MONDAY + 3, false).n_sessions, 3);
        p = trend_period(&y.t, MONDAY - 10, true); /* 1 May */
        assert_true(p.to == y.t.last && p.all_s == 350 * 60);
        assert_true(y.t.longest.value == 7200 && y.t.longest.day == MONDAY - 1);
}

/* By hand: a load of 100 a day approaches 100 as 1 − e^(−n/τ) does. */
static void test_fitness_and_fatigue(void **state)
{
        static Years y;

        (void)state;
        years_begin(&y);
        for (Day day = y.t.first; day < y.t.first + 42; day++)
                add(&y, day, KIND_BASE, 100);
        trend_settle(&y.t);
        assert_true(fabs(y.days[0].fitness.fitness - 100 * (1 - exp(-1 / 42.0))) < 1e-9);
        assert_true(fabs(y.days[41].fitness.fitness - 100 * (1 - exp(-1))) < 1e-9);
        assert_true(fabs(y.days[41].fitness.fatigue - 100 * (1 - exp(-6))) < 1e-9);
        /* And is forgotten likewise. */
        assert_true(fabs(y.days[41 + 42].fitness.fitness - 100 * (1 - exp(-1)) * exp(-1)) < 1e-9);
}

/* Half hours are named as such: an axis of 0, 1, 2 and 2 hours would be none. */
static void test_hours_of_short_weeks(void **state)
{
        PageBytes page = { .data = NULL };
        static Years y;

        (void)state;
        years_begin(&y);
        add(&y, MONDAY, KIND_BASE, 140);
        trend_settle(&y.t);
        write_page(&y, &page);
        assert_has(&page, ">0.5</text>");
        assert_has(&page, ">1.5</text>");
        page_bytes_done(&page);
}

static void test_streaks(void **state)
{
        static Years y;

        (void)state;
        years_begin(&y);
        assert_int_equal(trend_streak(&y.t).days, 0);
        assert_int_equal(trend_longest_streak(&y.t).days, 0);
        for (Day day = MONDAY - 100; day < MONDAY - 90; day++)
                add(&y, day, KIND_RECOVERY, 30);
        for (Day day = MONDAY + 3; day < MONDAY + 6; day++)
                add(&y, day, KIND_BASE, 5);
        assert_int_equal(trend_longest_streak(&y.t).days, 10);
        assert_int_equal(trend_longest_streak(&y.t).last, MONDAY - 91);
        /* Today has not added to it yet, and need not have. */
        assert_int_equal(trend_streak(&y.t).days, 3);
        assert_int_equal(trend_streak(&y.t).last, MONDAY + 5);
        add(&y, MONDAY + 6, KIND_CROSS_TRAINING, 60); /* no run */
        add(&y, MONDAY + 2, KIND_BASE, 4.9);          /* too short */
        assert_int_equal(trend_streak(&y.t).days, 3);
        add(&y, MONDAY + 6, KIND_BASE, 5);
        assert_int_equal(trend_streak(&y.t).days, 4);
}

static void test_means_of_mornings(void **state)
{
        static Years y;
        TrendMean mean;

        (void)state;
        years_begin(&y);
        for (size_t i = 0; i < 9; i++)
                y.mornings[i] = (TrendMorning){ MONDAY - 100 + (Day)i, 50 + (double)i, i == 8 ? NAN : 40 };
        y.mornings[9] = (TrendMorning){ MONDAY - 65, 60,
                70 }; /* 27 days after the last one, 28 after the one before */
        y.t.n_mornings = 10;
        assert_true(trend_mean7(&y.t, 0, true, &mean));
        assert_true(mean.mean == 50 && mean.lowest == 50 && mean.highest == 50);
        assert_true(trend_mean7(&y.t, 8, true, &mean)); /* 52 to 58 */
        assert_true(mean.mean == 55 && mean.lowest == 52 && mean.highest == 58);
        assert_true(trend_mean7(&y.t, 9, true, &mean));
        assert_true(mean.mean == 59);
        /* RMSSD over seven days, of which there have to be three; what is usual is tested where it is reckoned. */
        assert_true(trend_mean7(&y.t, 7, false, &mean));
        assert_true(mean.mean == 40 && isnan(mean.lowest));
        assert_false(trend_mean7(&y.t, 9, false, &mean));
}

static void test_the_page(void **state)
{
        static Years y;
        PageBytes page = { .data = NULL };

        (void)state;
        years_begin(&y);
        for (Day day = y.t.first; day <= y.t.last; day++)
                if (day % 7 != 3)
                        add(&y, day, day % 7 == 4 ? KIND_HARD : day % 7 == 5 ? KIND_LONG : KIND_BASE, 40);
        for (size_t i = 0; i < 40; i++)
                y.mornings[i] = (TrendMorning){ MONDAY - 60 + (Day)i, 50 + (double)(i % 4), NAN };
        y.t.n_mornings = 40;
        trend_settle(&y.t);
        write_page(&y, &page);
        assert_has(&page, "to Sunday 17 May 2026</title>");
        /* Of 53 weeks of six runs; the legend has one of each kind, and so have the bars. */
        assert_has(&page, "Runs on 318 of the last 371 days");
        assert_int_equal(page_count(page.data, page.size, "g", "day"), 371);
        assert_int_equal(page_count(page.data, page.size, "figure", ""), 5); /* no RMSSD */
        assert_int_equal(page_count(page.data, page.size, "rect", "plain") - 2,
                        57); /* easy shares of weeks; two are in legends */
        assert_has(&page, "<title>11 May 2026: 4 h</title>");
        assert_has(&page, "<dt>Longest run</dt><dd>40 min, ");
        page_bytes_done(&page);
}

static void test_of_more_than_three_years_months_are_shown(void **state)
{
        static TrendDay days[4000];
        ReportTrend t = { .first = MONDAY - 3999, .last = MONDAY, .days = days };

        (void)state;
        t.shown = t.last - 1100;
        assert_false(trend_by_months(&t));
        t.shown = t.first;
        assert_true(trend_by_months(&t));
}

static void test_ten_years_are_small(void **state)
{
        static TrendDay days[3653];
        static TrendMorning mornings[3653];
        ReportTrend t = { .first = MONDAY - 3652, .last = MONDAY, .days = days, .mornings = mornings };
        PageBytes page = { .data = NULL };
        const ReportSink sink = { .write = page_bytes_write, .userdata = &page };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(days); i++) {
                const TrendSession s = { t.first + (Day)i, (Kind)(i % _KIND_MAX), 3600, 3500, 100,
                        60 + (double)(i % 90), 10000, true };

                trend_add(&t, &s);
                mornings[t.n_mornings++] =
                                (TrendMorning){ s.day, 48 + (double)(i % 7), 50 + (double)(i % 31) };
        }
        trend_settle(&t);
        for (Day shown = t.first; shown <= t.last; shown += 3652 / 8) {
                t.shown = shown;
                page.size = 0;
                assert_int_equal(report_write_trend(&t, &sink), 0);
                assert_true(page.size < 500000);
                assert_null(page_judge(page.data, page.size));
        }
        page_bytes_done(&page);
}

static void test_nothing_is_out_of_place_in_any_years(void **state)
{
        const char *wrong = fixture_judge_any(fixture_write_any_trend, 100, 2);

        (void)state;
        if (wrong)
                fail_msg("%s", wrong);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_week),
                cmocka_unit_test(test_fitness_and_fatigue),
                cmocka_unit_test(test_hours_of_short_weeks),
                cmocka_unit_test(test_streaks),
                cmocka_unit_test(test_means_of_mornings),
                cmocka_unit_test(test_the_page),
                cmocka_unit_test(test_of_more_than_three_years_months_are_shown),
                cmocka_unit_test(test_ten_years_are_small),
                cmocka_unit_test(test_nothing_is_out_of_place_in_any_years),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
