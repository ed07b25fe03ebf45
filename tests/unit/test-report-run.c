/* SPDX-License-Identifier: MIT */

/* The page of a run: its facts, what is in its pictures, and that whatever the figures and texts are nothing in it is out of its
 * place. */

#include "report/report.h"

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
#include "page-judge.h"
#include "report-fixture.h"

#define MINUTE INT64_C(60000)
#define LENGTH (30 * MINUTE)

typedef struct Course {
        Span ceiling, gap;
        ReportBreach breach;
        ReportMark mark;
        Series heart_rate;
        ReportRun run;
} Course;

static bool is_spike(int64_t t)
{
        return t >= 20 * MINUTE && t < 20 * MINUTE + 10000;
}

/* Half an hour at 130, with a spike of ten seconds to 171 in its 20th minute, and nothing in its 11th and 12th. */
static void make_course(Course *c)
{
        c->ceiling = (Span){ 0, LENGTH, 145.55 };
        c->gap = (Span){ 10 * MINUTE, 12 * MINUTE, 120 };
        c->breach = (ReportBreach){ 20 * MINUTE, 21 * MINUTE, 60, 171, 145.55 };
        c->mark = (ReportMark){ 5 * MINUTE, "the bridge" };
        series_begin(&c->heart_rate, LENGTH, &c->gap, 1);
        for (int64_t t = 0; t <= LENGTH; t += 1000)
                if (t <= 10 * MINUTE || t >= 12 * MINUTE)
                        series_add(&c->heart_rate, t, is_spike(t) ? 171 : 130, is_spike(t) ? 3 : 1);
        c->run = fixture_empty_run();
        c->run.started_s = 1778560260 + 7200; /* Tuesday 12 May 2026, 06:31 */
        c->run.kind = "base";
        c->run.source = "strap";
        c->run.duration_s = LENGTH / 1000.0;
        c->run.live_s = 1680;
        c->run.average = 130.4;
        c->run.lowest = 130;
        c->run.peak = 171;
        c->run.ceiling = 145.55;
        c->run.tolerance = 2;
        c->run.easy_percent = 99.9;
        c->run.over_s = 60;
        c->run.breaches = 1;
        c->run.longest_breach_s = 60;
        c->run.ceilings = &c->ceiling;
        c->run.gaps = &c->gap;
        c->run.breach = &c->breach;
        c->run.marks = &c->mark;
        c->run.n_ceilings = c->run.n_gaps = c->run.n_breaches = c->run.n_marks = 1;
        c->run.heart_rate = &c->heart_rate;
        c->run.n_zones = 4;
        c->run.zone[1] = (ReportZone){ 1679, 99.9, 124, 138 };
        c->run.zone[3] = (ReportZone){ 1, .1, 153, 168 };
}

static void write_page(const ReportRun *run, PageBytes *page)
{
        const ReportSink sink = { .write = page_bytes_write, .userdata = page };
        const char *wrong;

        assert_int_equal(report_write_run(run, &sink), 0);
        wrong = page_judge(page->data, page->size);
        if (wrong)
                fail_msg("%s", wrong);
}

static void assert_has(const PageBytes *page, const char *part)
{
        if (!strstr(page->data, part))
                fail_msg("\"%s\" is not in the page", part);
}

static void assert_text(const PageBytes *page, const char *id, const char *expected)
{
        _cleanup_free_ char *text = page_text(page->data, page->size, id);

        assert_non_null(text);
        assert_string_equal(text, expected);
}

static void test_what_the_page_says(void **state)
{
        PageBytes page = { .data = NULL };
        Course c;

        (void)state;
        make_course(&c);
        c.run.verdict = "too-fast";
        c.run.talk_test = "pass";
        c.run.drift_percent = -1.25;
        write_page(&c.run, &page);
        assert_has(&page, "<title>Base run, Tuesday 12 May 2026</title>");
        assert_has(&page, "Tuesday 12 May 2026, 06:31–07:01");
        assert_has(&page, "<p class=\"verdict bad\"><strong>Verdict:</strong> too fast</p>");
        assert_has(&page, "<dd>30 min<small>28 min of it with a heart rate</small></dd>");
        assert_has(&page, "<dd>130 bpm<small>average; lowest 130, peak 171</small></dd>");
        /* Rounded down: 100 is all of it. */
        assert_has(&page, "<dd>99 %<small>below 146 bpm, close enough up to 148</small></dd>");
        assert_has(&page, "<dd>1 min<small>a breach of 1 min</small></dd>");
        assert_has(&page, "<dd>−1.2 %");
        assert_has(&page, "passed: you could talk");
        assert_text(&page, "heart-rate-said",
                        "From 130 to 171 bpm, smoothed; too fast once; 1 gap without a heart rate.");
        page_bytes_done(&page);
}

