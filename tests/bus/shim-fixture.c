/* SPDX-License-Identifier: MIT */

/* Preloads the libraries of tests/shim into programs under test. The clocks are those of the file that a test writes. */

#include "shim-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"

static void shim_inherit(const char *library_name, const char *variable, const char *path)
{
        const char *build = getenv("BUILD"), *asan = getenv("ASAN_OPTIONS"), *other = getenv("LD_PRELOAD");
        _cleanup_free_ char *library = NULL, *absolute = NULL, *options = NULL, *both = NULL;

        assert_true(asprintf(&library, "%s/%s", build ? build : BUILD, library_name) >= 0);
        absolute = realpath(library, NULL);
        if (!absolute)
                fail_msg("%s is not built", library);
        /* AddressSanitizer wants to be the first library; what comes before it here takes no memory. */
        assert_true(asprintf(&options, "%s%sverify_asan_link_order=0", asan ? asan : "", asan ? ":" : "") >=
                        0);
        assert_int_equal(setenv("ASAN_OPTIONS", options, 1), 0);
        assert_true(asprintf(&both, "%s%s%s", absolute, other ? ":" : "", other ? other : "") >= 0);
        assert_int_equal(setenv("LD_PRELOAD", both, 1), 0);
        assert_int_equal(setenv(variable, path, 1), 0);
}

static void *shim_begin(const char *library_name, const char *variable, const char *path, size_t size)
{
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        void *map;

        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, (off_t)size), 0);
        map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        assert_true(map != MAP_FAILED);
        (void)close(fd);
        shim_inherit(library_name, variable, path);
        return map;
}

void shim_inherit_no_more(void)
{
        (void)unsetenv("LD_PRELOAD");
        (void)unsetenv("CLOCK_SHIM");
        (void)unsetenv("LOOP_SHIM");
        (void)unsetenv("ALOUD_SHIM");
        (void)unsetenv("TMPFILE_SHIM");
}

void tmpfile_begin(void)
{
        shim_inherit("tmpfile-shim.so", "TMPFILE_SHIM", "yes");
}

int aloud_begin(const char *path)
{
        int fd;

        assert_int_equal(mkfifo(path, 0600), 0);
        fd = open(path, O_RDWR | O_CLOEXEC); /* so that it never ends */
        assert_true(fd >= 0);
        shim_inherit("aloud-shim.so", "ALOUD_SHIM", path);
        return fd;
}

ClockShim *clock_begin(const char *path)
{
        return shim_begin("clock-shim.so", "CLOCK_SHIM", path, sizeof(ClockShim));
}

void clock_inherit(const char *path)
{
        shim_inherit("clock-shim.so", "CLOCK_SHIM", path);
}

void clock_end(ClockShim *clock)
{
        shim_inherit_no_more();
        (void)munmap(clock, sizeof(*clock));
}

LoopShim *loop_begin(const char *path)
{
        return shim_begin("loop-shim.so", "LOOP_SHIM", path, sizeof(LoopShim));
}

void loop_end(LoopShim *loop)
{
        shim_inherit_no_more();
        (void)munmap(loop, sizeof(*loop));
}

void loop_print(const LoopShim *loop, const char *title)
{
        print_message("# %s: %" PRIu64
                      " rounds of the loop, the longest %.1f ms, %.1f ms of it computing; %" PRIu64
                      " above 50 ms, %" PRIu64 " of them waiting; %" PRIu64 " syncs, %" PRIu64
                      " of them in the loop, the longest %.1f ms\n",
                        title, loop->rounds, (double)loop->longest / 1e6, (double)loop->longest_cpu / 1e6,
                        loop->late, loop->late_waiting, loop->syncs, loop->loop_syncs,
                        (double)loop->longest_sync / 1e6);
}

/* Each clock goes on by so much, all at the same time. */
static void move(ClockShim *clock, ClockOffsets by)
{
        (void)__atomic_add_fetch(&clock->sequence, 1, __ATOMIC_SEQ_CST);
        (void)__atomic_add_fetch(&clock->offset.realtime_usec, by.realtime_usec, __ATOMIC_SEQ_CST);
        (void)__atomic_add_fetch(&clock->offset.boottime_usec, by.boottime_usec, __ATOMIC_SEQ_CST);
        (void)__atomic_add_fetch(&clock->offset.monotonic_usec, by.monotonic_usec, __ATOMIC_SEQ_CST);
        (void)__atomic_add_fetch(&clock->sequence, 1, __ATOMIC_SEQ_CST);
}

void clock_step(ClockShim *clock, int64_t usec)
{
        move(clock, (ClockOffsets){ .realtime_usec = usec });
}

void clock_sleep(ClockShim *clock, int64_t usec)
{
        move(clock, (ClockOffsets){ .realtime_usec = usec, .boottime_usec = usec });
}

void clock_pass(ClockShim *clock, int64_t usec)
{
        move(clock, (ClockOffsets){ usec, usec, usec });
}

void clock_zone(ClockShim *clock, const char *zone)
{
        assert_true(strlen(zone) < sizeof(clock->zone));
        (void)stpcpy(clock->zone, zone); /* read by whoever is waked after this */
}

void clock_disk_hangs(ClockShim *clock, bool hangs)
{
        __atomic_store_n(&clock->disk_hangs, hangs, __ATOMIC_RELEASE);
}
