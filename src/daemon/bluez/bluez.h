/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/pace.h"
#include "cardio/parse.h"
#include "cardio/time.h"
#include "sensor-record.h"

/* The BlueZ client: keeps the runner's straps, foot pods and treadmills connected and subscribed, and hands on what they send. It
 * scans and trusts only on request, never pairs, and writes nothing to any of them. */
typedef struct Bluez Bluez;

typedef struct BluezHandlers {
        /* A sensor is there, or something about it changed. The runner's own are the configured addresses, or any trusted or
         * paired device that measures heart rates or pace; others are reported once discovery, requested by bluez_scan() or
         * bluez_trust(), has found them. Returns a number >= 0 that notifications of it carry, or a negative errno if it is
         * not wanted. */
        int (*strap_changed)(void *userdata, const SensorRecord *strap);
        void (*strap_removed)(void *userdata, const char *address);
        /* The link to a reported sensor was lost at this time of CLOCK_BOOTTIME, and not disconnected by us. */
        void (*link_lost)(void *userdata, unsigned strap, usec_t boot_usec);
        /* Whether a value has ever come from it, as far as is known. Called at most once for a device, and only if its
         * link is useless. */
        bool (*strap_known)(void *userdata, const char *address);
        /* org.bluez appeared or went away: bluez_running(). */
        void (*running_changed)(void *userdata);
        /* Discovery runs, stopped or failed: bluez_scanning(). error is NULL, or says as below why there is no discovery now. */
        void (*scan_changed)(void *userdata, const char *error, const char *message);
        /* A value of Heart Rate Measurement arrived at this time of CLOCK_BOOTTIME; late: it may have arrived earlier. */
        void (*notification)(void *userdata, unsigned strap, const uint8_t *value, size_t size,
                        usec_t boot_usec, bool late);
        /* Likewise a value of a characteristic that measures pace, of a foot pod, a treadmill, or a strap that has one. */
        void (*pace)(void *userdata, unsigned sensor, PaceFormat format, const uint8_t *value, size_t size,
                        usec_t boot_usec);
} BluezHandlers;

typedef struct BluezConfig {
        char address[ADDRESS_STRING_MAX];      /* "" = any */
        char pace_address[ADDRESS_STRING_MAX]; /* of the foot pod or treadmill, "" = any */
        usec_t stale_usec;                     /* stale-after, 0 = auto: it follows the sensor's interval */
} BluezConfig;

int bluez_new(sd_event *event, sd_bus *bus, const BluezConfig *config, const BluezHandlers *handlers,
                void *userdata, Bluez **ret);
Bluez *bluez_free(Bluez *b);
DEFINE_CLEANUP(Bluez *, bluez_free);

/* The process was stopped for a while: what arrived meanwhile is read now, all at once. */
void bluez_stalled(Bluez *b);

void bluez_configure(Bluez *b, const BluezConfig *config);

/* Whether sensors can be reached at all, as in the property Manager.Bluetooth: on; off; no-adapter; no-bluez, its service does
 * not run; or "" while unknown. */
const char *bluez_radio(const Bluez *b);

/* Whether org.bluez is on the bus. */
bool bluez_running(const Bluez *b);

/* Discovers sensors on every adapter that is on, as adapters and BlueZ come and go. The outcome is reported by scan_changed(),
 * after each call with true and whenever it changes. */
void bluez_scan(Bluez *b, bool wanted);
bool bluez_scanning(const Bluez *b);

/* An operation that takes time. done is called once, later, unless the task is cancelled before; the task is gone then. error:
 * NULL on success, else one of cardio/bus-api.h; message says in the runner's words what is wrong. */
typedef struct BluezTask BluezTask;
typedef void (*BluezDone)(void *userdata, const char *error, const char *message);

#define BLUEZ_TASKS_MAX 8U

/* Makes a sensor the runner's: discovers it if BlueZ does not know it, connects without bonding, checks that it measures
 * something, and sets Trusted. Returns 0; -EBUSY if another one is being trusted, or this one forgotten; -ENOBUFS if there are too
 * many tasks; or another negative errno. */
int bluez_trust(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret);
/* Removes a sensor from BlueZ, on all adapters. Returns as above. */
int bluez_forget(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret);
/* done is not called. A link that the task had begun is disconnected. Returns NULL. */
BluezTask *bluez_task_cancel(BluezTask *t);
