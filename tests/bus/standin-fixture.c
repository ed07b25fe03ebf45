/* SPDX-License-Identifier: MIT */

/* A client of org.bluez with nothing but sd-bus. No clock but the harness's. */

#include "standin-fixture.h"

#include <stdio.h>
#include <string.h>

#define PROFILE_PATH "/profile"

/* -- Calls -- */

static char *call_finish(Harness *h, sd_bus *bus, sd_bus_message *m)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        char *text = NULL;

        if (sd_bus_call(bus, m, HARNESS_TIMEOUT, &error, NULL) >= 0)
                return NULL;
        if (asprintf(&text, "%s: %s", error.name, error.message) < 0)
                harness_fail(h, "no memory");
        return text;
}

static sd_bus_message *call_new(sd_bus *bus, const char *path, const char *interface, const char *member,
                const char *types, va_list arguments)
{
        sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_method_call(bus, &m, "org.bluez", path, interface, member) >= 0);
        if (types)
                assert_true(sd_bus_message_appendv(m, types, arguments) >= 0);
        return m;
}

char *client_call(Harness *h, sd_bus *bus, const char *path, const char *interface, const char *member,
                const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list arguments;

        va_start(arguments, types);
        m = call_new(bus, path, interface, member, types, arguments);
        va_end(arguments);
        return call_finish(h, bus, m);
}

void client_expect_done(Harness *h, const char *path, const char *interface, const char *member)
{
        _cleanup_free_ char *error =
                        client_call(h, harness_bus(h, BUS_SYSTEM), path, interface, member, NULL);

        if (error)
                harness_fail(h, "%s: %s", member, error);
}

void client_expect_error(
                Harness *h, const char *path, const char *interface, const char *member, const char *error)
{
        _cleanup_free_ char *text = client_call(h, harness_bus(h, BUS_SYSTEM), path, interface, member, NULL);

        assert_non_null(text);
        assert_string_equal(text, error);
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error _unused_)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);
        Answer *answer = userdata;

        answer->done = true;
        if (error && asprintf(&answer->error, "%s: %s", error->name, error->message) < 0)
                answer->error = NULL;
        return 0;
}

void client_call_async(Harness *h, Answer *answer, const char *path, const char *interface,
                const char *member, const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);
        va_list arguments;

        *answer = (Answer){ .done = false };
        va_start(arguments, types);
        m = call_new(bus, path, interface, member, types, arguments);
        va_end(arguments);
        assert_true(sd_bus_call_async(bus, &answer->slot, m, on_answer, answer, 0) >= 0);
        assert_true(sd_bus_flush(bus) >= 0);
}

static bool answer_is_done(Harness *h _unused_, void *userdata)
{
        return ((const Answer *)userdata)->done;
}

void answer_expect(Harness *h, Answer *answer, const char *error)
{
        assert_true(harness_wait(h, answer_is_done, answer, HARNESS_TIMEOUT));
        if (error) {
                assert_non_null(answer->error);
                assert_string_equal(answer->error, error);
        } else if (answer->error)
                harness_fail(h, "%s", answer->error);
        answer_done(answer);
}

void answer_done(Answer *answer)
{
        answer->slot = sd_bus_slot_unref(answer->slot);
        free(answer->error);
        answer->error = NULL;
}

/* -- Signals -- */

void client_expect_signal(Harness *h, const char *path, const char *member, const char *text)
{
        sd_bus_message *m = harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT);
        _cleanup_free_ char *found = harness_message_text(m);

        assert_string_equal(sd_bus_message_get_member(m), member);
        assert_string_equal(sd_bus_message_get_path(m), path);
        assert_string_equal(found, text);
}

void client_expect_device(Harness *h, const char *changes)
{
        _cleanup_free_ char *text = NULL;

        /* What is invalidated would follow the last blank. */
        assert_true(asprintf(&text, "org.bluez.Device1 %s ", changes) > 0);
        client_expect_signal(h, STRAP_PATH, "PropertiesChanged", text);
}

void client_expect_object(Harness *h, const char *member, const char *path, const char *first_interface)
{
        sd_bus_message *m = harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT);
        _cleanup_free_ char *found = harness_message_text(m), *begin = NULL;

        assert_true(asprintf(&begin, "%s %s", path, first_interface) > 0);
        assert_string_equal(sd_bus_message_get_member(m), member);
        assert_string_equal(sd_bus_message_get_path(m), "/");
        if (strncmp(found, begin, strlen(begin)) != 0)
                harness_fail(h, "%s: %s", member, found);
}

void client_expect_gatt(Harness *h, const char *member)
{
        const char *const characteristics[] = { HEART_RATE, BODY_LOCATION, CONTROL_POINT };
        bool added = strcmp(member, "InterfacesAdded") == 0;

        if (added)
                client_expect_object(h, member, SERVICE_PATH, "org.bluez.GattService1");
        for (size_t i = 0; i < ELEMENTSOF(characteristics); i++)
                client_expect_object(h, member, characteristics[i], "org.bluez.GattCharacteristic1");
        if (!added)
                client_expect_object(h, member, SERVICE_PATH, "org.bluez.GattService1");
}

