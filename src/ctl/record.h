/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include <systemd/sd-bus.h>

#include "cardio/time.h"
#include "ctl.h"

/* Records a strap's packets, which BlueZ broadcasts, into a file that the tests can play (tests/replay). */

/* A day with one packet a second is 2 MB; no file becomes larger than this. */
#define RECORD_BYTES_MAX (16U * 1024 * 1024)

typedef struct Record {
        const Call *call;
        sd_bus *bus;        /* the system bus */
        const char *device; /* object path of the strap */
        const char *name;   /* its name in messages */
        FILE *file;
        const char *path;
        usec_t length_usec;

        /* The result. */
        uint64_t packets, bytes;
        usec_t lasted_usec;
} Record;

/* Writes to the file until the time is over, SIGINT, SIGTERM or SIGHUP comes, or the file is full. Each line is written out
 * before the next one. */
Outcome record_run(Record *r);
