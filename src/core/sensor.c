/* SPDX-License-Identifier: MIT */
/* What a strap is worth right now. The state is computed from what is known of it, never stored. */

#include "cardio/sensor.h"

#include <stddef.h>

#include "cardio/macro.h"

/* A repeated value is frozen after frozen-after, but not before so many of it came. */
#define FROZEN_VALUES 60U
/* Packets without contact mean that there is none when the first and the last are this far apart. */
#define NO_CONTACT_USEC (3 * USEC_PER_SEC)

const char *sensor_state_to_string(SensorState state)
{
        static const char *const names[_SENSOR_STATE_MAX] = {
                [SENSOR_ABSENT] = "absent",
                [SENSOR_CONNECTING] = "connecting",
                [SENSOR_LIVE] = "live",
                [SENSOR_NO_CONTACT] = "no-contact",
                [SENSOR_STALE] = "stale",
        };
        return state >= 0 && state < _SENSOR_STATE_MAX ? names[state] : NULL;
}

const char *link_problem_to_string(LinkProblem p)
{
        static const char *const names[_LINK_PROBLEM_MAX] = {
                [LINK_OK] = "",
                [LINK_UNRESOLVED] = "unresolved",
                [LINK_NO_HEART_RATE] = "no-heart-rate",
                [LINK_NO_PACE] = "no-pace",
                [LINK_SILENT] = "silent",
                [LINK_HELD] = "held",
                [LINK_WANTS_PAIRING] = "wants-pairing",
                [LINK_REFUSED] = "refused",
        };

        return p >= 0 && p < _LINK_PROBLEM_MAX ? names[p] : "";
}

void sensor_link(Sensor *s, SensorLink link, usec_t now_usec)
{
        if (s->link == link)
                return;
        /* What the strap said before a loss of the link says nothing about now. From connecting to connected its
         * values are kept: they may come before the link is called up. */
        if (link == SENSOR_LINK_ABSENT) {
                Arrivals arrivals = s->arrivals;

                arrivals_link(&arrivals);
                *s = (Sensor){ .arrivals = arrivals };
        }
        s->link = link;
        s->link_usec = now_usec;
}

_hot_ usec_t sensor_stale_after(const Sensor *s, const SensorConfig *c)
{
        return c->stale_usec > 0 ? c->stale_usec : arrivals_stale(&s->arrivals);
}

/* A strap that repeats one value without any R-R interval has nothing new to say; one that was silent in between has. */
static void sensor_watch_frozen(Sensor *s, const SensorConfig *c, const Measurement *m, usec_t now_usec)
{
        if (s->heart_rate_usec > 0 && now_usec - s->heart_rate_usec > sensor_stale_after(s, c))
                s->frozen_value = 0;
        if (m->n_rr > 0) {
                s->frozen_since_usec = 0;
                s->frozen_value = 0;
        } else if (m->heart_rate != s->frozen_value) {
                s->frozen_since_usec = now_usec;
                s->frozen_value = m->heart_rate;
                s->frozen_n = 1;
        } else {
                s->frozen_n++;
        }
}

_hot_ void sensor_packet(Sensor *s, const SensorConfig *c, const Measurement *m, MeasurementVerdict verdict,
                usec_t now_usec)
{
        switch (verdict) {
        case MEASUREMENT_HEART_RATE:
                sensor_watch_frozen(s, c, m, now_usec);
                arrivals_push(&s->arrivals, now_usec);
                s->heart_rate_usec = now_usec;
                s->no_contact_first_usec = s->no_contact_usec = 0;
                break;
        case MEASUREMENT_NO_CONTACT:
                if (s->no_contact_first_usec == 0)
                        s->no_contact_first_usec = now_usec;
                s->no_contact_usec = now_usec;
                break;
        case MEASUREMENT_IMPLAUSIBLE:
        case _MEASUREMENT_VERDICT_MAX:
        case _MEASUREMENT_VERDICT_INVALID:
                break;
        }
}

static bool fresh(usec_t then_usec, usec_t length_usec, usec_t now_usec)
{
        return then_usec > 0 && now_usec - then_usec <= length_usec;
}

bool sensor_is_frozen(const Sensor *s, const SensorConfig *c, usec_t now_usec)
{
        return s->frozen_since_usec > 0 && s->frozen_n >= FROZEN_VALUES &&
               !fresh(s->frozen_since_usec, c->frozen_usec, now_usec);
}

_hot_ SensorState sensor_state(const Sensor *s, const SensorConfig *c, usec_t now_usec)
{
        usec_t stale_usec = sensor_stale_after(s, c);

        if (s->no_contact_usec > 0 && s->no_contact_usec - s->no_contact_first_usec >= NO_CONTACT_USEC &&
                        fresh(s->no_contact_usec, stale_usec, now_usec))
                return SENSOR_NO_CONTACT;
        if (fresh(s->heart_rate_usec, stale_usec, now_usec))
                return sensor_is_frozen(s, c, now_usec) ? SENSOR_STALE : SENSOR_LIVE;

        switch (s->link) {
        case SENSOR_LINK_ABSENT:
                return SENSOR_ABSENT;
        case SENSOR_LINK_CONNECTING:
                return SENSOR_CONNECTING;
        case SENSOR_LINK_CONNECTED:
                /* Connected but yet to send its first heart rate: it is still on its way. */
                return s->heart_rate_usec == 0 && fresh(s->link_usec, stale_usec, now_usec)
                                       ? SENSOR_CONNECTING
                                       : SENSOR_STALE;
        case _SENSOR_LINK_MAX:
        case _SENSOR_LINK_INVALID:
                break;
        }
        return SENSOR_ABSENT;
}

usec_t sensor_deadline(const Sensor *s, const SensorConfig *c, usec_t now_usec)
{
        usec_t stale_usec = sensor_stale_after(s, c);
        const usec_t candidates[] = {
                s->no_contact_usec > 0 ? usec_add(s->no_contact_usec, stale_usec) : 0,
                s->heart_rate_usec > 0 ? usec_add(s->heart_rate_usec, stale_usec) : 0,
                s->frozen_since_usec > 0 ? usec_add(s->frozen_since_usec, c->frozen_usec) : 0,
                s->link == SENSOR_LINK_CONNECTED ? usec_add(s->link_usec, stale_usec) : 0,
        };
        usec_t deadline = USEC_INFINITY;

        for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
                if (candidates[i] >= now_usec && candidates[i] < deadline)
                        deadline = candidates[i];
        /* The state holds up to and including that moment. */
        return usec_add(deadline, 1);
}
