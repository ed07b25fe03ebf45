/* SPDX-License-Identifier: MIT */

/* What the configuration refuses: each error names file, line and key, says why, and what is accepted instead. */

#include "daemon/config/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "config-folder.h"

static void test_unreadable_file(void **state)
{
        const Folder *folder = *state;
        _cleanup_free_ char *error = NULL;
        Config *c = NULL;

        assert_int_equal(config_load(folder->path, true, today, &c, &error), -EISDIR);
        assert_non_null(strstr(error, ": cannot be read: Is a directory"));
        assert_null(c);
}

/* clang-format off */
#define HUNDRED "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
/* clang-format on */

static void test_refused(void **state)
{
        /* clang-format off */
        static const struct {
                const char *text;
                const char *place;  /* the message begins with it … */
                const char *reason; /* … and has this in it */
        } cases[] = {
                /* the form */
                { "age = 40\n", "1: age: ", "before any section" },
                { "[runner]\nage\n", "2: ", "not understood; accepted: [SECTION], KEY = VALUE" },
                { "[runner]\nage\nsex = odd\n", "2: ", "not understood; accepted: [SECTION], KEY = VALUE" },
                { "[runner]\nage ; = 40\n", "2: ", "not understood" },
                { "[runner]\nsex = odd\nage\n", "2: sex: ", "\"odd\" is not understood" },
                { "[runner\nage = 40\n", "1: ", "the section's name does not end" },
                { "[runner] age = 40\n", "1: ", "more behind the section's name" },
                { "[runner]\n\n[celing]\n", "3: ", "unknown section [celing] (did you mean [ceiling]?); accepted: [runner], [ceiling], " },
                { "[]\n", "1: ", "unknown section []" },
                { "[ runner ]\n", "1: ", "unknown section [ runner ] (did you mean [runner]?); accepted: " },
                { "[Runner]\n", "1: ", "unknown section [Runner] (did you mean [runner]?); accepted: " },
                { "[" HUNDRED "]\n", "1: ", "unknown section [" HUNDRED "]" },
                { "[ceiling]\nholdd = 5s\n", "2: holdd: ", "unknown key in [ceiling] (did you mean `hold`?); accepted: ceiling, tolerance, hold, clear, repeat" },
                { "[runner]\nhold = 5s\n", "2: hold: ", "unknown key in [runner] (it belongs in [ceiling]); accepted: age" },
                { "[runner]\n = 5s\n", "2: ", "unknown key in [runner]" },
                { "[runner]\nAge = 40\n", "2: Age: ", "unknown key in [runner] (did you mean `age`?)" },
                { "[sensor]\nstale_after = 10s\n", "2: stale_after: ", "unknown key in [sensor] (did you mean `stale-after`?)" },
                { "[runner]\nfoo = 40\n", "2: foo: ", "unknown key in [runner]; accepted: age" },
                { "[runner]\nage = 40\n\nage = 40\n", "4: age: ", "set twice, first on line 2" },
                { "[runner]\nage = 40\n[ceiling]\n[runner]\nage = 41\n", "5: age: ", "set twice, first on line 2" },
                { "[runner]\nage = 40\n   age = 41\n", "3: age: ", "set twice, first on line 2" },
                { "[runner]\nage = 40\n   41\n", "3: ", "not understood" },
                { "[runner]\nage = 40\r\n\x01\n", "3: ", "a control character" },
                { "[runner]\rage = 40\n", "1: ", "a control character" },
                { "[runner]\nage = 4\x7f" "0\n", "2: ", "a control character" },
                { "\n; " HUNDRED HUNDRED "\n", "2: ", "the line is too long; accepted: at most 190 bytes" },
                { "[runner]\nage = 40 # not yet\n", "2: age: ", "a comment behind a value begins with ;" },

                /* [runner] */
                { "[runner]\nage =\n", "2: age: ", "\"\" is not understood; accepted: 5 to 120 years" },
                { "[runner]\nage = ; none\n", "2: age: ", "\"\" is not understood" },
                { "[runner]\nage = forty\n", "2: age: ", "\"forty\" is not understood" },
                { "[runner]\nage = 4\n", "2: age: ", "\"4\" is out of range" },
                { "[runner]\nage = 121\n", "2: age: ", "\"121\" is out of range" },
                { "[runner]\nage = 0\n", "2: age: ", "out of range" },
                { "[runner]\nage = 40.5\n", "2: age: ", "not understood" },
                { "[runner]\nage = 99999999999\n", "2: age: ", "out of range" },
                { "[runner]\nborn = 86\n", "2: born: ", "not understood; accepted: a year or a day" },
                { "[runner]\nborn = 1986-5-17\n", "2: born: ", "not understood" },
                { "[runner]\nborn = 1986-05\n", "2: born: ", "not understood" },
                { "[runner]\nborn = 1986-05-17x\n", "2: born: ", "not understood" },
                { "[runner]\nborn = 1986-02-29\n", "2: born: ", "is not a day of the calendar" },
                { "[runner]\nborn = 1986-13-01\n", "2: born: ", "is not a day of the calendar" },
                { "[runner]\nborn = 1986-00-01\n", "2: born: ", "is not a day of the calendar" },
                { "[runner]\nborn = 1986-04-31\n", "2: born: ", "is not a day of the calendar" },
                { "[runner]\nborn = 1900-02-29\n", "2: born: ", "is not a day of the calendar" },
                { "[runner]\nborn = 2026-06-16\n", "2: born: ", "is in the future" },
                { "[runner]\nborn = 2027\n", "2: born: ", "is in the future" },
                { "[runner]\nborn = 2021-06-16\n", "2: born: ", "out of range; accepted: a year or a day" },
                { "[runner]\nborn = 1905-06-15\n", "2: born: ", "out of range" },
                { "[runner]\nborn = 0000\n", "2: born: ", "out of range" },
                { "[runner]\nage = 40\nborn = 1986\n", "3: born: ", "age is set too, on line 2" },
                { "[runner]\nborn = 1986\nage = 40\n", "3: age: ", "born is set too, on line 2" },
                { "[runner]\nsex = man\n", "2: sex: ", "accepted: unspecified, female, male" },
                { "[runner]\nmax-heart-rate = 0\n", "2: max-heart-rate: ", "accepted: auto or 100 to 250 bpm" },
                { "[runner]\nmax-heart-rate = 99\n", "2: max-heart-rate: ", "out of range" },
                { "[runner]\nmax-heart-rate = 251\n", "2: max-heart-rate: ", "out of range" },
                { "[runner]\nmax-heart-rate-formula = 220-age\n", "2: max-heart-rate-formula: ", "accepted: fox, tanaka, gellish, nes" },
                { "[runner]\nresting-heart-rate = 24.9\n", "2: resting-heart-rate: ", "accepted: 25 to 120 bpm" },
                { "[runner]\nresting-heart-rate = 50bpm\n", "2: resting-heart-rate: ", "not understood" },
                { "[runner]\nlactate-threshold = 59\n", "2: lactate-threshold: ", "accepted: 0 or 60 to 240 bpm" },

                /* [ceiling] */
                { "[ceiling]\nceiling = 65%\n", "2: ceiling: ", "\"65%\" is not understood; accepted: N%hrr" },
                { "[ceiling]\nceiling = 101%hrr\n", "2: ceiling: ", "\"101%hrr\" is out of range" },
                { "[session]\nstart-above = auto\n", "2: start-above: ", "\"auto\" is not understood; accepted: N%hrr" },
                { "[coach]\nbase-ceiling = auto\n", "2: base-ceiling: ", "\"auto\" is not understood; accepted: N%hrr" },
                { "[ceiling]\nceiling = automatic\n", "2: ceiling: ", "bpm (25 to 250), off, auto" },
                { "[ceiling]\nceiling = contact\n", "2: ceiling: ", "not understood" },
                { "[ceiling]\nceiling = 90%lthr\n", "2: ceiling: ", "\"90%lthr\" needs lactate-threshold" },
                { "[ceiling]\ntolerance = 51\n", "2: tolerance: ", "accepted: 0 to 50 bpm" },
                { "[ceiling]\ntolerance = -1\n", "2: tolerance: ", "not understood" },
                { "[ceiling]\nhold = 10\n", "2: hold: ", "accepted: 0s to 10min, written as in 500ms, 10s, 2min, 1h" },
                { "[ceiling]\nhold = 601s\n", "2: hold: ", "out of range" },
                { "[ceiling]\nclear = 1d\n", "2: clear: ", "not understood" },
                { "[ceiling]\nrepeat = 99ms\n", "2: repeat: ", "accepted: 0 or 100ms to 1h" },

                /* [zones] */
                { "[zones]\nmodel = karvonen\n", "2: model: ", "accepted: hrr, max, lthr, custom" },
                { "[zones]\nmodel = lthr\n", "2: model: ", "\"lthr\" needs lactate-threshold in [runner]" },
                { "[zones]\nmodel = custom\n", "2: model: ", "\"custom\" needs bounds" },
                { "[zones]\nbounds =\n", "2: bounds: ", "accepted: 1 to 7 rising numbers" },
                { "[zones]\nbounds = 50, 60\n", "2: bounds: ", "not understood" },
                { "[zones]\nbounds = 50 50\n", "2: bounds: ", "does not rise" },
                { "[zones]\nbounds = 60 50\n", "2: bounds: ", "does not rise" },
                { "[zones]\nbounds = 1 2 3 4 5 6 7 8\n", "2: bounds: ", "has too many bounds" },
                { "[zones]\nbounds = 50 151\n", "2: bounds: ", "\"50 151\" does not suit model = hrr (default)" },
                { "[zones]\nbounds = 50 251\n", "2: bounds: ", "out of range" },
                { "[zones]\nbounds = 24 150\nmodel = custom\n", "2: bounds: ", "does not suit model = custom (" },
                { "[zones]\nhysteresis = 20.5\n", "2: hysteresis: ", "accepted: 0 to 20 bpm" },

                /* [sensor], [smoothing] */
                { "[sensor]\naddress = all\n", "2: address: ", "accepted: any, or an address" },
                { "[sensor]\naddress = A0:9E:1A:12:34\n", "2: address: ", "not understood" },
                { "[sensor]\naddress = A0:9E:1A:12:34:5G\n", "2: address: ", "not understood" },
                { "[sensor]\naddress = A0-9E-1A-12-34-56\n", "2: address: ", "not understood" },
                { "[sensor]\nstale-after = 0\n", "2: stale-after: ", "accepted: auto or 100ms to 5min" },
                { "[sensor]\nstale-after = 0s\n", "2: stale-after: ", "accepted: auto or 100ms to 5min" },
                { "[sensor]\nstale-after = 99ms\n", "2: stale-after: ", "accepted: auto or 100ms to 5min" },
                { "[sensor]\nstale-after = automatic\n", "2: stale-after: ", "accepted: auto or 100ms to 5min" },
                { "[ceiling]\nrepeat = auto\n", "2: repeat: ", "accepted: 0 or 100ms to 1h" },
                { "[sensor]\nfrozen-after = 999ms\n", "2: frozen-after: ", "accepted: 1s to 1h" },
                { "[sensor]\ntrust-contact = maybe\n", "2: trust-contact: ", "accepted: no, yes" },
                { "[beats]\ndetrend = maybe\n", "2: detrend: ", "accepted: no, yes" },
                { "[smoothing]\nwindow = 61s\n", "2: window: ", "accepted: 100ms to 1min" },

                /* [session], [storage] */
                { "[session]\nstart-above = auto\n", "2: start-above: ", "not understood" },
                { "[session]\nstart-above = live\n", "2: start-above: ", "off, contact" },
                { "[session]\nstart-above = 60%lthr\n", "2: start-above: ", "needs lactate-threshold" },
                { "[session]\nend-after = 0\n", "2: end-after: ", "accepted: 100ms to 6h" },
                { "[session]\ncool-down = 6min\n", "2: cool-down: ", "\"6min\" is longer than end-after = 5min (default)" },
                { "[session]\nend-after = 1min\ncool-down = 61s\n", "3: cool-down: ", "\"61s\" is longer than end-after" },
                { "[session]\npre-roll = 301s\n", "2: pre-roll: ", "accepted: 0s to 5min" },
                { "[storage]\ncommit-interval = 10ms\n", "2: commit-interval: ", "accepted: 100ms to 5min" },
                { "[storage]\nsync-interval = 4s\ncommit-interval = 5s\n", "3: commit-interval: ", "\"5s\" is longer than sync-interval = 4s" },

                /* [coach], [pace], [workout] */
                { "[coach]\nbase-ceiling = auto\n", "2: base-ceiling: ", "not understood" },
                { "[coach]\nbase-ceiling = 90%lthr\n", "2: base-ceiling: ", "needs lactate-threshold" },
                { "[coach]\ncycle-days = 2\n", "2: cycle-days: ", "accepted: 3 to 28 days" },
                { "[coach]\nlevel = pro\n", "2: level: ", "accepted: new, returning, regular, seasoned" },
                { "[coach]\nphase = taper\n", "2: phase: ", "accepted: base, intensity" },
                { "[pace]\nmargin = 601\n", "2: margin: ", "accepted: 0 to 600 seconds per mile" },
                { "[pace]\nsource = any\n", "2: source: ", "accepted: auto, or" },
                { "[pace]\nhold = 2h\n", "2: hold: ", "accepted: 0s to 1h" },
                { "[pace]\nunits = yards\n", "2: units: ", "accepted: km, mile" },
                { "[workout]\n", "1: ", "unknown section [workout]" },
                { "[workout ]\n", "1: ", "is no name for a workout" },
                { "[workout a b]\n", "1: ", "is no name for a workout" },
                { "[workout 012345678901234567890123456789012]\n", "1: ", "is no name for a workout" },
                { "[workout a]\n\n[workout b]\nsteps = easy 1h\n", "1: steps: ", "not set" },
                { "[workout a]\nstep = easy 1h\n", "2: step: ", "unknown key in [workout a]; accepted: steps" },
                { "[workout a]\nsteps = easy 1h\n[workout a]\nsteps = easy 1h\n", "4: steps: ", "set twice, first on line 2" },
                { "[workout a]\nsteps = easy 1h, hard\n", "2: steps: ", "not understood from \"hard\" on" },

                /* together */
                { "[runner]\nmax-heart-rate = 100\nresting-heart-rate = 100\n", "3: resting-heart-rate: ", "the resting heart rate, 100 bpm, is not below the maximum, 100 bpm from max-heart-rate" },
                { "[runner]\nresting-heart-rate = 110\nage = 110\n", "2: resting-heart-rate: ", "110 bpm from age (" },
        };
        /* clang-format on */
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *error = NULL;
                char place[128];

                folder_write(folder, cases[i].text);
                error = load_bad(folder);
                (void)snprintf(place, sizeof(place), "cardiod.conf:%s", cases[i].place);
                if (strncmp(error, place, strlen(place)) != 0 ||
                                !strstr(error + strlen(place), cases[i].reason))
                        fail_msg("%s\n\"%s\" is not as expected: \"%s … %s\"", cases[i].text, error, place,
                                        cases[i].reason);
                /* whatever is refused, it is said what is not */
                assert_non_null(strstr(error, "; accepted: "));
        }
}

