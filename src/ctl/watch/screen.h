/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "cardio/macro.h"
#include "watch/frame.h"

/* The terminal as a screen that is drawn on in place, on the alternate screen, so that the previous contents are there again
 * afterwards. However the program ends, the terminal is restored; except by SIGKILL. */
typedef struct Screen Screen;

/* Takes over the terminal on stdout, and the keys of stdin if that is one, too. One at a time. Returns 0 or a negative
 * errno. */
int screen_open(bool colour, Screen **ret);
Screen *screen_close(Screen *s);
DEFINE_CLEANUP(Screen *, screen_close);

/* Makes the frame as large as the terminal is now, and empty. */
void screen_size(const Screen *s, Frame *f);

/* Shows the frame, sending only the rows that have changed. Returns 1; 0 if the terminal does not take any more now, so that
 * it is to be called again later; or a negative errno if the terminal is gone. */
int screen_draw(Screen *s, const Frame *f);

/* Rings the bell, with the next frame. */
void screen_ring(Screen *s);

/* The next byte from the keyboard; 0 if there is none now, or a negative errno if the terminal is gone. */
int screen_key(Screen *s);
bool screen_has_keys(const Screen *s);

/* Restores the terminal, and takes it over again, to be redrawn: before and after being stopped. */
void screen_suspend(Screen *s);
void screen_resume(Screen *s);
