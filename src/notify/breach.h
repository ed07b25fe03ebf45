/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdint.h>

/* What a run is too fast by. */
typedef enum BreachKind {
        BREACH_HEART_RATE, /* above the ceiling */
        BREACH_PACE,       /* faster than a recovery run may be */
        _BREACH_KIND_MAX,
        _BREACH_KIND_INVALID = -EINVAL,
} BreachKind;

/* As cardiod signals it: that it goes on, or that it is over. */
typedef struct Breach {
        BreachKind kind;
        int64_t session;
        const char *sensor;  /* its object path */
        double value, limit; /* bpm, or m/s, as received */
        uint32_t seconds;    /* how long it has been so, or was */
} Breach;
