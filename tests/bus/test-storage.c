/* SPDX-License-Identifier: MIT */

/* A database that other programs block: one that may only read locks it, and nothing that was recorded is lost; it is
 * reported on the bus and by the exit status. */

#include "run-fixture.h"
#include "shim-fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "cardio/bus-api.h"

#define CONFIG                                                                                            \
        RUN_RUNNER RUN_SMOOTHING                                                                          \
                        "[session]\nstart-above = 100\nstart-after = 0s\npre-roll = 0s\ncool-down = 0s\n" \
                        "end-after = 10min\nmin-duration = 0s\n[sensor]\nstale-after = 35s\n" RUN_STORAGE

/* The writer's lock of a database in WAL mode (https://sqlite.org/walformat.html#wal_locks). */
#define WAL_WRITE_LOCK 120

typedef struct Other {
        pid_t pid;
        int end_fd;
} Other;

/* A member of the group, who may read: any lock on that byte blocks the writer. The daemon waits for it as patiently as ever,
 * by short sleeps. */
static Other other_locks(Harness *h)
{
        int ready[2], end[2];
        Other other;
        char c;

        harness_clock(h)->short_sleeps = true;
        harness_clock(h)->slept_usec = 0;
        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        assert_int_equal(pipe2(end, O_CLOEXEC), 0);
        other.pid = fork();
        assert_true(other.pid >= 0);
        if (other.pid == 0) {
                struct flock lock = { .l_type = F_RDLCK, .l_start = WAL_WRITE_LOCK, .l_len = 1 };
                int fd = open(harness_path(h, "cardiod.db-shm"), O_RDONLY | O_CLOEXEC);

                close(end[1]);
                if (fd < 0 || fcntl(fd, F_SETLKW, &lock) < 0 || write(ready[1], "", 1) != 1)
                        _exit(1);
                (void)!read(end[0], &c, 1);
                _exit(0);
        }
        close(ready[1]);
        close(end[0]);
        assert_int_equal(read(ready[0], &c, 1), 1);
        close(ready[0]);
        other.end_fd = end[1];
        return other;
}

static void other_ends(Other *other)
{
        int status;

        close(other->end_fd);
        assert_int_equal(waitpid(other->pid, &status, 0), other->pid);
        assert_int_equal(status, 0);
}

static void start_run(Harness *h)
{
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_settle(h, 120);
        run_wait_int(h, 1, "SELECT count(*) > 0 FROM sample");
}

static char *wait_trouble(Harness *h)
{
        sd_bus_message *m = harness_wait_signal(h, CARDIO_MANAGER_INTERFACE, "Trouble", 4 * HARNESS_TIMEOUT);

        return harness_message_text(m);
}

