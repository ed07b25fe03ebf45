/* SPDX-License-Identifier: MIT */

/* Numbers, durations and addresses as text. A number is gathered as one whole figure of at most 15 digits and divided
 * once by a power of ten: every such decimal survives the way through a double and back. No locale, no clock. */

#include "cardio/parse.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "cardio/macro.h"

#define DIGITS_MAX 15U
#define FIGURE_MAX UINT64_C(999999999999999)

static const struct {
        const char *name;
        usec_t usec;
} units[] = {
        { "ms", USEC_PER_MSEC },
        { "s", USEC_PER_SEC },
        { "min", USEC_PER_MIN },
        { "h", USEC_PER_HOUR },
};

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* One more digit on a figure that may not exceed max. */
static int figure_push(uint64_t *figure, char digit, uint64_t max)
{
        uint64_t d = (uint64_t)(digit - '0');

        if (*figure > (max - d) / 10)
                return -ERANGE;
        *figure = *figure * 10 + d;
        return 0;
}

/* A run of digits from *text on, at least one. */
static int parse_figure(const char **text, uint64_t max, uint64_t *ret)
{
        const char *p = *text;
        uint64_t figure = 0;
        int r;

        if (!is_digit(*p))
                return -EINVAL;
        for (; is_digit(*p); p++) {
                r = figure_push(&figure, *p, max);
                if (r < 0)
                        return r;
        }
        *text = p;
        *ret = figure;
        return 0;
}

int parse_decimal(const char **text, double *ret)
{
        const char *p = *text;
        uint64_t figure;
        double scale = 1;
        unsigned places = 0;
        int r;

        r = parse_figure(&p, FIGURE_MAX, &figure);
        if (r < 0)
                return r;

        if (*p == '.') {
                p++;
                if (!is_digit(*p))
                        return -EINVAL;
                for (; is_digit(*p); p++) {
                        r = figure_push(&figure, *p, FIGURE_MAX);
                        if (r < 0 || ++places > DIGITS_MAX)
                                return -ERANGE;
                        scale *= 10;
                }
        }

        *text = p;
        *ret = (double)figure / scale;
        return 0;
}

int parse_unsigned(const char *text, unsigned *ret)
{
        uint64_t figure;
        int r;

        r = parse_figure(&text, UINT32_MAX, &figure);
        if (r < 0)
                return r;
        if (*text != '\0')
                return -EINVAL;
        *ret = (unsigned)figure;
        return 0;
}

int parse_duration(const char *text, usec_t *ret_usec)
{
        uint64_t figure;
        int r;

        r = parse_figure(&text, USEC_INFINITY - 1, &figure);
        if (r < 0)
                return r;
        if (*text == '\0' && figure == 0) {
                *ret_usec = 0;
                return 0;
        }

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strcmp(text, units[i].name) == 0) {
                        if (figure > (USEC_INFINITY - 1) / units[i].usec)
                                return -ERANGE;
                        *ret_usec = figure * units[i].usec;
                        return 0;
                }
        return -EINVAL;
}

/* Writes a figure with a point before its last `places` digits. Returns the end of the text. */
static char *figure_to_string(uint64_t figure, unsigned places, char *buf)
{
        char reversed[DECIMAL_STRING_MAX];
        size_t n = 0;

        do {
                if (places > 0 && n == places)
                        reversed[n++] = '.';
                reversed[n++] = (char)('0' + figure % 10);
                figure /= 10;
        } while (figure > 0 || (places > 0 && n < places + 2));

        while (n > 0)
                *buf++ = reversed[--n];
        *buf = '\0';
        return buf;
}

const char *decimal_to_string(double value, char buf[static DECIMAL_STRING_MAX])
{
        double scale = 1;
        uint64_t figure;
        unsigned places;

        assert(value >= 0 && value <= (double)FIGURE_MAX);

        figure = (uint64_t)(value + 0.5);
        for (places = 0; (double)figure / scale != value; places++) {
                double next = value * scale * 10 + 0.5;

                if (places == DIGITS_MAX || next >= (double)(FIGURE_MAX + 1))
                        break;
                scale *= 10;
                figure = (uint64_t)next;
        }

        (void)figure_to_string(figure, places, buf);
        return buf;
}

const char *duration_to_string(usec_t usec, char buf[static DURATION_STRING_MAX])
{
        size_t unit = ELEMENTSOF(units);
        char *end;

        if (usec < USEC_PER_MSEC) {
                memcpy(buf, "0s", sizeof("0s"));
                return buf;
        }

        usec -= usec % USEC_PER_MSEC;
        while (usec % units[--unit].usec != 0)
                ;
        end = figure_to_string(usec / units[unit].usec, 0, buf);
        memcpy(end, units[unit].name, strlen(units[unit].name) + 1);
        return buf;
}

int parse_address(const char *text, char ret[static ADDRESS_STRING_MAX])
{
        char address[ADDRESS_STRING_MAX] = "";

        if (strlen(text) != ADDRESS_STRING_MAX - 1)
                return -EINVAL;
        for (size_t i = 0; i < ADDRESS_STRING_MAX - 1; i++) {
                char c = text[i];

                if (c >= 'a' && c <= 'f')
                        c = (char)(c - 'a' + 'A');
                if (i % 3 == 2 ? c != ':' : !(is_digit(c) || (c >= 'A' && c <= 'F')))
                        return -EINVAL;
                address[i] = c;
        }
        memcpy(ret, address, sizeof(address));
        return 0;
}
