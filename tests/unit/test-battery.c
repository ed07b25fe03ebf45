/* SPDX-License-Identifier: MIT */
/* When the runner is told that a strap's battery is low: levels, and how long they last. */

#include "cardio/battery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*USEC_PER_SEC))

typedef struct Step {
        unsigned at_s; /* 0 ends the script */
        int percent;   /* reported then */
        /* What came of the level before by then, if anything. */
        BatteryChange change;
} Step;

static void play(const char *what, const Step *step, bool low)
{
        Battery b = { .low = low };

        for (; step->at_s > 0; step++) {
                usec_t due_usec = battery_deadline(&b), now_usec = SEC(step->at_s);
                BatteryChange change = BATTERY_SAME;

                assert_true(due_usec == USEC_INFINITY || battery_tick(&b, due_usec - 1) == BATTERY_SAME);
                if (due_usec <= now_usec)
                        change = battery_tick(&b, due_usec);
                if (change != step->change)
                        fail_msg("%s: at %u s", what, step->at_s);
                battery_update(&b, step->percent, b.low, now_usec);
                battery_update(&b, step->percent, b.low, now_usec + 1); /* the same once more is no news */
        }
}

static void test_levels(void **state)
{
        static const struct {
                const char *what;
                bool low; /* told by an earlier daemon */
                Step step[10];
        } cases[] = {
                { "full", false, { { 10, 100, 0 }, { 500, 16, 0 }, { 900, 16, 0 } } },
                { "at 15 for a minute", false, { { 10, 15, 0 }, { 69, 15, 0 }, { 70, 15, BATTERY_LOW } } },
                { "once, however low", false,
                                { { 10, 15, 0 }, { 70, 10, BATTERY_LOW }, { 500, 1, 0 }, { 900, 0, 0 } } },
                { "a moment's level", false,
                                { { 10, 100, 0 }, { 20, 10, 0 }, { 79, 100, 0 }, { 500, 100, 0 } } },
                { "a lower level goes on with the minute", false,
                                { { 10, 15, 0 }, { 40, 12, 0 }, { 70, 12, BATTERY_LOW } } },
                { "the link is lost within the minute", false,
                                { { 10, 10, 0 }, { 60, BATTERY_UNKNOWN, 0 }, { 500, 10, 0 }, { 559, 10, 0 },
                                                { 560, 10, BATTERY_LOW } } },
                { "told before the restart", true, { { 10, 10, 0 }, { 500, 10, 0 } } },
                { "not again at 25", true, { { 10, 25, 0 }, { 500, 10, 0 }, { 900, 10, 0 } } },
                { "again after a new one", true,
                                { { 10, 100, 0 }, { 70, 100, BATTERY_RISEN }, { 500, 15, 0 },
                                                { 560, 15, BATTERY_LOW } } },
                { "full for a moment is no new one", true,
                                { { 10, 100, 0 }, { 69, 10, 0 }, { 500, 10, 0 }, { 510, 100, 0 },
                                                { 515, 9, 0 }, { 900, 9, 0 } } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                play(cases[i].what, cases[i].step, cases[i].low);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_levels),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
