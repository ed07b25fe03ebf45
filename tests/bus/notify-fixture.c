/* SPDX-License-Identifier: MIT */

/* What the tests of cardio-notify run in: children, buses, and a played cardiod. One thread; cardiod replies while the test
 * waits for lines. Deadlines run on CLOCK_MONOTONIC. */

#include "notify-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* -- Children -------------------------------------------------------------------------------------------- */

static void child_start(StageChild *c, const char *const argv[], const char *const environment[])
{
        int in[2], out[2], err[2];

        assert_int_equal(pipe2(in, O_CLOEXEC), 0);
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
        assert_int_equal(pipe2(err, O_CLOEXEC), 0);
        c->pid = fork();
        assert_true(c->pid >= 0);
        if (c->pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || dup2(err[1], 2) < 0)
                        _exit(127);
                for (; environment && *environment; environment += 2)
                        (void)setenv(environment[0], environment[1], 1);
                execvp(argv[0], (char *const *)(uintptr_t)argv);
                _exit(127);
        }
        (void)close(in[0]);
        (void)close(out[1]);
        (void)close(err[1]);
        c->in = in[1];
        c->out = (StageStream){ .fd = out[0] };
        c->err = (StageStream){ .fd = err[0] };
}

int stage_child_wait(StageChild *c)
{
        int status = -1;

        if (c->pid == 0)
                return 0;
        assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
        (void)close(c->in);
        (void)close(c->out.fd);
        (void)close(c->err.fd);
        c->pid = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void stage_child_kill(StageChild *c)
{
        if (c->pid != 0)
                (void)kill(c->pid, SIGKILL);
        (void)stage_child_wait(c);
}

static long now_ms(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static long patience_ms(void)
{
        const char *scale = getenv("CARDIO_TIMEOUT_SCALE");
        long factor = scale ? strtol(scale, NULL, 10) : 1;

        return 20000 * (factor > 0 ? factor : 1);
}

static bool stream_take(StageStream *s, char line[static STAGE_LINE_MAX])
{
        char *end = memchr(s->text, '\n', s->n);
        size_t n;

        if (!end)
                return false;
        n = (size_t)(end - s->text);
        memcpy(line, s->text, n);
        line[n] = '\0';
        s->n -= n + 1;
        memmove(s->text, end + 1, s->n);
        return true;
}

void stage_next_line(NotifyStage *f, StageStream *s, char line[static STAGE_LINE_MAX])
{
        const long until = now_ms() + patience_ms();

        /* Valgrind's own remarks begin so; its errors fail the test by the exit status. */
        while (!stream_take(s, line) || strncmp(line, "--", 2) == 0) {
                struct pollfd fds[2] = { { .fd = s->fd, .events = POLLIN }, { .fd = -1 } };
                ssize_t n;

                if (f->cardiod) {
                        while (sd_bus_process(f->cardiod, NULL) > 0)
                                ;
                        fds[1].fd = sd_bus_get_fd(f->cardiod);
                        fds[1].events = POLLIN;
                }
                if (now_ms() > until)
                        fail_msg("nothing came");
                (void)poll(fds, 2, 100);
                if (!(fds[0].revents & (POLLIN | POLLHUP)))
                        continue;
                n = read(s->fd, s->text + s->n, sizeof(s->text) - s->n);
                if (n <= 0)
                        fail_msg("it ended");
                s->n += (size_t)n;
        }
}

void stage_expect(NotifyStage *f, StageStream *s, const char *expected)
{
        char line[STAGE_LINE_MAX];

        stage_next_line(f, s, line);
        assert_string_equal(line, expected);
}

void stage_await(NotifyStage *f, StageStream *s, const char *text)
{
        char line[STAGE_LINE_MAX];

        do
                stage_next_line(f, s, line);
        while (!strstr(line, text));
}

/* -- Buses ----------------------------------------------------------------------------------------------- */

#define POLICY_OPEN "<allow send_destination='*' eavesdrop='true'/><allow own='*'/><allow eavesdrop='true'/>"

void stage_bus_start(NotifyStage *f, int which, const char *policy)
{
        char path[STAGE_PATH_MAX], option[STAGE_PATH_MAX + 16], line[STAGE_LINE_MAX];
        FILE *config;

        (void)snprintf(path, sizeof(path), "%s/%d.conf", f->dir, which);
        config = fopen(path, "we");
        assert_non_null(config);
        /* No service folders: a bus of a test must not start the notification server of the machine. */
        fprintf(config,
                        "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus "
                        "Configuration 1.0//EN' "
                        "'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'><busconfig><listen>"
                        "unix:path=%s/%d</listen><auth>EXTERNAL</auth>"
                        "<policy context='default'>" POLICY_OPEN "%s</policy></busconfig>",
                        f->dir, which, policy);
        assert_int_equal(fclose(config), 0);
        (void)snprintf(option, sizeof(option), "--config-file=%s", path);
        child_start(&f->bus[which],
                        (const char *[]){ "dbus-daemon", option, "--nofork", "--print-address", NULL }, NULL);
        stage_next_line(f, &f->bus[which].out, line);
        (void)snprintf(path, sizeof(path), "unix:path=%s/%d", f->dir, which);
        memcpy(f->address[which], path, sizeof(path));
}

void stage_bus_stop(NotifyStage *f, int which)
{
        char path[128];

        stage_child_kill(&f->bus[which]);
        (void)snprintf(path, sizeof(path), "%s/%d", f->dir, which);
        (void)unlink(path);
}

sd_bus *stage_bus_open(NotifyStage *f, int which)
{
        sd_bus *bus;

        assert_int_equal(sd_bus_new(&bus), 0);
        assert_true(sd_bus_set_address(bus, f->address[which]) >= 0);
        assert_true(sd_bus_set_bus_client(bus, true) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        return bus;
}

/* -- cardiod --------------------------------------------------------------------------------------------- */

static int on_get_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        NotifyStage *f = userdata;
        int64_t id;

        assert_true(sd_bus_message_read(m, "x", &id) > 0);
        f->asked++;
        if (f->silent)
                return 1;
        if (id == 404)
                return sd_bus_error_set(error, CARDIO_ERROR_NO_SUCH_SESSION, "there is no session 404");
        assert_true(sd_bus_message_new_method_return(m, &reply) >= 0);
        /* As in the view, without what is NULL there. */
        assert_true(sd_bus_message_append(reply, "a{sv}", f->pace ? 18 : 16, "id", "x", id, "date", "s",
                                    "2024-05-04", "start", "s", "07:30", "duration", "s", "0:42:10", "kind",
                                    "s", f->kind, "avg_bpm", "d", 138.4, "peak_bpm", "d", 161.5, "ceiling",
                                    "d", 145.55, "over", "s", "0:02:05", "breaches", "x", INT64_C(2),
                                    "longest_breach", "s", "0:01:15", "easy_percent", "d", 94.9, "strap", "s",
                                    "<i>Strap</i>", "verdict_text", "s", f->verdict, "ask_talk_test", "b",
                                    f->ask_talk_test && !*f->annotated, "ask_if_run", "b", f->ask_if_run,
                                    "distance_km", "d", 8.42, "pace", "s", f->pace) >= 0);
        return sd_bus_send(NULL, reply, NULL);
}

static int on_snooze(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        NotifyStage *f = userdata;

        assert_true(sd_bus_message_read(m, "u", &f->snoozed) > 0);
        if (f->refuse_snooze)
                return sd_bus_error_set(error, CARDIO_ERROR_BUSY, "not <now>");
        return sd_bus_reply_method_return(m, NULL);
}

static int on_annotate(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        NotifyStage *f = userdata;
        const char *key, *value;
        int64_t session;

        assert_true(sd_bus_message_read(m, "x", &session) > 0);
        assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
        assert_true(sd_bus_message_read(m, "{sv}", &key, "s", &value) > 0);
        (void)snprintf(f->annotated, sizeof(f->annotated), "%lld %s %s", (long long)session, key, value);
        if (f->refuse_snooze)
                return sd_bus_error_set(error, CARDIO_ERROR_STORAGE, "the disk is full");
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable coach_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Annotate", "xa{sv}", "", on_annotate, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable cardiod_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("GetSession", "x", "a{sv}", on_get_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Snooze", "u", "", on_snooze, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Session", "x", NULL, offsetof(NotifyStage, session), 0),
        SD_BUS_PROPERTY("Tolerance", "d", NULL, offsetof(NotifyStage, tolerance), 0),
        SD_BUS_PROPERTY("PaceUnits", "s", NULL, offsetof(NotifyStage, units), 0),
        SD_BUS_VTABLE_END,
};

static void cardiod_own(NotifyStage *f)
{
        assert_true(sd_bus_request_name(f->cardiod, CARDIO_BUS_NAME, 0) > 0);
}

void stage_cardiod_start(NotifyStage *f, int which)
{
        f->cardiod = stage_bus_open(f, which);
        assert_true(sd_bus_add_object_vtable(f->cardiod, NULL, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                    cardiod_vtable, f) >= 0);
        assert_true(sd_bus_add_object_vtable(f->cardiod, NULL, CARDIO_OBJECT, CARDIO_COACH_INTERFACE,
                                    coach_vtable, f) >= 0);
        cardiod_own(f);
}

void stage_cardiod_stop(NotifyStage *f)
{
        /* As cardiod does: the bus has read every signal before the connection is closed. */
        assert_int_equal(sd_bus_release_name(f->cardiod, CARDIO_BUS_NAME), 0);
        f->cardiod = sd_bus_flush_close_unref(f->cardiod);
}

void stage_await_question(NotifyStage *f)
{
        const long until = now_ms() + patience_ms();

        while (f->asked == 0) {
                if (now_ms() > until)
                        fail_msg("nothing was asked");
                if (sd_bus_process(f->cardiod, NULL) == 0)
                        (void)sd_bus_wait(f->cardiod, 100000);
        }
}

void stage_await_call(NotifyStage *f, const char *call, const char *expected)
{
        const long until = now_ms() + patience_ms();

        while (strcmp(call, expected) != 0) {
                if (now_ms() > until)
                        fail_msg("\"%s\" was told, not \"%s\"", call, expected);
                if (sd_bus_process(f->cardiod, NULL) == 0)
                        (void)sd_bus_wait(f->cardiod, 100000);
        }
}

void stage_emit_alert(sd_bus *bus, const char *member, int64_t session, double bpm, unsigned seconds)
{
        assert_true(sd_bus_emit_signal(bus, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, member, "xoddu", session,
                                    STAGE_SENSOR, bpm, 145.55, seconds) >= 0);
        assert_true(sd_bus_flush(bus) >= 0);
}

void stage_over(NotifyStage *f, int64_t session, double bpm, unsigned seconds)
{
        stage_emit_alert(f->cardiod, "OverLimit", session, bpm, seconds);
}

void stage_back(NotifyStage *f, int64_t session, double bpm, unsigned seconds)
{
        stage_emit_alert(f->cardiod, "BackInRange", session, bpm, seconds);
}

static void emit_pace(NotifyStage *f, const char *member, const char *sensor, int64_t session, double pace,
                unsigned seconds)
{
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, member, "xoddu",
                                    session, sensor, 1000 / pace, 1000 / STAGE_PACE_LIMIT, seconds) >= 0);
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

void stage_over_pace(NotifyStage *f, const char *sensor, int64_t session, double pace, unsigned seconds)
{
        emit_pace(f, "OverPace", sensor, session, pace, seconds);
}

void stage_pace_in_range(NotifyStage *f, const char *sensor, int64_t session, double pace, unsigned seconds)
{
        emit_pace(f, "PaceInRange", sensor, session, pace, seconds);
}

void stage_advice_of(NotifyStage *f, int64_t session, const char *kind, const char *text)
{
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Advice", "xss",
                                    session, kind, text) >= 0);
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

