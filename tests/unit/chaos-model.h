/* SPDX-License-Identifier: MIT */
#pragma once

/* What the core is to say, worked out another way: the core keeps states and counters, the model keeps the history and
 * looks back over it. So "too fast for ten seconds" is here: go back from the newest heart rate while they are above, and
 * see how far one comes. It is told the same events and writes down the facts that it expects, in order.
 *
 * It takes nothing from the core but the vocabulary of its headers. Times as there. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/engine.h"

#define MODEL_STRAPS 4U
#define MODEL_KEPT \
        2048U /* at least so much of a history is looked back over: the ring's 1024, and the longest hold */
#define EXPECTED_MAX 8192U

typedef struct Beat {
        usec_t at_usec;
        double smoothed;
        uint16_t heart_rate;
        uint16_t n_rr;
        bool live;
        bool hole;   /* between it and the one before there was no contact, silence, or a frozen value */
        bool thaws;  /* it does not go on with a frozen run */
        bool effort; /* above start-above */
        bool above;  /* the limit; and */
        bool clear;  /* at or below the ceiling: in a session */
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
        usec_t beat_usec, no_contact_usec; /* the last ones on this link, 0 = none */
        bool no_contact_last;
        SensorState state;
        History beats;
        bool hole, thaws;    /* of the next one */
        uint64_t fresh_from; /* effort before that number counts for nothing any more */
        usec_t packet_usec;
        size_t packet_size;
        uint8_t packet[ENGINE_PACKET_MAX];
} ModelStrap;

typedef struct Expected {
        FactType type;
        unsigned sensor;
        usec_t at_usec, length_usec;
        double heart_rate, ceiling;
        uint16_t bpm, n_rr;
        bool begins, announce, resumable;
        Rejection reason;
} Expected;

typedef struct Model {
        EngineConfig config;
        double next_tolerance;
        bool overridden;
        Intensity override;
        double ceiling; /* bpm, NAN = none */
        usec_t snoozed_until_usec;

        ModelStrap strap[MODEL_STRAPS];
        const unsigned *slot; /* their numbers in the core */

        bool recording, stopped;
        bool held;
        usec_t worn_usec; /* the last heart rate of whoever has been held back; 0 = nobody is, or was of late */
        bool only_worn;   /* the session began because a strap was put on, with this heart rate of it */
        size_t put_on;
        bool taken_up; /* … was begun by a daemon before */
        bool by_hand, resumed;
        unsigned session_strap;
        usec_t begin_usec, last_usec, kept_usec, live_usec, effort_usec;
        usec_t trimmed_usec; /* of a session taken up again: what is kept of it if no more effort follows */
        usec_t ended_usec;
        History session; /* its heart rates */
        size_t epoch;    /* those before it were judged by another ceiling */
        bool session_hole;
        bool above_now;

        bool breach, announced, due, quiet;
        usec_t breach_usec, announced_usec;
        double smoothed; /* of the session's last heart rate */

        size_t n_expected;
        Expected expected[EXPECTED_MAX];
} Model;

/* -- Histories -- */

static inline Beat *history_push(History *h, Beat beat)
{
        if (h->n == 2 * MODEL_KEPT) {
                memmove(h->beat, h->beat + MODEL_KEPT, MODEL_KEPT * sizeof(*h->beat));
                h->n -= MODEL_KEPT;
                h->dropped += MODEL_KEPT;
        }
        if (h->n == h->allocated) {
                h->allocated = h->allocated > 0 ? 2 * h->allocated : 64;
                h->beat = realloc(h->beat, h->allocated * sizeof(*h->beat));
                assert(h->beat);
        }
        h->beat[h->n] = beat;
        return &h->beat[h->n++];
}

static inline void history_clear(History *h)
{
        h->n = 0;
        h->dropped = 0;
}

static inline Beat *history_last(History *h)
{
        return h->n > 0 ? &h->beat[h->n - 1] : NULL;
}

/* -- What is expected -- */

static inline Expected *model_expect(Model *m, FactType type, unsigned strap, usec_t at_usec)
{
        Expected *e = &m->expected[m->n_expected++];

        assert(m->n_expected < EXPECTED_MAX);
        *e = (Expected){ .type = type, .sensor = m->slot[strap], .at_usec = at_usec };
        return e;
}

