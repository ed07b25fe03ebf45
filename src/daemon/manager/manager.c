/* SPDX-License-Identifier: MIT */
/* The shell around the core: one event loop, in which messages of BlueZ, calls on the bus, timers and signals become events of
 * the core, each with the time it came at. It owns every part and ends them in reverse order. Once the loop runs nothing here
 * blocks. Recorded data is written to the kernel; a thread syncs it to the disk. A call that needs the database while that
 * thread keeps writers out is put off, and made again when the sync is done. Times are CLOCK_BOOTTIME. */

#include "manager/internal.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "cardio/macro.h"
#include "log.h"
#include "manager/beats.h"
#include "manager/buses.h"
#include "manager/core.h"
#include "manager/deletions.h"
#include "manager/edits.h"
#include "manager/feed.h"
#include "manager/from-bluez.h"
#include "manager/from-time.h"
#include "manager/reload.h"
#include "manager/requests.h"
#include "manager/resume.h"
#include "manager/trouble.h"
#include "manager/workouts.h"

/* -- Commits and syncs -- */

static void on_waiting(void *userdata)
{
        publish(userdata);
}

/* Sessions may have gone without a verdict or advice while the sync had the database. */
static void on_written(void *userdata)
{
        Manager *m = userdata;
        int64_t session = m->coach.unjudged_session;

        if (store_held(m->store) || store_waiting(m->store) > 0)
                return;
        if (session == 0) {
                if (m->coach.unjudged)
                        verdict_judge_recent(m);
                return;
        }
        m->coach.unjudged_session = 0;
        m->coach.dirty = true;
        verdict_judge_recent(m);
        advice_after_race(m, session);
        feed_time(m);
}

static void on_synced(void *userdata)
{
        Manager *m = userdata;

        deletions_answer(m);
        edits_drop_waiting(m);
        bus_retry(m->bus);
}

static void on_trouble(void *userdata, const char *trouble, const char *text)
{
        Manager *m = userdata;

        trouble_disk(m, trouble, text);
}

static void on_lost(void *userdata)
{
        Manager *m = userdata;

        if (sd_event_get_state(m->event) == SD_EVENT_EXITING)
                return;
        if (!m->lost)
                log_error("Stopping, to be started again");
        m->lost = true;
        (void)sd_event_exit(m->event, EXIT_FAILURE); /* cannot fail before the loop has ended */
}

static const CommitHandlers commit_handlers = {
        .waiting = on_waiting,
        .written = on_written,
        .synced = on_synced,
        .trouble = on_trouble,
        .lost = on_lost,
};

/* -- Signals -- */

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void)source, (void)info;
        (void)reload_configuration(userdata, NULL); /* logs why, if it fails */
        return 0;
}

/* The process was stopped (SIGSTOP) and continues: BlueZ's client must know before it takes what has arrived meanwhile. */
static int on_continued(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Manager *m = userdata;

        (void)source, (void)info;
        bluez_stalled(m->bluez);
        return 0;
}

static int on_terminate(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        Manager *m = userdata;

        (void)source;
        log_info("Stopping on %s", strsignal((int)info->ssi_signo));
        (void)sd_notify(false, "STOPPING=1");
        return sd_event_exit(m->event, EXIT_SUCCESS);
}

/* The loop ends, for whatever reason. The buses still accept messages: they are closed later. */
static int on_exit_loop(sd_event_source *source, void *userdata)
{
        Manager *m = userdata;

        (void)source;
        (void)feed(m, &(Event){ .type = EVENT_SUSPEND }); /* never refused */
        buses_leave(m);
        return 0;
}

/* -- Beginning and end -- */

static int add_exit(Manager *m)
{
        int r = sd_event_add_exit(m->event, &m->exit, on_exit_loop, m);

        return r < 0 ? r : sd_event_source_set_priority(m->exit, SD_EVENT_PRIORITY_IMPORTANT);
}

static int add_continued(Manager *m)
{
        sd_event_source *continued = NULL;
        int r = sd_event_add_signal(m->event, &continued, SIGCONT, on_continued, m);

        if (r >= 0)
                r = sd_event_source_set_priority(continued, SD_EVENT_PRIORITY_IMPORTANT);
        if (r >= 0)
                r = sd_event_source_set_floating(continued, true);
        sd_event_source_unref(continued);
        return r;
}

static int add_signals(Manager *m)
{
        int r = add_continued(m);

        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGTERM, on_terminate, m);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGINT, on_terminate, m);
        return r < 0 ? r : sd_event_add_signal(m->event, NULL, SIGHUP, on_hangup, m);
}

