/* SPDX-License-Identifier: MIT */
/* The calls into the core, and what the coach wants from it. Times are on the core's clock, and passed in. */

#include "manager/core.h"

#include "cardio/macro.h"
#include "local.h"
#include "manager/facts.h"
#include "manager/internal.h"

int core_begin(Manager *m)
{
        EngineConfig engine;
        int r = coach_ask(m);

        if (r < 0)
                return r;
        engine = ceiling_engine_config(m);
        engine_begin(m->engine, &engine);
        return 0;
}

_hot_ int core_handle(Manager *m, const Event *event, usec_t now_usec)
{
        return engine_handle(m->engine, event, now_usec, facts_carry_out, m);
}

void core_end_override(Manager *m, usec_t now_usec)
{
        m->command.ceiling_day = local_today();
        m->command.ceiling_from_coach = false;
        m->published.dirty = true;
        (void)core_handle(m, &(Event){ .type = EVENT_CEILING }, now_usec); /* never refused */
}

/* Never refused: whatever needs a lactate threshold has been checked to have one. */
_hot_ void core_follow_coach(Manager *m, usec_t now_usec)
{
        CoachWish wish;

        if (!coach_wants(m, &wish))
                return;
        if (wish.end_override)
                core_end_override(m, now_usec);
        if (wish.configure)
                (void)core_handle(m, &(Event){ .type = EVENT_CONFIGURE, .config = &wish.config }, now_usec);
        if (wish.override)
                (void)core_handle(m, &(Event){ .type = EVENT_CEILING, .intensity = &wish.ceiling }, now_usec);
        m->published.dirty = true;
}
