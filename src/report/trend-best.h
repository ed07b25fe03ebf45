/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/out.h"
#include "report/trend.h"

/* A section of the page of years. What there is none of is left out. */
void trend_best_write(Out *o, const ReportTrend *t);
