/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "client/follower.h"

/* Sees to it that each finished session of a strap reaches the broker: at least once, over any death of the daemon, the
 * broker or this program. What it has to keep for that is in the outbox. */
typedef struct Sessions Sessions;

/* Publishes a session's payload at QoS 1. Returns 0, and sessions_acknowledged(), sessions_refused() or
 * sessions_disconnected() follows; or a negative errno: not now. */
typedef int (*SessionsSendFunc)(void *userdata, const char *payload, size_t size, int *ret_mid);

/* device: what it is called in the payload. folder: where the outbox is; only one may use it. Returns 0 or a negative errno,
 * then with ret_error (to be freed), NULL if memory was short. */
int sessions_new(sd_event *event, Follower *follower, const char *device, const char *folder,
                SessionsSendFunc send, void *userdata, Sessions **ret, char **ret_error);
Sessions *sessions_free(Sessions *s);
DEFINE_CLEANUP(Sessions *, sessions_free);

/* Takes each event of the follower. */
void sessions_follow(Sessions *s, const FollowerEvent *event);

/* What becomes of the connection to the broker, and of what send has taken. */
void sessions_connected(Sessions *s);
void sessions_disconnected(Sessions *s);
void sessions_acknowledged(Sessions *s, int mid);
void sessions_refused(Sessions *s, int mid);

/* Finished sessions that the broker has not acknowledged yet. */
size_t sessions_waiting(const Sessions *s);
