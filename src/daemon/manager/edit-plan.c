/* SPDX-License-Identifier: MIT */
/* What an edit makes of stored sessions. The heart rates go through the core once more; what it cannot find out from them, the
 * runner's marks, a workout's steps, the ceilings in force, what was noticed of straps and clocks, is handed on with its time.
 * No clock. */

#include "manager/edit-plan.h"

#include <math.h>
#include <string.h>

#include "cardio/day.h"
#include "local.h"
#include "manager/replay.h"

/* Heart rates this far before a stretch are heard, and not recorded: what was smoothed with them still is. */
#define HEARD_BEFORE_MS INT64_C(600000)

Stretch stretch_between(const StoreRaw *raw, int64_t from_t, int64_t to_t)
{
        Stretch s = { .raw = raw, .from_t = from_t, .to_t = to_t };

        while (s.first < raw->n_samples && raw->sample[s.first].t < from_t)
                s.first++;
        s.end = s.first;
        while (s.end < raw->n_samples && raw->sample[s.end].t < to_t)
                s.end++;
        return s;
}

Stretch stretch_whole(const StoreRaw *raw)
{
        return stretch_between(raw, INT64_MIN, INT64_MAX);
}

static int64_t first_t(const Stretch *s)
{
        return s->raw->sample[s->first].t;
}

static int64_t last_t(const Stretch *s)
{
        return s->raw->sample[s->end - 1].t;
}

/* What is added to the times of one to make them those of the whole, which begins with the first one. */
static int64_t shift_of(const Stretch *first, const Stretch *s)
{
        return s->raw->started_at - first->raw->started_at - first_t(first);
}

int64_t stretches_length(const Stretch *stretch, size_t n)
{
        return last_t(&stretch[n - 1]) + shift_of(&stretch[0], &stretch[n - 1]);
}

/* -- What was so at a time -- */

typedef struct Limit {
        double bpm; /* NAN = none */
        const char *expression;
} Limit;

/* A ceiling is in force for the heart rates from its time on. */
static Limit limit_at(const StoreRaw *raw, int64_t t)
{
        Limit limit = { raw->ceiling, raw->ceiling_expression };

        for (size_t i = 0; i < raw->n_events && raw->event[i].t <= t; i++)
                if (raw->event[i].type == SESSION_EVENT_CEILING)
                        limit = (Limit){ raw->event[i].value, raw->event[i].detail };
        return limit;
}

static bool limit_equal(const Limit *a, const Limit *b)
{
        bool same = a->bpm == b->bpm || (isnan(a->bpm) && isnan(b->bpm));

        return same && strcmp(a->expression ? a->expression : "", b->expression ? b->expression : "") == 0;
}

/* The address of the strap, NULL = not known. */
static const char *strap_at(const StoreRaw *raw, int64_t t)
{
        const char *address = raw->address;

        for (size_t i = 0; i < raw->n_events && raw->event[i].t <= t; i++)
                if (raw->event[i].type == SESSION_EVENT_STRAP && raw->event[i].detail)
                        address = raw->event[i].detail;
        return address;
}

/* The event that a pace which was too fast then began with, NULL = it was not. */
static const RawEvent *too_fast_at(const StoreRaw *raw, int64_t t)
{
        const RawEvent *began = NULL;

        for (size_t i = 0; i < raw->n_events && raw->event[i].t < t; i++)
                if (raw->event[i].type == SESSION_EVENT_OVER_PACE)
                        began = &raw->event[i];
                else if (raw->event[i].type == SESSION_EVENT_PACE_IN_RANGE)
                        began = NULL;
        return began;
}

/* -- Playing -- */

static int play_sample(SessionReplay *p, const StoreRaw *raw, size_t i, int64_t shift)
{
        const RawSample *sample = &raw->sample[i];

        return session_replay_heart_rate(p, sample->t + shift, sample->heart_rate, (Contact)sample->contact,
                        sample->n_rr > 0 ? raw->rr + sample->rr : NULL, sample->n_rr);
}

static void play_heard_before(SessionReplay *p, const Stretch *s)
{
        size_t i = s->first;

        while (i > 0 && s->raw->sample[i - 1].t >= first_t(s) - HEARD_BEFORE_MS)
                i--;
        for (; i < s->first; i++)
                (void)play_sample(p, s->raw, i, -first_t(s)); /* refused it would make no difference */
}

/* Only what the runner and the workout said outlives the heart rate that it was said at: it is of the nearest one. */
static void play_event(SessionReplay *p, const Stretch *s, const RawEvent *e, int64_t shift)
{
        bool outside = e->t < first_t(s) || e->t > last_t(s);
        int64_t t = e->t < first_t(s) ? first_t(s) : e->t > last_t(s) ? last_t(s) : e->t;

        if (e->t < s->from_t || e->t >= s->to_t)
                return;
        if (outside && e->type != SESSION_EVENT_MARK && e->type != SESSION_EVENT_STEP)
                return;
        if (e->type != SESSION_EVENT_CEILING)
                session_replay_event(p, t + shift, session_event_to_string(e->type), e->value, e->detail);
        else if (t > first_t(s)) /* else it is the one at the start */
                session_replay_ceiling(p, t + shift, e->value, e->detail);
}

