/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "cardio/time.h"
#include "properties.h"
#include "reach.h"

/* The events that a follower of org.cardiod1 emits. Texts and arrays are valid during the call only. */

typedef enum FollowerEventType {
        /* Where the daemon is. */
        FOLLOWER_UNREACHABLE, /* a bus cannot be reached, or is lost: bus, error */
        FOLLOWER_APPEARED, /* a daemon is there, perhaps another one than before: bus. Whatever was known of it is void. */
        FOLLOWER_READY,  /* it has answered all the questions asked at the beginning, or refused them */
        FOLLOWER_SILENT, /* it has not answered them in time; follower_ask() asks again */
        FOLLOWER_LOST,   /* there is none: bus, error, reach, which is neither PRESENT nor SILENT */

        /* Properties: all of them at the beginning, then those that change. */
        FOLLOWER_MANAGER,
        FOLLOWER_COACH,
        FOLLOWER_SENSOR_ADDED,
        FOLLOWER_SENSOR_CHANGED,
        FOLLOWER_SENSOR_REMOVED, /* has its path only */

        /* Signals. */
        FOLLOWER_MEASUREMENT,
        FOLLOWER_PACE,
        FOLLOWER_SESSION_STARTED,
        FOLLOWER_SESSION_ENDED,
        FOLLOWER_SESSION_DISCARDED,
        FOLLOWER_OVER_LIMIT,
        FOLLOWER_BACK_IN_RANGE,
        FOLLOWER_OVER_PACE,
        FOLLOWER_PACE_IN_RANGE,
        FOLLOWER_ADVICE,
        FOLLOWER_CUE,
        FOLLOWER_TROUBLE,
        _FOLLOWER_EVENT_TYPE_MAX,
        _FOLLOWER_EVENT_TYPE_INVALID = -EINVAL,
} FollowerEventType;

typedef struct FollowerPlace {
        BusKind bus;
        int error; /* negative errno of the connection to it; 0 = it is connected */
        Reach reach;
} FollowerPlace;

typedef struct FollowerSensor {
        const char *path;
        SensorProperties properties;
} FollowerSensor;

typedef struct FollowerMeasurement {
        const char *path; /* of its sensor */
        usec_t realtime_usec;
        uint16_t heart_rate; /* bpm */
        double smoothed;     /* bpm */
        uint8_t zone;
        const uint16_t *rr; /* 1/1024 s */
        size_t n_rr;
} FollowerMeasurement;

/* What a foot pod or a treadmill says; NAN = not known. */
typedef struct FollowerPace {
        const char *path; /* of its sensor */
        usec_t realtime_usec;
        double speed;    /* m/s */
        double cadence;  /* steps per min, of both feet */
        double distance; /* m since it connected */
        double incline;  /* per cent */
} FollowerPace;

typedef struct FollowerSession {
        int64_t id;
        usec_t at_realtime_usec; /* when it started; 0 = not known */
} FollowerSession;

typedef struct FollowerLimit {
        int64_t session;
        const char *sensor;         /* its object path */
        double heart_rate, ceiling; /* bpm, as received */
        uint32_t seconds;           /* how long it has been above */
} FollowerLimit;

/* The same of a pace. */
typedef struct FollowerPaceLimit {
        int64_t session;
        const char *sensor;  /* its object path */
        double speed, limit; /* m/s, as received */
        uint32_t seconds;    /* how long it has been too fast */
} FollowerPaceLimit;

typedef struct FollowerAdvice {
        int64_t session;
        const char *kind, *text;
} FollowerAdvice;

typedef struct FollowerCue {
        int64_t session;
        const char *cue;
        uint32_t seconds;
} FollowerCue;

typedef struct FollowerTrouble {
        const char *kind, *text;
} FollowerTrouble;

typedef struct FollowerEvent {
        FollowerEventType type;
        union {
                FollowerPlace place;
                ManagerProperties manager;
                CoachProperties coach;
                FollowerSensor sensor;
                FollowerMeasurement measurement;
                FollowerPace pace;
                FollowerSession session;
                FollowerLimit limit;
                FollowerPaceLimit pace_limit;
                FollowerAdvice advice;
                FollowerCue cue;
                FollowerTrouble trouble;
        };
} FollowerEvent;

typedef void (*FollowerFunc)(void *userdata, const FollowerEvent *event);

/* Reads a signal. Returns 1 if it is an event, 0 if it is none, or a negative errno if it is malformed. The caller checks
 * the sender. */
int follower_event_read_signal(sd_bus_message *m, FollowerEvent *ret);

/* Read the reply to GetAll() of an interface, and the one to GetManagedObjects(), for which func is called once per sensor.
 * Return 0 or a negative errno. */
int follower_event_read_properties(sd_bus_message *m, const char *interface, FollowerEvent *ret);
int follower_event_read_objects(sd_bus_message *m, FollowerFunc func, void *userdata);
