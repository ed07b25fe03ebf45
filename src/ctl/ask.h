/* SPDX-License-Identifier: MIT */
#pragma once

#include <signal.h>

#include "ctl.h"

/* Questions to the runner on a terminal, one line each. */

#define ASK_ANSWER_MAX 512

typedef struct Ask {
        const Output *out;
        int interrupt; /* a signalfd: until ask_end() Ctrl-C, SIGTERM and SIGHUP end the question, not the program; -1 = they do not */
        sigset_t before;
} Ask;

#define ASK_NOT_BEGUN ((Ask){ .interrupt = -1 })

void ask_begin(Ask *a, const Output *out);
void ask_end(Ask *a);
#define _cleanup_ask_ _cleanup_(ask_end)

/* Prints that no answer is kept; the outcome then. */
Outcome ask_broken_off(void);

/* Asks, and reads a line; blanks around it are cut off. Returns OUTCOME_DONE, or another outcome if the runner has
 * interrupted with Ctrl-C or Ctrl-D, after printing that no answer is kept. */
Outcome ask_line(Ask *a, char answer[static ASK_ANSWER_MAX], const char *format, ...) _printf_(3, 4);

/* The same, repeated until the answer is empty or is the beginning of one of these words, separated by blanks; ret is then
 * the index of the word, or -1 for an empty answer. */
Outcome ask_word(Ask *a, const char *words, int *ret, const char *format, ...) _printf_(4, 5);
