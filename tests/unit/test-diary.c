/* SPDX-License-Identifier: MIT */

/* The runner's own words: which say that there is nothing, and which that the mood is low. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cardio/diary.h"
#include "cardio/macro.h"

static void test_words_that_mean_none(_unused_ void **state)
{
        static const char *const none[] = { NULL, "", " ", "\t\n", "no", "No", "NONE", "none", "no pain",
                "No  Pain ", " no\tpain", "nothing", "Nothing", "gone", "GONE ", "fine", "ok", "OK", "0",
                " 0 ", "n", "N", "-" };
        static const char *const some[] = { "left knee", "no idea", "none at all?", "not gone", "nopain",
                "no pain yet", "n/a", "--", "00", "okay-ish", "nothing but the knee", "o", "k", "finely",
                "nö" };

        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                if (diary_says_some(none[i]))
                        fail_msg("'%s' says some", none[i]);
        for (size_t i = 0; i < ELEMENTSOF(some); i++)
                if (!diary_says_some(some[i]))
                        fail_msg("'%s' says none", some[i]);
}

static void test_low_moods(_unused_ void **state)
{
        static const char *const low[] = { "low", "LOW", "a bit low", "down", "feeling down today", "sad",
                "bad", "Bad day", "stress", "stressed", "so much stress!", "anxious", "anxiety", "worried",
                "worries", "sad, but ok", "no, sad", "depressed", "lonely", "(grumpy)", "meh" };
        static const char *const fine[] = { NULL, "", "good", "great", "happy", "slow", "download", "not bad",
                "not too bad", "not stressed", "no worries", "never sad", "ambassador", "lower",
                "sadly happy", "fine", "less stressed", "without stress" };

        for (size_t i = 0; i < ELEMENTSOF(low); i++)
                if (!diary_is_low(low[i]))
                        fail_msg("'%s' is not low", low[i]);
        for (size_t i = 0; i < ELEMENTSOF(fine); i++)
                if (diary_is_low(fine[i]))
                        fail_msg("'%s' is low", fine[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_words_that_mean_none),
                cmocka_unit_test(test_low_moods),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
