/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <systemd/sd-bus.h>

#include "cardio/time.h"
#include "ctl.h"

/* A strap's packets, as BlueZ tells them to everybody, into a file that the tests can play (tests/replay). */

/* A day at one packet a second is 2 MB; no file gets larger than this. */
#define RECORD_BYTES_MAX (16U * 1024 * 1024)

typedef struct Record {
        const Call *call;
        sd_bus *bus;        /* the system bus */
        const char *device; /* object path of the strap */
        const char *name;   /* what it is called when we speak of it */
        FILE *file;
        const char *path;
        usec_t length_usec;

        /* What came of it. */
        uint64_t packets, bytes;
        usec_t lasted_usec;
} Record;

/* Writes into the file until the time is over, SIGINT, SIGTERM or SIGHUP comes, or the file is full. Each line is with the
 * kernel before the next is made. */
Outcome record_run(Record *r);
