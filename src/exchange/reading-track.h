/* SPDX-License-Identifier: MIT */
#pragma once

#include <math.h>

#include "exchange/reading-parse.h"

/* The records of one activity on their way to a target: each at a time of its own, which rises. */

typedef struct ReadingTrack {
        const ReadingTarget *target;
        ReadingActivity activity;
        bool open;           /* a heart rate has gone to the target */
        int64_t read_at, at; /* of the record before: as it was read, and as it was given */
        double distance;     /* of the last one with any, as it was read */
        double before;       /* the distance of the last one before the first heart rate */
        /* Of all activities. */
        bool any_heart_rate;
        unsigned skipped;
        bool warned_of_time, warned_of_heart_rate;
} ReadingTrack;

/* What one record says, as text and figures; NAN is not known, a heart rate of 0 neither. */
typedef struct ReadingPoint {
        char time[READING_TEXT_MAX];
        unsigned heart_rate;
        double speed, cadence, distance;
} ReadingPoint;

#define READING_POINT_NONE ((ReadingPoint){ .speed = NAN, .cadence = NAN, .distance = NAN })

/* Nothing is known of the activity that comes next, and no record has come. */
void reading_track_begin(ReadingTrack *track);

/* Gives a record, if there is something in it, its time can be and does not go back, and a heart rate has come by now. place is
 * where it stands. Returns 0 or the target's error. */
int reading_track_point(ReadingTrack *track, const ReadingPoint *point, const ReadingProblem *place);

/* Ends the activity if any record was given. */
int reading_track_end(ReadingTrack *track);

/* At the end of a file: r is an error, with its problem; 0; or above 0 for a file that is cut short, with the place. Ends the
 * activity of the latter, and warns of it and of any problem that was none. Without a heart rate the problem is that there is
 * nothing, in these words. Returns what the reader is to return. */
int reading_track_finish(ReadingTrack *track, int r, const char *nothing, ReadingProblem *problem);

/* A heart rate as text; 0 if it is not known. Words that are none are told once. */
unsigned reading_track_heart_rate(ReadingTrack *track, const char *text, const ReadingProblem *place);

/* A figure of 0 or more, else NAN. */
double reading_figure(const char *text);
