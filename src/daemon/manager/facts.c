/* SPDX-License-Identifier: MIT */
/* Carries out the core's facts: rows of the database (through the session's writer), signals on the bus and lines in the log,
 * in the order of happening. A session is on disk before its beginning or its end is signalled. Times are on the core's clock,
 * and come with the facts. */

#include "manager/facts.h"

#include "cardio/macro.h"
#include "local.h"
#include "log.h"
#include "manager/internal.h"
#include "manager/trouble.h"
#include "store/writer.h"

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

/* A session interrupted by a power cut, of unknown age, is closed when another one begins. */
static void close_undecided(Manager *m)
{
        if (m->session.undecided.id == 0)
                return;
        session_writer_end(m->session.undecided.writer, m->session.undecided.last_t, false);
        m->session.undecided.id = 0;
        m->coach.dirty = true;
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

        clock_check_right(m);
        close_undecided(m);
        head.utc_offset_s = local_offset_s(head.started_at);
        m->session.id = session_writer_begin(m->store, &head, fact->at_usec, &m->session.writer);
        if (m->session.id < 0)
                m->session.id = 0; /* the store has logged it; alerts go on */
        m->session.begin_usec = fact->at_usec;
        m->session.started_at = head.started_at;
        m->session.day = m->coach.day.date;
        committer_commit(&m->committer);
        log_session(m, LOG_ID_SESSION_STARTED, "started");
        bus_session(m->bus, "SessionStarted", m->session.id, address_of(m, fact),
                        (uint64_t)head.started_at * 1000);
        pace_session_begins(m);
        advice_later(m);
        clock_poll_later(m);
}

/* The coach has one more run to go by, and the day in force is today again. */
static void session_over(Manager *m)
{
        m->session.id = 0;
        m->session.writer = NULL;
        m->session.day = DAY_NONE;
        m->session.said = _KIND_INVALID;
        m->session.with_workout = m->session.quiet_loss = false;
        m->coach.dirty = true;
        cues_end(&m->cues);
}

static void session_ended(Manager *m, const Fact *fact)
{
        int64_t t;

        pace_session_ends(m);
        t = session_writer_end(m->session.writer, session_time(&m->session, fact->at_usec), fact->resumable);

        (void)commands_keep(m, !fact->resumable); /* in one commit with the end */
        strap_seen(m, fact->sensor);
        committer_commit(&m->committer);
        committer_sync_later(&m->committer);
        /* Judged before it is announced, so that clients find the verdict. */
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
        pace_session_ends(m);
        session_writer_discard(m->session.writer);
        committer_commit(&m->committer);
        committer_sync_later(&m->committer);
        log_session(m, LOG_ID_SESSION_ENDED, "was shorter than min-duration: discarded");
        bus_session_discarded(m->bus, m->session.id);
        session_over(m);
}

static void limit(Manager *m, const Fact *fact, const char *signal)
{
        if (fact->announce)
                bus_limit(m->bus, signal, m->session.id, address_of(m, fact), fact->heart_rate, fact->ceiling,
                                fact->length_usec);
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
        strap_update_alpha1(m, fact->sensor, s->at_usec);
        if (bus_has_subscribers(m->bus))
                bus_measurement(m->bus, fact->sensor, (uint64_t)core_to_unix_ms(s->at_usec) * 1000,
                                s->heart_rate, s->smoothed, s->zone, fact->rr, fact->n_rr);
}

static void snoozed(Manager *m, const Fact *fact)
{
        m->command.snoozed_until = fact->length_usec == 0 ? 0
                                                          : (uint64_t)core_to_unix_ms(usec_add(fact->at_usec,
                                                                            fact->length_usec)) *
                                                                            1000;
        bus_set_snoozed_until(m->bus, m->command.snoozed_until);
        pace_mute(m, fact->length_usec == 0 ? 0 : usec_add(fact->at_usec, fact->length_usec), core_now());
}

/* Writes the row of a fact that has one. */
static void write_row(Manager *m, const Fact *fact)
{
        char expression[INTENSITY_STRING_MAX];
        const char *detail = NULL;

        if (fact->type == FACT_CEILING)
                detail = intensity_to_string(engine_ceiling(m->engine), expression);
        else if (fact->type == FACT_STRAP)
                detail = address_of(m, fact);
        /* Any strap's battery may be low, and only that of the session's is of it. */
        if (fact->type != FACT_BATTERY_LOW || strap_is_recorded(m, fact->sensor))
                session_writer_fact(m->session.writer, fact, detail);
}

/* Handles all facts but heart rates. */
_cold_ static void carry_out_event(Manager *m, const Fact *fact)
{
        write_row(m, fact);
        switch (fact->type) {
        case FACT_REJECTED:
                if (fact->reason == REJECTED_MALFORMED || fact->reason == REJECTED_IMPLAUSIBLE)
                        log_debug("%s: a measurement was dropped: %s",
                                        m->straps.strap[fact->sensor].record.address,
                                        rejection_to_string(fact->reason));
                return;
        case FACT_OVER_LIMIT:
                limit(m, fact, "OverLimit");
                return;
        case FACT_BACK_IN_RANGE:
                limit(m, fact, "BackInRange");
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
        case FACT_SNOOZE:
                snoozed(m, fact);
                break;
        case FACT_CEILING:
        case FACT_STRAP:
                break;
        case FACT_SENSOR:
                if (m->engine->track[fact->sensor].state != SENSOR_LIVE)
                        strap_seen(m, fact->sensor);
                break;
        case FACT_STRAP_LOST:
                m->session.quiet_loss = pace_saw_treadmill_stop(m, core_now());
                if (!m->session.quiet_loss)
                        trouble_strap_lost(m, fact);
                return;
        case FACT_STRAP_BACK:
                if (!m->session.quiet_loss)
                        trouble_strap_back(m, fact);
                return;
        case FACT_BATTERY_LOW:
        case FACT_BATTERY_RISEN:
                trouble_battery(m, fact);
                return;
        case FACT_ZONE:
        case FACT_GAP:
        case FACT_CONTACT_LOST:
        case FACT_STALE:
        case FACT_HEART_RATE:
        case FACT_SAMPLE:
        case _FACT_TYPE_MAX:
        case _FACT_TYPE_INVALID:
                return;
        }
        m->published.dirty = true;
}

_hot_ void facts_carry_out(void *userdata, const Fact *fact)
{
        Manager *m = userdata;

        if (fact->type == FACT_HEART_RATE)
                heart_rate(m, fact);
        else if (fact->type == FACT_SAMPLE)
                session_writer_fact(m->session.writer, fact, NULL);
        else
                carry_out_event(m, fact);
}
