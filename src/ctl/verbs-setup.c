/* SPDX-License-Identifier: MIT */
/* Setting up a strap: `scan`, `trust`, `forget`. The daemon does the work and names obstacles in the runner's words; it ends
 * a scan, and gives up connecting, when this program exits, for whatever reason. No clock. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "cardio/parse.h"
#include "ctl.h"
#include "memory.h"
#include "others.h"
#include "radio.h"
#include "sensor-watch.h"
#include "text.h"

#define SCAN_DEFAULT "30s"
#define WAIT_DEFAULT "60s"
/* BlueZ takes 30 s to find a strap and 41 s for one attempt; the daemon gives up after 120 s. */
#define TRUST_TIMEOUT_USEC  (150 * USEC_PER_SEC)
#define FORGET_TIMEOUT_USEC (150 * USEC_PER_SEC)
#define START_TIMEOUT_USEC  (60 * USEC_PER_SEC)
#define BATTERY_LOW         15

/* The length given by an option, `fallback` by default; 0 means for ever, or not at all. */
static Outcome length_option(const Call *call, const char *name, const char *fallback, usec_t *ret)
{
        const char *text = call_option(call, name) ? call_option(call, name) : fallback;

        if (parse_duration(text, ret) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not a length of time; accepted: one such as 10s or 2min, or 0",
                                text);
        return OUTCOME_DONE;
}

static const char *sensor_name(json_object *sensor)
{
        const char *name = json_text(sensor, "name"), *address = json_text(sensor, "address");

        return name && *name ? name : address ? address : "?";
}

static json_object *find_sensor(json_object *sensors, const char *address)
{
        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);
                const char *its = json_text(sensor, "address");

                if (its && strcmp(its, address) == 0)
                        return sensor;
        }
        return NULL;
}

/* -- scan -- */

typedef struct Scan {
        const Call *call;
        json_object *straps; /* as last seen, in the order in which they appeared */
        bool all;            /* other devices, too */
        bool redraw;         /* in place: stdout is a terminal */
        unsigned lines;      /* of the table on the terminal */
        unsigned width;      /* of the terminal when it was drawn */
        bool ended;          /* the table is drawn for the last time */
} Scan;

static bool same_text(json_object *a, json_object *b, const char *key)
{
        const char *x = json_text(a, key), *y = json_text(b, key);

        return strcmp(x ? x : "", y ? y : "") == 0;
}

/* "-60 dBm"; a connected strap sends no advertisements to measure. */
static const char *signal_text(json_object *strap, char buf[static NUMBER_STRING_MAX])
{
        int64_t rssi = json_integer_or(strap, "rssi", 0);
        const char *state = json_text(strap, "state");

        if (rssi == 0)
                return !state || strcmp(state, "absent") == 0 ? "none" : "connected";
        (void)snprintf(buf, NUMBER_STRING_MAX, "%d dBm", (int)rssi);
        return buf;
}

/* Whether it is not known to be a strap. */
static bool is_other(json_object *strap)
{
        json_object *value;

        return json_object_object_get_ex(strap, "strap", &value) && !json_object_get_boolean(value);
}

static const char *trust_text(json_object *strap)
{
        if (is_other(strap))
                return "not known to be one";
        return json_true(strap, "trusted") ? "trusted" : sensor_is_configured(strap) ? "yours" : "new";
}

static void print_straps(Scan *s)
{
        static const Column columns[] = {
                { .title = "NAME", .narrow = 6 },
                { .title = "ADDRESS" },
                { .title = "SIGNAL", .right = true },
                { .title = "STRAP", .drop = 1 },
        };
        _cleanup_(table_freep) Table *t = table_new(columns, ELEMENTSOF(columns));
        size_t n = json_object_array_length(s->straps), room = SIZE_MAX, shown;
        char signal[NUMBER_STRING_MAX];
        struct winsize size;
        Output out;

        output_open(&out); /* the terminal may have been resized */
        if (s->redraw && !s->ended && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4)
                room = size.ws_row - 4U;
        shown = n < room ? n : room;
        for (size_t i = 0; i < shown; i++) {
                json_object *strap = json_object_array_get_idx(s->straps, i);
                Style style = sensor_is_configured(strap) ? STYLE_GOOD
                              : is_other(strap)           ? STYLE_DIM
                                                          : STYLE_BOLD;

                table_cell(t, style, sensor_name(strap));
                table_cell(t, STYLE_PLAIN, json_text(strap, "address"));
                table_cell(t, json_integer_or(strap, "rssi", 0) ? STYLE_PLAIN : STYLE_DIM,
                                signal_text(strap, signal));
                table_cell(t, style, trust_text(strap));
        }
        if (s->lines > 0 && out.width != s->width) /* the terminal has wrapped the lines anew */
                printf("\033[H\033[2J");
        else if (s->lines > 0)
                printf("\033[%uA\r\033[J", s->lines);
        if (shown > 0)
                table_print(t, &out);
        if (shown < n)
                printf("and %zu more\n", n - shown);
        s->width = out.width;
        s->lines = shown == 0 ? 0 : (unsigned)shown + 1 + (shown < n);
        (void)fflush(stdout);
}

