/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/day.h"
#include "exchange/reading.h"

/* Text of other programs: its lines, and the numbers, moments and words in them. Nothing here depends on a locale, and nothing
 * needs a NUL at an end. */

typedef struct TextSpan {
        const char *text; /* within the bytes of a file */
        size_t size;
} TextSpan;

typedef struct TextIn {
        const char *text;
        size_t size, at;
        size_t line; /* where `at` is, from 1 on */
} TextIn;

/* A byte-order mark of UTF-8 is passed over. */
void text_in_begin(TextIn *in, const uint8_t *data, size_t size);
/* Whether it begins as UTF-16 does. */
bool text_in_is_utf16(const uint8_t *data, size_t size);
/* The rest of the line, without its end, which is LF, CR LF or CR. Returns false once there is no more. in->line is then that
 * of the next one. */
bool text_in_line(TextIn *in, TextSpan *ret);

TextSpan span_trim(TextSpan span); /* of blanks and tabs */
/* The same but for capitals. */
bool span_is(TextSpan span, const char *text);
/* Takes off what is before the first such character; the whole if there is none, which leaves nothing. */
TextSpan span_pull(TextSpan *span, const char *separators);

/* The whole span, blanks around it aside, is a number, as reading_number() takes them. */
bool span_to_number(TextSpan span, double *ret);
/* H:MM:SS or MM:SS, with or without decimals; ms. */
bool span_to_clock(TextSpan span, int64_t *ret_ms);
/* HH:MM or HH:MM:SS, with or without decimals; ms since midnight. */
bool span_to_time_of_day(TextSpan span, int64_t *ret_ms);
/* 2026-05-17, 20260517, 17-05-2026, 17.05.2026; with slashes if there is only one way to read it. */
bool span_to_day(TextSpan span, Day *ret);

typedef struct Moment {
        int64_t at; /* Unix ms, as if UTC where it is local */
        bool local; /* nothing says in which zone it is */
        bool has_offset;
        int32_t offset_s; /* ahead of UTC */
} Moment;

/* ISO 8601 or close to it: a day, "T" or a blank, HH:MM, seconds and decimals or not, then "Z", an offset or neither. */
bool span_to_moment(TextSpan span, Moment *ret);
#define MOMENT_ACCEPTED "2026-05-17T08:00:00+02:00"

/* As plain UTF-8, cut at a whole character; what is not UTF-8 is taken as Latin-1. */
void span_copy(TextSpan span, char buf[static READING_TEXT_MAX]);

/* Fills in a problem at a line; a "%" in the text stands for what is quoted, which is made plain and short. */
void text_in_problem(ReadingProblem *ret, size_t line, const char *text, TextSpan quote);
