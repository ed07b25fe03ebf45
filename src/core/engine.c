/* SPDX-License-Identifier: MIT */
/* The corridor: each heartbeat passes the stages in one fixed order, and what they find out is reported as facts. The
 * recorder and the limiter speak in actions; here those become facts, in the order in which things happened. Nothing
 * in the core has another way in, and time is the caller's. */

#include "cardio/engine.h"

#include <assert.h>
#include <math.h>

/* Of heart-rate reserve. */
#define EFFORT_PERCENT 30

/* One call of engine_handle(). */
typedef struct Step {
        Engine *e;
        usec_t now_usec;
        usec_t clock_usec; /* the caller's: the newest heart rate may be ahead of it */
        FactFunc report;
        void *userdata;
} Step;

const char *rejection_to_string(Rejection reason)
{
        static const char *const names[_REJECTION_MAX] = {
                [REJECTED_MALFORMED] = "malformed",
                [REJECTED_DUPLICATE] = "duplicate",
                [REJECTED_NO_CONTACT] = "no contact",
                [REJECTED_IMPLAUSIBLE] = "implausible",
                [REJECTED_TOO_MANY] = "more than a thousand a second",
        };
        return reason >= 0 && reason < _REJECTION_MAX ? names[reason] : NULL;
}

static void tell_fact(const Step *step, Fact *fact)
{
        if (fact->at_usec == 0)
                fact->at_usec = step->now_usec;
        step->report(step->userdata, fact);
}
#define tell(step, ...) tell_fact(step, &(Fact)__VA_ARGS__)

/* A heart rate and its R-R intervals, as they go from stage to stage; told once, or once more as the session's. */
static Fact beat_fact(unsigned sensor, const Sample *sample, const uint16_t *rr, size_t n_rr)
{
        return (Fact){ .type = FACT_HEART_RATE,
                .sensor = sensor,
                .at_usec = sample->at_usec,
                .sample = sample,
                .rr = rr,
                .n_rr = n_rr,
                .heart_rate = sample->smoothed };
}

/* -- Ceiling and limiter -- */

const Intensity *engine_ceiling(const Engine *e)
{
        return e->overridden ? &e->override : &e->config.ceiling;
}

bool engine_recording(const Engine *e)
{
        return e->recorder.state == RECORDER_RECORDING;
}

bool engine_waits_for_rest(const Engine *e)
{
        return e->recorder.state == RECORDER_STOPPED && !isnan(e->config.recorder.start_above);
}

static double resolve(const Engine *e, const Intensity *intensity)
{
        double bpm;

        return intensity_to_bpm(intensity, &e->config.runner, &bpm) > 0 ? bpm : NAN;
}

static void tell_limiter(const Step *step, LimiterFacts facts)
{
        const Engine *e = step->e;
        const Limiter *l = &e->limiter;
        Fact fact = { .sensor = e->recorder.sensor,
                .heart_rate = e->smoothed,
                .ceiling = l->ceiling,
                .length_usec = limiter_length(l) };

        if (facts & (LIMITER_BEGAN | LIMITER_OVER)) {
                fact.type = FACT_OVER_LIMIT;
                fact.at_usec = l->began.at_usec;
                fact.first_heart_rate = l->began.smoothed;
                fact.begins = facts & LIMITER_BEGAN;
                fact.announce = facts & LIMITER_OVER;
                tell_fact(step, &fact);
        } else if (facts & LIMITER_ENDED) {
                fact.type = FACT_BACK_IN_RANGE;
                fact.at_usec = l->ended.at_usec;
                fact.announce = facts & LIMITER_BACK;
                tell_fact(step, &fact);
        }
}

/* Computes the ceiling in force anew and reports it if it moved. */
static void update_ceiling(const Step *step)
{
        Engine *e = step->e;
        double ceiling = resolve(e, engine_ceiling(e));

        if (ceiling == e->ceiling || (isnan(ceiling) && isnan(e->ceiling)))
                return;
        if (engine_recording(e))
                tell_limiter(step, limiter_end(&e->limiter));
        e->ceiling = ceiling;
        limiter_begin(&e->limiter, ceiling);
        tell(step, { .type = FACT_CEILING, .sensor = e->recorder.sensor, .ceiling = ceiling });
}

/* -- Sessions -- */

/* A heart rate of the session, just now or from the pre-roll; the one before it was at previous_usec. The limiter is its
 * caller's. */
