/* SPDX-License-Identifier: MIT */

/* The wording. Figures are whole bpm, and paces whole seconds, to be read at a glance from a treadmill; unknown ones are left out.
 * No clock. */

#include "notice.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/pace-text.h"

/* A longer cue does not come from cardiod. */
#define CUE_MAX (WORKOUT_CUE_MAX + 1)
/* m/s; nobody runs so fast. */
#define SPEED_MAX 20.0
/* A longer run does not come from cardiod. */
#define METRES_MAX 1e6

static const char *const type_table[_NOTICE_TYPE_MAX] = {
        [NOTICE_OVER_LIMIT] = "over-limit",
        [NOTICE_BACK_IN_RANGE] = "back-in-range",
        [NOTICE_OVER_PACE] = "over-pace",
        [NOTICE_PACE_IN_RANGE] = "pace-in-range",
        [NOTICE_SESSION_ENDED] = "session-ended",
        [NOTICE_ADVICE] = "advice",
        [NOTICE_TALK_TEST] = "advice",
        [NOTICE_CUE] = "cue",
        [NOTICE_STRAP_LOST] = "trouble",
        [NOTICE_STRAP_BACK] = "trouble-over",
        [NOTICE_DISK_REFUSES] = "trouble",
        [NOTICE_DISK_WRITES] = "trouble-over",
        [NOTICE_TROUBLE] = "trouble",
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

/* m/s, 0 for what is no runner's, or is too slow to be a pace. */
static double speed_check(double speed)
{
        return speed >= 1000.0 / PACE_SLOWEST_S && speed < SPEED_MAX ? speed : 0;
}

const char *notice_length(int64_t s, char buf[static NOTICE_LENGTH_MAX])
{
        if (s < 60)
                (void)snprintf(buf, NOTICE_LENGTH_MAX, "%" PRId64 " s", s);
        else if (s < 600 && s % 60 != 0)
                (void)snprintf(buf, NOTICE_LENGTH_MAX, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
        else if (s < 3600)
                (void)snprintf(buf, NOTICE_LENGTH_MAX, "%" PRId64 " min", s / 60);
        else if (s % 3600 >= 60)
                (void)snprintf(buf, NOTICE_LENGTH_MAX, "%" PRId64 " h %" PRId64 " min", s / 3600,
                                s / 60 % 60);
        else
                (void)snprintf(buf, NOTICE_LENGTH_MAX, "%" PRId64 " h", s / 3600);
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

/* "Too fast: 165 bpm (ceiling 146)", "Too fast: 5:40 /km (limit 6:45)" */
static void summary_write(Notice *n, const char *lead)
{
        char pace[PACE_TEXT_MAX];

        append(n->summary, sizeof(n->summary), "%s", lead);
        if (n->heart_rate >= 0) {
                append(n->summary, sizeof(n->summary), ": %d bpm", n->heart_rate);
                if (n->ceiling >= 0)
                        append(n->summary, sizeof(n->summary), " (ceiling %d)", n->ceiling);
        }
        if (n->speed > 0) {
                append(n->summary, sizeof(n->summary), ": %s", pace_to_string(n->speed, n->miles, pace));
                if (n->pace_limit > 0)
                        append(n->summary, sizeof(n->summary), " (limit %s)",
                                        pace_to_clock(n->pace_limit, n->miles, pace));
        }
}

static Notice notice_breach(NoticeType type, const Breach *b, bool miles)
{
        Notice n = { .type = type,
                .session = b->session,
                .heart_rate = -1,
                .ceiling = -1,
                .miles = miles,
                .seconds = b->seconds };

        if (b->kind == BREACH_PACE) {
                n.speed = speed_check(b->value);
                n.pace_limit = speed_check(b->limit);
        } else {
                n.heart_rate = bpm_round(b->value);
                n.ceiling = bpm_round(b->limit);
        }
        return n;
}

Notice notice_too_fast(const Breach *b, bool miles)
{
        bool pace = b->kind == BREACH_PACE;
        Notice n = notice_breach(pace ? NOTICE_OVER_PACE : NOTICE_OVER_LIMIT, b, miles);
        char length[NOTICE_LENGTH_MAX], limit[PACE_TEXT_MAX];

        n.buttons = BUTTONS_ALERT;
        summary_write(&n, "Too fast");
        if (n.seconds > 0)
                append(n.body, sizeof(n.body), "%s for %s. ", pace ? "Faster" : "Above it",
                                notice_length(n.seconds, length));
        append(n.body, sizeof(n.body), "Slow down");
        if (n.pace_limit > 0)
                append(n.body, sizeof(n.body), ": a recovery run is %s or slower",
                                pace_to_string(n.pace_limit, miles, limit));
        append(n.body, sizeof(n.body), ".");
        return n;
}

Notice notice_in_range(const Breach *b, bool miles)
{
        bool pace = b->kind == BREACH_PACE;
        Notice n = notice_breach(pace ? NOTICE_PACE_IN_RANGE : NOTICE_BACK_IN_RANGE, b, miles);
        char length[NOTICE_LENGTH_MAX];

        summary_write(&n, "Back in range");
        if (n.seconds > 0)
                append(n.body, sizeof(n.body), "You were %s for %s.", pace ? "faster" : "above it",
                                notice_length(n.seconds, length));
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

/* "8.42 km at 6:12 /km" */
static void body_write_way(Notice *n, double metres)
{
        char distance[PACE_TEXT_MAX], pace[PACE_TEXT_MAX];

        if (!(metres > 0 && metres < METRES_MAX))
                return;
        append(n->body, sizeof(n->body), "%s", metres_to_string(metres, n->miles, distance));
        if (n->speed > 0)
                append(n->body, sizeof(n->body), " at %s", pace_to_string(n->speed, n->miles, pace));
        append(n->body, sizeof(n->body), "\n");
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

Notice notice_session_ended(int64_t session, const SessionRow *row, bool miles)
{
        Notice n = { .type = NOTICE_SESSION_ENDED,
                .report = true,
                .session = session,
                .heart_rate = -1,
                .ceiling = -1,
                .miles = miles,
                .seconds = -1 };
        char length[NOTICE_LENGTH_MAX];
        const char *title;

        if (!row) {
                append(n.summary, sizeof(n.summary), "Run finished");
                append(n.body, sizeof(n.body), "cardiod could not be asked for its figures.");
                return n;
        }
        n.heart_rate = bpm_round(row->average);
        n.ceiling = bpm_round(row->ceiling);
        n.speed = speed_check(row->speed);
        n.seconds = row->duration_s;
        n.buttons = row->ask_if_run      ? BUTTONS_NOT_A_RUN
                    : row->ask_talk_test ? BUTTONS_TALK_TEST
                                         : BUTTONS_NONE;

        title = kind_title(row->kind);
        append(n.summary, sizeof(n.summary), "%s", title ? title : "Run finished");
        if (n.seconds >= 0)
                append(n.summary, sizeof(n.summary), ": %s", notice_length(n.seconds, length));

        if (!title)
                append(n.body, sizeof(n.body), "Kind: %s\n", row->kind);
        if (*row->verdict)
                append(n.body, sizeof(n.body), "%s\n", row->verdict);
        body_write_way(&n, 1000 * row->distance_km);
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
        char length[NOTICE_LENGTH_MAX], clean[CUE_MAX];

        text_copy(clean, sizeof(clean), cue);
        if (strcmp(clean, WORKOUT_CUE_DONE) == 0) {
                append(n.summary, sizeof(n.summary), "Workout done");
                append(n.cue, sizeof(n.cue), "Workout done");
                return n;
        }
        clean[0] = (char)toupper((unsigned char)clean[0]);
        append(n.summary, sizeof(n.summary), "%s", clean);
        append(n.cue, sizeof(n.cue), "%s", clean);
        if (seconds > 0)
                append(n.summary, sizeof(n.summary), " for %s", notice_length(seconds, length));
        return n;
}

NoticeType notice_trouble_type(const char *kind)
{
        static const struct {
                const char *kind;
                NoticeType type;
        } types[] = {
                { CARDIO_TROUBLE_STRAP_LOST, NOTICE_STRAP_LOST },
                { CARDIO_TROUBLE_STRAP_BACK, NOTICE_STRAP_BACK },
                { CARDIO_TROUBLE_NOT_WRITING, NOTICE_DISK_REFUSES },
                { CARDIO_TROUBLE_WRITING, NOTICE_DISK_WRITES },
        };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strcmp(kind, types[i].kind) == 0)
                        return types[i].type;
        return NOTICE_TROUBLE;
}

/* "The disk is full: make room" */
Notice notice_trouble(NoticeType type, int64_t session, const char *text)
{
        Notice n = { .type = type, .session = session, .heart_rate = -1, .ceiling = -1, .seconds = -1 };
        char clean[sizeof(n.summary) + sizeof(n.body)];
        char *rest = NULL;

        text_copy(clean, sizeof(clean), text);
        for (char *p = clean; (p = strstr(p, ": ")); p += 2)
                rest = p;
        if (rest) {
                *rest = '\0';
                rest += 2;
                text_copy(n.body, sizeof(n.body) - 1, rest);
                if (n.body[0] && n.body[strlen(n.body) - 1] != '.')
                        append(n.body, sizeof(n.body), ".");
                n.body[0] = (char)toupper((unsigned char)n.body[0]);
        }
        text_copy(n.summary, sizeof(n.summary), clean);
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

Notice notice_not_opened(int64_t session, const char *reason)
{
        return notice_refused(NOTICE_NOT_NOTED, "The report was not opened", session, reason);
}
