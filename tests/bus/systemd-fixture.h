/* SPDX-License-Identifier: MIT */
#pragma once

#include "run-fixture.h"

/* What systemd is notified of, on a socket of the test's own: for a daemon that is started between begin and end. */
typedef struct Systemd {
        int fd;
        const char *pattern;
        bool found;
        char *log; /* everything received, as lines */
} Systemd;

void systemd_begin(Harness *h, Systemd *s);
void systemd_end(Systemd *s);
/* Takes one message after the other until one matches the shell pattern. */
void systemd_wait(Harness *h, Systemd *s, const char *pattern);
/* Forgets what has come so far. */
void systemd_forget(Systemd *s);
