/* SPDX-License-Identifier: MIT */

/* Prints when each signal that matches the rule given as argument came in: CLOCK_MONOTONIC in ns, a line each. The first
 * line, `ready`, says that none is missed from here on. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "cardio/macro.h"

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        struct timespec now;

        (void)m, (void)userdata, (void)error;
        if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
                return -errno;
        (void)printf("%" PRIi64 "\n", (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
        return 0;
}

static int listen_to(sd_bus *bus, const char *rule)
{
        int r = sd_bus_add_match(bus, NULL, rule, on_signal, NULL);

        if (r >= 0)
                (void)puts("ready");
        while (r >= 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0) {
                        (void)fflush(stdout);
                        r = sd_bus_wait(bus, UINT64_MAX);
                }
        }
        return r;
}

int main(int argc, char **argv)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int r;

        if (argc != 2) {
                (void)fputs("usage: listen RULE\n", stderr);
                return 2;
        }
        r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = listen_to(bus, argv[1]);
        (void)fflush(stdout);
        if (r == -ECONNRESET || r == -ENOTCONN)
                return EXIT_SUCCESS;
        (void)fprintf(stderr, "listen: %s\n", strerror(-r));
        return EXIT_FAILURE;
}
