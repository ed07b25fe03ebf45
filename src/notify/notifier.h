/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

#include "client/notify-config.h"

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
 * OverPace and PaceInRange likewise, but for the heart rate going before the pace (breach.c).
 *
 * A trouble stands until it is over in the same way, each in a place of its own (troubles.c).
 *
 * What stands on the screen is always true: when cardiod exits, nothing would signal the end of the breach any more, so
 * its notification is closed as well. Of a muted session only the summary is shown. */
typedef struct Notifier Notifier;

typedef struct NotifierOptions {
        bool test;           /* --test, nothing else */
        bool user;           /* use the session bus only */
        bool print;          /* lines on stdout instead of the desktop */
        const char *command; /* NULL = none */
        usec_t command_timeout_usec;
        const char *config_path; /* NULL = the default one, which may be missing */
        NotifyConfig config;     /* what was read there */
} NotifierOptions;

/* Exit statuses. 1: the configuration is wrong, or standard output cannot be written; starting again would not change that. */
#define EXIT_USAGE       2
#define EXIT_UNREACHABLE 3
#define EXIT_RESOURCES   4 /* no memory, no descriptors */

int notifier_new(sd_event *event, const NotifierOptions *options, Notifier **ret);

/* The configuration was read again. */
void notifier_configure(Notifier *n, const NotifyConfig *config);

/* Closes a standing alert, then ends the event loop. */
void notifier_stop(Notifier *n);

Notifier *notifier_free(Notifier *n);
DEFINE_CLEANUP(Notifier *, notifier_free);
