/* SPDX-License-Identifier: MIT */
/* What the tests of cardioctl share: a cardiod played on the harness's own connection, so that it replies whenever the test
 * waits; a database made from the schema; the program itself. No clock but CLOCK_REALTIME, for snoozing. */
#include "ctl-fixture.h"

#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#define ARGUMENTS_MAX 16U
#define TERMINAL_MAX  65536U
#define SENSOR        CARDIO_SENSOR_PREFIX "/A0_9E_1A_12_34_56"

void ctl_assert_contains(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in:\n%s", part, text);
}

void ctl_end(Ctl *c)
{
        free(c->out);
        free(c->err);
        free(c->value);
}

/* -- cardiod -- */

/* Logs the call. Returns 1 if it has been answered with an error. */
static int note_call(CtlDaemon *d, sd_bus_message *m, const char *argument)
{
        assert_true(d->n_calls < CTL_CALLS_MAX);
        (void)snprintf(d->call[d->n_calls++], sizeof(d->call[0]), "%s%s%s", sd_bus_message_get_member(m),
                        *argument ? " " : "", argument);
        return d->error ? sd_bus_reply_method_errorf(m, d->error, "%s", d->error_message) : 0;
}

static int method_string(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlDaemon *d = userdata;
        const char *text = "";
        int r;

        (void)error;
        (void)sd_bus_message_read(m, "s", &text);
        r = note_call(d, m, text);
        if (r != 0)
                return r;
        if (strcmp(sd_bus_message_get_member(m), "StartSession") == 0)
                return sd_bus_reply_method_return(m, "x", (int64_t)43);
        if (*text) {
                d->ceiling = 150;
                d->ceiling_expression = "150";
                d->ceiling_reason = CARDIO_CEILING_BY_COMMAND;
        }
        return sd_bus_reply_method_return(m, NULL);
}

static int method_plain(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        int r = note_call(userdata, m, "");

        (void)error;
        if (r != 0)
                return r;
        if (strcmp(sd_bus_message_get_member(m), "StopSession") == 0)
                return sd_bus_reply_method_return(m, "x", (int64_t)43);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_snooze(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlDaemon *d = userdata;
        char text[16];
        uint32_t seconds = 0;
        int r;

        (void)error;
        (void)sd_bus_message_read(m, "u", &seconds);
        (void)snprintf(text, sizeof(text), "%u", seconds);
        r = note_call(d, m, text);
        if (r != 0)
                return r;
        d->snoozed_until = seconds ? ((uint64_t)time(NULL) + seconds) * 1000000 : 0;
        return sd_bus_reply_method_return(m, NULL);
}

static int method_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        CtlDaemon *d = userdata;
        char text[32];
        int64_t session = 0;
        int r;

        (void)error;
        (void)sd_bus_message_read(m, "x", &session);
        (void)snprintf(text, sizeof(text), "%lld", (long long)session);
        r = note_call(d, m, text);
        if (r != 0)
                return r;
        if (strcmp(sd_bus_message_get_member(m), "DeleteSession") == 0)
                return sd_bus_reply_method_return(m, NULL);
        if (d->logged)
                return sd_bus_reply_method_return(m, "a{sv}", 6, "date", "s", "2026-05-12", "start", "s",
                                "06:31", "kind", "s", "base", "talk_test", "s", "fail", "rpe", "x",
                                (int64_t)7, "note", "s", "uphill");
        return sd_bus_reply_method_return(m, "a{sv}", 10, "id", "x", session, "date", "s", "2026-05-12",
                        "start", "s", "06:31", "duration", "s", "0:12:34", "kind", "s", "base", "over", "s",
                        "0:01:05", "breaches", "x", (int64_t)1, "duration_s", "x", (int64_t)754, "over_s",
                        "x", (int64_t)65, "verdict", "s", "too-fast");
}

