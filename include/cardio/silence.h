/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/ring.h"
#include "cardio/time.h"

/* Decides when the runner must know that nothing is recorded: a run goes on, and its strap has been lost.
 *
 *             silent for a minute, in effort                    a heart rate
 *   HEARD ─────────────────────────────────────▶ LOST ──────────────────────────────▶ HEARD
 *
 * A strap that is taken off after the run is silent, too. What tells the two apart is the heart rate before: in a run it is
 * above where effort begins and has not just fallen, and it is no cool-down, which is far below what is usual in the session.
 * That is judged once a silence, when the minute is over; and the runner is told at most twice a session.
 *
 * The minute is one in which heart rates were waited for: it begins anew when the machine wakes up, and when the session
 * is taken up again after a restart. What is no gap, by a longer stale-after, is no loss either; and of a sensor that sends so
 * seldom that no heart rate is ever settled nothing is known. */

#define SILENCE_LOST_USEC USEC_PER_MIN
#define SILENCE_TOLD_MAX  2U
/* A heart rate that is so far below the median of the time before has just fallen. */
#define SILENCE_FALL        15 /* bpm */
#define SILENCE_BEFORE_USEC (2 * USEC_PER_MIN)
/* Heart rates that are gone by, one a second. */
#define SILENCE_VALUES_MAX 122U

typedef struct Silence {
        bool recording;
        bool lost;          /* the runner was told, and the strap is not back */
        bool judged;        /* this silence was, whatever came of it */
        unsigned told;      /* so often in this session */
        usec_t last_usec;   /* last heart rate, 0 = none yet */
        usec_t since_usec;  /* the minute began then */
        usec_t length_usec; /* how long it is */
        /* Heart rates that count, each a second or more after the one before it. */
        unsigned first, n;
        double last; /* the last of all, bpm; NAN = none yet */
        usec_t value_usec;
        struct {
                usec_t at_usec;
                double smoothed;
        } value[SILENCE_VALUES_MAX];
} Silence;

/* A session begins, or ends. */
void silence_begin(Silence *s);
void silence_end(Silence *s);

/* One was taken up again, after its heart rates: so often was the runner told in it before; lost: and the strap was not back. */
void silence_resume(Silence *s, unsigned told, bool lost, usec_t now_usec);

/* A heart rate of the session; stale_usec: a longer silence is a gap. Returns whether a strap that
 * was lost is back. */
bool silence_heart_rate(Silence *s, const Sample *sample, usec_t stale_usec);

/* Heart rates are waited for from now on only. */
void silence_listen(Silence *s, usec_t now_usec);

/* What a heart rate is above in a run: what effort is above, or if that is higher, what a cool-down is not above; usual: the
 * median of the session's heart rates, 0 = not known. All in bpm. */
double silence_effort_above(double effort, double resting, double usual);

/* Whether the strap is lost now, and the runner is to be told. */
bool silence_tick(Silence *s, double above, usec_t now_usec);

/* When silence_tick() has something to do, USEC_INFINITY if never. */
usec_t silence_deadline(const Silence *s);
