/* SPDX-License-Identifier: MIT */
/* What a follower of the daemon tells, put into a Live, and what that does not tell asked for.
 *
 * Always: until the daemon has answered all that it is asked in the beginning, reach is not REACH_PRESENT and nobody is told of
 * anything else; no call blocks. Times are CLOCK_BOOTTIME, except those that the daemon tells, which are CLOCK_REALTIME. */
#include "watch/follow.h"

#include <string.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "client/clock.h"
#include "client/follower.h"
#include "client/session-row.h"
#include "watch/live-record.h"

/* That often the daemon is asked for the row of the session that runs, beside whenever something happens, and else
 * whether it still answers: what it does not take back would be shown for ever. An answer is given up before. */
#define REFRESH_USEC (15 * USEC_PER_SEC)

struct Follow {
        sd_event *event;
        Live *live;
        FollowFunc func;
        void *userdata;
        Follower *follower;
        bool ready; /* it has answered what the follower asks in the beginning */
        sd_bus_slot *row;
        int64_t recorded; /* the session whose past was read */
        sd_event_source *refresh;
};

static const char *const news_names[] = {
        [NEWS_REACH] = "daemon",
        [NEWS_STATUS] = "status",
        [NEWS_MEASUREMENT] = "measurement",
        [NEWS_SESSION_STARTED] = "session-started",
        [NEWS_SESSION_ENDED] = "session-ended",
        [NEWS_SESSION_DISCARDED] = "session-discarded",
        [NEWS_OVER_LIMIT] = "over-limit",
        [NEWS_BACK_IN_RANGE] = "back-in-range",
};

const char *news_to_string(News news)
{
        return news >= 0 && news < _NEWS_MAX ? news_names[news] : NULL;
}

static void tell(Follow *f, News news, int64_t session)
{
        if (news == NEWS_REACH || f->live->reach == REACH_PRESENT)
                f->func(f->userdata, news, session);
}

/* -- Asking -------------------------------------------------------------------------------------------------- */

/* What is known of a daemon is known no more. */
static void forget(Follow *f, Reach reach)
{
        f->ready = false;
        f->recorded = 0;
        f->row = sd_bus_slot_unref(f->row);
        f->refresh = sd_event_source_disable_unref(f->refresh);
        live_lose(f->live, reach);
}

static void lose(Follow *f, Reach reach)
{
        Reach before = f->live->reach;

        forget(f, reach);
        if (reach != before && reach != REACH_LOOKING)
                tell(f, NEWS_REACH, f->live->session.id);
}

/* Nobody has answered. Then all is asked anew: once the daemon goes on it answers that. */
static void fall_silent(Follow *f)
{
        lose(f, REACH_SILENT);
        follower_ask(f->follower);
}

/* All that was asked in the beginning is answered. */
static void arrive(Follow *f)
{
        if (f->live->reach == REACH_PRESENT || !f->ready || f->row)
                return;
        f->live->reach = REACH_PRESENT;
        tell(f, NEWS_REACH, f->live->session.id);
}

static void take_row(Follow *f, const SessionRow *row)
{
        live_put_session(f->live, row, now_boot_usec());
        /* The end of a breach that was not told of is not told of either: the record has it. */
        if (f->recorded != f->live->session.id ||
                        (f->live->session.breach && !f->live->session.breach_told)) {
                f->recorded = f->live->session.id;
                live_record_read(f->live, now_boot_usec(), now_realtime_usec());
        }
}

static int on_row(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Follow *f = userdata;
        LiveSession before;
        SessionRow row;

        (void)error;
        f->row = sd_bus_slot_unref(f->row);
        if (follower_is_silence(m)) {
                fall_silent(f);
                return 0;
        }
        before = f->live->session;
        /* If the session has ended meanwhile, a signal says so. */
        if (!sd_bus_message_is_method_error(m, NULL) && session_row_read(m, &row) >= 0)
                take_row(f, &row);
        arrive(f);
        if (before.breaches != f->live->session.breaches || before.over_s != f->live->session.over_s ||
                        before.breach != f->live->session.breach ||
                        strcmp(before.kind, f->live->session.kind) != 0)
                tell(f, NEWS_STATUS, f->live->session.id);
        return 0;
}

