/* SPDX-License-Identifier: MIT */

/* When systemd's watchdog is told that all is well, and when it is not: a table of moments. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "cardio/macro.h"
#include "daemon/manager/health.h"

#define NOW   (365 * 24 * USEC_PER_HOUR)
#define NEVER INT32_MAX

/* In seconds from now on; what is past is below 0. */
typedef struct Moment {
        int tick, commit, sync_begun, measure;
        bool pending;
        int moved, commit_interval;
        const char *complaint;
} Moment;

#define NO_COMMIT "What is recorded has no commit to come"
#define NO_DISK   "The disk does not answer"
#define NO_TICK   "A deadline of the core has passed"
#define NO_END    "The resting measurement does not end"
#define NO_TRY    "What is recorded waits, and is not tried to be written"

static usec_t from_now(int seconds)
{
        return seconds == NEVER ? USEC_INFINITY : NOW + (usec_t)seconds * USEC_PER_SEC;
}

static void test_moments(void **state)
{
        static const Moment moments[] = {
                /* Nothing is under way; nothing has been written for a month, and nothing was to be. */
                { NEVER, NEVER, NEVER, NEVER, false, -2592000, 5, NULL },
                /* A heart rate a second. */
                { 3, 2, NEVER, NEVER, true, -3, 5, NULL },
                /* Timers: late, and too late. */
                { -29, 2, NEVER, NEVER, true, -3, 5, NULL },
                { -30, 2, NEVER, NEVER, true, -3, 5, NO_TICK },
                { 3, -29, NEVER, NEVER, true, -34, 5, NULL },
                { 3, -30, NEVER, NEVER, true, -35, 5, NO_COMMIT },
                { 3, NEVER, NEVER, NEVER, true, -3, 5, NO_COMMIT },
                /* A slow disk, and one that is gone. What comes meanwhile waits for it. */
                { 3, 2, -299, NEVER, true, -304, 5, NULL },
                { 3, 2, -300, NEVER, true, -305, 5, NO_DISK },
                { NEVER, NEVER, -300, NEVER, false, 0, 5, NO_DISK },
                /* A measurement, its end, and none. */
                { NEVER, NEVER, NEVER, 600, false, 0, 5, NULL },
                { NEVER, NEVER, NEVER, -29, false, 0, 5, NULL },
                { NEVER, NEVER, NEVER, -30, false, 0, 5, NO_END },
                /* A disk that has refused for days was tried a moment ago: a new start would only lose what waits. */
                { 3, 2, NEVER, NEVER, true, -5, 5, NULL },
                /* Commits are due again and again, and none is tried: without a sync, and behind one after the other. */
                { 3, 2, NEVER, NEVER, true, -334, 5, NULL },
                { 3, 2, NEVER, NEVER, true, -335, 5, NO_TRY },
                { 3, 2, -10, NEVER, true, -335, 5, NO_TRY },
                /* As long as an interval lasts none is to be tried. */
                { 3, 2, NEVER, NEVER, true, -3600, 3600, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(moments); i++) {
                const Moment *m = &moments[i];
                const char *complaint = health_complaint(&(HealthFacts){
                                .now_usec = NOW,
                                .tick_due_usec = from_now(m->tick),
                                .commit_due_usec = from_now(m->commit),
                                .commit_interval_usec = (usec_t)m->commit_interval * USEC_PER_SEC,
                                .sync_begun_usec = from_now(m->sync_begun),
                                .measure_due_usec = from_now(m->measure),
                                .pending = m->pending,
                                .progress_usec = from_now(m->moved),
                });

                if (complaint ? !m->complaint || strcmp(complaint, m->complaint) != 0 : m->complaint != NULL)
                        fail_msg("moment %zu: %s", i, complaint ? complaint : "no complaint");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_moments),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
