/* SPDX-License-Identifier: MIT */

/* What cardio-notify says about itself. */

#include "say.h"

#include <stdarg.h>
#include <stdio.h>

void say(const char *format, ...)
{
        va_list ap;

        flockfile(stderr);
        fputs("cardio-notify: ", stderr);
        va_start(ap, format);
        (void)vfprintf(stderr, format, ap); /* there is nowhere to say that saying failed */
        va_end(ap);
        fputc('\n', stderr);
        funlockfile(stderr);
}
