/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/chart.h"

/* The pictures of one run over its time: the heart rate, and what else was measured. */

void course_heart_rate(Out *o, const ReportRun *run);
/* Each nothing where nothing was measured. */
void course_others(Out *o, const ReportRun *run);

/* "Zone 2"'s class: higher ones look like the last one that has a colour. */
const char *zone_class(unsigned zone);
