/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "cardio/macro.h"

/* The objects of org.cardiod1 and their properties. A property is a row of a table, which decides what Introspect shows, what
 * Get answers, whether the value has changed, and what PropertiesChanged announces.
 *
 * The values of an object are a struct. It begins with the struct that is pushed, which has all announced properties; values
 * after that are set directly, and not announced. */
typedef struct BusProperty {
        const char *name, *signature;
        sd_bus_property_get_t get; /* appends the field's value; NULL = sd-bus knows the type */
        size_t offset, size;       /* of the field in the values; size 0: it is a text, const char * */
        uint64_t flags;            /* SD_BUS_VTABLE_PROPERTY_* */
} BusProperty;

/* The field of a row. */
#define PROPERTY_VALUE(type, field) offsetof(type, field), sizeof(((type *)NULL)->field)
#define PROPERTY_TEXT(type, field)  offsetof(type, field), 0

/* Defines a function that appends a field of this type: `field` points to it. */
#define DEFINE_PROPERTY_GET(name, type, signature, ...)                                                  \
        static int name(_unused_ sd_bus *bus, _unused_ const char *path, _unused_ const char *interface, \
                        _unused_ const char *property, sd_bus_message *reply, void *userdata,            \
                        _unused_ sd_bus_error *error)                                                    \
        {                                                                                                \
                const type *field = userdata;                                                            \
                return sd_bus_message_append(reply, signature, __VA_ARGS__);                             \
        }

int property_get_bool(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error);

#define PROPERTIES_MAX 24U

typedef struct BusInterface {
        const char *name;
        const BusProperty *properties;
        size_t n_properties;
        const sd_bus_vtable *members; /* methods and signals, between an SD_BUS_VTABLE_START and an _END */
        size_t offset;                /* of the values in the methods' userdata */
} BusInterface;

/* An interface on an object; all zero = it does not exist. */
typedef struct BusObject {
        const BusInterface *interface;
        char *path;
        void *values;
        sd_bus_slot *slot;
        bool initialised;           /* it was pushed at least once; the first values are not announced */
        bool dirty[PROPERTIES_MAX]; /* changed, but not announced yet */
} BusObject;

/* The vtable that sd-bus needs, for all objects that have the interface. To be freed after them. */
int bus_interface_vtable(const BusInterface *i, sd_bus_vtable **ret);

int bus_object_begin(BusObject *o, sd_bus *bus, const BusInterface *interface, const sd_bus_vtable *vtable,
                const char *path, void *userdata);
void bus_object_end(BusObject *o); /* frees the texts of its values, too */

/* Copies what is pushed. Returns whether any value has changed. */
bool bus_object_update(BusObject *o, const void *pushed);
void bus_object_announce(BusObject *o, sd_bus *bus);
