/* SPDX-License-Identifier: MIT */
#pragma once

/* A core to run tests on: it is fed packets at times of the test's choosing, ticks come at its deadlines as they do in
 * the daemon, and each fact it emits is kept. What must hold whatever happens is checked at every fact. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cardio/engine.h"
#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

/* An R-R interval that goes with a heart rate, 1/1024 s. */
#define RR_OF(bpm) ((uint16_t)(60 * 1024 / (bpm)))

#define EMITTED_MAX    16384U
#define EMITTED_RR_MAX 20U

typedef struct Emitted {
        Fact fact;       /* its pointers are not followed */
        usec_t now_usec; /* when it was emitted */
        Sample sample;
        uint16_t rr[EMITTED_RR_MAX];
} Emitted;

typedef struct World {
        Engine *engine;
        usec_t now_usec;
        bool lazy; /* no ticks: time moves with the packets only */
        size_t n_emitted;
        Emitted emitted[EMITTED_MAX];

        bool recording, begun, breach, announced;
        usec_t begin_usec, sample_usec, ended_usec;
        usec_t announced_usec; /* the last time that an OverLimit was announced */
} World;

/* -- What always holds -- */

static inline void check_session(World *w, const Fact *f)
{
        if (f->type == FACT_SESSION_STARTED) {
                assert_false(w->recording);
                assert_true(f->at_usec >= w->ended_usec);
                w->recording = true;
                w->begun = false;
                w->begin_usec = f->at_usec;
        } else if (f->type == FACT_SAMPLE) {
                assert_true(w->recording);
                /* By hand it may begin before its first heart rate, else with it. */
                if (w->begun)
                        assert_true(f->at_usec > w->sample_usec);
                else if (w->engine->recorder.by_hand)
                        assert_true(f->at_usec >= w->begin_usec);
                else
                        assert_true(f->at_usec == w->begin_usec);
                w->begun = true;
                w->sample_usec = f->at_usec;
        } else {
                assert_true(w->recording && !w->breach && (w->begun || w->engine->recorder.by_hand));
                assert_true(f->at_usec >= w->begin_usec);
                assert_true(f->at_usec <= (w->begun ? w->sample_usec : w->begin_usec));
                w->recording = false;
                w->ended_usec = f->at_usec;
        }
}

static inline void check_breach(World *w, const Fact *f)
{
        assert_true(w->recording);
        assert_false(isnan(f->ceiling));
        assert_true(f->at_usec >= w->begin_usec && f->at_usec <= w->sample_usec);
        assert_true(f->length_usec <= w->sample_usec - f->at_usec || f->type == FACT_BACK_IN_RANGE);
        if (f->type == FACT_OVER_LIMIT) {
                assert_true(f->begins ? !w->breach : w->breach);
                assert_true(f->begins || f->announce);
                assert_true(f->heart_rate > f->ceiling);
                if (f->announce) {
                        /* As heart rates have it, in whole milliseconds. */
                        usec_t now_usec = w->now_usec - w->now_usec % USEC_PER_MSEC;
                        if (w->announced_usec > 0)
                                assert_true(now_usec >=
                                                w->announced_usec + w->engine->config.limiter.repeat_usec);
                        w->announced_usec = now_usec;
                }
                w->announced = f->announce || (w->breach && w->announced);
                w->breach = true;
        } else {
                assert_true(w->breach);
                assert_int_equal(f->announce, w->announced);
                w->breach = w->announced = false;
        }
}

