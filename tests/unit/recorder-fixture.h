/* SPDX-License-Identifier: MIT */
#pragma once

/* A recorder to run scripts on: what comes in at which second, what it does and where it is then. Effort begins above
 * 100 bpm; the lengths are short, so that each script is. A heart rate is worth the time until the next one of its strap,
 * at most 2 s. On a start it is given what it asks for, as the engine does. */

#include "cardio/recorder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

#define REST   90
#define EFFORT 120

typedef enum Op {
        HR = 1,   /* a heart rate, settled and live */
        RUN,      /* one a second, up to and including this one: the others change nothing */
        ODD,      /* too few to go by */
        DISAGREE, /* three that do not agree */
        FROZEN,   /* not live */
        TICK,
        START,
        STOP,
        SUSPEND,
        FORGET,
} Op;

typedef struct Step {
        Op op; /* 0 ends the script */
        unsigned sensor;
        double at_s;
        double smoothed;
        RecorderAction action;
        RecorderState state;
        double kept_s; /* 0 = not looked at */
} Step;

/* What changes nothing. */
#define IDLE(op, sensor, at_s, smoothed)                                       \
        {                                                                      \
                op, sensor, at_s, smoothed, RECORDER_NOTHING, RECORDER_IDLE, 0 \
        }
#define STOPPED(op, sensor, at_s, smoothed)                                       \
        {                                                                         \
                op, sensor, at_s, smoothed, RECORDER_NOTHING, RECORDER_STOPPED, 0 \
        }
#define KEPT(op, sensor, at_s, smoothed, kept_s)                                      \
        {                                                                             \
                op, sensor, at_s, smoothed, RECORDER_KEEP, RECORDER_RECORDING, kept_s \
        }
#define LEFT(op, sensor, at_s, smoothed, kept_s)                                         \
        {                                                                                \
                op, sensor, at_s, smoothed, RECORDER_NOTHING, RECORDER_RECORDING, kept_s \
        }
#define BEGINS(op, sensor, at_s, smoothed)                                           \
        {                                                                            \
                op, sensor, at_s, smoothed, RECORDER_START, RECORDER_RECORDING, at_s \
        }

static const RecorderConfig config = {
        .start_above = 100,
        .effort_above = 100,
        .resting = 50,
        .start_after_usec = SEC(4),
        .pre_roll_usec = SEC(6),
        .end_after_usec = SEC(20),
        .cool_down_usec = SEC(8),
        .min_duration_usec = SEC(10),
        .switch_after_usec = SEC(6),
};

static const RecorderConfig shipped = {
        .start_above = 94,
        .effort_above = 94,
        .resting = 50,
        .start_after_usec = SEC(20),
        .pre_roll_usec = SEC(30),
        .end_after_usec = SEC(300),
        .cool_down_usec = SEC(120),
        .min_duration_usec = SEC(120),
        .switch_after_usec = SEC(30),
};

#define STRAPS      2
#define SAMPLES_MAX 8192

typedef struct Play {
        Recorder r;
        RecorderConfig config;
        usec_t most_usec;  /* a heart rate is worth this at most */
        usec_t asked_usec; /* from here on the session that began last wants the heart rates */
        size_t n[STRAPS];
        Sample sample[STRAPS][SAMPLES_MAX];
} Play;

static inline Play *play_begin(const RecorderConfig *c)
{
        Play *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        p->config = *c;
        p->most_usec = SEC(2);
        return p;
}

static inline usec_t last_heard(const Play *p, unsigned sensor)
{
        return p->n[sensor] > 0 ? p->sample[sensor][p->n[sensor] - 1].at_usec : 0;
}

/* As the engine does it: from the first heart rate there is. */
static inline void backdate(Play *p, unsigned sensor)
{
        size_t first = p->n[sensor] - 1;

        p->asked_usec = p->r.begin_usec;
        while (first > 0 && p->sample[sensor][first - 1].at_usec >= p->asked_usec)
                first--;
        recorder_backdated(&p->r, p->sample[sensor][first].at_usec);
        for (size_t i = first; i < p->n[sensor]; i++)
                (void)recorder_add(&p->r, &p->config, &p->sample[sensor][i]);
}

