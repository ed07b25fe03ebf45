/* SPDX-License-Identifier: MIT */
/* The session: what the recorder and the limiter decide, made into facts, in the order in which things happened. */

#include "engine-internal.h"

#include <math.h>

#include "cardio/macro.h"

_hot_ void emit_fact(const Step *step, Fact *fact)
{
        if (fact->at_usec == 0)
                fact->at_usec = step->now_usec;
        step->report(step->userdata, fact);
}

_hot_ Fact heart_rate_fact(unsigned sensor, const Sample *sample, const uint16_t *rr, size_t n_rr)
{
        return (Fact){ .type = FACT_HEART_RATE,
                .sensor = sensor,
                .at_usec = sample->at_usec,
                .sample = sample,
                .rr = rr,
                .n_rr = n_rr,
                .heart_rate = sample->smoothed };
}

const Intensity *engine_ceiling(const Engine *e)
{
        return e->overridden ? &e->override : &e->config.ceiling;
}

_hot_ bool engine_recording(const Engine *e)
{
        return e->recorder.state == RECORDER_RECORDING;
}

double engine_bpm(const Engine *e, const Intensity *intensity)
{
        double bpm;

        return intensity_to_bpm(intensity, &e->config.runner, &bpm) > 0 ? bpm : NAN;
}

static LimiterValue limiter_value(const Sample *sample)
{
        return (LimiterValue){
                .at_usec = sample->at_usec, .value = sample->smoothed, .counts = sample_counts(sample)
        };
}

_hot_ static void emit_limiter(const Step *step, LimiterFacts facts)
{
        const Engine *e = step->e;
        const Limiter *l = &e->limiter;

        if (facts == 0)
                return;

        Fact fact = { .sensor = e->recorder.sensor,
                .heart_rate = e->smoothed,
                .ceiling = l->limit,
                .length_usec = limiter_length(l) };

        if (facts & (LIMITER_BEGAN | LIMITER_OVER)) {
                fact.type = FACT_OVER_LIMIT;
                fact.at_usec = l->began.at_usec;
                fact.first_heart_rate = l->began.value;
                fact.begins = facts & LIMITER_BEGAN;
                fact.announce = facts & LIMITER_OVER;
                emit_fact(step, &fact);
        } else if (facts & LIMITER_ENDED) {
                fact.type = FACT_BACK_IN_RANGE;
                fact.at_usec = l->ended.at_usec;
                fact.announce = facts & LIMITER_BACK;
                emit_fact(step, &fact);
        }
}

void session_update_ceiling(const Step *step)
{
        Engine *e = step->e;
        double ceiling = engine_bpm(e, engine_ceiling(e));

        if (ceiling == e->ceiling || (isnan(ceiling) && isnan(e->ceiling)))
                return;
        if (engine_recording(e))
                emit_limiter(step, limiter_end(&e->limiter));
        e->ceiling = ceiling;
        limiter_begin(&e->limiter, ceiling);
        emit(step, { .type = FACT_CEILING, .sensor = e->recorder.sensor, .ceiling = ceiling });
}

/* A heart rate of the session, just now or from the pre-roll; the one before it was at previous_usec. switched: of another
 * strap than that. The limiter is its caller's. */
_hot_ static void session_add(const Step *step, Fact *fact, usec_t previous_usec, bool switched)
{
        const Sample *sample = fact->sample;
        Engine *e = step->e;

        if (sample->at_usec - previous_usec > sample->stale_usec)
                emit(step, { .type = FACT_GAP,
                                           .sensor = fact->sensor,
                                           .at_usec = previous_usec,
                                           .length_usec = sample->at_usec - previous_usec });
        fact->type = FACT_SAMPLE;
        emit_fact(step, fact);
        if (e->zone != sample->zone)
                emit(step, { .type = FACT_ZONE,
                                           .sensor = fact->sensor,
                                           .at_usec = sample->at_usec,
                                           .heart_rate = sample->smoothed,
                                           .zone = sample->zone });
        if (silence_heart_rate(&e->silence, sample,
                            sensor_stale_after(&e->track[fact->sensor].sensor, &e->config.sensor)))
                emit(step, { .type = FACT_STRAP_BACK,
                                           .sensor = fact->sensor,
                                           .at_usec = sample->at_usec,
                                           .length_usec = sample->at_usec - previous_usec,
                                           .switched = switched });
        e->smoothed = sample->smoothed;
        e->zone = sample->zone;
        e->gap_usec = usec_add(sample->at_usec,
                        sensor_stale_after(&e->track[fact->sensor].sensor, &e->config.sensor) + 1);
        e->gap_emitted = e->contact_emitted = false;
}

