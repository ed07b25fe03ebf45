/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/pace.h"

/* Values of Treadmill Data, 0x2ACD (Fitness Machine Service 1.0, 4.9). A reading that is longer than a notification comes in several,
 * all but the last with flag More Data and without a speed. They wait for the last, TREADMILL_WAIT_USEC at most; a reading whose
 * last part never came is given without a speed when the next one begins, or dropped if that is later. Zero it at each link. */
#define TREADMILL_WAIT_USEC (2 * USEC_PER_SEC)

typedef struct Treadmill {
        bool waits; /* for the rest of a reading */
        usec_t since_usec;
        uint16_t fields; /* flags of what it has so far */
        PaceReading part;
} Treadmill;

/* Returns 1 if a reading is whole, which is then in *ret; 0 if more of it is to come; -EBADMSG if there are not even flags, or the
 * speed that they announce is cut. Of a value that is cut behind that what came before the cut counts. */
int treadmill_take(Treadmill *t, const uint8_t *value, size_t size, usec_t at_usec, PaceReading *ret);
