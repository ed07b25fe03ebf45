/* SPDX-License-Identifier: MIT */

/* Numbers, moments and texts as the programs of others write them, and problems in words. Arithmetic only: no locale decides what
 * a decimal point looks like, and no time zone is asked. No clock. */

#include "exchange/reading-parse.h"

#include <math.h>
#include <string.h>

#include "cardio/day.h"
#include "cardio/text.h"
#include "exchange/figure.h"

#define NUMBER_MAX   1e15
#define MANTISSA_MAX (INT64_C(100000000000000000)) /* so that a digit more fits */
#define EXPONENT_MAX 400
/* Up to here both are exact as double, and so is what one division makes of them, rounded once. */
#define MANTISSA_EXACT (INT64_C(1) << 53)
#define EXPONENT_EXACT 22
#define MS_PER_DAY     (INT64_C(24) * 3600 * 1000)
#define QUOTED_SIZE    48U /* bytes of others' text in a problem */

#define ONE_FOOT_BELOW 110 /* steps per min */
#define ONE_FOOT_ABOVE 1.8 /* m/s */

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *p)
{
        while (is_blank(*p))
                p++;
        return p;
}

/* -- Numbers -- */

/* Digits, with at most one point among them. Returns their end, or NULL if there are none. */
static const char *take_mantissa(const char *p, int64_t *ret, int *ret_exponent)
{
        bool any = false, point = false;
        int64_t value = 0;
        int exponent = 0;

        for (;; p++) {
                if (!point && (*p == '.' || *p == ',')) {
                        point = true;
                        continue;
                }
                if (!is_digit(*p))
                        break;
                any = true;
                if (value < MANTISSA_MAX) {
                        value = value * 10 + (*p - '0');
                        exponent -= point;
                } else if (!point && exponent < EXPONENT_MAX) {
                        exponent++;
                }
        }
        *ret = value;
        *ret_exponent = exponent;
        return any ? p : NULL;
}

/* As in e-4; none is 0. Returns its end, or NULL if it has no digits. */
static const char *take_exponent(const char *p, int *exponent)
{
        bool negative;
        int value = 0;

        if (*p != 'e' && *p != 'E')
                return p;
        p++;
        negative = *p == '-';
        p += *p == '-' || *p == '+';
        if (!is_digit(*p))
                return NULL;
        for (; is_digit(*p); p++)
                if (value < EXPONENT_MAX)
                        value = value * 10 + (*p - '0');
        *exponent += negative ? -value : value;
        return p;
}

/* So many steps further from 0. */
static double neighbour(double value, int64_t steps)
{
        uint64_t bits;

        memcpy(&bits, &value, sizeof(bits));
        bits += (uint64_t)steps;
        memcpy(&value, &bits, sizeof(value));
        return value;
}

/* A text of more digits than a number has, as figure_from_real() writes, is that of no other number: a value close to it is
 * corrected. */
static double exactly(double value, const char *text)
{
        static const int steps[] = { 0, 1, -1, 2, -2, 3, -3 };
        char figure[FIGURE_MAX];

        for (size_t i = 0; value != 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
                double close = neighbour(value, steps[i]);
                const char *written = figure_from_real(close, figure);

                if (written && strcmp(written, text) == 0)
                        return close;
        }
        return value;
}

int reading_number(const char *text, double *ret)
{
        const char *p = skip_blanks(text);
        int64_t mantissa;
        bool negative;
        int exponent;
        double value;

        if (!*p)
                return -ENODATA;
        negative = *p == '-';
        p += *p == '-' || *p == '+';
        p = take_mantissa(p, &mantissa, &exponent);
        if (p)
                p = take_exponent(p, &exponent);
        if (!p || *skip_blanks(p))
                return -EINVAL;
        value = exponent < 0 ? (double)mantissa / pow(10, -exponent) : (double)mantissa * pow(10, exponent);
        if (mantissa == 0)
                value = 0;
        if (!(value <= NUMBER_MAX))
                return -EINVAL;
        value = negative ? -value : value;
        *ret = mantissa > MANTISSA_EXACT || exponent < -EXPONENT_EXACT ? exactly(value, text) : value;
        return 0;
}

/* -- Moments -- */

/* A number of at most so many digits, with blanks before it. Returns its end, or NULL if there is none of min to max. */
static const char *take_figure(const char *p, unsigned digits, unsigned min, unsigned max, unsigned *ret)
{
        unsigned value = 0, n = 0;

        if (!p)
                return NULL;
        for (p = skip_blanks(p); is_digit(*p) && n < digits; p++, n++)
                value = value * 10 + (unsigned)(*p - '0');
        *ret = value;
        return n > 0 && value >= min && value <= max ? p : NULL;
}

/* One of these characters. */
static const char *take_one(const char *p, const char *of)
{
        return p && *p && strchr(of, *p) ? p + 1 : NULL;
}

/* What follows a point, in ms. */
static const char *take_fraction(const char *p, unsigned *ret)
{
        unsigned value = 0, n = 0;

        *ret = 0;
        if (!p || (*p != '.' && *p != ','))
                return p;
        p++;
        if (!is_digit(*p))
                return NULL;
        for (; is_digit(*p); p++, n++)
                if (n < 3)
                        value = value * 10 + (unsigned)(*p - '0');
                else if (n == 3 && *p >= '5')
                        value++;
        for (; n < 3; n++)
                value *= 10;
        *ret = value;
        return p;
}

