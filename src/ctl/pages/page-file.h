/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"
#include "database.h"
#include "report/report.h"

/* A page on its way to where the runner wants it: a file, which appears whole or not at all, or standard output. */

/* What is wrong with --output and --force, before anything is read. */
Outcome page_file_check_usage(const Call *call);

/* Writes what the function writes, and says so. The database is closed before standard output is written to: a reader may
 * take long. */
Outcome page_file_write(const Call *call, Database *d, int (*write)(const ReportSink *sink, const void *page),
                const void *page);

/* --output and --force, for the table of options. */
#define PAGE_FILE_OPTIONS                                                             \
        { .name = "output",                                                           \
                .letter = 'o',                                                        \
                .argument = "FILE",                                                   \
                .help = "into this file, as in page.html; - is standard output",      \
                .offer = { .source = SOURCE_FILE } },                                 \
        {                                                                             \
                .name = "force", .letter = 'f', .help = "replace FILE if it is there" \
        }
