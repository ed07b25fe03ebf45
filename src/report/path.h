/* SPDX-License-Identifier: MIT */
#pragma once

#include "report/out.h"

/* The one way that lines come into a picture: whatever is asked for, each place is a number and within the view box. */

typedef struct Path {
        Out *o;
        double width, height; /* of the view box */
        bool begun, lifted;   /* lifted: the next place is moved to */
} Path;

/* class: of the style sheet. */
Path path_begin(Out *o, const char *class, double width, double height);
/* Goes there without a line, and with one. What is no number is left out, and the line is broken there. */
void path_move(Path *p, double x, double y);
void path_line(Path *p, double x, double y);
void path_end(Path *p);

/* A rectangle, cut to the view box; nothing if nothing of it is inside. It is at least least wide. */
void path_rect(Out *o, const char *class, double x, double y, double width, double height, double least,
                const double box[2]);
