/* SPDX-License-Identifier: MIT */
/* `doctor`: checks everything that a recording needs, and says what to do about each fault. It queries BlueZ itself, to find
 * out where a fault lies, and changes nothing. No clock but for times of day, CLOCK_REALTIME. */
#include "doctor/doctor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/coach.h"
#include "cardio/time.h"
#include "group.h"
#include "memory.h"
#include "service.h"
#include "strap.h"
#include "text.h"

/* -- Buses and the daemon -- */

static void check_buses(Doctor *d)
{
        int r = sd_bus_open_system(&d->system_bus);

        if (r < 0)
                doctor_report(d, "bus", CHECK_FAILURE,
                                "BlueZ is reached through it: `systemctl status dbus` tells why",
                                "the system bus cannot be reached: %s", strerror(-r));
        else
                doctor_report(d, "bus", CHECK_OK, NULL, "the system bus answers");
        (void)sd_bus_open_user(&d->session_bus); /* the checks that need it report that it is missing */
}

static void report_no_daemon(Doctor *d, int error)
{
        const char *unit = d->call->user ? "systemctl --user" : "sudo systemctl",
                   *log = d->call->user ? "--user " : "";
        _cleanup_free_ char *advice = NULL;

        if (error == -EACCES) {
                doctor_report(d, "daemon", CHECK_FAILURE, "see `group` below", "cardiod does not let you in");
                return;
        }
        if (asprintf(&advice,
                            "start it with `%s enable --now cardiod`; if it does not stay, "
                            "`journalctl %s-u cardiod` and `cardiod %s--check-config` tell why",
                            unit, log, log) < 0)
                out_of_memory();
        doctor_report(d, "daemon", CHECK_FAILURE, advice, "cardiod is not running");
}

/* Reads the daemon's properties. Returns 0 or a negative errno. */
static int ask_daemon(Doctor *d)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_json_ json_object *objects = NULL;
        int r;

        r = service_get_properties(d->daemon.bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                        &d->manager, &error);
        if (r >= 0)
                r = service_get_objects(d->daemon.bus, CARDIO_BUS_NAME, CARDIO_OBJECT, &objects, &error);
        if (r < 0)
                return sd_bus_error_has_name(&error, SD_BUS_ERROR_ACCESS_DENIED) ? -EACCES : r;
        d->sensors = checked(json_object_new_array());
        json_object_object_foreach(objects, path, interfaces)
        {
                json_object *sensor;

                (void)path;
                if (json_object_object_get_ex(interfaces, CARDIO_SENSOR_INTERFACE, &sensor))
                        json_append(d->sensors, json_object_get(sensor));
        }
        return 0;
}

static void check_daemon(Doctor *d)
{
        const char *version, *which, *restart;
        int r = bus_find(d->call, &d->daemon);

        restart = d->daemon.user ? "restart it: `systemctl --user restart cardiod`"
                                 : "restart it: `sudo systemctl restart cardiod`";
        if (r >= 0)
                r = ask_daemon(d);
        if (r == -ETIMEDOUT) {
                doctor_report(d, "daemon", CHECK_FAILURE, restart, "cardiod runs, but does not answer");
                return;
        }
        if (r < 0) {
                report_no_daemon(d, r);
                return;
        }
        version = json_text(d->manager, "Version");
        which = d->daemon.user ? "your session bus" : "the system bus";
        if (!version || strcmp(version, CARDIO_VERSION) != 0)
                doctor_report(d, "daemon", CHECK_WARNING, restart,
                                "cardiod on %s is version %s, this cardioctl is " CARDIO_VERSION, which,
                                version ? version : "unknown");
        else
                doctor_report(d, "daemon", CHECK_OK, NULL, "cardiod %s runs on %s", version, which);
}

/* -- The user -- */

static void check_group(Doctor *d)
{
        Membership m = group_membership();

        if (d->call->user || d->daemon.user)
                doctor_report(d, "group", CHECK_OK, NULL, "not needed: this cardiod is your own");
        else if (m == MEMBERSHIP_ROOT)
                doctor_report(d, "group", CHECK_OK, NULL, "not needed: you are root");
        else if (m == MEMBERSHIP_YES)
                doctor_report(d, "group", CHECK_OK, NULL, "you are in group " CARDIO_GROUP);
        else
                doctor_report(d, "group", CHECK_FAILURE, membership_advice(m), "%s", membership_problem(m));
}

