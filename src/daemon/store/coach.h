/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cardio/coach.h"
#include "store/store.h"

/* What the coach reads from the database, and what the runner enters. All functions here commit the queue first, so that they
 * see the present state, and change the database at once, in one transaction: a function that fails has stored nothing.
 * Besides what is documented they return -EBUSY if another program has locked the file, or the negative errno of a disk that
 * refuses.
 *
 * Figures and texts are checked by the caller: annotation_check(), body_scan_check(), and the limits in cardio/. */

/* Size of the longest name of a VerdictKey. */
#define STORE_VERDICT_MAX 16U

/* -- Reading -- */

/* Between true and false many rows are read in a row: statements stay prepared. */
void store_batch(Store *s, bool begins);

/* Everything known for a date, for coach_day(). */
int store_get_coach_facts(Store *s, Day date, CoachFacts *ret);

/* A finished session, for coach_verdict(). */
typedef struct StoreRun {
        CoachRun run;
        Day date; /* of its start, by the runner's clock */
        bool imported;
        Kind day_kind;                   /* what that day was for when it began, _KIND_INVALID = not known */
        double percent_reserve;          /* its mean heart rate, NAN = not known */
        char verdict[STORE_VERDICT_MAX]; /* as stored, "" = none */
} StoreRun;

/* -ENOENT if there is none, or it is still being recorded. */
int store_get_run(Store *s, int64_t id, StoreRun *ret);

/* What the base runs of the last STORE_BASE_PACE_DAYS dates before a date come to, those of STORE_BASE_PACE_METRES and more. */
#define STORE_BASE_PACE_DAYS   42
#define STORE_BASE_PACE_METRES 1000
typedef struct StoreBasePace {
        double speed; /* m/s, over the time that moved; NAN = there are none */
        unsigned n_runs;
        double distance_m;
} StoreBasePace;
int store_get_base_pace(Store *s, Day today, StoreBasePace *ret);

/* Reports the row of table `day`, as store_get_session() does. -ENOENT if nothing was entered for that date. */
int store_get_day(Store *s, Day date, StoreColumnFunc func, void *userdata);

/* -- Resting heart rate -- */

typedef struct RestingRow {
        int64_t taken_at; /* Unix ms */
        bool measured; /* measured just now, at boot_ms on CLOCK_BOOTTIME, so it is corrected when the clock is set */
        int64_t boot_ms;
        Day date;
        double heart_rate;  /* bpm */
        double rmssd, sdnn; /* ms, NAN = not known */
        double pnn50;       /* per cent, NAN = not known */
        unsigned seconds;   /* duration of the measurement, 0 = not known */
        const char *source; /* "strap", or "manual" for one that the runner enters */
} RestingRow;

/* Returns its id. */
int64_t store_add_resting(Store *s, const RestingRow *row);
/* -ENOENT if there is none. What is removed is overwritten in the file. */
int store_remove_resting(Store *s, int64_t id);

/* -- Races -- */

typedef struct RaceRow {
        Day date;
        Distance distance;
        const char *note; /* NULL or "" = none */
        bool hilly;
} RaceRow;

int64_t store_add_race(Store *s, const RaceRow *row);
int store_remove_race(Store *s, int64_t id);

/* -- What the runner enters -- */

/* For a session, which may still be recorded. -ENOENT if there is none. */
int store_annotate(Store *s, int64_t id, const Annotation *a);

/* For a date: writes table `day` and, for what hurts, table `pain`, where it stands until it is withdrawn. */
int store_put_day(Store *s, Day date, const BodyScan *scan);

/* Stores verdicts on sessions, all or none of them. */
typedef struct StoreVerdict {
        int64_t session;
        VerdictKey key;
} StoreVerdict;
int store_put_verdicts(Store *s, const StoreVerdict *verdict, size_t n);

/* A run without a strap. */
typedef struct ManualSession {
        int64_t started_at; /* Unix ms */
        int utc_offset_s;
        unsigned minutes; /* 1..MANUAL_MINUTES_MAX */
        Annotation annotation;
} ManualSession;

#define MANUAL_MINUTES_MAX 1440U

/* Returns its id. */
int64_t store_add_session(Store *s, const ManualSession *m);
