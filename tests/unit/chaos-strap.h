/* SPDX-License-Identifier: MIT */
#pragma once

/* What chaos-model.h makes of one strap: its heart rates are kept as they came, and whatever is asked of them is found by
 * looking back over them: how often it sends, what a heart rate is worth, the median, whether it is settled, frozen, how
 * much effort there was in five minutes. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/engine.h"

#define MODEL_SEC(s) ((usec_t)(s)*1000000)
#define MODEL_KEPT   8192U /* at least so much of a strap's history is looked back over */

typedef struct Beat {
        usec_t at_usec;
        usec_t stale_usec;  /* the silence that was a gap when it came */
        usec_t credit_usec; /* what the one before it is worth */
        double smoothed;
        uint16_t heart_rate;
        uint16_t n_rr;
        bool sent_rr; /* some were sent, though they may be those of before */
        Settled settled;
        unsigned zone;
        bool live, counts;
        bool arrival; /* 200 ms or more after the arrival before */
        bool thaws;   /* it does not go on with a frozen run */
        int effort;   /* before a session: 1, -1 = below, 0 = neither; in one: 1 = effort */
        bool over;    /* the limit, in a session; and */
        bool above;   /* … settled */
} Beat;

typedef struct History {
        Beat *beat;
        size_t n, allocated;
        uint64_t dropped; /* how many there were before the first one here */
} History;

typedef struct ModelStrap {
        bool used;
        SensorLink link;
        usec_t link_usec;
        usec_t beat_usec;                              /* the last one on this link, 0 = none */
        usec_t no_contact_first_usec, no_contact_usec; /* since that one, 0 = none */
        SensorState state;
        History beats;
        uint64_t link_from;     /* number of the first heart rate of this link */
        usec_t remembered_usec; /* stale-after as it was on the link before, 0 = not known */
        usec_t pace_usec;       /* stale-after as it is now, if it is auto */
        bool thaws;             /* of the next one */
        int zone;               /* of the last one that counts, -1 = none yet */
        uint64_t fresh_from;    /* effort before that number counts for nothing any more */
        usec_t packet_usec;
        size_t rr_size; /* of the last R-R intervals, as sent */
        usec_t rr_usec, rr_told_usec;
        uint8_t rr[2 * MEASUREMENT_RR_MAX];
        size_t packet_size;
        uint8_t packet[TRACK_PACKET_MAX];
} ModelStrap;

/* -- Histories -- */

static inline Beat *history_add(History *h, Beat beat)
{
        if (h->n == h->allocated) {
                h->allocated = h->allocated > 0 ? 2 * h->allocated : 64;
                h->beat = realloc(h->beat, h->allocated * sizeof(*h->beat));
                assert(h->beat);
        }
        h->beat[h->n] = beat;
        return &h->beat[h->n++];
}

/* The same, of one without an end. */
static inline Beat *history_push(History *h, Beat beat)
{
        if (h->n == 2 * MODEL_KEPT) {
                memmove(h->beat, h->beat + MODEL_KEPT, MODEL_KEPT * sizeof(*h->beat));
                h->n -= MODEL_KEPT;
                h->dropped += MODEL_KEPT;
        }
        return history_add(h, beat);
}

static inline void history_clear(History *h)
{
        h->n = 0;
        h->dropped = 0;
}

static inline Beat *history_last(const History *h)
{
        return h->n > 0 ? &h->beat[h->n - 1] : NULL;
}

