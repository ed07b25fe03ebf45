/* SPDX-License-Identifier: MIT */
/* `doctor`: checks everything that a recording needs, and says what to do about each fault. It queries BlueZ itself, to find
 * out where a fault lies, and changes nothing. No clock but for times of day, CLOCK_REALTIME. */
#include "doctor/doctor.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "memory.h"
#include "service.h"
#include "text.h"

#define GROUPS_MAX 65536 /* as many as Linux allows */

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

static bool process_is_in(gid_t gid)
{
        _cleanup_free_ gid_t *list = checked(calloc(GROUPS_MAX, sizeof(*list)));
        int n = getgroups(GROUPS_MAX, list);

        for (int i = 0; i < n; i++)
                if (list[i] == gid)
                        return true;
        return getegid() == gid;
}

static bool group_lists(const struct group *group, const char *user)
{
        for (char **member = group->gr_mem; *member; member++)
                if (user && strcmp(*member, user) == 0)
                        return true;
        return false;
}

static void check_group(Doctor *d)
{
        const struct passwd *user = getpwuid(geteuid());
        struct group *group;

        if (d->call->user || d->daemon.user) {
                doctor_report(d, "group", CHECK_OK, NULL, "not needed: this cardiod is your own");
                return;
        }
        if (geteuid() == 0) {
                doctor_report(d, "group", CHECK_OK, NULL, "not needed: you are root");
                return;
        }
        group = getgrnam(CARDIO_GROUP);
        if (!group)
                doctor_report(d, "group", CHECK_FAILURE,
                                "`sudo systemd-sysusers` makes it, once cardiod is installed",
                                "there is no group " CARDIO_GROUP);
        else if (process_is_in(group->gr_gid))
                doctor_report(d, "group", CHECK_OK, NULL, "you are in group " CARDIO_GROUP);
        else if (group_lists(group, user ? user->pw_name : NULL))
                doctor_report(d, "group", CHECK_FAILURE, "log out and in again",
                                "you have joined group " CARDIO_GROUP ", but not in this login");
        else
                doctor_report(d, "group", CHECK_FAILURE,
                                "`sudo usermod -aG " CARDIO_GROUP " $USER`, then log out and in again",
                                "you are not in group " CARDIO_GROUP);
}

/* -- What the daemon goes by -- */

static bool is_snoozed(json_object *manager, char text[static 32])
{
        int64_t until = json_integer_or(manager, "SnoozedUntil", 0);
        time_t at = (time_t)(until / (int64_t)USEC_PER_SEC);
        struct tm tm;

        return until > 0 && at > time(NULL) && localtime_r(&at, &tm) && strftime(text, 32, "%H:%M", &tm) > 0;
}

/* The daemon's warnings about its configuration; the advice follows a colon. */
static void report_warnings(Doctor *d)
{
        json_object *warnings;

        if (!json_object_object_get_ex(d->manager, "Warnings", &warnings))
                return;
        for (size_t i = 0; i < json_object_array_length(warnings); i++) {
                const char *text = json_object_get_string(json_object_array_get_idx(warnings, i)), *advice;

                if (!text)
                        continue;
                advice = strstr(text, ": ");
                doctor_report(d, "configuration", CHECK_WARNING, advice ? advice + 2 : NULL, "%.*s",
                                (int)(advice ? (size_t)(advice - text) : strlen(text)), text);
        }
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
        report_warnings(d);
        if (is_snoozed(d->manager, until))
                doctor_report(d, "configuration", CHECK_WARNING, "`cardioctl snooze 0` ends it",
                                "alerts are snoozed until %s", until);
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

        if (!d->session_bus) {
                doctor_report(d, "notifier", CHECK_WARNING,
                                "run `cardioctl doctor` on the desktop to check it",
                                "there is no session bus here, so no desktop notifications");
                return;
        }
        if (service_is_there(d->session_bus, CARDIO_NOTIFY_BUS_NAME))
                doctor_report(d, "notifier", CHECK_OK, NULL, "cardio-notify runs");
        else
                doctor_report(d, "notifier", CHECK_WARNING, "`systemctl --user enable --now cardio-notify`",
                                "cardio-notify is not running, and nothing will say that you are too fast");
        if (service_is_there(d->session_bus, server) || service_can_be_started(d->session_bus, server))
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

static Outcome verb_doctor(const Call *call)
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
        check_configuration(&d);
        check_clock(&d);

        if (call->json)
                json_print(d.findings);
        else
                doctor_print(&d);
        return d.worst == CHECK_FAILURE ? OUTCOME_FAILED : OUTCOME_DONE;
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
                        .run = verb_doctor,
        },
        { .name = NULL },
};

const Family doctor_family = { .title = "Trouble", .verbs = verbs };
