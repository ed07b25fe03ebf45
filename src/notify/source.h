/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"

#include "client/link.h"
#include "client/session-row.h"

/* cardiod on one bus: what it signals, and the few things we ask of it. */
typedef struct Source Source;

typedef enum SourceState {
        SOURCE_UNKNOWN, /* the bus has not answered yet */
        SOURCE_ABSENT,  /* nobody owns the name, or the bus cannot be reached */
        SOURCE_PRESENT,
        SOURCE_DENIED, /* cardiod is there, and we may not talk to it */
        _SOURCE_STATE_MAX,
        _SOURCE_STATE_INVALID = -EINVAL,
} SourceState;

typedef enum ReportType {
        REPORT_SESSION_STARTED,   /* session */
        REPORT_SESSION_ENDED,     /* session */
        REPORT_SESSION_DISCARDED, /* session */
        REPORT_OVER_LIMIT,        /* session and figures */
        REPORT_BACK_IN_RANGE,     /* session and figures */
        REPORT_ADVICE,            /* session, kind, text */
        REPORT_CUE,               /* session, text, seconds */
        _REPORT_TYPE_MAX,
        _REPORT_TYPE_INVALID = -EINVAL,
} ReportType;

typedef struct Report {
        ReportType type;
        int64_t session;
        const char *sensor;         /* its object path, of the two with figures; valid during the call */
        double heart_rate, ceiling; /* bpm, as they came */
        uint32_t seconds;
        const char *kind, *text; /* as they came, valid during the call */
} Report;

/* What a sensor announced. */
typedef struct SensorChange {
        const char *path;
        const char *state; /* NULL = as it was */
        int64_t session;   /* that is recorded from it; -1 = as it was */
} SensorChange;

typedef struct SourceFuncs {
        void (*state)(void *userdata, Source *s);
        /* After PRESENT: cardiod answered, or cannot. session 0 = none is being recorded, -1 = it did not
         * say. */
        void (*greeted)(void *userdata, Source *s, int64_t session);
        void (*report)(void *userdata, Source *s, const Report *report);
        void (*sensor)(void *userdata, Source *s, const SensorChange *change);
        /* row NULL: it cannot be had; gone: because cardiod left or does not answer, so that asking anew
         * makes sense. */
        void (*row)(void *userdata, int64_t session, const SessionRow *row, bool gone);
        /* reason NULL: done. */
        void (*snoozed)(void *userdata, const char *reason);
        void (*annotated)(void *userdata, int64_t session, const char *reason);
} SourceFuncs;

int source_new(sd_event *event, LinkKind kind, const SourceFuncs *funcs, void *userdata, Source **ret);
/* Connects; does nothing from the second time on. */
void source_start(Source *s);
Source *source_free(Source *s);
DEFINE_CLEANUP(Source *, source_free);

SourceState source_state(const Source *s);
LinkKind source_kind(const Source *s);
/* How many bpm above the ceiling are not too fast; 0 while it is not known. */
double source_tolerance(const Source *s);

/* The row with the coach's verdict; a snooze; and what the runner says of a session, under one of the keys of Annotate(). Each answers by its function above, later; one of each is under way at
 * a time, a new one takes the old one's place. Return 0 or a negative errno; then no answer follows. */
int source_get_row(Source *s, int64_t session);
int source_snooze(Source *s, uint32_t seconds);
int source_annotate(Source *s, int64_t session, const char *key, const char *value);
