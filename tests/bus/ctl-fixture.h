/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "harness.h"

/* cardioctl, seen from outside, in a Harness: besides the real cardiod there is a played one, for states that are hard to
 * bring the real one into. */

#define CTL_CALLS_MAX 16U
/* The runner's own database, in the harness's folder. */
#define CTL_DATABASE "state/cardiod/cardiod.db"

/* The played cardiod: its properties, and the calls it got. */
typedef struct CtlDaemon {
        const char *database_path;
        int recording; /* a boolean on the bus is an int */
        int64_t session;
        double ceiling;
        const char *ceiling_expression, *ceiling_reason;
        double resting, maximum;
        int provisional;
        uint64_t snoozed_until;
        const char *sensor_name; /* NULL = there is no sensor */
        const char *sensor_state;
        const char *bluetooth;
        uint32_t waiting;
        const char *units; /* NULL = "" */
        const char *workout, *workout_step;
        uint32_t workout_step_number[2];
        uint64_t workout_step_ends;
        bool logged;       /* there is a talk test, an effort and a note of every session */
        const char *error; /* the reply of every method, NULL = no error */
        const char *error_message;
        size_t n_calls;
        char call[CTL_CALLS_MAX][64]; /* as in "Snooze 600" */
} CtlDaemon;

typedef struct Ctl {
        Harness *h;
        CtlDaemon daemon;
        const char *input; /* a line for the program to read, NULL = none */
        bool as_nobody;    /* run it as the user nobody; needs root */
        unsigned columns;  /* of the terminal it is run on, 0 = 80 */
        char *out, *err;   /* what it wrote last */
        char *value;       /* of ctl_json() */
} Ctl;

void ctl_end(Ctl *c);
#define _cleanup_ctl_ _cleanup_(ctl_end)

/* Begins playing cardiod on that bus: a live sensor, session 43 being recorded, the database above. */
void ctl_daemon(Ctl *c, BusKind kind);

/* Makes an empty database one of cardiod's. */
void ctl_apply_schema(sqlite3 *db);
/* Makes the database from the schema and runs the SQL on it. Returns its path. */
const char *ctl_database(Harness *h, const char *sql);

/* Runs cardioctl with these arguments, up to NULL; returns its exit status. */
int ctl_run(Ctl *c, ...) __attribute__((sentinel));

/* The same on a terminal, without the cardiod above; out has all that it wrote. */
int ctl_run_terminal(Ctl *c, ...) __attribute__((sentinel));

/* What is at that path of the JSON document in out, as text; NULL where it is null or missing. Valid until
 * the next call. */
const char *ctl_json(Ctl *c, const char *path);

/* Before any test: whatever groups this machine has, programs started from now on find that an ordinary user is in group
 * cardiod. Of root nobody asks that. */
void ctl_join_group(void);

void ctl_assert_contains(const char *text, const char *part);
