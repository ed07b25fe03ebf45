/* SPDX-License-Identifier: MIT */

/* The table of configuration keys and the types of their values. A type parses a value, writes it so that it is parsed back to
 * the same, and describes what it accepts, by the same limits that it checks. No clock: the date is passed in. */

#include "config/keys.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cardio/parse.h"

typedef struct ConfigType {
        int (*parse)(const ConfigKey *key, const char *text, Date today, void *field,
                        const char **ret_reason);
        bool (*print)(const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX]);
        void (*accepted)(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX]);
} ConfigType;

/* -- Numbers and durations -------------------------------------------------------------------------------------- */

static bool in_range(const ConfigKey *key, double value)
{
        return value >= (double)key->min && value <= (double)key->max;
}

/* The text says that there is no figure, in the key's own word. */
static bool is_zero(const ConfigKey *key, const char *text)
{
        return key->zero && strcmp(text, key->zero) == 0;
}

static bool print_text(const char *text, char buf[static CONFIG_VALUE_MAX])
{
        (void)snprintf(buf, CONFIG_VALUE_MAX, "%s", text);
        return true;
}

static void accepted_number(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        (void)snprintf(buf, CONFIG_ACCEPTED_MAX, "%s%s%" PRIu64 " to %" PRIu64 "%s%s",
                        key->zero ? key->zero : "", key->zero ? " or " : "", key->min, key->max,
                        key->unit ? " " : "", key->unit ? key->unit : "");
}

static int parse_unsigned_value(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                _unused_ const char **ret_reason)
{
        unsigned value = 0;
        int r;

        if (!is_zero(key, text)) {
                r = parse_unsigned(text, &value);
                if (r < 0)
                        return r;
                if (!in_range(key, value))
                        return -ERANGE;
        }
        *(unsigned *)field = value;
        return 0;
}

static bool print_unsigned_value(const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        unsigned value = *(const unsigned *)field;

        if (value == 0 && key->zero)
                return print_text(key->zero, buf);
        if (!in_range(key, value))
                return false;
        (void)snprintf(buf, CONFIG_VALUE_MAX, "%u", value);
        return true;
}

static int parse_decimal_value(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                _unused_ const char **ret_reason)
{
        double value = 0;
        int r;

        if (!is_zero(key, text)) {
                r = parse_decimal(&text, &value);
                if (r < 0)
                        return r;
                if (*text != '\0')
                        return -EINVAL;
                if (!in_range(key, value))
                        return -ERANGE;
        }
        *(double *)field = value;
        return 0;
}

static bool print_decimal_value(const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        double value = *(const double *)field;

        if (value == 0 && key->zero)
                return print_text(key->zero, buf);
        (void)decimal_to_string(value, buf);
        return true;
}

static int parse_duration_value(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                _unused_ const char **ret_reason)
{
        bool none = key->zero && parse_duration(key->zero, &(usec_t){ 0 }) >= 0; /* 0, 0s, … */
        usec_t usec = 0;
        int r;

        if (!is_zero(key, text)) {
                r = parse_duration(text, &usec);
                if (r < 0)
                        return r;
                if ((usec != 0 || !none) && (usec < key->min || usec > key->max))
                        return -ERANGE;
        }
        *(usec_t *)field = usec;
        return 0;
}

static bool print_duration_value(const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        if (*(const usec_t *)field == 0 && key->zero)
                return print_text(key->zero, buf);
        (void)duration_to_string(*(const usec_t *)field, buf);
        return true;
}

static void accepted_duration(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        char min[DURATION_STRING_MAX], max[DURATION_STRING_MAX];

        (void)snprintf(buf, CONFIG_ACCEPTED_MAX, "%s%s%s to %s, written as in 500ms, 10s, 2min, 1h",
                        key->zero ? key->zero : "", key->zero ? " or " : "",
                        duration_to_string(key->min, min), duration_to_string(key->max, max));
}

static const ConfigType type_unsigned = { parse_unsigned_value, print_unsigned_value, accepted_number };
static const ConfigType type_decimal = { parse_decimal_value, print_decimal_value, accepted_number };
static const ConfigType type_duration = { parse_duration_value, print_duration_value, accepted_duration };

/* -- One of a few words ----------------------------------------------------------------------------------------- */

static const char *choice_sex(int i)
{
        return i < _SEX_MAX ? sex_to_string((Sex)i) : NULL;
}

static const char *choice_formula(int i)
{
        return i < _HRMAX_FORMULA_MAX ? hrmax_formula_to_string((HrmaxFormula)i) : NULL;
}