/* The same for one that the ring still holds. Returns what the one before is worth. */
static usec_t session_sample(const Step *step, unsigned sensor, const Sample *sample, usec_t previous_usec)
{
        Recorder *r = &step->e->recorder;
        uint16_t rr[MEASUREMENT_RR_MAX];
        size_t n_rr = ring_copy_rr(&step->e->track[sensor].ring, sample, rr);
        Fact fact = heart_rate_fact(sensor, sample, rr, n_rr);
        usec_t credit_usec = recorder_add(r, &step->e->config.recorder, sample);

        session_add(step, &fact, previous_usec, false);
        return credit_usec;
}

void session_begin(Engine *e)
{
        limiter_begin(&e->limiter, e->ceiling);
        silence_begin(&e->silence);
        e->smoothed = NAN;
        e->zone = -1;
        e->gap_usec = USEC_INFINITY;
        e->gap_emitted = e->contact_emitted = false;
}

static void session_started(const Step *step, usec_t begin_usec)
{
        Engine *e = step->e;

        session_begin(e);
        emit(step, { .type = FACT_SESSION_STARTED,
                                   .sensor = e->recorder.sensor,
                                   .at_usec = begin_usec,
                                   .ceiling = e->ceiling });
}

void session_start(const Step *step, unsigned sensor, usec_t begin_usec, const Sample *first)
{
        Engine *e = step->e;

        recorder_start(&e->recorder, sensor, begin_usec);
        session_started(step, begin_usec);
        if (first) {
                usec_t credit_usec = session_sample(step, sensor, first, begin_usec);
                LimiterValue value = limiter_value(first);

                emit_limiter(step, limiter_update(&e->limiter, &e->config.limiter, &value, credit_usec));
        }
}

/* The first heart rate from begin_usec on that the ring holds, else the newest. */
static uint64_t ring_first(const Ring *ring, usec_t begin_usec)
{
        uint64_t first = ring_end(ring) - 1;

        while (first > ring_begin(ring) && ring_at(ring, first - 1)->at_usec >= begin_usec)
                first--;
        return first;
}

/* The limiter replays what the ring holds, so that what is stored and what was counted agree; but what lies in the past is not
 * announced: only a breach that is open now. */
static void session_catch_up(const Step *step, uint64_t first)
{
        Engine *e = step->e;
        Recorder *r = &e->recorder;
        const Ring *ring = &e->track[r->sensor].ring;
        usec_t previous_usec = r->begin_usec;

        for (uint64_t i = first; i < ring_end(ring); i++) {
                const Sample *sample = ring_at(ring, i);
                usec_t credit_usec = session_sample(step, r->sensor, sample, previous_usec);
                LimiterValue value = limiter_value(sample);

                emit_limiter(step, limiter_replay(&e->limiter, &e->config.limiter, &value, credit_usec));
                previous_usec = sample->at_usec;
        }
        emit_limiter(step, limiter_announce(&e->limiter, &e->config.limiter, step->now_usec));
}

/* The ring still holds what came before the run was known to be one. */
static void session_backdate(const Step *step)
{
        Recorder *r = &step->e->recorder;
        const Ring *ring = &step->e->track[r->sensor].ring;
        uint64_t first = ring_first(ring, r->begin_usec);

        recorder_backdated(r, ring_at(ring, first)->at_usec);
        session_started(step, r->begin_usec);
        session_catch_up(step, first);
}

void session_whole(const Step *step, unsigned sensor, usec_t begin_usec)
{
        const Ring *ring = &step->e->track[sensor].ring;
        uint64_t first = ring_first(ring, begin_usec);

        recorder_start(&step->e->recorder, sensor, ring_at(ring, first)->at_usec);
        session_started(step, ring_at(ring, first)->at_usec);
        session_catch_up(step, first);
}

