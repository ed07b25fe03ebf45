/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>

#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "watch/live.h"

/* Listens to the daemon, wherever it is and whenever it is there, and keeps a Live of it. */
typedef struct Follow Follow;

/* What has happened. */
typedef enum News {
        NEWS_REACH,  /* the daemon is there, or not any more */
        NEWS_STATUS, /* a property: of a strap, the ceiling, snoozing */
        NEWS_MEASUREMENT,
        NEWS_SESSION_STARTED,
        NEWS_SESSION_ENDED,
        NEWS_SESSION_DISCARDED,
        NEWS_OVER_LIMIT,
        NEWS_BACK_IN_RANGE,
        _NEWS_MAX,
        _NEWS_INVALID = -EINVAL,
} News;

const char *news_to_string(News news);

/* session: the one that it is about, else the one that is being recorded, 0 = none. */
typedef void (*FollowFunc)(void *userdata, News news, int64_t session);

/* Live is put in order before func is called, and belongs to the caller. user: on the session bus only, else
 * there only while nobody owns the name on the system bus. */
int follow_new(sd_event *event, bool user, Live *live, FollowFunc func, void *userdata, Follow **ret);

Follow *follow_free(Follow *f);
DEFINE_CLEANUP(Follow *, follow_free);
