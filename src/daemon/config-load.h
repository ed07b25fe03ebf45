/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>

#include "cardio/macro.h"
#include "config-keys.h"
#include "config.h"

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
        int code;                                 /* of the first error, 0 = none so far */
        char *error;
        ConfigPlace error_place;
} ConfigLoad;

/* Keeps the first error, "FILE:LINE: SUBJECT: reason" (subject may be NULL), and returns -EINVAL. */
int config_fail(ConfigLoad *l, ConfigPlace place, const char *subject, const char *format, ...)
                _printf_(4, 5);

/* The place in words: "FILE:LINE", "FILE" or "default". Returns buf. */
#define CONFIG_PLACE_MAX (PATH_MAX + 16)
const char *config_place_to_string(ConfigPlace place, char buf[static CONFIG_PLACE_MAX]);

/* A configuration of defaults only, NULL if memory is short. */
Config *config_new(void);

/* Checks the configuration as a whole, when all files are read, and fills in the defaults that follow other keys. */
int config_check(ConfigLoad *l);