static inline void model_expect_limit(
                Model *m, FactType type, usec_t at_usec, usec_t length_usec, bool announce)
{
        Expected *e = model_expect(m, type, m->session_strap, at_usec);

        e->length_usec = length_usec;
        e->announce = announce;
        e->heart_rate = m->smoothed;
        e->ceiling = m->ceiling;
}

/* -- Straps -- */

static inline double model_median(const History *h, usec_t window_usec)
{
        const Beat *newest = &h->beat[h->n - 1];
        uint16_t value[MODEL_KEPT];
        size_t n = 1;

        value[0] = newest->heart_rate;
        for (size_t i = h->n - 1; i-- > 0 && h->beat[i].at_usec + window_usec > newest->at_usec &&
                                  n < RING_SAMPLES_MAX;)
                value[n++] = h->beat[i].heart_rate;
        for (size_t i = 1; i < n; i++) /* few, so that insertion is quick */
                for (size_t k = i; k > 0 && value[k - 1] > value[k]; k--) {
                        uint16_t other = value[k];
                        value[k] = value[k - 1];
                        value[k - 1] = other;
                }
        return (value[(n - 1) / 2] + value[n / 2]) / 2.0;
}

/* Has the strap repeated one value, without an R-R interval, for longer than frozen-after? */
static inline bool model_frozen(const Model *m, const ModelStrap *s, usec_t now_usec)
{
        const History *h = &s->beats;
        usec_t since_usec = 0;

        if (s->thaws || h->n == 0 || h->beat[h->n - 1].n_rr > 0)
                return false;
        for (size_t i = h->n; i-- > 0;) {
                const Beat *b = &h->beat[i];
                if (b->n_rr > 0 || b->heart_rate != h->beat[h->n - 1].heart_rate)
                        break;
                since_usec = b->at_usec;
                if (b->thaws || now_usec - since_usec > m->config.sensor.frozen_usec)
                        break;
        }
        return now_usec - since_usec > m->config.sensor.frozen_usec;
}

static inline SensorState model_state(const Model *m, const ModelStrap *s, usec_t now_usec)
{
        usec_t stale_usec = m->config.sensor.stale_usec;
        bool heard = s->beat_usec > 0 || s->no_contact_usec > 0;

        if (s->no_contact_last && now_usec - s->no_contact_usec <= stale_usec)
                return SENSOR_NO_CONTACT;
        if (!s->no_contact_last && s->beat_usec > 0 && now_usec - s->beat_usec <= stale_usec)
                return model_frozen(m, s, now_usec) ? SENSOR_STALE : SENSOR_LIVE;
        if (s->link == SENSOR_LINK_ABSENT)
                return SENSOR_ABSENT;
        if (s->link == SENSOR_LINK_CONNECTING)
                return SENSOR_CONNECTING;
        return !heard && now_usec - s->link_usec <= stale_usec ? SENSOR_CONNECTING : SENSOR_STALE;
}

static inline void model_look(Model *m, unsigned strap, usec_t now_usec)
{
        ModelStrap *s = &m->strap[strap];
        SensorState before = s->state, after = model_state(m, s, now_usec);

        s->state = after;
        if (after == before || (after != SENSOR_NO_CONTACT && after != SENSOR_STALE))
                return;
        s->hole = true;
        if (!m->recording || m->session_strap != strap)
                return;
        m->above_now = false;
        if (before != SENSOR_LIVE)
                return;
        if (after == SENSOR_NO_CONTACT)
                model_expect(m, FACT_CONTACT_LOST, strap, now_usec);
        else
                model_expect(m, FACT_STALE, strap, now_usec)->length_usec = now_usec - m->last_usec;
}

/* -- The limiter -- */

/* Since when the session's heart rates have been so up to the newest one, without a hole; 0 = it is not so. */
static inline usec_t model_stretch(const Model *m, bool clear)
{
        const History *h = &m->session;
        usec_t since_usec = 0;

        for (size_t i = h->n; i-- > m->epoch;) {
                const Beat *b = &h->beat[i];
                if (!b->live || !(clear ? b->clear : b->above))
                        break;
                since_usec = b->at_usec;
                if (b->hole)
                        break;
        }
        return since_usec;
}

