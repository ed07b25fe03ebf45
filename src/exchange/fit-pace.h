/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "exchange/fit-parse.h"

/* How fast it went, as a record message says it; NAN = not said. In the units of reading.h. */
typedef struct FitPace {
        bool any;
        double speed, cadence, distance, incline;
} FitPace;

/* A distance that rolls over, from one record to the next one; 0 at the beginning of a file. */
typedef struct FitRolling {
        bool any;
        uint32_t distance; /* 1/16 m */
} FitRolling;

/* What the cadences of a file are. */
typedef enum FitCadence {
        FIT_CADENCE_OF_OTHERS,        /* such as of a bicycle */
        FIT_CADENCE_STRIDES_OR_STEPS, /* of one foot by the format, of both by some who write it */
        FIT_CADENCE_STRIDES,
} FitCadence;

void fit_pace(const FitParsed *m, FitCadence cadence, FitRolling *rolling, FitPace *ret);
