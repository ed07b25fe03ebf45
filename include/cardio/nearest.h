/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/* What somebody meant who mistyped one of a few words: a verb, an option, a configuration's key. */

/* Longer words are never taken for another one. */
#define NEAREST_WORD_MAX 40U

typedef struct Nearest {
        const char *word;  /* as typed */
        const char *match; /* the nearest so far, NULL = none is near */
        unsigned distance; /* of match, as nearest_distance() has it */
} Nearest;

/* How many letters have to be added, left out, changed, or swapped with their neighbour to make one word of the other;
 * upper and lower case are alike. A word longer than NEAREST_WORD_MAX is further from anything than that. */
unsigned nearest_distance(const char *a, const char *b);

/* Looks at one candidate more. It is near if the word is its beginning ("stat" of "status", three letters at least), if at most
 * a third of the letters (one, of fewer than six) are wrong, or if the word shortens it ("rm" for "remove"), in this order; of
 * two as near the first stays. */
void nearest_consider(Nearest *n, const char *candidate);
