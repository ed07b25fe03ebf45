/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/arrivals.h"
#include "cardio/sensor.h"

/* What is to be thought of a link, and whether it may be cut. Facts and times in, answers out: no BlueZ, no clock. */

#define SILENCE_MIN_USEC (10 * USEC_PER_SEC)
#define SILENCE_NEW_USEC (35 * USEC_PER_SEC) /* while too little is known of this link */

/* For how long a connected sensor may send nothing before its link is silent. stale_usec: the configured stale-after, 0 =
 * auto. A sensor that sends every 11 s is not silent in between, whatever was configured. */
usec_t policy_silence(const Arrivals *a, usec_t stale_usec);

/* What an error of StartNotify says that a new link would not change; LINK_OK = it may be another one next time. */
LinkProblem policy_refusal(const char *name, const char *message);

/* Whether a strap wants to be paired, by what has become of each StartNotify(). When a strap demands encryption bluetoothd
 * begins to pair it by itself, and says nothing of it if nobody agrees: the link is lost (ATT error 0x0e), or is dead until
 * the ATT time-out of 30 s. A link that the radio loses just then looks the same, but hardly twice in a row. */
typedef enum SubscribeFailure {
        SUBSCRIBE_FAILURE_OTHER,      /* not of that kind */
        SUBSCRIBE_FAILURE_LINK,       /* ATT error 0x0e, or the link went before the answer */
        SUBSCRIBE_FAILURE_UNANSWERED, /* for NOTIFY_TIMEOUT_USEC */
        SUBSCRIBE_FAILURE_NOT_PAIRED, /* BlueZ says so itself */
        _SUBSCRIBE_FAILURE_MAX,
        _SUBSCRIBE_FAILURE_INVALID = -EINVAL,
} SubscribeFailure;

#define NOTIFY_TIMEOUT_USEC (10 * USEC_PER_SEC)
/* A link on which StartNotify() was not answered is dead until the ATT time-out of 30 s (Core Specification, volume 3, part F,
 * 3.3.3) ends it. */
#define LINK_DEAD_USEC (35 * USEC_PER_SEC)

/* By the error that StartNotify() was answered with. */
SubscribeFailure policy_subscribe_failure(const char *name, const char *message);
/* The link was lost by itself this long after StartNotify() was called: with no answer for longer than the radio can be away
 * it is the pairing, which the kernel gives up after 30 s, and the link with it. */
SubscribeFailure policy_lost_failure(usec_t waited_usec);

/* One more. failures: those before it in a row without a heart rate; counted: one of them was on this link, which may be lost
 * only once; known: it has sent heart rates before. Returns how many there are then. */
unsigned policy_count_failure(unsigned failures, SubscribeFailure failure, bool counted, bool known);
bool policy_wants_pairing(unsigned failures);
/* How long after the last of so many failures StartNotify() may be called again; each may ask the runner on the screen. */
usec_t policy_pairing_pause(unsigned failures);

/* Does a device say that it is a watch, phone, computer, audio or input device? By the Appearance (GAP, org.bluez.Device1), by
 * the Icon that BlueZ makes of that or of the class, and by a service. */
bool policy_appearance_is_other(uint16_t appearance);
bool policy_icon_is_other(const char *icon);
bool policy_service_is_other(const char *uuid);

/* Whose link it is, and what has come of it. */
typedef struct LinkFacts {
        LinkProblem problem;
        bool refused;   /* a characteristic answers with what policy_refusal() knows */
        bool other;     /* it says that it is something else than a strap */
        bool ours;      /* we connected it, or it was trusted as `cardioctl trust` does */
        bool known;     /* a heart rate has come from it at some time */
        bool delivered; /* … a value on this link or the one before */
} LinkFacts;

/* May a useless link be ended by us? */
bool policy_may_cut(const LinkFacts *f);
/* How long after the last of so many cuts, none of which brought a heart rate, the next one may come. */
usec_t policy_cut_pause(unsigned cuts);
/* … StartNotify is tried again, after so many failures of which the last was such a one. */
usec_t policy_notify_pause(unsigned failures, SubscribeFailure failure);
