/* SPDX-License-Identifier: MIT */
#pragma once

/* A disk that does not do as it is told, and a run to be recorded on it. SQLite's own way to the disk is wrapped
 * (https://sqlite.org/vfs.html): the Nth of any kind of operation can be made to fail, once or for a while, or to be the
 * last thing that happens. A test's group begins with disk_setup and ends with disk_teardown. */

#include "store-fixture.h"

#include <signal.h>

typedef enum DiskOp {
        DISK_READ = 1 << 0,
        DISK_WRITE = 1 << 1,
        DISK_TRUNCATE = 1 << 2,
        DISK_SYNC = 1 << 3,
        DISK_SIZE = 1 << 4,
        DISK_LOCK = 1 << 5,
        DISK_OPEN = 1 << 6,
        DISK_ACCESS = 1 << 7, /* is there such a file? */
        DISK_SHM_MAP = 1 << 8,
        DISK_SHM_LOCK = 1 << 9,
        DISK_CHANGE = DISK_WRITE | DISK_TRUNCATE | DISK_SYNC,
} DiskOp;

/* In place of a result code: the process is killed there. */
#define DISK_KILL 0

static struct {
        sqlite3_vfs vfs;
        sqlite3_vfs *real;
        unsigned ops;  /* DiskOp: the ones that count */
        int countdown; /* the fault is at the one that makes it 0; below: never */
        int lasting;   /* that many fail from there on */
        int rc;        /* with this, or DISK_KILL */
        unsigned n_wal_syncs;
        unsigned n_gated; /* syncs that have come to it, told of atomically */
        int gate_fd;      /* a sync waits for something to read from here, 0 = for nothing */
} disk;

typedef struct WrappedFile {
        sqlite3_file base;
        bool is_wal;
        sqlite3_file real[]; /* of the size its own layer asks for */
} WrappedFile;

static inline sqlite3_file *real_file(sqlite3_file *file)
{
        return ((WrappedFile *)file)->real;
}

static inline int disk_step(DiskOp op)
{
        if (!(disk.ops & op) || disk.countdown <= 0 || --disk.countdown > 0)
                return SQLITE_OK;
        if (disk.rc == DISK_KILL)
                raise(SIGKILL);
        if (--disk.lasting > 0)
                disk.countdown = 1;
        return disk.rc;
}

#define FORWARD(type, name, parameters, arguments)                \
        static type wrapped_##name parameters                     \
        {                                                         \
                return real_file(file)->pMethods->name arguments; \
        }

#define FAULTY(op, name, parameters, arguments)                                          \
        static int wrapped_##name parameters                                             \
        {                                                                                \
                int rc = disk_step(op);                                                  \
                                                                                         \
                return rc != SQLITE_OK ? rc : real_file(file)->pMethods->name arguments; \
        }

FORWARD(int, xClose, (sqlite3_file * file), (real_file(file)))
FORWARD(int, xUnlock, (sqlite3_file * file, int lock), (real_file(file), lock))
FORWARD(int, xCheckReservedLock, (sqlite3_file * file, int *ret), (real_file(file), ret))
FORWARD(int, xFileControl, (sqlite3_file * file, int op, void *arg), (real_file(file), op, arg))
FORWARD(int, xSectorSize, (sqlite3_file * file), (real_file(file)))
FORWARD(int, xDeviceCharacteristics, (sqlite3_file * file), (real_file(file)))
FORWARD(void, xShmBarrier, (sqlite3_file * file), (real_file(file)))
FORWARD(int, xShmUnmap, (sqlite3_file * file, int delete), (real_file(file), delete))

FAULTY(DISK_WRITE, xWrite, (sqlite3_file * file, const void *buf, int n, sqlite3_int64 at),
                (real_file(file), buf, n, at))
FAULTY(DISK_TRUNCATE, xTruncate, (sqlite3_file * file, sqlite3_int64 size), (real_file(file), size))
FAULTY(DISK_SIZE, xFileSize, (sqlite3_file * file, sqlite3_int64 *size), (real_file(file), size))
FAULTY(DISK_LOCK, xLock, (sqlite3_file * file, int lock), (real_file(file), lock))
FAULTY(DISK_SHM_MAP, xShmMap, (sqlite3_file * file, int region, int size, int extend, void volatile **ret),
                (real_file(file), region, size, extend, ret))