static void test_what_the_picture_shows(void **state)
{
        PageBytes page = { .data = NULL };
        Course c;

        (void)state;
        make_course(&c);
        write_page(&c.run, &page);
        /* The legend has one, too; the table has words. */
        assert_int_equal(page_count(page.data, page.size, "rect", "gap"), 2);
        assert_int_equal(page_count(page.data, page.size, "rect", "breach"), 1);
        assert_int_equal(page_count(page.data, page.size, "path", "ceiling"), 1);
        /* Before the gap, from it to the spike, the spike, and from there on. */
        assert_int_equal(page_count(page.data, page.size, "path", "trace"), 4);
        assert_int_equal(page_count(page.data, page.size, "g", "z3"), 1);
        assert_int_equal(page_count(page.data, page.size, "text", "mark-label"), 1);
        assert_has(&page, ">peak 171</text>");
        assert_has(&page, ">ceiling 146</text>");
        assert_has(&page,
                        "<tr><th scope=\"row\">06:41</th><td>130</td><td>130</td><td>130</td><td>1</td><td>146</td>"
                        "<td class=\"words\">a gap</td></tr>");
        assert_has(&page,
                        "<tr><th scope=\"row\">06:42</th><td>–</td><td>–</td><td>–</td><td>–</td><td>146</td>"
                        "<td class=\"words\">a gap</td></tr>");
        assert_has(&page, "marked: the bridge");
        page_bytes_done(&page);
}

/* A run of a day is no larger than one of an hour. */
static void test_the_size_is_bounded(void **state)
{
        PageBytes page = { .data = NULL };
        const int64_t day = 24 * 60 * MINUTE;
        Course c;

        (void)state;
        make_course(&c);
        series_begin(&c.heart_rate, day, NULL, 0);
        for (int64_t t = 0; t <= day; t += 1000)
                series_add(&c.heart_rate, t, 120 + (double)(t / 1000 % 50), (unsigned)(t / 1000 / 200 % 6));
        write_page(&c.run, &page);
        assert_true(page.size < 200000);
        page_bytes_done(&page);
}

static void test_without_heart_rates(void **state)
{
        PageBytes page = { .data = NULL };
        ReportRun run = fixture_empty_run();

        (void)state;
        run.source = "manual";
        run.note = "forgot the strap";
        run.duration_s = 1800;
        write_page(&run, &page);
        assert_int_equal(page_count(page.data, page.size, "figure", ""), 0);
        assert_has(&page, "<h1>Session</h1>");
        assert_has(&page, " · manual");
        assert_has(&page, "forgot the strap");
        page_bytes_done(&page);
}

/* Markup, quotes, what ends a CDATA section, control characters, no UTF-8: shown, or a question mark, and nothing more. */
static void test_hostile_texts(void **state)
{
        static const char hostile[] =
                        "</p><script>alert(1)</script><img src=x onerror=alert(1)> \" ' & ]]> &lt; \033[2J \377\300 \356\277\277";
        PageBytes page = { .data = NULL };
        Course c;

        (void)state;
        make_course(&c);
        c.run.kind = c.run.state = c.run.source = c.run.strap = c.run.note = c.run.workout = hostile;
        c.run.verdict = c.run.verdict_text = c.run.talk_test = c.run.ceiling_expression = hostile;
        c.mark.text = hostile;
        c.run.n_peers = 1;
        c.run.peers[0] = (ReportPeer){ .date = hostile, .average = 130 };
        write_page(&c.run, &page);
        assert_int_equal(page_count(page.data, page.size, "script", ""), 1);
        assert_has(&page, "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
        assert_has(&page, "?[2J ??");
        assert_null(strchr(page.data, '\033'));
        page_bytes_done(&page);
}

static void test_the_error_of_the_sink_is_returned(void **state)
{
        Course c;

        (void)state;
        make_course(&c);
        for (size_t at = 1; at <= 3; at++) {
                PageBytes page = { .fails_at = at };
                const ReportSink sink = { .write = page_bytes_write, .userdata = &page };

                assert_int_equal(report_write_run(&c.run, &sink), -28 /* ENOSPC */);
                assert_int_equal(page.n_calls, at); /* nothing is written after it */
                page_bytes_done(&page);
        }
}

static void test_nothing_is_out_of_place_in_any_run(void **state)
{
        const char *wrong = fixture_judge_any(fixture_write_any_run, 400, 1);

        (void)state;
        if (wrong)
                fail_msg("%s", wrong);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_the_page_says),
                cmocka_unit_test(test_what_the_picture_shows),
                cmocka_unit_test(test_the_size_is_bounded),
                cmocka_unit_test(test_without_heart_rates),
                cmocka_unit_test(test_hostile_texts),
                cmocka_unit_test(test_the_error_of_the_sink_is_returned),
                cmocka_unit_test(test_nothing_is_out_of_place_in_any_run),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
