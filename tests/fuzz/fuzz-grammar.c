/* SPDX-License-Identifier: MIT */

/* The small grammars: ceilings, durations, numbers, workouts, days, and the value of every key of the configuration. The
 * first byte chooses one, the rest is the text. What is accepted is written again, and that reads as the same and is written
 * the same. No clock. */

#include "cardio/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/coach.h"
#include "cardio/day.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/runner.h"
#include "cardio/workout.h"
#include "cardio/zones.h"
#include "daemon/config/keys.h"
#include "fuzz.h"

#define KEYS_FROM 0x40U

static const Date today = { 2026, 6, 15 };

static void try_intensity(const char *text)
{
        static const Runner runner = { .resting = 50, .maximum = 197, .lactate_threshold = 170 };
        char first[INTENSITY_STRING_MAX], second[INTENSITY_STRING_MAX];
        Intensity i = { .kind = _INTENSITY_KIND_INVALID, .value = -1 }, again;
        double bpm = -1;

        if (intensity_parse(text, &i) < 0) {
                check(i.kind == _INTENSITY_KIND_INVALID && i.value == -1);
                return;
        }
        check(strlen(intensity_to_string(&i, first)) < INTENSITY_STRING_MAX);
        check(intensity_parse(first, &again) == 0);
        check(again.kind == i.kind && again.value == i.value);
        check(strcmp(intensity_to_string(&again, second), first) == 0);
        if (intensity_to_bpm(&i, &runner, &bpm) > 0)
                check(bpm > 0 && bpm <= 1.5 * 250);
        else
                check(bpm == -1);
}

static void try_duration(const char *text)
{
        char first[DURATION_STRING_MAX];
        usec_t usec, again;

        if (parse_duration(text, &usec) < 0)
                return;
        check(usec % USEC_PER_MSEC == 0);
        check(strlen(duration_to_string(usec, first)) < DURATION_STRING_MAX);
        check(parse_duration(first, &again) == 0);
        check(again == usec);
}

static void try_decimal(const char *text)
{
        char first[DECIMAL_STRING_MAX], second[DECIMAL_STRING_MAX];
        const char *p = text;
        double value = -1, again;

        if (parse_decimal(&p, &value) < 0) {
                check(p == text && value == -1);
                return;
        }
        check(p > text && p <= text + strlen(text));
        check(value >= 0 && value < 1e15);
        check(strlen(decimal_to_string(value, first)) < DECIMAL_STRING_MAX);
        p = first;
        check(parse_decimal(&p, &again) == 0 && *p == '\0');
        check(again == value);
        check(strcmp(decimal_to_string(again, second), first) == 0);
}

static void try_unsigned(const char *text)
{
        unsigned value;
        double decimal;

        if (parse_unsigned(text, &value) < 0)
                return;
        check(strspn(text, "0123456789") == strlen(text));
        check(parse_decimal(&text, &decimal) < 0 || decimal == value);
}

/* The steps written one by one read as the same steps; that there are too many of them to be so written is no fault. */
static void check_steps(const Workout *w)
{
        char text[WORKOUT_STEPS_MAX * (WORKOUT_CUE_MAX + DURATION_STRING_MAX + 3)] = "";
        char duration[DURATION_STRING_MAX];
        const char *rest = NULL;
        size_t n = 0;
        Workout again;
        int r;

        for (size_t i = 0; i < w->n; i++) {
                check(w->step[i].cue[0] != '\0' && memchr(w->step[i].cue, '\0', sizeof(w->step[i].cue)));
                check(w->step[i].length_usec >= USEC_PER_SEC && w->step[i].length_usec <= 6 * USEC_PER_HOUR);
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s %s", i > 0 ? ", " : "",
                                w->step[i].cue, duration_to_string(w->step[i].length_usec, duration));
        }
        r = workout_parse(text, &again, &rest);
        check(r == (n > WORKOUT_STEPS_LENGTH_MAX ? -ERANGE : 0));
        if (r < 0)
                return;
        check(again.n == w->n);
        for (size_t i = 0; i < w->n; i++)
                check(strcmp(again.step[i].cue, w->step[i].cue) == 0 &&
                                again.step[i].length_usec == w->step[i].length_usec);
}

