/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cardio/pace.h"
#include "store/store.h"

/* The rows of pace that a session has, and what they come to. All inside a transaction that the caller has begun. */

/* In an earlier version sessions had pace, but not what it comes to. */
#define STORE_VERSION_PACE 11

int store_put_pace(Store *s, int64_t session, int64_t t, const PacePoint *p);
/* Drops what is later than the last heart rate, or than end_t if there is none. */
int store_trim_pace(Store *s, int64_t session, int64_t end_t);
/* Where it goes on from, m; NAN where no row says. */
int store_pace_reached(Store *s, int64_t session, double *ret_distance, double *ret_ascent);

/* Computes what the stored rows come to. */
int store_replay_pace(Store *s, int64_t session, PaceFigures *ret);
/* Writes that to the session's row. */
int store_put_pace_figures(Store *s, int64_t session, const PaceFigures *f);
/* Both, for all sessions that have pace and whose row does not say what it comes to. */
int store_figure_pace(Store *s);
