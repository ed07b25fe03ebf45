/* SPDX-License-Identifier: MIT */
#pragma once

/* A limiter to run scripts on: what comes in at which second, what it says and where it is then. The ceiling is 145 bpm
 * with a tolerance of 2, so that 147 is in range and 147.5 above. A heart rate is worth the time until the next one, at
 * most 2 s; where a script is of a slower sensor, at most its interval. */

#include "cardio/limiter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cardio/macro.h"

#define SEC(s) ((usec_t)((s)*1e6 + 0.5))

#define CEILING 145
#define LOW     100
#define AT      147
#define ABOVE   147.5

typedef enum Op {
        HR = 1, /* a heart rate that counts */
        RUN,    /* one a second, up to and including this one: the others say nothing */
        ODD,    /* one that does not count: not settled, or frozen */
        MUTE,   /* until second .value */
        TICK,
        TICK_IN_GAP,
        END,
        BEGIN, /* .value: the limit */
} Op;

typedef struct Step {
        Op op; /* 0 ends the script */
        double at_s;
        double value;
        LimiterFacts facts;
        double length_s;
        double mark_s; /* of the facts: when the breach began, or ended */
        LimiterState state;
} Step;

/* What says nothing. */
#define BELOW(op, at_s, value)                          \
        {                                               \
                op, at_s, value, 0, 0, 0, LIMITER_BELOW \
        }
#define BREACH(op, at_s, value)                          \
        {                                                \
                op, at_s, value, 0, 0, 0, LIMITER_BREACH \
        }

#define BEGAN_OVER (LIMITER_BEGAN | LIMITER_OVER)
#define ENDED_BACK (LIMITER_ENDED | LIMITER_BACK)

static const LimiterConfig config = {
        .tolerance = 2,
        .hold_usec = SEC(10),
        .clear_usec = SEC(15),
        .repeat_usec = SEC(60),
};

typedef struct Play {
        Limiter limiter;
        LimiterConfig config;
        const char *what; /* the row, for a failure; may be NULL */
        usec_t most_usec; /* a heart rate is worth this at most */
        usec_t at_usec;   /* of the last one, 0 = none yet */
} Play;

static inline Play play_begin(const LimiterConfig *c)
{
        Play p = { .config = *c, .most_usec = SEC(2) };

        limiter_begin(&p.limiter, CEILING);
        return p;
}

static inline LimiterFacts heart_rate(Play *p, Op op, usec_t at_usec, double smoothed)
{
        const LimiterValue value = { .at_usec = at_usec, .value = smoothed, .counts = op != ODD };
        usec_t credit_usec = p->at_usec > 0 ? at_usec - p->at_usec : 0;

        if (credit_usec > p->most_usec)
                credit_usec = p->most_usec;
        p->at_usec = at_usec;
        return limiter_update(&p->limiter, &p->config, &value, credit_usec);
}

static inline LimiterFacts run_step(Play *p, const Step *s)
{
        Limiter *l = &p->limiter;
        usec_t at_usec = SEC(s->at_s);

        switch (s->op) {
        case RUN:
                while (p->at_usec + SEC(1) < at_usec)
                        assert_int_equal(heart_rate(p, HR, p->at_usec + SEC(1), s->value), 0);
                return heart_rate(p, HR, at_usec, s->value);
        case HR:
        case ODD:
                return heart_rate(p, s->op, at_usec, s->value);
        case MUTE:
                limiter_mute(l, SEC(s->value));
                assert_int_equal(limiter_deadline(l), s->value > 0 ? SEC(s->value) : USEC_INFINITY);
                break;
        case TICK:
        case TICK_IN_GAP:
                return limiter_tick(l, &p->config, at_usec, s->op == TICK_IN_GAP);
        case END:
                return limiter_end(l);
        case BEGIN:
                limiter_begin(l, s->value);
                break;
        }
        return 0;
}

static inline void play_on(Play *p, const Step *steps)
{
        for (const Step *s = steps; s->op != 0; s++) {
                const Limiter *l = &p->limiter;
                LimiterFacts facts = run_step(p, s);
                usec_t mark_usec = facts & LIMITER_ENDED ? l->ended.at_usec : l->began.at_usec;

                if (facts != s->facts || l->state != s->state ||
                                (facts && (limiter_length(l) != SEC(s->length_s) ||
                                                          mark_usec != SEC(s->mark_s))))
                        fail_msg("%s, step %zu: facts %#x, length %.6f s, mark %.6f s, state %d",
                                        p->what ? p->what : "script", (size_t)(s - steps), facts,
                                        (double)limiter_length(l) / 1e6, (double)mark_usec / 1e6,
                                        (int)l->state);
        }
}

static inline void play(const LimiterConfig *c, const Step *steps)
{
        Play p = play_begin(c);

        assert_int_equal(p.limiter.state, LIMITER_BELOW);
        play_on(&p, steps);
}

/* In breach from 1 to 11, of which the last second is over, too, but behind the last heart rate above. */
static const Step breach_1_to_11[] = {
        BELOW(RUN, 10, ABOVE),
        { HR, 11, ABOVE, BEGAN_OVER, 10, 1, LIMITER_BREACH },
        { 0 },
};
