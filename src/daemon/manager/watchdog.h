/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"

typedef struct Manager Manager;

typedef struct Watchdog {
        sd_event_source *timer;
        usec_t interval_usec; /* 0 = systemd does not watch */
        bool ill;             /* something was wrong at the last check */
} Watchdog;

/* Returns 0, also if systemd's watchdog is off, or a negative errno. */
int watchdog_begin(Manager *m);
