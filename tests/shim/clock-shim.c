/* SPDX-License-Identifier: MIT */

/* Another time for a program under test: LD_PRELOAD this, and CLOCK_SHIM names a file of offsets in µs (ClockShim) that are
 * added to the kernel's clocks. A test writes there to step the wall clock or to simulate that the machine was suspended,
 * without a sleep and without touching the machine's clock.
 *
 * The clocks jump together, and only where the program waits for something to happen: two that are read one after the other
 * never differ by a jump in between, which would look like a suspend or a step.
 *
 * Timers follow: a timerfd set to an absolute time is set to the kernel's time for it. Those that were set before an offset
 * changed still expire by the old one, and a step of the wall clock cancels none; so a test wakes the program after it has
 * written, by any message, and the event loop finds by its clock what is due. After a real resume it would find no more. A
 * zone takes effect with the next tzset(). A disk may hang for as long as the test wants, and a sleep may be a short one.
 *
 * The state of the kernel's clock and its boot id come from the file, too. */

#include "clock-shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC 1000000000L
#define FDS_MAX      1024

/* Global, since a library has nowhere else to keep it. */
static ClockShim *shim;
static ClockOffsets offset;            /* in force */
static clockid_t timer_clock[FDS_MAX]; /* 0 = CLOCK_REALTIME, as for those not known */

/* Takes the offsets as they are now, all of them by the same change. */
static void take_offsets(void)
{
        ClockOffsets now;
        uint32_t sequence;

        if (!shim)
                return;
        do {
                while ((sequence = __atomic_load_n(&shim->sequence, __ATOMIC_SEQ_CST)) % 2 != 0)
                        (void)sched_yield();
                now.realtime_usec = __atomic_load_n(&shim->offset.realtime_usec, __ATOMIC_SEQ_CST);
                now.boottime_usec = __atomic_load_n(&shim->offset.boottime_usec, __ATOMIC_SEQ_CST);
                now.monotonic_usec = __atomic_load_n(&shim->offset.monotonic_usec, __ATOMIC_SEQ_CST);
        } while (__atomic_load_n(&shim->sequence, __ATOMIC_SEQ_CST) != sequence);
        __atomic_store_n(&offset.realtime_usec, now.realtime_usec, __ATOMIC_RELAXED);
        __atomic_store_n(&offset.boottime_usec, now.boottime_usec, __ATOMIC_RELAXED);
        __atomic_store_n(&offset.monotonic_usec, now.monotonic_usec, __ATOMIC_RELAXED);
}

__attribute__((__constructor__)) static void shim_open(void)
{
        const char *path = getenv("CLOCK_SHIM");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *map;

        if (fd < 0)
                return;
        map = mmap(NULL, sizeof(*shim), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void)close(fd);
        if (map != MAP_FAILED)
                shim = map;
        take_offsets();
}

/* -- Where a program waits -- */

static void *next_function(const char *name)
{
        void *function = dlsym(RTLD_NEXT, name);

        if (!function)
                abort();
        return function;
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
        static int (*real)(int, struct epoll_event *, int, int);
        int r;

        if (!real)
                real = (int (*)(int, struct epoll_event *, int, int))(uintptr_t)next_function("epoll_wait");
        r = real(fd, events, max, timeout);
        take_offsets();
        return r;
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
        static int (*real)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
        int r;

        if (!real)
                real = (int (*)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))(
                                uintptr_t)next_function("ppoll");
        r = real(fds, n, timeout, mask);
        take_offsets();
        return r;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
        static int (*real)(struct pollfd *, nfds_t, int);
        int r;

        if (!real)
                real = (int (*)(struct pollfd *, nfds_t, int))(uintptr_t)next_function("poll");
        r = real(fds, n, timeout);
        take_offsets();
        return r;
}

/* libsystemd calls epoll_pwait2() by its number. */
long syscall(long number, ...)
{
        static long (*real)(long, ...);
        long argument[6], r;
        va_list ap;

        va_start(ap, number);
        for (unsigned i = 0; i < 6; i++)
                argument[i] = va_arg(ap, long);
        va_end(ap);
        if (!real)
                real = (long (*)(long, ...))(uintptr_t)next_function("syscall");
        r = real(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
        if (number == SYS_epoll_pwait2)
                take_offsets();
        return r;
}

/* -- Its clocks -- */

static int64_t offset_usec(clockid_t clock)
{
        switch (clock) {
        case CLOCK_REALTIME:
                return __atomic_load_n(&offset.realtime_usec, __ATOMIC_RELAXED);
        case CLOCK_BOOTTIME:
                return __atomic_load_n(&offset.boottime_usec, __ATOMIC_RELAXED);
        case CLOCK_MONOTONIC:
                return __atomic_load_n(&offset.monotonic_usec, __ATOMIC_RELAXED);
        default: /* the kernel's numbers, not ours */
                return 0;
        }
}

static void timespec_add(struct timespec *t, int64_t usec)
{
        int64_t nsec = t->tv_nsec + usec % 1000000 * 1000;

        t->tv_sec += usec / 1000000;
        if (nsec < 0) {
                nsec += NSEC_PER_SEC;
                t->tv_sec--;
        } else if (nsec >= NSEC_PER_SEC) {
                nsec -= NSEC_PER_SEC;
                t->tv_sec++;
        }
        t->tv_nsec = nsec;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
        int r = (int)syscall(SYS_clock_gettime, clock, ret);

        if (r == 0)
                timespec_add(ret, offset_usec(clock));
        return r;
}

time_t time(time_t *ret)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_REALTIME, &t);
        if (ret)
                *ret = t.tv_sec;
        return t.tv_sec;
}

