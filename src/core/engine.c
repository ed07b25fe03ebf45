/* SPDX-License-Identifier: MIT */
/* The core's one entrance. Each notification passes the stages in one fixed order, and what they find out is emitted as
 * facts, in the order in which things happened; what becomes of a session is in engine-session.c. Nothing in the core has
 * another way in, and time is the caller's. */

#include "engine-internal.h"

#include <assert.h>
#include <math.h>

#include "cardio/macro.h"

/* Of heart-rate reserve. */
#define EFFORT_PERCENT 30

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

_hot_ bool engine_waits_for_rest(const Engine *e)
{
        return e->recorder.state == RECORDER_STOPPED && !isnan(e->config.recorder.start_above);
}

/* -- Straps -- */

const Sample *engine_latest(const Engine *e, unsigned sensor)
{
        return track_latest(&e->track[sensor]);
}

_cold_ static void state_changed(const Step *step, unsigned sensor, SensorState after, Contact contact)
{
        Engine *e = step->e;
        Track *t = &e->track[sensor];
        SensorState before = t->state;

        t->state = after;
        t->contact = contact;
        emit(step, { .type = FACT_SENSOR, .sensor = sensor });
        if (before == SENSOR_LIVE && after == SENSOR_STALE && engine_recording(e) &&
                        e->recorder.sensor == sensor &&
                        sensor_is_frozen(&t->sensor, &e->config.sensor, step->now_usec))
                emit(step, { .type = FACT_STALE,
                                           .sensor = sensor,
                                           .length_usec = step->now_usec - t->sensor.frozen_since_usec });
}

/* Computes a strap's state anew and emits it if it, or its contact, moved. A link that comes and goes is no gap by
 * itself: heart rates count whatever it is, and if none come the time between them shows it. */
_hot_ static void update_state(const Step *step, unsigned sensor, Contact contact)
{
        const Track *t = &step->e->track[sensor];
        SensorState state = sensor_state(&t->sensor, &step->e->config.sensor, step->now_usec);

        if (state != t->state || contact != t->contact)
                state_changed(step, sensor, state, contact);
}

_cold_ static int reject(const Step *step, unsigned sensor, Rejection reason)
{
        emit(step, { .type = FACT_REJECTED, .sensor = sensor, .reason = reason });
        return 0;
}

/* It is no heart rate; but it may say why there is none. */
_cold_ static int no_heart_rate(
                const Step *step, unsigned sensor, const Measurement *m, MeasurementVerdict verdict)
{
        Engine *e = step->e;
        Track *t = &e->track[sensor];
        SensorState state = sensor_state(&t->sensor, &e->config.sensor, step->now_usec);

        /* One odd packet is nothing, and its contact is none to speak of. */
        update_state(step, sensor, state == SENSOR_NO_CONTACT ? m->contact : t->contact);
        if (engine_recording(e) && e->recorder.sensor == sensor)
                session_gap(step);
        return reject(step, sensor,
                        verdict == MEASUREMENT_NO_CONTACT ? REJECTED_NO_CONTACT : REJECTED_IMPLAUSIBLE);
}

/* The time of a heart rate: in whole milliseconds, as it is stored, and later than the one before; of the strap, and of its
 * session, which may have been recorded before the strap was taken into use. */
_hot_ static usec_t sample_time(const Engine *e, unsigned sensor, usec_t now_usec)
{
        const Track *t = &e->track[sensor];
        usec_t at_usec = now_usec - now_usec % USEC_PER_MSEC, last_usec = 0;

        if (ring_end(&t->ring) > 0)
                last_usec = ring_at(&t->ring, ring_end(&t->ring) - 1)->at_usec;
        if (engine_recording(e) && e->recorder.sensor == sensor && e->recorder.last_usec > last_usec)
                last_usec = e->recorder.last_usec - e->recorder.last_usec % USEC_PER_MSEC;
        return at_usec > last_usec ? at_usec : last_usec + USEC_PER_MSEC;
}

