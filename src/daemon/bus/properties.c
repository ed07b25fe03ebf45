/* SPDX-License-Identifier: MIT */
/* What all objects share, by the tables of their properties. No clock. */

#include "bus/properties.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "log.h"

int property_get_bool(_unused_ sd_bus *bus, _unused_ const char *path, _unused_ const char *interface,
                _unused_ const char *property, sd_bus_message *reply, void *userdata,
                _unused_ sd_bus_error *error)
{
        const bool *field = userdata;

        return sd_bus_message_append(reply, "b", (int)*field);
}

int bus_interface_vtable(const BusInterface *i, sd_bus_vtable **ret)
{
        size_t n_members = 1;
        sd_bus_vtable *vtable;

        assert(i->n_properties <= PROPERTIES_MAX);
        while (i->members[n_members - 1].type != _SD_BUS_VTABLE_END)
                n_members++;
        vtable = calloc(i->n_properties + n_members, sizeof(*vtable));
        if (!vtable)
                return -ENOMEM;
        vtable[0] = i->members[0];
        for (size_t k = 0; k < i->n_properties; k++) {
                const BusProperty *p = &i->properties[k];

                vtable[1 + k] = (sd_bus_vtable)SD_BUS_PROPERTY(
                                p->name, p->signature, p->get, i->offset + p->offset, p->flags);
        }
        memcpy(vtable + 1 + i->n_properties, i->members + 1, (n_members - 1) * sizeof(*vtable));
        *ret = vtable;
        return 0;
}

/* -- Types -- */

static bool text_update(char **slot, const char *value)
{
        char *copy;

        if (strcmp(*slot ? *slot : "", value ? value : "") == 0)
                return false;
        copy = strdup(value ? value : "");
        if (!copy) {
                log_error("Cannot announce a property: out of memory");
                return false;
        }
        free(*slot);
        *slot = copy;
        return true;
}

static bool field_update(const BusProperty *p, char *values, const char *pushed)
{
        char *field = values + p->offset;
        const char *value = pushed + p->offset;

        if (p->size == 0)
                return text_update((char **)field, *(char *const *)value);
        if (memcmp(field, value, p->size) == 0)
                return false;
        memcpy(field, value, p->size);
        return true;
}

_hot_ bool bus_object_update(BusObject *o, const void *pushed)
{
        const BusInterface *i = o->interface;
        bool any = false;

        for (size_t k = 0; k < i->n_properties; k++)
                if ((i->properties[k].flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE) &&
                                field_update(&i->properties[k], o->values, pushed)) {
                        any = true;
                        o->dirty[k] = o->initialised;
                }
        o->initialised = true;
        return any;
}

void bus_object_announce(BusObject *o, sd_bus *bus)
{
        const BusInterface *i = o->interface;
        char *names[PROPERTIES_MAX + 1];
        size_t n_names = 0;
        int r;

        for (size_t k = 0; k < i->n_properties; k++) {
                if (o->dirty[k])
                        names[n_names++] = (char *)i->properties[k].name;
                o->dirty[k] = false;
        }
        names[n_names] = NULL;
        r = n_names > 0 ? sd_bus_emit_properties_changed_strv(bus, o->path, i->name, names) : 0;
        if (r < 0)
                log_warning("Cannot announce what changed at %s: %s", o->path, strerror(-r));
}

/* -- Objects -- */

int bus_object_begin(BusObject *o, sd_bus *bus, const BusInterface *interface, const sd_bus_vtable *vtable,
                const char *path, void *userdata)
{
        o->interface = interface;
        o->values = (char *)userdata + interface->offset;
        o->path = strdup(path);
        return o->path ? sd_bus_add_object_vtable(bus, &o->slot, path, interface->name, vtable, userdata)
                       : -ENOMEM;
}

void bus_object_end(BusObject *o)
{
        if (!o->interface)
                return;
        sd_bus_slot_unref(o->slot);
        for (size_t k = 0; k < o->interface->n_properties; k++)
                if (o->interface->properties[k].size == 0)
                        free(*(char **)((char *)o->values + o->interface->properties[k].offset));
        free(o->path);
}
