/* SPDX-License-Identifier: MIT */

/* What cardio-notify logs. No clock. */

#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void say(const char *format, ...)
{
        va_list ap;

        flockfile(stderr);
        fputs("cardio-notify: ", stderr);
        va_start(ap, format);
        (void)vfprintf(stderr, format, ap); /* a failure to log cannot be logged */
        va_end(ap);
        fputc('\n', stderr);
        funlockfile(stderr);
}

void say_unreachable(const char *purpose, BusKind kind, int error)
{
        say("%s: cannot reach the %s: %s; trying again until it is there", purpose, bus_kind_to_string(kind),
                        strerror(-error));
}
