/* SPDX-License-Identifier: MIT */
/* Values in the text of an INI file: read, changed, taken out, and nothing else of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cardio/macro.h"
#include "setup/ini-edit.h"

static void test_get(void **state)
{
        static const struct {
                const char *text, *expected;
        } cases[] = {
                { "", NULL },
                { "[notify]", NULL },
                { "[notify]\nspeak = yes\n", "yes" },
                { "[notify]\nspeak = yes", "yes" },
                { "[notify]\r\n  speak:\tyes \r\n", "yes" },
                { "[notify]\nspeak=yes ; aloud\n", "yes" },
                { "[notify]\nspeak = yes;no comment\n", "yes;no comment" },
                { "[notify]\nspeak = ; nothing\n", "" },
                { "[notify]\nspeak =\n", "" },
                { "[notify]\n;speak = yes\n# speak = yes\n", NULL },
                { "[other]\nspeak = yes\n", NULL },
                { "speak = yes\n[notify]\n", NULL },
                { "[notify]\nspeaker = yes\nspeak\n= yes\n", NULL },
                { "[notify]\nspeak = no\n[other]\nspeak = maybe\n[notify]\nspeak = yes\n", "yes" },
                { "[notify\nspeak = yes\n", "yes" },
                { "\xEF\xBB\xBF[notify]\nspeak = yes\n", "yes" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *value = ini_get(cases[i].text, "notify", "speak");

                if (cases[i].expected)
                        assert_string_equal(value, cases[i].expected);
                else
                        assert_null(value);
        }
}

static void test_set(void **state)
{
        static const struct {
                const char *text, *value, *expected;
        } cases[] = {
                { "", "yes", "[notify]\nspeak = yes\n" },
                { "# mine\n", "yes", "# mine\n\n[notify]\nspeak = yes\n" },
                { "[other]\nspeak = no", "yes", "[other]\nspeak = no\n\n[notify]\nspeak = yes\n" },
                { "[notify]\n", "yes", "[notify]\nspeak = yes\n" },
                { "[notify]", "yes", "[notify]\nspeak = yes\n" },
                { "[notify]\nsound = no\n\n[other]\n", "yes",
                                "[notify]\nsound = no\nspeak = yes\n\n[other]\n" },
                { "[notify]\n;speak = no\n", "yes", "[notify]\n;speak = no\nspeak = yes\n" },
                { "[notify]\nspeak=no   ; aloud\nsound = no\n", "yes",
                                "[notify]\nspeak=yes   ; aloud\nsound = no\n" },
                { "[notify]\nspeak =\n", "yes", "[notify]\nspeak =yes\n" },
                { "[notify]\r\nspeak = no\r\nsound = no\r\n", "yes",
                                "[notify]\r\nspeak = yes\r\nsound = no\r\n" },
                { "[notify]\nspeak = no", "yes", "[notify]\nspeak = yes" },
                { "\xEF\xBB\xBF[notify]\r\nspeak = no\r\n", "yes",
                                "\xEF\xBB\xBF[notify]\r\nspeak = yes\r\n" },
                { "[notify]\nspeak = no\nsound = no\n", NULL, "[notify]\nsound = no\n" },
                { "[notify]\nspeak = no", NULL, "[notify]\n" },
                { "[other]\nspeak = no\n", NULL, "[other]\nspeak = no\n" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = ini_set(cases[i].text, "notify", "speak", cases[i].value);

                assert_string_equal(text, cases[i].expected);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_get),
                cmocka_unit_test(test_set),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
