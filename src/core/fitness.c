/* SPDX-License-Identifier: MIT */

/* Fitness, fatigue and form, day by day. No clock. */

#include "cardio/fitness.h"

#include <math.h>

void fitness_day(Fitness *f, double load)
{
        f->fitness += (load - f->fitness) * (1 - exp(-1 / FITNESS_DAYS));
        f->fatigue += (load - f->fatigue) * (1 - exp(-1 / FATIGUE_DAYS));
}

double fitness_form(const Fitness *f)
{
        return f->fitness - f->fatigue;
}
