/* SPDX-License-Identifier: MIT */

/* The socket to which a daemon under test sends its sd_notify() messages. No clock. */

#include "systemd-fixture.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void systemd_begin(Harness *h, Systemd *s)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        *s = (Systemd){ .fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                .log = strdup("") };
        assert_true(s->fd >= 0);
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", harness_path(h, "notify"));
        assert_int_equal(bind(s->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(setenv("NOTIFY_SOCKET", harness_path(h, "notify"), 1), 0);
}

void systemd_end(Systemd *s)
{
        (void)unsetenv("NOTIFY_SOCKET");
        (void)unsetenv("WATCHDOG_USEC");
        close(s->fd);
        free(s->log);
}

static bool has_come(Harness *h, void *userdata)
{
        Systemd *s = userdata;
        char text[1024];
        ssize_t size;

        while (!s->found && (size = recv(s->fd, text, sizeof(text) - 1, 0)) > 0) {
                char *log;

                text[size] = '\0';
                /* Ready is who has the name. */
                if (strstr(text, "READY=1")) {
                        char *version = harness_property(
                                        h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Version");

                        assert_non_null(version);
                        free(version);
                }
                assert_true(asprintf(&log, "%s%s\n", s->log, text) >= 0);
                free(s->log);
                s->log = log;
                s->found = fnmatch(s->pattern, text, 0) == 0;
        }
        return s->found;
}

void systemd_wait(Harness *h, Systemd *s, const char *pattern)
{
        s->pattern = pattern;
        s->found = false;
        if (!harness_wait(h, has_come, s, 2 * HARNESS_TIMEOUT))
                harness_fail(h, "systemd was not told \"%s\", but:\n%s", pattern, s->log);
}

void systemd_forget(Systemd *s)
{
        char text[1024];

        while (recv(s->fd, text, sizeof(text), 0) > 0)
                ;
}
