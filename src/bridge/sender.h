/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/time.h"
#include "outbox.h"
#include "sessions.h"

/* What is frozen in the outbox goes to the broker, as often as it takes. Nothing else of the outbox is touched. */
typedef struct Sender {
        sd_event *event;
        Outbox *outbox;
        SessionsSendFunc func;
        void *userdata;
        bool connected;
        sd_event_source *resend_timer, *refused_timer;
        usec_t refused_usec;
        bool told_refused;
} Sender;

/* event and outbox are used as long as it lives; sender_done() ends that. */
void sender_init(Sender *s, sd_event *event, Outbox *outbox, SessionsSendFunc func, void *userdata);
void sender_done(Sender *s);

/* Sends what is on the disk, and not on its way. */
void sender_send(Sender *s);

/* Of another connection, or none: nothing is on its way. */
void sender_connected(Sender *s);
void sender_disconnected(Sender *s);
/* Returns the session that the broker has now, 0 if it is none of those on their way. */
int64_t sender_acknowledged(Sender *s, int mid);
void sender_refused(Sender *s, int mid);