void stage_advice(NotifyStage *f, int64_t session, const char *text)
{
        stage_advice_of(f, session, "rest", text);
}

void stage_cue(NotifyStage *f, int64_t session, const char *cue, unsigned seconds)
{
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Cue", "xsu",
                                    session, cue, seconds) >= 0);
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

void stage_trouble(NotifyStage *f, const char *kind, const char *text)
{
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Trouble", "ss",
                                    kind, text) >= 0);
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

static void emit_changed(NotifyStage *f, const char *path, const char *interface, const char *name,
                const char *type, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list ap;

        assert_true(sd_bus_message_new_signal(f->cardiod, &m, path, "org.freedesktop.DBus.Properties",
                                    "PropertiesChanged") >= 0);
        assert_true(sd_bus_message_append(m, "s", interface) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        /* What it does not know, it passes over. */
        assert_true(sd_bus_message_append(m, "{sv}", "Contact", "s", "yes") >= 0);
        assert_true(sd_bus_message_open_container(m, 'e', "sv") >= 0);
        assert_true(sd_bus_message_append(m, "s", name) >= 0);
        assert_true(sd_bus_message_open_container(m, 'v', type) >= 0);
        va_start(ap, type);
        assert_true(sd_bus_message_appendv(m, type, ap) >= 0);
        va_end(ap);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_append(m, "as", 0) >= 0);
        assert_true(sd_bus_send(f->cardiod, m, NULL) >= 0);
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

void stage_sensor_state(NotifyStage *f, const char *sensor, const char *sensor_state)
{
        emit_changed(f, sensor, CARDIO_SENSOR_INTERFACE, "State", "s", sensor_state);
}

void stage_sensor_is(NotifyStage *f, const char *sensor, const char *sensor_state)
{
        stage_sensor_state(f, sensor, sensor_state);
        stage_advice(f, 7, sensor_state);
        stage_await(f, &f->server.out, "summary=\"Your coach\"");
}

void stage_sensor_session(NotifyStage *f, const char *sensor, int64_t session)
{
        emit_changed(f, sensor, CARDIO_SENSOR_INTERFACE, "Session", "x", session);
}

void stage_sensor_removed(NotifyStage *f, const char *sensor)
{
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, "org.freedesktop.DBus.ObjectManager",
                                    "InterfacesRemoved", "oas", sensor, 1, CARDIO_SENSOR_INTERFACE) >= 0);
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

