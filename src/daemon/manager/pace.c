/* SPDX-License-Identifier: MIT */
/* The way of a value of pace:
 *
 *   bytes → reading → point of its source → (the source in force?) → the session's row, the speed to go by → the limit
 *
 * A treadmill goes before a foot pod, unless its belt stands while the foot pod sees running: then the runner is elsewhere. Times are
 * on the core's clock, and passed in, but where a row is written or something is said at once. */

#include "manager/pace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/pace-text.h"
#include "cardio/running-speed.h"
#include "log.h"
#include "manager/internal.h"
#include "store/writer.h"

/* A sensor that says nothing for longer is silent; they say something every second. */
#define SILENT_USEC (10 * USEC_PER_SEC)
/* No two points of a session are closer, however fast a sensor sends: so PACE_PAST_MAX of them go back as far as a session may
 * begin. */
#define POINT_EVERY_USEC (300 * USEC_PER_MSEC)
/* So long a point is worth at most. */
#define POINT_CREDIT_USEC (5 * USEC_PER_SEC)
/* m/s: slower is standing, and slower than this is walking. */
#define MOVES_ABOVE 0.3
#define RUNS_FROM   1.8
/* Whoever ran so short a while ago is on a run. */
#define RUNNING_USEC (2 * USEC_PER_MIN)
/* A treadmill that stopped so long ago says why there is no heart rate any more. */
#define STOPPED_USEC (10 * USEC_PER_MIN)

static PaceSensor *sensor_of(Manager *m, unsigned number)
{
        return &m->straps.strap[number].pace;
}

static bool is_heard(const PaceSensor *s, usec_t now_usec)
{
        return s->heard_usec > 0 && now_usec < usec_add(s->heard_usec, SILENT_USEC);
}

/* -- Sensors ------------------------------------------------------------------------------------------------------ */

SensorState pace_state(const Manager *m, unsigned number, usec_t now_usec)
{
        const KnownStrap *s = &m->straps.strap[number];

        if (s->record.link == SENSOR_LINK_ABSENT)
                return SENSOR_ABSENT;
        if (is_heard(&s->pace, now_usec))
                return SENSOR_LIVE;
        if (s->record.link == SENSOR_LINK_CONNECTING || now_usec < usec_add(s->pace.linked_usec, SILENT_USEC))
                return SENSOR_CONNECTING;
        return SENSOR_STALE;
}

/* When a sensor's state changes by time alone. */
_hot_ static void arm(Manager *m, usec_t now_usec)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const KnownStrap *s = &m->straps.strap[i];
                usec_t since_usec = s->pace.heard_usec > s->pace.linked_usec ? s->pace.heard_usec
                                                                             : s->pace.linked_usec;

                if (s->used && since_usec > 0 && usec_add(since_usec, SILENT_USEC) > now_usec)
                        deadline_set(&m->pace.deadline, usec_add(since_usec, SILENT_USEC));
        }
}

/* Both are of the session being recorded. */
static void show_session(Manager *m)
{
        const Pace *p = &m->pace;

        bus_set_session_pace(m->bus, p->recording ? p->speed : NAN,
                        p->recording && p->trip.any_distance ? p->trip.distance : NAN);
}

/* What a sensor said last does not hold any more. */
static void unsay(Manager *m, unsigned number)
{
        bus_set_pace(m->bus, number, NULL);
        if (m->pace.source != (int)number)
                return;
        pace_smoother_clear(&m->pace.smoother);
        m->pace.speed = NAN;
        show_session(m);
}

void pace_silent(Manager *m, usec_t now_usec)
{
        deadline_clear(&m->pace.deadline);
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const KnownStrap *s = &m->straps.strap[i];

                if (!s->used || is_heard(&s->pace, now_usec))
                        continue;
                if (s->pace.heard_usec > 0)
                        unsay(m, i);
                if (s->record.kind != SENSOR_KIND_STRAP)
                        m->published.dirty = true;
        }
        arm(m, now_usec);
}

void pace_link(Manager *m, unsigned number, SensorLink before, usec_t now_usec)
{
        const KnownStrap *known = &m->straps.strap[number];
        PaceSensor *s = sensor_of(m, number);

        if (known->record.link == before)
                return;
        if (known->record.link == SENSOR_LINK_CONNECTED) {
                s->linked_usec = now_usec;
                if (known->record.kind != SENSOR_KIND_STRAP)
                        arm(m, now_usec);
                return;
        }
        s->link = 0;
        s->heard_usec = 0;
        s->treadmill = (Treadmill){ 0 };
        unsay(m, number);
}

