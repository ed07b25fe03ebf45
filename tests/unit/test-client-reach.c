/* SPDX-License-Identifier: MIT */
/* Which daemon counts, of the two that there may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "client/reach.h"

static void test_choice(void **state _unused_)
{
        static const struct {
                Reach of_system, of_session;
                BusKind kind;
                Reach found;
        } cases[] = {
                /* That of the system bus as long as it is there, or may be. */
                { REACH_LOOKING, REACH_PRESENT, BUS_SYSTEM, REACH_LOOKING },
                { REACH_PRESENT, REACH_PRESENT, BUS_SYSTEM, REACH_PRESENT },
                { REACH_PRESENT, REACH_NO_BUS, BUS_SYSTEM, REACH_PRESENT },
                { REACH_DENIED, REACH_PRESENT, BUS_SYSTEM, REACH_DENIED },
                { REACH_ABSENT, REACH_LOOKING, BUS_SESSION, REACH_LOOKING },
                { REACH_ABSENT, REACH_PRESENT, BUS_SESSION, REACH_PRESENT },
                { REACH_NO_BUS, REACH_PRESENT, BUS_SESSION, REACH_PRESENT },
                { REACH_NO_BUS, REACH_ABSENT, BUS_SESSION, REACH_ABSENT },
                { REACH_NO_BUS, REACH_NO_BUS, BUS_SESSION, REACH_NO_BUS },
                /* Another's session bus is no reason to be denied what is the system's. */
                { REACH_ABSENT, REACH_DENIED, BUS_SESSION, REACH_ABSENT },
                { REACH_ABSENT, REACH_NO_BUS, BUS_SESSION, REACH_ABSENT },
                { REACH_NO_BUS, REACH_DENIED, BUS_SESSION, REACH_DENIED },
        };
        Reach found;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Reach reach[_BUS_KIND_MAX] = { cases[i].of_system, cases[i].of_session };

                assert_int_equal(reach_choose(false, reach, &found), cases[i].kind);
                assert_int_equal(found, cases[i].found);
                assert_int_equal(reach_choose(true, reach, &found), BUS_SESSION);
                assert_int_equal(found, cases[i].of_session);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_choice),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
