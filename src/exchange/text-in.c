/* SPDX-License-Identifier: MIT */

/* Lines, numbers and moments of text that others wrote. It is read where it lies, and no byte outside of a span is looked at.
 * No memory but the caller's, no clock. */

#include "exchange/text-in.h"

#include <string.h>

#include "cardio/text.h"
#include "exchange/reading-parse.h"

#define MS_PER_DAY   (INT64_C(24) * 3600 * 1000)
#define NUMBER_BYTES 512U /* a longer one is none */

/* -- Lines -- */

void text_in_begin(TextIn *in, const uint8_t *data, size_t size)
{
        *in = (TextIn){ .text = (const char *)data, .size = size, .line = 1 };
        if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
                in->at = 3;
}

bool text_in_is_utf16(const uint8_t *data, size_t size)
{
        return size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0 ||
                                            (data[0] == '\0') != (data[1] == '\0'));
}

bool text_in_line(TextIn *in, TextSpan *ret)
{
        size_t from = in->at, end = from;

        if (from == in->size)
                return false;
        while (end < in->size && in->text[end] != '\n' && in->text[end] != '\r')
                end++;
        *ret = (TextSpan){ in->text + from, end - from };
        if (end + 1 < in->size && in->text[end] == '\r' && in->text[end + 1] == '\n')
                end++;
        in->at = end < in->size ? end + 1 : end;
        in->line++;
        return true;
}

/* -- Spans -- */

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void skip(TextSpan *span, size_t n)
{
        span->text += n;
        span->size -= n;
}

static bool begins_with(TextSpan span, char c)
{
        return span.size > 0 && *span.text == c;
}

TextSpan span_trim(TextSpan span)
{
        while (span.size > 0 && is_blank(*span.text))
                skip(&span, 1);
        while (span.size > 0 && is_blank(span.text[span.size - 1]))
                span.size--;
        return span;
}

bool span_is(TextSpan span, const char *text)
{
        if (strlen(text) != span.size)
                return false;
        for (size_t i = 0; i < span.size; i++)
                if (lower(span.text[i]) != lower(text[i]))
                        return false;
        return true;
}

TextSpan span_pull(TextSpan *span, const char *separators)
{
        TextSpan before = { span->text, 0 };

        while (before.size < span->size &&
                        (before.text[before.size] == '\0' || !strchr(separators, before.text[before.size])))
                before.size++;
        skip(span, before.size < span->size ? before.size + 1 : before.size);
        return before;
}

/* -- Numbers -- */

bool span_to_number(TextSpan span, double *ret)
{
        char text[NUMBER_BYTES];

        span = span_trim(span);
        if (span.size == 0 || span.size >= sizeof(text) || memchr(span.text, '\0', span.size))
                return false;
        memcpy(text, span.text, span.size);
        text[span.size] = '\0';
        return reading_number(text, ret) == 0;
}

/* -- Times -- */

/* So many digits at least and at most. */
static bool pull_digits(TextSpan *span, unsigned least, unsigned most, unsigned *ret)
{
        unsigned n = 0, value = 0;

        for (; n < most && span->size > 0 && is_digit(*span->text); n++, skip(span, 1))
                value = value * 10 + (unsigned)(*span->text - '0');
        *ret = value;
        return n >= least;
}

static bool pull_character(TextSpan *span, char c)
{
        if (!begins_with(*span, c))
                return false;
        skip(span, 1);
        return true;
}

/* Decimals of a second, however many, rounded to ms; 0 if there are none. */
static bool pull_fraction(TextSpan *span, unsigned *ret_ms)
{
        unsigned value = 0, n = 0;

        *ret_ms = 0;
        if (!pull_character(span, '.') && !pull_character(span, ','))
                return true;
        for (; span->size > 0 && is_digit(*span->text); skip(span, 1), n++)
                if (n < 4)
                        value = value * 10 + (unsigned)(*span->text - '0');
        for (unsigned i = n; i < 4; i++)
                value *= 10;
        *ret_ms = (value + 5) / 10;
        return n > 0;
}

