/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "client/bridge-config.h"

/* What publishes: follows org.cardiod1, and tells a broker. Ends the event loop when it is of no use any more. */
typedef struct Bridge Bridge;

/* user: follows the daemon of this user alone. folder: where is kept what the broker has not acknowledged yet. config is taken
 * over, and is empty then. Returns 0; or a negative errno, and in ret_error (to be freed) why, NULL if memory was short. */
int bridge_new(sd_event *event, bool user, const char *folder, BridgeConfig *config, Bridge **ret,
                char **ret_error);

/* Publishes "offline"; waits two seconds at most. */
Bridge *bridge_free(Bridge *b);
DEFINE_CLEANUP(Bridge *, bridge_free);
