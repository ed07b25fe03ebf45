/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"
#include "bluez/bluez.h"
#include "bluez/device.h"
#include "shared/name-owner.h"

/* The BlueZ client, shared by the files of this folder; bluez.c draws who calls whom. Ownership: Bluez owns adapters and
 * devices, each owns its slots and timers; all are freed before their userdata. */

/* More objects than any room full of radios has; further ones are ignored and logged. */
#define BLUEZ_ADAPTERS_MAX 16U
#define BLUEZ_DEVICES_MAX  512U

typedef struct Piece Piece;

struct Bluez {
        sd_event *event;
        sd_bus *bus;
        BluezConfig config;
        const BluezHandlers *handlers;
        void *userdata;

        NameOwner owner; /* of org.bluez; signals of others are ignored */
        sd_bus_slot *match_slots[8];
        sd_bus_slot *filter_slot, *snapshot_slot, *profile_slot, *object_manager_slot;
        sd_event_source *snapshot_retry;
        bool snapshot_done;
        Piece *pieces, *last_piece; /* to be read one by one */
        size_t n_pieces;
        bool walking;          /* … since the snapshot could not be read */
        unsigned n_unreadable; /* logged since BlueZ appeared */

        Adapter *adapters[BLUEZ_ADAPTERS_MAX];
        size_t n_adapters;
        bool adapters_full; /* has been logged, and none has gone since */
        Device *devices[BLUEZ_DEVICES_MAX];
        size_t n_devices;

        usec_t slept_usec;   /* total time of suspend since boot, as last seen */
        usec_t resumed_usec; /* end of the last suspend */
        usec_t stalled_usec; /* end of the last stall of this process */

        sd_event_source *evaluation; /* enabled while anything is dirty */
        struct {
                bool objects, running, scan, tasks;
        } dirty; /* … apart from devices: see dirty.h */

        bool scan;                         /* bluez_scan() wants discovery */
        BluezTask *tasks[BLUEZ_TASKS_MAX]; /* NULL = unused */
};
