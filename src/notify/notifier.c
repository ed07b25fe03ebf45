/* SPDX-License-Identifier: MIT */

/* What the runner is notified of, and when.
 *
 * Which cardiod counts: the one on the system bus, or else the one on the session bus; with --user only the latter. While
 * the system bus has not answered, none. A summary is owed from SessionEnded until it is shown: cardiod may just be
 * restarting, and a run that goes on after that has no summary yet. Only cardiod knows which it is, so while it is away the
 * summary waits, however long. Timers run on CLOCK_MONOTONIC, except for a gap, which continues while the machine is
 * suspended: CLOCK_BOOTTIME. */

#include "notifier.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/measurement.h"
#include "cardio/time.h"

#include "client/follower.h"
#include "notice.h"
#include "notifier-internal.h"
#include "say.h"

/* If cardiod runs and does not reply for this long, a summary is shown without its figures. */
#define SUMMARY_PATIENCE_USEC (30 * USEC_PER_SEC)
/* How long stopping waits for the notification server's reply. */
#define STOP_PATIENCE_USEC (2 * USEC_PER_SEC)

#define SENSOR_ABSENT "absent"

/* The alert, and the cue, which is true only during a run. */
static void notifier_withdraw_all(Notifier *n)
{
        breach_withdraw(n);
        if (n->cue && n->desktop)
                desktop_withdraw_cue(n->desktop);
        n->cue = false;
}

/* -- The summary of a finished run ----------------------------------------------------------------------- */

static void notifier_disown(Notifier *n)
{
        n->owed = 0;
        n->patience = sd_event_source_disable_unref(n->patience);
}

static void notifier_summarize(Notifier *n, const SessionRow *row)
{
        Notice notice = notice_session_ended(n->owed, row, n->miles);

        n->summarized = n->owed;
        n->asker = n->active;
        notifier_disown(n);
        deliver_notice(n, &notice);
        troubles_run_over(n);
}

static int notifier_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        notifier_summarize(userdata, NULL);
        return 0;
}

/* Asks cardiod for the row of the owed session. */
static void notifier_ask(Notifier *n)
{
        n->patience = sd_event_source_disable_unref(n->patience);
        if (sd_event_add_time_relative(n->event, &n->patience, CLOCK_MONOTONIC, SUMMARY_PATIENCE_USEC, 0,
                            notifier_on_patience, n) < 0 ||
                        requests_get_row(&n->requests, n->owed) < 0)
                notifier_summarize(n, NULL);
}

static void notifier_owe(Notifier *n, int64_t session)
{
        if (n->owed != 0 && n->owed != session)
                notifier_summarize(n, NULL);
        n->owed = session;
        notifier_ask(n);
}

/* The coach's verdict, now that the runner has answered. Commands ran for the summary already. */
static void notifier_show_revised(Notifier *n, const SessionRow *row)
{
        Notice notice;

        if (row) {
                notice = notice_session_ended(n->revised, row, n->miles);
                desktop_show(n->desktop, &notice);
        }
        n->revised = 0;
}

static void notifier_on_row(void *userdata, int64_t session, const SessionRow *row, bool gone)
{
        Notifier *n = userdata;

        if (session == n->revised && session != n->owed) {
                notifier_show_revised(n, row);
                return;
        }
        if (session != n->owed || (!row && gone))
                return;
        notifier_summarize(n, row);
}

/* cardiod has answered the questions of the beginning, or cannot. */
static void notifier_on_greeted(Notifier *n)
{
        troubles_greeted(n);
        if (n->owed == 0)
                return;
        if (n->session == n->owed)
                notifier_disown(n); /* the run goes on */
        else
                notifier_ask(n);
}

/* -- Advice ---------------------------------------------------------------------------------------------- */

/* A summary of the same run asks the same question. */
static bool is_asked_already(const Notifier *n, const Notice *notice)
{
        return n->desktop && notice->type == NOTICE_TALK_TEST && n->asker == n->active &&
               (notice->session == n->owed || notice->session == n->summarized);
}

