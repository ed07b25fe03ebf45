/* SPDX-License-Identifier: MIT */
#pragma once

/* What the core is to say, worked out another way: the core keeps states and counters, the model keeps the history and
 * looks back over it. So "too fast for ten seconds" is here: go back from the newest heart rate while none is below, and
 * add up what those above are worth. It is given the same events and writes down the facts that it expects, in order.
 *
 * It takes nothing from the core but the vocabulary of its headers; but for one doubt (ModelEffort), in which the core may
 * have it either way. Times as there. */

#include "chaos-strap.h"

#define MODEL_STRAPS 4U
#define EXPECTED_MAX 16384U
#define MODEL_STEPS  (2 * HEART_RATE_MAX + 1) /* half bpm */

typedef struct Expected {
        FactType type;
        unsigned sensor;
        usec_t at_usec, length_usec;
        double heart_rate, first_heart_rate, ceiling;
        uint16_t bpm, n_rr;
        unsigned zone, settled;
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
        usec_t now_usec; /* of the newest event, or heart rate, if that is ahead */

        ModelStrap strap[MODEL_STRAPS];
        const unsigned *slot; /* their numbers in the core */

        bool recording, stopped;
        bool held;
        usec_t worn_usec; /* the last heart rate of whoever has been held back; 0 = nobody is, or was of late */
        bool only_worn;   /* the session began because a strap was put on */
        bool by_hand, resumed;
        unsigned session_strap;
        usec_t begin_usec, last_usec, kept_usec, live_usec, effort_usec;
        usec_t first_effort_usec; /* 0 = none yet */
        usec_t lasting_usec;      /* the last effort, of a frozen strap too */
        usec_t trimmed_usec; /* of a session taken up again: what is kept of it if no more effort follows */
        usec_t ended_usec;
        History session;     /* its heart rates */
        usec_t effort_total; /* what effort of the session is worth */
        usec_t usual[MODEL_STEPS];
        size_t epoch; /* those before it were judged by another ceiling */
        usec_t gap_usec;
        bool gap_emitted, contact_emitted;

        double bound;  /* of effort, after a session's end; 0 = none */
        History after; /* heart rates of all straps since then */

        bool breach, announced, due;
        size_t breach_first; /* its first heart rate */
        usec_t announced_usec, interval_usec;
        double smoothed; /* of the session's last heart rate */

        usec_t core_began_usec; /* the first effort of a session that the core has just begun; 0 = it has not */
        bool doubted;           /* the core could not have begun it so */

        size_t n_expected;
        Expected expected[EXPECTED_MAX];
} Model;

/* -- What is expected -- */

static inline Expected *model_expect(Model *m, FactType type, unsigned strap, usec_t at_usec)
{
        Expected *e = &m->expected[m->n_expected++];

        assert(m->n_expected < EXPECTED_MAX);
        *e = (Expected){ .type = type, .sensor = m->slot[strap], .at_usec = at_usec };
        return e;
}

static inline void model_expect_beat(Model *m, FactType type, unsigned strap, const Beat *b)
{
        Expected *e = model_expect(m, type, strap, b->at_usec);

        e->bpm = b->heart_rate;
        e->n_rr = b->n_rr;
        e->heart_rate = b->smoothed;
        e->zone = b->zone;
        e->settled = b->settled;
}

/* -- Straps -- */

static inline void model_look(Model *m, unsigned strap, usec_t now_usec)
{
        ModelStrap *s = &m->strap[strap];
        SensorState before = s->state;
        usec_t frozen_usec;

        s->state = strap_state(s, &m->config, now_usec);
        if (!m->recording || m->session_strap != strap || before != SENSOR_LIVE || s->state != SENSOR_STALE)
                return;
        frozen_usec = strap_frozen(s, &m->config, now_usec, true);
        if (frozen_usec > 0)
                model_expect(m, FACT_STALE, strap, now_usec)->length_usec = now_usec - frozen_usec;
}

