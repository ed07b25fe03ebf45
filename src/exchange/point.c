/* SPDX-License-Identifier: MIT */

/* Points of a session, one by one: no more than two are held. Pure, no clock. */

#include "exchange/point.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void point_maker_begin(PointMaker *m, const ExchangeSession *session, PointFn fn, void *userdata)
{
        *m = (PointMaker){
                .fn = fn,
                .userdata = userdata,
                .phase = (session->started_at % 1000 + 1000) % 1000,
                .length = session->length,
                .has_pace = session->has_pace,
        };
}

/* Of the clock, counted from the one in which the session began. */
static int64_t second_of(const PointMaker *m, int64_t t)
{
        return t / 1000 + (t % 1000 + m->phase) / 1000;
}

static bool is_of_one_second(const PointMaker *m, const Point *a, const Point *b)
{
        return second_of(m, a->t) == second_of(m, b->t);
}

/* -- Points -- */

static int close_open(PointMaker *m)
{
        if (!m->is_open)
                return 0;
        m->is_open = false;
        return m->fn(m->userdata, &m->open);
}

/* Whether what waits is the first pace behind a heart rate that has none, and of its second. */
static bool is_of_open(const PointMaker *m)
{
        return m->is_waiting && m->is_open && !m->open.has_pace && is_of_one_second(m, &m->open, &m->waiting);
}

/* The next heart rate does not get it. */
static int settle_waiting(PointMaker *m)
{
        int r;

        if (!m->is_waiting)
                return 0;
        if (is_of_open(m)) {
                m->open.has_pace = true;
                m->open.pace = m->waiting.pace;
                m->is_waiting = false;
                return 0;
        }
        r = close_open(m);
        m->is_waiting = false;
        return r < 0 ? r : m->fn(m->userdata, &m->waiting);
}

/* What has the time of the heart rate that comes now is of that. */
static int close_before(PointMaker *m, int64_t t)
{
        bool is_late = m->is_waiting && second_of(m, t) - second_of(m, m->waiting.t) > 1;
        int r = is_late || (is_of_open(m) && m->waiting.t != t) ? settle_waiting(m) : 0;

        return r < 0 ? r : close_open(m);
}

static void open_heart_rate(PointMaker *m, const ExchangeItem *item)
{
        m->open = (Point){ .t = item->t,
                .has_heart_rate = true,
                .has_pace = m->is_waiting,
                .sample = item->sample,
                .pace = m->waiting.pace };
        m->is_open = true;
        m->is_waiting = false;
        m->length = item->t > m->length ? item->t : m->length;
}

/* -- Pace -- */

static double within(double value, double least, double most)
{
        return value >= least && value <= most ? value : NAN;
}

/* False if nothing is left. */
static bool plausible(PointMaker *m, const ExchangePace *pace, ExchangePace *ret)
{
        ret->speed = within(pace->speed, 0, POINT_SPEED_MAX);
        ret->cadence = within(pace->cadence, 0, POINT_CADENCE_MAX);
        ret->distance = within(pace->distance, m->distance, POINT_DISTANCE_MAX);
        ret->incline = within(pace->incline, -POINT_INCLINE_MAX, POINT_INCLINE_MAX);
        ret->ascent = within(pace->ascent, 0, POINT_DISTANCE_MAX);
        if (!isnan(ret->distance))
                m->distance = ret->distance;
        return !isnan(ret->speed) || !isnan(ret->cadence) || !isnan(ret->distance) || !isnan(ret->incline);
}

static int take_pace(PointMaker *m, const ExchangeItem *item)
{
        Point point = { .t = item->t, .has_pace = true };
        int r = 0;

        if (!m->has_pace || item->t > m->length || !plausible(m, &item->pace, &point.pace))
                return 0;
        if (is_of_open(m) || (m->is_waiting && !is_of_one_second(m, &m->waiting, &point)))
                r = settle_waiting(m);
        m->waiting = point;
        m->is_waiting = true;
        return r;
}

int point_maker_item(PointMaker *m, const ExchangeItem *item)
{
        int r;

        if (item->t < m->last)
                return -EINVAL;
        m->last = item->t;
        if (item->type == EXCHANGE_PACE)
                return take_pace(m, item);
        if (item->type == EXCHANGE_EVENT && strcmp(item->event.type, "step") == 0) {
                r = settle_waiting(m); /* or it would be in the lap behind its own */
                if (r < 0)
                        return r;
        }
        r = close_before(m, item->t);
        if (r == 0 && item->type == EXCHANGE_SAMPLE)
                open_heart_rate(m, item);
        return r;
}

int point_maker_end(PointMaker *m)
{
        int r = settle_waiting(m);

        return r < 0 ? r : close_open(m);
}

/* -- Sums -- */

void pace_sum_begin(PaceSum *s)
{
        *s = (PaceSum){ .distance = NAN };
        pace_figures_begin(&s->figures);
}

void pace_sum_go_on(PaceSum *s)
{
        double ascent = pace_figures_ascent(&s->figures);

        s->from = isnan(s->distance) ? s->from : s->distance;
        s->cadence = 0;
        s->n_cadence = 0;
        s->ascent_from = isnan(ascent) ? s->ascent_from : ascent;
}

void pace_sum_add(PaceSum *s, const Point *point)
{
        PacePoint p = { .speed = point->pace.speed,
                .cadence = point->pace.cadence,
                .distance = point->pace.distance,
                .incline = point->pace.incline,
                .ascent = point->pace.ascent };

        if (!point->has_pace)
                return;
        pace_figures_add(&s->figures, point->t, &p);
        if (!isnan(point->pace.distance))
                s->distance = point->pace.distance;
        if (point->pace.cadence * 64 >= 63.5) { /* one that a file can say: FIT counts 1/64 of a step */
                s->cadence += point->pace.cadence;
                s->n_cadence++;
        }
}

double pace_sum_distance(const PaceSum *s)
{
        return s->distance - s->from;
}

double pace_sum_speed(const PaceSum *s, int64_t ms)
{
        return ms > 0 ? pace_sum_distance(s) * 1000 / (double)ms : NAN;
}

double pace_sum_cadence(const PaceSum *s)
{
        return s->n_cadence > 0 ? s->cadence / (double)s->n_cadence : NAN;
}

double pace_sum_ascent(const PaceSum *s)
{
        double ascent = pace_figures_ascent(&s->figures);

        return isnan(ascent) ? NAN : fmax(0, ascent - s->ascent_from);
}
