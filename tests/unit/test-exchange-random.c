/* SPDX-License-Identifier: MIT */

/* Files of random sessions: whatever a session was, what has to hold of every file of its format does. */

#include "exchange/exchange.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "exchange-fixture.h"
#include "format-judge.h"

static uint32_t random_below(uint32_t *state, uint32_t n)
{
        *state = *state * 1664525U + 1013904223U;
        return (*state >> 8) % n;
}

static size_t random_items(uint32_t *seed, ExchangeItem *items, size_t max, int64_t *ret_length)
{
        static const char *const cues[] = { "warm-up", "hard", "easy", "cool-down", "" };
        static const char *const types[] = { "step", "mark", "gap", "zone" };
        int64_t t = 0, length = 0;
        size_t n = 0;

        while (n + 12 < max && random_below(seed, 60) > 0) {
                if (random_below(seed, 4) == 0) {
                        bool ends = random_below(seed, 5) == 0;

                        items[n++] = event(t, types[random_below(seed, ELEMENTSOF(types))], ends ? NAN : 1,
                                        cues[random_below(seed, ELEMENTSOF(cues))]);
                } else {
                        for (uint32_t rr = random_below(seed, 10); rr > 0; rr--)
                                items[n++] = interval(t, random_below(seed, 65536));
                        items[n++] = heart_rate(t, 25 + random_below(seed, 226));
                        length = t;
                        t++; /* strictly rising */
                }
                t += random_below(seed, 10) == 0 ? random_below(seed, 100000) : random_below(seed, 1200);
        }
        *ret_length = length;
        return n;
}

static void test_random_sessions(void **state)
{
        static ExchangeItem items[400];

        (void)state;
        for (uint32_t i = 0; i < 3000; i++) {
                ExchangeSession session = fixture_run;
                uint32_t seed = i;
                size_t n;

                n = random_items(&seed, items, ELEMENTSOF(items), &session.length);
                session.started_at += random_below(&seed, 1000);
                session.utc_offset_s = ((int32_t)random_below(&seed, 105) - 48) * 900;
                session.ceiling = random_below(&seed, 2) ? 145.55 : NAN;
                session.over_s = random_below(&seed, 1000);
                /* By hand, it went on without a strap; or its length is not yet known. */
                if (random_below(&seed, 4) == 0)
                        session.length = random_below(&seed, 2) ? session.length + random_below(&seed, 5000)
                                                                : 0;
                for (size_t k = 0; judged_formats[k].format; k++) {
                        const char *wrong;
                        File f = { 0 };

                        assert_int_equal(exchange_write(judged_formats[k].format, &f, &session, items, n), 0);
                        wrong = judged_formats[k].judge(&session, items, n, f.data, f.size);
                        if (wrong)
                                fail_msg("seed %u, %s: %s", i, judged_formats[k].format->name, wrong);
                        file_done(&f);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_random_sessions),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
