/* SPDX-License-Identifier: MIT */
/* What outlives the daemon: a session that a crash, a power cut or a stop has interrupted, and what commands had set. Kept
 * as Unix ms by the wall clock, taken up on the core's.
 *
 * After a power cut the wall clock may have to be set before it is known how long the session has been interrupted. Then it waits
 * for that, as long as it can still be young enough: heart rates meanwhile are shown and not stored. A session that begins
 * meanwhile ends the wait, and the one before. */

#include "manager/internal.h"

#include <math.h>
#include <stdlib.h>

#include "cardio/macro.h"
#include "local.h"
#include "log.h"

/* The time of effort, which moves on with every heart rate, is stored no more often. */
#define EFFORT_KEPT_MS 30000
/* As long as a command can make it. */
#define SNOOZE_MAX_MS (INT64_C(1000) * UINT32_MAX)
/* What a command has set to follow the coach, not to what it comes to today. */
#define CEILING_COACHED "auto"

_heartbeat_ bool manager_keep_commands(Manager *m, bool session_over)
{
        const Engine *e = m->engine;
        StoreCommands c = { .snoozed_until = (int64_t)(m->snoozed_until / 1000),
                .ceiling_day = DAY_NONE,
                .advised_day = m->advised_day,
                .raced_day = m->raced_day },
                      *kept = &m->commands;

        if (e->overridden && !session_over && m->coached)
                (void)stpcpy(c.ceiling, CEILING_COACHED); /* the size is known */
        else if (e->overridden && !session_over)
                (void)intensity_to_string(&e->override, c.ceiling); /* likewise */
        if (c.ceiling[0])
                c.ceiling_day = m->command_day;
        if (e->recorder.state == RECORDER_STOPPED)
                c.effort_at = manager_realtime_ms(e->recorder.effort_usec);
        if (strcmp(c.ceiling, kept->ceiling) == 0 && c.snoozed_until == kept->snoozed_until &&
                        c.ceiling_day == kept->ceiling_day && c.advised_day == kept->advised_day &&
                        c.raced_day == kept->raced_day && !c.effort_at == !kept->effort_at &&
                        llabs(c.effort_at - kept->effort_at) < EFFORT_KEPT_MS)
                return false;
        *kept = c;
        store_set_commands(m->store, &c);
        return true;
}

/* The core begins with the figures of the day in force, which are in the database. */
int manager_begin_core(Manager *m)
{
        EngineConfig engine;
        int r = manager_coach_begin(m);

        if (r < 0)
                return r;
        engine = manager_engine_config(m);
        engine_begin(m->engine, &engine);
        return 0;
}

/* What commands had set goes on as if the daemon had never been away. */
static void restore_ceiling(Manager *m, const StoreCommands *c, usec_t now_usec)
{
        Event event = { .type = EVENT_CEILING };
        Intensity ceiling;

        m->command_day = c->ceiling_day;
        m->coached = strcmp(c->ceiling, CEILING_COACHED) == 0;
        if (m->coached)
                ceiling = manager_ceiling_of_coach(m);
        else if (intensity_parse(c->ceiling, &ceiling) < 0)
                ceiling = (Intensity){ .kind = INTENSITY_AUTO }; /* which the core refuses */
        event.intensity = &ceiling;
        if (engine_handle(m->engine, &event, now_usec, manager_fact, m) < 0)
                log_warning("The ceiling '%s', set by command, cannot be in force any more", c->ceiling);
}

static int restore_commands(Manager *m, bool session, usec_t now_usec, int64_t now_ms)
{
        StoreCommands *c = &m->commands;
        int r = store_get_commands(m->store, c);

        if (r < 0)
                return r;
        m->advised_day = c->advised_day;
        m->raced_day = c->raced_day;
        /* Without a session it was for its day; an older version did not tell which. */
        if (c->ceiling_day == DAY_NONE)
                c->ceiling_day = local_today();
        if (c->ceiling[0] && (session || c->ceiling_day == local_today()))
                restore_ceiling(m, c, now_usec);
        if (c->snoozed_until > now_ms && c->snoozed_until - now_ms <= SNOOZE_MAX_MS)
                (void)engine_handle(m->engine,
                                &(Event){ .type = EVENT_SNOOZE,
                                                .length_usec = (usec_t)(c->snoozed_until - now_ms) *
                                                               USEC_PER_MSEC },
                                now_usec, manager_fact, m); /* never refused */
        if (c->effort_at > 0 && c->effort_at <= now_ms &&
                        now_ms - c->effort_at < (int64_t)(m->config->end_after_usec / USEC_PER_MSEC))
                (void)engine_handle(m->engine,
                                &(Event){ .type = EVENT_STOPPED,
                                                .last_usec = now_usec - (usec_t)(now_ms - c->effort_at) *
                                                                                        USEC_PER_MSEC },
                                now_usec, manager_fact, m); /* nothing is recorded, and it is past */
        return 0;
}