/* stale_usec: as it was before this heart rate was known. */
_hot_ static void add_heart_rate(
                const Step *step, unsigned sensor, usec_t at_usec, usec_t stale_usec, const Measurement *m)
{
        Engine *e = step->e;
        Track *t = &e->track[sensor];
        usec_t credit_usec;
        /* From here on it is the time of the heart rate. */
        const Step at = { .e = e,
                .now_usec = at_usec > step->now_usec ? at_usec : step->now_usec,
                .clock_usec = step->clock_usec,
                .report = step->report,
                .userdata = step->userdata };

        update_state(&at, sensor, m->contact);
        Sample *sample = track_push(t, at_usec, stale_usec, m, e->config.window_usec);
        track_classify(t, sample, &e->config.zones, e->config.zone_hysteresis);
        Fact fact = heart_rate_fact(sensor, sample, m->rr, m->n_rr);
        emit_fact(&at, &fact);
        credit_usec = credit_push(&t->credit, at_usec);
        session_heart_rate(&at, &fact, credit_usec);
        e->now_usec = at.now_usec;
}

_hot_ static int handle_notification(const Step *step, const Event *event)
{
        Engine *e = step->e;
        Track *t = &e->track[event->sensor];
        usec_t at_usec = sample_time(e, event->sensor, step->now_usec), stale_usec;
        Measurement m;
        MeasurementVerdict verdict;

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
                        verdict == MEASUREMENT_HEART_RATE ? at_usec : step->now_usec);
        if (verdict != MEASUREMENT_HEART_RATE)
                return no_heart_rate(step, event->sensor, &m, verdict);

        track_drop_repeated_rr(t, &m, at_usec);
        add_heart_rate(step, event->sensor, at_usec, stale_usec, &m);
        return 0;
}

/* Duplicates, and what is none, were left out when it was heard. */
static int handle_heart_rate(const Step *step, const Event *event)
{
        Engine *e = step->e;
        Track *t = &e->track[event->sensor];
        usec_t at_usec = sample_time(e, event->sensor, step->now_usec),
               stale_usec = sensor_stale_after(&t->sensor, &e->config.sensor);

        assert(t->used);
        sensor_packet(&t->sensor, &e->config.sensor, event->measurement, MEASUREMENT_HEART_RATE, at_usec);
        add_heart_rate(step, event->sensor, at_usec, stale_usec, event->measurement);
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
        session_start(step, sensor, begin_usec, fresh ? newest : NULL);
        return 0;
}

static int handle_whole(const Step *step, const Event *event)
{
        const Ring *ring = &step->e->track[event->sensor].ring;
        usec_t begin_usec = event->begin_usec;

        if (engine_recording(step->e))
                return -EALREADY;
        /* What the session before has is not recorded twice. */
        if (begin_usec <= step->e->recorder.ended_usec)
                begin_usec = step->e->recorder.ended_usec + 1;
        if (ring_end(ring) == 0 || ring_at(ring, ring_end(ring) - 1)->at_usec < begin_usec)
                return -ENODEV;
        session_whole(step, event->sensor, begin_usec);
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
        session_update_ceiling(step);
        return 0;
}

