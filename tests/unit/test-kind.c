/* SPDX-License-Identifier: MIT */

/* What a session was by its record, and the words for kinds, distances and what the runner says. */

#include "cardio/kind.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/coach.h"
#include "cardio/diary.h"
#include "cardio/macro.h"

/* "by the record: `hard` ≥ 10 min at or above 80 %hrr; `long` ≥ 60 min and ≥ 1.5 × the median of the base, long and hard runs of
 * 56 days (fewer than five of them: ≥ 90 min); `recovery` if at least 90 % of it was at or below 65 %hrr; else `base`" */
static void test_by_record(void **state)
{
        static const struct {
                double duration_s, live_s, hard_s, easy_s, median_s;
                size_t n_runs;
                Kind expected;
        } cases[] = {
                { 1800, 1800, 0, 1800, 1800, 9, KIND_RECOVERY },
                { 1800, 1800, 0, 1620, 1800, 9, KIND_RECOVERY },
                { 1800, 1800, 0, 1619.9, 1800, 9, KIND_BASE },
                { 1800, 1800, 599.9, 0, 1800, 9, KIND_BASE },
                { 1800, 1800, 600, 0, 1800, 9, KIND_HARD },
                /* Long: an hour, and half as long again as usual. */
                { 3600, 3600, 0, 3600, 2400, 5, KIND_LONG },
                { 3599, 3599, 0, 3599, 2400, 5, KIND_RECOVERY },
                { 3600, 3600, 0, 0, 2401, 5, KIND_BASE },
                { 7200, 7200, 0, 0, 4800, 5, KIND_LONG },
                { 7199, 7199, 0, 0, 4800, 5, KIND_BASE },
                /* Too few runs to know what is usual. */
                { 5399, 5399, 0, 0, 600, 4, KIND_BASE },
                { 5400, 5400, 0, 0, 600, 4, KIND_LONG },
                { 5400, 5400, 0, 0, 9000, 4, KIND_LONG },
                { 5399, 5399, 0, 0, NAN, 0, KIND_BASE },
                { 5400, 5400, 0, 0, NAN, 0, KIND_LONG },
                /* Hard goes first: it was long all the same. */
                { 7200, 7200, 600, 0, 1800, 9, KIND_HARD },
                /* Without a strap there is the length alone. */
                { 1800, 0, 0, 0, 1800, 9, KIND_BASE },
                { 5400, 0, 0, 0, 1800, 9, KIND_LONG },
                { 0, 0, 0, 0, NAN, 0, KIND_BASE },
                /* A gap counts for the length of a run, not for how it was. */
                { 3600, 1800, 0, 1620, 1800, 9, KIND_LONG },
                { 3000, 1800, 0, 1620, 1800, 9, KIND_RECOVERY },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                SessionRecord record = {
                        cases[i].duration_s,
                        cases[i].live_s,
                        cases[i].hard_s,
                        cases[i].easy_s,
                };
                Kind kind = kind_by_record(&record, cases[i].median_s, cases[i].n_runs);
                bool was_long = kind_was_long(&record, cases[i].median_s, cases[i].n_runs);

                if (kind != cases[i].expected)
                        fail_msg("case %zu: %s", i, kind_to_string(kind));
                if (kind != KIND_HARD)
                        assert_int_equal(was_long, kind == KIND_LONG);
                assert_int_equal(was_long,
                                record.duration_s >= kind_long_from_s(cases[i].median_s, cases[i].n_runs));
        }
}

/* "A run may be hard and long" */
static void test_hard_and_long(void **state)
{
        SessionRecord record = { .duration_s = 5400, .live_s = 5400, .hard_s = 3000 };

        (void)state;
        assert_int_equal(kind_by_record(&record, NAN, 0), KIND_HARD);
        assert_true(kind_was_long(&record, NAN, 0));
        record.duration_s = 5399;
        assert_false(kind_was_long(&record, NAN, 0));
}

/* "by its length, ≥ 2:30 h as a marathon, ≥ 1:15 h as a half, else as a 10k" */
static void test_distance_of_length(void **state)
{
        (void)state;
        assert_int_equal(distance_of_length(0), DISTANCE_10K);
        assert_int_equal(distance_of_length(4499), DISTANCE_10K);
        assert_int_equal(distance_of_length(4500), DISTANCE_HALF);
        assert_int_equal(distance_of_length(8999), DISTANCE_HALF);
        assert_int_equal(distance_of_length(9000), DISTANCE_MARATHON);
}

static void test_median(void **state)
{
        double values[] = { 5, 1, 4, 1, 3 };

        (void)state;
        assert_true(isnan(median_of(values, 0)));
        assert_true(median_of(values, 1) == 5);
        assert_true(median_of(values, 2) == 3);
        assert_true(median_of((double[]){ 5, 1, 4, 1, 3 }, 5) == 3);
        assert_true(median_of((double[]){ 5, 1, 4, 2 }, 4) == 3);
}

