/* SPDX-License-Identifier: MIT */

/* Replaces the daemon's log: millions of lines are of no use, but each is still composed, so that its arguments are read,
 * and must be free of control characters. No clock. */

#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cardio/text.h"
#include "fuzz.h"

static char last[1024];

void log_open(void)
{
}

_printf_(1, 0) static void keep(const char *format, va_list ap)
{
        check(vsnprintf(last, sizeof(last), format, ap) >= 0);
        text_make_plain(last);
        if (getenv("FUZZ_LOG"))
                fprintf(stderr, "%s\n", last);
}

void log_line(_unused_ int priority, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        keep(format, ap);
        va_end(ap);
}

void log_event(const char *message_id, const char *field, const char *format, ...)
{
        va_list ap;

        check(strlen(message_id) == 32);
        check(!field || strchr(field, '='));
        va_start(ap, format);
        keep(format, ap);
        va_end(ap);
}

const char *fuzz_log_last(void)
{
        return last;
}

void fuzz_log_clear(void)
{
        last[0] = '\0';
}
