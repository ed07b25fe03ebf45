/* SPDX-License-Identifier: MIT */
/* A device as a strap: whether it is the runner's, and what is reported about it. Two adapters may know the same strap, which
 * is reported once. No clock. */

#include "bluez/strap.h"

#include "bluez/internal.h"

/* -- Whose it is -- */

bool device_is_strap(const Device *d)
{
        const char *wanted = d->bluez->config.address;

        if (wanted[0])
                return strcasecmp(wanted, d->address) == 0;
        return d->address[0] && d->offers_service && (d->trusted || d->paired);
}

bool device_calls_itself_strap(const Device *d)
{
        return d->address[0] && d->offers_service;
}

/* Whether any adapter knows a strap with this address. */
static bool address_is_of_strap(const Bluez *b, const char *address)
{
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->address, address) == 0 && device_is_strap(b->devices[i]))
                        return true;
        return false;
}

bool device_is_found(const Device *d)
{
        return d->found && device_calls_itself_strap(d) && !address_is_of_strap(d->bluez, d->address);
}

/* Whether its address is a resolvable private one, 01 in the two highest bits (Core Specification, volume 6, part B, 1.3.2.2),
 * without a bond: such an address changes after some minutes, and only a bond resolves the next one. */
static bool device_is_rotating(const Device *d)
{
        return d->random_address && !d->paired && strchr("4567", d->address[0]);
}

/* Looks it up once; heart rates since then are known anyway. */
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

/* Two adapters may know the same strap: the better link counts. */
static SensorLink strap_link(const Device *d)
{
        SensorLink best = device_link(d);

        for (size_t i = 0; i < d->bluez->n_devices; i++) {
                const Device *other = d->bluez->devices[i];
                if (other != d && strcmp(other->address, d->address) == 0 && device_link(other) > best)
                        best = device_link(other);
        }
        return best;
}

/* The stronger signal counts, too. */
static int16_t strap_rssi(const Device *d)
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

/* Nothing is wrong as long as one of them sends. */
static LinkProblem strap_problem(const Device *d)
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

static bool strap_equal(const SensorRecord *a, const SensorRecord *b)
{
        return a->name == b->name && a->body_location == b->body_location && a->battery == b->battery &&
               a->configured == b->configured && a->trusted == b->trusted && a->rotating == b->rotating &&
               a->rssi == b->rssi && a->link == b->link && a->problem == b->problem;
}

void device_report(Device *d)
{
        Bluez *b = d->bluez;
        SensorRecord strap = {
                .name = d->name,
                .body_location = d->body_location,
                .battery = d->battery,
                .configured = device_is_strap(d),
                .trusted = d->trusted,
                .rotating = device_is_rotating(d),
                .rssi = strap_rssi(d),
                .link = strap_link(d),
                .problem = strap_problem(d),
        };

        memcpy(strap.address, d->address, sizeof(strap.address));
        if (d->number >= 0 && strap_equal(&strap, &d->reported))
                return;
        d->reported = strap;
        /* They share one record: its link, its signal, and what was last reported. */
        for (size_t i = 0; i < b->n_devices; i++)
                if (strcmp(b->devices[i]->address, d->address) == 0) {
                        b->devices[i]->reported.link = strap.link;
                        b->devices[i]->reported.rssi = strap.rssi;
                        b->devices[i]->reported.problem = strap.problem;
                }
        d->number = b->handlers->strap_changed(b->userdata, &strap);
}

/* A change may concern the same strap on another adapter. Returns whether it is reported there. */
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
