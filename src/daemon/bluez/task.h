/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Trusting and forgetting: what takes its time and is done once. */

struct BluezTask {
        Bluez *bluez;
        bool forget; /* or trust */
        char address[ADDRESS_STRING_MAX];
        BluezDone done;
        void *userdata;

        usec_t until_usec; /* the end of it */
        usec_t look_usec;  /* the end of looking */
        bool looking;
        unsigned attempts;      /* at connecting */
        usec_t attempt_usec;    /* when the last one began */
        usec_t not_before_usec; /* the next one */
        usec_t connected_usec;  /* when the link was seen, 0 = there is none */
        bool trusted;           /* BlueZ has set it, and the device is looked at before this task is */
        bool linked;            /* the link, or the attempt at it, is ours */
        char *path;             /* of the device it was tried with */
        sd_bus_slot *slot;      /* pending Connect(), Set() or RemoveDevice() */
        sd_event_source *timer;
};

/* Each does what is to be done next. */
void tasks_evaluate(Bluez *b);
bool tasks_look(const Bluez *b);    /* one waits for a strap to be discovered */
bool tasks_connect(const Bluez *b); /* one connects, and discovery would be in its way */
void tasks_free(Bluez *b);
