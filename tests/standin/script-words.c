/* SPDX-License-Identifier: MIT */

/* The words of a line, and which command they are. No clock. */

#include "script.h"

#include <string.h>

#include "cardio/parse.h"

#define EXPECT_USEC (5 * USEC_PER_SEC)

static const Command *command_find(const Words *w)
{
        for (const Command *const *table = w->world->tables; *table; table++)
                for (const Command *c = *table; c->name; c++)
                        if (strcmp(c->name, w->word[0]) == 0)
                                return c;
        return NULL;
}

int command_run(Words *w)
{
        const Command *c = command_find(w);

        if (!c)
                return script_refuse(w->script, "no such command: %s", w->word[0]);
        if (w->n - 1 < c->min || w->n - 1 > c->max)
                return script_refuse(w->script, "expected: %s %s", c->name, c->usage);
        return c->run(w);
}

bool word_is(const Words *w, size_t i, const char *text)
{
        return i < w->n && strcmp(w->word[i], text) == 0;
}

int word_duration(const Words *w, size_t i, usec_t *ret)
{
        if (i >= w->n || parse_duration(w->word[i], ret) < 0)
                return script_refuse(w->script, "expected a duration such as 250ms or 2s: %s",
                                i < w->n ? w->word[i] : "nothing");
        return 0;
}

int word_timeout(const Words *w, size_t i, usec_t *ret)
{
        *ret = EXPECT_USEC;
        return i < w->n ? word_duration(w, i, ret) : 0;
}

int word_number(const Words *w, size_t i, unsigned max, unsigned *ret)
{
        unsigned number;

        if (i >= w->n || parse_unsigned(w->word[i], &number) < 0 || number > max)
                return script_refuse(w->script, "expected a number from 0 to %u: %s", max,
                                i < w->n ? w->word[i] : "nothing");
        *ret = number;
        return 0;
}

int word_decimal(const Words *w, size_t i, double *ret)
{
        const char *p = i < w->n ? w->word[i] : "";
        double number;

        if (parse_decimal(&p, &number) < 0 || *p)
                return script_refuse(w->script, "expected a decimal number: %s",
                                i < w->n ? w->word[i] : "nothing");
        *ret = number;
        return 0;
}

int word_bytes(const Words *w, size_t i, uint8_t value[static VALUE_MAX], size_t *ret_size)
{
        size_t size = 0;
        char *end;

        for (; i < w->n; i++) {
                const char *word = w->word[i];

                if (size == VALUE_MAX)
                        return script_refuse(w->script, "more than %u bytes", VALUE_MAX);
                if (strlen(word) != 2 || strspn(word, "0123456789abcdefABCDEF") != 2)
                        return script_refuse(
                                        w->script, "expected a byte of two hexadecimal digits: %s", word);
                value[size++] = (uint8_t)strtoul(word, &end, 16);
        }
        *ret_size = size;
        return 0;
}

int word_choice(const Words *w, size_t i, const char *const *choices)
{
        for (int k = 0; choices[k] && i < w->n; k++)
                if (strcmp(w->word[i], choices[k]) == 0)
                        return k;
        return script_refuse(w->script, "unknown word: %s", i < w->n ? w->word[i] : "nothing");
}

int word_sender(const Words *w, size_t i, Sender **ret)
{
        Sender *sender = w->world->find_sender(w->world->userdata, w->word[i]);

        if (!sender)
                return script_refuse(w->script, "no such strap: %s", w->word[i]);
        if (!sender->send)
                return script_refuse(w->script, "%s measures no heart rate", w->word[i]);
        *ret = sender;
        return 0;
}