/* The core takes up a stored session with all that its heart rates add up to. */
static int resume_core(Manager *m, const OpenSession *open, usec_t begin_usec, usec_t now_usec)
{
        _cleanup_free_ StorePast *stored = NULL;
        _cleanup_free_ PastSample *past = NULL;
        ssize_t n = store_session_past(m->store, open->id, &stored);

        if (n <= 0)
                return n < 0 ? (int)n : -EINVAL;
        past = calloc((size_t)n, sizeof(*past));
        if (!past)
                return -ENOMEM;
        for (ssize_t i = 0; i < n; i++)
                past[i] = (PastSample){
                        .at_usec = begin_usec + (usec_t)stored[i].t * USEC_PER_MSEC,
                        .smoothed = stored[i].smoothed,
                        .counts = stored[i].counts,
                        .zone = stored[i].zone,
                };
        return engine_handle(m->engine,
                        &(Event){ .type = EVENT_RESUME,
                                        .sensor = (unsigned)manager_strap_number(m, open->address),
                                        .by_hand = open->by_hand,
                                        .begin_usec = begin_usec,
                                        .past = past,
                                        .n_past = (size_t)n },
                        now_usec, manager_fact, m);
}

static void close_open(Manager *m, const OpenSession *open)
{
        session_writer_end(open->writer, open->last_t, false);
        m->session_day = DAY_NONE;
        m->said = _KIND_INVALID;
        m->recheck = true;
}

/* The core goes by its day and its kind already. */
static int take_up(Manager *m, const OpenSession *open)
{
        char expression[INTENSITY_STRING_MAX];
        usec_t now_usec = manager_now(), begin_usec = CORE_EPOCH_USEC + (usec_t)open->boot_ms * USEC_PER_MSEC;
        int r = resume_core(m, open, begin_usec, now_usec);

        if (r < 0 && r != -EINVAL)
                return r;
        if (r < 0) {
                log_warning("Session %" PRIi64 " was interrupted, and its times cannot be: closed", open->id);
                close_open(m, open);
                return 0;
        }
        r = session_writer_resume(open, begin_usec);
        if (r < 0)
                return r;
        m->session = open->id;
        m->writer = open->writer;
        m->session_begin_usec = begin_usec;
        m->session_started_at = open->started_at;
        manager_advise_later(m);
        log_info("Session %" PRIi64 " was interrupted; it goes on if its strap comes back", open->id);
        /* The configuration may be another one than it was. */
        if (open->ceiling != m->engine->ceiling && !(isnan(open->ceiling) && isnan(m->engine->ceiling)))
                session_writer_event(m->writer, (int64_t)((now_usec - begin_usec) / USEC_PER_MSEC), "ceiling",
                                m->engine->ceiling,
                                intensity_to_string(engine_ceiling(m->engine), expression));
        return 0;
}

static int64_t end_after_ms(const Manager *m)
{
        return (int64_t)(m->config->end_after_usec / USEC_PER_MSEC);
}

/* Takes up a session that a crash, a power cut or a stop interrupted, if it is young enough. */
int manager_resume(Manager *m)
{
        usec_t now_usec;
        int64_t now_ms;
        OpenSession open;
        int r, moved;

        manager_know_clock(m);
        now_usec = manager_now();
        now_ms = manager_realtime_ms(now_usec);
        r = moved = store_recover(m->store, now_ms, end_after_ms(m), &open);
        if (r < 0)
                return r;
        if (open.id != 0 && !open.undecided) {
                m->session_day = local_day(open.started_at);
                m->said = open.kind;
        }
        if (moved || m->session_day != DAY_NONE)
                r = manager_begin_core(m);
        if (r >= 0)
                r = restore_commands(m, open.id != 0, now_usec, now_ms);
        if (r >= 0 && open.undecided) {
                log_notice("Session %" PRIi64
                           " was interrupted; whether it goes on is decided when the clock is set",
                                open.id);
                m->undecided = open;
        } else if (r >= 0 && open.id != 0)
                r = take_up(m, &open);
        if (r >= 0)
                manager_poll_clock(m);
        return r;
}

/* Neither the runner's figures nor the ceiling are what they were: the day may be another one, and it is the session's. */
static void take_up_late(Manager *m, const OpenSession *open)
{
        int r;

        m->session_day = local_day(open->started_at);
        m->said = open->kind;
        m->recheck = true;
        manager_coach_follow(m);
        r = take_up(m, open);
        if (r < 0) {
                log_error("Session %" PRIi64 " cannot be taken up: %s", open->id, strerror(-r));
                close_open(m, open);
        }
        m->changed = true;
}

void manager_resume_late(Manager *m)
{
        OpenSession open = m->undecided;
        int r;

        if (open.id == 0)
                return;
        r = store_decide(m->store, &open, manager_realtime_ms(manager_now()), end_after_ms(m));
        if (r == -EAGAIN)
                return;
        m->undecided.id = 0;
        /* Whoever measures lies still. */
        if (r > 0 && !m->resting) {
                take_up_late(m, &open);
                return;
        }
        log_info("Session %" PRIi64 " was interrupted %s: it ended with its last heart rate", open.id,
                        r > 0 ? "and a resting heart rate is measured" : "for too long");
        close_open(m, &open);
        manager_commit(m);
        if (m->engine->overridden && m->command_day == m->commands.ceiling_day)
                (void)manager_ceiling_command(m, NULL); /* it was for that session; never refused */
        manager_judge_recent(m);
        manager_arm_commit(m);
}
