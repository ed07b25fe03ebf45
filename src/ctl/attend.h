/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "bus.h"
#include "cardio/arrivals.h"
#include "cardio/time.h"
#include "ctl.h"

/* Some minutes with the daemon during which the runner sees the progress: the live heart rate, a tick each second, and one
 * line that is redrawn in place if stdout is a terminal that can do so. Ends when the daemon exits, and with Ctrl-C. */
typedef struct Attend Attend;

typedef struct AttendFuncs {
        /* At the beginning, each second and with each heart rate. */
        void (*draw)(Attend *a, void *userdata);
        /* Ctrl-C. */
        void (*interrupted)(Attend *a, void *userdata);
} AttendFuncs;

struct Attend {
        DaemonBus bus;
        sd_event *event;
        sd_bus_slot *measurements;
        sd_bus_track *daemon;
        sd_event_source *tick, *interrupt;
        const AttendFuncs *funcs;
        void *userdata;
        const Output *out;
        bool in_place;          /* the line can be redrawn */
        bool standing;          /* such a line is shown */
        unsigned heart_rate;    /* bpm, received at heart_rate_usec */
        usec_t heart_rate_usec; /* CLOCK_BOOTTIME, 0 = none yet */
        Arrivals arrivals;      /* how often heart rates come */
        Outcome outcome;
};

/* Takes the bus over. In both cases attend_end() must follow. */
Outcome attend_begin(Attend *a, const Call *call, DaemonBus *bus, const AttendFuncs *funcs, void *userdata);
void attend_end(Attend *a);
#define _cleanup_attend_ _cleanup_(attend_end)

/* Runs until attend_finish(); returns the outcome given there. */
Outcome attend_run(Attend *a);
void attend_finish(Attend *a, Outcome outcome);

/* Draws the line, cut to the width of the terminal; only if in_place. */
void attend_line(Attend *a, const char *format, ...) _printf_(2, 3);
/* Keeps the line and begins another one, or removes it. */
void attend_keep_line(Attend *a);
void attend_drop_line(Attend *a);

#define ATTEND_HEART_RATE_MAX 32
/* "52 bpm", or "no heart rate" if there is none any more at the pace of this strap. */
const char *attend_heart_rate(const Attend *a, char buf[static ATTEND_HEART_RATE_MAX]);
