/* SPDX-License-Identifier: MIT */

/* The grammar of workouts. Nothing here keeps anything: text is checked, no more.
 *
 *      steps  = item { "," item }
 *      item   = step | COUNT "x" "(" step { "," step } ")"
 *      step   = WORD DURATION
 */

#include "config-workout.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "cardio/parse.h"

#define WORD_MAX    32U
#define REPEATS_MAX 99.0

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

static int take_step(const char **text)
{
        char duration[DURATION_STRING_MAX];
        const char *p = *text;
        usec_t usec;
        size_t n;

        n = word_length(p);
        if (!is_letter(*p) || n > WORD_MAX)
                return -EINVAL;
        p += n;
        if (*p != ' ' && *p != '\t')
                return -EINVAL;
        p = skip_space(p);

        n = word_length(p);
        if (n >= sizeof(duration))
                return -EINVAL;
        memcpy(duration, p, n);
        duration[n] = '\0';
        if (parse_duration(duration, &usec) < 0 || usec < USEC_PER_SEC || usec > 6 * USEC_PER_HOUR)
                return -EINVAL;

        *text = p + n;
        return 0;
}

/* COUNT x ( step, … ). Returns the number of steps it comes to. */
static int take_repeats(const char **text)
{
        double count;
        int n = 0, r;

        r = parse_decimal(text, &count);
        if (r < 0 || count < 1 || count > REPEATS_MAX || count != (int)count)
                return -EINVAL;
        if (!take(text, 'x') || !take(text, '('))
                return -EINVAL;
        do {
                r = take_step(text);
                if (r < 0)
                        return r;
                n++;
        } while (take(text, ','));
        if (!take(text, ')'))
                return -EINVAL;
        return n * (int)count;
}

int workout_steps_check(const char *text, const char **ret_rest)
{
        const char *p = skip_space(text), *item;
        size_t n = 0;
        int r;

        do {
                item = p;
                if (is_letter(*p)) {
                        r = take_step(&p);
                        n++;
                } else {
                        r = take_repeats(&p);
                        n += r > 0 ? (size_t)r : 0;
                }
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
        if (n > WORKOUT_STEPS_MAX || strlen(text) > WORKOUT_STEPS_LENGTH_MAX)
                return -ERANGE;
        return 0;
}
