/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>

#include "cardio/macro.h"
#include "config/keys.h"
#include "config/config.h"

/* A configuration while it is being read: what is known so far, and where it was said. */

typedef struct ConfigPlace {
        const char *file; /* one pointer for one file; NULL = nowhere, the default holds */
        unsigned line;    /* 0 = the file as a whole */
} ConfigPlace;

typedef struct ConfigLoad {
        Config *config;
        Date today;
        ConfigPlace key[_CONFIG_KEY_MAX];         /* where each was set last */
        ConfigPlace workout[CONFIG_WORKOUTS_MAX]; /* where each was named first */
        ConfigPlace steps[CONFIG_WORKOUTS_MAX];   /* where its steps were set last */
        bool refused[_CONFIG_KEY_MAX];            /* … and what was said there last is no value of it */
        bool incomplete; /* a line or a file was not understood: it may have set what seems not to be set */
        int code;        /* of the first error, 0 = none so far; -ENOMEM ends the reading */
        unsigned n_errors;
        char *errors; /* lines, of the first CONFIG_ERRORS_MAX */
} ConfigLoad;

/* Adds a mistake, "FILE:LINE: SUBJECT: reason" (subject may be NULL). Returns -EINVAL, or -ENOMEM. */
int config_fail(ConfigLoad *l, ConfigPlace place, const char *subject, const char *format, ...)
                _printf_(4, 5);

/* For files and folders that cannot be read: the code is the system's. */
int config_fail_errno(ConfigLoad *l, int code, ConfigPlace place, const char *format, ...) _printf_(4, 5);

/* Returns -ENOMEM; of the mistakes nothing is told then. */
int config_no_memory(ConfigLoad *l);

/* All mistakes in one text, to be freed; NULL if memory was short. */
char *config_errors_take(ConfigLoad *l);

/* The place in words: "FILE:LINE", "FILE" or "default". Returns buf. */
#define CONFIG_PLACE_MAX (PATH_MAX + 16)
const char *config_place_to_string(ConfigPlace place, char buf[static CONFIG_PLACE_MAX]);

/* A configuration of defaults only, NULL if memory is short. */
Config *config_new(void);

/* Checks the configuration as a whole, when all files are read, and fills in the defaults that follow other keys. What
 * depends on a value that was refused, or may depend on a line that was not understood, is not looked at. */
void config_check(ConfigLoad *l);
