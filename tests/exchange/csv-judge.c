/* SPDX-License-Identifier: MIT */

/* What has to hold of every table and of every list of R-R intervals, and what all files of text have in common. Numbers are
 * read by the C library. No clock. */

#include "pace-judge.h"
#include "text-judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardio/macro.h"
#include "cardio/text.h"

#define CELLS    12U
#define CELL_MAX 4096U

bool real_is_read(bool there, double read, double meant)
{
        if (!(fabs(meant) < 0x1p63))
                return !there;
        return there && (read == meant || (fabs(meant) < 0x1p-11 && fabs(read - meant) < 0x1p-63));
}

bool text_is_utf8(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup(size > 0 ? (const char *)data : "", size);
        uint32_t c = 0;

        if (!text || strlen(text) != size)
                return false;
        for (const char *p = text; *p && c != UTF8_INVALID;)
                p += utf8_next(p, &c);
        return c != UTF8_INVALID;
}

const char *judged_moment(
                const ExchangeSession *session, int64_t t, bool local, char buf[static JUDGED_MOMENT_MAX])
{
        int ahead = local ? session->utc_offset_s / 60 : 0, size;
        int64_t ms = session->started_at + t;
        time_t at;
        struct tm tm;

        if (abs(ahead) >= 24 * 60)
                ahead = 0;
        ms += ahead * INT64_C(60000);
        at = (time_t)(ms / 1000 - (ms % 1000 < 0));
        ms -= at * INT64_C(1000);
        if (!gmtime_r(&at, &tm))
                return "";
        size = snprintf(buf, JUDGED_MOMENT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", tm.tm_year + 1900,
                        tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)ms);
        if (local)
                (void)snprintf(buf + size, JUDGED_MOMENT_MAX - (size_t)size, "%c%02d:%02d",
                                ahead < 0 ? '-' : '+', abs(ahead) / 60, abs(ahead) % 60);
        else
                (void)snprintf(buf + size, JUDGED_MOMENT_MAX - (size_t)size, "Z");
        return buf;
}

/* -- CSV -- */

/* The next cell of RFC 4180, without its quotes. Returns where it ends, at a comma, a line feed or a NUL; NULL if it is none. */
static const char *next_cell(const char *p, char cell[static CELL_MAX])
{
        bool quoted = *p == '"';
        size_t n = 0;

        p += quoted;
        while (*p && n + 1 < CELL_MAX) {
                if (quoted ? *p == '"' && p[1] != '"' : *p == ',' || *p == '\n')
                        break;
                if (!quoted && *p == '"')
                        return NULL;
                p += *p == '"';
                cell[n++] = *p++;
        }
        cell[n] = '\0';
        if (!quoted)
                return p;
        return *p == '"' && strchr(",\n", p[1]) ? p + 1 : NULL;
}

/* Returns where the next row begins. */
static const char *next_row(const char *p, char cells[static CELLS][CELL_MAX])
{
        for (size_t i = 0; i < CELLS; i++) {
                p = next_cell(p, cells[i]);
                if (!p || *p != (i + 1 < CELLS ? ',' : '\n'))
                        return NULL;
                p++;
        }
        return p;
}

/* Of the intervals before a heart rate. */
static bool rr_are(const char *cell, const ExchangeItem *items, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                char *end;

                if (items[i].type != EXCHANGE_RR)
                        continue;
                if (llround(strtod(cell, &end) * 1.024) != items[i].rr.rr || end == cell)
                        return false;
                cell = *end == ' ' ? end + 1 : end;
        }
        return *cell == '\0';
}

static bool text_is_safe(const char *cell)
{
        if (*cell && strchr("=+-@\t\r", *cell))
                return false;
        for (uint32_t c; *cell;) {
                cell += utf8_next(cell, &c);
                if (utf8_is_control(c))
                        return false;
        }
        return true;
}

static const char *judge_time(const ExchangeSession *session, int64_t t, char cells[static CELLS][CELL_MAX])
{
        char moment[JUDGED_MOMENT_MAX];

        if (strcmp(cells[0], judged_moment(session, t, true, moment)) != 0)
                return "another time";
        if (llround(strtod(cells[1], NULL) * 1000) != t && t < INT64_C(1) << 52)
                return "other seconds";
        return NULL;
}

typedef struct FoundPace {
        const ExchangeSession *session;
        bool has_heart_rate;
        char (*cells)[CELL_MAX];
} FoundPace;

