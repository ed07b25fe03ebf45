/* SPDX-License-Identifier: MIT */
/* Keeps a Live up to date: from the events of a follower, and from queries of its own for what those do not have.
 *
 * Always: until the daemon has answered all the questions of the beginning, reach is not REACH_PRESENT and no other event is
 * emitted; no call blocks. Times are of the live clock, except those from the daemon, which are CLOCK_REALTIME. */
#include "watch/live-feed.h"

#include <string.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "client/session-row.h"
#include "watch/live-clock.h"
#include "watch/live-record.h"

/* How often the daemon is asked for the row of the current session, besides after every event, or otherwise whether it still
 * replies: without that, the last state of a daemon that hangs would be shown for ever. The deadline of a reply is shorter. */
#define REFRESH_USEC (15 * USEC_PER_SEC)

struct LiveFeed {
        sd_event *event;
        Live *live;
        LiveFeedFunc func;
        void *userdata;
        Follower *follower;
        bool ready; /* it has answered the follower's questions of the beginning */
        sd_bus_slot *row, *distance;
        int64_t recorded; /* the session whose past has been read */
        sd_event_source *refresh;
};

static const char *const event_names[] = {
        [LIVE_EVENT_REACH] = "daemon",
        [LIVE_EVENT_STATUS] = "status",
        [LIVE_EVENT_MEASUREMENT] = "measurement",
        [LIVE_EVENT_PACE] = "pace",
        [LIVE_EVENT_SESSION_STARTED] = "session-started",
        [LIVE_EVENT_SESSION_ENDED] = "session-ended",
        [LIVE_EVENT_SESSION_DISCARDED] = "session-discarded",
        [LIVE_EVENT_OVER_LIMIT] = "over-limit",
        [LIVE_EVENT_BACK_IN_RANGE] = "back-in-range",
        [LIVE_EVENT_OVER_PACE] = "over-pace",
        [LIVE_EVENT_PACE_IN_RANGE] = "pace-in-range",
        [LIVE_EVENT_CUE] = "cue",
        [LIVE_EVENT_TROUBLE] = "trouble",
        [LIVE_EVENT_TROUBLE_NEWS] = "trouble",
};

const char *live_event_to_string(LiveEvent event)
{
        return event >= 0 && event < _LIVE_EVENT_MAX ? event_names[event] : NULL;
}

static void emit(LiveFeed *f, LiveEvent event, int64_t session)
{
        if (event == LIVE_EVENT_REACH || f->live->reach == REACH_PRESENT)
                f->func(f->userdata, event, session);
}

/* -- Asking -------------------------------------------------------------------------------------------------- */

/* Whatever was known of the daemon is void. */
static void forget(LiveFeed *f, Reach reach)
{
        f->ready = false;
        f->recorded = 0;
        f->row = sd_bus_slot_unref(f->row);
        f->distance = sd_bus_slot_unref(f->distance);
        f->refresh = sd_event_source_disable_unref(f->refresh);
        live_lose(f->live, reach);
}

static void lose(LiveFeed *f, Reach reach)
{
        Reach before = f->live->reach;

        forget(f, reach);
        if (reach != before && reach != REACH_LOOKING)
                emit(f, LIVE_EVENT_REACH, f->live->session.id);
}

/* No reply has come. All is asked again, to be answered once the daemon goes on. */
static void fall_silent(LiveFeed *f)
{
        lose(f, REACH_SILENT);
        follower_ask(f->follower);
}

/* The daemon counts as present once all questions of the beginning are answered. */
static void arrive(LiveFeed *f)
{
        if (f->live->reach == REACH_PRESENT || !f->ready || f->row)
                return;
        f->live->reach = REACH_PRESENT;
        emit(f, LIVE_EVENT_REACH, f->live->session.id);
}

static void take_row(LiveFeed *f, const SessionRow *row)
{
        usec_t traced_usec = f->live->trace.started_usec;
        bool whole;

        live_put_session(f->live, row, live_clock_usec());
        whole = f->recorded != f->live->session.id || f->live->trace.started_usec != traced_usec;
        /* Without the signal of a breach's beginning there is none of its end either: the database has it. */
        if (whole || (f->live->session.breach && !f->live->session.breach_signalled)) {
                f->recorded = f->live->session.id;
                live_record_read(f->live, whole, live_clock_usec(), now_realtime_usec());
        }
}

