/* SPDX-License-Identifier: MIT */

/* Commands that change the world: adapters, straps, links, bluetoothd itself, and what the straps send. */

#include "bluez-standin.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"

#define HEART_RATE_SCRIPT_MAX 65535U

/* -- Adapters -- */

static int adapter_add(Words *w)
{
        Adapter *a = adapter_find(w->standin, w->word[2]);
        bool on = word_is(w, 3, "powered");

        if (w->n > 3 && !on)
                return script_refuse(w->script, "expected powered: %s", w->word[3]);
        if (a && a->exported)
                return script_refuse(w->script, "%s is there already", w->word[2]);
        if (strncmp(w->word[2], "hci", 3) != 0 || strlen(w->word[2]) > 8)
                return script_refuse(w->script, "an adapter is called hci0, hci1, …: %s", w->word[2]);
        if (!a)
                a = adapter_new(w->standin, w->word[2], on);
        if (!a)
                return script_refuse(w->script, "more than %u adapters", ADAPTERS_MAX);
        a->switched_on = on;
        if (w->standin->bus)
                adapter_export_later(a);
        return COMMAND_DONE;
}

static int run_adapter(Words *w)
{
        static const char *const verbs[] = { "add", "power", "remove", NULL };
        static const char *const states[] = { "off", "on", NULL };
        Adapter *a;
        int r, verb;

        verb = word_choice(w, 1, verbs);
        if (verb < 0)
                return verb;
        if (verb == 0)
                return adapter_add(w);
        r = word_adapter(w, 2, &a);
        if (r < 0)
                return r;
        if (verb == 2) {
                adapter_unplug(a);
                return COMMAND_DONE;
        }
        r = word_choice(w, 3, states);
        if (r < 0)
                return r;
        if (!a->exported)
                return script_refuse(w->script, "bluetoothd does not have %s now", a->id);
        adapter_switch(a, r == 1);
        return COMMAND_DONE;
}

/* -- Straps -- */

static bool address_is_valid(const char *text)
{
        size_t i = 0;

        for (; i < 17 && text[i]; i++)
                if (i % 3 == 2 ? text[i] != ':'
                               : !isxdigit((unsigned char)text[i]) || islower((unsigned char)text[i]))
                        return false;
        return i == 17 && text[i] == '\0';
}

static int strap_flag(Words *w, size_t i, Device *d, bool *known)
{
        static const char *const flags[] = { "trusted", "paired", "known", "random", "other", NULL };

        switch (word_choice(w, i, flags)) {
        case 0:
                d->trusted = true;
                return 0;
        case 1:
                d->paired = true;
                return 0;
        case 2:
                *known = true;
                return 0;
        case 3:
                d->address_type = "random";
                return 0;
        case 4:
                d->service_uuid = "00001812-0000-1000-8000-00805f9b34fb";
                d->n_characteristics = 0;
                return 0;
        default:
                return -EINVAL;
        }
}

static int run_strap(Words *w)
{
        _cleanup_(device_freep) Device *d = NULL;
        bool known = false;
        char name[64];
        Adapter *a;
        int r;

        if (!word_is(w, 1, "add"))
                return script_refuse(w->script, "expected: strap add");
        r = word_adapter(w, 2, &a);
        if (r < 0)
                return r;
        if (!address_is_valid(w->word[3]))
                return script_refuse(w->script, "not an address such as AA:BB:CC:DD:EE:FF: %s", w->word[3]);
        (void)snprintf(name, sizeof(name), "%s/%s", a->id, w->word[3]);
        if (device_find(w->standin, name))
                return script_refuse(w->script, "%s has that strap already", a->id);
        d = device_new(a, w->word[3]);
        if (!d)
                return script_refuse(w->script, "more than %u straps", STRAPS_MAX);
        d->name = must_copy(w->word[4]);
        for (size_t i = 5; i < w->n; i++) {
                r = strap_flag(w, i, d, &known);
                if (r < 0)
                        return r;
        }
        if (known || device_is_stored(d))
                device_export(d);
        (void)TAKE_PTR(d);
        return COMMAND_DONE;
}

