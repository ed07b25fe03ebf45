/* SPDX-License-Identifier: MIT */

/* Numbers and moments as text. Arithmetic on whole numbers only: no locale decides what a decimal point looks like, and no
 * time zone is asked. No clock. */

#include "exchange/figure.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cardio/day.h"
#include "cardio/macro.h"

#define MS_PER_DAY    (INT64_C(24) * 3600 * 1000)
#define MIN_PER_DAY   (24 * 60)
#define TWO_POW_63    9223372036854775808.0
#define TWO_POW_64    18446744073709551616.0
#define DIGITS_MAX    20U /* of 64 bits */
#define MANTISSA_BITS 52

/* Writes at least so many digits. Returns where they end. */
static char *put_digits(char *p, uint64_t value, unsigned at_least)
{
        char digits[DIGITS_MAX];
        unsigned n = 0;

        do
                digits[n++] = (char)('0' + value % 10);
        while ((value /= 10) > 0 || n < at_least);
        while (n > 0)
                *p++ = digits[--n];
        return p;
}

static uint64_t magnitude(int64_t value)
{
        return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

const char *figure_from_integer(int64_t value, char buf[static FIGURE_MAX])
{
        char *p = buf;

        if (value < 0)
                *p++ = '-';
        *put_digits(p, magnitude(value), 1) = '\0';
        return buf;
}

const char *figure_from_thousandths(int64_t value, char buf[static FIGURE_MAX])
{
        char *p = buf;

        if (value < 0)
                *p++ = '-';
        p = put_digits(p, magnitude(value) / 1000, 1);
        *p++ = '.';
        *put_digits(p, magnitude(value) % 1000, 3) = '\0';
        return buf;
}

const char *figure_from_rr(uint16_t rr, char buf[static FIGURE_MAX])
{
        return figure_from_thousandths((rr * INT64_C(1000000) + 512) / 1024, buf);
}

/* Half the way to the neighbours of a number, in 2^-64. Below a power of two the way is half as long. */
static uint64_t half_way(double value)
{
        uint64_t bits;
        int shift;

        memcpy(&bits, &value, sizeof(bits));
        shift = (int)(bits >> MANTISSA_BITS & 0x7ff) - 1023 - MANTISSA_BITS + 63;
        if ((bits & ((UINT64_C(1) << MANTISSA_BITS) - 1)) == 0)
                shift--;
        return shift < 0 ? 1 : shift > 63 ? UINT64_C(1) << 63 : UINT64_C(1) << shift;
}

/* Digits of a fraction, in 2^-64, as many as tell it from all that is farther away than `near`. G. L. Steele and J. L. White,
 * "How to print floating-point numbers accurately", 1990: their (FP)³. */
static char *put_fraction(char *p, uint64_t fraction, uint64_t near)
{
        bool low = false, high = false;

        while (fraction > 0 && !low && !high) {
                uint64_t lower = (fraction & UINT32_MAX) * 10, upper = (fraction >> 32) * 10 + (lower >> 32);

                fraction = upper << 32 | (lower & UINT32_MAX);
                near = near > UINT64_MAX / 10 ? UINT64_MAX : near * 10;
                *p++ = (char)('0' + (upper >> 32));
                low = fraction < near;
                high = fraction > 0 - near;
        }
        if (high && !(low && fraction <= UINT64_C(1) << 63))
                p[-1]++;
        return p;
}

const char *figure_from_real(double value, char buf[static FIGURE_MAX])
{
        double size = fabs(value), whole;
        char *p = buf;

        if (!(size < TWO_POW_63))
                return NULL;
        whole = trunc(size);
        if (value < 0)
                *p++ = '-';
        p = put_digits(p, (uint64_t)whole, 1);
        if (size > whole) {
                char *point = p;

                *p++ = '.';
                p = put_fraction(p, (uint64_t)((size - whole) * TWO_POW_64), half_way(size));
                if (p == point + 1) /* nothing but 0 below 2^-64 */
                        p = point;
        }
        *p = '\0';
        return buf;
}

static char *put_offset(char *p, int offset_min)
{
        unsigned size = (unsigned)(offset_min < 0 ? -offset_min : offset_min);

        *p++ = offset_min < 0 ? '-' : '+';
        p = put_digits(p, size / 60, 2);
        *p++ = ':';
        return put_digits(p, size % 60, 2);
}

int moment_to_string(int64_t unix_ms, int64_t t, int32_t offset_s, char buf[static FIGURE_MAX])
{
        int offset_min = offset_s == MOMENT_UTC ? 0 : offset_s / 60;
        int64_t day, rest;
        char *p = buf;

        if (offset_min <= -MIN_PER_DAY || offset_min >= MIN_PER_DAY)
                offset_min = 0;
        if (__builtin_add_overflow(unix_ms, t, &unix_ms) ||
                        __builtin_add_overflow(unix_ms, offset_min * INT64_C(60000), &unix_ms))
                return -EINVAL;
        day = unix_ms / MS_PER_DAY;
        rest = unix_ms % MS_PER_DAY;
        if (rest < 0) {
                rest += MS_PER_DAY;
                day--;
        }
        if (day < DAY_MIN || day > DAY_MAX)
                return -EINVAL;

        (void)day_to_string((Day)day, p);
        p += DAY_STRING_MAX - 1;
        *p++ = 'T';
        p = put_digits(p, (uint64_t)rest / 3600000, 2);
        *p++ = ':';
        p = put_digits(p, (uint64_t)rest / 60000 % 60, 2);
        *p++ = ':';
        p = put_digits(p, (uint64_t)rest / 1000 % 60, 2);
        *p++ = '.';
        p = put_digits(p, (uint64_t)rest % 1000, 3);
        if (offset_s == MOMENT_UTC)
                *p++ = 'Z';
        else
                p = put_offset(p, offset_min);
        *p = '\0';
        return 0;
}