static int on_row(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        LiveFeed *f = userdata;
        LiveSession before;
        SessionRow row;

        (void)error;
        f->row = sd_bus_slot_unref(f->row);
        if (follower_is_silence(m)) {
                fall_silent(f);
                return 0;
        }
        before = f->live->session;
        /* If the session has ended meanwhile, a signal follows. */
        if (!sd_bus_message_is_method_error(m, NULL) && session_row_read(m, &row) >= 0)
                take_row(f, &row);
        arrive(f);
        if (before.breaches != f->live->session.breaches || before.over_s != f->live->session.over_s ||
                        before.breach != f->live->session.breach ||
                        strcmp(before.kind, f->live->session.kind) != 0)
                emit(f, LIVE_EVENT_STATUS, f->live->session.id);
        return 0;
}

static int on_pong(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        LiveFeed *f = userdata;

        (void)error;
        f->row = sd_bus_slot_unref(f->row);
        if (follower_is_silence(m))
                fall_silent(f);
        else
                arrive(f);
        return 0;
}

/* How far the session has come. It is not needed to go on, and an older daemon has none. */
static int on_distance(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        LiveFeed *f = userdata;
        double distance;

        (void)error;
        f->distance = sd_bus_slot_unref(f->distance);
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "v", "d", &distance) >= 0)
                live_put_distance(f->live, distance);
        return 0;
}

static int ask_distance(LiveFeed *f)
{
        return follower_call(f->follower, &f->distance, on_distance, f, "org.freedesktop.DBus.Properties",
                        "Get", "ss", CARDIO_MANAGER_INTERFACE, "Distance");
}

static int on_refresh(sd_event_source *source, uint64_t usec, void *userdata);

/* Asks for the row of the current session, if there is one, now and periodically. */
static void refresh(LiveFeed *f)
{
        int r;

        if (!f->ready)
                return; /* asked for later */
        f->refresh = sd_event_source_disable_unref(f->refresh);
        if (f->live->session.id != 0)
                r = follower_call(f->follower, &f->row, on_row, f, CARDIO_MANAGER_INTERFACE, "GetSession",
                                "x", f->live->session.id);
        else
                r = follower_call(
                                f->follower, &f->row, on_pong, f, "org.freedesktop.DBus.Peer", "Ping", NULL);
        if (r >= 0 && f->live->session.id != 0)
                r = ask_distance(f);
        if (r >= 0)
                r = sd_event_add_time_relative(
                                f->event, &f->refresh, CLOCK_MONOTONIC, REFRESH_USEC, 0, on_refresh, f);
        if (r < 0)
                (void)sd_event_exit(f->event, r);
}

static int on_refresh(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        refresh(userdata);
        return 0;
}

/* -- Listening ------------------------------------------------------------------------------------------- */

static void take_limit(LiveFeed *f, const FollowerLimit *limit, LiveEvent event)
{
        if (limit->session != f->live->session.id)
                return;
        /* The row that is asked for below has their number; until then this is one more. */
        if (event == LIVE_EVENT_OVER_LIMIT && !f->live->session.breach)
                f->live->session.breaches++;
        if (event == LIVE_EVENT_OVER_LIMIT) {
                usec_t now_usec = live_clock_usec();

                live_put_breach(f->live, limit->seconds, true);
                live_trace_breach(f->live, usec_sub(now_usec, limit->seconds * USEC_PER_SEC), now_usec);
        } else {
                live_end_breach(f->live);
        }
        emit(f, event, limit->session);
        refresh(f);
}

static void take_pace_limit(LiveFeed *f, const FollowerPaceLimit *limit, LiveEvent event)
{
        if (limit->session != f->live->session.id)
                return;
        f->live->session.pace_breach = event == LIVE_EVENT_OVER_PACE;
        emit(f, event, limit->session);
}

static void take_start(LiveFeed *f, const FollowerSession *session)
{
        if (session->at_realtime_usec == 0)
                return;
        live_put_start(f->live, session->id,
                        usec_sub(live_clock_usec(),
                                        usec_sub(now_realtime_usec(), session->at_realtime_usec)));
        refresh(f);
        emit(f, LIVE_EVENT_SESSION_STARTED, session->id);
}

static void take_session(LiveFeed *f, const FollowerEvent *e)
{
        if (e->type == FOLLOWER_SESSION_STARTED)
                take_start(f, &e->session);
        else
                emit(f,
                                e->type == FOLLOWER_SESSION_ENDED ? LIVE_EVENT_SESSION_ENDED
                                                                  : LIVE_EVENT_SESSION_DISCARDED,
                                e->session.id);
}

static void take_sensor(LiveFeed *f, const FollowerEvent *e)
{
        if (e->type == FOLLOWER_SENSOR_REMOVED)
                live_drop_strap(f->live, e->sensor.path);
        else
                live_put_strap(f->live, e->sensor.path, &e->sensor.properties);
        emit(f, LIVE_EVENT_STATUS, f->live->session.id);
}

