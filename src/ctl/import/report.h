/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl.h"
#include "import/activity.h"
#include "import/progress.h"
#include "import/files.h"
#include "json.h"

/* What is said of an import: a line for each session if there are few, what was refused and why, and a summary; or all of it as
 * JSON. */

#define REPORT_LINES_MAX 20U /* of sessions, and as many of what went wrong, unless all are wanted */

typedef struct Report {
        const Call *call;
        bool dry, quiet, verbose;
        bool looked_up; /* in a dry run: what is there already is known */
        bool few;       /* each session has a line */
        Progress progress;
        size_t n_taken, n_known, n_refused, n_no_heart_rates, n_foreign, n_not_begun;
        size_t n_overlaps; /* of those refused: they lie in other sessions */
        size_t n_lines, n_errors, n_warnings;
        int64_t last_session;
        bool interrupted;
        json_object *taken, *known, *refused, *left_out, *warnings; /* NULL = not as JSON */
} Report;

void report_begin(Report *r, const Call *call, const ImportFiles *files);
void report_done(Report *r);
#define _cleanup_report_ _cleanup_(report_done)

/* An activity; session is its row of view `sessions`, NULL = not known; id: 0 in a dry run. */
void report_taken(Report *r, const ImportFile *s, const Activity *a, int64_t id, json_object *session);
/* Whether report_taken() will make use of the row. */
bool report_wants_session(const Report *r);
void report_known(Report *r, const ImportFile *s, const Activity *a, const char *words);
/* activity: its number, 0 = the file as a whole; place may be "". */
void report_refused(Report *r, const ImportFile *s, unsigned activity, const char *place, const char *why);
/* A file in a folder that is none of runs, or has no heart rates. */
void report_left_out(Report *r, const ImportFile *s, bool foreign, const char *why);
void report_warning(Report *r, const ImportFile *s, const char *place, const char *text);

/* The summary, or the document. */
void report_end(Report *r, const ImportFiles *files);
