/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

/* The keys of the configuration, except the steps of workouts: section, accepted values, default, reading and writing.
 * Everything that reads, prints or explains the configuration uses this one table. */

typedef enum ConfigKeyId {
        KEY_AGE,
        KEY_BORN,
        KEY_SEX,
        KEY_MAX_HEART_RATE,
        KEY_MAX_HEART_RATE_FORMULA,
        KEY_RESTING_HEART_RATE,
        KEY_LACTATE_THRESHOLD,
        KEY_CEILING,
        KEY_TOLERANCE,
        KEY_HOLD,
        KEY_CLEAR,
        KEY_REPEAT,
        KEY_ZONE_MODEL,
        KEY_ZONE_BOUNDS,
        KEY_HYSTERESIS,
        KEY_ADDRESS,
        KEY_STALE_AFTER,
        KEY_FROZEN_AFTER,
        KEY_TRUST_CONTACT,
        KEY_WINDOW,
        KEY_DETREND,
        KEY_START_ABOVE,
        KEY_START_AFTER,
        KEY_PRE_ROLL,
        KEY_END_AFTER,
        KEY_COOL_DOWN,
        KEY_MIN_DURATION,
        KEY_SWITCH_AFTER,
        KEY_COMMIT_INTERVAL,
        KEY_SYNC_INTERVAL,
        KEY_BASE_CEILING,
        KEY_REST_DAYS,
        KEY_CYCLE_DAYS,
        KEY_PHASE,
        KEY_LEVEL,
        KEY_PACE_SOURCE,
        KEY_PACE_MARGIN,
        KEY_PACE_HOLD,
        KEY_PACE_UNITS,
        _CONFIG_KEY_MAX,
        _CONFIG_KEY_INVALID = -EINVAL,
} ConfigKeyId;

#define AGE_MIN 5U
#define AGE_MAX 120U

/* Zone bounds: per cent for the models, bpm for custom. */
#define ZONE_PERCENT_MAX 150U

typedef struct ConfigKey {
        const char *section;
        const char *name;
        const struct ConfigType *type;
        size_t offset;        /* in Config */
        const char *standard; /* the default, as text; NULL = none of its own */

        /* Parameters of the type. */
        uint64_t min, max; /* numbers and durations (usec), inclusive */
        const char *zero;  /* the word for 0, which is outside of min..max, and for no address; NULL = none */
        const char *unit;
        const char *(*choice)(int i); /* name of value i, NULL after the last */
        bool contact;                 /* intensities: `contact` is accepted */
        bool coached;                 /* intensities: `auto` is accepted */
} ConfigKey;

extern const ConfigKey config_keys[_CONFIG_KEY_MAX];

bool config_section_exists(const char *section);
ConfigKeyId config_key_find(const char *section, const char *name);

/* Parses a value into c. Returns 0; or -EINVAL or -ERANGE, with the reason in ret_reason as text to follow the value, such as
 * "is out of range". c is untouched then. */
int config_key_parse(const ConfigKey *key, const char *text, Date today, Config *c, const char **ret_reason);

/* Writes the value so that config_key_parse() reads it. Returns false if c has none (of age and born only one is set). */
#define CONFIG_VALUE_MAX 128U
bool config_key_print(const ConfigKey *key, const Config *c, char buf[static CONFIG_VALUE_MAX]);

/* What the key accepts, in words. Returns buf. */
#define CONFIG_ACCEPTED_MAX 160U
const char *config_key_accepted(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX]);

/* Today is not before this date, whatever the clock says. */
extern const Date date_earliest;

/* Age in years on a day, negative before the birth. With only the year known it is the age reached in that year. */
int date_age(Date born, Date today);
