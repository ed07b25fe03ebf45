/* SPDX-License-Identifier: MIT */
/* `export --follow`: looks into the database when the daemon has said that a session ended, and whenever one that waits may have
 * ended unseen. The signals only say when to look; what is to be written is decided by the rows and by FollowState alone, so
 * that none is missed and none is written twice, whatever starts, stops or dies in between.
 *
 * A run is written once it is over for good: not as long as the daemon, stopped in the middle of it, may go on with it. One that
 * was recorded by a clock which nobody had set yet waits until that is set, for a day at most. What is edited afterwards is not
 * written again, nor is a part of what was written whole. Times are CLOCK_BOOTTIME.
 *
 * When this program dies between giving a file its name and saving that, the name is found the next time. */
#include "export/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-event.h>
#include <systemd/sd-id128.h>

#include "client/follower.h"
#include "database.h"
#include "export/file-name.h"
#include "export/follow-state.h"
#include "export/session-export.h"
#include "memory.h"
#include "session.h"
#include "shared/clock.h"

/* How long until the next look, when something waits or has failed: twice as long each time. */
#define LOOK_MIN_USEC USEC_PER_SEC
#define LOOK_MAX_USEC (10 * USEC_PER_MIN)
/* Written in one go; then signals have their turn. */
#define BATCH 16U

#define CLOCK_PATIENCE_MS (INT64_C(24) * 3600 * 1000)

typedef struct Follow {
        const Call *call;
        const ExchangeFormat *format;
        char *folder; /* its real path */
        sd_event *event;
        Follower *follower;
        char *database; /* of the daemon that was there last, NULL = none was */
        bool recording; /* the daemon records a session */
        FollowState state;
        char *state_database; /* that it is about, NULL = it is not open */
        sd_event_source *next;
        usec_t wait_usec;
        bool complained; /* that it cannot read or write */
        int64_t told;    /* the last session of which it was told that it waits for the clock */
        Outcome outcome;
} Follow;

static void follow_end(Follow *f)
{
        f->follower = follower_free(f->follower);
        f->next = sd_event_source_disable_unref(f->next);
        f->event = sd_event_unref(f->event);
        follow_state_close(&f->state);
        free(f->state_database);
        free(f->database);
        free(f->folder);
}

/* -- What there is -- */

/* The highest number that a session ever had. */
static Outcome last_session(const Database *d, int64_t *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d, "SELECT seq FROM sqlite_sequence WHERE name = 'session'", &s);
        if (outcome == OUTCOME_DONE)
                outcome = database_step(d, s, &row);
        if (outcome == OUTCOME_DONE)
                *ret = row ? sqlite3_column_int64(s, 0) : 0;
        return outcome;
}

static bool waits(const Follow *f, int64_t session)
{
        for (size_t i = 0; i < f->state.n_waiting; i++)
                if (f->state.waiting[i] == session)
                        return true;
        return false;
}

/* sql: the sessions, and of which each was a part. Where the whole has been dealt with, its second part is nothing new. */
static Outcome add_waiting(Follow *f, const Database *d, const char *sql)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d, sql, &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int64(s, 1, f->state.seen);
        while ((outcome = database_step(d, s, &row)) == OUTCOME_DONE && row) {
                int64_t whole = sqlite3_column_int64(s, 1); /* 0 = it is one */

                if (whole == 0 || whole > f->state.seen || waits(f, whole))
                        follow_state_add(&f->state, sqlite3_column_int64(s, 0));
        }
        return outcome;
}

/* Takes note of the sessions that are new since the last look. At the first one, and in a database that has begun again from
 * an older state, as after a restore, it is those alone that have not ended. */