static const char *choice_model(int i)
{
        return i < _ZONE_MODEL_MAX ? zone_model_to_string((ZoneModel)i) : NULL;
}

static const char *choice_level(int i)
{
        return i < _LEVEL_MAX ? level_to_string((Level)i) : NULL;
}

static const char *choice_phase(int i)
{
        return i < _PHASE_MAX ? phase_to_string((Phase)i) : NULL;
}

static const char *choice_yes(int i)
{
        return i == 0 ? "no" : i == 1 ? "yes" : NULL;
}

static const char *choice_miles(int i)
{
        return i == 0 ? "km" : i == 1 ? "mile" : NULL;
}

static int choice_find(const ConfigKey *key, const char *text)
{
        for (int i = 0; key->choice(i); i++)
                if (strcmp(text, key->choice(i)) == 0)
                        return i;
        return -EINVAL;
}

static void accepted_choice(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        size_t n = 0;

        for (int i = 0; key->choice(i) && n < CONFIG_ACCEPTED_MAX; i++)
                n += (size_t)snprintf(
                                buf + n, CONFIG_ACCEPTED_MAX - n, "%s%s", i > 0 ? ", " : "", key->choice(i));
        assert(n < CONFIG_ACCEPTED_MAX);
}

/* The enums are all kept as int: they have a negative member. */
_Static_assert(sizeof(Sex) == sizeof(int) && sizeof(HrmaxFormula) == sizeof(int) &&
                                sizeof(ZoneModel) == sizeof(int) && sizeof(Level) == sizeof(int) &&
                                sizeof(Phase) == sizeof(int),
                "enums of the configuration are int");

static int parse_choice(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                _unused_ const char **ret_reason)
{
        int i = choice_find(key, text);

        if (i < 0)
                return i;
        *(int *)field = i;
        return 0;
}

static bool print_choice(const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        return print_text(key->choice(*(const int *)field), buf);
}

/* Other words that people write for these, in any case. */
static int boolean_find(const ConfigKey *key, const char *text)
{
        static const struct {
                const char *word, *choice;
        } also[] = { { "true", "yes" }, { "on", "yes" }, { "false", "no" }, { "off", "no" },
                { "miles", "mile" } };

        for (int i = 0; key->choice(i); i++) {
                if (strcasecmp(text, key->choice(i)) == 0)
                        return i;
                for (size_t k = 0; k < ELEMENTSOF(also); k++)
                        if (strcasecmp(text, also[k].word) == 0 &&
                                        strcmp(also[k].choice, key->choice(i)) == 0)
                                return i;
        }
        return -EINVAL;
}

static int parse_boolean(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                _unused_ const char **ret_reason)
{
        int i = boolean_find(key, text);

        if (i < 0)
                return i;
        *(bool *)field = i == 1;
        return 0;
}

static bool print_boolean(const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        return print_text(key->choice(*(const bool *)field), buf);
}

static const ConfigType type_choice = { parse_choice, print_choice, accepted_choice };
static const ConfigType type_boolean = { parse_boolean, print_boolean, accepted_choice };

/* -- Intensities ------------------------------------------------------------------------------------------------- */

static int parse_intensity(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                _unused_ const char **ret_reason)
{
        Intensity intensity;
        int r;

        r = intensity_parse(text, &intensity);
        if (r < 0)
                return r;
        if ((intensity.kind == INTENSITY_AUTO && !key->coached) ||
                        (intensity.kind == INTENSITY_CONTACT && !key->contact))
                return -EINVAL;
        *(Intensity *)field = intensity;
        return 0;
}

static bool print_intensity(
                _unused_ const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        (void)intensity_to_string(field, buf);
        return true;
}

static void accepted_intensity(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        (void)snprintf(buf, CONFIG_ACCEPTED_MAX, "%s%s%s", INTENSITY_ACCEPTED, key->coached ? ", auto" : "",
                        key->contact ? ", contact" : "");
}

static const ConfigType type_intensity = { parse_intensity, print_intensity, accepted_intensity };

/* -- A birthday -------------------------------------------------------------------------------------------------- */

/* Reads exactly that many digits. */
static int take_digits(const char **text, unsigned n, unsigned *ret)
{
        unsigned value = 0;

        for (; n > 0; n--, (*text)++) {
                if (**text < '0' || **text > '9')
                        return -EINVAL;
                value = value * 10 + (unsigned)(**text - '0');
        }
        *ret = value;
        return 0;
}

int date_age(Date born, Date today)
{
        int age = today.year - born.year;

        if (born.month != 0 &&
                        (today.month < born.month || (today.month == born.month && today.day < born.day)))
                age--;
        return age;
}

