/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* A moment of a session, as the runner writes it. */

#define EDIT_TIME_ACCEPTED                                                                         \
        "a time of day such as 18:45 or 18:45:30, a time from the start such as 40min, 1h5min or " \
        "+1:05:30, or before the end such as -5min or -0:05:00"

/* The session that it is of: its start in Unix ms, its own offset from UTC, and its length. */
typedef struct EditSpan {
        int64_t started_at;
        int utc_offset_s;
        int64_t length_ms;
} EditSpan;

/* Returns in ret the ms from its start. A time of day is by the clock as it was at the session's start, as `show` has it, so
 * that midnight and summer time make no difference. Returns 0; -EINVAL if it is none of EDIT_TIME_ACCEPTED; -ENODATA for a
 * number without a unit; -ERANGE if it is not within the session; or -ENOTUNIQ for a time of day that came twice. */
int edit_time_parse(const char *text, const EditSpan *span, int64_t *ret_ms);
