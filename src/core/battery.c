/* SPDX-License-Identifier: MIT */
/* A strap's battery that is low; the diagram is in the header. Time comes in with each call. */

#include "cardio/battery.h"

static BatteryChange leads_to(const Battery *b)
{
        if (b->percent < 0)
                return BATTERY_SAME;
        if (!b->low && b->percent <= BATTERY_LOW_PERCENT)
                return BATTERY_LOW;
        return b->low && b->percent > BATTERY_HIGH_PERCENT ? BATTERY_RISEN : BATTERY_SAME;
}

void battery_update(Battery *b, int percent, bool low, usec_t now_usec)
{
        BatteryChange to;

        b->percent = percent;
        b->low = low;
        to = leads_to(b);
        if (to != b->to)
                b->since_usec = now_usec;
        b->to = to;
}

BatteryChange battery_tick(Battery *b, usec_t now_usec)
{
        BatteryChange change = b->to;

        if (now_usec < battery_deadline(b))
                return BATTERY_SAME;
        b->low = change == BATTERY_LOW;
        b->to = BATTERY_SAME;
        return change;
}

usec_t battery_deadline(const Battery *b)
{
        return b->to == BATTERY_SAME ? USEC_INFINITY : usec_add(b->since_usec, BATTERY_HOLD_USEC);
}
