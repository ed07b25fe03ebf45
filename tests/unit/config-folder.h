/* SPDX-License-Identifier: MIT */
#pragma once

/* For the tests of the configuration: a folder of its own for each, with cardiod.conf and its drop-ins. */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "cardio/macro.h"
#include "daemon/config/config.h"

static const Date today = { 2026, 6, 15 };

typedef struct Folder {
        char path[64];
        char file[128]; /* the main file */
} Folder;

static inline int folder_setup(void **state)
{
        Folder *folder = calloc(1, sizeof(*folder));

        assert_non_null(folder);
        (void)snprintf(folder->path, sizeof(folder->path), "/tmp/test-config-XXXXXX");
        assert_non_null(mkdtemp(folder->path));
        (void)snprintf(folder->file, sizeof(folder->file), "%s/cardiod.conf", folder->path);
        *state = folder;
        return 0;
}

static inline int folder_teardown(void **state)
{
        Folder *folder = *state;
        char command[128];

        (void)snprintf(command, sizeof(command), "rm -r %s", folder->path);
        assert_int_equal(system(command), 0);
        free(folder);
        return 0;
}

static inline void write_file(const char *path, const char *text, size_t size)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_int_equal(fwrite(text, 1, size, f), size);
        assert_int_equal(fclose(f), 0);
}

static inline void folder_write(const Folder *folder, const char *text)
{
        write_file(folder->file, text, strlen(text));
}

/* A file in FILE.d. */
static inline void folder_dropin(const Folder *folder, const char *name, const char *text)
{
        char path[PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s.d", folder->file);
        (void)mkdir(path, 0755); /* or it is there already */
        (void)snprintf(path, sizeof(path), "%s.d/%s", folder->file, name);
        write_file(path, text, strlen(text));
}

static inline Config *load_good(const char *path)
{
        Config *c = NULL;
        char *error = NULL;
        int r;

        r = config_load(path, true, today, &c, &error);
        if (r < 0)
                print_error("unexpected: %s\n", error);
        assert_int_equal(r, 0);
        assert_non_null(c);
        assert_null(error);
        return c;
}

/* Loading fails; returns why without the folder's path before it. */
static inline char *load_bad(const Folder *folder)
{
        _cleanup_free_ char *error = NULL;
        Config *c = NULL;
        char *reason;

        assert_int_equal(config_load(folder->file, true, today, &c, &error), -EINVAL);
        assert_null(c);
        assert_non_null(error);
        reason = strncmp(error, folder->path, strlen(folder->path)) == 0 ? error + strlen(folder->path) + 1
                                                                         : error;
        reason = strdup(reason);
        assert_non_null(reason);
        return reason;
}
