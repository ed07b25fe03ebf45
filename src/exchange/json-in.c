/* SPDX-License-Identifier: MIT */

/* Takes a JSON document apart where it lies. No recursion, no memory but the caller's: what is open is a count, and in
 * json_in_skip() a bit for each, so that no depth and no length of the text costs more than its bytes. Text is UTF-8 or it is
 * refused. A library would make a tree of it first, many times as large as the file. No locale, no clock. */

#include "exchange/json-in.h"

#include <errno.h>
#include <string.h>

#include "cardio/text.h"
#include "exchange/reading-parse.h"

#define NUMBER_MAX 64U /* characters */

static int wrong(JsonIn *in, const char *what)
{
        if (!in->wrong) {
                in->wrong = what;
                in->is_cut = in->at >= in->size;
        }
        return -EBADMSG;
}

void json_in_begin(JsonIn *in, const uint8_t *data, size_t size)
{
        *in = (JsonIn){ .text = (const char *)data, .size = size };
        if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
                in->at = 3;
}

static void skip_blanks(JsonIn *in)
{
        while (in->at < in->size && in->text[in->at] != '\0' && strchr(" \t\r\n", in->text[in->at]))
                in->at++;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* 0 at the end. */
static char at(const JsonIn *in)
{
        return in->at < in->size ? in->text[in->at] : '\0';
}

char json_in_peek(JsonIn *in)
{
        char c;

        skip_blanks(in);
        c = at(in);
        return is_digit(c) ? '0' : c != '\0' && strchr("{[\"-tfn", c) ? c : '\0';
}

static int need(JsonIn *in, char kind, const char *what)
{
        char c;

        if (in->wrong)
                return -EBADMSG;
        c = json_in_peek(in);
        return c == kind || (kind == '0' && c == '-') ? 0 : wrong(in, what);
}

/* -- Objects and arrays -- */

static int open_value(JsonIn *in)
{
        if (in->depth == JSON_DEPTH_MAX)
                return wrong(in, "more than 64 arrays or objects within one another");
        in->at++;
        in->depth++;
        in->first = true;
        return 0;
}

int json_in_object(JsonIn *in)
{
        int r = need(in, '{', "an object, {…}, is expected here");

        return r < 0 ? r : open_value(in);
}

int json_in_array(JsonIn *in)
{
        int r = need(in, '[', "an array, […], is expected here");

        return r < 0 ? r : open_value(in);
}

/* On to what is next in the innermost one. */
static int next(JsonIn *in, char end)
{
        bool first = in->first;

        if (in->wrong)
                return -EBADMSG;
        skip_blanks(in);
        in->first = false; /* also of the one that it is in, once it is over */
        if (at(in) == end && in->at < in->size) {
                in->at++;
                in->depth--;
                return 0;
        }
        if (first)
                return 1;
        if (at(in) != ',')
                return wrong(in, end == '}' ? "a comma or } is expected here"
                                            : "a comma or ] is expected here");
        in->at++;
        return 1;
}

int json_in_element(JsonIn *in)
{
        return next(in, ']');
}

int json_in_member(JsonIn *in, char name[static JSON_NAME_MAX])
{
        int r = next(in, '}');

        if (r <= 0)
                return r;
        r = need(in, '"', "a name in quotes is expected here");
        if (r == 0)
                r = json_in_string(in, name, JSON_NAME_MAX);
        if (r < 0)
                return r;
        skip_blanks(in);
        if (at(in) != ':')
                return wrong(in, "a colon is expected here");
        in->at++;
        return 1;
}

/* -- Strings -- */

/* Four hexadecimal digits. */
static int take_unit(JsonIn *in, uint32_t *ret)
{
        uint32_t unit = 0;

        for (unsigned i = 0; i < 4; i++, in->at++) {
                char c = at(in);
                unsigned digit = is_digit(c)            ? (unsigned)(c - '0')
                                 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                        : 16;

                if (digit == 16)
                        return wrong(in, "four hexadecimal digits are expected here");
                unit = unit << 4 | digit;
        }
        *ret = unit;
        return 0;
}

static bool is_surrogate(uint32_t unit, uint32_t first)
{
        return unit >= first && unit < first + 0x400;
}

/* Behind \u. */
static int take_code(JsonIn *in, uint32_t *ret)
{
        uint32_t unit, low;
        int r = take_unit(in, &unit);

        if (r < 0)
                return r;
        *ret = unit == 0 || is_surrogate(unit, 0xdc00) ? 0xfffd : unit;
        if (!is_surrogate(unit, 0xd800))
                return 0;
        *ret = 0xfffd;
        if (in->size - in->at >= 6 && memcmp(in->text + in->at, "\\u", 2) == 0) {
                JsonIn ahead = *in;

                ahead.at += 2;
                if (take_unit(&ahead, &low) == 0 && is_surrogate(low, 0xdc00)) {
                        *ret = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                        in->at = ahead.at;
                }
        }
        return 0;
}

/* Behind a backslash. */
static int take_escape(JsonIn *in, uint32_t *ret)
{
        static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
        char c = at(in);
        const char *letter = c != '\0' ? strchr(letters, c) : NULL;

        if (c == 'u') {
                in->at++;
                return take_code(in, ret);
        }
        if (!letter)
                return wrong(in, "a character that \\ cannot stand before");
        in->at++;
        *ret = (uint32_t)meant[letter - letters];
        return 0;
}

/* Of several bytes; utf8_next() wants an end. */
static int take_character(JsonIn *in, uint32_t *ret)
{
        char text[5] = "";
        size_t left = in->size - in->at, n;

        memcpy(text, in->text + in->at, left < 4 ? left : 4);
        n = utf8_next(text, ret);
        if (*ret == UTF8_INVALID) {
                if (left < 4) /* it may be cut */
                        in->at = in->size;
                return wrong(in, "a byte that is not UTF-8");
        }
        in->at += n;
        return 0;
}

static size_t put_utf8(char *buf, uint32_t c)
{
        if (c < 0x80) {
                buf[0] = (char)c;
                return 1;
        }
        if (c < 0x800) {
                buf[0] = (char)(0xc0 | c >> 6);
                buf[1] = (char)(0x80 | (c & 0x3f));
                return 2;
        }
        if (c < 0x10000) {
                buf[0] = (char)(0xe0 | c >> 12);
                buf[1] = (char)(0x80 | (c >> 6 & 0x3f));
                buf[2] = (char)(0x80 | (c & 0x3f));
                return 3;
        }
        buf[0] = (char)(0xf0 | c >> 18);
        buf[1] = (char)(0x80 | (c >> 12 & 0x3f));
        buf[2] = (char)(0x80 | (c >> 6 & 0x3f));
        buf[3] = (char)(0x80 | (c & 0x3f));
        return 4;
}

int json_in_string(JsonIn *in, char *buf, size_t size)
{
        bool full = size == 0;
        size_t n = 0;
        int r = need(in, '"', "a text in quotes is expected here");

        if (r < 0)
                return r;
        for (in->at++; at(in) != '"';) {
                char bytes[4];
                size_t length;
                uint32_t c;

                if (in->at >= in->size)
                        return wrong(in, "a text that does not end");
                if ((unsigned char)at(in) < 0x20)
                        return wrong(in, "a control character, which has to be written as \\u00…");
                if (at(in) == '\\') {
                        in->at++;
                        r = take_escape(in, &c);
                } else {
                        r = take_character(in, &c);
                }
                if (r < 0)
                        return r;
                length = put_utf8(bytes, c);
                full = full || length >= size - n;
                if (full)
                        continue;
                memcpy(buf + n, bytes, length);
                n += length;
        }
        in->at++;
        if (size > 0)
                buf[n] = '\0';
        return 0;
}

/* -- Numbers and words -- */

static const char *skip_digits(const char *p)
{
        while (is_digit(*p))
                p++;
        return p;
}

/* -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? and nothing more. */
static bool is_number(const char *p)
{
        const char *digits;

        p += *p == '-';
        digits = p;
        p = skip_digits(p);
        if (p == digits || (*digits == '0' && p > digits + 1))
                return false;
        if (*p == '.') {
                digits = ++p;
                p = skip_digits(p);
                if (p == digits)
                        return false;
        }
        if (*p == 'e' || *p == 'E') {
                p++;
                p += *p == '+' || *p == '-';
                digits = p;
                p = skip_digits(p);
                if (p == digits)
                        return false;
        }
        return *p == '\0';
}

int json_in_number(JsonIn *in, double *ret)
{
        char text[NUMBER_MAX];
        size_t n = 0;
        int r = need(in, '0', "a number is expected here");

        if (r < 0)
                return r;
        while (in->at + n < in->size && n + 1 < sizeof(text) && in->text[in->at + n] != '\0' &&
                        strchr("+-.0123456789eE", in->text[in->at + n])) {
                text[n] = in->text[in->at + n];
                n++;
        }
        text[n] = '\0';
        if (!is_number(text) || reading_number(text, ret) < 0) {
                if (in->at + n == in->size)
                        in->at = in->size;
                return wrong(in, "a number that is none, or beyond 10^15");
        }
        in->at += n;
        return 0;
}

static int take_word(JsonIn *in, const char *word)
{
        for (size_t i = 0; word[i]; i++, in->at++)
                if (at(in) != word[i])
                        return wrong(in, "true, false or null is expected here");
        return 0;
}

int json_in_bool(JsonIn *in, bool *ret)
{
        char c;

        if (in->wrong)
                return -EBADMSG;
        c = json_in_peek(in);
        if (c != 't' && c != 'f')
                return wrong(in, "true or false is expected here");
        *ret = c == 't';
        return take_word(in, c == 't' ? "true" : "false");
}

/* -- Any value -- */

static int skip_scalar(JsonIn *in)
{
        double number;

        switch (json_in_peek(in)) {
        case '"':
                return json_in_string(in, NULL, 0);
        case '-':
        case '0':
                return json_in_number(in, &number);
        case 't':
                return take_word(in, "true");
        case 'f':
                return take_word(in, "false");
        case 'n':
                return take_word(in, "null");
        default:
                return wrong(in, "a value is expected here");
        }
}

int json_in_skip(JsonIn *in)
{
        const unsigned before = in->depth;
        uint64_t objects = 0; /* a bit for each that is open: whether it is one, or an array */
        char name[JSON_NAME_MAX];
        int r = in->wrong ? -EBADMSG : 0;

        while (r >= 0) {
                char c = json_in_peek(in);

                if (c == '{' || c == '[') {
                        r = open_value(in);
                        objects = objects << 1 | (c == '{');
                } else {
                        r = skip_scalar(in);
                }
                while (r == 0 && in->depth > before) {
                        r = objects & 1 ? json_in_member(in, name) : json_in_element(in);
                        if (r == 0)
                                objects >>= 1;
                }
                if (r == 0)
                        return 0;
        }
        return r;
}

int json_in_end(JsonIn *in)
{
        if (in->wrong)
                return -EBADMSG;
        skip_blanks(in);
        return in->at == in->size ? 0 : wrong(in, "the document has ended, and there is more");
}

void json_in_place(const JsonIn *in, ReadingProblem *ret)
{
        size_t line = 1, begin = 0;

        for (size_t i = 0; i < in->at && i < in->size; i++)
                if (in->text[i] == '\n') {
                        line++;
                        begin = i + 1;
                }
        ret->place[0] = '\0';
        reading_place(ret, "line ", line);
        reading_place(ret, ", column ", in->at - begin + 1);
}

/* -- Values that may be null -- */

bool json_in_is_null(JsonIn *in)
{
        return json_in_peek(in) == 'n';
}

int json_in_text(JsonIn *in, char *buf, size_t size)
{
        buf[0] = '\0';
        return json_in_is_null(in) ? json_in_skip(in) : json_in_string(in, buf, size);
}

int json_in_figure(JsonIn *in, double *ret)
{
        *ret = NAN;
        return json_in_is_null(in) ? json_in_skip(in) : json_in_number(in, ret);
}
