/* SPDX-License-Identifier: MIT */
/* What the core found out becomes rows of the database, signals on the bus and lines in the log, in the order in which
 * it happened. A session is on disk before anybody is told that it began or ended. */

#include "manager/facts.h"

#include <math.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "local.h"
#include "log.h"
#include "manager/internal.h"

static int64_t session_t(const Manager *m, usec_t at_usec)
{
        return ((int64_t)at_usec - (int64_t)m->session.begin_usec) / (int64_t)USEC_PER_MSEC;
}

static double seconds(usec_t length_usec)
{
        return (double)length_usec / USEC_PER_SEC;
}

static const char *address_of(const Manager *m, const Fact *fact)
{
        return m->straps.strap[fact->sensor].record.address;
}

static void log_session(const Manager *m, const char *id, const char *what)
{
        char field[sizeof("CARDIO_SESSION=") + 20], name[NAME_PLAIN_MAX];

        (void)snprintf(field, sizeof(field), "CARDIO_SESSION=%" PRIi64,
                        m->session.id); /* the size is known */
        log_event(id, field, "Session %" PRIi64 " with %s %s", m->session.id,
                        strap_name(m, m->engine->recorder.sensor, name), what);
}

/* One that a power cut had interrupted, and whose age is not known, is over with that. */
static void leave_undecided(Manager *m)
{
        if (m->session.undecided.id != 0)
                m->coach.dirty = true;
        m->session.undecided.id = 0;
}

static void session_started(Manager *m, const Fact *fact)
{
        char expression[INTENSITY_STRING_MAX], bounds[ZONE_BOUNDS_STRING_MAX];
        const Config *c = m->config;
        SessionHead head = {
                .address = m->straps.strap[fact->sensor].record.address,
                .kind = m->session.next_kind,
                .day_kind = kind_to_string(m->coach.day.kind),
                .workout = m->cues.workout ? m->cues.name : NULL,
                .by_hand = m->engine->recorder.by_hand,
                .started_at = core_to_unix_ms(fact->at_usec),
                .boot_ms = ((int64_t)fact->at_usec - (int64_t)CORE_EPOCH_USEC) / (int64_t)USEC_PER_MSEC,
                .runner = m->engine->config.runner,
                .ceiling = fact->ceiling,
                .ceiling_expression = intensity_to_string(engine_ceiling(m->engine), expression),
                .tolerance = m->engine->config.limiter.tolerance,
                .zone_model = zone_model_to_string(c->zone_model),
                .zone_bounds = config_zone_bounds(c, bounds),
        };

        leave_undecided(m);
        clock_know(m);
        head.utc_offset_s = local_offset_s(head.started_at);
        m->session.id = store_session_begin(m->store, &head);
        if (m->session.id < 0)
                m->session.id = 0; /* said by the store; alerts go on */
        m->session.begin_usec = fact->at_usec;
        m->session.started_at = head.started_at;
        m->session.day = m->coach.day.date;
        committer_commit(&m->committer);
        log_session(m, LOG_ID_SESSION_STARTED, "started");
        bus_session(m->bus, "SessionStarted", m->session.id, address_of(m, fact),
                        (uint64_t)head.started_at * 1000);
        advice_later(m);
        clock_poll_later(m);
}

/* The coach has one run more to go by, and today has come. */
static void session_over(Manager *m)
{
        m->session.id = 0;
        m->session.day = DAY_NONE;
        m->session.said = _KIND_INVALID;
        m->session.with_workout = false;
        m->coach.dirty = true;
        cues_end(&m->cues);
}

static void session_ended(Manager *m, const Fact *fact)
{
        int64_t t = store_session_end(m->store, session_t(m, fact->at_usec), fact->resumable);

        (void)commands_keep(m, !fact->resumable); /* in one commit with the end */
        strap_seen(m, fact->sensor);
        committer_commit(&m->committer);
        committer_sync_later(&m->committer);
        /* Whoever hears of its end finds how it went. */
        if (!fact->resumable)
                verdict_judge_recent(m);
        log_session(m, LOG_ID_SESSION_ENDED, fact->resumable ? "interrupted; it may go on" : "ended");
        bus_session(m->bus, "SessionEnded", m->session.id, address_of(m, fact),
                        (uint64_t)(m->session.started_at + t) * 1000);
        if (!fact->resumable)
                advice_after_race(m, m->session.id);
        if (!fact->resumable && store_held(m->store))
                m->coach.unjudged_session = m->session.id;
        session_over(m);
}

static void session_discarded(Manager *m)
{
        store_session_discard(m->store);
        committer_commit(&m->committer);
        committer_sync_later(&m->committer);
        log_session(m, LOG_ID_SESSION_ENDED, "was shorter than min-duration: discarded");
        bus_session_discarded(m->bus, m->session.id);
        session_over(m);
}

