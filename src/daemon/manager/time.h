/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"

/* The core's clock is CLOCK_BOOTTIME plus one year: so what was recorded before this boot has a time on it, too, and a session
 * that a power cut interrupted goes on like any other. */
#define CORE_EPOCH_USEC (365 * 24 * USEC_PER_HOUR)

usec_t core_now(void);
/* Time that stands still while the machine is suspended: CLOCK_MONOTONIC. */
usec_t awake_now(void);
/* How long it has been suspended since it was started. */
usec_t core_slept(void);
/* A time of the core's clock as Unix ms, by the wall clock as it is now. */
int64_t core_to_unix_ms(usec_t at_usec);

/* Adds a one-shot timer of CLOCK_BOOTTIME, not set yet. Returns 0 or a negative errno. */
int core_timer_add(sd_event *event, sd_event_source **ret, sd_event_time_handler_t handler, void *userdata);
/* Sets it to a time of the core's clock. Returns 0, or a negative errno, which is logged. */
int core_timer_set(sd_event_source *timer, usec_t at_usec);

/* A one-shot timer that is set again at each heart rate. */
typedef struct Deadline {
        sd_event_source *timer;
        usec_t due_usec; /* on the core's clock; USEC_INFINITY = not set */
} Deadline;

int deadline_add(Deadline *d, sd_event *event, sd_event_time_handler_t handler, void *userdata);
/* A timer already set to an earlier time is left alone; the caller sets it again when it fires. That saves a timer call per
 * heart rate. */
void deadline_set(Deadline *d, usec_t at_usec);
/* To be called when the timer has fired. */
void deadline_clear(Deadline *d);
