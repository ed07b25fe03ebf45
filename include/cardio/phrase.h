/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A sentence put together in a buffer of the caller's, which is always ended by NUL. What finds no room is left out: the
 * buffers of those who use it hold the longest that they write. */
typedef struct Phrase {
        char *buf;
        size_t size, n;
} Phrase;

Phrase phrase_begin(char *buf, size_t size);
void phrase_add(Phrase *p, const char *s);
void phrase_add_unsigned(Phrase *p, uint64_t value);
/* Seconds as a sentence has them: 45 s, 3 min 57 s, 40 min, 1 h 5 min. */
void phrase_add_length(Phrase *p, double seconds);
