/* SPDX-License-Identifier: MIT */
/* Merges a session's heart rates, R-R intervals, events and pace by time, row by row from three statements, so that a session of a
 * day takes no more memory than one of a minute. Times are ms since the session's start.
 *
 * A row that no daemon writes, as in a damaged database, is left out: whatever comes out of here is in order of time, within
 * what exchange.h says, and UTF-8. */
#include "export/session-stream.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/measurement.h"
#include "cardio/text.h"
#include "memory.h"

/* The year 9999 ends then, and none of the formats has later ones; in Unix ms. */
#define STARTED_MAX INT64_C(253402300799999)
/* No session is longer; in ms. */
#define T_MAX (INT64_C(366) * 24 * 3600 * 1000)

/* No clock is further from UTC. */
#define OFFSET_MAX_S (24 * 3600)

/* What the columns below are, in order; the texts in the order of StreamText. */
enum {
        HEAD_STARTED,
        HEAD_OFFSET,
        HEAD_TEXT,
        HEAD_TEXT_LAST = HEAD_TEXT + _STREAM_TEXT_MAX - 1,
        HEAD_AVERAGE,
        HEAD_LOWEST,
        HEAD_PEAK,
        HEAD_RESTING,
        HEAD_MAXIMUM,
        HEAD_CEILING,
        HEAD_TOLERANCE,
        HEAD_LIVE,
        HEAD_OVER,
        HEAD_TRIMP,
        HEAD_LONGEST_BREACH,
        HEAD_HARD,
        HEAD_EASY,
        HEAD_RMSSD,
        HEAD_SDNN,
        HEAD_PNN50,
        HEAD_ARTEFACT_PERCENT,
        HEAD_HRR60,
        HEAD_BREACHES,
        HEAD_RPE,
        HEAD_BY_HAND,
        HEAD_RECORD_LONG,
        HEAD_DATE,
        HEAD_TIME,
        HEAD_ENDED,
        HEAD_CLOCK_KNOWN,
        HEAD_LAST_T,
        HEAD_LENGTH,
        HEAD_HAS_ALPHA1,
        HEAD_HAS_PACE,
        HEAD_BEATS_KNOWN,
};
static const char head_sql[] =
                "SELECT s.started_at, s.utc_offset_s,"
                " d.kind, s.kind, s.record_kind, coalesce(n.name, s.device), s.sport, s.note, s.talk_test, s.verdict,"
                " s.source, s.content,"
                " s.ceiling_expression, s.zone_model, s.zone_bounds, s.sex, s.day_kind, s.workout,"
                " s.avg_hr, s.min_hr, s.peak_hr, s.resting_hr, s.max_hr, s.ceiling, s.tolerance,"
                " s.live_s, s.over_s, s.trimp, s.longest_breach_s, s.hard_s, s.easy_s,"
                " s.rmssd, s.sdnn, s.pnn50, s.artefact_percent, s.hrr60, s.breaches, s.rpe,"
                " s.by_hand, s.record_long,"
                " d.local_date, strftime('%H%M', l.local_s, 'unixepoch'), s.ended_at IS NOT NULL, s.clock_known,"
                " (SELECT max(t) FROM sample WHERE session_id = s.id), s.ended_at - s.started_at,"
                " EXISTS (SELECT 1 FROM alpha1 WHERE session_id = s.id AND alpha1 IS NOT NULL),"
                " EXISTS (SELECT 1 FROM pace WHERE session_id = s.id), s.beats_known"
                "  FROM session AS s JOIN session_days AS d ON d.id = s.id JOIN session_lengths AS l ON l.id = s.id"
                "  LEFT JOIN sensor AS n ON n.id = s.sensor_id"
                " WHERE s.id = ?1";

static const char zones_sql[] = "SELECT zone, seconds FROM zone_time WHERE session_id = ?1";

