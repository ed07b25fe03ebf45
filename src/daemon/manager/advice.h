/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/day.h"
#include "cardio/kind.h"
#include "cardio/time.h"

typedef struct Manager Manager;

/* Advice that the coach gives without being asked. */
typedef struct Advice {
        Day advised_day;       /* the last day on which a session's first minutes brought advice */
        Day raced_day;         /* the day of the last race that was followed by advice */
        int64_t eaten_session; /* the race after which the runner is to be asked whether they have eaten, … */
        Distance eaten_distance;
        usec_t eaten_usec; /* … and when */
        sd_event_source *timer, *eaten;
} Advice;

void advice_later(Manager *m); /* when a session begins or goes on */
/* The timer of the first minutes has fired: gives advice if there is any. */
void advice_due(Manager *m);
void advice_after_race(Manager *m,
                int64_t session); /* when a session has ended; does nothing unless it was a race */
void advice_ask_talk_test(Manager *m, int64_t session); /* when a session was added */
int advice_begin(Manager *m, sd_event_time_handler_t on_due);
void advice_end(Advice *a);
