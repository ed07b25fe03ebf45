/* SPDX-License-Identifier: MIT */

/* cardioctl doctor, of a bridge: its file with one mistake after the other, and a played systemd that says one thing after the
 * other of its unit. The bridge itself does not run. Deadlines are the harness's. */

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-fixture.h"

#define SYSTEMD   "org.freedesktop.systemd1"
#define UNIT_PATH "/org/freedesktop/systemd1/unit/cardio_2dbridge_2eservice"
#define CONNECTED "connected to broker.example:8883; 2 sessions wait"

/* -- systemd -- */

typedef struct Unit {
        const char *load, *active, *sub, *result, *status;
} Unit;

static const sd_bus_vtable unit_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("LoadState", "s", NULL, offsetof(Unit, load), 0),
        SD_BUS_PROPERTY("ActiveState", "s", NULL, offsetof(Unit, active), 0),
        SD_BUS_PROPERTY("SubState", "s", NULL, offsetof(Unit, sub), 0),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable service_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Result", "s", NULL, offsetof(Unit, result), 0),
        SD_BUS_PROPERTY("StatusText", "s", NULL, offsetof(Unit, status), 0),
        SD_BUS_VTABLE_END,
};

static void begin_systemd(Harness *h, BusKind kind, Unit *unit)
{
        sd_bus *bus = harness_bus(h, kind);

        *unit = (Unit){ "loaded", "active", "running", "success", CONNECTED };
        assert_true(sd_bus_add_object_vtable(bus, NULL, UNIT_PATH, SYSTEMD ".Unit", unit_vtable, unit) >= 0);
        assert_true(sd_bus_add_object_vtable(
                                    bus, NULL, UNIT_PATH, SYSTEMD ".Service", service_vtable, unit) >= 0);
        assert_true(sd_bus_request_name(bus, SYSTEMD, 0) >= 0);
}

/* -- The file -- */

static const char *config_path(Harness *h)
{
        return harness_path(h, "config/cardiod/bridge.conf");
}

static void write_config(Harness *h, const char *text)
{
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)setenv("XDG_CONFIG_HOME", harness_path(h, "config"), 1);
        (void)mkdir(harness_path(h, "config"), 0755);
        (void)mkdir(harness_path(h, "config/cardiod"), 0755);
        harness_write_file(h, "config/cardiod/bridge.conf", text);
}

/* -- What it says -- */

static bool has_line(const char *output, const char *pattern)
{
        _cleanup_free_ char *text = strdup(output);
        bool found = false;

        for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
                found = found || fnmatch(pattern, line, 0) == 0;
        return found;
}

/* Of the runner's own bridge. */
static void doctor(Ctl *c, const char *pattern)
{
        (void)ctl_run(c, "doctor", "--user", NULL);
        if (!has_line(c->out, pattern))
                harness_fail(c->h, "no line is '%s':\n%s%s", pattern, c->out, c->err);
}

static void test_not_configured(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Unit unit;

        ctl_daemon(&c, BUS_SESSION);
        begin_systemd(h, BUS_SESSION, &unit);
        write_config(h, "");
        assert_int_equal(unlink(config_path(h)), 0);
        unit = (Unit){ "loaded", "failed", "failed", "exit-code", "" };
        (void)ctl_run(&c, "doctor", "--user", NULL);
        ctl_assert_contains(c.out, " daemon  ");
        assert_null(strstr(c.out, " bridge  "));
}

