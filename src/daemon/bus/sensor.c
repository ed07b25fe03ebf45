/* SPDX-License-Identifier: MIT */
/* org.cardiod1.Sensor on D-Bus: an object for each sensor, with its live values. No clock. */

#include "bus/sensor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "log.h"

DEFINE_PROPERTY_GET(get_address, char, "s", field)
DEFINE_PROPERTY_GET(get_kind, SensorKind, "s", sensor_kind_to_string(*field))
DEFINE_PROPERTY_GET(get_state, SensorState, "s", sensor_state_to_string(*field))
DEFINE_PROPERTY_GET(get_contact, Contact, "s", contact_to_string(*field))
DEFINE_PROPERTY_GET(get_problem, LinkProblem, "s", link_problem_to_string(*field))
DEFINE_PROPERTY_GET(get_battery, int, "y", *field < 0 ? CARDIO_BATTERY_UNKNOWN : *field)

static int get_losses(_unused_ sd_bus *bus, _unused_ const char *path, _unused_ const char *interface,
                _unused_ const char *property, sd_bus_message *reply, void *userdata,
                _unused_ sd_bus_error *error)
{
        const LinkLosses *losses = userdata;

        return sd_bus_message_append_array(reply, 't', losses->at, losses->n * sizeof(losses->at[0]));
}

#define CHANGES     SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define UNANNOUNCED 0

#define VALUE(field) PROPERTY_VALUE(BusSensor, field)
#define TEXT(field)  PROPERTY_TEXT(BusSensor, field)

static const BusProperty properties[] = {
        { "Address", "s", get_address, VALUE(record.address), CHANGES },
        { "Kind", "s", get_kind, VALUE(record.kind), CHANGES },
        { "Name", "s", NULL, TEXT(record.name), CHANGES },
        { "Configured", "b", property_get_bool, VALUE(record.configured), CHANGES },
        { "Trusted", "b", property_get_bool, VALUE(record.trusted), CHANGES },
        { "Rotating", "b", property_get_bool, VALUE(record.rotating), CHANGES },
        { "RSSI", "n", NULL, VALUE(record.rssi), CHANGES },
        { "State", "s", get_state, VALUE(record.state), CHANGES },
        { "Contact", "s", get_contact, VALUE(record.contact), CHANGES },
        { "BodyLocation", "s", NULL, TEXT(record.body_location), CHANGES },
        { "LinkProblem", "s", get_problem, VALUE(record.problem), CHANGES },
        { "BatteryPercentage", "y", get_battery, VALUE(record.battery), CHANGES },
        { "Session", "x", NULL, VALUE(record.session), CHANGES },
        { "Alpha1", "d", NULL, VALUE(record.alpha1), CHANGES },
        { "Alpha1Reason", "s", NULL, TEXT(record.alpha1_reason), CHANGES },
        { "HeartRate", "q", NULL, VALUE(heart_rate), UNANNOUNCED },
        { "SmoothedHeartRate", "d", NULL, VALUE(smoothed), UNANNOUNCED },
        { "Zone", "y", NULL, VALUE(zone), UNANNOUNCED },
        { "Speed", "d", NULL, VALUE(speed), UNANNOUNCED },
        { "Cadence", "d", NULL, VALUE(cadence), UNANNOUNCED },
        { "Incline", "d", NULL, VALUE(incline), UNANNOUNCED },
        { "Distance", "d", NULL, VALUE(distance), UNANNOUNCED },
        { "LinkLosses", "at", get_losses, VALUE(losses), UNANNOUNCED },
};

static const sd_bus_vtable members[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_SIGNAL_WITH_ARGS("Measurement",
                        SD_BUS_ARGS("t", realtime_usec, "q", heart_rate, "d", smoothed, "y", zone, "aq", rr),
                        0),
        SD_BUS_SIGNAL_WITH_ARGS("Pace",
                        SD_BUS_ARGS("t", realtime_usec, "d", speed, "d", cadence, "d", distance, "d",
                                        incline),
                        0),
        SD_BUS_VTABLE_END,
};

const BusInterface bus_sensor_interface = {
        .name = CARDIO_SENSOR_INTERFACE,
        .properties = properties,
        .n_properties = ELEMENTSOF(properties),
        .members = members,
};

