/* SPDX-License-Identifier: MIT */
#pragma once

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cardio/macro.h"
#include "cardio/tally.h"
#include "store/store.h"

/* What the store-*.c files share; for nobody else. */

/* How long another connection is waited for, in ms: while starting and while stopping, never in between. What is not written
 * by then at a stop goes to a file of its own, and TimeoutStopSec in the unit allows for both. */
#define STORE_PATIENCE_MS      3000
#define STORE_STOP_PATIENCE_MS 5000
/* … and by the thread, which bars writers meanwhile. */
#define STORE_HOLD_MS 100

/* Bytes that the log keeps on the disk when it is begun anew. */
#define STORE_LOG_LIMIT "8388608"

/* Negative errno that an SQLite result code stands for. */
int store_errno(int rc);

/* Sets *ret_error to the formatted reason and returns error. */
int store_refuse(char **ret_error, int error, const char *format, ...) _printf_(3, 4);

/* -- file.c: what must be so before SQLite sees the file. -- */

/* Creates the folder and the file where they are missing, takes the writer's lock and looks whether the file
 * can be ours, without writing to it. Returns 0 and the lock's descriptor, or what store_open() returns. */
int store_file_prepare(const char *path, bool private, int *ret_lock_fd, char **ret_error);

/* The highest session id that was given out and is not in the database, since that cannot be written; 0 = there is none.
 * The lock's file keeps it, which is written over and never grows. */
int64_t store_file_marked_id(int lock_fd);
int store_file_mark_id(int lock_fd, int64_t id);

/* SQLite puts an empty log and its index beside a file in WAL mode when it merely looks at it. Which of them are there,
 * and taking away those that were not, after a file was refused and while nobody else has it open. */
typedef struct Beside {
        bool wal, shm;
        bool log; /* there is something in -wal */
} Beside;
Beside store_file_beside(const char *path);
void store_file_clear_beside(const char *path, Beside before);

/* -- schema.c -- */

/* Refuses a file that is not ours, or of a newer version. Reads only. */
int store_schema_check(sqlite3 *db, const char *path, char **ret_error);
/* Brings it to the version of this daemon, and calls settle(), which sees to it that its tables are as they should be, with
 * the version that it had: in one transaction, that what settle() refuses stays as it was. */
typedef int (*StoreSettleFunc)(void *userdata, int64_t version, char **ret_error);
int store_schema_migrate(
                sqlite3 *db, const char *path, StoreSettleFunc settle, void *userdata, char **ret_error);

/* -- The figures of a session: fed as it is recorded, or from what is stored of it. -- */

typedef enum SessionEvent {
        SESSION_EVENT_OVER_LIMIT,
        SESSION_EVENT_BACK_IN_RANGE,
        SESSION_EVENT_GAP,
        SESSION_EVENT_CONTACT_LOST,
        SESSION_EVENT_STALE,
        SESSION_EVENT_ZONE,
        SESSION_EVENT_CEILING,
        SESSION_EVENT_SNOOZE,
        SESSION_EVENT_BATTERY,
        SESSION_EVENT_CLOCK,
        SESSION_EVENT_STRAP,
        _SESSION_EVENT_MAX,
        _SESSION_EVENT_INVALID = -EINVAL,
} SessionEvent;

const char *session_event_to_string(SessionEvent type);
SessionEvent session_event_from_string(const char *s);

/* A breach goes by its first and its last heart rate above, which are known only later: events are told of times past. In
 * what is stored they are in order, and only there the breach that is open is followed. */
typedef struct Figures {
        Tally tally;
        unsigned breaches;
        double longest_breach_s;
        struct {
                bool open, begins; /* begins: with the heart rate to come */
                int64_t began_over_ms;
                int64_t ended_t, ended_over_ms; /* its last heart rate above so far */
        } breach;
} Figures;

void figures_begin(Figures *f, const Runner *runner, double tolerance, double ceiling);
void figures_sample(Figures *f, int64_t t, uint16_t heart_rate, double smoothed, unsigned zone, bool counts);
void figures_event(Figures *f, int64_t t, SessionEvent type, double value);
/* Of what is stored: the seconds that the open breach has been over, and the t of its last heart rate above; NAN if none is
 * open. */
double figures_open_breach(const Figures *f, int64_t *ret_ended_t);

/* -- queue.c: what waits for the disk. -- */