static inline void world_report(void *userdata, const Fact *f)
{
        World *w = userdata;
        Emitted *t = &w->emitted[w->n_emitted++];

        assert_true(w->n_emitted < EMITTED_MAX);
        assert_true(f->type >= 0 && f->type < _FACT_TYPE_MAX);
        /* A heart rate has a millisecond of its own, which may be a little ahead of the clock. */
        assert_true(f->at_usec > 0 && f->at_usec <= w->now_usec + ENGINE_AHEAD_USEC);
        t->fact = *f;
        t->now_usec = w->now_usec;
        if (f->sample) {
                assert_true(f->n_rr == f->sample->n_rr || f->at_usec < w->now_usec);
                assert_int_equal(f->at_usec % USEC_PER_MSEC, 0);
                assert_true(f->sample->heart_rate >= HEART_RATE_MIN &&
                                f->sample->heart_rate <= HEART_RATE_MAX);
                t->sample = *f->sample;
                memcpy(t->rr, f->rr,
                                (f->n_rr < EMITTED_RR_MAX ? f->n_rr : EMITTED_RR_MAX) * sizeof(t->rr[0]));
        }
        if (f->type == FACT_SESSION_STARTED || f->type == FACT_SAMPLE || f->type == FACT_SESSION_ENDED ||
                        f->type == FACT_SESSION_DISCARDED)
                check_session(w, f);
        if (f->type == FACT_OVER_LIMIT || f->type == FACT_BACK_IN_RANGE)
                check_breach(w, f);
}

/* -- The world -- */

/* The shipped configuration, for the runner of the handbook's example: 23 years, resting 50. Ceiling 145.55 bpm, limit
 * 147.55, start-above 94.1. */
static inline EngineConfig world_config(void)
{
        EngineConfig c = {
                .runner = { .resting = 50, .maximum = 197 },
                .ceiling = { INTENSITY_PERCENT_RESERVE, 65 },
                .limiter = { .tolerance = 2,
                                .hold_usec = SEC(10),
                                .clear_usec = SEC(15),
                                .repeat_usec = SEC(60) },
                .zone_hysteresis = 1,
                .sensor = { .stale_usec = 0, .frozen_usec = SEC(120) },
                .trust_contact = true,
                .window_usec = SEC(5),
                .start_above = { INTENSITY_PERCENT_RESERVE, 30 },
                .recorder = { .start_after_usec = SEC(20),
                                .pre_roll_usec = SEC(30),
                                .end_after_usec = SEC(300),
                                .cool_down_usec = SEC(120),
                                .min_duration_usec = SEC(120),
                                .switch_after_usec = SEC(30) },
        };
        const ZoneTable bounds = zone_model_default(ZONE_MODEL_HRR);

        assert_int_equal(zone_table_resolve(ZONE_MODEL_HRR, &bounds, &c.runner, &c.zones), 0);
        return c;
}

static inline void world_end(World *w)
{
        free(w->engine);
        free(w);
}
DEFINE_CLEANUP(World *, world_end);
#define _cleanup_world_ _cleanup_(world_endp)

/* Events up to a time, as the daemon's timer delivers them. */
static inline void world_advance(World *w, usec_t to_usec)
{
        const Event tick = { .type = EVENT_TICK };
        usec_t deadline;

        while (!w->lazy && (deadline = engine_deadline(w->engine)) <= to_usec) {
                if (deadline > w->now_usec)
                        w->now_usec = deadline;
                assert_int_equal(engine_handle(w->engine, &tick, w->now_usec, world_report, w), 0);
                assert_true(engine_deadline(w->engine) > w->now_usec);
        }
        w->now_usec = to_usec;
}

static inline void world_wait(World *w, double seconds)
{
        world_advance(w, w->now_usec + SEC(seconds));
}

static inline int world_send(World *w, Event event)
{
        return engine_handle(w->engine, &event, w->now_usec, world_report, w);
}

static inline void world_link(World *w, unsigned sensor, SensorLink link)
{
        assert_int_equal(world_send(w, (Event){ .type = EVENT_LINK, .sensor = sensor, .link = link }), 0);
}

/* One strap, connected; nothing emitted yet. */
static inline World *world_new(const EngineConfig *c)
{
        World *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        w->engine = calloc(1, sizeof(*w->engine));
        assert_non_null(w->engine);
        w->now_usec = SEC(1000);
        engine_begin(w->engine, c);
        world_link(w, 0, SENSOR_LINK_CONNECTED);
        w->n_emitted = 0;
        return w;
}

static inline void world_packet(World *w, unsigned sensor, const uint8_t *value, size_t size)
{
        const Event event = { .type = EVENT_NOTIFICATION, .sensor = sensor, .value = value, .size = size };

        assert_int_equal(world_send(w, event), 0);
}

