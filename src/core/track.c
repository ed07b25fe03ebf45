/* SPDX-License-Identifier: MIT */
/* What one strap has sent, from a notification's bytes to a sample with its zone. The measurement in between is parsed and
 * judged by measurement.c; whether the strap is live is sensor.c's. Time comes in with each call. */

#include "cardio/track.h"

#include <string.h>

#include "cardio/macro.h"

void track_begin(Track *t)
{
        memset(t, 0, sizeof(*t));
        t->used = true;
        t->zone = -1;
}

/* The same bytes again at once are a copy from BlueZ; the same bytes a second later are a steady heart. What has waited comes
 * all at once: there only R-R intervals give a copy away. */
_hot_ bool track_is_duplicate(Track *t, const uint8_t *value, size_t size, bool late, usec_t now_usec)
{
        if (size == 0) /* there may be no pointer to compare */
                return false;

        bool same = t->packet_usec > 0 && t->packet_size == size && memcmp(t->packet, value, size) == 0;

        if (same && (late ? measurement_has_rr(value, size)
                          : now_usec - t->packet_usec < TRACK_DUPLICATE_USEC))
                return true;
        t->packet_usec = size <= TRACK_PACKET_MAX ? now_usec : 0;
        if (t->packet_usec > 0) {
                t->packet_size = size;
                memcpy(t->packet, value, size);
        }
        return false;
}

static bool is_last_rr(const Track *t, const Measurement *m)
{
        const Ring *ring = &t->ring;

        for (size_t i = 0; i < m->n_rr; i++)
                if (ring->rr[(ring->n_rr - m->n_rr + i) % RING_RR_MAX] != m->rr[i])
                        return false;
        return true;
}

/* The link layer may deliver a packet twice, some time apart. The heart rate may be what it was; but beats that took a second
 * were not all there again much sooner than that. */
_hot_ void track_drop_repeated_rr(Track *t, Measurement *m, usec_t at_usec)
{
        usec_t length_usec = 0;

        if (m->n_rr == 0)
                return;
        if (m->n_rr == t->rr_n && at_usec - t->rr_usec < t->rr_within_usec && is_last_rr(t, m)) {
                m->n_rr = 0;
                return;
        }
        for (size_t i = 0; i < m->n_rr; i++)
                length_usec += m->rr[i];
        t->rr_n = m->n_rr;
        t->rr_usec = at_usec;
        t->rr_within_usec = length_usec * USEC_PER_SEC / 1024 * TRACK_REPEATED_PERCENT / 100;
}

_hot_ Sample *track_push(
                Track *t, usec_t at_usec, usec_t stale_usec, const Measurement *m, usec_t window_usec)
{
        Sample *sample = ring_push(&t->ring, at_usec, m);
        Settled settled;

        sample->stale_usec = stale_usec;
        sample->live = t->state == SENSOR_LIVE;
        sample->smoothed = smoother_update(&t->smoother, &t->ring, window_usec, &settled);
        sample->settled = (uint8_t)settled;
        return sample;
}

/* Only heart rates that count have a zone of their own; another one has the zone of the last of them, and those before the
 * first of them have that one's. */
_hot_ void track_classify(Track *t, Sample *sample, const ZoneTable *bpm, double hysteresis)
{
        bool first = t->zone < 0;

        if (!sample_counts(sample) && !first) {
                sample->zone = (uint8_t)t->zone;
                return;
        }
        sample->zone = (uint8_t)zone_classify(bpm, hysteresis, t->zone, sample->smoothed);
        if (!sample_counts(sample))
                return;
        t->zone = sample->zone;
        if (first)
                for (uint64_t i = ring_begin(&t->ring); i < ring_end(&t->ring); i++)
                        t->ring.sample[i % RING_SAMPLES_MAX].zone = sample->zone;
}

const Sample *track_latest(const Track *t)
{
        if (!t->used || t->state != SENSOR_LIVE || ring_end(&t->ring) == 0)
                return NULL;
        return ring_at(&t->ring, ring_end(&t->ring) - 1);
}
