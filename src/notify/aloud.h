/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"

#include "client/notify-config.h"
#include "notice.h"

/* Sound and speech with a notice: which of them, by notify.conf, and who plays the sound. The notification server does where it
 * can; if it has not shown the notice within ALOUD_SERVER_USEC, or cannot, we do. Nothing here waits for a server. */
typedef struct Aloud Aloud;

#define ALOUD_SERVER_USEC (600 * USEC_PER_MSEC)

/* The server must not sound the notice any more, if it has not yet: we do. */
typedef void (*AloudFunc)(void *userdata, NoticeType type);

int aloud_new(sd_event *event, const NotifyConfig *config, AloudFunc take_over, void *userdata, Aloud **ret);
Aloud *aloud_free(Aloud *a);
DEFINE_CLEANUP(Aloud *, aloud_free);

void aloud_configure(Aloud *a, const NotifyConfig *config);

/* A run has begun: what takes long to start does so now, and not with the first alert. */
void aloud_prepare(Aloud *a);

/* The sound that goes with a notice; NULL = none. */
const char *aloud_sound(const Aloud *a, const Notice *n);

/* Says the notice, and plays n->sound unless a server may do so; then aloud_sounded() is to follow. */
void aloud_play(Aloud *a, const Notice *n, bool by_server);

/* The server has, or has not, sounded a notice of that type. */
void aloud_sounded(Aloud *a, NoticeType type, bool by_server);

/* Be quiet: the runner does not want to hear it any more. */
void aloud_hush(Aloud *a);
