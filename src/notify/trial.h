/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "client/notify-config.h"

/* --test: shows, plays and says one notice of each kind, one after the other, and says on standard output what the notification
 * server can do and what became of each. Needs no cardiod, and minds no other notifier. Returns the exit status, 1 if something
 * that is on did not work, or a negative errno if nothing was tried. print: without a desktop. SIGCHLD must be blocked. */
int trial_run(const NotifyConfig *config, bool print);
