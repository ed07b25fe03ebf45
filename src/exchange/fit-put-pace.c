/* SPDX-License-Identifier: MIT */

/* Distance, speed, cadence and incline as a FIT file has them, with the rules that keep readers from going wrong:
 *
 * - Distances count from the session's start and never fall. The total is that of the last record, laps follow each other without
 *   a gap, and an average speed is the distance over the timer's time: none of the three can be at odds with another.
 * - A speed stands in the old field, of 16 bits, and in the one that came after it.
 * - Cadence is of one foot, half of the steps, with a fraction, or else it would be shown doubled.
 *
 * What is not known is invalid, never 0. Pure, no clock. */

#include "exchange/fit-put-pace.h"

#include <math.h>

#include "exchange/fit.h"

#define FRACTIONS 128 /* of a stride */

/* In units of so many to one; FIT's invalid for what is not known, or too much. */
static uint32_t in_units(double value, unsigned units, uint32_t invalid)
{
        double n = round(value * units);

        return n >= 0 && n < invalid ? (uint32_t)n : invalid;
}

typedef struct Fields {
        uint8_t distance, speed, enhanced_speed, cadence, fractional_cadence;
} Fields;

static void put_figures(FitMessage *m, const Fields *fields, double distance, double speed, double cadence)
{
        uint32_t fractions = in_units(cadence / 2, FRACTIONS, FIT_INVALID_UINT8 * FRACTIONS);
        bool known = fractions < FIT_INVALID_UINT8 * FRACTIONS;

        fit_put_uint32(m, fields->distance, in_units(distance, 100, FIT_INVALID_UINT32));
        fit_put_uint16(m, fields->speed, in_units(speed, 1000, FIT_INVALID_UINT16));
        fit_put_uint32(m, fields->enhanced_speed, in_units(speed, 1000, FIT_INVALID_UINT32));
        fit_put_uint8(m, fields->cadence, known ? fractions / FRACTIONS : FIT_INVALID_UINT8);
        fit_put_uint8(m, fields->fractional_cadence, known ? fractions % FRACTIONS : FIT_INVALID_UINT8);
}

void fit_put_pace(FitMessage *record, const ExchangePace *pace)
{
        static const Fields fields = {
                .distance = FIT_RECORD_DISTANCE,
                .speed = FIT_RECORD_SPEED,
                .enhanced_speed = FIT_RECORD_ENHANCED_SPEED,
                .cadence = FIT_RECORD_CADENCE,
                .fractional_cadence = FIT_RECORD_FRACTIONAL_CADENCE,
        };
        double grade = pace ? round(pace->incline * 100) : NAN;

        put_figures(record, &fields, pace ? pace->distance : NAN, pace ? pace->speed : NAN,
                        pace ? pace->cadence : NAN);
        fit_put_sint16(record, FIT_RECORD_GRADE,
                        fabs(grade) < FIT_INVALID_SINT16 ? (int)grade : FIT_INVALID_SINT16);
}

void fit_put_pace_of_lap(FitMessage *lap, const PaceSum *sum, uint32_t ms)
{
        static const Fields fields = {
                .distance = FIT_LAP_TOTAL_DISTANCE,
                .speed = FIT_LAP_AVG_SPEED,
                .enhanced_speed = FIT_LAP_ENHANCED_AVG_SPEED,
                .cadence = FIT_LAP_AVG_CADENCE,
                .fractional_cadence = FIT_LAP_AVG_FRACTIONAL_CADENCE,
        };

        put_figures(lap, &fields, pace_sum_distance(sum), pace_sum_speed(sum, ms), pace_sum_cadence(sum));
        fit_put_uint16(lap, FIT_LAP_TOTAL_ASCENT, in_units(pace_sum_ascent(sum), 1, FIT_INVALID_UINT16));
}

void fit_put_pace_of_session(FitMessage *session, const PaceSum *sum, uint32_t ms)
{
        static const Fields fields = {
                .distance = FIT_SESSION_TOTAL_DISTANCE,
                .speed = FIT_SESSION_AVG_SPEED,
                .enhanced_speed = FIT_SESSION_ENHANCED_AVG_SPEED,
                .cadence = FIT_SESSION_AVG_CADENCE,
                .fractional_cadence = FIT_SESSION_AVG_FRACTIONAL_CADENCE,
        };

        put_figures(session, &fields, pace_sum_distance(sum), pace_sum_speed(sum, ms), pace_sum_cadence(sum));
        fit_put_uint16(session, FIT_SESSION_TOTAL_ASCENT,
                        in_units(pace_sum_ascent(sum), 1, FIT_INVALID_UINT16));
}
