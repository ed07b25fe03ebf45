/* SPDX-License-Identifier: MIT */
/* How far, how fast and how high, of the rows of pace that a session keeps: those of a session just recorded, and those of a file,
 * where any figure may be missing and rows may be seconds apart. No clock. */

#include "cardio/pace.h"

#include <math.h>

void pace_figures_begin(PaceFigures *f)
{
        *f = (PaceFigures){
                .last_speed = NAN,
                .last_incline = NAN,
                .distance = NAN,
                .farthest = NAN,
                .ascent = NAN,
                .highest = NAN,
                .climbed = NAN,
        };
}

/* Rows come from files and from databases that others may have written. */
#define USABLE_MAX 1e9

static double usable(double value)
{
        return value >= 0 && value <= USABLE_MAX ? value : NAN;
}

/* In what time of the interval the runner moved. usual: it is no gap. gained: m, NAN = not known. */
static double moved_seconds(const PaceFigures *f, double length_s, double credit_s, bool usual, double gained)
{
        double by_distance = gained / length_s;
        bool moved = f->last_speed > PACE_MOVED || by_distance > PACE_MOVED;

        if (usual || isnan(gained))
                return moved ? credit_s : 0;
        if (f->last_speed > PACE_MOVED)
                return fmin(length_s, gained / f->last_speed);
        return moved ? length_s : 0;
}

/* From the row before to this one. */
static void add_interval(PaceFigures *f, usec_t length_usec, usec_t credit_usec, double distance)
{
        double length_s = (double)length_usec / (double)USEC_PER_SEC;
        double credit_s = (double)credit_usec / (double)USEC_PER_SEC;
        double gained = isnan(distance) || isnan(f->farthest) ? NAN : fmax(0, distance - f->farthest);
        double moved_s = moved_seconds(f, length_s, credit_s, credit_usec == length_usec,
                        f->last_has_distance ? gained : NAN);

        f->moved_s += moved_s;
        if (isnan(f->farthest) && !isnan(f->last_speed))
                gained = f->last_speed * moved_s;
        if (isnan(gained))
                return;
        f->distance = isnan(f->distance) ? gained : f->distance + gained;
        if (f->last_incline > 0)
                f->climbed += f->last_incline / 100 * gained;
}

void pace_figures_add(PaceFigures *f, int64_t t, const PacePoint *p)
{
        double distance = usable(p->distance), ascent = usable(p->ascent);
        double incline = fabs(p->incline) <= USABLE_MAX ? p->incline : NAN;
        usec_t credit_usec;

        if (t < 0 || (f->any && t <= f->last_t))
                return;
        credit_usec = credit_push(&f->credit, (usec_t)t * USEC_PER_MSEC);
        if (f->any)
                add_interval(f, (usec_t)(t - f->last_t) * USEC_PER_MSEC, credit_usec, distance);
        if (!isnan(ascent)) {
                f->ascent = isnan(f->ascent) ? 0 : f->ascent + fmax(0, ascent - f->highest);
                f->highest = fmax(ascent, f->highest);
        }
        if (!isnan(incline) && isnan(f->climbed))
                f->climbed = 0;
        if (isnan(f->distance) && !isnan(distance))
                f->distance = 0;
        f->farthest = fmax(distance, f->farthest);
        f->any = true;
        f->last_t = t;
        f->last_speed = usable(p->speed);
        f->last_incline = incline;
        f->last_has_distance = !isnan(distance);
}

double pace_figures_distance(const PaceFigures *f)
{
        return f->distance;
}

double pace_figures_speed(const PaceFigures *f)
{
        return f->moved_s >= 1 ? f->distance / f->moved_s : NAN;
}

double pace_figures_ascent(const PaceFigures *f)
{
        return f->ascent > 0 || isnan(f->climbed) ? f->ascent : f->climbed;
}
