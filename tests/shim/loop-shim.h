/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* The file that LOOP_SHIM names. Times in ns, between one wait for events and the next. */
typedef struct LoopShim {
        uint64_t rounds;
        uint64_t longest, longest_cpu; /* on the clock; and of this processor time alone */
        uint64_t late;                 /* rounds longer than 50 ms on the clock */
        uint64_t late_waiting;         /* … in which it waited voluntarily for something */
        uint64_t syncs, longest_sync;  /* of a file to the disk, in any thread */
        uint64_t loop_syncs;           /* syncs in rounds of the loop, which then waited for the disk */
        uint64_t sync_nsec;            /* set by the test: how long each takes at least */
} LoopShim;
