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
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/kind.h"
#include "cardio/measurement.h"
#include "cardio/time.h"

#include "client/follower.h"
#include "desktop.h"
#include "exec.h"
#include "notice.h"
#include "say.h"
#include "requests.h"

/* What the button Snooze asks for. */
#define SNOOZE_SECONDS 600U
/* If cardiod runs and does not reply for this long, a summary is shown without its figures. */
#define SUMMARY_PATIENCE_USEC (30 * USEC_PER_SEC)
/* How long stopping waits for the notification server's reply. */
#define STOP_PATIENCE_USEC (2 * USEC_PER_SEC)

/* How long an alert stays when the sensor does not send any more. A strap that sends every second has been silent for 5 s
 * when its state changes: 30 s in total. */
#define GAP_PATIENCE_USEC (25 * USEC_PER_SEC)
#define SENSOR_LIVE       "live"
#define SENSOR_ABSENT     "absent"
#define SENSOR_PATH_MAX   64U

struct Notifier {
        sd_event *event;
        bool user;
        Follower *follower;
        NotifierRequests requests;
        BusKind active;               /* the bus of the cardiod that counts, _BUS_KIND_INVALID = none */
        BusKind last;                 /* the bus of the one that counted last */
        int64_t session;              /* from its properties: 0 = nothing is being recorded, -1 = not known */
        double tolerance;             /* how many bpm above the ceiling are not too fast; 0 while not known */
        Desktop *desktop;             /* NULL: lines on stdout */
        Exec *exec;                   /* NULL: none */
        int64_t alert;                /* the session whose over-limit notice is shown, 0 = none */
        char sensor[SENSOR_PATH_MAX]; /* the object path of the alert's sensor */
        sd_event_source *gap;         /* runs while that sensor sends nothing */
        bool cue;                     /* a cue of a workout is shown */
        int64_t muted;                /* 0 = none; ids rise, so the newest is enough */
        int64_t owed;                 /* the session whose summary is owed, 0 = none */
        int64_t summarized;           /* the session of the last summary */
        int64_t revised;              /* the session whose summary the runner has answered, 0 = none */
        BusKind asker;                /* the bus of the cardiod whose session the runner is asked about */
        sd_event_source *patience;
        sd_event_source *stopping, *stopped;
        bool reported_waiting;
};

static void notifier_deliver(Notifier *n, const Notice *notice)
{
        if (n->desktop) {
                desktop_show(n->desktop, notice);
        } else if (printf("%s: %s\n", notice_type_to_string(notice->type), notice_line(notice)) < 0 ||
                        fflush(stdout) != 0) {
                say("cannot write to standard output: %s", strerror(errno));
                (void)sd_event_exit(n->event, EXIT_FAILURE);
                return;
        }
        if (n->exec)
                exec_run(n->exec, notice);
}

static void notifier_withdraw(Notifier *n)
{
        n->gap = sd_event_source_disable_unref(n->gap);
        if (n->alert != 0 && n->desktop)
                desktop_withdraw(n->desktop);
        n->alert = 0;
}

/* The alert, and the cue, which is true only during a run. */
static void notifier_withdraw_all(Notifier *n)
{
        notifier_withdraw(n);
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
        Notice notice = notice_session_ended(n->owed, row);

        n->summarized = n->owed;
        n->asker = n->active;
        notifier_disown(n);
        notifier_deliver(n, &notice);
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
                notice = notice_session_ended(n->revised, row);
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
        if (n->owed == 0)
                return;
        if (n->session == n->owed)
                notifier_disown(n); /* the run goes on */
        else
                notifier_ask(n);
}

/* -- A breach and its sensor ------------------------------------------------------------------------------- */

static void notifier_alert_over(Notifier *n)
{
        n->gap = sd_event_source_disable_unref(n->gap);
        n->alert = 0;
}

/* The limit comes from a heart rate, so the sensor sends. */
static void notifier_alert(Notifier *n, const FollowerLimit *limit)
{
        notifier_alert_over(n);
        n->alert = limit->session;
        text_copy(n->sensor, sizeof(n->sensor), limit->sensor);
}

