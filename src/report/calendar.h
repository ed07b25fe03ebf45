/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/chart.h"
#include "report/trend.h"

/* The last year, a square for each day in the colour of its kind. */
void calendar_write(Out *o, const ReportTrend *t);

/* The kind that a day is shown as: the least careful of its sessions'; _KIND_INVALID = there was none. */
Kind calendar_kind(const TrendDay *day);
/* The class of the style sheet, and the word, of a kind. */
const char *kind_class(Kind kind);
/* Items of a legend: the kinds that there are from that day on. */
void kind_legend(Out *o, const ReportTrend *t, Day from);
