/* SPDX-License-Identifier: MIT */

/* The services of devices and their characteristics: straps, foot pods, fitness machines, and those that are several at once. No
 * clock. */

#include "bluez-standin.h"

#include <string.h>

#include "cardio/bus-api.h"

#define UUID(number) "0000" number "-0000-1000-8000-00805f9b34fb"

static const char *const flags_notify[] = { "notify", NULL };
static const char *const flags_read[] = { "read", NULL };
static const char *const flags_write[] = { "write", NULL };

typedef struct Row {
        const char *uuid;
        const char *const *flags;
        unsigned handle; /* behind the service's */
} Row;

static const Row heart_rate_rows[] = {
        { UUID_HEART_RATE_MEASUREMENT, flags_notify, 1 }, { UUID_BODY_SENSOR_LOCATION, flags_read, 4 },
        { UUID("2a39"), flags_write, 6 },
        { UUID_HEART_RATE_MEASUREMENT, flags_notify, 9 }, /* of a strap that has two */
};

static const Row running_speed_rows[] = {
        { UUID_RUNNING_SPEED_MEASUREMENT, flags_notify, 1 },
        { UUID("2a54"), flags_read, 4 },
        { UUID("2a55"), flags_write, 6 },
};

static const Row treadmill_rows[] = {
        { UUID("2acc"), flags_read, 1 },
        { UUID_TREADMILL_DATA, flags_notify, 3 },
        { UUID("2ad9"), flags_write, 6 },
};

static const Row bike_rows[] = {
        { UUID("2acc"), flags_read, 1 },
        { UUID_INDOOR_BIKE_DATA, flags_notify, 3 },
        { UUID("2ad9"), flags_write, 6 },
};

static const struct {
        const char *uuid;
        unsigned handle; /* behind the device's */
        const Row *rows;
        size_t n_rows;
} kinds[] = {
        [SERVICE_HEART_RATE] = { UUID_HEART_RATE_SERVICE, 0, heart_rate_rows,
                        ELEMENTSOF(heart_rate_rows) - 1 },
        [SERVICE_HEART_RATE_TWICE] = { UUID_HEART_RATE_SERVICE, 0, heart_rate_rows,
                        ELEMENTSOF(heart_rate_rows) },
        [SERVICE_HEART_RATE_EMPTY] = { UUID_HEART_RATE_SERVICE, 0, NULL, 0 },
        [SERVICE_RUNNING_SPEED] = { UUID_RUNNING_SPEED_SERVICE, 0x20, running_speed_rows,
                        ELEMENTSOF(running_speed_rows) },
        [SERVICE_TREADMILL] = { UUID_FITNESS_MACHINE_SERVICE, 0x40, treadmill_rows,
                        ELEMENTSOF(treadmill_rows) },
        [SERVICE_BIKE] = { UUID_FITNESS_MACHINE_SERVICE, 0x40, bike_rows, ELEMENTSOF(bike_rows) },
        [SERVICE_OTHER] = { UUID("1812"), 0, NULL, 0 },
};

const char *sensor_service(size_t i)
{
        static const char *const services[] = { UUID_HEART_RATE_SERVICE, UUID_RUNNING_SPEED_SERVICE,
                UUID_FITNESS_MACHINE_SERVICE };

        return i < ELEMENTSOF(services) ? services[i] : NULL;
}

bool device_has_service(const Device *d, const char *uuid)
{
        for (size_t i = 0; i < d->n_services; i++)
                if (strcmp(d->services[i].uuid, uuid) == 0)
                        return true;
        return false;
}

bool device_add_service(Device *d, ServiceKind kind)
{
        Service *service = &d->services[d->n_services];

        if (d->n_services == SERVICES_MAX ||
                        d->n_characteristics + kinds[kind].n_rows > ELEMENTSOF(d->characteristics))
                return false;
        d->n_services++;
        *service = (Service){
                .uuid = kinds[kind].uuid,
                .handle = kinds[kind].handle,
                .device_path = must_copy(d->path),
                .primary = true,
        };
        for (size_t i = 0; i < kinds[kind].n_rows; i++)
                d->characteristics[d->n_characteristics++] = (Characteristic){
                        .device = d,
                        .service = service,
                        .uuid = kinds[kind].rows[i].uuid,
                        .flags = kinds[kind].rows[i].flags,
                        .handle = kinds[kind].rows[i].handle,
                };
        return true;
}

/* Paths are made from handles: the same after a reconnect, new ones after a Service Changed. */
void device_name_gatt(Device *d)
{
        for (size_t i = 0; i < d->n_services; i++) {
                Service *service = &d->services[i];

                free(service->path);
                service->path = must_format("%s/service%04x", d->path, d->handle + service->handle);
        }
        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = &d->characteristics[i];

                free(c->path);
                free(c->service_path);
                c->path = must_format(
                                "%s/char%04x", c->service->path, d->handle + c->service->handle + c->handle);
                c->service_path = must_copy(c->service->path);
        }
}

static void characteristic_end(Characteristic *c)
{
        object_emit_removed(c->device->standin, c->path);
        c->size = 0;
        c->notifying = false;
        characteristic_drop_clients(c);
}

static void device_add_gatt(Device *d)
{
        device_name_gatt(d);
        d->gatt = true;
        for (size_t i = 0; i < d->n_characteristics; i++)
                d->characteristics[i].gone = false;
        for (size_t i = 0; i < d->n_services; i++) {
                object_emit_added(d->standin, d->services[i].path);
                for (size_t k = 0; k < d->n_characteristics; k++)
                        if (d->characteristics[k].service == &d->services[i])
                                object_emit_added(d->standin, d->characteristics[k].path);
        }
}

void device_set_gatt(Device *d, bool exist)
{
        if (d->gatt == exist)
                return;
        if (exist) {
                device_add_gatt(d);
                return;
        }
        for (size_t i = 0; i < d->n_services; i++) {
                for (size_t k = 0; k < d->n_characteristics; k++)
                        if (d->characteristics[k].service == &d->services[i])
                                characteristic_end(&d->characteristics[k]);
                object_emit_removed(d->standin, d->services[i].path);
        }
        d->gatt = false;
        for (size_t i = 0; i < d->n_services; i++)
                calls_end_below(d->standin, d->services[i].path);
}

Characteristic *device_measurement(Device *d, const char *uuid, size_t number)
{
        for (size_t i = 0; i < d->n_characteristics; i++) {
                Characteristic *c = &d->characteristics[i];

                if (c->flags == flags_notify && (!uuid || strcmp(c->uuid, uuid) == 0) && number-- == 0)
                        return c->gone ? NULL : c;
        }
        return NULL;
}

Characteristic *device_pace(Device *d)
{
        Characteristic *c = device_measurement(d, UUID_TREADMILL_DATA, 0);

        return c ? c : device_measurement(d, UUID_RUNNING_SPEED_MEASUREMENT, 0);
}