/* Stopped meanwhile, it keeps what waits, says so by its status, and goes on with it. */
static void test_stop_refused(Harness *h)
{
        _cleanup_free_ char *numbers = NULL;
        Child *daemon;
        struct stat st;
        Other other;

        start_run(h);
        daemon = harness_daemon(h);
        other = other_locks(h);
        for (unsigned i = 0; i < 24; i++)
                run_heart_rate(h, 130 + i);
        harness_wait_output(
                        h, daemon, true, "*cannot be written, * entries wait in memory*", HARNESS_TIMEOUT);
        harness_clock(h)->slept_usec = 0;
        assert_int_equal(harness_daemon_stop(h, SIGTERM), EX_TEMPFAIL);
        assert_true(harness_clock(h)->slept_usec >= 4900 * USEC_PER_MSEC); /* it might have been let go */
        harness_wait_output(h, daemon, true,
                        "*entries could not be written; they are kept in *cardiod.db.spill*",
                        HARNESS_TIMEOUT);
        harness_refute_output(h, daemon, true, "*lost*");
        assert_int_equal(stat(harness_path(h, "cardiod.db.spill"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        other_ends(&other);

        harness_clear_signals(h);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_wait_manager(h, "Session", "1");
        assert_int_equal(access(harness_path(h, "cardiod.db.spill"), F_OK), -1);
        run_heart_rate(h, 99);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE heart_rate = 99 AND session_id = 1");
        numbers = harness_sql(h,
                        "SELECT group_concat(heart_rate, ' ') "
                        "FROM (SELECT heart_rate FROM sample WHERE heart_rate >= 130 OR heart_rate = 99 ORDER BY t)");
        assert_string_equal(numbers,
                        "130 131 132 133 134 135 136 137 138 139 140 141 142 143 144 145 146 147 148 149 150 151 152 153 99");
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
}

/* Started while it is still locked, it refuses, and keeps what it has kept. */
static void test_start_refused(Harness *h)
{
        _cleanup_free_ char *errors = NULL;
        Other other;

        start_run(h);
        other = other_locks(h);
        run_heart_rate(h, 130);
        harness_clock(h)->slept_usec = 0;
        assert_int_equal(harness_daemon_stop(h, SIGTERM), EX_TEMPFAIL);
        assert_true(harness_clock(h)->slept_usec >= 4900 * USEC_PER_MSEC); /* it might have been let go */
        harness_clock(h)->slept_usec = 0;
        assert_int_equal(harness_daemon_refuse(h, NULL, DAEMON_SYSTEM, &errors), EXIT_FAILURE);
        assert_true(harness_clock(h)->slept_usec >= 2900 * USEC_PER_MSEC);
        run_assert_contains(errors, "cardiod.db");
        assert_int_equal(access(harness_path(h, "cardiod.db.spill"), F_OK), 0);
        other_ends(&other);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE heart_rate = 130");
}

/* Time passes, and the strap sends all the while. */
static void run_on(Harness *h, unsigned seconds)
{
        for (unsigned i = 0; i < seconds; i += 10) {
                harness_clock_pass(h, 10 * USEC_PER_SEC);
                run_heart_rate(h, 131);
        }
}

/* After a minute it is announced on the bus, and its end, too. */
static void test_trouble(Harness *h)
{
        _cleanup_free_ char *text = NULL, *over = NULL, *status = NULL, *doctor = NULL, *after = NULL;
        char holder[80];
        Other other;

        start_run(h);
        other = other_locks(h);
        run_heart_rate(h, 130);
        harness_wait_output(h, harness_daemon(h), true, "*cannot be written, * entries wait in memory*",
                        HARNESS_TIMEOUT);
        (void)harness_ctl(h, &doctor, NULL, "doctor");
        (void)snprintf(holder, sizeof(holder), "process %d (test-storage) holds a lock on ", (int)other.pid);
        run_assert_contains(doctor, holder);
        run_on(h, 50);
        assert_int_equal(run_count(h, "Trouble"), 0);
        run_on(h, 20);
        text = wait_trouble(h);
        run_assert_contains(
                        text, CARDIO_TROUBLE_NOT_WRITING " The database has not been written for a minute: ");
        harness_wait_output(
                        h, harness_daemon(h), true, "*has not been written for a minute*", HARNESS_TIMEOUT);
        assert_int_equal(harness_ctl(h, &status, NULL, "status"), 0);
        run_assert_contains(status, holder);
        run_on(h, 120);
        assert_int_equal(run_count(h, "Trouble"), 0);
        other_ends(&other);
        over = wait_trouble(h);
        run_assert_contains(over, CARDIO_TROUBLE_WRITING " ");
        run_wait_int(h, 20, "SELECT count(*) FROM sample WHERE heart_rate IN (130, 131)");
        harness_wait_sql(h, "SELECT detail FROM event WHERE type = 'trouble' ORDER BY id",
                        "not-writing\nwriting", HARNESS_TIMEOUT);
        (void)harness_ctl(h, &after, NULL, "doctor");
        assert_null(strstr(after, "holds a lock"));
}

/* The database is deleted: the daemon ends, so that it is started again, and the session is whole in the new one. */
static void test_deleted(Harness *h)
{
        Child *daemon;

        start_run(h);
        run_heart_rate(h, 121);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE heart_rate = 121");
        daemon = harness_daemon(h);
        assert_int_equal(unlink(harness_path(h, "cardiod.db")), 0);
        run_heart_rate(h, 122);
        assert_int_equal(harness_daemon_stop(h, 0), EX_TEMPFAIL);
        harness_wait_output(h, daemon, true, "*cardiod.db: was deleted or replaced by another program*",
                        HARNESS_TIMEOUT);
        harness_refute_output(h, daemon, true, "*lost*");
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        harness_standin(h, "expect notifying " STRAP " 30s");
        run_wait_manager(h, "Session", "1");
        run_heart_rate(h, 123);
        run_wait_int(h, 3,
                        "SELECT count(*) FROM sample WHERE session_id = 1 AND heart_rate IN (121, 122, 123)");
        assert_int_equal(run_int(h, "SELECT count(*) FROM session"), 1);
}

/* Only its log is: what is in it is saved. */
static void test_log_deleted(Harness *h)
{
        start_run(h);
        run_heart_rate(h, 121);
        run_wait_int(h, 1, "SELECT count(*) FROM sample WHERE heart_rate = 121");
        assert_int_equal(unlink(harness_path(h, "cardiod.db-wal")), 0);
        run_heart_rate(h, 122);
        assert_int_equal(harness_daemon_stop(h, 0), EXIT_FAILURE);
        harness_daemon_start(h, NULL, DAEMON_SYSTEM);
        run_wait_int(h, 2, "SELECT count(*) FROM sample WHERE session_id = 1 AND heart_rate IN (121, 122)");
}

static int on_answer(_unused_ sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
        int *answered = userdata;

        *answered = sd_bus_message_is_method_error(m, NULL) ? -1 : 1;
        return 0;
}

static bool is_answered(_unused_ Harness *h, void *userdata)
{
        return *(int *)userdata != 0;
}

/* Everything that uses the database, while a session is being deleted for good on a disk that takes 400 ms for a sync: all of
 * it is done in the end, and the loop has waited for none of it. */
static void test_slow_disk(Harness *h)
{
        LoopShim *loop = loop_begin(harness_path(h, "loop"));
        const char *const *call;
        static const char *const days[] = { "Today", "GetDay", NULL };
        int answered = 0;
        int64_t id;

        start_run(h);
        shim_inherit_no_more();
        assert_int_equal(run_call(h, "StopSession", NULL), 1);
        id = run_call(h, "org.cardiod1.Coach.AddRace", "ssa{sv}", "2031-05-17", "5k", 0);
        loop->sync_nsec = 400000000;
        loop->longest = loop->late = loop->late_waiting = loop->loop_syncs = 0;
        assert_true(sd_bus_call_method_async(harness_bus(h, BUS_SYSTEM), NULL, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, "DeleteSession", on_answer, &answered, "x",
                                    INT64_C(1)) >= 0);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(run_call(h, "StartSession", "s", "base"), 2 + i);
                run_heart_rate(h, 121 + i);
                run_command(h, "SetCeiling", "s", "150");
                run_command(h, "org.cardiod1.Coach.Annotate", "xa{sv}", (int64_t)2 + i, 1, "rpe", "y", 5);
                run_command(h, "GetSession", "x", (int64_t)2 + i);
                for (call = days; *call; call++) {
                        _cleanup_free_ char *method = NULL;

                        assert_true(asprintf(&method, "org.cardiod1.Coach.%s", *call) > 0);
                        run_command(h, method, "s", "2026-05-17");
                }
                (void)run_call(h, "org.cardiod1.Coach.AddResting", "sd", "2026-05-17", 51.0);
                run_command(h, "org.cardiod1.Coach.LogDay", "sa{sv}", "2026-05-17", 1, "feel", "y", 4);
                assert_int_equal(run_call(h, "StopSession", NULL), 2 + i);
                run_command(h, "org.cardiod1.Coach.Verdict", "x", (int64_t)2 + i);
                if (i == 0)
                        run_command(h, "org.cardiod1.Coach.RemoveRace", "x", id);
        }
        assert_true(harness_wait(h, is_answered, &answered, 4 * HARNESS_TIMEOUT));
        assert_int_equal(answered, 1);
        loop_print(loop, "deleting on a slow disk");
        assert_int_equal(loop->loop_syncs, 0);
        assert_int_equal(loop->late_waiting, 0);
        loop->sync_nsec = 0;
        run_wait_int(h, 1, "SELECT count(*) = 2 AND min(ended_at) > 0 AND min(rpe) = 5 FROM session");
        run_wait_int(h, 2, "SELECT count(*) FROM resting");
        run_wait_int(h, 0, "SELECT count(*) FROM race");
        loop_end(loop);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_stop_refused),
                harness_clock_test(test_start_refused),
                harness_clock_test(test_trouble),
                harness_clock_test(test_deleted),
                harness_clock_test(test_log_deleted),
                harness_test(test_slow_disk),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
