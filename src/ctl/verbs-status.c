/* SPDX-License-Identifier: MIT */
/* `status`: the current state at a glance, all of it from the daemon. Times of day are local, of CLOCK_REALTIME. */
#include "verbs-status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "ctl.h"
#include "memory.h"
#include "radio.h"
#include "rfkill.h"
#include "text.h"
#include "watch/watch.h"

static const char *plain(double value, char buf[static NUMBER_STRING_MAX])
{
        return number_to_string(value, 0, buf);
}

static void print_heart_rate(const Output *out, json_object *sensor, double ceiling)
{
        char now[NUMBER_STRING_MAX], smoothed[NUMBER_STRING_MAX];
        int64_t heart_rate = json_integer_or(sensor, "heart_rate", 0),
                zone = json_integer_or(sensor, "zone", 0);
        double smooth = json_number_or(sensor, "smoothed_heart_rate", 0);

        Line line;

        if (heart_rate <= 0)
                return;

        line = line_begin(out, "Heart rate");
        line_add(&line, ceiling > 0 ? smooth > ceiling ? STYLE_BAD : STYLE_GOOD : STYLE_BOLD, "%s bpm",
                        plain((double)heart_rate, now));
        line_add(&line, STYLE_PLAIN, ", smoothed %s, ", number_to_string(smooth, 0, smoothed));
        line_add(&line, style_of_zone(zone > 0 ? (unsigned)zone : 0), "zone %d", (int)zone);
        if (ceiling > 0 && lround(smooth - ceiling) > 0)
                line_add(&line, STYLE_BAD, ", %s over the ceiling",
                                number_to_string(smooth - ceiling, 0, smoothed));
        line_end(&line);
}

static void print_link_problem(const Output *out, json_object *sensor)
{
        const char *problem = link_problem_text(json_text(sensor, "link_problem"));
        Line line;

        if (!problem)
                return;
        line = line_begin(out, "Link");
        line_add(&line, STYLE_WARNING, "%s", problem);
        line_add(&line, STYLE_PLAIN, "; `cardioctl doctor` says what to do");
        line_end(&line);
}

static void print_sensor(const Output *out, json_object *sensor, double ceiling)
{
        const char *name = json_text(sensor, "name"), *state = json_text(sensor, "state");
        const char *address = json_text(sensor, "address");
        int64_t battery = json_integer_or(sensor, "battery_percentage", CARDIO_BATTERY_UNKNOWN);
        bool live = state && strcmp(state, "live") == 0, absent = state && strcmp(state, "absent") == 0;
        Line line = line_begin(out, "Strap");

        line_add(&line, STYLE_PLAIN, "%s, ", name && *name ? name : address ? address : "?");
        line_add(&line, live ? STYLE_GOOD : absent ? STYLE_DIM : STYLE_WARNING, "%s", state ? state : "?");
        if (battery != CARDIO_BATTERY_UNKNOWN)
                line_add(&line, battery <= 15 ? STYLE_WARNING : STYLE_PLAIN, ", battery %d %%", (int)battery);
        line_end(&line);
        print_link_problem(out, sensor);
        if (live)
                print_heart_rate(out, sensor, ceiling);
}

/* Why no strap can be reached, and what to do. */
static void print_bluetooth(const Output *out, const char *state)
{
        Line line;
        Block block;

        if (!state || !*state || strcmp(state, CARDIO_BLUETOOTH_ON) == 0)
                return;
        line = line_begin(out, "Bluetooth");
        if (strcmp(state, CARDIO_BLUETOOTH_NO_BLUEZ) == 0) {
                line_add(&line, STYLE_BAD, "BlueZ, its service, is not running");
                line_add(&line, STYLE_PLAIN, "; start it with `systemctl start bluetooth`");
                line_end(&line);
                return;
        }
        block = rfkill_bluetooth();
        if (block == BLOCK_HARD) {
                line_add(&line, STYLE_BAD, "blocked by a switch of this machine");
                line_add(&line, STYLE_PLAIN, "; use it, or the key for flight mode");
        } else if (block == BLOCK_SOFT) {
                line_add(&line, STYLE_BAD, "blocked");
                line_add(&line, STYLE_PLAIN, "; `rfkill unblock bluetooth` lifts that");
        } else if (strcmp(state, CARDIO_BLUETOOTH_OFF) == 0) {
                line_add(&line, STYLE_BAD, "switched off");
                line_add(&line, STYLE_PLAIN, "; `bluetoothctl power on` switches it on");
        } else {
                line_add(&line, STYLE_BAD, "there is no adapter");
                line_add(&line, STYLE_PLAIN, "; plug one in");
        }
        line_end(&line);
}

