/* SPDX-License-Identifier: MIT */

/* The progress of an import. How long it will take is said by bytes, which is what takes time; how fast it goes by files, which is
 * what people count. Times are CLOCK_BOOTTIME. */

#include "import/progress.h"

#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

#define FIRST_USEC  (USEC_PER_SEC / 2) /* what is done sooner needs none */
#define REDRAW_USEC (USEC_PER_SEC / 5)
#define BAR_MIN     10U
#define BAR_MAX     40U
#define TELLS_AFTER (2 * USEC_PER_SEC) /* before, what is left is a guess */

void progress_begin(Progress *p, bool wanted, size_t n, uint64_t size, usec_t now)
{
        const char *term = getenv("TERM");

        *p = (Progress){ .on = wanted && n > 1 && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
                .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
                .begun_usec = now,
                .n = n,
                .size = size };
}

static const char *time_left(
                const Progress *p, double done, usec_t usec, char buf[static HMS_STRING_MAX + 16])
{
        char words[HMS_STRING_MAX];
        double seconds = done > 0 ? (double)usec / USEC_PER_SEC * (1 - done) / done : 0;

        (void)p;
        buf[0] = '\0';
        if (usec < TELLS_AFTER || !(done > 0) || seconds > 100 * 3600.0)
                return buf;
        seconds = seconds > 90 ? ceil(seconds / 10) * 10
                               : ceil(seconds); /* the last figure of more would dance */
        (void)snprintf(buf, HMS_STRING_MAX + 16, "%s left", seconds_to_words(seconds, words));
        return buf;
}

const char *progress_line(const Progress *p, size_t n, uint64_t size, usec_t usec, unsigned columns,
                char buf[static PROGRESS_LINE_MAX])
{
        double done = p->size > 0 ? (double)size / (double)p->size : (double)n / (double)p->n,
               rate = usec > 0 ? (double)n * USEC_PER_SEC / (double)usec : 0;
        char left[HMS_STRING_MAX + 16], number[NUMBER_STRING_MAX], text[128];
        unsigned width, filled;
        size_t at = 0;

        done = fmin(done, 1);
        (void)snprintf(text, sizeof(text), "%zu of %zu  %s files/s  %s", n, p->n,
                        number_to_string(rate, rate < 10 ? 1 : 0, number), time_left(p, done, usec, left));
        width = columns > strlen(text) + 1 + BAR_MIN ? columns - (unsigned)strlen(text) - 1 : 0;
        width = width > BAR_MAX ? BAR_MAX : width;
        filled = (unsigned)(done * width);
        for (unsigned i = 0; i < width; i++) {
                const char *cell = i < filled ? p->utf8 ? "\u2588" : "#" : p->utf8 ? "\u2591" : ".";

                at += (size_t)snprintf(buf + at, PROGRESS_LINE_MAX - at, "%s", cell);
        }
        (void)snprintf(buf + at, PROGRESS_LINE_MAX - at, "%s%.*s", width > 0 ? " " : "", (int)columns, text);
        return buf;
}

void progress_draw(Progress *p, size_t n, uint64_t size, usec_t now)
{
        usec_t usec = usec_sub(now, p->begun_usec);
        char line[PROGRESS_LINE_MAX];
        struct winsize window;
        unsigned columns = 80;

        if (!p->on || usec < FIRST_USEC || (p->drawn_usec > 0 && usec_sub(now, p->drawn_usec) < REDRAW_USEC))
                return;
        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
                columns = window.ws_col;
        /* One column stays free: beyond the last one the terminal would begin another line. */
        (void)fflush(stdout);
        fprintf(stderr, "\r%s\033[K", progress_line(p, n, size, usec, columns - 1, line));
        p->drawn_usec = now;
        p->shown = true;
}

void progress_clear(Progress *p)
{
        if (p->shown)
                fputs("\r\033[K", stderr);
        p->shown = false;
        p->drawn_usec = 0;
}
