/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

/* The longest text of the coach that is shown whole. */
#define COACH_WORDS_MAX 384U

/* What we use of a row of view `sessions`. */
typedef struct SessionRow {
        char kind[64];                        /* "" = none; without control characters */
        double average, peak, ceiling;        /* bpm, NAN = not known, or no ceiling */
        double easy_percent;                  /* NAN = no ceiling */
        int64_t duration_s, longest_breach_s; /* -1 = not known */
        int64_t breaches;
        char verdict[COACH_WORDS_MAX]; /* the coach's, of a recovery run; "" = none */
} SessionRow;

/* Adds what a Verdict() reply says: the verdict, and the kind where there is one. Returns 0 or a negative
 * errno if it is not ss; then nothing is added. */
int session_row_add_verdict(SessionRow *row, sd_bus_message *m);

/* Reads the a{sv} of a GetSession() reply. Columns we do not know, or whose type we do not expect, are
 * passed over. Returns 0 or a negative errno if it is not a{sv}. */
int session_row_read(sd_bus_message *m, SessionRow *ret);

/* Copies text from outside: control characters become question marks, and a cut never splits a
 * character. */
void text_copy(char *to, size_t size, const char *text);