typedef enum OperationType {
        OPERATION_BEGIN,
        OPERATION_RESUME,
        OPERATION_SAMPLE,
        OPERATION_EVENT,
        OPERATION_CLOCK,
        OPERATION_CLOCK_SET,
        OPERATION_END,
        OPERATION_DISCARD,
        OPERATION_SENSOR,
        OPERATION_COMMANDS,
        _OPERATION_TYPE_MAX,
        _OPERATION_TYPE_INVALID = -EINVAL,
} OperationType;

/* Small, since there may be many: what only few kinds need is behind extra, which the queue owns. */
typedef struct Operation {
        uint8_t type; /* OperationType */
        uint8_t zone; /* sample: */
        uint8_t contact;
        uint16_t heart_rate;
        bool counts;    /* sample_counts() */
        bool known;     /* begin, resume, clock, commands: the clock is */
        uint16_t n_rr;  /* that many of the queue's R-R intervals are its own, in order */
        uint8_t event;  /* event: SessionEvent */
        bool resumable; /* end */
        int64_t session;
        int64_t t; /* resume: CLOCK_BOOTTIME at t = 0, ms; commands: StoreClock.offset_ms */
        union {
                double smoothed; /* sample */
                double value;    /* event */
                int64_t step_ms; /* clock */
        };
        void *extra; /* begin: Beginning; sensor: SensorNews; commands: StoreCommands; event: its detail, or NULL */
} Operation;

typedef struct Beginning {
        SessionHead head; /* its strings lie behind it, in text */
        char text[];
} Beginning;

typedef struct SensorNews {
        const char *address, *name, *body_location; /* in text */
        int battery;
        int64_t last_seen_ms;
        char text[];
} SensorNews;

typedef struct Queue {
        Operation *operation;
        size_t n, allocated;
        uint16_t *rr;
        size_t n_rr, rr_allocated;
} Queue;

/* Samples leave room for this many others, so that a session can still begin, end and tell what happened. */
#define QUEUE_RESERVE_MAX 4096U
/* R-R intervals that may wait: a heart rate that would go beyond does not enter. */
#define QUEUE_RR_MAX (4 * STORE_QUEUE_MAX)

/* Appends an operation and takes over op->extra, also when it fails. rr belongs to samples. Returns 0,
 * -ENOBUFS if its kind has no room left, or -ENOMEM. */
int queue_push(Queue *q, const Operation *op, const uint16_t *rr);
/* Forgets everything, and gives memory back if it was much. */
void queue_clear(Queue *q);
void queue_free(Queue *q);

Beginning *beginning_new(const SessionHead *head);
SensorNews *sensor_news_new(const char *address, const char *name, const char *body_location, int battery,
                int64_t last_seen_ms);

/* -- spill.c: what could not be written at a stop. -- */

typedef struct SpillHead {
        bool moved; /* its sessions were begun in a database that is gone: they are told whole, and get new ids */
        int64_t id;        /* of the spill */
        int64_t stored_id; /* the highest session id that the database knew */
        StoreClock clock;  /* that stamped it, as it was at the stop; without a zone */
} SpillHead;

/* Gives the spill to be its id, which the stop's transaction notes. Returns 0 or a negative errno. */
int store_spill_prepare(Store *s);
/* Writes the queue, which stays as it is, to the disk, in a file of its own; both what comes of it is logged here. Returns 0,
 * or a negative errno if no place takes it. */
int store_spill_write(Store *s);
/* While starting: stores what was spilled, once. One that is damaged, foreign or newer is moved aside. Returns 0, or a
 * negative errno with the reason: it is still there. */
int store_spill_take(Store *s, char **ret_error);

/* -- spill-format.c -- */

/* Returns 0 or a negative errno. */
int spill_encode(FILE *out, const SpillHead *head, const Queue *q);
/* Appends to the queue. Returns 0; -EBADMSG if it is damaged; -EPROTONOSUPPORT if it is of a newer version; or -ENOMEM. The
 * queue then holds a part of it. */
int spill_decode(const uint8_t *bytes, size_t size, SpillHead *ret, Queue *q);

/* -- apply.c: from the queue to the disk. -- */

