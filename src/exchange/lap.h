/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "exchange/exchange.h"

/* Where a session's laps begin, the same in every format: one lap for all, or one for each step of a workout, and one each for what
 * was before and after it; they follow each other without a gap.
 *
 * The command that begins a workout comes a moment after the first heart rate, and a runner stops a moment after the last step:
 * what is shorter than LAP_ASIDE_MS before the first step or after the last one belongs to it. And no lap is shorter than
 * LAP_MIN_MS, as files have whole seconds. */

#define LAP_ASIDE_MS 5000
#define LAP_MIN_MS   1000

typedef enum LapChange {
        LAP_AS_IT_WAS, /* the event changes nothing */
        LAP_RENAMED,   /* the lap that there is belongs to the step, or to what is after all steps */
        LAP_BEGUN,     /* a lap begins at the event's t */
        _LAP_CHANGE_MAX,
} LapChange;

/* Whether the step is none, but the end of the workout. */
bool step_is_end(const ExchangeItem *step);

/* What an event `step` means for the lap that began at begin, in a session of this length. stepped: a step was before this one. */
LapChange lap_at_step(const ExchangeItem *step, int64_t begin, bool stepped, int64_t length);