static Outcome find_new(Follow *f, const Database *d, int64_t *ret_last)
{
        bool anew;
        Outcome outcome = last_session(d, ret_last);

        if (outcome != OUTCOME_DONE)
                return outcome;
        anew = !f->state.begun || *ret_last < f->state.seen;
        if (anew) {
                f->state.n_waiting = 0;
                outcome = add_waiting(f, d,
                                "SELECT id, 0 FROM session WHERE source = 'strap' AND (ended_at IS NULL OR resumable = 1)"
                                " AND ?1 IS NOT NULL");
        } else if (*ret_last > f->state.seen) {
                outcome = add_waiting(f, d,
                                "SELECT id, split_from FROM session WHERE source = 'strap' AND id > ?1 ORDER BY id");
        } else {
                /* As long as it cannot be kept what was written, nothing is: it would be written again. */
                return f->state.unsaved ? follow_state_save(&f->state) : OUTCOME_DONE;
        }
        if (outcome != OUTCOME_DONE)
                return outcome;
        f->state.seen = *ret_last;
        outcome = follow_state_save(&f->state);
        if (outcome == OUTCOME_DONE && anew) {
                _cleanup_free_ char *folder = text_clean(f->folder);

                printf("Runs that end from now on are written to %s.\n", folder);
                (void)fflush(stdout);
        }
        return outcome;
}

typedef enum Ripeness {
        RIPE_GONE, /* it was deleted, or discarded */
        RIPE_WAITS,
        RIPE_CLOCK, /* it waits for the clock */
        RIPE_NOW,
} Ripeness;

static Outcome ripeness(const Database *d, int64_t session, int64_t last, Ripeness *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        char boot_id[SD_ID128_STRING_MAX] = "";
        sd_id128_t boot;
        bool row = false;
        Outcome outcome;

        outcome = database_prepare(d,
                        "SELECT ended_at IS NOT NULL AND resumable = 0, clock_known = 0"
                        " AND boot_id = ?2 AND boot_ms + (ended_at - started_at) > ?3"
                        "  FROM session WHERE id = ?1",
                        &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (sd_id128_get_boot(&boot) >= 0)
                sd_id128_to_string(boot, boot_id);
        (void)sqlite3_bind_int64(s, 1, session);
        (void)sqlite3_bind_text(s, 2, boot_id, -1, SQLITE_STATIC);
        (void)sqlite3_bind_int64(s, 3, (int64_t)(now_boot_usec() / USEC_PER_MSEC) - CLOCK_PATIENCE_MS);
        outcome = database_step(d, s, &row);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!row) /* what was announced may not be stored yet */
                *ret = session <= last ? RIPE_GONE : RIPE_WAITS;
        else if (sqlite3_column_int(s, 0) == 0)
                *ret = RIPE_WAITS;
        else
                *ret = sqlite3_column_int(s, 1) != 0
                                       ? RIPE_CLOCK
                                       : RIPE_NOW; /* NULL is not known, and no reason to wait */
        return OUTCOME_DONE;
}

/* -- Writing -- */

/* Returns whether it is done with, or FAILED. */
static ExportResult write_one(Follow *f, const Database *d, int folder, int64_t session)
{
        _cleanup_stream_ SessionStream s = { .d = NULL };
        _cleanup_free_ char *name = NULL, *there = NULL;
        ExportResult result;

        if (session_stream_open(d, session, &s) != OUTCOME_DONE)
                return EXPORT_FAILED;
        if (!s.has_heart_rates) /* begun by hand, and ended before the first one */
                return EXPORT_NOTHING;
        result = export_check(d, &s);
        if (result != EXPORT_DONE)
                return result;
        if (session_date_is_unknown(s.date, s.clock_known)) {
                (void)fail(OUTCOME_DONE,
                                "session %lld is left out: the clock was not set, and its date is not known",
                                (long long)session);
                return EXPORT_REFUSED;
        }
        there = file_name_find(folder, &s, f->format->extension);
        if (there)
                return EXPORT_THERE;
        name = file_name_of(&s, f->format->extension);
        result = export_to_folder(&s, f->format, folder, f->folder, name, false, NULL);
        if (result == EXPORT_DONE) {
                puts(name);
                (void)fflush(stdout);
        }
        return result;
}

