/* SPDX-License-Identifier: MIT */
/* The shell around the core: one event loop, in which BlueZ, the bus, timers and signals become events of the core, each
 * with the time it came at. It owns every part and ends them in the reverse order. Nothing here waits for anybody once
 * the loop runs. What is recorded is written to the kernel; that it reaches the disk is a thread's business. A call that
 * needs the database in the moment in which that thread bars writers is put off, and made again when it is done. */

#include "manager/internal.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "clock.h"
#include "manager/health.h"
#include "local.h"
#include "log.h"

/* What is wrong is looked at again after this, in which a disk that has slept wakes up, too. */
#define HEALTH_AGAIN_USEC (10 * USEC_PER_SEC)

usec_t manager_now(void)
{
        return now_boot_usec() + CORE_EPOCH_USEC;
}

int64_t manager_realtime_ms(usec_t at_usec)
{
        usec_t age_usec = manager_now() - at_usec; /* wraps to a negative one for the future */

        return ((int64_t)now_realtime_usec() - (int64_t)age_usec) / (int64_t)USEC_PER_MSEC;
}

/* -- Timers -- */

int manager_set_timer(sd_event_source *timer, usec_t at_usec)
{
        int r = sd_event_source_set_time(timer, usec_sub(at_usec, CORE_EPOCH_USEC));

        if (r >= 0)
                r = sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
        if (r < 0)
                log_error("Cannot set a timer: %s", strerror(-r));
        return r;
}

/* Set to an earlier time than this it stays, and is set anew when it fires. */
static void deadline_set(Deadline *d, usec_t at_usec)
{
        if (at_usec < d->due_usec && manager_set_timer(d->timer, at_usec) >= 0)
                d->due_usec = at_usec; /* what failed is tried again with the next event */
}

static void arm_tick(Manager *m)
{
        deadline_set(&m->tick, engine_deadline(m->engine));
}

_heartbeat_ static void arm_commit(Manager *m, usec_t now_usec)
{
        usec_t due_usec = now_usec + m->config->commit_interval_usec,
               sync_usec = usec_add(m->synced_usec, m->config->sync_interval_usec);

        if (store_pending(m->store))
                deadline_set(&m->commit, due_usec);
        else if (store_unsynced(m->store)) /* the last of what came */
                deadline_set(&m->commit, sync_usec > due_usec ? sync_usec : due_usec);
}

void manager_arm_commit(Manager *m)
{
        arm_commit(m, manager_now());
}

void manager_push(Manager *m)
{
        const Engine *e = m->engine;
        char expression[INTENSITY_STRING_MAX], reason[COACH_TEXT_MAX];

        m->radio = bluez_radio(m->bluez);
        bus_set_manager(m->bus, &(ManagerView){
                                                .recording = m->session != 0,
                                                .session = m->session,
                                                .ceiling = isnan(e->ceiling) ? 0 : e->ceiling,
                                                .ceiling_expression = intensity_to_string(
                                                                engine_ceiling(e), expression),
                                                .ceiling_reason = manager_ceiling_reason(m, reason),
                                                .tolerance = e->config.limiter.tolerance,
                                                .resting_heart_rate = e->config.runner.resting,
                                                .maximum_heart_rate = e->config.runner.maximum,
                                                .resting_provisional = m->day.resting.provisional,
                                                .snoozed_until = m->snoozed_until,
                                                .scanning = m->scanning,
                                                .waits_for_rest = engine_waits_for_rest(e),
                                                .clock_set = m->clock_known,
                                                .bluetooth = m->radio,
                                                .waiting = (uint32_t)store_waiting(m->store),
                                                .warnings = m->warnings,
                                });
        manager_push_workout(m);
        manager_push_straps(m);
        manager_push_status(m);
        m->waiting = store_waiting(m->store);
        m->waits_for_rest = engine_waits_for_rest(e);
        m->changed = false;
}

/* -- The core -- */

static bool is_command(EventType type)
{
        return type == EVENT_START || type == EVENT_STOP || type == EVENT_CEILING || type == EVENT_SNOOZE;
}

