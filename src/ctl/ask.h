/* SPDX-License-Identifier: MIT */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "ctl.h"

/* Questions to the runner at a terminal, a line each. */

#define ASK_ANSWER_MAX 512

typedef struct Ask {
        const Output *out;
        int interrupt; /* Ctrl-C is read from here until ask_end(), and ends the question, not the program; -1 = it is not */
        sigset_t before;
} Ask;

#define ASK_NOT_BEGUN ((Ask){ .interrupt = -1 })

void ask_begin(Ask *a, const Output *out);
void ask_end(Ask *a);
#define _cleanup_ask_ _cleanup_(ask_end)

/* Asks, and reads a line; blanks around it are cut off. Returns OUTCOME_DONE, or another outcome once the runner has broken off
 * with Ctrl-C or Ctrl-D and was told that no answer is kept. */
Outcome ask_line(Ask *a, char answer[static ASK_ANSWER_MAX], const char *format, ...) _printf_(3, 4);

/* The same until the answer is empty, or begins one of these words, which have blanks between; ret is then the number of the word
 * from 0 on, or -1 for the empty one. */
Outcome ask_word(Ask *a, const char *words, int *ret, const char *format, ...) _printf_(4, 5);
