/* SPDX-License-Identifier: MIT */

/* What pages are made of: numbers, lengths, scales, columns of values, and colours that everyone tells apart. */

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
#include "report-fixture.h"
#include "report/out.h"
#include "report/path.h"
#include "report/scale.h"
#include "report/words.h"

/* -- Text -- */

typedef struct Text {
        Out o;
        PageBytes bytes;
        ReportSink sink;
} Text;

static void text_begin(Text *t)
{
        t->bytes = (PageBytes){ .data = NULL };
        t->sink = (ReportSink){ .write = page_bytes_write, .userdata = &t->bytes };
        out_begin(&t->o, &t->sink);
}

static void text_expect(Text *t, const char *expected)
{
        assert_int_equal(out_end(&t->o), 0);
        assert_string_equal(t->bytes.data ? t->bytes.data : "", expected);
        page_bytes_done(&t->bytes);
        text_begin(t);
}

static void test_numbers(void **state)
{
        static const struct {
                double value;
                unsigned decimals;
                const char *text;
        } rows[] = {
                { 0, 0, "0" },
                { -0.0, 1, "0" },
                { 145.55, 1, "145.6" },
                { 145.55, 2, "145.55" },
                { 1.5, 0, "2" },
                { 2.5, 0, "2" },
                { -2.5, 0, "-2" },
                { -0.04, 1, "0" },
                { -1.25, 2, "-1.25" },
                { 99.96, 1, "100" },
                { 7.005, 3, "7.005" },
                { 0.05, 2, "0.05" },
                { 12, 3, "12" },
                { 999999999999999, 0, "999999999999999" },
                { 1e15, 0, "–" },
                { NAN, 1, "–" },
                { INFINITY, 1, "–" },
                { -INFINITY, 0, "–" },
        };
        Text t;

        (void)state;
        text_begin(&t);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                put(&t.o, fixed(rows[i].value, rows[i].decimals));
                text_expect(&t, rows[i].text);
        }
        put(&t.o, padded(0, 1), " ", padded(50, 2), " ", padded(0.04, 2));
        text_expect(&t, "0.0 50.00 0.04");
        put(&t.o, INT64_MIN, " ", -1, " ", 7U, " ", SIZE_MAX, " ", 3.14159);
        text_expect(&t, "-9223372036854775808 -1 7 9223372036854775807 3.1");
}

static void test_words(void **state)
{
        Text t;

        (void)state;
        text_begin(&t);
        out_hms(&t.o, 3725.4);
        out_text(&t.o, " ");
        out_hms(&t.o, NAN);
        out_text(&t.o, " ");
        out_hms(&t.o, -1);
        text_expect(&t, "1:02:05 – –");
        out_length(&t.o, 237);
        out_text(&t.o, " ");
        out_length(&t.o, INFINITY);
        text_expect(&t, "3 min 57 s –");
        /* Before 1970, too. */
        out_time_with_seconds(&t.o, -1);
        out_text(&t.o, " ");
        out_date(&t.o, day_of_local(-1));
        text_expect(&t, "23:59:59 Wednesday 31 December 1969");
        out_date(&t.o, day_of_local(INT64_MAX));
        text_expect(&t, "Friday 31 December 9999");
        out_pace(&t.o, 1000.0 / 341, false);
        out_text(&t.o, " ");
        out_pace(&t.o, 1000.0 / 341, true);
        out_text(&t.o, " ");
        out_pace(&t.o, 0, false);
        text_expect(&t, "5:41 9:09 –");
        out_distance(&t.o, 8420, false);
        out_text(&t.o, " ");
        out_distance(&t.o, 8420, true);
        out_text(&t.o, " ");
        out_distance(&t.o, NAN, false);
        text_expect(&t, "8.42 km 5.23 mi –");
        out_share(&t.o, 99.9);
        text_expect(&t, "99");
        out_kind_title(&t.o, "cross-training");
        out_kind_title(&t.o, NULL);
        out_kind_title(&t.o, "<b>");
        text_expect(&t, "Cross-trainingSession&lt;b&gt;");
        out_kind_plural(&t.o, "base", false);
        out_kind_plural(&t.o, "race", true);
        text_expect(&t, "base runsrace");
}

/* -- Places -- */

static void test_places_are_inside(void **state)
{
        static const double values[] = { -1e300, -1, 0, 50, 100, 1e300, INFINITY, -INFINITY, NAN };
        Scale up = scale_fit(60, 180, 30, 260), time = scale_of_time(0, 720);

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                assert_true(scale_at(&up, values[i]) >= 0 && scale_at(&up, values[i]) <= 260);
                assert_true(scale_at(&time, values[i]) >= 0 && scale_at(&time, values[i]) <= 720);
        }
        assert_true(scale_at(&up, 180) < scale_at(&up, 60)); /* values are counted from the foot */
        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                for (size_t k = 0; k < ELEMENTSOF(values); k++) {
                        Scale s = scale_fit(values[i], values[k], 30, 260);

                        assert_true(s.high > s.low && isfinite(s.low) && isfinite(s.high));
                        assert_true((s.high - s.low) / scale_step(&s, 6) <= 6);
                }
}

