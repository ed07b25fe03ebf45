/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/intensity.h"
#include "cardio/limiter.h"
#include "cardio/measurement.h"
#include "cardio/recorder.h"
#include "cardio/ring.h"
#include "cardio/runner.h"
#include "cardio/sensor.h"
#include "cardio/silence.h"
#include "cardio/time.h"
#include "cardio/track.h"
#include "cardio/zones.h"

/* The way of a heart rate, whole:
 *
 *   bytes → measurement → (a heart rate at all?) → ring → smoother → zones → recorder → limiter → facts
 *
 * One entrance, engine_handle(): an event and the time in, facts out. Nothing here reads a clock, allocates, logs or
 * does I/O, so a stored run goes through the very code that watched it live. All times are CLOCK_BOOTTIME. */

/* A strap may not send more than a thousand heart rates a second, for each has a millisecond of its own; what is that much
 * ahead of the clock is dropped. */
#define ENGINE_AHEAD_USEC USEC_PER_SEC

typedef struct EngineConfig {
        Runner runner;
        Intensity ceiling;
        LimiterConfig limiter;
        ZoneTable zones;        /* bpm */
        double zone_hysteresis; /* bpm */
        SensorConfig sensor;
        bool trust_contact;
        usec_t window_usec;
        Intensity start_above;
        RecorderConfig recorder; /* .start_above, .effort_above and .resting are filled in */
} EngineConfig;

typedef enum EventType {
        EVENT_LINK, /* sensor, link; the first one takes the slot into use, and comes before any notification */
        EVENT_NOTIFICATION, /* sensor, value, size */
        EVENT_HEART_RATE, /* sensor, measurement: one that was taken for a heart rate before, such as a stored one */
        EVENT_TICK,  /* engine_deadline() was reached */
        EVENT_START, /* a session by hand, on any live strap: refused with -ENODEV, -EALREADY */
        EVENT_WHOLE, /* sensor, begin_usec: a session by hand of all the strap's heart rates from then on, as far as they are
                      * remembered; refused with -ENODEV if there is none, -EALREADY */
        EVENT_STOP,    /* refused with -ENOENT if nothing is recorded */
        EVENT_CEILING, /* intensity; NULL = back to the configuration */
        EVENT_HOLD, /* no session begins by itself from now on; refused with -EBUSY if one is recorded, unless
                             * all that it has seen is a strap put on: that one is discarded */
        EVENT_RELEASE, /* … until now; the strap worn until now needs effort to begin one */
        EVENT_SNOOZE,  /* length_usec, 0 = end it */
        EVENT_RESUME, /* sensor, by_hand, begin_usec, past, n_past, told, lost: a stored session goes on; refused with -EALREADY, and
                       * with -EINVAL if there is no heart rate, or times do not rise or are not past */
        EVENT_STOPPED, /* last_usec: a session was stopped by hand before the daemon was started again, and effort was
                        * last seen then; refused with -EALREADY, and with -EINVAL if it is not past */
        EVENT_SUSPEND, /* the daemon stops: the session ends at its last heart rate, to be resumed */
        EVENT_AWAKE,   /* the machine was suspended until now: nothing could be heard meanwhile */
        EVENT_BATTERY, /* sensor, percent, BATTERY_UNKNOWN = not any more; low: the runner was told that it is; refused with
                        * -ENODEV if the slot is not in use */
        EVENT_CONFIGURE, /* config */
        EVENT_FORGET, /* sensor: it is no longer ours; its slot is free again, but while a session is recorded from it
                       * for no other strap than the same one, come back */
        _EVENT_TYPE_MAX,
        _EVENT_TYPE_INVALID = -EINVAL,
} EventType;

/* A heart rate of a stored session. */
typedef struct PastSample {
        usec_t at_usec;
        double smoothed; /* bpm */
        bool counts;     /* sample_counts() */
        uint8_t zone;
} PastSample;

typedef struct Event {
        EventType type;
        unsigned sensor; /* 0..SENSORS_MAX-1, chosen by the caller */
        SensorLink link;
        const uint8_t *value;
        size_t size;
        const Measurement *measurement;
        bool late; /* notification: it may have waited, so that the same bytes again need be no copy */
        const Intensity *intensity;
        usec_t length_usec;
        bool by_hand;
        usec_t begin_usec, last_usec;
        const PastSample *past;
        size_t n_past;
        unsigned told; /* how often in that session that its strap was lost … */
        bool lost;     /* … and it was not back */
        int percent;
        bool low;
        const EngineConfig *config;
} Event;

