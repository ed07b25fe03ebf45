/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <string.h>
#include <syslog.h>

#include "cardio/macro.h"
#include "cardio/time.h"

/* To the journal if stderr is the journal, else to stderr. Heart rates are health data: never above LOG_DEBUG. Debug lines
 * appear with CARDIOD_LOG_LEVEL=debug. The macros have no value; whoever decides to go on or stop logs, once. */
void log_open(void);
void log_line(int priority, const char *format, ...) _printf_(2, 3) __attribute__((cold));

#define log_error(...)   log_line(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)

/* The journal accepts a limited number of lines from a service, and drops the rest: a line that matters must not be dropped
 * because somebody has made us log others. Warnings and errors have one share, all other lines but debug lines another. */
#define LOG_SHARE_MAX  200U /* lines … */
#define LOG_SHARE_USEC (30 * USEC_PER_SEC)
typedef struct LogShare {
        usec_t begin_usec; /* CLOCK_BOOTTIME */
        unsigned lines, left_out;
} LogShare;
/* Whether there is room for one more line. ret_left_out: how many were left out in the interval before, to be logged now. */
bool log_share_take(LogShare *s, usec_t now_usec, unsigned *ret_left_out);

/* Events an administrator may filter by: journalctl MESSAGE_ID=… */
#define LOG_ID_SESSION_STARTED "6ad0bb4b3f9c4e0f9d1f0a0d7cc3a1e1"
#define LOG_ID_SESSION_ENDED   "f1e8d3a7c4f14ff2a5c94a4b0f3c7d52"
#define LOG_ID_STRAP_FOUND     "0b6f5d1c9a7d4c86b7a9e2d84e3f6a93"
#define LOG_ID_STRAP_LOST      "c25a9e80d1f7436cb98d3e61f40a27b4"

/* The same with MESSAGE_ID and one field of ours, NAME=value (NULL = none). */
void log_event(const char *message_id, const char *field, const char *format, ...) _printf_(3, 4)
                __attribute__((cold));
