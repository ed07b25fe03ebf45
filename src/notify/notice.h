/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdint.h>

#include "client/session-row.h"

/* Notices to the runner, in words. Pure: figures in, text out. */

typedef enum NoticeType {
        NOTICE_OVER_LIMIT,
        NOTICE_BACK_IN_RANGE,
        NOTICE_SESSION_ENDED,
        NOTICE_ADVICE,
        NOTICE_TALK_TEST, /* advice that asks a question; a summary of the same run replaces it */
        NOTICE_CUE,
        NOTICE_NOT_SNOOZED, /* a button of ours failed; on the desktop only */
        NOTICE_NOT_NOTED,   /* a button of a summary failed, likewise */
        _NOTICE_TYPE_MAX,
        _NOTICE_TYPE_INVALID = -EINVAL,
} NoticeType;

/* The name of the event in --print and CARDIO_EVENT. */
const char *notice_type_to_string(NoticeType type);

/* The buttons of a notice. */
typedef enum NoticeButtons {
        BUTTONS_NONE,
        BUTTONS_ALERT,     /* snooze, mute */
        BUTTONS_TALK_TEST, /* I could talk, I could not */
        BUTTONS_NOT_A_RUN,
        _BUTTONS_MAX,
        _BUTTONS_INVALID = -EINVAL,
} NoticeButtons;

typedef struct Notice {
        NoticeType type;
        NoticeButtons buttons;
        int64_t session;
        int heart_rate, ceiling; /* bpm, -1 = not known or none; of a finished run, the average */
        /* Time above the ceiling; of a finished run its duration, of a cue its length; -1 = not known. */
        int64_t seconds;
        char summary[96];
        char body[768]; /* plain text, not markup */
} Notice;

/* The notice in one line: the summary, or the text if it has no figures. */
const char *notice_line(const Notice *n);

Notice notice_over_limit(int64_t session, double heart_rate, double ceiling, uint32_t seconds);
/* Only for a heart rate back in range: a breach that is cut off while still above has no notice. */
Notice notice_back_in_range(int64_t session, double heart_rate, double ceiling, uint32_t seconds);
/* row NULL: the figures are not available. */
Notice notice_session_ended(int64_t session, const SessionRow *row);
/* kind and text as the coach signals them; control characters become spaces. */
Notice notice_advice(int64_t session, const char *kind, const char *text);
Notice notice_cue(int64_t session, const char *cue, uint32_t seconds);
Notice notice_not_snoozed(int64_t session, const char *reason);
Notice notice_not_noted(int64_t session, const char *reason);
