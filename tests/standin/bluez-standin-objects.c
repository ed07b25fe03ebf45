/* SPDX-License-Identifier: MIT */

/* The objects of org.bluez and their properties, written by hand rather than with sd-bus's vtables: BlueZ has properties
 * that are not always there, and which properties share a signal is part of what the tests are about. Nothing is emitted
 * while bluetoothd is down. No clock. */

#include "bluez-standin.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"

#define PROPERTIES_INTERFACE     "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER_INTERFACE "org.freedesktop.DBus.ObjectManager"

/* A property is a member of its object, of the D-Bus type that goes with it, or what append() writes. */
typedef struct Property {
        const char *name, *type;
        size_t offset;
        bool (*present)(const void *data);
        int (*append)(sd_bus_message *m, const void *data);
} Property;

typedef struct Interface {
        ObjectKind kind;
        const char *name;
        const Property *properties;
        size_t n_properties;
        bool (*present)(const void *data);
} Interface;

static int append_device_uuids(sd_bus_message *m, const void *data)
{
        const Device *d = data;
        int r;

        r = sd_bus_message_open_container(m, 'a', "s");
        if (r < 0)
                return r;
        /* An advertisement names the main service only; the others are known once the services have been read. */
        if (d->discovered) {
                r = sd_bus_message_append(m, "sss", "00001800-0000-1000-8000-00805f9b34fb",
                                "00001801-0000-1000-8000-00805f9b34fb",
                                "0000180a-0000-1000-8000-00805f9b34fb");
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < d->n_services; i++) {
                if (!d->discovered && (d->hidden || i > 0))
                        break;
                r = sd_bus_message_append_basic(m, 's', d->services[i].uuid);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(m);
}

static int append_service_data(sd_bus_message *m, const void *data)
{
        const Device *d = data;
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append_basic(m, 's', UUID_FITNESS_MACHINE_SERVICE);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "ay");
        if (r >= 0)
                r = sd_bus_message_append_array(m, 'y', d->service_data, d->service_data_size);
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int append_value(sd_bus_message *m, const void *data)
{
        const Characteristic *c = data;

        return sd_bus_message_append_array(m, 'y', c->value, c->size);
}

static int append_flags(sd_bus_message *m, const void *data)
{
        const Characteristic *c = data;

        return sd_bus_message_append_strv(m, (char **)c->flags);
}

static bool device_has_rssi(const void *data)
{
        return ((const Device *)data)->has_rssi;
}

static bool device_has_appearance(const void *data)
{
        return ((const Device *)data)->appearance != 0;
}

static bool device_has_service_data(const void *data)
{
        return ((const Device *)data)->seen && ((const Device *)data)->service_data_size > 0;
}

static bool device_shows_battery(const void *data)
{
        return ((const Device *)data)->battery_exported;
}

static bool characteristic_can_notify(const void *data)
{
        return strcmp(((const Characteristic *)data)->flags[0], "notify") == 0;
}

#define FIELD(Type, property, signature, member)                                          \
        {                                                                                 \
                .name = (property), .type = (signature), .offset = offsetof(Type, member) \
        }

static const Property adapter_properties[] = {
        FIELD(Adapter, "Address", "s", address),
        FIELD(Adapter, "Name", "s", id),
        FIELD(Adapter, "Alias", "s", id),
        FIELD(Adapter, "Powered", "b", powered),
        FIELD(Adapter, "PowerState", "s", power_state),
        FIELD(Adapter, "Discovering", "b", discovering),
};

static const Property device_properties[] = {
        FIELD(Device, "Address", "s", address),
        FIELD(Device, "AddressType", "s", address_type),
        FIELD(Device, "Name", "s", name),
        FIELD(Device, "Alias", "s", name),
        { .name = "Appearance",
                        .type = "q",
                        .offset = offsetof(Device, appearance),
                        .present = device_has_appearance },
        FIELD(Device, "Icon", "s", icon),
        FIELD(Device, "Paired", "b", paired),
        FIELD(Device, "Trusted", "b", trusted),
        FIELD(Device, "Blocked", "b", blocked),
        FIELD(Device, "Connected", "b", connected),
        { .name = "UUIDs", .type = "as", .append = append_device_uuids },
        { .name = "ServiceData",
                        .type = "a{sv}",
                        .append = append_service_data,
                        .present = device_has_service_data },
        FIELD(Device, "Adapter", "o", adapter_path),
        FIELD(Device, "ServicesResolved", "b", resolved),
        { .name = "RSSI", .type = "n", .offset = offsetof(Device, rssi), .present = device_has_rssi },
};

static const Property battery_properties[] = {
        FIELD(Device, "Percentage", "y", battery),
};

static const Property service_properties[] = {
        FIELD(Service, "UUID", "s", uuid),
        FIELD(Service, "Device", "o", device_path),
        FIELD(Service, "Primary", "b", primary),
};

static const Property characteristic_properties[] = {
        FIELD(Characteristic, "UUID", "s", uuid),
        FIELD(Characteristic, "Service", "o", service_path),
        { .name = "Value", .type = "ay", .append = append_value },
        { .name = "Notifying",
                        .type = "b",
                        .offset = offsetof(Characteristic, notifying),
                        .present = characteristic_can_notify },
        { .name = "NotifyAcquired",
                        .type = "b",
                        .offset = offsetof(Characteristic, acquired),
                        .present = characteristic_can_notify },
        { .name = "Flags", .type = "as", .append = append_flags },
};

static const Interface interfaces[] = {
        { OBJECT_ADAPTER, "org.bluez.Adapter1", adapter_properties, ELEMENTSOF(adapter_properties), NULL },
        { OBJECT_ADAPTER, "org.bluez.GattManager1", NULL, 0, NULL },
        { OBJECT_DEVICE, "org.bluez.Device1", device_properties, ELEMENTSOF(device_properties), NULL },
        { OBJECT_DEVICE, "org.bluez.Battery1", battery_properties, ELEMENTSOF(battery_properties),
                        device_shows_battery },
        { OBJECT_SERVICE, "org.bluez.GattService1", service_properties, ELEMENTSOF(service_properties),
                        NULL },
        { OBJECT_CHARACTERISTIC, "org.bluez.GattCharacteristic1", characteristic_properties,
                        ELEMENTSOF(characteristic_properties), NULL },
};

static bool interface_is_present(const Interface *interface, const Object *object)
{
        return interface->kind == object->kind && (!interface->present || interface->present(object->data));
}

static bool property_is_present(const Property *property, const void *data)
{
        const char *field = (const char *)data + property->offset;

        if (property->present)
                return property->present(data);
        if (!property->append && strchr("so", property->type[0]))
                return *(const char *const *)field != NULL;
        return true;
}

/* As libdbus writes it, which accepts Unicode noncharacters; sd-bus refuses them. */
static int append_text(sd_bus_message *m, const char *text)
{
        char *space;
        int r = sd_bus_message_append_string_space(m, strlen(text), &space);

        if (r >= 0)
                memcpy(space, text, strlen(text));
        return r;
}

/* The value, as a variant. */
static int property_append(sd_bus_message *m, const Property *property, const void *data)
{
        const char *field = (const char *)data + property->offset;
        int r;

        r = sd_bus_message_open_container(m, 'v', property->type);
        if (r < 0)
                return r;
        if (property->append)
                r = property->append(m, data);
        else if (property->type[0] == 'b')
                r = sd_bus_message_append(m, "b", (int)*(const bool *)field);
        else if (property->type[0] == 's')
                r = append_text(m, *(const char *const *)field);
        else if (property->type[0] == 'o')
                r = sd_bus_message_append_basic(m, property->type[0], *(const char *const *)field);
        else
                r = sd_bus_message_append_basic(m, property->type[0], field);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(m);
}

static int property_append_entry(sd_bus_message *m, const Property *property, const void *data)
{
        int r;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append_basic(m, 's', property->name);
        if (r < 0)
                return r;
        r = property_append(m, property, data);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(m);
}

/* a{sv} of all that is there. */
static int interface_append(sd_bus_message *m, const Interface *interface, const void *data)
{
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        for (size_t i = 0; i < interface->n_properties; i++)
                if (property_is_present(&interface->properties[i], data)) {
                        r = property_append_entry(m, &interface->properties[i], data);
                        if (r < 0)
                                return r;
                }
        return sd_bus_message_close_container(m);
}

/* a{sa{sv}}; only: one interface, or NULL for all. */
static int object_append(sd_bus_message *m, const Object *object, const char *only)
{
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(interfaces); i++) {
                if (!interface_is_present(&interfaces[i], object))
                        continue;
                if (only && strcmp(only, interfaces[i].name) != 0)
                        continue;
                r = sd_bus_message_open_container(m, 'e', "sa{sv}");
                if (r < 0)
                        return r;
                r = sd_bus_message_append_basic(m, 's', interfaces[i].name);
                if (r < 0)
                        return r;
                r = interface_append(m, &interfaces[i], object->data);
                if (r < 0)
                        return r;
                r = sd_bus_message_close_container(m);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(m);
}

static size_t device_list(Device *d, Object *list)
{
        size_t n = 0;

        list[n++] = (Object){ OBJECT_DEVICE, d->path, d };
        if (!d->gatt)
                return n;
        for (size_t i = 0; i < d->n_services; i++)
                list[n++] = (Object){ OBJECT_SERVICE, d->services[i].path, &d->services[i] };
        for (size_t i = 0; i < d->n_characteristics; i++) {
                if (d->characteristics[i].gone)
                        continue;
                list[n++] = (Object){ OBJECT_CHARACTERISTIC, d->characteristics[i].path,
                        &d->characteristics[i] };
        }
        return n;
}

/* Everything exported, parents before children. */
static size_t objects_list(Standin *s, Object list[static OBJECTS_MAX])
{
        size_t n = 0;

        for (size_t i = 0; i < ADAPTERS_MAX; i++)
                if (s->adapters[i] && s->adapters[i]->exported)
                        list[n++] = (Object){ OBJECT_ADAPTER, s->adapters[i]->path, s->adapters[i] };
        for (size_t i = 0; i < STRAPS_MAX; i++)
                if (s->devices[i] && s->devices[i]->exported)
                        n += device_list(s->devices[i], list + n);
        return n;
}

bool object_find(Standin *s, const char *path, Object *ret)
{
        Object list[OBJECTS_MAX];
        size_t n = objects_list(s, list);

        for (size_t i = 0; i < n; i++)
                if (strcmp(list[i].path, path) == 0) {
                        *ret = list[i];
                        return true;
                }
        return false;
}

/* only: one interface, or NULL for all. */
static void emit_added(Standin *s, const Object *object, const char *only)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        must(sd_bus_message_new_signal(s->bus, &m, "/", OBJECT_MANAGER_INTERFACE, "InterfacesAdded"));
        must(sd_bus_message_append_basic(m, 'o', object->path));
        must(object_append(m, object, only));
        must(sd_bus_send(s->bus, m, NULL));
}

