/* SPDX-License-Identifier: MIT */

/* Home Assistant's discovery message, against the keys that its documentation knows. Facts of
 * https://www.home-assistant.io/integrations/mqtt/ and the pages of its platforms: a key that is not there would be ignored in
 * silence. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bridge/discovery.h"
#include "bridge/payload.h"
#include "cardio/macro.h"

#define STATE_TOPIC        "cardiod/garage/state"
#define AVAILABILITY_TOPIC "cardiod/garage/availability"

#define MAX 48

/* -- What is documented ---------------------------------------------------------------------------------- */

typedef enum Kind { TEXT, NUMBER, FLAG, LIST, MAP } Kind;

typedef struct Key {
        const char *name;
        Kind kind;
} Key;

/* Shared by all components of a device message. */
static const Key root_keys[MAX] = {
        { "device", MAP },
        { "origin", MAP },
        { "components", MAP },
        { "availability", LIST },
        { "availability_mode", TEXT },
        { "availability_template", TEXT },
        { "availability_topic", TEXT },
        { "payload_available", TEXT },
        { "payload_not_available", TEXT },
        { "command_topic", TEXT },
        { "state_topic", TEXT },
        { "qos", NUMBER },
        { "encoding", TEXT },
};

static const Key device_keys[MAX] = {
        { "configuration_url", TEXT },
        { "connections", LIST },
        { "hw_version", TEXT },
        { "identifiers", LIST },
        { "manufacturer", TEXT },
        { "model", TEXT },
        { "model_id", TEXT },
        { "name", TEXT },
        { "serial_number", TEXT },
        { "suggested_area", TEXT },
        { "sw_version", TEXT },
        { "via_device", TEXT },
};

static const Key origin_keys[MAX] = { { "name", TEXT }, { "sw_version", TEXT }, { "support_url", TEXT } };

static const Key sensor_keys[MAX] = {
        { "device_class", TEXT },
        { "enabled_by_default", FLAG },
        { "encoding", TEXT },
        { "entity_category", TEXT },
        { "entity_picture", TEXT },
        { "expire_after", NUMBER },
        { "force_update", FLAG },
        { "icon", TEXT },
        { "json_attributes_template", TEXT },
        { "json_attributes_topic", TEXT },
        { "last_reset_value_template", TEXT },
        { "name", TEXT },
        { "options", LIST },
        { "platform", TEXT },
        { "qos", NUMBER },
        { "state_class", TEXT },
        { "state_topic", TEXT },
        { "suggested_display_precision", NUMBER },
        { "unique_id", TEXT },
        { "unit_of_measurement", TEXT },
        { "value_template", TEXT },
};

static const Key binary_sensor_keys[MAX] = {
        { "device_class", TEXT },
        { "enabled_by_default", FLAG },
        { "encoding", TEXT },
        { "entity_category", TEXT },
        { "entity_picture", TEXT },
        { "expire_after", NUMBER },
        { "force_update", FLAG },
        { "icon", TEXT },
        { "json_attributes_template", TEXT },
        { "json_attributes_topic", TEXT },
        { "name", TEXT },
        { "off_delay", NUMBER },
        { "payload_off", TEXT },
        { "payload_on", TEXT },
        { "platform", TEXT },
        { "qos", NUMBER },
        { "state_topic", TEXT },
        { "unique_id", TEXT },
        { "value_template", TEXT },
};

typedef struct Platform {
        const char *name;
        const Key *keys;
        const char *device_classes[8]; /* of those that there are, what could be meant here */
} Platform;

static const Platform platforms[] = {
        { "sensor", sensor_keys, { "battery", "duration", "distance", "speed" } },
        { "binary_sensor", binary_sensor_keys, { "running", "problem", "connectivity", "battery" } },
};

static bool is_kind(json_object *value, Kind kind)
{
        static const json_type types[] = {
                [TEXT] = json_type_string,
                [NUMBER] = json_type_int,
                [FLAG] = json_type_boolean,
                [LIST] = json_type_array,
                [MAP] = json_type_object,
        };

        return json_object_is_type(value, types[kind]);
}

static bool is_documented(const Key *keys, const char *name, json_object *value)
{
        for (size_t i = 0; i < MAX && keys[i].name; i++)
                if (strcmp(keys[i].name, name) == 0)
                        return is_kind(value, keys[i].kind);
        return false;
}

static void assert_documented(const char *where, json_object *o, const Key *keys)
{
        json_object_object_foreach(o, name, value)
        {
                if (!is_documented(keys, name, value))
                        fail_msg("%s: %s is not documented, or of another type", where, name);
        }
}

