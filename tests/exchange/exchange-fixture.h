/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "exchange/exchange.h"

/* Sessions and items by hand, and files in memory, for the tests of what writes them. */

#define FIXTURE_STARTED_AT INT64_C(1779031800250) /* 2026-05-17T15:30:00.25Z */

/* At that time, two hours east, of which nothing else is known than its strap, kind and runner. */
extern const ExchangeSession fixture_run;

ExchangeItem heart_rate(int64_t t, unsigned bpm);
ExchangeItem interval(int64_t t, unsigned rr); /* 1/1024 s */
/* m/s, steps per min, m; the incline is not known. */
ExchangeItem pace(int64_t t, double speed, double cadence, double distance);
ExchangeItem event(int64_t t, const char *type, double value, const char *detail);

typedef struct File {
        uint8_t *data;
        size_t size, allocated;
        size_t n_calls, fails_at; /* fails_at: the write or patch that fails with -ENOSPC, from 1 on; 0 = none */
} File;

void file_done(File *f);

/* Writes a session; returns what the format returned. A write after a failed one, and a patch outside of what was written, abort
 * the program. */
int exchange_write(const ExchangeFormat *format, File *f, const ExchangeSession *session,
                const ExchangeItem *items, size_t n);
