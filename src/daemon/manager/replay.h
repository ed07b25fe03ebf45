/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "cardio/runner.h"
#include "cardio/zones.h"
#include "config/config.h"
#include "store/writer.h"

/* Heart rates of a file, or of stored sessions, become the rows of one session: by a core of its own, which the live one and its
 * session know nothing of, and by the same code. The first heart rate to the last is one session, whatever lies between
 * them; nothing is trimmed, ended by a gap, or discarded.
 *
 *   session_replay_begin → heart rates, ceilings and events, in order of their times → session_replay_end
 *
 * t is ms from the session's start, of the heart rates at most SESSION_REPLAY_T_MAX, and rises from one to the next. What comes
 * out is a staged SessionWriter, to be stored by whoever knows the session's row; until then nothing is stored, and a replay
 * that is freed without it never was.
 *
 * The rows are those that were recorded, but for what no row holds:
 * - Before a session's start its strap had been heard: the first heart rates are smoothed with those, and so settled, and have
 *   their zone's hysteresis. Whoever has them adds them first, with t < 0: they are none of the session's.
 * - Where a link was lost, or a session went over to another strap, other heart rates may have been in the window, and the time
 *   that is a gap learnt anew.
 * - The window, the hysteresis, and what is stale or frozen are as configured now.
 * What was noticed or told at the time, stale, contact-lost, snooze, battery, clock, strap, trouble, and the runner's own marks
 * and steps, is not found again: the caller hands it over by session_replay_event(), or there is none. */
typedef struct SessionReplay SessionReplay;

/* What the row of the session says, or is to say. */
typedef struct SessionReplayHead {
        Runner runner;
        double ceiling;   /* bpm, at its start; NAN = none */
        double tolerance; /* bpm */
        ZoneTable zones;  /* bpm */
} SessionReplayHead;

#define SESSION_REPLAY_T_MAX INT64_C(86400000) /* a day */

/* config: the window, the hysteresis, what is stale or frozen, and a breach's hold and clear. Returns 0 or -ENOMEM. */
int session_replay_begin(
                Store *store, const Config *config, const SessionReplayHead *head, SessionReplay **ret);
SessionReplay *session_replay_free(SessionReplay *p);
DEFINE_CLEANUP(SessionReplay *, session_replay_free);

/* HEART_RATE_MIN to HEART_RATE_MAX bpm; rr in 1/1024 s, at most MEASUREMENT_RR_MAX. Returns 0, or -EINVAL if it is none of that or
 * t does not rise. */
int session_replay_heart_rate(SessionReplay *p, int64_t t, uint16_t heart_rate, Contact contact,
                const uint16_t *rr, size_t n_rr);
/* Another ceiling from t on; NAN = none. expression: as it was set, NULL = not known. */
void session_replay_ceiling(SessionReplay *p, int64_t t, double bpm, const char *expression);
/* Any other event that no replay finds, as it was. */
void session_replay_event(SessionReplay *p, int64_t t, const char *type, double value, const char *detail);

/* Ends it at its last heart rate. Returns 0, and in ret the writer, ended, with all its rows; -ENODATA if there was no heart rate;
 * or -ENOBUFS or -ENOMEM if there was no room for all of them. */
int session_replay_end(SessionReplay *p, SessionWriter **ret);
