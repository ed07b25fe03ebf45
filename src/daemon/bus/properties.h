/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "bus/bus.h"

/* Announced properties of an object; its struct holds them at these offsets, as sd-bus wants them. */
typedef struct Property {
        const char *name;
        char type; /* D-Bus basic type */
        size_t offset;
} Property;

#define PROPERTIES_MAX 16U

/* values[i] points to what properties[i] is now; marks those that moved, to be announced. */
void properties_update(Bus *b, void *object, const Property *properties, size_t n, const void *const *values,
                bool *dirty);
/* Those that are marked, and they no longer are. */
void properties_announce(Bus *b, const char *path, const char *interface, const Property *properties,
                size_t n, bool *dirty);
