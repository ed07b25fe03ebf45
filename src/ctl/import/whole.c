/* SPDX-License-Identifier: MIT */

/* The limits are those of ImportSession, see org.cardiod1(5). No clock. */

#include "import/whole.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "cardio/diary.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/measurement.h"
#include "cardio/parse.h"
#include "cardio/resting.h"
#include "cardio/runner.h"
#include "cardio/text.h"
#include "cardio/zones.h"

#define MAXIMUM_MIN   100
#define TOLERANCE_MAX 50
#define VALUE_MAX     1e9

static void make_short(char *text, size_t max)
{
        text[utf8_fit(text_make_plain(text), max)] = '\0';
}

static void keep_figure(double *figure, double min, double max)
{
        if (!(*figure >= min && *figure <= max))
                *figure = NAN;
}

static void keep_word(char *word, int value)
{
        if (value < 0)
                word[0] = '\0';
}

/* A model that is known, and rising numbers with blanks between them; or neither of both. */
static bool is_zones(const char *model, const char *bounds)
{
        double before = -1, bound;
        size_t n = 0;

        if (zone_model_from_string(model) < 0)
                return false;
        for (; *bounds; n++, before = bound) {
                if (parse_decimal(&bounds, &bound) < 0 || !(bound > before) || (*bounds && *bounds != ' '))
                        return false;
                bounds += strspn(bounds, " ");
        }
        return n > 0 && n <= ZONES_MAX;
}

static void make_words(ReadingActivity *w)
{
        Intensity intensity;

        keep_word(w->kind, kind_from_string(w->kind));
        keep_word(w->day_kind, kind_from_string(w->day_kind));
        keep_word(w->talk_test, talk_test_from_string(w->talk_test));
        keep_word(w->sex, sex_from_string(w->sex));
        if (strcmp(w->ceiling_expression, "auto") != 0)
                keep_word(w->ceiling_expression, intensity_parse(w->ceiling_expression, &intensity));
        make_short(w->sport, DIARY_WORDS_MAX);
        make_short(w->device, DIARY_WORDS_MAX);
        make_short(w->workout, DIARY_WORDS_MAX);
        if (!is_zones(w->zone_model, w->zone_bounds))
                w->zone_model[0] = w->zone_bounds[0] = '\0';
        make_short(w->note, DIARY_NOTE_MAX);
}

static void make_figures(ReadingActivity *w)
{
        keep_figure(&w->maximum, MAXIMUM_MIN, HEART_RATE_MAX);
        keep_figure(&w->resting, RESTING_MIN, RESTING_MAX);
        if (w->resting >= w->maximum)
                w->resting = w->maximum = NAN;
        keep_figure(&w->ceiling, HEART_RATE_MIN, HEART_RATE_MAX);
        keep_figure(&w->tolerance, 0, TOLERANCE_MAX);
        if (w->rpe > RPE_MAX)
                w->rpe = 0;
}

/* What else happened is found out again by the replay. */
static bool is_wanted(const WireEvent *e)
{
        static const char *const types[] = { "mark", "step", "ceiling", "snooze", "battery", "clock", "strap",
                "trouble", "stale", "contact-lost", "over-pace", "pace-in-range" };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strcmp(types[i], e->type) == 0)
                        return true;
        return false;
}

static void make_events(Activity *a)
{
        size_t n = 0;

        for (size_t i = 0; i < a->n_events; i++) {
                ActivityEvent e = a->events[i];

                if (!is_wanted(&e.event) || n == ACTIVITY_EVENTS_KEPT_MAX)
                        continue;
                if (strcmp(e.event.type, "ceiling") == 0)
                        keep_figure(&e.event.value, HEART_RATE_MIN, HEART_RATE_MAX);
                else
                        keep_figure(&e.event.value, -VALUE_MAX, VALUE_MAX);
                make_short(e.event.detail, DIARY_WORDS_MAX);
                a->events[n++] = e;
        }
        a->n_events = n;
}

static void make_pace(Activity *a)
{
        for (size_t i = 0; i < a->n_pace; i++) {
                WirePace *p = &a->pace[i].pace;

                keep_figure(&p->speed, 0, 100);
                keep_figure(&p->cadence, 0, 1000);
                keep_figure(&p->distance, 0, 1e7);
                keep_figure(&p->incline, -100, 100);
        }
}

void activity_make_acceptable(Activity *a)
{
        make_words(&a->whole);
        make_figures(&a->whole);
        make_events(a);
        make_pace(a);
}