typedef enum FactType {
        FACT_REJECTED,        /* sensor, reason: the notification was no heart rate */
        FACT_SENSOR,          /* sensor: its state or contact changed */
        FACT_HEART_RATE,      /* sample, rr, n_rr: a heart rate, recorded or not */
        FACT_SESSION_STARTED, /* at_usec = first kept heart rate */
        FACT_SAMPLE,          /* sample, rr, n_rr: a heart rate of the session */
        /* heart_rate, first_heart_rate, ceiling, length_usec so far, begins, announce; at_usec = its first heart rate above */
        FACT_OVER_LIMIT,
        /* heart_rate, ceiling, length_usec, announce: ends the breach; at_usec = its last heart rate above */
        FACT_BACK_IN_RANGE,
        FACT_GAP,          /* length_usec: from at_usec on, now over */
        FACT_CONTACT_LOST, /* the session's strap says, in a gap, that it has no contact */
        FACT_STALE,   /* the session's strap is silent, or frozen; length_usec = without a heart rate for */
        FACT_ZONE,    /* heart_rate, zone */
        FACT_CEILING, /* ceiling (NAN = none): another one is in force; also outside of sessions */
        FACT_SNOOZE,  /* length_usec, 0 = ended */
        FACT_STRAP,   /* the session goes on with another sensor */
        FACT_STRAP_LOST, /* the session's strap, in a run; at_usec = its last heart rate, length_usec = without one for */
        FACT_STRAP_BACK, /* it is, or if it switched another one; length_usec = without a heart rate before this one */
        FACT_BATTERY_LOW,   /* sensor, percent: the runner is to be told */
        FACT_BATTERY_RISEN, /* likewise: it may be told again */
        FACT_SESSION_ENDED, /* at_usec = last kept heart rate; resumable */
        FACT_SESSION_DISCARDED,
        _FACT_TYPE_MAX,
        _FACT_TYPE_INVALID = -EINVAL,
} FactType;

typedef enum Rejection {
        REJECTED_MALFORMED,
        REJECTED_DUPLICATE,
        REJECTED_NO_CONTACT,
        REJECTED_IMPLAUSIBLE,
        REJECTED_TOO_MANY,
        _REJECTION_MAX,
        _REJECTION_INVALID = -EINVAL,
} Rejection;

const char *rejection_to_string(Rejection reason);

typedef struct Fact {
        FactType type;
        unsigned sensor;
        usec_t at_usec;
        const Sample *sample; /* valid until the report function returns */
        const uint16_t *rr;   /* 1/1024 s, likewise */
        size_t n_rr;
        double heart_rate; /* smoothed, bpm; in force now */
        double first_heart_rate;
        double ceiling; /* bpm, NAN = none */
        usec_t length_usec;
        unsigned zone;
        int percent;
        Rejection reason;
        bool begins;   /* a breach begins here */
        bool announce; /* the runner is to be notified */
        bool resumable;
        bool switched; /* the session goes on with another strap from here on */
} Fact;

/* Called for each fact, in the order of happening. It must not call the engine. */
typedef void (*FactFunc)(void *userdata, const Fact *fact);

typedef struct Engine {
        EngineConfig config;
        Recorder recorder;
        Limiter limiter;
        Silence silence;
        bool overridden; /* the ceiling was set by command */
        Intensity override;
        double ceiling;  /* bpm in force, NAN = none */
        double smoothed; /* of the session's last heart rate, bpm; NAN = none yet */
        int zone;        /* likewise; -1 = none yet */
        /* When the session's silence becomes a gap, which is emitted once: that there is one, and that the strap has no
         * contact. */
        usec_t gap_usec; /* USEC_INFINITY = nothing is recorded */
        bool gap_emitted, contact_emitted;
        usec_t now_usec; /* of the last event: time never goes back */
        /* What a session keeps as its row has it, and what takes its place when it has ended. */
        ZoneTable next_zones;
        double next_tolerance;
        usec_t due_usec;   /* nothing changes by time alone before */
        unsigned n_tracks; /* one more than the highest ever used */
        Track track[SENSORS_MAX];
} Engine;

/* It is 2.5 MB, of which only the straps in use are ever touched: zero it (calloc) and begin. */
void engine_begin(Engine *e, const EngineConfig *config);

/* Returns 0, or the negative errno named at the event's type; then nothing has changed. */
int engine_handle(Engine *e, const Event *event, usec_t now_usec, FactFunc report, void *userdata);

/* When EVENT_TICK is due, USEC_INFINITY if never. It may then find nothing to do, and the next one is due later. */
usec_t engine_deadline(const Engine *e);

bool engine_recording(const Engine *e);

/* Nothing begins by itself before the runner has rested: a session was ended by command, and they ran on. */
bool engine_waits_for_rest(const Engine *e);

/* What is in force now, and whether a command set it. */
const Intensity *engine_ceiling(const Engine *e);

/* The newest heart rate of a strap while it is live, else NULL. */
const Sample *engine_latest(const Engine *e, unsigned sensor);
