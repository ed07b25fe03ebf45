/* SPDX-License-Identifier: MIT */

/* What is allowed, but hardly meant, is said with what to do about it; and nothing is said of what is sensible. */

#include <string.h>

#include "config-folder.h"

#define KNOWN "[runner]\nage = 23\nresting-heart-rate = 50\n" /* maximum 197, reserve 147 */

static void warnings_of(const Folder *folder, const char *text, double resting, unsigned mornings,
                ConfigWarnings *ret)
{
        _cleanup_(config_freep) Config *c = NULL;
        RestingInForce measured = { .mornings = mornings };
        Runner runner;

        folder_write(folder, text);
        c = load_good(folder->file);
        runner = config_runner(c, today);
        if (mornings > 0)
                runner.resting = resting;
        measured.heart_rate = runner.resting;
        config_warnings(c, &runner, &measured, ret);
}

static void test_sensible(void **state)
{
        static const char *const cases[] = {
                KNOWN,
                "[runner]\nborn = 1986\nresting-heart-rate = 60\n",
                "[runner]\nmax-heart-rate = 190\nresting-heart-rate = 60\n",
                KNOWN "[ceiling]\nceiling = 100\n",
                KNOWN "[ceiling]\nceiling = 197\n",
                KNOWN "[ceiling]\nceiling = off\n",
                KNOWN "[ceiling]\nceiling = auto\n",
                KNOWN "[ceiling]\nceiling = 30%hrr\n",
                KNOWN "[session]\nstart-above = off\n",
                KNOWN "[session]\nstart-above = contact\n",
                KNOWN "[session]\nstart-above = 60\n",
                KNOWN "[session]\nstart-above = 146%lthr\n[runner]\nlactate-threshold = 100\n"
                      "[ceiling]\nceiling = 146\n",
                KNOWN "[zones]\nmodel = custom\nbounds = 100 197\n",
                KNOWN "[zones]\nbounds = 50 100\n",
                KNOWN "[session]\nend-after = 35s\ncool-down = 0s\n",
                KNOWN "[session]\nend-after = 10s\ncool-down = 0s\n[sensor]\nstale-after = 10s\n",
                /* not asked for */
                KNOWN "[coach]\nbase-ceiling = 30\n",
        };
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ConfigWarnings w;

                warnings_of(folder, cases[i], 0, 0, &w);
                if (w.n > 0)
                        fail_msg("%s\n%s", cases[i], w.warning[0].text);
        }
}

static void test_hardly_meant(void **state)
{
        /* clang-format off */
        static const struct {
                const char *text;
                const char *key;
                const char *expected;
        } cases[] = {
                { "[runner]\nresting-heart-rate = 60\n", "age",
                  "nobody has said how old you are, so that 40 is assumed: `cardioctl setup` asks, or set `age` or `born` in [runner], or `max-heart-rate` if you know yours" },
                { "[runner]\nage = 40\n", "resting-heart-rate",
                  "your resting heart rate is not known, so that 60 bpm is assumed: `cardioctl rest` measures it in the morning, before you get up" },
                { KNOWN "[ceiling]\nceiling = 30\n", "ceiling", "`ceiling = 30` means 30 bpm: did you mean `30%hrr`?" },
                { KNOWN "[ceiling]\nceiling = 65\n", "ceiling", "`ceiling = 65` means 65 bpm: did you mean `65%hrr`?" },
                { KNOWN "[ceiling]\nceiling = auto\n[coach]\nbase-ceiling = 80\n", "base-ceiling",
                  "`base-ceiling = 80` means 80 bpm: did you mean `80%hrr`?" },
                { KNOWN "[ceiling]\nceiling = 29%hrr\n", "ceiling",
                  "`ceiling` is 93 bpm, below `start-above`, 94, so that a run is too fast from its first second: raise `ceiling`, or lower `start-above`" },
                { KNOWN "[ceiling]\nceiling = 120\n[session]\nstart-above = 50%hrr\n", "ceiling",
                  "`ceiling` is 120 bpm, below `start-above`, 124, so that a run is too fast from its first second: raise `ceiling`, or lower `start-above`" },
                { KNOWN "[ceiling]\nceiling = 198\n", "ceiling",
                  "`ceiling` is 198 bpm, above your maximum heart rate, 197, so that nothing is ever too fast: lower it, or correct `max-heart-rate`" },
                { KNOWN "[session]\nstart-above = 30\n", "start-above", "`start-above = 30` means 30 bpm, and you never rest below that: did you mean `30%hrr`?" },
                { KNOWN "[session]\nstart-above = 25%max\n", "start-above",
                  "`start-above` is 49 bpm, not above your resting heart rate, 50, so that a session is recorded whenever the strap is on: raise it" },
                { KNOWN "[zones]\nmodel = custom\nbounds = 100 198 200\n", "bounds",
                  "zone 2 begins at 198 bpm, above your maximum heart rate, 197, and is never reached: lower `bounds`, or correct `max-heart-rate`" },
                { KNOWN "[zones]\nbounds = 50 101\n", "bounds",
                  "zone 2 begins at 198 bpm, above your maximum heart rate, 197, and is never reached: lower `bounds`, or correct `max-heart-rate`" },
                { KNOWN "lactate-threshold = 197\n", "lactate-threshold",
                  "`lactate-threshold` is 197 bpm, not below your maximum heart rate, 197: correct one of them" },
                { KNOWN "[session]\nend-after = 30s\n", "end-after",
                  "`end-after = 30s` is shorter than a strap may be silent (`stale-after`, up to 35s), so that a run may end in a gap: raise `end-after`" },
                { KNOWN "[session]\nend-after = 30s\n[sensor]\nstale-after = 31s\n", "end-after",
                  "`end-after = 30s` is shorter than a strap may be silent (`stale-after`, 31s), so that a run may end in a gap: raise `end-after`" },
        };
        /* clang-format on */
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                ConfigWarnings w;

                warnings_of(folder, cases[i].text, 0, 0, &w);
                if (w.n != 1)
                        fail_msg("%zu warnings for\n%s%s", w.n, cases[i].text,
                                        w.n > 1 ? w.warning[1].text : "");
                assert_string_equal(w.warning[0].text, cases[i].expected);
                assert_string_equal(w.warning[0].key, cases[i].key);
                assert_false(w.warning[0].measured);
                /* what to do stands behind the one colon, as cardioctl takes it */
                assert_non_null(strstr(w.warning[0].text, ": "));
                assert_ptr_equal(strchr(w.warning[0].text, ':'), strrchr(w.warning[0].text, ':'));
        }
}

