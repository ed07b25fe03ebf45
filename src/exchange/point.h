/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cardio/pace.h"
#include "exchange/exchange.h"

/* Heart rates and how fast it went, put together: files of other programs, but for JSON, have one record for each moment, with all
 * that is known of it. A strap and a foot pod say something each second, but not at the same time.
 *
 * - Each heart rate is a point, at its own time. It has the newest pace that came since the point before it, of its second or of
 *   the one before, unless a step is between them; or else the first one behind it, of its second, unless any event is.
 * - Any other pace, as where the strap was silent, is a point of its own; of several in one second it is the newest.
 *
 * So the newest pace of each second is in a point, and as the way between is in its distance, nothing of that is lost. Nothing is
 * repeated and nothing made up: a heart rate without a pace near to it has none. Written again with these times, and the same
 * steps, nothing changes any more.
 *
 * A figure that no runner has, and a distance that goes back, is not known. What was after the last heart rate is in no file: by that
 * time the session was over. */

#define POINT_SPEED_MAX    100.0 /* m/s */
#define POINT_CADENCE_MAX  400.0 /* steps per min, of both feet */
#define POINT_DISTANCE_MAX 1e7   /* m */
#define POINT_INCLINE_MAX  100.0 /* per cent, up or down */

typedef struct Point {
        int64_t t;
        bool has_heart_rate, has_pace; /* one or both */
        ExchangeSample sample;
        ExchangePace pace;
} Point;

/* Returns 0 or a negative errno. */
typedef int (*PointFn)(void *userdata, const Point *point);

typedef struct PointMaker {
        PointFn fn;
        void *userdata;
        int64_t phase;  /* ms of its second that had passed when the session began */
        int64_t length; /* ms, to the last heart rate */
        int64_t last;   /* t of the last item */
        bool has_pace;  /* of the session */
        double distance;
        bool is_open, is_waiting;
        Point open;    /* a heart rate whose second may still get a pace */
        Point waiting; /* a pace that may be one of the next heart rate */
} PointMaker;

/* fn is called with each point, in order of time. */
void point_maker_begin(PointMaker *m, const ExchangeSession *session, PointFn fn, void *userdata);

/* Takes any item of the session, before its writer looks at it: points that are complete by then are given, and so all those
 * before an event, and before a step, which may begin a lap, also a pace that waits. R-R intervals are of the next point with a
 * heart rate. Both return 0, what fn returned, or -EINVAL for a t that goes back. */
int point_maker_item(PointMaker *m, const ExchangeItem *item);
int point_maker_end(PointMaker *m);

/* What points come to, of a lap or a session. */
typedef struct PaceSum {
        double from;     /* the distance before it, 0 at first */
        double distance; /* the last one, NAN = none is known */
        double cadence;  /* of all that are not 0 */
        uint64_t n_cadence;
        PaceFigures figures; /* since the session's start */
        double ascent_from;  /* the ascent before it */
} PaceSum;

void pace_sum_begin(PaceSum *s);
/* The next lap begins where one ends. */
void pace_sum_go_on(PaceSum *s);
void pace_sum_add(PaceSum *s, const Point *point);

/* NAN = not known. The speed is the distance over the whole time, which is what readers divide as well. */
double pace_sum_distance(const PaceSum *s);
double pace_sum_speed(const PaceSum *s, int64_t ms);
double pace_sum_cadence(const PaceSum *s);
/* By the machine's counter, or else by incline and distance. */
double pace_sum_ascent(const PaceSum *s);
