/* SPDX-License-Identifier: MIT */
#pragma once

#include "coach-fixture.h"

/* What the tests of edits share: sessions as a daemon has stored them, made by hand, and all that a database holds. */

#define EDIT_CONFIG RUN_RUNNER RUN_STORAGE "[ceiling]\nceiling = 65%hrr\n"

/* A session of one heart rate a second: from 110 bpm on up to 170, again and again, with R-R intervals; over its ceiling of
 * 141 bpm for some of each ten minutes. */
typedef struct EditRun {
        int64_t id;
        int64_t days;               /* after today: negative */
        unsigned start_s, length_s; /* after its day's beginning, by the runner's clock; how long */
        unsigned gap_s, gap_end_s;  /* no heart rates between the two; 0 = there is no gap */
        const char *more;           /* SQL to run on it, NULL = none */
} EditRun;

/* cardiod, in a zone where it is noon now, on a database with these runs. */
void edit_daemon(Harness *h, const EditRun *run, size_t n);
/* One more, beside the daemon, which is to be started again: it gives the next ids from memory. */
void edit_put_run(Harness *h, const EditRun *run);
/* The first moment of a run, Unix ms. */
int64_t edit_start(const EditRun *run);

/* Edits it by one time, in ms from its start. Returns the id of the last session that comes of it. */
int64_t edit_by(Harness *h, int64_t id, const char *key, uint64_t ms);
int64_t edit_trim(Harness *h, int64_t id, uint64_t from_ms, uint64_t to_ms);
int64_t edit_merge(Harness *h, int64_t id, int64_t other);
void edit_undo(Harness *h, int64_t id);

/* Each value of each row of each table, as it is stored, but for what has nothing to do with sessions. To be freed. */
char *edit_dump(Harness *h);
/* Runs SQL on the database, beside the daemon. */
void edit_meddle(Harness *h, const char *sql);
void edit_assert_same(const char *is, const char *was);
