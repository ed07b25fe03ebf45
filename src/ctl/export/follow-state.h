/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl.h"

/* Which sessions a folder has got, or never will: what is on the disk outlives this program, and says so even when another
 * program has taken the file away. Kept in $XDG_STATE_HOME/cardiod, a file for each folder, format and database. */
typedef struct FollowState {
        char *name, *folder_name; /* of the file, and of the folder that it is in */
        int folder, lock;         /* lock: of the file beside it, while this is open */
        char *about;              /* its first lines, which say what it is about */
        bool begun;               /* it has been saved before */
        bool unsaved;             /* the last attempt to save it has failed */
        int64_t seen;             /* all up to this one are done, but for those that wait */
        int64_t *waiting;         /* in order */
        size_t n_waiting;
} FollowState;

/* Reads it. folder is the real path. Prints what is wrong, as that another program follows with it. follow_state_close() must
 * follow in any case. */
Outcome follow_state_open(const char *folder, const char *format, const char *database, FollowState *ret);
void follow_state_close(FollowState *s);

/* Changes it, and not yet the file. Adding one that waits already changes nothing. */
void follow_state_add(FollowState *s, int64_t session);
void follow_state_drop(FollowState *s, int64_t session);

/* Writes it, durably. */
Outcome follow_state_save(FollowState *s);
