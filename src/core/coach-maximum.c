/* SPDX-License-Identifier: MIT */

/* A maximum heart rate that the runner's own heart has shown to be too low. Formulas by age are off by ten and more for one in
 * three; whoever holds more than that for two minutes has a higher one. Nothing is changed by itself. No clock. */

#include "cardio/coach.h"

#include <math.h>

#include "cardio/measurement.h"
#include "cardio/phrase.h"

bool coach_maximum(const CoachFacts *f, double maximum, CoachMaximum *ret)
{
        CoachMaximum best = { .date = DAY_NONE };

        for (size_t i = 0; i < f->n_sessions; i++) {
                const CoachSession *s = &f->session[i];
                unsigned bpm;

                if (s->date > f->date || s->date <= f->date - COACH_MAXIMUM_DAYS ||
                                !(s->held > maximum && s->held <= HEART_RATE_MAX))
                        continue;
                bpm = (unsigned)lround(s->held);
                if (bpm > maximum && (bpm > best.bpm || (bpm == best.bpm && s->date < best.date)))
                        best = (CoachMaximum){ .bpm = bpm, .id = s->id, .date = s->date };
        }
        if (best.bpm == 0)
                return false;
        *ret = best;
        return true;
}

const char *coach_maximum_to_string(
                const CoachMaximum *proposed, double maximum, bool by_age, char buf[static COACH_TEXT_MAX])
{
        Phrase p = phrase_begin(buf, COACH_TEXT_MAX);
        char date[DAY_STRING_MAX];

        phrase_add(&p, "On ");
        phrase_add(&p, day_to_string(proposed->date, date));
        phrase_add(&p, " your heart held ");
        phrase_add_unsigned(&p, proposed->bpm);
        phrase_add(&p, " bpm for two minutes, more than the ");
        phrase_add_unsigned(&p, (uint64_t)lround(maximum));
        phrase_add(&p, by_age ? " expected at your age" : " of your `max-heart-rate`");
        phrase_add(&p, ": `max-heart-rate = ");
        phrase_add_unsigned(&p, proposed->bpm);
        phrase_add(&p, "` in section [runner] of the configuration fits you better");
        return buf;
}
