/* SPDX-License-Identifier: MIT */

/* Artefacts among beats, by Lipponen and Tarvainen's rules. What is far out is measured in thresholds, which follow from how
 * much the 91 beats around vary; so a runner's even beats and a sleeper's uneven ones are judged alike. No clock.
 *
 * Their thresholds follow the distance of the quartiles. Of beats that differ all alike, or not at all, that comes to nothing,
 * and any beat would be far out: so no threshold is smaller than the median, or than what the strap's own unit, 1/1024 s,
 * makes of a beat. Of a heart's beats it is three times as much, and that changes nothing. */

#include "cardio/artefact.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define WINDOW        91U /* beats, for a threshold */
#define MEDIAN_WINDOW 11U
#define ALPHA         5.2
#define C1            0.13
#define C2            0.17
#define OFFSET_MAX    3.0
#define THRESHOLD_MIN (1000.0 / 1024)
#define ROUNDING      1e-9

/* The values around a beat, in order. */
typedef struct Window {
        size_t n;
        double sorted[WINDOW];
} Window;

/* Where a value is, or belongs. */
static size_t window_find(const Window *w, double value)
{
        size_t low = 0, high = w->n;

        while (low < high) {
                size_t middle = (low + high) / 2;

                if (w->sorted[middle] < value)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void window_add(Window *w, double value)
{
        size_t at = window_find(w, value);

        assert(w->n < WINDOW);
        memmove(w->sorted + at + 1, w->sorted + at, (w->n - at) * sizeof(double));
        w->sorted[at] = value;
        w->n++;
}

static void window_drop(Window *w, double value)
{
        size_t at = window_find(w, value);

        assert(at < w->n);
        w->n--;
        memmove(w->sorted + at, w->sorted + at + 1, (w->n - at) * sizeof(double));
}

/* Between two of them as far as it has to be. */
static double window_quantile(const Window *w, double share)
{
        double at = share * (double)(w->n - 1);
        size_t below = (size_t)at;

        if (below + 1 >= w->n)
                return w->sorted[w->n - 1];
        return w->sorted[below] + (at - (double)below) * (w->sorted[below + 1] - w->sorted[below]);
}

static double window_threshold(const Window *w)
{
        double spread = (window_quantile(w, 0.75) - window_quantile(w, 0.25)) / 2;

        return fmax(fmax(ALPHA * spread, window_quantile(w, 0.5) * (1 + ROUNDING)), THRESHOLD_MIN);
}

static double rr_of(const ArtefactBeat *b)
{
        return b->rr_ms;
}

static double threshold_of(const ArtefactBeat *b)
{
        return b->threshold;
}

static double offset_of(const ArtefactBeat *b)
{
        return b->offset;
}

/* Moves a window of so many beats on to beat i; of what is in it, the absolute value. */
static void window_move(Window *w, size_t length, const ArtefactBeat *beat, size_t n, size_t i,
                double (*of)(const ArtefactBeat *))
{
        size_t half = length / 2;

        if (i == 0)
                for (size_t k = 0; k < half && k < n; k++)
                        window_add(w, fabs(of(&beat[k])));
        if (i > half)
                window_drop(w, fabs(of(&beat[i - half - 1])));
        if (i + half < n)
                window_add(w, fabs(of(&beat[i + half])));
}

static double jump_ms(const ArtefactBeat *beat, size_t i)
{
        return i > 0 ? beat[i].rr_ms - beat[i - 1].rr_ms : 0;
}

static void find_jumps(ArtefactBeat *beat, size_t n)
{
        Window w = { 0 };

        for (size_t i = 0; i < n; i++)
                beat[i].threshold = jump_ms(beat, i);
        for (size_t i = 0; i < n; i++) {
                window_move(&w, WINDOW, beat, n, i, threshold_of);
                beat[i].jump = jump_ms(beat, i) / window_threshold(&w);
        }
}

static void find_offsets(ArtefactBeat *beat, size_t n)
{
        Window median = { 0 }, w = { 0 };

        for (size_t i = 0; i < n; i++) {
                window_move(&median, MEDIAN_WINDOW, beat, n, i, rr_of);
                beat[i].median = window_quantile(&median, 0.5);
                beat[i].offset = beat[i].rr_ms - beat[i].median;
                if (beat[i].offset < 0)
                        beat[i].offset *= 2;
        }
        for (size_t i = 0; i < n; i++) {
                window_move(&w, WINDOW, beat, n, i, offset_of);
                beat[i].threshold = window_threshold(&w);
        }
        for (size_t i = 0; i < n; i++)
                beat[i].offset /= beat[i].threshold;
}

/* Beyond the ends it is as if the beats went on as they came. */
static double jump_at(const ArtefactBeat *beat, size_t n, size_t i)
{
        return i < n ? beat[i].jump : beat[2 * n - 2 - i].jump;
}

static bool is_ectopic(const ArtefactBeat *beat, size_t n, size_t i)
{
        double jump = beat[i].jump, before = beat[i > 0 ? i - 1 : 1].jump, after = jump_at(beat, n, i + 1);

        return (jump > 1 && fmax(before, after) < -C1 * jump - C2) ||
               (jump < -1 && fmin(before, after) > -C1 * jump + C2);
}

static bool is_long(const ArtefactBeat *beat, size_t n, size_t i)
{
        return (beat[i].jump > 1 && fmin(jump_at(beat, n, i + 1), jump_at(beat, n, i + 2)) < -1) ||
               beat[i].offset > OFFSET_MAX;
}

static bool is_short(const ArtefactBeat *beat, size_t n, size_t i)
{
        return (beat[i].jump < -1 && fmax(jump_at(beat, n, i + 1), jump_at(beat, n, i + 2)) > 1) ||
               beat[i].offset < -OFFSET_MAX;
}

static ArtefactFlag judge_length(const ArtefactBeat *beat, size_t n, size_t i)
{
        const ArtefactBeat *b = &beat[i];

        if (is_long(beat, n, i))
                return fabs(b->rr_ms / 2 - b->median) < b->threshold ? ARTEFACT_MISSED : ARTEFACT_LENGTH;
        if (is_short(beat, n, i))
                return i + 1 < n && fabs(b->rr_ms + beat[i + 1].rr_ms - b->median) < b->threshold
                                       ? ARTEFACT_EXTRA
                                       : ARTEFACT_LENGTH;
        return ARTEFACT_NONE;
}

void artefact_classify(ArtefactBeat *beat, size_t n)
{
        for (size_t i = 0; i < n; i++)
                beat[i].flag = ARTEFACT_NONE;
        if (n < 3)
                return;
        find_jumps(beat, n);
        find_offsets(beat, n);
        for (size_t i = 0; i < n; i++) {
                ArtefactFlag flag;

                if (!(fabs(beat[i].jump) > 1 || fabs(beat[i].offset) > OFFSET_MAX))
                        continue;
                flag = is_ectopic(beat, n, i) ? ARTEFACT_ECTOPIC : judge_length(beat, n, i);
                beat[i].flag = (uint8_t)flag;
                /* The jump after a long or short beat is the smaller one of the two: the next beat may be it as well. */
                if (flag == ARTEFACT_ECTOPIC || i + 1 >= n ||
                                !(fabs(beat[i + 1].jump) < fabs(jump_at(beat, n, i + 2))))
                        continue;
                flag = judge_length(beat, n, i + 1);
                if (flag != ARTEFACT_NONE)
                        beat[++i].flag = (uint8_t)flag;
        }
}