static inline bool model_announce(Model *m, usec_t now_usec, bool muted)
{
        usec_t repeat_usec = m->config.limiter.repeat_usec;

        if (muted || m->quiet ||
                        !(m->due || (repeat_usec > 0 && now_usec - m->announced_usec >= repeat_usec)))
                return false;
        m->due = false;
        m->announced = true;
        m->announced_usec = now_usec;
        return true;
}

static inline void model_breach_end(Model *m, usec_t at_usec)
{
        if (!m->breach)
                return;
        model_expect_limit(m, FACT_BACK_IN_RANGE, at_usec,
                        at_usec > m->breach_usec ? at_usec - m->breach_usec : 0, m->announced);
        m->breach = m->announced = m->due = false;
}

static inline void model_limit(Model *m, usec_t at_usec, bool muted)
{
        usec_t above_usec = model_stretch(m, false), clear_usec = model_stretch(m, true);
        const Beat *newest = history_last(&m->session);

        m->above_now = newest->live && newest->above;
        if (isnan(m->ceiling) || !newest->live)
                return;
        if (!m->breach && above_usec > 0 && at_usec - above_usec >= m->config.limiter.hold_usec) {
                m->breach = m->due = true;
                m->breach_usec = above_usec;
                model_expect_limit(m, FACT_OVER_LIMIT, at_usec, at_usec - above_usec,
                                model_announce(m, at_usec, muted));
                m->expected[m->n_expected - 1].begins = true;
        } else if (m->breach && clear_usec > 0 && at_usec - clear_usec >= m->config.limiter.clear_usec) {
                model_breach_end(m, at_usec);
        } else if (m->breach && m->above_now && model_announce(m, at_usec, muted)) {
                model_expect_limit(m, FACT_OVER_LIMIT, at_usec, at_usec - m->breach_usec, true);
        }
}

/* The snooze is over, or there was none: is there something to be told now? */
static inline void model_speak(Model *m, usec_t now_usec)
{
        const Beat *newest = history_last(&m->session);

        if (!m->recording || !m->breach)
                return;
        m->due = true;
        if (m->above_now && newest && now_usec - newest->at_usec <= m->config.sensor.stale_usec &&
                        model_announce(m, now_usec, false))
                model_expect_limit(m, FACT_OVER_LIMIT, now_usec, now_usec - m->breach_usec, true);
}

static inline double model_resolve(const Model *m, const Intensity *i)
{
        const Runner *r = &m->config.runner;

        if (i->kind == INTENSITY_BPM)
                return i->value;
        if (i->kind == INTENSITY_PERCENT_RESERVE)
                return r->resting + (r->maximum - r->resting) * i->value / 100;
        return NAN;
}

static inline void model_ceiling(Model *m, usec_t now_usec)
{
        double ceiling = model_resolve(m, m->overridden ? &m->override : &m->config.ceiling);

        if (fabs(ceiling - m->ceiling) < 1e-9 || (isnan(ceiling) && isnan(m->ceiling)))
                return;
        if (m->recording)
                model_breach_end(m, now_usec);
        m->ceiling = ceiling;
        m->epoch = m->session.n;
        m->above_now = false;
        m->announced_usec = 0;
        model_expect(m, FACT_CEILING, m->session_strap, now_usec)->ceiling = ceiling;
}

/* -- The session -- */

static inline void model_sample(Model *m, const Beat *beat, usec_t previous_usec, bool muted)
{
        double limit = m->ceiling + m->config.limiter.tolerance;
        Beat b = *beat;
        Expected *e;

        if (b.at_usec - previous_usec > m->config.sensor.stale_usec) {
                model_expect(m, FACT_GAP, m->session_strap, previous_usec)->length_usec =
                                b.at_usec - previous_usec;
                b.hole = true;
        }
        b.hole = b.hole || m->session_hole;
        e = model_expect(m, FACT_SAMPLE, m->session_strap, b.at_usec);
        e->bpm = b.heart_rate;
        e->n_rr = b.n_rr;
        e->heart_rate = b.smoothed;
        b.above = b.smoothed > limit;
        b.clear = b.smoothed <= m->ceiling;
        /* History is dropped in halves; what is judged by another ceiling goes first. */
        if (m->session.n == 2 * MODEL_KEPT)
                m->epoch = m->epoch > MODEL_KEPT ? m->epoch - MODEL_KEPT : 0;
        history_push(&m->session, b);
        m->session_hole = false;
        m->smoothed = b.smoothed;
        model_limit(m, b.at_usec, muted);
}