static void check_run(const Workout *w)
{
        usec_t now_usec = USEC_PER_HOUR, before_usec = now_usec;
        WorkoutCue cue;
        WorkoutRun run;
        size_t n = 0;

        workout_run_begin(&run, now_usec);
        while ((now_usec = workout_run_deadline(&run, w)) < USEC_INFINITY) {
                check(now_usec >= before_usec);
                check(workout_run_step(&run, w, now_usec, &cue));
                check(strcmp(cue.cue, n < w->n ? w->step[n].cue : WORKOUT_CUE_DONE) == 0);
                before_usec = now_usec;
                n++;
        }
        check(n == w->n + 1);
}

static void try_workout(const char *text)
{
        const char *rest = NULL;
        Workout w;
        int r = workout_parse(text, &w, &rest);

        check(r == 0 || r == -EINVAL || r == -ERANGE);
        check((r == -EINVAL) == (rest != NULL));
        if (rest)
                check(rest >= text && rest <= text + strlen(text));
        if (r == 0) {
                check(strlen(text) <= WORKOUT_STEPS_LENGTH_MAX);
                check(w.n >= 1 && w.n <= WORKOUT_STEPS_MAX);
                check_steps(&w);
                check_run(&w);
        }
        if (workout_name_is_valid(text))
                check(strlen(text) <= WORKOUT_NAME_MAX && !strpbrk(text, " ]\n;#="));
}

static void try_day(const char *text)
{
        char again[DAY_STRING_MAX];
        int year;
        unsigned month, of_month;
        Day day, same;

        if (day_parse(text, &day) < 0)
                return;
        check(day >= DAY_MIN && day <= DAY_MAX);
        check(strcmp(day_to_string(day, again), text) == 0);
        day_to_civil(day, &year, &month, &of_month);
        check(day_is_valid(year, month, of_month));
        check(day_from_civil(year, month, of_month, &same) == 0 && same == day);
        check(day_of_moment((int64_t)day * 86400000 + 43200000, 0) == day);
        check(day_of_week(day) == (unsigned)((day % 7 + 10) % 7));
}

/* The words of each list lead back to themselves. */
static void try_names(const char *text)
{
        Sex sex = sex_from_string(text);
        ZoneModel model = zone_model_from_string(text);
        Kind kind = kind_from_string(text);
        Distance distance = distance_from_string(text);

        check(sex < 0 || strcmp(sex_to_string(sex), text) == 0);
        check(model < 0 || strcmp(zone_model_to_string(model), text) == 0);
        check(kind < 0 || strcmp(kind_to_string(kind), text) == 0);
        check(distance < 0 || strcmp(distance_to_string(distance), text) == 0);
}

static void try_key(const ConfigKey *key, const char *text)
{
        Config c, untouched, again;
        char first[CONFIG_VALUE_MAX], second[CONFIG_VALUE_MAX];
        const char *reason = NULL;

        memset(&c, 0, sizeof(c));
        untouched = c;
        if (config_key_parse(key, text, today, &c, &reason) < 0) {
                check(reason && *reason);
                check(memcmp(&c, &untouched, sizeof(c)) == 0);
                return;
        }
        memset(&again, 0, sizeof(again));
        check(config_key_print(key, &c, first));
        check(!strpbrk(first, "\n\r;#"));
        check(config_key_parse(key, first, today, &again, &reason) == 0);
        check(config_key_print(key, &again, second));
        check(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static void (*const grammars[])(const char *text) = {
                try_intensity,
                try_duration,
                try_decimal,
                try_unsigned,
                try_workout,
                try_names,
                try_day,
        };
        _cleanup_free_ char *text = NULL;
        unsigned which;

        if (size == 0)
                return 0;
        text = fuzz_text(data + 1, size - 1);
        /* From 0x40 on the keys: so that what is in the corpus stays what it is. */
        which = data[0];
        if (which < KEYS_FROM)
                grammars[which % ELEMENTSOF(grammars)](text);
        else
                try_key(&config_keys[(which - KEYS_FROM) % _CONFIG_KEY_MAX], text);
        return 0;
}