/* Is the session's silence a gap by now? */
static inline void model_gap(Model *m, usec_t now_usec)
{
        const ModelStrap *s = &m->strap[m->session_strap];

        if (!m->recording || m->gap_usec == 0 || now_usec <= m->gap_usec)
                return;
        if (s->no_contact_usec > 0) {
                if (!m->contact_emitted)
                        model_expect(m, FACT_CONTACT_LOST, m->session_strap, now_usec);
                m->contact_emitted = true;
        } else if (!m->gap_emitted && s->link == SENSOR_LINK_CONNECTED) {
                model_expect(m, FACT_STALE, m->session_strap, now_usec)->length_usec =
                                now_usec - m->last_usec;
        }
        m->gap_emitted = true;
}

/* -- The limiter -- */

static inline bool model_above_now(const Model *m)
{
        return m->session.n > m->epoch && m->session.beat[m->session.n - 1].above;
}

/* The hold up to the newest heart rate, which is above: what those above are worth, back to one below, or a long gap. */
static inline usec_t model_hold_time(const Model *m, size_t *ret_first)
{
        const Beat *b = m->session.beat;
        usec_t held_usec = 0;

        *ret_first = m->session.n - 1;
        for (size_t i = m->session.n - 1; i > m->epoch; i--) {
                if (b[i].at_usec - b[i - 1].at_usec > MODEL_SEC(60) || (b[i - 1].counts && !b[i - 1].above))
                        break;
                if (!b[i - 1].above)
                        continue;
                held_usec += b[i].credit_usec;
                *ret_first = i - 1;
        }
        return held_usec;
}

/* The first heart rate not above since the last above. */
static inline usec_t model_clear_since(const Model *m)
{
        usec_t since_usec = 0;

        for (size_t i = m->session.n; i-- > m->epoch && !m->session.beat[i].above;)
                if (m->session.beat[i].counts)
                        since_usec = m->session.beat[i].at_usec;
        return since_usec;
}

/* How long the session was over from the breach's first heart rate to this one. */
static inline usec_t model_length(const Model *m, size_t last)
{
        usec_t over_usec = 0;

        for (size_t i = m->breach_first; i < last; i++)
                if (m->session.beat[i].over)
                        over_usec += m->session.beat[i + 1].credit_usec;
        return over_usec;
}

static inline void model_expect_over(Model *m, bool begins, bool announce)
{
        const Beat *first = &m->session.beat[m->breach_first];
        Expected *e = model_expect(m, FACT_OVER_LIMIT, m->session_strap, first->at_usec);

        e->first_heart_rate = first->smoothed;
        e->length_usec = model_length(m, m->session.n - 1);
        e->heart_rate = m->smoothed;
        e->ceiling = m->ceiling;
        e->begins = begins;
        e->announce = announce;
}

static inline bool model_announce(Model *m, usec_t now_usec, bool muted)
{
        usec_t repeat_usec = m->config.limiter.repeat_usec,
               most_usec = repeat_usec > MODEL_SEC(300) ? repeat_usec : MODEL_SEC(300),
               since_usec = now_usec > m->announced_usec ? now_usec - m->announced_usec : 0;
        bool again = m->announced && repeat_usec > 0 && since_usec >= m->interval_usec;

        if (muted || !(m->due || again) || (m->announced_usec > 0 && since_usec < repeat_usec))
                return false;
        m->interval_usec = m->announced ? 2 * m->interval_usec : repeat_usec;
        if (m->interval_usec > most_usec)
                m->interval_usec = most_usec;
        m->due = false;
        m->announced = true;
        m->announced_usec = now_usec;
        return true;
}

static inline void model_breach_end(Model *m)
{
        size_t last = m->session.n;
        Expected *e;

        if (!m->breach)
                return;
        while (!m->session.beat[--last].above)
                ;
        e = model_expect(m, FACT_BACK_IN_RANGE, m->session_strap, m->session.beat[last].at_usec);
        e->length_usec = model_length(m, last);
        e->heart_rate = m->smoothed;
        e->ceiling = m->ceiling;
        e->announce = m->announced;
        m->breach = m->announced = m->due = false;
}

