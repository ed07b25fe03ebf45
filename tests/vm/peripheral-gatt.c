/* SPDX-License-Identifier: MIT */

/* What bluetoothd reads of a strap: the GATT application with its two services, and the advertisement. No clock. */

#include "peripheral.h"

#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"

#define UUID_BATTERY_SERVICE "0000180f-0000-1000-8000-00805f9b34fb"

/* Of the measurement, by what the strap demands. */
static const char *const measurement_flags[_STRAP_DEMAND_MAX][3] = {
        [DEMAND_NOTHING] = { "notify" },
        [DEMAND_ENCRYPTION] = { "notify", "encrypt-notify" },
        [DEMAND_AUTHENTICATION] = { "notify", "encrypt-authenticated-notify" },
};
static const char *const flags_read[] = { "read", NULL };
static const char *const flags_write[] = { "write", NULL };
static const char *const flags_read_notify[] = { "read", "notify", NULL };

/* By what it is. The control point of a treadmill is there to be left alone. */
static const struct {
        const char *service, *measurement, *control_point;
} kinds[_STRAP_KIND_MAX] = {
        [KIND_STRAP] = { UUID_HEART_RATE_SERVICE, UUID_HEART_RATE_MEASUREMENT,
                        "00002a39-0000-1000-8000-00805f9b34fb" },
        [KIND_FOOT_POD] = { UUID_RUNNING_SPEED_SERVICE, UUID_RUNNING_SPEED_MEASUREMENT,
                        "00002a55-0000-1000-8000-00805f9b34fb" },
        [KIND_TREADMILL] = { UUID_FITNESS_MACHINE_SERVICE, UUID_TREADMILL_DATA,
                        "00002ad9-0000-1000-8000-00805f9b34fb" },
};

static const struct {
        const char *uuid; /* NULL: it goes by the kind */
        const char *service;
        const char *const *flags; /* NULL: measurement_flags */
} attributes[_ATTRIBUTE_ID_MAX] = {
        [ATTRIBUTE_MEASUREMENT] = { NULL, "sensor", NULL },
        [ATTRIBUTE_BODY_SENSOR_LOCATION] = { UUID_BODY_SENSOR_LOCATION, "sensor", flags_read },
        [ATTRIBUTE_CONTROL_POINT] = { NULL, "sensor", flags_write },
        [ATTRIBUTE_BATTERY_LEVEL] = { "00002a19-0000-1000-8000-00805f9b34fb", "battery", flags_read_notify },
};

static const char *attribute_uuid(const Attribute *a)
{
        if (attributes[a->id].uuid)
                return attributes[a->id].uuid;
        return a->id == ATTRIBUTE_MEASUREMENT ? kinds[a->strap->kind].measurement
                                              : kinds[a->strap->kind].control_point;
}

/* -- Services -- */

static int service_get_uuid(sd_bus *bus _unused_, const char *path, const char *interface _unused_,
                const char *property _unused_, sd_bus_message *reply, void *userdata,
                sd_bus_error *error _unused_)
{
        const char *name = strrchr(path, '/') + 1;
        const Strap *s = userdata;

        return sd_bus_message_append(reply, "s",
                        strcmp(name, "battery") == 0 ? UUID_BATTERY_SERVICE : kinds[s->kind].service);
}

static int service_get_primary(sd_bus *bus _unused_, const char *path _unused_,
                const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
                void *userdata _unused_, sd_bus_error *error _unused_)
{
        return sd_bus_message_append(reply, "b", true);
}

static const sd_bus_vtable service_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUID", "s", service_get_uuid, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Primary", "b", service_get_primary, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

/* -- Characteristics -- */

static int attribute_get(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_)
{
        const Attribute *a = userdata;
        const char *const *flags = attributes[a->id].flags;
        char service[128];

        if (strcmp(property, "UUID") == 0)
                return sd_bus_message_append(reply, "s", attribute_uuid(a));
        if (strcmp(property, "Flags") == 0)
                return sd_bus_message_append_strv(
                                reply, (char **)(flags ? flags : measurement_flags[a->strap->demand]));
        if (strcmp(property, "Value") == 0)
                return sd_bus_message_append_array(reply, 'y', a->value, a->size);
        (void)snprintf(service, sizeof(service), "%s/%s", a->strap->root, attributes[a->id].service);
        return sd_bus_message_append(reply, "o", service);
}

