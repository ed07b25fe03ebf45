/* SPDX-License-Identifier: MIT */

/* Each single thing that the database asks of the disk fails, in each way it can, once and for a while: from the very
 * first on, one life of the daemon for each, until there are no more. In the end all that was recorded is there, once, and
 * the file is whole. What a database is made of, or brought up to date by, takes most of a life: so that fails by itself, and
 * the run fails on copies of a file.
 *
 * FAULTS_EVERY=N: of each kind the first fails, the (1+N)th, and so on, for where a life takes long; all unless told. */

#include "faulty-disk.h"
#include "old-database.h"

/* What a disk can answer to each thing that is asked of it. */
static const struct {
        const char *name;
        unsigned ops;
        int rc;
} faults[] = {
        { "a write that finds the disk full", DISK_WRITE, SQLITE_FULL },
        { "a write", DISK_WRITE, SQLITE_IOERR_WRITE },
        { "a truncation", DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE },
        { "a sync", DISK_SYNC, SQLITE_IOERR_FSYNC },
        { "a read", DISK_READ, SQLITE_IOERR_READ },
        { "a read cut short", DISK_READ, SQLITE_IOERR_SHORT_READ },
        { "a question for the size", DISK_SIZE, SQLITE_IOERR_FSTAT },
        { "a lock that another one has", DISK_LOCK, SQLITE_BUSY },
        { "a lock", DISK_LOCK, SQLITE_IOERR_LOCK },
        { "a file's opening", DISK_OPEN, SQLITE_CANTOPEN },
        { "a question for a file", DISK_ACCESS, SQLITE_IOERR_ACCESS },
        { "a mapping", DISK_SHM_MAP, SQLITE_IOERR_SHMMAP },
        { "a lock in shared memory that another one has", DISK_SHM_LOCK, SQLITE_BUSY },
        { "a lock in shared memory", DISK_SHM_LOCK, SQLITE_IOERR_SHMLOCK },
};

/* What there was before. */
typedef enum Before {
        BEFORE_NOTHING,
        BEFORE_OLD, /* a database of an older version */
        BEFORE_NEW, /* one that has just been made, all of which is in its log still */
        BEFORE_RUN, /* a run that was interrupted after its first step */
} Before;

/* Its files. */
typedef struct Files {
        struct {
                char *bytes;
                size_t n;
        } file[2];
} Files;

static const char *const suffixes[] = { "", "-wal" };

static FILE *file_open(const Fixture *f, size_t i, const char *mode)
{
        char path[80];

        assert_true(snprintf(path, sizeof(path), "%s%s", f->path, suffixes[i]) < (int)sizeof(path));
        return fopen(path, mode);
}

static void files_take(Files *files, const Fixture *f)
{
        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
                FILE *in = file_open(f, i, "re");
                long n;

                if (!in)
                        continue;
                assert_int_equal(fseek(in, 0, SEEK_END), 0);
                n = ftell(in);
                assert_true(n >= 0);
                rewind(in);
                files->file[i].n = (size_t)n;
                files->file[i].bytes = malloc((size_t)n + 1);
                assert_non_null(files->file[i].bytes);
                assert_int_equal(fread(files->file[i].bytes, 1, (size_t)n, in), n);
                fclose(in);
        }
}

static void files_put(const Files *files, const Fixture *f)
{
        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
                FILE *out;

                if (!files->file[i].bytes)
                        continue;
                out = file_open(f, i, "we");
                assert_non_null(out);
                assert_int_equal(fwrite(files->file[i].bytes, 1, files->file[i].n, out), files->file[i].n);
                assert_int_equal(fclose(out), 0);
        }
}

static void files_free(Files *files)
{
        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++)
                free(files->file[i].bytes);
}

/* Opens the database and takes up what was left open, as the daemon does: one that cannot ends, and is started again.
 * Returns NULL, or what went wrong, to be freed. */
static char *start(Fixture *f)
{
        char *error = NULL;
        OpenSession o;

        for (unsigned attempts = 0; attempts < 8; attempts++) {
                free(TAKE_PTR(error));
                f->store = NULL;
                if (store_open(f->path, false, &f->store, &error) < 0) {
                        if (!error || strncmp(error, f->path, strlen(f->path)) != 0)
                                return error ?: strdup("not opened, without a word");
                        continue;
                }
                if (store_recover(f->store, STARTED_AT + 60000, 300000, &o) == 0 &&
                                (o.id == 0 || session_writer_resume(&o, 0) == 0))
                        return NULL;
                fixture_close(f);
        }
        return error ?: strdup("what was left open was not taken up");
}