static inline void model_keep(Model *m, const Beat *b)
{
        const EngineConfig *c = &m->config;
        double start = c->start_above.kind == INTENSITY_CONTACT ? 0 : model_resolve(m, &c->start_above);

        if (m->resumed)
                m->kept_usec = m->trimmed_usec;
        m->resumed = false;
        m->last_usec = b->at_usec;
        if (b->live)
                m->live_usec = b->at_usec;
        if (b->live && (m->by_hand || !(b->smoothed < start)))
                m->effort_usec = b->at_usec;
        if (m->by_hand || b->at_usec <= m->effort_usec + c->recorder.cool_down_usec)
                m->kept_usec = b->at_usec;
}

static inline void model_session_new(Model *m, unsigned strap, bool by_hand, usec_t at_usec)
{
        m->recording = true;
        m->stopped = m->resumed = m->taken_up = m->only_worn = false;
        m->worn_usec = 0;
        m->by_hand = by_hand;
        m->session_strap = strap;
        m->last_usec = m->kept_usec = m->live_usec = m->effort_usec = at_usec;
        history_clear(&m->session);
        m->epoch = 0;
        m->session_hole = m->above_now = false;
        m->breach = m->announced = m->due = m->quiet = false;
        m->announced_usec = 0;
        m->smoothed = NAN;
}

/* Effort up to now counts for nothing any more. */
static inline void model_afresh(Model *m)
{
        for (unsigned i = 0; i < MODEL_STRAPS; i++)
                m->strap[i].fresh_from = m->strap[i].beats.dropped + m->strap[i].beats.n;
}

static inline void model_session_end(Model *m, usec_t now_usec, FactType type, bool resumable)
{
        model_breach_end(m, m->last_usec);
        m->recording = false;
        model_expect(m, type, m->session_strap, m->kept_usec)->resumable = resumable;
        m->ended_usec = m->kept_usec;
        model_afresh(m);
        m->config.limiter.tolerance = m->next_tolerance;
        m->overridden = false;
        model_ceiling(m, now_usec);
}

static inline void model_session_over(Model *m, usec_t now_usec)
{
        bool keep = m->by_hand || m->resumed ||
                    m->kept_usec - m->begin_usec >= m->config.recorder.min_duration_usec;

        model_session_end(m, now_usec, keep ? FACT_SESSION_ENDED : FACT_SESSION_DISCARDED, false);
}

/* Since when there is effort on a strap up to its newest heart rate; 0 = there is none. */
static inline usec_t model_effort(const ModelStrap *s)
{
        const History *h = &s->beats;
        usec_t since_usec = 0;

        for (size_t i = h->n; i-- > 0 && h->dropped + i >= s->fresh_from;) {
                if (!h->beat[i].effort)
                        break;
                since_usec = h->beat[i].at_usec;
                if (h->beat[i].hole)
                        break;
        }
        return since_usec;
}

/* The run is known to be one: it began a while ago. */
static inline void model_begin(Model *m, unsigned strap, usec_t since_usec)
{
        const History *h = &m->strap[strap].beats;
        usec_t begin_usec = since_usec > m->config.recorder.pre_roll_usec
                                            ? since_usec - m->config.recorder.pre_roll_usec
                                            : 0;
        bool only_worn = m->config.start_above.kind == INTENSITY_CONTACT && m->worn_usec == 0;
        usec_t now_usec = h->beat[h->n - 1].at_usec, previous_usec;
        size_t first = h->n - 1;

        while (first > 0 && h->n - first < RING_SAMPLES_MAX && h->beat[first - 1].at_usec >= begin_usec &&
                        h->beat[first - 1].at_usec > m->ended_usec)
                first--;
        model_session_new(m, strap, false, now_usec);
        m->begin_usec = previous_usec = h->beat[first].at_usec;
        model_expect(m, FACT_SESSION_STARTED, strap, m->begin_usec)->ceiling = m->ceiling;
        for (size_t i = first; i < h->n; i++) {
                model_sample(m, &h->beat[i], previous_usec, true);
                previous_usec = h->beat[i].at_usec;
        }
        m->only_worn = only_worn;
        m->put_on = m->session.n - 1;
        if (m->snoozed_until_usec == 0)
                model_speak(m, now_usec);
}

