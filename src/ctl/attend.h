/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "bus.h"
#include "cardio/arrivals.h"
#include "cardio/time.h"
#include "ctl.h"

/* A while with the daemon, minutes of it, during which the runner wants to see how it goes: the live heart
 * rate, a tick each second, and one line that is redrawn in place where stdout is a terminal that can. Ends
 * by itself when the daemon leaves, and with Ctrl-C. */
typedef struct Attend Attend;

typedef struct AttendFuncs {
        /* At the beginning, each second and with each heart rate. */
        void (*draw)(Attend *a, void *userdata);
        /* Ctrl-C. */
        void (*interrupted)(Attend *a, void *userdata);
} AttendFuncs;

struct Attend {
        Bus bus;
        sd_event *event;
        sd_bus_slot *measurements;
        sd_bus_track *daemon;
        sd_event_source *tick, *interrupt;
        const AttendFuncs *funcs;
        void *userdata;
        const Output *out;
        bool in_place;       /* the line can be redrawn */
        bool standing;       /* there is one */
        unsigned heart_rate; /* bpm, of heart_usec */
        usec_t heart_usec;   /* CLOCK_BOOTTIME, 0 = there was none yet */
        Arrivals arrivals;   /* how often there is one */
        Outcome outcome;
};

/* Takes the bus over. In both cases attend_end() is due. */
Outcome attend_begin(Attend *a, const Call *call, Bus *bus, const AttendFuncs *funcs, void *userdata);
void attend_end(Attend *a);
#define _cleanup_attend_ _cleanup_(attend_end)

/* Until attend_finish(); returns what that was given. */
Outcome attend_run(Attend *a);
void attend_finish(Attend *a, Outcome outcome);

/* Puts the line, cut to the terminal; only in place. */
void attend_line(Attend *a, const char *format, ...) _printf_(2, 3);
/* Leaves it where it is and begins another one, or takes it away. */
void attend_keep_line(Attend *a);
void attend_drop_line(Attend *a);

#define ATTEND_HEART_MAX 32
/* "52 bpm", or "no heart rate" if there has been none for longer than a strap that sends as often is silent. */
const char *attend_heart(const Attend *a, char buf[static ATTEND_HEART_MAX]);