static void test_steps_are_round(void **state)
{
        static const struct {
                double low, high, step;
        } rows[] = { { 60, 180, 20 }, { 0, 1, 0.2 }, { 0, 7, 2 }, { 100, 102, 0.5 }, { 0, 1000, 200 } };
        static const struct {
                int64_t length_s, step;
        } times[] = { { 0, 60 }, { 1800, 300 }, { 5400, 600 }, { 86400, 7200 }, { 86400 * 366, 2764800 } };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Scale s = { .low = rows[i].low, .high = rows[i].high, .size = 1 };

                assert_true(fabs(scale_step(&s, 6) - rows[i].step) < 1e-9);
        }
        for (size_t i = 0; i < ELEMENTSOF(times); i++)
                assert_int_equal(scale_time_step(times[i].length_s, 12), times[i].step);
}

static void test_paths(void **state)
{
        static const double box[] = { 100, 50 };
        Text t;
        Path p;

        (void)state;
        text_begin(&t);
        p = path_begin(&t.o, "x", 100, 50);
        path_line(&p, -5, 20);
        path_line(&p, 10.04, 70);
        path_line(&p, NAN, 3);
        path_line(&p, 20, 30);
        path_end(&p);
        text_expect(&t, "<path class=\"x\" d=\"M0 20L10 50M20 30\"/>\n");
        path_rect(&t.o, "x", 99.9, -3, 50, 100, 2, box);
        text_expect(&t, "<rect class=\"x\" x=\"98\" y=\"0\" width=\"2\" height=\"50\"/>\n");
        path_rect(&t.o, "x", 10, 60, 50, 10, 0, box);
        path_rect(&t.o, "x", NAN, 10, 50, 10, 2, box);
        text_expect(&t, "");
}

/* -- Columns -- */

static void test_no_spike_is_lost(void **state)
{
        const int64_t day = INT64_C(86400000), at = INT64_C(50000000);
        _cleanup_free_ Series *s = malloc(sizeof(*s));
        const SeriesColumn *column;

        (void)state;
        assert_non_null(s);
        series_begin(s, day, NULL, 0);
        for (int64_t t = 0; t <= day; t += 1000)
                series_add(s, t, t == at ? 199 : t == at + 1000 ? 40 : 130, t == at ? 5 : 1);
        column = &s->column[series_column_of(s, at)];
        assert_int_equal(s->n, SERIES_COLUMNS);
        assert_true(column->highest == 199 && column->lowest == 40);
        assert_true(s->highest == 199 && s->lowest == 40 && s->highest_at == at);
        assert_int_equal(series_zone(column), 1); /* of most of it */
        assert_true(fabs(series_mean(column) - 130) < 1);
}

static void test_gaps_break_the_line(void **state)
{
        static const Span gaps[] = { { 10000, 30000, 20 }, { 100000, 101000, 1 } };
        _cleanup_free_ Series *s = malloc(sizeof(*s));

        (void)state;
        assert_non_null(s);
        series_begin(s, 200000, gaps, ELEMENTSOF(gaps));
        for (int64_t t = 0; t <= 200000; t += 1000)
                if (t <= 10000 || (t >= 30000 && t < 120000) || t >= 160000)
                        series_add(s, t, 100, 0);
        assert_false(s->column[series_column_of(s, 5000)].breaks);
        assert_true(s->column[series_column_of(s, 30000)].breaks);
        assert_true(s->column[series_column_of(s, 101000)].breaks); /* however short it was */
        assert_false(s->column[series_column_of(s, 110000)].breaks);
        assert_true(s->column[series_column_of(s, 160000)].breaks); /* 41 s, also where no event says so */
}

static void test_what_cannot_be_is_left_out(void **state)
{
        _cleanup_free_ Series *s = malloc(sizeof(*s));

        (void)state;
        assert_non_null(s);
        series_begin(s, 60000, NULL, 0);
        series_add(s, -1, 100, 0);
        series_add(s, 60001, 100, 0);
        series_add(s, 10, NAN, 0);
        series_add(s, 10, INFINITY, 0);
        assert_true(series_is_empty(s));
        series_add(s, 10000, 100, 99); /* a zone that is none */
        series_add(s, 9000, 200, 0);   /* back in time */
        assert_false(series_is_empty(s));
        assert_true(s->highest == 100);
        assert_int_equal(series_zone(&s->column[series_column_of(s, 10000)]), ZONES_MAX);
        series_begin(s, 0, NULL, 0);
        series_add(s, 0, 100, 0);
        assert_int_equal(s->n, 1);
}

