/* SPDX-License-Identifier: MIT */

/* Numbers, durations and addresses: what is taken, what is refused and how, and that text comes back as it went in. */

#include "cardio/parse.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/macro.h"

static void test_decimal(void **state)
{
        static const struct {
                const char *text;
                int result;
                double value;
                const char *rest;
        } cases[] = {
                { "65", 0, 65, "" },
                { "62.5", 0, 62.5, "" },
                { "0", 0, 0, "" },
                { "007", 0, 7, "" },
                { "0.1", 0, 0.1, "" },
                { "145.55", 0, 145.55, "" },
                { "65%hrr", 0, 65, "%hrr" },
                { "1e3", 0, 1, "e3" },
                { "5,5", 0, 5, ",5" },
                { "1.2.3", 0, 1.2, ".3" },
                { "999999999999999", 0, 999999999999999.0, "" },
                { "0.000000000000001", 0, 1e-15, "" },
                { "", -EINVAL, 0, "" },
                { "-1", -EINVAL, 0, "-1" },
                { "+1", -EINVAL, 0, "+1" },
                { " 1", -EINVAL, 0, " 1" },
                { ".5", -EINVAL, 0, ".5" },
                { "5.", -EINVAL, 0, "5." },
                { "nan", -EINVAL, 0, "nan" },
                { "inf", -EINVAL, 0, "inf" },
                { "1000000000000000", -ERANGE, 0, "1000000000000000" },
                { "0.0000000000000001", -ERANGE, 0, "0.0000000000000001" },
                { "99999999999999999999999", -ERANGE, 0, "99999999999999999999999" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *text = cases[i].text;
                double value = -1;

                print_message("decimal: %s\n", text);
                assert_int_equal(parse_decimal(&text, &value), cases[i].result);
                assert_string_equal(text, cases[i].rest);
                assert_true(value == (cases[i].result < 0 ? -1 : cases[i].value));
        }
}

static void test_decimal_round_trip(void **state)
{
        static const char *const cases[] = {
                "0",
                "1",
                "9",
                "10",
                "65",
                "62.5",
                "0.1",
                "0.3",
                "2.675",
                "145.55",
                "0.000000000000001",
                "123456789.123456",
                "99999999999999.9",
                "999999999999999",
                "0.05",
                "100.01",
                "33.3333333333333",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *text = cases[i];
                char buf[DECIMAL_STRING_MAX];
                double value;

                assert_int_equal(parse_decimal(&text, &value), 0);
                assert_string_equal(decimal_to_string(value, buf), cases[i]);
        }
}

/* What is not a short decimal is cut to at most 15 digits. */
static void test_decimal_cut(void **state)
{
        char buf[DECIMAL_STRING_MAX];

        (void)state;
        assert_string_equal(decimal_to_string(1.0 / 3, buf), "0.333333333333333");
        assert_string_equal(decimal_to_string(200.0 / 3, buf), "66.6666666666667");
        assert_string_equal(decimal_to_string(DBL_MIN, buf), "0.000000000000000");
}

static void test_unsigned(void **state)
{
        static const struct {
                const char *text;
                int result;
                unsigned value;
        } cases[] = {
                { "0", 0, 0 },
                { "40", 0, 40 },
                { "4294967295", 0, UINT32_MAX },
                { "4294967296", -ERANGE, 0 },
                { "99999999999999999999", -ERANGE, 0 },
                { "", -EINVAL, 0 },
                { "-1", -EINVAL, 0 },
                { "+1", -EINVAL, 0 },
                { "4 0", -EINVAL, 0 },
                { "40 ", -EINVAL, 0 },
                { "4.0", -EINVAL, 0 },
                { "0x10", -EINVAL, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unsigned value = 77;

                print_message("unsigned: %s\n", cases[i].text);
                assert_int_equal(parse_unsigned(cases[i].text, &value), cases[i].result);
                assert_int_equal(value, cases[i].result < 0 ? 77 : cases[i].value);
        }
}

static void test_duration(void **state)
{
        static const struct {
                const char *text;
                int result;
                usec_t usec;
                const char *printed;
        } cases[] = {
                { "10s", 0, 10 * USEC_PER_SEC, "10s" },
                { "2min", 0, 2 * USEC_PER_MIN, "2min" },
                { "1h", 0, USEC_PER_HOUR, "1h" },
                { "250ms", 0, 250 * USEC_PER_MSEC, "250ms" },
                { "60s", 0, USEC_PER_MIN, "1min" },
                { "90s", 0, 90 * USEC_PER_SEC, "90s" },
                { "120min", 0, 2 * USEC_PER_HOUR, "2h" },
                { "1500ms", 0, 1500 * USEC_PER_MSEC, "1500ms" },
                { "0", 0, 0, "0s" },
                { "0s", 0, 0, "0s" },
                { "0h", 0, 0, "0s" },
                { "18446744073709551ms", 0, UINT64_C(18446744073709551000), "18446744073709551ms" },
                { "18446744073709552ms", -ERANGE, 0, NULL },
                { "5124095577h", -ERANGE, 0, NULL },
                { "99999999999999999999s", -ERANGE, 0, NULL },
                { "10", -EINVAL, 0, NULL },
                { "", -EINVAL, 0, NULL },
                { "s", -EINVAL, 0, NULL },
                { "10 s", -EINVAL, 0, NULL },
                { "10s ", -EINVAL, 0, NULL },
                { "1.5s", -EINVAL, 0, NULL },
                { "10S", -EINVAL, 0, NULL },
                { "10m", -EINVAL, 0, NULL },
                { "10sec", -EINVAL, 0, NULL },
                { "1min30s", -EINVAL, 0, NULL },
                { "-1s", -EINVAL, 0, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buf[DURATION_STRING_MAX];
                usec_t usec = 77;

                print_message("duration: %s\n", cases[i].text);
                assert_int_equal(parse_duration(cases[i].text, &usec), cases[i].result);
                assert_true(usec == (cases[i].result < 0 ? 77 : cases[i].usec));
                if (cases[i].result == 0)
                        assert_string_equal(duration_to_string(usec, buf), cases[i].printed);
        }
}

/* Nothing the printer is given overruns its buffer, not even what the parser would never make. */
static void test_duration_odd(void **state)
{
        char buf[DURATION_STRING_MAX];

        (void)state;
        assert_string_equal(duration_to_string(1, buf), "0s");
        assert_string_equal(duration_to_string(2 * USEC_PER_SEC + 1, buf), "2s");
        assert_string_equal(duration_to_string(USEC_INFINITY, buf), "18446744073709551ms");
}

static void test_address(void **state)
{
        static const char *const refused[] = { "", "any", "A0:9E:1A:12:34:5", "A0:9E:1A:12:34:567",
                "A0:9E:1A:12:34:5G", "A0-9E-1A-12-34-56", "A09E1A123456", " A0:9E:1A:12:34:5",
                "A0:9E:1A:12:34:5 ", "A0:9E:1A:12:34:5\n", "A0::9E:1A:12:34:5", "A0:9E:1A:12:345:6",
                "../../../../../..", "A0:9E:1A:12:34:\xc3\xa4" };
        char address[ADDRESS_STRING_MAX] = "as it was";

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                print_message("address: %s\n", refused[i]);
                assert_int_equal(parse_address(refused[i], address), -EINVAL);
                assert_string_equal(address, "as it was");
        }
        assert_int_equal(parse_address("a0:9e:1A:12:34:fF", address), 0);
        assert_string_equal(address, "A0:9E:1A:12:34:FF");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decimal),
                cmocka_unit_test(test_decimal_round_trip),
                cmocka_unit_test(test_decimal_cut),
                cmocka_unit_test(test_unsigned),
                cmocka_unit_test(test_duration),
                cmocka_unit_test(test_duration_odd),
                cmocka_unit_test(test_address),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
