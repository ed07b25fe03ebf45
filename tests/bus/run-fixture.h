/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "harness.h"

/* What the tests of the daemon share: a strap, a run with it, and queries of what is recorded. All on the private system
 * bus. On a clock of the test's own, if it has one, run_wait() and run_wait_int() let time pass. */

#define STRAP      "C0:FF:EE:00:00:01"
#define STRAP_PATH CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_01"
#define OTHER      "C0:FF:EE:00:00:02"
#define OTHER_PATH CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"

/* Parts of a configuration. The runner's ceiling is 145.55 bpm; smoothed is the median of the last three
 * heart rates, 100 ms and more apart. */
#define RUN_RUNNER    "[runner]\nage = 23\nresting-heart-rate = 50\n"
#define RUN_SMOOTHING "[smoothing]\nwindow = 100ms\n"
#define RUN_STORAGE   "[storage]\ncommit-interval = 200ms\n"
#define RUN_BASE      RUN_RUNNER RUN_SMOOTHING RUN_STORAGE

/* The strap is there, trusted, connected, and its packets reach the daemon. */
void run_strap(Harness *h, const char *address);
/* Sends one packet, and waits until the daemon has taken it. */
void run_heart_rate(Harness *h, unsigned heart_rate);
/* The time between the packets of what the stand-in sends by itself. */
void run_pace(Harness *h, usec_t usec);
/* Sends three packets that agree, after which the smoothed heart rate is this one and counts; a single packet decides
 * nothing. */
void run_settle(Harness *h, unsigned heart_rate);
/* Sends two packets without contact, with enough time in between that they are believed. */
void run_lose_contact(Harness *h);

/* Methods are named as for harness_call(). */
/* Calls a method that answers with an id. */
int64_t run_call(Harness *h, const char *member, const char *types, ...);
/* Calls a method that must be refused with this error, and a message that matches the shell pattern. */
void run_refused(Harness *h, const char *error, const char *pattern, const char *member, const char *types,
                ...);
/* Calls a method that answers with nothing. */
void run_command(Harness *h, const char *member, const char *types, ...);

/* A signal of the manager's; arguments that it does not have are 0. */
typedef struct RunSignal {
        int64_t session;
        const char *sensor;
        uint64_t realtime_usec;
        double heart_rate, ceiling;
        uint32_t seconds;
} RunSignal;
RunSignal run_wait(Harness *h, const char *member);
/* How many have come and were not taken. */
unsigned run_count(Harness *h, const char *member);

/* The next PropertiesChanged of an object, as "Recording true Session 1". To be freed. */
char *run_changed(Harness *h, const char *path);
void run_expect_changed(Harness *h, const char *path, const char *expected);

/* The one figure that a query returns; NAN for NULL and without a row. */
double run_real(Harness *h, const char *format, ...) _printf_(2, 3);
int64_t run_int(Harness *h, const char *format, ...) _printf_(2, 3);
void run_wait_int(Harness *h, int64_t expected, const char *sql);

/* Computes a session's figures from its rows in `sample` and compares them with those in its own row, with the events of its
 * breaches, and with the number of gaps reported. The configured times are in ms; stale 0: it is auto. With window, which
 * takes a stale-after, the smoothed heart rates of the one strap are computed anew as well. */
typedef struct RunLimits {
        int64_t hold, clear, stale, window;
} RunLimits;
void run_check_figures(Harness *h, int64_t session, const RunLimits *limits);

/* Waits until the manager's property is that. */
void run_wait_manager(Harness *h, const char *name, const char *expected);
/* CARDIO_TIMEOUT_SCALE: the time that a slower machine needs to start a daemon must be in the configuration, too. */
unsigned run_scale(void);
/* Waits until a process has ended by itself. */
int run_wait_end(Harness *h, Child *child);
void run_assert_contains(const char *text, const char *part);
usec_t run_realtime_usec(void);
