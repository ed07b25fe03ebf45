/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/parse.h"
#include "cardio/sensor.h"
#include "cardio/time.h"
#include "sensor-record.h"

/* The client of BlueZ: keeps the runner's straps connected and subscribed, and hands on what they send. It scans and
 * trusts only when it is told to, and never pairs. */
typedef struct Bluez Bluez;

typedef struct BluezHandlers {
        /* A strap is there, or something about it changed. The runner's own are the configured address, or any trusted or
         * paired device with the heart-rate service; others are told of once discovery, asked for by bluez_scan() or
         * bluez_trust(), has heard them. Returns a number >= 0 that notifications of it carry, or a
         * negative errno if it is not wanted. */
        int (*strap_changed)(void *userdata, const SensorRecord *strap);
        void (*strap_removed)(void *userdata, const char *address);
        /* The link to a strap that is told of was lost, and not by us, at this moment of CLOCK_BOOTTIME. */
        void (*link_lost)(void *userdata, unsigned strap, usec_t boot_usec);
        /* Has a heart rate ever come from it, as far as is known? Asked at most once a device, and only if its link is of
         * no use. */
        bool (*strap_known)(void *userdata, const char *address);
        /* org.bluez came or went: bluez_running(). */
        void (*running_changed)(void *userdata);
        /* What bluez_scan() asked for, or the loss of it, has come to something: bluez_scanning(). error is NULL, or says
         * as below why nothing is discovered just now. */
        void (*scan_changed)(void *userdata, const char *error, const char *message);
        /* A value of Heart Rate Measurement arrived, at this moment of CLOCK_BOOTTIME; late: it may have waited. */
        void (*notification)(void *userdata, unsigned strap, const uint8_t *value, size_t size,
                        usec_t boot_usec, bool late);
} BluezHandlers;

typedef struct BluezConfig {
        char address[ADDRESS_STRING_MAX]; /* "" = any */
        usec_t stale_usec;                /* stale-after, 0 = auto: it follows the sensor's pace */
} BluezConfig;

int bluez_new(sd_event *event, sd_bus *bus, const BluezConfig *config, const BluezHandlers *handlers,
                void *userdata, Bluez **ret);
Bluez *bluez_free(Bluez *b);
DEFINE_CLEANUP(Bluez *, bluez_free);

/* The process has stood still: what has been sent meanwhile comes now, at once. */
void bluez_stalled(Bluez *b);

void bluez_configure(Bluez *b, const BluezConfig *config);

/* Whether a strap can be reached at all, as Manager.Bluetooth tells it: on; off; no-adapter; no-bluez, its service does not
 * run; or "" as long as it is not known. */
const char *bluez_radio(const Bluez *b);

/* Is org.bluez on the bus? */
bool bluez_running(const Bluez *b);

/* Discovery of heart-rate straps on every adapter that is on, as adapters and BlueZ come and go. What it comes to is
 * told by scan_changed(), each time this is called with true and whenever it changes. */
void bluez_scan(Bluez *b, bool wanted);
bool bluez_scanning(const Bluez *b);

/* What takes its time. done is called once, later, unless the task is cancelled before; the task is gone then. error:
 * NULL = it is done, else one of cardio/bus-api.h; message says in the runner's words what is in the way. */
typedef struct BluezTask BluezTask;
typedef void (*BluezDone)(void *userdata, const char *error, const char *message);

#define BLUEZ_TASKS_MAX 8U

/* Makes a strap the runner's: discovers it if BlueZ does not know it, connects it without bonding, sees that it measures
 * heart rates, and has it trusted. Returns 0; -EBUSY if another one is being trusted, or this one forgotten; -ENOBUFS if
 * there are too many tasks; or another negative errno. */
int bluez_trust(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret);
/* Has BlueZ forget a strap, on all adapters. Returns as above. */
int bluez_forget(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret);
/* done is not called. A link that the task had begun is given up. Returns NULL. */
BluezTask *bluez_task_cancel(BluezTask *t);
