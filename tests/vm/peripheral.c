/* SPDX-License-Identifier: MIT */

/* Heart-rate straps on the air: a GATT server and an advertisement on adapters of a real bluetoothd, as another adapter's
 * bluetoothd, the same or not, sees a strap. Standard output is the log. Times run on CLOCK_BOOTTIME. It outlives bus and
 * bluetoothd: whatever is lost is registered again. Needs root, for the kernel to end a link at once.
 *
 *      vm-peripheral [SCRIPT...]
 *
 * Scripts are those of bluez-standin (its head comment has the language), with these commands:
 *
 *   strap add ID ADDRESS NAME [appearance N] [demands encryption|authentication] [kind foot-pod|treadmill]
 *                                     a strap on that adapter, whose own address ADDRESS is; it shows itself as that
 *                                     kind of device (0: as nothing), and lets nobody subscribe before the link is so;
 *                                     or a foot pod or a treadmill, whose values are those that `raw` and `repeat`
 *                                     send
 *   advertise ADDRESS                 done when bluetoothd has taken the advertisement
 *   silent ADDRESS                    no more; a link stays up
 *   disconnect ADDRESS                ends the link at once; a strap that advertises may be back before BlueZ signals it
 *   leave ADDRESS                     silent and disconnect
 *   hold|release ADDRESS              the link outlives bluetoothd, which the kernel otherwise lets end within seconds
 *   hr, raw, pace, repeat, stream, curve, play, stop, wait, print, exit
 *   battery ADDRESS PERCENT           90 % by default
 *   location ADDRESS N                the body sensor location
 *   expect registered|advertised|connected|disconnected|notifying ADDRESS [DURATION]
 *
 * The log has `note registered|advertised|connected|disconnected|notifying|quiet ADDRESS`, `note lost ADDRESS` for a
 * packet that nobody has subscribed to, and `note written ADDRESS BYTE...` for a write to the control point. */

#include "peripheral.h"

#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"

#define BUS_RETRY_USEC (300 * USEC_PER_MSEC)

static void peripheral_open_bus(Peripheral *p);

static Strap *strap_on(Peripheral *p, const char *path)
{
        for (size_t i = 0; i < STRAPS_MAX && p->straps[i]; i++) {
                size_t n = strlen(p->straps[i]->adapter_path);

                if (strncmp(path, p->straps[i]->adapter_path, n) == 0 && (path[n] == '/' || !path[n]))
                        return p->straps[i];
        }
        return NULL;
}

/* -- What bluetoothd tells -- */

static int on_device_changed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        Strap *s = strap_on(userdata, sd_bus_message_get_path(m));

        if (s)
                strap_ask_link(s, sd_bus_message_get_path(m));
        return 0;
}

static int on_object_added(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        const char *path;
        Strap *s;

        if (sd_bus_message_read(m, "o", &path) < 0)
                return 0;
        s = strap_on(userdata, path);
        if (s && strcmp(path, s->adapter_path) != 0 &&
                        strchr(path + strlen(s->adapter_path) + 1, '/') == NULL)
                strap_ask_link(s, path);
        return 0;
}

static int on_object_removed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        const char *path;
        Strap *s;

        if (sd_bus_message_read(m, "o", &path) < 0)
                return 0;
        s = strap_on(userdata, path);
        if (s && strcmp(path, s->adapter_path) == 0) {
                strap_forget(s);
                strap_reconsider(s);
        }
        return 0;
}

static int on_bluez_changed(sd_bus_message *m _unused_, void *userdata, sd_bus_error *error _unused_)
{
        Peripheral *p = userdata;

        for (size_t i = 0; i < STRAPS_MAX && p->straps[i]; i++) {
                strap_forget(p->straps[i]);
                strap_reconsider(p->straps[i]);
        }
        return 0;
}

/* -- The bus -- */

static int on_bus_retry(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata)
{
        peripheral_open_bus(userdata);
        return 0;
}

static void peripheral_close_bus(Peripheral *p)
{
        sd_bus *bus = p->bus;

        p->bus = NULL;
        for (size_t i = 0; i < STRAPS_MAX && p->straps[i]; i++)
                strap_forget(p->straps[i]);
        if (bus)
                (void)sd_bus_detach_event(bus);
        sd_bus_close_unref(bus);
}

static int on_bus_lost(sd_bus_message *m _unused_, void *userdata, sd_bus_error *error _unused_)
{
        Peripheral *p = userdata;

        log_line("note bus lost");
        peripheral_close_bus(p);
        timer_arm(p->event, &p->bus_retry, BUS_RETRY_USEC, on_bus_retry, p);
        return 0;
}

static int peripheral_add_matches(Peripheral *p, sd_bus *bus)
{
        int r;

        r = sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                        "Disconnected", on_bus_lost, p);
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                                "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
                                "arg0='" BLUEZ_BUS_NAME "'",
                                on_bluez_changed, p);
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                                "type='signal',sender='" BLUEZ_BUS_NAME "',member='PropertiesChanged',"
                                "arg0='" BLUEZ_DEVICE_INTERFACE "'",
                                on_device_changed, p);
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                                "type='signal',sender='" BLUEZ_BUS_NAME "',member='InterfacesAdded'",
                                on_object_added, p);
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                                "type='signal',sender='" BLUEZ_BUS_NAME "',member='InterfacesRemoved'",
                                on_object_removed, p);
        return r;
}

/* Opens it, or tries again later. */
static void peripheral_open_bus(Peripheral *p)
{
        sd_bus *bus = NULL;
        int r;

        r = sd_bus_open_system_with_description(&bus, "vm-peripheral");
        if (r >= 0)
                r = peripheral_add_matches(p, bus);
        if (r >= 0)
                r = sd_bus_attach_event(bus, p->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0) {
                sd_bus_close_unref(bus);
                timer_arm(p->event, &p->bus_retry, BUS_RETRY_USEC, on_bus_retry, p);
                return;
        }
        p->bus = bus;
        for (size_t i = 0; i < STRAPS_MAX && p->straps[i]; i++)
                strap_export(p->straps[i]);
}

/* -- The program -- */

static void peripheral_settle(void *userdata)
{
        Peripheral *p = userdata;

        if (p->bus)
                (void)sd_bus_flush(p->bus);
}

static Sender *peripheral_find_sender(void *userdata, const char *address)
{
        Strap *s = strap_find(userdata, address);

        return s ? &s->sender : NULL;
}

static void peripheral_done(Peripheral *p)
{
        timer_disarm(&p->bus_retry);
        peripheral_close_bus(p);
        for (size_t i = 0; i < STRAPS_MAX; i++)
                p->straps[i] = strap_free(p->straps[i]);
        sd_event_unref(p->event);
}

int main(int argc, char **argv)
{
        _cleanup_(peripheral_done) Peripheral p = { .event = must_event() };
        _cleanup_(script_freep) Script *script = NULL;
        static const Command *const tables[] = { peripheral_commands, sender_commands, NULL };
        const ScriptWorld world = {
                .event = p.event,
                .tables = tables,
                .userdata = &p,
                .settle = peripheral_settle,
                .find_sender = peripheral_find_sender,
        };

        if (argc > 1 && strcmp(argv[1], "--help") == 0) {
                puts("vm-peripheral [SCRIPT...]\nThe head of peripheral.c has the language.");
                return EXIT_SUCCESS;
        }
        peripheral_open_bus(&p);
        if (script_new(&world, argv + 1, (size_t)(argc - 1), &script) < 0)
                return EXIT_FAILURE;
        return sd_event_loop(p.event) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
