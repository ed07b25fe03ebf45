/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/time.h"

/* The pause before a call to the notification server is repeated: a fifth of a second at first, then twice as long each
 * time, up to a minute. */
#define PAUSE_FIRST_USEC (200 * USEC_PER_MSEC)
#define PAUSE_LAST_USEC  (60 * USEC_PER_SEC)

/* The pause after that many tries. */
static inline usec_t pause_usec(unsigned tries)
{
        usec_t usec = PAUSE_FIRST_USEC;

        for (unsigned i = 1; i < tries && usec < PAUSE_LAST_USEC; i++)
                usec *= 2;
        return usec < PAUSE_LAST_USEC ? usec : PAUSE_LAST_USEC;
}
