/* SPDX-License-Identifier: MIT */
/* What all questions of `setup` have: a line that says what they are for, and an answer that Enter stands for. No clock. */
#include <stdarg.h>
#include <stdio.h>

#include "memory.h"
#include "setup/setup.h"

void setup_explain(const Setup *s, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = text_formatted(format, arguments);
        va_end(arguments);
        putchar('\n');
        output_wrapped(s->out, STYLE_DIM, 0, 0, "%s", text);
}

Outcome setup_ask_yes(Setup *s, bool standard, bool *ret, const char *question, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;
        Outcome outcome;
        int word;

        va_start(arguments, question);
        text = text_formatted(question, arguments);
        va_end(arguments);
        outcome = ask_word(&s->ask, "yes no", &word, "%s [%s]", text, standard ? "yes" : "no");
        if (outcome == OUTCOME_DONE)
                *ret = word < 0 ? standard : word == 0;
        return outcome;
}
