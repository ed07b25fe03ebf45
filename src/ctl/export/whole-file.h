/* SPDX-License-Identifier: MIT */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A file that appears under its name with all that was written to it, or not at all, whatever happens meanwhile: a full disk,
 * kill -9, a power cut. Until then it has no name; on a file system that knows no such files it is called `.NAME.part`, which
 * is what a kill may leave behind, and what the next attempt at the same file takes away. */
typedef struct WholeFile {
        int folder, fd;
        char *name, *part; /* part: NULL = without a name */
        bool shows;        /* part is in the folder */
        char *buffer;
        size_t n_buffer;
        uint64_t n_written; /* the buffer lies behind them */
        sigset_t signals;   /* those that were blocked before */
} WholeFile;

#define WHOLE_FILE_PART_PREFIX "."
#define WHOLE_FILE_PART_SUFFIX ".part"

/* Begins one in a folder that stays open as long; its mode is 0666 without the umask. Until end() or cancel() signals that would
 * end this program wait. Returns 0 or a negative errno; cancel() must follow in any case, after end(), too. */
int whole_file_begin(WholeFile *f, int folder, const char *name);

/* One that never has a name, for whole_file_send(). */
int whole_file_begin_in_memory(WholeFile *f);

/* Append to it, and replace bytes of it. The arguments are those of an ExchangeSink. Return 0 or a negative errno. */
int whole_file_write(void *userdata, const void *data, size_t size);
int whole_file_patch(void *userdata, uint64_t offset, const void *data, size_t size);

/* The bytes so far. */
uint64_t whole_file_size(const WholeFile *f);

/* Gives it its name, durably. Returns 0, -EEXIST if that is taken and replace is false, or another negative errno; then the file
 * is as it was before. */
int whole_file_end(WholeFile *f, bool replace);

/* Sends all of it, as to standard output. Returns 0 or a negative errno. */
int whole_file_send(WholeFile *f, FILE *to);

void whole_file_cancel(WholeFile *f);
#define _cleanup_whole_file_ _cleanup_(whole_file_cancel)