/* An unknown figure counts as above. */
static bool is_still_above(const FollowerLimit *limit, double tolerance)
{
        return !(limit->heart_rate <= limit->ceiling + tolerance);
}

/* Whether the run is still too fast is not known any more. If it is, cardiod signals it again. */
static int notifier_on_gap(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        notifier_withdraw(userdata);
        return 0;
}

static void notifier_on_sensor(Notifier *n, const char *path, const SensorProperties *sensor)
{
        if (n->alert == 0)
                return;
        if (sensor->given & SENSOR_SESSION && sensor->session == n->alert && strcmp(path, n->sensor) != 0) {
                /* The run goes on with that sensor, since it sends. */
                text_copy(n->sensor, sizeof(n->sensor), path);
                n->gap = sd_event_source_disable_unref(n->gap);
        }
        if (!sensor->state || strcmp(path, n->sensor) != 0)
                return;
        if (strcmp(sensor->state, SENSOR_LIVE) == 0)
                n->gap = sd_event_source_disable_unref(n->gap);
        else if (!n->gap && sd_event_add_time_relative(n->event, &n->gap, CLOCK_BOOTTIME, GAP_PATIENCE_USEC,
                                            0, notifier_on_gap, n) < 0)
                notifier_withdraw(n);
}

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
        notifier_deliver(n, &notice);
}

/* -- What cardiod signals -------------------------------------------------------------------------------- */

static void notifier_on_started(Notifier *n, int64_t session)
{
        if (n->owed == session)
                notifier_disown(n);
        if (n->alert != session)
                notifier_withdraw(n);
}

static void notifier_on_ended(Notifier *n, int64_t session)
{
        notifier_withdraw_all(n);
        notifier_owe(n, session);
}

static void notifier_on_discarded(Notifier *n, int64_t session)
{
        notifier_withdraw_all(n);
        if (n->owed == session)
                notifier_disown(n);
}

static void notifier_on_over_limit(Notifier *n, const FollowerLimit *limit)
{
        Notice notice;

        if (limit->session == n->muted)
                return;
        notifier_alert(n, limit);
        notice = notice_over_limit(limit->session, limit->heart_rate, limit->ceiling, limit->seconds);
        notifier_deliver(n, &notice);
}

static void notifier_on_back_in_range(Notifier *n, const FollowerLimit *limit)
{
        Notice notice;

        if (limit->session == n->muted)
                return;
        if (is_still_above(limit, n->tolerance)) {
                notifier_withdraw(n);
                return;
        }
        notifier_alert_over(n);
        notice = notice_back_in_range(limit->session, limit->heart_rate, limit->ceiling, limit->seconds);
        notifier_deliver(n, &notice);
}

static void notifier_on_cue(Notifier *n, const FollowerCue *cue)
{
        Notice notice;

        if (cue->session == n->muted)
                return;
        n->cue = true;
        notice = notice_cue(cue->session, cue->cue, cue->seconds);
        notifier_deliver(n, &notice);
}

static void notifier_on_manager(Notifier *n, const ManagerProperties *p)
{
        if (p->given & MANAGER_SESSION)
                n->session = p->session;
        if (p->given & MANAGER_TOLERANCE)
                n->tolerance = p->tolerance >= 0 && p->tolerance < HEART_RATE_MAX ? p->tolerance : 0;
}

/* -- The buttons ----------------------------------------------------------------------------------------- */

static void notifier_on_snoozed(void *userdata, const char *reason)
{
        Notifier *n = userdata;
        Notice notice;

        if (!reason)
                return;
        say("cannot snooze: %s", reason);
        notice = notice_not_snoozed(n->alert, reason);
        desktop_show(n->desktop, &notice);
}

static void notifier_snooze(Notifier *n)
{
        int r = requests_snooze(&n->requests, SNOOZE_SECONDS);

        if (r < 0)
                notifier_on_snoozed(n, r == -ENOTCONN ? "cardiod is not there" : strerror(-r));
}

