/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/report.h"

/* Text on its way to a sink, in pieces of some size. The first error stays, and nothing is written after it, so that a page asks
 * once, at its end.
 *
 * put(o, …) takes pieces of any of these types and writes one after the other: our own text (char *) as it is, escaped("…") for
 * text of others, integers, fixed(x, decimals), and a double as a coordinate of at most one decimal. What is no number is "–". */

typedef struct Out {
        const ReportSink *sink;
        int error; /* 0, or the sink's */
        size_t n;
        char bytes[4096];
} Out;

void out_begin(Out *o, const ReportSink *sink);
/* Returns 0 or the first error. */
int out_end(Out *o);

typedef struct Escaped {
        const char *text;
} Escaped;
static inline Escaped escaped(const char *text)
{
        return (Escaped){ text };
}

typedef struct Fixed {
        double value;
        unsigned decimals;
        bool padded; /* with zeros at the end */
} Fixed;
static inline Fixed fixed(double value, unsigned decimals)
{
        return (Fixed){ value, decimals, false };
}
/* For the columns of a table. */
static inline Fixed padded(double value, unsigned decimals)
{
        return (Fixed){ value, decimals, true };
}
/* Rounded to a whole number, halves to the even one, as elsewhere. */
static inline Fixed whole(double value)
{
        return fixed(value, 0);
}

void out_text(Out *o, const char *text);
/* Nothing but the text: what would be markup, a control character or no UTF-8 is replaced. */
void out_escaped(Out *o, Escaped text);
/* At most so many decimals, up to 3, without zeros at the end unless they are wanted. */
void out_fixed(Out *o, Fixed number);
void out_integer(Out *o, int64_t value);
void out_size(Out *o, size_t value);
void out_coordinate(Out *o, double value);

#ifdef __cppcheck__ /* which does not know _Generic */
void put(Out *o, ...);
#else
#define put_one_(o, x) \
        _Generic((x), char *: out_text, const char *: out_text, Escaped: out_escaped, Fixed: out_fixed,      \
                        double: out_coordinate, int: out_integer, unsigned: out_integer, size_t: out_size, \
                        int64_t: out_integer)(o, x)
#define put_1_(o, a)                                       put_one_(o, a)
#define put_2_(o, a, ...)                                  (put_one_(o, a), put_1_(o, __VA_ARGS__))
#define put_3_(o, a, ...)                                  (put_one_(o, a), put_2_(o, __VA_ARGS__))
#define put_4_(o, a, ...)                                  (put_one_(o, a), put_3_(o, __VA_ARGS__))
#define put_5_(o, a, ...)                                  (put_one_(o, a), put_4_(o, __VA_ARGS__))
#define put_6_(o, a, ...)                                  (put_one_(o, a), put_5_(o, __VA_ARGS__))
#define put_7_(o, a, ...)                                  (put_one_(o, a), put_6_(o, __VA_ARGS__))
#define put_8_(o, a, ...)                                  (put_one_(o, a), put_7_(o, __VA_ARGS__))
#define put_9_(o, a, ...)                                  (put_one_(o, a), put_8_(o, __VA_ARGS__))
#define put_10_(o, a, ...)                                 (put_one_(o, a), put_9_(o, __VA_ARGS__))
#define put_11_(o, a, ...)                                 (put_one_(o, a), put_10_(o, __VA_ARGS__))
#define put_12_(o, a, ...)                                 (put_one_(o, a), put_11_(o, __VA_ARGS__))
#define put_n_(a, b, c, d, e, f, g, h, i, j, k, l, n, ...) put_##n##_
#define put(o, ...)                                        put_n_(__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)(o, __VA_ARGS__)
#endif
