/* SPDX-License-Identifier: MIT */

/* What foot pods and treadmills say: any bytes, at any times, over any links. A series of items, each of a byte that says what it is,
 * one of the time since the one before, one of its length, and so many bytes: a value of either characteristic, or a row as a
 * database may hold it. Whatever comes: what is known is a number of a runner, distances and ascents never fall. No clock. */

#include "cardio/pace.h"

#include <math.h>
#include <string.h>

#include "cardio/measurement.h"
#include "cardio/running-speed.h"
#include "cardio/treadmill.h"
#include "fuzz.h"

enum {
        ITEM_TREADMILL = 1 << 0, /* else a foot pod */
        ITEM_ROW = 1 << 1,       /* else a value */
        ITEM_NEW_LINK = 1 << 7,
};

typedef struct Device {
        PaceSource source;
        PacePoint last;
        int link;
} Device;

typedef struct World {
        usec_t now_usec;
        Device device[2];
        Treadmill treadmill;
        PaceTrip trip;
        PacePoint last; /* of the session */
        PaceSmoother smoother;
        PaceFigures figures, rows;
        double distance, ascent, rows_distance; /* as figures had it */
} World;

static bool unknown_or(double value, double least, double most)
{
        return isnan(value) || (value >= least && value <= most);
}

/* Once known it stays known, and does not fall. */
static bool goes_on(double before, double after)
{
        return isnan(before) || after >= before;
}

static void check_reading(const PaceReading *r)
{
        check(unknown_or(r->speed, 0, PACE_SPEED_MAX));
        check(unknown_or(r->cadence, 0, 254));
        check(unknown_or(r->distance, 0, UINT32_MAX / 10.0));
        check(unknown_or(r->incline, -100, 100));
        check(unknown_or(r->ascent, 0, 6553.4));
        check(r->heart_rate == 0 || (r->heart_rate >= HEART_RATE_MIN && r->heart_rate <= HEART_RATE_MAX));
}

static void begin_link(World *w, Device *d)
{
        pace_source_begin(&d->source);
        d->last = (PacePoint){ .distance = NAN, .ascent = NAN };
        d->link++;
        if (d == &w->device[1])
                w->treadmill = (Treadmill){ 0 };
}

static void check_figures(World *w, const PacePoint *p)
{
        double distance, speed;

        pace_figures_add(&w->figures, (int64_t)(w->now_usec / USEC_PER_MSEC), p);
        distance = pace_figures_distance(&w->figures);
        speed = pace_figures_speed(&w->figures);
        check(goes_on(w->distance, distance) && (isnan(distance) || isfinite(distance)));
        check(isnan(speed) || (isfinite(speed) && speed >= 0));
        check(unknown_or(pace_figures_ascent(&w->figures), 0, 1e9));
        check(w->figures.moved_s >= 0 && w->figures.moved_s <= (double)w->now_usec / 1e6 + 1e-3);
        w->distance = distance;
}

static void take_reading(World *w, Device *d, const PaceReading *r)
{
        PacePoint p = { 0 }, q = { 0 };
        double smoothed = pace_smoother_add(&w->smoother, w->now_usec, r->speed);

        check(unknown_or(smoothed, 0, PACE_SPEED_MAX));
        check_reading(r);
        if (!pace_source_add(&d->source, r, w->now_usec, &p)) {
                check(w->now_usec <= d->last.at_usec);
                return;
        }
        check(p.at_usec == w->now_usec);
        check(goes_on(d->last.distance, p.distance) && (isnan(p.distance) || isfinite(p.distance)));
        check(goes_on(d->last.ascent, p.ascent) && (isnan(p.ascent) || isfinite(p.ascent)));
        d->last = p;

        if (!pace_trip_add(&w->trip, d->link * 2 + (d == &w->device[1]), &p, &q)) {
                check(w->now_usec <= w->last.at_usec);
                return;
        }
        check(q.at_usec == w->now_usec);
        check(goes_on(w->last.distance, q.distance) && (isnan(q.distance) || isfinite(q.distance)));
        check(unknown_or(q.ascent, w->ascent, 1e9));
        w->last = q;
        if (!isnan(q.ascent))
                w->ascent = q.ascent;
        check_figures(w, &q);
}

static void take_value(World *w, unsigned item, const uint8_t *value, size_t size)
{
        Device *d = &w->device[item & ITEM_TREADMILL ? 1 : 0];
        PaceReading r = { 0 };

        if (item & ITEM_NEW_LINK)
                begin_link(w, d);
        if (item & ITEM_TREADMILL) {
                if (treadmill_take(&w->treadmill, value, size, w->now_usec, &r) <= 0)
                        return;
        } else if (!running_speed_parse(value, size, &r)) {
                check(size < 4);
                return;
        }
        take_reading(w, d, &r);
}

/* Rows that nobody has looked at: any bits are a number. */
static void take_row(World *w, const uint8_t *data, size_t size)
{
        double number[4] = { NAN, NAN, NAN, NAN };
        double distance, speed;

        memcpy(number, data, size < sizeof(number) ? size : sizeof(number));
        pace_figures_add(&w->rows, (int64_t)(w->now_usec / USEC_PER_MSEC),
                        &(PacePoint){ .speed = number[0],
                                        .distance = number[1],
                                        .incline = number[2],
                                        .ascent = number[3] });
        distance = pace_figures_distance(&w->rows);
        speed = pace_figures_speed(&w->rows);
        check(goes_on(w->rows_distance, distance) && (isnan(distance) || isfinite(distance)));
        check(isnan(speed) || (isfinite(speed) && speed >= 0));
        check(isnan(pace_figures_ascent(&w->rows)) ||
                        (isfinite(pace_figures_ascent(&w->rows)) && pace_figures_ascent(&w->rows) >= 0));
        w->rows_distance = distance;
}

/* Up to 12 s in steps of 0.05 s, then whole minutes. */
static usec_t time_of(uint8_t byte)
{
        return byte <= 240 ? byte * 50 * USEC_PER_MSEC : (byte - 240) * USEC_PER_MIN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        World w = {
                .now_usec = USEC_PER_SEC, .distance = NAN, .rows_distance = NAN, .last = { .distance = NAN }
        };

        for (unsigned i = 0; i < 2; i++)
                begin_link(&w, &w.device[i]);
        pace_smoother_clear(&w.smoother);
        pace_figures_begin(&w.figures);
        pace_figures_begin(&w.rows);
        while (size >= 3) {
                size_t length = data[2] < size - 3 ? data[2] : size - 3;

                w.now_usec += time_of(data[1]);
                if (data[0] & ITEM_ROW)
                        take_row(&w, data + 3, length);
                else
                        take_value(&w, data[0], data + 3, length);
                data += 3 + length;
                size -= 3 + length;
        }
        return 0;
}
