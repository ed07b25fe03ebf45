/* SPDX-License-Identifier: MIT */
/* What is usual of intervals between heart rates. A strap that sends every second is known by a count; only for one that is
 * slower than the floor are the ten put in order. No clock. */

#include "cardio/intervals.h"

#include <string.h>

#include "cardio/macro.h"

_hot_ void intervals_push(Intervals *i, usec_t length_usec)
{
        if (i->n == INTERVALS_MAX)
                i->n_long -= i->length_usec[i->next] > i->floor_usec;
        else
                i->n++;
        i->n_long += length_usec > i->floor_usec;
        i->length_usec[i->next] = length_usec;
        i->next = i->next + 1 == INTERVALS_MAX ? 0 : i->next + 1;
}

static usec_t median(const Intervals *i)
{
        usec_t sorted[INTERVALS_MAX] = { 0 };

        for (unsigned k = 0; k < i->n; k++) {
                unsigned at = k;

                for (; at > 0 && sorted[at - 1] > i->length_usec[k]; at--)
                        sorted[at] = sorted[at - 1];
                sorted[at] = i->length_usec[k];
        }
        return (sorted[(i->n - 1) / 2] + sorted[i->n / 2]) / 2;
}

_hot_ usec_t intervals_median(const Intervals *i)
{
        usec_t m;

        if (i->n_long * 2 < i->n || i->n == 0)
                return i->floor_usec;
        m = median(i);
        return m > i->floor_usec ? m : i->floor_usec;
}
