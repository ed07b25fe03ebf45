/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>

/* State of org.cardiod1.Sensor, from absent to live. */
typedef enum StrapState {
        STRAP_ABSENT,
        STRAP_CONNECTING,
        STRAP_STALE,
        STRAP_NO_CONTACT,
        STRAP_LIVE,
        _STRAP_STATE_MAX,
        _STRAP_STATE_INVALID = -EINVAL,
} StrapState;

const char *strap_state_to_string(StrapState state);
/* A name that is not known, from another version, is STRAP_ABSENT. */
StrapState strap_state_from_string(const char *text);