static void test_unit(Harness *h)
{
        static const struct {
                Unit unit;
                const char *line;
        } cases[] = {
                { { "loaded", "active", "running", "success", CONNECTED },
                                "ok       bridge         cardio-bridge runs: " CONNECTED },
                { { "loaded", "reloading", "reload", "success", "connected to h:1; waiting for cardiod" },
                                "ok       bridge         cardio-bridge runs: connected to h:1; waiting for cardiod" },
                { { "loaded", "active", "running", "success",
                                  "connected to h:8883; it has refused a message: Not authorized; 1 session waits" },
                                "warning  bridge         cardio-bridge runs: connected to h:8883; it has refused a message: "
                                "Not authorized; 1 session waits: `systemctl --user reload cardio-bridge` once the broker's "
                                "access rules allow it" },
                { { "loaded", "active", "running", "success", "not connected to h:8883: Connection refused" },
                                "warning  bridge         cardio-bridge runs: not connected to h:8883: Connection refused: "
                                "`journalctl --user -u cardio-bridge` tells more" },
                { { "loaded", "active", "running", "success", "" },
                                "warning  bridge         cardio-bridge runs: it does not say whether it is connected: *" },
                { { "loaded", "activating", "start", "success", "" },
                                "ok       bridge         cardio-bridge is starting" },
                { { "loaded", "activating", "auto-restart", "exit-code", "" },
                                "failure  bridge         cardio-bridge does not stay: systemd says `exit-code`: `journalctl "
                                "--user -u cardio-bridge` tells why" },
                { { "loaded", "failed", "failed", "signal", "" },
                                "failure  bridge         cardio-bridge does not stay: systemd says `signal`: *" },
                { { "loaded", "inactive", "dead", "success", "" },
                                "warning  bridge         there is */bridge.conf, and cardio-bridge does not run: `systemctl "
                                "--user enable --now cardio-bridge`" },
                { { "not-found", "inactive", "dead", "success", "" },
                                "warning  bridge         there is */bridge.conf, and no service cardio-bridge that reads it: "
                                "install it, *" },
        };
        _cleanup_ctl_ Ctl c = { .h = h };
        Unit unit;

        ctl_daemon(&c, BUS_SESSION);
        write_config(h, "[broker]\nhost = broker.example\n");
        /* No systemd: it is another who starts services there. */
        doctor(&c, "ok       bridge         */bridge.conf has no mistake; there is no systemd to tell whether *");

        begin_systemd(h, BUS_SESSION, &unit);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unit = cases[i].unit;
                doctor(&c, cases[i].line);
                assert_null(strstr(strstr(c.out, "bridge  ") + 1, " bridge  ")); /* a line, not two */
        }
        /* It is said by `status`, too, unless all is well. */
        assert_int_equal(ctl_run(&c, "status", "--user", NULL), 0);
        ctl_assert_contains(c.out, "Warning     there is ");
        unit = cases[0].unit;
        assert_int_equal(ctl_run(&c, "status", "--user", NULL), 0);
        assert_null(strstr(c.out, "bridge"));
}

/* Whether its unit runs or not. */
static void test_file(Harness *h)
{
        static const char accepted[] = "[broker]\nhost = h\nusername = u\npassword-file = %s\n";
        _cleanup_free_ char *text = NULL;
        _cleanup_ctl_ Ctl c = { .h = h };
        Unit unit;

        ctl_daemon(&c, BUS_SESSION);
        begin_systemd(h, BUS_SESSION, &unit);
        write_config(h, "[broker]\nport = 1\n");
        doctor(&c, "failure  bridge         */bridge.conf: host: is missing in [[]broker]*: mend it; *");
        write_config(h, "[broker]\nhost = h\nport = 0\ntls = maybe\n");
        doctor(&c, "failure  bridge         */bridge.conf:3: port: \"0\" is not understood; accepted: 1 to 65535: mend "
                   "it; `cardio-bridge --user --check-config` tells all 2 mistakes");
        doctor(&c, "ok       bridge         cardio-bridge runs: *"); /* with what it read before */

        assert_true(asprintf(&text, accepted, harness_path(h, "password")) > 0);
        write_config(h, text);
        doctor(&c, "failure  bridge         *: password-file: *password cannot be read: No such file or directory: *");
        harness_write_file(h, "password", "secret\n");
        assert_int_equal(chmod(harness_path(h, "password"), 0644), 0);
        doctor(&c, "failure  bridge         *: password-file: *password is open to all users of this machine; *");
        assert_int_equal(ctl_run(&c, "doctor", "--user", "--json", NULL), 1);
        ctl_assert_contains(c.out, "\"check\": \"bridge\"");
        assert_null(strstr(c.out, "secret"));
        assert_int_equal(chmod(harness_path(h, "password"), 0640), 0);
        doctor(&c, "ok       bridge         cardio-bridge runs: *");
        assert_null(strstr(c.out, "failure  bridge"));
}

/* -- The system's, as its administrator and as a runner -- */

#define AS_RUNNER "setpriv --reuid=65534 --regid=65534 --clear-groups"

