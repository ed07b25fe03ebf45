/* SPDX-License-Identifier: MIT */
/* `status`: the current state at a glance, from the daemon, and below it what `doctor` finds in the way. Times of day are local, of CLOCK_REALTIME. */
#include "verbs-status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "cardio/pace.h"
#include "cardio/pace-text.h"
#include "cardio/time.h"
#include "ctl.h"
#include "doctor/doctor.h"
#include "memory.h"
#include "strap.h"
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

static Style pace_style(json_object *manager, double speed)
{
        double limit = json_number_or(manager, "pace_limit", 0);

        if (!(limit > 0) || isnan(speed))
                return STYLE_BOLD;
        return speed > limit * (1 + PACE_TOLERANCE) ? STYLE_BAD : STYLE_GOOD;
}

static bool wants_miles(json_object *manager)
{
        const char *units = json_text(manager, "pace_units");

        return units && strcmp(units, "mile") == 0;
}

static bool is_live(json_object *sensor)
{
        const char *state = json_text(sensor, "state");

        return state && strcmp(state, "live") == 0;
}

/* ", 6:12 /km, 168 steps/min, incline 1.5 %": what it knows of that now. */
static void add_pace(Line *line, json_object *sensor, bool miles)
{
        char text[PACE_TEXT_MAX], figure[NUMBER_STRING_MAX];
        double speed, cadence, incline;

        if (!is_live(sensor) || !json_number(sensor, "speed", &speed))
                return;
        (void)pace_to_string(speed, miles, text);
        line_add(line, STYLE_BOLD, ", %s", strcmp(text, "-") == 0 ? "standing" : text);
        if (json_number(sensor, "cadence", &cadence) && cadence > 0)
                line_add(line, STYLE_PLAIN, ", %s steps/min", number_to_string(cadence, 0, figure));
        if (json_number(sensor, "incline", &incline))
                line_add(line, STYLE_PLAIN, ", incline %s %%", number_to_string(incline, 1, figure));
}

static const char *kind_label(json_object *sensor)
{
        switch (strap_kind(sensor)) {
        case SENSOR_KIND_FOOT_POD:
                return "Foot pod";
        case SENSOR_KIND_TREADMILL:
                return "Treadmill";
        case SENSOR_KIND_STRAP:
        case _SENSOR_KIND_MAX:
        case _SENSOR_KIND_INVALID:
                break;
        }
        return "Strap";
}

static void print_sensor(const Output *out, json_object *sensor, double ceiling, bool miles)
{
        const char *name = json_text(sensor, "name"), *state = json_text(sensor, "state");
        const char *address = json_text(sensor, "address");
        int64_t battery = json_integer_or(sensor, "battery_percentage", CARDIO_BATTERY_UNKNOWN);
        int64_t heart_rate = json_integer_or(sensor, "heart_rate", 0);
        bool live = is_live(sensor), absent = state && strcmp(state, "absent") == 0;
        Line line = line_begin(out, kind_label(sensor));

        line_add(&line, STYLE_PLAIN, "%s, ", name && *name ? name : address ? address : "?");
        line_add(&line, live ? STYLE_GOOD : absent ? STYLE_DIM : STYLE_WARNING, "%s", state ? state : "?");
        if (battery != CARDIO_BATTERY_UNKNOWN)
                line_add(&line, battery <= 15 ? STYLE_WARNING : STYLE_PLAIN, ", battery %d %%", (int)battery);
        add_pace(&line, sensor, miles);
        line_end(&line);
        if (live && strap_kind(sensor) == SENSOR_KIND_STRAP)
                print_heart_rate(out, sensor, ceiling);
        else if (live && heart_rate > 0)
                output_field(out, "Heart rate", "%d bpm by the treadmill, not recorded", (int)heart_rate);
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

/* Whether the strap that a session is recorded from sends nothing now: the session goes on, and nothing is in it. */
static bool is_silent(json_object *sensors, int64_t session)
{
        for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                json_object *sensor = json_object_array_get_idx(sensors, i);
                const char *state = json_text(sensor, "state");

                if (json_integer_or(sensor, "session", 0) == session)
                        return state && strcmp(state, "live") != 0;
        }
        return false;
}

/* ", 3.21 km, 6:50 /km" */
static void add_distance(Line *line, json_object *manager)
{
        double distance, speed = json_number_or(manager, "speed", NAN);
        bool miles = wants_miles(manager);
        char text[PACE_TEXT_MAX];

        if (!json_number(manager, "distance", &distance) || !(distance > 0))
                return;
        line_add(line, STYLE_PLAIN, ", %s", metres_to_string(distance, miles, text));
        if (speed > 0)
                line_add(line, pace_style(manager, speed), ", %s", pace_to_string(speed, miles, text));
}

