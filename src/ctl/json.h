/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "cardio/macro.h"

/* Facts are JSON documents here; the text for people is made from them. */

static inline void json_putp(json_object **o)
{
        json_object_put(*o);
}
#define _cleanup_json_ _cleanup_(json_putp)

/* The shortest decimal that reads back as the same value; NAN and infinity are null. */
json_object *json_real(double value);

/* Adds a member, which the object takes over; NULL is null. */
void json_add(json_object *object, const char *key, json_object *value);
void json_append(json_object *array, json_object *value);

/* The value of a member; NULL, false or fallback if it is missing, null or of another type. */
const char *json_text(json_object *object, const char *key);
bool json_number(json_object *object, const char *key, double *ret);
double json_number_or(json_object *object, const char *key, double fallback);
int64_t json_integer_or(json_object *object, const char *key, int64_t fallback);
bool json_true(json_object *object, const char *key);
/* Whether it is there and false. */
bool json_false(json_object *object, const char *key);

/* The same for an array: 0 and NULL if it is missing. */
size_t json_array_length(json_object *object, const char *key);
json_object *json_array_at(json_object *object, const char *key, size_t i);

/* Prints the document on stdout. Text keeps its value; characters that a terminal would interpret are escaped. */
void json_print(json_object *document);

/* The same on one line. */
void json_print_line(json_object *document);
