/* SPDX-License-Identifier: MIT */

/* The commands that a strap on the air has and one without a radio has not, or that differ. Times run on CLOCK_BOOTTIME. */

#include "peripheral.h"

#include <string.h>

#define ADVERTISE_USEC (20 * USEC_PER_SEC)

static int word_strap(const Words *w, size_t i, Strap **ret)
{
        Strap *s = strap_find(w->world->userdata, w->word[i]);

        if (!s) {
                script_refuse(w->script, "no such strap: %s", w->word[i]);
                return -EINVAL;
        }
        *ret = s;
        return 0;
}

/* The words after a new strap's name. */
static int word_kind(const Words *w, uint16_t *ret_appearance, StrapDemand *ret_demand, StrapKind *ret_kind)
{
        static const char *const kinds[] = { "strap", "foot-pod", "treadmill", NULL };
        static const char *const demands[] = { "nothing", "encryption", "authentication", NULL };
        unsigned appearance = 0;
        int demand = DEMAND_NOTHING, kind = KIND_STRAP, r;

        for (size_t i = 5; i < w->n; i += 2) {
                if (i + 1 == w->n)
                        return script_refuse(w->script, "%s what?", w->word[i]);
                if (word_is(w, i, "appearance")) {
                        r = word_number(w, i + 1, UINT16_MAX, &appearance);
                        if (r < 0)
                                return r;
                } else if (word_is(w, i, "demands")) {
                        demand = word_choice(w, i + 1, demands);
                        if (demand < 0)
                                return demand;
                } else if (word_is(w, i, "kind")) {
                        kind = word_choice(w, i + 1, kinds);
                        if (kind < 0)
                                return kind;
                } else {
                        return script_refuse(
                                        w->script, "expected: appearance, demands or kind: %s", w->word[i]);
                }
        }
        *ret_appearance = (uint16_t)appearance;
        *ret_demand = (StrapDemand)demand;
        *ret_kind = (StrapKind)kind;
        return 0;
}

static int run_strap(Words *w)
{
        Peripheral *p = w->world->userdata;
        StrapDemand demand = DEMAND_NOTHING;
        StrapKind kind = KIND_STRAP;
        uint16_t appearance = 0;
        Strap *s;
        int r;

        if (!word_is(w, 1, "add"))
                return script_refuse(w->script, "expected: strap add");
        if (strncmp(w->word[2], "hci", 3) != 0 || strlen(w->word[2]) > 8)
                return script_refuse(w->script, "an adapter is called hci0, hci1, …: %s", w->word[2]);
        if (!address_is_valid(w->word[3]))
                return script_refuse(w->script, "not an address such as AA:BB:CC:DD:EE:FF: %s", w->word[3]);
        if (strap_find(p, w->word[3]))
                return script_refuse(w->script, "that strap is there already: %s", w->word[3]);
        r = word_kind(w, &appearance, &demand, &kind);
        if (r < 0)
                return r;
        s = strap_new(p, w->word[2], w->word[3], w->word[4], appearance, demand, kind);
        if (!s)
                return script_refuse(w->script, "more than %u straps", STRAPS_MAX);
        strap_export(s);
        return COMMAND_DONE;
}

/* -- States, and what waits for them -- */

static bool strap_is_registered(const void *data)
{
        return ((const Strap *)data)->registered;
}

static bool strap_is_advertised(const void *data)
{
        return ((const Strap *)data)->advertised;
}

static bool strap_is_silent(const void *data)
{
        return !((const Strap *)data)->advertised;
}

static bool strap_is_connected(const void *data)
{
        return ((const Strap *)data)->connected;
}

static bool strap_is_disconnected(const void *data)
{
        return !((const Strap *)data)->connected;
}

static bool strap_is_notifying(const void *data)
{
        const Strap *s = data;

        return s->connected && s->attributes[ATTRIBUTE_MEASUREMENT].notifying;
}