#define PROPERTY(name, type, field) SD_BUS_PROPERTY(name, type, NULL, offsetof(CtlDaemon, field), 0)

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        PROPERTY("DatabasePath", "s", database_path),
        PROPERTY("Recording", "b", recording),
        PROPERTY("Session", "x", session),
        PROPERTY("Ceiling", "d", ceiling),
        PROPERTY("CeilingExpression", "s", ceiling_expression),
        PROPERTY("CeilingReason", "s", ceiling_reason),
        PROPERTY("RestingHeartRate", "d", resting),
        PROPERTY("MaximumHeartRate", "d", maximum),
        PROPERTY("RestingProvisional", "b", provisional),
        PROPERTY("SnoozedUntil", "t", snoozed_until),
        PROPERTY("Bluetooth", "s", bluetooth),
        PROPERTY("Waiting", "u", waiting),
        PROPERTY("PaceUnits", "s", units),
        SD_BUS_METHOD("StartSession", "s", "x", method_string, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("StopSession", NULL, "x", method_plain, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("SetCeiling", "s", NULL, method_string, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Snooze", "u", NULL, method_snooze, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Reload", NULL, NULL, method_plain, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetSession", "x", "a{sv}", method_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("DeleteSession", "x", NULL, method_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ImportSession", "a{sv}a(tqy)a(tq)a(tdddd)", "x", method_plain,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static int coach_step_number(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const CtlDaemon *d = userdata;

        (void)bus, (void)path, (void)interface, (void)property, (void)error;
        return sd_bus_message_append(reply, "(uu)", d->workout_step_number[0], d->workout_step_number[1]);
}

static const sd_bus_vtable coach_vtable[] = {
        SD_BUS_VTABLE_START(0),
        PROPERTY("Workout", "s", workout),
        PROPERTY("WorkoutStep", "s", workout_step),
        SD_BUS_PROPERTY("WorkoutStepNumber", "(uu)", coach_step_number, 0, 0),
        PROPERTY("WorkoutStepEnds", "t", workout_step_ends),
        SD_BUS_VTABLE_END,
};

static int sensor_constant(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        (void)bus, (void)path, (void)interface, (void)userdata, (void)error;
        if (strcmp(property, "Address") == 0)
                return sd_bus_message_append(reply, "s", "A0:9E:1A:12:34:56");
        if (strcmp(property, "HeartRate") == 0)
                return sd_bus_message_append(reply, "q", 152);
        if (strcmp(property, "SmoothedHeartRate") == 0)
                return sd_bus_message_append(reply, "d", 150.5);
        return sd_bus_message_append(reply, "y", strcmp(property, "Zone") == 0 ? 2 : 80);
}

static const sd_bus_vtable sensor_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Address", "s", sensor_constant, 0, 0),
        PROPERTY("Name", "s", sensor_name),
        PROPERTY("State", "s", sensor_state),
        SD_BUS_PROPERTY("HeartRate", "q", sensor_constant, 0, 0),
        SD_BUS_PROPERTY("SmoothedHeartRate", "d", sensor_constant, 0, 0),
        SD_BUS_PROPERTY("Zone", "y", sensor_constant, 0, 0),
        SD_BUS_PROPERTY("BatteryPercentage", "y", sensor_constant, 0, 0),
        SD_BUS_VTABLE_END,
};

static int find_sensor(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret_found,
                sd_bus_error *error)
{
        CtlDaemon *d = userdata;

        (void)bus, (void)interface, (void)error;
        *ret_found = d;
        return d->sensor_name && strcmp(path, SENSOR) == 0;
}

static int list_sensors(
                sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes, sd_bus_error *error)
{
        CtlDaemon *d = userdata;
        char **nodes = calloc(2, sizeof(*nodes));

        (void)bus, (void)prefix, (void)error;
        if (nodes && d->sensor_name)
                nodes[0] = strdup(SENSOR);
        *ret_nodes = nodes;
        return 0;
}

void ctl_daemon(Ctl *c, BusKind kind)
{
        CtlDaemon *d = &c->daemon;
        sd_bus *b = harness_bus(c->h, kind);

        *d = (CtlDaemon){ .database_path = harness_path(c->h, CTL_DATABASE),
                .recording = true,
                .session = 43,
                .ceiling = 145.55,
                .ceiling_expression = "65%hrr",
                .ceiling_reason = CARDIO_CEILING_BY_CONFIG,
                .resting = 50,
                .maximum = 197,
                .sensor_name = "Polar H10",
                .sensor_state = "live",
                .bluetooth = CARDIO_BLUETOOTH_ON };
        assert_true(sd_bus_add_object_vtable(b, NULL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, manager_vtable,
                                    d) >= 0);
        assert_true(sd_bus_add_object_vtable(
                                    b, NULL, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, coach_vtable, d) >= 0);
        assert_true(sd_bus_add_object_manager(b, NULL, CARDIO_OBJECT) >= 0);
        assert_true(sd_bus_add_fallback_vtable(b, NULL, CARDIO_SENSOR_PREFIX, CARDIO_SENSOR_INTERFACE,
                                    sensor_vtable, find_sensor, d) >= 0);
        assert_true(sd_bus_add_node_enumerator(b, NULL, CARDIO_SENSOR_PREFIX, list_sensors, d) >= 0);
        assert_true(sd_bus_request_name(b, CARDIO_BUS_NAME, 0) >= 0);
}

/* -- Database -- */

/* The schema, and what each version since has added to it. */
void ctl_apply_schema(sqlite3 *db)
{
        static const char *const names[] = { "schema", "schema-coach", "schema-commands", "schema-settled",
                "schema-kinds", "schema-clock", "schema-trouble", "schema-import", "schema-edit",
                "schema-beats", "schema-pace" };
        char sql[64];

        assert_int_equal(ELEMENTSOF(names), CARDIO_DATABASE_VERSION);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *schema = NULL;
                size_t size = 0;
                FILE *file;

                (void)snprintf(sql, sizeof(sql), "src/daemon/store/%s.sql", names[i]);
                file = fopen(sql, "re");
                assert_non_null(file);
                assert_true(getdelim(&schema, &size, '\0', file) > 0);
                (void)fclose(file);
                if (sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK)
                        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
        }
        (void)snprintf(sql, sizeof(sql), "PRAGMA application_id = 0x63617264; PRAGMA user_version = %d",
                        CARDIO_DATABASE_VERSION);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

const char *ctl_database(Harness *h, const char *sql)
{
        const char *path = harness_path(h, CTL_DATABASE);
        sqlite3 *db = NULL;

        (void)mkdir(harness_path(h, "state"), 0755);
        (void)mkdir(harness_path(h, "state/cardiod"), 0755);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
        ctl_apply_schema(db);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
                fail_msg("%s", sqlite3_errmsg(db));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        return path;
}

const char *ctl_json(Ctl *c, const char *path)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *s = NULL;

        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db, "SELECT json_extract(?1, ?2)", -1, &s, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_bind_text(s, 1, c->out, -1, SQLITE_STATIC), SQLITE_OK);
        assert_int_equal(sqlite3_bind_text(s, 2, path, -1, SQLITE_STATIC), SQLITE_OK);
        if (sqlite3_step(s) != SQLITE_ROW)
                fail_msg("%s: %s in:\n%s", path, sqlite3_errmsg(db), c->out);
        free(c->value);
        c->value = sqlite3_column_type(s, 0) == SQLITE_NULL ? NULL
                                                            : strdup((const char *)sqlite3_column_text(s, 0));
        (void)sqlite3_finalize(s);
        (void)sqlite3_close(db);
        return c->value;
}