const Date date_earliest = { .year = CLOCK_YEAR_MIN, .month = 1, .day = 1 };

/* Whether there was such a birthday, and the age is possible: 0; or -ERANGE, perhaps with a reason. */
static int born_check(Date born, Date today, const char **ret_reason)
{
        bool known = date_is_known(today);
        int age = date_age(born, known ? today : date_earliest);

        if (age < 0 && known) {
                *ret_reason = "is in the future";
                return -ERANGE;
        }
        return age > (int)AGE_MAX || (age < (int)AGE_MIN && known) ? -ERANGE : 0;
}

const char *config_doubt_born(const Config *c, Date today)
{
        const char *reason = "is out of range";

        return c->born.year != 0 && born_check(c->born, today, &reason) < 0 ? reason : NULL;
}

static int parse_born(_unused_ const ConfigKey *key, const char *text, Date today, void *field,
                const char **ret_reason)
{
        Date born = {};
        unsigned year;
        int r;

        if (take_digits(&text, 4, &year) < 0)
                return -EINVAL;
        born.year = (int)year;
        if (*text != '\0') {
                if (*text++ != '-' || take_digits(&text, 2, &born.month) < 0 || *text++ != '-' ||
                                take_digits(&text, 2, &born.day) < 0 || *text != '\0')
                        return -EINVAL;
                if (!day_is_valid(born.year, born.month, born.day)) {
                        *ret_reason = "is not a day of the calendar";
                        return -EINVAL;
                }
        }

        r = born_check(born, today, ret_reason);
        if (r < 0)
                return r;
        *(Date *)field = born;
        return 0;
}

static bool print_born(_unused_ const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        const Date *born = field;

        if (born->year == 0)
                return false;
        if (born->month == 0)
                (void)snprintf(buf, CONFIG_VALUE_MAX, "%04d", born->year);
        else
                (void)snprintf(buf, CONFIG_VALUE_MAX, "%04d-%02u-%02u", born->year, born->month, born->day);
        return true;
}

static void accepted_born(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        (void)snprintf(buf, CONFIG_ACCEPTED_MAX,
                        "a year or a day, as in 1986 or 1986-05-17, for an age of %" PRIu64 " to %" PRIu64,
                        key->min, key->max);
}

static const ConfigType type_born = { parse_born, print_born, accepted_born };

/* -- Zone bounds ------------------------------------------------------------------------------------------------- */

/* Which limits apply depends on the model, known after all files; here those that hold for any. */
static int parse_bounds(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                const char **ret_reason)
{
        ZoneTable bounds = {};
        double value;
        int r;

        for (;;) {
                text += strspn(text, " \t");
                if (*text == '\0')
                        break;
                r = parse_decimal(&text, &value);
                if (r < 0)
                        return r;
                if (*text != '\0' && *text != ' ' && *text != '\t')
                        return -EINVAL;
                if (bounds.n == ZONES_MAX) {
                        *ret_reason = "has too many bounds";
                        return -EINVAL;
                }
                if (!in_range(key, value))
                        return -ERANGE;
                if (bounds.n > 0 && value <= bounds.bound[bounds.n - 1]) {
                        *ret_reason = "does not rise";
                        return -EINVAL;
                }
                bounds.bound[bounds.n++] = value;
        }
        if (bounds.n == 0)
                return -EINVAL;
        *(ZoneTable *)field = bounds;
        return 0;
}

static bool print_bounds(_unused_ const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        const ZoneTable *bounds = field;
        char number[DECIMAL_STRING_MAX];
        size_t n = 0;

        for (size_t i = 0; i < bounds->n; i++) {
                n += (size_t)snprintf(buf + n, CONFIG_VALUE_MAX - n, "%s%s", i > 0 ? " " : "",
                                decimal_to_string(bounds->bound[i], number));
                assert(n < CONFIG_VALUE_MAX);
        }
        return n > 0;
}

static void accepted_bounds(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        (void)snprintf(buf, CONFIG_ACCEPTED_MAX,
                        "1 to %u rising numbers, 0 to %u per cent, or %u to %" PRIu64
                        " bpm with model = custom",
                        ZONES_MAX, ZONE_PERCENT_MAX, HEART_RATE_MIN, key->max);
}

static const ConfigType type_bounds = { parse_bounds, print_bounds, accepted_bounds };

/* -- A Bluetooth address ----------------------------------------------------------------------------------------- */

