/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "cardio/time.h"

/* Decides when the runner is told that a strap's battery is low: once, and again only after it has risen, as a new one does.
 *
 *                at or below 15 % for a minute
 *   FINE ─────────────────────────────────────────▶ LOW
 *     ▲                                              │
 *     └──────────────────────────────────────────────┘
 *                   above 25 % for a minute
 *
 * Some straps, and BlueZ, report another level for a moment, mostly right after they have connected: it neither tells nor
 * forgets anything. Zero it to begin. */

#define BATTERY_LOW_PERCENT  15
#define BATTERY_HIGH_PERCENT 25
#define BATTERY_HOLD_USEC    USEC_PER_MIN
#define BATTERY_UNKNOWN      (-1)

typedef enum BatteryChange {
        BATTERY_SAME,
        BATTERY_LOW,   /* the runner is to be told */
        BATTERY_RISEN, /* it may be told again */
        _BATTERY_CHANGE_MAX,
        _BATTERY_CHANGE_INVALID = -EINVAL,
} BatteryChange;

typedef struct Battery {
        bool low;          /* the runner was told */
        int percent;       /* BATTERY_UNKNOWN while the strap is not connected */
        BatteryChange to;  /* what comes of it if it stays as it is, … */
        usec_t since_usec; /* … since then */
} Battery;

/* It was reported; low: whether the runner has been told, as far as is known from before. */
void battery_update(Battery *b, int percent, bool low, usec_t now_usec);
BatteryChange battery_tick(Battery *b, usec_t now_usec);
/* When battery_tick() has something to do, USEC_INFINITY if never. */
usec_t battery_deadline(const Battery *b);