static void session_beat(const Step *step, Fact *beat, usec_t previous_usec)
{
        const Sample *sample = beat->sample;
        Engine *e = step->e;

        if (sample->at_usec - previous_usec > sample->stale_usec)
                tell(step, { .type = FACT_GAP,
                                           .sensor = beat->sensor,
                                           .at_usec = previous_usec,
                                           .length_usec = sample->at_usec - previous_usec });
        beat->type = FACT_SAMPLE;
        tell_fact(step, beat);
        if (e->zone != sample->zone)
                tell(step, { .type = FACT_ZONE,
                                           .sensor = beat->sensor,
                                           .at_usec = sample->at_usec,
                                           .heart_rate = sample->smoothed,
                                           .zone = sample->zone });
        e->smoothed = sample->smoothed;
        e->zone = sample->zone;
        e->gap_usec = usec_add(sample->at_usec,
                        sensor_stale_after(&e->track[beat->sensor].sensor, &e->config.sensor) + 1);
        e->gap_told = e->contact_told = false;
}

/* The same for one that the ring still holds. Returns what the one before is worth. */
static usec_t session_sample(const Step *step, unsigned sensor, const Sample *sample, usec_t previous_usec)
{
        Recorder *r = &step->e->recorder;
        uint16_t rr[MEASUREMENT_RR_MAX];
        size_t n_rr = ring_copy_rr(&step->e->track[sensor].ring, sample, rr);
        Fact beat = beat_fact(sensor, sample, rr, n_rr);
        usec_t credit_usec = recorder_add(r, &step->e->config.recorder, sample);

        session_beat(step, &beat, previous_usec);
        return credit_usec;
}

static void unmute_if_over(const Step *step)
{
        Engine *e = step->e;
        bool muted = e->limiter.muted_until_usec > 0;
        LimiterFacts facts = limiter_tick(
                        &e->limiter, &e->config.limiter, step->now_usec, step->now_usec >= e->gap_usec);

        if (muted && e->limiter.muted_until_usec == 0)
                tell(step, { .type = FACT_SNOOZE, .sensor = e->recorder.sensor });
        tell_limiter(step, facts);
}

/* The session's stages begin, its first heart rate yet to come. */
static void session_begin(Engine *e)
{
        limiter_begin(&e->limiter, e->ceiling);
        e->smoothed = NAN;
        e->zone = -1;
        e->gap_usec = USEC_INFINITY;
        e->gap_told = e->contact_told = false;
}

static void session_started(const Step *step, usec_t begin_usec)
{
        Engine *e = step->e;

        session_begin(e);
        tell(step, { .type = FACT_SESSION_STARTED,
                                   .sensor = e->recorder.sensor,
                                   .at_usec = begin_usec,
                                   .ceiling = e->ceiling });
}

/* The ring still holds what came before the run was known to be one. The limiter replays all of it, so that what is
 * stored and what was counted agree; but what lies in the past is not announced: only a breach that is open now. */
static void session_backdate(const Step *step)
{
        Engine *e = step->e;
        Recorder *r = &e->recorder;
        const Ring *ring = &e->track[r->sensor].ring;
        uint64_t first = ring_end(ring) - 1;
        usec_t previous_usec;

        while (first > ring_begin(ring) && ring_at(ring, first - 1)->at_usec >= r->begin_usec)
                first--;
        recorder_backdated(r, ring_at(ring, first)->at_usec);
        session_started(step, r->begin_usec);

        previous_usec = r->begin_usec;
        for (uint64_t i = first; i < ring_end(ring); i++) {
                const Sample *sample = ring_at(ring, i);
                usec_t credit_usec = session_sample(step, r->sensor, sample, previous_usec);
                tell_limiter(step, limiter_replay(&e->limiter, &e->config.limiter, sample, credit_usec));
                previous_usec = sample->at_usec;
        }
        tell_limiter(step, limiter_announce(&e->limiter, &e->config.limiter, step->now_usec));
}

/* What a command had set holds until a session ends; a discarded one was none. */
static void session_ended(const Step *step, FactType type, bool resumable)
{
        Engine *e = step->e;

        tell_limiter(step, limiter_end(&e->limiter));
        tell(step, { .type = type,
                                   .sensor = e->recorder.sensor,
                                   .at_usec = e->recorder.kept_usec,
                                   .resumable = resumable });
        e->config.zones = e->next_zones;
        e->config.limiter.tolerance = e->next_tolerance;
        if (type == FACT_SESSION_ENDED)
                e->overridden = false;
        e->gap_usec = USEC_INFINITY;
        update_ceiling(step);
}