void pace_forget(Manager *m, unsigned number)
{
        PaceSensor *s = sensor_of(m, number);

        *s = (PaceSensor){ .links = s->links };
        unsay(m, number);
        if (m->pace.source == (int)number)
                m->pace.source = -1;
}

/* Some send both: then Treadmill Data goes before. */
static bool is_doubled(const PaceSensor *s, PaceFormat format, usec_t at_usec)
{
        return format == PACE_FORMAT_RUNNING_SPEED && s->format == PACE_FORMAT_TREADMILL &&
               is_heard(s, at_usec);
}

static int parse(PaceSensor *s, PaceFormat format, const uint8_t *value, size_t size, usec_t at_usec,
                PaceReading *ret)
{
        if (format == PACE_FORMAT_TREADMILL)
                return treadmill_take(&s->treadmill, value, size, at_usec, ret);
        return running_speed_parse(value, size, ret) ? 1 : -EBADMSG;
}

static void hear(Manager *m, PaceSensor *s, PaceFormat format, const PaceReading *r, usec_t at_usec)
{
        if (s->link == 0 || s->format != format) {
                s->link = ++m->pace.links;
                s->links++;
                s->format = format;
                pace_source_begin(&s->source);
        }
        if (!is_heard(s, at_usec))
                m->published.dirty = true; /* it is live */
        s->heard_usec = at_usec;
        if (r->speed > MOVES_ABOVE)
                s->moved_usec = at_usec;
        if (r->speed >= RUNS_FROM)
                s->ran_usec = at_usec;
}

static bool is_any_strap_live(const Manager *m)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (engine_latest(m->engine, i))
                        return true;
        return false;
}

/* The heart rate that a treadmill feels at its grips is shown while there is no better one. */
static void show_heart_rate(Manager *m, unsigned number, const PaceReading *r)
{
        uint16_t heart_rate = is_any_strap_live(m) ? 0 : r->heart_rate;

        if (m->straps.strap[number].record.kind == SENSOR_KIND_TREADMILL)
                bus_set_heart_rate(m->bus, number, heart_rate, heart_rate, 0);
}

/* -- The source in force ------------------------------------------------------------------------------------------ */

static unsigned rank(const Manager *m, unsigned number, usec_t now_usec)
{
        const PaceSensor *s = &m->straps.strap[number].pace;
        bool moves = s->moved_usec > 0 && now_usec < usec_add(s->moved_usec, SILENT_USEC);

        if (!m->straps.strap[number].used || !is_heard(s, now_usec))
                return 0;
        return 1 + (m->pace.source == (int)number) + 2 * (s->format == PACE_FORMAT_TREADMILL) + 4 * moves;
}

static bool is_in_force(Manager *m, unsigned number, usec_t now_usec)
{
        unsigned best = number;

        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (rank(m, i, now_usec) > rank(m, best, now_usec))
                        best = i;
        if (best != number)
                return false;
        if (m->pace.source == (int)number)
                return true;
        pace_smoother_clear(&m->pace.smoother);
        m->pace.source = (int)number;
        (void)stpcpy(m->pace.address, m->straps.strap[number].record.address); /* both have the same size */
        return true;
}

static void remember(Pace *p, int link, const PacePoint *point)
{
        if (!p->past)
                p->past = calloc(1, sizeof(*p->past));
        if (!p->past)
                return; /* a session that has begun before now has no pace until now */
        p->past->entry[p->past->n % PACE_PAST_MAX].link = link;
        p->past->entry[p->past->n++ % PACE_PAST_MAX].point = *point;
}

bool pace_sees_running(const Manager *m, usec_t now_usec)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const KnownStrap *s = &m->straps.strap[i];

                if (s->used && s->pace.ran_usec > 0 && now_usec < usec_add(s->pace.ran_usec, RUNNING_USEC))
                        return true;
        }
        return false;
}

bool pace_saw_treadmill_stop(const Manager *m, usec_t now_usec)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const PaceSensor *s = &m->straps.strap[i].pace;

                if (m->straps.strap[i].used && s->format == PACE_FORMAT_TREADMILL && s->moved_usec > 0 &&
                                s->heard_usec > s->moved_usec &&
                                now_usec < usec_add(s->moved_usec, STOPPED_USEC))
                        return true;
        }
        return false;
}

