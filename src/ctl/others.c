/* SPDX-License-Identifier: MIT */
/* Devices found besides straps, for `scan --all`: not every strap names its service in its advertisements. Read from BlueZ
 * itself, where cardiod's scan adds them. No clock. */
#include "others.h"

#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "memory.h"
#include "service.h"

static bool has_address(json_object *array, const char *address)
{
        for (size_t i = 0; i < json_object_array_length(array); i++) {
                const char *its = json_text(json_object_array_get_idx(array, i), "address");

                if (its && strcasecmp(its, address) == 0)
                        return true;
        }
        return false;
}

/* Only devices found by the scan have an RSSI. Two adapters may find the same device; it is listed once. */
static void add_other(json_object *others, json_object *straps, json_object *device)
{
        const char *address = json_text(device, "Address"), *name = json_text(device, "Name");
        int64_t rssi = json_integer_or(device, "RSSI", 0);
        json_object *other;

        if (!address || rssi == 0 || has_address(straps, address) || has_address(others, address))
                return;
        other = checked(json_object_new_object());
        json_add(other, "address", checked(json_object_new_string(address)));
        json_add(other, "name", checked(json_object_new_string(name ? name : "")));
        json_add(other, "configured", checked(json_object_new_boolean(false)));
        json_add(other, "trusted", checked(json_object_new_boolean(json_true(device, "Trusted"))));
        json_add(other, "rssi", checked(json_object_new_int64(rssi)));
        json_add(other, "strap", checked(json_object_new_boolean(false)));
        json_append(others, other);
}

static int by_signal(const void *a, const void *b)
{
        int64_t x = json_integer_or(*(json_object *const *)a, "rssi", 0),
                y = json_integer_or(*(json_object *const *)b, "rssi", 0);

        return (x < y) - (x > y);
}

Outcome others_read(json_object *straps, json_object **ret)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_json_ json_object *objects = NULL, *others = checked(json_object_new_array());
        sd_bus *bus = NULL;
        int r = sd_bus_open_system(&bus);

        if (r >= 0)
                r = service_get_objects(bus, BLUEZ_BUS_NAME, "/", &objects, &error);
        sd_bus_flush_close_unref(bus);
        if (r < 0)
                return fail(OUTCOME_FAILED, "What else is heard cannot be read from BlueZ: %s",
                                r == -EBADMSG   ? "a device nearby has a name that is not valid Unicode"
                                : error.message ? error.message
                                                : strerror(-r));
        json_object_object_foreach(objects, path, interfaces)
        {
                json_object *device;

                (void)path;
                if (json_object_object_get_ex(interfaces, BLUEZ_DEVICE_INTERFACE, &device))
                        add_other(others, straps, device);
        }
        json_object_array_sort(others, by_signal);
        *ret = TAKE_PTR(others);
        return OUTCOME_DONE;
}
