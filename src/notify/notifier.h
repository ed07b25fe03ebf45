/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

/* Turns what cardiod signals into notices to the runner.
 *
 *            OverLimit                         OverLimit: replaced, with the newer figures
 *   QUIET ──────────────▶ ALERT ◀──────────────┐
 *     ▲                     │ └────────────────┘
 *     │ BackInRange: replaced by a short one; taken off the screen if the heart rate is still above
 *     │ Snooze or Mute pressed, run ended or discarded, cardiod gone, half a minute without a heart rate:
 *     │ taken off the screen
 *     └─────────────────────┘
 *
 * What stands on the screen is always true: when cardiod exits, nothing would signal the end of the breach any more, so
 * its notification is closed as well. Of a muted session only the summary is shown. */
typedef struct Notifier Notifier;

typedef struct NotifierOptions {
        bool user;           /* use the session bus only */
        bool print;          /* lines on stdout instead of the desktop */
        const char *command; /* NULL = none */
        usec_t command_timeout_usec;
} NotifierOptions;

/* Exit statuses; 0 and 1 have their usual meanings. */
#define EXIT_USAGE       2
#define EXIT_UNREACHABLE 3

int notifier_new(sd_event *event, const NotifierOptions *options, Notifier **ret);

/* Closes a standing alert, then ends the event loop. */
void notifier_stop(Notifier *n);

Notifier *notifier_free(Notifier *n);
DEFINE_CLEANUP(Notifier *, notifier_free);