static void print_session(const Output *out, json_object *manager, json_object *sensors, json_object *session)
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
        add_distance(&line, manager);
        if (breaches > 0 && json_number(session, "over_s", &over_s))
                line_add(&line, STYLE_WARNING, ", over for %s in %lld breach%s",
                                seconds_to_words(over_s, hms), (long long)breaches,
                                breaches == 1 ? "" : "es");
        if (is_silent(sensors, json_integer_or(manager, "session", 0)))
                line_add(&line, STYLE_WARNING, ", no heart rate now");
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

/* Whether what is recorded, or would be if it began now, is a recovery run. */
static bool is_recovery(const DaemonBus *bus, json_object *session)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_json_ json_object *today = NULL;
        const char *kind = json_text(session, "kind");

        /* Without an answer, as at a time that no date is known of, there is no kind either. */
        if (!kind &&
                        sd_bus_call_method(bus->bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_COACH_INTERFACE,
                                        "Today", NULL, &reply, "s", "") >= 0 &&
                        bus_read(reply, &today) >= 0)
                kind = json_text(today, "kind");
        return kind && strcmp(kind, "recovery") == 0;
}

/* What the limit of pace is, and why, or on a day of recovery why there is none. */
static void print_pace_limit(
                const Output *out, const DaemonBus *bus, json_object *manager, json_object *session)
{
        const char *reason = json_text(manager, "pace_reason");
        double limit = json_number_or(manager, "pace_limit", 0);
        char text[PACE_TEXT_MAX];

        if (limit > 0)
                output_field(out, "Pace limit", "%s or slower (%s)",
                                pace_to_string(limit, wants_miles(manager), text), reason ? reason : "");
        else if (reason && *reason && is_recovery(bus, session))
                output_field(out, "Pace limit", "none (%s)", reason);
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

static void print_status(const Output *out, const DaemonBus *bus, json_object *manager, json_object *coach,
                json_object *sensors, json_object *session, json_object *troubles)
{
        double ceiling = json_number_or(manager, "ceiling", 0);
        bool straps = false, paces = false;

        for (SensorKind kind = 0; kind < _SENSOR_KIND_MAX; kind++)
                for (size_t i = 0; i < json_object_array_length(sensors); i++) {
                        json_object *sensor = json_object_array_get_idx(sensors, i);
                        double speed;

                        if (!sensor_is_configured(sensor) || strap_kind(sensor) != kind)
                                continue;
                        print_sensor(out, sensor, ceiling, wants_miles(manager));
                        straps |= kind == SENSOR_KIND_STRAP;
                        paces |= kind != SENSOR_KIND_STRAP || json_number(sensor, "speed", &speed);
                }
        if (!straps)
                output_field(out, "Strap", "none known; put it on, and `cardioctl setup` finds it");

        print_session(out, manager, sensors, session);
        print_workout(out, coach);
        status_print_ceiling(out, "Ceiling", manager);
        if (paces)
                print_pace_limit(out, bus, manager, session);
        print_runner(out, manager);

        if (json_integer_or(manager, "snoozed_until", 0) > 0) {
                output_label(out, "Alerts");
                if (!status_print_snooze(out, manager))
                        output_text(out, STYLE_PLAIN, "on");
                putchar('\n');
        }
        doctor_print_troubles(out, troubles);
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
        _cleanup_json_ json_object *manager = NULL, *coach = NULL, *sensors = NULL, *session = NULL,
                                   *troubles = NULL;
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
        troubles = doctor_troubles(call);

        if (call->json) {
                json_object_object_foreach(coach, key, value)
                {
                        json_add(manager, key, json_object_get(value));
                }
                json_add(manager, "sensors", TAKE_PTR(sensors));
                json_add(manager, "troubles", TAKE_PTR(troubles));
                json_print(manager);
                return OUTCOME_DONE;
        }
        session = running_session(&bus, manager);
        print_status(&call->out, &bus, manager, coach, sensors, session, troubles);
        return OUTCOME_DONE;
}

static const Verb verbs[] = {
        {
                        .name = "status",
                        .arguments = "",
                        .json = true,
                        .summary = "sensors, heart rate, pace, session and ceiling, as of now",
                        .help = "Below it a line for everything that `doctor` finds in the way. As JSON: the\n"
                                "properties of org.cardiod1.Manager and .Coach, and in `sensors` those of each\n"
                                "sensor: CeilingExpression as `ceiling_expression`, with the value it has on\n"
                                "the bus; in `troubles` what `doctor` finds.",
                        .run = verb_status,
        },
        {
                        .name = "watch",
                        .arguments = "",
                        .json = true,
                        .summary = "the heart rate as it is, until q or Ctrl-C",
                        .help = "On a terminal a view that is redrawn in place: the smoothed heart rate, zone,\n"
                                "ceiling, time over, the last minutes. Keys: `s` snoozes alerts for 10 min,\n"
                                "space starts, and pressed twice stops, `m` marks this moment, `g` shows the\n"
                                "whole run, `q` ends it. Else a line for each heart rate. As JSON: an object\n"
                                "a line. It goes on when cardiod is restarted.",
                        .options = watch_options,
                        .run = verb_watch,
        },
        { .name = NULL },
};

const Family status_family = { .title = "Now", .verbs = verbs };
