/* SPDX-License-Identifier: MIT */

/* The names of a sensor's states on D-Bus, for clients. No clock. */

#include "strap-state.h"

#include <stddef.h>
#include <string.h>

static const char *const states[_STRAP_STATE_MAX] = {
        [STRAP_ABSENT] = "absent",
        [STRAP_CONNECTING] = "connecting",
        [STRAP_STALE] = "stale",
        [STRAP_NO_CONTACT] = "no-contact",
        [STRAP_LIVE] = "live",
};

const char *strap_state_to_string(StrapState state)
{
        return state >= 0 && state < _STRAP_STATE_MAX ? states[state] : NULL;
}

StrapState strap_state_from_string(const char *text)
{
        for (StrapState i = 0; i < _STRAP_STATE_MAX; i++)
                if (strcmp(text, states[i]) == 0)
                        return i;
        return STRAP_ABSENT;
}
