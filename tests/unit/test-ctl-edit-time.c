/* SPDX-License-Identifier: MIT */
/* Moments of a session as a runner writes them: by the clock, over midnight and where clocks change; from its start; before
 * its end; and what could be two of these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "cardio/macro.h"
#include "ctl/edit-time.h"

#define S   INT64_C(1000)
#define MIN (60 * S)
#define H   (60 * MIN)

typedef struct Case {
        const char *text;
        int64_t ms; /* or a negative errno */
} Case;

static void check(const EditSpan *span, const Case *c, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                int64_t ms = -1;
                int r = edit_time_parse(c[i].text, span, &ms);

                if ((r < 0 ? r : ms) != c[i].ms)
                        fail_msg("%s: %lld, expected %lld", c[i].text, (long long)(r < 0 ? r : ms),
                                        (long long)c[i].ms);
        }
}

/* 2026-05-12 18:00:02.123 in a zone two hours ahead, an hour and ten minutes long. */
static void test_forms(void **state _unused_)
{
        static const EditSpan span = { INT64_C(1778601602123), 7200, 70 * MIN };
        static const Case cases[] = {
                { "18:10", 10 * MIN - 2123 },
                { "18:10:05", 10 * MIN + 2877 },
                { "18:00:03", 877 },
                { "19:10:02", 70 * MIN - 123 },
                { "18:00:02", -ERANGE }, /* before the first heart rate: 24 hours later is none either */
                { "19:10:03", -ERANGE },
                { "6:10", -ERANGE }, /* in the morning */
                { "40min", 40 * MIN },
                { "1h5min", 65 * MIN },
                { "1h", 60 * MIN },
                { "1h30s", 60 * MIN + 30 * S },
                { "90s", 90 * S },
                { "90min", -ERANGE },
                { "+40min", 40 * MIN },
                { "+0:40:00", 40 * MIN },
                { "+1:05:30", 65 * MIN + 30 * S },
                { "+1:10:00", 70 * MIN },
                { "0s", 0 },
                { "+0:00:00", 0 },
                { "-5min", 65 * MIN },
                { "-0:05:30", 64 * MIN + 30 * S },
                { "-0s", 70 * MIN },
                { "-70min", 0 },
                { "-2h", -ERANGE },
                { "99999999999999999999h", -ERANGE },
                /* Two of them, or none. */
                { "45", -ENODATA },
                { "+45", -ENODATA },
                { "-5", -ENODATA },
                { "1h5", -ENODATA },
                { "+1:30", -EINVAL },
                { "-1:30", -EINVAL },
                { "24:00", -EINVAL },
                { "18:60", -EINVAL },
                { "18:1", -EINVAL },
                { "18:10:5", -EINVAL },
                { "18:10:05.5", -EINVAL },
                { "18:10pm", -EINVAL },
                { "18:10 ", -EINVAL },
                { " 18:10", -EINVAL },
                { "5min1h", -EINVAL },
                { "5min5min", -EINVAL },
                { "5 min", -EINVAL },
                { "5m", -EINVAL },
                { "1.5h", -EINVAL },
                { "--5min", -EINVAL },
                { "+-5min", -EINVAL },
                { "+", -EINVAL },
                { "-", -EINVAL },
                { ":", -EINVAL },
                { "", -EINVAL },
                { "half", -EINVAL },
        };

        check(&span, cases, ELEMENTSOF(cases));
}

/* From 23:30 to 00:30. */
static void test_over_midnight(void **state _unused_)
{
        static const EditSpan span = { INT64_C(1778621400000), 7200, 60 * MIN };
        static const Case cases[] = {
                { "23:30", 0 },
                { "23:45", 15 * MIN },
                { "00:00", 30 * MIN },
                { "0:15", 45 * MIN },
                { "00:30", 60 * MIN },
                { "00:31", -ERANGE },
                { "23:29", -ERANGE },
        };

        check(&span, cases, ELEMENTSOF(cases));
}

/* Central Europe, 2026-10-25: from 02:30 summer time on for an hour and a half. At 3:00 the clock is set back to 2:00; the
 * session's stays, as all that is shown of it. */
static void test_where_clocks_change(void **state _unused_)
{
        static const EditSpan span = { INT64_C(1792888200000), 7200, 90 * MIN };
        static const Case cases[] = {
                { "02:30", 0 },
                { "02:45", 15 * MIN },
                { "03:15", 45 * MIN },
                { "04:00", 90 * MIN },
                { "02:15", -ERANGE },
        };

        check(&span, cases, ELEMENTSOF(cases));
}

/* More than a day, which nobody has run; and before 1970, which a clock that was not set may say. */
static void test_odd_sessions(void **state _unused_)
{
        static const EditSpan days = { INT64_C(1778601600000), 7200, 30 * H }, old = { -3 * H, -3600, 2 * H };
        static const Case of_days[] = {
                { "18:00", -ENOTUNIQ },
                { "20:00", -ENOTUNIQ },
                { "23:59:59", -ENOTUNIQ },
                { "00:00:01", 6 * H + S },
                { "17:59", 24 * H - MIN },
                { "26h", 26 * H },
                { "+26:10:00", 26 * H + 10 * MIN },
        };
        static const Case of_old[] = { { "20:00", 0 }, { "21:30", 90 * MIN }, { "22:01", -ERANGE } };

        check(&days, of_days, ELEMENTSOF(of_days));
        check(&old, of_old, ELEMENTSOF(of_old));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms),
                cmocka_unit_test(test_over_midnight),
                cmocka_unit_test(test_where_clocks_change),
                cmocka_unit_test(test_odd_sessions),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