/* "" stands for the key's word. */
static int read_address(const ConfigKey *key, const char *text, _unused_ Date today, void *field,
                _unused_ const char **ret_reason)
{
        _Static_assert(sizeof(((Config *)NULL)->address) == ADDRESS_STRING_MAX, "room for an address");
        if (strcmp(text, key->zero) != 0)
                return parse_address(text, field);
        memset(field, 0, ADDRESS_STRING_MAX);
        return 0;
}

static bool print_address(const ConfigKey *key, const void *field, char buf[static CONFIG_VALUE_MAX])
{
        const char *address = field;

        return print_text(*address ? address : key->zero, buf);
}

static void accepted_address(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        (void)snprintf(buf, CONFIG_ACCEPTED_MAX, "%s, or " ADDRESS_ACCEPTED, key->zero);
}

static const ConfigType type_address = { read_address, print_address, accepted_address };

/* -- The table --------------------------------------------------------------------------------------------------- */

#define FIELD(t, field) .type = &type_##t, .offset = offsetof(Config, field)
#define MSEC            USEC_PER_MSEC
#define SEC             USEC_PER_SEC
#define MIN             USEC_PER_MIN
#define HOUR            USEC_PER_HOUR

/* clang-format off */
const ConfigKey config_keys[_CONFIG_KEY_MAX] = {
        [KEY_AGE] = { "runner", "age", FIELD(unsigned, age), .standard = "40", .min = AGE_MIN, .max = AGE_MAX, .unit = "years" },
        [KEY_BORN] = { "runner", "born", FIELD(born, born), .min = AGE_MIN, .max = AGE_MAX },
        [KEY_SEX] = { "runner", "sex", FIELD(choice, sex), .standard = "unspecified", .choice = choice_sex },
        [KEY_MAX_HEART_RATE] = { "runner", "max-heart-rate", FIELD(unsigned, max_heart_rate), .standard = "auto",
                .zero = "auto", .min = 100, .max = HEART_RATE_MAX, .unit = "bpm" },
        [KEY_MAX_HEART_RATE_FORMULA] = { "runner", "max-heart-rate-formula", FIELD(choice, max_heart_rate_formula),
                .standard = "fox", .choice = choice_formula },
        [KEY_RESTING_HEART_RATE] = { "runner", "resting-heart-rate", FIELD(decimal, resting_heart_rate), .standard = "60",
                .min = RESTING_MIN, .max = RESTING_MAX, .unit = "bpm" },
        [KEY_LACTATE_THRESHOLD] = { "runner", "lactate-threshold", FIELD(decimal, lactate_threshold), .standard = "0",
                .zero = "0", .min = 60, .max = 240, .unit = "bpm" },

        [KEY_CEILING] = { "ceiling", "ceiling", FIELD(intensity, ceiling), .standard = "65%hrr", .coached = true },
        [KEY_TOLERANCE] = { "ceiling", "tolerance", FIELD(decimal, tolerance), .standard = "2", .max = 50, .unit = "bpm" },
        [KEY_HOLD] = { "ceiling", "hold", FIELD(duration, hold_usec), .standard = "10s", .max = 10 * MIN },
        [KEY_CLEAR] = { "ceiling", "clear", FIELD(duration, clear_usec), .standard = "15s", .max = 10 * MIN },
        [KEY_REPEAT] = { "ceiling", "repeat", FIELD(duration, repeat_usec), .standard = "60s",
                .zero = "0", .min = 100 * MSEC, .max = HOUR },

        [KEY_ZONE_MODEL] = { "zones", "model", FIELD(choice, zone_model), .standard = "hrr", .choice = choice_model },
        [KEY_ZONE_BOUNDS] = { "zones", "bounds", FIELD(bounds, bounds), .max = HEART_RATE_MAX },
        [KEY_HYSTERESIS] = { "zones", "hysteresis", FIELD(decimal, hysteresis), .standard = "1", .max = 20, .unit = "bpm" },

        [KEY_ADDRESS] = { "sensor", "address", FIELD(address, address), .standard = "any", .zero = "any" },
        [KEY_STALE_AFTER] = { "sensor", "stale-after", FIELD(duration, stale_after_usec), .standard = "auto",
                .zero = "auto", .min = 100 * MSEC, .max = 5 * MIN },
        [KEY_FROZEN_AFTER] = { "sensor", "frozen-after", FIELD(duration, frozen_after_usec), .standard = "2min",
                .min = 1 * SEC, .max = HOUR },
        [KEY_TRUST_CONTACT] = { "sensor", "trust-contact", FIELD(boolean, trust_contact), .standard = "yes", .choice = choice_yes },

        [KEY_WINDOW] = { "smoothing", "window", FIELD(duration, window_usec), .standard = "5s", .min = 100 * MSEC, .max = 60 * SEC },

        [KEY_DETREND] = { "beats", "detrend", FIELD(boolean, detrend), .standard = "no", .choice = choice_yes },

        [KEY_START_ABOVE] = { "session", "start-above", FIELD(intensity, start_above), .standard = "30%hrr", .contact = true },
        [KEY_START_AFTER] = { "session", "start-after", FIELD(duration, start_after_usec), .standard = "20s", .max = 5 * MIN },
        [KEY_PRE_ROLL] = { "session", "pre-roll", FIELD(duration, pre_roll_usec), .standard = "30s", .max = 5 * MIN },
        [KEY_END_AFTER] = { "session", "end-after", FIELD(duration, end_after_usec), .standard = "5min",
                .min = 100 * MSEC, .max = 6 * HOUR },
        [KEY_COOL_DOWN] = { "session", "cool-down", FIELD(duration, cool_down_usec), .standard = "2min", .max = HOUR },
        [KEY_MIN_DURATION] = { "session", "min-duration", FIELD(duration, min_duration_usec), .standard = "2min", .max = HOUR },
        [KEY_SWITCH_AFTER] = { "session", "switch-after", FIELD(duration, switch_after_usec), .standard = "30s",
                .min = 100 * MSEC, .max = HOUR },

        [KEY_COMMIT_INTERVAL] = { "storage", "commit-interval", FIELD(duration, commit_interval_usec), .standard = "5s",
                .min = 100 * MSEC, .max = 5 * MIN },
        [KEY_SYNC_INTERVAL] = { "storage", "sync-interval", FIELD(duration, sync_interval_usec), .standard = "60s",
                .min = 100 * MSEC, .max = HOUR },

        [KEY_BASE_CEILING] = { "coach", "base-ceiling", FIELD(intensity, base_ceiling), .standard = "80%hrr" },
        [KEY_REST_DAYS] = { "coach", "rest-days", FIELD(boolean, rest_days), .standard = "yes", .choice = choice_yes },
        [KEY_CYCLE_DAYS] = { "coach", "cycle-days", FIELD(unsigned, cycle_days), .standard = "7",
                .min = CYCLE_DAYS_MIN, .max = CYCLE_DAYS_MAX, .unit = "days" },
        [KEY_PHASE] = { "coach", "phase", FIELD(choice, phase), .standard = "base", .choice = choice_phase },
        [KEY_LEVEL] = { "coach", "level", FIELD(choice, level), .standard = "regular", .choice = choice_level },

        [KEY_PACE_SOURCE] = { "pace", "source", FIELD(address, pace_address), .standard = "auto", .zero = "auto" },
        [KEY_PACE_MARGIN] = { "pace", "margin", FIELD(unsigned, pace_margin), .standard = "60", .max = 600,
                .unit = "seconds per mile" },
        [KEY_PACE_HOLD] = { "pace", "hold", FIELD(duration, pace_hold_usec), .standard = "15s", .max = HOUR },
        [KEY_PACE_UNITS] = { "pace", "units", FIELD(boolean, miles), .standard = "km", .choice = choice_miles },
};
/* clang-format on */

