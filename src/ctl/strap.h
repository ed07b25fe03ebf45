/* SPDX-License-Identifier: MIT */
#pragma once

#include "bus.h"
#include "cardio/parse.h"
#include "cardio/sensor-kind.h"
#include "text.h"

/* The sensors of the daemon, mostly straps, and which of them the runner means. */

/* What it is; a daemon that does not say, or a word that is not known, mean a strap. */
SensorKind strap_kind(json_object *sensor);
SensorKind strap_kind_from_string(const char *kind);
/* In words: "strap", "foot pod", "treadmill". */
const char *strap_kind_to_words(SensorKind kind);

/* Its name, or its address where it has none. */
const char *strap_name(json_object *sensor);
/* The one with that address, NULL if there is none. */
json_object *strap_at(json_object *sensors, const char *address);
/* "-60 dBm", "connected" or "none". */
const char *strap_signal(json_object *sensor, char buf[static NUMBER_STRING_MAX]);

/* Begins a scan, which ends when the connection is closed. */
Outcome strap_scan_begin(const DaemonBus *bus);

typedef struct StrapFound {
        char address[ADDRESS_STRING_MAX];
        char *text; /* as it is called in a sentence */
} StrapFound;

void strap_found_clear(StrapFound *s);
#define _cleanup_strap_ _cleanup_(strap_found_clear)

/* Makes such a description of a strap. */
void strap_found_set(StrapFound *s, const char *name, const char *address);

typedef enum StrapsMeant {
        STRAPS_OWN,   /* those of the runner */
        STRAPS_HEARD, /* any that a scan finds, too */
        _STRAPS_MEANT_MAX,
        _STRAPS_MEANT_INVALID = -EINVAL,
} StrapsMeant;

/* The sensor of this address or name, or of the name that begins so; case does not matter. A name has to fit one only: one
 * that is called exactly so, else one that begins so. With STRAPS_HEARD it is scanned for, for half a minute, if it is not known
 * yet. An address is taken as it is. */
Outcome strap_find(const Call *call, const DaemonBus *bus, const char *wanted, StrapsMeant meant,
                StrapFound *ret);