/* A life on a disk with a fault: a run, or what is left of it. ret_opening: the fault has come before the run. */
static char *live(Fixture *f, Before before, bool *ret_opening)
{
        char *problem = start(f);
        int r;

        *ret_opening = disk.countdown <= 0;
        if (problem)
                return problem;
        run_from(f->store, before == BEFORE_RUN ? 1 : 0);
        /* What was deleted may have to wait for another attempt, too. */
        for (unsigned attempts = 0; (r = store_commit_wait(f->store)) < 0 || store_pending(f->store);
                        attempts++)
                if (attempts == 8)
                        return strdup(r < 0 ? strerror(-r) : "something is still to be written");
        fixture_close(f);
        return NULL;
}

#define OLD_RUN                                                                                           \
        "BEGIN; INSERT INTO sensor (address) VALUES ('" STRAP "');"                                       \
        "INSERT INTO session (sensor_id, source, started_at, ended_at, resting_hr, max_hr, ceiling, "     \
        "tolerance, breaches) VALUES (1, 'strap', 1710000000000, 1710000199000, 50, 197, 145.55, 2, 1);"  \
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199) INSERT INTO "     \
        "sample (session_id, t, heart_rate, smoothed, zone, contact) SELECT 1, 1000 * i, 150, 150, 3, 1 " \
        "FROM n; INSERT INTO event (session_id, t, type, value) VALUES (1, 10000, 'over-limit', 150), "   \
        "(1, 199000, 'back-in-range', 199); COMMIT"

static void make_before(Files *files, Before before)
{
        void *own;
        Fixture *f;

        fixture_setup_closed(&own);
        f = own;
        if (before == BEFORE_OLD)
                make_old(f, 3, OLD_RUN);
        if (before == BEFORE_NEW || before == BEFORE_RUN)
                fixture_open(f);
        if (before == BEFORE_RUN) {
                run_step(f->store, 0);
                fixture_close(f);
        }
        files_take(files, f);
        fixture_teardown(&own);
}

static char *live_reference(const Files *files, Before before)
{
        bool opening;
        void *own;
        Fixture *f;
        char *text;

        fixture_setup_closed(&own);
        f = own;
        files_put(files, f);
        assert_null(live(f, before, &opening));
        text = query(f, EVERYTHING);
        fixture_teardown(&own);
        return text;
}

typedef enum Reached {
        REACHED_NOT, /* there were fewer such operations */
        REACHED_IN_RUN,
        REACHED_IN_OPENING,
} Reached;

static Reached live_with_fault(
                const Files *files, Before before, size_t fault, int nth, int lasting, const char *reference)
{
        _cleanup_free_ char *problem = NULL, *log = NULL;
        bool reached, opening;
        void *own;
        Fixture *f;
        Caught c;

        fixture_setup_closed(&own);
        f = own;
        files_put(files, f);
        c = catch_log();
        disk_fault(faults[fault].ops, nth, lasting, faults[fault].rc);
        problem = live(f, before, &opening);
        reached = disk.lasting < lasting;
        disk_heal();
        log = caught_log(&c);
        if (problem)
                fail_msg("%s, number %d, %d times: %s\n%s", faults[fault].name, nth, lasting, problem, log);
        assert_whole(f, reference);
        fixture_teardown(&own);
        return !reached ? REACHED_NOT : opening ? REACHED_IN_OPENING : REACHED_IN_RUN;
}

/* Whichever operation fails, once or for a while, in whichever way: nothing is lost, and nothing is there twice. until: the
 * first fault that comes so late is the last. */
static void every_fault(Before before, Reached until)
{
        _cleanup_(files_free) Files files = { .file = { { NULL, 0 } } };
        _cleanup_free_ char *reference = NULL;
        const char *told = getenv("FAULTS_EVERY");
        int every = told ? atoi(told) : 1;

        assert_true(every > 0);
        make_before(&files, before);
        reference = live_reference(&files, before);
        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                Reached reached;
                int nth = 1;

                /* Before there is a log, SQLite takes this for the end of the file. */
                if (faults[i].rc == SQLITE_IOERR_SHORT_READ && before != BEFORE_RUN)
                        continue;
                do {
                        reached = live_with_fault(&files, before, i, nth, 1, reference);
                        if (reached != REACHED_NOT)
                                (void)live_with_fault(&files, before, i, nth, 5, reference);
                        nth += every;
                } while (reached > until);
                if (getenv("CARDIO_TEST_VERBOSE"))
                        print_message("%s: %d\n", faults[i].name, nth - every);
        }
}

static void test_every_fault_when_it_is_made(_unused_ void **state)
{
        every_fault(BEFORE_NOTHING, REACHED_IN_RUN);
}

static void test_every_fault_when_older(_unused_ void **state)
{
        every_fault(BEFORE_OLD, REACHED_IN_RUN);
}

static void test_every_fault(_unused_ void **state)
{
        every_fault(BEFORE_NEW, REACHED_NOT);
}

static void test_every_fault_when_interrupted(_unused_ void **state)
{
        every_fault(BEFORE_RUN, REACHED_NOT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_fault_when_it_is_made),
                cmocka_unit_test(test_every_fault_when_older),
                cmocka_unit_test(test_every_fault),
                cmocka_unit_test(test_every_fault_when_interrupted),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