static int attribute_read(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Attribute *a = userdata;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_append_array(reply, 'y', a->value, a->size);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int attribute_write(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        const Attribute *a = userdata;
        char bytes[3 * VALUE_MAX + 1] = "";
        const uint8_t *value;
        size_t size;
        int r;

        r = sd_bus_message_read_array(m, 'y', (const void **)&value, &size);
        if (r < 0)
                return r;
        for (size_t i = 0; i < size && i < VALUE_MAX; i++)
                (void)snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x", value[i]);
        log_line("note written %s%s", a->strap->address, bytes);
        return sd_bus_reply_method_return(m, NULL);
}

static int attribute_notify(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Attribute *a = userdata;

        a->notifying = strcmp(sd_bus_message_get_member(m), "StartNotify") == 0;
        if (a->id == ATTRIBUTE_MEASUREMENT)
                log_line("note %s %s", a->notifying ? "notifying" : "quiet", a->strap->address);
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable attribute_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("ReadValue", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("ay", value),
                        attribute_read, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("WriteValue", SD_BUS_ARGS("ay", value, "a{sv}", options), SD_BUS_NO_RESULT,
                        attribute_write, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("StartNotify", NULL, NULL, attribute_notify, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("StopNotify", NULL, NULL, attribute_notify, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("UUID", "s", attribute_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Service", "o", attribute_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Flags", "as", attribute_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Value", "ay", attribute_get, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_VTABLE_END,
};

void attribute_set(Attribute *a, const uint8_t *value, size_t size)
{
        if (size > 0)
                memcpy(a->value, value, size);
        a->size = size;
        if (a->notifying && a->strap->peripheral->bus)
                must(sd_bus_emit_properties_changed(a->strap->peripheral->bus, a->path,
                                BLUEZ_CHARACTERISTIC_INTERFACE, "Value", NULL));
}

/* -- The advertisement -- */

static int advertisement_get(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
                const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_)
{
        const Strap *s = userdata;

        if (strcmp(property, "ServiceUUIDs") == 0)
                return sd_bus_message_append(reply, "as", 1, kinds[s->kind].service);
        if (strcmp(property, "Discoverable") == 0)
                return sd_bus_message_append(reply, "b", true);
        if (strcmp(property, "Appearance") == 0)
                return sd_bus_message_append(reply, "q", s->appearance);
        return sd_bus_message_append(reply, "s", strcmp(property, "Type") == 0 ? "peripheral" : s->name);
}

/* Fitness Machine Service 1.0, 3.1: it is available, and a treadmill. Of the others there is none. */
static int advertisement_get_service_data(sd_bus *bus _unused_, const char *path _unused_,
                const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
                void *userdata, sd_bus_error *error _unused_)
{
        const Strap *s = userdata;

        if (s->kind != KIND_TREADMILL)
                return sd_bus_message_append(reply, "a{sv}", 0);
        return sd_bus_message_append(
                        reply, "a{sv}", 1, UUID_FITNESS_MACHINE_SERVICE, "ay", 3, 0x01, 0x01, 0x00);
}

static int advertisement_release(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Strap *s = userdata;

        s->advertised = false;
        strap_reconsider(s);
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable advertisement_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Release", NULL, NULL, advertisement_release, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Type", "s", advertisement_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("ServiceUUIDs", "as", advertisement_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("ServiceData", "a{sv}", advertisement_get_service_data, 0,
                        SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("LocalName", "s", advertisement_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Appearance", "q", advertisement_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Discoverable", "b", advertisement_get, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

/* -- All of them; the slots belong to the bus -- */

void strap_export_objects(Strap *s, sd_bus *bus)
{
        static const char *const services[] = { "sensor", "battery" };
        char path[128];

        must(sd_bus_add_object_manager(bus, NULL, s->root));
        for (size_t i = 0; i < ELEMENTSOF(services); i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", s->root, services[i]);
                must(sd_bus_add_object_vtable(bus, NULL, path, "org.bluez.GattService1", service_vtable, s));
        }
        for (AttributeId id = 0; id < _ATTRIBUTE_ID_MAX; id++) {
                Attribute *a = &s->attributes[id];

                if (id == ATTRIBUTE_BODY_SENSOR_LOCATION && s->kind != KIND_STRAP)
                        continue;
                free(a->path);
                a->path = must_format("%s/%s/char%d", s->root, attributes[id].service, (int)id);
                must(sd_bus_add_object_vtable(
                                bus, NULL, a->path, BLUEZ_CHARACTERISTIC_INTERFACE, attribute_vtable, a));
        }
        must(sd_bus_add_object_vtable(
                        bus, NULL, s->advertisement, "org.bluez.LEAdvertisement1", advertisement_vtable, s));
}
