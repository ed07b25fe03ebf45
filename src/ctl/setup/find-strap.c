/* SPDX-License-Identifier: MIT */
/* The question about the strap: looks for it, and asks which one is the runner's. The daemon ends its search with the connection that
 * has asked for it. Nothing is trusted here. No clock. */
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "memory.h"
#include "sensor-watch.h"
#include "setup/setup.h"

#define HEAR_USEC (30 * USEC_PER_SEC)
/* After the first strap, for others that are around. */
#define HEAR_MORE_USEC (3 * USEC_PER_SEC)
#define FOUND_MAX      9U

typedef struct Search {
        const Output *out;
        json_object *found; /* straps, in the order in which they were heard */
        bool paces;         /* a foot pod or a treadmill was heard, too */
} Search;

/* Prints the straps that are new. Returns whether any was found. */
static bool on_search(void *userdata, json_object *sensors)
{
        Search *search = userdata;
        char signal[NUMBER_STRING_MAX], address[ADDRESS_STRING_MAX];

        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);
                const char *its = json_text(sensor, "address");
                size_t n = json_object_array_length(search->found);

                if (!its || parse_address(its, address) < 0 || sensor_is_configured(sensor) ||
                                json_true(sensor, "trusted"))
                        continue;
                if (strap_kind(sensor) != SENSOR_KIND_STRAP) {
                        search->paces = true;
                        continue;
                }
                if (strap_at(search->found, its) || n == FOUND_MAX)
                        continue;
                json_append(search->found, json_object_get(sensor));
                output_wrapped(search->out, STYLE_BOLD, 0, 2, "%zu  %s  %s  %s", n + 1, strap_name(sensor),
                                its, strap_signal(sensor, signal));
                (void)fflush(stdout);
        }
        return json_object_array_length(search->found) > 0;
}

static bool on_more(void *userdata, json_object *sensors)
{
        (void)on_search(userdata, sensors);
        return false;
}

/* Returns OUTCOME_DONE with what was found, which may be nothing. */
static Outcome search(Setup *s, Search *found)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        WatchEnd end = WATCH_TIME;
        Outcome outcome;

        output_wrapped(s->out, STYLE_PLAIN, 0, 0, "Looking for it, for half a minute at most.");
        (void)fflush(stdout);
        outcome = bus_open(s->call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = strap_scan_begin(&bus);
        if (outcome == OUTCOME_DONE)
                outcome = sensors_watch(&bus, HEAR_USEC, on_search, found, &end);
        if (outcome == OUTCOME_DONE && end == WATCH_MET)
                outcome = sensors_watch(&bus, HEAR_MORE_USEC, on_more, found, &end);
        if (outcome == OUTCOME_DONE && end == WATCH_INTERRUPTED) {
                putchar('\n');
                return ask_broken_off();
        }
        if (outcome != OUTCOME_DONE) /* it has said why; the rest can be answered all the same */
                setup_explain(s, "So no strap can be looked for now: `cardioctl setup` again, when it can.");
        return OUTCOME_DONE;
}

/* Of several: which one; n = none of them. */
static Outcome ask_which(Setup *s, size_t n, size_t *ret)
{
        static const char words[] = "1 2 3 4 5 6 7 8 9";
        char offered[sizeof(words) + sizeof(" none")];
        Outcome outcome;
        int answer;

        _Static_assert(sizeof(words) == 2 * FOUND_MAX, "a digit for each strap");
        (void)snprintf(offered, sizeof(offered), "%.*s none", (int)(2 * n - 1), words); /* fits */
        outcome = ask_word(&s->ask, offered, &answer, "Which is yours, 1 to %zu, or none? [none]", n);
        if (outcome == OUTCOME_DONE)
                *ret = answer < 0 ? n : (size_t)answer;
        return outcome;
}

static Outcome choose(Setup *s, json_object *found)
{
        size_t n = json_object_array_length(found), which = 0;
        json_object *strap;
        bool yes = true;
        Outcome outcome;

        outcome = n == 1 ? setup_ask_yes(s, true, &yes, "Is this your strap, yes or no?")
                         : ask_which(s, n, &which);
        if (outcome != OUTCOME_DONE || !yes || which == n)
                return outcome;
        strap = json_object_array_get_idx(found, which);
        strap_found_set(&s->strap, json_text(strap, "name"), json_text(strap, "address"));
        return OUTCOME_DONE;
}

/* The runner's own straps, printed. Returns how many. */
static size_t print_own(const Setup *s, json_object *sensors)
{
        size_t n = 0;

        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);
                const char *state = json_text(sensor, "state");

                if (!sensor_is_configured(sensor) || strap_kind(sensor) != SENSOR_KIND_STRAP)
                        continue;
                n++;
                setup_explain(s, "%s is yours already (%s, %s).", strap_name(sensor),
                                json_text(sensor, "address") ? json_text(sensor, "address") : "?",
                                state ? state : "?");
        }
        return n;
}

static Outcome search_and_choose(Setup *s)
{
        bool again = true;
        Outcome outcome = OUTCOME_DONE;

        while (again && outcome == OUTCOME_DONE) {
                Search found = { .out = s->out };

                found.found = checked(json_object_new_array());
                again = false;
                outcome = search(s, &found);
                if (outcome == OUTCOME_DONE && found.paces)
                        setup_explain(s,
                                        "A foot pod or treadmill was heard, too: `cardioctl scan` lists it, and `cardioctl trust` makes it yours, for your pace.");
                if (outcome == OUTCOME_DONE && json_object_array_length(found.found) > 0) {
                        outcome = choose(s, found.found);
                } else if (outcome == OUTCOME_DONE) {
                        output_wrapped(s->out, STYLE_PLAIN, 0, 0,
                                        "No new strap was heard. A chest strap wants wet electrodes, a watch the mode that broadcasts; "
                                        "a phone or another watch that holds it has to let it go.");
                        outcome = setup_ask_yes(s, false, &again, "Look again, yes or no?");
                }
                json_object_put(found.found);
        }
        return outcome;
}

Outcome setup_ask_strap(Setup *s)
{
        _cleanup_json_ json_object *sensors = NULL;
        const char *bluetooth = s->manager ? json_text(s->manager, "bluetooth") : NULL;
        size_t n;
        bool yes;
        Outcome outcome;

        if (!s->daemon.bus)
                return OUTCOME_DONE; /* said at the beginning */
        if (bus_sensors(&s->daemon, &sensors) != OUTCOME_DONE)
                return OUTCOME_DONE; /* it has said why, and all else goes on */
        n = print_own(s, sensors);
        if (bluetooth && *bluetooth && strcmp(bluetooth, CARDIO_BLUETOOTH_ON) != 0) {
                setup_explain(s,
                                "Bluetooth is not there or not on, so that no strap can be looked for: the last lines below say what helps.");
                return OUTCOME_DONE;
        }
        if (n == 0)
                setup_explain(s,
                                "Put your strap on. Switch Bluetooth off on a phone or watch that may hold it.");
        outcome = setup_ask_yes(s, n == 0, &yes,
                        n == 0 ? "Look for it now, yes or no?" : "Look for another one, yes or no?");
        return outcome == OUTCOME_DONE && yes ? search_and_choose(s) : outcome;
}