static inline void model_record(Model *m, unsigned strap, const Beat *b)
{
        const RecorderConfig *c = &m->config.recorder;
        bool contact = m->config.start_above.kind == INTENSITY_CONTACT, switches;
        usec_t since_usec;

        if (m->recording) {
                usec_t previous_usec = m->last_usec;
                if (strap != m->session_strap &&
                                (!b->live || b->at_usec - m->live_usec < c->switch_after_usec))
                        return;
                switches = strap != m->session_strap;
                m->session_strap = strap;
                model_keep(m, b);
                /* Taken up again, and no effort for so long by now. */
                if (b->at_usec - m->effort_usec >= c->end_after_usec) {
                        model_session_over(m, b->at_usec);
                        return;
                }
                if (switches) {
                        m->session_hole = true;
                        model_expect(m, FACT_STRAP, strap, b->at_usec);
                }
                model_sample(m, b, previous_usec, m->snoozed_until_usec > 0);
                return;
        }
        if (m->stopped && b->at_usec - m->effort_usec < c->end_after_usec) {
                double start = contact ? 0 : model_resolve(m, &m->config.start_above);
                if (b->live && b->smoothed >= start)
                        m->effort_usec = b->at_usec;
                return;
        }
        m->stopped = false;
        since_usec = model_effort(&m->strap[strap]);
        if (since_usec > 0 &&
                        ((contact && m->worn_usec == 0) || b->at_usec - since_usec >= c->start_after_usec))
                model_begin(m, strap, since_usec);
}

/* -- Events: each first does what time alone brings, model_time() -- */

static inline void model_unsnooze(Model *m, usec_t now_usec)
{
        m->snoozed_until_usec = 0;
        model_expect(m, FACT_SNOOZE, m->session_strap, now_usec);
        model_speak(m, now_usec);
}

static inline void model_time(Model *m, usec_t now_usec)
{
        for (unsigned i = 0; i < MODEL_STRAPS; i++)
                if (m->strap[i].used)
                        model_look(m, i, now_usec);
        /* A strap is waited for after a restart as after any other hole. */
        if (m->recording && now_usec - (m->resumed ? m->last_usec : m->effort_usec) >=
                                            m->config.recorder.end_after_usec)
                model_session_over(m, now_usec);
        if (m->snoozed_until_usec > 0 && now_usec >= m->snoozed_until_usec)
                model_unsnooze(m, now_usec);
}

static inline void model_link(Model *m, unsigned strap, SensorLink link, usec_t now_usec)
{
        ModelStrap *s = &m->strap[strap];

        if (!s->used) {
                history_clear(&s->beats);
                *s = (ModelStrap){ .used = true, .beats = s->beats };
        }
        if (s->link != link) {
                if (link == SENSOR_LINK_ABSENT) {
                        s->beat_usec = s->no_contact_usec = 0;
                        s->no_contact_last = false;
                        s->thaws = true;
                }
                s->link = link;
                s->link_usec = now_usec;
        }
        model_look(m, strap, now_usec);
}

static inline void model_forget(Model *m, unsigned strap)
{
        /* Its history goes; that of the session stays. */
        if (m->recording && m->session_strap == strap && m->strap[strap].hole)
                m->session_hole = true;
        m->strap[strap].used = false;
        m->strap[strap].state = SENSOR_ABSENT;
}

static inline void model_reject(Model *m, unsigned strap, usec_t now_usec, Rejection reason)
{
        model_expect(m, FACT_REJECTED, strap, now_usec)->reason = reason;
}

typedef struct Decoded {
        bool whole;
        unsigned heart_rate, n_rr;
        bool no_contact;
} Decoded;

static inline Decoded model_decode(const uint8_t *p, size_t size)
{
        size_t at = 1 + (size > 0 && p[0] & 1 ? 2 : 1) + (size > 0 && p[0] & 8 ? 2 : 0);

        if (size == 0 || at > size)
                return (Decoded){ 0 };
        return (Decoded){
                .whole = true,
                .heart_rate = p[0] & 1 ? p[1] + 256U * p[2] : p[1],
                .n_rr = p[0] & 16 ? (unsigned)(size - at) / 2 : 0,
                .no_contact = (p[0] & 6) == 4,
        };
}

