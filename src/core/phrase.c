/* SPDX-License-Identifier: MIT */

/* Sentences from pieces, without the C library's formatting, which knows locales. No clock. */

#include "cardio/phrase.h"

#include <assert.h>
#include <string.h>

Phrase phrase_begin(char *buf, size_t size)
{
        assert(size > 0);
        buf[0] = '\0';
        return (Phrase){ .buf = buf, .size = size };
}

void phrase_add(Phrase *p, const char *s)
{
        size_t length = strlen(s), room = p->size - 1 - p->n;

        if (length > room)
                length = room;
        memcpy(p->buf + p->n, s, length);
        p->n += length;
        p->buf[p->n] = '\0';
}

void phrase_add_unsigned(Phrase *p, uint64_t value)
{
        char digits[24];
        size_t n = sizeof(digits);

        digits[--n] = '\0';
        do
                digits[--n] = (char)('0' + value % 10);
        while ((value /= 10) > 0);
        phrase_add(p, digits + n);
}

void phrase_add_length(Phrase *p, double seconds)
{
        uint64_t whole = seconds > 0 ? (uint64_t)(seconds + 0.5) : 0, minutes = whole / 60;

        /* From an hour on nobody counts seconds. */
        if (whole >= 3600) {
                minutes = (whole + 30) / 60;
                phrase_add_unsigned(p, minutes / 60);
                phrase_add(p, " h");
                minutes %= 60;
                whole = 0;
                if (minutes == 0)
                        return;
                phrase_add(p, " ");
        }
        if (minutes > 0) {
                phrase_add_unsigned(p, minutes);
                phrase_add(p, " min");
        }
        whole %= 60;
        if (minutes > 0 && whole == 0)
                return;
        phrase_add(p, minutes > 0 ? " " : "");
        phrase_add_unsigned(p, whole);
        phrase_add(p, " s");
}
