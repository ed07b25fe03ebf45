/* SPDX-License-Identifier: MIT */

/* cardio-bridge for tests: its files, its start, what it tells systemd, and a way to have it look at the test's clock. Deadlines
 * are the harness's. */

#include "bridge-fixture.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "shim-fixture.h"

/* In one step of the test's clock a state has to get to the broker: one that is still on its way when the next is due takes
 * that one's place. Long times have long steps. */
#define STEP_USEC       (250 * USEC_PER_MSEC)
#define LONG_USEC       (15 * USEC_PER_SEC)
#define LONG_STEP_USEC  USEC_PER_SEC
#define STEP_TAKES_USEC (25 * USEC_PER_MSEC)

static const char *path_of(const Bridge *b, const char *what)
{
        char name[64];

        (void)snprintf(name, sizeof(name), "%s-%s", what, b->device);
        return harness_path(b->h, name);
}

void bridge_end(Bridge *b)
{
        free(b->name);
        *b = (Bridge){ .h = NULL };
}

BridgeSetup bridge_to(const Broker *broker)
{
        return (BridgeSetup){ .port = broker->port,
                .authority = broker->certificate == BROKER_NO_TLS ? NULL : broker_ca(broker->h) };
}

static void write_file(const char *path, mode_t mode, const char *text)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
        assert_int_equal(chmod(path, mode), 0);
}

void bridge_configure(Bridge *b, const BridgeSetup *setup)
{
        _cleanup_free_ char *text = NULL, *tls = NULL, *own = NULL, *password = NULL;

        if (setup->certificate)
                assert_true(asprintf(&own, "certificate-file = %s\nkey-file = %s\n", setup->certificate,
                                            setup->key) > 0);

        assert_true((setup->authority ? asprintf(&tls, "ca-file = %s", setup->authority)
                                      : asprintf(&tls, "tls = no")) > 0);
        assert_true(asprintf(&password, "%s\n", setup->password ? setup->password : BROKER_PASSWORD) > 0);
        assert_true(asprintf(&text,
                                    "[broker]\nhost = %s\nport = %u\n%s\n%susername = %s\npassword-file = %s\nprotocol = %s\n"
                                    "[topics]\ndevice = %s\n[homeassistant]\ndiscovery = %s\n",
                                    setup->host ? setup->host : "127.0.0.1", setup->port, tls, own ? own : "",
                                    setup->username ? setup->username : "bridge", path_of(b, "password"),
                                    setup->protocol ? setup->protocol : "auto", b->device,
                                    setup->discovery ? "yes" : "no") > 0);
        write_file(path_of(b, "password"), setup->password_mode != 0 ? setup->password_mode : 0600, password);
        write_file(path_of(b, "bridge.conf"), 0640, text);
}

/* -- Its life -- */

/* It outlives a test that fails. */
typedef struct BridgeTold {
        bool ready;
        char status[256];
} BridgeTold;

