/* SPDX-License-Identifier: MIT */
/* The time that a heart rate stands for. Fractions of a millisecond are dropped from the usual interval, so that it is the
 * same for the core, which has microseconds, and for the rows, which do not. No clock. */

#include "cardio/credit.h"

#include "cardio/macro.h"

_hot_ usec_t credit_push(Credit *c, usec_t at_usec)
{
        usec_t length_usec = at_usec - c->last_usec, most_usec;

        c->last_usec = at_usec;
        if (!c->started) {
                c->started = true;
                c->intervals.floor_usec = CREDIT_MIN_USEC;
                return 0;
        }
        most_usec = intervals_median(&c->intervals);
        intervals_push(&c->intervals, length_usec);
        if (length_usec <= CREDIT_MIN_USEC)
                return length_usec;
        most_usec -= most_usec % USEC_PER_MSEC;
        if (most_usec > CREDIT_MAX_USEC)
                most_usec = CREDIT_MAX_USEC;
        return length_usec < most_usec ? length_usec : most_usec;
}