static void test_refused_nul(void **state)
{
        static const char text[] = "[runner]\nage = 40\0;\n";
        const Folder *folder = *state;
        _cleanup_free_ char *error = NULL;

        write_file(folder->file, text, sizeof(text) - 1);
        error = load_bad(folder);
        assert_string_equal(error, "cardiod.conf:2: a control character; accepted: text");
}

/* The longest line is taken whole, one byte more is refused; its indentation and end do not count. */
static void test_line_limit(void **state)
{
        const Folder *folder = *state;
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_free_ char *error = NULL;
        char text[512];

        (void)snprintf(text, sizeof(text), "[runner]\n  age =%185d\r\n", 43);
        folder_write(folder, text);
        c = load_good(folder->file);
        assert_int_equal(c->age, 43);

        (void)snprintf(text, sizeof(text), "[runner]\nage =%186d\n", 43);
        folder_write(folder, text);
        error = load_bad(folder);
        assert_string_equal(error, "cardiod.conf:2: the line is too long; accepted: at most 190 bytes");
}

static void test_too_many(void **state)
{
        const Folder *folder = *state;
        char text[4096] = "", *end = text;

        for (unsigned i = 0; i < CONFIG_WORKOUTS_MAX; i++)
                end += snprintf(end, sizeof(text) - (size_t)(end - text), "[workout w%u]\nsteps = easy 1h\n",
                                i);
        folder_write(folder, text);
        {
                _cleanup_(config_freep) Config *c = load_good(folder->file);

                assert_int_equal(c->n_workouts, CONFIG_WORKOUTS_MAX);
        }
        (void)snprintf(end, sizeof(text) - (size_t)(end - text), "[workout more]\nsteps = easy 1h\n");
        folder_write(folder, text);
        {
                _cleanup_free_ char *error = load_bad(folder);

                assert_string_equal(error,
                                "cardiod.conf:33: [workout more] is one workout too many; accepted: at most 16");
        }

        {
                _cleanup_free_ char *lines = calloc(1, 10002), *error = NULL;

                assert_non_null(lines);
                memset(lines, '\n', 10001);
                folder_write(folder, lines);
                error = load_bad(folder);
                assert_string_equal(error, "cardiod.conf:10000: too many lines; accepted: at most 10000");
        }
}