bool config_section_exists(const char *section)
{
        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++)
                if (strcmp(section, config_keys[i].section) == 0)
                        return true;
        return false;
}

ConfigKeyId config_key_find(const char *section, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(config_keys); i++)
                if (strcmp(section, config_keys[i].section) == 0 && strcmp(name, config_keys[i].name) == 0)
                        return (ConfigKeyId)i;
        return _CONFIG_KEY_INVALID;
}

int config_key_parse(const ConfigKey *key, const char *text, Date today, Config *c, const char **ret_reason)
{
        const char *reason = NULL;
        int r;

        r = key->type->parse(key, text, today, (char *)c + key->offset, &reason);
        if (r >= 0)
                return 0;

        if (reason)
                *ret_reason = reason;
        else if (r == -ERANGE)
                *ret_reason = "is out of range";
        else if (strchr(text, '#'))
                *ret_reason = "is not understood (a comment behind a value begins with ;)";
        else
                *ret_reason = "is not understood";
        return r;
}

bool config_key_print(const ConfigKey *key, const Config *c, char buf[static CONFIG_VALUE_MAX])
{
        return key->type->print(key, (const char *)c + key->offset, buf);
}

const char *config_key_accepted(const ConfigKey *key, char buf[static CONFIG_ACCEPTED_MAX])
{
        key->type->accepted(key, buf);
        return buf;
}