void client_expect_value(Harness *h, const char *hex)
{
        sd_bus_message *m = harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT);
        const char *interface, *name;
        char found[256] = "";
        const uint8_t *value;
        size_t size;

        assert_string_equal(sd_bus_message_get_path(m), HEART_RATE);
        assert_true(sd_bus_message_read(m, "s", &interface) > 0);
        assert_string_equal(interface, "org.bluez.GattCharacteristic1");
        assert_true(sd_bus_message_enter_container(m, 'a', "{sv}") > 0);
        assert_true(sd_bus_message_enter_container(m, 'e', "sv") > 0);
        assert_true(sd_bus_message_read(m, "s", &name) > 0);
        assert_string_equal(name, "Value");
        assert_true(sd_bus_message_enter_container(m, 'v', "ay") > 0);
        assert_true(sd_bus_message_read_array(m, 'y', (const void **)&value, &size) >= 0);
        assert_in_range(size, 0, sizeof(found) / 2 - 1);
        for (size_t i = 0; i < size; i++)
                (void)snprintf(found + 2 * i, 3, "%02x", value[i]);
        assert_string_equal(found, hex);
}

/* The bus keeps order between two connections: a call arrives behind what came before, and so does its answer. */
void client_sync(Harness *h)
{
        _cleanup_free_ char *error = client_call(h, harness_bus(h, BUS_SYSTEM), ADAPTER_PATH,
                        "org.freedesktop.DBus.Peer", "Ping", NULL);

        /* Without a bluetoothd there is nothing to wait for. */
        if (error && strncmp(error, SD_BUS_ERROR_SERVICE_UNKNOWN, strlen(SD_BUS_ERROR_SERVICE_UNKNOWN)) != 0)
                harness_fail(h, "%s", error);
}

void client_expect_silence(Harness *h)
{
        client_sync(h);
        if (harness_count_signals(h, NULL, NULL) > 0) {
                sd_bus_message *m = harness_wait_signal(h, NULL, NULL, 0);
                _cleanup_free_ char *text = harness_message_text(m);

                harness_fail(h, "unexpected: %s %s %s", sd_bus_message_get_member(m),
                                sd_bus_message_get_path(m), text);
        }
}

/* -- Properties -- */

char *client_property(Harness *h, const char *path, const char *interface, const char *name)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        if (sd_bus_call_method(harness_bus(h, BUS_SYSTEM), "org.bluez", path, PROPERTIES, "Get", NULL, &reply,
                            "ss", interface, name) < 0)
                return NULL;
        return harness_message_text(reply);
}

void client_expect_property(
                Harness *h, const char *path, const char *interface, const char *name, const char *expected)
{
        _cleanup_free_ char *found = client_property(h, path, interface, name);

        assert_non_null(found);
        assert_string_equal(found, expected);
}

/* -- A profile -- */

static int on_profile_query(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        unsigned *queries = userdata;

        if (sd_bus_message_is_method_call(m, OBJECT_MANAGER, "GetManagedObjects"))
                (*queries)++;
        return 0;
}

static int get_uuids(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
                const char *property _unused_, sd_bus_message *reply, void *userdata,
                sd_bus_error *error _unused_)
{
        return sd_bus_message_append(reply, "as", 1, (const char *)userdata);
}

static const sd_bus_vtable profile_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUIDs", "as", get_uuids, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

void profile_export(Harness *h _unused_, sd_bus *bus, const char *uuid, unsigned *queries)
{
        assert_true(sd_bus_add_filter(bus, NULL, on_profile_query, queries) >= 0);
        assert_true(sd_bus_add_object_manager(bus, NULL, PROFILE_PATH) >= 0);
        assert_true(sd_bus_add_object_vtable(bus, NULL, PROFILE_PATH "/0", "org.bluez.GattProfile1",
                                    profile_vtable, (void *)uuid) >= 0);
}

void profile_register(Harness *h, Answer *answer)
{
        client_call_async(h, answer, ADAPTER_PATH, "org.bluez.GattManager1", "RegisterApplication", "oa{sv}",
                        PROFILE_PATH, 0);
}

/* -- The scene -- */

void client_set_up(Harness *h)
{
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "expect ready hci0");
        harness_standin(h, "strap add hci0 " STRAP " \"HRM\" trusted");
        harness_subscribe(h, BUS_SYSTEM, "type='signal',sender='org.bluez'");
}

void client_set_up_notifying(Harness *h)
{
        client_set_up(h);
        harness_standin(h, "advertise " STRAP);
        client_expect_done(h, STRAP_PATH, "org.bluez.Device1", "Connect");
        harness_standin(h, "expect resolved " STRAP);
        client_expect_done(h, HEART_RATE, "org.bluez.GattCharacteristic1", "StartNotify");
        client_sync(h);
        harness_clear_signals(h);
}
