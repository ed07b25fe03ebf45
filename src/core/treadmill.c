/* SPDX-License-Identifier: MIT */
/* Decodes Treadmill Data (0x2ACD), and puts together what comes in several parts. What a field says to be "not available" is not
 * known; machines mix up the two numbers for that, 0xFFFF and 0x7FFF, and so they are none wherever a number would be absurd anyway.
 * No clock. */

#include "cardio/treadmill.h"

#include <errno.h>
#include <math.h>

#include "cardio/measurement.h"

#include "cursor.h"

/* Fitness Machine Service 1.0, 4.9.1.1. The fields come in this order; bits 13 to 15 are reserved and ignored. */
enum {
        FLAG_MORE_DATA = 1 << 0, /* and no instantaneous speed */
        FLAG_AVERAGE_SPEED = 1 << 1,
        FLAG_TOTAL_DISTANCE = 1 << 2,
        FLAG_INCLINATION = 1 << 3, /* and ramp angle */
        FLAG_ELEVATION_GAIN = 1 << 4,
        FLAG_PACE = 1 << 5,
        FLAG_AVERAGE_PACE = 1 << 6,
        FLAG_ENERGY = 1 << 7,
        FLAG_HEART_RATE = 1 << 8,
};

#define DISTANCE_UNKNOWN UINT32_C(0xFFFFFF)
#define INCLINE_MAX      100.0 /* per cent */

static bool available(uint32_t number)
{
        return number != 0x7FFF && number != 0xFFFF;
}

static void pull_distance(Cursor *c, PaceReading *r)
{
        uint32_t metres;

        if (cursor_pull(c, 3, &metres) && metres != DISTANCE_UNKNOWN)
                r->distance = metres;
}

static void pull_incline(Cursor *c, PaceReading *r)
{
        uint32_t tenths, angle;
        double incline;

        if (cursor_pull(c, 2, &tenths) && available(tenths)) {
                incline = (int16_t)tenths / 10.0;
                if (fabs(incline) <= INCLINE_MAX)
                        r->incline = incline;
        }
        (void)cursor_pull(c, 2, &angle); /* the same in degrees */
}

static void pull_ascent(Cursor *c, PaceReading *r)
{
        uint32_t gain, loss;

        if (cursor_pull(c, 2, &gain) && available(gain))
                r->ascent = gain / 10.0;
        (void)cursor_pull(c, 2, &loss);
}

static void pull_heart_rate(Cursor *c, PaceReading *r)
{
        uint8_t heart_rate;

        if (cursor_pull_u8(c, &heart_rate) && heart_rate >= HEART_RATE_MIN && heart_rate <= HEART_RATE_MAX)
                r->heart_rate = heart_rate;
}

/* What follows the speed, up to the last field that is of use; it is cut wherever the value ends. */
static void pull_fields(Cursor *c, uint16_t flags, PaceReading *r)
{
        uint32_t skipped;

        if (flags & FLAG_AVERAGE_SPEED)
                (void)cursor_pull(c, 2, &skipped);
        if (flags & FLAG_TOTAL_DISTANCE)
                pull_distance(c, r);
        if (flags & FLAG_INCLINATION)
                pull_incline(c, r);
        if (flags & FLAG_ELEVATION_GAIN)
                pull_ascent(c, r);
        if (flags & FLAG_PACE)
                (void)cursor_pull(c, 1, &skipped);
        if (flags & FLAG_AVERAGE_PACE)
                (void)cursor_pull(c, 1, &skipped);
        if (flags & FLAG_ENERGY) {
                (void)cursor_pull(c, 4, &skipped); /* in all, an hour */
                (void)cursor_pull(c, 1, &skipped); /* a minute */
        }
        if (flags & FLAG_HEART_RATE)
                pull_heart_rate(c, r);
}

/* r is one of the parts of a reading, known what was in those before. */
static void reading_merge(PaceReading *r, const PaceReading *known)
{
        if (isnan(r->distance))
                r->distance = known->distance;
        if (isnan(r->incline))
                r->incline = known->incline;
        if (isnan(r->ascent))
                r->ascent = known->ascent;
        if (r->heart_rate == 0)
                r->heart_rate = known->heart_rate;
}

/* A part without a speed. One with fields that came already is of the next reading. */
static int take_part(Treadmill *t, uint16_t fields, PaceReading *r, usec_t at_usec, PaceReading *ret)
{
        int whole = t->waits && (t->fields & fields);

        if (whole)
                *ret = t->part;
        if (t->waits && !whole) {
                reading_merge(r, &t->part);
                fields |= t->fields;
        } else
                t->since_usec = at_usec;
        t->waits = true;
        t->fields = fields;
        t->part = *r;
        return whole;
}

int treadmill_take(Treadmill *t, const uint8_t *value, size_t size, usec_t at_usec, PaceReading *ret)
{
        Cursor c = { .next = value, .left = size };
        PaceReading r = { .speed = NAN, .cadence = NAN, .distance = NAN, .incline = NAN, .ascent = NAN };
        uint16_t flags, speed = 0;

        if (!cursor_pull_le16(&c, &flags))
                return -EBADMSG;
        if (!(flags & FLAG_MORE_DATA) && !cursor_pull_le16(&c, &speed))
                return -EBADMSG;
        if (t->waits && usec_sub(at_usec, t->since_usec) > TREADMILL_WAIT_USEC)
                t->waits = false;

        pull_fields(&c, flags, &r);
        if (flags & FLAG_MORE_DATA)
                return take_part(t, flags & (uint16_t)~FLAG_MORE_DATA, &r, at_usec, ret);
        if (speed / 360.0 <= PACE_SPEED_MAX) /* 0.01 km/h */
                r.speed = speed / 360.0;
        if (t->waits)
                reading_merge(&r, &t->part);
        t->waits = false;
        *ret = r;
        return 1;
}
