/* SPDX-License-Identifier: MIT */

/* Another program that wants a strap's heart rates, as libraries for Bluetooth LE do it on Linux: it has the notifications
 * of a characteristic for itself, through a socket of AcquireNotify(), and bluetoothd gives them to nobody else.
 *
 *      vm-acquire CHARACTERISTIC
 *
 * Standard output has `acquired MTU`, a line `heard BYTES` for each notification, and `closed` if bluetoothd lets go of
 * the socket; or `error NAME: MESSAGE`, status 1. SIGTERM ends it, which gives the notifications back: `released`. No clock. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../standin/script.h"
#include "cardio/bus-api.h"

#define RELEASE_TRIES 50
#define RELEASE_MSEC  100

static int on_notification(sd_event_source *source, int fd, uint32_t events _unused_, void *userdata _unused_)
{
        uint8_t value[VALUE_MAX];
        ssize_t n;

        n = read(fd, value, sizeof(value));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0) {
                log_line("closed");
                return sd_event_exit(sd_event_source_get_event(source), EXIT_SUCCESS);
        }
        log_line("heard %zd", n);
        return 0;
}

/* Returns the socket, or -1 when bluetoothd refuses. */
static int acquire(sd_bus *bus, const char *characteristic)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint16_t mtu;
        int fd;

        if (sd_bus_call_method(bus, BLUEZ_BUS_NAME, characteristic, BLUEZ_CHARACTERISTIC_INTERFACE,
                            "AcquireNotify", &error, &reply, "a{sv}", 0) < 0) {
                log_line("error %s: %s", error.name, error.message);
                return -1;
        }
        must(sd_bus_message_read(reply, "hq", &fd, &mtu));
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* the message closes its own */
        must(fd < 0 ? -errno : 0);
        log_line("acquired %u", mtu);
        return fd;
}

/* The socket is closed before the bus: bluetoothd 5.66 crashes if it learns of a holder's end first on the bus. */
static void release(sd_bus *bus, const char *characteristic, int fd)
{
        int acquired = true;

        close(fd);
        for (int i = 0; i < RELEASE_TRIES && acquired; i++) {
                must(poll(NULL, 0, RELEASE_MSEC) < 0 && errno != EINTR ? -errno : 0);
                if (sd_bus_get_property_trivial(bus, BLUEZ_BUS_NAME, characteristic,
                                    BLUEZ_CHARACTERISTIC_INTERFACE, "NotifyAcquired", NULL, 'b',
                                    &acquired) < 0)
                        return;
        }
        if (!acquired)
                log_line("released");
}

int main(int argc, char **argv)
{
        _cleanup_(sd_event_unrefp) sd_event *event = must_event();
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        int fd, r;

        if (argc != 2) {
                fprintf(stderr, "vm-acquire CHARACTERISTIC\n");
                return EXIT_FAILURE;
        }
        must(sd_bus_open_system_with_description(&bus, "vm-acquire"));
        /* Not attached to the event loop, which would close it at its end, before release(). */
        fd = acquire(bus, argv[1]);
        if (fd < 0)
                return EXIT_FAILURE;
        must(sd_event_add_io(event, NULL, fd, EPOLLIN, on_notification, NULL));
        r = sd_event_loop(event);
        release(bus, argv[1], fd);
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
