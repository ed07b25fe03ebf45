/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/coach.h"

typedef struct Manager Manager;

/* When the coach speaks without being asked. */
typedef struct Advice {
        Day advised_day;       /* the last on which a session's first minutes had advice */
        Day raced_day;         /* of the last race after which there was */
        int64_t eaten_session; /* the race after which it will be asked whether the runner has eaten, … */
        Distance eaten_distance;
        usec_t eaten_usec; /* … and when */
        sd_event_source *timer, *eaten;
} Advice;

void advice_later(Manager *m); /* a session has begun, or goes on */
/* The first minutes are over, by the timer: speaks if there is anything to say. */
void advice_due(Manager *m);
void advice_after_race(Manager *m, int64_t session);    /* it has ended; if it was one */
void advice_ask_talk_test(Manager *m, int64_t session); /* it was added */
int advice_begin(Manager *m, sd_event_time_handler_t on_due);
void advice_end(Advice *a);