/* What effort is now, in bpm. Who has been lying still with the strap on makes one with 30 % of reserve at least, if any
 * heart rate would do else. */
static inline double model_start_above(const Model *m)
{
        if (m->config.start_above.kind != INTENSITY_CONTACT)
                return model_resolve(m, &m->config.start_above);
        return m->worn_usec > 0 ? model_resolve(m, &(Intensity){ INTENSITY_PERCENT_RESERVE, 30 }) : 0;
}

static inline void model_packet(Model *m, unsigned strap, const uint8_t *packet, size_t size, usec_t now_usec)
{
        const Decoded d = model_decode(packet, size);
        ModelStrap *s = &m->strap[strap];
        Expected *e;
        Beat *b;

        if (size > 0 && s->packet_usec > 0 && now_usec - s->packet_usec < 200000 && s->packet_size == size &&
                        memcmp(s->packet, packet, size) == 0) {
                model_reject(m, strap, now_usec, REJECTED_DUPLICATE);
                return;
        }
        if (size > 0) {
                s->packet_usec = size <= sizeof(s->packet) ? now_usec : 0;
                s->packet_size = size <= sizeof(s->packet) ? size : 0;
                memcpy(s->packet, packet, s->packet_size);
        }
        if (!d.whole) {
                model_reject(m, strap, now_usec, REJECTED_MALFORMED);
                return;
        }
        if (d.heart_rate == 0 || (m->config.trust_contact && d.no_contact)) {
                s->no_contact_last = s->thaws = true;
                s->no_contact_usec = now_usec;
                model_look(m, strap, now_usec);
                model_reject(m, strap, now_usec, REJECTED_NO_CONTACT);
                return;
        }
        if (d.heart_rate < 25 || d.heart_rate > 250) {
                model_reject(m, strap, now_usec, REJECTED_IMPLAUSIBLE);
                return;
        }

        s->thaws = s->thaws || (s->beat_usec > 0 && now_usec - s->beat_usec > m->config.sensor.stale_usec);
        b = history_last(&s->beats);
        if (b && now_usec - b->at_usec > m->config.sensor.stale_usec)
                s->hole = true;
        b = history_push(&s->beats, (Beat){ .at_usec = now_usec,
                                                    .heart_rate = (uint16_t)d.heart_rate,
                                                    .n_rr = (uint16_t)d.n_rr,
                                                    .thaws = s->thaws });
        s->thaws = s->no_contact_last = false;
        s->beat_usec = now_usec;
        model_look(m, strap, now_usec);
        b->smoothed = model_median(&s->beats, m->config.window_usec);
        b->live = s->state == SENSOR_LIVE;
        b->hole = s->hole;
        s->hole = false;
        if (m->worn_usec > 0)
                m->worn_usec = m->held || now_usec - m->worn_usec < m->config.recorder.end_after_usec
                                               ? now_usec
                                               : 0;
        b->effort = b->live && !m->held && b->smoothed > model_start_above(m);
        e = model_expect(m, FACT_HEART_RATE, strap, now_usec);
        e->bpm = b->heart_rate;
        e->n_rr = b->n_rr;
        e->heart_rate = b->smoothed;
        model_record(m, strap, b);
}

static inline int model_start(Model *m, usec_t now_usec)
{
        const Beat *newest = NULL;
        unsigned strap = 0;

        if (m->recording)
                return -EALREADY;
        for (unsigned i = 0; i < MODEL_STRAPS; i++) {
                const Beat *b = history_last(&m->strap[i].beats);
                if (m->strap[i].used && m->strap[i].state == SENSOR_LIVE && b &&
                                (!newest || b->at_usec > newest->at_usec)) {
                        newest = b;
                        strap = i;
                }
        }
        if (!newest)
                return -ENODEV;
        /* What the session before has is not recorded again: this one waits for the next. */
        m->begin_usec = newest->at_usec > m->ended_usec ? newest->at_usec : now_usec;
        model_session_new(m, strap, true, m->begin_usec);
        model_expect(m, FACT_SESSION_STARTED, strap, m->begin_usec)->ceiling = m->ceiling;
        if (newest->at_usec > m->ended_usec)
                model_sample(m, newest, newest->at_usec, m->snoozed_until_usec > 0);
        return 0;
}