static void test_names(void **state)
{
        /* From the most to the least careful. */
        static const char *const kinds[] = {
                "rest",
                "cross-training",
                "recovery",
                "base",
                "long",
                "hard",
                "race",
        };
        static const char *const distances[] = { "5k", "10k", "half", "marathon" };
        static const char *const levels[] = { "new", "returning", "regular", "seasoned" };
        static const char *const phases[] = { "base", "intensity" };

        (void)state;
        assert_int_equal(ELEMENTSOF(kinds), _KIND_MAX);
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                assert_int_equal(kind_from_string(kinds[i]), i);
                assert_string_equal(kind_to_string((Kind)i), kinds[i]);
        }
        assert_int_equal(kind_from_string("Rest"), _KIND_INVALID);
        assert_int_equal(kind_from_string(""), _KIND_INVALID);

        assert_int_equal(ELEMENTSOF(distances), _DISTANCE_MAX);
        for (size_t i = 0; i < ELEMENTSOF(distances); i++) {
                assert_int_equal(distance_from_string(distances[i]), i);
                assert_string_equal(distance_to_string((Distance)i), distances[i]);
        }
        assert_int_equal(distance_from_string("21k"), _DISTANCE_INVALID);
        assert_int_equal(distance_from_string("10K"), _DISTANCE_INVALID);

        assert_int_equal(ELEMENTSOF(levels), _LEVEL_MAX);
        for (size_t i = 0; i < ELEMENTSOF(levels); i++)
                assert_string_equal(level_to_string((Level)i), levels[i]);

        assert_int_equal(ELEMENTSOF(phases), _PHASE_MAX);
        for (size_t i = 0; i < ELEMENTSOF(phases); i++)
                assert_string_equal(phase_to_string((Phase)i), phases[i]);

        assert_int_equal(talk_test_from_string("pass"), TALK_TEST_PASS);
        assert_int_equal(talk_test_from_string("fail"), TALK_TEST_FAIL);
        assert_int_equal(talk_test_from_string("maybe"), _TALK_TEST_INVALID);
        assert_string_equal(talk_test_to_string(TALK_TEST_FAIL), "fail");
}

static void test_annotations(void **state)
{
        static char long_note[DIARY_NOTE_MAX + 2];
        static const struct {
                Annotation a;
                const char *word; /* of the reason; NULL = it is accepted */
        } cases[] = {
                { { NULL, NULL, -1, NULL }, NULL },
                { { "", "", 0, "" }, NULL },
                { { "race", "fail", 10, "windy" }, NULL },
                { { "jog", NULL, -1, NULL }, "kind" },
                { { NULL, "no", -1, NULL }, "talk_test" },
                { { NULL, NULL, 11, NULL }, "rpe" },
                { { NULL, NULL, -1, long_note }, "note" },
        };

        (void)state;
        memset(long_note, 'x', DIARY_NOTE_MAX + 1);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *reason = NULL;

                assert_int_equal(annotation_check(&cases[i].a, &reason), cases[i].word ? -EINVAL : 0);
                if (cases[i].word)
                        assert_ptr_equal(strstr(reason, cases[i].word), reason);
                else
                        assert_null(reason);
        }
}

static void test_body_scans(void **state)
{
        static char words[DIARY_WORDS_MAX + 2], note[DIARY_NOTE_MAX + 2];
        static const struct {
                BodyScan scan;
                const char *word;
        } cases[] = {
                { { .feel = -1 }, NULL },
                { { .feel = 0 }, NULL },
                { { .feel = 5, .mood = "sunny", .soreness = "calves", .pain = "", .note = "n" }, NULL },
                { { .feel = 6 }, "feel" },
                { { .mood = words }, "mood" },
                { { .soreness = words }, "soreness" },
                { { .pain = words }, "pain" },
                { { .note = note }, "note" },
        };

        (void)state;
        memset(words, 'x', DIARY_WORDS_MAX + 1);
        memset(note, 'x', DIARY_NOTE_MAX + 1);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *reason = NULL;

                assert_int_equal(body_scan_check(&cases[i].scan, &reason), cases[i].word ? -EINVAL : 0);
                if (cases[i].word)
                        assert_ptr_equal(strstr(reason, cases[i].word), reason);
        }

        assert_false(diary_says_some(NULL));
        assert_false(diary_says_some(""));
        assert_false(diary_says_some("no"));
        assert_false(diary_says_some("none"));
        assert_true(diary_says_some("left knee"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_by_record),
                cmocka_unit_test(test_hard_and_long),
                cmocka_unit_test(test_distance_of_length),
                cmocka_unit_test(test_median),
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_annotations),
                cmocka_unit_test(test_body_scans),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
