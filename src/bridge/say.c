/* SPDX-License-Identifier: MIT */
/* What cardio-bridge logs. No clock. */

#include "say.h"

#include <stdarg.h>
#include <stdio.h>

void say(const char *format, ...)
{
        va_list ap;

        flockfile(stderr);
        fputs("cardio-bridge: ", stderr);
        va_start(ap, format);
        (void)vfprintf(stderr, format, ap); /* a failure to log cannot be logged */
        va_end(ap);
        fputc('\n', stderr);
        funlockfile(stderr);
}
