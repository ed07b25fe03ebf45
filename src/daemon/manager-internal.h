/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "manager.h"

#include "bluez.h"
#include "bus.h"
#include "cardio/engine.h"
#include "cardio/recorder.h"
#include "store.h"

/* Shared by manager*.c only.
 *
 * The core's clock is CLOCK_BOOTTIME and a year: so what was recorded before this boot has a time too, and a session
 * that a power cut interrupted goes on like any other. */
#define CORE_EPOCH_USEC (365 * 24 * USEC_PER_HOUR)

/* A strap's name as it may stand in a log or status line. */
#define NAME_PLAIN_MAX 64U

typedef struct ManagerStrap {
        bool used;
        char address[ADDRESS_STRING_MAX]; /* kept when not used: the strap gets its number back */
        char *name, *body_location;
        int battery;
        bool configured; /* the runner's; else found by a scan, and nothing to the core and the store */
        bool trusted, rotating;
        int16_t rssi; /* dBm, 0 = not heard of */
        SensorLink link;
        SensorState logged; /* SENSOR_LIVE or SENSOR_ABSENT, as last said in the log */
} ManagerStrap;

/* A strap that somebody on the bus has trusted or forgotten; unused without a task. */
typedef struct ManagerSetup {
        BluezTask *task;
        BusRequest *request;
} ManagerSetup;

struct Manager {
        const ManagerOptions *options;
        Config *config;
        Date today; /* that the runner's figures are of */

        sd_event *event;
        sd_bus *system_bus; /* BlueZ's */
        sd_bus *own_bus;    /* ours: the same one, or the session bus */
        Bluez *bluez;
        Bus *bus;
        Store *store;
        Engine *engine;
        ManagerStrap straps[SENSORS_MAX];
        bool straps_full; /* … has been said, and none has gone since */

        int64_t session;            /* its row, 0 = none is recorded */
        usec_t session_begin_usec;  /* core clock at t = 0 */
        int64_t session_started_at; /* Unix ms */
        const char *next_kind;      /* of the session that a command is just beginning */
        uint64_t snoozed_until;     /* Unix µs, 0 = not */
        StoreCommands commands;     /* as last given to the store */

        ManagerSetup setups[BLUEZ_TASKS_MAX];

        bool scanning;
        bool changed; /* something that properties or the status line tell */
        char *status; /* line as last told to systemd */

        sd_event_source *tick, *commit, *synced, *watchdog, *clock, *exit;
        usec_t clock_offset_usec; /* CLOCK_REALTIME - CLOCK_BOOTTIME as last seen */
        usec_t synced_usec;       /* core clock: what was committed by then is on the platter */
        usec_t sync_begun_usec;   /* … the last time */
        bool sync_now;            /* without regard to sync-interval */
        usec_t watchdog_usec;     /* 0 = systemd does not watch */
};

/* With its event loop and its buses, whatever they lead to: makes everything else. What fails has been logged. */
int manager_begin(Manager *m);

usec_t manager_now(void); /* core clock */
/* Unix ms of a moment of the core's clock. */
int64_t manager_realtime_ms(usec_t at_usec);

/* The one way into the core. Returns what engine_handle() does. */
int manager_handle(Manager *m, const Event *event);
void manager_commit(Manager *m);
/* Gives to the store what is in force by command, for the next commit. session_over: what was commanded for the session no
 * longer is, although the core has yet to say so. Returns whether anything is new. */
bool manager_keep_commands(Manager *m, bool session_over);
void manager_arm_commit(Manager *m); /* after anything that leaves the store work to do */
void manager_push(Manager *m);       /* to the bus and the status line */
int manager_reload(Manager *m, char **ret_error);
void manager_refresh_runner(Manager *m); /* if the date is another one than before */

/* manager-facts.c: what the core found, carried out. */
void manager_fact(void *userdata, const Fact *fact);

/* manager-straps.c: BlueZ's straps and the core's numbers. */
extern const BluezHandlers manager_bluez_handlers;
int manager_strap_number(Manager *m, const char *address);
const char *manager_strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX]);
/* Its last heart rate is when it was last seen. */
void manager_strap_seen(Manager *m, unsigned number);
void manager_push_straps(Manager *m);
void manager_push_status(Manager *m);

/* manager-setup.c: scanning, and straps that are to become the runner's, or not to be any more. */
void manager_scan(void *userdata, bool wanted);
int manager_trust(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
int manager_forget(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);
void manager_abandoned(void *userdata, const BusRequest *request);
void manager_scan_changed(void *userdata, const char *error, const char *message);

/* manager-requests.c: what callers on the bus ask for. */
extern const BusHandlers manager_bus_handlers;
