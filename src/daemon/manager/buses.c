/* SPDX-License-Identifier: MIT */
/* The daemon's two connections: one to BlueZ, and one that has our name, which callers use. They are separate so that heart
 * rates come in and straps get connected whatever callers do to the other. If either is lost the daemon ends, and systemd
 * starts it again. Times are CLOCK_BOOTTIME. */

#include "manager/buses.h"

#include <stdlib.h>

#include "cardio/bus-api.h"
#include "log.h"
#include "manager/internal.h"

/* Messages of BlueZ are handled before timers that would find them missing; calls of callers come last. */
#define PRIORITY_BLUEZ   (SD_EVENT_PRIORITY_NORMAL - 10)
#define PRIORITY_CALLERS (SD_EVENT_PRIORITY_NORMAL + 10)
/* At the end, how long the bus may take to read what was sent. */
#define LEAVE_USEC (1 * USEC_PER_SEC)

int buses_open(Manager *m)
{
        const bool user = m->options->user;
        int r = sd_bus_open_system_with_description(&m->system_bus, "cardiod, to BlueZ");

        if (r < 0) {
                log_error("Cannot connect to the system bus: %s", strerror(-r));
                return r;
        }
        r = user ? sd_bus_open_user_with_description(&m->own_bus, "cardiod")
                 : sd_bus_open_system_with_description(&m->own_bus, "cardiod");
        if (r < 0) {
                log_error("Cannot connect to the %s bus: %s", user ? "session" : "system", strerror(-r));
                return r;
        }
        r = sd_bus_attach_event(m->system_bus, m->event, PRIORITY_BLUEZ);
        return r < 0 ? r : sd_bus_attach_event(m->own_bus, m->event, PRIORITY_CALLERS);
}

/* Once the bus has replied it has everything that was sent before. A connection that is just closed while a call comes in
 * takes with it what the bus has not read yet. */
void buses_leave(Manager *m)
{
        if (sd_bus_set_method_call_timeout(m->own_bus, LEAVE_USEC) >= 0)
                (void)sd_bus_release_name(m->own_bus, CARDIO_BUS_NAME);
}

static int on_bus_lost(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;

        (void)error;
        log_error("The %s bus is gone: stopping, to be started again",
                        m->options->user && sd_bus_message_get_bus(message) == m->own_bus ? "session"
                                                                                          : "system");
        return sd_event_exit(m->event, EXIT_FAILURE);
}

static int watch_bus(Manager *m, sd_bus *bus)
{
        return sd_bus_match_signal_async(bus, NULL, "org.freedesktop.DBus.Local",
                        "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local", "Disconnected",
                        on_bus_lost, NULL, m);
}

int buses_watch(Manager *m)
{
        int r = watch_bus(m, m->system_bus);

        return r < 0 ? r : watch_bus(m, m->own_bus);
}

void buses_close(Manager *m)
{
        sd_bus_close_unref(m->own_bus);
        sd_bus_flush_close_unref(m->system_bus);
}

/* -- The name -- */

/* Logs why the name is not ours; used by both ways of finding out. */
static int name_refused(const Manager *m, int r, pid_t holder)
{
        const char *which = m->options->user ? "session" : "system";

        if (r == -EEXIST)
                log_error("Another cardiod (process %d) already serves the %s bus", (int)holder, which);
        else if (r == -EACCES || r == -EPERM)
                log_error("The %s bus does not let this user own " CARDIO_BUS_NAME
                          ": it is for user cardiod and root, as its policy file says",
                                which);
        else if (r < 0)
                log_error("Cannot own " CARDIO_BUS_NAME " on the %s bus: %s", which, strerror(-r));
        return r;
}

int buses_check_name(Manager *m)
{
        pid_t holder = 0;
        int r = bus_check_name(m->own_bus, &holder);

        return name_refused(m, r, holder);
}

int buses_own_name(Manager *m)
{
        pid_t holder = 0;
        int r = bus_own_name(m->own_bus, &holder);

        return name_refused(m, r, holder);
}
