/* SPDX-License-Identifier: MIT */

/* Whether what is recorded reaches the broker: bridge.conf, and what systemd says of cardio-bridge, which owns no name on the
 * bus. Nothing is said where there is no such file, as on most machines. No clock. */

#include "doctor/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/bridge-config.h"
#include "memory.h"
#include "service.h"

#define SYSTEMD   "org.freedesktop.systemd1"
#define UNIT      "cardio-bridge"
#define UNIT_PATH "/org/freedesktop/systemd1/unit/cardio_2dbridge_2eservice"

typedef struct BridgeCheck {
        Doctor *d;
        bool user;        /* of one user, not the system's */
        const char *path; /* of bridge.conf */
} BridgeCheck;

/* -- The file -- */

typedef enum FileResult {
        FILE_FINE,
        FILE_WRONG,  /* and reported */
        FILE_HIDDEN, /* from who asks, not from the bridge */
} FileResult;

/* Leaves of the mistakes, a line each, those out that are only a file not being readable for who asks, as the password's is
 * not meant to be. Returns how many are left. */
static size_t mistakes_of_all(char *errors)
{
        const char *hidden = strerror(EACCES);
        char *out = errors, *rest = errors;
        size_t n = 0;

        for (char *line; (line = strsep(&rest, "\n"));) {
                size_t length = strlen(line), tail = strlen(hidden);

                if (length == 0 || (length >= tail && strcmp(line + length - tail, hidden) == 0))
                        continue;
                memmove(out, line, length);
                out += length;
                *out++ = '\n';
                n++;
        }
        *(out > errors ? out - 1 : out) = '\0';
        return n;
}

static FileResult check_file(const BridgeCheck *b)
{
        _cleanup_bridge_config_ BridgeConfig config = { .host = NULL };
        _cleanup_free_ char *errors = NULL, *advice = NULL;
        bool somebody_else = !b->user && geteuid() != 0;
        size_t n;
        int r;

        if (somebody_else && access(b->path, R_OK) < 0)
                return FILE_HIDDEN;
        r = bridge_config_load(b->path, &config, &errors);
        if (r >= 0)
                return FILE_FINE;
        if (!errors)
                out_of_memory();
        if (somebody_else) {
                if (mistakes_of_all(errors) == 0)
                        return FILE_FINE;
        }
        n = 1;
        for (char *end = strchr(errors, '\n'); end; end = strchr(end + 1, '\n'))
                n++;
        *strchrnul(errors, '\n') = '\0';
        if (n > 1 && asprintf(&advice, "mend it; `cardio-bridge %s--check-config` tells all %zu mistakes",
                                     b->user ? "--user " : "", n) < 0)
                out_of_memory();
        doctor_report(b->d, "bridge", CHECK_FAILURE,
                        advice ? advice : "mend it; cardio-bridge does not start with it", "%s", errors);
        return FILE_WRONG;
}

/* -- The service -- */

/* What systemd says of an interface of the unit; NULL if it does not. */
static json_object *unit_properties(const BridgeCheck *b, const char *interface)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = b->user ? b->d->session_bus : b->d->system_bus;
        json_object *properties = NULL;

        if (!bus || service_get_properties(bus, SYSTEMD, UNIT_PATH, interface, &properties, &error) < 0)
                return NULL;
        return properties;
}

static const char *text_or(json_object *object, const char *name, const char *otherwise)
{
        const char *text = object ? json_text(object, name) : NULL;

        return text && *text ? text : otherwise;
}

/* "sudo systemctl enable --now cardio-bridge" and the like, in quotes and with an end. To be freed. */
static char *advise(const BridgeCheck *b, const char *command, const char *then)
{
        const char *program = strncmp(command, "journalctl", strlen("journalctl")) == 0 ? "" : "systemctl ";
        char *advice;

        if (asprintf(&advice, "`%s%s%s%s " UNIT "`%s", *program && !b->user ? "sudo " : "", program,
                            b->user && *program ? "--user " : "", command, then) < 0)
                out_of_memory();
        return advice;
}

