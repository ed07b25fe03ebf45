/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cardio/day.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/runner.h"

/* The database. Everything recorded goes into one queue in memory, in order, and from there to disk in one transaction at each
 * store_commit(): what a transaction could not write stays queued and is tried again at the next. So a full disk or a locked
 * file loses nothing until the queue is full, and nobody waits for the disk between commits. A commit survives the death of
 * the daemon; it survives a power cut once it is durable, which takes longer, and is done by a thread: store_sync_begin().
 *
 * No function here waits for that thread, but for those that say so in their name, and the first and last ones of a store:
 * store_open(), store_stop() and store_close(). */
typedef struct Store Store;
typedef struct SessionWriter SessionWriter; /* writer.h */

/* Entries kept in memory while the disk refuses: three days of running at one heart rate a second, half of that with pace.
 * Further ones are counted and dropped, with a log line. */
#define STORE_QUEUE_MAX 262144U

typedef struct SessionHead {
        const char *address;  /* of the strap */
        const char *kind;     /* NULL or "" = none */
        const char *day_kind; /* what the day is for, NULL = not known */
        const char *workout;  /* its name, NULL or "" = none */
        bool by_hand;
        int64_t started_at; /* Unix ms */
        int64_t boot_ms;    /* the same time on CLOCK_BOOTTIME */
        int utc_offset_s;
        Runner runner;
        double ceiling; /* NAN = none */
        const char *ceiling_expression;
        double tolerance;
        const char *zone_model;
        const char *zone_bounds;
} SessionHead;

/* A session that was open, or closed only because the daemon stopped. */
typedef struct OpenSession {
        int64_t id;            /* 0 = there is none */
        SessionWriter *writer; /* waits for session_writer_resume() or session_writer_end() */
        char address[18];
        bool by_hand;
        bool undecided;     /* whether it is young enough is unknown until the clock is known */
        int64_t started_at; /* Unix ms, corrected to the clock as it is now */
        int64_t boot_ms;    /* the same time on CLOCK_BOOTTIME; not set if it is undecided */
        int64_t step_ms; /* by how much the clock was set while the daemon was not running, 0 = it was not */
        int64_t last_t;  /* ms, its last heart rate */
        double ceiling;  /* in force at its end, NAN = none */
        double distance, ascent; /* m, where its pace goes on from; NAN = none known */
        Kind kind;               /* as said, _KIND_INVALID = not */
} OpenSession;

/* Opens or creates the database (0640; a missing folder is created 0750; with private: file 0600, folder 0700), takes the
 * writer's lock and migrates. Returns 0; -EBUSY if another daemon holds it; -EBADMSG if it is foreign, corrupt or of a newer
 * version (the file is untouched); or another negative errno. ret_error says why, with the path. */
int store_open(const char *path, bool private, Store **ret, char **ret_error);

/* What became of everything recorded. */
typedef enum StoreEnd {
        STORE_END_WRITTEN,
        STORE_END_SPILLED, /* part of it is in a spill file, which the next start stores */
        STORE_END_LOST,    /* something could not be written anywhere, or would not survive a power cut */
} StoreEnd;

/* The last commit, made durable. What the database refuses goes to a spill file. Nothing can be recorded after it. The outcome
 * is logged here. */
StoreEnd store_stop(Store *s);
/* Calls store_stop(), and closes. */
Store *store_close(Store *s);
DEFINE_CLEANUP(Store *, store_close);

/* Sets what is known about the wall clock: before a session begins or is recovered, when the clock was set, and when more is
 * known about it. Before the first call the clock counts as right, and the boot as not known. */
typedef struct StoreClock {
        char boot_id[33];                     /* "" = not known: nothing is corrected */
        int64_t offset_ms;                    /* CLOCK_REALTIME − CLOCK_BOOTTIME */
        bool known;                           /* it is known to be right */
        int (*utc_offset_s)(int64_t unix_ms); /* the runner's time zone; NULL = as stored */
} StoreClock;
void store_set_clock(Store *s, const StoreClock *c);
/* To be called after store_set_clock() and session_writer_clock(): corrects the times of what has ended and was recorded in
 * this boot while the clock was not known to be right; with the next commit. Returns whether there may be any. */