static void emit_removed(Standin *s, const Object *object, const char *only)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        must(sd_bus_message_new_signal(s->bus, &m, "/", OBJECT_MANAGER_INTERFACE, "InterfacesRemoved"));
        must(sd_bus_message_append_basic(m, 'o', object->path));
        must(sd_bus_message_open_container(m, 'a', "s"));
        for (size_t i = 0; i < ELEMENTSOF(interfaces); i++)
                if (interface_is_present(&interfaces[i], object) &&
                                (!only || strcmp(only, interfaces[i].name) == 0))
                        must(sd_bus_message_append_basic(m, 's', interfaces[i].name));
        must(sd_bus_message_close_container(m));
        must(sd_bus_send(s->bus, m, NULL));
}

void object_emit_added(Standin *s, const char *path)
{
        Object object;

        if (s->bus && object_find(s, path, &object))
                emit_added(s, &object, NULL);
}

void object_emit_removed(Standin *s, const char *path)
{
        Object object;

        if (s->bus && object_find(s, path, &object))
                emit_removed(s, &object, NULL);
}

void object_emit_battery(Device *d, bool added)
{
        Object object = { OBJECT_DEVICE, d->path, d };

        if (!d->standin->bus || !d->exported)
                return;
        if (added)
                emit_added(d->standin, &object, "org.bluez.Battery1");
        else
                emit_removed(d->standin, &object, "org.bluez.Battery1");
}