static char *advise_log(const BridgeCheck *b, const char *then)
{
        return advise(b, b->user ? "journalctl --user -u" : "journalctl -u", then);
}

static void report_active(const BridgeCheck *b)
{
        static const char connected[] = "connected to ";
        _cleanup_json_ json_object *service = unit_properties(b, SYSTEMD ".Service");
        _cleanup_free_ char *advice = NULL;
        const char *status = text_or(service, "StatusText", "it does not say whether it is connected");

        /* A broker of MQTT 5 says so. */
        if (strncmp(status, connected, strlen(connected)) == 0 && strstr(status, "; it has refused ")) {
                advice = advise(b, "reload", " once the broker's access rules allow it");
                doctor_report(b->d, "bridge", CHECK_WARNING, advice, "cardio-bridge runs: %s", status);
                return;
        }
        if (strncmp(status, connected, strlen(connected)) == 0) {
                doctor_report(b->d, "bridge", CHECK_OK, NULL, "cardio-bridge runs: %s", status);
                return;
        }
        advice = advise_log(b, " tells more");
        doctor_report(b->d, "bridge", CHECK_WARNING, advice, "cardio-bridge runs: %s", status);
}

static void report_failed(const BridgeCheck *b)
{
        _cleanup_json_ json_object *service = unit_properties(b, SYSTEMD ".Service");
        _cleanup_free_ char *advice = advise_log(b, " tells why");

        doctor_report(b->d, "bridge", CHECK_FAILURE, advice, "cardio-bridge does not stay: systemd says `%s`",
                        text_or(service, "Result", "unknown"));
}

static void report_stopped(const BridgeCheck *b, json_object *unit)
{
        _cleanup_free_ char *advice = NULL;

        if (strcmp(text_or(unit, "LoadState", ""), "loaded") != 0) {
                doctor_report(b->d, "bridge", CHECK_WARNING,
                                "install it, on Debian the package cardiod-bridge; or delete the file",
                                "there is %s, and no service cardio-bridge that reads it", b->path);
                return;
        }
        advice = advise(b, "enable --now", "");
        doctor_report(b->d, "bridge", CHECK_WARNING, advice, "there is %s, and cardio-bridge does not run",
                        b->path);
}

static void check_unit(const BridgeCheck *b, FileResult file)
{
        _cleanup_json_ json_object *unit = unit_properties(b, SYSTEMD ".Unit");
        const char *state = text_or(unit, "ActiveState", "");

        if (strcmp(state, "active") == 0 || strcmp(state, "reloading") == 0) {
                report_active(b);
                return;
        }
        /* Nothing else has shown whether it is as it should be. */
        if (file == FILE_HIDDEN)
                doctor_report(b->d, "bridge", CHECK_WARNING, "`sudo cardioctl doctor` reads it",
                                "you may not read %s, and so it is not checked here", b->path);
        if (!unit) {
                if (file == FILE_FINE)
                        doctor_report(b->d, "bridge", CHECK_OK, NULL,
                                        "%s has no mistake; there is no systemd to tell whether cardio-bridge runs",
                                        b->path);
        } else if (strcmp(state, "failed") == 0 ||
                        strcmp(text_or(unit, "SubState", ""), "auto-restart") == 0) {
                report_failed(b);
        } else if (strcmp(state, "activating") == 0) {
                doctor_report(b->d, "bridge", CHECK_OK, NULL, "cardio-bridge is starting");
        } else {
                report_stopped(b, unit);
        }
}

void doctor_check_bridge(Doctor *d)
{
        BridgeCheck b = { .d = d, .user = d->call->user || d->daemon.user };
        _cleanup_free_ char *path = NULL;
        int r = bridge_config_path(b.user, &path);

        if (r == -ENOMEM)
                out_of_memory();
        if (r < 0 || (access(path, F_OK) < 0 && errno == ENOENT))
                return;
        b.path = path;
        check_unit(&b, check_file(&b));
}