void stage_snoozed(NotifyStage *f, int seconds)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        emit_changed(f, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SnoozedUntil", "t",
                        seconds > 0 ? (uint64_t)(now.tv_sec + seconds) * 1000000 : 0);
}

void stage_flush(NotifyStage *f)
{
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

void stage_session(NotifyStage *f, int64_t session)
{
        f->session = session;
        emit_changed(f, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Session", "x", session);
}

void stage_tolerance(NotifyStage *f, double bpm)
{
        f->tolerance = bpm;
        emit_changed(f, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Tolerance", "d", bpm);
}

void stage_units(NotifyStage *f, const char *units)
{
        f->units = units;
        emit_changed(f, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "PaceUnits", "s", units);
}

void stage_started(NotifyStage *f, int64_t session)
{
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SessionStarted",
                                    "xot", session, STAGE_SENSOR, UINT64_C(1)) >= 0);
}

void stage_ended(NotifyStage *f, int64_t session)
{
        f->session = 0;
        f->asked = 0;
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SessionEnded",
                                    "xot", session, STAGE_SENSOR, UINT64_C(1)) >= 0);
        assert_true(sd_bus_flush(f->cardiod) >= 0);
}

void stage_discarded(NotifyStage *f, int64_t session)
{
        assert_true(sd_bus_emit_signal(f->cardiod, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                    "SessionDiscarded", "x", session) >= 0);
}

