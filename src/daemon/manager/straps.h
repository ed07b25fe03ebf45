/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"
#include "cardio/alpha1.h"
#include "cardio/bus-api.h"
#include "cardio/engine.h"
#include "manager/pace.h"
#include "sensor-record.h"

typedef struct Manager Manager;

/* The straps that BlueZ knows, by the core's numbers. */

/* Size of a strap's name made safe for a line of the log or of the status. */
#define NAME_PLAIN_MAX 64U

typedef struct KnownStrap {
        bool used;
        SensorRecord record; /* from the BlueZ client; its address stays when unused, for a strap that returns */
        uint64_t loss[CARDIO_LINK_LOSSES_MAX]; /* when its link was lost, Unix µs, the latest last */
        size_t n_losses;
        Alpha1 alpha1;      /* of its last two minutes, … */
        usec_t alpha1_usec; /* … and when it is due again */
        bool battery_low;   /* the runner was told, see trouble.c */
        PaceSensor pace;    /* what it says of pace, see pace.c */
        SensorState logged; /* SENSOR_LIVE or SENSOR_ABSENT, as last logged */
} KnownStrap;

typedef struct StrapTable {
        KnownStrap strap[SENSORS_MAX]; /* by the core's number */
        bool full;                     /* that there is no room has been logged, and none has gone since */
} StrapTable;

bool strap_is_recorded(const Manager *m, unsigned number);
/* The strap with this address. Returns its number, or -ENOENT. */
int strap_find(const Manager *m, const char *address);
/* The strap's number, or a free one for it. Returns -ENOSPC if there is none. */
int strap_number(Manager *m, const SensorRecord *strap);
/* The same by the address of a strap of the runner's. */
int strap_number_of(Manager *m, const char *address);
/* A strap for which there is no number; logs that if it is one of the runner's. Returns error. */
int strap_refuse(Manager *m, const SensorRecord *strap, int error);
/* Stores what the BlueZ client knows of it, with a copy of the name. */
void strap_set_record(Manager *m, unsigned number, const SensorRecord *record);
/* The strap is gone. */
void strap_remove(Manager *m, unsigned number);
/* Keeps the times of the last losses, in which `cardioctl doctor` looks for a pattern. */
void strap_lost_link(Manager *m, unsigned number, usec_t at_usec);
/* Stores when it was last seen: at its last heart rate. */
void strap_seen(Manager *m, unsigned number);
/* Logs that it was found or lost, once each. */
void strap_log_state(Manager *m, unsigned number, SensorState state);
const char *strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX]);
/* A heart rate of it came at at_usec: its α1 is computed anew, if that is due. */
void strap_update_alpha1(Manager *m, unsigned number, usec_t at_usec);
void straps_stepped(Manager *m, int64_t step_ms); /* the wall clock was set by so much */
void straps_publish(Manager *m);
void straps_end(Manager *m);
