/* SPDX-License-Identifier: MIT */

/* Log lines. If stderr is the journal's own stream, lines go to the journal with their fields; else to stderr, one line each.
 * The environment is looked at again for every line: lines are few, and the share limits them. A message may contain text from
 * the air: control characters are replaced. Uses CLOCK_BOOTTIME. */

#define SD_JOURNAL_SUPPRESS_LOCATION

#include "log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "cardio/text.h"
#include "shared/clock.h"

/* Longer messages are cut. */
#define MESSAGE_MAX 1024

void log_open(void)
{
        /* if it fails lines may be split, which does no harm */
        (void)setvbuf(stderr, NULL, _IOLBF, 0); /* else it leaves in several, which does no harm */
}

static bool debug_wanted(void)
{
        const char *level = getenv("CARDIOD_LOG_LEVEL");

        return level && strcmp(level, "debug") == 0;
}

/* $JOURNAL_STREAM is the device and inode of the stream that the journal gave us; stderr may have been
 * redirected since (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        struct stat st;
        char own[48];

        if (!stream || fstat(STDERR_FILENO, &st) < 0)
                return false;
        (void)snprintf(own, sizeof(own), "%" PRIuMAX ":%" PRIuMAX, (uintmax_t)st.st_dev,
                        (uintmax_t)st.st_ino);
        return strcmp(stream, own) == 0;
}

/* NAME=value for the journal; cut at its end if it does not fit. */
_printf_(3, 4) static struct iovec field_format(char *buf, size_t size, const char *format, ...)
{
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(buf, size, format, ap);
        va_end(ap);
        if (n < 0)
                n = 0;
        return (struct iovec){ buf, (size_t)n < size ? (size_t)n : size - 1 };
}

static int journal_send(int priority, const char *message_id, const char *field, const char *message)
{
        char text[MESSAGE_MAX + 16], level[16], identifier[64], id[64];
        struct iovec fields[5];
        int n = 0;

        fields[n++] = field_format(text, sizeof(text), "MESSAGE=%s", message);
        fields[n++] = field_format(level, sizeof(level), "PRIORITY=%d", priority);
        fields[n++] = field_format(identifier, sizeof(identifier), "SYSLOG_IDENTIFIER=%s",
                        program_invocation_short_name);
        if (message_id)
                fields[n++] = field_format(id, sizeof(id), "MESSAGE_ID=%s", message_id);
        if (field)
                fields[n++] = (struct iovec){ (char *)field, strlen(field) };
        return sd_journal_sendv(fields, n);
}

bool log_share_take(LogShare *s, usec_t now_usec, unsigned *ret_left_out)
{
        *ret_left_out = 0;
        if (s->lines == 0 || now_usec - s->begin_usec >= LOG_SHARE_USEC) {
                *ret_left_out = s->left_out;
                *s = (LogShare){ .begin_usec = now_usec };
        }
        if (s->lines == LOG_SHARE_MAX) {
                s->left_out++;
                return false;
        }
        s->lines++;
        return true;
}

static void log_send(int priority, const char *message_id, const char *field, const char *message)
{
        if (!stderr_is_journal() || journal_send(priority, message_id, field, message) < 0)
                fprintf(stderr, "%s\n", message);
}

/* One share for the process, which has one log: SQLite may log from the thread that syncs. */
static bool take_share(int priority)
{
        static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        static LogShare shares[2];
        char line[64];
        unsigned left_out;
        bool taken;

        (void)pthread_mutex_lock(&lock); /* neither can fail: the mutex is valid, and held for a moment */
        taken = log_share_take(&shares[priority <= LOG_WARNING], now_boot_usec(), &left_out);
        (void)pthread_mutex_unlock(&lock);
        if (left_out > 0) {
                (void)snprintf(line, sizeof(line), "%u lines were left out, there were too many", left_out);
                log_send(priority, NULL, NULL, line);
        }
        return taken;
}

_printf_(4, 0) static void log_write(
                int priority, const char *message_id, const char *field, const char *format, va_list ap)
{
        char message[MESSAGE_MAX];
        int saved_errno = errno;

        if (priority == LOG_DEBUG ? !debug_wanted() : stderr_is_journal() && !take_share(priority))
                return;
        if (vsnprintf(message, sizeof(message), format, ap) < 0)
                message[0] = '\0';
        log_send(priority, message_id, field, text_make_plain(message));
        errno = saved_errno;
}

void log_line(int priority, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_write(priority, NULL, NULL, format, ap);
        va_end(ap);
}

void log_event(const char *message_id, const char *field, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        log_write(LOG_INFO, message_id, field, format, ap);
        va_end(ap);
}
