/* SPDX-License-Identifier: MIT */
/* An a{sv} is read by a table of its keys. Whether a figure or a text is acceptable is decided elsewhere. No clock. */

#include "bus/dict.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/text.h"

#define NAME_MAX_BYTES 24U

static int refuse_key(const char *key, const DictEntry *entries, size_t n, sd_bus_error *error)
{
        char brief[TEXT_BRIEF_SIZE], names[DICT_ENTRIES_MAX * NAME_MAX_BYTES], *end = names;

        assert(n > 0 && n <= DICT_ENTRIES_MAX);
        for (size_t i = 0; i < n; i++) {
                assert(strlen(entries[i].name) < NAME_MAX_BYTES);
                end = stpcpy(stpcpy(end, i > 0 ? " " : ""), entries[i].name);
        }
        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                        "'%s' is not one of the keys; accepted: %s", text_brief(brief, sizeof(brief), key),
                        names);
}

static int read_variant(sd_bus_message *m, const DictEntry *e, void *field, sd_bus_error *error)
{
        uint8_t byte;
        int r;

        if (e->read) {
                r = sd_bus_message_enter_container(m, 'v', e->type);
                if (r >= 0)
                        r = e->read(m, field, error);
                return r < 0 ? r : sd_bus_message_exit_container(m);
        }
        if (e->type[0] != 'y')
                return sd_bus_message_read(m, "v", e->type, field);
        r = sd_bus_message_read(m, "v", e->type, &byte);
        if (r >= 0)
                *(int *)field = byte;
        return r;
}

/* Reads the value of an entry, in its variant. */
static int read_value(sd_bus_message *m, const DictEntry *e, void *object, sd_bus_error *error)
{
        char brief[TEXT_BRIEF_SIZE];
        const char *contents;
        int r = sd_bus_message_peek_type(m, NULL, &contents);

        if (r < 0)
                return r;
        if (strcmp(contents, e->type) != 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "%s is of type %s; accepted: type %s", e->name,
                                text_brief(brief, sizeof(brief), contents), e->type);
        return read_variant(m, e, (char *)object + e->offset, error);
}

static int read_entry(
                sd_bus_message *m, const DictEntry *entries, size_t n, void *object, sd_bus_error *error)
{
        const char *key;
        int r = sd_bus_message_read(m, "s", &key);

        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                if (strcmp(entries[i].name, key) == 0)
                        return read_value(m, &entries[i], object, error);
        return refuse_key(key, entries, n, error);
}

int bus_read_dict(sd_bus_message *m, const DictEntry *entries, size_t n, void *object, sd_bus_error *error)
{
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0) {
                r = sd_bus_message_enter_container(m, 'e', "sv");
                if (r <= 0)
                        break;
                r = read_entry(m, entries, n, object, error);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}
