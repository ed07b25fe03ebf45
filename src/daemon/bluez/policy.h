/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/arrivals.h"
#include "cardio/sensor.h"

/* Judges links, and whether they may be cut. Facts and times in, answers out: no BlueZ, no clock. */

#define SILENCE_MIN_USEC (10 * USEC_PER_SEC)
#define SILENCE_NEW_USEC (35 * USEC_PER_SEC) /* while too little is known about this link */

/* How long a connected sensor may send nothing before its link counts as silent. stale_usec: the configured stale-after, 0 =
 * auto. A sensor that sends every 11 s is not silent in between, whatever was configured. */
usec_t policy_silence(const Arrivals *a, usec_t stale_usec);

/* How long a connected device may be without resolved services. known: values have come from it at some time. Of any other one
 * it may be that bluetoothd is pairing it, begun by a daemon before this one: meanwhile nothing is resolved, and if nobody
 * agrees the link ends by itself, after the 30 s of the Security Manager (Core Specification, volume 3, part H, 3.4). */
usec_t policy_resolve_timeout(bool known);

/* What an error of StartNotify() says that a new link would not change; LINK_OK = the next try may succeed. */
LinkProblem policy_refusal(const char *name, const char *message);

/* Whether a strap wants to be paired, judged by each failure of StartNotify(). When a strap demands encryption bluetoothd
 * begins to pair it by itself, and says nothing if nobody agrees: the link is lost (ATT error 0x0e), or dead until the ATT
 * time-out of 30 s. A link that the radio loses at that moment looks the same, but hardly twice in a row. */
typedef enum SubscribeFailure {
        SUBSCRIBE_FAILURE_OTHER,      /* not about pairing */
        SUBSCRIBE_FAILURE_LINK,       /* ATT error 0x0e, or the link was lost before the answer */
        SUBSCRIBE_FAILURE_UNANSWERED, /* for NOTIFY_TIMEOUT_USEC */
        SUBSCRIBE_FAILURE_NOT_PAIRED, /* BlueZ says so itself */
        _SUBSCRIBE_FAILURE_MAX,
        _SUBSCRIBE_FAILURE_INVALID = -EINVAL,
} SubscribeFailure;

#define NOTIFY_TIMEOUT_USEC (10 * USEC_PER_SEC)
/* A link on which StartNotify() is not answered is dead until the ATT time-out of 30 s (Core Specification, volume 3, part F,
 * 3.3.3) ends it. */
#define LINK_DEAD_USEC (35 * USEC_PER_SEC)

/* By the error of StartNotify(). */
SubscribeFailure policy_subscribe_failure(const char *name, const char *message);
/* The link was lost this long after StartNotify() was called. Unanswered for longer than the radio can be away, it is the
 * pairing, which the kernel gives up after 30 s, and the link with it. */
SubscribeFailure policy_lost_failure(usec_t waited_usec);

/* Counts a failure. failures: those before it in a row without a heart rate; counted: one of them was on this link, which may
 * be lost only once; known: it has sent heart rates before. Returns the new count. */
unsigned policy_count_failure(unsigned failures, SubscribeFailure failure, bool counted, bool known);
bool policy_wants_pairing(unsigned failures);
/* How long to wait after so many failures before StartNotify() is called again; each call may show the runner a question on
 * the screen. */
usec_t policy_pairing_pause(unsigned failures);

/* Whether a device says that it is a watch, phone, computer, audio or input device: by the Appearance (GAP,
 * org.bluez.Device1), by the Icon that BlueZ derives from that or from the class, and by a service. */
bool policy_appearance_is_other(uint16_t appearance);
bool policy_icon_is_other(const char *icon);
bool policy_service_is_other(const char *uuid);

/* Whose link it is, and what it has brought. */
typedef struct LinkFacts {
        LinkProblem problem;
        bool refused;   /* policy_refusal() recognises the answer of a characteristic */
        bool other;     /* it says that it is something else than a strap */
        bool ours;      /* we connected it, or it was trusted as `cardioctl trust` does */
        bool known;     /* a heart rate has come from it at some time */
        bool delivered; /* … a value on this link or the one before */
} LinkFacts;

/* Whether we may end a useless link. */
bool policy_may_cut(const LinkFacts *f);
/* How long to wait after so many cuts, none of which brought a heart rate, before the next one. */
usec_t policy_cut_pause(unsigned cuts);
/* … before StartNotify() is tried again, after so many failures of which the last was this one. */
usec_t policy_notify_pause(unsigned failures, SubscribeFailure failure);