/* Mornings stand above the file: only where they say something else is there anything to say. */
static void test_mornings(void **state)
{
        static const struct {
                const char *text;
                double resting;
                bool warns;
        } cases[] = {
                { KNOWN, 50, false }, { KNOWN, 51, false }, { KNOWN, 49, false }, { KNOWN, 51.1, true },
                { KNOWN, 48.9, true }, { "[runner]\nage = 23\n", 51.1, false }, /* nothing is overruled */
        };
        const Folder *folder = *state;
        ConfigWarnings w;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                warnings_of(folder, cases[i].text, cases[i].resting, 1, &w);
                assert_int_equal(w.n, cases[i].warns);
        }
        warnings_of(folder, KNOWN, 43.25, 7, &w);
        assert_int_equal(w.n, 1);
        assert_string_equal(w.warning[0].text,
                        "your mornings give a resting heart rate of 43 bpm, which is in force, not `resting-heart-rate = 50`: "
                        "take that line out, or bring it up to date");
        assert_true(w.warning[0].measured);
        /* what follows from a measured figure is of it, too */
        warnings_of(folder, "[runner]\nage = 23\n[session]\nstart-above = 61\n", 61, 7, &w);
        assert_int_equal(w.n, 1);
        assert_true(w.warning[0].measured);
        assert_string_equal(w.warning[0].key, "start-above");
}

static void test_mornings_not_at_hand(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        ConfigWarnings w;
        Runner runner;

        folder_write(folder, "");
        c = load_good(folder->file);
        runner = config_runner(c, today);
        config_warnings(c, &runner, NULL, &w);
        assert_int_equal(w.n, 1);
        assert_string_equal(w.warning[0].key, "age");
}

/* There are never more than fit, and none is cut. */
static void test_all_at_once(void **state)
{
        const Folder *folder = *state;
        ConfigWarnings w;

        warnings_of(folder,
                        "[runner]\nlactate-threshold = 240\n[ceiling]\nceiling = auto\n[coach]\nbase-ceiling = 30\n"
                        "[session]\nstart-above = 30\nend-after = 30s\n[zones]\nmodel = custom\nbounds = 200\n",
                        0, 0, &w);
        assert_int_equal(w.n, 7);
        for (size_t i = 0; i < w.n; i++)
                assert_true(strlen(w.warning[i].text) < CONFIG_WARNING_MAX - 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_sensible, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_hardly_meant, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_mornings, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_mornings_not_at_hand, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_all_at_once, folder_setup, folder_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
