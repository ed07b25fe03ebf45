/* SPDX-License-Identifier: MIT */
/* Trusts a sensor and waits for its first heart rate, or its first pace. The daemon connects and trusts, and gives that up when this program exits,
 * for whatever reason. No clock. */
#include "trust.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/pace-text.h"
#include "memory.h"
#include "radio.h"
#include "sensor-watch.h"
#include "text.h"

/* BlueZ takes 30 s to find a strap and 41 s for one attempt; the daemon gives up after 120 s. */
#define TRUST_TIMEOUT_USEC (150 * USEC_PER_SEC)
#define BATTERY_LOW        15

/* What is waited for, and what the runner does for it. */
typedef struct KindWords {
        const char *value, *wear, *wait, *silent;
} KindWords;

static const KindWords words[_SENSOR_KIND_MAX] = {
        [SENSOR_KIND_STRAP] = { "heart rate", "Wear it.", "Trusted. Waiting for the first heart rate.",
                        "take it off and on again" },
        [SENSOR_KIND_FOOT_POD] = { "pace", "Keep it moving.",
                        "Trusted. Waiting for the first pace: take some steps with it.",
                        "take some steps with it; its battery may be flat" },
        [SENSOR_KIND_TREADMILL] = { "pace", "Switch it on, and close its app on any phone.",
                        "Trusted. Waiting for the first pace: start the belt.", "start the belt" },
};

typedef struct Trusting {
        const Call *call;
        const char *address;
        json_object *sensor; /* as last seen, NULL = not there */
        bool reported_contact, reported_link;
} Trusting;

static bool is_state(json_object *sensor, const char *state)
{
        const char *its = sensor ? json_text(sensor, "state") : NULL;

        return its && strcmp(its, state) == 0;
}

static const KindWords *words_of(json_object *sensor)
{
        return &words[sensor ? strap_kind(sensor) : SENSOR_KIND_STRAP];
}

/* Prints once why no values come, and what to do. */
static void report_link(Trusting *t)
{
        const char *problem = t->sensor ? json_text(t->sensor, "link_problem") : NULL,
                   *text = link_problem_text(problem);
        _cleanup_free_ char *advice = link_problem_advice(problem, t->address);

        if (!text || t->reported_link || t->call->json)
                return;
        t->reported_link = true;
        output_wrapped(&t->call->out, STYLE_PLAIN, 0, 0, "No %s yet: %s. What helps: %s.",
                        words_of(t->sensor)->value, text, advice);
        (void)fflush(stdout);
}

/* Whether it has sent a heart rate, or a pace if it is no strap, or never will. */
static bool is_over(const Trusting *t)
{
        if (!t->sensor || !sensor_is_configured(t->sensor))
                return t->sensor;
        return is_state(t->sensor, "live") &&
               (strap_kind(t->sensor) != SENSOR_KIND_STRAP ||
                               json_integer_or(t->sensor, "heart_rate", 0) > 0);
}

static bool on_trusting(void *userdata, json_object *sensors)
{
        Trusting *t = userdata;

        json_object_put(t->sensor);
        t->sensor = json_object_get(strap_at(sensors, t->address));
        if (is_state(t->sensor, "no-contact") && !t->reported_contact && !t->call->json) {
                t->reported_contact = true;
                output_wrapped(&t->call->out, STYLE_PLAIN, 0, 0,
                                "It does not feel your skin yet: wet the electrodes and tighten the strap.");
                (void)fflush(stdout);
        }
        report_link(t);
        return is_over(t);
}

static Outcome trust_timed_out(const Trusting *t)
{
        const char *problem = t->sensor ? json_text(t->sensor, "link_problem") : NULL;
        const KindWords *its = words_of(t->sensor);
        const char *why = link_problem_text(problem) ? link_problem_text(problem)
                          : is_state(t->sensor, "no-contact")
                                          ? "it does not feel your skin: wet the electrodes and "
                                            "tighten the strap"
                          : is_state(t->sensor, "absent") ? "the connection was lost: come closer"
                          : is_state(t->sensor, "stale")  ? "it is connected, but silent"
                          : t->sensor                     ? "it is still connecting"
                                                          : "cardiod does not know it any more";

        /* What to do was printed before, but not for a program. */
        if (link_problem_text(problem) && !t->reported_link) {
                _cleanup_free_ char *advice = link_problem_advice(problem, t->address);

                return fail(OUTCOME_FAILED, "%s is trusted, but sends no %s: %s. What helps: %s", t->address,
                                its->value, why, advice);
        }
        if (!link_problem_text(problem) && is_state(t->sensor, "stale"))
                return fail(OUTCOME_FAILED, "%s is trusted, but sends no %s: %s: %s", t->address, its->value,
                                why, its->silent);
        return fail(OUTCOME_FAILED, "%s is trusted, but sends no %s: %s", t->address, its->value, why);
}

