/* SPDX-License-Identifier: MIT */
/* Who keeps the database from being written. SQLite's locks are POSIX locks on single bytes of the file beside the database,
 * and whoever may read that file can take one. The kernel names the process that holds a conflicting lock, but not for a
 * lock of an open file description, nor across containers. To query it, the file is opened and closed, which drops all locks
 * that this process has on it: so it is done before SQLite opens it. No clock. */
#include "doctor/doctor.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "memory.h"

/* In FILE-shm (https://sqlite.org/walformat.html#wal_locks): write, checkpoint and recover. */
#define LOCKS_FIRST 120
#define LOCKS       3

#define COMMAND_MAX 64

/* The process that holds a lock that stops a writer: 0 = none does, -1 = the kernel does not name it. */
static pid_t lock_holder(const char *path, pid_t daemon)
{
        _cleanup_free_ char *shm = NULL;
        pid_t holder = 0;
        int fd;

        if (asprintf(&shm, "%s-shm", path) < 0)
                out_of_memory();
        fd = open(shm, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
                return 0; /* it exists as long as the daemon runs */
        for (off_t i = 0; i < LOCKS && holder == 0; i++) {
                struct flock lock = { .l_type = F_WRLCK, .l_start = LOCKS_FIRST + i, .l_len = 1 };

                if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid != daemon)
                        holder = lock.l_pid > 0 ? lock.l_pid : -1;
        }
        close(fd);
        return holder;
}

static pid_t daemon_pid(const Doctor *d)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        pid_t pid = 0;

        if (!d->daemon.bus ||
                        sd_bus_get_name_creds(d->daemon.bus, CARDIO_BUS_NAME, SD_BUS_CREDS_PID, &creds) < 0)
                return 0;
        return sd_bus_creds_get_pid(creds, &pid) < 0 ? 0 : pid;
}

/* " (sqlite3)", or nothing. */
static const char *command_of(pid_t pid, char buf[static COMMAND_MAX])
{
        char path[32], name[COMMAND_MAX - 4] = "";
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid); /* always fits */
        f = fopen(path, "re");
        if (f && !fgets(name, sizeof(name), f))
                name[0] = '\0';
        if (f)
                (void)fclose(f);
        name[strcspn(name, "\n")] = '\0';
        for (char *p = name; *p; p++)
                if (*p < ' ' || *p > '~')
                        *p = '?';
        (void)snprintf(buf, COMMAND_MAX, name[0] ? " (%s)" : "%s", name); /* always fits */
        return buf;
}

bool doctor_check_locks(Doctor *d, const char *path)
{
        pid_t holder = lock_holder(path, daemon_pid(d));
        int64_t waiting = d->manager ? json_integer_or(d->manager, "Waiting", 0) : 0;
        CheckResult result = waiting > 0 ? CHECK_FAILURE : CHECK_WARNING;
        _cleanup_free_ char *advice = NULL;
        char command[COMMAND_MAX];

        if (holder == 0 && waiting <= 0)
                return true;
        if (holder > 0) {
                if (asprintf(&advice, "`kill %d` ends it, if it is not about to be done", (int)holder) < 0)
                        out_of_memory();
                doctor_report(d, "database", result, advice,
                                "process %d%s holds a lock on %s: it cannot be written", (int)holder,
                                command_of(holder, command), path);
        } else if (holder < 0) {
                if (asprintf(&advice, "`sudo fuser -v %s-shm` lists who has it open", path) < 0)
                        out_of_memory();
                doctor_report(d, "database", result, advice,
                                "a program holds a lock on %s: it cannot be written; the kernel does not say which one",
                                path);
        } else
                doctor_report(d, "database", CHECK_FAILURE,
                                "see the daemon's log; make room if the disk is full",
                                "%s is not written, and nobody is seen to hold a lock on it: %lld entries wait",
                                path, (long long)waiting);
        return false;
}
