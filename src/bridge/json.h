/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-c/json.h>

#include "cardio/macro.h"

/* Objects of json-c as they are put together for a message. */

static inline void json_object_putp(json_object **o)
{
        json_object_put(*o);
}
#define _cleanup_object_ _cleanup_(json_object_putp)

/* Takes over the value; NULL is one that could not be made. Returns 0, or -ENOMEM. */
int json_add(json_object *o, const char *key, json_object *value);
/* Adds null. */
int json_add_null(json_object *o, const char *key);
