/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "report/report.h"
#include "report/trend.h"

/* Pages made by hand and of any bytes, for unit tests and the fuzz target. */

typedef struct PageBytes {
        char *data;
        size_t size;
        size_t n_calls, fails_at; /* fails_at: the call of the sink that fails, 0 = none */
} PageBytes;

int page_bytes_write(void *userdata, const void *data, size_t size);
void page_bytes_done(PageBytes *p);

/* A run without anything: all figures unknown. */
ReportRun fixture_empty_run(void);

/* Made of bytes: any figure may be any number or none, any text any text; times are within the session. Writes its page, and
 * returns what report_write_run() did. */
int fixture_write_any_run(const uint8_t *data, size_t size, PageBytes *ret);

/* The same of years: a trend of at most some hundred days. */
int fixture_write_any_trend(const uint8_t *data, size_t size, PageBytes *ret);

/* Writes n pages of random bytes, the same for one seed. Returns what page_judge() has against one of them, or NULL. */
const char *fixture_judge_any(int (*write_any)(const uint8_t *data, size_t size, PageBytes *ret), unsigned n,
                uint64_t seed);
