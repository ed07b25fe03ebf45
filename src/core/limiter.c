/* SPDX-License-Identifier: MIT */
/* The limiter's state machine; the diagram is in the header. Time comes in with each heart rate. */

#include "cardio/limiter.h"

#include <math.h>
#include <string.h>

#include "cardio/macro.h"

void limiter_begin(Limiter *l, double ceiling)
{
        *l = (Limiter){ .ceiling = ceiling, .muted_until_usec = l->muted_until_usec, .quiet = l->quiet };
}

static bool limiter_open(const Limiter *l)
{
        return l->state == LIMITER_BREACH || l->state == LIMITER_CLEARING;
}

static LimiterFacts limiter_close(Limiter *l, usec_t at_usec, usec_t *ret_length_usec)
{
        LimiterFacts facts = LIMITER_ENDED | (l->announced ? LIMITER_BACK : 0);

        *ret_length_usec = usec_sub(at_usec, l->above_since_usec);
        l->state = LIMITER_BELOW;
        l->announced = l->due = false;
        return facts;
}

/* Announces an open breach that is above now, if it is due. */
static LimiterFacts limiter_announce(
                Limiter *l, const LimiterConfig *c, usec_t now_usec, usec_t *ret_length_usec)
{
        bool again = c->repeat_usec > 0 && now_usec >= usec_add(l->announced_usec, c->repeat_usec);

        if (l->quiet || l->muted_until_usec > 0 || !(l->due || again))
                return 0;
        l->due = false;
        l->announced = true;
        l->announced_usec = now_usec;
        *ret_length_usec = usec_sub(now_usec, l->above_since_usec);
        return LIMITER_OVER;
}

static LimiterFacts limiter_hold(Limiter *l, const LimiterConfig *c, usec_t at_usec, usec_t *ret_length_usec)
{
        if (at_usec - l->above_since_usec < c->hold_usec)
                return 0;
        l->state = LIMITER_BREACH;
        l->due = true;
        *ret_length_usec = at_usec - l->above_since_usec;
        return LIMITER_BEGAN | limiter_announce(l, c, at_usec, ret_length_usec);
}

static LimiterFacts limiter_clear(Limiter *l, const LimiterConfig *c, usec_t at_usec, usec_t *ret_length_usec)
{
        return at_usec - l->clear_since_usec < c->clear_usec ? 0 : limiter_close(l, at_usec, ret_length_usec);
}

static LimiterFacts limiter_below(Limiter *l, const LimiterConfig *c, usec_t at_usec, usec_t *ret_length_usec)
{
        if (!l->above)
                return 0;
        l->state = LIMITER_HOLDING;
        l->above_since_usec = at_usec;
        return limiter_hold(l, c, at_usec, ret_length_usec);
}

static LimiterFacts limiter_holding(
                Limiter *l, const LimiterConfig *c, usec_t at_usec, usec_t *ret_length_usec)
{
        if (!l->above) {
                l->state = LIMITER_BELOW;
                return 0;
        }
        return limiter_hold(l, c, at_usec, ret_length_usec);
}

static LimiterFacts limiter_breach(
                Limiter *l, const LimiterConfig *c, usec_t at_usec, bool clear, usec_t *ret_length_usec)
{
        if (clear) {
                l->state = LIMITER_CLEARING;
                l->clear_since_usec = at_usec;
                return limiter_clear(l, c, at_usec, ret_length_usec);
        }
        return l->above ? limiter_announce(l, c, at_usec, ret_length_usec) : 0;
}

static LimiterFacts limiter_clearing(
                Limiter *l, const LimiterConfig *c, usec_t at_usec, bool clear, usec_t *ret_length_usec)
{
        if (!clear) {
                l->state = LIMITER_BREACH;
                return limiter_breach(l, c, at_usec, false, ret_length_usec);
        }
        return limiter_clear(l, c, at_usec, ret_length_usec);
}

_heartbeat_ LimiterFacts limiter_update(
                Limiter *l, const LimiterConfig *c, usec_t at_usec, double smoothed, usec_t *ret_length_usec)
{
        bool clear = smoothed <= l->ceiling;

        *ret_length_usec = 0;
        if (isnan(l->ceiling))
                return 0;
        if (l->last_usec > 0 && at_usec - l->last_usec > c->stale_usec)
                limiter_hole(l);
        l->last_usec = at_usec;
        l->above = smoothed > l->ceiling + c->tolerance;

        switch (l->state) {
        case LIMITER_BELOW:
                return limiter_below(l, c, at_usec, ret_length_usec);
        case LIMITER_HOLDING:
                return limiter_holding(l, c, at_usec, ret_length_usec);
        case LIMITER_BREACH:
                return limiter_breach(l, c, at_usec, clear, ret_length_usec);
        case LIMITER_CLEARING:
                return limiter_clearing(l, c, at_usec, clear, ret_length_usec);
        case _LIMITER_STATE_MAX:
        case _LIMITER_STATE_INVALID:
                break;
        }
        return 0;
}

void limiter_hole(Limiter *l)
{
        l->above = false;
        if (l->state == LIMITER_HOLDING)
                l->state = LIMITER_BELOW;
        else if (l->state == LIMITER_CLEARING)
                l->state = LIMITER_BREACH;
}

LimiterFacts limiter_end(Limiter *l, usec_t at_usec, usec_t *ret_length_usec)
{
        *ret_length_usec = 0;
        if (limiter_open(l))
                return limiter_close(l, at_usec, ret_length_usec);
        l->state = LIMITER_BELOW;
        return 0;
}

void limiter_mute(Limiter *l, usec_t until_usec)
{
        l->muted_until_usec = until_usec;
}

void limiter_quiet(Limiter *l, bool quiet)
{
        if (l->quiet && !quiet)
                l->due = limiter_open(l);
        l->quiet = quiet;
}

LimiterFacts limiter_tick(Limiter *l, const LimiterConfig *c, usec_t now_usec, usec_t *ret_length_usec)
{
        *ret_length_usec = 0;
        if (l->muted_until_usec == 0 || now_usec < l->muted_until_usec)
                return 0;
        l->muted_until_usec = 0;
        l->due = limiter_open(l);
        if (!l->due || !l->above || now_usec - l->last_usec > c->stale_usec)
                return 0;
        return limiter_announce(l, c, now_usec, ret_length_usec);
}

usec_t limiter_deadline(const Limiter *l)
{
        return l->muted_until_usec > 0 ? l->muted_until_usec : USEC_INFINITY;
}