static void session_action(const Step *step, RecorderAction action)
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

/* -- Straps -- */

const Sample *engine_latest(const Engine *e, unsigned sensor)
{
        return track_latest(&e->track[sensor]);
}

/* The session's strap has sent no heart rate for so long that this is a gap: why, as far as the strap says. What it says
 * comes when it comes, and is told once a gap. */
static void session_gap(const Step *step)
{
        Engine *e = step->e;
        unsigned sensor = e->recorder.sensor;
        const Sensor *s = &e->track[sensor].sensor;

        if (step->now_usec < e->gap_usec)
                return;
        if (!e->contact_told && s->no_contact_usec > 0) {
                e->contact_told = e->gap_told = true;
                tell(step, { .type = FACT_CONTACT_LOST, .sensor = sensor });
        } else if (!e->gap_told) {
                e->gap_told = true;
                if (s->link == SENSOR_LINK_CONNECTED)
                        tell(step, { .type = FACT_STALE,
                                                   .sensor = sensor,
                                                   .length_usec = step->now_usec - e->recorder.last_usec });
        }
}

static void state_changed(const Step *step, unsigned sensor, SensorState after, Contact contact)
{
        Engine *e = step->e;
        Track *t = &e->track[sensor];
        SensorState before = t->state;

        t->state = after;
        t->contact = contact;
        tell(step, { .type = FACT_SENSOR, .sensor = sensor });
        if (before == SENSOR_LIVE && after == SENSOR_STALE && engine_recording(e) &&
                        e->recorder.sensor == sensor &&
                        sensor_is_frozen(&t->sensor, &e->config.sensor, step->now_usec))
                tell(step, { .type = FACT_STALE,
                                           .sensor = sensor,
                                           .length_usec = step->now_usec - t->sensor.frozen_since_usec });
}

/* Computes a strap's state anew and reports it if it, or its contact, moved. A link that comes and goes is no gap by
 * itself: heart rates count whatever it is, and if none come the time between them tells. */
static void update_state(const Step *step, unsigned sensor, Contact contact)
{
        const Track *t = &step->e->track[sensor];
        SensorState state = sensor_state(&t->sensor, &step->e->config.sensor, step->now_usec);

        if (state != t->state || contact != t->contact)
                state_changed(step, sensor, state, contact);
}

/* recorder → limiter */
static void record(const Step *step, Fact *beat, usec_t credit_usec)
{
        Engine *e = step->e;
        usec_t last_usec = e->recorder.last_usec;
        RecorderAction action = recorder_update(
                        &e->recorder, &e->config.recorder, beat->sensor, beat->sample, credit_usec);

        if (action != RECORDER_KEEP && action != RECORDER_SWITCH) {
                session_action(step, action);
                return;
        }
        if (action == RECORDER_SWITCH)
                tell(step, { .type = FACT_STRAP, .sensor = beat->sensor });
        session_beat(step, beat, last_usec);
        tell_limiter(step, limiter_update(&e->limiter, &e->config.limiter, beat->sample,
                                           e->recorder.credit_usec));
}

static int reject(const Step *step, unsigned sensor, Rejection reason)
{
        tell(step, { .type = FACT_REJECTED, .sensor = sensor, .reason = reason });
        return 0;
}

/* It is no heart rate; but it may say why there is none. */
static int no_heart_rate(const Step *step, unsigned sensor, const Measurement *m, Verdict verdict)
{
        Engine *e = step->e;
        Track *t = &e->track[sensor];
        SensorState state = sensor_state(&t->sensor, &e->config.sensor, step->now_usec);

        /* One odd packet is nothing, and its contact is none to speak of. */
        update_state(step, sensor, state == SENSOR_NO_CONTACT ? m->contact : t->contact);
        if (engine_recording(e) && e->recorder.sensor == sensor)
                session_gap(step);
        return reject(step, sensor,
                        verdict == VERDICT_NO_CONTACT ? REJECTED_NO_CONTACT : REJECTED_IMPLAUSIBLE);
}

/* The time of a heart rate: in whole milliseconds, as it is stored, and later than the one before; of the strap, and of its
 * session, which may have been recorded before the strap was taken into use. */
