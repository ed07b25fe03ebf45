/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/intensity.h"
#include "cardio/macro.h"
#include "cardio/sensor.h"
#include "cardio/time.h"
#include "daemon/config/config.h"

/* Packet streams of straps, played through the core and the store. CONTRIBUTING.md describes the files to a person; here
 * is all of their grammar. A line is one of:
 *
 *      # …                      a comment; the first line is one, and says in plain words what this is
 *      config SECTION.KEY VALUE as in cardiod.conf, before the first packet
 *      data PATH                the packets are in $(TEST_DATA)/PATH, a table of `streams` or the folder garmin-strap-run
 *      = …                      what is expected to come of it: written by `test-replay-streams --update`, never by hand
 *      TIME [STRAP:]BYTES       a value of 0x2A37 in hexadecimal digits, `-` for an empty one
 *      TIME [STRAP:]repeat N every SECONDS ITEM…
 *                               N items, one every so many seconds, from the list over and over. An item is BYTES, `.` for
 *                               no packet, or either of them N times in a row: 00a5*6
 *      TIME [STRAP:]link up|connecting|down
 *      TIME command start|stop|snooze DURATION|ceiling EXPRESSION|ceiling default
 *      TIME command hold|release
 *                               a resting heart rate is measured from then on; it no longer is
 *      TIME asleep DURATION     the machine is suspended for so long
 *      TIME end                 the daemon is stopped then; else an hour without packets follows
 *
 * TIME is in seconds from wherever the file begins, and does not go back from line to line, though packets of a `repeat`
 * may fall among those of lines below it. STRAP is 0 where it is left out. Each strap's link is up from its first line on,
 * unless that one says otherwise. The runner is 23 years old and has a resting heart rate of 50, unless `config` says
 * otherwise; everything else is as shipped. */

#define REPLAY_FILE_MAX   (32U * 1024 * 1024)
#define REPLAY_STEPS_MAX  2000000U
#define REPLAY_CONFIG_MAX 32U
#define REPLAY_TIME_MAX   (7 * 24 * USEC_PER_HOUR)
#define REPLAY_VALUE_MAX  512U

typedef enum ReplayStepType {
        REPLAY_PACKET,
        REPLAY_LINK,
        REPLAY_START,
        REPLAY_STOP,
        REPLAY_SNOOZE,
        REPLAY_CEILING,
        REPLAY_HOLD,
        REPLAY_RELEASE,
        REPLAY_ASLEEP,
        REPLAY_END,
        _REPLAY_STEP_TYPE_MAX,
        _REPLAY_STEP_TYPE_INVALID = -EINVAL,
} ReplayStepType;

typedef struct ReplayStep {
        usec_t at_usec; /* from the file's start */
        ReplayStepType type;
        unsigned sensor;
        SensorLink link;
        const uint8_t *value; /* in the replay's bytes */
        size_t size;
        usec_t length_usec;
        const Intensity *ceiling; /* NULL = the configuration's */
        size_t order;             /* of steps at the same time */
} ReplayStep;

typedef struct ReplayConfig {
        const char *key, *value; /* "session.end-after" */
        unsigned line;
} ReplayConfig;

/* What a step points to, kept until the whole is freed. */
typedef struct ReplayBlock ReplayBlock;

typedef struct Replay {
        const char *path;
        char *text;     /* the file, cut into lines */
        char *expected; /* the lines behind `= `; "" = none */
        const char *data;
        bool data_missing; /* … are not on this machine: there are no packets */
        size_t n_config;
        ReplayConfig config[REPLAY_CONFIG_MAX];
        size_t n_steps, n_steps_allocated;
        ReplayStep *step; /* in the order of time */
        ReplayBlock *blocks;
} Replay;

/* Reads a file; path must stay. Returns 0; or a negative errno and in ret_error, freed by the caller, what is wrong where:
 * "FILE:LINE: reason". */
int replay_load(const char *path, Replay **ret, char **ret_error);
Replay *replay_free(Replay *r);
DEFINE_CLEANUP(Replay *, replay_free);

/* Writes the file anew with these expected lines in place of its own. Returns 0 or a negative errno. */
int replay_update(const char *path, const char *expected);

/* replay-data.c: packets from the tables of recordings. Returns 0, -ENOENT if there are none on this machine, or another
 * negative errno and ret_error. */
int replay_load_data(Replay *r, char **ret_error);

/* Sets the error, NULL if memory is short, and returns -EINVAL. */
int replay_error(char **ret_error, const char *format, ...) _printf_(2, 3);
/* Returns memory that lives as long as the replay, or NULL. */
void *replay_keep(Replay *r, const void *bytes, size_t size);
int replay_add(Replay *r, const ReplayStep *step);

/* -- replay-play.c: what comes of it -- */

/* Lines of text that grow; what does not fit into memory ends the program. */
typedef struct Lines {
        char *text;
        size_t size, n;
} Lines;

void lines_add(Lines *l, const char *format, ...) _printf_(2, 3);
void lines_free(Lines *l);
#define _cleanup_lines_ _cleanup_(lines_free)

/* A number as these files have it: at most three decimals, none that is 0. Returns buf. */
#define REPLAY_NUMBER_MAX 40
const char *replay_number(double value, char buf[static REPLAY_NUMBER_MAX]);

/* What the table of streams compares. Times are seconds; NAN = none. */
typedef struct ReplayFigures {
        unsigned heart_rates, sessions, breaches;
        double noticed, began, first_alert, peak, over_s, live_s;
} ReplayFigures;

/* Plays it through the core and, into a database in the folder, the store. ret_found: what came of it, as in the file's
 * expected lines; ret_broken: what must never be so, a line for each. ret_figures may be NULL. Returns 0; or a negative
 * errno and ret_error. */
int replay_play(const Replay *r, const char *folder, Lines *ret_found, Lines *ret_broken,
                ReplayFigures *ret_figures, char **ret_error);

/* replay-rows.c: what is in the database, whose sessions are all closed. origin_ms: Unix time at 0. */
int replay_rows(const char *path, int64_t origin_ms, Lines *found, Lines *broken, ReplayFigures *figures,
                char **ret_error);
/* Takes the figures of all sessions away again, as a daemon that was killed leaves them. */
int replay_rows_reopen(const char *path, char **ret_error);

/* replay-again.c: replays the sessions of a database from their raw rows, into the same database; config as they were recorded
 * with. heard: all heart rates of all straps, at_ms by the wall clock: what was heard before a session is in none of its rows. */
typedef struct ReplayHeard {
        int64_t at_ms;
        unsigned sensor;
        uint16_t heart_rate;
        bool has_rr;
} ReplayHeard;
int replay_again(const char *path, const Config *config, const ReplayHeard *heard, size_t n_heard,
                Lines *broken, char **ret_error);