static int run_advertise(Words *w)
{
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        device_set_advertising(d, word_is(w, 0, "advertise"));
        if (word_is(w, 0, "leave"))
                device_link_down(d);
        return COMMAND_DONE;
}

static int run_connect(Words *w)
{
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        if (!d->exported || !d->adapter->powered)
                return script_refuse(
                                w->script, "bluetoothd does not know %s, or its adapter is off", d->address);
        device_link_up(d);
        timer_disarm(&d->resolve_timer);
        return COMMAND_DONE;
}

static int run_resolve(Words *w)
{
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        if (!d->exported || !d->connected)
                return script_refuse(w->script, "%s is not connected", d->address);
        device_resolve(d);
        return COMMAND_DONE;
}

static int run_disconnect(Words *w)
{
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        if (w->n > 2 && !word_is(w, 2, "merged"))
                return script_refuse(w->script, "expected merged: %s", w->word[2]);
        if (!d->connected)
                return script_refuse(w->script, "%s is not connected", d->address);
        if (w->n > 2)
                device_flicker(d);
        else
                device_link_down(d);
        return COMMAND_DONE;
}

static int run_gatt(Words *w)
{
        static const char *const verbs[] = { "remove", "add", NULL };
        unsigned handle;
        int r, verb;
        Device *d;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        verb = word_choice(w, 2, verbs);
        if (verb < 0)
                return verb;
        if (w->n > 3) {
                r = word_number(w, 3, 0xfff0, &handle);
                if (r < 0)
                        return r;
                if (d->gatt)
                        return script_refuse(w->script, "the old objects are still there");
                d->handle = handle;
        }
        if (!d->exported)
                return script_refuse(w->script, "bluetoothd does not know %s", d->address);
        device_set_gatt(d, verb == 1);
        return COMMAND_DONE;
}

static int run_bluetoothd(Words *w)
{
        static const char *const verbs[] = { "stop", "kill", "start", "restart", NULL };
        int r, verb;

        verb = word_choice(w, 1, verbs);
        if (verb < 0)
                return verb;
        if (verb != 2) {
                if (!w->standin->bus)
                        return script_refuse(w->script, "bluetoothd does not run");
                bluetoothd_stop(w->standin, verb != 1);
        }
        if (verb < 2)
                return COMMAND_DONE;
        if (w->standin->bus)
                return script_refuse(w->script, "bluetoothd runs already");
        r = bluetoothd_start(w->standin);
        if (r < 0)
                return script_refuse(w->script, "cannot own " BLUEZ_BUS_NAME ": %s", strerror(-r));
        return COMMAND_DONE;
}

/* -- What the strap sends -- */

static void device_send(Device *d, const uint8_t *value, size_t size)
{
        Characteristic *c = device_characteristic(d, UUID_HEART_RATE_MEASUREMENT);

        if (c)
                (void)characteristic_notify(c, value, size);
}

/* The options of `hr`, from the third word on. */
static int packet_read(const Words *w, Packet *p)
{
        static const char *const answers[] = { "no", "yes", NULL };
        unsigned number;
        int r;

        for (size_t i = 3; i < w->n; i++) {
                if (word_is(w, i, "wide"))
                        p->wide = true;
                else if (word_is(w, i, "contact")) {
                        r = word_choice(w, ++i, answers);
                        if (r < 0)
                                return r;
                        p->contact = r;
                } else if (word_is(w, i, "energy")) {
                        r = word_number(w, ++i, UINT16_MAX, &number);
                        if (r < 0)
                                return r;
                        p->energy = (int)number;
                } else if (word_is(w, i, "rr")) {
                        while (i + 1 < w->n && isdigit((unsigned char)w->word[i + 1][0])) {
                                r = word_number(w, ++i, UINT16_MAX, &number);
                                if (r < 0)
                                        return r;
                                if (p->n_rr == PACKET_RR_MAX)
                                        return script_refuse(w->script, "more than %u R-R intervals",
                                                        PACKET_RR_MAX);
                                p->rr[p->n_rr++] = (uint16_t)number;
                        }
                } else
                        return script_refuse(
                                        w->script, "expected rr, contact, energy or wide: %s", w->word[i]);
        }
        return 0;
}

