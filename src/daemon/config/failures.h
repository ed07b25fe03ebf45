/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/macro.h"
#include "config/places.h"

/* The mistakes in a configuration that is being read. */
typedef struct ConfigFailures {
        int code; /* of the first one, 0 = none so far; -ENOMEM ends the reading */
        unsigned n;
        char *lines; /* of the first CONFIG_ERRORS_MAX */
} ConfigFailures;

/* Adds a mistake, "FILE:LINE: SUBJECT: reason" (subject may be NULL). Returns -EINVAL, or -ENOMEM. */
int config_fail(ConfigFailures *f, ConfigPlace place, const char *subject, const char *format, ...)
                _printf_(4, 5);

/* For files and folders that cannot be read: code is the system's. */
int config_fail_errno(ConfigFailures *f, int code, ConfigPlace place, const char *format, ...) _printf_(4, 5);

/* Returns -ENOMEM; the mistakes are dropped then. */
int config_no_memory(ConfigFailures *f);

/* All mistakes in one text, to be freed; NULL if memory was short. */
char *config_failures_take(ConfigFailures *f);