static Outcome trust_for_nothing(json_object *sensor)
{
        if (strap_kind(sensor) != SENSOR_KIND_STRAP)
                return fail(OUTCOME_FAILED,
                                "%s is trusted, but its pace will not be recorded: the configuration names another source; "
                                "see `source` in its section [pace]",
                                strap_name(sensor));
        return fail(OUTCOME_FAILED,
                        "%s is trusted, but will not be recorded: the configuration names another strap; "
                        "see `address` in its section [sensor]",
                        strap_name(sensor));
}

static void print_battery(const Output *out, json_object *sensor)
{
        int64_t battery = json_integer_or(sensor, "battery_percentage", CARDIO_BATTERY_UNKNOWN);
        SensorKind kind = strap_kind(sensor);

        if (battery == CARDIO_BATTERY_UNKNOWN && kind == SENSOR_KIND_TREADMILL)
                return; /* it is plugged in */
        output_label(out, "Battery");
        if (battery == CARDIO_BATTERY_UNKNOWN)
                output_text(out, STYLE_PLAIN, "not told by this %s", strap_kind_to_words(kind));
        else
                output_text(out, battery <= BATTERY_LOW ? STYLE_WARNING : STYLE_PLAIN, "%d %%%s",
                                (int)battery, battery <= BATTERY_LOW ? ": change it soon" : "");
        putchar('\n');
}

static void print_worn(const Output *out, json_object *sensor)
{
        const char *contact = json_text(sensor, "contact"), *location = json_text(sensor, "body_location");
        char bpm[NUMBER_STRING_MAX];

        output_field(out, "Heart rate", "%s bpm",
                        number_to_string((double)json_integer_or(sensor, "heart_rate", 0), 0, bpm));
        output_field(out, "Contact", "%s",
                        contact && strcmp(contact, "yes") == 0 ? "on the skin" : "not told by this strap");
        output_field(out, "Worn at", "%s", location && *location ? location : "not told by this strap");
}

static bool wants_miles(const DaemonBus *bus)
{
        _cleanup_json_ json_object *manager = NULL;
        const char *units;

        if (bus_properties(bus, CARDIO_MANAGER_INTERFACE, &manager) != OUTCOME_DONE)
                return false;
        units = json_text(manager, "pace_units");
        return units && strcmp(units, "mile") == 0;
}

static void print_trusted(const Output *out, json_object *sensor, bool miles)
{
        char pace[PACE_TEXT_MAX];

        output_text(out, STYLE_GOOD, "%s", strap_name(sensor));
        output_text(out, STYLE_PLAIN, "%s",
                        strap_kind(sensor) == SENSOR_KIND_STRAP
                                        ? " is yours: it will be recorded by itself."
                                        : " is yours: its pace goes into each run that a strap records.");
        putchar('\n');
        if (strap_kind(sensor) == SENSOR_KIND_STRAP)
                print_worn(out, sensor);
        else
                output_field(out, "Pace", "%s",
                                pace_to_string(json_number_or(sensor, "speed", NAN), miles, pace));
        print_battery(out, sensor);
        if (json_true(sensor, "rotating"))
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "Its address is private and changes: it will be lost unless it is bonded, "
                                "with `bluetoothctl pair %s`.",
                                json_text(sensor, "address"));
}

static Outcome wait_for_measurement(
                const Call *call, const DaemonBus *bus, const char *address, usec_t wait_usec)
{
        Trusting t = { .call = call, .address = address };
        WatchEnd end;
        Outcome outcome;

        outcome = sensors_watch(bus, wait_usec, on_trusting, &t, &end);
        if (outcome != OUTCOME_DONE) {
                json_object_put(t.sensor);
                return outcome;
        }
        if (!is_over(&t)) /* whatever has ended the wait: the state at its end counts */
                outcome = trust_timed_out(&t);
        else if (!sensor_is_configured(t.sensor))
                outcome = trust_for_nothing(t.sensor);
        else if (call->json)
                json_print(t.sensor);
        else
                print_trusted(&call->out, t.sensor, wants_miles(bus));
        json_object_put(t.sensor);
        return outcome;
}

/* What is known of it now: what it is shows by its services, once it has been connected. NULL = nothing. */
static json_object *look_up(const DaemonBus *bus, const char *address)
{
        _cleanup_json_ json_object *sensors = NULL;

        if (bus_sensors(bus, &sensors) != OUTCOME_DONE)
                return NULL;
        return json_object_get(strap_at(sensors, address));
}

Outcome trust_strap(const Call *call, const DaemonBus *bus, const StrapFound *strap, usec_t wait_usec)
{
        _cleanup_json_ json_object *before = NULL, *after = NULL;
        Outcome outcome;

        if (!call->json) {
                before = look_up(bus, strap->address);
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0, "Connecting to %s, which may take a minute. %s",
                                strap->text, before ? words_of(before)->wear : "Wear it, or switch it on.");
                (void)fflush(stdout);
        }
        outcome = bus_call(bus, CARDIO_MANAGER_INTERFACE, "Trust", TRUST_TIMEOUT_USEC, NULL, "s",
                        strap->address);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!call->json) {
                after = look_up(bus, strap->address);
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0, "%s", words_of(after)->wait);
                (void)fflush(stdout);
        }
        return wait_for_measurement(call, bus, strap->address, wait_usec);
}