static void test_dropin_errors(void **state)
{
        const Folder *folder = *state;
        char expected[PATH_MAX];

        folder_write(folder, "[runner]\nage = 20\n");

        /* in the file it is in */
        folder_dropin(folder, "a.conf", "[runner]\n\nage = x\n");
        {
                _cleanup_free_ char *error = load_bad(folder);

                assert_string_equal(error,
                                "cardiod.conf.d/a.conf:3: age: \"x\" is not understood; accepted: 5 to 120 years");
        }

        /* between two files: the key that was set last, and where the other one was */
        folder_dropin(folder, "a.conf", "[runner]\nresting-heart-rate = 110\n");
        folder_dropin(folder, "b.conf", "[runner]\n\n\nage = 115\n");
        {
                _cleanup_free_ char *error = load_bad(folder);

                (void)snprintf(expected, sizeof(expected),
                                "cardiod.conf.d/a.conf:2: resting-heart-rate: the resting heart rate, 110 bpm, "
                                "is not below the maximum, 105 bpm from age (%s.d/b.conf:4); "
                                "accepted: resting-heart-rate below the maximum",
                                folder->file);
                assert_string_equal(error, expected);
        }
}

static void test_dropin_unreadable(void **state)
{
        const Folder *folder = *state;
        _cleanup_free_ char *error = NULL;
        Config *c = NULL;
        char path[PATH_MAX];

        folder_write(folder, "");
        folder_dropin(folder, "a.conf", "");
        (void)snprintf(path, sizeof(path), "%s.d/b.conf", folder->file);
        assert_int_equal(symlink("nowhere", path), 0);
        assert_int_equal(config_load(folder->file, true, today, &c, &error), -ENOENT);
        assert_non_null(strstr(error, "cardiod.conf.d: b.conf cannot be read: No such file"));
        assert_null(c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_unreadable_file, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_refused, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_refused_nul, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_line_limit, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_too_many, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_dropin_errors, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_dropin_unreadable, folder_setup, folder_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
