/* SPDX-License-Identifier: MIT */

/* All that is wrong with a configuration is told at once, each mistake once, and nothing that is wrong only because of
 * another one. */

#include <string.h>

#include "config-folder.h"

static void test_all_mistakes(void **state)
{
        /* clang-format off */
        static const struct {
                const char *text;
                const char *lines[8]; /* each begins with this */
        } cases[] = {
                { "[runner]\nage = x\nsex = odd\n[ceiling]\nholdd = 1s\nhold = 1\n", { "2: age: ", "3: sex: ", "5: holdd: ", "6: hold: " } },
                /* lines that are none, wherever they stand */
                { "[runner]\nage\nage = x\nborn\n\x01\n", { "2: not understood", "3: age: ", "4: not understood", "5: a control character" } },
                { "age = 4\nfoo = 5\n", { "1: age: before any section", "2: foo: before any section" } },
                { "[runner] age = 40\nage = x\n", { "1: more behind the section's name", "2: age: \"x\"" } },
                /* what is below a section that is none says nothing */
                { "[celing]\nfoo = 5\nbar\n[runner]\nage = x\n", { "1: unknown section [celing]", "5: age: " } },
                { "[runner\nfoo = 5\n[workout a b]\nsteps = x\n[runner]\nage = x\n", { "1: the section's name does not end", "3: [workout a b] is no name", "6: age: " } },
                /* a line of its own length, and the next one */
                { "[runner]\nage = 000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                  "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\nsex = odd\n",
                  { "2: the line is too long", "3: sex: " } },
                /* files as a whole */
                { "[ceiling]\nceiling = 90%lthr\n[coach]\nbase-ceiling = 91%lthr\n[zones]\nmodel = custom\n[session]\ncool-down = 6min\n",
                  { "2: ceiling: \"90%lthr\" needs", "4: base-ceiling: \"91%lthr\" needs", "6: model: \"custom\" needs bounds", "8: cool-down: " } },
                { "[workout a]\n[workout b]\nsteps = hop\n", { "3: steps: not understood", "1: steps: not set" } },
                /* twice is one mistake */
                { "[ceiling]\nhold = 1s\nhold = 2s\nhold = 3\n", { "3: hold: set twice", "4: hold: set twice" } },
                { "[ceiling]\nhold = x\nhold = 2s\n", { "2: hold: \"x\"", "3: hold: set twice" } },
                { "[runner]\nage = 40\nborn = x\n", { "3: born: \"x\"", "3: born: age is set too" } },
                /* what follows from another mistake is none */
                { "[ceiling]\nceiling = 90%lthr\n[runner]\nlactate-threshold = x\n", { "4: lactate-threshold: " } },
                { "[ceiling]\nceiling = 90%lthr\n[runner]\nlactate-treshold = 160\n", { "4: lactate-treshold: " } },
                { "[ceiling]\nceiling = 90%lthr\n[runer]\nlactate-threshold = 160\n", { "3: unknown section [runer]" } },
                { "[zones]\nmodel = custom\nbounds = 200 100\n", { "3: bounds: " } },
                { "[zones]\nmodel = max\nmodel = custom\nbounds = 200\n", { "3: model: set twice" } },
                { "[session]\ncool-down = 6min\nend-after = x\n", { "3: end-after: " } },
                { "[session]\ncool-down = 6min\nend-aftr = 10min\n", { "3: end-aftr: " } },
                { "[runner]\nresting-heart-rate = 110\nage = 110\nmax-heart-rate = x\n", { "4: max-heart-rate: " } },
                { "[workout a]\nstep = easy 1h\n", { "2: step: unknown key" } },
                /* but what was set is compared all the same */
                { "[session]\ncool-down = 6min\nend-after = 1min\nfoo = 1\n", { "4: foo: ", "2: cool-down: " } },
        };
        /* clang-format on */
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *error = NULL;
                char *save = NULL, *line;
                size_t n = 0;

                folder_write(folder, cases[i].text);
                error = load_bad(folder);
                for (line = strtok_r(error, "\n", &save); line; line = strtok_r(NULL, "\n", &save), n++) {
                        const char *found = strstr(line, "cardiod.conf:"),
                                   *expected = n < ELEMENTSOF(cases[i].lines) ? cases[i].lines[n] : NULL;

                        if (!found || !expected ||
                                        strncmp(found + strlen("cardiod.conf:"), expected,
                                                        strlen(expected)) != 0)
                                fail_msg("%s\n\"%s\", expected \"%s\"", cases[i].text, line,
                                                expected ? expected : "no more");
                        assert_non_null(strstr(line, "; accepted: "));
                }
                if (cases[i].lines[n])
                        fail_msg("%s\nnot told: \"%s\"", cases[i].text, cases[i].lines[n]);
        }
}