/* -- Colours -- */

typedef struct Colour {
        double r, g, b; /* linear */
} Colour;

static double linear(unsigned value)
{
        double c = value / 255.0;

        return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* Those of the style sheet's zones, and its background: light ones first, then dark ones. */
static size_t read_colours(const char *name, Colour ret[static 2])
{
        _cleanup_free_ char *css = calloc(1, 65536);
        FILE *f = fopen("src/report/page.css", "re");
        const char *at = css;
        size_t n = 0;

        assert_non_null(f);
        assert_non_null(css);
        assert_true(fread(css, 1, 65535, f) > 0);
        assert_int_equal(fclose(f), 0);
        while (n < 2 && (at = strstr(at, name))) {
                unsigned r, g, b;

                at += strlen(name);
                if (sscanf(at, ": #%2x%2x%2x;", &r, &g, &b) == 3)
                        ret[n++] = (Colour){ linear(r), linear(g), linear(b) };
        }
        return n;
}

/* How a colour is seen without one of the three cones: Machado, Oliveira, Fernandes, "A Physiologically-based Model for
 * Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009), severity 1.0; the first is full sight. */
static const struct {
        const char *name;
        double m[3][3];
} sights[] = {
        { "full", { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } } },
        { "protanopia", { { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 },
                                        { -0.003882, -0.048116, 1.051998 } } },
        { "deuteranopia", { { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 },
                                          { -0.011820, 0.042940, 0.968881 } } },
        { "tritanopia", { { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 },
                                        { 0.004733, 0.691367, 0.303900 } } },
};

static double limited(double value)
{
        return fmin(1, fmax(0, value));
}

static Colour seen(Colour c, size_t sight)
{
        const double(*m)[3] = sights[sight].m;

        return (Colour){ limited(m[0][0] * c.r + m[0][1] * c.g + m[0][2] * c.b),
                limited(m[1][0] * c.r + m[1][1] * c.g + m[1][2] * c.b),
                limited(m[2][0] * c.r + m[2][1] * c.g + m[2][2] * c.b) };
}

/* In Oklab, https://bottosson.github.io/posts/oklab/; a just noticeable difference is about 0.02. */
static double difference(Colour a, Colour b)
{
        double lab[2][3];

        for (size_t i = 0; i < 2; i++) {
                Colour c = i ? b : a;
                double l = cbrt(0.4122214708 * c.r + 0.5363325363 * c.g + 0.0514459929 * c.b),
                       m = cbrt(0.2119034982 * c.r + 0.6806995451 * c.g + 0.1073969566 * c.b),
                       s = cbrt(0.0883024619 * c.r + 0.2817188376 * c.g + 0.6299787005 * c.b);

                lab[i][0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
                lab[i][1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
                lab[i][2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
        }
        return sqrt(pow(lab[0][0] - lab[1][0], 2) + pow(lab[0][1] - lab[1][1], 2) +
                        pow(lab[0][2] - lab[1][2], 2));
}

static double contrast(Colour a, Colour b)
{
        double x = 0.2126 * a.r + 0.7152 * a.g + 0.0722 * a.b, y = 0.2126 * b.r + 0.7152 * b.g + 0.0722 * b.b;

        return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* Kinds of runs have colours of zones, too. */
static void test_colours_of_zones_are_told_apart(void **state)
{
        static const char *const names[] = { "--z0", "--z1", "--z2", "--z3", "--z4", "--z5" };
        Colour zone[ELEMENTSOF(names)][2], back[2];

        (void)state;
        assert_int_equal(read_colours("--back", back), 2);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                assert_int_equal(read_colours(names[i], zone[i]), 2);
                for (size_t dark = 0; dark < 2; dark++)
                        if (contrast(zone[i][dark], back[dark]) < 3) /* WCAG 2.2, 1.4.11 */
                                fail_msg("%s: contrast %g", names[i], contrast(zone[i][dark], back[dark]));
        }
        for (size_t sight = 0; sight < ELEMENTSOF(sights); sight++)
                for (size_t dark = 0; dark < 2; dark++)
                        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                                for (size_t k = 0; k < i; k++) {
                                        double d = difference(seen(zone[i][dark], sight),
                                                        seen(zone[k][dark], sight));

                                        if (d < 0.1)
                                                fail_msg("%s and %s, %s, %s: %g", names[i], names[k],
                                                                dark ? "dark" : "light", sights[sight].name,
                                                                d);
                                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbers),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_places_are_inside),
                cmocka_unit_test(test_steps_are_round),
                cmocka_unit_test(test_paths),
                cmocka_unit_test(test_no_spike_is_lost),
                cmocka_unit_test(test_gaps_break_the_line),
                cmocka_unit_test(test_what_cannot_be_is_left_out),
                cmocka_unit_test(test_colours_of_zones_are_told_apart),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
