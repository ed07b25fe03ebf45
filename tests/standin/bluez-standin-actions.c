/* SPDX-License-Identifier: MIT */

/* Commands that change the world: adapters, straps, links, bluetoothd itself. No clock. */

#include "bluez-standin.h"

#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"

/* -- Adapters -- */

static int adapter_add(Words *w)
{
        Adapter *a = adapter_find(words_standin(w), w->word[2]);
        bool on = word_is(w, 3, "powered");

        if (w->n > 3 && !on)
                return script_refuse(w->script, "expected powered: %s", w->word[3]);
        if (a && a->exported)
                return script_refuse(w->script, "%s is there already", w->word[2]);
        if (strncmp(w->word[2], "hci", 3) != 0 || strlen(w->word[2]) > 8)
                return script_refuse(w->script, "an adapter is called hci0, hci1, …: %s", w->word[2]);
        if (!a)
                a = adapter_new(words_standin(w), w->word[2], on);
        if (!a)
                return script_refuse(w->script, "more than %u adapters", ADAPTERS_MAX);
        a->switched_on = on;
        if (words_standin(w)->bus)
                adapter_export_later(a);
        return COMMAND_DONE;
}

static int run_adapter(Words *w)
{
        static const char *const verbs[] = { "add", "power", "remove", NULL };
        static const char *const states[] = { "off", "on", "blocked", NULL };
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
        if (r == 2)
                adapter_block(a);
        else
                adapter_switch(a, r == 1);
        return COMMAND_DONE;
}

/* -- Straps -- */

/* What a device is, by the words of `strap add`. */
typedef struct StrapWords {
        bool known;
        ServiceKind first;             /* that it advertises */
        bool pod, heart_rate, machine; /* that it has as well */
} StrapWords;

static int strap_flag(Words *w, size_t i, Device *d, StrapWords *ret)
{
        static const char *const flags[] = { "trusted", "paired", "known", "random", "hidden", "with-pod",
                "with-heart-rate", "with-machine", NULL };
        static const struct {
                const char *word;
                ServiceKind kind;
        } kinds[] = {
                { "twin", SERVICE_HEART_RATE_TWICE },
                { "earbuds", SERVICE_HEART_RATE_EMPTY },
                { "other", SERVICE_OTHER },
                { "foot-pod", SERVICE_RUNNING_SPEED },
                { "treadmill", SERVICE_TREADMILL },
                { "bike", SERVICE_BIKE },
        };

        for (size_t k = 0; k < ELEMENTSOF(kinds); k++)
                if (word_is(w, i, kinds[k].word)) {
                        ret->first = kinds[k].kind;
                        return 0;
                }
        switch (word_choice(w, i, flags)) {
        case 0:
                d->trusted = true;
                return 0;
        case 1:
                d->paired = true;
                return 0;
        case 2:
                ret->known = true;
                return 0;
        case 3:
                d->address_type = "random";
                return 0;
        case 4:
                d->hidden = true;
                return 0;
        case 5:
                ret->pod = true;
                return 0;
        case 6:
                ret->heart_rate = true;
                return 0;
        case 7:
                ret->machine = true;
                return 0;
        default:
                return -EINVAL;
        }
}

/* Fitness Machine Service 1.0, 3.1: flags, bit 0 for being available, and what machine it is, bit 0 for a treadmill, bit 5 for an
 * indoor bike. */
static void device_set_machine(Device *d, ServiceKind kind)
{
        static const uint8_t treadmill[] = { 0x01, 0x01, 0x00 }, bike[] = { 0x01, 0x20, 0x00 };

        if (kind != SERVICE_TREADMILL && kind != SERVICE_BIKE)
                return;
        memcpy(d->service_data, kind == SERVICE_BIKE ? bike : treadmill, sizeof(bike));
        d->service_data_size = sizeof(bike);
}

static int strap_equip(Words *w, Device *d, const StrapWords *words)
{
        bool fits = device_add_service(d, words->first) &&
                    (!words->pod || device_add_service(d, SERVICE_RUNNING_SPEED)) &&
                    (!words->heart_rate || device_add_service(d, SERVICE_HEART_RATE)) &&
                    (!words->machine || device_add_service(d, SERVICE_TREADMILL));

        if (!fits)
                return script_refuse(w->script, "%s is too many things at once", d->address);
        device_name_gatt(d);
        device_set_machine(d, words->first);
        if (!device_measurement(d, UUID_HEART_RATE_MEASUREMENT, 0))
                d->sender.send = NULL;
        return 0;
}

