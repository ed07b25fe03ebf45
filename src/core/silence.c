/* SPDX-License-Identifier: MIT */
/* A strap that is lost in a run, told from one that is taken off after it; the rules are in the header. Time comes in with
 * each call. */

#include "cardio/silence.h"

#include <math.h>

#include "cardio/macro.h"

/* Of what is usual in the session above the resting heart rate: less is a cool-down. Half of it is rest, see recorder.c. */
#define COOL_DOWN_PART 0.75

void silence_begin(Silence *s)
{
        *s = (Silence){ .recording = true, .last = NAN };
}

void silence_end(Silence *s)
{
        s->recording = s->lost = false;
}

void silence_resume(Silence *s, unsigned told, bool lost, usec_t now_usec)
{
        s->told = told;
        s->lost = lost;
        silence_listen(s, now_usec);
}

static void values_push(Silence *s, const Sample *sample)
{
        unsigned last;

        s->last = sample->smoothed;
        if (s->n > 0 && sample->at_usec - s->value_usec < USEC_PER_SEC)
                return;
        s->value_usec = sample->at_usec;
        if (s->n == SILENCE_VALUES_MAX) {
                s->first = (s->first + 1) % SILENCE_VALUES_MAX;
                s->n--;
        }
        last = (s->first + s->n++) % SILENCE_VALUES_MAX;
        s->value[last].at_usec = sample->at_usec;
        s->value[last].smoothed = sample->smoothed;
}

/* Of the two minutes up to the last of them; the upper one of two in the middle. */
static double values_median(const Silence *s)
{
        usec_t from_usec = usec_sub(s->value_usec, SILENCE_BEFORE_USEC);
        double sorted[SILENCE_VALUES_MAX];
        unsigned n = 0;

        for (unsigned i = 0; i < s->n; i++) {
                unsigned from = (s->first + i) % SILENCE_VALUES_MAX, k = n;

                if (s->value[from].at_usec < from_usec)
                        continue;
                for (; k > 0 && sorted[k - 1] > s->value[from].smoothed; k--)
                        sorted[k] = sorted[k - 1];
                sorted[k] = s->value[from].smoothed;
                n++;
        }
        return n > 0 ? sorted[n / 2] : NAN;
}

_hot_ bool silence_heart_rate(Silence *s, const Sample *sample, usec_t stale_usec)
{
        bool back = s->lost;

        s->lost = s->judged = false;
        s->last_usec = s->since_usec = sample->at_usec;
        s->length_usec = stale_usec > SILENCE_LOST_USEC ? stale_usec : SILENCE_LOST_USEC;
        if (sample_counts(sample))
                values_push(s, sample);
        return back;
}

void silence_listen(Silence *s, usec_t now_usec)
{
        if (now_usec > s->since_usec)
                s->since_usec = now_usec;
}

double silence_effort_above(double effort, double resting, double usual)
{
        double cool_down = resting + COOL_DOWN_PART * (usual - resting);

        return usual > 0 && cool_down > effort ? cool_down : effort;
}

/* Neither comparison holds for a figure that is not known. */
static bool is_in_effort(const Silence *s, double above)
{
        return s->last > above && s->last > values_median(s) - SILENCE_FALL;
}

bool silence_tick(Silence *s, double above, usec_t now_usec)
{
        if (now_usec < silence_deadline(s))
                return false;
        s->judged = true;
        if (!is_in_effort(s, above))
                return false;
        s->lost = true;
        s->told++;
        return true;
}

usec_t silence_deadline(const Silence *s)
{
        if (!s->recording || s->last_usec == 0 || s->lost || s->judged || s->told >= SILENCE_TOLD_MAX)
                return USEC_INFINITY;
        return usec_add(s->since_usec, s->length_usec);
}