/* Whoever tells waits until this is read. */
static int on_told(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        BridgeTold *told = userdata;
        char text[1024];
        ssize_t size;

        (void)source;
        (void)events;
        while ((size = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
                const char *status;

                text[size] = '\0';
                told->ready |= strstr(text, "READY=1") != NULL;
                status = strstr(text, "STATUS=");
                if (status)
                        (void)snprintf(told->status, sizeof(told->status), "%.*s",
                                        (int)strcspn(status + 7, "\n"), status + 7);
        }
        return 0;
}

static void listen_for_status(Bridge *b)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const char *path = path_of(b, "notify");
        sd_event_source *source;
        int fd;

        if (!b->told) {
                b->told = calloc(1, sizeof(*b->told));
                fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
                assert_true(b->told && fd >= 0);
                (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
                (void)unlink(path); /* of one that has ended */
                assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
                assert_true(sd_event_add_io(sd_bus_get_event(harness_bus(b->h, BUS_SYSTEM)), &source, fd,
                                            EPOLLIN, on_told, b->told) >= 0);
                assert_true(sd_event_source_set_io_fd_own(source, true) >= 0);
                assert_true(sd_event_source_set_destroy_callback(source, free) >= 0);
                assert_true(sd_event_source_set_floating(source, true) >= 0);
                sd_event_source_unref(source);
        }
        b->told->ready = false;
        b->told->status[0] = '\0';
        assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
}

const char *bridge_status(const Bridge *b)
{
        return b->told ? b->told->status : "";
}

static Child *spawn(Bridge *b)
{
        const char *build = getenv("BUILD");
        _cleanup_free_ char *program = NULL;
        Child *child;

        assert_true(asprintf(&program, "%s/cardio-bridge", build ? build : BUILD) > 0);

        const char *const argv[] = { program, "--config", path_of(b, "bridge.conf"),
                b->user ? "--user" : NULL, NULL };

        if (!b->user) {
                (void)mkdir(path_of(b, "state"), 0700); /* or it is there */
                assert_int_equal(setenv("STATE_DIRECTORY", path_of(b, "state"), 1), 0);
        }
        listen_for_status(b);
        if (b->clock)
                clock_inherit(harness_path(b->h, b->clock));
        child = harness_spawn(b->h, "cardio-bridge", true, argv);
        if (b->clock)
                shim_inherit_no_more();
        (void)unsetenv("NOTIFY_SOCKET");
        (void)unsetenv("STATE_DIRECTORY");
        return child;
}

static bool is_ready(Harness *h, void *userdata)
{
        const Bridge *b = userdata;

        (void)h;
        return b->told->ready || !harness_child_is_running(b->child);
}

void bridge_start(Bridge *b)
{
        assert_null(b->child);
        b->child = spawn(b);
        if (b->unready)
                return;
        if (!harness_wait(b->h, is_ready, b, 2 * HARNESS_TIMEOUT) || !harness_child_is_running(b->child))
                harness_fail(b->h, "cardio-bridge is not ready");
}

int bridge_stop(Bridge *b, int signal)
{
        int status = harness_child_end(b->h, b->child, signal);

        b->child = NULL;
        free(TAKE_PTR(b->name));
        return status;
}

int bridge_refuse(Bridge *b, char **ret_errors)
{
        Child *child = spawn(b);
        int status = harness_child_end(b->h, child, 0);

        *ret_errors = harness_child_output(b->h, child, true);
        return status;
}

typedef struct StatusWanted {
        const Bridge *b;
        const char *pattern;
} StatusWanted;

static bool status_matches(Harness *h, void *userdata)
{
        const StatusWanted *wanted = userdata;

        (void)h;
        return fnmatch(wanted->pattern, bridge_status(wanted->b), 0) == 0;
}

void bridge_wait_status(Bridge *b, const char *pattern, usec_t timeout_usec)
{
        StatusWanted wanted = { b, pattern };

        if (!harness_wait(b->h, status_matches, &wanted, timeout_usec))
                harness_fail(b->h, "the status is \"%s\", expected \"%s\"", bridge_status(b), pattern);
}

/* -- What it keeps -- */

const char *bridge_state_path(Bridge *b, const char *name)
{
        char path[128];

        if (b->user)
                (void)snprintf(path, sizeof(path), "state/cardiod/%s", name);
        else
                (void)snprintf(path, sizeof(path), "state-%s/%s", b->device, name);
        return harness_path(b->h, path);
}

static bool has_begun(Harness *h, void *userdata)
{
        Bridge *b = userdata;
        FILE *f = fopen(bridge_state_path(b, "bridge-outbox"), "re");
        char line[256];
        bool begun = false;

        (void)h;
        while (f && fgets(line, sizeof(line), f))
                begun |= strncmp(line, "seen ", 5) == 0;
        if (f)
                (void)fclose(f);
        return begun;
}

void bridge_wait_begun(Bridge *b)
{
        if (!harness_wait(b->h, has_begun, b, 2 * HARNESS_TIMEOUT))
                harness_fail(b->h, "the bridge has not kept which sessions there were");
}

/* -- Time -- */

static bool is_of_child(sd_bus *bus, const char *name, int pid)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t owner = 0;

        return name[0] == ':' &&
               sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                               "org.freedesktop.DBus", "GetConnectionUnixProcessID", NULL, &reply, "s",
                               name) >= 0 &&
               sd_bus_message_read(reply, "u", &owner) > 0 && owner == (uint32_t)pid;
}

static bool is_on_bus(Harness *h, void *userdata)
{
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);
        Bridge *b = userdata;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *name;

        assert_true(sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                    "org.freedesktop.DBus", "ListNames", NULL, &reply, NULL) >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "s") > 0);
        while (!b->name && sd_bus_message_read(reply, "s", &name) > 0)
                if (is_of_child(bus, name, harness_child_pid(b->child)))
                        b->name = strdup(name);
        return b->name;
}

/* A signal that means nothing to it. */
static void wake(Bridge *b)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *bus = harness_bus(b->h, BUS_SYSTEM);

        /* It may have reached the broker first. */
        if (!b->name && !harness_wait(b->h, is_on_bus, b, HARNESS_TIMEOUT))
                harness_fail(b->h, "the bridge is not on the bus");
        assert_true(sd_bus_message_new_signal(bus, &m, "/wake", "org.cardiod.Test", "Wake") >= 0);
        assert_true(sd_bus_message_set_destination(m, b->name) >= 0);
        assert_true(sd_bus_send(bus, m, NULL) >= 0);
}

void bridge_pass(Bridge *b, usec_t usec)
{
        usec_t step_usec = usec > LONG_USEC ? LONG_STEP_USEC : STEP_USEC;

        for (usec_t passed = 0; passed < usec; passed += step_usec) {
                harness_clock_pass(b->h, usec - passed < step_usec ? usec - passed : step_usec);
                wake(b);
                harness_pass_time(b->h, STEP_TAKES_USEC);
        }
}

/* -- Sessions -- */

int64_t bridge_session(Harness *h)
{
        int64_t id;

        run_heart_rate(h, 118);
        id = run_call(h, "StartSession", "s", "base");
        run_heart_rate(h, 120);
        run_heart_rate(h, 122);
        run_heart_rate(h, 121);
        assert_int_equal(run_call(h, "StopSession", NULL), id);
        return id;
}