static int run_strap(Words *w)
{
        _cleanup_(device_freep) Device *d = NULL;
        StrapWords words = { .first = SERVICE_HEART_RATE };
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
        if (device_find(words_standin(w), name))
                return script_refuse(w->script, "%s has that strap already", a->id);
        d = device_new(a, w->word[3]);
        if (!d)
                return script_refuse(w->script, "more than %u straps", STRAPS_MAX);
        d->name = must_copy(w->word[4]);
        for (size_t i = 5; i < w->n; i++) {
                r = strap_flag(w, i, d, &words);
                if (r < 0)
                        return r;
        }
        r = strap_equip(w, d, &words);
        if (r < 0)
                return r;
        if (words.known || device_is_stored(d))
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
                if (!words_standin(w)->bus)
                        return script_refuse(w->script, "bluetoothd does not run");
                bluetoothd_stop(words_standin(w), verb != 1);
        }
        if (verb < 2)
                return COMMAND_DONE;
        if (words_standin(w)->bus)
                return script_refuse(w->script, "bluetoothd runs already");
        r = bluetoothd_start(words_standin(w));
        if (r < 0)
                return script_refuse(w->script, "cannot own " BLUEZ_BUS_NAME ": %s", strerror(-r));
        return COMMAND_DONE;
}

/* -- What the strap tells besides heart rates -- */

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

static int run_rssi(Words *w)
{
        Words unsigned_words = *w;
        unsigned strength;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        if (w->word[2][0] != '-')
                return script_refuse(w->script, "expected dBm, as in -60: %s", w->word[2]);
        unsigned_words.word[2]++;
        r = word_number(&unsigned_words, 2, 127, &strength);
        if (r < 0)
                return r;
        device_set_rssi(d, (int16_t) - (int)strength);
        return COMMAND_DONE;
}

/* The Appearance that the strap claims. */
static int run_appearance(Words *w)
{
        unsigned appearance;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        r = word_number(w, 2, UINT16_MAX, &appearance);
        if (r < 0)
                return r;
        d->appearance = (uint16_t)appearance;
        object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "Appearance", NULL);
        return COMMAND_DONE;
}

static int run_icon(Words *w)
{
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        free(d->icon);
        d->icon = must_copy(w->word[2]);
        object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "Icon", NULL);
        return COMMAND_DONE;
}

/* Which of its measurements, 1 or 2; 1 by default. */
static int word_measurement(Words *w, size_t i, Device *d, size_t *ret)
{
        unsigned number = 1;
        int r = i < w->n ? word_number(w, i, 2, &number) : 0;

        if (r < 0)
                return r;
        if (number == 0 || !device_measurement(d, NULL, number - 1))
                return script_refuse(w->script, "%s has no such measurement", d->address);
        *ret = number - 1;
        return 0;
}

/* acquire, release, sends-by, remove-measurement */
static int run_measurement(Words *w)
{
        size_t number = 0;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r >= 0)
                r = word_measurement(w, 2, d, &number);
        if (r < 0)
                return r;
        if (word_is(w, 0, "sends-by"))
                d->measurement = number;
        else if (word_is(w, 0, "remove-measurement"))
                characteristic_remove(device_measurement(d, NULL, number));
        else
                characteristic_set_acquired(device_measurement(d, NULL, number), word_is(w, 0, "acquire"));
        return COMMAND_DONE;
}

static int run_encrypt(Words *w)
{
        static const char *const kinds[] = { "not-paired", "lost", "dead", NULL };
        size_t from = 0, to = 1;
        int r, kind = 0;
        Device *d;

        r = word_device(w, 1, &d);
        if (r >= 0 && w->n > 2)
                r = kind = word_choice(w, 2, kinds);
        if (r >= 0 && w->n > 3) {
                r = word_measurement(w, 3, d, &from);
                to = from;
        }
        if (r < 0)
                return r;
        for (size_t i = from; i <= to && device_measurement(d, NULL, i); i++)
                device_measurement(d, NULL, i)->encryption = (Encryption)(ENCRYPTION_NOT_PAIRED + kind);
        return COMMAND_DONE;
}

static int run_pair(Words *w)
{
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        device_set_paired(d, true);
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

const Command world_commands[] = {
        { "adapter", 2, 3, run_adapter, "add ID [powered] | power ID on|off|blocked | remove ID" },
        { "strap", 4, 12, run_strap,
                        "add ID ADDRESS NAME [trusted] [paired] [known] [random] [hidden] [other|twin|earbuds|foot-pod|"
                        "treadmill|bike] [with-pod] [with-heart-rate] [with-machine]" },
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
        { "battery", 2, 2, run_battery, "ADDRESS PERCENT|none" },
        { "rssi", 2, 2, run_rssi, "ADDRESS -DBM" },
        { "location", 2, 2, run_location, "ADDRESS N" },
        { "appearance", 2, 2, run_appearance, "ADDRESS N" },
        { "icon", 2, 2, run_icon, "ADDRESS NAME" },
        { "acquire", 1, 2, run_measurement, "ADDRESS [1|2]" },
        { "release", 1, 2, run_measurement, "ADDRESS [1|2]" },
        { "sends-by", 2, 2, run_measurement, "ADDRESS 1|2" },
        { "remove-measurement", 1, 2, run_measurement, "ADDRESS [1|2]" },
        { "encrypt", 1, 3, run_encrypt, "ADDRESS [not-paired|lost|dead [1|2]]" },
        { "pair", 1, 1, run_pair, "ADDRESS" },
        { .name = NULL },
};