/* A strap put on is no run, if start-above is `contact` and none of its heart rates since then is above 30 % of reserve. */
static inline bool model_is_run(const Model *m)
{
        const Runner *r = &m->config.runner;

        for (size_t i = m->put_on; i < m->session.n; i++)
                if (m->session.beat[i].live &&
                                m->session.beat[i].smoothed > r->resting + (r->maximum - r->resting) * 0.3)
                        return true;
        return m->by_hand || m->taken_up || !m->only_worn;
}

static inline void model_held(Model *m, bool held, usec_t now_usec)
{
        m->held = held;
        m->worn_usec = m->ended_usec = now_usec;
        model_afresh(m);
}

static inline int model_hold(Model *m, usec_t now_usec)
{
        if (m->recording && (model_is_run(m) || m->kept_usec - m->begin_usec >=
                                                                m->config.recorder.min_duration_usec))
                return -EBUSY;
        if (m->recording)
                model_session_end(m, now_usec, FACT_SESSION_DISCARDED, false);
        model_held(m, true, now_usec);
        return 0;
}

static inline void model_release(Model *m, usec_t now_usec)
{
        if (m->held)
                model_held(m, false, now_usec);
}

static inline int model_stop(Model *m, usec_t now_usec)
{
        if (!m->recording)
                return -ENOENT;
        model_session_over(m, now_usec);
        m->stopped = true;
        m->effort_usec = now_usec;
        return 0;
}

static inline void model_set_ceiling(Model *m, const Intensity *intensity, usec_t now_usec)
{
        m->overridden = intensity;
        if (intensity)
                m->override = *intensity;
        model_ceiling(m, now_usec);
}

static inline void model_snooze(Model *m, usec_t length_usec, usec_t now_usec)
{
        if (length_usec > 0) {
                m->snoozed_until_usec = now_usec + length_usec;
                model_expect(m, FACT_SNOOZE, m->session_strap, now_usec)->length_usec = length_usec;
        } else if (m->snoozed_until_usec > 0) {
                model_unsnooze(m, now_usec);
        }
}

static inline int model_quiet(Model *m, bool quiet)
{
        if (!m->recording)
                return -ENOENT;
        if (m->quiet && !quiet)
                m->due = m->breach;
        m->quiet = quiet;
        return 0;
}

static inline void model_configure(Model *m, const EngineConfig *c, usec_t now_usec)
{
        double tolerance = m->config.limiter.tolerance;

        m->config = *c;
        m->next_tolerance = c->limiter.tolerance;
        if (m->recording)
                m->config.limiter.tolerance = tolerance;
        model_ceiling(m, now_usec);
}

static inline void model_suspend(Model *m, usec_t now_usec)
{
        if (!m->recording)
                return;
        m->kept_usec = m->last_usec;
        model_session_end(m, now_usec, FACT_SESSION_ENDED, true);
}

static inline void model_resume(Model *m, unsigned strap, bool by_hand, const RecorderPast *past)
{
        model_session_new(m, strap, by_hand, past->last_usec);
        m->begin_usec = past->begin_usec;
        m->effort_usec = past->effort_usec;
        m->trimmed_usec = past->kept_usec;
        m->resumed = m->taken_up = true;
}

static inline int model_stopped(Model *m, usec_t effort_usec, usec_t now_usec)
{
        if (m->recording)
                return -EALREADY;
        if (effort_usec > now_usec)
                return -EINVAL;
        if (!m->stopped)
                m->effort_usec = effort_usec;
        m->stopped = true;
        return 0;
}

/* A daemon begins: nothing is known. */
static inline void model_begin_life(Model *m, const EngineConfig *c)
{
        for (unsigned i = 0; i < MODEL_STRAPS; i++) {
                history_clear(&m->strap[i].beats);
                m->strap[i] = (ModelStrap){ .beats = m->strap[i].beats };
        }
        m->config = *c;
        m->next_tolerance = c->limiter.tolerance;
        m->overridden = m->recording = m->stopped = m->held = false;
        m->worn_usec = 0;
        m->snoozed_until_usec = 0;
        m->ended_usec = 0;
        m->session_strap = 0;
        m->ceiling = model_resolve(m, &c->ceiling);
}
