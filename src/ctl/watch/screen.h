/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/macro.h"
#include "watch/frame.h"

/* The terminal as a screen that is drawn on in place, on the alternate page, so that what was there before is
 * there afterwards. However the program ends, the terminal is as it was; only SIGKILL leaves it as it is. */
typedef struct Screen Screen;

/* Takes over the terminal that stdout is, and the keys of stdin if that is one, too. One at a time. Returns 0
 * or a negative errno. */
int screen_open(bool colour, Screen **ret);
Screen *screen_close(Screen *s);
DEFINE_CLEANUP(Screen *, screen_close);

/* As large as the terminal is now, and empty. */
void screen_size(const Screen *s, Frame *f);

/* Shows it, sending only the rows that have changed. Returns 1; 0 if the terminal does not take any more
 * now, and it is to be tried again later; or a negative errno if it is gone. */
int screen_draw(Screen *s, const Frame *f);

/* A key; 0 if there is none now, or a negative errno if the terminal is gone. */
int screen_key(Screen *s);
bool screen_has_keys(const Screen *s);

/* Gives the terminal back, and takes it again, all of it to be drawn anew: around being stopped. */
void screen_suspend(Screen *s);
void screen_resume(Screen *s);