enum {
        SAMPLE_T,
        SAMPLE_HEART_RATE,
        SAMPLE_SMOOTHED,
        SAMPLE_ZONE,
        SAMPLE_CONTACT,
        SAMPLE_SETTLED,
        SAMPLE_RR,
        SAMPLE_FLAGS, /* "SEQ:FLAG,…" of the intervals that are not normal */
        SAMPLE_HAS_ALPHA1,
        SAMPLE_ALPHA1
};
static const char samples_sql[] =
                "SELECT s.t, heart_rate, smoothed, zone, contact, settled, rr_json,"
                "       (SELECT group_concat(seq || ':' || flag) FROM artefact WHERE session_id = ?1 AND t = s.t),"
                "       a.t IS NOT NULL, a.alpha1"
                "  FROM sample AS s LEFT JOIN alpha1 AS a ON a.session_id = ?1 AND a.t = s.t"
                " WHERE s.session_id = ?1 ORDER BY s.t";

enum { EVENT_T, EVENT_TYPE, EVENT_VALUE, EVENT_DETAIL };
static const char events_sql[] = "SELECT t, type, value, detail"
                                 "  FROM event WHERE session_id = ?1 ORDER BY t, id";

enum { PACE_T, PACE_SPEED, PACE_CADENCE, PACE_DISTANCE, PACE_INCLINE, PACE_ASCENT };
static const char paces_sql[] = "SELECT t, speed, cadence, distance, incline, ascent"
                                "  FROM pace WHERE session_id = ?1 ORDER BY t";

/* -- The session ------------------------------------------------------------------------------------------- */

/* A copy whose bytes are all UTF-8; what is not becomes a question mark. NULL is "". To be freed. */
static char *utf8_copy(sqlite3_stmt *s, int column)
{
        const char *text = (const char *)sqlite3_column_text(s, column);
        char *copy = checked(strdup(text ? text : ""));

        for (char *p = copy; *p;) {
                uint32_t c;
                size_t n = utf8_next(p, &c);

                if (c == UTF8_INVALID)
                        *p = '?';
                p += n;
        }
        return copy;
}

static double number(sqlite3_stmt *s, int column)
{
        return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}

/* A heart rate, a time or a load: nothing that is below 0. */
static double figure(sqlite3_stmt *s, int column)
{
        double value = number(s, column);

        return value >= 0 && isfinite(value) ? value : NAN;
}

/* Of a date or a time, "" if it is neither: it becomes part of a file's name. */
static void copy_digits(sqlite3_stmt *s, int column, char *ret, size_t size)
{
        const char *text = (const char *)sqlite3_column_text(s, column);

        if (text && strlen(text) < size && strspn(text, "0123456789-") == strlen(text))
                (void)stpcpy(ret, text);
        else
                *ret = '\0';
}