/* Writes what has ended. *ret_more: there is more of it. */
static Outcome write_ripe(Follow *f, const Database *d, int folder, int64_t last, bool *ret_more)
{
        unsigned written = 0;

        for (size_t i = 0; i < f->state.n_waiting;) {
                int64_t session = f->state.waiting[i];
                ExportResult result = EXPORT_NOTHING;
                Ripeness ripe = RIPE_WAITS;
                Outcome outcome = ripeness(d, session, last, &ripe);

                if (outcome != OUTCOME_DONE)
                        return outcome;
                if (ripe == RIPE_CLOCK && session > f->told) {
                        f->told = session;
                        (void)fail(OUTCOME_DONE,
                                        "session %lld waits until the clock is set, for a day at most",
                                        (long long)session);
                }
                if (ripe == RIPE_WAITS || ripe == RIPE_CLOCK) {
                        i++;
                        continue;
                }
                if (written == BATCH) {
                        *ret_more = true;
                        return OUTCOME_DONE;
                }
                if (ripe == RIPE_NOW)
                        result = write_one(f, d, folder, session);
                if (result == EXPORT_FAILED)
                        return OUTCOME_FAILED;
                written++;
                follow_state_drop(&f->state, session);
                outcome = follow_state_save(&f->state);
                if (outcome != OUTCOME_DONE)
                        return outcome;
        }
        return OUTCOME_DONE;
}

/* -- Looking -- */

/* Says it once, until all is well again. */
static Outcome complain(Follow *f, const char *what, int error)
{
        if (!f->complained)
                (void)fail(OUTCOME_FAILED, "%s: %s; trying again until it works", what, strerror(-error));
        f->complained = true;
        return OUTCOME_FAILED;
}

static Outcome check_database(Follow *f, const char *path)
{
        if (access(path, R_OK) == 0)
                return OUTCOME_DONE;
        if (!f->complained)
                (void)database_check_access(path);
        f->complained = true;
        return OUTCOME_FAILED;
}

/* The state of another database is another one. What is wrong with it nothing but a new start can mend. */
static Outcome open_state(Follow *f, const char *path)
{
        Outcome outcome;

        if (f->state_database && strcmp(f->state_database, path) == 0)
                return OUTCOME_DONE;
        follow_state_close(&f->state);
        free(TAKE_PTR(f->state_database));
        outcome = follow_state_open(f->folder, f->format->name, path, &f->state);
        if (outcome != OUTCOME_DONE) {
                f->outcome = outcome;
                (void)sd_event_exit(f->event, 0);
                return outcome;
        }
        f->state_database = checked(strdup(path));
        return OUTCOME_DONE;
}

static Outcome look_into(Follow *f, const char *path, int folder, bool *ret_more)
{
        _cleanup_database_ Database d = { .db = NULL };
        Call call = *f->call;
        int64_t last = 0;
        Outcome outcome;

        call.database = path; /* the daemon is not asked once more */
        outcome = database_open(&call, &d);
        if (outcome == OUTCOME_DONE)
                outcome = find_new(f, &d, &last);
        if (outcome == OUTCOME_DONE)
                outcome = write_ripe(f, &d, folder, last, ret_more);
        return outcome;
}

static Outcome look(Follow *f, bool *ret_more)
{
        _cleanup_free_ char *path = NULL, *real = NULL;
        bool opens = !f->state_database;
        Outcome outcome;
        int folder;

        path = f->call->database ? checked(strdup(f->call->database))
               : f->database     ? checked(strdup(f->database))
                                 : database_default_path(f->call);
        if (!path)
                return complain(f, "neither XDG_STATE_HOME nor HOME says where your database is", -ENOENT);
        outcome = check_database(f, path);
        if (outcome != OUTCOME_DONE)
                return outcome;
        real = realpath(path, NULL);
        outcome = real ? open_state(f, real) : complain(f, path, -errno);
        if (outcome != OUTCOME_DONE)
                return outcome;
        folder = open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
                return complain(f, f->folder, -errno);
        if (opens)
                file_name_clear(folder, f->format->extension);
        outcome = look_into(f, real, folder, ret_more);
        (void)close(folder); /* what is in it was synced */
        f->complained &= outcome != OUTCOME_DONE;
        return outcome;
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata);

static void look_later(Follow *f, usec_t usec)
{
        int r;

        f->next = sd_event_source_disable_unref(f->next);
        r = sd_event_add_time_relative(f->event, &f->next, CLOCK_BOOTTIME, usec, 0, on_look, f);
        if (r < 0)
                (void)sd_event_exit(f->event, r);
}

