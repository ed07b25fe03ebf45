/* SPDX-License-Identifier: MIT */

/* Values that are allowed, but hardly meant: a figure nobody has given, two that make no sense together. Each text says what
 * is set and, after a colon, what to do about it. No clock. */

#include "config/config.h"

#include <stdarg.h>
#include <string.h>

#include "cardio/arrivals.h"
#include "cardio/parse.h"
#include "cardio/resting.h"
#include "config/keys.h"

/* A bare number up to this is taken for a forgotten unit: nobody runs at so few bpm, and it could be a percentage. */
#define EASY_RESERVE_PERCENT 30
/* bpm. A measured figure this close to the one in the file counts as the same. */
#define RESTING_SAME 1.0

typedef struct Judged {
        const Config *config;
        const Runner *runner;
        bool measured; /* the runner's figures are measured, not the file's */
        ConfigWarnings *warnings;
} Judged;

static void _printf_(3, 4) warn(const Judged *j, ConfigKeyId id, const char *format, ...)
{
        ConfigWarnings *w = j->warnings;
        va_list ap;

        if (w->n == CONFIG_WARNINGS_MAX)
                return;
        w->warning[w->n].key = config_keys[id].name;
        w->warning[w->n].measured = j->measured;
        va_start(ap, format);
        (void)vsnprintf(w->warning[w->n++].text, CONFIG_WARNING_MAX, format, ap);
        va_end(ap);
}

/* For a sentence: whole bpm, as a watch shows them. */
static const char *bpm_to_string(double bpm, char buf[static DECIMAL_STRING_MAX])
{
        (void)snprintf(buf, DECIMAL_STRING_MAX, "%.0f", bpm);
        return buf;
}

static bool value_is_bare(const Intensity *i, const Runner *r)
{
        return i->kind == INTENSITY_BPM && i->value <= 100 &&
               i->value < r->resting + (r->maximum - r->resting) * EASY_RESERVE_PERCENT / 100;
}

static void judge_age(const Judged *j)
{
        const Config *c = j->config;

        if (c->age_is_default && c->max_heart_rate == 0)
                warn(j, KEY_AGE,
                                "nobody has said how old you are, so that %u is assumed: `cardioctl setup` asks, or set `age` or `born` in [runner], "
                                "or `max-heart-rate` if you know yours",
                                c->age);
}

static void judge_resting(const Judged *j, const RestingInForce *measured)
{
        const Config *c = j->config;
        char in_force[DECIMAL_STRING_MAX], file[DECIMAL_STRING_MAX];
        double difference;

        if (!measured)
                return; /* unknown whether there is one */
        if (measured->mornings == 0) {
                if (c->resting_is_default)
                        warn(j, KEY_RESTING_HEART_RATE,
                                        "your resting heart rate is not known, so that %s bpm is assumed: "
                                        "`cardioctl rest` measures it in the morning, before you get up",
                                        decimal_to_string(c->resting_heart_rate, file));
                return;
        }
        difference = measured->heart_rate - c->resting_heart_rate;
        if (!c->resting_is_default && (difference > RESTING_SAME || difference < -RESTING_SAME)) {
                warn(j, KEY_RESTING_HEART_RATE,
                                "your mornings give a resting heart rate of %s bpm, which is in force, "
                                "not `resting-heart-rate = %s`: take that line out, or bring it up to date",
                                bpm_to_string(measured->heart_rate, in_force),
                                decimal_to_string(c->resting_heart_rate, file));
        }
}

static void judge_ceiling(const Judged *j, ConfigKeyId id, const Intensity *i)
{
        const char *name = config_keys[id].name;
        char value[DECIMAL_STRING_MAX], start[DECIMAL_STRING_MAX], maximum[DECIMAL_STRING_MAX];
        double bpm, start_bpm;

        if (value_is_bare(i, j->runner)) {
                decimal_to_string(i->value, value);
                warn(j, id, "`%s = %s` means %s bpm: did you mean `%s%%hrr`?", name, value, value, value);
                return;
        }
        if (intensity_to_bpm(i, j->runner, &bpm) <= 0)
                return;
        if (bpm > j->runner->maximum)
                warn(j, id,
                                "`%s` is %s bpm, above your maximum heart rate, %s, "
                                "so that nothing is ever too fast: lower it, "
                                "or correct `max-heart-rate`",
                                name, bpm_to_string(bpm, value), bpm_to_string(j->runner->maximum, maximum));
        if (intensity_to_bpm(&j->config->start_above, j->runner, &start_bpm) > 0 && bpm < start_bpm)
                warn(j, id,
                                "`%s` is %s bpm, below `start-above`, %s, so that a run is too fast from its first second: "
                                "raise `%s`, or lower `start-above`",
                                name, bpm_to_string(bpm, value), bpm_to_string(start_bpm, start), name);
}

