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
        if (is_too_long(scan->pain_gone, DIARY_WORDS_MAX))
                return refuse("pain_gone is longer than 200 bytes", ret_reason);
        if (is_too_long(scan->note, DIARY_NOTE_MAX))
                return refuse("note is longer than 2000 bytes", ret_reason);
        return 0;
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The same words, whatever the case, and the blanks around and between them. */
static bool is_words(const char *text, const char *words)
{
        while (is_blank(*text))
                text++;
        for (; *words; words++) {
                if (*words == ' ' ? !is_blank(*text) : lower(*text) != *words)
                        return false;
                text++;
                while (*words == ' ' && is_blank(*text))
                        text++;
        }
        while (is_blank(*text))
                text++;
        return *text == '\0';
}

bool diary_says_some(const char *text)
{
        static const char *const none[] = { "", "no", "none", "no pain", "nothing", "gone", "fine", "ok", "0",
                "n", "-" };

        if (!text)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                if (is_words(text, none[i]))
                        return false;
        return true;
}

/* A letter, or a byte of one beyond ASCII. */
static bool is_letter(char c)
{
        return (lower(c) >= 'a' && lower(c) <= 'z') || (unsigned char)c >= 0x80 || c == '\'';
}

/* A word of a text against one that may end in '*'. */
static bool is_word(const char *text, size_t n, const char *word)
{
        size_t length = strlen(word);
        bool open = word[length - 1] == '*';

        length -= open;
        if (open ? n < length : n != length)
                return false;
        for (size_t i = 0; i < length; i++)
                if (lower(text[i]) != word[i])
                        return false;
        return true;
}

static bool is_one_of(const char *text, size_t n, const char *const *words, size_t n_words)
{
        for (size_t i = 0; i < n_words; i++)
                if (is_word(text, n, words[i]))
                        return true;
        return false;
}

bool diary_is_low(const char *text)
{
        static const char *const low[] = { "low", "down", "bad", "sad", "blue", "stress*", "anxi*", "worr*",
                "depress*", "gloom*", "moody", "grumpy", "tense", "upset", "lonely", "awful", "terrible",
                "miserable", "unhappy", "angry", "overwhelm*", "frustrat*", "meh", "poor" };
        static const char *const turns[] = { "not", "no", "isn't", "never", "less", "without" };
        bool turned = false;

        for (; text && *text; text++) {
                size_t n = 0;

                while (is_letter(text[n]))
                        n++;
                if (n == 0) {
                        /* "not sad", but "no, sad". */
                        turned = turned && is_blank(*text);
                        continue;
                }
                if (!turned && is_one_of(text, n, low, ELEMENTSOF(low)))
                        return true;
                turned = is_one_of(text, n, turns, ELEMENTSOF(turns)) ||
                         (turned && (is_word(text, n, "too") || is_word(text, n, "very") ||
                                                    is_word(text, n, "so")));
                text += n - 1;
        }
        return false;
}
