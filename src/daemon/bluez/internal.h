/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/adapter.h"
#include "bluez/bluez.h"
#include "bluez/device.h"
#include "bluez/owner.h"

/* The client of BlueZ, which the files of this folder share; bluez.c draws who calls whom. Ownership: Bluez owns adapters and devices, each owns its slots
 * and timers; all die before what their userdata points to. */

/* More objects than any room full of radios has; further ones are ignored with a log line. */
#define BLUEZ_ADAPTERS_MAX 16U
#define BLUEZ_DEVICES_MAX  512U

typedef struct Piece Piece;

struct Bluez {
        sd_event *event;
        sd_bus *bus;
        BluezConfig config;
        const BluezHandlers *handlers;
        void *userdata;

        Owner owner; /* of org.bluez: who may tell us anything */
        sd_bus_slot *match_slots[8];
        sd_bus_slot *filter_slot, *snapshot_slot, *profile_slot, *object_manager_slot;
        sd_event_source *snapshot_retry;
        bool snapshot_done;
        Piece *pieces, *last_piece; /* to be asked for one by one */
        size_t n_pieces;
        bool walking;          /* … since the snapshot could not be read */
        unsigned n_unreadable; /* things that have been told of as such since BlueZ came */

        Adapter *adapters[BLUEZ_ADAPTERS_MAX];
        size_t n_adapters;
        bool adapters_full; /* … has been said, and none has gone since */
        Device *devices[BLUEZ_DEVICES_MAX];
        size_t n_devices;

        usec_t slept_usec;   /* how long the machine has been suspended since it was booted, as last seen */
        usec_t resumed_usec; /* when that had last become more */
        usec_t stalled_usec; /* when we last went on after having stood still */

        sd_event_source *evaluation; /* on while anything is dirty */
        struct {
                bool objects, running, scan, tasks;
        } dirty; /* … besides devices: see dirty.h */

        bool scan;                         /* bluez_scan() wants it */
        BluezTask *tasks[BLUEZ_TASKS_MAX]; /* NULL = unused */
};
