/* SPDX-License-Identifier: MIT */

/* The configuration as a value: its defaults, its text form, and what the core runs on. Reading files is in load.c. No clock:
 * where an age is needed the date is passed in. */

#include "config/config.h"

#include <assert.h>
#include <string.h>

#include "config/keys.h"
#include "config/load.h"

Config *config_new(void)
{
        Config *c;

        c = calloc(1, sizeof(*c));
        if (!c)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++)
                if (config_keys[i].standard) {
                        const char *reason;
                        int r = config_key_parse(
                                        &config_keys[i], config_keys[i].standard, (Date){}, c, &reason);

                        assert(r == 0);
                        (void)r; /* unused without assertions */
                }
        return c;
}

Config *config_free(Config *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < c->n_workouts; i++) {
                free(c->workout[i].name);
                free(c->workout[i].steps);
        }
        free(c);
        return NULL;
}

char *config_errors_brief(const char *errors)
{
        return ini_errors_brief(errors, "cardiod --check-config");
}

int config_print(const Config *c, FILE *f)
{
        const char *section = "";
        char value[CONFIG_VALUE_MAX];

        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++) {
                const ConfigKey *key = &config_keys[i];

                if (strcmp(key->section, section) != 0) {
                        fprintf(f, "%s[%s]\n", i > 0 ? "\n" : "", key->section);
                        section = key->section;
                }
                if (config_key_print(key, c, value))
                        fprintf(f, "%s = %s\n", key->name, value);
        }
        for (size_t i = 0; i < c->n_workouts; i++)
                fprintf(f, "\n[%s%s]\nsteps = %s\n", WORKOUT_SECTION, c->workout[i].name,
                                c->workout[i].steps);

        if (fflush(f) != 0 || ferror(f))
                return -EIO;
        return 0;
}

/* The age stays in the range that the formulas are meant for. */
static unsigned config_age(const Config *c, Date date)
{
        int age;

        if (c->age > 0)
                return c->age;
        age = date_age(c->born, date);
        if (age < (int)AGE_MIN)
                return AGE_MIN;
        if (age > (int)AGE_MAX)
                return AGE_MAX;
        return (unsigned)age;
}

Runner config_runner_then(const Config *c, Date date)
{
        Runner runner = {
                .resting = c->resting_heart_rate,
                .maximum = c->max_heart_rate,
                .lactate_threshold = c->lactate_threshold,
                .sex = c->sex,
        };

        if (c->max_heart_rate == 0)
                runner.maximum = hrmax_from_age(c->max_heart_rate_formula, config_age(c, date));
        return runner;
}

/* The clock may be wrong when the machine starts. */
Runner config_runner(const Config *c, Date today)
{
        return config_runner_then(c, date_is_known(today) ? today : date_earliest);
}

EngineConfig config_engine(const Config *c, const Runner *runner)
{
        EngineConfig e = {
                .runner = *runner,
                .ceiling = c->ceiling,
                .limiter = {
                        .tolerance = c->tolerance,
                        .hold_usec = c->hold_usec,
                        .clear_usec = c->clear_usec,
                        .repeat_usec = c->repeat_usec,
                },
                .zone_hysteresis = c->hysteresis,
                .sensor = {
                        .stale_usec = c->stale_after_usec,
                        .frozen_usec = c->frozen_after_usec,
                },
                .trust_contact = c->trust_contact,
                .window_usec = c->window_usec,
                .start_above = c->start_above,
                .recorder = {
                        .start_after_usec = c->start_after_usec,
                        .pre_roll_usec = c->pre_roll_usec,
                        .end_after_usec = c->end_after_usec,
                        .cool_down_usec = c->cool_down_usec,
                        .min_duration_usec = c->min_duration_usec,
                        .switch_after_usec = c->switch_after_usec,
                },
        };
        int r;

        r = zone_table_resolve(c->zone_model, &c->bounds, &e.runner, &e.zones);
        assert(r == 0);
        (void)r; /* unused without assertions */
        return e;
}

int config_zones(const Config *c, const char *model, const char *bounds, const Runner *runner, ZoneTable *ret)
{
        Config given = { .zone_model = c->zone_model, .bounds = c->bounds };
        const char *reason;
        int r;

        if (model && model[0]) {
                given.zone_model = zone_model_from_string(model);
                if (given.zone_model < 0)
                        return -EINVAL;
                if (given.zone_model != c->zone_model)
                        given.bounds = zone_model_default(given.zone_model);
        }
        if (bounds && bounds[0]) {
                r = config_key_parse(&config_keys[KEY_ZONE_BOUNDS], bounds, (Date){ 0 }, &given, &reason);
                if (r < 0)
                        return -EINVAL;
        }
        return zone_table_resolve(given.zone_model, &given.bounds, runner, ret);
}

CoachConfig config_coach(const Config *c)
{
        return (CoachConfig){
                .base_ceiling = c->base_ceiling,
                .rest_days = c->rest_days,
                .cycle_days = c->cycle_days,
                .level = c->level,
                .phase = c->phase,
                .pace_margin = c->pace_margin,
                .miles = c->miles,
        };
}

int config_workout(const Config *c, const char *name, Workout *ret)
{
        const char *steps = workout_builtin(name), *rest;
        int r;

        for (size_t i = 0; i < c->n_workouts; i++)
                if (strcmp(c->workout[i].name, name) == 0)
                        steps = c->workout[i].steps;
        if (!steps)
                return -ENOENT;
        r = workout_parse(steps, ret, &rest);
        assert(r == 0);
        return r;
}

const char *config_zone_bounds(const Config *c, char buf[static ZONE_BOUNDS_STRING_MAX])
{
        _Static_assert(ZONE_BOUNDS_STRING_MAX == CONFIG_VALUE_MAX, "bounds are printed into a value");

        if (!config_key_print(&config_keys[KEY_ZONE_BOUNDS], c, buf))
                *buf = '\0';
        return buf;
}
