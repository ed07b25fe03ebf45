/* SPDX-License-Identifier: MIT */
/* Decodes RSC Measurement (0x2A53). The flag for running is never set by some, and of cadence some count one foot and some both: the
 * specification leaves it open. No clock. */

#include "cardio/running-speed.h"

#include <math.h>

#include "cursor.h"

/* Running Speed and Cadence Service 1.0, 3.1.1.1. Bit 2, running instead of walking, and the reserved ones are ignored. */
enum {
        FLAG_STRIDE_LENGTH = 1 << 0,
        FLAG_TOTAL_DISTANCE = 1 << 1,
};

#define CADENCE_UNKNOWN  UINT8_MAX
#define DISTANCE_UNKNOWN UINT32_MAX

/* At a run nobody makes so few steps with both feet. */
#define RUN_SPEED       1.8 /* m/s */
#define RUN_CADENCE_MIN 110

/* Of a device that does not measure it the cadence is 0 in the midst of a run. */
static double both_feet(uint32_t cadence, double speed)
{
        bool runs = speed > RUN_SPEED;

        if (cadence == CADENCE_UNKNOWN || (runs && cadence == 0))
                return NAN;
        return runs && cadence < RUN_CADENCE_MIN ? 2.0 * cadence : cadence;
}

bool running_speed_parse(const uint8_t *value, size_t size, PaceReading *ret)
{
        Cursor c = { .next = value, .left = size };
        uint32_t flags, speed, cadence, stride, distance;
        PaceReading r = { .speed = NAN, .cadence = NAN, .distance = NAN, .incline = NAN, .ascent = NAN };

        if (!cursor_pull(&c, 1, &flags) || !cursor_pull(&c, 2, &speed) || !cursor_pull(&c, 1, &cadence))
                return false;
        if (speed / 256.0 <= PACE_SPEED_MAX)
                r.speed = speed / 256.0;
        r.cadence = both_feet(cadence, r.speed);
        if (flags & FLAG_STRIDE_LENGTH)
                (void)cursor_pull(&c, 2, &stride); /* of no use, but it is in the way */
        if ((flags & FLAG_TOTAL_DISTANCE) && cursor_pull(&c, 4, &distance) && distance != DISTANCE_UNKNOWN)
                r.distance = distance / 10.0;
        *ret = r;
        return true;
}