static bool is_same_pace(const ExchangeItem *row, const void *userdata)
{
        const FoundPace *found = userdata;
        char(*cells)[CELL_MAX] = found->cells;
        const double figures[] = { row->pace.speed, row->pace.cadence, row->pace.distance,
                row->pace.incline };

        for (size_t i = 0; i < ELEMENTSOF(figures); i++)
                if (!real_is_read(cells[8 + i][0] != '\0', strtod(cells[8 + i], NULL), figures[i]))
                        return false;
        return found->has_heart_rate || !judge_time(found->session, row->t, cells);
}

/* Cells of a row with that heart rate, or of one without. */
static const char *judge_pace(
                PaceJudge *j, const ExchangeItem *heart_rate, char cells[static CELLS][CELL_MAX])
{
        const FoundPace found = { j->session, heart_rate != NULL, cells };

        if (!*cells[8] && !*cells[9] && !*cells[10] && !*cells[11])
                return heart_rate ? NULL : "a row of nothing";
        return pace_judge_record(j, heart_rate, *cells[10] ? strtod(cells[10], NULL) : NAN, is_same_pace,
                               &found)
                               ? NULL
                               : "another pace";
}

static const char *judge_row(
                const ExchangeSession *session, const ExchangeItem *item, char cells[static CELLS][CELL_MAX])
{
        static const char *const contact[] = { "", "yes", "no" };
        const char *wrong = judge_time(session, item->t, cells);

        if (wrong)
                return wrong;
        if (strtoul(cells[2], NULL, 10) != item->sample.heart_rate)
                return "another heart rate";
        if (!real_is_read(*cells[3] != '\0', strtod(cells[3], NULL), item->sample.smoothed))
                return "another smoothed heart rate";
        if (strtoul(cells[4], NULL, 10) != item->sample.zone)
                return "another zone";
        if (strcmp(cells[5], contact[item->sample.contact % 3]) != 0)
                return "another contact";
        return text_is_safe(cells[7]) ? NULL : "a text that does something";
}

/* Those without a heart rate as well. Returns where the next row begins, or NULL. */
static const char *pass_pace(
                PaceJudge *j, const char *p, char cells[static CELLS][CELL_MAX], const char **ret_wrong)
{
        *ret_wrong = "no row, or not of so many cells";
        for (p = next_row(p, cells); p && !*cells[2]; p = next_row(p, cells)) {
                *ret_wrong = judge_pace(j, NULL, cells);
                if (*ret_wrong || !*p)
                        return *ret_wrong ? NULL : p;
        }
        return p;
}

static const char *judge_rows(
                const ExchangeSession *session, const ExchangeItem *items, size_t n_items, const char *p)
{
        char cells[CELLS][CELL_MAX];
        const char *wrong;
        size_t next = 0;
        _cleanup_pace_judge_ PaceJudge pace;

        pace_judge_begin(&pace, session, items, n_items, true);
        for (size_t i = 0; i < n_items; i++) {
                if (items[i].type != EXCHANGE_SAMPLE)
                        continue;
                p = pass_pace(&pace, p, cells, &wrong);
                if (!p)
                        return wrong;
                wrong = judge_pace(&pace, items + i, cells);
                if (!wrong)
                        wrong = judge_row(session, items + i, cells);
                if (wrong)
                        return wrong;
                if (!rr_are(cells[6], items + next, i - next))
                        return "other intervals";
                next = i + 1;
        }
        *cells[2] = '\0';
        if (*p)
                p = pass_pace(&pace, p, cells, &wrong);
        if (!p)
                return wrong;
        if (*p || *cells[2])
                return "a row too many";
        return pace_judge_end(&pace) ? NULL : "pace is missing";
}

const char *csv_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size)
{
        static const char head[] = "time,seconds,heart_rate,smoothed,zone,contact,rr_ms,event,"
                                   "speed_m_s,cadence_spm,distance_m,incline\n";
        _cleanup_free_ char *text = strndup(size > 0 ? (const char *)data : "", size);

        if (!text || !text_is_utf8(data, size))
                return "no UTF-8";
        if (strncmp(text, head, strlen(head)) != 0)
                return "another first line";
        return judge_rows(session, items, n_items, text + strlen(head));
}

/* -- R-R text -- */

const char *rr_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup(size > 0 ? (const char *)data : "", size);
        const char *p = text;

        (void)session;
        if (!text || strlen(text) != size)
                return "no text";
        for (size_t i = 0; i < n_items; i++) {
                char *end;

                if (items[i].type != EXCHANGE_RR)
                        continue;
                if (llround(strtod(p, &end) * 1.024) != items[i].rr.rr || end == p || *end != '\n')
                        return "another interval";
                p = end + 1;
        }
        return *p ? "an interval too many" : NULL;
}
