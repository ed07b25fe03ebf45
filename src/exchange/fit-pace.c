/* SPDX-License-Identifier: MIT */

/* Speed, cadence, distance and incline of a FIT record. A field with more bits goes before one with fewer. Pure, no clock. */

#include "exchange/fit-pace.h"

#include <math.h>
#include <string.h>

#include "exchange/fit.h"
#include "exchange/reading-parse.h"

#define TWELVE_BITS 0xfffU

/* NAN unless it is 0 or more. */
static double not_negative(double value)
{
        return value >= 0 ? value : NAN;
}

/* Both in one field, of older devices. */
static void take_speed_and_distance(const FitParsed *m, FitRolling *rolling, FitPace *ret)
{
        FitField f = fit_parsed_field(m, FIT_RECORD_SPEED_AND_DISTANCE);
        uint32_t speed, distance;

        if (f.size != 3 || memcmp(f.bytes, "\xff\xff\xff", 3) == 0)
                return;
        speed = f.bytes[0] | (f.bytes[1] & 0x0fU) << 8;
        distance = f.bytes[1] >> 4 | (uint32_t)f.bytes[2] << 4;
        if (rolling->any)
                rolling->distance += (distance - rolling->distance) & TWELVE_BITS;
        else
                rolling->distance = distance;
        rolling->any = true;
        if (isnan(ret->speed) && speed != TWELVE_BITS)
                ret->speed = speed / 100.0;
        if (isnan(ret->distance))
                ret->distance = rolling->distance / 16.0;
}

static double cadence_of(double strides, FitCadence cadence)
{
        switch (cadence) {
        case FIT_CADENCE_OF_OTHERS:
                break;
        case FIT_CADENCE_STRIDES_OR_STEPS:
                return reading_cadence_of_foot(not_negative(strides));
        case FIT_CADENCE_STRIDES:
                return 2 * not_negative(strides);
        }
        return NAN;
}

void fit_pace(const FitParsed *m, FitCadence cadence, FitRolling *rolling, FitPace *ret)
{
        double speed = fit_parsed_number(m, FIT_RECORD_ENHANCED_SPEED),
               strides = fit_parsed_number(m, FIT_RECORD_CADENCE),
               fraction = fit_parsed_number(m, FIT_RECORD_FRACTIONAL_CADENCE);

        if (isnan(speed))
                speed = fit_parsed_number(m, FIT_RECORD_SPEED);
        if (!isnan(fraction))
                strides += fraction / 128;
        ret->speed = not_negative(speed / 1000);
        ret->cadence = cadence_of(strides, cadence);
        ret->distance = not_negative(fit_parsed_number(m, FIT_RECORD_DISTANCE) / 100);
        ret->incline = fit_parsed_number(m, FIT_RECORD_GRADE) / 100;
        take_speed_and_distance(m, rolling, ret);
        ret->any = !isnan(ret->speed) || !isnan(ret->cadence) || !isnan(ret->distance) ||
                   !isnan(ret->incline);
}