static inline int compare_usec(const void *a, const void *b)
{
        const usec_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

static inline usec_t median_usec(usec_t *length, size_t n)
{
        qsort(length, n, sizeof(*length), compare_usec);
        return (length[(n - 1) / 2] + length[n / 2]) / 2;
}

/* What the heart rate before the newest is worth: the time between them, at most 2 s, or the median of the ten intervals
 * before if that is longer, but 12 s. */
static inline usec_t history_credit(const History *h)
{
        usec_t length[10], most_usec = MODEL_SEC(2), median, time_usec;
        size_t n = 0, newest = h->n - 1;

        if (newest == 0)
                return 0;
        for (size_t i = newest - 1; i > 0 && n < 10; i--)
                length[n++] = h->beat[i].at_usec - h->beat[i - 1].at_usec;
        median = n > 0 ? median_usec(length, n) / 1000 * 1000 : 0;
        if (median > most_usec)
                most_usec = median < MODEL_SEC(12) ? median : MODEL_SEC(12);
        time_usec = h->beat[newest].at_usec - h->beat[newest - 1].at_usec;
        return time_usec < most_usec ? time_usec : most_usec;
}

/* -- How often it sends -- */

/* Three times the median of the last ten intervals on this link, 5 s to 35 s; 0 = too little is known. */
static inline usec_t strap_measured(const ModelStrap *s)
{
        const History *h = &s->beats;
        usec_t length[10], later_usec = 0, stale_usec;
        size_t n = 0;

        for (size_t i = h->n; i-- > 0 && h->dropped + i >= s->link_from && n < 10;) {
                if (!h->beat[i].arrival)
                        continue;
                if (later_usec > 0 && later_usec - h->beat[i].at_usec <= MODEL_SEC(35))
                        length[n++] = later_usec - h->beat[i].at_usec;
                later_usec = h->beat[i].at_usec;
        }
        if (n < 5)
                return 0;
        stale_usec = 3 * median_usec(length, n);
        return stale_usec < MODEL_SEC(5)    ? MODEL_SEC(5)
               : stale_usec > MODEL_SEC(35) ? MODEL_SEC(35)
                                            : stale_usec;
}

static inline void strap_pace(ModelStrap *s)
{
        s->pace_usec = strap_measured(s);
        if (s->pace_usec == 0)
                s->pace_usec = s->remembered_usec > 0 ? s->remembered_usec : MODEL_SEC(15);
}

static inline usec_t strap_stale(const ModelStrap *s, const EngineConfig *c)
{
        return c->sensor.stale_usec > 0 ? c->sensor.stale_usec : s->pace_usec;
}

static inline bool strap_begins_arrival(const ModelStrap *s, usec_t at_usec)
{
        const History *h = &s->beats;

        for (size_t i = h->n; i-- > 0 && h->dropped + i >= s->link_from;)
                if (h->beat[i].arrival)
                        return at_usec - h->beat[i].at_usec >= 200000;
        return true;
}

/* -- Its state -- */

/* When the frozen run that it is in began, or exactly when, if that is asked for; 0 = it is in none. */
static inline usec_t strap_frozen(const ModelStrap *s, const EngineConfig *c, usec_t now_usec, bool exactly)
{
        const History *h = &s->beats;
        usec_t since_usec = 0;
        unsigned n = 0;

        if (s->thaws || h->n == 0)
                return 0;
        for (size_t i = h->n; i-- > 0;) {
                const Beat *b = &h->beat[i];
                if (b->sent_rr || b->heart_rate != h->beat[h->n - 1].heart_rate)
                        break;
                since_usec = b->at_usec;
                n++;
                if (b->thaws || (!exactly && n >= 60 && now_usec - since_usec > c->sensor.frozen_usec))
                        break;
        }
        return n >= 60 && now_usec - since_usec > c->sensor.frozen_usec ? since_usec : 0;
}

static inline SensorState strap_state(const ModelStrap *s, const EngineConfig *c, usec_t now_usec)
{
        usec_t stale_usec = strap_stale(s, c);

        if (s->no_contact_usec > 0 && s->no_contact_usec - s->no_contact_first_usec >= MODEL_SEC(3) &&
                        now_usec - s->no_contact_usec <= stale_usec)
                return SENSOR_NO_CONTACT;
        if (s->beat_usec > 0 && now_usec - s->beat_usec <= stale_usec)
                return strap_frozen(s, c, now_usec, false) > 0 ? SENSOR_STALE : SENSOR_LIVE;
        if (s->link == SENSOR_LINK_ABSENT)
                return SENSOR_ABSENT;
        if (s->link == SENSOR_LINK_CONNECTING)
                return SENSOR_CONNECTING;
        return s->beat_usec == 0 && now_usec - s->link_usec <= stale_usec ? SENSOR_CONNECTING : SENSOR_STALE;
}

/* -- Its heart rates -- */

/* The median of those in (t - window, t], or of the last three in 30 s, never over a gap; and whether three are close. */
static inline void strap_smooth(ModelStrap *s, usec_t window_usec)
{
        const History *h = &s->beats;
        Beat *newest = history_last(h);
        uint16_t value[RING_SAMPLES_MAX + 1] = { 0 };
        size_t n = 0, close = 0;

        for (size_t i = h->n; i-- > 0 && n < RING_SAMPLES_MAX;) {
                const Beat *b = &h->beat[i];
                usec_t ago_usec = newest->at_usec - b->at_usec;
                size_t k = n;

                if (ago_usec >= window_usec && (n >= 3 || ago_usec > MODEL_SEC(30)))
                        break;
                for (n++; k > 0 && value[k - 1] > b->heart_rate; k--) /* few, so that insertion is quick */
                        value[k] = value[k - 1];
                value[k] = b->heart_rate;
                if (i > 0 && b->at_usec - h->beat[i - 1].at_usec > b->stale_usec)
                        break;
        }
        newest->smoothed = (value[(n - 1) / 2] + value[n / 2]) / 2.0;
        for (size_t i = 0; i < n; i++)
                close += fabs(value[i] - newest->smoothed) <= 20;
        newest->settled = n < 3 ? SETTLED_TOO_FEW : close < 3 ? SETTLED_DISAGREE : SETTLED_YES;
}

static inline unsigned zone_of(const EngineConfig *c, int before, double bpm)
{
        unsigned zone = 0;

        for (size_t i = 0; i < c->zones.n; i++) {
                /* A bound is passed beyond the hysteresis only, seen from the zone before. */
                double past = before < 0 ? 0 : (size_t)before > i ? -c->zone_hysteresis : c->zone_hysteresis;
                zone += bpm >= c->zones.bound[i] + past;
        }
        return zone;
}

/* One that does not count has the zone of the last that does, and before the first of them that one's. */
static inline void strap_zone(ModelStrap *s, const EngineConfig *c)
{
        Beat *newest = history_last(&s->beats);
        bool first = s->zone < 0;

        newest->zone = newest->counts || first ? zone_of(c, s->zone, newest->smoothed) : (unsigned)s->zone;
        if (!newest->counts)
                return;
        s->zone = (int)newest->zone;
        for (size_t i = 0; first && i < s->beats.n; i++)
                s->beats.beat[i].zone = newest->zone;
}

/* -- Effort before a session -- */

typedef struct ModelEffort {
        usec_t credited_usec; /* in the last five minutes, less what was below, the newest first */
        usec_t first_usec;
        /* The core keeps effort in pieces of a second or more: what is so close to five minutes ago it may have either way, and
         * begin with that moment. */
        usec_t doubtful_usec;
} ModelEffort;

/* Back over the heart rates: what was below takes away from the effort before it. */
static inline ModelEffort strap_effort(const ModelStrap *s)
{
        const History *h = &s->beats;
        usec_t now_usec = h->beat[h->n - 1].at_usec, debt_usec = 0;
        ModelEffort e = { 0 };

        for (size_t i = h->n - 1; i > 0 && h->dropped + i - 1 >= s->fresh_from; i--) {
                const Beat *b = &h->beat[i - 1];
                usec_t credit_usec = h->beat[i].credit_usec;

                usec_t age_usec = now_usec - b->at_usec, out_usec;

                /* Of what reaches out of the five minutes the part within them. */
                out_usec = age_usec > MODEL_SEC(300) ? age_usec - MODEL_SEC(300) : 0;
                if (out_usec > MODEL_SEC(13))
                        break;
                if (b->effort < 0)
                        debt_usec += credit_usec;
                else
                        credit_usec = credit_usec > out_usec ? credit_usec - out_usec : 0;
                if (b->effort <= 0)
                        continue;
                if (credit_usec <= debt_usec) {
                        debt_usec -= credit_usec;
                        continue;
                }
                e.credited_usec += credit_usec - debt_usec;
                if (age_usec > MODEL_SEC(298))
                        e.doubtful_usec += credit_usec - debt_usec;
                debt_usec = 0;
                e.first_usec = b->at_usec;
        }
        return e;
}