static void notifier_advise(Notifier *n, const FollowerAdvice *advice)
{
        Notice notice = notice_advice(advice->session, advice->kind, advice->text);

        if (is_asked_already(n, &notice))
                return;
        if (notice.type == NOTICE_TALK_TEST)
                n->asker = n->active;
        deliver_notice(n, &notice);
}

/* -- What cardiod signals -------------------------------------------------------------------------------- */

static void notifier_on_started(Notifier *n, int64_t session)
{
        if (n->owed == session)
                notifier_disown(n);
        if (n->alert != session)
                breach_withdraw(n);
        troubles_run_began(n, session);
        aloud_prepare(n->aloud);
}

static void notifier_on_ended(Notifier *n, int64_t session)
{
        if (n->session == session)
                n->session = 0; /* the signal may be ahead of the property */
        notifier_withdraw_all(n);
        troubles_run_ended(n, session);
        notifier_owe(n, session);
}

static void notifier_on_discarded(Notifier *n, int64_t session)
{
        notifier_withdraw_all(n);
        troubles_run_ended(n, session);
        if (n->owed == session)
                notifier_disown(n);
        troubles_run_over(n);
}

/* What a signal about a limit says. */
static Breach breach_of(const FollowerEvent *e)
{
        const FollowerPaceLimit *p = &e->pace_limit;
        const FollowerLimit *l = &e->limit;

        if (e->type == FOLLOWER_OVER_PACE || e->type == FOLLOWER_PACE_IN_RANGE)
                return (Breach){ .kind = BREACH_PACE,
                        .session = p->session,
                        .sensor = p->sensor,
                        .value = p->speed,
                        .limit = p->limit,
                        .seconds = p->seconds };
        return (Breach){ .kind = BREACH_HEART_RATE,
                .session = l->session,
                .sensor = l->sensor,
                .value = l->heart_rate,
                .limit = l->ceiling,
                .seconds = l->seconds };
}

static void notifier_on_limit(Notifier *n, const FollowerEvent *e)
{
        Breach b = breach_of(e);

        if (e->type == FOLLOWER_OVER_LIMIT || e->type == FOLLOWER_OVER_PACE)
                breach_goes_on(n, &b);
        else
                breach_is_over(n, &b);
}

static void notifier_on_cue(Notifier *n, const FollowerCue *cue)
{
        Notice notice;

        if (cue->session == n->muted)
                return;
        n->cue = true;
        notice = notice_cue(cue->session, cue->cue, cue->seconds);
        deliver_news(n, &notice, hearing_is_news(&n->hearing));
}

static void notifier_on_manager(Notifier *n, const ManagerProperties *p)
{
        if (p->given & MANAGER_SESSION) {
                if (p->session > 0 && p->session != n->session)
                        aloud_prepare(n->aloud); /* found in mid-run */
                n->session = p->session;
        }
        if (p->given & MANAGER_TOLERANCE)
                n->tolerance = p->tolerance >= 0 && p->tolerance < HEART_RATE_MAX ? p->tolerance : 0;
        if (p->pace_units)
                n->miles = strcmp(p->pace_units, "mile") == 0;
        if (p->given & MANAGER_SNOOZED_UNTIL) {
                hearing_set_snoozed(&n->hearing, p->snoozed_until_usec);
                if (hearing_is_snoozed(&n->hearing))
                        aloud_hush(n->aloud);
        }
}

/* -- Who sounds it --------------------------------------------------------------------------------------- */

static void notifier_on_sounded(void *userdata, NoticeType type, bool by_server)
{
        const Notifier *n = userdata;

        aloud_sounded(n->aloud, type, by_server);
}

static void notifier_on_take_over(void *userdata, NoticeType type)
{
        const Notifier *n = userdata;

        if (n->desktop)
                desktop_silence(n->desktop, type);
}

/* -- Which cardiod --------------------------------------------------------------------------------------- */

