/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

/* Turns what cardiod signals into what the runner is told.
 *
 *            OverLimit                         OverLimit: replaced, with the newer figures
 *   QUIET ──────────────▶ ALERT ◀──────────────┐
 *     ▲                     │ └────────────────┘
 *     │ BackInRange: replaced by a short one; taken off the screen if the heart rate is still above
 *     │ Snooze or Mute pressed, run ended or discarded, cardiod gone, half a minute without a heart rate:
 *     │ taken off the screen
 *     └─────────────────────┘
 *
 * What stands on the screen is always true: when cardiod leaves, nobody would say any more that the breach
 * is over, so its bubble goes as well. A muted session is told nothing of but its summary. */
typedef struct Notifier Notifier;

typedef struct NotifierOptions {
        bool user;           /* only ever look on the session bus */
        bool print;          /* lines on stdout instead of the desktop */
        const char *command; /* NULL = none */
        usec_t command_timeout_usec;
} NotifierOptions;

/* Process exit statuses; 0 and 1 as everywhere. */
#define EXIT_USAGE       2
#define EXIT_UNREACHABLE 3

int notifier_new(sd_event *event, const NotifierOptions *options, Notifier **ret);

/* Takes a standing alert back, then ends the event loop. */
void notifier_stop(Notifier *n);

Notifier *notifier_free(Notifier *n);
DEFINE_CLEANUP(Notifier *, notifier_free);
