/* SPDX-License-Identifier: MIT */

#include "json.h"

int json_add(json_object *o, const char *key, json_object *value)
{
        if (value && json_object_object_add(o, key, value) == 0)
                return 0;
        json_object_put(value);
        return -ENOMEM;
}

int json_add_null(json_object *o, const char *key)
{
        return json_object_object_add(o, key, NULL) == 0 ? 0 : -ENOMEM;
}