static void judge_start(const Judged *j)
{
        const Intensity *i = &j->config->start_above;
        char value[DECIMAL_STRING_MAX], resting[DECIMAL_STRING_MAX];
        double bpm;

        if (intensity_to_bpm(i, j->runner, &bpm) <= 0 || bpm > j->runner->resting)
                return;
        decimal_to_string(i->value, value);
        if (i->kind == INTENSITY_BPM)
                warn(j, KEY_START_ABOVE,
                                "`start-above = %s` means %s bpm, and you never rest below that: did you mean `%s%%hrr`?",
                                value, value, i->value <= 100 ? value : "30");
        else
                warn(j, KEY_START_ABOVE,
                                "`start-above` is %s bpm, not above your resting heart rate, %s, "
                                "so that a session is recorded whenever the strap is on: raise it",
                                bpm_to_string(bpm, value), bpm_to_string(j->runner->resting, resting));
}

static void judge_zones(const Judged *j)
{
        const Config *c = j->config;
        char bound[DECIMAL_STRING_MAX], maximum[DECIMAL_STRING_MAX];
        ZoneTable bpm;

        if (zone_table_resolve(c->zone_model, &c->bounds, j->runner, &bpm) < 0)
                return;
        for (size_t i = 0; i < bpm.n; i++)
                if (bpm.bound[i] > j->runner->maximum) {
                        warn(j, KEY_ZONE_BOUNDS,
                                        "zone %zu begins at %s bpm, above your maximum heart rate, %s, and is never reached: "
                                        "lower `bounds`, or correct `max-heart-rate`",
                                        i + 1, bpm_to_string(bpm.bound[i], bound),
                                        bpm_to_string(j->runner->maximum, maximum));
                        return;
                }
}

static void judge_threshold(const Judged *j)
{
        char threshold[DECIMAL_STRING_MAX], maximum[DECIMAL_STRING_MAX];

        if (j->runner->lactate_threshold >= j->runner->maximum)
                warn(j, KEY_LACTATE_THRESHOLD,
                                "`lactate-threshold` is %s bpm, not below your maximum heart rate, %s: correct one of them",
                                bpm_to_string(j->runner->lactate_threshold, threshold),
                                bpm_to_string(j->runner->maximum, maximum));
}

static void judge_end(const Judged *j)
{
        const Config *c = j->config;
        bool automatic = c->stale_after_usec == 0;
        usec_t stale_usec = automatic ? ARRIVALS_STALE_MAX_USEC : c->stale_after_usec;
        char end[DURATION_STRING_MAX], stale[DURATION_STRING_MAX];

        if (c->end_after_usec < stale_usec)
                warn(j, KEY_END_AFTER,
                                "`end-after = %s` is shorter than a strap may be silent (`stale-after`, %s%s), "
                                "so that a run may end in a gap: raise `end-after`",
                                duration_to_string(c->end_after_usec, end), automatic ? "up to " : "",
                                duration_to_string(stale_usec, stale));
}

void config_warnings(
                const Config *c, const Runner *runner, const RestingInForce *measured, ConfigWarnings *ret)
{
        const Judged j = { c, runner, measured && measured->mornings > 0, ret };

        ret->n = 0;
        judge_age(&j);
        judge_resting(&j, measured);
        judge_ceiling(&j, KEY_CEILING, &c->ceiling);
        if (c->ceiling.kind == INTENSITY_AUTO) /* nothing else needs it */
                judge_ceiling(&j, KEY_BASE_CEILING, &c->base_ceiling);
        judge_start(&j);
        judge_zones(&j);
        judge_threshold(&j);
        judge_end(&j);
}