/* -- The programs ---------------------------------------------------------------------------------------- */

void stage_notify_start(NotifyStage *f, const char *const options[])
{
        const char *argv[24] = { NULL }, *wrap = getenv("CARDIO_WRAP");
        _cleanup_free_ char *words = strdup(wrap ? wrap : "");
        char *rest = words;
        size_t n = 0;

        assert_non_null(words);
        for (char *word; (word = strsep(&rest, " "));)
                if (*word) {
                        assert_true(n < 12);
                        argv[n++] = word;
                }
        argv[n++] = f->program ? f->program : BUILD "/cardio-notify";
        for (size_t i = 0; options[i]; i++)
                argv[n++] = options[i];
        child_start(&f->notify, argv,
                        (const char *[]){ "DBUS_SYSTEM_BUS_ADDRESS", f->address[STAGE_SYSTEM],
                                        "DBUS_SESSION_BUS_ADDRESS", f->address[STAGE_SESSION],
                                        "XDG_CONFIG_HOME", f->dir, "XDG_RUNTIME_DIR", f->dir, NULL });
}

void stage_print_start(NotifyStage *f)
{
        stage_notify_start(f, (const char *[]){ "--print", NULL });
        stage_await(f, &f->notify.err, "found cardiod on the system bus");
}

void stage_server_start(NotifyStage *f)
{
        child_start(&f->server, (const char *[]){ BUILD "/notifications-standin", NULL },
                        (const char *[]){ "DBUS_SESSION_BUS_ADDRESS", f->address[STAGE_SESSION], NULL });
        stage_expect(f, &f->server.out, "ready");
}

