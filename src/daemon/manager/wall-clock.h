/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"
#include "manager/kernel.h"

typedef struct Manager Manager;

/* The wall clock and the calendar: what is known about them, their timers and watches. What follows when the clock is set is
 * in step.c; the handlers are in from-time.c. */
typedef struct WallClock {
        bool known;         /* to the day: there is a date */
        bool right;         /* to the second: network time or a real-time clock vouches for it */
        usec_t offset_usec; /* CLOCK_REALTIME − CLOCK_BOOTTIME as last seen */
        char boot_id[BOOT_ID_MAX];
        sd_event_source *set, *poll, *midnight, *zone;
} WallClock;

/* Returns by how many ms the clock was set since the last call, 0 if it was not. Slewing is followed, so that it never adds up
 * to a step. */
int64_t clock_step(WallClock *c);
/* After a step: nothing is known about the clock any more. */
void clock_forget(Manager *m);
/* Asks the kernel whether the clock is right, before anything that depends on it is stored. */
void clock_check_right(Manager *m);
/* Whether there is a date; logs a change. Returns whether it changed. */
bool clock_check_date(Manager *m);
/* Checks the clock from time to time, as long as something waits for it. */
void clock_poll_later(Manager *m);
void clock_arm_midnight(Manager *m);
/* For what needs a date: returns 0, or a negative errno with error set. */
int clock_need(sd_bus_error *error);

/* Watches the clock again after a step. */
void clock_watch_again(int fd);
/* Returns 0 or a negative errno. */
int clock_begin(Manager *m, sd_event_io_handler_t on_set, sd_event_time_handler_t on_poll,
                sd_event_time_handler_t on_midnight, sd_event_inotify_handler_t on_zone);
void clock_end(WallClock *c);
/* Name of the file that sets the time zone. */
#define CLOCK_ZONE_NAME "localtime"