bool span_to_clock(TextSpan span, int64_t *ret_ms)
{
        unsigned hours, minutes, seconds, ms;

        span = span_trim(span);
        if (!pull_digits(&span, 1, 6, &hours) || !pull_character(&span, ':') ||
                        !pull_digits(&span, 2, 2, &minutes))
                return false;
        if (pull_character(&span, ':')) {
                if (!pull_digits(&span, 1, 2, &seconds))
                        return false;
        } else {
                seconds = minutes;
                minutes = hours;
                hours = 0;
        }
        if (!pull_fraction(&span, &ms) || span.size > 0 || seconds > 59 || (hours > 0 && minutes > 59))
                return false;
        *ret_ms = (hours * INT64_C(3600) + minutes * INT64_C(60) + seconds) * 1000 + ms;
        return true;
}

/* After a day or a month of one or two digits and a separator. */
static bool pull_day_first(TextSpan *span, unsigned first, char separator, Day *ret)
{
        unsigned second, year;

        if (!pull_digits(span, 1, 2, &second) || !pull_character(span, separator) ||
                        !pull_digits(span, 4, 4, &year))
                return false;
        if (separator == '/') { /* the month may be first */
                if (first != second && first <= 12 && second <= 12)
                        return false;
                if (second > 12)
                        return day_from_civil((int)year, first, second, ret) == 0;
        }
        return day_from_civil((int)year, second, first, ret) == 0;
}

static bool pull_day(TextSpan *span, Day *ret)
{
        TextSpan before = *span;
        unsigned first, month, day;
        char separator;

        if (!pull_digits(span, 1, 8, &first))
                return false;
        if (before.size - span->size == 8)
                return day_from_civil((int)(first / 10000), first / 100 % 100, first % 100, ret) == 0;
        if (span->size == 0)
                return false;
        separator = *span->text;
        if (separator != '-' && separator != '.' && separator != '/')
                return false;
        skip(span, 1);
        if (before.size - span->size < 4)
                return pull_day_first(span, first, separator, ret);
        return before.size - span->size == 5 && pull_digits(span, 1, 2, &month) &&
               pull_character(span, separator) && pull_digits(span, 1, 2, &day) &&
               day_from_civil((int)first, month, day, ret) == 0;
}

bool span_to_day(TextSpan span, Day *ret)
{
        Day day;

        span = span_trim(span);
        if (!pull_day(&span, &day) || span.size > 0)
                return false;
        *ret = day;
        return true;
}

/* HH:MM, HH:MM:SS, HHMM, HHMMSS. */
static bool pull_time_of_day(TextSpan *span, int64_t *ret_ms)
{
        unsigned hours, minutes, seconds = 0, ms = 0;
        bool colons, any;

        if (!pull_digits(span, 1, 2, &hours))
                return false;
        colons = pull_character(span, ':');
        if (!pull_digits(span, 2, 2, &minutes))
                return false;
        any = colons ? pull_character(span, ':') : span->size > 0 && is_digit(*span->text);
        if (any && (!pull_digits(span, 2, 2, &seconds) || !pull_fraction(span, &ms)))
                return false;
        if (hours > 23 || minutes > 59 || seconds > 60) /* 60: a leap second */
                return false;
        *ret_ms = (hours * INT64_C(3600) + minutes * INT64_C(60) + seconds) * 1000 + ms;
        return true;
}

bool span_to_time_of_day(TextSpan span, int64_t *ret_ms)
{
        int64_t ms;

        span = span_trim(span);
        if (!pull_time_of_day(&span, &ms) || span.size > 0)
                return false;
        *ret_ms = ms;
        return true;
}

