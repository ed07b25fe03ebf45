/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cardio/coach.h"
#include "cardio/engine.h"
#include "cardio/intensity.h"
#include "cardio/macro.h"
#include "cardio/resting.h"
#include "cardio/runner.h"
#include "cardio/workout.h"
#include "cardio/zones.h"
#include "local.h"

/* cardiod.conf and its drop-ins. The values are as configured; config_engine() computes what the core runs on. */

#define CONFIG_WORKOUTS_MAX 16U
#define WORKOUT_SECTION     "workout "

typedef struct Config {
        /* [runner] */
        unsigned age; /* 0 = from born */
        Date born;    /* year 0 = from age */
        Sex sex;
        unsigned max_heart_rate; /* bpm, 0 = from the formula */
        HrmaxFormula max_heart_rate_formula;
        double resting_heart_rate;               /* bpm */
        bool resting_is_default, age_is_default; /* … and set nowhere */
        double lactate_threshold;                /* bpm, 0 = unknown */

        /* [ceiling] */
        Intensity ceiling;
        double tolerance; /* bpm */
        usec_t hold_usec, clear_usec, repeat_usec;

        /* [zones] */
        ZoneModel zone_model;
        ZoneTable bounds;  /* in the model's unit; the model's own where none are configured */
        double hysteresis; /* bpm */

        /* [sensor] */
        char address[18]; /* "" = any */
        usec_t stale_after_usec, frozen_after_usec;
        bool trust_contact;

        /* [smoothing] */
        usec_t window_usec;

        /* [beats] */
        bool detrend;

        /* [session] */
        Intensity start_above;
        usec_t start_after_usec, pre_roll_usec, end_after_usec, cool_down_usec, min_duration_usec,
                        switch_after_usec;

        /* [storage] */
        usec_t commit_interval_usec, sync_interval_usec;

        /* [coach] */
        Intensity base_ceiling;
        bool rest_days;
        unsigned cycle_days;
        Level level;
        Phase phase;

        /* [pace] */
        char pace_address[18]; /* "" = auto: a treadmill before a foot pod */
        unsigned pace_margin;  /* s per mile */
        usec_t pace_hold_usec;
        bool miles;

        /* [workout NAME] */
        size_t n_workouts;
        struct {
                char *name;
                char *steps;
        } workout[CONFIG_WORKOUTS_MAX];
} Config;

/* Reads FILE, then FILE.d/ *.conf in name order, over the defaults, and checks the whole. A missing FILE is an error only
 * if must_exist. today is the local date, for the age. Returns 0 and a new Config; or a negative errno, that of the first
 * mistake, and in ret_error (freed by the caller) all that is wrong, a line for each: "FILE:LINE: KEY: reason; accepted: …",
 * after INI_ERRORS_MAX of them "and N more mistakes"; NULL only if memory was short. A default that would contradict a
 * configured key gives way to it: cool-down to end-after, commit-interval and sync-interval to each other. */
int config_load(const char *path, bool must_exist, Date today, Config **ret, char **ret_error);

/* The first of those lines, and how many more there are. To be freed; NULL if memory is short. */
char *config_errors_brief(const char *errors);

Config *config_free(Config *c);
DEFINE_CLEANUP(Config *, config_free);

/* Writes the configuration in effect as an INI file that config_load() reads back to the same. */
int config_print(const Config *c, FILE *f);

/* Values that are allowed, but hardly meant; each text says what is set and what to do about it. */
#define CONFIG_WARNINGS_MAX 8U
#define CONFIG_WARNING_MAX  256U
typedef struct ConfigWarnings {
        size_t n;
        struct {
                const char *key;
                bool measured; /* it may name measured figures, which must not be logged */
                char text[CONFIG_WARNING_MAX];
        } warning[CONFIG_WARNINGS_MAX];
} ConfigWarnings;

/* runner: the figures in force. measured: the resting heart rate by the mornings, NULL if unknown. */
void config_warnings(
                const Config *c, const Runner *runner, const RestingInForce *measured, ConfigWarnings *ret);

/* Why the birthday cannot be true: NULL, or text to follow it, such as "is in the future". To be asked again later if no date
 * was known when the configuration was read. */
const char *config_doubt_born(const Config *c, Date today);

/* The figures in force on a date. */
Runner config_runner(const Config *c, Date today);

/* The same on a date in the past that is known, however long ago: where the age follows from the birthday it was another one. */
Runner config_runner_then(const Config *c, Date date);

/* What the core runs on, with the figures of config_runner(), or others as valid. config_load() has made sure that it can be
 * computed. */
EngineConfig config_engine(const Config *c, const Runner *runner);

/* The zones of a session in bpm, by the model and bounds that its row has (NULL or "": as configured) and the runner that it had.
 * Returns 0; -EINVAL if they are none; or -ENODATA if the runner's lactate threshold is needed and not known. */
int config_zones(
                const Config *c, const char *model, const char *bounds, const Runner *runner, ZoneTable *ret);

/* What the coach needs. */
CoachConfig config_coach(const Config *c);

/* The workout of this name: the runner's own, else a built-in one. Returns 0 or -ENOENT. */
int config_workout(const Config *c, const char *name, Workout *ret);

/* The zone bounds in the model's unit, as in the file: "50 60 70 80 90". Returns buf. */
#define ZONE_BOUNDS_STRING_MAX 128
const char *config_zone_bounds(const Config *c, char buf[static ZONE_BOUNDS_STRING_MAX]);