static int run_expect(Words *w)
{
        static const struct {
                const char *name;
                bool (*condition)(const void *data);
        } conditions[] = {
                { "registered", strap_is_registered },
                { "advertised", strap_is_advertised },
                { "connected", strap_is_connected },
                { "disconnected", strap_is_disconnected },
                { "notifying", strap_is_notifying },
        };
        usec_t timeout_usec;
        Strap *s;
        int r;

        r = word_strap(w, 2, &s);
        if (r < 0)
                return r;
        r = word_timeout(w, 3, &timeout_usec);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(conditions); i++)
                if (word_is(w, 1, conditions[i].name))
                        return script_wait_for(w->script, conditions[i].condition, s, timeout_usec);
        return script_refuse(w->script, "nothing to expect: %s", w->word[1]);
}

static int run_advertise(Words *w)
{
        bool advertise = word_is(w, 0, "advertise");
        Strap *s;
        int r;

        r = word_strap(w, 1, &s);
        if (r < 0)
                return r;
        strap_set_advertising(s, advertise);
        return script_wait_for(
                        w->script, advertise ? strap_is_advertised : strap_is_silent, s, ADVERTISE_USEC);
}

static bool strap_has_left(const void *data)
{
        Strap *s = (Strap *)data;

        /* Not before: a strap that advertises would be connected again at once. */
        if (!s->advertised && s->connected)
                strap_disconnect(s);
        return !s->advertised && !s->connected;
}

static int run_disconnect(Words *w)
{
        Strap *s;
        int r;

        r = word_strap(w, 1, &s);
        if (r < 0)
                return r;
        if (word_is(w, 0, "leave")) {
                strap_set_advertising(s, false);
                return script_wait_for(w->script, strap_has_left, s, ADVERTISE_USEC);
        }
        if (!s->connected)
                return script_refuse(w->script, "%s is not connected", s->address);
        strap_disconnect(s);
        return COMMAND_DONE;
}

static bool strap_has_hold(const void *data)
{
        return strap_is_held(data);
}

static int run_hold(Words *w)
{
        Strap *s;
        int r;

        r = word_strap(w, 1, &s);
        if (r < 0)
                return r;
        if (word_is(w, 0, "release")) {
                strap_let_go(s);
                return COMMAND_DONE;
        }
        if (!s->connected)
                return script_refuse(w->script, "%s is not connected", s->address);
        strap_hold(s);
        return script_wait_for(w->script, strap_has_hold, s, ADVERTISE_USEC);
}

/* -- What the strap tells besides heart rates -- */

static int strap_set_byte(Words *w, AttributeId id, unsigned max)
{
        unsigned number;
        Strap *s;
        int r;

        r = word_strap(w, 1, &s);
        if (r < 0)
                return r;
        r = word_number(w, 2, max, &number);
        if (r < 0)
                return r;
        attribute_set(&s->attributes[id], (const uint8_t[]){ (uint8_t)number }, 1);
        return COMMAND_DONE;
}

static int run_battery(Words *w)
{
        return strap_set_byte(w, ATTRIBUTE_BATTERY_LEVEL, 100);
}

static int run_location(Words *w)
{
        return strap_set_byte(w, ATTRIBUTE_BODY_SENSOR_LOCATION, UINT8_MAX);
}

const Command peripheral_commands[] = {
        { "strap", 4, 10, run_strap, "add ID ADDRESS NAME [appearance N] [demands WHAT] [kind WHAT]" },
        { "advertise", 1, 1, run_advertise, "ADDRESS" },
        { "silent", 1, 1, run_advertise, "ADDRESS" },
        { "disconnect", 1, 1, run_disconnect, "ADDRESS" },
        { "leave", 1, 1, run_disconnect, "ADDRESS" },
        { "hold", 1, 1, run_hold, "ADDRESS" },
        { "release", 1, 1, run_hold, "ADDRESS" },
        { "battery", 2, 2, run_battery, "ADDRESS PERCENT" },
        { "location", 2, 2, run_location, "ADDRESS N" },
        { "expect", 2, 3, run_expect, "STATE ADDRESS [DURATION]" },
        { .name = NULL },
};
