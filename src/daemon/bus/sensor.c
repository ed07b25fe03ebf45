/* SPDX-License-Identifier: MIT */
/* org.cardiod1.Sensor on the bus: an object for each, and what it measures. */

#include "bus/sensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "log.h"

static const Property sensor_properties[] = {
        { "Address", 's', offsetof(BusSensor, address) },
        { "Name", 's', offsetof(BusSensor, name) },
        { "Configured", 'b', offsetof(BusSensor, configured) },
        { "Trusted", 'b', offsetof(BusSensor, trusted) },
        { "Rotating", 'b', offsetof(BusSensor, rotating) },
        { "RSSI", 'n', offsetof(BusSensor, rssi) },
        { "State", 's', offsetof(BusSensor, state) },
        { "Contact", 's', offsetof(BusSensor, contact) },
        { "BodyLocation", 's', offsetof(BusSensor, body_location) },
        { "LinkProblem", 's', offsetof(BusSensor, link_problem) },
        { "BatteryPercentage", 'y', offsetof(BusSensor, battery_percentage) },
        { "Session", 'x', offsetof(BusSensor, session) },
};

#define SENSOR_PROPERTY(name, type, field, flags) \
        SD_BUS_PROPERTY(name, type, NULL, offsetof(BusSensor, field), flags)

static int property_get_losses(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const BusSensor *s = userdata;

        (void)bus, (void)path, (void)interface, (void)property, (void)error;
        return sd_bus_message_append_array(reply, 't', s->loss, s->n_losses * sizeof(s->loss[0]));
}

static const sd_bus_vtable sensor_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SENSOR_PROPERTY("Address", "s", address, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Name", "s", name, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Configured", "b", configured, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Trusted", "b", trusted, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Rotating", "b", rotating, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("RSSI", "n", rssi, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("State", "s", state, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Contact", "s", contact, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("BodyLocation", "s", body_location, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("LinkProblem", "s", link_problem, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("BatteryPercentage", "y", battery_percentage, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Session", "x", session, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("HeartRate", "q", heart_rate, 0),
        SENSOR_PROPERTY("SmoothedHeartRate", "d", smoothed, 0),
        SENSOR_PROPERTY("Zone", "y", zone, 0),
        SD_BUS_PROPERTY("LinkLosses", "at", property_get_losses, 0, 0),
        SD_BUS_SIGNAL_WITH_ARGS("Measurement",
                        SD_BUS_ARGS("t", realtime_usec, "q", heart_rate, "d", smoothed, "y", zone, "aq", rr),
                        0),
        SD_BUS_VTABLE_END,
};

BusSensor *bus_sensor_free(BusSensor *s)
{
        if (!s)
                return NULL;
        sd_bus_slot_unref(s->slot);
        free(s->path);
        free(s->address);
        free(s->name);
        free(s->state);
        free(s->contact);
        free(s->body_location);
        free(s->link_problem);
        free(s);
        return NULL;
}
const char *bus_sensor_path(char buf[static SENSOR_PATH_SIZE], const char *address)
{
        (void)snprintf(buf, SENSOR_PATH_SIZE, CARDIO_SENSOR_PREFIX "/%s", address); /* fits */
        for (char *c = buf; *c; c++)
                if (*c == ':')
                        *c = '_';
        return buf;
}

static int sensor_new(Bus *b, const char *address, BusSensor **ret)
{
        _cleanup_(bus_sensor_freep) BusSensor *s = calloc(1, sizeof(*s));
        char path[SENSOR_PATH_SIZE];
        int r;

        if (s)
                s->path = strdup(bus_sensor_path(path, address));
        if (!s || !s->path)
                return -ENOMEM;
        r = sd_bus_add_object_vtable(b->bus, &s->slot, s->path, CARDIO_SENSOR_INTERFACE, sensor_vtable, s);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

int bus_set_sensor(Bus *b, unsigned number, const SensorView *view)
{
        const int configured = view->configured, trusted = view->trusted, rotating = view->rotating;
        const void *const values[] = {
                &view->address,
                &view->name,
                &configured,
                &trusted,
                &rotating,
                &view->rssi,
                &view->state,
                &view->contact,
                &view->body_location,
                &view->link_problem,
                &view->battery_percentage,
                &view->session,
        };
        bool added = !b->sensors[number];
        BusSensor *s;
        int r;

        _Static_assert(ELEMENTSOF(values) == ELEMENTSOF(sensor_properties), "a value for each property");
        if (added) {
                r = sensor_new(b, view->address, &b->sensors[number]);
                if (r < 0)
                        return r;
        }
        s = b->sensors[number];
        properties_update(b, s, sensor_properties, ELEMENTSOF(values), values, s->dirty);
        if (!added)
                return 0;
        memset(s->dirty, 0, sizeof(s->dirty)); /* InterfacesAdded tells all of them */
        r = bus_is_full(b) ? -ENOBUFS
                           : sd_bus_emit_interfaces_added(b->bus, s->path, CARDIO_SENSOR_INTERFACE, NULL);
        bus_sent(b, false);
        return r;
}

void bus_remove_sensor(Bus *b, unsigned number)
{
        int r;

        if (!b->sensors[number])
                return;
        r = bus_is_full(b) ? -ENOBUFS
                           : sd_bus_emit_interfaces_removed(
                                             b->bus, b->sensors[number]->path, CARDIO_SENSOR_INTERFACE, NULL);
        bus_sent(b, false);
        if (r < 0)
                log_warning("Cannot announce that %s is gone: %s", b->sensors[number]->path, strerror(-r));
        b->sensors[number] = bus_sensor_free(b->sensors[number]);
}

void bus_set_heart_rate(Bus *b, unsigned number, uint16_t heart_rate, double smoothed, uint8_t zone)
{
        BusSensor *s = b->sensors[number];

        if (!s)
                return;
        s->heart_rate = heart_rate;
        s->smoothed = smoothed;
        s->zone = zone;
}

void bus_set_link_losses(Bus *b, unsigned number, const uint64_t *losses, size_t n)
{
        BusSensor *s = b->sensors[number];

        if (!s)
                return;
        s->n_losses = n < ELEMENTSOF(s->loss) ? n : ELEMENTSOF(s->loss);
        memcpy(s->loss, losses, s->n_losses * sizeof(s->loss[0]));
}

void bus_sensor_announce(Bus *b, BusSensor *s)
{
        properties_announce(b, s->path, CARDIO_SENSOR_INTERFACE, sensor_properties,
                        ELEMENTSOF(sensor_properties), s->dirty);
}

_apart_ void bus_measurement(Bus *b, unsigned number, uint64_t realtime_usec, uint16_t heart_rate,
                double smoothed, uint8_t zone, const uint16_t *rr, size_t n_rr)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if (!b->sensors[number] || bus_is_behind(b))
                return;
        r = sd_bus_message_new_signal(
                        b->bus, &m, b->sensors[number]->path, CARDIO_SENSOR_INTERFACE, "Measurement");
        if (r >= 0)
                r = sd_bus_message_append(m, "tqdy", realtime_usec, heart_rate, smoothed, zone);
        if (r >= 0)
                r = sd_bus_message_append_array(m, 'q', rr, n_rr * sizeof(*rr));
        if (r >= 0)
                r = sd_bus_send(b->bus, m, NULL);
        if (r < 0)
                log_warning("Cannot send Measurement: %s", strerror(-r));
        bus_sent(b, false);
}
