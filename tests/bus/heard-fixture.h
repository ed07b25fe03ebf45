/* SPDX-License-Identifier: MIT */
#pragma once

#include "notify-fixture.h"

/* A cardio-notify whose sound and speech become lines, as in "sound bell", "say en important Hard.", "stop": the libraries are
 * replaced, and the rest is real. */

#define HEARD_ALARM "sound alarm-clock-elapsed"
#define HEARD_GOOD  "sound complete"
#define HEARD_BELL  "sound bell"
#define HEARD_BUSY  "sound phone-outgoing-busy"

typedef struct Heard {
        NotifyStage *stage;
        StageStream lines;
} Heard;

/* Whether it can be heard at all. */
bool heard_is_built_in(void);

/* For cmocka. */
int heard_setup(void **state);
int heard_teardown(void **state);

/* Starts it with these lines of [notify]: with --print; with the stand-in, which gets a command first, NULL = none. */
void heard_begin(Heard *h, const char *config);
void heard_begin_desktop(Heard *h, const char *config, const char *command);

void heard_expect(Heard *h, const char *line);
/* It has heard everything until now, and nothing came of it: a cue is always heard. after: whether something is played that it
 * takes the place of. */
void heard_expect_nothing(Heard *h, bool after);
/* A short sound, and the words behind it; they come from two processes. */
void heard_expect_both(Heard *h, const char *sound, const char *words);
