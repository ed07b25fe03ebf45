/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/out.h"
#include "report/scale.h"

/* The frame of a picture: a caption, the axis on the left, the picture itself, its labels, the axis below, and the table behind
 * it. The picture is stretched to the width of the page, its texts are not: they lie beside it, placed in per cent. */

#define CHART_WIDTH  720.0
#define CHART_HEIGHT 260.0

#define CHART_TICKS_MAX 12U

typedef struct Chart {
        Out *o;
        const char *id; /* of the elements of a page */
        Scale x, y;
        double ticks[CHART_TICKS_MAX]; /* the values that the axis names; */
        unsigned n_ticks;              /* 0 = round ones */
} Chart;

/* Caption and legend: chart_begin(), legend items, chart_picture(). */
void chart_begin(Chart *c, const char *title);
void legend_item(Out *o, const char *class, const char *label);
/* The axis on the left, its round values, and where the picture itself begins. label: what a screen reader says of it; the
 * element "ID-said" says more. size: "tall", "low" or "strip". unit: of the values, for the axis. extra: further attributes. */
void chart_picture(Chart *c, const char *size, const char *label, const char *unit,
                void (*write_value)(Out *o, double value));
/* An attribute of the picture is to be written between chart_picture() and this. */
void chart_open(Chart *c);
/* The same of a calendar, whose axis has days of the week, and which has no lines. It is open then. */
void chart_days(Chart *c, const char *label);
/* Where the labels begin that lie on the picture. */
void chart_labels(Chart *c);
/* A text there; in per cent. class: of the style sheet. anchor: "start", "middle" or "end". Escaped text follows. */
void chart_label_begin(Chart *c, const char *class, double x, double y, const char *anchor, int up);
void chart_label_end(Chart *c);
/* The times of day below. */
void chart_times(Chart *c, int64_t started_s);
/* Dates below, of a picture whose x are days from this one on. */
void chart_dates(Chart *c, Day first);
/* The end of the picture; what follows is text that says what it shows. */
void chart_end(Chart *c);
void chart_said(Chart *c);
void chart_said_end(Chart *c);
/* The table behind it, closed at first. */
void chart_table(Chart *c, const char *name, const char *const *titles);
void chart_table_end(Chart *c);
void chart_done(Chart *c);

/* Values as they are on the axis. */
void write_whole(Out *o, double value);
void write_decimal(Out *o, double value);
