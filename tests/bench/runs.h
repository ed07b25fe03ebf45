/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cardio/engine.h"

/* Ten years of daily runs, invented from a seed: the same seed is the same runs on every machine. A run is what a chest
 * strap sends of it, about a packet a second, each with the R-R intervals that ended in it. */

#define RUNS_TEN_YEARS 3650U /* 13 million packets, 30 million R-R intervals */
#define RUN_PACKET_MAX 32U

typedef struct RunPacket {
        usec_t at_usec; /* Unix µs */
        uint8_t size;
        uint8_t value[RUN_PACKET_MAX]; /* of characteristic 0x2A37 */
} RunPacket;

typedef struct Run {
        const char *kind; /* NULL = the runner has not said */
        uint64_t random;
        usec_t at_usec; /* of the next packet */
        unsigned second, length_s;
        double easy, swing; /* bpm: what it is run at, and how much more its hard parts are */
        double wander;      /* bpm off the plan right now */
        double phase_s;     /* since the last beat */
} Run;

/* The run of a day, counted from 2016-01-01. */
void run_begin(Run *r, uint64_t seed, unsigned day);
/* Returns false when it is over. */
bool run_next(Run *r, RunPacket *ret);

/* The shipped configuration, for a runner whose ceiling is 145.55 bpm. */
EngineConfig runs_config(void);