/* -- The message ----------------------------------------------------------------------------------------- */

static BridgeConfig config_of(const char *prefix, const char *device)
{
        return (BridgeConfig){ .host = (char *)"broker.example",
                .prefix = (char *)prefix,
                .device = (char *)device,
                .discovery = true,
                .discovery_prefix = (char *)"homeassistant" };
}

static json_object *message(const char *device)
{
        const BridgeConfig config = config_of("cardiod", device);
        _cleanup_free_ char *text = NULL;
        json_object *o;

        assert_int_equal(discovery_payload(&config, STATE_TOPIC, AVAILABILITY_TOPIC, &text), 0);
        o = json_tokener_parse(text);
        assert_non_null(o);
        return o;
}

static json_object *member(json_object *o, const char *key)
{
        json_object *value = NULL;

        if (!json_object_object_get_ex(o, key, &value))
                fail_msg("there is no %s", key);
        return value;
}

static const char *text_of(json_object *o, const char *key)
{
        return json_object_get_string(member(o, key));
}

static void test_root(void **state)
{
        json_object *o = message("garage"), *device = member(o, "device"), *origin = member(o, "origin");

        (void)state;
        assert_documented("root", o, root_keys);
        assert_documented("device", device, device_keys);
        assert_documented("origin", origin, origin_keys);
        /* What is required. */
        assert_string_equal(text_of(origin, "name"), "cardio-bridge");
        assert_int_equal(json_object_array_length(member(device, "identifiers")), 1);
        assert_string_equal(
                        json_object_get_string(json_object_array_get_idx(member(device, "identifiers"), 0)),
                        "cardiod_garage");
        assert_string_equal(text_of(device, "name"), "cardiod (garage)");
        assert_string_equal(text_of(o, "state_topic"), STATE_TOPIC);
        assert_string_equal(text_of(o, "availability_topic"), AVAILABILITY_TOPIC);
        json_object_put(o);
}

static const Platform *find_platform(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(platforms); i++)
                if (strcmp(platforms[i].name, name) == 0)
                        return &platforms[i];
        fail_msg("there is no platform %s", name);
        return &platforms[0];
}

static void check_component(const char *key, json_object *c)
{
        const Platform *platform = find_platform(text_of(c, "platform"));
        json_object *device_class = NULL;
        bool known = false;
        char id[64];

        assert_documented(key, c, platform->keys);
        (void)snprintf(id, sizeof(id), "cardiod_garage_%s", key);
        assert_string_equal(text_of(c, "unique_id"), id);
        assert_int_equal(json_object_get_int(member(c, "expire_after")), 90);
        if (json_object_object_get_ex(c, "device_class", &device_class)) {
                for (size_t i = 0; platform->device_classes[i]; i++)
                        known = known || strcmp(platform->device_classes[i],
                                                         json_object_get_string(device_class)) == 0;
                if (!known)
                        fail_msg("%s: device class %s", key, json_object_get_string(device_class));
        }
        if (strcmp(platform->name, "sensor") == 0)
                assert_string_equal(text_of(c, "state_class"), "measurement");
}

/* What a template takes from the state message is in there, by this name. */
static void check_template(const char *key, json_object *c, json_object *state)
{
        const char *template = text_of(c, "value_template"), *at = strstr(template, "value_json.");
        char name[64];
        size_t n;

        assert_non_null(at);
        at += strlen("value_json.");
        n = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
        assert_in_range(n, 1, sizeof(name) - 1);
        memcpy(name, at, n);
        name[n] = '\0';
        if (!json_object_object_get_ex(state, name, NULL))
                fail_msg("%s: there is no %s in a state message", key, name);
        if (strcmp(text_of(c, "platform"), "binary_sensor") == 0) {
                char expected[128];

                (void)snprintf(expected, sizeof(expected), "{{ '%s' if value_json.%s else '%s' }}",
                                text_of(c, "payload_on"), name, text_of(c, "payload_off"));
                assert_string_equal(template, expected);
        }
}

