/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/engine.h"
#include "cardio/macro.h"
#include "cardio/pace.h"
#include "cardio/ring.h"
#include "cardio/time.h"
#include "store/store.h"

/* A session that is being recorded. The core's facts about it become rows, which go into the store's queue and are on disk
 * after the next store_commit(). Nothing here signals or logs what it writes, so that live heart rates and a replayed file get
 * the same rows.
 *
 * Several can be open at a time, independent of each other. The store owns them: a writer is gone when its session is ended or
 * discarded, and with the store. NULL stands for a session that could not be begun: what is written to it is dropped. */

#define SESSION_WRITERS_MAX 4U

/* begin_usec: t = 0, on the clock of the facts. Returns the session's id, which is never used again even if the session is
 * discarded; -ENOBUFS or -ENOMEM if the queue has no room to begin one; or -EMFILE if too many are open. */
int64_t session_writer_begin(Store *s, const SessionHead *head, usec_t begin_usec, SessionWriter **ret);
/* Resumes a session that store_recover() has found, with its waiting writer o->writer. Returns 0, or an error as above, after
 * which it still waits; -ENOENT if it does not wait. */
int session_writer_resume(const OpenSession *o, usec_t begin_usec);

/* A session whose rows are put together in memory first, such as one that is imported: it is stored whole or not at all, by
 * whoever takes the writer once it is ended (store/import.h). It is its caller's, and has no id until then. Beyond the runner,
 * the tolerance and the ceiling nothing of head is looked at. Returns 0 or -ENOMEM. */
int session_writer_stage(Store *s, const SessionHead *head, usec_t begin_usec, SessionWriter **ret);
/* 0, or why a staged session is not whole: -ENOBUFS, or -ENOMEM. */
int session_writer_error(const SessionWriter *w);
SessionWriter *session_writer_free(SessionWriter *w); /* of a staged session, written or not */
DEFINE_CLEANUP(SessionWriter *, session_writer_free);

/* Writes a fact that has a row; ignores others. detail: for FACT_CEILING its expression, for FACT_STRAP the address. A session
 * begins and ends by the functions for it. */
void session_writer_fact(SessionWriter *w, const Fact *fact, const char *detail);
/* t: ms since the session's start on CLOCK_BOOTTIME; a t not later than the sample before is stored as 1 ms after it. */
void session_writer_sample(
                SessionWriter *w, int64_t t, const Sample *sample, const uint16_t *rr, size_t n_rr);
/* t as above, of what the pace came to by then; p->at_usec is not looked at. One with a t < 0, or not later than the row before, is
 * dropped. */
void session_writer_pace(SessionWriter *w, int64_t t, const PacePoint *p);
/* value NAN and detail NULL are stored as NULL. type is one of those in the schema. For "ceiling" value is the bpm in force
 * from t on. Returns 0, also for a session that is not written; or -ENOBUFS or -ENOMEM, which is logged. */
int session_writer_event(SessionWriter *w, int64_t t, const char *type, double value, const char *detail);
/* The clock was stepped, and store_set_clock() has been called: started_at moves by step_ms, and a `clock` event records the
 * step. */
void session_writer_clock(SessionWriter *w, int64_t t, int64_t step_ms);

/* Drops what is later than end_t, computes the figures and closes. resumable: the daemon stops, and the session may go on.
 * Returns the t it ends at: later than end_t by as much as the last heart rate was stored later than it was passed in. */
int64_t session_writer_end(SessionWriter *w, int64_t end_t, bool resumable);
void session_writer_discard(SessionWriter *w);
