/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "client/follower.h"
#include "watch/live.h"

/* Follows the daemon on either bus, whenever it runs, and keeps a Live of it. */
typedef struct LiveFeed LiveFeed;

/* What has changed in a Live. */
typedef enum LiveEvent {
        LIVE_EVENT_REACH,  /* the daemon has appeared or is gone */
        LIVE_EVENT_STATUS, /* a property: of a strap, the ceiling, snoozing */
        LIVE_EVENT_MEASUREMENT,
        LIVE_EVENT_PACE,
        LIVE_EVENT_SESSION_STARTED,
        LIVE_EVENT_SESSION_ENDED,
        LIVE_EVENT_SESSION_DISCARDED,
        LIVE_EVENT_OVER_LIMIT,
        LIVE_EVENT_BACK_IN_RANGE,
        LIVE_EVENT_OVER_PACE,
        LIVE_EVENT_PACE_IN_RANGE,
        LIVE_EVENT_CUE,
        LIVE_EVENT_TROUBLE,      /* one to call the runner for */
        LIVE_EVENT_TROUBLE_NEWS, /* any other, and an end */
        _LIVE_EVENT_MAX,
        _LIVE_EVENT_INVALID = -EINVAL,
} LiveEvent;

const char *live_event_to_string(LiveEvent event);

/* session: the one that the event is about, else the one that is being recorded, 0 = none. */
typedef void (*LiveFeedFunc)(void *userdata, LiveEvent event, int64_t session);

/* live belongs to the caller and is updated before func is called. user: on the session bus only; else there only while the
 * name has no owner on the system bus. */
int live_feed_new(sd_event *event, bool user, Live *live, LiveFeedFunc func, void *userdata, LiveFeed **ret);

/* The past of the session is read again: of a time in which nobody followed, or of what was not stored yet. */
void live_feed_reread(LiveFeed *f);

/* For commands to the same daemon. */
Follower *live_feed_follower(LiveFeed *f);

LiveFeed *live_feed_free(LiveFeed *f);
DEFINE_CLEANUP(LiveFeed *, live_feed_free);