bool store_move_sessions(Store *s);
/* Something stored will be corrected when the clock is set. */
bool store_follows_clock(const Store *s);

/* Closes each session that was left open at its last heart rate. The newest is returned as ret if its last heart rate is
 * younger than max_age_ms at now_ms: it stays as it is, to be resumed with session_writer_resume() or closed with
 * session_writer_end(). A session without any heart rate is deleted. The age of a session of this boot is measured by
 * CLOCK_BOOTTIME; that of another boot by the wall clock, if that was known to be right both times. If that is not known yet,
 * but this boot is younger than max_age_ms, it is returned undecided. A last heart rate later than now_ms counts as old. Also
 * corrects the times of ended sessions if the clock was set since. Returns 1 if any were corrected, 0, or a negative errno. */
int store_recover(Store *s, int64_t now_ms, int64_t max_age_ms, OpenSession *ret);
/* Decides on an undecided one: returns 1 if it is young enough, 0 if it is not, or -EAGAIN if the clock is still unknown. */
int store_decide(Store *s, OpenSession *o, int64_t now_ms, int64_t max_age_ms);
/* The heart rates of a stored session, in order; t in ms, smoothed in bpm. Returns how many there are, at most
 * STORE_PAST_MAX, with ret to be freed; or a negative errno. */
typedef struct StorePast {
        int64_t t;
        double smoothed;
        bool counts;
        uint8_t zone;
} StorePast;
#define STORE_PAST_MAX 1048576U
ssize_t store_session_past(Store *s, int64_t id, StorePast **ret);

/* How often it was told in a session that its strap was lost, and whether it was not back. Returns 0 or a negative errno. */
int store_session_losses(Store *s, int64_t id, unsigned *ret_told, bool *ret_lost);

/* What commands have set and is still in force, for the next daemon. */
typedef struct StoreCommands {
        char ceiling[INTENSITY_STRING_MAX]; /* an expression; "" = the configuration's */
        int64_t snoozed_until;              /* Unix ms, 0 = not snoozed */
        int64_t effort_at; /* Unix ms: the last effort since a session was stopped by command; 0 = none */
        Day ceiling_day;   /* on which the ceiling was set, … */
        Day advised_day;   /* the last on which a session's first minutes had advice, … */
        Day raced_day;     /* and of the last race after which there was; DAY_NONE = none */
} StoreCommands;
/* The ceiling is gone if store_recover() found its session to be over. Moments are by the clock as it is now; 0 if they are of
 * another boot, and one of the two clocks was not known to be right. */
int store_get_commands(Store *s, StoreCommands *ret);
void store_set_commands(Store *s, const StoreCommands *c);

/* Stores what is known about a strap; NULL and a negative battery leave the old values. */
void store_sensor(Store *s, const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms);

/* Whether the runner was told that its battery is low, which the next daemon has to know. false for one that is not known. */
void store_set_battery_low(Store *s, const char *address, bool low);
bool store_battery_low(Store *s, const char *address);

/* Writes the queue in one transaction, without waiting. Returns 0; -EAGAIN if the running sync keeps it waiting; or another
 * negative errno: what was queued stays. The first failure and the recovery from it are logged here. */
int store_commit(Store *s);
/* The same, and makes all commits durable at once; waits for a running sync, and for the disk. */
int store_commit_wait(Store *s);
/* There is something for store_commit() to do, or an urgent sync. */
bool store_pending(const Store *s);
/* The database was deleted or replaced under us, which is logged: nothing more can be stored, and store_stop() saves
 * everything for the next start. */
bool store_is_lost(const Store *s);
/* The last commit, or the last sync, failed. */
bool store_refused(const Store *s);
/* The last commit has to wait until the running sync is done, which is soon. */
bool store_held(const Store *s);
/* Entries that wait while the disk refuses; 0 = it accepts writes. */
size_t store_waiting(const Store *s);