static void say_denied(BusKind bus)
{
        const struct passwd *user = getpwuid(geteuid());

        say("you may not talk to cardiod on the %s: be a member of group " CARDIO_GROUP
            " (sudo usermod -aG " CARDIO_GROUP " %s), then log out and in again",
                        bus_kind_to_string(bus), user ? user->pw_name : "USER");
}

static void notifier_on_appeared(Notifier *n, BusKind bus)
{
        /* Properties of the cardiod before, until this one answers. */
        n->session = -1;
        n->tolerance = 0;
        n->miles = false;
        n->covered = 0;
        hearing_forget(&n->hearing);
        if (bus == n->active)
                return;
        notifier_withdraw_all(n);
        n->active = bus;
        /* Session ids of another cardiod mean other runs. */
        if (n->last >= 0 && n->last != bus) {
                n->muted = 0;
                troubles_forget(n);
                if (n->owed != 0)
                        notifier_summarize(n, NULL);
        }
        n->last = bus;
        say("found cardiod on the %s", bus_kind_to_string(bus));
        n->reported_waiting = false;
}

static void notifier_report_waiting(Notifier *n)
{
        if (n->reported_waiting)
                return;
        n->reported_waiting = true;
        say("waiting for cardiod on the %s", n->user ? "session bus" : "system bus or the session bus");
}

static void notifier_on_lost(Notifier *n, const FollowerPlace *place)
{
        if (n->active >= 0) {
                notifier_withdraw_all(n);
                troubles_cardiod_gone(n);
                n->active = _BUS_KIND_INVALID;
                n->patience = sd_event_source_disable_unref(n->patience);
        }
        if (place->reach == REACH_DENIED) {
                /* Groups are fixed at login: waiting would not help this process. */
                say_denied(place->bus);
                (void)sd_event_exit(n->event, EXIT_UNREACHABLE);
        } else if (place->reach != REACH_LOOKING)
                notifier_report_waiting(n);
}

