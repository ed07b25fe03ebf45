/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/ini-failures.h"

/* Reads an INI file line by line: [SECTION], KEY = VALUE, comments behind ; or #. What is no such line is a mistake with its
 * place, and so is what inih would cut. */

/* Both far above what a sensible file has. inih's own limit of 200 bytes includes the line's end. */
#define INI_LINE_MAX  190U
#define INI_LINES_MAX 10000U

typedef struct IniHandler {
        /* A line [NAME], also when the section is empty. Returns a negative errno, and has added the mistake, if there is no
         * such section: the lines below it are skipped then. */
        int (*section)(void *userdata, IniPlace place, const char *name);
        /* A key below a section that was accepted. Adds a mistake if it is one. */
        void (*key)(void *userdata, IniPlace place, const char *section, const char *name, const char *value);
        void *userdata;
        IniFailures *failures;
        bool *incomplete; /* set where something was not understood: it may have set anything */
} IniHandler;

/* Calls the handler for each line. A missing file is a mistake only if must_exist. A mistake costs its line, or its section,
 * and reading goes on. */
void ini_read(const IniHandler *h, const char *path, bool must_exist);

/* The names that exist, those of a section side by side. */
typedef struct IniNames {
        size_t n;
        const char *(*section)(size_t i);
        const char *(*key)(size_t i);
        const char *further; /* how sections may be named besides, as in "[workout NAME]"; NULL = not at all */
} IniNames;

/* Add the mistake, with the names that are accepted, and the one that may have been meant. Return -EINVAL, or -ENOMEM. */
int ini_fail_section(IniFailures *f, IniPlace place, const IniNames *names, const char *section);
int ini_fail_key(IniFailures *f, IniPlace place, const IniNames *names, const char *section, const char *key);
int ini_fail_twice(IniFailures *f, IniPlace place, const char *key, IniPlace first);

/* yes or no, or another word that people write for these; field is a bool. Returns 0, or -EINVAL for another text. */
int ini_parse_boolean(const char *text, void *field);
