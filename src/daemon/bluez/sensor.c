/* SPDX-License-Identifier: MIT */
/* A device as a sensor: what it is, whether it is the runner's, and what is reported about it. Two adapters may know the same
 * sensor, which is reported once. No clock. */

#include "bluez/sensor.h"

#include "bluez/internal.h"
#include "bluez/services.h"
#include "cardio/macro.h"

/* -- What it is -- */

static bool is_address(const char *wanted, const Device *d)
{
        return wanted[0] && strcasecmp(wanted, d->address) == 0;
}

/* It is configured for its pace, and what else it may be is not known, or another strap's business. */
static bool is_only_a_pod(const Device *d, unsigned services)
{
        const BluezConfig *c = &d->bluez->config;

        if (!is_address(c->pace_address, d) || is_address(c->address, d))
                return false;
        return services == 0 || (c->address[0] && services != SERVICE_HEART_RATE);
}

_hot_ static SensorKind kind_by_services(const Device *d, unsigned services)
{
        if (services & SERVICE_FITNESS_MACHINE)
                return SENSOR_KIND_TREADMILL;
        if (is_only_a_pod(d, services))
                return SENSOR_KIND_FOOT_POD;
        if (!(services & SERVICE_HEART_RATE) && (services & SERVICE_RUNNING_SPEED))
                return SENSOR_KIND_FOOT_POD;
        return SENSOR_KIND_STRAP;
}

SensorKind device_kind(const Device *d)
{
        return kind_by_services(d, d->services);
}

_hot_ Measure device_main(const Device *d)
{
        switch (device_kind(d)) {
        case SENSOR_KIND_STRAP:
                break;
        case SENSOR_KIND_FOOT_POD:
                return MEASURE_RUNNING_SPEED;
        case SENSOR_KIND_TREADMILL:
                return MEASURE_TREADMILL;
        case _SENSOR_KIND_MAX:
        case _SENSOR_KIND_INVALID:
                break;
        }
        return MEASURE_HEART_RATE;
}

const Source *device_source(const Device *d)
{
        return &d->sources[device_main(d)];
}

/* A treadmill measures by its own characteristic alone: that of a foot pod would be the same way once more, and its heart rates
 * come with it. */
_hot_ bool device_wants(const Device *d, Measure measure)
{
        const char *pace = d->bluez->config.pace_address;
        Measure main = device_main(d);

        return measure == main || (measure == MEASURE_RUNNING_SPEED && main == MEASURE_HEART_RATE &&
                                                  (!pace[0] || is_address(pace, d)));
}

bool device_is_no_treadmill(const Device *d)
{
        return device_kind(d) == SENSOR_KIND_TREADMILL && d->other_machine;
}

/* -- Whose it is -- */

bool device_is_own(const Device *d)
{
        const BluezConfig *c = &d->bluez->config;

        if (!d->address[0] || device_is_no_treadmill(d))
                return false;
        if (is_address(c->address, d) ||
                        (is_address(c->pace_address, d) && d->services != SERVICE_HEART_RATE))
                return true;
        if (d->services == 0 || !(d->trusted || d->paired))
                return false;
        return device_kind(d) == SENSOR_KIND_STRAP ? !c->address[0] : !c->pace_address[0];
}

bool device_is_sensor(const Device *d)
{
        return d->address[0] && d->services != 0;
}

/* Whether any adapter knows a sensor of the runner's with this address. */
static bool address_is_own(const Bluez *b, const char *address)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->address, address) == 0 && device_is_own(b->devices[i]))
                        return true;
        return false;
}

/* A machine that says what it is needs no connection to be known for a bike: some beep at each. */
static bool device_says_no_treadmill(const Device *d)
{
        return device_kind(d) == SENSOR_KIND_TREADMILL && (d->other_machine || d->advertises_other_machine);
}

bool device_is_found(const Device *d)
{
        return d->found && device_is_sensor(d) && !device_says_no_treadmill(d) &&
               !address_is_own(d->bluez, d->address);
}

/* Whether its address is a resolvable private one, 01 in the two highest bits (Core Specification, volume 6, part B, 1.3.2.2),
 * without a bond: such an address changes after some minutes, and only a bond resolves the next one. */
static bool device_is_rotating(const Device *d)
{
        return d->random_address && !d->paired && strchr("4567", d->address[0]);
}