typedef enum Statement {
        /* Those of a commit stay prepared. */
        STATEMENT_BEGIN,
        STATEMENT_COMMIT,
        STATEMENT_TOUCH,
        STATEMENT_SENSOR,
        STATEMENT_SESSION_FIGURES,
        STATEMENT_SAMPLE_INSERT,
        STATEMENT_EVENT_INSERT,
        STATEMENT_ZONE_CLEAR,
        STATEMENT_ZONE_INSERT,
        /* The others are prepared when they are used: 200 kB less to hold (tests/bench/RESULTS.md). */
        STATEMENT_SESSION_INSERT,
        STATEMENT_SESSION_HEAD,
        STATEMENT_SESSION_CLOCK,
        STATEMENT_SESSION_START,
        STATEMENT_SESSION_UNKNOWN,
        STATEMENT_SESSION_MOVE,
        STATEMENT_SESSION_KNOWN,
        STATEMENT_RESTING_UNKNOWN,
        STATEMENT_RESTING_MOVE,
        STATEMENT_RESTING_KNOWN,
        STATEMENT_CLOCK_UNKNOWN,
        STATEMENT_SESSION_CLOSE,
        STATEMENT_SESSION_REOPEN,
        STATEMENT_SESSION_DELETE,
        STATEMENT_SAMPLE_TRIM,
        STATEMENT_SAMPLE_REPLAY,
        STATEMENT_EVENT_TRIM,
        STATEMENT_EVENT_REPLAY,
        STATEMENT_OPEN_NEXT,
        STATEMENT_OPEN_CLEAR,
        STATEMENT_PAST,
        STATEMENT_RECOUNT_NEXT,
        STATEMENT_RECOUNT_SAMPLES,
        STATEMENT_RECOUNT_UNSETTLED,
        STATEMENT_RECOUNT_EVENTS,
        STATEMENT_RECOUNT_EVENT,
        STATEMENT_COMMANDS_SET,
        STATEMENT_COMMANDS_GET,
        STATEMENT_COMMANDS_SESSION_OVER,
        STATEMENT_GET,
        STATEMENT_UNJUDGED,
        STATEMENT_RECORD,
        STATEMENT_RUNS_BEFORE,
        STATEMENT_RECORD_KIND,
        STATEMENT_COACH_SESSIONS,
        STATEMENT_COACH_RACES,
        STATEMENT_COACH_MORNINGS,
        STATEMENT_COACH_SCAN,
        STATEMENT_COACH_PAINS,
        STATEMENT_COACH_BOUNDS,
        STATEMENT_COACH_RUN_DATES,
        STATEMENT_RUN,
        STATEMENT_RESTING_ADD,
        STATEMENT_RESTING_REMOVE,
        STATEMENT_RACE_ADD,
        STATEMENT_RACE_REMOVE,
        STATEMENT_DAY_PUT,
        STATEMENT_PAIN_FIND,
        STATEMENT_PAIN_ADD,
        STATEMENT_PAIN_CHANGE,
        STATEMENT_PAIN_END,
        STATEMENT_PAIN_END_ALL,
        STATEMENT_DAY_GET,
        STATEMENT_ANNOTATE,
        STATEMENT_VERDICT,
        STATEMENT_SESSION_ADD,
        STATEMENT_SENSOR_KNOWN,
        STATEMENT_SPILL_NOTED,
        STATEMENT_SPILL_FORGET,
        STATEMENT_SPILL_NOTE,
        _STATEMENT_MAX,
        _STATEMENT_INVALID = -EINVAL,
} Statement;

/* What the thread is to do, and what came of it. */
typedef struct SyncWork {
        bool ending, move;
        unsigned deleted; /* of Store, to be gone from the log; 0 = nothing is */
        int patience_ms;  /* for readers that hold on to it */
} SyncWork;

typedef struct WalMoved {
        bool tried, stuck; /* it was to be moved into the database; that was not completed */
        int pages;         /* in the log now, if it was begun anew, else 0 */
} WalMoved;

typedef struct SyncDone {
        int rc; /* SQLite's */
        bool scrubbed;
        WalMoved moved;
} SyncDone;

/* The database, its log and the index of that. */
#define STORE_FILES 3U

typedef struct FileId {
        dev_t device;
        ino_t inode; /* 0 = not known */
} FileId;

typedef enum StorePlace {
        STORE_IN_PLACE,
        STORE_REPLACED, /* its name leads elsewhere, or nowhere: nothing more is written to it */
        STORE_BARE,     /* it is in its place, but not what belongs to it */
} StorePlace;

