/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include "cardio/arrivals.h"
#include "cardio/measurement.h"
#include "cardio/time.h"

/* The link to a strap, as BlueZ reports it. */
typedef enum SensorLink {
        SENSOR_LINK_ABSENT,
        SENSOR_LINK_CONNECTING,
        SENSOR_LINK_CONNECTED,
        _SENSOR_LINK_MAX,
        _SENSOR_LINK_INVALID = -EINVAL,
} SensorLink;

/* What is wrong with the link to a strap just now. */
typedef enum LinkProblem {
        LINK_OK,
        LINK_UNRESOLVED,    /* connected, but BlueZ does not resolve its services */
        LINK_NO_HEART_RATE, /* resolved, without a heart-rate measurement among its services */
        LINK_NO_PACE, /* resolved, of a foot pod or treadmill, without its measurement among its services */
        LINK_SILENT,  /* it sends nothing */
        LINK_HELD,    /* another program on this machine holds its notifications */
        LINK_WANTS_PAIRING,
        LINK_REFUSED, /* BlueZ does not let us have its notifications, for another reason */
        _LINK_PROBLEM_MAX,
        _LINK_PROBLEM_INVALID = -EINVAL,
} LinkProblem;

/* Sensor.LinkProblem on D-Bus; "" = none. */
const char *link_problem_to_string(LinkProblem p);

/* What a strap is worth to the runner: Sensor.State on D-Bus. */
typedef enum SensorState {
        SENSOR_ABSENT, /* known, waited for */
        SENSOR_CONNECTING,
        SENSOR_LIVE,       /* fresh and valid */
        SENSOR_NO_CONTACT, /* the strap says so, or sends 0, and not just once */
        SENSOR_STALE,      /* connected but silent, or frozen */
        _SENSOR_STATE_MAX,
        _SENSOR_STATE_INVALID = -EINVAL,
} SensorState;

const char *sensor_state_to_string(SensorState state);

typedef struct SensorConfig {
        usec_t stale_usec; /* 0 = auto: by how often the sensor sends */
        usec_t frozen_usec;
} SensorConfig;

/* The state of one strap follows from its link, its last packets and the time; nothing is stored that could disagree.
 *
 * Values count whatever the link is said to be: BlueZ delivers them before it has resolved the services, and merges
 * a quick drop and return into one signal. And one odd packet is nothing: straps send a zero, or say that they have no
 * contact, every few seconds among good values. */
typedef struct Sensor {
        SensorLink link;
        usec_t link_usec;             /* since when the link is as it is */
        usec_t heart_rate_usec;       /* last heart rate on this link, 0 = none yet */
        usec_t no_contact_first_usec; /* of the packets without contact since the last heart rate, 0 = none */
        usec_t no_contact_usec;       /* … the last */
        uint16_t frozen_value;        /* the value repeated without an R-R interval among it */
        unsigned frozen_n;            /* so often */
        usec_t frozen_since_usec;     /* 0 = not repeating */
        Arrivals arrivals;            /* of heart rates */
} Sensor;

void sensor_link(Sensor *s, SensorLink link, usec_t now_usec);

/* A packet arrived and was judged. */
void sensor_packet(Sensor *s, const SensorConfig *c, const Measurement *m, MeasurementVerdict verdict,
                usec_t now_usec);

/* The time without a heart rate that is a gap: as configured, or by what is known of the sensor. */
usec_t sensor_stale_after(const Sensor *s, const SensorConfig *c);

/* It sends the same value again and again: whatever it measures, it is no heart. */
bool sensor_is_frozen(const Sensor *s, const SensorConfig *c, usec_t now_usec);

SensorState sensor_state(const Sensor *s, const SensorConfig *c, usec_t now_usec);

/* When the state will next change by time alone, USEC_INFINITY if never. */
usec_t sensor_deadline(const Sensor *s, const SensorConfig *c, usec_t now_usec);
