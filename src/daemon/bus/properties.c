/* SPDX-License-Identifier: MIT */
/* What an object's properties are is kept in one struct that sd-bus reads them from; a push compares field by field, and marks
 * what moved to be announced. */

#include "bus/properties.h"

#include <stdlib.h>
#include <string.h>

#include "bus/internal.h"
#include "log.h"

static bool string_update(char **slot, const char *value)
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

static bool field_update(void *object, const Property *p, const void *value)
{
        char *field = (char *)object + p->offset;
        size_t size = p->type == 'b' || p->type == 'u' ? 4 : p->type == 'y' ? 1 : p->type == 'n' ? 2 : 8;

        if (p->type == 's')
                return string_update((char **)field, *(char *const *)value);
        if (memcmp(field, value, size) == 0)
                return false;
        memcpy(field, value, size);
        return true;
}

void properties_update(Bus *b, void *object, const Property *properties, size_t n, const void *const *values,
                bool *dirty)
{
        bool any = false;

        for (size_t i = 0; i < n; i++)
                if (field_update(object, &properties[i], values[i]))
                        dirty[i] = any = true;
        if (any)
                (void)sd_event_source_set_enabled(
                                b->announce, SD_EVENT_ONESHOT); /* cannot fail: it is ours */
}

void properties_announce(Bus *b, const char *path, const char *interface, const Property *properties,
                size_t n, bool *dirty)
{
        char *names[PROPERTIES_MAX + 1];
        size_t n_names = 0;
        int r;

        for (size_t i = 0; i < n; i++) {
                if (dirty[i])
                        names[n_names++] = (char *)properties[i].name;
                dirty[i] = false;
        }
        names[n_names] = NULL;
        r = n_names > 0 ? sd_bus_emit_properties_changed_strv(b->bus, path, interface, names) : 0;
        if (r < 0)
                log_warning("Cannot announce what changed at %s: %s", path, strerror(-r));
}
