/* SPDX-License-Identifier: MIT */
/* `completions`: what shells call, once when they are set up and then whenever Tab is pressed. An error message would
 * disturb a command line that is being typed, so what is not available is not offered. No clock. */
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "completions.h"
#include "ctl.h"
#include "database.h"
#include "json.h"
#include "memory.h"
#include "strap.h"

/* The newest ones, more than anybody looks through. */
#define SESSIONS_OFFERED 50

static void print_offer(const Call *call, const char *value, const char *text)
{
        output_text(&call->out, STYLE_PLAIN, "%s", value);
        putchar('\t');
        output_text(&call->out, STYLE_PLAIN, "%s", text ? text : "");
        putchar('\n');
}

static void print_sensor(const Call *call, json_object *sensor)
{
        _cleanup_free_ char *text = NULL;

        if (strap_kind(sensor) != SENSOR_KIND_STRAP &&
                        asprintf(&text, "%s, a %s", strap_name(sensor),
                                        strap_kind_to_words(strap_kind(sensor))) < 0)
                out_of_memory();
        print_offer(call, json_text(sensor, "address"), text ? text : json_text(sensor, "name"));
}

static Outcome offer_rows(const Call *call, const char *sql, int limit)
{
        _cleanup_database_ Database database = { .db = NULL };
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        Outcome outcome;
        bool row;

        outcome = database_open(call, &database);
        if (outcome == OUTCOME_DONE)
                outcome = database_prepare(&database, sql, &s);
        if (outcome != OUTCOME_DONE)
                return outcome;
        (void)sqlite3_bind_int(s, 1, limit);
        while ((outcome = database_step(&database, s, &row)) == OUTCOME_DONE && row)
                print_offer(call, (const char *)sqlite3_column_text(s, 0),
                                (const char *)sqlite3_column_text(s, 1));
        return outcome;
}

/* The sensors that the daemon knows now, including those found by a scan; without it the recorded ones. */
static Outcome offer_straps(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *sensors = NULL;
        Outcome outcome;

        if (bus_find(call, &bus) < 0)
                return offer_rows(call,
                                "SELECT address, name FROM sensor ORDER BY last_seen_at DESC LIMIT ?1",
                                SESSIONS_OFFERED);
        outcome = bus_sensors(&bus, &sensors);
        for (size_t i = 0; outcome == OUTCOME_DONE && i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);

                if (json_text(sensor, "address"))
                        print_sensor(call, sensor);
        }
        return outcome;
}

static Outcome verb_completions(const Call *call)
{
        static const struct {
                const char *name;
                void (*print)(void);
        } shells[] = {
                { "bash", completions_print_bash },
                { "zsh", completions_print_zsh },
                { "fish", completions_print_fish },
        };
        const char *what = call->argv[0];

        for (size_t i = 0; i < ELEMENTSOF(shells); i++)
                if (strcmp(what, shells[i].name) == 0) {
                        shells[i].print();
                        return OUTCOME_DONE;
                }
        if (strcmp(what, "sessions") == 0)
                return offer_rows(call,
                                "SELECT id, date || ' ' || start || coalesce(' ' || kind, '') || ' ' || duration"
                                " FROM sessions ORDER BY id DESC LIMIT ?1",
                                SESSIONS_OFFERED);
        if (strcmp(what, "straps") == 0)
                return offer_straps(call);
        if (strcmp(what, "races") == 0)
                return offer_rows(call,
                                "SELECT id, 'the ' || distance || ' on ' || local_date FROM race"
                                " ORDER BY local_date DESC LIMIT ?1",
                                SESSIONS_OFFERED);
        if (strcmp(what, "mornings") == 0)
                return offer_rows(call,
                                "SELECT id, 'the morning of ' || local_date || ', ' || round(heart_rate, 1) || ' bpm'"
                                " FROM resting ORDER BY local_date DESC, id DESC LIMIT ?1",
                                SESSIONS_OFFERED);
        return fail(OUTCOME_USAGE, "'%s' is not a shell; accepted: bash, zsh or fish", what);
}

static const Verb verbs[] = {
        {
                        .name = "completions",
                        .arguments = "SHELL",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { "bash zsh fish" } },
                        .database = true,
                        .summary = "what bash, zsh or fish needs to complete command lines",
                        .help = "It is made from the table of verbs that this help is made from, and is\n"
                                "installed with cardioctl. For this shell alone: `source <(cardioctl\n"
                                "completions bash)`. With `sessions`, `straps`, `races` or `mornings` in\n"
                                "place of SHELL it prints those that Tab offers, each with a word about it\n"
                                "behind a tab.",
                        .run = verb_completions,
        },
        { .name = NULL },
};

const Family shell_family = { .title = "Shells", .verbs = verbs };
