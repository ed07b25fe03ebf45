/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/credit.h"
#include "cardio/time.h"
#include "client/follower-event.h"
#include "client/session-row.h"

/* What is known, at this moment, of a daemon that is being watched. Pure: whoever listens to the bus puts in
 * what it hears, with the time, and whoever shows it reads. Times are CLOCK_BOOTTIME. */

#define LIVE_STRAPS_MAX 16U
#define LIVE_TEXT_MAX   128U
#define LIVE_REASON_MAX 512U
#define LIVE_RR_MAX     16U
/* Seconds of heart rate that are remembered. */
#define LIVE_HISTORY_S 3600U

/* State of org.cardiod1.Sensor, from least to most of it; names from another version are STRAP_ABSENT. */
typedef enum StrapState {
        STRAP_ABSENT,
        STRAP_CONNECTING,
        STRAP_STALE,
        STRAP_NO_CONTACT,
        STRAP_LIVE,
        _STRAP_STATE_MAX,
        _STRAP_STATE_INVALID = -EINVAL,
} StrapState;

const char *strap_state_to_string(StrapState state);

typedef struct Strap {
        char path[LIVE_TEXT_MAX], address[LIVE_TEXT_MAX], name[LIVE_TEXT_MAX], contact[LIVE_TEXT_MAX];
        StrapState state;
        bool configured;  /* the runner's; else it is only there because somebody scans */
        unsigned battery; /* per cent, CARDIO_BATTERY_UNKNOWN */
        int64_t session;  /* 0 = none */
        /* Of the last measurement; 0 = there was none. */
        unsigned heart_rate, zone;
        double smoothed;
        usec_t measured_usec;
        Credit credit;            /* what its heart rates are worth */
        uint16_t rr[LIVE_RR_MAX]; /* 1/1024 s */
        size_t n_rr;
} Strap;

typedef struct LiveSession {
        int64_t id; /* 0 = none is being recorded */
        char kind[LIVE_TEXT_MAX];
        usec_t started_usec;
        double tolerance; /* bpm, NAN = not known */
        double over_s;
        int64_t breaches;
        bool breach;      /* it is open … */
        bool breach_told; /* … by a signal, and another one tells its end; else only by the database */
        /* Time over from the breach's first heart rate above to its last one so far, and what has been added to over_s
         * since that. */
        double breach_s, since_above_s;
} LiveSession;

/* What is to be done now in a workout. */
typedef struct LiveWorkout {
        char name[LIVE_TEXT_MAX]; /* "" = none runs */
        char step[LIVE_TEXT_MAX]; /* "" before its first one */
        unsigned number, steps;   /* which, of how many */
        uint64_t ends_usec;       /* Unix time, of the step */
} LiveWorkout;

typedef struct Live {
        Reach reach;
        bool own_only;            /* only a daemon on the session bus is looked for */
        char database_path[4096]; /* "" = not told */
        double ceiling;           /* bpm, 0 = none */
        char ceiling_expression[LIVE_TEXT_MAX];
        char ceiling_reason[LIVE_REASON_MAX];
        char bluetooth[LIVE_TEXT_MAX]; /* a key of cardio/bus-api.h, "" = not known */
        bool waits_for_rest;           /* nothing begins by itself yet */
        unsigned waiting;              /* entries that the disk refuses */
        LiveWorkout workout;
        double resting, maximum;     /* bpm, 0 = not told */
        uint64_t snoozed_until_usec; /* Unix time, 0 = not snoozed */
        LiveSession session;
        Strap strap[LIVE_STRAPS_MAX];
        size_t n_straps;
        /* The highest smoothed heart rate of each second, of the strap that is shown; 0 = none. */
        float history[LIVE_HISTORY_S];
        uint64_t history_end_s; /* the newest of them */
} Live;

/* The strap that counts: of the session, else the one that tells most. NULL if the runner has none. */
const Strap *live_strap(const Live *l);

/* The same if it has a heart rate, else NULL. */
const Strap *live_heart(const Live *l);

/* Smoothed is above ceiling and tolerance, in a session: time that counts as over. */
bool live_is_over(const Live *l);

/* The highest of the seconds (from, to], NAN if there was no heart rate. */
double live_history(const Live *l, uint64_t from_s, uint64_t to_s);

/* -- Putting in -- */

/* Everything but the history is unknown again. */
void live_lose(Live *l, Reach reach);

/* Properties of the manager, or those that have changed. */
void live_put_manager(Live *l, const ManagerProperties *properties, usec_t now_usec);

/* Properties of the coach, or those that have changed. */
void live_put_coach(Live *l, const CoachProperties *properties);

/* A workout's step that asks for more than an easy run does: whatever the heart rate, it is not too fast. */
bool live_is_hard_step(const Live *l);

/* Properties of a strap, or those that have changed. A strap beyond LIVE_STRAPS_MAX is passed over. */
void live_put_strap(Live *l, const char *path, const SensorProperties *properties);
void live_drop_strap(Live *l, const char *path);

/* Returns false if it is of a strap that is not shown, or that is not known. */
bool live_put_measurement(Live *l, const FollowerMeasurement *m, usec_t now_usec);

/* A heart rate of the past. */
void live_put_past(Live *l, double smoothed, usec_t at_usec);

/* The session that is being recorded, begun at that time. */
void live_put_start(Live *l, int64_t session, usec_t started_usec);

/* The answer to GetSession(). */
void live_put_session(Live *l, const SessionRow *row, usec_t now_usec);

/* What the heart rates of the past were worth: the strap that is shown goes on from there, unless it has begun to. */
void live_put_credit(Live *l, const Credit *credit);

/* A breach, known or not known of so far, and its length until now; told by a signal or not. */
void live_put_breach(Live *l, double length_s, bool told);
void live_end_breach(Live *l);
