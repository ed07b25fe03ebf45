/* SPDX-License-Identifier: MIT */

/* notify.conf: what is accepted, what is refused, and where the file is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardio/macro.h"

#include "client/notify-config.h"

static int load_text(const char *text, NotifyConfig *ret, char **ret_error)
{
        char path[] = "/tmp/test-notify-config.XXXXXX";
        int fd = mkstemp(path), r;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        (void)close(fd);
        r = notify_config_load(path, true, ret, ret_error);
        (void)unlink(path);
        return r;
}

static void assert_same(const NotifyConfig *a, const NotifyConfig *b)
{
        assert_int_equal(a->sound, b->sound);
        assert_int_equal(a->speak, b->speak);
        assert_int_equal(a->repeat, b->repeat);
        assert_string_equal(a->language, b->language);
        assert_int_equal(a->snooze_usec, b->snooze_usec);
}

static void test_accepted(void **state)
{
        static const struct {
                const char *text;
                NotifyConfig expected;
        } cases[] = {
                { "", { true, false, true, "en", 10 * USEC_PER_MIN } },
                { "; nothing\n[notify]\n", { true, false, true, "en", 10 * USEC_PER_MIN } },
                { "[notify]\nsound=no\nspeak=yes\nlanguage=de-CH-1996\nrepeat=no\nsnooze=1h\n",
                                { false, true, false, "de-CH-1996", USEC_PER_HOUR } },
                { "[notify]\n  sound = yes ; loud\n# a comment\nspeak = no\nrepeat = yes\nsnooze = 90s",
                                { true, false, true, "en", 90 * USEC_PER_SEC } },
                { "[notify]\nsound = Off\nspeak = TRUE\nrepeat = on\n",
                                { false, true, true, "en", 10 * USEC_PER_MIN } },
                { "[notify]\nsnooze = 10s\n", { true, false, true, "en", 10 * USEC_PER_SEC } },
                { "[notify]\r\nsnooze = 24h\r\nlanguage = abcdefgh\r\n",
                                { true, false, true, "abcdefgh", 24 * USEC_PER_HOUR } },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *error = NULL;
                NotifyConfig config;

                if (load_text(cases[i].text, &config, &error) != 0)
                        fail_msg("%s\n%s", cases[i].text, error);
                assert_same(&config, &cases[i].expected);
        }
}

static void test_refused(void **state)
{
        static const struct {
                const char *text, *place, *reason;
        } cases[] = {
                { "sound = yes\n", ":1: sound: ", "before any section" },
                { "[notfy]\n", ":1: ",
                                "unknown section [notfy] (did you mean [notify]?); accepted: [notify]" },
                { "[notify]\n\nvolume = 3\n", ":3: volume: ",
                                "unknown key in [notify]; accepted: sound, speak, language, repeat, snooze" },
                { "[notify]\nsond = yes\n", ":2: sond: ", "(did you mean `sound`?)" },
                { "[notify]\nspeak = no\nspeak = no\n", ":3: speak: ", "set twice, first on line 2" },
                { "[notify]\nsound = loud\n",
                                ":2: sound: ", "\"loud\" is not understood; accepted: yes, no" },
                { "[notify]\nspeak =\n", ":2: speak: ", "accepted: yes, no" },
                { "[notify]\nrepeat = 3\n", ":2: repeat: ", "accepted: yes, no" },
                { "[notify]\nlanguage =\n", ":2: language: ", "the tag of a language" },
                { "[notify]\nlanguage = e\n", ":2: language: ", "the tag of a language" },
                { "[notify]\nlanguage = en_GB\n", ":2: language: ", "the tag of a language" },
                { "[notify]\nlanguage = en-\n", ":2: language: ", "the tag of a language" },
                { "[notify]\nlanguage = e-GB\n", ":2: language: ", "the tag of a language" },
                { "[notify]\nlanguage = e1\n", ":2: language: ", "the tag of a language" },
                { "[notify]\nlanguage = abcdefghi\n", ":2: language: ", "the tag of a language" },
                { "[notify]\nlanguage = en-ab-cd-ef-gh-ij-kl-mn-op-qr-st-uv-wx\n",
                                ":2: language: ", "the tag of a language" },
                { "[notify]\nsnooze = 9s\n", ":2: snooze: ", "a duration of 10s to 24h" },
                { "[notify]\nsnooze = 25h\n", ":2: snooze: ", "a duration of 10s to 24h" },
                { "[notify]\nsnooze = 10500ms\n", ":2: snooze: ", "in whole seconds" },
                { "[notify]\nsnooze = 10\n", ":2: snooze: ", "written as in 10min, 1h" },
                { "[notify]\nsound\n", ":2: ", "not understood" },
                { "[notify]\nsound = yes\x01\n", ":2: ", "a control character" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const NotifyConfig before = notify_config_default();
                _cleanup_free_ char *error = NULL;
                NotifyConfig config = before;

                assert_int_equal(load_text(cases[i].text, &config, &error), -EINVAL);
                assert_non_null(error);
                if (!strstr(error, cases[i].place) || !strstr(error, cases[i].reason))
                        fail_msg("%s\n%s", cases[i].text, error);
                assert_same(&config, &before);
        }
}

static void test_long_line(void **state)
{
        _cleanup_free_ char *error = NULL;
        NotifyConfig config;
        char text[256];

        (void)state;
        (void)snprintf(text, sizeof(text), "[notify]\nlanguage = %0190d\n", 0);
        assert_int_equal(load_text(text, &config, &error), -EINVAL);
        assert_non_null(strstr(error, ":2: the line is too long; accepted: at most 190 bytes"));
}

/* All mistakes at once. */
static void test_many(void **state)
{
        _cleanup_free_ char *error = NULL;
        NotifyConfig config;
        unsigned lines = 1;

        (void)state;
        assert_int_equal(load_text("[notify]\nsound = a\nspeak = b\nvolume = 1\n[x]\ny = z\n", &config,
                                         &error),
                        -EINVAL);
        for (const char *c = error; *c; c++)
                lines += *c == '\n';
        assert_int_equal(lines, 4);
}

static void test_missing(void **state)
{
        _cleanup_free_ char *error = NULL;
        const NotifyConfig standard = notify_config_default();
        NotifyConfig config;

        (void)state;
        assert_int_equal(notify_config_load("/nonexistent/notify.conf", false, &config, &error), 0);
        assert_same(&config, &standard);
        assert_int_equal(notify_config_load("/nonexistent/notify.conf", true, &config, &error), -ENOENT);
        assert_string_equal(error, "/nonexistent/notify.conf: cannot be read: No such file or directory");
}

static void test_place(void **state)
{
        _cleanup_free_ char *a = NULL, *b = NULL, *c = NULL;

        (void)state;
        assert_int_equal(setenv("HOME", "/home/runner", 1), 0);
        assert_int_equal(setenv("XDG_CONFIG_HOME", "/etc/runner", 1), 0);
        assert_int_equal(notify_config_path(&a), 0);
        assert_string_equal(a, "/etc/runner/cardiod/notify.conf");
        assert_int_equal(setenv("XDG_CONFIG_HOME", "not/absolute", 1), 0);
        assert_int_equal(notify_config_path(&b), 0);
        assert_string_equal(b, "/home/runner/.config/cardiod/notify.conf");
        assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
        assert_int_equal(notify_config_path(&c), 0);
        assert_string_equal(c, "/home/runner/.config/cardiod/notify.conf");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_accepted),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_long_line),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_missing),
                cmocka_unit_test(test_place),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