static usec_t sample_time(const Engine *e, unsigned sensor, usec_t now_usec)
{
        const Track *t = &e->track[sensor];
        usec_t at_usec = now_usec - now_usec % USEC_PER_MSEC, last_usec = 0;

        if (ring_end(&t->ring) > 0)
                last_usec = ring_at(&t->ring, ring_end(&t->ring) - 1)->at_usec;
        if (engine_recording(e) && e->recorder.sensor == sensor && e->recorder.last_usec > last_usec)
                last_usec = e->recorder.last_usec - e->recorder.last_usec % USEC_PER_MSEC;
        return at_usec > last_usec ? at_usec : last_usec + USEC_PER_MSEC;
}

static int handle_notification(const Step *step, const Event *event)
{
        Engine *e = step->e;
        Track *t = &e->track[event->sensor];
        usec_t at_usec = sample_time(e, event->sensor, step->now_usec), stale_usec, credit_usec;
        Measurement m;
        Verdict verdict;

        assert(t->used);
        if (track_is_duplicate(t, event->value, event->size, event->late, step->clock_usec))
                return reject(step, event->sensor, REJECTED_DUPLICATE);
        if (measurement_parse(event->value, event->size, &m) < 0)
                return reject(step, event->sensor, REJECTED_MALFORMED);
        if (at_usec > step->clock_usec + ENGINE_AHEAD_USEC)
                return reject(step, event->sensor, REJECTED_TOO_MANY);
        verdict = measurement_judge(&m, e->config.trust_contact);
        stale_usec = sensor_stale_after(&t->sensor, &e->config.sensor);
        sensor_packet(&t->sensor, &e->config.sensor, &m, verdict,
                        verdict == VERDICT_HEART_RATE ? at_usec : step->now_usec);
        if (verdict != VERDICT_HEART_RATE)
                return no_heart_rate(step, event->sensor, &m, verdict);

        /* From here on it is the time of the heart rate. */
        const Step at = { .e = e,
                .now_usec = at_usec > step->now_usec ? at_usec : step->now_usec,
                .clock_usec = step->clock_usec,
                .report = step->report,
                .userdata = step->userdata };
        update_state(&at, event->sensor, m.contact);
        track_drop_repeated_rr(t, &m, at_usec);
        Sample *sample = track_push(t, at_usec, stale_usec, &m, e->config.window_usec);
        track_classify(t, sample, &e->config.zones, e->config.zone_hysteresis);
        Fact beat = beat_fact(event->sensor, sample, m.rr, m.n_rr);
        tell_fact(&at, &beat);
        credit_usec = credit_push(&t->credit, at_usec);
        record(&at, &beat, credit_usec);
        e->now_usec = at.now_usec;
        return 0;
}

static int handle_link(const Step *step, const Event *event)
{
        Track *t = &step->e->track[event->sensor];

        if (!t->used) {
                track_begin(t);
                if (event->sensor >= step->e->n_tracks)
                        step->e->n_tracks = event->sensor + 1;
        }
        sensor_link(&t->sensor, event->link, step->now_usec);
        update_state(step, event->sensor, t->contact);
        return 0;
}

/* -- Commands -- */

static int handle_start(const Step *step)
{
        Engine *e = step->e;
        const Sample *newest = NULL;
        unsigned sensor = 0;
        usec_t begin_usec;
        bool fresh;

        if (engine_recording(e))
                return -EALREADY;
        for (unsigned i = 0; i < e->n_tracks; i++) {
                const Sample *sample = engine_latest(e, i);
                if (sample && (!newest || sample->at_usec > newest->at_usec)) {
                        newest = sample;
                        sensor = i;
                }
        }
        if (!newest)
                return -ENODEV;
        /* What the session before has is not recorded twice: this one then begins now, and waits for the next. In whole
         * milliseconds, as those are. */
        fresh = newest->at_usec > e->recorder.ended_usec;
        begin_usec = fresh ? newest->at_usec : step->now_usec - step->now_usec % USEC_PER_MSEC;
        recorder_start(&e->recorder, sensor, begin_usec);
        session_started(step, begin_usec);
        if (fresh) {
                usec_t credit_usec = session_sample(step, sensor, newest, begin_usec);
                tell_limiter(step, limiter_update(&e->limiter, &e->config.limiter, newest, credit_usec));
        }
        return 0;
}

static int handle_stop(const Step *step)
{
        if (!engine_recording(step->e))
                return -ENOENT;
        session_action(step, recorder_stop(&step->e->recorder, &step->e->config.recorder, step->now_usec));
        return 0;
}