/* Looks it up once; values since then are known anyway. */
bool device_is_known(Device *d)
{
        if (d->known < 0)
                d->known = d->bluez->handlers->strap_known(d->bluez->userdata, d->address);
        return d->known > 0;
}

/* -- Reporting -- */

static SensorLink device_link(const Device *d)
{
        if (d->connected)
                return d->resolved ? SENSOR_LINK_CONNECTED : SENSOR_LINK_CONNECTING;
        return d->connecting ? SENSOR_LINK_CONNECTING : SENSOR_LINK_ABSENT;
}

/* Two adapters may know the same sensor: the better link counts, … */
static SensorLink sensor_link_of(const Device *d)
{
        SensorLink best = device_link(d);

        for (size_t i = 0; i < d->bluez->n_devices; i++) {
                const Device *other = d->bluez->devices[i];
                if (other != d && strcmp(other->address, d->address) == 0 && device_link(other) > best)
                        best = device_link(other);
        }
        return best;
}

/* … the stronger signal, … */
static int16_t sensor_rssi(const Device *d)
{
        const Bluez *b = d->bluez;
        int16_t best = 0;

        for (size_t i = 0; b->scan && i < b->n_devices; i++) {
                const Device *other = b->devices[i];
                if (other->rssi != 0 && strcmp(other->address, d->address) == 0 &&
                                (best == 0 || other->rssi > best))
                        best = other->rssi;
        }
        return best;
}

/* … and all services that either knows of, since an advertisement may leave some out. */
static SensorKind sensor_kind(const Device *d)
{
        unsigned services = d->services;

        for (size_t i = 0; i < d->bluez->n_devices; i++)
                if (strcmp(d->bluez->devices[i]->address, d->address) == 0)
                        services |= d->bluez->devices[i]->services;
        return kind_by_services(d, services);
}

/* Nothing is wrong as long as one of them sends. */
static LinkProblem sensor_problem(const Device *d)
{
        LinkProblem worst = d->problem;

        for (size_t i = 0; i < d->bluez->n_devices; i++) {
                const Device *other = d->bluez->devices[i];
                if (strcmp(other->address, d->address) != 0)
                        continue;
                if (other->delivered && other->problem == LINK_OK)
                        return LINK_OK;
                if (worst == LINK_OK)
                        worst = other->problem;
        }
        return worst;
}

static bool record_equal(const SensorRecord *a, const SensorRecord *b)
{
        return a->kind == b->kind && a->name == b->name && a->body_location == b->body_location &&
               a->battery == b->battery && a->configured == b->configured && a->trusted == b->trusted &&
               a->rotating == b->rotating && a->rssi == b->rssi && a->link == b->link &&
               a->problem == b->problem;
}

void device_report(Device *d)
{
        Bluez *b = d->bluez;
        SensorRecord record = {
                .kind = sensor_kind(d),
                .name = d->name,
                .body_location = d->body_location,
                .battery = d->battery,
                .configured = device_is_own(d),
                .trusted = d->trusted,
                .rotating = device_is_rotating(d),
                .rssi = sensor_rssi(d),
                .link = sensor_link_of(d),
                .problem = sensor_problem(d),
        };

        memcpy(record.address, d->address, sizeof(record.address));
        if (d->number >= 0 && record_equal(&record, &d->reported))
                return;
        d->reported = record;
        /* They share one record: its link, its signal, and what was last reported. */
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->address, d->address) == 0) {
                        b->devices[i]->reported.link = record.link;
                        b->devices[i]->reported.rssi = record.rssi;
                        b->devices[i]->reported.problem = record.problem;
                }
        d->number = b->handlers->strap_changed(b->userdata, &record);
}

/* A change may concern the same sensor on another adapter. Returns whether it is reported there. */
static bool device_report_elsewhere(const Device *d)
{
        const Bluez *b = d->bluez;

        for (size_t i = 0; i < b->n_devices; i++) {
                Device *other = b->devices[i];
                if (other != d && other->number >= 0 && strcmp(other->address, d->address) == 0) {
                        device_report(other);
                        return true;
                }
        }
        return false;
}

void device_withdraw(Device *d)
{
        bool reported = d->number >= 0;

        d->number = -1;
        if (!device_report_elsewhere(d) && reported)
                d->bluez->handlers->strap_removed(d->bluez->userdata, d->address);
}
