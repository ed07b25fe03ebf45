/* SPDX-License-Identifier: MIT */
/* What the times at which a link was lost say of the fault, as a table. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/radio.h"
#include "cardio/macro.h"
#include "cardio/time.h"

#define FIRST_USEC (UINT64_C(1750000000) * USEC_PER_SEC)

static void test_drops_by_their_pattern(void **state)
{
        static const struct {
                const char *about;
                unsigned at_s[12]; /* after the first; ends with 0 from the second on */
                unsigned n, period_s;
        } table[] = {
                { "one", { 0 }, 0, 0 },
                { "two", { 0, 150 }, 0, 0 },
                { "three are no beat yet", { 0, 150, 300 }, 0, 0 },
                { "every 150 s", { 0, 150, 301, 452 }, 4, 151 },
                { "every 150 s, and the time to come back", { 0, 152, 309, 460, 613 }, 5, 153 },
                { "every 30 s", { 0, 31, 62, 92, 124, 155 }, 6, 31 },
                { "a beat with a stray in it", { 0, 150, 300, 390, 540, 690 }, 5, 150 },
                { "a beat over two runs", { 0, 150, 300, 7500, 7650, 7800 }, 5, 150 },
                { "often, and at no beat", { 0, 20, 95, 130, 310 }, 5, 0 },
                { "now and then", { 0, 1000, 2100, 2900, 5000 }, 0, 0 },
                { "often once, then no more but one", { 0, 20, 95, 130, 7200 }, 0, 0 },
                { "at once, several times", { 0, 1, 2, 3, 4 }, 5, 0 },
                { "hours apart, evenly", { 0, 3600, 7200, 10800, 14400 }, 0, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                uint64_t losses[ELEMENTSOF(table[i].at_s)];
                LinkDrops drops;
                size_t n = 0;

                for (; n < ELEMENTSOF(losses) && (n == 0 || table[i].at_s[n] > 0); n++)
                        losses[n] = FIRST_USEC + table[i].at_s[n] * USEC_PER_SEC;
                drops = link_drops_judge(losses, n);
                if (drops.n != table[i].n || drops.period_s != table[i].period_s)
                        fail_msg("%s: %u drops, every %u s", table[i].about, drops.n, drops.period_s);
        }
}

/* The wall clock was set back, or there is more than it takes, or nothing. */
static void test_odd_times(void **state)
{
        uint64_t backwards[] = { FIRST_USEC, FIRST_USEC - 150 * USEC_PER_SEC, FIRST_USEC - 300 * USEC_PER_SEC,
                FIRST_USEC - 450 * USEC_PER_SEC };
        uint64_t many[100];

        (void)state;
        assert_int_equal(link_drops_judge(NULL, 0).n, 0);
        assert_int_equal(link_drops_judge(backwards, ELEMENTSOF(backwards)).period_s, 0);
        for (size_t i = 0; i < ELEMENTSOF(many); i++)
                many[i] = FIRST_USEC + i * 150 * USEC_PER_SEC;
        assert_int_equal(link_drops_judge(many, ELEMENTSOF(many)).period_s, 150);
}

static void test_what_a_beat_means(void **state)
{
        (void)state;
        assert_non_null(strstr(link_drops_advice(&(LinkDrops){ 4, 152 }), "connection parameters"));
        assert_non_null(strstr(link_drops_advice(&(LinkDrops){ 4, 31 }), "BlueZ"));
        assert_non_null(strstr(link_drops_advice(&(LinkDrops){ 4, 75 }), "another Bluetooth adapter"));
        assert_non_null(strstr(link_drops_advice(&(LinkDrops){ 4, 0 }), "come closer"));
}

static void test_problems_in_words(void **state)
{
        char *advice = link_problem_advice("wants-pairing", "C0:FF:EE:00:00:01");

        (void)state;
        assert_string_equal(advice,
                        "`bluetoothctl pair C0:FF:EE:00:00:01`; if it is paired already, "
                        "`bluetoothctl remove C0:FF:EE:00:00:01` and `cardioctl trust C0:FF:EE:00:00:01` before that");
        free(advice);
        assert_null(link_problem_text(""));
        assert_null(link_problem_text(NULL));
        assert_null(link_problem_advice("", "x"));
        assert_string_equal(
                        link_problem_text("held"), "another program on this machine holds its notifications");
        assert_string_equal(link_problem_text("new-kind"), "new-kind");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_drops_by_their_pattern),
                cmocka_unit_test(test_odd_times),
                cmocka_unit_test(test_what_a_beat_means),
                cmocka_unit_test(test_problems_in_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