static int on_pong(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Follow *f = userdata;

        (void)error;
        f->row = sd_bus_slot_unref(f->row);
        if (follower_is_silence(m))
                fall_silent(f);
        else
                arrive(f);
        return 0;
}

static int on_refresh(sd_event_source *source, uint64_t usec, void *userdata);

/* Asks for the row of the session that runs, if one does, now and then again. */
static void refresh(Follow *f)
{
        int r;

        if (!f->ready)
                return; /* it is asked for then */
        f->refresh = sd_event_source_disable_unref(f->refresh);
        if (f->live->session.id != 0)
                r = follower_call(f->follower, &f->row, on_row, f, CARDIO_MANAGER_INTERFACE, "GetSession",
                                "x", f->live->session.id);
        else
                r = follower_call(
                                f->follower, &f->row, on_pong, f, "org.freedesktop.DBus.Peer", "Ping", NULL);
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

static void take_limit(Follow *f, const FollowerLimit *limit, News news)
{
        if (limit->session != f->live->session.id)
                return;
        /* The row that is asked for below says how many there are; until then this is one more. */
        if (news == NEWS_OVER_LIMIT && !f->live->session.breach)
                f->live->session.breaches++;
        if (news == NEWS_OVER_LIMIT)
                live_put_breach(f->live, limit->seconds, true);
        else
                live_end_breach(f->live);
        tell(f, news, limit->session);
        refresh(f);
}

static void take_start(Follow *f, const FollowerSession *session)
{
        if (session->at_realtime_usec == 0)
                return;
        live_put_start(f->live, session->id,
                        usec_sub(now_boot_usec(), usec_sub(now_realtime_usec(), session->at_realtime_usec)));
        refresh(f);
        tell(f, NEWS_SESSION_STARTED, session->id);
}

static void take_manager(Follow *f, const ManagerProperties *properties)
{
        int64_t session = f->live->session.id;

        live_put_manager(f->live, properties, now_boot_usec());
        if (f->live->session.id != session)
                refresh(f);
        tell(f, NEWS_STATUS, f->live->session.id);
}

/* Where the daemon is, and what it is at. */
static void take_state(Follow *f, const FollowerEvent *e)
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
        Follow *f = userdata;

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
                tell(f, NEWS_STATUS, f->live->session.id);
                break;
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_SENSOR_CHANGED:
                live_put_strap(f->live, e->sensor.path, &e->sensor.properties);
                tell(f, NEWS_STATUS, f->live->session.id);
                break;
        case FOLLOWER_SENSOR_REMOVED:
                live_drop_strap(f->live, e->sensor.path);
                tell(f, NEWS_STATUS, f->live->session.id);
                break;
        case FOLLOWER_MEASUREMENT:
                if (live_put_measurement(f->live, &e->measurement, now_boot_usec()))
                        tell(f, NEWS_MEASUREMENT, f->live->session.id);
                break;
        case FOLLOWER_SESSION_STARTED:
                take_start(f, &e->session);
                break;
        case FOLLOWER_SESSION_ENDED:
                tell(f, NEWS_SESSION_ENDED, e->session.id);
                break;
        case FOLLOWER_SESSION_DISCARDED:
                tell(f, NEWS_SESSION_DISCARDED, e->session.id);
                break;
        case FOLLOWER_OVER_LIMIT:
                take_limit(f, &e->limit, NEWS_OVER_LIMIT);
                break;
        case FOLLOWER_BACK_IN_RANGE:
                take_limit(f, &e->limit, NEWS_BACK_IN_RANGE);
                break;
        case FOLLOWER_UNREACHABLE: /* FOLLOWER_LOST follows if that bus counts */
        case FOLLOWER_ADVICE:
        case FOLLOWER_CUE:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
}

int follow_new(sd_event *event, bool user, Live *live, FollowFunc func, void *userdata, Follow **ret)
{
        _cleanup_(follow_freep) Follow *f = calloc(1, sizeof(*f));
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

Follow *follow_free(Follow *f)
{
        if (!f)
                return NULL;
        f->row = sd_bus_slot_unref(f->row);
        f->refresh = sd_event_source_disable_unref(f->refresh);
        follower_free(f->follower);
        sd_event_unref(f->event);
        free(f);
        return NULL;
}
