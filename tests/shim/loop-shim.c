/* SPDX-License-Identifier: MIT */

/* How long an event loop is away from its wait: LD_PRELOAD this, and LOOP_SHIM names a file (LoopShim) with the longest
 * round. It measures inside the loop, so a busy bus or test program is not in the figures; if the time on CLOCK_MONOTONIC
 * exceeds the processor time, the kernel gave the processor to another program. The loop is the first thread.
 *
 * It can also make a disk slow. */

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

/* Global, since a library has nowhere else to keep it. */
static LoopShim *shim;
static uint64_t since, since_cpu;
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

/* How often the thread gave the processor up voluntarily, to wait for something. */
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
        shim->late_waiting += length > LATE_NSEC && waits() > since_waits;
}

static void disk_turns(uint64_t length)
{
        uint64_t nsec = shim && shim->sync_nsec > length ? shim->sync_nsec - length : 0;

        (void)clock_nanosleep(CLOCK_MONOTONIC, 0,
                        &(struct timespec){ (time_t)(nsec / 1000000000U), (long)(nsec % 1000000000U) }, NULL);
}

/* One thread syncs at a time. */
static int sync_timed(long call, int fd)
{
        uint64_t begin = now(CLOCK_MONOTONIC), length;
        int r = (int)syscall(call, fd);

        disk_turns(now(CLOCK_MONOTONIC) - begin);
        length = now(CLOCK_MONOTONIC) - begin;
        if (shim) {
                shim->syncs++;
                shim->loop_syncs += since != 0 && gettid() == getpid();
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