/* One line per strap: for a pipe, and for a terminal that cannot move its cursor. */
static void print_strap(const Scan *s, json_object *strap)
{
        char signal[NUMBER_STRING_MAX];

        output_text(&s->call->out, STYLE_PLAIN, "%-17s  %9s  %-7s  %s", json_text(strap, "address"),
                        signal_text(strap, signal), trust_text(strap), sensor_name(strap));
        putchar('\n');
        (void)fflush(stdout);
}

/* Stores its current state. Returns whether anything shown has changed. */
static bool scan_update(Scan *s, json_object *sensor)
{
        for (size_t i = 0; i < json_object_array_length(s->straps); i++) {
                json_object *before = json_object_array_get_idx(s->straps, i);
                bool same;

                if (!same_text(before, sensor, "address"))
                        continue;
                same = same_text(before, sensor, "name") && same_text(before, sensor, "state") &&
                       strcmp(trust_text(before), trust_text(sensor)) == 0;
                (void)json_object_array_put_idx(s->straps, i, json_object_get(sensor));
                return !same;
        }
        json_append(s->straps, json_object_get(sensor));
        return true;
}

static bool on_scan(void *userdata, json_object *sensors)
{
        Scan *s = userdata;

        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);

                if (json_text(sensor, "address") && scan_update(s, sensor) && !s->call->json && !s->redraw)
                        print_strap(s, sensor);
        }
        /* A strap that has left keeps its line, without a signal strength. */
        for (size_t i = 0; i < json_object_array_length(s->straps); i++) {
                json_object *strap = json_object_array_get_idx(s->straps, i);

                if (!find_sensor(sensors, json_text(strap, "address")))
                        json_add(strap, "rssi", checked(json_object_new_int64(0)));
        }
        if (s->redraw)
                print_straps(s);
        return false;
}

/* What the runner does next. */
static void print_scan_end(const Scan *s)
{
        Output now;
        const Output *out = &now;
        json_object *fresh = NULL;
        size_t n_fresh = 0, n_others = 0, n = json_object_array_length(s->straps);

        for (size_t i = 0; i < n; i++) {
                json_object *strap = json_object_array_get_idx(s->straps, i);

                n_others += is_other(strap);
                if (sensor_is_configured(strap) || is_other(strap))
                        continue;
                fresh = strap;
                n_fresh++;
        }
        output_open(&now); /* the terminal may have been resized */
        if (s->redraw)
                printf("\r\033[K"); /* overwrites ^C */
        if (n == n_others)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "No strap was heard. Put it on (a chest strap with wet electrodes; "
                                "a watch in the mode that broadcasts the heart rate) and come closer. "
                                "One that another phone or watch holds does not show itself: switch Bluetooth off there.%s",
                                s->all ? "" : " `cardioctl scan --all` lists everything that is heard.");
        else if (n_fresh == 1)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "`cardioctl trust %s` makes it yours: recorded by itself.",
                                json_text(fresh, "address"));
        else if (n_fresh > 1)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "`cardioctl trust ADDRESS` makes one yours: recorded by itself.");
        if (n_others > 0)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "Not every strap says that it is one: `cardioctl trust ADDRESS` looks at the services of any "
                                "device, and leaves it as it was if it is none.");
}

/* Other devices are listed last, after the scan. */
static Outcome scan_add_others(Scan *s)
{
        _cleanup_json_ json_object *others = NULL;
        Outcome outcome = others_read(s->straps, &others);

        if (outcome != OUTCOME_DONE)
                return outcome;
        for (size_t i = 0; i < json_object_array_length(others); i++) {
                json_object *other = json_object_array_get_idx(others, i);

                json_append(s->straps, json_object_get(other));
                if (!s->call->json && !s->redraw)
                        print_strap(s, other);
        }
        s->ended = true;
        if (s->redraw)
                print_straps(s);
        return OUTCOME_DONE;
}

