/* SPDX-License-Identifier: MIT */

/* Splits. Where a kilometre ends between two rows, time and ascent end in the same proportion. Time is that in which the runner
 * moved, as in the average pace of the whole: a red light makes no kilometre slow. Pure. */

#include "cardio/splits.h"

#include <math.h>

/* No run is longer. */
#define METRES_MOST 1e9

void splits_begin(Splits *s, bool miles)
{
        s->n = 0;
        s->length = miles ? METRES_PER_MILE : 1000;
        s->begun_distance = s->begun_s = s->begun_ascent = 0;
        s->heard = 0;
        s->moved_t = 0;
        pace_figures_begin(&s->figures);
}

/* 0 for what is not known, and for what nobody runs. */
static double known(double value)
{
        return value >= 0 && value <= METRES_MOST ? value : 0;
}

static void end_split(Splits *s, int64_t t, double distance, double moved_s, double ascent)
{
        s->split[s->n++] = (Split){ .end_t = t,
                .distance = distance - s->begun_distance,
                .moved_s = moved_s - s->begun_s,
                .ascent = isnan(ascent) ? NAN : fmax(0, ascent - s->begun_ascent),
                .heart_rate = NAN };
        s->begun_distance = distance;
        s->begun_s = moved_s;
        s->begun_ascent = known(ascent);
}

void splits_add(Splits *s, int64_t t, const PacePoint *p)
{
        PaceFigures *f = &s->figures;
        double from = known(pace_figures_distance(f)), from_s = f->moved_s, from_ascent, to, ascent;
        int64_t from_t = f->any ? f->last_t : 0;

        from_ascent = known(pace_figures_ascent(f));
        pace_figures_add(f, t, p);
        to = known(pace_figures_distance(f));
        ascent = pace_figures_ascent(f);
        if (to > from)
                s->moved_t = f->last_t;
        while (s->n < SPLITS_MAX && to - s->begun_distance >= s->length) {
                double end = s->begun_distance + s->length, part = (end - from) / (to - from);

                end_split(s, from_t + llround(part * (double)(t - from_t)), end,
                                from_s + part * (f->moved_s - from_s),
                                from_ascent + part * (ascent - from_ascent));
        }
}

void splits_end(Splits *s)
{
        const PaceFigures *f = &s->figures;
        double distance = known(pace_figures_distance(f));

        if (s->n < SPLITS_MAX && distance - s->begun_distance >= SPLIT_LEAST)
                end_split(s, s->moved_t, distance, f->moved_s, pace_figures_ascent(f));
}

void splits_add_heart_rate(Splits *s, int64_t t, double heart_rate, double credit_s)
{
        Split *split;

        while (s->heard < s->n && s->split[s->heard].end_t <= t)
                s->heard++;
        if (s->heard == s->n || !(credit_s > 0))
                return;
        split = &s->split[s->heard];
        split->credit_s += credit_s;
        if (isnan(split->heart_rate))
                split->heart_rate = heart_rate;
        else
                split->heart_rate += (heart_rate - split->heart_rate) * credit_s / split->credit_s;
}

double split_speed(const Split *s)
{
        return s->moved_s > 0 ? s->distance / s->moved_s : NAN;
}

bool split_is_whole(double distance, bool miles)
{
        return distance >= 0.995 * (miles ? METRES_PER_MILE : 1000);
}
