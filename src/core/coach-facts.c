/* SPDX-License-Identifier: MIT */

/* What happened on a day, looked up in what the coach goes by. No clock. */

#include "coach-internal.h"

bool coach_has_session(const CoachFacts *f, Day date, Kind kind)
{
        for (size_t i = 0; i < f->n_sessions; i++)
                if (f->session[i].date == date && f->session[i].kind == kind)
                        return true;
        return false;
}

const CoachRace *coach_race_on(const CoachFacts *f, Day date)
{
        const CoachRace *found = NULL;

        for (size_t i = 0; i < f->n_races; i++)
                if (f->race[i].date == date && (!found || f->race[i].distance > found->distance))
                        found = &f->race[i];
        return found;
}
