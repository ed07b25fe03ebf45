/* SPDX-License-Identifier: MIT */

/* A stand-in for bluetoothd: owns org.bluez on the system bus (DBUS_SYSTEM_BUS_ADDRESS) and behaves as bluetoothd 5.66
 * was seen to behave with heart-rate straps, and as it would with foot pods and fitness machines, without hardware.
 * Standard output is the log. Times run on CLOCK_BOOTTIME.
 *
 *      bluez-standin [SCRIPT...]
 *
 * Scripts are carried out one after the other, line by line; `-`, and no SCRIPT at all, is standard input, each of
 * whose lines is answered on standard output by `ok` or `error: REASON` once it is done. So a test that waits for the
 * answer needs no sleeps. The end of standard input ends the program; after the end of a last SCRIPT it goes on until
 * it is stopped by SIGTERM. A mistake in a SCRIPT file ends it with `FILE:LINE: REASON` and status 1.
 *
 * The log has, besides the answers, `call MEMBER PATH [ARGUMENTS]` for every method call that came in, and `note ...`:
 * `note lost ADDRESS` for a packet that no subscriber could get, `note registered ADAPTER PATH`, `note unregistered
 * ...` and `note refused ...` for GATT applications; `note filter ADAPTER UUID` for a discovery filter by service;
 * `note written ADDRESS UUID` for a characteristic that was written.
 *
 * A line is words; "double quotes" hold words together, and know \" \\ and \xHH. `#` begins a comment. Durations are
 * as in 250ms, 2s, 1min. ADDRESS is AA:BB:CC:DD:EE:FF or, if two adapters know the same strap, hci1/AA:BB:CC:DD:EE:FF.
 * Bytes are two hexadecimal digits each.
 *
 * The world:
 *
 *   adapter add ID [powered]          an adapter is plugged in; powered: bluetoothd switches it on
 *   adapter power ID on|off|blocked   as a user would; blocked: as rfkill would
 *   adapter remove ID                 it is unplugged; its straps stay as they are
 *   strap add ID ADDRESS NAME [trusted] [paired] [known] [random] [hidden]
 *         [other|twin|earbuds|foot-pod|treadmill|bike] [with-pod] [with-heart-rate] [with-machine]
 *                                     a strap near that adapter, silent as yet. bluetoothd has an object for it once
 *                                     it is discovered; at once if trusted, paired, or known (a temporary device).
 *                                     random: AddressType. hidden: its advertisements do not name its service.
 *                                     other: no sensor. twin: it measures heart rates by two
 *                                     characteristics. earbuds: it has the service, and no characteristic in it.
 *                                     foot-pod: it has Running Speed and Cadence (0x1814) instead. treadmill, bike: it is a
 *                                     Fitness Machine (0x1826), and its advertisements say which. with-pod, with-heart-rate,
 *                                     with-machine (a treadmill):
 *                                     it has that service besides, which its advertisements do not name
 *   advertise ADDRESS                 it can be found and connected to whenever it is not connected
 *   silent ADDRESS                    it cannot; a link stays up
 *   leave ADDRESS                     silent and disconnect
 *   connect ADDRESS                   the link comes up, services are not resolved by themselves
 *   resolve ADDRESS                   GATT objects, ServicesResolved and Battery1 appear
 *   gatt ADDRESS add [HANDLE]|remove  only the GATT objects; with new paths if a handle (decimal) is given
 *   disconnect ADDRESS [merged]       the strap ends the link; merged: it is back before BlueZ signals it, so only
 *                                     {ServicesResolved: false, Connected: true} is seen
 *   bluetoothd stop|start|kill|restart
 *                                     stop signals everything first; kill only vanishes, and links stay up. After the
 *                                     bus itself has gone, start
 *
 * What the strap sends:
 *
 *   hr ADDRESS BPM [rr N...] [contact yes|no] [energy KJ] [wide]
 *                                     one packet; R-R in 1/1024 s; wide: 16 bits although 8 would do
 *   raw ADDRESS [BYTE...]             one packet of any bytes, or none
 *   battery ADDRESS PERCENT|none      Battery1; 90 % by default
 *   rssi ADDRESS -DBM                 how strong its advertisements come in; -60 by default
 *   location ADDRESS N                the body sensor location
 *   appearance ADDRESS N              its Appearance; no such property unless given
 *   icon ADDRESS NAME                 the icon that BlueZ makes of it; likewise
 *   speed ADDRESS M/S [cadence N] [stride CM] [distance M] [incline PERCENT] [gain M] [hr BPM]
 *                                     one value of a foot pod (0x2A53: cadence, stride, distance), of a strap that is one as
 *                                     well, or of a treadmill (0x2ACD: distance, incline, elevation gain, heart rate)
 *   speed-raw ADDRESS [BYTE...]       the same, of any bytes
 *   service-data ADDRESS [BYTE...]    what its advertisements say of the Fitness Machine Service, from its next discovery
 *                                     on; none: they say nothing. 01 01 00 for a treadmill, 01 20 00 for a bike by default
 *   sends-by ADDRESS 1|2              of a twin: the characteristic by which it sends
 *   remove-measurement ADDRESS [1|2]  that characteristic goes, and nothing else. Those of a strap with a pod: 1
 *                                     measures heart rates, 2 the pace; likewise below
 *   acquire, release ADDRESS [1|2]    another program takes its notifications (AcquireNotify), and lets them go
 *   encrypt ADDRESS [not-paired|lost|dead [1|2]]
 *                                     it notifies only who is paired with it, or one of two measurements does. StartNotify
 *                                     meanwhile: an error that says so; lost: ATT error 0x0e, and the link is lost; dead: no
 *                                     answer, and the link is of no use until the ATT time-out, the next one from its
 *                                     beginning unless StopNotify comes in between
 *   pair ADDRESS                      it is paired, as by another program
 *   pace DURATION                     between packets of the programmes below; 1s by default
 *   repeat ADDRESS BYTE...            that packet each pace, until stop
 *   stream ADDRESS BPM [plain]        a packet each pace with its R-R intervals (plain: without), until stop
 *   curve ADDRESS FROM TO DURATION [plain] [background]
 *                                     as stream, the heart rate drifting evenly
 *   play ADDRESS RECORDS [rr INTERVALS] [from S] [to S] [speed N] [background]
 *                                     a recording, in CSV: t_s,hr_bpm and after_record_index,rr_ms, whose R-R intervals
 *                                     go into the packet of the record with that index. speed 10: ten times as fast
 *   stop ADDRESS                      ends the strap's repetition, stream, curve or recording
 *
 * How bluetoothd behaves:
 *
 *   order gatt-first|resolved-first|resolved-without-gatt [TIMES]
 *                                     for so many links, then gatt-first; for ever by default
 *   set link-delay DURATION           from Connect() or an advertisement to the link; 5ms
 *   set resolve-delay DURATION        from the link to ServicesResolved; 5ms
 *   set adapter-delay DURATION        from bluetoothd's name to its adapters; 5ms
 *   set connect-timeout DURATION      Connect() to a silent strap; 41600ms
 *   set temporary-timeout DURATION    until a temporary device is removed; 30s
 *   set att-timeout DURATION          until a dead link is lost; 30s
 *   set resolving auto|manual         manual: only the command resolve does
 *   set drop-signals 1|2              in how many signals a lost link is reported
 *   set connected-signal yes|no       no: Connected=true is not signalled, as when bluetoothd has the link's socket before the
 *                                     kernel's event
 *   set stamps yes|no                 yes: `note sent NS` for each notification, CLOCK_MONOTONIC just before it goes out
 *   duplicate N                       each notification so many times for each client
 *   fail MEMBER ERROR [MESSAGE] [TIMES]
 *   delay MEMBER DURATION             before the method does anything; less if another call of that interface of the object
 *                                     comes, since none overtakes another, or if the object goes: then it finds none
 *   never MEMBER [TIMES]              it is not answered, and does nothing
 *   normal MEMBER|all                 takes fail, delay and never back
 *
 * A stranger, on a connection of its own that does not own org.bluez, but that calls its signals as bluetoothd does;
 * to all callers of org.bluez, to one NAME on the bus, or broadcast:
 *
 *   spoof ADDRESS [to NAME|broadcast] value [BYTE...]
 *   spoof ADDRESS [to NAME|broadcast] connected yes|no
 *   spoof ADDRESS [to NAME|broadcast] removed
 *
 * The script itself:
 *
 *   wait DURATION
 *   expect-call MEMBER [DURATION]     until that method is called; a call that came after the last expect-call of it
 *                                     counts. 5s by default, then it is an error; CARDIO_TIMEOUT_SCALE multiplies
 *   expect connected|disconnected|resolved|notifying|pacing|known|removed ADDRESS [DURATION]
 *   expect registered|discovering|quiet|ready ID [DURATION]
 *                                     quiet: no discovery; notifying: a packet would reach somebody (of its first measurement);
 *                                     pacing: a speed would; ready: the adapter is there and on
 *   print TEXT                        writes TEXT to the log
 *   exit                              ends the program with status 0
 */

