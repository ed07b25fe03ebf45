/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <systemd/sd-bus.h>

/* A key of an a{sv}, and where its value goes: a text as const char *, y and b as int, u as uint32_t, i as int32_t, x as
 * int64_t, d as double. A text belongs to the message. */
typedef struct DictEntry {
        const char *name;
        const char *type; /* D-Bus: a basic one, or with read() any */
        size_t offset;
        /* Reads the value from inside its variant; NULL for basic types. */
        int (*read)(sd_bus_message *m, void *field, sd_bus_error *error);
} DictEntry;

#define DICT_ENTRIES_MAX 32U

/* Reads an a{sv}; if a key comes twice the later value counts. A key that is not in the table, or has a value of another type, is
 * refused by its name. */
int bus_read_dict(sd_bus_message *m, const DictEntry *entries, size_t n, void *object, sd_bus_error *error);
