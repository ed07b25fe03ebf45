/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/battery.h"
#include "cardio/credit.h"
#include "cardio/measurement.h"
#include "cardio/ring.h"
#include "cardio/sensor.h"
#include "cardio/smoother.h"
#include "cardio/time.h"
#include "cardio/zones.h"

/* Bluetooth broadcasts a notification once for each subscribed client: the same bytes again within this time are the
 * same notification. */
#define TRACK_DUPLICATE_USEC (200 * USEC_PER_MSEC)
/* The same R-R intervals again, before this part of the time that they cover has passed, are the same beats, sent
 * twice. */
#define TRACK_REPEATED_PERCENT 75U
/* The longest value that is remembered to find duplicates; longer ones are never taken for one. */
#define TRACK_PACKET_MAX 64U

/* What one strap has sent:
 *
 *   bytes → a duplicate? → measurement, R-R intervals sent before? → ring → smoother → zones → sample */
typedef struct Track {
        bool used;
        Sensor sensor;
        SensorState state; /* as last reported */
        Battery battery;
        Contact contact;
        Ring ring;
        Smoother smoother;
        Credit credit; /* of its heart rates, recorded or not */
        int zone;      /* of the last settled one, -1 = none yet */
        usec_t packet_usec;
        size_t rr_n; /* of the last R-R intervals, which are the newest of the ring */
        usec_t rr_usec, rr_within_usec;
        size_t packet_size;
        uint8_t packet[TRACK_PACKET_MAX];
} Track;

void track_begin(Track *t);

/* The same value as just before, so that it is no notification of its own. late: it may have waited. */
bool track_is_duplicate(Track *t, const uint8_t *value, size_t size, bool late, usec_t now_usec);

/* Takes R-R intervals out of a measurement that were in the one before. */
void track_drop_repeated_rr(Track *t, Measurement *m, usec_t at_usec);

/* ring → smoother. A longer time than stale_usec before the heart rate is a gap. */
Sample *track_push(Track *t, usec_t at_usec, usec_t stale_usec, const Measurement *m, usec_t window_usec);

/* → zones: of the entry that track_push() returned. */
void track_classify(Track *t, Sample *sample, const ZoneTable *bpm, double hysteresis);

/* The newest heart rate while the strap is live, else NULL. */
const Sample *track_latest(const Track *t);