void manager_commit(Manager *m)
{
        int r;

        /* What fails stays queued, is logged there, and is tried again; so does what a sync keeps waiting. */
        r = store_commit(m->store);
        if ((r < 0 && r != -EAGAIN) || !store_pending(m->store) || store_sync_is_urgent(m->store))
                m->moved_usec = manager_now(); /* a disk that refuses has been tried, too */
        if (store_is_lost(m->store) && sd_event_get_state(m->event) != SD_EVENT_EXITING) {
                if (!m->lost)
                        log_error("Stopping, to be started again");
                m->lost = true;
                (void)sd_event_exit(m->event, EXIT_FAILURE); /* it cannot fail before the loop has ended */
        }
        manager_watch_disk(m);
        if (store_waiting(m->store) != m->waiting)
                manager_push(m);
}

static void commit_and_sync(Manager *m)
{
        usec_t now_usec = manager_now();

        manager_commit(m);
        if (store_syncing(m->store))
                return;
        if (!m->sync_now && !store_sync_is_urgent(m->store) &&
                        now_usec - m->synced_usec < m->config->sync_interval_usec)
                return;
        m->sync_now = false;
        m->sync_begun_usec = now_usec;
        store_sync_begin(m->store);
}

_heartbeat_ int manager_handle_at(Manager *m, const Event *event, usec_t now_usec)
{
        int64_t session = m->session;
        int r;

        /* What has waited while the loop stood still is of then; the core's time never goes back. */
        if (now_usec < m->handled_usec)
                now_usec = m->handled_usec;
        m->handled_usec = now_usec;
        /* Before anything of the event gets its stamp. */
        manager_check_clock(m);
        manager_coach_follow(m);
        /* A session that is over by now is of its own day; what the event begins is of today. */
        if (event->type != EVENT_TICK && engine_deadline(m->engine) <= now_usec) {
                (void)engine_handle(m->engine, &(Event){ .type = EVENT_TICK }, now_usec, manager_fact, m);
                manager_coach_follow(m);
        }
        r = engine_handle(m->engine, event, now_usec, manager_fact, m);
        /* A session that has ended has a say from now on; but not while all of it ends, to be taken up again. */
        if (event->type != EVENT_SUSPEND)
                manager_coach_follow(m);
        if (m->changed || m->waits_for_rest != engine_waits_for_rest(m->engine))
                manager_push(m);
        /* A command that was answered is not for a crash to take back; a stop of the daemon is no command. */
        if (event->type != EVENT_SUSPEND && manager_keep_commands(m, false))
                manager_commit(m);
        /* What a session begins with is older than what a crash may cost. */
        if (m->session != 0 && m->session != session)
                manager_commit(m);
        if (is_command(event->type))
                manager_commit(m);
        if (m->sync_now)
                commit_and_sync(m);
        arm_tick(m);
        arm_commit(m, now_usec);
        return r;
}

int manager_handle(Manager *m, const Event *event)
{
        return manager_handle_at(m, event, manager_now());
}

void manager_sync(Manager *m)
{
        m->sync_now = true;
        commit_and_sync(m);
        manager_arm_commit(m);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        (void)source, (void)usec;
        m->tick.due_usec = USEC_INFINITY;
        (void)manager_handle(m, &(Event){ .type = EVENT_TICK }); /* time is never refused */
        return 0;
}

static int on_commit(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        (void)source, (void)usec;
        m->commit.due_usec = USEC_INFINITY;
        commit_and_sync(m);
        manager_judge_held(m);
        manager_arm_commit(m);
        return 0;
}

static int on_synced(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Manager *m = userdata;

        (void)source, (void)fd, (void)revents;
        /* Whoever needed the database has waited for that sync, and another one has begun since. */
        if (!store_sync_done(m->store))
                return 0;
        if (store_sync_end(m->store) == 0)
                m->synced_usec = m->sync_begun_usec;
        manager_commit(m);
        manager_judge_held(m);
        manager_answer_deletions(m);
        bus_retry(m->bus);
        if (m->sync_now)
                commit_and_sync(m);
        manager_arm_commit(m);
        return 0;
}

