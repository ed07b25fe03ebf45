/* SPDX-License-Identifier: MIT */
/* Text for a terminal. Strap names come from the air and notes from files, so none of them reaches a terminal unchecked.
 * Widths are those of the locale; numbers are not, since LC_NUMERIC is left alone. Dates are local, of CLOCK_REALTIME, which
 * the caller reads. */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#include "cardio/bus-api.h"
#include "cardio/parse.h"
#include "cardio/phrase.h"
#include "cardio/text.h"
#include "memory.h"

/* Most characters are, whatever the locale. */
static bool is_plain(uint32_t c)
{
        return c >= 0x20 && c < 0x7f;
}

char *text_clean(const char *text)
{
        char *clean = checked(malloc(strlen(text) + 1)), *to = clean;
        uint32_t c;

        while (*text) {
                size_t length = utf8_next(text, &c);

                if (!is_plain(c) && (c == UTF8_INVALID || utf8_is_control(c) || wcwidth((wchar_t)c) < 0)) {
                        *to++ = '?';
                } else {
                        memcpy(to, text, length);
                        to += length;
                }
                text += length;
        }
        *to = '\0';
        return clean;
}

static size_t character_width(uint32_t c)
{
        int width = is_plain(c) ? 1 : c == UTF8_INVALID ? -1 : wcwidth((wchar_t)c);

        return width < 0 ? 1 : (size_t)width;
}

size_t text_width(const char *text)
{
        size_t width = 0;
        uint32_t c;

        while (*text) {
                text += utf8_next(text, &c);
                width += character_width(c);
        }
        return width;
}

size_t text_fit(const char *text, size_t columns)
{
        const char *at = text;
        uint32_t c;

        while (*at) {
                size_t length = utf8_next(at, &c), width = character_width(c);

                if (width > columns)
                        break;
                columns -= width;
                at += length;
        }
        return (size_t)(at - text);
}

const char *number_to_string(double value, unsigned decimals, char buf[static NUMBER_STRING_MAX])
{
        /* More digits than any figure of ours has. */
        if (!isfinite(value) || fabs(value) >= 1e15) {
                (void)snprintf(buf, NUMBER_STRING_MAX, "?");
                return buf;
        }

        if (decimals == 0) {
                /* Rounds like "%.0f", which takes five times as long: most figures of a list are whole. */
                (void)snprintf(buf, NUMBER_STRING_MAX, "%lld", llrint(value));
                return buf;
        }
        (void)snprintf(buf, NUMBER_STRING_MAX, "%.*f", (int)(decimals < 6 ? decimals : 6), value);
        if (strchr(buf, '.')) {
                char *end = buf + strlen(buf);

                while (end[-1] == '0')
                        *--end = '\0';
                if (end[-1] == '.')
                        *--end = '\0';
        }
        return buf;
}

const char *share_to_string(double percent, char buf[static NUMBER_STRING_MAX])
{
        return number_to_string(floor(percent), 0, buf);
}