static int run_hr(Words *w)
{
        Packet packet = PACKET_INIT;
        uint8_t value[VALUE_MAX];
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        r = word_number(w, 2, HEART_RATE_SCRIPT_MAX, &packet.heart_rate);
        if (r < 0)
                return r;
        r = packet_read(w, &packet);
        if (r < 0)
                return r;
        r = packet_encode(&packet, value);
        if (r < 0)
                return script_refuse(w->script, "too many R-R intervals for one packet");
        device_send(d, value, (size_t)r);
        return COMMAND_DONE;
}

static int run_raw(Words *w)
{
        uint8_t value[VALUE_MAX];
        size_t size;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        r = word_bytes(w, 2, value, &size);
        if (r < 0)
                return r;
        device_send(d, value, size);
        return COMMAND_DONE;
}

static int run_battery(Words *w)
{
        unsigned percentage;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        if (word_is(w, 2, "none")) {
                device_set_battery(d, -1);
                return COMMAND_DONE;
        }
        r = word_number(w, 2, 255, &percentage);
        if (r < 0)
                return r;
        device_set_battery(d, (int)percentage);
        return COMMAND_DONE;
}

static int run_location(Words *w)
{
        unsigned location;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        r = word_number(w, 2, UINT8_MAX, &location);
        if (r < 0)
                return r;
        d->location = (uint8_t)location;
        return COMMAND_DONE;
}

static int run_pace(Words *w)
{
        usec_t usec;
        int r;

        r = word_duration(w, 1, &usec);
        if (r < 0)
                return r;
        if (usec == 0)
                return script_refuse(w->script, "a pace is longer than nothing");
        w->standin->settings.pace_usec = usec;
        return COMMAND_DONE;
}

static void on_programme_finished(void *userdata)
{
        script_finish(userdata);
}

static int word_sender(const Words *w, size_t i, Device **ret)
{
        int r;

        r = word_device(w, i, ret);
        if (r < 0)
                return r;
        return (*ret)->n_characteristics > 0
                               ? 0
                               : script_refuse(w->script, "%s measures no heart rate", w->word[i]);
}

static int run_stream(Words *w)
{
        unsigned heart_rate;
        Device *d;
        int r;

        r = word_sender(w, 1, &d);
        if (r < 0)
                return r;
        r = word_number(w, 2, HEART_RATE_SCRIPT_MAX, &heart_rate);
        if (r < 0)
                return r;
        if (w->n > 3 && !word_is(w, 3, "plain"))
                return script_refuse(w->script, "expected plain: %s", w->word[3]);
        programme_curve(d, heart_rate, heart_rate, USEC_INFINITY, w->n == 3, NULL, NULL);
        return COMMAND_DONE;
}

static int run_curve(Words *w)
{
        bool plain = false, background = false;
        double from, to;
        usec_t usec;
        Device *d;
        int r;

        r = word_sender(w, 1, &d);
        if (r < 0)
                return r;
        r = word_decimal(w, 2, &from);
        if (r < 0)
                return r;
        r = word_decimal(w, 3, &to);
        if (r < 0)
                return r;
        if (from > HEART_RATE_SCRIPT_MAX || to > HEART_RATE_SCRIPT_MAX)
                return script_refuse(w->script, "a heart rate is at most %u", HEART_RATE_SCRIPT_MAX);
        r = word_duration(w, 4, &usec);
        if (r < 0)
                return r;
        for (size_t i = 5; i < w->n; i++) {
                if (word_is(w, i, "plain"))
                        plain = true;
                else if (word_is(w, i, "background"))
                        background = true;
                else
                        return script_refuse(w->script, "expected plain or background: %s", w->word[i]);
        }
        programme_curve(d, from, to, usec, !plain, background ? NULL : on_programme_finished, w->script);
        return background ? COMMAND_DONE : COMMAND_WAITING;
}

