/* SPDX-License-Identifier: MIT */

/* The nearest of a few words: the optimal string alignment distance (Damerau-Levenshtein without a letter moved twice), and
 * the two ways in which people shorten words. Holds no state, allocates nothing, reads no clock. */

#include "cardio/nearest.h"

#include <stdbool.h>
#include <string.h>

/* How a shortened word ranks: one of which that much is there is meant, whatever else is near. */
#define BEGINNING_MIN      3U
#define DISTANCE_BEGINNING 0U
#define DISTANCE_SHORTENED (NEAREST_WORD_MAX + 2) /* after any distance */

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

unsigned nearest_distance(const char *a, const char *b)
{
        /* Rows i - 2, i - 1 and i of the table of distances between the beginnings of a and b. */
        unsigned rows[3][NEAREST_WORD_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2], *spare;
        size_t n_a = strlen(a), n_b = strlen(b);

        if (n_a > NEAREST_WORD_MAX || n_b > NEAREST_WORD_MAX)
                return NEAREST_WORD_MAX + 1;
        for (size_t j = 0; j <= n_b; j++)
                before[j] = above[j] = (unsigned)j;
        for (size_t i = 1; i <= n_a; i++) {
                row[0] = (unsigned)i;
                for (size_t j = 1; j <= n_b; j++) {
                        bool same = lower(a[i - 1]) == lower(b[j - 1]);

                        row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same);
                        if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                                        lower(a[i - 2]) == lower(b[j - 1]))
                                row[j] = least(row[j], before[j - 2] + 1);
                }
                spare = before;
                before = above;
                above = row;
                row = spare;
        }
        return above[n_b];
}

static bool begins(const char *word, const char *candidate)
{
        for (; *word; word++, candidate++)
                if (lower(*word) != lower(*candidate))
                        return false;
        return true;
}

/* All letters of the word come in the candidate, in this order, the first as the first. */
static bool shortens(const char *word, const char *candidate)
{
        if (lower(*word) != lower(*candidate))
                return false;
        for (; *word; candidate++) {
                if (!*candidate)
                        return false;
                if (lower(*word) == lower(*candidate))
                        word++;
        }
        return true;
}

void nearest_consider(Nearest *n, const char *candidate)
{
        size_t length = strlen(n->word), longest = strlen(candidate);
        unsigned distance = nearest_distance(n->word, candidate), allowed;

        if (length < 2)
                return; /* a letter may be anything */
        if (length > longest)
                longest = length;
        allowed = longest < 6 ? 1 : (unsigned)longest / 3;
        if (length >= BEGINNING_MIN && begins(n->word, candidate)) {
                distance = DISTANCE_BEGINNING;
        } else if (distance > allowed) {
                if (!shortens(n->word, candidate))
                        return;
                distance = DISTANCE_SHORTENED;
        }
        if (n->match && distance >= n->distance)
                return;
        n->match = candidate;
        n->distance = distance;
}
