/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "cardio/sensor.h"
#include "cardio/time.h"

/* The characteristics of a device: those of the table in services.c that it has, subscribing to them, and reading them. */

typedef struct Device Device;
typedef struct Characteristic Characteristic;

/* What is measured. A device may measure several things, each by characteristics of its own. */
typedef enum Measure {
        MEASURE_HEART_RATE,
        MEASURE_RUNNING_SPEED,
        MEASURE_TREADMILL,
        _MEASURE_MAX,
        _MEASURE_INVALID = -EINVAL,
} Measure;

/* A row of that table. */
typedef struct CharacteristicKind {
        const char *uuid;
        bool subscribed; /* it notifies; else it is read, once a link as long as its value is unknown */
        Measure measure; /* by one that notifies */
        /* Handles a notified value, on the straight way to the core; or the value read. */
        void (*take)(Characteristic *c, const uint8_t *value, size_t size);
        bool (*is_known)(const Device *d); /* for one that is read: its value is known */
} CharacteristicKind;

/* A device may list a service or characteristic more than once, one of them dead. */
#define COPIES_MAX          4U
#define CHARACTERISTICS_MAX 16U /* of all kinds */

struct Characteristic {
        Device *device;
        const CharacteristicKind *kind;
        char *path;
        bool in_snapshot;    /* in the snapshot that is being read */
        bool notifying;      /* StartNotify() succeeded since the services were resolved */
        LinkProblem refusal; /* an answer to StartNotify() that would be the same on a new link */
        unsigned failures;   /* of StartNotify in a row */
        unsigned subscribe_failures; /* … as of a strap that wants pairing, with no heart rate since, on all links */
        usec_t subscribe_failed_usec; /* time of the last of these */
        bool failure_counted;         /* one of these was on this link */
        usec_t asked_usec;            /* last call of StartNotify() */
        usec_t not_before_usec;       /* the next attempt */
        usec_t notifying_usec;        /* StartNotify() succeeded */
        usec_t value_usec;            /* its last value */
        sd_bus_slot *slot;            /* pending StartNotify(), StopNotify() or ReadValue() */
        bool starting;                /* … it is StartNotify() */
        bool acquired; /* a program has called AcquireNotify(): StopNotify() would take the notifications from it */
        bool read; /* ReadValue() was called on this link */
};

bool characteristic_is_main(const Characteristic *c); /* it is of its device's main measurement */
int device_add_characteristic(Device *d, const CharacteristicKind *kind, const char *path);
void device_remove_characteristic(Device *d, const char *path); /* if it has that one */
void device_drop_characteristics(Device *d);
/* Here and below, of its main measurement (device_main()): what else it measures is welcome, and no reason to do anything to its
 * link. */
bool device_can_measure(const Device *d); /* it has a characteristic for that */
/* Calls StartNotify() where that is due. Returns when to evaluate again. */
usec_t device_subscribe(Device *d, usec_t now_usec);
void device_unsubscribe(Device *d);
void device_reset_subscriptions(Device *d); /* the link is another one, or gone */
/* To be called before, if the link was lost: StartNotify() calls still unanswered may be the reason. */
void device_lose_subscriptions(Device *d);
void device_retry_subscriptions(Device *d); /* what was refused may be granted now */
/* Values arrive: those that are subscribed to, or notify, do not want to be paired. Returns whether one is to be subscribed
 * to. */
bool device_clear_failures(Device *d);
/* None of these values can be had, since it wants to be paired; known also from earlier links. */
bool device_wants_pairing(const Device *d);
bool device_is_notifying(const Device *d);
/* Why there are no notifications at all; any: why some are missing. */
LinkProblem device_refusal(const Device *d, bool any);
/* Another program has acquired its notifications, or released them. */
void characteristic_acquired(Characteristic *c, bool acquired);
/* Calls ReadValue() where that is due. */
void device_read(Device *d);
void device_reset_reads(Device *d); /* the link is another one, or gone */
