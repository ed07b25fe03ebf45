/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "client/bridge-config.h"

/* Home Assistant's discovery by MQTT: one retained message says what there is to see, and where. */

/* Letters, digits, _ and -, as Home Assistant wants it: the prefix and the device, and where that alone could be another one's,
 * too, a checksum of both. */
#define DISCOVERY_ID_MAX 512U
void discovery_id(const BridgeConfig *config, char ret[static DISCOVERY_ID_MAX]);

/* Where the message goes; and where Home Assistant says "online" when it starts. To be freed; return 0 or -ENOMEM. */
int discovery_topic(const BridgeConfig *config, char **ret);
int discovery_status_topic(const BridgeConfig *config, char **ret);

/* The message. state_topic and availability_topic: of this device. To be freed; returns 0 or -ENOMEM. */
int discovery_payload(const BridgeConfig *config, const char *state_topic, const char *availability_topic,
                char **ret);
