/* SPDX-License-Identifier: MIT */
/* The limiter's state machine; the diagram is in the header. Time comes in with each value. */

#include "cardio/limiter.h"

#include <math.h>

#include "cardio/macro.h"

/* After a longer gap a hold begins anew. */
#define HOLD_GAP_MAX_USEC USEC_PER_MIN

void limiter_begin(Limiter *l, double limit)
{
        *l = (Limiter){
                .limit = limit, .muted_until_usec = l->muted_until_usec, .announced_usec = l->announced_usec
        };
}

usec_t limiter_length(const Limiter *l)
{
        return l->state == LIMITER_BREACH ? l->over_usec - l->began.over_usec : l->length_usec;
}

/* The hold in progress, if any, comes to nothing. */
static void limiter_let_go(Limiter *l)
{
        l->began.at_usec = 0;
        l->held_usec = 0;
}

static LimiterFacts limiter_close(Limiter *l)
{
        LimiterFacts facts = LIMITER_ENDED | (l->announced ? LIMITER_BACK : 0);

        l->length_usec = l->ended.over_usec - l->began.over_usec;
        l->state = LIMITER_BELOW;
        l->announced = l->due = false;
        limiter_let_go(l);
        return facts;
}

_hot_ LimiterFacts limiter_announce(Limiter *l, const LimiterConfig *c, usec_t now_usec)
{
        usec_t most_usec =
                        c->repeat_usec > LIMITER_REPEAT_MAX_USEC ? c->repeat_usec : LIMITER_REPEAT_MAX_USEC;
        bool again = l->announced && c->repeat_usec > 0 &&
                     now_usec >= usec_add(l->announced_usec, l->interval_usec);

        if (l->state != LIMITER_BREACH || !l->above)
                return 0;
        if (l->muted_until_usec > 0 || !(l->due || again))
                return 0;
        if (l->announced_usec > 0 && now_usec < usec_add(l->announced_usec, c->repeat_usec))
                return 0;
        l->interval_usec = l->announced ? 2 * l->interval_usec : c->repeat_usec;
        if (l->interval_usec > most_usec)
                l->interval_usec = most_usec;
        l->due = false;
        l->announced = true;
        l->announced_usec = now_usec;
        return LIMITER_OVER;
}

static LimiterFacts limiter_above(Limiter *l, const LimiterConfig *c, const LimiterValue *v)
{
        const LimiterMark mark = { .at_usec = v->at_usec, .over_usec = l->over_usec, .value = v->value };

        l->ended = mark;
        l->clear_usec = 0;
        if (l->began.at_usec == 0)
                l->began = mark;
        if (l->state == LIMITER_BREACH || l->held_usec < c->hold_usec)
                return 0;
        l->state = LIMITER_BREACH;
        l->due = true;
        return LIMITER_BEGAN;
}

static LimiterFacts limiter_not_above(Limiter *l, const LimiterConfig *c, usec_t at_usec)
{
        if (l->state == LIMITER_BELOW) {
                limiter_let_go(l);
                return 0;
        }
        if (l->clear_usec == 0)
                l->clear_usec = at_usec;
        return at_usec - l->clear_usec < c->clear_usec ? 0 : limiter_close(l);
}

_hot_ LimiterFacts limiter_replay(
                Limiter *l, const LimiterConfig *c, const LimiterValue *v, usec_t credit_usec)
{
        usec_t silent_usec = l->last_usec > 0 ? v->at_usec - l->last_usec : 0;

        if (isnan(l->limit))
                return 0;
        if (l->over)
                l->over_usec += credit_usec;
        if (l->above)
                l->held_usec += credit_usec;
        if (l->state == LIMITER_BELOW && silent_usec > HOLD_GAP_MAX_USEC)
                limiter_let_go(l);

        l->last_usec = v->at_usec;
        l->over = v->value > l->limit + c->tolerance;
        l->above = l->over && v->counts;
        if (!v->counts)
                return 0;
        return l->above ? limiter_above(l, c, v) : limiter_not_above(l, c, v->at_usec);
}

_hot_ LimiterFacts limiter_update(
                Limiter *l, const LimiterConfig *c, const LimiterValue *v, usec_t credit_usec)
{
        LimiterFacts facts = limiter_replay(l, c, v, credit_usec);

        return facts | limiter_announce(l, c, v->at_usec);
}

LimiterFacts limiter_end(Limiter *l)
{
        return l->state == LIMITER_BREACH ? limiter_close(l) : 0;
}

void limiter_mute(Limiter *l, usec_t until_usec)
{
        l->muted_until_usec = until_usec;
}

LimiterFacts limiter_tick(Limiter *l, const LimiterConfig *c, usec_t now_usec, bool silent)
{
        if (l->muted_until_usec == 0 || now_usec < l->muted_until_usec)
                return 0;
        l->muted_until_usec = 0;
        l->due = l->state == LIMITER_BREACH;
        return silent ? 0 : limiter_announce(l, c, now_usec);
}

usec_t limiter_deadline(const Limiter *l)
{
        return l->muted_until_usec > 0 ? l->muted_until_usec : USEC_INFINITY;
}
