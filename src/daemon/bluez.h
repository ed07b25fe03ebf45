/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/sensor.h"
#include "cardio/time.h"

/* The client of BlueZ: keeps the runner's straps connected and subscribed, and hands on what they send. It never scans,
 * pairs or trusts by itself. */
typedef struct Bluez Bluez;

#define ADDRESS_STRING_MAX 18U

/* A strap of the runner's: the configured address, or any trusted or paired device with the heart-rate service. */
typedef struct Strap {
        char address[ADDRESS_STRING_MAX];
        const char *name;          /* NULL = unknown; text from the air */
        const char *body_location; /* NULL = unknown */
        int battery;               /* per cent, -1 = unknown */
        bool trusted;
        SensorLink link;
} Strap;

typedef struct BluezHandlers {
        /* A strap is there, or something about it changed. Returns a number >= 0 that notifications of it carry, or a
         * negative errno if it is not wanted. */
        int (*strap_changed)(void *userdata, const Strap *strap);
        void (*strap_removed)(void *userdata, const char *address);
        /* org.bluez came or went: bluez_running(). */
        void (*running_changed)(void *userdata);
        /* A value of Heart Rate Measurement arrived. */
        void (*notification)(void *userdata, unsigned strap, const uint8_t *value, size_t size);
} BluezHandlers;

typedef struct BluezConfig {
        char address[ADDRESS_STRING_MAX]; /* "" = any */
        usec_t silence_usec;              /* a connected strap silent for longer is reconnected */
} BluezConfig;

int bluez_new(sd_event *event, sd_bus *bus, const BluezConfig *config, const BluezHandlers *handlers,
                void *userdata, Bluez **ret);
Bluez *bluez_free(Bluez *b);
DEFINE_CLEANUP(Bluez *, bluez_free);

void bluez_configure(Bluez *b, const BluezConfig *config);

/* Is org.bluez on the bus? */
bool bluez_running(const Bluez *b);
