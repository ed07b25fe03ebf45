/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/time.h"

/* notify.conf, the file of cardio-notify. What cardioctl says of it is read by the same code. */

#define NOTIFY_LANGUAGE_MAX 36U /* with the final NUL */

/* The limits of `snooze`, whole seconds, as the daemon takes them. */
#define NOTIFY_SNOOZE_MIN_USEC (10 * USEC_PER_SEC)
#define NOTIFY_SNOOZE_MAX_USEC (24 * USEC_PER_HOUR)

/* What of all notification servers only Plasma names. It names "sound", too, and sounds what is new, but nothing that replaces what
 * stands: no repeat, no end. So its word for "sound" is not taken. */
#define NOTIFY_CAPABILITY_OF_PLASMA "x-kde-origin-name"

typedef struct NotifyConfig {
        bool sound, speak;
        bool repeat; /* sound and speech with each OverLimit, not only a breach's first */
        char language[NOTIFY_LANGUAGE_MAX]; /* of the voice, as in "en" or "en-GB" */
        usec_t snooze_usec;                 /* the button */
} NotifyConfig;

NotifyConfig notify_config_default(void);

/* Where the file is by default: cardiod/notify.conf in $XDG_CONFIG_HOME or ~/.config. Returns 0, or a negative errno:
 * -ENOENT if there is no home. ret is to be freed. */
int notify_config_path(char **ret);

/* Reads the file over the defaults. A missing one is a mistake only if must_exist. Returns 0; or a negative errno, and in
 * ret_error (to be freed) all that is wrong, a line for each: "FILE:LINE: KEY: reason; accepted: …"; NULL if memory was short.
 * ret is untouched then. */
int notify_config_load(const char *path, bool must_exist, NotifyConfig *ret, char **ret_error);
