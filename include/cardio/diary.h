/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

/* What the runner says: of a session, and of a day. Everything is optional; what is given later replaces that one thing
 * and leaves the others. */

/* Could the runner hold a conversation, finish a sentence without a breath? */
typedef enum TalkTest {
        TALK_TEST_PASS,
        TALK_TEST_FAIL,
        _TALK_TEST_MAX,
        _TALK_TEST_INVALID = -EINVAL,
} TalkTest;

#define TALK_TEST_ACCEPTED "pass or fail"

const char *talk_test_to_string(TalkTest talk_test);
TalkTest talk_test_from_string(const char *s);

/* How hard it felt, 1 to 10; how the day feels, 1 (poor) to 5 (fresh). */
#define RPE_MAX  10
#define FEEL_MAX 5

/* The longest texts, in bytes. */
#define DIARY_WORDS_MAX 200U /* mood, soreness, pain */
#define DIARY_NOTE_MAX  2000U

/* Of texts NULL leaves what is there and "" takes it back; of numbers a negative one leaves, and 0 takes back. */
typedef struct Annotation {
        const char *kind;
        const char *talk_test;
        int rpe;
        const char *note;
} Annotation;

#define ANNOTATION_NOTHING ((Annotation){ .rpe = -1 })

/* The body scan. */
typedef struct BodyScan {
        int feel;
        const char *mood, *soreness, *pain, *note;
        int pain_worsening;    /* negative leaves, 0 no, 1 yes */
        int pain_gait;         /* it changes how the runner moves; likewise */
        const char *pain_gone; /* a pain that stands, by its text: that one alone is over */
} BodyScan;

#define BODY_SCAN_NOTHING ((BodyScan){ .feel = -1, .pain_worsening = -1, .pain_gait = -1 })

/* Return 0; or -EINVAL and in ret_reason what is wrong and what is accepted. */
int annotation_check(const Annotation *a, const char **ret_reason);
int body_scan_check(const BodyScan *scan, const char **ret_reason);

/* A pain or a soreness that says there is something. What says there is none, whatever the case and blanks: nothing, no,
 * none, no pain, nothing, gone, fine, ok, 0, n and -. NULL says nothing either. */
bool diary_says_some(const char *text);

/* A mood that has a word for a low one in it: low, down, sad, stressed, worried and the like, and no "not" before it. NULL
 * and "" have none. */
bool diary_is_low(const char *text);