static void notifier_on_event(void *userdata, const FollowerEvent *e)
{
        static const SensorProperties removed = { .given = SENSOR_SESSION, .state = SENSOR_ABSENT };
        Notifier *n = userdata;

        hearing_wake(&n->hearing);
        switch (e->type) {
        case FOLLOWER_UNREACHABLE:
                say_unreachable("cardiod", e->place.bus, e->place.error);
                break;
        case FOLLOWER_APPEARED:
                notifier_on_appeared(n, e->place.bus);
                break;
        case FOLLOWER_READY:
        case FOLLOWER_SILENT:
                notifier_on_greeted(n);
                break;
        case FOLLOWER_LOST:
                notifier_on_lost(n, &e->place);
                break;
        case FOLLOWER_MANAGER:
                notifier_on_manager(n, &e->manager);
                break;
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_SENSOR_CHANGED:
                breach_on_sensor(n, e->sensor.path, &e->sensor.properties);
                break;
        case FOLLOWER_SENSOR_REMOVED: /* a removed sensor sends no more */
                breach_on_sensor(n, e->sensor.path, &removed);
                break;
        case FOLLOWER_SESSION_STARTED:
                notifier_on_started(n, e->session.id);
                break;
        case FOLLOWER_SESSION_ENDED:
                notifier_on_ended(n, e->session.id);
                break;
        case FOLLOWER_SESSION_DISCARDED:
                notifier_on_discarded(n, e->session.id);
                break;
        case FOLLOWER_OVER_LIMIT:
        case FOLLOWER_BACK_IN_RANGE:
        case FOLLOWER_OVER_PACE:
        case FOLLOWER_PACE_IN_RANGE:
                notifier_on_limit(n, e);
                break;
        case FOLLOWER_ADVICE:
                if (e->advice.session != n->muted)
                        notifier_advise(n, &e->advice);
                break;
        case FOLLOWER_CUE:
                notifier_on_cue(n, &e->cue);
                break;
        case FOLLOWER_TROUBLE:
                troubles_signalled(n, &e->trouble);
                break;
        case FOLLOWER_COACH:
        case FOLLOWER_MEASUREMENT:
        case FOLLOWER_PACE:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
}

/* -- Life ------------------------------------------------------------------------------------------------ */

static const RequestFuncs request_funcs = {
        .row = notifier_on_row,
        .snoozed = buttons_on_snoozed,
        .annotated = buttons_on_annotated,
};

static const DesktopFuncs desktop_funcs = {
        .action = buttons_on_action,
        .sounded = notifier_on_sounded,
        .bus_name = CARDIO_NOTIFY_BUS_NAME,
};

void notifier_configure(Notifier *n, const NotifyConfig *config)
{
        n->config = *config;
        aloud_configure(n->aloud, config);
        if (n->desktop)
                desktop_set_snooze(n->desktop, config->snooze_usec);
}

int notifier_new(sd_event *event, const NotifierOptions *options, Notifier **ret)
{
        _cleanup_(notifier_freep) Notifier *n = calloc(1, sizeof(*n));
        int r;

        if (!n)
                return -ENOMEM;
        n->event = sd_event_ref(event);
        n->user = options->user;
        n->active = n->last = n->asker = _BUS_KIND_INVALID;
        if (options->command) {
                r = exec_new(event, options->command, options->command_timeout_usec, &n->exec);
                if (r < 0)
                        return r;
        }
        r = hearing_start(&n->hearing, event);
        if (r >= 0)
                r = aloud_new(event, &options->config, notifier_on_take_over, n, &n->aloud);
        if (r < 0)
                return r;
        if (!options->print) {
                r = desktop_new(event, &desktop_funcs, n, &n->desktop);
                if (r >= 0)
                        r = page_new(event, buttons_on_not_opened, n, &n->page);
                if (r < 0)
                        return r;
        }
        r = follower_new(event, options->user, FOLLOWER_WITH_STATE, notifier_on_event, n, &n->follower);
        if (r < 0)
                return r;
        n->requests = (NotifierRequests){ .follower = n->follower, .funcs = &request_funcs, .userdata = n };
        n->config = options->config;
        if (n->desktop) {
                desktop_set_snooze(n->desktop, n->config.snooze_usec);
                desktop_start(n->desktop);
        }
        follower_start(n->follower);
        *ret = TAKE_PTR(n);
        return 0;
}

static int notifier_on_stopped(sd_event_source *source, uint64_t usec, void *userdata)
{
        Notifier *n = userdata;

        (void)source;
        (void)usec;
        return sd_event_exit(n->event, EXIT_SUCCESS);
}

/* Runs after the other sources of each iteration. */
static int notifier_on_progress(sd_event_source *source, void *userdata)
{
        Notifier *n = userdata;

        (void)source;
        return desktop_busy(n->desktop) ? 0 : sd_event_exit(n->event, EXIT_SUCCESS);
}

void notifier_stop(Notifier *n)
{
        notifier_withdraw_all(n);
        troubles_forget(n);
        if (!n->desktop || !desktop_busy(n->desktop) || n->stopping ||
                        sd_event_add_time_relative(n->event, &n->stopping, CLOCK_MONOTONIC,
                                        STOP_PATIENCE_USEC, 0, notifier_on_stopped, n) < 0 ||
                        sd_event_add_post(n->event, &n->stopped, notifier_on_progress, n) < 0)
                (void)sd_event_exit(n->event, EXIT_SUCCESS);
}

Notifier *notifier_free(Notifier *n)
{
        if (!n)
                return NULL;
        requests_end(&n->requests);
        follower_free(n->follower);
        page_free(n->page);
        desktop_free(n->desktop);
        exec_free(n->exec);
        aloud_free(n->aloud);
        hearing_end(&n->hearing);
        sd_event_source_disable_unref(n->patience);
        sd_event_source_disable_unref(n->gap);
        sd_event_source_disable_unref(n->stopping);
        sd_event_source_disable_unref(n->stopped);
        sd_event_unref(n->event);
        free(n);
        return NULL;
}
