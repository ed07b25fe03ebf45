/* SPDX-License-Identifier: MIT */
#pragma once

/* The stored rows of a session: while it is recorded, when it is closed or resumed. All inside a transaction that the caller
 * has begun. */

#include <stdbool.h>
#include <stdint.h>

#include "store/figures.h"
#include "store/store.h"

int store_put_event(
                Store *s, int64_t session, int64_t t, SessionEvent type, double value, const char *detail);
/* Writes figures to the session's row, and its zones. */
int figures_write(Store *s, int64_t session, const Figures *f);

/* Initialises figures with the session's head: runner, tolerance and ceiling at its start. Returns as below. */
int store_session_head(Store *s, int64_t session, Figures *ret);
/* Computes the figures of a stored session. Returns 0, -ENOENT if there is no such session, or a negative errno. */
int store_replay(Store *s, int64_t session, Figures *ret);
/* Inside a transaction: trims a session to end_t, computes its figures and closes it at its last heart
 * rate. */
int store_close_session(Store *s, int64_t session, int64_t end_t, bool resumable);
/* Its events alone: to be called again for a resumable one that did not go on. */
int store_trim_events(Store *s, int64_t session, int64_t end_t, bool resumable);
int store_remove_session(Store *s, int64_t session);