/* Between syncs, which are FULL: only a checkpoint waits for the platter. fsyncs in an hour: 73, and 67 with OFF, which
 * a power cut could turn into a damaged file. With FULL each commit has one. */
#ifndef STORE_SYNCHRONOUS
#define STORE_SYNCHRONOUS "NORMAL"
#endif

struct Store {
        char *path;
        sqlite3 *db;
        int lock_fd;
        Beside beside; /* the file, before it was opened */
        sqlite3_stmt *statement[_STATEMENT_MAX];
        bool batch; /* none is given back until store_batch() ends */

        Queue queue;
        size_t dropped; /* samples and events that found no room, since the disk was last written */
        bool failing;   /* the last commit did not reach the disk */
        bool unsynced;  /* something committed may not be on the platter yet */
        unsigned deleted, scrubbed; /* deletions, and how many of them are gone from the log too */
        unsigned scrub_tried;       /* … or were tried to be */
        bool held; /* the last commit waits for the thread, which keeps writers off the database for a moment */
        struct {
                int pages;            /* in the log, since it was begun anew */
                int page_size;        /* bytes */
                int checkpoint_pages; /* it is moved into the database when it has so many */
                int stuck_pages;      /* in a log that a reader kept from being moved, 0 = none did */
                bool large;           /* … has been said */
        } wal;
        /* All of it is the main thread's, but for db, and for done while it runs. */
        struct {
                pthread_t thread;
                sqlite3 *db;            /* the thread's own connection */
                bool threaded;          /* there is a thread, from the first sync on */
                bool running;           /* from store_sync_begin() to store_sync_end() */
                bool failing;           /* … has been said */
                int wanted_fd, done_fd; /* eventfds: the thread's work is there, and is done */
                SyncWork wanted;
                SyncDone done;
        } sync;
        StoreClock clock;
        bool clock_news;               /* it was set, or something has come to be known of it */
        bool follows;                  /* something was recorded in this boot before the clock was known */
        unsigned clock_moved;          /* sessions, by the transaction under way, … */
        unsigned clock_moved_mornings; /* and mornings */
        struct {
                int64_t id; /* noted by the next transaction, 0 = none is */
                size_t n;   /* entries of the queue that are in its file */
        } spill;
        FileId file[STORE_FILES]; /* that are open, as they were found at the opening */
        StorePlace moved;
        int64_t gone; /* the session of which it was said that another hand has deleted it, 0 = none */

        int64_t next_id;
        int64_t stored_id; /* the highest that the database knows to be used */
        int64_t marked_id; /* as in the lock's file */
        struct {
                int64_t id;      /* 0 = none is open */
                bool waiting;    /* recovered, not resumed: its row stays as it is */
                int64_t given_t; /* of the last heart rate, as the caller gave it */
                Figures figures; /* of everything stored and queued */
        } session;
};

/* -- wal.c: the log beside the database. -- */

/* A transaction with nothing in it. */
#define STORE_TOUCH "PRAGMA application_id = 0x63617264"

/* From now on it is watched, and what is in it is on the disk. */
void store_wal_watch(Store *s);
/* It has grown so much that it is to be moved into the database, and, if that could not be done, by so much since. */
bool store_wal_is_long(const Store *s);
/* Any connection's: brings what is in it to the disk. Return an SQLite result code, as those below. */
int store_wal_sync(sqlite3 *db);
/* Copies it into the database, as far as readers let it. Nobody else notices. */
void store_wal_copy(sqlite3 *db, WalMoved *ret);
/* The same, begins it anew, and brings everything to the disk. */
int store_wal_move(sqlite3 *db, WalMoved *ret);
/* Moves it and leaves it empty, if readers let it. */
int store_wal_truncate(sqlite3 *db);
/* An empty transaction. */
int store_wal_touch(sqlite3 *db);
/* Takes note of what a move has come to; says what keeps the log from being moved, and that it no longer does. */
void store_wal_moved(Store *s, const WalMoved *moved);

/* -- log.c: for SQLITE_CONFIG_LOG. -- */

void store_on_sqlite_log(void *userdata, int code, const char *message);

/* -- moved.c -- */

/* From now on the files are those that are there. */
void store_moved_watch(Store *s);
/* They are no longer: logged here. What waits is then complete, for another database. */
bool store_moved(Store *s);