/* NULL = all is well. */
static const char *complaint(Manager *m)
{
        bool pending = store_pending(m->store);
        usec_t now_usec = manager_now();

        if (sd_bus_is_open(m->system_bus) <= 0 || sd_bus_is_open(m->own_bus) <= 0)
                return "The bus is gone";
        if (!pending)
                m->moved_usec = now_usec;
        return health_complaint(&(Health){
                        .now_usec = now_usec,
                        .tick_due_usec = engine_deadline(m->engine),
                        .commit_due_usec = m->commit.due_usec,
                        .commit_interval_usec = m->config->commit_interval_usec,
                        .sync_begun_usec = store_syncing(m->store) ? m->sync_begun_usec : USEC_INFINITY,
                        .measure_due_usec = m->resting ? resting_deadline(m->resting) : USEC_INFINITY,
                        .pending = pending,
                        .moved_usec = m->moved_usec,
        });
}

/* After a sleep of the machine everything is late, and this may be the first to have its turn. So what is wrong is looked at
 * again before it counts. */
static int on_watchdog(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;
        const char *what = complaint(m);
        bool again = what && !m->ill;
        usec_t next_usec = m->watchdog_usec / 2;
        int r;

        (void)usec;
        m->ill = what != NULL;
        if (!what || again)
                (void)sd_notify(false, "WATCHDOG=1"); /* if it is not heard, systemd acts */
        else
                log_error("%s: not telling the watchdog that all is well", what);
        if (again && next_usec > HEALTH_AGAIN_USEC)
                next_usec = HEALTH_AGAIN_USEC;
        r = sd_event_source_set_time(source, now_boot_usec() + next_usec);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* -- Configuration -- */

static BluezConfig bluez_config(const Config *c)
{
        BluezConfig b = { .stale_usec = c->stale_after_usec };

        memcpy(b.address, c->address, sizeof(b.address));
        return b;
}

static void apply_config(Manager *m)
{
        BluezConfig bluez = bluez_config(m->config);

        manager_coach_changed(m);
        bluez_configure(m->bluez, &bluez);
}

int manager_reload(Manager *m, char **ret_error)
{
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_free_ char *errors = NULL, *why = NULL;
        int r;

        (void)sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_usec(CLOCK_MONOTONIC));
        r = config_load(m->options->config_path, m->options->config_must_exist, date_of_day(local_today()),
                        &config, &errors);
        if (r < 0) {
                why = errors ? config_errors_brief(errors) : NULL;
                log_error("%s; going on with the configuration before", why ? why : strerror(-r));
                if (ret_error)
                        *ret_error = TAKE_PTR(why);
        } else {
                config_free(m->config);
                m->config = TAKE_PTR(config);
                log_info("Configuration read again");
                manager_warn_anew(m);
                apply_config(m);
        }
        (void)sd_notify(false, "READY=1"); /* nobody listens outside of systemd */
        return r;
}

/* -- Signals -- */

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void)source, (void)info;
        (void)manager_reload(userdata, NULL); /* it has said why */
        return 0;
}

/* Somebody has stopped the process, and lets it go on: told before anything that has come meanwhile. */
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

/* The loop ends, for whatever reason; the buses, which it closes after this, still take what there is to say. */
static int on_exit_loop(sd_event_source *source, void *userdata)
{
        Manager *m = userdata;

        (void)source;
        (void)manager_handle(m, &(Event){ .type = EVENT_SUSPEND }); /* never refused */
        return 0;
}

/* -- Beginning and end -- */

int manager_add_timer(Manager *m, sd_event_source **source, sd_event_time_handler_t handler)
{
        int r = sd_event_add_time(m->event, source, CLOCK_BOOTTIME, 0, USEC_PER_MSEC, handler, m);

        return r < 0 ? r : sd_event_source_set_enabled(*source, SD_EVENT_OFF);
}

static int add_deadline(Manager *m, Deadline *d, sd_event_time_handler_t handler)
{
        d->due_usec = USEC_INFINITY;
        return manager_add_timer(m, &d->timer, handler);
}