static void take_manager(LiveFeed *f, const ManagerProperties *properties)
{
        int64_t session = f->live->session.id;

        live_put_manager(f->live, properties, live_clock_usec());
        if (f->live->session.id != session)
                refresh(f);
        emit(f, LIVE_EVENT_STATUS, f->live->session.id);
}

/* The state of the daemon. */
static void take_state(LiveFeed *f, const FollowerEvent *e)
{
        int error = e->place.error;

        if (e->type == FOLLOWER_APPEARED) {
                forget(f, REACH_LOOKING);
        } else if (e->type == FOLLOWER_READY) {
                f->ready = true;
                refresh(f);
                arrive(f);
        } else if (e->type == FOLLOWER_SILENT) {
                fall_silent(f);
        } else if (e->type == FOLLOWER_LOST) {
                lose(f, error == -EACCES || error == -EPERM ? REACH_DENIED : e->place.reach);
        }
}

static void on_event(void *userdata, const FollowerEvent *e)
{
        LiveFeed *f = userdata;

        switch (e->type) {
        case FOLLOWER_APPEARED:
        case FOLLOWER_READY:
        case FOLLOWER_SILENT:
        case FOLLOWER_LOST:
                take_state(f, e);
                break;
        case FOLLOWER_MANAGER:
                take_manager(f, &e->manager);
                break;
        case FOLLOWER_COACH:
                live_put_coach(f->live, &e->coach);
                emit(f, LIVE_EVENT_STATUS, f->live->session.id);
                break;
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_SENSOR_CHANGED:
        case FOLLOWER_SENSOR_REMOVED:
                take_sensor(f, e);
                break;
        case FOLLOWER_MEASUREMENT:
                if (live_put_measurement(f->live, &e->measurement, live_clock_usec()))
                        emit(f, LIVE_EVENT_MEASUREMENT, f->live->session.id);
                break;
        case FOLLOWER_PACE:
                if (live_put_pace(f->live, &e->pace, live_clock_usec()))
                        emit(f, LIVE_EVENT_PACE, f->live->session.id);
                break;
        case FOLLOWER_SESSION_STARTED:
        case FOLLOWER_SESSION_ENDED:
        case FOLLOWER_SESSION_DISCARDED:
                take_session(f, e);
                break;
        case FOLLOWER_OVER_LIMIT:
                take_limit(f, &e->limit, LIVE_EVENT_OVER_LIMIT);
                break;
        case FOLLOWER_BACK_IN_RANGE:
                take_limit(f, &e->limit, LIVE_EVENT_BACK_IN_RANGE);
                break;
        case FOLLOWER_OVER_PACE:
                take_pace_limit(f, &e->pace_limit, LIVE_EVENT_OVER_PACE);
                break;
        case FOLLOWER_PACE_IN_RANGE:
                take_pace_limit(f, &e->pace_limit, LIVE_EVENT_PACE_IN_RANGE);
                break;
        case FOLLOWER_CUE:
                emit(f, LIVE_EVENT_CUE, e->cue.session);
                break;
        case FOLLOWER_TROUBLE:
                emit(f,
                                live_put_trouble(f->live, &e->trouble, live_clock_usec())
                                                ? LIVE_EVENT_TROUBLE
                                                : LIVE_EVENT_TROUBLE_NEWS,
                                f->live->session.id);
                break;
        case FOLLOWER_UNREACHABLE: /* FOLLOWER_LOST follows if that bus counts */
        case FOLLOWER_ADVICE:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
}

int live_feed_new(sd_event *event, bool user, Live *live, LiveFeedFunc func, void *userdata, LiveFeed **ret)
{
        _cleanup_(live_feed_freep) LiveFeed *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->event = sd_event_ref(event);
        f->live = live;
        f->live->own_only = user;
        f->func = func;
        f->userdata = userdata;
        r = follower_new(event, user, FOLLOWER_WITH_STATE | FOLLOWER_WITH_MEASUREMENTS, on_event, f,
                        &f->follower);
        if (r < 0)
                return r;
        follower_start(f->follower);

        *ret = TAKE_PTR(f);
        return 0;
}

void live_feed_reread(LiveFeed *f)
{
        f->recorded = 0;
        refresh(f);
}

Follower *live_feed_follower(LiveFeed *f)
{
        return f->follower;
}

LiveFeed *live_feed_free(LiveFeed *f)
{
        if (!f)
                return NULL;
        f->row = sd_bus_slot_unref(f->row);
        f->distance = sd_bus_slot_unref(f->distance);
        f->refresh = sd_event_source_disable_unref(f->refresh);
        follower_free(f->follower);
        sd_event_unref(f->event);
        free(f);
        return NULL;
}
