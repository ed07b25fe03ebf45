/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/time.h"
#include "cardio/workout.h"

#include "client/session-row.h"
#include "breach.h"

/* Notices to the runner, in words. Pure: figures in, text out. */

typedef enum NoticeType {
        NOTICE_OVER_LIMIT,
        NOTICE_BACK_IN_RANGE,
        NOTICE_OVER_PACE,
        NOTICE_PACE_IN_RANGE,
        NOTICE_SESSION_ENDED,
        NOTICE_ADVICE,
        NOTICE_TALK_TEST, /* advice that asks a question; a summary of the same run replaces it */
        NOTICE_CUE,
        NOTICE_STRAP_LOST,
        NOTICE_STRAP_BACK, /* in the place of the former */
        NOTICE_DISK_REFUSES,
        NOTICE_DISK_WRITES, /* likewise */
        NOTICE_TROUBLE,     /* any other one, which has no end */
        NOTICE_NOT_SNOOZED, /* a button of ours failed; on the desktop only */
        NOTICE_NOT_NOTED,   /* a button of a summary failed, or its page was not opened, likewise */
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
        bool report; /* there is a page of it to open */
        int64_t session;
        int heart_rate, ceiling;  /* bpm, -1 = not known or none; of a finished run, the average */
        double speed, pace_limit; /* m/s, 0 = not known or none; of a finished run, the average */
        bool miles;               /* a pace is told per mile, not per kilometre */
        /* Time above the ceiling or the limit; of a finished run its duration, of a cue its length; -1 = not known. */
        int64_t seconds;
        char summary[96];
        char cue[WORKOUT_CUE_MAX + 2]; /* of a cue, as it is said: "Hard" */
        char body[768];                /* plain text, not markup */

        /* By whoever delivers it. */
        usec_t at_boot_usec; /* when it became known, CLOCK_BOOTTIME */
        const char *sound;   /* the name of the sound that the runner is to hear, NULL = none */
} Notice;

/* "45 s", "1 min 15 s", "42 min", "1 h 2 min": no more exact than somebody would say it. Returns buf. */
#define NOTICE_LENGTH_MAX 48U
const char *notice_length(int64_t seconds, char buf[static NOTICE_LENGTH_MAX]);

/* The notice in one line: the summary, or the text if it has no figures. */
const char *notice_line(const Notice *n);

/* miles: what paces and distances are told by. */
Notice notice_too_fast(const Breach *b, bool miles);
/* Only for what is back in range: a breach that is cut off while still above has no notice. */
Notice notice_in_range(const Breach *b, bool miles);
/* row NULL: the figures are not available. */
Notice notice_session_ended(int64_t session, const SessionRow *row, bool miles);
/* kind and text as the coach signals them; control characters become spaces. */
Notice notice_advice(int64_t session, const char *kind, const char *text);
Notice notice_cue(int64_t session, const char *cue, uint32_t seconds);
/* kind and text of a trouble as cardiod signals them: behind its last colon the text says what follows and what to do. */
NoticeType notice_trouble_type(const char *kind);
Notice notice_trouble(NoticeType type, int64_t session, const char *text);
Notice notice_not_snoozed(int64_t session, const char *reason);
Notice notice_not_noted(int64_t session, const char *reason);
Notice notice_not_opened(int64_t session, const char *reason);