/* Z, an offset such as +02:00, +0200 or +02, or nothing. */
static const char *take_zone(const char *p, ReadingMoment *moment)
{
        unsigned hours, minutes = 0;
        bool negative;

        if (!p)
                return NULL;
        p = skip_blanks(p);
        if (!*p) {
                moment->local = true;
                return p;
        }
        if (*p == 'Z' || *p == 'z')
                return skip_blanks(p + 1);
        negative = *p == '-';
        p = take_one(p, "+-");
        p = take_figure(p, 2, 0, 23, &hours);
        if (p && (*p == ':' || is_digit(*p)))
                p = take_figure(p + (*p == ':'), 2, 0, 59, &minutes);
        if (!p)
                return NULL;
        moment->has_offset = true;
        moment->utc_offset_s = (int32_t)(hours * 3600 + minutes * 60);
        if (negative)
                moment->utc_offset_s = -moment->utc_offset_s;
        return skip_blanks(p);
}

int reading_moment(const char *text, ReadingMoment *ret)
{
        unsigned year, month, day, hour, minute, second, ms;
        const char *p = skip_blanks(text);
        ReadingMoment moment = { 0 };
        Day date;

        if (!*p)
                return -ENODATA;
        p = take_figure(p, 4, 1000, 9999, &year);
        p = take_figure(take_one(p, "-"), 2, 1, 12, &month);
        p = take_figure(take_one(p, "-"), 2, 1, 31, &day);
        p = p && is_blank(*p) ? skip_blanks(p) : p && (*p == 'T' || *p == 't') ? p : NULL;
        if (p && (*p == 'T' || *p == 't'))
                p++;
        p = take_figure(p, 2, 0, 24, &hour);
        p = take_figure(take_one(p, ":"), 2, 0, 59, &minute);
        p = take_figure(take_one(p, ":"), 2, 0, 60, &second); /* one that was put in has the 60 */
        p = take_zone(take_fraction(p, &ms), &moment);
        if (!p || *p || day_from_civil((int)year, month, day, &date) < 0)
                return -EINVAL;
        moment.at = date * MS_PER_DAY + (int64_t)hour * 3600000 + (int64_t)minute * 60000 +
                    (int64_t)second * 1000 + ms - moment.utc_offset_s * INT64_C(1000);
        *ret = moment;
        return 0;
}

/* -- Texts -- */

static void plain(const char *text, char *ret, size_t size)
{
        char line[2 * READING_NOTE_MAX];
        size_t n = 0;

        text = skip_blanks(text);
        for (; *text && n + 1 < sizeof(line); text++)
                if (!is_blank(*text))
                        line[n++] = *text;
                else if (n > 0 && line[n - 1] != ' ')
                        line[n++] = ' ';
        while (n > 0 && line[n - 1] == ' ')
                n--;
        line[n] = '\0';
        (void)text_brief(ret, size, line);
}

void reading_plain(const char *text, char ret[static READING_TEXT_MAX])
{
        plain(text, ret, READING_TEXT_MAX);
}

void reading_note(const char *text, char ret[static READING_NOTE_MAX])
{
        plain(text, ret, READING_NOTE_MAX);
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool reading_has_word(const char *text, const char *word)
{
        for (; *text; text++) {
                size_t n = 0;

                while (word[n] && lower(text[n]) == lower(word[n]))
                        n++;
                if (!word[n])
                        return true;
        }
        return !*word;
}

/* Run, running, trail_running, VirtualRun … */
bool reading_sport_is_running(const char *sport)
{
        return !*sport || reading_has_word(sport, "run") || reading_has_word(sport, "jog") ||
               reading_has_word(sport, "treadmill");
}

/* -- Cadences -- */

double reading_cadence_of_foot(double cadence)
{
        return cadence < ONE_FOOT_BELOW ? 2 * cadence : cadence;
}

double reading_cadence_of_run(double cadence, double speed)
{
        return speed <= ONE_FOOT_ABOVE ? cadence : reading_cadence_of_foot(cadence); /* NAN is not known */
}

/* -- Problems -- */

static void append(char *to, size_t size, const char *text)
{
        size_t n = strlen(to), length = utf8_fit(text, size - 1 - n);

        memcpy(to + n, text, length);
        to[n + length] = '\0';
}

void reading_place(ReadingProblem *problem, const char *what, uint64_t number)
{
        char figure[FIGURE_MAX];

        append(problem->place, sizeof(problem->place), what);
        append(problem->place, sizeof(problem->place),
                        figure_from_integer((int64_t)(number & INT64_MAX), figure));
}

void reading_say(ReadingProblem *problem, const char *text)
{
        append(problem->text, sizeof(problem->text), text);
}

void reading_quote(ReadingProblem *problem, const char *text)
{
        char brief[QUOTED_SIZE];

        reading_say(problem, "“");
        reading_say(problem, text_brief(brief, sizeof(brief), text));
        reading_say(problem, "”");
}
