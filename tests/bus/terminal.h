/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include <sys/types.h>

#include "harness.h"

/* A terminal with a program on it, for output that is drawn rather than printed: a pseudo-terminal and an emulator that
 * interprets the program's output. */
typedef struct Terminal Terminal;

/* Runs cardioctl, with these arguments up to a NULL, on a terminal of that size. The text it shows is UTF-8. */
Terminal *terminal_run(Harness *h, unsigned rows, unsigned columns, ...) __attribute__((sentinel));
/* The same of any program, looked up in PATH; argv ends with NULL. */
Terminal *terminal_run_program(Harness *h, unsigned rows, unsigned columns, const char *const *argv);
Terminal *terminal_free(Terminal *t);
DEFINE_CLEANUP(Terminal *, terminal_free);
#define _cleanup_terminal_ _cleanup_(terminal_freep)

void terminal_resize(Terminal *t, unsigned rows, unsigned columns);
void terminal_type(Terminal *t, const char *keys);
/* Hangs up: the program gets SIGHUP. */
void terminal_hang_up(Terminal *t);
pid_t terminal_pid(const Terminal *t);

/* A row as text, without blanks at its end; valid until the next call. */
const char *terminal_row(Terminal *t, unsigned row);
/* Waits until a row matches the shell pattern. */
void terminal_wait(Terminal *t, unsigned row, const char *pattern);
/* The same of this row or a later one: which one it is. */
unsigned terminal_find(Terminal *t, unsigned first, const char *pattern);
/* Waits until the whole screen matches, row by row. */
void terminal_wait_screen(Terminal *t, const char *const *patterns, size_t n);
/* Waits until it shows the alternate page, or does not. */
void terminal_wait_page(Terminal *t, bool alternate);

bool terminal_shows_cursor(const Terminal *t);
/* Whether it echoes and reads by lines. */
bool terminal_is_cooked(const Terminal *t);
/* Something in that row has that colour, 0 to 7, as its background. */
bool terminal_has_background(Terminal *t, unsigned row, unsigned colour);
bool terminal_has_foreground(Terminal *t, unsigned row, unsigned colour);
/* What was sent, all of it; to look for what must not be in it. */
const char *terminal_sent(const Terminal *t);

/* Waits until it has ended: its exit status, 128 + number for a signal. */
int terminal_wait_end(Terminal *t);
