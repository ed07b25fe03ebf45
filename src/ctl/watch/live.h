/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/credit.h"
#include "cardio/pace.h"
#include "cardio/recorder.h"
#include "cardio/sensor-kind.h"
#include "cardio/time.h"
#include "client/follower-event.h"
#include "client/session-row.h"
#include "client/strap-state.h"
#include "watch/trace.h"

/* What is known, at this moment, of the watched daemon. Pure: what comes from the bus is put in, with the time, and the
 * views read it. Times are of the live clock, see live-clock.h. */

/* As many as the daemon has: the runner's own may be the last one of a full room that it tells of. */
#define LIVE_STRAPS_MAX SENSORS_MAX
#define LIVE_TEXT_MAX   128U
#define LIVE_REASON_MAX 512U
#define LIVE_RR_MAX     16U
/* A pace that is older is none. */
#define LIVE_PACE_USEC (10 * USEC_PER_SEC)
/* Seconds of heart rates that are kept. */
#define LIVE_HISTORY_S 3600U

typedef struct LiveStrap {
        char path[LIVE_TEXT_MAX], address[LIVE_TEXT_MAX], name[LIVE_TEXT_MAX], contact[LIVE_TEXT_MAX];
        SensorKind kind;
        StrapState state;
        bool configured;  /* one of the runner's; else it is only there because of a scan */
        unsigned battery; /* per cent, CARDIO_BATTERY_UNKNOWN */
        int64_t session;  /* 0 = none */
        /* From the last measurement; 0 = none. */
        unsigned heart_rate, zone;
        double smoothed;
        usec_t measured_usec;
        Credit credit;            /* the credit of its heart rates */
        uint16_t rr[LIVE_RR_MAX]; /* 1/1024 s */
        size_t n_rr;
        double alpha1;                     /* NAN = not available, … */
        char alpha1_reason[LIVE_TEXT_MAX]; /* … and why; "" = it is, or that is not known */
        /* From the last signal Pace, which is of any kind of sensor; 0 = none. */
        usec_t paced_usec;
        double speed;    /* m/s, the mean of the last seconds once there are enough of them */
        double cadence;  /* steps per min, NAN = not known */
        double incline;  /* per cent, NAN = not known */
        double distance; /* m since it connected, NAN = not known */
        PaceSmoother smoother;
} LiveStrap;

typedef struct LiveSession {
        int64_t id; /* 0 = nothing is being recorded */
        char kind[LIVE_TEXT_MAX];
        usec_t started_usec;
        double tolerance; /* bpm, NAN = not known */
        double over_s;
        int64_t breaches;
        bool breach;           /* there is a breach now … */
        bool breach_signalled; /* … known by a signal, and another one ends it; else by the database only */
        /* Time over from the breach's first heart rate above to its last one so far, and the time over added since then. */
        double breach_s, since_above_s;
        usec_t above_usec; /* the last heart rate above, since when the heart rate has not settled below; 0 = none */
        double distance;  /* m so far, 0 = none is known */
        bool pace_breach; /* too fast by pace, known by a signal, and another one ends it */
} LiveSession;

/* The current step of a workout. */
typedef struct LiveWorkout {
        char name[LIVE_TEXT_MAX]; /* "" = none runs */
        char step[LIVE_TEXT_MAX]; /* "" before the first step */
        unsigned number, steps;   /* which, of how many */
        uint64_t ends_usec;       /* Unix time, of the step's end */
} LiveWorkout;

/* What the daemon has said to be wrong, the most important first. */
typedef enum LiveTrouble {
        LIVE_TROUBLE_DISK,
        LIVE_TROUBLE_STRAP,
        LIVE_TROUBLE_BATTERY, /* has no end: it is said for a while */
        _LIVE_TROUBLE_MAX,
        _LIVE_TROUBLE_INVALID = -EINVAL,
} LiveTrouble;

