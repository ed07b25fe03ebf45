/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Trusting and forgetting: operations that take time. */

struct BluezTask {
        Bluez *bluez;
        bool forget; /* else it trusts */
        char address[ADDRESS_STRING_MAX];
        BluezDone done;
        void *userdata;

        usec_t until_usec; /* when it gives up */
        usec_t look_usec;  /* when it stops discovering */
        bool looking;
        unsigned attempts;      /* to connect */
        usec_t attempt_usec;    /* when the last one began */
        usec_t not_before_usec; /* the next one */
        usec_t connected_usec;  /* when the link was first seen, 0 = there is none */
        bool trusted;           /* BlueZ has set Trusted, and the device is evaluated before this task */
        bool linked;            /* the link, or the attempt, is ours */
        char *path;             /* of the device that was last tried */
        sd_bus_slot *slot;      /* pending Connect(), Set() or RemoveDevice() */
        sd_event_source *timer;
};

/* Does what is next for each. */
void tasks_evaluate(Bluez *b);
bool tasks_need_discovery(const Bluez *b); /* one needs discovery */
bool tasks_are_connecting(const Bluez *b); /* one connects, so discovery has to pause */
void tasks_free(Bluez *b);
