/* SPDX-License-Identifier: MIT */

/* Paths and rectangles of SVG. No clock. */

#include "report/path.h"

#include <math.h>

/* To a tenth, as it is written, so that what is written is inside, too. */
static double cut(double value, double size)
{
        return round(fmax(0, fmin(size, value)) * 10) / 10;
}

Path path_begin(Out *o, const char *class, double width, double height)
{
        put(o, "<path class=\"", class, "\" d=\"");
        return (Path){ .o = o, .width = width, .height = height };
}

void path_move(Path *p, double x, double y)
{
        p->lifted = true;
        path_line(p, x, y);
}

void path_line(Path *p, double x, double y)
{
        if (!isfinite(x) || !isfinite(y)) {
                p->lifted = true;
                return;
        }
        put(p->o, p->lifted || !p->begun ? "M" : "L", cut(x, p->width), " ", cut(y, p->height));
        p->begun = true;
        p->lifted = false;
}

void path_end(Path *p)
{
        put(p->o, "\"/>\n");
}

void path_rect(Out *o, const char *class, double x, double y, double width, double height, double least,
                const double box[2])
{
        double left = cut(x, box[0]), right = cut(x + width, box[0]), top = cut(y, box[1]),
               foot = cut(y + height, box[1]);

        if (!isfinite(x) || !isfinite(y) || !isfinite(width) || !isfinite(height) || !(foot > top))
                return;
        if (right - left < least) {
                right = cut(left + least, box[0]);
                left = cut(right - least, box[0]);
        }
        if (right > left)
                put(o, "<rect class=\"", class, "\" x=\"", left, "\" y=\"", top, "\"", " width=\"",
                                right - left, "\" height=\"", foot - top, "\"/>\n");
}
