/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cardio/day.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/ring.h"
#include "cardio/runner.h"
#include "cardio/time.h"

/* The database. Everything recorded goes into one queue in memory, in order, and from there to disk in one transaction
 * at each store_commit(): what a transaction could not write stays queued and is tried again at the next. So a full
 * disk or a locked file loses nothing until the queue is full, and nobody waits for the disk between commits. A commit is safe
 * from the death of the daemon; from a power cut once it is durable, which takes longer, and is done by a thread:
 * store_sync_begin().
 *
 * Nothing here waits for that thread but what says so in its name, and the beginning and the end of a store: store_open(),
 * store_stop() and store_close(). */
typedef struct Store Store;
typedef struct SessionWriter SessionWriter; /* writer.h */

/* Entries kept in memory while the disk cannot be written; further heart rates are counted and dropped, with a log
 * line: three days of running at one heart rate a second. */
#define STORE_QUEUE_MAX 262144U

typedef struct SessionHead {
        const char *address;  /* of the strap */
        const char *kind;     /* NULL or "" = none */
        const char *day_kind; /* what the day is for, NULL = not known */
        const char *workout;  /* its name, NULL or "" = none */
        bool by_hand;
        int64_t started_at; /* Unix ms */
        int64_t boot_ms;    /* the same, on CLOCK_BOOTTIME */
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
        bool undecided;     /* whether it is young enough will be known when the clock is */
        int64_t started_at; /* Unix ms, by the clock as it is */
        int64_t boot_ms;    /* the same, on CLOCK_BOOTTIME; not if it is undecided */
        int64_t step_ms;    /* by which the clock was set while the daemon was away, 0 = it was not */
        int64_t last_t;     /* ms, its last heart rate */
        double ceiling;     /* in force at its end, NAN = none */
        Kind kind;          /* as said, _KIND_INVALID = not */
} OpenSession;

/* Opens or creates the database (0640; a missing folder is created 0750, or file 0600 and folder 0700 with private),
 * takes the writer's lock and migrates. Returns 0; -EBUSY if another daemon holds it; -EBADMSG if it is foreign, corrupt
 * or of a newer version (the file is untouched); or another negative errno. ret_error says why, with the path. */
int store_open(const char *path, bool private, Store **ret, char **ret_error);

/* How what was recorded has ended. */
typedef enum StoreEnd {
        STORE_END_WRITTEN,
        STORE_END_SPILLED, /* in part to a file of its own, which the next start takes up */
        STORE_END_LOST,    /* something could be written nowhere, or would not outlive a power cut */
} StoreEnd;

/* The last commit, to the disk. What that refuses goes to a file of its own. Nothing is recorded after it. What comes of it is
 * logged here. */
StoreEnd store_stop(Store *s);
/* Stops, and closes. */
Store *store_close(Store *s);
DEFINE_CLEANUP(Store *, store_close);

/* The wall clock as it is from now on: before a session begins or is recovered, when it was set, and when something has come to
 * be known of it. Until the first call it is right, and the boot not known. */
typedef struct StoreClock {
        char boot_id[33];                     /* "" = not known: nothing moves */
        int64_t offset_ms;                    /* what CLOCK_REALTIME is ahead of CLOCK_BOOTTIME */
        bool known;                           /* something says that it is right */
        int (*utc_offset_s)(int64_t unix_ms); /* of the runner's zone; NULL = as stored */
} StoreClock;
void store_set_clock(Store *s, const StoreClock *c);
/* After it, and after session_writer_clock(): what was recorded in this boot while the clock was not known to be right, and has
 * ended, moves with it; with the next commit. Returns whether there may be any. */
bool store_move_sessions(Store *s);
/* Something is to move when the clock is set. */
bool store_follows_clock(const Store *s);

/* Closes each session that was left open at its last heart rate and returns the newest of them as ret if its last heart
 * rate is younger than max_age_ms at now_ms: that one stays as it is, to be taken up with session_writer_resume() or
 * closed with session_writer_end(). A session without any heart rate is deleted. The age of one of this boot is that by
 * CLOCK_BOOTTIME; of another one that by the wall clock, if that was known to be right both times. If it is not known yet, but
 * this boot is younger than max_age_ms, it is returned undecided. A last heart rate later than now_ms counts as old.
 * What has ended moves with a clock that was set since. Returns 1 if anything did, 0, or a negative errno. */
int store_recover(Store *s, int64_t now_ms, int64_t max_age_ms, OpenSession *ret);
/* One that was undecided, now: returns 1 if it is young enough, 0 if it is not, or -EAGAIN if the clock does not say yet. */
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

