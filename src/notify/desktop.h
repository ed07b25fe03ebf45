/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"

#include "notice.h"

/* The client of org.freedesktop.Notifications on the session bus: one notification for the breach and what follows from it,
 * one for a run's summary, one each for advice and for cues. A notice that cannot be shown becomes a line on stderr, and is
 * tried again while it is of use. */
typedef struct Desktop Desktop;

typedef enum DesktopAction {
        DESKTOP_SNOOZE,
        DESKTOP_MUTE,
        DESKTOP_TALK,
        DESKTOP_NO_TALK,
        DESKTOP_NOT_A_RUN,
        _DESKTOP_ACTION_MAX,
        _DESKTOP_ACTION_INVALID = -EINVAL,
} DesktopAction;

/* The runner pressed a button of a notice about that session. */
typedef void (*DesktopFunc)(void *userdata, DesktopAction action, int64_t session);

int desktop_new(sd_event *event, DesktopFunc func, void *userdata, Desktop **ret);
void desktop_start(Desktop *d);
Desktop *desktop_free(Desktop *d);
DEFINE_CLEANUP(Desktop *, desktop_free);

void desktop_show(Desktop *d, const Notice *n);

/* Closes the breach's notification. */
void desktop_withdraw(Desktop *d);

/* Closes the cue's notification. */
void desktop_withdraw_cue(Desktop *d);

/* Whether something is still to be closed or a reply to come. */
bool desktop_busy(const Desktop *d);