static void read_head(SessionStream *stream, int64_t id)
{
        sqlite3_stmt *s = stream->head;
        bool has_heart_rates = sqlite3_column_type(s, HEAD_LAST_T) != SQLITE_NULL;
        int64_t started_at = sqlite3_column_int64(s, HEAD_STARTED);
        int64_t length = sqlite3_column_int64(s, has_heart_rates ? HEAD_LAST_T : HEAD_LENGTH),
                rpe = sqlite3_column_int64(s, HEAD_RPE), offset_s = sqlite3_column_int64(s, HEAD_OFFSET);

        for (int i = 0; i < _STREAM_TEXT_MAX; i++)
                stream->text[i] = utf8_copy(s, HEAD_TEXT + i);
        copy_digits(s, HEAD_DATE, stream->date, sizeof(stream->date));
        copy_digits(s, HEAD_TIME, stream->time, sizeof(stream->time));
        stream->ended = sqlite3_column_int(s, HEAD_ENDED) != 0;
        stream->clock_known = sqlite3_column_int(s, HEAD_CLOCK_KNOWN) != 0;
        stream->has_heart_rates = has_heart_rates;
        stream->beats_known = sqlite3_column_int(s, HEAD_BEATS_KNOWN) != 0;
        stream->dated = started_at >= 0 && started_at <= STARTED_MAX;
        stream->session = (ExchangeSession){
                .id = id,
                .started_at = started_at,
                .length = length < 0       ? 0
                          : length > T_MAX ? T_MAX
                                           : length,
                .utc_offset_s = offset_s >= -OFFSET_MAX_S && offset_s <= OFFSET_MAX_S ? (int32_t)offset_s : 0,
                .kind = stream->text[STREAM_KIND],
                .said_kind = stream->text[STREAM_SAID_KIND],
                .record_kind = stream->text[STREAM_RECORD_KIND],
                .device = stream->text[STREAM_DEVICE],
                .sport = stream->text[STREAM_SPORT],
                .note = stream->text[STREAM_NOTE],
                .talk_test = stream->text[STREAM_TALK_TEST],
                .verdict = stream->text[STREAM_VERDICT],
                .source = stream->text[STREAM_SOURCE],
                .content = stream->text[STREAM_CONTENT],
                .ceiling_expression = stream->text[STREAM_CEILING_EXPRESSION],
                .zone_model = stream->text[STREAM_ZONE_MODEL],
                .zone_bounds = stream->text[STREAM_ZONE_BOUNDS],
                .sex = stream->text[STREAM_SEX],
                .day_kind = stream->text[STREAM_DAY_KIND],
                .workout = stream->text[STREAM_WORKOUT],
                .average = figure(s, HEAD_AVERAGE),
                .lowest = figure(s, HEAD_LOWEST),
                .peak = figure(s, HEAD_PEAK),
                .resting = figure(s, HEAD_RESTING),
                .maximum = figure(s, HEAD_MAXIMUM),
                .ceiling = figure(s, HEAD_CEILING),
                .tolerance = figure(s, HEAD_TOLERANCE),
                .live_s = figure(s, HEAD_LIVE),
                .over_s = figure(s, HEAD_OVER),
                .trimp = figure(s, HEAD_TRIMP),
                .longest_breach_s = figure(s, HEAD_LONGEST_BREACH),
                .hard_s = figure(s, HEAD_HARD),
                .easy_s = figure(s, HEAD_EASY),
                .rmssd = figure(s, HEAD_RMSSD),
                .sdnn = figure(s, HEAD_SDNN),
                .pnn50 = figure(s, HEAD_PNN50),
                .artefact_percent = figure(s, HEAD_ARTEFACT_PERCENT),
                .hrr60 = number(s, HEAD_HRR60),
                .breaches = sqlite3_column_int64(s, HEAD_BREACHES),
                .rpe = rpe >= 1 && rpe <= 10 ? (int)rpe : 0,
                .by_hand = sqlite3_column_int(s, HEAD_BY_HAND) != 0,
                .record_long = sqlite3_column_int(s, HEAD_RECORD_LONG) != 0,
                .clock_known = stream->clock_known,
                .has_alpha1 = sqlite3_column_int(s, HEAD_HAS_ALPHA1) != 0,
                .has_pace = sqlite3_column_int(s, HEAD_HAS_PACE) != 0,
        };
        for (size_t i = 0; i < EXCHANGE_ZONES; i++)
                stream->session.zone_s[i] = NAN;
}

static Outcome prepare(const Database *d, const char *sql, int64_t id, sqlite3_stmt **ret)
{
        Outcome outcome = database_prepare(d, sql, ret);

        if (outcome == OUTCOME_DONE)
                (void)sqlite3_bind_int64(*ret, 1, id); /* it has that parameter */
        return outcome;
}

static Outcome read_zones(SessionStream *stream)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome = prepare(stream->d, zones_sql, stream->session.id, &s);
        bool row = outcome == OUTCOME_DONE;

        while (row) {
                outcome = database_step(stream->d, s, &row);
                if (outcome != OUTCOME_DONE || !row)
                        break;
                if (sqlite3_column_int64(s, 0) >= 0 && sqlite3_column_int64(s, 0) < EXCHANGE_ZONES)
                        stream->session.zone_s[sqlite3_column_int64(s, 0)] = figure(s, 1);
        }
        return outcome;
}