static inline RecorderAction heart_rate(Play *p, Op op, unsigned sensor, usec_t at_usec, double smoothed)
{
        const Sample sample = { .at_usec = at_usec,
                .smoothed = smoothed,
                .settled = op == ODD        ? SETTLED_TOO_FEW
                           : op == DISAGREE ? SETTLED_DISAGREE
                                            : SETTLED_YES,
                .live = op != FROZEN };
        usec_t credit_usec = p->n[sensor] > 0 ? at_usec - last_heard(p, sensor) : 0;
        RecorderAction action;

        if (credit_usec > p->most_usec)
                credit_usec = p->most_usec;
        assert_true(p->n[sensor] < SAMPLES_MAX);
        p->sample[sensor][p->n[sensor]++] = sample;
        action = recorder_update(&p->r, &p->config, sensor, &sample, credit_usec);
        if (action == RECORDER_START)
                backdate(p, sensor);
        return action;
}

static inline RecorderAction run_step(Play *p, const Step *s)
{
        usec_t at_usec = SEC(s->at_s);

        switch (s->op) {
        case RUN:
                while (last_heard(p, s->sensor) + SEC(1) < at_usec) {
                        RecorderAction nothing =
                                        p->r.state == RECORDER_RECORDING ? RECORDER_KEEP : RECORDER_NOTHING;
                        usec_t t = last_heard(p, s->sensor) + SEC(1);

                        if (heart_rate(p, HR, s->sensor, t, s->smoothed) != nothing)
                                fail_msg("at %.6f s", (double)t / 1e6);
                }
                return heart_rate(p, HR, s->sensor, at_usec, s->smoothed);
        case HR:
        case ODD:
        case DISAGREE:
        case FROZEN:
                return heart_rate(p, s->op, s->sensor, at_usec, s->smoothed);
        case TICK:
                return recorder_tick(&p->r, &p->config, at_usec);
        case START:
                return recorder_start(&p->r, s->sensor, at_usec) == 0 ? RECORDER_START : RECORDER_NOTHING;
        case STOP:
                return recorder_stop(&p->r, &p->config, at_usec);
        case SUSPEND:
                return recorder_suspend(&p->r);
        case FORGET:
                recorder_forget(&p->r, s->sensor);
                break;
        }
        return RECORDER_NOTHING;
}

static inline void play_on(Play *p, const Step *steps)
{
        for (const Step *s = steps; s->op != 0; s++) {
                RecorderAction action = run_step(p, s);
                const Recorder *r = &p->r;

                if (action != s->action || r->state != s->state ||
                                (s->kept_s > 0 && r->kept_usec != SEC(s->kept_s)))
                        fail_msg("step %zu: action %d, state %d, kept %.6f s", (size_t)(s - steps),
                                        (int)action, (int)r->state, (double)r->kept_usec / 1e6);
                /* What falls due never lies before what was done about it. */
                assert_true(s->at_s == 0 || recorder_deadline(r, &p->config) > SEC(s->at_s));
                assert_int_equal(
                                recorder_deadline(r, &p->config) == USEC_INFINITY, r->state == RECORDER_IDLE);
        }
}

/* Returns from when on the last session wanted heart rates; 0 = none began by itself. */
static inline usec_t play(const RecorderConfig *c, const Step *steps)
{
        _cleanup_free_ Play *p = play_begin(c);

        play_on(p, steps);
        return p->asked_usec;
}

/* A run that began at 10, the last effort so far at 14. */
static const Step begun[] = {
        IDLE(HR, 0, 10, EFFORT),
        IDLE(RUN, 0, 13, EFFORT),
        BEGINS(HR, 0, 14, EFFORT),
        { 0 },
};

typedef struct Past {
        double at_s; /* 0 ends it */
        double smoothed;
} Past;

/* A stored session is taken up again. */
static inline void resume(Play *p, bool by_hand, const Past *past)
{
        recorder_take_up(&p->r, 0, by_hand, SEC(past->at_s));
        for (; past->at_s > 0; past++) {
                const Sample sample = { .at_usec = SEC(past->at_s),
                        .smoothed = past->smoothed,
                        .settled = SETTLED_YES,
                        .live = true };

                (void)recorder_add(&p->r, &p->config, &sample);
        }
        recorder_resume(&p->r);
        assert_int_equal(p->r.state, RECORDER_RECORDING);
}
