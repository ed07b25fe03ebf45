/* SPDX-License-Identifier: MIT */

/* Timers, the log and the end of a program that cannot go on. Times run on CLOCK_BOOTTIME. */

#include "script.h"

#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int must_succeed(int r, const char *file, int line)
{
        /* The bus may go at any time; whoever needs it is notified by the bus. */
        if (r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE)
                return r;
        if (r < 0) {
                fprintf(stderr, "%s: %s:%d: %s\n", program_invocation_short_name, file, line, strerror(-r));
                exit(EXIT_FAILURE);
        }
        return r;
}

char *must_copy(const char *text)
{
        char *copy = strdup(text);

        must(copy ? 0 : -ENOMEM);
        return copy;
}

char *must_format(const char *format, ...)
{
        va_list arguments;
        char *text;
        int r;

        va_start(arguments, format);
        r = vasprintf(&text, format, arguments);
        va_end(arguments);
        must(r < 0 ? -ENOMEM : 0);
        return text;
}

void log_line(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
        fflush(stdout);
}

void timer_arm(sd_event *event, sd_event_source **source, usec_t delay, sd_event_time_handler_t handler,
                void *userdata)
{
        timer_disarm(source);
        must(sd_event_add_time_relative(event, source, CLOCK_BOOTTIME, delay, 1, handler, userdata));
}

void timer_disarm(sd_event_source **source)
{
        *source = sd_event_source_disable_unref(*source);
}

sd_event *must_event(void)
{
        sd_event *event = NULL;
        sigset_t signals;

        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        sigprocmask(SIG_BLOCK, &signals, NULL);
        must(sd_event_new(&event));
        /* A signal without a handler of its own ends the loop with status 0. */
        must(sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL));
        must(sd_event_add_signal(event, NULL, SIGINT, NULL, NULL));
        return event;
}

bool address_is_valid(const char *text)
{
        size_t i = 0;

        for (; i < 17 && text[i]; i++)
                if (i % 3 == 2 ? text[i] != ':'
                               : !isxdigit((unsigned char)text[i]) || islower((unsigned char)text[i]))
                        return false;
        return i == 17 && text[i] == '\0';
}