/* Makes commits durable, in a thread (in the caller's if none can be created); checkpoints the WAL once it has grown; and
 * removes from it what was deleted. Does nothing if a sync is running. The database can be read and written meanwhile, except
 * for a moment in which the thread holds the writer's lock: store_commit() and everything else that writes then return
 * -EAGAIN, and are to be tried again when the sync is done. */
void store_sync_begin(Store *s);
/* Ends a sync that is done. Returns 0 if all it was to sync is durable, or if none was running; -EAGAIN if it is still
 * running; or another negative errno, which is logged here. */
int store_sync_end(Store *s);
/* The same; waits until it is done. */
int store_sync_wait(Store *s);
bool store_syncing(const Store *s);
/* None is running, or its thread has finished. */
bool store_sync_done(const Store *s);
/* It is due whatever the interval: the WAL is long, or something deleted may still be in it. */
bool store_sync_is_urgent(const Store *s);
/* Something committed is not durable, and no running sync covers it. */
bool store_unsynced(const Store *s);
/* Becomes readable when a sync is done. */
int store_sync_fd(const Store *s);

/* A row of view `sessions`, reported column by column in the view's order: each text, integer or real by type; NULL columns
 * are left out. Commits first, so that the row is up to date. func returns 0, or a negative errno to stop. Returns 0, -ENOENT
 * if there is no such session, or another negative errno. */
typedef struct StoreValue {
        enum { STORE_INTEGER, STORE_REAL, STORE_TEXT } type;
        int64_t integer;
        double real;
        const char *text;
} StoreValue;
typedef int (*StoreColumnFunc)(void *userdata, const char *column, const StoreValue *value);
int store_get_session(Store *s, int64_t id, StoreColumnFunc func, void *userdata);

/* The stored sessions behind the one with the id `after`, in the order of their ids, at most so many, and among them, as not over,
 * those that became a part of another one by an edit that can still be taken back. Reads as many rows, however many there are.
 * Commits first. boot_ms is now, on CLOCK_BOOTTIME. func returns 0, or a negative errno to stop. ret_last: the
 * highest id that a session ever had, as far as it is stored: one beyond it may still come to be. Returns 0 or a negative
 * errno. */
typedef struct StoreListed {
        int64_t id;
        const char *source; /* strap, import, manual */
        int64_t split_from; /* of which it was a part, 0 = of none */
        bool over; /* it has ended, cannot go on, and its times are known or, after a day, given up: they stay as they are */
} StoreListed;
typedef int (*StoreListedFunc)(void *userdata, const StoreListed *session);
int store_list_sessions(Store *s, int64_t after, unsigned limit, int64_t boot_ms, StoreListedFunc func,
                void *userdata, int64_t *ret_last);

/* Deletes it for good: overwritten in the file at once, and removed from the WAL by the next sync, which is due then, or by a
 * later one if a reader is in the way. Returns 0, -ENOENT, -EBUSY if it is open or the file is locked, or another negative
 * errno. */
int store_delete_session(Store *s, int64_t id);

/* Whether the slow trend is taken out of beats before α1 of them, in sessions that are closed from now on; false at first. */
void store_set_detrend(Store *s, bool detrend);

/* Looks at the beats of one session, the newest of those of an older version whose beats are not known yet; takes a few
 * milliseconds for each hour of it. Returns 1, 0 if there is none, -EAGAIN if the running sync is in the way, or another
 * negative errno. */
int store_look_at_beats(Store *s);

/* The state of a deletion, by the number that store_deletions() returns right after it. */
typedef enum StoreDeletion {
        STORE_DELETION_PENDING, /* no sync has tried to remove it from the WAL yet */
        STORE_DELETION_HELD,    /* one has, but a reader held on to the WAL; later syncs try again */
        STORE_DELETION_DONE,
} StoreDeletion;
unsigned store_deletions(const Store *s);
StoreDeletion store_deletion(const Store *s, unsigned number);

/* Whether a session was ever recorded from it; false if the database does not answer. */
bool store_sensor_known(Store *s, const char *address);

/* Absolute path of the database. */
const char *store_path(const Store *s);