/* -- What the daemon goes by -- */

static bool is_snoozed(json_object *manager, char text[static 32])
{
        int64_t until = json_integer_or(manager, "SnoozedUntil", 0);
        time_t at = (time_t)(until / (int64_t)USEC_PER_SEC);
        struct tm tm;

        return until > 0 && at > time(NULL) && localtime_r(&at, &tm) && strftime(text, 32, "%H:%M", &tm) > 0;
}

/* The advice follows a colon. */
static void report_text(Doctor *d, const char *text)
{
        const char *advice = strstr(text, ": ");

        doctor_report(d, "configuration", CHECK_WARNING, advice ? advice + 2 : NULL, "%.*s",
                        (int)(advice ? (size_t)(advice - text) : strlen(text)), text);
}

/* The daemon's warnings about its configuration. */
static void report_warnings(Doctor *d)
{
        json_object *warnings;

        if (!d->manager)
                return;
        if (!json_object_object_get_ex(d->manager, "Warnings", &warnings))
                return;
        for (size_t i = 0; i < json_object_array_length(warnings); i++) {
                const char *text = json_object_get_string(json_object_array_get_idx(warnings, i));

                if (text)
                        report_text(d, text);
        }
}

/* What a run has shown of the maximum. Who may not ask, or at a time that no date is known of, is told so elsewhere. */
static void report_maximum(Doctor *d)
{
        _cleanup_message_ sd_bus_message *reply = NULL;
        _cleanup_json_ json_object *day = NULL;
        const char *text;

        if (sd_bus_call_method(d->daemon.bus, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Today",
                            NULL, &reply, "s", "") < 0 ||
                        bus_read(reply, &day) < 0)
                return;
        text = json_text(day, "proposed_maximum_text");
        if (text && *text)
                report_text(d, text);
}

static void check_configuration(Doctor *d)
{
        char ceiling[NUMBER_STRING_MAX], resting[NUMBER_STRING_MAX], maximum[NUMBER_STRING_MAX], until[32];
        const char *expression;
        double bpm;

        if (!d->manager)
                return; /* it would refuse to start with an invalid one, and has logged why */
        bpm = json_number_or(d->manager, "Ceiling", 0);
        expression = json_text(d->manager, "CeilingExpression");
        if (bpm > 0)
                doctor_report(d, "configuration", CHECK_OK, NULL,
                                "ceiling %s bpm (%s), resting %s%s, maximum %s",
                                number_to_string(bpm, 0, ceiling), expression ? expression : "",
                                number_to_string(json_number_or(d->manager, "RestingHeartRate", 0), 0,
                                                resting),
                                json_true(d->manager, "RestingProvisional") ? " (provisional)" : "",
                                number_to_string(json_number_or(d->manager, "MaximumHeartRate", 0), 0,
                                                maximum));
        else
                doctor_report(d, "configuration", CHECK_WARNING,
                                "`cardioctl ceiling default`, or `ceiling` in section [ceiling] of the configuration",
                                "there is no ceiling, so that nothing is too fast");
        report_maximum(d);
        if (is_snoozed(d->manager, until))
                doctor_report(d, "configuration", CHECK_WARNING, "`cardioctl snooze 0` ends it",
                                "alerts are snoozed until %s", until);
}

/* For who has a foot pod or a treadmill: whether recovery runs will have a limit of pace. */
static void check_pace(Doctor *d)
{
        bool measures = false;
        int n;

        for (size_t i = 0; d->sensors && i < json_object_array_length(d->sensors); i++) {
                json_object *sensor = json_object_array_get_idx(d->sensors, i);

                measures |= json_true(sensor, "Configured") &&
                            strap_kind_from_string(json_text(sensor, "Kind")) != SENSOR_KIND_STRAP;
        }
        n = measures ? doctor_base_runs(d) : -1;
        if (n < 0)
                return;
        if (n < (int)COACH_PACE_RUNS)
                doctor_report(d, "pace", CHECK_WARNING, "it comes by itself, with base runs of 1 km or more",
                                "no pace is too fast for a recovery run yet, with %d of the %u base runs of the last %d days that it takes",
                                n, COACH_PACE_RUNS, COACH_BASE_DAYS);
        else
                doctor_report(d, "pace", CHECK_OK, NULL,
                                "%d base runs of the last %d days say what is too fast for a recovery run", n,
                                COACH_BASE_DAYS);
}