static void look_now(Follow *f)
{
        f->wait_usec = LOOK_MIN_USEC;
        look_later(f, 0);
}

/* What is being recorded will be heard of. All else that waits, a session that may go on, a clock, a full disk, may not. */
static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
        Follow *f = userdata;
        bool more = false;
        Outcome outcome = look(f, &more);

        (void)source;
        (void)usec;
        if (more) {
                look_now(f);
        } else if (outcome != OUTCOME_DONE || f->state.n_waiting > (f->recording ? 1 : 0)) {
                look_later(f, f->wait_usec);
                f->wait_usec = 2 * f->wait_usec < LOOK_MAX_USEC ? 2 * f->wait_usec : LOOK_MAX_USEC;
        }
        return 0;
}

static void take_manager(Follow *f, const ManagerProperties *m)
{
        if (m->database_path && *m->database_path) {
                free(f->database);
                f->database = checked(strdup(m->database_path));
        }
        if (m->given & MANAGER_SESSION) {
                f->recording = m->session != 0;
                look_now(f);
        }
}

static void on_event(void *userdata, const FollowerEvent *e)
{
        Follow *f = userdata;

        switch (e->type) {
        case FOLLOWER_MANAGER:
                take_manager(f, &e->manager);
                break;
        case FOLLOWER_LOST:
                f->recording = false;
                look_now(f);
                break;
        case FOLLOWER_READY:
                look_now(f);
                break;
        case FOLLOWER_SESSION_ENDED:
                /* If it is not stored yet it is waited for. */
                if (f->state_database && e->session.id > f->state.seen)
                        follow_state_add(&f->state, e->session.id);
                look_now(f);
                break;
        case FOLLOWER_SESSION_DISCARDED:
                follow_state_drop(&f->state, e->session.id);
                look_now(f);
                break;
        case FOLLOWER_UNREACHABLE: /* FOLLOWER_LOST follows if that bus counts */
        case FOLLOWER_APPEARED:    /* FOLLOWER_READY follows */
        case FOLLOWER_SILENT:
        case FOLLOWER_COACH:
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_SENSOR_CHANGED:
        case FOLLOWER_SENSOR_REMOVED:
        case FOLLOWER_MEASUREMENT:
        case FOLLOWER_PACE:
        case FOLLOWER_SESSION_STARTED: /* the property changes, too */
        case FOLLOWER_OVER_LIMIT:
        case FOLLOWER_BACK_IN_RANGE:
        case FOLLOWER_OVER_PACE:
        case FOLLOWER_PACE_IN_RANGE:
        case FOLLOWER_ADVICE:
        case FOLLOWER_CUE:
        case FOLLOWER_TROUBLE:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
}

/* -- The loop -- */

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void)info;
        (void)userdata;
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int begin(Follow *f)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void)sigaddset(&mask, signals[i]);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        r = sd_event_new(&f->event);
        for (size_t i = 0; i < ELEMENTSOF(signals) && r >= 0; i++)
                r = sd_event_add_signal(f->event, NULL, signals[i], on_signal, f);
        if (r >= 0)
                r = follower_new(f->event, f->call->user, 0, on_event, f, &f->follower);
        if (r < 0)
                return r;
        follower_start(f->follower);
        return sd_event_loop(f->event);
}

/* As it is now: later it is tried again and again. */
static int check_folder(const char *path)
{
        struct stat st;

        if (stat(path, &st) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        return access(path, R_OK | W_OK | X_OK) < 0 ? -errno : 0;
}

Outcome follow_run(const Call *call, const ExchangeFormat *format, const char *folder)
{
        _cleanup_(follow_end) Follow f = { .call = call,
                .format = format,
                .state = { .folder = -1, .lock = -1 },
                .wait_usec = LOOK_MIN_USEC };
        int r;

        if (mkdir(folder, 0777) < 0 && errno != EEXIST)
                return fail(OUTCOME_FAILED, "cannot make the folder %s: %s", folder, strerror(errno));
        f.folder = realpath(folder, NULL);
        r = f.folder ? check_folder(f.folder) : -errno;
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot write into %s: %s", folder, strerror(-r));
        r = begin(&f);
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot follow cardiod: %s", strerror(-r));
        return f.outcome;
}