/* -- sync.c -- */

int store_sync_open(Store *s);
/* The thread's own connection, once the database is found to be ours. Returns an SQLite result code. */
int store_sync_connect(Store *s);
void store_sync_close(Store *s);

int store_prepare_statements(Store *s);
void store_finalize_statements(Store *s);

/* Runs a bound statement that returns no row. Returns 0 or a negative errno. */
int store_run(Store *s, Statement which);
/* The same for one whose only parameter is a session. */
int store_run_for(Store *s, Statement which, int64_t session);
/* Gives a statement back, and what was read of it: whoever steps one calls this before it is used again. */
void store_reset(Store *s, Statement which);
sqlite3_stmt *store_statement(Store *s, Statement which);

/* NULL is bound as NULL. The text has to stay where it is until the statement has run. */
static inline void bind_text(sqlite3_stmt *st, int i, const char *text)
{
        sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static inline double column_real(sqlite3_stmt *st, int i, double otherwise)
{
        return sqlite3_column_type(st, i) == SQLITE_NULL ? otherwise : sqlite3_column_double(st, i);
}

/* A date as the database keeps it. A row with another text, which only another hand can have written, has none. */
static inline Day store_column_day(sqlite3_stmt *st, int i)
{
        const char *text = (const char *)sqlite3_column_text(st, i);
        Day day;

        return text && day_parse(text, &day) == 0 ? day : DAY_NONE;
}

/* Ends a transaction that did not succeed, whether or not SQLite has done so. */
void store_rollback(Store *s);

/* Inside a transaction: applies what is queued and brings the open session's figures up to now. ret_gone: a session that
 * another hand has deleted, so that waiting would not help what is queued for it; 0 = there is none. */
int store_apply(Store *s, int64_t *ret_gone);

/* Figures with what they begin with: the runner, the tolerance and the ceiling at the session's start. Returns as below. */
int store_session_head(Store *s, int64_t session, Figures *ret);
/* The figures of a session as it is stored. Returns 0, -ENOENT if there is no such session, or a negative
 * errno. */
int store_replay(Store *s, int64_t session, Figures *ret);
/* Inside a transaction: trims a session to end_t, computes its figures and closes it at its last heart
 * rate. */
int store_close_session(Store *s, int64_t session, int64_t end_t, bool resumable);

/* -- store.c: into the queue. Takes over op->extra. What finds no room is counted, and told once. -- */

int store_push(Store *s, const Operation *op, const uint16_t *rr);

/* Inside a transaction, as the next two. */
int store_put_event(
                Store *s, int64_t session, int64_t t, SessionEvent type, double value, const char *detail);

/* -- clock.c -- */

/* Less is the clock's steering. */
bool store_is_step(int64_t step_ms);
/* The open session's clock was set. */
int store_apply_clock(Store *s, const Operation *op);
/* What has ended, but for one session, is brought to the clock as it is. */
int store_apply_clock_set(Store *s, int64_t except);
void store_tell_moved(Store *s); /* after its commit */

/* -EAGAIN for what is busy only as the thread has the writer's lock for a moment; else r. */
int store_wait(const Store *s, int r);

/* Something was deleted, and is to leave the log as well. */
void store_deleted(Store *s);
/* Moves the log into the database and empties it, here and now, so that nothing deleted is left in it, if no reader is in the
 * way: while starting and stopping. */
void store_scrub(Store *s);

/* Tells a row column by column. Returns 0, or what func returned. */
int store_tell_row(sqlite3_stmt *st, StoreColumnFunc func, void *userdata);

/* Writes them into the session's row, and its zones. */
int figures_write(Store *s, int64_t session, const Figures *f);

/* -- recount.c -- */

/* Inside the transaction of a migration from a version before this one: sessions get the figures that their heart rates
 * come to. Returns 0; -EBADMSG for one that holds what cannot be; or another negative errno. ret_session is where it
 * stopped. */
#define STORE_VERSION_RECOUNTED 4
int store_recount_all(Store *s, int64_t *ret_session);

/* -- kind.c -- */

/* Inside a transaction: what a closed session was by its record, against the runs before it. */
int store_judge_session(Store *s, int64_t session);
/* In a transaction, its own if there is none: those of an older version, of which it is not known yet. */
int store_judge_all(Store *s);