/* A ceiling at a time is in force for the heart rate then; all else is of it. */
static bool comes_before(const RawEvent *e, int64_t t)
{
        return e->t < t || (e->t == t && e->type == SESSION_EVENT_CEILING);
}

static int play_stretch(SessionReplay *p, const Stretch *s, int64_t shift)
{
        const StoreRaw *raw = s->raw;
        const RawEvent *too_fast = too_fast_at(raw, first_t(s));
        size_t e = 0;
        int r = 0;

        if (too_fast) /* what is cut in the midst of it begins with it */
                session_replay_event(p, first_t(s) + shift, session_event_to_string(too_fast->type),
                                too_fast->value, NULL);
        for (size_t i = s->first; i < s->end && r == 0; i++) {
                for (; e < raw->n_events && comes_before(&raw->event[e], raw->sample[i].t); e++)
                        play_event(p, s, &raw->event[e], shift);
                r = play_sample(p, raw, i, shift);
        }
        for (; e < raw->n_events; e++)
                play_event(p, s, &raw->event[e], shift);
        return r;
}

/* Where two sessions meet, what the second one began with is news. */
static void play_seam(SessionReplay *p, const Stretch *before, const Stretch *s, int64_t shift)
{
        Limit was = limit_at(before->raw, last_t(before)), is = limit_at(s->raw, first_t(s));
        const char *had = strap_at(before->raw, last_t(before)), *has = strap_at(s->raw, first_t(s));

        if (!limit_equal(&was, &is))
                session_replay_ceiling(p, first_t(s) + shift, is.bpm, is.expression);
        if (has && (!had || strcmp(had, has) != 0))
                session_replay_event(p, first_t(s) + shift, "strap", NAN, has);
}

/* As its row has them; those of the configuration where that says nothing, or what another program wrote. */
static ZoneTable zones_of(const Config *config, const StoreRaw *raw)
{
        Runner runner = config_runner(config, (Date){ 0 }); /* whatever the age: only for the threshold */
        ZoneTable bpm;

        if (raw->runner.maximum > raw->runner.resting) {
                runner.resting = raw->runner.resting;
                runner.maximum = raw->runner.maximum;
        }
        if (config_zones(config, raw->zone_model, raw->zone_bounds, &runner, &bpm) < 0)
                return config_engine(config, &runner).zones;
        return bpm;
}

/* By the machine's zone, unless the session was recorded in another one. */
static int offset_at(const StoreRaw *raw, int64_t started_at)
{
        return local_offset_s(raw->started_at) == raw->utc_offset_s ? local_offset_s(started_at)
                                                                    : raw->utc_offset_s;
}

static void fill_in_pieces(const Stretch *stretch, size_t n, EditResult *ret)
{
        for (size_t i = 0; i < n; i++)
                ret->piece[i] = (EditPiece){ .session = stretch[i].raw->id,
                        .from_ms = first_t(&stretch[i]),
                        .to_ms = last_t(&stretch[i]),
                        .shift_ms = shift_of(&stretch[0], &stretch[i]),
                        .cut = stretch[i].first > 0 };
        ret->n_pieces = n;
}

static void fill_in(const Stretch *s, EditResult *ret)
{
        const StoreRaw *raw = s->raw;
        Limit limit = limit_at(raw, first_t(s));
        const char *strap = strap_at(raw, first_t(s));
        int64_t started_at = raw->started_at + first_t(s);

        ret->from = raw->id;
        ret->start_ms = first_t(s);
        ret->utc_offset_s = offset_at(raw, started_at);
        ret->other_day = day_of_moment(raw->started_at, raw->utc_offset_s) !=
                         day_of_moment(started_at, ret->utc_offset_s);
        ret->ceiling = limit.bpm;
        ret->ceiling_expression = limit.expression;
        ret->address = strap == raw->address ? NULL : strap;
}

int stretches_play(Store *store, const Config *config, const Stretch *stretch, size_t n, EditResult *ret,
                SessionWriter **ret_rows)
{
        _cleanup_(session_replay_freep) SessionReplay *p = NULL;
        SessionReplayHead head;
        int r;

        fill_in(&stretch[0], ret);
        fill_in_pieces(stretch, n, ret);
        head = (SessionReplayHead){ .runner = stretch[0].raw->runner,
                .ceiling = ret->ceiling,
                .tolerance = stretch[0].raw->tolerance,
                .zones = zones_of(config, stretch[0].raw) };
        r = session_replay_begin(store, config, &head, &p);
        if (r == 0)
                play_heard_before(p, &stretch[0]);
        for (size_t i = 0; i < n && r == 0; i++) {
                int64_t shift = shift_of(&stretch[0], &stretch[i]);

                if (i > 0)
                        play_seam(p, &stretch[i - 1], &stretch[i], shift);
                r = play_stretch(p, &stretch[i], shift);
        }
        if (r == 0)
                r = session_replay_end(p, ret_rows);
        if (r == 0)
                ret->rows = *ret_rows;
        return r;
}
