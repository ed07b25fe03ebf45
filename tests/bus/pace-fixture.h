/* SPDX-License-Identifier: MIT */
#pragma once

#include "edit-fixture.h"

/* What the tests of pace share: a strap, a foot pod and a treadmill, and a run with them by a clock of the test's own. */

#define POD            "C0:FF:EE:00:00:11"
#define POD_PATH       CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_11"
#define TREADMILL      "C0:FF:EE:00:00:12"
#define TREADMILL_PATH CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_12"

#define PACE_CONFIG                                                                                              \
        RUN_BASE "[ceiling]\nceiling = 150\nhold = 1s\nclear = 2s\nrepeat = 60s\n[pace]\nhold = 5s\n[session]\n" \
                 "start-above = off\nend-after = 5min\n"

/* Another sensor, which is there, trusted, connected and heard. kind: a word of the stand-in's, and its name. */
void pace_add(Harness *h, const char *address, const char *kind);
/* cardiod, in a zone where it is noon now, and the strap. */
void pace_begin(Harness *h, const char *config);

/* A second of the run: a heart rate and what the sensors say; 0 and NULL = nothing. */
typedef struct PaceSecond {
        unsigned heart_rate;
        const char *pod, *treadmill; /* what the stand-in's `speed` takes */
} PaceSecond;
/* Of a recovery run: as it should be, and too fast. */
extern const PaceSecond pace_easy, pace_fast;
void pace_pass(Harness *h, unsigned seconds, const PaceSecond *s);

/* A property of the manager's or a sensor's. To be freed. */
char *pace_figure(Harness *h, const char *path, const char *interface, const char *name);
void pace_expect(Harness *h, const char *path, const char *name, double expected, double within);
/* That it matches the shell pattern. */
void pace_expect_reason(Harness *h, const char *pattern);
/* Stops session 1, and reads what its pace came to. */
void pace_expect_session(Harness *h, double distance, double speed);

/* So many base runs of 10 km in 50 min, 3.333 m/s, and a day for recovery. With one, 8:02.8 /mile; a recovery run is 9:02.8 /mile,
 * 2.965 m/s, or slower. */
void pace_base_runs(Harness *h, int n);
/* A session on such a day, with a limit and a foot pod, that has begun easily. */
void pace_begin_recovery_run(Harness *h);