_Static_assert(offsetof(BusSensor, record) == 0, "the values begin with what is pushed");

BusSensor *bus_sensor_free(BusSensor *s)
{
        if (!s)
                return NULL;
        bus_object_end(&s->object);
        free(s);
        return NULL;
}

const char *bus_sensor_path(char buf[static SENSOR_PATH_SIZE], const char *address)
{
        (void)snprintf(buf, SENSOR_PATH_SIZE, CARDIO_SENSOR_PREFIX "/%s", address); /* always fits */
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

        if (!s)
                return -ENOMEM;
        s->speed = s->cadence = s->incline = s->distance = NAN;
        r = bus_object_begin(&s->object, b->bus, &bus_sensor_interface, b->sensor_vtable,
                        bus_sensor_path(path, address), s);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

int bus_set_sensor(Bus *b, unsigned number, const SensorRecord *record)
{
        bool added = !b->sensors[number];
        int r;

        if (added) {
                r = sensor_new(b, record->address, &b->sensors[number]);
                if (r < 0)
                        return r;
        }
        bus_push(b, &b->sensors[number]->object, record);
        if (!added)
                return 0;
        r = bus_is_full(b) ? -ENOBUFS
                           : sd_bus_emit_interfaces_added(b->bus, b->sensors[number]->object.path,
                                             CARDIO_SENSOR_INTERFACE, NULL);
        bus_sent(b, false);
        return r;
}

void bus_remove_sensor(Bus *b, unsigned number)
{
        int r;

        if (!b->sensors[number])
                return;
        r = bus_is_full(b) ? -ENOBUFS
                           : sd_bus_emit_interfaces_removed(b->bus, b->sensors[number]->object.path,
                                             CARDIO_SENSOR_INTERFACE, NULL);
        bus_sent(b, false);
        if (r < 0)
                log_warning("Cannot announce that %s is gone: %s", b->sensors[number]->object.path,
                                strerror(-r));
        b->sensors[number] = bus_sensor_free(b->sensors[number]);
}

_hot_ void bus_set_heart_rate(Bus *b, unsigned number, uint16_t heart_rate, double smoothed, uint8_t zone)
{
        BusSensor *s = b->sensors[number];

        if (!s)
                return;
        s->heart_rate = heart_rate;
        s->smoothed = smoothed;
        s->zone = zone;
}

void bus_set_pace(Bus *b, unsigned number, const PacePoint *point)
{
        BusSensor *s = b->sensors[number];

        if (!s)
                return;
        s->speed = point ? point->speed : NAN;
        s->cadence = point ? point->cadence : NAN;
        s->incline = point ? point->incline : NAN;
        s->distance = point ? point->distance : NAN;
}

void bus_set_link_losses(Bus *b, unsigned number, const uint64_t *losses, size_t n)
{
        BusSensor *s = b->sensors[number];

        if (!s)
                return;
        s->losses.n = n < ELEMENTSOF(s->losses.at) ? n : ELEMENTSOF(s->losses.at);
        memcpy(s->losses.at, losses, s->losses.n * sizeof(s->losses.at[0]));
}

void bus_measurement(Bus *b, unsigned number, uint64_t realtime_usec, uint16_t heart_rate, double smoothed,
                uint8_t zone, const uint16_t *rr, size_t n_rr)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if (!b->sensors[number] || bus_is_behind(b))
                return;
        r = sd_bus_message_new_signal(
                        b->bus, &m, b->sensors[number]->object.path, CARDIO_SENSOR_INTERFACE, "Measurement");
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

void bus_pace(Bus *b, unsigned number, uint64_t realtime_usec, const PacePoint *point)
{
        int r;

        if (!b->sensors[number] || bus_is_behind(b))
                return;
        r = sd_bus_emit_signal(b->bus, b->sensors[number]->object.path, CARDIO_SENSOR_INTERFACE, "Pace",
                        "tdddd", realtime_usec, point->speed, point->cadence, point->distance,
                        point->incline);
        if (r < 0)
                log_warning("Cannot send Pace: %s", strerror(-r));
        bus_sent(b, false);
}
