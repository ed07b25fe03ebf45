/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "watch/live.h"

/* The terminal's bell: when it rings, and how often. */
typedef struct Bell Bell;

typedef enum BellReason {
        BELL_OVER_LIMIT,
        BELL_OVER_PACE,
        BELL_CUE,
        BELL_TROUBLE, /* twice */
        _BELL_REASON_MAX,
        _BELL_REASON_INVALID = -EINVAL,
} BellReason;

/* func rings it once. live must live longer. */
int bell_new(sd_event *event, const Live *live, void (*func)(void *userdata), void *userdata, Bell **ret);
Bell *bell_free(Bell *b);
DEFINE_CLEANUP(Bell *, bell_free);

/* Rings in a moment, unless it is not true any more by then. */
void bell_want(Bell *b, BellReason reason);
