/* SPDX-License-Identifier: MIT */
/* The state of a session with cues. No clock. */

#include "manager/cues.h"

#include <stdlib.h>

#include "cardio/macro.h"

void cues_end(Cues *c)
{
        free(TAKE_PTR(c->workout));
        c->hard = false;
        c->run = (WorkoutRun){ 0 };
        (void)sd_event_source_set_enabled(c->timer, SD_EVENT_OFF); /* cannot fail: it is our timer */
}