static int handle_snooze(const Step *step, const Event *event)
{
        Limiter *l = &step->e->limiter;

        if (event->length_usec == 0) {
                if (l->muted_until_usec > 0)
                        limiter_mute(l, step->now_usec);
                session_unmute(step);
                return 0;
        }
        limiter_mute(l, usec_add(step->now_usec, event->length_usec));
        emit(step, { .type = FACT_SNOOZE,
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
                (void)silence_heart_rate(&e->silence, &sample, 0); /* nothing is lost yet */
                e->smoothed = past->smoothed;
                e->zone = past->zone;
        }
        silence_resume(&e->silence, event->told, event->lost, step->now_usec);
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
        e->config.recorder.start_above = start->kind == INTENSITY_CONTACT ? 0 : engine_bpm(e, start);
        e->config.recorder.effort_above = engine_bpm(e, &effort);
        e->config.recorder.resting = config->runner.resting;
        e->next_zones = config->zones;
        e->next_tolerance = config->limiter.tolerance;
        /* A session keeps the zones and the tolerance that its row has. */
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

static void update_battery(const Step *step, unsigned sensor)
{
        Battery *b = &step->e->track[sensor].battery;
        BatteryChange change = battery_tick(b, step->now_usec);

        if (change != BATTERY_SAME)
                emit(step, { .type = change == BATTERY_LOW ? FACT_BATTERY_LOW : FACT_BATTERY_RISEN,
                                           .sensor = sensor,
                                           .percent = b->percent });
}

static int handle_battery(const Step *step, const Event *event)
{
        Track *t = &step->e->track[event->sensor];

        if (!t->used)
                return -ENODEV;
        battery_update(&t->battery, event->percent, event->low, step->now_usec);
        return 0;
}

_cold_ static void tick(const Step *step)
{
        Engine *e = step->e;

        for (unsigned i = 0; i < e->n_tracks; i++) {
                if (!e->track[i].used)
                        continue;
                update_state(step, i, e->track[i].contact);
                update_battery(step, i);
        }
        session_gap(step);
        session_action(step, recorder_tick(&e->recorder, &e->config.recorder, step->now_usec));
        session_silence(step);
        session_unmute(step);
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

        due_usec = earliest(due_usec, silence_deadline(&e->silence));
        for (unsigned i = 0; i < e->n_tracks; i++) {
                const Track *t = &e->track[i];

                if (!t->used)
                        continue;
                due_usec = earliest(due_usec, sensor_deadline(&t->sensor, &e->config.sensor, now_usec));
                due_usec = earliest(due_usec, battery_deadline(&t->battery));
        }
        if (!e->gap_emitted)
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

_cold_ static int handle(const Step *step, const Event *event)
{
        switch (event->type) {
        case EVENT_LINK:
                return handle_link(step, event);
        case EVENT_TICK:
        case EVENT_AWAKE: /* which has been taken note of */
                return 0;
        case EVENT_START:
                return handle_start(step);
        case EVENT_WHOLE:
                return handle_whole(step, event);
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
        case EVENT_BATTERY:
                return handle_battery(step, event);
        case EVENT_CONFIGURE:
                configure(step->e, event->config);
                session_update_ceiling(step);
                return 0;
        case EVENT_FORGET:
                return handle_forget(step, event);
        case EVENT_NOTIFICATION: /* have a way of their own */
        case EVENT_HEART_RATE:
        case _EVENT_TYPE_MAX:
        case _EVENT_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

_hot_ int engine_handle(Engine *e, const Event *event, usec_t now_usec, FactFunc report, void *userdata)
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
        if (event->type == EVENT_AWAKE)
                silence_listen(&e->silence, now_usec);
        /* What has come due by time alone happened before the event did. */
        if (due)
                tick(&step);
        r = event->type == EVENT_NOTIFICATION ? handle_notification(&step, event)
            : event->type == EVENT_HEART_RATE ? handle_heart_rate(&step, event)
                                              : handle(&step, event);
        if (event->type == EVENT_CONFIGURE)
                e->due_usec = now_usec; /* by another stale-after or end-after something may have been due already */
        else if ((event->type == EVENT_NOTIFICATION || event->type == EVENT_HEART_RATE) && !due)
                e->due_usec = next_due_after(e, now_usec);
        else
                e->due_usec = next_due(e, now_usec);
        return r;
}

void engine_begin(Engine *e, const EngineConfig *config)
{
        configure(e, config);
        e->ceiling = engine_bpm(e, engine_ceiling(e));
        limiter_begin(&e->limiter, e->ceiling);
        e->gap_usec = e->due_usec = USEC_INFINITY;
}

_hot_ usec_t engine_deadline(const Engine *e)
{
        return e->due_usec;
}