/* -- The limit ---------------------------------------------------------------------------------------------------- */

/* What is recorded, or would be if it began by itself, is a recovery run. */
static bool is_recovery(const Manager *m)
{
        return (m->session.said >= 0 ? m->session.said : m->coach.day.kind) == KIND_RECOVERY;
}

static bool is_workout(const Manager *m)
{
        return m->cues.workout || m->session.with_workout;
}

double pace_limit_in_force(const Manager *m)
{
        return is_recovery(m) && !is_workout(m) ? m->coach.day.pace_limit : NAN;
}

const char *pace_reason(const Manager *m, char buf[static PACE_REASON_MAX])
{
        const CoachDay *day = &m->coach.day;
        char base[PACE_TEXT_MAX];

        /* All of it always fits. */
        if (is_workout(m))
                (void)snprintf(buf, PACE_REASON_MAX, "a workout has no pace limit");
        else if (!is_recovery(m))
                (void)snprintf(buf, PACE_REASON_MAX, "only recovery runs have a pace limit");
        else if (isnan(day->pace_limit))
                (void)snprintf(buf, PACE_REASON_MAX,
                                "%u base run%s of 1 km or more with a distance in the last %d days; a limit "
                                "takes %u",
                                day->base_runs, day->base_runs == 1 ? "" : "s", COACH_BASE_DAYS,
                                COACH_PACE_RUNS);
        else
                (void)snprintf(buf, PACE_REASON_MAX,
                                "%u s per mile slower than your base runs, %s on average",
                                m->config->pace_margin,
                                pace_to_string(day->base_speed, m->config->miles, base));
        return buf;
}

static LimiterConfig limiter_config(const Manager *m)
{
        return (LimiterConfig){
                .tolerance = PACE_TOLERANCE * m->pace.limiter.limit,
                .hold_usec = m->config->pace_hold_usec,
                .clear_usec = m->config->clear_usec,
                .repeat_usec = m->config->repeat_usec,
        };
}

static void signal_pace(Manager *m, const char *signal)
{
        const Pace *p = &m->pace;
        /* The end of a session is that of a breach, also where the sensor has been silent since. */
        double speed = isnan(p->speed) ? p->limiter.ended.value : p->speed;

        bus_over_pace(m->bus, signal, m->session.id, p->address, speed, p->limiter.limit,
                        limiter_length(&p->limiter));
}

static void write_event(Manager *m, const LimiterMark *mark, const char *type)
{
        (void)session_writer_event(m->session.writer, session_time(&m->session, mark->at_usec), type,
                        mark->value, NULL); /* logged there */
}

/* Carries out what the limiter found. */
static void tell(Manager *m, LimiterFacts facts)
{
        if (facts & LIMITER_BEGAN)
                write_event(m, &m->pace.limiter.began, "over-pace");
        if (facts & LIMITER_ENDED)
                write_event(m, &m->pace.limiter.ended, "pace-in-range");
        if (facts & LIMITER_OVER)
                signal_pace(m, "OverPace");
        if (facts & LIMITER_BACK)
                signal_pace(m, "PaceInRange");
}

static void follow_limit(Manager *m)
{
        Pace *p = &m->pace;
        double limit = pace_limit_in_force(m);

        if (limit == p->limiter.limit || (isnan(limit) && isnan(p->limiter.limit)))
                return;
        tell(m, limiter_end(&p->limiter));
        limiter_begin(&p->limiter, limit);
}

/* One that is not known any more is not. */
static bool is_heart_rate_too_high(const Manager *m)
{
        return m->engine->limiter.state == LIMITER_BREACH &&
               engine_latest(m->engine, m->engine->recorder.sensor);
}

/* The heart rate goes before: while it is too high nothing is said of pace, but it counts. */
static void limit(Manager *m, const PacePoint *point, usec_t credit_usec)
{
        const LimiterValue value = {
                .at_usec = point->at_usec, .value = m->pace.speed, .counts = !isnan(m->pace.speed)
        };
        LimiterConfig config;

        follow_limit(m);
        config = limiter_config(m);
        if (is_heart_rate_too_high(m))
                tell(m, limiter_replay(&m->pace.limiter, &config, &value, credit_usec));
        else
                tell(m, limiter_update(&m->pace.limiter, &config, &value, credit_usec));
}