/* A short read comes with what there was, and zeros. */
static int wrapped_xRead(sqlite3_file *file, void *buf, int n, sqlite3_int64 at)
{
        int rc = disk_step(DISK_READ);

        if (rc == SQLITE_IOERR_SHORT_READ) {
                (void)real_file(file)->pMethods->xRead(
                                real_file(file), buf, n, at); /* what comes of it is cut */
                memset((char *)buf + n / 2, 0, (size_t)(n - n / 2));
        }
        return rc != SQLITE_OK ? rc : real_file(file)->pMethods->xRead(real_file(file), buf, n, at);
}

/* To let go of a lock always works. */
static int wrapped_xShmLock(sqlite3_file *file, int at, int n, int flags)
{
        int rc = flags & SQLITE_SHM_LOCK ? disk_step(DISK_SHM_LOCK) : SQLITE_OK;

        return rc != SQLITE_OK ? rc : real_file(file)->pMethods->xShmLock(real_file(file), at, n, flags);
}

static int wrapped_xSync(sqlite3_file *file, _unused_ int flags)
{
        int rc = disk_step(DISK_SYNC);
        char c;

        (void)__atomic_add_fetch(&disk.n_gated, 1, __ATOMIC_ACQ_REL);
        if (disk.gate_fd > 0)
                (void)!read(disk.gate_fd, &c, 1); /* in the store's thread, where nothing can be asserted */
        if (((WrappedFile *)file)->is_wal)
                disk.n_wal_syncs++;
        return rc; /* no power is cut here: that it was asked for is enough */
}

static const sqlite3_io_methods wrapped_methods = {
        .iVersion = 2,
        .xClose = wrapped_xClose,
        .xRead = wrapped_xRead,
        .xWrite = wrapped_xWrite,
        .xTruncate = wrapped_xTruncate,
        .xSync = wrapped_xSync,
        .xFileSize = wrapped_xFileSize,
        .xLock = wrapped_xLock,
        .xUnlock = wrapped_xUnlock,
        .xCheckReservedLock = wrapped_xCheckReservedLock,
        .xFileControl = wrapped_xFileControl,
        .xSectorSize = wrapped_xSectorSize,
        .xDeviceCharacteristics = wrapped_xDeviceCharacteristics,
        .xShmMap = wrapped_xShmMap,
        .xShmLock = wrapped_xShmLock,
        .xShmBarrier = wrapped_xShmBarrier,
        .xShmUnmap = wrapped_xShmUnmap,
};

static int wrapped_open(
                _unused_ sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
        WrappedFile *wrapped = (WrappedFile *)file;
        int rc = disk_step(DISK_OPEN);

        wrapped->base.pMethods = NULL;
        if (rc != SQLITE_OK)
                return rc;
        wrapped->is_wal = flags & SQLITE_OPEN_WAL;
        rc = disk.real->xOpen(disk.real, path, wrapped->real, flags, ret_flags);
        if (wrapped->real->pMethods)
                wrapped->base.pMethods = &wrapped_methods;
        return rc;
}

static int wrapped_access(_unused_ sqlite3_vfs *vfs, const char *path, int flags, int *ret)
{
        int rc = disk_step(DISK_ACCESS);

        return rc != SQLITE_OK ? rc : disk.real->xAccess(disk.real, path, flags, ret);
}

/* To wait for a lock costs the test nothing. */
static int wrapped_sleep(_unused_ sqlite3_vfs *vfs, int usec)
{
        return usec;
}

static inline int disk_setup(_unused_ void **state)
{
        disk.real = sqlite3_vfs_find(NULL);
        disk.vfs = *disk.real;
        disk.vfs.zName = "wrapped";
        disk.vfs.szOsFile = (int)sizeof(WrappedFile) + disk.real->szOsFile;
        disk.vfs.xOpen = wrapped_open;
        disk.vfs.xAccess = wrapped_access;
        disk.vfs.xSleep = wrapped_sleep;
        return sqlite3_vfs_register(&disk.vfs, 1);
}

static inline int disk_teardown(_unused_ void **state)
{
        return sqlite3_vfs_unregister(&disk.vfs);
}

/* The nth of these operations, and that many in all, fail with rc. */
static inline void disk_fault(unsigned ops, int nth, int lasting, int rc)
{
        disk.ops = ops;
        disk.countdown = nth;
        disk.lasting = lasting;
        disk.rc = rc;
}

static inline void disk_heal(void)
{
        disk_fault(0, 0, 0, 0);
}

