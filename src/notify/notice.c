/* SPDX-License-Identifier: MIT */

/* The wording. Figures are whole bpm, to be read at a glance from a treadmill; unknown ones are left out. No clock. */

#include "notice.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/workout.h"

#define LENGTH_STRING_MAX 48
/* A longer cue does not come from cardiod. */
#define CUE_MAX (WORKOUT_CUE_MAX + 1)

static const char *const type_table[_NOTICE_TYPE_MAX] = {
        [NOTICE_OVER_LIMIT] = "over-limit",
        [NOTICE_BACK_IN_RANGE] = "back-in-range",
        [NOTICE_SESSION_ENDED] = "session-ended",
        [NOTICE_ADVICE] = "advice",
        [NOTICE_TALK_TEST] = "advice",
        [NOTICE_CUE] = "cue",
        [NOTICE_NOT_SNOOZED] = "not-snoozed",
        [NOTICE_NOT_NOTED] = "not-noted",
};

const char *notice_type_to_string(NoticeType type)
{
        return type >= 0 && type < _NOTICE_TYPE_MAX ? type_table[type] : NULL;
}

const char *notice_line(const Notice *n)
{
        return n->type == NOTICE_ADVICE || n->type == NOTICE_TALK_TEST ? n->body : n->summary;
}

/* Whole bpm, -1 for an impossible heart rate. */
static int bpm_round(double bpm)
{
        return bpm >= 1 && bpm < 1000 ? (int)lround(bpm) : -1;
}