static Outcome verb_scan(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL }, scanner = { .bus = NULL };
        _cleanup_json_ json_object *straps = checked(json_object_new_array());
        const char *term = getenv("TERM");
        Scan scan = { .call = call, .straps = straps, .all = call_option(call, "all") };
        usec_t length_usec;
        Outcome outcome;
        bool enough;

        outcome = length_option(call, "for", SCAN_DEFAULT, &length_usec);
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &bus);
        /* The watch closes its connection at its end, and the scan ends with the connection that began it: other devices are
         * read before that. */
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &scanner);
        if (outcome == OUTCOME_DONE)
                outcome = bus_call(&scanner, CARDIO_MANAGER_INTERFACE, "StartScan", START_TIMEOUT_USEC, NULL,
                                NULL);
        if (outcome != OUTCOME_DONE)
                return outcome;

        scan.redraw = !call->json && call->out.terminal && term && strcmp(term, "dumb") != 0;
        if (scan.redraw)
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0,
                                "Looking for straps; put yours on. Ctrl-C ends it.");
        outcome = sensors_watch(&bus, length_usec > 0 ? length_usec : USEC_INFINITY, on_scan, &scan, &enough);
        if (outcome == OUTCOME_DONE && scan.all)
                outcome = scan_add_others(&scan);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (call->json)
                json_print(straps);
        else
                print_scan_end(&scan);
        return OUTCOME_DONE;
}

/* -- trust -- */

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

/* Prints once why no values come, and what to do. */
static void report_link(Trusting *t)
{
        const char *problem = t->sensor ? json_text(t->sensor, "link_problem") : NULL,
                   *text = link_problem_text(problem);
        _cleanup_free_ char *advice = link_problem_advice(problem, t->address);

        if (!text || t->reported_link || t->call->json)
                return;
        t->reported_link = true;
        output_wrapped(&t->call->out, STYLE_PLAIN, 0, 0, "No heart rate yet: %s. What helps: %s.", text,
                        advice);
        (void)fflush(stdout);
}

/* Done once it has sent a heart rate, or never will. */
static bool on_trusting(void *userdata, json_object *sensors)
{
        Trusting *t = userdata;

        json_object_put(t->sensor);
        t->sensor = json_object_get(find_sensor(sensors, t->address));
        if (is_state(t->sensor, "no-contact") && !t->reported_contact && !t->call->json) {
                t->reported_contact = true;
                output_wrapped(&t->call->out, STYLE_PLAIN, 0, 0,
                                "It does not feel your skin yet: wet the electrodes and tighten the strap.");
                (void)fflush(stdout);
        }
        report_link(t);
        return t->sensor && (!sensor_is_configured(t->sensor) ||
                                            (is_state(t->sensor, "live") &&
                                                            json_integer_or(t->sensor, "heart_rate", 0) > 0));
}

static Outcome trust_timed_out(const Trusting *t)
{
        const char *problem = t->sensor ? json_text(t->sensor, "link_problem") : NULL;
        const char *why = link_problem_text(problem) ? link_problem_text(problem)
                          : is_state(t->sensor, "no-contact")
                                          ? "it does not feel your skin: wet the electrodes and "
                                            "tighten the strap"
                          : is_state(t->sensor, "absent") ? "the connection was lost: come closer"
                          : is_state(t->sensor, "stale")
                                          ? "it is connected, but silent: take it off and on again"
                          : t->sensor ? "it is still connecting"
                                      : "cardiod does not know it any more";

        /* What to do was printed before, but not for a program. */
        if (link_problem_text(problem) && !t->reported_link) {
                _cleanup_free_ char *advice = link_problem_advice(problem, t->address);

                return fail(OUTCOME_FAILED, "%s is trusted, but sends no heart rate: %s. What helps: %s",
                                t->address, why, advice);
        }
        return fail(OUTCOME_FAILED, "%s is trusted, but sends no heart rate: %s", t->address, why);
}

static Outcome trust_for_nothing(json_object *sensor)
{
        return fail(OUTCOME_FAILED,
                        "%s is trusted, but will not be recorded: the configuration names another strap; "
                        "see `address` in its section [sensor]",
                        sensor_name(sensor));
}