/* Runs the doctor on a machine that has in /etc/cardiod what is here in the folder `etc`. */
static void doctor_of_system(Harness *h, const char *as, const char *line)
{
        static const char *const can[] = { "unshare", "--mount", "true", NULL };
        const char *argv[] = { "unshare", "--mount", "sh", "-c", NULL, NULL };
        _cleanup_free_ char *script = NULL;
        static unsigned n;
        char name[32];
        Child *child;

        (void)snprintf(name, sizeof(name), "unshare-%u", n++);
        if (harness_child_end(h, harness_spawn(h, name, false, can), 0) != 0)
                harness_skip(h, "needs a mount namespace of its own");
        assert_true(asprintf(&script, "mount --bind %s /etc || exit 77; exec %s %s/cardioctl doctor",
                                    harness_path(h, "etc"), as, BUILD) > 0);
        argv[4] = script;
        (void)snprintf(name, sizeof(name), "doctor-%u", n++);
        child = harness_spawn(h, name, false, argv);
        if (harness_child_end(h, child, 0) == 77)
                harness_skip(h, "needs a mount namespace of its own");
        harness_wait_output(h, child, false, line, HARNESS_TIMEOUT);
        if (strstr(line, "ok "))
                harness_refute_output(h, child, false, "failure  bridge*");
}

static void mode_of(Harness *h, const char *name, mode_t mode)
{
        assert_int_equal(chmod(harness_path(h, name), mode), 0);
}

static void test_system(Harness *h)
{
        static const char fine[] = "ok       bridge         cardio-bridge runs: " CONNECTED;
        _cleanup_ctl_ Ctl c = { .h = h };
        Unit unit;

        if (geteuid() != 0)
                harness_skip(h, "only root can become somebody else");
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        mode_of(h, ".", 0755);
        assert_int_equal(mkdir(harness_path(h, "etc"), 0755), 0);
        assert_int_equal(mkdir(harness_path(h, "etc/cardiod"), 0755), 0);
        harness_write_file(h, "etc/passwd", "root:x:0:0::/:/bin/sh\nrunner:x:65534:65534::/:/bin/sh\n");
        harness_write_file(h, "etc/group", "root:x:0:\ncardiod:x:4241:\nrunner:x:65534:\n");
        harness_write_file(h, "etc/cardiod/bridge.password", "secret\n");
        harness_write_file(h, "etc/cardiod/bridge.conf",
                        "[broker]\nhost = h\nusername = u\npassword-file = /etc/cardiod/bridge.password\n");
        mode_of(h, "etc/passwd", 0644);
        mode_of(h, "etc/group", 0644);
        mode_of(h, "etc/cardiod/bridge.conf", 0644);
        mode_of(h, "etc/cardiod/bridge.password", 0640);
        harness_bus_stop(h, BUS_SYSTEM);
        harness_write_file(h, "dbus-more.conf",
                        "<busconfig><policy context=\"default\"><allow own=\"" SYSTEMD "\"/>"
                        "<allow send_destination=\"" SYSTEMD "\"/></policy></busconfig>");
        harness_bus_start(h, BUS_SYSTEM);
        ctl_daemon(&c, BUS_SYSTEM);
        begin_systemd(h, BUS_SYSTEM, &unit);

        /* That a runner cannot read the password is as it should be. */
        doctor_of_system(h, "", fine);
        doctor_of_system(h, AS_RUNNER, fine);
        mode_of(h, "etc/cardiod/bridge.password", 0644);
        doctor_of_system(h, AS_RUNNER,
                        "failure  bridge         /etc/cardiod/bridge.conf:4: password-file: "
                        "/etc/cardiod/bridge.password is open to all users *: mend it; *");
        mode_of(h, "etc/cardiod/bridge.password", 0600);

        /* The file itself may be closed to them, too. */
        mode_of(h, "etc/cardiod/bridge.conf", 0640);
        doctor_of_system(h, AS_RUNNER, fine);
        unit.active = "inactive";
        doctor_of_system(h, AS_RUNNER,
                        "warning  bridge         you may not read /etc/cardiod/bridge.conf, and so it is not checked "
                        "here: `sudo cardioctl doctor` reads it");
        doctor_of_system(h, AS_RUNNER,
                        "warning  bridge         there is /etc/cardiod/bridge.conf, and cardio-bridge does not run: "
                        "`sudo systemctl enable --now cardio-bridge`");
        unit.active = "failed";
        doctor_of_system(h, "",
                        "failure  bridge         cardio-bridge does not stay: systemd says `success`: "
                        "`journalctl -u cardio-bridge` tells why");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_not_configured),
                harness_test(test_unit),
                harness_test(test_file),
                harness_test(test_system),
        };

        ctl_join_group();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
