/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* The file that LOOP_SHIM names. Times in ns, between one wait for events and the next. */
typedef struct LoopShim {
        uint64_t rounds;
        uint64_t longest, longest_cpu; /* on the clock; and of this processor time alone */
        uint64_t late;                 /* rounds longer than 50 ms on the clock */
        uint64_t syncs, longest_sync;  /* of a file to the disk, which are part of rounds */
        uint64_t late_apart; /* rounds longer than 50 ms without their syncs, and in which the loop waited */
} LoopShim;
