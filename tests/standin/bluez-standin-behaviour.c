/* SPDX-License-Identifier: MIT */

/* Commands that change how bluetoothd behaves, those of the stranger on the bus, and those that wait. Times run on
 * CLOCK_BOOTTIME. */

#include "bluez-standin.h"

#include <limits.h>
#include <string.h>

#include "cardio/bus-api.h"

/* -- How bluetoothd behaves -- */

/* How often something is to happen: word i, or for ever. */
static int word_times(const Words *w, size_t i, unsigned *ret)
{
        if (i < w->n)
                return word_number(w, i, UINT_MAX - 1, ret);
        *ret = UINT_MAX;
        return 0;
}

static int run_order(Words *w)
{
        static const char *const orders[] = { "gatt-first", "resolved-first", "resolved-without-gatt", NULL };
        Settings *settings = &words_standin(w)->settings;
        int order, r;

        order = word_choice(w, 1, orders);
        if (order < 0)
                return order;
        r = word_times(w, 2, &settings->order_times);
        if (r < 0)
                return r;
        settings->order = (GattOrder)order;
        return COMMAND_DONE;
}

static int run_set(Words *w)
{
        Settings *settings = &words_standin(w)->settings;
        const struct {
                const char *name;
                usec_t *value;
        } durations[] = {
                { "link-delay", &settings->link_usec },
                { "resolve-delay", &settings->resolve_usec },
                { "adapter-delay", &settings->adapter_usec },
                { "connect-timeout", &settings->connect_timeout_usec },
                { "temporary-timeout", &settings->temporary_usec },
                { "att-timeout", &settings->dead_usec },
        };
        static const char *const resolving[] = { "auto", "manual", NULL };
        static const char *const signals[] = { "1", "2", NULL };
        static const char *const answers[] = { "no", "yes", NULL };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(durations); i++)
                if (word_is(w, 1, durations[i].name))
                        return word_duration(w, 2, durations[i].value);
        if (word_is(w, 1, "resolving")) {
                r = word_choice(w, 2, resolving);
                if (r < 0)
                        return r;
                settings->resolve_by_hand = r == 1;
                return COMMAND_DONE;
        }
        if (word_is(w, 1, "drop-signals")) {
                r = word_choice(w, 2, signals);
                if (r < 0)
                        return r;
                settings->drop_in_two = r == 1;
                return COMMAND_DONE;
        }
        if (word_is(w, 1, "connected-signal")) {
                r = word_choice(w, 2, answers);
                if (r < 0)
                        return r;
                settings->silent_link = r == 0;
                return COMMAND_DONE;
        }
        if (word_is(w, 1, "stamps")) {
                r = word_choice(w, 2, answers);
                if (r < 0)
                        return r;
                settings->stamps = r == 1;
                return COMMAND_DONE;
        }
        return script_refuse(w->script, "no such setting: %s", w->word[1]);
}

static int run_duplicate(Words *w)
{
        unsigned n;
        int r;

        r = word_number(w, 1, 100, &n);
        if (r < 0)
                return r;
        if (n == 0)
                return script_refuse(w->script, "expected a number from 1 to 100");
        words_standin(w)->settings.duplicate = n;
        return COMMAND_DONE;
}

static int rule_get(Words *w, const char *member, Rule **ret)
{
        Standin *s = words_standin(w);

        for (size_t i = 0; i < s->n_rules; i++)
                if (strcmp(s->rules[i].member, member) == 0) {
                        *ret = &s->rules[i];
                        return 0;
                }
        if (s->n_rules == RULES_MAX)
                return script_refuse(w->script, "rules for more than %u methods", RULES_MAX);
        s->rules[s->n_rules] = (Rule){ .member = must_copy(member) };
        *ret = &s->rules[s->n_rules++];
        return 0;
}

static int run_fail(Words *w)
{
        unsigned times;
        Rule *rule;
        int r;

        if (!sd_bus_interface_name_is_valid(w->word[2]))
                return script_refuse(w->script, "not the name of an error: %s", w->word[2]);
        r = word_times(w, 4, &times);
        if (r < 0)
                return r;
        r = rule_get(w, w->word[1], &rule);
        if (r < 0)
                return r;
        free(rule->error);
        free(rule->message);
        rule->error = must_copy(w->word[2]);
        rule->message = must_copy(w->n > 3 ? w->word[3] : "");
        rule->failures = times;
        return COMMAND_DONE;
}

static int run_delay(Words *w)
{
        Rule *rule;
        int r;

        r = rule_get(w, w->word[1], &rule);
        if (r < 0)
                return r;
        return word_duration(w, 2, &rule->delay_usec);
}