#include "bluez-standin.h"

#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"

/* -- bluetoothd comes and goes -- */

static int on_bus_lost(sd_bus_message *m _unused_, void *userdata, sd_bus_error *error _unused_)
{
        log_line("note bus lost");
        bluetoothd_stop(userdata, false);
        return 0;
}

/* Returns a negative errno if there is no bus, or its policy refuses the name. */
int bluetoothd_start(Standin *s)
{
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        r = sd_bus_open_system_with_description(&bus, "bluetoothd");
        if (r < 0)
                return r;
        r = sd_bus_request_name(bus, BLUEZ_BUS_NAME, 0);
        if (r < 0) {
                sd_bus_close(bus);
                return r;
        }
        must(sd_bus_add_filter(bus, NULL, calls_dispatch, s));
        must(sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                        "Disconnected", on_bus_lost, s));
        must(sd_bus_track_new(bus, &s->callers, NULL, NULL));
        must(sd_bus_attach_event(bus, s->event, SD_EVENT_PRIORITY_NORMAL));
        s->bus = TAKE_PTR(bus);
        for (size_t i = 0; i < ADAPTERS_MAX; i++)
                if (s->adapters[i])
                        adapter_export_later(s->adapters[i]);
        return 0;
}

static void adapter_say_goodbye(Adapter *a)
{
        Standin *s = a->standin;

        adapter_set_discovering(a, false);
        for (size_t i = 0; i < STRAPS_MAX; i++)
                if (s->devices[i] && s->devices[i]->adapter == a)
                        device_link_down(s->devices[i]);
        if (a->powered) {
                a->powered = false;
                object_emit_changed(s, a->path, BLUEZ_ADAPTER_INTERFACE, "Powered", NULL);
        }
        for (size_t i = 0; i < STRAPS_MAX; i++)
                if (s->devices[i] && s->devices[i]->adapter == a && s->devices[i]->exported)
                        device_unexport(s->devices[i]);
        object_emit_removed(s, a->path);
}