/* -- A run in five commits -- */

#define EVERYTHING                                                                                         \
        "SELECT * FROM (SELECT quote(id) || quote(started_at) || quote(ended_at) || quote(live_s) || "     \
        "quote(avg_hr) || quote(over_s) || quote(breaches) || quote(longest_breach_s) || quote(trimp) "    \
        "|| quote(distance_m) || quote(avg_speed) || quote(ascent_m) FROM session ORDER BY id) UNION ALL " \
        "SELECT * FROM (SELECT quote(session_id) || quote(t) || quote(heart_rate) || quote(rr_json) || "   \
        "quote(settled) FROM "                                                                             \
        "sample ORDER BY session_id, t) UNION ALL "                                                        \
        "SELECT * FROM (SELECT quote(session_id) || quote(t) || type || quote(value) || quote(detail) "    \
        "FROM event ORDER BY session_id, t) UNION ALL "                                                    \
        "SELECT * FROM (SELECT quote(session_id) || quote(t) || quote(speed) || quote(cadence) || "        \
        "quote(distance) || quote(incline) || quote(ascent) FROM pace ORDER BY session_id, t) UNION ALL "  \
        "SELECT * FROM (SELECT quote(session_id) || quote(zone) || quote(seconds) FROM zone_time) UNION "  \
        "ALL "                                                                                             \
        "SELECT quote(seq) FROM sqlite_sequence WHERE name = 'session' UNION ALL SELECT address FROM "     \
        "sensor UNION ALL "                                                                                \
        "SELECT ceiling_expression || snoozed_until || effort_at || ceiling_date || advised_date || "      \
        "raced_date FROM command"

#define RUN_COMMITS 5U

static inline void run_step(Store *s, unsigned i)
{
        static const uint16_t rr[] = { 500, 501, 502 };
        SessionHead head = head_default();
        Sample sample = sample_of(130, 130, 1);

        switch (i) {
        case 0:
                session_begin(s, &head);
                add_samples(s, 0, 60, 140);
                break;
        case 1:
                for (int64_t t = 60000; t < 65000; t += 1000)
                        session_sample(s, t, &sample, rr, ELEMENTSOF(rr));
                add_samples(s, 65000, 30, 150);
                add_pace(s, 60400, 12, 0);
                session_event(s, 75000, "over-limit", 150, NULL);
                break;
        case 2:
                session_event(s, 95000, "back-in-range", 30, "why");
                session_event(s, 95000, "ceiling", 160, NULL);
                add_samples(s, 95000, 300, 155);
                add_pace(s, 195400, 12, 33); /* some of them after its end */
                session_clock(s, 300000, 5000);
                break;
        case 3:
                session_end(s, 200000, false);
                session_begin(s, &head);
                add_samples(s, 0, 5, 100);
                session_discard(s);
                session_begin(s, &head);
                add_samples(s, 0, 11, 100);
                break;
        case 4:
                store_sensor(s, "11:22:33:44:55:66", "Other", NULL, -1, 0);
                store_set_commands(s, &(StoreCommands){ "120", STARTED_AT, STARTED_AT + 1, STARTED_DAY,
                                                      STARTED_DAY + 1, STARTED_DAY - 1 });
                session_end(s, 10000, false);
                break;
        }
}

/* One of them brings what it commits to the disk. */
static inline int run_commit(Store *s, unsigned step)
{
        return step == 2 ? store_commit_wait(s) : store_commit(s);
}

static inline void run_from(Store *s, unsigned first)
{
        for (unsigned i = first; i < RUN_COMMITS; i++) {
                run_step(s, i);
                (void)run_commit(s, i); /* fails where the test has it fail, as does this: */
                if (i == 1)
                        store_sync_begin(s);
        }
}

static inline void assert_whole(const Fixture *f, const char *expected)
{
        assert_query(f, "PRAGMA integrity_check", "ok");
        assert_query(f, EVERYTHING, expected);
}

static inline void run_all(Store *s)
{
        run_from(s, 0);
}

/* What a run leaves behind when nothing goes wrong. */
static inline char *run_reference(void)
{
        void *state;
        char *text;

        disk_heal();
        fixture_setup(&state);
        run_all(((Fixture *)state)->store);
        assert_false(store_pending(((Fixture *)state)->store));
        text = query(state, EVERYTHING);
        fixture_teardown(&state);
        return text;
}
