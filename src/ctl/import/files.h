/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl.h"

/* The files that an import is of. */

#define FILES_MAX       100000U
#define FILES_DEPTH_MAX 16U /* of folders within one that was named */
#define FILE_STDIN      "-"

typedef struct ImportFile {
        char *path;
        bool named; /* by the runner: it is to be taken, or it is an error. Else it was found in a folder. */
        uint64_t size; /* bytes, 0 = not known */
} ImportFile;

typedef struct ImportFiles {
        ImportFile *files;
        size_t n, allocated;
        uint64_t size;       /* of all */
        size_t n_passed;     /* in folders: of other kinds, hidden, links; not looked into */
        size_t n_archives;   /* of them, ZIP archives */
        char *archive;       /* the first of these */
        bool is_stdin_named; /* once is enough */
        bool any_folder;
} ImportFiles;

/* Adds a file; standard input for "-"; or of a folder the files in it, and in folders in it, whose names end like those of runs, in
 * order of name. */
Outcome files_add(ImportFiles *s, const char *argument);
void files_done(ImportFiles *s);
#define _cleanup_files_ _cleanup_(files_done)

/* Whether its name says that it may be of anything: a table, or a document. */
bool file_may_be_of_others(const ImportFile *f);

/* Opens one, without waiting for it. A text says what it is if it cannot be read: then -EINVAL or another negative errno. */
int file_open(const ImportFile *s, const char **ret_why);
