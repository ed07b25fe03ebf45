/* SPDX-License-Identifier: MIT */
#pragma once

/* What the tests share that read FIT files made by hand. To be included behind cmocka.h. */

#include <string.h>

#include "exchange/reading.h"
#include "fit-bytes-fixture.h"
#include "reading-fixture.h"

/* 2021-09-08T01:46:40Z in FIT's time; its lowest five bits are 0. */
#define T UINT64_C(1000000000)

/* Messages and fields as they are used below, by their numbers in the profile. */
#define FILE_ID  0
#define SESSION  18
#define LAP      19
#define RECORD   20
#define ACTIVITY 34
#define HRV      78
#define HR       132

/* A time, and a heart rate. */
#define TIME_HR "253:4:86 3:1:02"

static inline void expect_bytes(const void *data, size_t size, const char *want)
{
        Reading reading = { 0 };

        reading_make(&reading, &reading_fit, data, size);
        assert_string_equal(reading.text, want);
        reading_done(&reading);
}

static inline void begin(FitBytes *b)
{
        memset(b, 0, sizeof(*b));
        fit_bytes_begin(b, 14);
        fit_bytes_define(b, 0, false, FILE_ID, "0:1:00");
        fit_bytes_message(b, 0, 4);
}

static inline void end(FitBytes *b, const char *want)
{
        fit_bytes_end(b);
        expect_bytes(b->data, b->size, want);
}