static void check_clock(Doctor *d)
{
        if (d->manager && json_false(d->manager, "ClockSet"))
                doctor_report(d, "clock", CHECK_FAILURE,
                                "`sudo timedatectl set-ntp true`, or `set-time` without a network",
                                "the clock is not set, so that no date is known, and no age");
}

/* -- The desktop -- */

static void check_notifier(Doctor *d)
{
        static const char server[] = "org.freedesktop.Notifications";
        bool runs = d->session_bus && service_is_there(d->session_bus, CARDIO_NOTIFY_BUS_NAME);
        bool shows = d->session_bus && (service_is_there(d->session_bus, server) ||
                                                       service_can_be_started(d->session_bus, server));

        if (d->brief && !runs && !shows)
                return; /* no desktop: asked over ssh, perhaps */
        if (!d->session_bus) {
                doctor_report(d, "notifier", CHECK_WARNING,
                                "run `cardioctl doctor` on the desktop to check it",
                                "there is no session bus here, so no desktop notifications");
                return;
        }
        if (runs)
                doctor_report(d, "notifier", CHECK_OK, NULL, "cardio-notify runs");
        else
                doctor_report(d, "notifier", CHECK_WARNING, "`systemctl --user enable --now cardio-notify`",
                                "cardio-notify is not running, and nothing will say that you are too fast");
        if (shows)
                doctor_report(d, "desktop", CHECK_OK, NULL, "there is a notification server");
        else
                doctor_report(d, "desktop", CHECK_WARNING,
                                "desktops bring one along; elsewhere install one, such as dunst or mako",
                                "there is no notification server to show anything");
}

/* -- The whole -- */

static void doctor_end(Doctor *d)
{
        database_close(&d->database);
        json_object_put(d->manager);
        json_object_put(d->sensors);
        json_object_put(d->findings);
        bus_close(&d->daemon);
        sd_bus_flush_close_unref(d->system_bus);
        sd_bus_flush_close_unref(d->session_bus);
}

Outcome doctor_run(const Call *call)
{
        _cleanup_(doctor_end) Doctor d = { .call = call };

        d.findings = checked(json_object_new_array());
        check_buses(&d);
        check_daemon(&d);
        check_group(&d);
        /* Checked first, since the database says when straps were last seen; printed after them. */
        doctor_check_database(&d);
        doctor_check_bluez(&d);
        check_notifier(&d);
        doctor_check_sound(&d);
        doctor_check_bridge(&d);
        check_configuration(&d);
        check_pace(&d);
        report_warnings(&d);
        check_clock(&d);

        if (call->json)
                json_print(d.findings);
        else
                doctor_print(&d);
        return d.worst == CHECK_FAILURE ? OUTCOME_FAILED : OUTCOME_DONE;
}

json_object *doctor_troubles(const Call *call)
{
        _cleanup_(doctor_end) Doctor d = { .call = call, .brief = true };

        d.findings = checked(json_object_new_array());
        check_buses(&d);
        check_daemon(&d);
        doctor_check_database(&d);
        doctor_check_bluez(&d);
        check_notifier(&d);
        doctor_check_sound(&d);
        doctor_check_bridge(&d);
        report_warnings(&d);
        check_clock(&d);
        return TAKE_PTR(d.findings);
}

static const Verb verbs[] = {
        {
                        .name = "doctor",
                        .arguments = "",
                        .json = true,
                        .database = true,
                        .summary = "check that a run would be recorded, or why not",
                        .help = "One line for each thing that was looked at, with ok, warning or failure, and\n"
                                "what to do about it. Works without cardiod, too; the exit status is 1 if there\n"
                                "is a failure. As JSON: an array of objects with `check`, `health`, `text` and\n"
                                "`advice`, the last one null where all is well.",
                        .run = doctor_run,
        },
        { .name = NULL },
};

const Family doctor_family = { .title = "Trouble", .verbs = verbs };
