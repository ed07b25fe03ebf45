/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"
#include "cardio/bus-api.h"
#include "cardio/engine.h"
#include "sensor-record.h"

typedef struct Manager Manager;

/* BlueZ's straps and the core's numbers. */

/* A strap's name as it may stand in a log or status line. */
#define NAME_PLAIN_MAX 64U

typedef struct ManagerStrap {
        bool used;
        SensorRecord record; /* as BlueZ's client told it; its address is kept when not used: the strap gets its number back */
        uint64_t loss[CARDIO_LINK_LOSSES_MAX]; /* when its link was lost, Unix µs, the latest last */
        size_t n_losses;
        SensorState logged; /* SENSOR_LIVE or SENSOR_ABSENT, as last said in the log */
} ManagerStrap;

typedef struct Straps {
        ManagerStrap strap[SENSORS_MAX]; /* by the core's number */
        bool full;                       /* has been logged, and none has gone since */
} Straps;

bool strap_is_recorded(const Manager *m, unsigned number);
/* The one of an address. Returns its number, or -ENOENT. */
int strap_find(const Manager *m, const char *address);
/* Likewise, or a number for it, if there is one. Returns that, or -ENOSPC. */
int strap_number(Manager *m, const SensorRecord *strap);
/* Of a strap of the runner's. */
int strap_number_of(Manager *m, const char *address);
/* One that has no number; if it is none that was only found, that is logged. Returns the error. */
int strap_refuse(Manager *m, const SensorRecord *strap, int error);
/* What BlueZ's client knows of it, with a copy of the name. */
void strap_set_record(Manager *m, unsigned number, const SensorRecord *record);
/* It is not there any more. */
void strap_remove(Manager *m, unsigned number);
/* The last losses are kept, for `cardioctl doctor` to see a pattern in. */
void strap_lost_link(Manager *m, unsigned number, usec_t at_usec);
/* Its last heart rate is when it was last seen. */
void strap_seen(Manager *m, unsigned number);
/* In the log: found and lost, each once. */
void strap_log_state(Manager *m, unsigned number, SensorState state);
const char *strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX]);
void straps_stepped(Manager *m, int64_t step_ms); /* the clock that stamped what is known of them */
void straps_publish(Manager *m);
void straps_end(Manager *m);
