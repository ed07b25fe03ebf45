/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"
#include "database.h"
#include "report/report.h"

/* All that the page of a stored session shows. */
typedef struct RunReport RunReport;

/* The session's document, with its verdict, belongs to it then, also if it fails. */
Outcome run_report_read(const Database *d, json_object *session, RunReport **ret);
RunReport *run_report_free(RunReport *r);
DEFINE_CLEANUP(RunReport *, run_report_free);

/* A function for page_file_write(). */
int run_report_write(const ReportSink *sink, const void *report);
