/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>

#include "cardio/macro.h"

/* The mistakes in an INI file, or in several that make one configuration, collected until all has been read. */

typedef struct IniPlace {
        const char *file; /* the same pointer throughout a file; NULL = nowhere, the default applies */
        unsigned line;    /* 0 = the file as a whole */
} IniPlace;

/* The place in words: "FILE:LINE", "FILE" or "default". Returns buf. */
#define INI_PLACE_MAX (PATH_MAX + 16)
const char *ini_place_to_string(IniPlace place, char buf[static INI_PLACE_MAX]);

#define INI_ERRORS_MAX 20U
typedef struct IniFailures {
        int code; /* of the first one, 0 = none so far; -ENOMEM ends the reading */
        unsigned n;
        char *lines; /* of the first INI_ERRORS_MAX */
} IniFailures;

/* Adds a mistake, "FILE:LINE: SUBJECT: reason" (subject may be NULL). Returns -EINVAL, or -ENOMEM. */
int ini_fail(IniFailures *f, IniPlace place, const char *subject, const char *format, ...) _printf_(4, 5);

/* For files and folders that cannot be read: code is the system's. */
int ini_fail_errno(IniFailures *f, int code, IniPlace place, const char *format, ...) _printf_(4, 5);

/* Returns -ENOMEM; the mistakes are dropped then. */
int ini_no_memory(IniFailures *f);

/* All mistakes in one text, a line for each, after INI_ERRORS_MAX of them "and N more mistakes"; to be freed; NULL if memory
 * was short. */
char *ini_failures_take(IniFailures *f);

/* The first line of that text, and how many more mistakes there are, which the command lists. To be freed; NULL if memory is
 * short. */
char *ini_errors_brief(const char *errors, const char *command);