static int run_never(Words *w)
{
        unsigned times;
        Rule *rule;
        int r;

        r = word_times(w, 2, &times);
        if (r < 0)
                return r;
        r = rule_get(w, w->word[1], &rule);
        if (r < 0)
                return r;
        rule->silences = times;
        return COMMAND_DONE;
}

static int run_normal(Words *w)
{
        Standin *s = words_standin(w);

        for (size_t i = 0; i < s->n_rules; i++)
                if (word_is(w, 1, "all") || word_is(w, 1, s->rules[i].member)) {
                        s->rules[i].silences = 0;
                        s->rules[i].delay_usec = 0;
                        s->rules[i].failures = 0;
                }
        return COMMAND_DONE;
}

/* -- The stranger -- */

/* Every signal that a stranger might send about a strap. The words from i on say which. */
static int spoof_build(Words *w, size_t i, Device *d, sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        static const char *const answers[] = { "no", "yes", NULL };
        uint8_t value[VALUE_MAX];
        const Characteristic *c = device_measurement(d, NULL, 0);
        sd_bus *bus = words_standin(w)->stranger;
        size_t size;
        int r;

        if (word_is(w, i, "removed")) {
                must(sd_bus_message_new_signal(
                                bus, &m, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved"));
                must(sd_bus_message_append(m, "oas", d->path, 1, BLUEZ_DEVICE_INTERFACE));
        } else if (word_is(w, i, "connected")) {
                r = word_choice(w, i + 1, answers);
                if (r < 0)
                        return r;
                must(sd_bus_message_new_signal(
                                bus, &m, d->path, "org.freedesktop.DBus.Properties", "PropertiesChanged"));
                must(sd_bus_message_append(m, "sa{sv}as", BLUEZ_DEVICE_INTERFACE, 2, "Connected", "b", r,
                                "ServicesResolved", "b", r, 0));
        } else if (word_is(w, i, "value")) {
                r = word_bytes(w, i + 1, value, &size);
                if (r < 0)
                        return r;
                if (!c)
                        return script_refuse(w->script, "%s has no measurement", d->address);
                must(sd_bus_message_new_signal(
                                bus, &m, c->path, "org.freedesktop.DBus.Properties", "PropertiesChanged"));
                must(sd_bus_message_append(m, "s", BLUEZ_CHARACTERISTIC_INTERFACE));
                must(sd_bus_message_open_container(m, 'a', "{sv}"));
                must(sd_bus_message_open_container(m, 'e', "sv"));
                must(sd_bus_message_append(m, "s", "Value"));
                must(sd_bus_message_open_container(m, 'v', "ay"));
                must(sd_bus_message_append_array(m, 'y', value, size));
                must(sd_bus_message_close_container(m));
                must(sd_bus_message_close_container(m));
                must(sd_bus_message_close_container(m));
                must(sd_bus_message_append(m, "as", 0));
        } else
                return script_refuse(w->script, "expected value, connected or removed: %s",
                                i < w->n ? w->word[i] : "nothing");
        *ret = TAKE_PTR(m);
        return 0;
}

/* The stranger's connection is opened when first needed, and again if its bus has gone. */
static int stranger_open(Words *w)
{
        Standin *s = words_standin(w);
        int r;

        if (s->stranger && sd_bus_is_open(s->stranger) > 0 && sd_bus_process(s->stranger, NULL) >= 0)
                return 0;
        s->stranger = sd_bus_close_unref(s->stranger);
        r = sd_bus_open_system_with_description(&s->stranger, "stranger");
        if (r < 0)
                return script_refuse(w->script, "the stranger cannot connect to the bus: %s", strerror(-r));
        return 0;
}

static int run_spoof(Words *w)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        Standin *s = words_standin(w);
        const char *to = NULL;
        bool broadcast;
        size_t i = 2;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r < 0)
                return r;
        broadcast = word_is(w, i, "broadcast");
        if (broadcast)
                i++;
        else if (word_is(w, i, "to") && w->n > 4) {
                to = w->word[i + 1];
                i += 2;
        }
        r = stranger_open(w);
        if (r < 0)
                return r;
        r = spoof_build(w, i, d, &m);
        if (r < 0)
                return r;

        if (broadcast)
                must(sd_bus_send(s->stranger, m, NULL));
        else if (to)
                must(sd_bus_send_to(s->stranger, m, to, NULL));
        else
                for (const char *name = sd_bus_track_first(s->callers); name;
                                name = sd_bus_track_next(s->callers)) {
                        _cleanup_(sd_bus_message_unrefp) sd_bus_message *copy = NULL;

                        must(spoof_build(w, i, d, &copy));
                        must(sd_bus_send_to(s->stranger, copy, name, NULL));
                }
        must(sd_bus_flush(s->stranger));
        return COMMAND_DONE;
}