static inline void model_limit(Model *m, bool muted)
{
        const Beat *newest = history_last(&m->session);
        usec_t at_usec = newest->at_usec;
        size_t first;

        if (isnan(m->ceiling) || !newest->counts)
                return;
        if (!newest->above) {
                if (m->breach && at_usec - model_clear_since(m) >= m->config.limiter.clear_usec)
                        model_breach_end(m);
                return;
        }
        if (!m->breach && model_hold_time(m, &first) >= m->config.limiter.hold_usec) {
                m->breach = m->due = true;
                m->breach_first = first;
                model_expect_over(m, true, model_announce(m, at_usec, muted));
        } else if (m->breach && model_announce(m, at_usec, muted)) {
                model_expect_over(m, false, true);
        }
}

/* The snooze is over, or there was none: is there something to be announced now? */
static inline void model_speak(Model *m, usec_t now_usec, bool silent)
{
        if (!m->recording || !m->breach)
                return;
        m->due = true;
        if (model_above_now(m) && !silent && model_announce(m, now_usec, false))
                model_expect_over(m, false, true);
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

static inline bool model_is_contact(const Model *m)
{
        return m->config.start_above.kind == INTENSITY_CONTACT;
}

static inline double model_start_above(const Model *m)
{
        return model_is_contact(m) ? 0 : model_resolve(m, &m->config.start_above);
}

static inline double model_thirty_percent(const Model *m)
{
        return model_resolve(m, &(Intensity){ INTENSITY_PERCENT_RESERVE, 30 });
}

static inline void model_ceiling(Model *m, usec_t now_usec)
{
        double ceiling = model_resolve(m, m->overridden ? &m->override : &m->config.ceiling);

        if (fabs(ceiling - m->ceiling) < 1e-9 || (isnan(ceiling) && isnan(m->ceiling)))
                return;
        if (m->recording)
                model_breach_end(m);
        m->ceiling = ceiling;
        m->epoch = m->session.n;
        model_expect(m, FACT_CEILING, m->session_strap, now_usec)->ceiling = ceiling;
}

/* -- The session -- */

/* The median of the session's effort, each heart rate for as long as it is worth. */
static inline double model_usual(const Model *m)
{
        usec_t total_usec = 0, below_usec = 0;

        for (size_t i = 0; i < MODEL_STEPS; i++)
                total_usec += m->usual[i];
        for (size_t i = 0; i < MODEL_STEPS; i++) {
                below_usec += m->usual[i];
                if (below_usec / 1000 >= total_usec / 1000 / 2)
                        return (double)i / 2;
        }
        return 0;
}

/* What effort has to be above after ten minutes of it: half of what is usual above resting. 0 = nothing but start-above. */
static inline double model_bound(const Model *m)
{
        double start = model_start_above(m), resting = m->config.runner.resting, bound;

        if (m->by_hand || !(start > 0) || m->effort_total < MODEL_SEC(600))
                return 0;
        bound = resting + (model_usual(m) - resting) / 2;
        return bound > start ? bound : 0;
}

/* Whether the strap is frozen or not. */
static inline bool model_would_be_effort(const Model *m, const Beat *b)
{
        double bound = model_bound(m);

        if (m->by_hand)
                return true;
        return b->settled == SETTLED_YES && !(b->smoothed < model_start_above(m)) &&
               (bound == 0 || b->smoothed > bound);
}

/* A heart rate becomes one of the session. */
static inline Beat *model_keep(Model *m, const Beat *beat)
{
        Beat *b = history_add(&m->session, *beat), *before = m->session.n > 1 ? b - 1 : NULL;

        b->over = b->above = false;
        b->credit_usec = history_credit(&m->session);
        if (before && before->effort > 0) {
                m->usual[(size_t)(before->smoothed * 2)] += b->credit_usec;
                m->effort_total += b->credit_usec;
        }
        b->effort = b->live && model_would_be_effort(m, b);
        if (model_would_be_effort(m, b))
                m->lasting_usec = b->at_usec;
        if (m->resumed)
                m->kept_usec = m->trimmed_usec;
        m->resumed = false;
        m->last_usec = b->at_usec;
        if (b->live)
                m->live_usec = b->at_usec;
        if (b->effort)
                m->effort_usec = b->at_usec;
        if (b->effort && m->first_effort_usec == 0)
                m->first_effort_usec = b->at_usec;
        if (m->by_hand || b->at_usec <= m->effort_usec + m->config.recorder.cool_down_usec)
                m->kept_usec = b->at_usec;
        return b;
}

/* … and is emitted as such. */
static inline void model_sample(Model *m, Beat *b, usec_t previous_usec, bool muted)
{
        if (b->at_usec - previous_usec > b->stale_usec)
                model_expect(m, FACT_GAP, m->session_strap, previous_usec)->length_usec =
                                b->at_usec - previous_usec;
        model_expect_beat(m, FACT_SAMPLE, m->session_strap, b);
        b->over = b->smoothed > m->ceiling + m->config.limiter.tolerance;
        b->above = b->over && b->counts;
        m->smoothed = b->smoothed;
        m->gap_usec = b->at_usec + strap_stale(&m->strap[m->session_strap], &m->config);
        m->gap_emitted = m->contact_emitted = false;
        model_limit(m, muted);
}

static inline void model_session_new(Model *m, unsigned strap, bool by_hand, usec_t effort_usec)
{
        m->recording = true;
        m->stopped = m->resumed = m->only_worn = false;
        m->worn_usec = 0;
        m->by_hand = by_hand;
        m->session_strap = strap;
        m->last_usec = m->kept_usec = m->live_usec = m->effort_usec = m->first_effort_usec = effort_usec;
        m->lasting_usec = effort_usec;
        history_clear(&m->session);
        m->effort_total = 0;
        memset(m->usual, 0, sizeof(m->usual));
        m->epoch = 0;
        m->gap_usec = 0;
        m->gap_emitted = m->contact_emitted = false;
        m->bound = 0;
        m->breach = m->announced = m->due = false;
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
        m->bound = resumable ? 0 : model_bound(m);
        history_clear(&m->after);
        model_breach_end(m);
        m->recording = false;
        model_expect(m, type, m->session_strap, m->kept_usec)->resumable = resumable;
        m->ended_usec = m->kept_usec;
        model_afresh(m);
        m->config.limiter.tolerance = m->next_tolerance;
        if (type == FACT_SESSION_ENDED)
                m->overridden = false;
        model_ceiling(m, now_usec);
}

/* From the first effort to the last. */
static inline bool model_is_long_enough(const Model *m)
{
        usec_t length_usec = m->first_effort_usec > 0 ? m->lasting_usec - m->first_effort_usec : 0;

        return length_usec >= m->config.recorder.min_duration_usec;
}

static inline void model_session_over(Model *m, usec_t now_usec)
{
        bool keep = m->by_hand || m->resumed || model_is_long_enough(m);

        model_session_end(m, now_usec, keep ? FACT_SESSION_ENDED : FACT_SESSION_DISCARDED, false);
}

/* The run is known to be one: it began a while ago. */
static inline void model_begin(Model *m, unsigned strap, usec_t since_usec)
{
        const History *h = &m->strap[strap].beats;
        usec_t begin_usec = since_usec > m->config.recorder.pre_roll_usec
                                            ? since_usec - m->config.recorder.pre_roll_usec
                                            : 0;
        bool only_worn = model_is_contact(m) && m->worn_usec == 0;
        usec_t now_usec = h->beat[h->n - 1].at_usec, previous_usec;
        size_t first = h->n - 1;

        while (first > 0 && h->n - first < RING_SAMPLES_MAX && h->beat[first - 1].at_usec >= begin_usec &&
                        h->beat[first - 1].at_usec > m->ended_usec)
                first--;
        model_session_new(m, strap, false, since_usec);
        m->only_worn = only_worn;
        m->begin_usec = previous_usec = h->beat[first].at_usec;
        model_expect(m, FACT_SESSION_STARTED, strap, m->begin_usec)->ceiling = m->ceiling;
        for (size_t i = first; i < h->n; i++) {
                model_sample(m, model_keep(m, &h->beat[i]), previous_usec, true);
                previous_usec = h->beat[i].at_usec;
        }
        if (m->snoozed_until_usec == 0)
                model_speak(m, now_usec > m->now_usec ? now_usec : m->now_usec, false);
}

static inline void model_record_on(Model *m, unsigned strap, const Beat *b, usec_t now_usec)
{
        bool switches = strap != m->session_strap;
        usec_t previous_usec = m->last_usec, kept_usec = m->resumed ? m->trimmed_usec : m->kept_usec;
        Beat *kept;

        if (switches && (!b->live || b->at_usec <= m->last_usec ||
                                        b->at_usec - m->live_usec < m->config.recorder.switch_after_usec))
                return;
        m->session_strap = strap;
        kept = model_keep(m, b);
        /* Taken up again, and no effort for so long by now. */
        if (b->at_usec - m->effort_usec >= m->config.recorder.end_after_usec) {
                m->session.n--;
                m->kept_usec = kept_usec;
                model_session_over(m, now_usec);
                return;
        }
        if (switches)
                model_expect(m, FACT_STRAP, strap, now_usec);
        model_sample(m, kept, previous_usec, m->snoozed_until_usec > 0);
}

/* Has the runner rested since the session before? Below start-above for start-after, back to one that was not; or nothing
 * live for end-after. */
static inline void model_rest(Model *m, const Beat *b)
{
        double start = model_start_above(m);
        usec_t below_usec = 0;

        if (m->bound == 0)
                return;
        history_add(&m->after, *b)->effort = b->counts ? (b->smoothed < start ? -1 : 1) : 0;
        for (size_t i = m->after.n - 1; i > 0 && m->after.beat[i - 1].effort <= 0; i--)
                if (m->after.beat[i - 1].effort < 0)
                        below_usec += m->after.beat[i].credit_usec;
        if (below_usec >= m->config.recorder.start_after_usec ||
                        b->at_usec - m->live_usec >= m->config.recorder.end_after_usec)
                m->bound = 0;
}

/* Is there effort enough for a session? Returns its first, 0 = no. */
static inline usec_t model_run_since(Model *m, unsigned strap)
{
        const ModelEffort e = strap_effort(&m->strap[strap]);
        usec_t enough_usec = m->config.recorder.start_after_usec;

        const Beat *newest = history_last(&m->strap[strap].beats);

        if (enough_usec == 0 && e.credited_usec == 0)
                return newest->effort > 0 ? newest->at_usec : 0;
        if (e.credited_usec < enough_usec)
                return 0;
        if (e.doubtful_usec == 0)
                return e.first_usec;
        if (m->core_began_usec > 0)
                m->doubted = m->core_began_usec < newest->at_usec - MODEL_SEC(300);
        else
                m->doubted = e.credited_usec - e.doubtful_usec >= enough_usec &&
                             e.credited_usec > e.doubtful_usec;
        return m->core_began_usec;
}

static inline void model_record(Model *m, unsigned strap, Beat *b, usec_t now_usec)
{
        bool contact = model_is_contact(m) && m->worn_usec == 0;
        double above = model_is_contact(m) && m->worn_usec > 0 ? model_thirty_percent(m)
                                                               : model_start_above(m);
        usec_t since_usec;

        if (m->recording) {
                model_record_on(m, strap, b, now_usec);
                return;
        }
        model_rest(m, b);
        if (b->live)
                m->live_usec = b->at_usec;
        if (m->stopped && b->at_usec - m->effort_usec < m->config.recorder.end_after_usec) {
                if (b->counts && b->smoothed >= model_start_above(m))
                        m->effort_usec = b->at_usec;
                return;
        }
        m->stopped = false;
        if (m->held)
                return;
        if (m->bound > above)
                above = m->bound;
        if (b->live && b->settled != SETTLED_TOO_FEW)
                b->effort = b->counts && b->smoothed > above ? 1 : -1;
        since_usec = contact ? (b->live ? b->at_usec : 0) : model_run_since(m, strap);
        if (since_usec > 0)
                model_begin(m, strap, since_usec);
}

/* -- Events: each first does what time alone brings, model_time() -- */

static inline void model_unsnooze(Model *m, usec_t now_usec)
{
        m->snoozed_until_usec = 0;
        model_expect(m, FACT_SNOOZE, m->session_strap, now_usec);
        model_speak(m, now_usec, m->gap_usec > 0 && now_usec > m->gap_usec);
}

/* Returns the time of the event, which is not before that of the newest heart rate. */
static inline usec_t model_time(Model *m, usec_t now_usec)
{
        if (now_usec < m->now_usec)
                now_usec = m->now_usec;
        m->now_usec = now_usec;
        for (unsigned i = 0; i < MODEL_STRAPS; i++)
                if (m->strap[i].used)
                        model_look(m, i, now_usec);
        model_gap(m, now_usec);
        /* A strap is waited for after a restart as after any other gap. */
        if (m->recording && now_usec >= (m->resumed ? m->last_usec : m->effort_usec) +
                                                            m->config.recorder.end_after_usec)
                model_session_over(m, now_usec);
        if (m->snoozed_until_usec > 0 && now_usec >= m->snoozed_until_usec)
                model_unsnooze(m, now_usec);
        return now_usec;
}

static inline void model_unlink(ModelStrap *s)
{
        usec_t stale_usec = strap_measured(s);

        if (stale_usec > 0)
                s->remembered_usec = stale_usec;
        s->link_from = s->beats.dropped + s->beats.n;
        s->beat_usec = s->no_contact_usec = s->no_contact_first_usec = 0;
        s->thaws = true;
        strap_pace(s);
}

static inline void model_link(Model *m, unsigned strap, SensorLink link, usec_t now_usec)
{
        ModelStrap *s = &m->strap[strap];

        if (!s->used) {
                history_clear(&s->beats);
                *s = (ModelStrap){ .used = true, .beats = s->beats, .zone = -1 };
                strap_pace(s);
        }
        if (s->link != link) {
                if (link == SENSOR_LINK_ABSENT)
                        model_unlink(s);
                s->link = link;
                s->link_usec = now_usec;
        }
        model_look(m, strap, now_usec);
}

/* Its history goes; that of the session stays. */
static inline void model_forget(Model *m, unsigned strap)
{
        ModelStrap *s = &m->strap[strap];

        model_unlink(s);
        s->used = false;
        s->link = SENSOR_LINK_ABSENT;
        s->state = SENSOR_ABSENT;
}

static inline void model_reject(Model *m, unsigned strap, usec_t now_usec, Rejection reason)
{
        model_expect(m, FACT_REJECTED, strap, now_usec)->reason = reason;
}

typedef struct Decoded {
        bool whole;
        unsigned heart_rate, n_rr;
        const uint8_t *rr; /* as sent */
        usec_t rr_usec;    /* of all intervals */
        bool no_contact;
} Decoded;

static inline Decoded model_decode(const uint8_t *p, size_t size)
{
        size_t at = 1 + (size > 0 && p[0] & 1 ? 2 : 1) + (size > 0 && p[0] & 8 ? 2 : 0);
        Decoded d = { 0 };

        if (size == 0 || at > size)
                return d;
        d.whole = true;
        d.heart_rate = p[0] & 1 ? p[1] + 256U * p[2] : p[1];
        d.no_contact = (p[0] & 6) == 4;
        if (!(p[0] & 16))
                return d;
        d.rr = p + at;
        for (d.n_rr = (unsigned)(size - at) / 2; at + 1 < size; at += 2)
                d.rr_usec += p[at] + 256U * p[at + 1];
        d.rr_usec = d.rr_usec * 1000000 / 1024;
        return d;
}

/* The same bytes again within 200 ms, by the clock. */
static inline bool model_duplicate(ModelStrap *s, const uint8_t *packet, size_t size, usec_t clock_usec)
{
        if (size == 0)
                return false;
        if (s->packet_usec > 0 && clock_usec - s->packet_usec < 200000 && s->packet_size == size &&
                        memcmp(s->packet, packet, size) == 0)
                return true;
        s->packet_usec = size <= sizeof(s->packet) ? clock_usec : 0;
        s->packet_size = size <= sizeof(s->packet) ? size : 0;
        memcpy(s->packet, packet, s->packet_size);
        return false;
}

/* The same intervals again, before three quarters of what they cover have passed, are the same beats. */
static inline bool model_rr_again(ModelStrap *s, const Decoded *d, usec_t at_usec)
{
        size_t size = 2 * (size_t)d->n_rr;

        if (d->n_rr == 0)
                return false;
        if (size == s->rr_size && at_usec - s->rr_usec < s->rr_told_usec && memcmp(s->rr, d->rr, size) == 0)
                return true;
        s->rr_size = size;
        s->rr_usec = at_usec;
        s->rr_told_usec = d->rr_usec * 75 / 100;
        memcpy(s->rr, d->rr, size);
        return false;
}

/* A heart rate has a whole millisecond of its own, later than the strap's one before and the session's. */
static inline usec_t model_beat_time(const Model *m, unsigned strap, usec_t now_usec)
{
        const Beat *last = history_last(&m->strap[strap].beats);
        usec_t at = now_usec / 1000, last_usec = last ? last->at_usec : 0;

        if (m->recording && m->session_strap == strap && m->last_usec > last_usec)
                last_usec = m->last_usec;
        return 1000 * (at > last_usec / 1000 ? at : last_usec / 1000 + 1);
}

static inline void model_beat(Model *m, unsigned strap, const Decoded *d, usec_t at_usec, usec_t now_usec)
{
        ModelStrap *s = &m->strap[strap];
        usec_t stale_usec = strap_stale(s, &m->config);
        unsigned n_rr;
        Beat *b;

        if (s->beat_usec > 0 && at_usec - s->beat_usec > stale_usec)
                s->thaws = true;
        n_rr = model_rr_again(s, d, at_usec) ? 0 : d->n_rr;
        b = history_push(&s->beats, (Beat){ .at_usec = at_usec,
                                                    .heart_rate = (uint16_t)d->heart_rate,
                                                    .n_rr = (uint16_t)n_rr,
                                                    .sent_rr = d->n_rr > 0,
                                                    .stale_usec = stale_usec,
                                                    .thaws = s->thaws });
        s->beats.n--; /* for a moment it is yet to come */
        b->arrival = strap_begins_arrival(s, at_usec);
        s->beats.n++;
        s->thaws = false;
        s->beat_usec = at_usec;
        s->no_contact_usec = s->no_contact_first_usec = 0;
        strap_pace(s);
        if (at_usec > now_usec)
                m->now_usec = now_usec = at_usec;
        model_look(m, strap, now_usec);
        strap_smooth(s, m->config.window_usec);
        b->live = s->state == SENSOR_LIVE;
        b->counts = b->live && b->settled == SETTLED_YES;
        b->credit_usec = history_credit(&s->beats);
        strap_zone(s, &m->config);
        if (m->worn_usec > 0)
                m->worn_usec = m->held || at_usec - m->worn_usec < m->config.recorder.end_after_usec ? at_usec
                                                                                                     : 0;
        model_expect_beat(m, FACT_HEART_RATE, strap, b);
        model_record(m, strap, b, now_usec);
}

/* clock: when it came; now is not before the newest heart rate. */
static inline void model_packet(Model *m, unsigned strap, const uint8_t *packet, size_t size,
                usec_t clock_usec, usec_t now_usec)
{
        const Decoded d = model_decode(packet, size);
        ModelStrap *s = &m->strap[strap];
        usec_t at_usec = model_beat_time(m, strap, now_usec);
        Rejection reason = REJECTED_IMPLAUSIBLE;

        if (model_duplicate(s, packet, size, clock_usec)) {
                model_reject(m, strap, now_usec, REJECTED_DUPLICATE);
                return;
        }
        if (!d.whole) {
                model_reject(m, strap, now_usec, REJECTED_MALFORMED);
                return;
        }
        if (at_usec > clock_usec + 1000000) {
                model_reject(m, strap, now_usec, REJECTED_TOO_MANY);
                return;
        }
        if (d.heart_rate == 0 || (m->config.trust_contact && d.no_contact)) {
                if (s->no_contact_first_usec == 0)
                        s->no_contact_first_usec = now_usec;
                s->no_contact_usec = now_usec;
                reason = REJECTED_NO_CONTACT;
        } else if (d.heart_rate >= 25 && d.heart_rate <= 250) {
                model_beat(m, strap, &d, at_usec, now_usec);
                return;
        }
        model_look(m, strap, now_usec);
        if (m->session_strap == strap)
                model_gap(m, now_usec);
        model_reject(m, strap, now_usec, reason);
}

static inline int model_start(Model *m, usec_t now_usec)
{
        const Beat *newest = NULL;
        unsigned strap = 0;
        bool fresh;

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
        fresh = newest->at_usec > m->ended_usec;
        m->begin_usec = fresh ? newest->at_usec : now_usec / 1000 * 1000;
        model_session_new(m, strap, true, m->begin_usec);
        model_expect(m, FACT_SESSION_STARTED, strap, m->begin_usec)->ceiling = m->ceiling;
        if (fresh)
                model_sample(m, model_keep(m, newest), newest->at_usec, m->snoozed_until_usec > 0);
        return 0;
}

/* A strap put on is no run, if start-above is `contact` and none of the session's heart rates is above 30 % of reserve. */
static inline bool model_is_run(const Model *m)
{
        for (size_t i = 0; i < m->session.n; i++)
                if (m->session.beat[i].counts && m->session.beat[i].smoothed > model_thirty_percent(m))
                        return true;
        return !m->only_worn;
}

static inline void model_held(Model *m, bool held, usec_t now_usec)
{
        m->held = held;
        m->worn_usec = m->ended_usec = now_usec;
        model_afresh(m);
}

static inline int model_hold(Model *m, usec_t now_usec)
{
        if (m->recording && (model_is_run(m) || model_is_long_enough(m)))
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

/* All that is stored of it is added up anew, and what follows comes after a gap. */
static inline void model_resume(
                Model *m, unsigned strap, bool by_hand, usec_t begin_usec, const PastSample *past, size_t n)
{
        model_session_new(m, strap, by_hand, begin_usec);
        m->first_effort_usec = 0;
        m->begin_usec = begin_usec;
        for (size_t i = 0; i < n; i++) {
                model_keep(m, &(Beat){ .at_usec = past[i].at_usec,
                                              .smoothed = past[i].smoothed,
                                              .counts = past[i].counts,
                                              .settled = past[i].counts ? SETTLED_YES : SETTLED_TOO_FEW,
                                              .live = true });
                m->smoothed = past[i].smoothed;
        }
        m->epoch = m->session.n;
        m->trimmed_usec = m->kept_usec;
        m->kept_usec = m->last_usec;
        m->resumed = true;
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
        m->overridden = m->recording = m->stopped = m->held = m->breach = false;
        m->worn_usec = m->live_usec = m->effort_usec = 0;
        m->snoozed_until_usec = 0;
        m->ended_usec = m->announced_usec = m->now_usec = 0;
        m->bound = 0;
        m->session_strap = 0;
        m->ceiling = model_resolve(m, &c->ceiling);
}
