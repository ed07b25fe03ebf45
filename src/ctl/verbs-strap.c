/* SPDX-License-Identifier: MIT */
/* Sensors: `scan`, `trust`, `forget`. The daemon does the work and names obstacles in the runner's words; it ends a scan, and gives
 * up connecting, when this program exits, for whatever reason. No clock. */
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
#include "sensor-watch.h"
#include "strap.h"
#include "trust.h"

#define SCAN_DEFAULT        "30s"
#define WAIT_DEFAULT        "60s"
#define FORGET_TIMEOUT_USEC (150 * USEC_PER_SEC)

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

static const char *kind_text(json_object *strap)
{
        return is_other(strap) ? "" : strap_kind_to_words(strap_kind(strap));
}

static void print_straps(Scan *s)
{
        static const Column columns[] = {
                { .title = "NAME", .narrow = 6 },
                { .title = "ADDRESS" },
                { .title = "SIGNAL", .right = true },
                { .title = "SENSOR", .drop = 1 },
                { .title = "KIND", .drop = 2 },
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

                table_cell(t, style, strap_name(strap));
                table_cell(t, STYLE_PLAIN, json_text(strap, "address"));
                table_cell(t, json_integer_or(strap, "rssi", 0) ? STYLE_PLAIN : STYLE_DIM,
                                strap_signal(strap, signal));
                table_cell(t, style, trust_text(strap));
                table_cell(t, STYLE_PLAIN, kind_text(strap));
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

/* One line per sensor: for a pipe, and for a terminal that cannot move its cursor. */
static void print_strap(const Scan *s, json_object *strap)
{
        char signal[NUMBER_STRING_MAX];

        output_text(&s->call->out, STYLE_PLAIN, "%-17s  %9s  %-7s  %-9s  %s", json_text(strap, "address"),
                        strap_signal(strap, signal), trust_text(strap), kind_text(strap), strap_name(strap));
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
                       strcmp(trust_text(before), trust_text(sensor)) == 0 &&
                       strap_kind(before) == strap_kind(sensor);
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

                if (!strap_at(sensors, json_text(strap, "address")))
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
                                "No sensor was heard. Put a strap on (a chest strap with wet electrodes; "
                                "a watch in the mode that broadcasts the heart rate), move a foot pod, switch a treadmill on, "
                                "and come closer. "
                                "One that another phone or watch holds does not show itself: switch Bluetooth off there.%s",
                                s->all ? "" : " `cardioctl scan --all` lists everything that is heard.");
        else if (n_fresh == 1)
                output_wrapped(out, STYLE_PLAIN, 0, 0, "`cardioctl trust %s` makes it yours: %s.",
                                json_text(fresh, "address"),
                                strap_kind(fresh) == SENSOR_KIND_STRAP
                                                ? "recorded by itself"
                                                : "its pace goes into each run that a strap records");
        else if (n_fresh > 1)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "`cardioctl trust NAME` makes one yours: recorded by itself.");
        if (n_others > 0)
                output_wrapped(out, STYLE_PLAIN, 0, 0,
                                "Not every sensor says that it is one: `cardioctl trust ADDRESS` looks at the services of any "
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
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *straps = checked(json_object_new_array());
        const char *term = getenv("TERM");
        Scan scan = { .call = call, .straps = straps, .all = call_option(call, "all") };
        usec_t length_usec;
        Outcome outcome;
        WatchEnd end;

        outcome = length_option(call, "for", SCAN_DEFAULT, &length_usec);
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = strap_scan_begin(&bus); /* it ends with this connection */
        if (outcome != OUTCOME_DONE)
                return outcome;

        scan.redraw = !call->json && call->out.terminal && term && strcmp(term, "dumb") != 0;
        if (scan.redraw)
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0,
                                "Looking for sensors; put yours on, or switch it on. Ctrl-C ends it.");
        outcome = sensors_watch(&bus, length_usec > 0 ? length_usec : USEC_INFINITY, on_scan, &scan, &end);
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

/* -- trust and forget -- */

static Outcome verb_trust(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_strap_ StrapFound strap = { .text = NULL };
        usec_t wait_usec;
        Outcome outcome;

        outcome = length_option(call, "wait", WAIT_DEFAULT, &wait_usec);
        if (outcome == OUTCOME_DONE)
                outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = strap_find(call, &bus, call->argv[0], STRAPS_HEARD, &strap);
        if (outcome != OUTCOME_DONE)
                return outcome;
        return trust_strap(call, &bus, &strap, wait_usec > 0 ? wait_usec : USEC_INFINITY);
}

static Outcome verb_forget(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_strap_ StrapFound strap = { .text = NULL };
        Outcome outcome;

        outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = strap_find(call, &bus, call->argv[0], STRAPS_OWN, &strap);
        if (outcome == OUTCOME_DONE)
                outcome = bus_call(&bus, CARDIO_MANAGER_INTERFACE, "Forget", FORGET_TIMEOUT_USEC, NULL, "s",
                                strap.address);
        if (outcome == OUTCOME_DONE)
                output_wrapped(&call->out, STYLE_PLAIN, 0, 0,
                                "%s is forgotten. What was recorded from it stays.", strap.text);
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
        { .name = "wait",
                        .argument = "DURATION",
                        .help = "for a first value; 0 = for ever; 60s unless told" },
        { .name = NULL },
};

static const Verb verbs[] = {
        {
                        .name = "scan",
                        .arguments = "",
                        .json = true,
                        .summary = "list the straps, foot pods and treadmills that are heard",
                        .help = "They appear as they are heard, yours among them. Ctrl-C ends it, and so does\n"
                                "the end of this program, however it comes. Your own sensors do not connect\n"
                                "by themselves while it goes on. Not every sensor says that it is one: with\n"
                                "--all whatever else is heard is listed at the end, and `trust` looks at the\n"
                                "services of any. As JSON: an array of objects like those in `sensors` of\n"
                                "`status`, printed at the end; of what is not known to be a sensor only\n"
                                "address, name, configured, trusted, rssi, and strap, false.",
                        .options = scan_options,
                        .run = verb_scan,
        },
        {
                        .name = "trust",
                        .arguments = "SENSOR",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { .source = SOURCE_SENSOR } },
                        .json = true,
                        .summary = "make a strap, foot pod or treadmill yours, recorded from now on",
                        .help = "SENSOR is its address, or its name or how that begins; one that is not known yet\n"
                                "is looked for. Wear a strap, move a foot pod, switch a treadmill on; and switch\n"
                                "Bluetooth off on any phone or watch that may hold it. It is connected, without\n"
                                "bonding, and trusted; then its first heart rate, or pace, is waited for. As\n"
                                "JSON: an object like those in `sensors` of `status`.",
                        .options = trust_options,
                        .run = verb_trust,
        },
        {
                        .name = "forget",
                        .arguments = "SENSOR",
                        .min_arguments = 1,
                        .max_arguments = 1,
                        .offer = { { .source = SOURCE_SENSOR } },
                        .summary = "make a strap, foot pod or treadmill yours no more",
                        .help = "SENSOR is its address, or its name or how that begins. What was recorded from\n"
                                "it stays.",
                        .run = verb_forget,
        },
        { .name = NULL },
};

const Family strap_family = { .title = "Sensors", .verbs = verbs };