static void notifier_on_annotated(void *userdata, int64_t session, const char *reason)
{
        Notifier *n = userdata;
        Notice notice;

        if (reason) {
                say("cannot note what was said of a run: %s", reason);
                notice = notice_not_noted(session, reason);
                desktop_show(n->desktop, &notice);
                return;
        }
        /* The row of an owed summary is more urgent. */
        if (n->owed != 0 || n->active < 0)
                return;
        n->revised = session;
        if (requests_get_row(&n->requests, session) < 0)
                n->revised = 0;
}

/* Session ids of another cardiod mean other runs. */
static void notifier_annotate(Notifier *n, int64_t session, const char *key, const char *value)
{
        int r = n->active == n->asker ? requests_annotate(&n->requests, session, key, value) : -ENOTCONN;

        if (r < 0)
                notifier_on_annotated(n, session, r == -ENOTCONN ? "cardiod is not there" : strerror(-r));
}

static void notifier_on_action(void *userdata, DesktopAction action, int64_t session)
{
        Notifier *n = userdata;

        switch (action) {
        case DESKTOP_SNOOZE:
                notifier_withdraw(n);
                notifier_snooze(n);
                break;
        case DESKTOP_MUTE:
                notifier_withdraw(n);
                n->muted = session;
                break;
        case DESKTOP_TALK:
                notifier_annotate(n, session, "talk_test", "pass");
                break;
        case DESKTOP_NO_TALK:
                notifier_annotate(n, session, "talk_test", "fail");
                break;
        case DESKTOP_NOT_A_RUN:
                notifier_annotate(n, session, "kind", kind_to_string(KIND_CROSS_TRAINING));
                break;
        case _DESKTOP_ACTION_MAX:
        case _DESKTOP_ACTION_INVALID:
                break;
        }
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
        if (bus == n->active)
                return;
        notifier_withdraw_all(n);
        n->active = bus;
        /* Session ids of another cardiod mean other runs. */
        if (n->last >= 0 && n->last != bus) {
                n->muted = 0;
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
        case FOLLOWER_SENSOR_CHANGED:
                notifier_on_sensor(n, e->sensor.path, &e->sensor.properties);
                break;
        case FOLLOWER_SENSOR_REMOVED: /* a removed sensor sends no more */
                notifier_on_sensor(n, e->sensor.path, &removed);
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
                notifier_on_over_limit(n, &e->limit);
                break;
        case FOLLOWER_BACK_IN_RANGE:
                notifier_on_back_in_range(n, &e->limit);
                break;
        case FOLLOWER_ADVICE:
                if (e->advice.session != n->muted)
                        notifier_advise(n, &e->advice);
                break;
        case FOLLOWER_CUE:
                notifier_on_cue(n, &e->cue);
                break;
        case FOLLOWER_COACH:
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_MEASUREMENT:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
}

/* -- Life ------------------------------------------------------------------------------------------------ */

static const RequestFuncs request_funcs = {
        .row = notifier_on_row,
        .snoozed = notifier_on_snoozed,
        .annotated = notifier_on_annotated,
};

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
        if (!options->print) {
                r = desktop_new(event, notifier_on_action, n, &n->desktop);
                if (r < 0)
                        return r;
        }
        r = follower_new(event, options->user, 0, notifier_on_event, n, &n->follower);
        if (r < 0)
                return r;
        n->requests = (NotifierRequests){ .follower = n->follower, .funcs = &request_funcs, .userdata = n };
        if (n->desktop)
                desktop_start(n->desktop);
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
        desktop_free(n->desktop);
        exec_free(n->exec);
        sd_event_source_disable_unref(n->patience);
        sd_event_source_disable_unref(n->gap);
        sd_event_source_disable_unref(n->stopping);
        sd_event_source_disable_unref(n->stopped);
        sd_event_unref(n->event);
        free(n);
        return NULL;
}