/* All files are read, whatever is wrong with one. */
static void test_all_files(void **state)
{
        const Folder *folder = *state;
        _cleanup_free_ char *error = NULL;
        char path[PATH_MAX];

        folder_write(folder, "[runner]\nage = x\n");
        folder_dropin(folder, "a.conf", "[runner]\nage = 30\n[ceiling]\nhold = x\n");
        (void)snprintf(path, sizeof(path), "%s.d/b.conf", folder->file);
        assert_int_equal(symlink("nowhere", path), 0);
        folder_dropin(folder, "c.conf", "[ceiling]\nclear = x\n");
        error = load_bad(folder);
        assert_non_null(strstr(error, "cardiod.conf:2: age: "));
        assert_non_null(strstr(error, "a.conf:4: hold: "));
        assert_non_null(strstr(error, "cardiod.conf.d: b.conf cannot be read: "));
        assert_non_null(strstr(error, "c.conf:2: clear: "));
}

/* A later file's good value replaces one that was refused, but the mistake stays one. */
static void test_refused_then_replaced(void **state)
{
        const Folder *folder = *state;
        _cleanup_free_ char *error = NULL;

        folder_write(folder, "[runner]\nresting-heart-rate = x\nmax-heart-rate = 100\n");
        folder_dropin(folder, "a.conf", "[runner]\nresting-heart-rate = 110\n");
        error = load_bad(folder);
        assert_non_null(strstr(error, "cardiod.conf:2: resting-heart-rate: \"x\""));
        assert_non_null(strstr(error, "a.conf:2: resting-heart-rate: the resting heart rate, 110 bpm"));
}

/* There is a limit to what is told, and none to what is counted. */
static void test_many_mistakes(void **state)
{
        static const unsigned counts[] = { 1, 2, 19, 20, 21, 23, 500 };
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(counts); i++) {
                _cleanup_free_ char *error = NULL, *brief = NULL;
                char text[8192] = "[runner]\n", expected[64] = "";
                unsigned lines = 1;

                for (unsigned n = 0; n < counts[i]; n++)
                        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "key%u = 1\n", n);
                folder_write(folder, text);
                error = load_bad(folder);
                for (const char *c = error; *c; c++)
                        lines += *c == '\n';
                assert_int_equal(lines, counts[i] <= 20 ? counts[i] : 21);
                if (counts[i] > 20)
                        (void)snprintf(expected, sizeof(expected), "\nand %u more mistakes", counts[i] - 20);
                if (counts[i] == 21)
                        assert_string_equal(strrchr(error, '\n'), "\nand 1 more mistake");
                else if (counts[i] > 20)
                        assert_string_equal(strrchr(error, '\n'), expected);

                brief = config_errors_brief(error);
                assert_null(strchr(brief, '\n'));
                assert_int_equal(strncmp(brief, "cardiod.conf:2: key0: ", 22), 0);
                (void)snprintf(expected, sizeof(expected), "; and %u more mistake%s, which `cardiod ",
                                counts[i] - 1, counts[i] == 2 ? "" : "s");
                assert_int_equal(strstr(brief, expected) != NULL, counts[i] > 1);
        }
}

/* What people write for yes, no and miles is understood, and written back in one way. */
static void test_words_for_yes(void **state)
{
        static const struct {
                const char *text, *printed;
        } cases[] = {
                { "[coach]\nrest-days = no", "\nrest-days = no\n" },
                { "[coach]\nrest-days = No", "\nrest-days = no\n" },
                { "[coach]\nrest-days = false", "\nrest-days = no\n" },
                { "[coach]\nrest-days = OFF", "\nrest-days = no\n" },
                { "[coach]\nrest-days = YES", "\nrest-days = yes\n" },
                { "[sensor]\ntrust-contact = False", "\ntrust-contact = no\n" },
                { "[sensor]\ntrust-contact = True", "\ntrust-contact = yes\n" },
                { "[sensor]\ntrust-contact = on", "\ntrust-contact = yes\n" },
                { "[pace]\nunits = miles", "\nunits = mile\n" },
                { "[pace]\nunits = Mile", "\nunits = mile\n" },
                { "[pace]\nunits = KM", "\nunits = km\n" },
        };
        static const char *const refused[] = { "[coach]\nrest-days = 1\n", "[coach]\nrest-days = miles\n",
                "[pace]\nunits = yes\n", "[pace]\nunits = off\n", "[coach]\nrest-days = y\n" };
        const Folder *folder = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(config_freep) Config *c = NULL;
                _cleanup_free_ char *text = NULL;
                size_t size;
                FILE *f;

                folder_write(folder, cases[i].text);
                c = load_good(folder->file);
                f = open_memstream(&text, &size);
                assert_non_null(f);
                assert_int_equal(config_print(c, f), 0);
                assert_int_equal(fclose(f), 0);
                if (!strstr(text, cases[i].printed))
                        fail_msg("%s is not printed as %s", cases[i].text, cases[i].printed);
        }
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                _cleanup_free_ char *error = NULL;

                folder_write(folder, refused[i]);
                error = load_bad(folder);
                assert_non_null(strstr(error, "is not understood; accepted: "));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_all_mistakes, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_all_files, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_refused_then_replaced, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_many_mistakes, folder_setup, folder_teardown),
                cmocka_unit_test_setup_teardown(test_words_for_yes, folder_setup, folder_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
