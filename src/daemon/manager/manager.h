/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/macro.h"
#include "config/config.h"

/* The daemon: owns everything, turns whatever comes in into events of the core, and carries out the core's facts. */
typedef struct Manager Manager;

typedef struct ManagerOptions {
        bool user; /* own name on the session bus, files private */
        const char *config_path;
        bool config_must_exist;
        const char *database_path;
} ManagerOptions;

/* Returns 0, or a negative errno after it has logged why. options must outlive the manager. */
int manager_new(const ManagerOptions *options, Config *config, Manager **ret);
Manager *manager_free(Manager *m);
DEFINE_CLEANUP(Manager *, manager_free);

/* Runs until a signal or a lost bus ends it. Returns the exit status. */
int manager_run(Manager *m);