/* -- cardioctl -- */

/* The file is one in memory, which is gone with this program. */
void ctl_join_group(void)
{
        char group[64], path[64];
        int fd, length;

        if (geteuid() == 0)
                return;
        fd = memfd_create("group", 0);
        length = snprintf(group, sizeof(group), CARDIO_GROUP ":x:%u:\n", getegid());
        if (fd < 0 || write(fd, group, (size_t)length) != length)
                abort();
        (void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
        (void)setenv("NSS_WRAPPER_PASSWD", "/etc/passwd", 1);
        (void)setenv("NSS_WRAPPER_GROUP", path, 1);
        (void)setenv("LD_PRELOAD", "libnss_wrapper.so", 1);
}

static void read_arguments(const char *argv[static ARGUMENTS_MAX], size_t n, va_list arguments)
{
        argv[n++] = BUILD "/cardioctl";
        do {
                assert_true(n < ARGUMENTS_MAX);
                argv[n] = va_arg(arguments, const char *);
        } while (argv[n++]);
}

int ctl_run(Ctl *c, ...)
{
        const char *argv[ARGUMENTS_MAX] = { "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups" };
        va_list arguments;
        Child *child;
        int status;

        va_start(arguments, c);
        read_arguments(argv, c->as_nobody ? 4 : 0, arguments);
        va_end(arguments);

        (void)setenv("LC_ALL", "C.UTF-8", 1);
        child = harness_spawn(c->h, "cardioctl", true, argv);
        if (c->input)
                harness_child_write(c->h, child, c->input);
        status = harness_child_end(c->h, child, 0);
        free(c->out);
        free(c->err);
        c->out = harness_child_output(c->h, child, false);
        c->err = harness_child_output(c->h, child, true);
        return status;
}

int ctl_run_terminal(Ctl *c, ...)
{
        const struct winsize size = { .ws_row = 24,
                .ws_col = c->columns > 0 ? (unsigned short)c->columns : 80 };
        const char *argv[ARGUMENTS_MAX];
        va_list arguments;
        ssize_t got;
        size_t n = 0;
        pid_t pid;
        int terminal, status;

        va_start(arguments, c);
        read_arguments(argv, 0, arguments);
        va_end(arguments);

        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)setenv("TERM", "xterm", 1);
        (void)setenv("CARDIO_PAGER", "cat", 1); /* nobody would press a key */
        pid = forkpty(&terminal, NULL, NULL, &size);
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)execv(argv[0], (char *const *)(uintptr_t)argv);
                _exit(127);
        }

        free(c->out);
        c->out = calloc(1, TERMINAL_MAX);
        assert_non_null(c->out);
        while ((got = read(terminal, c->out + n, TERMINAL_MAX - 1 - n)) >
                        0) /* an error is the end of a terminal */
                n += (size_t)got;
        (void)close(terminal);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}
