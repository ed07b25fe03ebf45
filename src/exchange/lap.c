/* SPDX-License-Identifier: MIT */

/* Laps by the steps of a workout. Pure, no clock. */

#include "exchange/lap.h"

#include <math.h>

bool step_is_end(const ExchangeItem *step)
{
        return isnan(step->event.value);
}

LapChange lap_at_step(const ExchangeItem *step, int64_t begin, bool stepped, int64_t length)
{
        if (length - step->t < (step_is_end(step) ? LAP_ASIDE_MS : LAP_MIN_MS))
                return LAP_AS_IT_WAS;
        return step->t - begin < (stepped ? LAP_MIN_MS : LAP_ASIDE_MS) ? LAP_RENAMED : LAP_BEGUN;
}