/* What commands have set and is still in force, for the daemon to find when it is started again. */
typedef struct StoreCommands {
        char ceiling[INTENSITY_STRING_MAX]; /* an expression; "" = the configuration's */
        int64_t snoozed_until;              /* Unix ms, 0 = not snoozed */
        int64_t effort_at; /* Unix ms: the last effort since a session was stopped by command; 0 = none was */
        Day ceiling_day;   /* on which the ceiling was set, … */
        Day advised_day;   /* the last on which a session's first minutes had advice, … */
        Day raced_day;     /* and of the last race after which there was; DAY_NONE = none */
} StoreCommands;
/* The ceiling is gone if store_recover() found its session to be over. Moments are by the clock as it is; 0 if they are of
 * another boot, and one of the two clocks was not known to be right. */
int store_get_commands(Store *s, StoreCommands *ret);
void store_set_commands(Store *s, const StoreCommands *c);

/* What is known of a strap; NULL or a negative battery leave what was known. */
void store_sensor(Store *s, const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms);

/* Writes the queue in one transaction, and waits for nobody. Returns 0; -EAGAIN if that can be done only behind the sync that is
 * running; or another negative errno: what was queued stays. The first failure and the recovery from it are logged here. */
int store_commit(Store *s);
/* The same, and brings to the disk what was committed, here and now, behind a sync that is running: waits for both. */
int store_commit_wait(Store *s);
/* There is something for store_commit() to do, or an urgent sync. */
bool store_pending(const Store *s);
/* The database was deleted or replaced under us, which is logged: nothing more can be stored, and store_stop() saves what
 * there is for the next start. */
bool store_is_lost(const Store *s);
/* The last commit did not reach the database, or the last sync not the disk. */
bool store_refused(const Store *s);
/* The last commit has to wait until the sync is done, which is not long. */
bool store_held(const Store *s);
/* Entries that wait while the disk refuses; 0 = it takes them. */
size_t store_waiting(const Store *s);

/* Brings to the disk what has been committed, in a thread (here, where none can be had); moves SQLite's log into the database
 * once that has grown; and removes from it what was deleted. Does nothing while it is at that. Meanwhile the database is read and
 * written as ever, but for a moment in which what is to be written has to wait: store_commit() and all else that writes return
 * -EAGAIN then, and are to be tried again when the sync is done. */
void store_sync_begin(Store *s);
/* Takes note of its end. Returns 0 if all that had been committed is durable, or if none was running; -EAGAIN if it still is; or
 * another negative errno: what went wrong is logged here. */
int store_sync_end(Store *s);
/* The same, once it is done. */
int store_sync_wait(Store *s);
bool store_syncing(const Store *s);
/* None is running, or it has come to its end. */
bool store_sync_done(const Store *s);
/* It is due apart from any interval: the log is long, or something deleted may still be in it. */
bool store_sync_is_urgent(const Store *s);
/* Something that has been committed is not on the platter, nor on its way there. */
bool store_unsynced(const Store *s);
/* Becomes readable when a sync is done. */
int store_sync_fd(const Store *s);

/* Row of view `sessions`, told column by column in the view's order: one of text, integer, real by type, SQLITE_NULL
 * columns are left out. Commits first, so that it is of now. func returns 0, or a
 * negative errno to stop. Returns 0, -ENOENT if there is no such session, or another negative errno. */
typedef struct StoreValue {
        enum { STORE_INTEGER, STORE_REAL, STORE_TEXT } type;
        int64_t integer;
        double real;
        const char *text;
} StoreValue;
typedef int (*StoreColumnFunc)(void *userdata, const char *column, const StoreValue *value);
int store_get_session(Store *s, int64_t id, StoreColumnFunc func, void *userdata);

/* Deletes it for good: overwritten in the file, and gone from the log with a sync, which is due then: the next one, or the
 * first that no reader is in the way of. Returns 0, -ENOENT, -EBUSY for one that is open or if the file is locked, or another
 * negative errno. */
int store_delete_session(Store *s, int64_t id);

/* What became of a deletion, by the number that store_deletions() gives right behind it. */
typedef enum StoreDeletion {
        STORE_DELETION_PENDING, /* no sync has tried it yet */
        STORE_DELETION_HELD,    /* one has, and a reader held on to the log; that is tried again */
        STORE_DELETION_DONE,
} StoreDeletion;
unsigned store_deletions(const Store *s);
StoreDeletion store_deletion(const Store *s, unsigned number);

/* Has a session ever been recorded from it? false too if the database does not say. */
bool store_sensor_known(Store *s, const char *address);

/* Absolute path of the database. */
const char *store_path(const Store *s);
