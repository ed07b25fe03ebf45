/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "cardio/macro.h"

/* The objects of org.cardiod1 and their properties. A property is a row of a table: from it come what Introspect says, what
 * Get answers, whether it has changed, and what PropertiesChanged announces.
 *
 * The values of an object are a struct. It begins with the one that is pushed, in which all announced properties are; what
 * lies behind that is set where it changes, and not announced. */
typedef struct Property {
        const char *name, *signature;
        sd_bus_property_get_t get; /* what appends it, given the field; NULL = sd-bus knows how to */
        size_t offset, size;       /* of the field in the values; size 0: it is a text, const char * */
        uint64_t flags;            /* SD_BUS_VTABLE_PROPERTY_* */
} Property;

/* The field of a row. */
#define PROPERTY_VALUE(type, field) offsetof(type, field), sizeof(((type *)NULL)->field)
#define PROPERTY_TEXT(type, field)  offsetof(type, field), 0

/* Defines what appends a field of this type: `field` points to it. */
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
        const Property *properties;
        size_t n_properties;
        const sd_bus_vtable *members; /* methods and signals, in an SD_BUS_VTABLE_START and an _END */
        size_t offset;                /* of the values in what the methods get as userdata */
} BusInterface;

/* An interface on an object; all zero = it is not there. */
typedef struct BusObject {
        const BusInterface *interface;
        char *path;
        void *values;
        sd_bus_slot *slot;
        bool told;                  /* once at least: what it was before nobody has seen */
        bool dirty[PROPERTIES_MAX]; /* changed, and not announced yet */
} BusObject;

/* An interface as sd-bus wants it, for all objects that have it. To be freed, after them. */
int bus_interface_vtable(const BusInterface *i, sd_bus_vtable **ret);

int bus_object_begin(BusObject *o, sd_bus *bus, const BusInterface *interface, const sd_bus_vtable *vtable,
                const char *path, void *userdata);
void bus_object_end(BusObject *o); /* the texts of its values are freed with it */

/* Takes over what is pushed. Returns whether anything of it is another than before. */
bool bus_object_update(BusObject *o, const void *pushed);
void bus_object_announce(BusObject *o, sd_bus *bus);