static void test_components(void **state)
{
        static const struct {
                const char *key, *platform, *unit;
        } expected[] = {
                { "heart_rate", "sensor", "bpm" },
                { "zone", "sensor", NULL },
                { "ceiling", "sensor", "bpm" },
                { "battery", "sensor", "%" },
                { "too_fast", "binary_sensor", NULL },
                { "recording", "binary_sensor", NULL },
        };
        const StateView view = { .state = STRAP_LIVE };
        _cleanup_free_ char *text = NULL;
        json_object *o = message("garage"), *components = member(o, "components"), *state_message;

        (void)state;
        assert_int_equal(payload_state(&view, &text), 0);
        state_message = json_tokener_parse(text);
        assert_int_equal(json_object_object_length(components), ELEMENTSOF(expected));
        for (size_t i = 0; i < ELEMENTSOF(expected); i++) {
                json_object *c = member(components, expected[i].key), *unit = NULL;

                assert_string_equal(text_of(c, "platform"), expected[i].platform);
                assert_int_equal(json_object_object_get_ex(c, "unit_of_measurement", &unit),
                                expected[i].unit != NULL);
                if (expected[i].unit)
                        assert_string_equal(json_object_get_string(unit), expected[i].unit);
                check_component(expected[i].key, c);
                check_template(expected[i].key, c, state_message);
        }
        json_object_put(state_message);
        json_object_put(o);
}

/* The documented keys are checked, too: a check that knows nothing finds nothing. */
static void test_check_finds(void **state)
{
        json_object *wrong = json_object_new_string("90"), *right = json_object_new_int(90);

        (void)state;
        assert_true(is_documented(sensor_keys, "expire_after", right));
        assert_false(is_documented(sensor_keys, "expire_after", wrong));
        assert_false(is_documented(sensor_keys, "expires_after", right));
        assert_false(is_documented(sensor_keys, "payload_on", wrong));
        json_object_put(wrong);
        json_object_put(right);
}

/* -- Names ----------------------------------------------------------------------------------------------- */

static void test_id(void **state)
{
        static const struct {
                const char *prefix, *device;
                const char *begins; /* the whole id, unless there is a checksum */
                bool checksum;
        } cases[] = {
                { "cardiod", "garage", "cardiod_garage", false },
                { "cardiod", "tread-mill-3", "cardiod_tread-mill-3", false },
                { "cardiod", "tread_mill", "cardiod_tread_mill_", true },
                { "cardiod", "tread mill", "cardiod_tread_mill_", true },
                { "cardiod", "tread.mill", "cardiod_tread_mill_", true },
                { "cardiod_tread", "mill", "cardiod_tread_mill_", true },
                { "club/runners", "a", "club_runners_a_", true },
                { "club", "runners_a", "club_runners_a_", true },
                { "cardiod", "\xc3\xbc", "cardiod____", true },
        };
        char ids[ELEMENTSOF(cases)][DISCOVERY_ID_MAX];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const BridgeConfig config = config_of(cases[i].prefix, cases[i].device);
                size_t length = strlen(cases[i].begins);

                discovery_id(&config, ids[i]);
                assert_int_equal(
                                ids[i][strspn(ids[i],
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")],
                                '\0');
                assert_int_equal(strncmp(ids[i], cases[i].begins, length), 0);
                assert_int_equal(strlen(ids[i]), length + (cases[i].checksum ? 8 : 0));
                for (size_t j = 0; j < i; j++)
                        assert_string_not_equal(ids[i], ids[j]);
        }
}

/* Longer than any configuration has it. */
static void test_long_id(void **state)
{
        char device[2 * DISCOVERY_ID_MAX], id[DISCOVERY_ID_MAX], other[DISCOVERY_ID_MAX];
        const BridgeConfig config = config_of("cardiod", device);

        (void)state;
        memset(device, 'd', sizeof(device) - 1);
        device[sizeof(device) - 1] = '\0';
        discovery_id(&config, id);
        device[sizeof(device) - 2] = 'e';
        discovery_id(&config, other);
        assert_in_range(strlen(id), 100, DISCOVERY_ID_MAX - 1);
        assert_string_not_equal(id, other);
}

static void test_topics(void **state)
{
        BridgeConfig config = config_of("cardiod", "garage");
        _cleanup_free_ char *topic = NULL, *status = NULL;

        (void)state;
        config.discovery_prefix = (char *)"ha";
        assert_int_equal(discovery_topic(&config, &topic), 0);
        assert_string_equal(topic, "ha/device/cardiod_garage/config");
        assert_int_equal(discovery_status_topic(&config, &status), 0);
        assert_string_equal(status, "ha/status");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_root),
                cmocka_unit_test(test_components),
                cmocka_unit_test(test_check_finds),
                cmocka_unit_test(test_id),
                cmocka_unit_test(test_long_id),
                cmocka_unit_test(test_topics),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
