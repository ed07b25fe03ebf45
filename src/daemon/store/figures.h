/* SPDX-License-Identifier: MIT */
#pragma once

/* The figures of a session: computed as it is recorded, or from what is stored. */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "cardio/pace.h"
#include "cardio/tally.h"

typedef enum SessionEvent {
        SESSION_EVENT_OVER_LIMIT,
        SESSION_EVENT_BACK_IN_RANGE,
        SESSION_EVENT_GAP,
        SESSION_EVENT_CONTACT_LOST,
        SESSION_EVENT_STALE,
        SESSION_EVENT_ZONE,
        SESSION_EVENT_CEILING,
        SESSION_EVENT_SNOOZE,
        SESSION_EVENT_BATTERY,
        SESSION_EVENT_CLOCK,
        SESSION_EVENT_STRAP,
        SESSION_EVENT_MARK,
        SESSION_EVENT_STEP,
        SESSION_EVENT_TROUBLE,
        SESSION_EVENT_OVER_PACE,
        SESSION_EVENT_PACE_IN_RANGE,
        _SESSION_EVENT_MAX,
        _SESSION_EVENT_INVALID = -EINVAL,
} SessionEvent;

const char *session_event_to_string(SessionEvent type);
SessionEvent session_event_from_string(const char *s);

/* A breach begins and ends with its first and last heart rate above, which are known only later: while recording, events carry
 * times in the past. In stored sessions events are in order, and only there the open breach is followed. */
typedef struct Figures {
        Tally tally;
        unsigned breaches;
        double longest_breach_s;
        struct {
                bool open, begins; /* begins: with the next heart rate */
                int64_t began_over_ms;
                int64_t ended_t, ended_over_ms; /* last heart rate above so far */
        } breach;
        PaceFigures pace;
        struct {
                bool open;
                int64_t began_t;
                double began_speed;
        } pace_breach;
} Figures;

void figures_begin(Figures *f, const Runner *runner, double tolerance, double ceiling);
void figures_sample(Figures *f, int64_t t, uint16_t heart_rate, double smoothed, unsigned zone, bool counts);
void figures_event(Figures *f, int64_t t, SessionEvent type, double value);
/* The rows of pace apart from the others, in order. */
void figures_pace(Figures *f, int64_t t, const PacePoint *p);
/* For a stored session: for how many seconds the open breach has been over, and the t of its last heart rate above; NAN if
 * none is open. */
double figures_open_breach(const Figures *f, int64_t *ret_ended_t);
/* Likewise the speed where the open breach of pace ended, for want of a better one that of the last row, and its t. */
double figures_open_pace_breach(const Figures *f, int64_t *ret_ended_t);