/* -- What a script waits for -- */

static bool member_is_called(const void *data)
{
        const Member *member = data;

        return member->received > member->expected;
}

/* A call counts here once: the next expect-call needs a new one. */
static bool member_take_call(const void *data)
{
        Member *member = (Member *)data;

        if (!member_is_called(member))
                return false;
        member->expected = member->received;
        return true;
}

static int run_expect_call(Words *w)
{
        usec_t timeout_usec;
        Member *member;
        int r;

        r = word_timeout(w, 2, &timeout_usec);
        if (r < 0)
                return r;
        member = calls_member(words_standin(w), w->word[1]);
        if (!member)
                return script_refuse(w->script, "more than %u different methods", MEMBERS_MAX);
        return script_wait_for(w->script, member_take_call, member, timeout_usec);
}

static bool device_is_connected(const void *data)
{
        return ((const Device *)data)->connected;
}

static bool device_is_disconnected(const void *data)
{
        return !((const Device *)data)->connected;
}

static bool device_is_resolved(const void *data)
{
        return ((const Device *)data)->resolved;
}

static bool device_is_notifying(const void *data)
{
        const Characteristic *c = device_measurement((Device *)data, NULL, 0);

        return c && characteristic_has_subscriber(c);
}

static bool device_is_pacing(const void *data)
{
        const Characteristic *c = device_pace((Device *)data);

        return c && characteristic_has_subscriber(c);
}

static bool device_is_known(const void *data)
{
        return ((const Device *)data)->exported;
}

static bool device_is_removed(const void *data)
{
        return !((const Device *)data)->exported;
}

static bool adapter_is_registered(const void *data)
{
        return adapter_has_registration(data);
}

static bool adapter_is_discovering(const void *data)
{
        return ((const Adapter *)data)->discovering;
}

static bool adapter_is_quiet(const void *data)
{
        return !((const Adapter *)data)->discovering;
}

static bool adapter_is_ready(const void *data)
{
        return ((const Adapter *)data)->exported && ((const Adapter *)data)->powered;
}

static int run_expect(Words *w)
{
        static const struct {
                const char *name;
                bool of_adapter;
                bool (*condition)(const void *data);
        } conditions[] = {
                { "connected", false, device_is_connected },
                { "disconnected", false, device_is_disconnected },
                { "resolved", false, device_is_resolved },
                { "notifying", false, device_is_notifying },
                { "pacing", false, device_is_pacing },
                { "known", false, device_is_known },
                { "removed", false, device_is_removed },
                { "registered", true, adapter_is_registered },
                { "discovering", true, adapter_is_discovering },
                { "quiet", true, adapter_is_quiet },
                { "ready", true, adapter_is_ready },
        };
        usec_t timeout_usec;
        Adapter *a = NULL;
        Device *d = NULL;
        int r;

        r = word_timeout(w, 3, &timeout_usec);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(conditions); i++) {
                if (!word_is(w, 1, conditions[i].name))
                        continue;
                r = conditions[i].of_adapter ? word_adapter(w, 2, &a) : word_device(w, 2, &d);
                if (r < 0)
                        return r;
                return script_wait_for(
                                w->script, conditions[i].condition, a ? (void *)a : (void *)d, timeout_usec);
        }
        return script_refuse(w->script, "nothing to expect: %s", w->word[1]);
}

const Command behaviour_commands[] = {
        { "order", 1, 2, run_order, "gatt-first|resolved-first|resolved-without-gatt [TIMES]" },
        { "set", 2, 2, run_set, "SETTING VALUE" },
        { "duplicate", 1, 1, run_duplicate, "N" },
        { "fail", 2, 4, run_fail, "MEMBER ERROR [MESSAGE] [TIMES]" },
        { "delay", 2, 2, run_delay, "MEMBER DURATION" },
        { "never", 1, 2, run_never, "MEMBER [TIMES]" },
        { "normal", 1, 1, run_normal, "MEMBER|all" },
        { "spoof", 2, WORDS_MAX, run_spoof,
                        "ADDRESS [to NAME|broadcast] value BYTE...|connected yes|no|removed" },
        { "expect-call", 1, 2, run_expect_call, "MEMBER [DURATION]" },
        { "expect", 2, 3, run_expect, "STATE ADDRESS|ID [DURATION]" },
        { .name = NULL },
};
