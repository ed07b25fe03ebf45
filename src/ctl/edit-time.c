/* SPDX-License-Identifier: MIT */
/* Moments of a session: times of day, from its start, or before its end. What could be two of these is none: 45 may be minutes
 * or seconds, +1:30 hours or minutes. No clock. */
#include "edit-time.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cardio/macro.h"

#define MS_PER_S   INT64_C(1000)
#define MS_PER_MIN (60 * MS_PER_S)
#define MS_PER_H   (60 * MS_PER_MIN)
#define MS_PER_DAY (24 * MS_PER_H)

/* Longer than any session, in any unit. */
#define NUMBER_MAX INT64_C(99999999)

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* Returns whether there is a whole number. */
static bool read_number(const char **text, int64_t *ret)
{
        const char *c = *text;
        int64_t n = 0;

        for (; is_digit(*c); c++)
                n = n < NUMBER_MAX ? 10 * n + (*c - '0') : n;
        *ret = n;
        if (c == *text)
                return false;
        *text = c;
        return true;
}

/* Two digits below 60 behind a colon. */
static bool read_sixtieth(const char **text, int64_t *ret)
{
        const char *c = *text;

        if (c[0] != ':' || !is_digit(c[1]) || c[1] > '5' || !is_digit(c[2]))
                return false;
        *ret = 10 * (c[1] - '0') + (c[2] - '0');
        *text = c + 3;
        return true;
}

/* All of the text: H:MM:SS; or, if seconds may be left out, H:MM. */
static int parse_clock(const char *text, bool brief, int64_t *ret_ms)
{
        int64_t h, min, s = 0;

        if (!read_number(&text, &h) || !read_sixtieth(&text, &min))
                return -EINVAL;
        if ((!*text && !brief) || (*text && !read_sixtieth(&text, &s)) || *text)
                return -EINVAL;
        *ret_ms = h * MS_PER_H + min * MS_PER_MIN + s * MS_PER_S;
        return 0;
}

/* All of the text: hours, minutes and seconds, or some of them, the larger ones first. */
static int parse_length(const char *text, int64_t *ret_ms)
{
        static const struct {
                const char *name;
                int64_t ms;
        } units[] = { { "h", MS_PER_H }, { "min", MS_PER_MIN }, { "s", MS_PER_S } };
        size_t next = 0;
        int64_t ms = 0, n;

        do {
                size_t i = next;

                if (!read_number(&text, &n))
                        return -EINVAL;
                if (!*text)
                        return -ENODATA;
                while (i < ELEMENTSOF(units) && strncmp(text, units[i].name, strlen(units[i].name)) != 0)
                        i++;
                if (i == ELEMENTSOF(units))
                        return -EINVAL;
                text += strlen(units[i].name);
                ms += n * units[i].ms;
                next = i + 1;
        } while (*text);
        *ret_ms = ms;
        return 0;
}

/* Between midnights: the first such time after the start, unless a session of more than a day has two. */
static int from_time_of_day(int64_t of_day_ms, const EditSpan *span, int64_t *ret_ms)
{
        int64_t start_of_day_ms = (span->started_at + span->utc_offset_s * MS_PER_S) % MS_PER_DAY, t;

        if (of_day_ms >= MS_PER_DAY)
                return -EINVAL;
        if (start_of_day_ms < 0)
                start_of_day_ms += MS_PER_DAY;
        t = of_day_ms - start_of_day_ms;
        if (t < 0)
                t += MS_PER_DAY;
        if (t > span->length_ms)
                return -ERANGE;
        if (t + MS_PER_DAY <= span->length_ms)
                return -ENOTUNIQ;
        *ret_ms = t;
        return 0;
}

int edit_time_parse(const char *text, const EditSpan *span, int64_t *ret_ms)
{
        bool from_start = *text == '+', before_end = *text == '-';
        const char *rest = text + (from_start || before_end);
        int64_t ms = 0;
        int r;

        if (!strchr(rest, ':'))
                r = parse_length(rest, &ms);
        else if (from_start || before_end)
                r = parse_clock(rest, false, &ms);
        else {
                r = parse_clock(rest, true, &ms);
                return r < 0 ? r : from_time_of_day(ms, span, ret_ms);
        }
        if (r < 0)
                return r;
        if (ms > span->length_ms)
                return -ERANGE;
        *ret_ms = before_end ? span->length_ms - ms : ms;
        return 0;
}