Outcome session_stream_open(const Database *d, int64_t id, SessionStream *ret)
{
        bool row = false;
        Outcome outcome;

        *ret = (SessionStream){ .d = d };
        outcome = prepare(d, head_sql, id, &ret->head);
        if (outcome == OUTCOME_DONE)
                outcome = prepare(d, samples_sql, id, &ret->samples);
        if (outcome == OUTCOME_DONE)
                outcome = prepare(d, events_sql, id, &ret->events);
        if (outcome == OUTCOME_DONE)
                outcome = prepare(d, paces_sql, id, &ret->paces);
        if (outcome == OUTCOME_DONE)
                outcome = database_step(d, ret->head, &row);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!row)
                return fail(OUTCOME_NOT_FOUND, "there is no session %lld", (long long)id);
        read_head(ret, id);
        (void)sqlite3_reset(ret->head); /* there is one row at most */
        return read_zones(ret);
}

void session_stream_close(SessionStream *s)
{
        (void)sqlite3_finalize(s->head);
        (void)sqlite3_finalize(s->samples);
        (void)sqlite3_finalize(s->events);
        (void)sqlite3_finalize(s->paces);
        for (size_t i = 0; i < ELEMENTSOF(s->text); i++)
                free(s->text[i]);
        free(s->detail);
        *s = (SessionStream){ .d = NULL };
}

/* -- The items --------------------------------------------------------------------------------------------- */

/* Takes the next interval out of `[812,806]`. Anything else ends it. */
static bool next_rr(const char **rr, uint16_t *ret)
{
        const char *p = *rr;

        while (p && (*p == '[' || *p == ',' || *p == ' ')) {
                unsigned long value = 0;
                size_t digits;

                p += strspn(p, "[, ");
                digits = strspn(p, "0123456789");
                for (size_t i = 0; i < digits && value <= UINT16_MAX; i++)
                        value = 10 * value + (unsigned long)(p[i] - '0');
                p += digits;
                if (digits > 0 && value > 0 && value <= UINT16_MAX) {
                        *rr = p;
                        *ret = (uint16_t)value;
                        return true;
                }
        }
        *rr = NULL;
        return false;
}

/* Of the interval at this place of the sample that waits; -1 = not classified. */
static int flag_of(const SessionStream *s, unsigned seq)
{
        const char *flags = (const char *)sqlite3_column_text(s->samples, SAMPLE_FLAGS);

        if (!s->beats_known)
                return -1;
        while (flags && *flags) {
                char *end;
                unsigned long at = strtoul(flags, &end, 10),
                              flag = *end == ':' ? strtoul(end + 1, &end, 10) : 0;

                if (at == seq)
                        return flag <= 5 ? (int)flag : -1;
                flags = strchr(end, ',');
                if (flags)
                        flags++;
        }
        return 0;
}

static bool sample_is_possible(sqlite3_stmt *s)
{
        int64_t t = sqlite3_column_int64(s, SAMPLE_T),
                heart_rate = sqlite3_column_int64(s, SAMPLE_HEART_RATE);

        return t >= 0 && t <= T_MAX && heart_rate >= HEART_RATE_MIN && heart_rate <= HEART_RATE_MAX;
}

static bool pace_is_possible(sqlite3_stmt *s)
{
        int64_t t = sqlite3_column_int64(s, PACE_T);

        return t >= 0 && t <= T_MAX;
}

/* Fetches what is next of each. */
static Outcome fetch(SessionStream *s)
{
        Outcome outcome = OUTCOME_DONE;
        bool row = false;

        while (outcome == OUTCOME_DONE && !s->event_waits && !s->events_end) {
                outcome = database_step(s->d, s->events, &row);
                s->events_end = !row;
                s->event_waits = row && sqlite3_column_int64(s->events, EVENT_T) <= T_MAX;
        }
        while (outcome == OUTCOME_DONE && !s->pace_waits && !s->paces_end) {
                outcome = database_step(s->d, s->paces, &row);
                s->paces_end = !row;
                s->pace_waits = row && pace_is_possible(s->paces);
        }
        while (outcome == OUTCOME_DONE && !s->sample_waits && !s->samples_end) {
                outcome = database_step(s->d, s->samples, &row);
                s->samples_end = !row;
                s->sample_waits = row && sample_is_possible(s->samples);
                if (s->sample_waits) {
                        s->rr = (const char *)sqlite3_column_text(s->samples, SAMPLE_RR);
                        s->n_rr = 0;
                }
        }
        return outcome;
}