void stage_desktop_start(NotifyStage *f)
{
        stage_server_start(f);
        stage_notify_start(f, (const char *[]){ NULL });
        stage_await(f, &f->notify.err, "found cardiod on the system bus");
}

void stage_command(NotifyStage *f, const char *command)
{
        char answer[128];

        assert_true(dprintf(f->server.in, "%s\n", command) > 0);
        (void)snprintf(answer, sizeof(answer), "ok %s", command);
        stage_expect(f, &f->server.out, answer);
}

void stage_stop(NotifyStage *f)
{
        assert_int_equal(kill(f->notify.pid, SIGTERM), 0);
        assert_int_equal(stage_child_wait(&f->notify), 0);
}

void stage_config(NotifyStage *f, const char *lines)
{
        char path[STAGE_PATH_MAX];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/cardiod", f->dir);
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        (void)snprintf(path, sizeof(path), "%s/cardiod/notify.conf", f->dir);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, "[notify]\n%s", lines) > 0);
        assert_int_equal(fclose(file), 0);
}

static int setup_buses(NotifyStage *f, const char *policy)
{
        (void)snprintf(f->dir, sizeof(f->dir), "/tmp/test-notify.XXXXXX");
        assert_non_null(mkdtemp(f->dir));
        stage_config(f, "sound = no\n");
        f->kind = "recovery";
        f->units = "km";
        f->verdict = "A good recovery run.";
        f->tolerance = 2;
        stage_bus_start(f, STAGE_SYSTEM, policy);
        stage_bus_start(f, STAGE_SESSION, "");
        return 0;
}

int stage_setup(void **state)
{
        NotifyStage *f = calloc(1, sizeof(*f));

        *state = f;
        (void)setup_buses(f, "");
        stage_cardiod_start(f, STAGE_SYSTEM);
        return 0;
}

int stage_setup_denied(void **state)
{
        NotifyStage *f = calloc(1, sizeof(*f));

        *state = f;
        (void)setup_buses(f, "<deny send_destination='" CARDIO_BUS_NAME "'/>"
                             "<deny receive_sender='" CARDIO_BUS_NAME "' receive_type='signal'/>");
        stage_cardiod_start(f, STAGE_SYSTEM);
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
        (void)st;
        (void)type;
        (void)walk;
        return remove(path);
}

int stage_teardown(void **state)
{
        NotifyStage *f = *state;

        stage_child_kill(&f->notify);
        stage_child_kill(&f->server);
        f->cardiod = sd_bus_close_unref(f->cardiod);
        stage_bus_stop(f, STAGE_SYSTEM);
        stage_bus_stop(f, STAGE_SESSION);
        assert_int_equal(nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
        free(f);
        return 0;
}