/* What a command had set holds until a session ends; a discarded one was none. */
void session_ended(const Step *step, FactType type, bool resumable)
{
        Engine *e = step->e;

        emit_limiter(step, limiter_end(&e->limiter));
        silence_end(&e->silence);
        emit(step, { .type = type,
                                   .sensor = e->recorder.sensor,
                                   .at_usec = e->recorder.kept_usec,
                                   .resumable = resumable });
        e->config.zones = e->next_zones;
        e->config.limiter.tolerance = e->next_tolerance;
        if (type == FACT_SESSION_ENDED)
                e->overridden = false;
        e->gap_usec = USEC_INFINITY;
        session_update_ceiling(step);
}

void session_action(const Step *step, RecorderAction action)
{
        switch (action) {
        case RECORDER_END:
                session_ended(step, FACT_SESSION_ENDED, false);
                break;
        case RECORDER_DISCARD:
                session_ended(step, FACT_SESSION_DISCARDED, false);
                break;
        case RECORDER_START:
                session_backdate(step);
                break;
        case RECORDER_NOTHING:
        case RECORDER_KEEP:
        case RECORDER_SWITCH:
        case _RECORDER_ACTION_MAX:
        case _RECORDER_ACTION_INVALID:
                break;
        }
}

_hot_ void session_heart_rate(const Step *step, Fact *fact, usec_t credit_usec)
{
        Engine *e = step->e;
        usec_t last_usec = e->recorder.last_usec;
        LimiterValue value = limiter_value(fact->sample);
        RecorderAction action = recorder_update(
                        &e->recorder, &e->config.recorder, fact->sensor, fact->sample, credit_usec);

        if (action != RECORDER_KEEP && action != RECORDER_SWITCH) {
                session_action(step, action);
                return;
        }
        if (action == RECORDER_SWITCH)
                emit(step, { .type = FACT_STRAP, .sensor = fact->sensor });
        session_add(step, fact, last_usec, action == RECORDER_SWITCH);
        emit_limiter(step, limiter_update(&e->limiter, &e->config.limiter, &value, e->recorder.credit_usec));
}

/* What the strap says comes when it comes, and is emitted once a gap. */
void session_gap(const Step *step)
{
        Engine *e = step->e;
        unsigned sensor = e->recorder.sensor;
        const Sensor *s = &e->track[sensor].sensor;

        if (step->now_usec < e->gap_usec)
                return;
        if (!e->contact_emitted && s->no_contact_usec > 0) {
                e->contact_emitted = e->gap_emitted = true;
                emit(step, { .type = FACT_CONTACT_LOST, .sensor = sensor });
        } else if (!e->gap_emitted) {
                e->gap_emitted = true;
                if (s->link == SENSOR_LINK_CONNECTED)
                        emit(step, { .type = FACT_STALE,
                                                   .sensor = sensor,
                                                   .length_usec = step->now_usec - e->recorder.last_usec });
        }
}

void session_silence(const Step *step)
{
        Engine *e = step->e;
        const RecorderConfig *c = &e->config.recorder;
        double effort = c->start_above > 0 ? c->start_above : c->effort_above;

        if (silence_tick(&e->silence, silence_effort_above(effort, c->resting, recorder_usual(&e->recorder)),
                            step->now_usec))
                emit(step, { .type = FACT_STRAP_LOST,
                                           .sensor = e->recorder.sensor,
                                           .at_usec = e->silence.last_usec,
                                           .length_usec = step->now_usec - e->silence.last_usec });
}

void session_unmute(const Step *step)
{
        Engine *e = step->e;
        bool muted = e->limiter.muted_until_usec > 0;
        LimiterFacts facts = limiter_tick(
                        &e->limiter, &e->config.limiter, step->now_usec, step->now_usec >= e->gap_usec);

        if (muted && e->limiter.muted_until_usec == 0)
                emit(step, { .type = FACT_SNOOZE, .sensor = e->recorder.sensor });
        emit_limiter(step, facts);
}
