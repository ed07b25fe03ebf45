/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/coach.h"
#include "cardio/limiter.h"
#include "cardio/pace.h"
#include "cardio/parse.h"
#include "cardio/sensor.h"
#include "cardio/treadmill.h"
#include "manager/time.h"
#include "store/store.h"

typedef struct Manager Manager;

/* What foot pods and treadmills say, on its way to the bus and the session's rows, and how fast a recovery run may be. They never
 * begin, end or change a session. */

/* A sensor that measures pace: part of KnownStrap, zero until one has said something. */
typedef struct PaceSensor {
        PaceFormat format; /* of its values */
        int link;          /* a number of its own for each link, 0 = no value on this link */
        unsigned links;    /* on which it has sent */
        usec_t linked_usec;
        PaceSource source;
        Treadmill treadmill;
        usec_t heard_usec; /* its last value on this link, 0 = none; … */
        usec_t moved_usec; /* … the last that was more than standing, and … */
        usec_t ran_usec;   /* … more than walking, on any link */
} PaceSensor;

/* Points of the source in force, from before a session began: as far back as one may begin. */
#define PACE_PAST_MAX 2048U
typedef struct PacePast {
        uint64_t n; /* ever added */
        struct {
                int link;
                PacePoint point;
        } entry[PACE_PAST_MAX];
} PacePast;

typedef struct Pace {
        Deadline deadline; /* when a sensor falls silent */
        int links;         /* so far */
        int source; /* whose points go into the session, -1 = none has sent, or it was forgotten; … */
        char address[ADDRESS_STRING_MAX]; /* … which is this one, or was */
        PacePast *past;                   /* NULL = nothing was ever sent */
        PaceSmoother smoother;
        double speed;     /* smoothed, m/s */
        usec_t last_usec; /* the last point of the source in force */
        bool recording;   /* a session, with: */
        PaceTrip trip;
        Limiter limiter;
} Pace;

/* A value of a sensor, at this time of the core's clock. */
void pace_value(Manager *m, unsigned number, PaceFormat format, const uint8_t *value, size_t size,
                usec_t at_usec);
/* Its link is another one than before. */
void pace_link(Manager *m, unsigned number, SensorLink before, usec_t now_usec);
/* It is not the runner's any more: its number may become another one's. */
void pace_forget(Manager *m, unsigned number);
/* The deadline is reached. */
void pace_silent(Manager *m, usec_t now_usec);
/* The state of a foot pod or treadmill. */
SensorState pace_state(const Manager *m, unsigned number, usec_t now_usec);

/* A session has begun, with what was run since then; goes on after the daemon was started again; is over. */
void pace_session_begins(Manager *m);
void pace_session_resumes(Manager *m, const OpenSession *open);
void pace_session_ends(Manager *m);
/* Nothing is said until then; 0 = something may be said from now on. */
void pace_mute(Manager *m, usec_t until_usec, usec_t now_usec);

/* The fastest speed that the day in force or what the runner said allows, m/s; NAN = none. */
double pace_limit_in_force(const Manager *m);
/* Why there is that limit, or none. Returns buf. */
#define PACE_REASON_MAX 160U
const char *pace_reason(const Manager *m, char buf[static PACE_REASON_MAX]);

/* Something that sees running sees it, or did a short while ago; a treadmill was seen stopping. */
bool pace_sees_running(const Manager *m, usec_t now_usec);
bool pace_saw_treadmill_stop(const Manager *m, usec_t now_usec);

void pace_end(Pace *p);
