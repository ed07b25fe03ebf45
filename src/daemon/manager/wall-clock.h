/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"
#include "manager/kernel.h"

typedef struct Manager Manager;

/* The wall clock and the calendar: what is known of them, and the timers and watches. What follows when the clock is set is
 * step.c's; the handlers are those of from-time.c. */
typedef struct WallClock {
        bool known;         /* so that a date is one */
        bool right;         /* something says that it is, to the second */
        usec_t offset_usec; /* CLOCK_REALTIME - CLOCK_BOOTTIME as last seen */
        char boot_id[BOOT_ID_MAX];
        sd_event_source *set, *poll, *midnight, *zone;
} WallClock;

/* Returns by how much it was set since this was last asked, in ms, 0 if it was not. What it is steered by is followed, so that it
 * never adds up to a step. */
int64_t clock_step(WallClock *c);
/* A step: what was known of the clock is no more. */
void clock_doubt(Manager *m);
/* Looks what is known of it, before something is stored that follows from it. */
void clock_know(Manager *m);
/* Whether there is a date, which is logged when it changes. Returns whether it has. */
bool clock_judge(Manager *m);
/* Looks again from time to time, as long as something waits for it. */
void clock_poll_later(Manager *m);
void clock_arm_midnight(Manager *m);
/* For what cannot do without a date: 0, or the refusal. */
int clock_need(sd_bus_error *error);

/* Watches the clock again, after it has told of a step. */
void clock_watch_again(int fd);
/* Returns 0 or a negative errno. */
int clock_begin(Manager *m, sd_event_io_handler_t on_set, sd_event_time_handler_t on_poll,
                sd_event_time_handler_t on_midnight, sd_event_inotify_handler_t on_zone);
void clock_end(WallClock *c);
/* The file that tells the time zone. */
#define CLOCK_ZONE_NAME "localtime"
