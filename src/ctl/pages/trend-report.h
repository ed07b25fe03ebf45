/* SPDX-License-Identifier: MIT */
#pragma once

#include "ctl.h"
#include "database.h"
#include "report/trend.h"

/* All that the page of years shows. */
typedef struct TrendReport TrendReport;

/* Days from since on are shown, or from the first session on if that was later; up to today. miles: else kilometres. */
Outcome trend_report_read(const Database *d, Day since, Day today, bool miles, TrendReport **ret);
TrendReport *trend_report_free(TrendReport *r);
DEFINE_CLEANUP(TrendReport *, trend_report_free);

/* A function for page_file_write(). */
int trend_report_write(const ReportSink *sink, const void *report);
