/* SPDX-License-Identifier: MIT */

/* Workouts: their grammar, and the cues of one that is being done. No clock: CLOCK_BOOTTIME is passed in.
 *
 *      steps  = item { "," item }
 *      item   = step | COUNT "x" "(" step { "," step } ")"
 *      step   = WORD DURATION
 */

#include "cardio/workout.h"

#include <string.h>

#include "cardio/macro.h"
#include "cardio/parse.h"

#define REPEATS_MAX 99.0

static const struct {
        const char *name, *steps;
} builtins[] = {
        { "fartlek", "warm-up 10min, 5x(hard 2min, easy 2min)" },
        { "cross-training", "warm-up 10min, 5x(resistance-up 2min, easy 2min)" },
};

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static size_t word_length(const char *text)
{
        size_t n = 0;

        while (is_word(text[n]))
                n++;
        return n;
}

static const char *skip_space(const char *text)
{
        return text + strspn(text, " \t");
}

bool workout_name_is_valid(const char *name)
{
        size_t n = word_length(name);

        return n > 0 && n <= WORKOUT_NAME_MAX && name[n] == '\0';
}

/* Takes one character, and white space on both sides of it. */
static bool take(const char **text, char c)
{
        const char *p = skip_space(*text);

        if (*p != c)
                return false;
        *text = skip_space(p + 1);
        return true;
}

/* The steps as they are read: what finds no room is counted all the same. */
typedef struct Steps {
        Workout *workout;
        size_t n;
} Steps;

static void steps_add(Steps *s, const WorkoutStep *step)
{
        if (s->n < WORKOUT_STEPS_MAX)
                s->workout->step[s->n] = *step;
        s->n++;
}

static int take_step(const char **text, Steps *s)
{
        char duration[DURATION_STRING_MAX];
        WorkoutStep step = { .cue = "" };
        const char *p = *text;
        size_t n;

        n = word_length(p);
        if (!is_letter(*p) || n > WORKOUT_CUE_MAX)
                return -EINVAL;
        memcpy(step.cue, p, n);
        p += n;
        if (*p != ' ' && *p != '\t')
                return -EINVAL;
        p = skip_space(p);

        n = word_length(p);
        if (n >= sizeof(duration))
                return -EINVAL;
        memcpy(duration, p, n);
        duration[n] = '\0';
        if (parse_duration(duration, &step.length_usec) < 0 || step.length_usec < USEC_PER_SEC ||
                        step.length_usec > 6 * USEC_PER_HOUR)
                return -EINVAL;

        steps_add(s, &step);
        *text = p + n;
        return 0;
}

/* COUNT x ( step, … ). */
static int take_repeats(const char **text, Steps *s)
{
        size_t first = s->n, n;
        double count;
        int r;

        r = parse_decimal(text, &count);
        if (r < 0 || count < 1 || count > REPEATS_MAX || count != (int)count)
                return -EINVAL;
        if (!take(text, 'x') || !take(text, '('))
                return -EINVAL;
        do {
                r = take_step(text, s);
                if (r < 0)
                        return r;
        } while (take(text, ','));
        if (!take(text, ')'))
                return -EINVAL;

        n = s->n - first;
        for (size_t i = n * (size_t)count - n; i > 0; i--)
                if (s->n < WORKOUT_STEPS_MAX)
                        steps_add(s, &s->workout->step[s->n - n]);
                else
                        s->n++;
        return 0;
}

int workout_parse(const char *text, Workout *ret, const char **ret_rest)
{
        const char *p = skip_space(text), *item;
        Workout workout;
        Steps s = { .workout = &workout };
        int r;

        do {
                item = p;
                r = is_letter(*p) ? take_step(&p, &s) : take_repeats(&p, &s);
                if (r < 0) {
                        *ret_rest = item;
                        return r;
                }
        } while (take(&p, ','));

        p = skip_space(p);
        if (*p != '\0') {
                *ret_rest = p;
                return -EINVAL;
        }
        if (s.n > WORKOUT_STEPS_MAX || strlen(text) > WORKOUT_STEPS_LENGTH_MAX)
                return -ERANGE;
        workout.n = s.n;
        *ret = workout;
        return 0;
}

const char *workout_builtin_name(size_t i)
{
        return i < ELEMENTSOF(builtins) ? builtins[i].name : NULL;
}

const char *workout_builtin(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(builtins); i++)
                if (strcmp(name, builtins[i].name) == 0)
                        return builtins[i].steps;
        return NULL;
}

/* -- A workout being done -- */

void workout_run_begin(WorkoutRun *run, usec_t now_usec)
{
        *run = (WorkoutRun){ .due_usec = now_usec };
}

bool workout_run_step(WorkoutRun *run, const Workout *w, usec_t now_usec, WorkoutCue *ret)
{
        if (run->next > w->n || now_usec < run->due_usec)
                return false;

        /* After this, next is the step behind the one that now lies in, due when that one ends. */
        while (run->next < w->n && now_usec >= run->due_usec)
                run->due_usec += w->step[run->next++].length_usec;
        if (run->next == w->n && now_usec >= run->due_usec) {
                run->next++;
                *ret = (WorkoutCue){ .cue = WORKOUT_CUE_DONE };
        } else
                *ret = (WorkoutCue){ .cue = w->step[run->next - 1].cue,
                        .length_usec = run->due_usec - now_usec };
        return true;
}

bool workout_run_is_demanding(const WorkoutRun *run, const Workout *w)
{
        if (run->next > w->n)
                return false;
        for (size_t i = 0; i < run->next; i++)
                if (strcmp(w->step[i].cue, WORKOUT_CUE_WARM_UP) != 0 &&
                                strcmp(w->step[i].cue, WORKOUT_CUE_EASY) != 0)
                        return true;
        return false;
}

usec_t workout_run_deadline(const WorkoutRun *run, const Workout *w)
{
        return run->next > w->n ? USEC_INFINITY : run->due_usec;
}