static const Interface *interface_find(const Object *object, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(interfaces); i++)
                if (interface_is_present(&interfaces[i], object) && strcmp(interfaces[i].name, name) == 0)
                        return &interfaces[i];
        return NULL;
}

static const Property *property_find(const Interface *interface, const void *data, const char *name)
{
        for (size_t i = 0; i < interface->n_properties; i++)
                if (strcmp(interface->properties[i].name, name) == 0 &&
                                property_is_present(&interface->properties[i], data))
                        return &interface->properties[i];
        return NULL;
}

void object_emit_changed(Standin *s, const char *path, const char *interface_name, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const Interface *interface;
        const Property *property;
        const char *name;
        Object object;
        va_list names;

        if (!s->bus || !object_find(s, path, &object))
                return;
        interface = interface_find(&object, interface_name);
        if (!interface)
                return;

        must(sd_bus_message_new_signal(s->bus, &m, path, PROPERTIES_INTERFACE, "PropertiesChanged"));
        must(sd_bus_message_append_basic(m, 's', interface_name));
        must(sd_bus_message_open_container(m, 'a', "{sv}"));
        va_start(names, interface_name);
        while ((name = va_arg(names, const char *))) {
                property = property_find(interface, object.data, name);
                if (property)
                        must(property_append_entry(m, property, object.data));
        }
        va_end(names);
        must(sd_bus_message_close_container(m));

        /* A property that does not exist any more is invalidated. */
        must(sd_bus_message_open_container(m, 'a', "s"));
        va_start(names, interface_name);
        while ((name = va_arg(names, const char *)))
                if (!property_find(interface, object.data, name))
                        must(sd_bus_message_append_basic(m, 's', name));
        va_end(names);
        must(sd_bus_message_close_container(m));
        must(sd_bus_send(s->bus, m, NULL));
}

