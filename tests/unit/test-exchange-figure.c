/* SPDX-License-Identifier: MIT */

/* Numbers and moments as text, against tables and against what the C library reads. */

#include "exchange/figure.h"

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

static void test_whole_numbers(void **state)
{
        static const struct {
                int64_t value;
                const char *plain, *thousandths;
        } cases[] = {
                { 0, "0", "0.000" },
                { 7, "7", "0.007" },
                { 12345, "12345", "12.345" },
                { -1, "-1", "-0.001" },
                { 1000, "1000", "1.000" },
                { INT64_MAX, "9223372036854775807", "9223372036854775.807" },
                { INT64_MIN, "-9223372036854775808", "-9223372036854775.808" },
        };
        char text[FIGURE_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_string_equal(figure_from_integer(cases[i].value, text), cases[i].plain);
                assert_string_equal(figure_from_thousandths(cases[i].value, text), cases[i].thousandths);
        }
}

/* "by 1/1024 s": all of them come back. */
static void test_every_rr_comes_back(void **state)
{
        char text[FIGURE_MAX];

        (void)state;
        assert_string_equal(figure_from_rr(1024, text), "1000.000");
        assert_string_equal(figure_from_rr(831, text), "811.523");
        assert_string_equal(figure_from_rr(UINT16_MAX, text), "63999.023");
        for (unsigned rr = 0; rr <= UINT16_MAX; rr++)
                assert_int_equal(llround(strtod(figure_from_rr((uint16_t)rr, text), NULL) * 1024 / 1000), rr);
}

static void test_real_numbers(void **state)
{
        static const struct {
                double value;
                const char *expected;
        } cases[] = {
                { 0, "0" },
                { -0.0, "0" },
                { 0.1, "0.1" },
                { 0.3, "0.3" },
                { 0.1 + 0.2, "0.30000000000000004" },
                { 0.5, "0.5" },
                { 2.0 / 3, "0.6666666666666666" },
                { 0.9999999999999999, "0.9999999999999999" },
                { 141.66666666666666, "141.66666666666666" },
                { 142.5, "142.5" },
                { -34.25, "-34.25" },
                { 34.251, "34.251" },
                { 123456.789, "123456.789" },
                { 4503599627370495.5, "4503599627370495.5" },
                { 9007199254740993.0, "9007199254740992" },
                { 9223372036854774784.0, "9223372036854774784" },
                { 0.001, "0.001" },
                { 1e-300, "0" },
        };
        char text[FIGURE_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(figure_from_real(cases[i].value, text), cases[i].expected);
}

static void test_what_is_no_number_has_no_figure(void **state)
{
        static const double none[] = { NAN, INFINITY, -INFINITY, 9223372036854775808.0, -1e300 };
        char text[FIGURE_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                assert_null(figure_from_real(none[i], text));
}

static uint64_t random_bits(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

/* Digits that matter, of a number without an exponent. */
static size_t digits_of(const char *text)
{
        size_t n = 0;

        text += strspn(text, "-0.");
        for (; *text; text++)
                n += *text != '.';
        return n;
}

/* Any double between 2^-11 and 2^52, and others that people write: three decimals and fewer. */
static void test_real_numbers_come_back_and_are_short(void **state)
{
        uint64_t bits, random = 88172645463325252;
        char text[FIGURE_MAX], shortest[64];
        double value;

        (void)state;
        for (unsigned i = 0; i < 200000; i++) {
                if (i % 4 == 0) {
                        value = (double)(random_bits(&random) % 100000000) / 1000;
                } else {
                        bits = random_bits(&random);
                        bits = (bits & UINT64_C(0x800fffffffffffff)) | (1012 + (bits >> 52 & 0x7ff) % 63)
                                                                                       << 52;
                        memcpy(&value, &bits, sizeof(value));
                }
                assert_non_null(figure_from_real(value, text));
                assert_true(strtod(text, NULL) == value);
                for (int digits = 1; digits <= 17; digits++) {
                        (void)snprintf(shortest, sizeof(shortest), "%.*g", digits, value);
                        if (strtod(shortest, NULL) == value) {
                                assert_true(digits_of(text) <= (size_t)digits || !strchr(text, '.'));
                                break;
                        }
                }
        }
}

static void test_moments(void **state)
{
        static const struct {
                int64_t unix_ms, t;
                int32_t offset_s;
                const char *expected; /* NULL = refused */
        } cases[] = {
                { 0, 0, MOMENT_UTC, "1970-01-01T00:00:00.000Z" },
                { 1778997600250, 750, MOMENT_UTC, "2026-05-17T06:00:01.000Z" },
                { 1778997600250, 0, 7200, "2026-05-17T08:00:00.250+02:00" },
                { 1778997600250, 0, 0, "2026-05-17T06:00:00.250+00:00" },
                { 1778997600250, 0, -12600, "2026-05-17T02:30:00.250-03:30" },
                { 1778997600250, 0, 45 * 60, "2026-05-17T06:45:00.250+00:45" },
                /* Seconds that an offset cannot say are not in the time of day either. */
                { 1778997600250, 0, 7259, "2026-05-17T08:00:00.250+02:00" },
                { 1778997600250, 0, -59, "2026-05-17T06:00:00.250+00:00" },
                { 1778997600250, 0, 86400, "2026-05-17T06:00:00.250+00:00" },
                { 1778997600250, 0, INT32_MAX, "2026-05-17T06:00:00.250+00:00" },
                { -1, 0, MOMENT_UTC, "1969-12-31T23:59:59.999Z" },
                { 0, 0, -3600, "1969-12-31T23:00:00.000-01:00" },
                { 951782400000, 0, MOMENT_UTC, "2000-02-29T00:00:00.000Z" },
                { 253402300799999, 0, MOMENT_UTC, "9999-12-31T23:59:59.999Z" },
                { 253402300799999, 1, MOMENT_UTC, NULL },
                { 253402300799999, 0, 3600, NULL },
                { -62135596800000, 0, MOMENT_UTC, "0001-01-01T00:00:00.000Z" },
                { -62135596800001, 0, MOMENT_UTC, NULL },
                { INT64_MAX, 1, MOMENT_UTC, NULL },
                { INT64_MAX, 0, 3600, NULL },
                { INT64_MIN, 0, -3600, NULL },
        };
        char text[FIGURE_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int r = moment_to_string(cases[i].unix_ms, cases[i].t, cases[i].offset_s, text);

                assert_int_equal(r, cases[i].expected ? 0 : -EINVAL);
                if (cases[i].expected)
                        assert_string_equal(text, cases[i].expected);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole_numbers),
                cmocka_unit_test(test_every_rr_comes_back),
                cmocka_unit_test(test_real_numbers),
                cmocka_unit_test(test_what_is_no_number_has_no_figure),
                cmocka_unit_test(test_real_numbers_come_back_and_are_short),
                cmocka_unit_test(test_moments),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