static int handle_hold(const Step *step)
{
        Engine *e = step->e;
        RecorderAction action;
        int r = recorder_hold(&e->recorder, &e->config.recorder, step->now_usec, &action);

        if (r >= 0)
                session_action(step, action);
        return r;
}

static int handle_ceiling(const Step *step, const Event *event)
{
        Engine *e = step->e;
        double bpm;
        int r = event->intensity ? intensity_to_bpm(event->intensity, &e->config.runner, &bpm) : 0;

        if (r < 0)
                return r;
        e->overridden = event->intensity;
        if (event->intensity)
                e->override = *event->intensity;
        update_ceiling(step);
        return 0;
}

static int handle_snooze(const Step *step, const Event *event)
{
        Limiter *l = &step->e->limiter;

        if (event->length_usec == 0) {
                if (l->muted_until_usec > 0)
                        limiter_mute(l, step->now_usec);
                unmute_if_over(step);
                return 0;
        }
        limiter_mute(l, usec_add(step->now_usec, event->length_usec));
        tell(step, { .type = FACT_SNOOZE,
                                   .sensor = step->e->recorder.sensor,
                                   .length_usec = event->length_usec });
        return 0;
}

static bool past_is_possible(const Event *event, usec_t now_usec)
{
        usec_t last_usec = event->begin_usec;

        for (size_t i = 0; i < event->n_past; i++) {
                const PastSample *past = &event->past[i];

                if (past->at_usec < last_usec + (i > 0) ||
                                !(past->smoothed >= HEART_RATE_MIN && past->smoothed <= HEART_RATE_MAX) ||
                                past->zone > ZONES_MAX)
                        return false;
                last_usec = past->at_usec;
        }
        return event->n_past > 0 && last_usec <= now_usec;
}

/* What its heart rates add up to is as if it had never been interrupted. */
static int handle_resume(const Step *step, const Event *event)
{
        Engine *e = step->e;

        if (engine_recording(e))
                return -EALREADY;
        if (!past_is_possible(event, step->now_usec))
                return -EINVAL;
        session_begin(e);
        recorder_take_up(&e->recorder, event->sensor, event->by_hand, event->begin_usec);
        for (size_t i = 0; i < event->n_past; i++) {
                const PastSample *past = &event->past[i];
                const Sample sample = { .at_usec = past->at_usec,
                        .smoothed = past->smoothed,
                        .zone = past->zone,
                        .settled = past->counts ? SETTLED_YES : SETTLED_TOO_FEW,
                        .live = true };

                (void)recorder_add(&e->recorder, &e->config.recorder, &sample);
                e->smoothed = past->smoothed;
                e->zone = past->zone;
        }
        recorder_resume(&e->recorder);
        return 0;
}

static int handle_stopped(const Step *step, const Event *event)
{
        if (engine_recording(step->e))
                return -EALREADY;
        if (event->last_usec > step->now_usec)
                return -EINVAL;
        recorder_stopped_before(&step->e->recorder, event->last_usec);
        return 0;
}

static int handle_suspend(const Step *step)
{
        if (recorder_suspend(&step->e->recorder) == RECORDER_END)
                session_ended(step, FACT_SESSION_ENDED, true);
        return 0;
}

static void configure(Engine *e, const EngineConfig *config)
{
        /* Where any heart rate begins a run, effort is what it is by default. */
        const Intensity *start = &config->start_above,
                        effort = { .kind = INTENSITY_PERCENT_RESERVE, .value = EFFORT_PERCENT };
        ZoneTable zones = e->config.zones;
        double tolerance = e->config.limiter.tolerance;

        e->config = *config;
        e->config.recorder.start_above = start->kind == INTENSITY_CONTACT ? 0 : resolve(e, start);
        e->config.recorder.effort_above = resolve(e, &effort);
        e->config.recorder.resting = config->runner.resting;
        e->next_zones = config->zones;
        e->next_tolerance = config->limiter.tolerance;
        /* A session keeps the zones and the tolerance that its row tells. */
        if (engine_recording(e)) {
                e->config.zones = zones;
                e->config.limiter.tolerance = tolerance;
        }
}

static int handle_forget(const Step *step, const Event *event)
{
        Track *t = &step->e->track[event->sensor];

        /* Whatever its link: it may have been live without one. */
        t->sensor = (Sensor){ .link = SENSOR_LINK_ABSENT };
        update_state(step, event->sensor, t->contact);
        recorder_forget(&step->e->recorder, event->sensor);
        t->used = false;
        return 0;
}

