/* SPDX-License-Identifier: MIT */

/* Checks that need the whole configuration, after the last file has been read: figures that contradict each other, and
 * defaults that follow other keys. Each error names the key and the place where it was set last. No clock: the date is passed
 * in. */

#include "config/load.h"

#include <string.h>

#include "cardio/parse.h"

static void fail_key(ConfigLoad *l, ConfigKeyId id, const char *reason)
{
        (void)ini_fail(&l->failures, l->places.key[id], config_keys[id].name, "%s", reason);
}

/* The key that the maximum heart rate comes from. */
static ConfigKeyId maximum_key(const ConfigLoad *l)
{
        if (l->config->max_heart_rate > 0)
                return KEY_MAX_HEART_RATE;
        return l->config->age > 0 ? KEY_AGE : KEY_BORN;
}

static void check_resting(ConfigLoad *l)
{
        Runner runner = config_runner(l->config, l->today);
        ConfigKeyId id = maximum_key(l),
                    blamed = config_is_set(&l->places, KEY_RESTING_HEART_RATE) ? KEY_RESTING_HEART_RATE : id;
        char resting[DECIMAL_STRING_MAX], maximum[DECIMAL_STRING_MAX], where[INI_PLACE_MAX];

        if (runner.resting < runner.maximum || !config_is_known(&l->places, KEY_RESTING_HEART_RATE) ||
                        !config_is_known(&l->places, KEY_MAX_HEART_RATE) || !config_is_known(&l->places, id))
                return;
        (void)ini_fail(&l->failures, l->places.key[blamed], config_keys[blamed].name,
                        "the resting heart rate, %s bpm, is not below the maximum, %s bpm from %s (%s); "
                        "accepted: resting-heart-rate below the maximum",
                        decimal_to_string(runner.resting, resting),
                        decimal_to_string(runner.maximum, maximum), config_keys[id].name,
                        ini_place_to_string(l->places.key[id], where));
}

static void check_threshold(ConfigLoad *l)
{
        const Config *c = l->config;
        const struct {
                ConfigKeyId id;
                bool needs;
        } uses[] = {
                { KEY_CEILING, c->ceiling.kind == INTENSITY_PERCENT_THRESHOLD },
                { KEY_ZONE_MODEL, c->zone_model == ZONE_MODEL_LTHR },
                { KEY_START_ABOVE, c->start_above.kind == INTENSITY_PERCENT_THRESHOLD },
                { KEY_BASE_CEILING, c->base_ceiling.kind == INTENSITY_PERCENT_THRESHOLD },
        };
        char value[CONFIG_VALUE_MAX], where[INI_PLACE_MAX];

        if (c->lactate_threshold > 0 || !config_is_known(&l->places, KEY_LACTATE_THRESHOLD))
                return;
        for (size_t i = 0; i < ELEMENTSOF(uses); i++)
                if (uses[i].needs && config_is_known(&l->places, uses[i].id)) {
                        const ConfigKey *key = &config_keys[uses[i].id];

                        (void)config_key_print(key, c, value);
                        (void)ini_fail(&l->failures, l->places.key[uses[i].id], key->name,
                                        "\"%s\" needs lactate-threshold in [runner], which is unknown (%s); "
                                        "accepted: with lactate-threshold set",
                                        value,
                                        ini_place_to_string(l->places.key[KEY_LACTATE_THRESHOLD], where));
                }
}

/* Bounds follow the model if they are not set, and have to suit it if they are. */
static void check_bounds(ConfigLoad *l)
{
        Config *c = l->config;
        bool custom = c->zone_model == ZONE_MODEL_CUSTOM;
        double min = custom ? HEART_RATE_MIN : 0, max = custom ? HEART_RATE_MAX : ZONE_PERCENT_MAX;
        char value[CONFIG_VALUE_MAX], accepted[CONFIG_ACCEPTED_MAX], where[INI_PLACE_MAX];
        const ConfigKey *key = &config_keys[KEY_ZONE_BOUNDS];

        if (c->bounds.n == 0) {
                c->bounds = zone_model_default(c->zone_model);
                if (c->bounds.n == 0 && config_is_known(&l->places, KEY_ZONE_BOUNDS) &&
                                config_is_known(&l->places, KEY_ZONE_MODEL))
                        fail_key(l, KEY_ZONE_MODEL,
                                        "\"custom\" needs bounds, which are not set; accepted: with bounds in bpm");
                return;
        }
        if ((c->bounds.bound[0] >= min && c->bounds.bound[c->bounds.n - 1] <= max) ||
                        !config_is_known(&l->places, KEY_ZONE_BOUNDS) ||
                        !config_is_known(&l->places, KEY_ZONE_MODEL))
                return;

        (void)config_key_print(key, c, value);
        (void)ini_fail(&l->failures, l->places.key[KEY_ZONE_BOUNDS], key->name,
                        "\"%s\" does not suit model = %s (%s); accepted: %s", value,
                        zone_model_to_string(c->zone_model),
                        ini_place_to_string(l->places.key[KEY_ZONE_MODEL], where),
                        config_key_accepted(key, accepted));
}

/* `low` may not exceed `high`. The default of low gives way; that of high only with high_follows. */
static void check_order(ConfigLoad *l, ConfigKeyId low, usec_t *low_usec, ConfigKeyId high, usec_t *high_usec,
                bool high_follows)
{
        char low_text[DURATION_STRING_MAX], high_text[DURATION_STRING_MAX], where[INI_PLACE_MAX];

        if (*low_usec <= *high_usec)
                return;
        if (!config_is_set(&l->places, low)) {
                *low_usec = *high_usec;
                return;
        }
        if (!config_is_set(&l->places, high) && high_follows) {
                *high_usec = *low_usec;
                return;
        }
        if (!config_is_known(&l->places, low) || !config_is_known(&l->places, high))
                return;
        (void)ini_fail(&l->failures, l->places.key[low], config_keys[low].name,
                        "\"%s\" is longer than %s = %s (%s); accepted: at most as long",
                        duration_to_string(*low_usec, low_text), config_keys[high].name,
                        duration_to_string(*high_usec, high_text),
                        ini_place_to_string(l->places.key[high], where));
}

static void check_durations(ConfigLoad *l)
{
        Config *c = l->config;

        check_order(l, KEY_COOL_DOWN, &c->cool_down_usec, KEY_END_AFTER, &c->end_after_usec, false);
        check_order(l, KEY_COMMIT_INTERVAL, &c->commit_interval_usec, KEY_SYNC_INTERVAL,
                        &c->sync_interval_usec, true);
}

static void check_workouts(ConfigLoad *l)
{
        for (size_t i = 0; i < l->config->n_workouts; i++)
                if (!l->config->workout[i].steps && !l->places.steps[i].file && !l->places.incomplete)
                        (void)ini_fail(&l->failures, l->places.workout[i], "steps",
                                        "not set; accepted: [workout %s] with steps",
                                        l->config->workout[i].name);
}

void config_check(ConfigLoad *l)
{
        check_resting(l);
        check_threshold(l);
        check_bounds(l);
        check_durations(l);
        check_workouts(l);
        l->config->age_is_default =
                        !config_is_set(&l->places, KEY_AGE) && !config_is_set(&l->places, KEY_BORN);
        l->config->resting_is_default = !config_is_set(&l->places, KEY_RESTING_HEART_RATE);
}
