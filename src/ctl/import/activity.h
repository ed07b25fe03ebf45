/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/macro.h"
#include "import/wire.h"

/* The activities of one file, collected from what the process that reads it says, of which nothing is believed. */

/* Of one activity; each is far beyond what 24 hours bring. */
#define ACTIVITY_SAMPLES_MAX     200000U
#define ACTIVITY_RR_MAX          400000U
#define ACTIVITY_PACE_MAX        200000U
#define ACTIVITY_EVENTS_MAX      10000U
#define ACTIVITY_EVENTS_KEPT_MAX 4096U
#define ACTIVITIES_MAX           1000U /* of a file, which together are no more than five of the largest */

typedef struct ActivitySample {
        int64_t at; /* Unix ms, as are the others */
        uint16_t heart_rate;
        uint8_t contact;
} ActivitySample;

typedef struct ActivityRr {
        int64_t at;
        uint16_t rr; /* 1/1024 s */
} ActivityRr;

typedef struct ActivityPace {
        int64_t at;
        WirePace pace;
} ActivityPace;

typedef struct ActivityEvent {
        int64_t at;
        WireEvent event;
} ActivityEvent;

typedef struct Activity {
        ReadingActivity whole;
        char content[CONTENT_STRING_MAX];
        unsigned number; /* in the file, from 1 on */
        ActivitySample *samples;
        ActivityRr *rr;
        ActivityPace *pace;
        ActivityEvent *events;
        size_t n_samples, n_rr, n_pace, n_events;
        size_t a_samples, a_rr, a_pace, a_events; /* allocated */
        size_t implausible;                       /* heart rates that are none, left out */
} Activity;

/* What is in one file, as it comes. */
typedef struct FileContents {
        Activity *activities;
        size_t n_activities, a_activities;
        bool open;        /* the last one has not ended */
        size_t n_records; /* of all of them */
        ReadingProblem *warnings;
        size_t n_warnings;
        int format;        /* of import_formats, negative = of none */
        bool any;          /* an activity has begun */
        ReadResult result; /* READ_DIED until it is said */
        int error;
        ReadingProblem problem;
} FileContents;

#define FILE_WARNINGS_MAX 50U

void contents_begin(FileContents *c);
void contents_done(FileContents *c);
#define _cleanup_contents_ _cleanup_(contents_done)

/* Takes the whole records that bytes begin with, and sets ret_used to how much that was. Returns 0 or, if they are not what a
 * reader says, -EBADMSG; -E2BIG beyond one of the limits, in words in `problem`. */
int contents_take(FileContents *c, const uint8_t *bytes, size_t size, size_t *ret_used);

/* Makes a session of an activity: times are UTC, and nothing is from before its first heart rate or after its last. now: Unix ms.
 * Returns 0, or -EINVAL with the problem, if it is none that could be taken. */
int activity_finish(Activity *a, int64_t now, ReadingProblem *ret_problem);

/* Of one that is finished. ms; bpm, each heart rate as long as until the next, at most some seconds of it. */
int64_t activity_length(const Activity *a);
double activity_average(const Activity *a);