/* "45 s", "1 min 15 s", "42 min", "1 h 2 min": no more exact than somebody would say it. */
static const char *length_to_string(int64_t s, char buf[static LENGTH_STRING_MAX])
{
        if (s < 60)
                (void)snprintf(buf, LENGTH_STRING_MAX, "%" PRId64 " s", s);
        else if (s < 600 && s % 60 != 0)
                (void)snprintf(buf, LENGTH_STRING_MAX, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
        else if (s < 3600)
                (void)snprintf(buf, LENGTH_STRING_MAX, "%" PRId64 " min", s / 60);
        else if (s % 3600 >= 60)
                (void)snprintf(buf, LENGTH_STRING_MAX, "%" PRId64 " h %" PRId64 " min", s / 3600,
                                s / 60 % 60);
        else
                (void)snprintf(buf, LENGTH_STRING_MAX, "%" PRId64 " h", s / 3600);
        return buf;
}

static _printf_(3, 4) void append(char *buf, size_t size, const char *format, ...)
{
        size_t n = strlen(buf);
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(buf + n, size - n, format, ap); /* the sizes are chosen so that nothing is cut */
        va_end(ap);
}

/* "Too fast: 165 bpm (ceiling 146)" */
static void summary_write(Notice *n, const char *lead)
{
        append(n->summary, sizeof(n->summary), "%s", lead);
        if (n->heart_rate < 0)
                return;
        append(n->summary, sizeof(n->summary), ": %d bpm", n->heart_rate);
        if (n->ceiling >= 0)
                append(n->summary, sizeof(n->summary), " (ceiling %d)", n->ceiling);
}

Notice notice_over_limit(int64_t session, double heart_rate, double ceiling, uint32_t seconds)
{
        Notice n = { .type = NOTICE_OVER_LIMIT,
                .buttons = BUTTONS_ALERT,
                .session = session,
                .heart_rate = bpm_round(heart_rate),
                .ceiling = bpm_round(ceiling),
                .seconds = seconds };
        char length[LENGTH_STRING_MAX];

        summary_write(&n, "Too fast");
        if (seconds > 0)
                append(n.body, sizeof(n.body), "Above it for %s. ", length_to_string(seconds, length));
        append(n.body, sizeof(n.body), "Slow down.");
        return n;
}

Notice notice_back_in_range(int64_t session, double heart_rate, double ceiling, uint32_t seconds)
{
        Notice n = { .type = NOTICE_BACK_IN_RANGE,
                .session = session,
                .heart_rate = bpm_round(heart_rate),
                .ceiling = bpm_round(ceiling),
                .seconds = seconds };
        char length[LENGTH_STRING_MAX];

        summary_write(&n, "Back in range");
        if (seconds > 0)
                append(n.body, sizeof(n.body), "You were above it for %s.",
                                length_to_string(seconds, length));
        return n;
}

/* The title of a finished session of a kind; NULL for a kind of the runner's own. */
static const char *kind_title(const char *kind)
{
        static const char *const titles[_KIND_MAX] = {
                [KIND_REST] = "Session finished",
                [KIND_CROSS_TRAINING] = "Cross-training finished",
                [KIND_RECOVERY] = "Recovery run finished",
                [KIND_BASE] = "Base run finished",
                [KIND_LONG] = "Long run finished",
                [KIND_HARD] = "Hard run finished",
                [KIND_RACE] = "Race finished",
        };
        Kind known = kind_from_string(kind);

        if (!*kind)
                return "Run finished";
        return known >= 0 ? titles[known] : NULL;
}

static void body_write_average(Notice *n, int peak)
{
        size_t end = strlen(n->body);

        if (n->heart_rate < 0) {
                if (end > 0)
                        n->body[end - 1] = '\0'; /* without the last line feed */
                return;
        }
        append(n->body, sizeof(n->body), "Average %d bpm", n->heart_rate);
        if (peak >= 0)
                append(n->body, sizeof(n->body), ", peak %d", peak);
        if (n->ceiling >= 0)
                append(n->body, sizeof(n->body), " (ceiling %d)", n->ceiling);
}

Notice notice_session_ended(int64_t session, const SessionRow *row)
{
        Notice n = { .type = NOTICE_SESSION_ENDED,
                .session = session,
                .heart_rate = -1,
                .ceiling = -1,
                .seconds = -1 };
        char length[LENGTH_STRING_MAX];
        const char *title;

        if (!row) {
                append(n.summary, sizeof(n.summary), "Run finished");
                append(n.body, sizeof(n.body), "cardiod could not be asked for its figures.");
                return n;
        }
        n.heart_rate = bpm_round(row->average);
        n.ceiling = bpm_round(row->ceiling);
        n.seconds = row->duration_s;
        n.buttons = row->ask_if_run      ? BUTTONS_NOT_A_RUN
                    : row->ask_talk_test ? BUTTONS_TALK_TEST
                                         : BUTTONS_NONE;

        title = kind_title(row->kind);
        append(n.summary, sizeof(n.summary), "%s", title ? title : "Run finished");
        if (n.seconds >= 0)
                append(n.summary, sizeof(n.summary), ": %s", length_to_string(n.seconds, length));

        if (!title)
                append(n.body, sizeof(n.body), "Kind: %s\n", row->kind);
        if (*row->verdict)
                append(n.body, sizeof(n.body), "%s\n", row->verdict);
        body_write_average(&n, bpm_round(row->peak));
        return n;
}

Notice notice_advice(int64_t session, const char *kind, const char *text)
{
        bool asks = strcmp(kind, "talk-test") == 0, raced = strcmp(kind, "after-race") == 0;
        Notice n = { .type = asks ? NOTICE_TALK_TEST : NOTICE_ADVICE,
                .buttons = asks ? BUTTONS_TALK_TEST : BUTTONS_NONE,
                .session = session,
                .heart_rate = -1,
                .ceiling = -1,
                .seconds = -1 };

        append(n.summary, sizeof(n.summary), "%s", raced ? "After the race" : "Your coach");
        text_copy(n.body, sizeof(n.body), text);
        return n;
}

/* "Hard for 2 min", "Workout done". */
Notice notice_cue(int64_t session, const char *cue, uint32_t seconds)
{
        Notice n = {
                .type = NOTICE_CUE, .session = session, .heart_rate = -1, .ceiling = -1, .seconds = seconds
        };
        char length[LENGTH_STRING_MAX], clean[CUE_MAX];

        text_copy(clean, sizeof(clean), cue);
        if (strcmp(clean, WORKOUT_CUE_DONE) == 0) {
                append(n.summary, sizeof(n.summary), "Workout done");
                return n;
        }
        append(n.summary, sizeof(n.summary), "%s", clean);
        n.summary[0] = (char)toupper((unsigned char)n.summary[0]);
        if (seconds > 0)
                append(n.summary, sizeof(n.summary), " for %s", length_to_string(seconds, length));
        return n;
}

static Notice notice_refused(NoticeType type, const char *summary, int64_t session, const char *reason)
{
        Notice n = { .type = type, .session = session, .heart_rate = -1, .ceiling = -1, .seconds = -1 };

        append(n.summary, sizeof(n.summary), "%s", summary);
        text_copy(n.body, sizeof(n.body), reason);
        return n;
}

Notice notice_not_snoozed(int64_t session, const char *reason)
{
        return notice_refused(NOTICE_NOT_SNOOZED, "Not snoozed", session, reason);
}

Notice notice_not_noted(int64_t session, const char *reason)
{
        return notice_refused(NOTICE_NOT_NOTED, "Not noted", session, reason);
}
