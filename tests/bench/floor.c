/* SPDX-License-Identifier: MIT */

/* The floor: what hearing a strap costs any program that uses sd-bus. It subscribes to the characteristics named as
 * arguments, receives their notifications and drops them; nothing less can be done with a notification. With --echo it
 * answers each with a signal of the size of OverLimit, the least that an alert can cost. No clock. */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"

/* sd-bus's own, not sd-event's, loop: it costs less. */
static int run(sd_bus *bus)
{
        int r;

        for (;;) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
                if (r < 0)
                        return r == -ECONNRESET || r == -ENOTCONN ? 0 : r;
        }
}

static int on_dropped(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)m, (void)userdata, (void)error;
        return 0;
}

static int on_echoed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)userdata, (void)error;
        return sd_bus_emit_signal(sd_bus_message_get_bus(m), "/floor", "org.cardiod1.Floor", "Echo", "xoddu",
                        (int64_t)1, "/org/cardiod1/sensor/C0_FF_EE_00_00_01", 165.0, 145.55, 0);
}

static int subscribe(sd_bus *bus, char **paths, sd_bus_message_handler_t handler)
{
        int r = sd_bus_add_match(bus, NULL,
                        "type='signal',sender='org.bluez',path_namespace='/org/bluez',"
                        "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
                        "arg0='" BLUEZ_CHARACTERISTIC_INTERFACE "'",
                        handler, NULL);

        for (; r >= 0 && *paths; paths++)
                r = sd_bus_call_method(bus, BLUEZ_BUS_NAME, *paths, BLUEZ_CHARACTERISTIC_INTERFACE,
                                "StartNotify", NULL, NULL, NULL);
        return r;
}

int main(int argc, char **argv)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        bool echo = argc > 1 && strcmp(argv[1], "--echo") == 0;
        int r = sd_bus_open_system(&bus);

        if (r >= 0)
                r = subscribe(bus, argv + (echo ? 2 : 1), echo ? on_echoed : on_dropped);
        if (r >= 0)
                r = run(bus);
        if (r < 0)
                (void)fprintf(stderr, "floor: %s\n", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