static void print_trusted(const Output *out, json_object *sensor)
{
        const char *contact = json_text(sensor, "contact"), *location = json_text(sensor, "body_location");
        int64_t battery = json_integer_or(sensor, "battery_percentage", CARDIO_BATTERY_UNKNOWN);
        char bpm[NUMBER_STRING_MAX];

        output_text(out, STYLE_GOOD, "%s", sensor_name(sensor));
        output_text(out, STYLE_PLAIN, " is yours: it will be recorded by itself.");
        putchar('\n');
        output_field(out, "Heart rate", "%s bpm",
                        number_to_string((double)json_integer_or(sensor, "heart_rate", 0), 0, bpm));
        output_field(out, "Contact", "%s",
                        contact && strcmp(contact, "yes") == 0 ? "on the skin" : "not told by this strap");
        output_field(out, "Worn at", "%s", location && *location ? location : "not told by this strap");
        output_label(out, "Battery");
        if (battery == CARDIO_BATTERY_UNKNOWN)
                output_text(out, STYLE_PLAIN, "not told by this strap");
        else
                output_text(out, battery <= BATTERY_LOW ? STYLE_WARNING : STYLE_PLAIN, "%d %%%s",
                                (int)battery, battery <= BATTERY_LOW ? ": change it soon" : "");
        putchar('\n');
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
        bool live = false;
        Outcome outcome;

        outcome = sensors_watch(bus, wait_usec, on_trusting, &t, &live);
        if (outcome != OUTCOME_DONE) {
                json_object_put(t.sensor);
                return outcome;
        }
        if (!live)
                outcome = trust_timed_out(&t);
        else if (!sensor_is_configured(t.sensor))
                outcome = trust_for_nothing(t.sensor);
        else if (call->json)
                json_print(t.sensor);
        else
                print_trusted(&call->out, t.sensor);
        json_object_put(t.sensor);
        return outcome;
}

static Outcome address_argument(const char *text, char ret[static ADDRESS_STRING_MAX])
{
        if (parse_address(text, ret) < 0)
                return fail(OUTCOME_USAGE,
                                "'%s' is not an address; accepted: one that `cardioctl scan` lists, such as A0:9E:1A:12:34:56",
                                text);
        return OUTCOME_DONE;
}

static Outcome verb_trust(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        char address[ADDRESS_STRING_MAX];
        usec_t wait_usec;
        Outcome outcome;

        outcome = address_argument(call->argv[0], address);
        if (outcome == OUTCOME_DONE)
                outcome = length_option(call, "wait", WAIT_DEFAULT, &wait_usec);
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &bus);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (!call->json) {
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0,
                                "Connecting to %s, which may take a minute. Wear it.", address);
                (void)fflush(stdout);
        }
        outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, "Trust", TRUST_TIMEOUT_USEC, NULL, "s", address);
        if (outcome != OUTCOME_DONE)
                return outcome;
        if (!call->json) {
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0, "Trusted. Waiting for the first heart rate.");
                (void)fflush(stdout);
        }
        return wait_for_measurement(call, &bus, address, wait_usec > 0 ? wait_usec : USEC_INFINITY);
}

/* -- forget -- */

static Outcome verb_forget(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        char address[ADDRESS_STRING_MAX];
        Outcome outcome;

        outcome = address_argument(call->argv[0], address);
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, "Forget", FORGET_TIMEOUT_USEC, NULL, "s",
                                address);
        if (outcome == OUTCOME_DONE)
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0,
                                "%s is forgotten. What was recorded from it stays.", address);
        return outcome;
}

static const Option scan_options[] = {
        { .name = "all", .help = "in the end list whatever else is heard, too" },
        { .name = "for",
                        .argument = "DURATION",
                        .help = "as in 10s; 0 = until interrupted; 30s unless told" },
        { .name = NULL },
};

static const Option trust_options[] = {
        { .name = "wait", .argument = "DURATION", .help = "for a heart rate; 0 = for ever; 60s unless told" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "scan",
                        .arguments = "",
                        .json = true,
                        .summary = "list the heart-rate straps that are heard",
                        .help = "Straps appear as they are heard, yours among them. Ctrl-C ends it, and so\n"
                                "does the end of this program, however it comes. Your own straps do not\n"
                                "connect by themselves while it goes on. Not every strap says that it is\n"
                                "one: with --all whatever else is heard is listed at the end, and `trust`\n"
                                "looks at the services of any. As JSON: an array of objects like those in\n"
                                "`sensors` of `status`, printed at the end; of what is not known to be a\n"
                                "strap only address, name, configured, trusted, rssi, and strap, false.",
                        .options = scan_options,
                        .run = verb_scan,
        },
        {
                        .name = "trust",
                        .arguments = "ADDRESS",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { .source = SOURCE_SENSOR } },
                        .json = true,
                        .summary = "make a strap yours, recorded by itself from now on",
                        .help = "Wear it, and switch Bluetooth off on any phone or watch that may hold it.\n"
                                "It is connected, without bonding, and trusted; then its first heart rate is\n"
                                "waited for. As JSON: an object like those in `sensors` of `status`.",
                        .options = trust_options,
                        .run = verb_trust,
        },
        {
                        .name = "forget",
                        .arguments = "ADDRESS",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { .source = SOURCE_SENSOR } },
                        .summary = "make a strap yours no more",
                        .help = "What was recorded from it stays.",
                        .run = verb_forget,
        },
        { .name = NULL },
};

const Family setup_family = { .title = "Straps", .verbs = verbs };