void pace_mute(Manager *m, usec_t until_usec, usec_t now_usec)
{
        Pace *p = &m->pace;
        const LimiterConfig config = limiter_config(m);
        bool silent = p->source < 0 || !is_heard(sensor_of(m, (unsigned)p->source), now_usec) ||
                      is_heart_rate_too_high(m);

        if (until_usec > now_usec) {
                limiter_mute(&p->limiter, until_usec);
        } else if (p->limiter.muted_until_usec > 0) {
                limiter_mute(&p->limiter, now_usec);
                tell(m, limiter_tick(&p->limiter, &config, now_usec, silent));
        }
}

/* -- Sessions ----------------------------------------------------------------------------------------------------- */

/* Returns whether it is a point of the session's. */
static bool write_point(Manager *m, int link, const PacePoint *point)
{
        PacePoint of_session;

        if (!pace_trip_add(&m->pace.trip, link, point, &of_session))
                return false;
        session_writer_pace(m->session.writer, session_time(&m->session, point->at_usec), &of_session);
        return true;
}

/* A point of the source in force. */
static void take_point(Manager *m, int link, const PacePoint *point)
{
        Pace *p = &m->pace;
        usec_t credit_usec = point->at_usec - p->last_usec;

        if (point->at_usec < usec_add(p->last_usec, POINT_EVERY_USEC))
                return;
        remember(p, link, point);
        p->speed = pace_smoother_add(&p->smoother, point->at_usec, point->speed);
        if (p->recording && write_point(m, link, point)) {
                limit(m, point, credit_usec < POINT_CREDIT_USEC ? credit_usec : POINT_CREDIT_USEC);
                committer_arm(&m->committer);
        }
        p->last_usec = point->at_usec;
        show_session(m);
}

void pace_value(Manager *m, unsigned number, PaceFormat format, const uint8_t *value, size_t size,
                usec_t at_usec)
{
        PaceSensor *s = sensor_of(m, number);
        PaceReading reading;
        PacePoint point;
        int r;

        if (is_doubled(s, format, at_usec))
                return;
        r = parse(s, format, value, size, at_usec, &reading);
        if (r < 0)
                log_debug("%s: a value of its pace was dropped: it is too short",
                                m->straps.strap[number].record.address);
        if (r <= 0)
                return;
        hear(m, s, format, &reading, at_usec);
        show_heart_rate(m, number, &reading);
        if (!pace_source_add(&s->source, &reading, at_usec, &point))
                return;
        bus_set_pace(m->bus, number, &point);
        if (bus_has_subscribers(m->bus))
                bus_pace(m->bus, number, (uint64_t)core_to_unix_ms(at_usec) * 1000, &point);
        if (is_in_force(m, number, at_usec))
                take_point(m, s->link, &point);
        arm(m, at_usec);
}

/* What was run since it began is part of it, also from before that was known. */
static void write_past(Manager *m)
{
        const PacePast *past = m->pace.past;

        for (uint64_t i = past && past->n > PACE_PAST_MAX ? past->n - PACE_PAST_MAX : 0; past && i < past->n;
                        i++)
                if (past->entry[i % PACE_PAST_MAX].point.at_usec >= m->session.begin_usec)
                        (void)write_point(m, past->entry[i % PACE_PAST_MAX].link,
                                        &past->entry[i % PACE_PAST_MAX].point);
}

void pace_session_begins(Manager *m)
{
        m->pace.recording = true;
        m->pace.trip = (PaceTrip){ 0 };
        limiter_begin(&m->pace.limiter, pace_limit_in_force(m));
        write_past(m);
}

void pace_session_resumes(Manager *m, const OpenSession *open)
{
        m->pace.recording = true;
        m->pace.trip = (PaceTrip){ 0 };
        limiter_begin(&m->pace.limiter, pace_limit_in_force(m));
        m->pace.trip.distance = open->distance >= 0 ? open->distance : 0; /* NAN where no row says */
        m->pace.trip.ascent = open->ascent >= 0 ? open->ascent : 0;
        m->pace.trip.any_distance = open->distance >= 0;
}

void pace_session_ends(Manager *m)
{
        if (!m->pace.recording)
                return;
        tell(m, limiter_end(&m->pace.limiter));
        m->pace.recording = false;
        show_session(m);
}

void pace_end(Pace *p)
{
        sd_event_source_disable_unref(p->deadline.timer);
        free(p->past);
}