static void tick(const Step *step)
{
        Engine *e = step->e;

        for (unsigned i = 0; i < e->n_tracks; i++)
                if (e->track[i].used)
                        update_state(step, i, e->track[i].contact);
        session_gap(step);
        session_action(step, recorder_tick(&e->recorder, &e->config.recorder, step->now_usec));
        unmute_if_over(step);
}

static usec_t earliest(usec_t a, usec_t b)
{
        return a < b ? a : b;
}

/* When something next changes by time alone. */
static usec_t next_due(const Engine *e, usec_t now_usec)
{
        usec_t due_usec = earliest(
                        recorder_deadline(&e->recorder, &e->config.recorder), limiter_deadline(&e->limiter));

        for (unsigned i = 0; i < e->n_tracks; i++)
                if (e->track[i].used)
                        due_usec = earliest(due_usec,
                                        sensor_deadline(&e->track[i].sensor, &e->config.sensor, now_usec));
        if (!e->gap_told)
                due_usec = earliest(due_usec, e->gap_usec);
        return due_usec;
}

/* The same after a notification, which only its strap and the recorder go by; no sooner than this. Later, perhaps, since
 * what was due may have moved further away: that is found out when its time comes. */
static usec_t next_due_after(const Engine *e, usec_t now_usec)
{
        const SensorConfig *c = &e->config.sensor;
        usec_t stale_usec = c->stale_usec > 0 ? c->stale_usec : ARRIVALS_STALE_MIN_USEC;

        now_usec -= now_usec % USEC_PER_MSEC; /* as heart rates have it */
        return earliest(earliest(e->due_usec, usec_add(now_usec, earliest(stale_usec, c->frozen_usec))),
                        recorder_deadline(&e->recorder, &e->config.recorder));
}

static int handle(const Step *step, const Event *event)
{
        switch (event->type) {
        case EVENT_LINK:
                return handle_link(step, event);
        case EVENT_TICK:
                return 0;
        case EVENT_START:
                return handle_start(step);
        case EVENT_STOP:
                return handle_stop(step);
        case EVENT_CEILING:
                return handle_ceiling(step, event);
        case EVENT_HOLD:
                return handle_hold(step);
        case EVENT_RELEASE:
                recorder_release(&step->e->recorder, step->now_usec);
                return 0;
        case EVENT_SNOOZE:
                return handle_snooze(step, event);
        case EVENT_RESUME:
                return handle_resume(step, event);
        case EVENT_STOPPED:
                return handle_stopped(step, event);
        case EVENT_SUSPEND:
                return handle_suspend(step);
        case EVENT_CONFIGURE:
                configure(step->e, event->config);
                update_ceiling(step);
                return 0;
        case EVENT_FORGET:
                return handle_forget(step, event);
        case EVENT_NOTIFICATION: /* has a way of its own */
        case _EVENT_TYPE_MAX:
        case _EVENT_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

int engine_handle(Engine *e, const Event *event, usec_t now_usec, FactFunc report, void *userdata)
{
        usec_t clock_usec = now_usec;
        int r;

        assert(event->sensor < SENSORS_MAX);
        if (now_usec < e->now_usec) /* a heart rate may have come a few ms before its own millisecond */
                now_usec = e->now_usec;
        e->now_usec = now_usec;

        const Step step = {
                .e = e, .now_usec = now_usec, .clock_usec = clock_usec, .report = report, .userdata = userdata
        };
        bool due = now_usec >= e->due_usec;
        /* What has come due by time alone happened before the event did. */
        if (due)
                tick(&step);
        r = event->type == EVENT_NOTIFICATION ? handle_notification(&step, event) : handle(&step, event);
        if (event->type == EVENT_CONFIGURE)
                e->due_usec = now_usec; /* by another stale-after or end-after something may have been due already */
        else if (event->type == EVENT_NOTIFICATION && !due)
                e->due_usec = next_due_after(e, now_usec);
        else
                e->due_usec = next_due(e, now_usec);
        return r;
}

void engine_begin(Engine *e, const EngineConfig *config)
{
        configure(e, config);
        e->ceiling = resolve(e, engine_ceiling(e));
        limiter_begin(&e->limiter, e->ceiling);
        e->gap_usec = e->due_usec = USEC_INFINITY;
}

usec_t engine_deadline(const Engine *e)
{
        return e->due_usec;
}
