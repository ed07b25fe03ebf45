/* SPDX-License-Identifier: MIT */
/* JSON documents. Numbers are the same in every locale, and all text is escaped that is not plainly visible, since a
 * document, too, may be printed on a terminal. No clock. */
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/printbuf.h>

#include "cardio/text.h"
#include "memory.h"

/* Formatted only when printed: most figures of a table never are, in full. */
static int print_real(json_object *o, struct printbuf *to, int level, int flags)
{
        double value = json_object_get_double(o);
        char text[32];

        (void)level, (void)flags;
        for (int digits = 15; digits <= 17; digits++) {
                (void)snprintf(text, sizeof(text), "%.*g", digits, value);
                if (strtod(text, NULL) == value)
                        break;
        }
        return printbuf_memappend(to, text, (int)strlen(text));
}

json_object *json_real(double value)
{
        json_object *o;

        if (!isfinite(value))
                return NULL;
        o = checked(json_object_new_double(value));
        json_object_set_serializer(o, print_real, NULL, NULL);
        return o;
}

void json_add(json_object *object, const char *key, json_object *value)
{
        if (json_object_object_add(object, key, value) < 0)
                out_of_memory();
}

void json_append(json_object *array, json_object *value)
{
        if (json_object_array_add(array, value) < 0)
                out_of_memory();
}

static json_object *json_member(json_object *object, const char *key)
{
        json_object *value = NULL;

        (void)json_object_object_get_ex(object, key, &value);
        return value;
}

const char *json_text(json_object *object, const char *key)
{
        json_object *value = json_member(object, key);

        return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

bool json_number(json_object *object, const char *key, double *ret)
{
        json_object *value = json_member(object, key);

        if (!json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int))
                return false;
        *ret = json_object_get_double(value);
        return true;
}

double json_number_or(json_object *object, const char *key, double fallback)
{
        (void)json_number(object, key, &fallback);
        return fallback;
}

int64_t json_integer_or(json_object *object, const char *key, int64_t fallback)
{
        json_object *value = json_member(object, key);

        return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : fallback;
}

bool json_true(json_object *object, const char *key)
{
        json_object *value = json_member(object, key);

        return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

bool json_false(json_object *object, const char *key)
{
        json_object *value = json_member(object, key);

        return json_object_is_type(value, json_type_boolean) && !json_object_get_boolean(value);
}

size_t json_array_length(json_object *object, const char *key)
{
        json_object *value = json_member(object, key);

        return json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
}

json_object *json_array_at(json_object *object, const char *key, size_t i)
{
        return i < json_array_length(object, key) ? json_object_array_get_idx(json_member(object, key), i)
                                                  : NULL;
}

static void print_escaped(const char *text)
{
        uint32_t c;

        while (*text) {
                size_t length = utf8_next(text, &c);

                /* These line feeds are the library's own, between members: those in values are escaped already. */
                if (c == UTF8_INVALID)
                        fputs("\\ufffd", stdout);
                else if (!utf8_is_control(c) || c == '\n')
                        (void)fwrite(text, 1, length, stdout);
                else if (c < 0x10000)
                        printf("\\u%04x", (unsigned)c);
                else
                        printf("\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
                                        (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
                text += length;
        }
        putchar('\n');
}

void json_print(json_object *document)
{
        print_escaped(checked(json_object_to_json_string_ext(document,
                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)));
}

void json_print_line(json_object *document)
{
        print_escaped(checked(json_object_to_json_string_ext(
                        document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
        (void)fflush(stdout);
}