int timerfd_create(clockid_t clock, int flags)
{
        int fd = (int)syscall(SYS_timerfd_create, clock, flags);

        if (fd >= 0 && fd < FDS_MAX)
                timer_clock[fd] = clock;
        return fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
        struct itimerspec moved = *new;

        if ((flags & TFD_TIMER_ABSTIME) && fd >= 0 && fd < FDS_MAX &&
                        (moved.it_value.tv_sec != 0 || moved.it_value.tv_nsec != 0)) {
                timespec_add(&moved.it_value, -offset_usec(timer_clock[fd]));
                /* Before the start of the kernel's clock: due at once, and not disarmed. */
                if (moved.it_value.tv_sec < 0)
                        moved.it_value = (struct timespec){ .tv_nsec = 1 };
        }
        return (int)syscall(SYS_timerfd_settime, fd, flags, &moved, old);
}

int adjtimex(struct timex *t)
{
        if (!shim)
                return (int)syscall(SYS_adjtimex, t);
        if (shim->unreadable) {
                errno = EPERM;
                return -1;
        }
        *t = (struct timex){ .maxerror = shim->unsynchronised ? 16000000 : 500,
                .status = shim->unsynchronised ? STA_UNSYNC : 0 };
        return shim->unsynchronised ? TIME_ERROR : TIME_OK;
}

int sd_id128_get_boot(sd_id128_t *ret)
{
        sd_id128_t id = SD_ID128_MAKE(c0, ff, ee, 00, 00, 00, 40, 00, 80, 00, 00, 00, 00, 00, 00, 00);

        if (!shim) {
                int (*real)(sd_id128_t *) =
                                (int (*)(sd_id128_t *))(uintptr_t)dlsym(RTLD_NEXT, "sd_id128_get_boot");

                return real ? real(ret) : -ENOSYS;
        }
        if (shim->boot_hidden)
                return -ENOSYS;
        id.bytes[15] = shim->boot;
        *ret = id;
        return 0;
}

static int open_at(const char *path, int flags, mode_t mode)
{
        static const char rtc[] = "/sys/class/rtc/";

        if (shim && strncmp(path, rtc, strlen(rtc)) == 0) {
                static const char yes[] = "1\n";
                int fd = shim->has_rtc ? (int)syscall(SYS_memfd_create, "rtc", 1U) : -1;

                if (fd < 0) {
                        errno = ENOENT;
                        return -1;
                }
                (void)!write(fd, yes, strlen(yes));
                (void)lseek(fd, 0, SEEK_SET);
                return fd;
        }
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#undef open
int open(const char *path, int flags, ...)
{
        mode_t mode = 0;
        va_list ap;

        va_start(ap, flags);
        if (flags & (O_CREAT | O_TMPFILE))
                mode = va_arg(ap, mode_t);
        va_end(ap);
        return open_at(path, flags, mode);
}

int access(const char *path, int mode)
{
        if (shim && strcmp(path, "/run/systemd/timesync/synchronized") == 0) {
                errno = ENOENT;
                return shim->timesync_file ? 0 : -1;
        }
        return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

void tzset(void)
{
        void (*real)(void) = (void (*)(void))(uintptr_t)dlsym(RTLD_NEXT, "tzset");

        if (shim && shim->zone[0])
                (void)setenv("TZ", shim->zone, 1); /* without memory the zone stays */
        real();
}

int usleep(useconds_t usec)
{
        struct timespec t = { .tv_sec = usec / 1000000, .tv_nsec = usec % 1000000 * 1000 };

        if (shim && shim->short_sleeps) {
                (void)__atomic_add_fetch(&shim->slept_usec, usec, __ATOMIC_SEQ_CST);
                t = (struct timespec){ .tv_nsec = 1000000 };
        }
        return (int)syscall(SYS_nanosleep, &t, NULL);
}

static int sync_hanging(long call, int fd)
{
        while (shim && __atomic_load_n(&shim->disk_hangs, __ATOMIC_ACQUIRE))
                (void)syscall(SYS_nanosleep, &(struct timespec){ .tv_nsec = 1000000 }, NULL);
        return (int)syscall(call, fd);
}

int fsync(int fd)
{
        return sync_hanging(SYS_fsync, fd);
}

int fdatasync(int fd)
{
        return sync_hanging(SYS_fdatasync, fd);
}