static void event(Manager *m, const Fact *fact, const char *type, double value, const char *detail)
{
        int64_t t = session_t(m, fact->at_usec);

        if (m->session.id != 0)
                store_event(m->store, t < 0 ? 0 : t, type, value, detail);
}

static void over_limit(Manager *m, const Fact *fact)
{
        if (fact->begins)
                event(m, fact, "over-limit", fact->first_heart_rate, NULL);
        if (fact->announce)
                bus_limit(m->bus, "OverLimit", m->session.id, address_of(m, fact), fact->heart_rate,
                                fact->ceiling, fact->length_usec);
}

static void back_in_range(Manager *m, const Fact *fact)
{
        event(m, fact, "back-in-range", seconds(fact->length_usec), NULL);
        if (fact->announce)
                bus_limit(m->bus, "BackInRange", m->session.id, address_of(m, fact), fact->heart_rate,
                                fact->ceiling, fact->length_usec);
}

static void measure_heart_rate(Manager *m, const Fact *fact)
{
        if (m->measuring.resting && fact->sensor == m->measuring.strap)
                resting_heart_rate(m->measuring.resting, fact->at_usec, fact->sample->stale_usec,
                                fact->sample->heart_rate, fact->rr, fact->n_rr);
}

static void heart_rate(Manager *m, const Fact *fact)
{
        const Sample *s = fact->sample;

        measure_heart_rate(m, fact);
        bus_set_heart_rate(m->bus, fact->sensor, s->heart_rate, s->smoothed, s->zone);
        if (bus_has_subscribers(m->bus))
                bus_measurement(m->bus, fact->sensor, (uint64_t)core_to_unix_ms(s->at_usec) * 1000,
                                s->heart_rate, s->smoothed, s->zone, fact->rr, fact->n_rr);
}

static void zone_changed(Manager *m, const Fact *fact)
{
        char zone[] = { (char)('0' + fact->zone), '\0' };

        event(m, fact, "zone", fact->heart_rate, zone);
}

static void ceiling_changed(Manager *m, const Fact *fact)
{
        char expression[INTENSITY_STRING_MAX];

        event(m, fact, "ceiling", fact->ceiling, intensity_to_string(engine_ceiling(m->engine), expression));
}

static void snoozed(Manager *m, const Fact *fact)
{
        m->command.snoozed_until = fact->length_usec == 0 ? 0
                                                          : (uint64_t)core_to_unix_ms(usec_add(fact->at_usec,
                                                                            fact->length_usec)) *
                                                                            1000;
        event(m, fact, "snooze", seconds(fact->length_usec), NULL);
}

/* Whatever is no heart rate. */
static void happened(Manager *m, const Fact *fact)
{
        switch (fact->type) {
        case FACT_REJECTED:
                if (fact->reason == REJECTED_MALFORMED || fact->reason == REJECTED_IMPLAUSIBLE)
                        log_debug("%s: a measurement was dropped: %s",
                                        m->straps.strap[fact->sensor].record.address,
                                        rejection_to_string(fact->reason));
                return;
        case FACT_ZONE:
                zone_changed(m, fact);
                return;
        case FACT_OVER_LIMIT:
                over_limit(m, fact);
                return;
        case FACT_BACK_IN_RANGE:
                back_in_range(m, fact);
                return;
        case FACT_GAP:
                event(m, fact, "gap", seconds(fact->length_usec), NULL);
                return;
        case FACT_CONTACT_LOST:
                event(m, fact, "contact-lost", NAN, NULL);
                return;
        case FACT_STALE:
                event(m, fact, "stale", seconds(fact->length_usec), NULL);
                return;
        case FACT_SESSION_STARTED:
                session_started(m, fact);
                break;
        case FACT_SESSION_ENDED:
                session_ended(m, fact);
                break;
        case FACT_SESSION_DISCARDED:
                session_discarded(m);
                break;
        case FACT_CEILING:
                ceiling_changed(m, fact);
                break;
        case FACT_SNOOZE:
                snoozed(m, fact);
                break;
        case FACT_STRAP:
                event(m, fact, "strap", NAN, m->straps.strap[fact->sensor].record.address);
                break;
        case FACT_SENSOR:
                if (m->engine->track[fact->sensor].state != SENSOR_LIVE)
                        strap_seen(m, fact->sensor);
                break;
        case FACT_HEART_RATE:
        case FACT_SAMPLE:
        case _FACT_TYPE_MAX:
        case _FACT_TYPE_INVALID:
                return;
        }
        m->view.dirty = true;
}

void facts_carry_out(void *userdata, const Fact *fact)
{
        Manager *m = userdata;

        if (fact->type == FACT_HEART_RATE)
                heart_rate(m, fact);
        else if (fact->type == FACT_SAMPLE)
                store_sample(m->store, session_t(m, fact->at_usec), fact->sample, fact->rr, fact->n_rr);
        else
                happened(m, fact);
}
