/* SPDX-License-Identifier: MIT */

/* The runner's own words about sessions and days: which are accepted, and what they mean where the coach listens to
 * them. No clock. */

#include "cardio/diary.h"

#include <assert.h>
#include <string.h>

#include "cardio/kind.h"
#include "cardio/macro.h"

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

static const char *const talk_test_names[] = {
        [TALK_TEST_PASS] = "pass",
        [TALK_TEST_FAIL] = "fail",
};

const char *talk_test_to_string(TalkTest talk_test)
{
        assert(talk_test >= 0 && talk_test < _TALK_TEST_MAX);
        return talk_test_names[talk_test];
}

TalkTest talk_test_from_string(const char *s)
{
        for (size_t i = 0; i < ELEMENTSOF(talk_test_names); i++)
                if (strcmp(s, talk_test_names[i]) == 0)
                        return (TalkTest)i;
        return _TALK_TEST_INVALID;
}

/* Neither left out nor taken back. */
static bool is_given(const char *text)
{
        return text && *text;
}

static bool is_too_long(const char *text, size_t max)
{
        return text && strlen(text) > max;
}

static int refuse(const char *reason, const char **ret_reason)
{
        *ret_reason = reason;
        return -EINVAL;
}

int annotation_check(const Annotation *a, const char **ret_reason)
{
        if (is_given(a->kind) && kind_from_string(a->kind) < 0)
                return refuse("kind is not one of " KIND_ACCEPTED, ret_reason);
        if (is_given(a->talk_test) && talk_test_from_string(a->talk_test) < 0)
                return refuse("talk_test is not " TALK_TEST_ACCEPTED, ret_reason);
        if (a->rpe > RPE_MAX)
                return refuse("rpe is not from 1 to " STRING(RPE_MAX), ret_reason);
        if (is_too_long(a->note, DIARY_NOTE_MAX))
                return refuse("note is longer than 2000 bytes", ret_reason);
        return 0;
}

int body_scan_check(const BodyScan *scan, const char **ret_reason)
{
        if (scan->feel > FEEL_MAX)
                return refuse("feel is not from 1 to " STRING(FEEL_MAX), ret_reason);
        if (is_too_long(scan->mood, DIARY_WORDS_MAX))
                return refuse("mood is longer than 200 bytes", ret_reason);
        if (is_too_long(scan->soreness, DIARY_WORDS_MAX))
                return refuse("soreness is longer than 200 bytes", ret_reason);
        if (is_too_long(scan->pain, DIARY_WORDS_MAX))
                return refuse("pain is longer than 200 bytes", ret_reason);
        if (is_too_long(scan->note, DIARY_NOTE_MAX))
                return refuse("note is longer than 2000 bytes", ret_reason);
        return 0;
}

bool diary_says_some(const char *text)
{
        return is_given(text) && strcmp(text, "no") != 0 && strcmp(text, "none") != 0;
}
