/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "bluez/policy.h"
#include "cardio/time.h"

/* The characteristics of a device: what it has of the table in services.c, subscribing to them, and reading them. */

typedef struct Device Device;
typedef struct Characteristic Characteristic;

/* A row of that table. */
typedef struct CharacteristicKind {
        const char *uuid;
        bool subscribed; /* it sends; else it is read, once a link as long as nothing is known */
        /* Of one that is subscribed to: what it has sent, on the straight way to the core. Else what was read. */
        void (*take)(Characteristic *c, const uint8_t *value, size_t size);
        bool (*is_known)(const Device *d); /* of one that is read */
} CharacteristicKind;

/* A device may show a service, or its characteristic, more than once, one copy dead. */
#define COPIES_MAX          4U
#define CHARACTERISTICS_MAX 8U /* of all kinds */

struct Characteristic {
        Device *device;
        const CharacteristicKind *kind;
        char *path;
        bool told;           /* by the snapshot that is being read */
        bool notifying;      /* StartNotify succeeded since the services were resolved */
        LinkProblem refusal; /* what StartNotify was answered that a new link would not change */
        unsigned failures;   /* of StartNotify in a row */
        unsigned subscribe_failures; /* … as of a strap that wants to be paired, without a heart rate, over all links */
        usec_t subscribe_failed_usec; /* the last of these */
        bool failure_counted;         /* one of these was on this link */
        usec_t asked_usec;            /* StartNotify was called last */
        usec_t not_before_usec;       /* the next attempt */
        usec_t notifying_usec;        /* … since when */
        usec_t value_usec;            /* its last value */
        sd_bus_slot *slot;            /* pending StartNotify(), StopNotify() or ReadValue() */
        bool starting;                /* … it is StartNotify() */
        bool acquired; /* a program has called AcquireNotify(): StopNotify() would take them from it */
        bool read;     /* ReadValue() was called on this link */
};

int device_add_characteristic(Device *d, const CharacteristicKind *kind, const char *path);
void device_remove_characteristic(Device *d, const char *path); /* if it has that one */
void device_drop_characteristics(Device *d);
bool device_can_notify(const Device *d); /* one that can be subscribed to */
/* StartNotify where that is to be done. Returns when to look again. */
usec_t device_subscribe(Device *d, usec_t now_usec);
void device_unsubscribe(Device *d);
void device_reset_subscriptions(Device *d); /* the link is another one, or gone */
/* Before that, if it went by itself: StartNotify() calls that were not answered yet may be the reason. */
void device_lose_subscriptions(Device *d);
void device_retry_subscriptions(Device *d); /* what was refused may be granted now */
/* Values come: those that are subscribed to, or send, are not what wants to be paired. Returns whether one is to be subscribed
 * to. */
bool device_clear_failures(Device *d);
/* None of what it sends is to be had, since it wants to be paired. It is known from the links before, too. */
bool device_wants_pairing(const Device *d);
bool device_is_notifying(const Device *d);
/* Why notifications are not to be had, if none are; any: if some are not. */
LinkProblem device_refusal(const Device *d, bool any);
/* Another program holds its notifications, or has let go of them. */
void characteristic_acquired(Characteristic *c, bool acquired);
/* ReadValue where that is to be done. */
void device_read(Device *d);
void device_reset_reads(Device *d); /* the link is another one, or gone */
