/* SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"

/* What the tests of cardio-notify run in: a system and a session bus of their own, a cardiod played by the test, and the
 * stand-in for the notification server. An error fails the running test, so nothing here returns one. Every wait ends after
 * twenty seconds, times CARDIO_TIMEOUT_SCALE; CARDIO_WRAP (valgrind, say) is put before cardio-notify.
 *
 * Lines are taken one by one and in order. That something does not happen is shown without waiting: by what comes next
 * instead. */

#define STAGE_LINE_MAX 4096U
#define STAGE_PATH_MAX 128U
#define STAGE_SENSOR   CARDIO_SENSOR_PREFIX "/AA_BB_CC_DD_EE_FF"
#define STAGE_OTHER    CARDIO_SENSOR_PREFIX "/11_22_33_44_55_66"
#define STAGE_POD      CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"
/* In s per km: the pace limit, 6:45. */
#define STAGE_PACE_LIMIT 405.0

/* The output of a child that has not been read yet. */
typedef struct StageStream {
        int fd;
        size_t n;
        char text[STAGE_LINE_MAX];
} StageStream;

typedef struct StageChild {
        pid_t pid; /* 0 = none */
        int in;
        StageStream out, err;
} StageChild;

enum {
        STAGE_SYSTEM,
        STAGE_SESSION,
        STAGE_BUSES,
};

typedef struct NotifyStage {
        char dir[64];
        char address[STAGE_BUSES][STAGE_PATH_MAX];
        StageChild bus[STAGE_BUSES];
        StageChild server, notify;
        const char *program; /* cardio-notify; NULL = the one that was built */

        sd_bus *cardiod; /* our connection as cardiod, NULL = none */
        int64_t session; /* its properties */
        double tolerance;
        const char *units;             /* km or mile */
        const char *kind;              /* of every run */
        const char *pace;              /* per km, of every run, which is 8.42 km then; NULL = none */
        const char *verdict;           /* of every run, in words */
        int ask_talk_test, ask_if_run; /* likewise; a boolean on the bus is an int */
        char annotated[64]; /* the last call, as in "7 talk_test pass"; after that the talk test is not asked for any more */
        bool silent; /* it does not reply to GetSession() */
        bool refuse_snooze;
        uint32_t snoozed; /* seconds of the last Snooze() */
        unsigned asked;   /* GetSession() calls since the last run ended */
} NotifyStage;

/* For cmocka: both buses and a cardiod on the system bus; denied: nobody may talk to it there. */
int stage_setup(void **state);
int stage_setup_denied(void **state);
int stage_teardown(void **state);

void stage_bus_start(NotifyStage *f, int which, const char *policy);
void stage_bus_stop(NotifyStage *f, int which);
/* A further connection. */
sd_bus *stage_bus_open(NotifyStage *f, int which);

/* Takes the next line; meanwhile cardiod replies. */
void stage_next_line(NotifyStage *f, StageStream *s, char line[static STAGE_LINE_MAX]);
void stage_expect(NotifyStage *f, StageStream *s, const char *expected);
/* Passes over lines until one holds the text. */
void stage_await(NotifyStage *f, StageStream *s, const char *text);

/* The exit status, -1 for a signal. */
int stage_child_wait(StageChild *c);
void stage_child_kill(StageChild *c);

/* Its notify.conf from the next start or SIGHUP on, the lines of section [notify]. At first it has no sound. */
void stage_config(NotifyStage *f, const char *lines);
void stage_notify_start(NotifyStage *f, const char *const options[]);
/* With --print, and without any option beside the stand-in; both until it has found the cardiod on the
 * system bus. */
void stage_print_start(NotifyStage *f);
void stage_desktop_start(NotifyStage *f);
/* Ends it and expects status 0. */
void stage_stop(NotifyStage *f);

void stage_server_start(NotifyStage *f);
/* A command to the stand-in, whose next line must be the reply. */
void stage_command(NotifyStage *f, const char *command);

void stage_cardiod_start(NotifyStage *f, int which);
void stage_cardiod_stop(NotifyStage *f);
/* Waits until GetSession() has been called for the run that ended last. */
void stage_await_question(NotifyStage *f);
/* Waits until the last call of cardiod was this one. */
void stage_await_call(NotifyStage *f, const char *call, const char *expected);
void stage_emit_alert(sd_bus *bus, const char *member, int64_t session, double bpm, unsigned seconds);
void stage_over(NotifyStage *f, int64_t session, double bpm, unsigned seconds);
/* What was emitted is sent. */
void stage_flush(NotifyStage *f);
void stage_back(NotifyStage *f, int64_t session, double bpm, unsigned seconds);
/* At so many seconds per km, by that sensor. */
void stage_over_pace(NotifyStage *f, const char *sensor, int64_t session, double pace, unsigned seconds);
void stage_pace_in_range(NotifyStage *f, const char *sensor, int64_t session, double pace, unsigned seconds);
void stage_units(NotifyStage *f, const char *units);
/* Of kind rest, or of that kind. */
void stage_advice(NotifyStage *f, int64_t session, const char *text);
void stage_advice_of(NotifyStage *f, int64_t session, const char *kind, const char *text);
void stage_cue(NotifyStage *f, int64_t session, const char *cue, unsigned seconds);
void stage_trouble(NotifyStage *f, const char *kind, const char *text);
/* What is being recorded; 0: nothing is. */
void stage_session(NotifyStage *f, int64_t session);
/* The state of a sensor, as announced, and the tolerance. */
void stage_sensor_state(NotifyStage *f, const char *sensor, const char *sensor_state);
/* The same, and cardio-notify has worked it off: an advice in session 7 came after it. */
void stage_sensor_is(NotifyStage *f, const char *sensor, const char *sensor_state);
void stage_sensor_session(NotifyStage *f, const char *sensor, int64_t session);
void stage_sensor_removed(NotifyStage *f, const char *sensor);
/* Until so many seconds from now; 0: not any more. */
void stage_snoozed(NotifyStage *f, int seconds);
void stage_tolerance(NotifyStage *f, double bpm);
void stage_started(NotifyStage *f, int64_t session);
void stage_ended(NotifyStage *f, int64_t session);
void stage_discarded(NotifyStage *f, int64_t session);
