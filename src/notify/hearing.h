/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"

#include "breach.h"

/* Whether the runner may hear a notice, by sound or speech; on the screen it is shown all the same.
 *
 * Nothing is heard about a heart rate or a pace while alerts are snoozed or its sensor is not live, and nothing at all that may have been
 * said long ago: signals have no time of their own, so those that waited while this process was stopped, or the machine was
 * suspended, do not count as news. */

/* Sensors that are known not to be live; a further one takes the place of the one known longest. */
#define HEARING_SENSORS_MAX 16U
#define HEARING_PATH_MAX    64U

typedef struct HearingSensor {
        char path[HEARING_PATH_MAX];
        bool no_contact; /* it sends, but no heart rate */
} HearingSensor;

typedef struct Hearing {
        sd_event *event; /* borrowed */
        sd_event_source *stopped, *drained;
        bool doubtful;                    /* what comes now may be old */
        usec_t suspended_usec;            /* how long the machine has been suspended since it started */
        usec_t snoozed_until_usec;        /* CLOCK_REALTIME, 0 = not snoozed */
        int64_t breach[_BREACH_KIND_MAX]; /* the session whose breach was heard, 0 = none */
        size_t n_silent, next;
        HearingSensor silent[HEARING_SENSORS_MAX];
} Hearing;

/* SIGCONT must be blocked. */
int hearing_start(Hearing *h, sd_event *event);
void hearing_end(Hearing *h);

/* To be called with everything that comes from cardiod, before it is taken for news. */
void hearing_wake(Hearing *h);

/* cardiod is gone: nothing is known any more. */
void hearing_forget(Hearing *h);

/* A sensor's state, as it is announced. */
void hearing_set_sensor(Hearing *h, const char *path, const char *state);
/* Whether it is known not to tell any. A strap without contact that is a foot pod as well goes on telling a pace. */
bool hearing_is_silent(const Hearing *h, BreachKind kind, const char *path);
void hearing_set_snoozed(Hearing *h, usec_t until_realtime_usec);
bool hearing_is_snoozed(const Hearing *h);

/* The breach is over. */
void hearing_breach_over(Hearing *h, BreachKind kind);

/* Whether a run that is too fast, or is back in range, is heard. repeat: also when it is not the first time of its breach. */
bool hearing_too_fast(Hearing *h, const Breach *b, bool repeat);
bool hearing_in_range(const Hearing *h, const Breach *b);
bool hearing_is_news(const Hearing *h);