static int add_watchdog(Manager *m)
{
        uint64_t interval_usec;
        int r = sd_watchdog_enabled(false, &interval_usec);

        if (r <= 0)
                return r;
        m->watchdog_usec = interval_usec;
        return sd_event_add_time(m->event, &m->watchdog, CLOCK_BOOTTIME, now_boot_usec(), USEC_PER_MSEC,
                        on_watchdog, m);
}

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

static int add_sources(Manager *m)
{
        int r = add_deadline(m, &m->tick, on_tick);

        if (r >= 0)
                r = add_deadline(m, &m->commit, on_commit);
        if (r >= 0)
                r = sd_event_add_io(m->event, &m->synced, store_sync_fd(m->store), EPOLLIN, on_synced, m);
        if (r >= 0)
                r = manager_add_timer(m, &m->measure, manager_on_measure);
        if (r >= 0)
                r = manager_add_timer(m, &m->cue, manager_on_cue);
        if (r >= 0)
                r = manager_add_advice(m);
        if (r >= 0)
                r = manager_add_calendar(m);
        if (r >= 0)
                r = add_exit(m);
        if (r >= 0)
                r = manager_add_clock(m);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGTERM, on_terminate, m);
        if (r >= 0)
                r = add_continued(m);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGINT, on_terminate, m);
        if (r >= 0)
                r = sd_event_add_signal(m->event, NULL, SIGHUP, on_hangup, m);
        if (r >= 0)
                r = manager_watch_buses(m);
        return r;
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
        BluezConfig bluez = bluez_config(m->config);
        int r;

        m->session_day = m->command_day = m->advised_day = m->raced_day = DAY_NONE;
        m->said = _KIND_INVALID;
        m->clock_known = true; /* if it is not, that is said */
        r = store_open(m->options->database_path, m->options->user, &m->store, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        r = manager_begin_core(m);
        if (r < 0) {
                log_error("%s: what the coach goes by cannot be read: %s", store_path(m->store),
                                strerror(-r));
                return r;
        }
        r = bus_new(m->event, &connection, CARDIO_VERSION, store_path(m->store), &manager_bus_handlers, m,
                        &m->bus);
        if (r >= 0)
                r = add_sources(m);
        if (r < 0)
                return cannot_start(r);
        r = manager_resume(m);
        if (r < 0) {
                log_error("%s: what was left open cannot be taken up: %s", store_path(m->store),
                                strerror(-r));
                return r;
        }
        manager_judge_recent(m);
        r = bluez_new(m->event, m->system_bus, &bluez, &manager_bluez_handlers, m, &m->bluez);
        if (r < 0)
                return cannot_start(r);
        manager_push(m);
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
                r = manager_open_buses(m);
        if (r >= 0)
                r = manager_check_name(m);
        if (r >= 0)
                r = manager_begin(m);
        if (r >= 0)
                r = manager_own_name(m);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(m);
        return 0;
}

int manager_run(Manager *m)
{
        int r = add_watchdog(m);

        if (r < 0)
                log_warning("Cannot serve systemd's watchdog: %s", strerror(-r));
        arm_tick(m);
        manager_arm_commit(m);
        (void)sd_notify(false, "READY=1"); /* nobody listens outside of systemd */
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
        sd_event_source_disable_unref(m->synced);
        store_close(m->store);
        sd_event_source_disable_unref(m->tick.timer);
        sd_event_source_disable_unref(m->commit.timer);
        sd_event_source_disable_unref(m->midnight);
        sd_event_source_disable_unref(m->measure);
        sd_event_source_disable_unref(m->cue);
        sd_event_source_disable_unref(m->advise);
        sd_event_source_disable_unref(m->eaten);
        sd_event_source_disable_unref(m->zone);
        sd_event_source_disable_unref(m->watchdog);
        sd_event_source_disable_unref(m->clock);
        sd_event_source_disable_unref(m->clock_poll);
        sd_event_source_disable_unref(m->exit);
        manager_close_buses(m);
        sd_event_unref(m->event);
        for (size_t i = 0; i < SENSORS_MAX; i++) {
                free(m->straps[i].name);
                free(m->straps[i].body_location);
        }
        config_free(m->config);
        free(m->status);
        free(m->warnings);
        free(m->resting);
        free(m->workout);
        free(m->engine);
        free(m);
        return NULL;
}
