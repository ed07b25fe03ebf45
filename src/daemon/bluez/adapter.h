/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

typedef struct Bluez Bluez;

/* An adapter, org.bluez.Adapter1. It owns its slots and timers. */
typedef struct Adapter {
        Bluez *bluez;
        char *path;
        bool powered;
        bool gatt_manager;
        bool registered;
        bool register_failed; /* so its straps need Connect() */
        unsigned failures;
        sd_bus_slot *register_slot; /* pending call */
        sd_event_source *retry;     /* pending wait */

        bool discovering;       /* for us */
        bool bluez_discovering; /* for anybody: its property Discovering */
        char *scan_error;       /* why discovery fails, as BlueZ says; NULL = it does not */
        unsigned scan_failures;
        sd_bus_slot *scan_slot;      /* pending call */
        sd_event_source *scan_retry; /* pending wait */
} Adapter;
