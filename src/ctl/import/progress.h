/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/time.h"

/* One line at the bottom of a terminal that says how far an import is. It is on standard error, so that standard output may go
 * elsewhere. */
typedef struct Progress {
        bool on;
        bool shown;
        bool utf8, colour;
        usec_t begun_usec, drawn_usec; /* CLOCK_BOOTTIME */
        size_t n;                      /* files in all */
        uint64_t size;                 /* bytes of them */
} Progress;

/* wanted: false = never shown. */
void progress_begin(Progress *p, bool wanted, size_t n, uint64_t size, usec_t now);
/* Redraws it, some times a second at most. */
void progress_draw(Progress *p, size_t n, uint64_t size, usec_t now);
/* Takes it away, before anything else is printed. */
void progress_clear(Progress *p);

#define PROGRESS_LINE_MAX 512U
/* The line itself, of so many columns; n of the files, and size of their bytes, are done after usec. Returns buf. */
const char *progress_line(const Progress *p, size_t n, uint64_t size, usec_t usec, unsigned columns,
                char buf[static PROGRESS_LINE_MAX]);