/* What bluetoothd knew is lost; what the kernel knows stays. */
static void bluetoothd_forget(Standin *s)
{
        for (size_t i = 0; i < REGISTRATIONS_MAX; i++)
                registration_free(s->registrations[i]);
        for (size_t i = 0; i < STRAPS_MAX; i++) {
                Device *d = s->devices[i];

                if (!d)
                        continue;
                d->connect_call = sd_bus_message_unref(d->connect_call);
                timer_disarm(&d->attempt_timer);
                timer_disarm(&d->dead_timer);
                d->resolved = false;
                if (d->exported)
                        device_unexport(d);
        }
        for (size_t i = 0; i < ADAPTERS_MAX; i++) {
                Adapter *a = s->adapters[i];

                if (!a)
                        continue;
                timer_disarm(&a->export_timer);
                timer_disarm(&a->power_timer);
                adapter_set_discovering(a, false);
                adapter_drop_filters(a);
                a->exported = false;
        }
}

void bluetoothd_stop(Standin *s, bool kindly)
{
        sd_bus *bus = s->bus;

        if (!bus)
                return;
        calls_drop_pending(s);
        if (kindly) {
                for (size_t i = 0; i < ADAPTERS_MAX; i++)
                        if (s->adapters[i] && s->adapters[i]->exported)
                                adapter_say_goodbye(s->adapters[i]);
                (void)sd_bus_flush(bus);
                (void)sd_bus_release_name(bus, BLUEZ_BUS_NAME);
        }
        /* From here on nothing is emitted. */
        s->bus = NULL;
        bluetoothd_forget(s);
        s->callers = sd_bus_track_unref(s->callers);
        (void)sd_bus_detach_event(bus);
        sd_bus_close_unref(bus);
}

/* -- The program -- */

static void standin_done(Standin *s)
{
        s->script = script_free(s->script);
        bluetoothd_stop(s, false);
        for (size_t i = 0; i < ADAPTERS_MAX; i++)
                adapter_free(s->adapters[i]);
        for (size_t i = 0; i < s->n_rules; i++) {
                free(s->rules[i].member);
                free(s->rules[i].error);
                free(s->rules[i].message);
        }
        for (size_t i = 0; i < s->n_members; i++)
                free(s->members[i].name);
        sd_bus_flush_close_unref(s->stranger);
        sd_event_unref(s->event);
}

/* What a line has caused is on the bus before the line is answered. */
static void standin_settle(void *userdata)
{
        Standin *s = userdata;

        if (s->bus)
                (void)sd_bus_flush(s->bus);
}

static Sender *standin_find_sender(void *userdata, const char *address)
{
        Device *d = device_find(userdata, address);

        return d ? &d->sender : NULL;
}

int main(int argc, char **argv)
{
        _cleanup_(standin_done) Standin s = {
                .event = must_event(),
                .settings = {
                        .link_usec = 5 * USEC_PER_MSEC,
                        .resolve_usec = 5 * USEC_PER_MSEC,
                        .connect_timeout_usec = 41600 * USEC_PER_MSEC,
                        .temporary_usec = 30 * USEC_PER_SEC,
                        .dead_usec = 30 * USEC_PER_SEC,
                        .adapter_usec = 5 * USEC_PER_MSEC,
                        .duplicate = 1,
                },
        };
        static const Command *const tables[] = { world_commands, strap_commands, pace_commands,
                sender_commands, behaviour_commands, NULL };
        const ScriptWorld world = {
                .event = s.event,
                .tables = tables,
                .userdata = &s,
                .settle = standin_settle,
                .find_sender = standin_find_sender,
        };
        int r;

        if (argc > 1 && strcmp(argv[1], "--help") == 0) {
                puts("bluez-standin [SCRIPT...]\nThe head of bluez-standin.c has the language.");
                return EXIT_SUCCESS;
        }

        r = bluetoothd_start(&s);
        if (r < 0) {
                fprintf(stderr, "bluez-standin: cannot own " BLUEZ_BUS_NAME " on the system bus: %s\n",
                                strerror(-r));
                return EXIT_FAILURE;
        }
        r = script_new(&world, argv + 1, (size_t)(argc - 1), &s.script);
        if (r < 0)
                return EXIT_FAILURE;
        return sd_event_loop(s.event) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