static void print_waiting(const Output *out, int64_t waiting)
{
        Line line;

        if (waiting <= 0)
                return;
        line = line_begin(out, "Disk");
        line_add(&line, STYLE_BAD, "takes nothing: %lld entr%s wait%s", (long long)waiting,
                        waiting == 1 ? "y" : "ies", waiting == 1 ? "s" : "");
        line_add(&line, STYLE_PLAIN, ", and %s tried again; `cardioctl doctor` says what to do",
                        waiting == 1 ? "is" : "are");
        line_end(&line);
}

/* "fartlek, hard, 6 of 11, 1 min 20 s left" */
static void print_workout(const Output *out, json_object *coach)
{
        const char *name = json_text(coach, "workout"), *step = json_text(coach, "workout_step");
        json_object *number = json_array_at(coach, "workout_step_number", 0),
                    *steps = json_array_at(coach, "workout_step_number", 1);
        int64_t left_s = json_integer_or(coach, "workout_step_ends", 0) / (int64_t)USEC_PER_SEC -
                         (int64_t)time(NULL);
        char left[HMS_STRING_MAX];
        Line line;

        if (!name || !*name)
                return;
        line = line_begin(out, "Workout");
        line_add(&line, STYLE_PLAIN, "%s", name);
        if (step && *step) {
                line_add(&line, STYLE_BOLD, ", %s", step);
                line_add(&line, STYLE_PLAIN, ", %lld of %lld, %s left",
                                (long long)(number ? json_object_get_int64(number) : 0),
                                (long long)(steps ? json_object_get_int64(steps) : 0),
                                seconds_to_words(left_s > 0 ? (double)left_s : 0, left));
        }
        line_end(&line);
}

static void print_session(const Output *out, json_object *manager, json_object *session)
{
        const char *start = json_text(session, "start"), *kind = json_text(session, "kind");
        char hms[HMS_STRING_MAX];
        double duration_s, over_s;
        int64_t breaches = json_integer_or(session, "breaches", 0);
        Line line;

        if (!json_true(manager, "recording")) {
                output_field(out, "Session", "%s",
                                json_true(manager, "waits_for_rest")
                                                ? "not recording by itself until you have rested; "
                                                  "`cardioctl start` begins again"
                                                : "none is being recorded");
                return;
        }

        line = line_begin(out, "Session");
        line_add(&line, STYLE_PLAIN, "%lld%s%s, ", (long long)json_integer_or(manager, "session", 0),
                        kind ? ", " : "", kind ? kind : "");
        line_add(&line, STYLE_BOLD, "recording");
        if (start && json_number(session, "duration_s", &duration_s))
                line_add(&line, STYLE_PLAIN, " since %s (%s)", start, seconds_to_words(duration_s, hms));
        if (breaches > 0 && json_number(session, "over_s", &over_s))
                line_add(&line, STYLE_WARNING, ", over for %s in %lld breach%s",
                                seconds_to_words(over_s, hms), (long long)breaches,
                                breaches == 1 ? "" : "es");
        line_end(&line);
}

void status_print_ceiling(const Output *out, const char *label, json_object *manager)
{
        const char *expression = json_text(manager, "ceiling_expression"),
                   *reason = json_text(manager, "ceiling_reason");
        double ceiling = json_number_or(manager, "ceiling", 0);
        char bpm[NUMBER_STRING_MAX];
        Line line = line_begin(out, label);

        if (ceiling > 0)
                line_add(&line, STYLE_PLAIN, "%s bpm", number_to_string(ceiling, 0, bpm));
        else
                line_add(&line, STYLE_PLAIN, "none");
        line_add(&line, STYLE_PLAIN, " (%s%s%s)", expression ? expression : "",
                        expression && *expression && reason ? ", " : "",
                        reason ? ceiling_reason_to_string(reason) : "");
        line_end(&line);
}

bool status_print_snooze(const Output *out, json_object *manager)
{
        int64_t until = json_integer_or(manager, "snoozed_until", 0);
        time_t at = (time_t)(until / (int64_t)USEC_PER_SEC), now = time(NULL);
        char text[32];
        struct tm tm;

        if (until <= 0 || at <= now || !localtime_r(&at, &tm))
                return false;

        /* Without a date a time is unambiguous only within a day. */
        if (strftime(text, sizeof(text), at - now < 20 * 3600 ? "%H:%M:%S" : "%Y-%m-%d %H:%M", &tm) == 0)
                return false;
        output_text(out, STYLE_WARNING, "snoozed until %s", text);
        return true;
}

static void print_runner(const Output *out, json_object *manager)
{
        char resting[NUMBER_STRING_MAX], maximum[NUMBER_STRING_MAX];
        Line line = line_begin(out, "Runner");

        line_add(&line, STYLE_PLAIN, "resting %s",
                        number_to_string(json_number_or(manager, "resting_heart_rate", NAN), 0, resting));
        if (json_true(manager, "resting_provisional"))
                line_add(&line, STYLE_WARNING, " (provisional: fewer than seven mornings)");
        line_add(&line, STYLE_PLAIN, ", maximum %s",
                        number_to_string(json_number_or(manager, "maximum_heart_rate", NAN), 0, maximum));
        if (json_false(manager, "clock_set"))
                line_add(&line, STYLE_WARNING, " (as far as is known without a date)");
        line_end(&line);
}

