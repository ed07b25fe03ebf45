/* SPDX-License-Identifier: MIT */

/* How long an event loop is away from its wait: LD_PRELOAD this, and LOOP_SHIM names a file (LoopShim) where the longest
 * round is kept. It sees the loop from within, so nothing of a busy bus or a busy tester is in the figures; what is, on the
 * clock though not in processor time, is the kernel giving the processor to somebody else. */

#include "loop-shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LATE_NSEC 50000000U

/* Of the process: what a library keeps for it. */
static LoopShim *shim;
static uint64_t since, since_cpu, syncing;
static long since_waits;

__attribute__((__constructor__)) static void shim_open(void)
{
        const char *path = getenv("LOOP_SHIM");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *map;

        if (fd < 0)
                return;
        map = mmap(NULL, sizeof(*shim), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void)close(fd);
        if (map != MAP_FAILED)
                shim = map;
}

static uint64_t now(clockid_t clock)
{
        struct timespec t;

        (void)clock_gettime(clock, &t);
        return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* How often it gave the processor up of its own, to wait for something. */
static long waits(void)
{
        struct rusage usage;

        (void)getrusage(RUSAGE_THREAD, &usage);
        return usage.ru_nvcsw;
}

static void round_end(void)
{
        uint64_t length, cpu;

        if (!shim || since == 0)
                return;
        length = now(CLOCK_MONOTONIC) - since;
        cpu = now(CLOCK_THREAD_CPUTIME_ID) - since_cpu;
        shim->rounds++;
        if (length > shim->longest)
                shim->longest = length;
        if (cpu > shim->longest_cpu)
                shim->longest_cpu = cpu;
        shim->late += length > LATE_NSEC;
        shim->late_apart += length - syncing > LATE_NSEC && waits() > since_waits;
}

static int sync_timed(long call, int fd)
{
        uint64_t begin = now(CLOCK_MONOTONIC), length;
        int r = (int)syscall(call, fd);

        length = now(CLOCK_MONOTONIC) - begin;
        syncing += length;
        if (shim) {
                shim->syncs++;
                if (length > shim->longest_sync)
                        shim->longest_sync = length;
        }
        return r;
}

int fsync(int fd)
{
        return sync_timed(SYS_fsync, fd);
}

int fdatasync(int fd)
{
        return sync_timed(SYS_fdatasync, fd);
}

static int round_begin(int r)
{
        int saved = errno;

        if (shim) {
                since = now(CLOCK_MONOTONIC);
                since_cpu = now(CLOCK_THREAD_CPUTIME_ID);
                since_waits = waits();
                syncing = 0;
        }
        errno = saved;
        return r;
}

int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
        round_end();
        return round_begin((int)syscall(SYS_epoll_pwait, fd, events, n, timeout, NULL, 8));
}

int epoll_pwait2(int fd, struct epoll_event *events, int n, const struct timespec *timeout,
                const sigset_t *mask)
{
        round_end();
        return round_begin((int)syscall(SYS_epoll_pwait2, fd, events, n, timeout, mask, 8));
}
