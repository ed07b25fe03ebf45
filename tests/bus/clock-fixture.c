/* SPDX-License-Identifier: MIT */

#include "clock-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cardio/macro.h"

ClockShim *clock_begin(const char *path)
{
        const char *build = getenv("BUILD"), *asan = getenv("ASAN_OPTIONS");
        _cleanup_free_ char *library = NULL, *absolute = NULL, *options = NULL;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        ClockShim *clock;

        assert_true(asprintf(&library, "%s/clock-shim.so", build ? build : BUILD) >= 0);
        absolute = realpath(library, NULL);
        if (!absolute)
                fail_msg("%s is not built", library);
        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, sizeof(*clock)), 0);
        clock = mmap(NULL, sizeof(*clock), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        assert_true(clock != MAP_FAILED);
        (void)close(fd);
        /* AddressSanitizer wants to be the first library; what comes before it here takes no memory. */
        assert_true(asprintf(&options, "%s%sverify_asan_link_order=0", asan ? asan : "", asan ? ":" : "") >=
                        0);
        assert_int_equal(setenv("ASAN_OPTIONS", options, 1), 0);
        assert_int_equal(setenv("LD_PRELOAD", absolute, 1), 0);
        assert_int_equal(setenv("CLOCK_SHIM", path, 1), 0);
        return clock;
}

void clock_inherit_no_more(void)
{
        (void)unsetenv("LD_PRELOAD");
        (void)unsetenv("CLOCK_SHIM");
}

void clock_end(ClockShim *clock)
{
        clock_inherit_no_more();
        (void)munmap(clock, sizeof(*clock));
}

static void add(int64_t *offset, int64_t usec)
{
        (void)__atomic_add_fetch(offset, usec, __ATOMIC_ACQ_REL);
}

void clock_step(ClockShim *clock, int64_t usec)
{
        add(&clock->realtime_usec, usec);
}

void clock_sleep(ClockShim *clock, int64_t usec)
{
        add(&clock->boottime_usec, usec);
        add(&clock->realtime_usec, usec);
}

void clock_pass(ClockShim *clock, int64_t usec)
{
        clock_sleep(clock, usec);
        add(&clock->monotonic_usec, usec);
}

void clock_zone(ClockShim *clock, const char *zone)
{
        assert_true(strlen(zone) < sizeof(clock->zone));
        (void)stpcpy(clock->zone, zone); /* read by whoever is waked after this */
}
