/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* The longest text of the coach that is shown in full. */
#define COACH_WORDS_MAX 512U

/* What clients use of the reply to GetSession(). */
typedef struct SessionRow {
        int64_t id;                    /* 0 = not given */
        char kind[64];                 /* "" = none; without control characters */
        double average, peak, ceiling; /* bpm, NAN = not known, or no ceiling */
        int64_t duration_s;            /* whole seconds, -1 = not known */
        double exact_duration_s;       /* NAN = not known */
        double over_s;                 /* above ceiling and tolerance, NAN = not known */
        int64_t breaches;              /* -1 = not known */
        double distance_km, speed; /* speed: m/s, of the time that moved; NAN = not known, or no pace in it */
        char verdict[COACH_WORDS_MAX]; /* the coach's words; "" = none */
        bool ask_talk_test;            /* the runner may be asked whether they could talk */
        bool ask_if_run;               /* … whether it was a run at all */
} SessionRow;

/* Reads the a{sv} of a GetSession() reply. Unknown keys, and those of an unexpected type, are skipped. Returns 0 or a
 * negative errno if it is not a{sv}. */
int session_row_read(sd_bus_message *m, SessionRow *ret);

/* Copies text from outside: control characters become question marks, and no character is split where it is cut. */
void text_copy(char *to, size_t size, const char *text);