/* One packet now: contact, and an R-R interval. */
static inline void world_beat(World *w, unsigned sensor, unsigned bpm)
{
        uint16_t rr = RR_OF(bpm);
        const uint8_t value[] = { 0x16, (uint8_t)bpm, (uint8_t)rr, (uint8_t)(rr >> 8) };

        world_packet(w, sensor, value, sizeof(value));
}

/* One packet now from a strap without contact bits and R-R intervals. */
static inline void world_bare(World *w, unsigned sensor, unsigned bpm)
{
        world_packet(w, sensor, (const uint8_t[]){ 0x00, (uint8_t)bpm }, 2);
}

/* One packet now that says it has no contact. */
static inline void world_no_contact(World *w, unsigned sensor, unsigned bpm)
{
        world_packet(w, sensor, (const uint8_t[]){ 0x04, (uint8_t)bpm }, 2);
}

/* So many seconds, each with a beat at its end. */
static inline void world_run(World *w, unsigned sensor, unsigned seconds, unsigned bpm)
{
        for (unsigned i = 0; i < seconds; i++) {
                world_wait(w, 1);
                world_beat(w, sensor, bpm);
        }
}

/* A stored session of so many heart rates of that bpm, a second apart, the last of them so many seconds ago; it began with
 * the first of them. */
static inline int world_resume_at(World *w, size_t n, double last_s, bool by_hand, double bpm)
{
        _cleanup_free_ PastSample *past = calloc(n + 1, sizeof(*past));
        usec_t last_usec = w->now_usec - w->now_usec % USEC_PER_MSEC - SEC(last_s);
        Event event = { .type = EVENT_RESUME, .by_hand = by_hand, .past = past, .n_past = n };
        int r;

        assert_non_null(past);
        for (size_t i = 0; i < n; i++)
                past[i] = (PastSample){
                        .at_usec = last_usec - SEC(1) * (n - 1 - i), .smoothed = bpm, .counts = true
                };
        event.begin_usec = n > 0 ? past[0].at_usec : last_usec;
        r = world_send(w, event);
        if (r == 0) {
                w->recording = w->begun = true;
                w->begin_usec = event.begin_usec;
                w->sample_usec = last_usec;
        }
        return r;
}

/* A stored run that began and had its last heart rate so many seconds ago. */
static inline int world_resume(World *w, double begin_s, double last_s, bool by_hand)
{
        return world_resume_at(w, (size_t)(begin_s - last_s) + 1, last_s, by_hand, 120);
}

/* -- What was emitted -- */

static inline void world_clear(World *w)
{
        w->n_emitted = 0;
}

static inline size_t world_count(const World *w, FactType type)
{
        size_t n = 0;

        for (size_t i = 0; i < w->n_emitted; i++)
                n += w->emitted[i].fact.type == type;
        return n;
}

/* The fact of a type, counted from 0. */
static inline const Emitted *world_emitted(const World *w, FactType type, size_t nth)
{
        for (size_t i = 0; i < w->n_emitted; i++)
                if (w->emitted[i].fact.type == type && nth-- == 0)
                        return &w->emitted[i];
        fail_msg("fact %d was not emitted that often", (int)type);
        return NULL;
}

static inline const Fact *world_fact(const World *w, FactType type)
{
        return &world_emitted(w, type, 0)->fact;
}

/* These are the facts that were emitted, in this order; those that come with every heart rate are left out. */
static inline void world_expect(World *w, const FactType *types, size_t n)
{
        size_t k = 0;

        for (size_t i = 0; i < w->n_emitted; i++) {
                FactType type = w->emitted[i].fact.type;
                if (type == FACT_HEART_RATE || type == FACT_SAMPLE || type == FACT_ZONE ||
                                type == FACT_SENSOR || type == FACT_REJECTED)
                        continue;
                if (k == n)
                        fail_msg("fact %d was emitted beyond those expected", (int)type);
                assert_int_equal(type, types[k++]);
        }
        assert_int_equal(k, n);
        world_clear(w);
}

#define EXPECT(w, ...)                                     \
        world_expect(w, (const FactType[]){ __VA_ARGS__ }, \
                        sizeof((const FactType[]){ __VA_ARGS__ }) / sizeof(FactType))
#define EXPECT_NOTHING(w) world_expect(w, NULL, 0)