/* Settings that are probably mistakes, and what to do about them. */
static void print_warnings(const Output *out, json_object *manager)
{
        json_object *warnings;

        if (!json_object_object_get_ex(manager, "warnings", &warnings))
                return; /* an older cardiod */
        for (size_t i = 0; i < json_object_array_length(warnings); i++)
                output_field(out, i == 0 ? "Warning" : "", "%s",
                                json_object_get_string(json_object_array_get_idx(warnings, i)));
}

static void print_status(const Output *out, json_object *manager, json_object *coach, json_object *sensors,
                json_object *session)
{
        double ceiling = json_number_or(manager, "ceiling", 0);
        bool known = false;

        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);

                if (!sensor_is_configured(sensor))
                        continue;
                print_sensor(out, sensor, ceiling);
                known = true;
        }
        if (!known)
                output_field(out, "Strap",
                                "none known; put it on, `cardioctl scan` finds it and `trust` keeps it");

        print_bluetooth(out, json_text(manager, "bluetooth"));
        print_session(out, manager, session);
        print_workout(out, coach);
        print_waiting(out, json_integer_or(manager, "waiting", 0));
        status_print_ceiling(out, "Ceiling", manager);
        print_runner(out, manager);
        if (json_false(manager, "clock_set")) {
                output_label(out, "Clock");
                output_text(out, STYLE_WARNING,
                                "not set: no date is known, and no age; `timedatectl` sets it");
                putchar('\n');
        }
        print_warnings(out, manager);

        if (json_integer_or(manager, "snoozed_until", 0) > 0) {
                output_label(out, "Alerts");
                if (!status_print_snooze(out, manager))
                        output_text(out, STYLE_PLAIN, "on");
                putchar('\n');
        }
}

/* The row of the session being recorded; an empty object if there is none, or if it has ended meanwhile. */
static json_object *running_session(const DaemonBus *bus, json_object *manager)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_message_ sd_bus_message *reply = NULL;
        json_object *session = NULL;

        if (json_true(manager, "recording") &&
                        sd_bus_call_method(bus->bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                        "GetSession", &error, &reply, "x",
                                        json_integer_or(manager, "session", 0)) >= 0 &&
                        bus_read(reply, &session) >= 0)
                return session;
        return checked(json_object_new_object());
}

static Outcome verb_status(const Call *call)
{
        _cleanup_bus_ DaemonBus bus = { .bus = NULL };
        _cleanup_json_ json_object *manager = NULL, *coach = NULL, *sensors = NULL, *session = NULL;
        Outcome outcome;

        outcome = bus_open(call, &bus);
        if (outcome == OUTCOME_DONE)
                outcome = bus_properties(&bus, CARDIO_MANAGER_INTERFACE, &manager);
        if (outcome == OUTCOME_DONE)
                outcome = bus_properties(&bus, CARDIO_COACH_INTERFACE, &coach);
        if (outcome == OUTCOME_DONE)
                outcome = bus_sensors(&bus, &sensors);
        if (outcome != OUTCOME_DONE)
                return outcome;

        if (call->json) {
                json_object_object_foreach(coach, key, value)
                {
                        json_add(manager, key, json_object_get(value));
                }
                json_add(manager, "sensors", TAKE_PTR(sensors));
                json_print(manager);
                return OUTCOME_DONE;
        }
        session = running_session(&bus, manager);
        print_status(&call->out, manager, coach, sensors, session);
        return OUTCOME_DONE;
}

static const Verb verbs[] = {
        {
                        .name = "status",
                        .arguments = "",
                        .json = true,
                        .summary = "strap, heart rate, session and ceiling, as of now",
                        .help = "As JSON: the properties of org.cardiod1.Manager and .Coach, and in\n`sensors` those\n"
                                "of each strap: CeilingExpression as `ceiling_expression`, with the value\n"
                                "it has on the bus.",
                        .run = verb_status,
        },
        {
                        .name = "watch",
                        .arguments = "",
                        .json = true,
                        .summary = "the heart rate as it is, until q or Ctrl-C",
                        .help = "On a terminal a view that is redrawn in place: the smoothed heart rate, zone,\n"
                                "ceiling, time over, the last minutes. Else a line for each heart rate. As\n"
                                "JSON: an object a line. It goes on when cardiod is restarted.",
                        .options = watch_options,
                        .run = verb_watch,
        },
        { .name = NULL },
};

const Family status_family = { .title = "Now", .verbs = verbs };