static bool pull_zone(TextSpan *span, Moment *m)
{
        unsigned hours, minutes = 0;
        bool west;

        *span = span_trim(*span);
        m->local = span->size == 0;
        if (m->local || span_is(*span, "Z") || span_is(*span, "UTC") || span_is(*span, "GMT"))
                return true;
        west = begins_with(*span, '-');
        if (!west && !begins_with(*span, '+'))
                return false;
        skip(span, 1);
        if (!pull_digits(span, 2, 2, &hours))
                return false;
        if (span->size > 0) {
                (void)pull_character(span, ':');
                if (!pull_digits(span, 2, 2, &minutes) || span->size > 0)
                        return false;
        }
        if (hours > 23 || minutes > 59)
                return false;
        m->has_offset = true;
        m->offset_s = (int32_t)(hours * 3600 + minutes * 60) * (west ? -1 : 1);
        m->at -= m->offset_s * INT64_C(1000);
        return true;
}

bool span_to_moment(TextSpan span, Moment *ret)
{
        Moment m = { 0 };
        int64_t ms;
        Day day;

        span = span_trim(span);
        if (!pull_day(&span, &day))
                return false;
        if (!pull_character(&span, 'T') && !pull_character(&span, 't') && !pull_character(&span, ' '))
                return false;
        span = span_trim(span);
        if (!pull_time_of_day(&span, &ms))
                return false;
        m.at = day * MS_PER_DAY + ms;
        if (!pull_zone(&span, &m))
                return false;
        *ret = m;
        return true;
}

/* -- Texts -- */

static bool is_utf8(const char *text)
{
        for (uint32_t c; *text;) {
                text += utf8_next(text, &c);
                if (c == UTF8_INVALID)
                        return false;
        }
        return true;
}

static void from_latin1(char buf[static READING_TEXT_MAX], const char *text)
{
        size_t n = 0;

        for (; *text && n + 2 < READING_TEXT_MAX; text++) {
                unsigned char c = (unsigned char)*text;

                if (c >= 0x80)
                        buf[n++] = (char)(0xc0 | c >> 6);
                buf[n++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
        }
        buf[n] = '\0';
}

/* Lines become blanks and NULs question marks, so that a text is one line and whole; a character that was cut at the end is left out. */
static void tidy(char *text, size_t size, bool cut)
{
        for (size_t i = 0; i < size; i++)
                if (text[i] == '\n' || text[i] == '\r' || text[i] == '\t')
                        text[i] = ' ';
                else if (text[i] == '\0')
                        text[i] = '?';
        for (unsigned i = 0; cut && i < 3 && ((unsigned char)text[size - 1] & 0xc0) == 0x80; i++)
                size--;
        if (cut && (unsigned char)text[size - 1] >= 0xc0)
                size--;
        text[size] = '\0';
}

void span_copy(TextSpan span, char buf[static READING_TEXT_MAX])
{
        char text[READING_TEXT_MAX + 4];
        size_t size;

        span = span_trim(span);
        size = span.size < sizeof(text) - 1 ? span.size : sizeof(text) - 1;
        if (size > 0)
                memcpy(text, span.text, size);
        tidy(text, size, size < span.size);
        if (is_utf8(text)) {
                size = utf8_fit(text, READING_TEXT_MAX - 1);
                memcpy(buf, text, size);
                buf[size] = '\0';
        } else {
                from_latin1(buf, text);
        }
        (void)text_make_plain(buf);
}

void text_in_problem(ReadingProblem *ret, size_t line, const char *text, TextSpan quote)
{
        char part[READING_TEXT_MAX], copy[READING_TEXT_MAX];
        size_t size = strcspn(text, "%");

        *ret = (ReadingProblem){ 0 };
        reading_place(ret, "line ", line);
        if (size < sizeof(part) && text[size] == '%') {
                memcpy(part, text, size);
                part[size] = '\0';
                reading_say(ret, part);
                span_copy(quote, copy);
                reading_quote(ret, copy);
                text += size + 1;
        }
        reading_say(ret, text);
}
