/* SPDX-License-Identifier: MIT */
/* The mean speed of the last seconds. Speeds that come faster than there is room for are left out. Times come in. */

#include "cardio/pace.h"

#include <math.h>

/* So far apart no more than PACE_SMOOTH_MAX of them are in use. */
#define STEP_USEC (PACE_SMOOTH_USEC / (PACE_SMOOTH_MAX - 4))

void pace_smoother_clear(PaceSmoother *s)
{
        s->first = s->n = 0;
        s->mean = NAN;
}

static unsigned place(const PaceSmoother *s, unsigned i)
{
        return (s->first + i) % PACE_SMOOTH_MAX;
}

/* The time from begin_usec on for which the speed at place i stands. */
static usec_t worth(const PaceSmoother *s, unsigned i, usec_t begin_usec)
{
        usec_t from_usec = s->entry[place(s, i)].at_usec, to_usec = s->entry[place(s, i + 1)].at_usec;

        if (to_usec - from_usec > PACE_GAP_USEC)
                to_usec = from_usec + PACE_GAP_USEC;
        return usec_sub(to_usec, from_usec > begin_usec ? from_usec : begin_usec);
}

double pace_smoother_add(PaceSmoother *s, usec_t at_usec, double speed)
{
        usec_t begin_usec = usec_sub(at_usec, PACE_SMOOTH_USEC), known_usec = 0;
        double sum = 0;

        if (s->n > 0 && at_usec < usec_add(s->entry[place(s, s->n - 1)].at_usec, STEP_USEC))
                return s->mean;
        while (s->n > 1 && s->entry[place(s, 1)].at_usec <= begin_usec) {
                s->first = place(s, 1);
                s->n--;
        }
        s->entry[place(s, s->n)].at_usec = at_usec;
        s->entry[place(s, s->n)].speed = speed;
        s->n++;
        for (unsigned i = 0; i + 1 < s->n; i++)
                if (!isnan(s->entry[place(s, i)].speed)) {
                        usec_t worth_usec = worth(s, i, begin_usec);

                        known_usec += worth_usec;
                        sum += s->entry[place(s, i)].speed * (double)worth_usec;
                }
        s->mean = known_usec >= PACE_SMOOTH_USEC / 2 ? sum / (double)known_usec : NAN;
        return s->mean;
}