typedef struct Live {
        Reach reach;
        bool own_only;            /* only the session bus is looked at */
        char database_path[4096]; /* "" = not known */
        double ceiling;           /* bpm, 0 = none */
        char ceiling_expression[LIVE_TEXT_MAX];
        char ceiling_reason[LIVE_REASON_MAX];
        double pace_limit; /* m/s, 0 = none */
        char pace_reason[LIVE_REASON_MAX];
        bool miles;                    /* paces and distances are shown in */
        char bluetooth[LIVE_TEXT_MAX]; /* a key of cardio/bus-api.h, "" = not known */
        bool waits_for_rest;           /* a session cannot begin by itself yet */
        unsigned waiting;              /* entries that could not be written to the database yet */
        LiveWorkout workout;
        char trouble[_LIVE_TROUBLE_MAX][LIVE_REASON_MAX]; /* in words, "" = none */
        char trouble_news[LIVE_REASON_MAX];               /* what was said last, also of an end */
        usec_t battery_usec;                              /* when that was said */
        double resting, maximum;                          /* bpm, 0 = not known */
        uint64_t snoozed_until_usec;                      /* Unix time, 0 = not snoozed */
        LiveSession session;
        LiveStrap strap[LIVE_STRAPS_MAX];
        size_t n_straps;
        /* The highest smoothed heart rate of each second, of the strap shown; 0 = none. */
        float history[LIVE_HISTORY_S];
        uint64_t history_end_s; /* the newest second */
        Trace trace;            /* of the session, and of the last one once that has ended */
} Live;

/* The strap shown: the session's, else the one closest to live. NULL if the runner has none. */
const LiveStrap *live_strap(const Live *l);

/* The same if it has a heart rate, else NULL. */
const LiveStrap *live_strap_with_heart_rate(const Live *l);

/* Whether smoothed is above ceiling and tolerance, in a session: time that counts as over. */
bool live_is_over(const Live *l);

/* The sensor that tells the pace now: one that moves before one that stands; a treadmill before a foot pod before a strap that has
 * a pace, too. NULL if none does. */
const LiveStrap *live_pace(const Live *l, usec_t now_usec);

/* Whether that pace is faster than the limit and its tolerance. */
bool live_is_over_pace(const Live *l, usec_t now_usec);

/* The highest of the seconds (from, to], NAN if they have no heart rate. */
double live_history(const Live *l, uint64_t from_s, uint64_t to_s);

/* -- Putting in -- */

/* Resets everything but the history and the trace. */
void live_lose(Live *l, Reach reach);

/* Properties of the manager: all, or those that have changed. */
void live_put_manager(Live *l, const ManagerProperties *properties, usec_t now_usec);

/* Properties of the coach: all, or those that have changed. */
void live_put_coach(Live *l, const CoachProperties *properties);

/* Whether the workout's step asks for more than an easy run: then no heart rate is too fast. */
bool live_is_hard_step(const Live *l);

/* The signal Trouble. Returns whether the runner is to be called: not for an end, nor for a battery that is low. */
bool live_put_trouble(Live *l, const FollowerTrouble *trouble, usec_t now_usec);

/* The most important one, NULL = none. */
const char *live_trouble(const Live *l, usec_t now_usec);

/* Properties of a strap: all, or those that have changed. A strap beyond LIVE_STRAPS_MAX is ignored. */
void live_put_strap(Live *l, const char *path, const SensorProperties *properties);
void live_drop_strap(Live *l, const char *path);

/* Returns false if the strap is not the one shown, or not known. */
bool live_put_measurement(Live *l, const FollowerMeasurement *m, usec_t now_usec);

/* Returns false if the sensor is not the one that tells the pace, or not known. */
bool live_put_pace(Live *l, const FollowerPace *pace, usec_t now_usec);

/* How far the session has come, as the daemon has it: m, NAN = not known. Between two answers the sensor's counter goes on. */
void live_put_distance(Live *l, double distance);

/* A heart rate from the database, for the last minutes. */
void live_put_past(Live *l, double smoothed, usec_t at_usec);

/* The session that is being recorded, begun at that time. */
void live_put_start(Live *l, int64_t session, usec_t started_usec);

/* The reply to GetSession(). */
void live_put_session(Live *l, const SessionRow *row, usec_t now_usec);

/* The credit of the heart rates from the database: the strap shown continues from it, unless it has begun already. */
void live_put_credit(Live *l, const Credit *credit);

/* A breach, known already or not, and its length until now; signalled: known by a signal. */
void live_put_breach(Live *l, double length_s, bool signalled);
/* The same for the trace: the breach has lasted from then on. */
void live_trace_breach(Live *l, usec_t began_usec, usec_t now_usec);
void live_end_breach(Live *l);
