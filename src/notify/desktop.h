/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

#include "notice.h"

/* The client of org.freedesktop.Notifications on the session bus: one notification for the breach and what follows from it,
 * one for a run's summary, one each for advice, for cues, for a lost strap, for the disk and for any other trouble. A notice that cannot be shown becomes a line on stderr, and is
 * tried again while it is of use. */
typedef struct Desktop Desktop;

typedef enum DesktopAction {
        DESKTOP_SNOOZE,
        DESKTOP_MUTE,
        DESKTOP_TALK,
        DESKTOP_NO_TALK,
        DESKTOP_NOT_A_RUN,
        DESKTOP_REPORT,
        _DESKTOP_ACTION_MAX,
        _DESKTOP_ACTION_INVALID = -EINVAL,
} DesktopAction;

typedef struct DesktopFuncs {
        /* The runner pressed a button of a notice about that session. */
        void (*action)(void *userdata, DesktopAction action, int64_t session);
        /* A notice with a sound was sounded by the server, or is not going to be. */
        void (*sounded)(void *userdata, NoticeType type, bool by_server);
        /* A notice is shown, or, with a reason, is not yet. NULL = does not matter. */
        void (*shown)(void *userdata, NoticeType type, const char *reason);
        /* The name by which others see that the runner is notified. NULL = none. */
        const char *bus_name;
} DesktopFuncs;

int desktop_new(sd_event *event, const DesktopFuncs *funcs, void *userdata, Desktop **ret);
void desktop_start(Desktop *d);
Desktop *desktop_free(Desktop *d);
DEFINE_CLEANUP(Desktop *, desktop_free);

/* What the button Snooze says it is for, from the next alert on. */
void desktop_set_snooze(Desktop *d, usec_t usec);

void desktop_show(Desktop *d, const Notice *n);

/* Whether the server sounds notices, as far as is known. */
bool desktop_may_sound(const Desktop *d);

/* The server is not to sound a notice of that type any more, if it has not yet. */
void desktop_silence(Desktop *d, NoticeType type);

/* Closes the breach's notification. */
void desktop_withdraw(Desktop *d);

/* Closes the cue's notification. */
void desktop_withdraw_cue(Desktop *d);

/* Closes that of a lost strap, and that of a disk that refuses. */
void desktop_withdraw_strap(Desktop *d);
void desktop_withdraw_disk(Desktop *d);

/* Whether something is still to be closed or a reply to come. */
bool desktop_busy(const Desktop *d);
