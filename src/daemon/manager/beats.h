/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

typedef struct Manager Manager;

/* Sessions of an older version: their beats are looked at one by one, while nothing is recorded. */
int beats_watch(Manager *m);
void beats_unwatch(Manager *m);
/* There may be some again. */
void beats_look_again(Manager *m);
