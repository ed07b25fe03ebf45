/* SPDX-License-Identifier: MIT */

/* Bytes gathered for a sink, and numbers and others' text among them. The C library's formatting is left alone: it knows
 * locales. No memory but the caller's, no clock. */

#include "report/out.h"

#include <math.h>
#include <string.h>

#include "cardio/markup.h"
#include "cardio/text.h"

#define DECIMALS_MAX 3U
/* Larger than any figure of ours; what is beyond is no number to a reader. */
#define NUMBER_MAX 1e15

void out_begin(Out *o, const ReportSink *sink)
{
        o->sink = sink;
        o->error = 0;
        o->n = 0;
}

static void flush(Out *o)
{
        if (o->error == 0 && o->n > 0)
                o->error = o->sink->write(o->sink->userdata, o->bytes, o->n);
        o->n = 0;
}

int out_end(Out *o)
{
        flush(o);
        return o->error;
}

static void out_bytes(Out *o, const char *bytes, size_t size)
{
        while (size > 0 && o->error == 0) {
                size_t room = sizeof(o->bytes) - o->n, part = size < room ? size : room;

                memcpy(o->bytes + o->n, bytes, part);
                o->n += part;
                bytes += part;
                size -= part;
                if (o->n == sizeof(o->bytes))
                        flush(o);
        }
}

void out_text(Out *o, const char *text)
{
        out_bytes(o, text, strlen(text));
}

/* U+FFFE and U+FFFF are no characters of XML. */
static bool is_shown(uint32_t c)
{
        return c != UTF8_INVALID && !utf8_is_control(c) && c != 0xfffe && c != 0xffff;
}

void out_escaped(Out *o, Escaped text)
{
        const char *at = text.text;
        uint32_t c;

        while (at && *at && o->error == 0) {
                size_t length = utf8_next(at, &c);
                const char *entity = length == 1 ? markup_entity(*at, MARKUP_QUOTES_ESCAPE) : NULL;

                if (entity)
                        out_text(o, entity);
                else if (c == '\n' || c == '\t')
                        out_text(o, c == '\n' ? "\n" : " ");
                else if (!is_shown(c))
                        out_text(o, "?");
                else
                        out_bytes(o, at, length);
                at += length;
        }
}

void out_integer(Out *o, int64_t value)
{
        char digits[24];
        size_t n = sizeof(digits);
        uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

        do
                digits[--n] = (char)('0' + rest % 10);
        while ((rest /= 10) > 0);
        if (value < 0)
                digits[--n] = '-';
        out_bytes(o, digits + n, sizeof(digits) - n);
}

void out_size(Out *o, size_t value)
{
        out_integer(o, value < INT64_MAX ? (int64_t)value : INT64_MAX);
}

/* To the nearest one, halves to the even one. */
static int64_t round_even(double value)
{
        double below = floor(value), rest = value - below;
        int64_t n = (int64_t)below;

        return rest > 0.5 || (rest == 0.5 && n % 2 != 0) ? n + 1 : n;
}

void out_fixed(Out *o, Fixed number)
{
        unsigned decimals = number.decimals < DECIMALS_MAX ? number.decimals : DECIMALS_MAX;
        char digits[DECIMALS_MAX + 1] = { 0 };
        int64_t scale = 1, n;

        if (!(fabs(number.value) < NUMBER_MAX)) {
                out_text(o, "–");
                return;
        }
        for (unsigned i = 0; i < decimals; i++)
                scale *= 10;
        n = round_even(fabs(number.value) * (double)scale);
        if (number.value < 0 && n > 0)
                out_text(o, "-");
        out_integer(o, n / scale);
        n %= scale;
        while (!number.padded && decimals > 0 && n % 10 == 0) {
                n /= 10;
                decimals--;
        }
        if (decimals == 0)
                return;
        for (unsigned i = decimals; i > 0; n /= 10)
                digits[--i] = (char)('0' + n % 10);
        out_text(o, ".");
        out_text(o, digits);
}

void out_coordinate(Out *o, double value)
{
        out_fixed(o, fixed(value, 1));
}
