/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/macro.h"

/* bridge.conf, the file of cardio-bridge. What cardioctl says of it is read by the same code. */

#define BRIDGE_SYSTEM_CONFIG "/etc/cardiod/bridge.conf"
/* Below $XDG_CONFIG_HOME. */
#define BRIDGE_USER_CONFIG "cardiod/bridge.conf"

/* Versions of MQTT. */
typedef enum BridgeProtocol {
        BRIDGE_PROTOCOL_AUTO, /* 5, and 3.1.1 where the broker does not know it */
        BRIDGE_PROTOCOL_3_1_1,
        BRIDGE_PROTOCOL_5,
        _BRIDGE_PROTOCOL_MAX,
        _BRIDGE_PROTOCOL_INVALID = -22,
} BridgeProtocol;

typedef struct BridgeConfig {
        /* [broker] */
        char *host;                        /* NULL = not configured: the file is missing, or names none */
        uint16_t port;                     /* 8883 with TLS, 1883 without, unless the file says another */
        bool tls;                          /* yes unless the file says no */
        char *ca_file;                     /* certificates of authorities; NULL = the system's */
        char *certificate_file, *key_file; /* our own, for a broker that wants one; NULL = none */
        char *username;                    /* NULL = none */
        char *password_file;               /* NULL = none */
        char *password;                    /* what is in it: its first line; NULL = none */
        BridgeProtocol protocol;
        /* [topics] */
        char *prefix; /* as in "cardiod" */
        char *device; /* as in "garage": one level of a topic; by default the host's name */
        /* [homeassistant] */
        bool discovery;
        char *discovery_prefix; /* as in "homeassistant" */
} BridgeConfig;

/* Where the file is: BRIDGE_SYSTEM_CONFIG, or with user the runner's own. Returns 0, or a negative errno: -ENOENT if there is
 * no home. ret is to be freed. */
int bridge_config_path(bool user, char **ret);

/* Reads the file over the defaults, and the password file it names, which is refused if others than its owner and group may
 * read it. Returns 0; or a negative errno, and in ret_error (to be freed) all that is wrong, a line for each:
 * "FILE:LINE: KEY: reason; accepted: …"; NULL if memory was short. ret is untouched then. A missing file, and one
 * that names no host, are mistakes. */
int bridge_config_load(const char *path, BridgeConfig *ret, char **ret_error);

/* What is to be said of a configuration that is accepted all the same; NULL = nothing. */
const char *bridge_config_warning(const BridgeConfig *c);

/* As in the file: "auto", "3.1.1", "5". */
const char *bridge_protocol_to_string(BridgeProtocol protocol);

void bridge_config_done(BridgeConfig *c);
#define _cleanup_bridge_config_ __attribute__((cleanup(bridge_config_done)))