const char *seconds_to_string(double seconds, char buf[static HMS_STRING_MAX])
{
        long long s;

        if (!(seconds >= 0 && seconds < 1e12)) {
                (void)snprintf(buf, HMS_STRING_MAX, "?");
                return buf;
        }

        s = llround(seconds);
        (void)snprintf(buf, HMS_STRING_MAX, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
        return buf;
}

const char *seconds_to_words(double seconds, char buf[static HMS_STRING_MAX])
{
        Phrase phrase = phrase_begin(buf, HMS_STRING_MAX);

        if (!(seconds >= 0 && seconds < 1e12))
                return seconds_to_string(NAN, buf);
        phrase_add_length(&phrase, seconds);
        return buf;
}

/* A hundred years. */
#define DAYS_AGO_MAX 36500U

/* The local date this many days before today. */
static int date_ago(int64_t now, unsigned days, char ret[static DATE_STRING_MAX])
{
        time_t t = (time_t)now;
        struct tm tm;

        if (!localtime_r(&t, &tm))
                return -ERANGE;

        /* At noon no change to or from summer time moves it to another day. */
        tm.tm_mday -= (int)days;
        tm.tm_hour = 12;
        tm.tm_min = tm.tm_sec = 0;
        tm.tm_isdst = -1;
        t = mktime(&tm);
        if (t == (time_t)-1 || !localtime_r(&t, &tm))
                return -ERANGE;

        return strftime(ret, DATE_STRING_MAX, "%Y-%m-%d", &tm) > 0 ? 0 : -ERANGE;
}

/* Exactly YYYY-MM-DD. */
static int date_iso(const char *text, char ret[static DATE_STRING_MAX])
{
        static const char form[] = "dddd-dd-dd";
        struct tm tm = { .tm_isdst = 0 }, given;
        unsigned figure[3] = { 0 };
        size_t field = 0;

        if (strlen(text) != strlen(form))
                return -EINVAL;
        for (size_t i = 0; form[i]; i++) {
                if (form[i] == '-' ? text[i] != '-' : !isdigit((unsigned char)text[i]))
                        return -EINVAL;
                if (form[i] == '-')
                        field++;
                else
                        figure[field] = figure[field] * 10 + (unsigned)(text[i] - '0');
        }

        tm.tm_year = (int)figure[0] - 1900;
        tm.tm_mon = (int)figure[1] - 1;
        tm.tm_mday = (int)figure[2];
        given = tm;
        (void)timegm(&tm); /* normalises 31 February, which shows that it was wrong */
        if (tm.tm_mon != given.tm_mon || tm.tm_mday != given.tm_mday)
                return -ERANGE;

        (void)snprintf(ret, DATE_STRING_MAX, "%s", text);
        return 0;
}

int date_parse(const char *text, int64_t now, char ret[static DATE_STRING_MAX])
{
        char digits[8];
        size_t length = strlen(text);
        unsigned n, days;
        int r;

        if (strcmp(text, "today") == 0)
                return date_ago(now, 0, ret);
        if (strcmp(text, "yesterday") == 0)
                return date_ago(now, 1, ret);

        if (length < 2 || length > sizeof(digits) || !strchr("dw", text[length - 1]))
                return date_iso(text, ret);
        memcpy(digits, text, length - 1);
        digits[length - 1] = '\0';
        r = parse_unsigned(digits, &n);
        if (r < 0)
                return r;
        if (__builtin_mul_overflow(n, text[length - 1] == 'w' ? 7U : 1U, &days) || days > DAYS_AGO_MAX)
                return -ERANGE;
        return date_ago(now, days, ret);
}

/* Whether the text begins with the part. */
static bool begins_with(const char *text, const char *part)
{
        while (*part) {
                uint32_t a, b;

                if (!*text)
                        return false;
                text += utf8_next(text, &a);
                part += utf8_next(part, &b);
                if (a != b && towlower((wint_t)a) != towlower((wint_t)b))
                        return false;
        }
        return true;
}

bool text_contains(const char *text, const char *part)
{
        uint32_t c;

        while (!begins_with(text, part)) {
                if (!*text)
                        return false;
                text += utf8_next(text, &c);
        }
        return true;
}

bool word_is_in(const char *word, const char *words)
{
        size_t length = strlen(word);

        for (const char *at = words; *at; at += strspn(at, " ")) {
                size_t here = strcspn(at, " ");

                if (here == length && memcmp(at, word, length) == 0)
                        return true;
                at += here;
        }
        return false;
}

int id_parse(const char *text, int64_t *ret)
{
        int64_t id = 0;

        if (!*text)
                return -EINVAL;
        for (; *text; text++) {
                if (!isdigit((unsigned char)*text) || __builtin_mul_overflow(id, 10, &id) ||
                                __builtin_add_overflow(id, *text - '0', &id))
                        return -EINVAL;
        }
        if (id == 0)
                return -EINVAL;

        *ret = id;
        return 0;
}

const char *ceiling_reason_to_string(const char *reason)
{
        return strcmp(reason, CARDIO_CEILING_BY_CONFIG) == 0 ? "from the configuration" : reason;
}