/* Those from before the first heart rate have its time. */
static int64_t event_t(sqlite3_stmt *s)
{
        int64_t t = sqlite3_column_int64(s, EVENT_T);

        return t > 0 ? t : 0;
}

static ExchangeItem take_event(SessionStream *stream)
{
        sqlite3_stmt *s = stream->events;
        const char *type = (const char *)sqlite3_column_text(s, EVENT_TYPE);

        free(stream->detail);
        stream->detail = utf8_copy(s, EVENT_DETAIL);
        stream->event_waits = false; /* the row stays where it is until the next one is fetched */
        return (ExchangeItem){ .type = EXCHANGE_EVENT,
                .t = event_t(s),
                .event = { .type = type ? type : "",
                                .value = number(s, EVENT_VALUE),
                                .detail = stream->detail } };
}

static ExchangeItem take_pace(SessionStream *stream)
{
        sqlite3_stmt *s = stream->paces;

        stream->pace_waits = false;
        return (ExchangeItem){ .type = EXCHANGE_PACE,
                .t = sqlite3_column_int64(s, PACE_T),
                .pace = { .speed = figure(s, PACE_SPEED),
                                .cadence = figure(s, PACE_CADENCE),
                                .distance = figure(s, PACE_DISTANCE),
                                .incline = number(s, PACE_INCLINE),
                                .ascent = figure(s, PACE_ASCENT) } };
}

static ExchangeItem take_sample(SessionStream *stream)
{
        sqlite3_stmt *s = stream->samples;
        int contact = sqlite3_column_int(s, SAMPLE_CONTACT), zone = sqlite3_column_int(s, SAMPLE_ZONE);

        stream->sample_waits = false;
        return (ExchangeItem){ .type = EXCHANGE_SAMPLE,
                .t = sqlite3_column_int64(s, SAMPLE_T),
                .sample = { .heart_rate = (unsigned)sqlite3_column_int(s, SAMPLE_HEART_RATE),
                                .smoothed = sqlite3_column_double(s, SAMPLE_SMOOTHED),
                                .zone = zone > 0 && zone <= 7 ? (unsigned)zone : 0,
                                .contact = contact > 0 && contact <= 2 ? (unsigned)contact : 0,
                                .unsettled = sqlite3_column_int(s, SAMPLE_SETTLED) == 0,
                                .has_alpha1 = sqlite3_column_int(s, SAMPLE_HAS_ALPHA1) != 0,
                                .alpha1 = figure(s, SAMPLE_ALPHA1) } };
}

Outcome session_stream_next(SessionStream *s, ExchangeItem *ret, bool *ret_item)
{
        Outcome outcome = fetch(s);
        int64_t sample_t, pace_t;
        uint16_t rr;

        if (outcome != OUTCOME_DONE)
                return outcome;
        *ret_item = s->event_waits || s->pace_waits || s->sample_waits;
        if (!*ret_item)
                return OUTCOME_DONE;
        sample_t = s->sample_waits ? sqlite3_column_int64(s->samples, SAMPLE_T) : INT64_MAX;
        pace_t = s->pace_waits ? sqlite3_column_int64(s->paces, PACE_T) : INT64_MAX;
        if (s->event_waits && event_t(s->events) <= sample_t && event_t(s->events) <= pace_t)
                *ret = take_event(s);
        else if (s->pace_waits && pace_t <= sample_t)
                *ret = take_pace(s);
        else if (s->n_rr++ < MEASUREMENT_RR_MAX && next_rr(&s->rr, &rr))
                *ret = (ExchangeItem){ .type = EXCHANGE_RR,
                        .t = sqlite3_column_int64(s->samples, SAMPLE_T),
                        .rr = { .rr = rr, .flag = flag_of(s, s->n_rr - 1) } };
        else
                *ret = take_sample(s);
        return OUTCOME_DONE;
}
