/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "cardio/time.h"
#include "client/follower-event.h"
#include "state.h"

/* The JSON texts of messages, each on one line. All return 0 and a text to be freed, or a negative errno. */

/* Topic PREFIX/DEVICE/state. */
int payload_state(const StateView *view, char **ret);

/* Topic PREFIX/DEVICE/event. session: the one that is being recorded, for events that name none; 0 = none. Returns -ENOENT for
 * an event that is not published. */
int payload_event(const FollowerEvent *event, const char *device, int64_t session, usec_t realtime_usec,
                char **ret);

/* Topic PREFIX/DEVICE/session: the columns of view `sessions` with the names and types that `cardioctl sessions --json` gives
 * them, and before them the device. reply: of GetSession, not read yet. -EBADMSG if it has no id. */
int payload_session(sd_bus_message *reply, const char *device, char **ret);
