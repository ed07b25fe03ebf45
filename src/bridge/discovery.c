/* SPDX-License-Identifier: MIT */

/* The message of a device: who it is, who says so, and a component for each thing to see. Each component reads its value from
 * the state message, whose null is "unknown" there, and goes blank by itself when no message comes. No clock. */

#include "discovery.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "json.h"

/* Seconds. A state message comes every 30 s at least. */
#define EXPIRE_AFTER_S 90

static const struct {
        const char *key; /* of the component */
        const char *name, *template;
        bool binary;
        const char *device_class, *unit, *icon; /* NULL = none */
        bool measured;                          /* it has a history */
} components[] = {
        { .key = "heart_rate",
                        .name = "Heart rate",
                        .template = "{{ value_json.heart_rate }}",
                        .unit = "bpm",
                        .icon = "mdi:heart-pulse",
                        .measured = true },
        { .key = "zone",
                        .name = "Zone",
                        .template = "{{ value_json.zone }}",
                        .icon = "mdi:stairs",
                        .measured = true },
        { .key = "ceiling",
                        .name = "Ceiling",
                        .template = "{{ value_json.ceiling }}",
                        .unit = "bpm",
                        .icon = "mdi:format-vertical-align-top",
                        .measured = true },
        { .key = "battery",
                        .name = "Strap battery",
                        .template = "{{ value_json.battery }}",
                        .device_class = "battery",
                        .unit = "%",
                        .measured = true },
        { .key = "too_fast",
                        .name = "Too fast",
                        .template = "{{ 'ON' if value_json.over else 'OFF' }}",
                        .binary = true,
                        .icon = "mdi:speedometer" },
        { .key = "recording",
                        .name = "Recording",
                        .template = "{{ 'ON' if value_json.recording else 'OFF' }}",
                        .binary = true,
                        .device_class = "running" },
};

/* -- Names ----------------------------------------------------------------------------------------------- */

void discovery_id(const BridgeConfig *config, char ret[static DISCOVERY_ID_MAX])
{
        static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
        const char *const parts[] = { config->prefix, "_", config->device };
        uint32_t hash = UINT32_C(0x811c9dc5); /* FNV-1a */
        bool unclear = false;
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                for (const char *c = parts[i]; *c; c++) {
                        bool same = strchr(kept, *c);

                        hash = (hash ^ (i == 1 ? '/' : (unsigned char)*c)) * UINT32_C(0x1000193);
                        unclear = unclear || (i != 1 && !same);
                        if (n < DISCOVERY_ID_MAX - 16)
                                ret[n++] = same ? *c : '_';
                        else
                                unclear = true;
                }
        ret[n] = '\0';
        if (unclear)
                (void)snprintf(ret + n, DISCOVERY_ID_MAX - n, "_%08" PRIx32, hash);
}

int discovery_topic(const BridgeConfig *config, char **ret)
{
        char id[DISCOVERY_ID_MAX];

        discovery_id(config, id);
        return asprintf(ret, "%s/device/%s/config", config->discovery_prefix, id) < 0 ? -ENOMEM : 0;
}

int discovery_status_topic(const BridgeConfig *config, char **ret)
{
        return asprintf(ret, "%s/status", config->discovery_prefix) < 0 ? -ENOMEM : 0;
}

/* -- The message ----------------------------------------------------------------------------------------- */

/* NULL: not there at all. */
static int add_text(json_object *o, const char *key, const char *text)
{
        return text ? json_add(o, key, json_object_new_string(text)) : 0;
}

static int add_component(json_object *all, size_t i, const char *id)
{
        json_object *o = json_object_new_object();
        char unique[DISCOVERY_ID_MAX + 32];
        int r = json_add(all, components[i].key, o);

        if (r < 0)
                return r;
        (void)snprintf(unique, sizeof(unique), "%s_%s", id, components[i].key);
        r = add_text(o, "platform", components[i].binary ? "binary_sensor" : "sensor");
        if (r >= 0)
                r = add_text(o, "unique_id", unique);
        if (r >= 0)
                r = add_text(o, "name", components[i].name);
        if (r >= 0)
                r = add_text(o, "value_template", components[i].template);
        if (r >= 0)
                r = add_text(o, "device_class", components[i].device_class);
        if (r >= 0)
                r = add_text(o, "unit_of_measurement", components[i].unit);
        if (r >= 0)
                r = add_text(o, "state_class", components[i].measured ? "measurement" : NULL);
        if (r >= 0)
                r = add_text(o, "icon", components[i].icon);
        if (r >= 0)
                r = add_text(o, "payload_on", components[i].binary ? "ON" : NULL);
        if (r >= 0)
                r = add_text(o, "payload_off", components[i].binary ? "OFF" : NULL);
        return r < 0 ? r : json_add(o, "expire_after", json_object_new_int(EXPIRE_AFTER_S));
}

static int add_components(json_object *root, const char *id)
{
        json_object *all = json_object_new_object();
        int r = json_add(root, "components", all);

        for (size_t i = 0; i < ELEMENTSOF(components) && r >= 0; i++)
                r = add_component(all, i, id);
        return r;
}

static int add_device(json_object *root, const BridgeConfig *config, const char *id)
{
        json_object *device = json_object_new_object(), *ids;
        _cleanup_free_ char *name = NULL;
        int r = json_add(root, "device", device);

        if (r >= 0 && asprintf(&name, "cardiod (%s)", config->device) < 0) {
                name = NULL;
                r = -ENOMEM;
        }
        if (r < 0)
                return r;
        ids = json_object_new_array();
        r = json_add(device, "identifiers", ids);
        if (r >= 0) {
                json_object *text = json_object_new_string(id);

                if (!text || json_object_array_add(ids, text) < 0) {
                        json_object_put(text);
                        r = -ENOMEM;
                }
        }
        if (r >= 0)
                r = add_text(device, "name", name);
        return r < 0 ? r : add_text(device, "sw_version", CARDIO_VERSION);
}

static int add_origin(json_object *root)
{
        json_object *origin = json_object_new_object();
        int r = json_add(root, "origin", origin);

        if (r >= 0)
                r = add_text(origin, "name", "cardio-bridge");
        return r < 0 ? r : add_text(origin, "sw_version", CARDIO_VERSION);
}

int discovery_payload(const BridgeConfig *config, const char *state_topic, const char *availability_topic,
                char **ret)
{
        _cleanup_object_ json_object *root = json_object_new_object();
        char id[DISCOVERY_ID_MAX];
        const char *text;
        int r;

        if (!root)
                return -ENOMEM;
        discovery_id(config, id);
        r = add_device(root, config, id);
        if (r >= 0)
                r = add_origin(root);
        if (r >= 0)
                r = add_text(root, "availability_topic", availability_topic);
        if (r >= 0)
                r = add_text(root, "state_topic", state_topic);
        if (r >= 0)
                r = add_components(root, id);
        if (r < 0)
                return r;
        text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        *ret = text ? strdup(text) : NULL;
        return *ret ? 0 : -ENOMEM;
}
