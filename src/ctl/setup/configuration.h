/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"

/* The daemon's configuration as its files give it, and a drop-in of it, setup.conf, that is changed: in memory and in a private copy at
 * first, which the daemon itself checks, then in its place. */

#define CONFIGURATION_FILES_MAX 64U

typedef struct ConfigurationFile {
        char *path, *text;
} ConfigurationFile;

typedef struct Configuration {
        char *program; /* the daemon's */
        char *path;    /* of the main file; the drop-ins are in PATH.d */
        char *dropin;  /* the path of setup.conf */
        ConfigurationFile file
                        [CONFIGURATION_FILES_MAX]; /* all but setup.conf, in the order in which they are read */
        size_t n_files;
        char *copy;                /* a private folder with a copy of all of them */
        char *copy_path;           /* of the main file in it */
        char *before, *text;       /* setup.conf as it is, and as it is to be */
        char *in_force, *warnings; /* what the daemon makes of it */
} Configuration;

/* Reads it. user: the one of a daemon on the session bus; path: the main file, NULL = the usual one. In any case
 * configuration_close() must follow. */
Outcome configuration_open(Configuration *c, bool user, const char *path);
void configuration_close(Configuration *c);
/* Removes the copy, once all is set. */
void configuration_drop_copy(Configuration *c);

/* A value in force, as the daemon writes it; NULL if it has none. To be freed. */
char *configuration_value(const Configuration *c, const char *section, const char *key);
/* Whether any file sets it, and the path of one that does and is read after setup.conf, or NULL. */
bool configuration_is_set(const Configuration *c, const char *section, const char *key);
const char *configuration_set_later(const Configuration *c, const char *section, const char *key);

/* Sets a value in setup.conf, or with NULL takes it out, if the daemon would take the result. Else nothing changes, and ret_why is its
 * reason, to be freed. `instead` is a key of that section that goes out, or NULL. New warnings of the daemon's are returned, too, or
 * NULL. */
bool configuration_set(Configuration *c, const char *section, const char *key, const char *value,
                const char *instead, char **ret_why, char **ret_warnings);

/* Takes back what was set since setup.conf was to have that text. */
void configuration_restore(Configuration *c, const char *text);

bool configuration_is_changed(const Configuration *c);

/* What the usual files set a key to, without asking the daemon what it makes of that: NULL = nothing, or they may not be read. To be
 * freed. */
char *configuration_glance(bool user, const char *section, const char *key);
