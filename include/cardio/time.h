/* SPDX-License-Identifier: MIT */
#pragma once

#include <inttypes.h>
#include <stdint.h>

/* Microseconds. Names say which clock: _boot_usec is CLOCK_BOOTTIME, _realtime_usec is Unix time; a plain
 * _usec is a length of time, or CLOCK_BOOTTIME inside the core, which knows no other clock. */
typedef uint64_t usec_t;

#define USEC_PER_MSEC ((usec_t)1000)
#define USEC_PER_SEC  ((usec_t)1000000)
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)
#define USEC_INFINITY UINT64_MAX

/* a + b that stays at USEC_INFINITY rather than wrapping. */
static inline usec_t usec_add(usec_t a, usec_t b)
{
        return b > USEC_INFINITY - a ? USEC_INFINITY : a + b;
}

/* a - b, not below 0. */
static inline usec_t usec_sub(usec_t a, usec_t b)
{
        return a > b ? a - b : 0;
}
