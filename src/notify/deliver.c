/* SPDX-License-Identifier: MIT */

/* A notice on its way to the runner: shown or printed, heard, and given to a command. When it became known is of CLOCK_BOOTTIME. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notice.h"
#include "notifier-internal.h"
#include "say.h"
#include "shared/clock.h"

/* The server may sound it while it is being shown. */
static void play(Notifier *n, const Notice *notice)
{
        aloud_play(n->aloud, notice, n->desktop && desktop_may_sound(n->desktop));
}

void deliver_notice(Notifier *n, const Notice *notice)
{
        if (n->desktop) {
                desktop_show(n->desktop, notice);
        } else if (printf("%s: %s\n", notice_type_to_string(notice->type), notice_line(notice)) < 0 ||
                        fflush(stdout) != 0) {
                say("cannot write to standard output: %s", strerror(errno));
                (void)sd_event_exit(n->event, EXIT_FAILURE);
                return;
        }
        if (n->exec)
                exec_run(n->exec, notice);
}

void deliver_news(Notifier *n, Notice *notice, bool heard)
{
        notice->at_boot_usec = now_boot_usec();
        if (heard) {
                notice->sound = aloud_sound(n->aloud, notice);
                play(n, notice);
        }
        deliver_notice(n, notice);
}