static int add_sources(Manager *m)
{
        int r = committer_begin(&m->committer, m->event, m->store, &commit_handlers, m);

        if (r >= 0)
                r = from_time_begin(m);
        if (r >= 0)
                r = changes_begin(m);
        if (r >= 0)
                r = measure_begin(m);
        if (r >= 0)
                r = workouts_begin(m);
        if (r >= 0)
                r = beats_watch(m);
        if (r >= 0)
                r = add_exit(m);
        if (r >= 0)
                r = add_signals(m);
        return r < 0 ? r : buses_watch(m);
}

static int cannot_start(int error)
{
        log_error("Cannot start: %s", strerror(-error));
        return error;
}

int manager_begin(Manager *m)
{
        _cleanup_free_ char *why = NULL;
        const BusConnection connection = {
                .bus = m->own_bus,
                .asked = m->options->user ? m->own_bus : m->system_bus,
                .user = m->options->user,
        };
        const BluezConfig bluez = reload_bluez_config(m->config);
        int r;

        m->session.day = m->command.ceiling_day = m->advice.advised_day = m->advice.raced_day = DAY_NONE;
        m->session.said = _KIND_INVALID;
        m->pace.source = -1;
        m->pace.speed = NAN;
        m->clock.known = true; /* so that a change is logged, if it is not */
        r = store_open(m->options->database_path, m->options->user, &m->store, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        committer_configure(&m->committer, m->config->commit_interval_usec, m->config->sync_interval_usec);
        store_set_detrend(m->store, m->config->detrend);
        r = core_begin(m);
        if (r < 0) {
                log_error("%s: what the coach goes by cannot be read: %s", store_path(m->store),
                                strerror(-r));
                return r;
        }
        r = bus_new(m->event, &connection, CARDIO_VERSION, store_path(m->store), &requests_handlers, m,
                        &m->bus);
        if (r >= 0)
                r = add_sources(m);
        if (r < 0)
                return cannot_start(r);
        r = resume_begin(m);
        if (r < 0) {
                log_error("%s: what was left open cannot be taken up: %s", store_path(m->store),
                                strerror(-r));
                return r;
        }
        edits_drop_old(m);
        verdict_judge_recent(m);
        r = bluez_new(m->event, m->system_bus, &bluez, &from_bluez_handlers, m, &m->bluez);
        if (r < 0)
                return cannot_start(r);
        publish(m);
        return 0;
}

int manager_new(const ManagerOptions *options, Config *config, Manager **ret)
{
        _cleanup_(manager_freep) Manager *m = calloc(1, sizeof(*m));
        int r;

        if (m)
                m->engine = calloc(1, sizeof(*m->engine));
        if (!m || !m->engine) {
                config_free(config);
                return -ENOMEM;
        }
        m->options = options;
        m->config = config;
        r = sd_event_new(&m->event);
        if (r >= 0)
                r = buses_open(m);
        if (r >= 0)
                r = buses_check_name(m);
        if (r >= 0)
                r = manager_begin(m);
        if (r >= 0)
                r = buses_own_name(m);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

int manager_run(Manager *m)
{
        int r = watchdog_begin(m);

        if (r < 0)
                log_warning("Cannot serve systemd's watchdog: %s", strerror(-r));
        deadline_set(&m->tick, engine_deadline(m->engine));
        committer_arm(&m->committer);
        (void)sd_notify(false, "READY=1"); /* does nothing without systemd */
        r = sd_event_loop(m->event);
        if (r < 0)
                log_error("The event loop failed: %s", strerror(-r));
        switch (store_stop(m->store)) {
        case STORE_END_SPILLED:
                return EX_TEMPFAIL;
        case STORE_END_LOST:
                return EX_IOERR;
        case STORE_END_WRITTEN:
                break;
        }
        return r < 0 ? EXIT_FAILURE : r;
}

Manager *manager_free(Manager *m)
{
        if (!m)
                return NULL;
        bluez_free(m->bluez);
        bus_free(m->bus);
        committer_end(&m->committer);
        store_close(m->store);
        sd_event_source_disable_unref(m->tick.timer);
        pace_end(&m->pace);
        clock_end(&m->clock);
        advice_end(&m->advice);
        sd_event_source_disable_unref(m->changes.due.timer);
        beats_unwatch(m);
        sd_event_source_disable_unref(m->measuring.timer);
        sd_event_source_disable_unref(m->cues.timer);
        sd_event_source_disable_unref(m->watchdog.timer);
        sd_event_source_disable_unref(m->exit);
        buses_close(m);
        sd_event_unref(m->event);
        straps_end(m);
        config_free(m->config);
        free(m->published.status);
        free(m->published.warnings);
        free(m->measuring.resting);
        free(m->cues.workout);
        free(m->engine);
        free(m);
        return NULL;
}
