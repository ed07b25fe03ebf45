/* SPDX-License-Identifier: MIT */
/* What commands have set, passed to the store: moments as Unix ms of the wall clock, days as dates. */

#include "manager/commands.h"

#include "cardio/macro.h"
#include "manager/internal.h"

/* The time of the last effort changes with every heart rate; it is not stored more often than this. */
#define EFFORT_KEPT_MS 30000

_hot_ bool commands_keep(Manager *m, bool session_over)
{
        const Engine *e = m->engine;
        StoreCommands c = { .snoozed_until = (int64_t)(m->command.snoozed_until / 1000),
                .ceiling_day = DAY_NONE,
                .advised_day = m->advice.advised_day,
                .raced_day = m->advice.raced_day },
                      *kept = &m->command.stored;

        if (e->overridden && !session_over && m->command.ceiling_from_coach)
                (void)stpcpy(c.ceiling, COMMAND_CEILING_FROM_COACH); /* the size is known */
        else if (e->overridden && !session_over)
                (void)intensity_to_string(&e->override, c.ceiling); /* likewise */
        if (c.ceiling[0])
                c.ceiling_day = m->command.ceiling_day;
        if (e->recorder.state == RECORDER_STOPPED)
                c.effort_at = core_to_unix_ms(e->recorder.effort_usec);
        if (strcmp(c.ceiling, kept->ceiling) == 0 && c.snoozed_until == kept->snoozed_until &&
                        c.ceiling_day == kept->ceiling_day && c.advised_day == kept->advised_day &&
                        c.raced_day == kept->raced_day && !c.effort_at == !kept->effort_at &&
                        llabs(c.effort_at - kept->effort_at) < EFFORT_KEPT_MS)
                return false;
        *kept = c;
        store_set_commands(m->store, &c);
        return true;
}
