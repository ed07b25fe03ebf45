/* SPDX-License-Identifier: MIT */

/* The nearest of a few words, for whoever mistypes one. */

#include "cardio/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define LONG "abcdefghijklmnopqrstuvwxyzabcdefghijklmn" /* NEAREST_WORD_MAX */

static void test_distance(void **state)
{
        static const struct {
                const char *a, *b;
                unsigned distance;
        } cases[] = {
                { "", "", 0 },
                { "", "abc", 3 },
                { "stop", "stop", 0 },
                { "Stop", "sTOP", 0 },
                { "stp", "stop", 1 },
                { "stoop", "stop", 1 },
                { "stap", "stop", 1 },
                { "sotp", "stop", 1 },
                { "tsop", "stop", 1 },
                { "stpo", "stop", 1 },
                { "kitten", "sitting", 3 },
                { "ca", "abc", 3 }, /* a letter moved twice is not one move */
                { "holdd", "hold", 1 },
                { "rest", "resets", 2 },
                { LONG, LONG, 0 },
                { LONG, "", 40 },
                { LONG "o", LONG, NEAREST_WORD_MAX + 1 },
                { "", LONG "o", NEAREST_WORD_MAX + 1 },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unsigned there = nearest_distance(cases[i].a, cases[i].b),
                         back = nearest_distance(cases[i].b, cases[i].a);

                if (there != cases[i].distance || back != there)
                        fail_msg("\"%s\", \"%s\": %u and back %u, expected %u", cases[i].a, cases[i].b, there,
                                        back, cases[i].distance);
        }
}

static void test_nearest(void **state)
{
        static const char *const words[] = { "status", "watch", "sessions", "session", "show", "delete",
                "start", "stop", "stale-after", "add", "list", "remove", "rest", "race" };
        static const struct {
                const char *word, *match;
        } cases[] = {
                { "sesions", "sessions" },
                { "sessoins", "sessions" },
                { "Sessions", "sessions" },
                { "sessionss", "sessions" }, /* one letter, not the two of session */
                { "sess", "sessions" },
                { "statsu", "status" },
                { "stat", "status" }, /* a beginning, though `start` is but a letter off */
                { "stale-afer", "stale-after" },
                { "stale_after", "stale-after" },
                { "staleafter", "stale-after" },
                { "del", "delete" },
                { "rm", "remove" },
                { "ls", "list" },
                { "lst", "list" },
                { "rce", "race" },
                { "rst", "rest" },
                { "ad", "add" },
                { "", NULL },
                { "s", NULL },
                { "foo", NULL },
                { "zz", NULL },
                { "destroy", NULL },
                { LONG "o", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Nearest n = { .word = cases[i].word };

                for (size_t k = 0; k < ELEMENTSOF(words); k++)
                        nearest_consider(&n, words[k]);
                if (!n.match != !cases[i].match)
                        fail_msg("\"%s\": %s, expected %s", cases[i].word, n.match ? n.match : "none",
                                        cases[i].match ? cases[i].match : "none");
                if (n.match)
                        assert_string_equal(n.match, cases[i].match);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_distance),
                cmocka_unit_test(test_nearest),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