int object_reply_managed(Standin *s, sd_bus_message *call)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        Object list[OBJECTS_MAX];
        size_t n = objects_list(s, list);

        must(sd_bus_message_new_method_return(call, &m));
        must(sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}"));
        for (size_t i = 0; i < n; i++) {
                must(sd_bus_message_open_container(m, 'e', "oa{sa{sv}}"));
                must(sd_bus_message_append_basic(m, 'o', list[i].path));
                must(object_append(m, &list[i], NULL));
                must(sd_bus_message_close_container(m));
        }
        must(sd_bus_message_close_container(m));
        return sd_bus_send(s->bus, m, NULL);
}

/* As gdbus does: the interfaces of the object, if it is one, and the names of its children. */
int object_reply_introspect(Standin *s, sd_bus_message *m)
{
        const char *path = sd_bus_message_get_path(m);
        _cleanup_free_ char *xml = NULL;
        Object list[OBJECTS_MAX];
        size_t n = objects_list(s, list), length = strlen(path), size;
        FILE *f = open_memstream(&xml, &size);

        must(f ? 0 : -ENOMEM);
        fputs("<node>", f);
        for (size_t i = 0; i < n; i++) {
                const char *below = strncmp(list[i].path, path, length) == 0 ? list[i].path + length : "";

                for (size_t k = 0; *below == '\0' && k < ELEMENTSOF(interfaces); k++)
                        if (strcmp(list[i].path, path) == 0 && interface_is_present(&interfaces[k], &list[i]))
                                fprintf(f, "<interface name=\"%s\"></interface>", interfaces[k].name);
                if (*below == '/' && !strchr(below + 1, '/'))
                        fprintf(f, "<node name=\"%s\"/>", below + 1);
        }
        fputs("</node>", f);
        must(fclose(f) == 0 ? 0 : -errno);
        return sd_bus_reply_method_return(m, "s", xml);
}

int object_reply_get(Standin *s, sd_bus_message *call, const Object *object, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *interface_name, *name;
        const Interface *interface;
        const Property *property;
        int r;

        r = sd_bus_message_read(call, "ss", &interface_name, &name);
        if (r < 0)
                return r;
        interface = interface_find(object, interface_name);
        if (!interface)
                return sd_bus_error_setf(
                                error, SD_BUS_ERROR_INVALID_ARGS, "No such interface '%s'", interface_name);
        property = property_find(interface, object->data, name);
        if (!property)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "No such property '%s'", name);

        must(sd_bus_message_new_method_return(call, &m));
        must(property_append(m, property, object->data));
        return sd_bus_send(s->bus, m, NULL);
}

int object_reply_get_all(Standin *s, sd_bus_message *call, const Object *object, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const Interface *interface;
        const char *name;
        int r;

        r = sd_bus_message_read(call, "s", &name);
        if (r < 0)
                return r;
        interface = interface_find(object, name);
        if (!interface)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "No such interface '%s'", name);

        must(sd_bus_message_new_method_return(call, &m));
        must(interface_append(m, interface, object->data));
        return sd_bus_send(s->bus, m, NULL);
}