static int run_play(Words *w)
{
        _cleanup_free_ char *where = NULL;
        const char *intervals = NULL;
        double from = 0, to = HUGE_VAL, speed = 1;
        bool background = false;
        Device *d;
        int r;

        r = word_sender(w, 1, &d);
        if (r < 0)
                return r;
        for (size_t i = 3; i < w->n && r >= 0; i++) {
                if (word_is(w, i, "background"))
                        background = true;
                else if (word_is(w, i, "rr") && i + 1 < w->n)
                        intervals = w->word[++i];
                else if (word_is(w, i, "from"))
                        r = word_decimal(w, ++i, &from);
                else if (word_is(w, i, "to"))
                        r = word_decimal(w, ++i, &to);
                else if (word_is(w, i, "speed"))
                        r = word_decimal(w, ++i, &speed);
                else
                        r = script_refuse(w->script, "expected rr, from, to, speed or background: %s",
                                        w->word[i]);
        }
        if (r < 0)
                return r;
        if (speed <= 0)
                return script_refuse(w->script, "a speed is more than 0");
        r = programme_play(d, w->word[2], intervals, from, to, speed,
                        background ? NULL : on_programme_finished, w->script, &where);
        if (r < 0)
                return script_refuse(w->script, "cannot play %s: %s", where, strerror(-r));
        return background ? COMMAND_DONE : COMMAND_WAITING;
}

static int run_stop(Words *w)
{
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        programme_free(d->programme);
        return COMMAND_DONE;
}

const Command world_commands[] = {
        { "adapter", 2, 3, run_adapter, "add ID [powered] | power ID on|off | remove ID" },
        { "strap", 4, 9, run_strap, "add ID ADDRESS NAME [trusted] [paired] [known] [random] [other]" },
        { "advertise", 1, 1, run_advertise, "ADDRESS" },
        { "silent", 1, 1, run_advertise, "ADDRESS" },
        { "leave", 1, 1, run_advertise, "ADDRESS" },
        { "connect", 1, 1, run_connect, "ADDRESS" },
        { "resolve", 1, 1, run_resolve, "ADDRESS" },
        { "gatt", 2, 3, run_gatt, "ADDRESS add [HANDLE]|remove" },
        { "disconnect", 1, 2, run_disconnect, "ADDRESS [merged]" },
        { "bluetoothd", 1, 1, run_bluetoothd, "stop|start|kill|restart" },
        { .name = NULL },
};

const Command strap_commands[] = {
        { "hr", 2, WORDS_MAX, run_hr, "ADDRESS BPM [rr N...] [contact yes|no] [energy KJ] [wide]" },
        { "raw", 1, WORDS_MAX, run_raw, "ADDRESS [BYTE...]" },
        { "battery", 2, 2, run_battery, "ADDRESS PERCENT|none" },
        { "location", 2, 2, run_location, "ADDRESS N" },
        { "pace", 1, 1, run_pace, "DURATION" },
        { "stream", 2, 3, run_stream, "ADDRESS BPM [plain]" },
        { "curve", 4, 6, run_curve, "ADDRESS FROM TO DURATION [plain] [background]" },
        { "play", 2, 11, run_play, "ADDRESS RECORDS [rr INTERVALS] [from S] [to S] [speed N] [background]" },
        { "stop", 1, 1, run_stop, "ADDRESS" },
        { .name = NULL },
};
