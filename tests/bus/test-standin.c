/* SPDX-License-Identifier: MIT */

/* The stand-in for bluetoothd, compared with the behaviour of the real one: which signals, in which order, with which
 * properties in one. */

#include <stdio.h>

#include "standin-fixture.h"

#define DEVICE         "org.bluez.Device1"
#define CHARACTERISTIC "org.bluez.GattCharacteristic1"
#define FAILED         "org.bluez.Error.Failed: "

/* -- Connect and Disconnect -- */

static void test_connect(Harness *h)
{
        client_set_up(h);
        harness_standin(h, "advertise " STRAP);
        client_expect_silence(h);
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");
        client_expect_device(h, "Connected true");
        client_expect_gatt(h, "InterfacesAdded");
        client_expect_device(h,
                        "UUIDs 00001800-0000-1000-8000-00805f9b34fb 00001801-0000-1000-8000-00805f9b34fb "
                        "0000180a-0000-1000-8000-00805f9b34fb 0000180d-0000-1000-8000-00805f9b34fb ServicesResolved true");
        client_expect_signal(h, "/", "InterfacesAdded", STRAP_PATH " org.bluez.Battery1 Percentage 90");
        client_expect_silence(h);
        assert_int_equal(harness_calls(h, "call Connect " STRAP_PATH), 1);
        assert_int_equal(harness_calls(h, "call *"), 1);

        /* Once connected it is answered at once. */
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");
        client_expect_silence(h);
}

static void test_connect_silent(Harness *h)
{
        client_set_up(h);
        harness_standin(h, "set connect-timeout 30ms");
        client_expect_error(h, STRAP_PATH, DEVICE, "Connect", FAILED "le-connection-abort-by-local");
        client_expect_silence(h);
}

static void test_connect_pending(Harness *h)
{
        Answer answer;

        client_set_up(h);
        client_call_async(h, &answer, STRAP_PATH, DEVICE, "Connect", NULL);
        harness_standin(h, "expect-call Connect");
        client_expect_error(h, STRAP_PATH, DEVICE, "Connect", FAILED "Operation already in progress");
        client_expect_done(h, STRAP_PATH, DEVICE, "Disconnect");
        answer_expect(h, &answer, FAILED "br-connection-canceled");

        /* The strap may come later. */
        client_call_async(h, &answer, STRAP_PATH, DEVICE, "Connect", NULL);
        harness_standin(h, "expect-call Connect");
        harness_standin(h, "advertise " STRAP);
        answer_expect(h, &answer, NULL);
}

static void test_connect_refused(Harness *h)
{
        client_set_up(h);
        harness_standin(h, "adapter power hci0 off");
        client_expect_error(h, STRAP_PATH, DEVICE, "Connect", FAILED "Input/output error");
        client_expect_error(
                        h, STRAP_PATH, DEVICE, "Disconnect", "org.bluez.Error.NotConnected: Not Connected");
        client_expect_error(h, ADAPTER_PATH "/dev_00_00_00_00_00_00", DEVICE, "Connect",
                        "org.freedesktop.DBus.Error.UnknownObject: Unknown object '/org/bluez/hci0/dev_00_00_00_00_00_00'.");
        client_expect_error(h, STRAP_PATH, DEVICE, "ConnectDevice",
                        "org.freedesktop.DBus.Error.UnknownMethod: Method \"ConnectDevice\" doesn't exist");
}

static void test_pair(Harness *h)
{
        Answer answer;

        client_set_up(h);
        client_expect_error(h, STRAP_PATH, DEVICE, "Pair",
                        "org.bluez.Error.AuthenticationFailed: Authentication Failed");
        harness_standin(h, "adapter power hci0 off");
        client_call_async(h, &answer, STRAP_PATH, DEVICE, "Pair", NULL);
        harness_pass_time(h, 50 * USEC_PER_MSEC);
        assert_false(answer.done);
        answer_done(&answer);
}

static void test_disconnect(Harness *h)
{
        client_set_up_notifying(h);
        client_expect_done(h, STRAP_PATH, DEVICE, "Disconnect");
        client_expect_device(h, "ServicesResolved false Connected false");
        client_expect_object(h, "InterfacesRemoved", STRAP_PATH, "org.bluez.Battery1");
        client_expect_silence(h);
}

/* The object is removed while a call of it is put off: it is not the next one at that path that it reaches. */
static void test_removed_in_between(Harness *h)
{
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);
        Answer answer;

        client_set_up_notifying(h);
        harness_standin(h, "delay Disconnect 1min");
        client_call_async(h, &answer, STRAP_PATH, DEVICE, "Disconnect", NULL);
        assert_null(client_call(h, bus, ADAPTER_PATH, "org.bluez.Adapter1", "RemoveDevice", "o", STRAP_PATH));
        answer_expect(h, &answer,
                        "org.freedesktop.DBus.Error.UnknownObject: Unknown object '" STRAP_PATH "'.");

        client_expect_done(h, ADAPTER_PATH, "org.bluez.Adapter1", "StartDiscovery");
        harness_standin(h, "expect known " STRAP);
        client_expect_property(h, STRAP_PATH, DEVICE, "Trusted", "false");
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");
        harness_standin(h, "expect resolved " STRAP);
}

/* Calls of one interface of an object are carried out in the order in which they came. */
static void test_delayed(Harness *h)
{
        Answer first, second;

        client_set_up_notifying(h);
        harness_standin(h, "delay Disconnect 1min");
        client_call_async(h, &first, STRAP_PATH, DEVICE, "Disconnect", NULL);
        harness_standin(h, "expect-call Disconnect");
        harness_standin(h, "delay Disconnect 10ms");
        client_call_async(h, &second, STRAP_PATH, DEVICE, "Disconnect", NULL);
        answer_expect(h, &first, NULL);
        client_expect_device(h, "ServicesResolved false Connected false");
        answer_expect(h, &second, "org.bluez.Error.NotConnected: Not Connected");
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");

        /* Also of different methods. */
        harness_standin(h, "delay Disconnect 1min");
        client_call_async(h, &first, STRAP_PATH, DEVICE, "Disconnect", NULL);
        client_expect_property(h, STRAP_PATH, DEVICE, "Connected", "true");
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");
        answer_expect(h, &first, NULL);
        client_expect_property(h, STRAP_PATH, DEVICE, "Connected", "true");
}

static void test_order(Harness *h)
{
        client_set_up(h);
        harness_standin(h, "order resolved-first");
        harness_standin(h, "set resolving manual");
        harness_standin(h, "battery " STRAP " none");
        harness_standin(h, "connect " STRAP);
        client_expect_device(h, "Connected true");
        client_expect_silence(h);
        harness_standin(h, "resolve " STRAP);
        assert_string_equal(sd_bus_message_get_member(harness_wait_signal(h, NULL, NULL, HARNESS_TIMEOUT)),
                        "PropertiesChanged");
        client_expect_gatt(h, "InterfacesAdded");
        client_expect_silence(h);

        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "gatt " STRAP " remove");
        harness_standin(h, "order resolved-without-gatt");
        harness_standin(h, "set drop-signals 2");
        harness_standin(h, "connect " STRAP);
        harness_standin(h, "resolve " STRAP);
        harness_standin(h, "disconnect " STRAP);
        client_expect_device(h, "ServicesResolved false Connected false");
        client_expect_gatt(h, "InterfacesRemoved");
        client_expect_device(h, "Connected true");
        client_expect_device(h, "ServicesResolved true");
        client_expect_device(h, "ServicesResolved false");
        client_expect_device(h, "Connected false");
        client_expect_silence(h);
}

/* -- Notifications -- */

static void test_notifications(Harness *h)
{
        client_set_up(h);
        harness_standin(h, "advertise " STRAP);
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");
        harness_standin(h, "expect resolved " STRAP);
        harness_standin(h, "hr " STRAP " 140");
        assert_int_equal(harness_calls(h, "note lost " STRAP), 1);
        client_sync(h);
        harness_clear_signals(h);

        client_expect_done(h, HEART_RATE, CHARACTERISTIC, "StartNotify");
        client_expect_signal(h, HEART_RATE, "PropertiesChanged", CHARACTERISTIC " Notifying true ");
        client_expect_done(h, HEART_RATE, CHARACTERISTIC, "StartNotify");
        client_expect_silence(h);

        harness_standin(h, "hr " STRAP " 140");
        harness_standin(h, "hr " STRAP " 140");
        harness_standin(h, "hr " STRAP " 300 contact yes energy 258 rr 615 600");
        harness_standin(h, "hr " STRAP " 60 contact no wide");
        harness_standin(h, "raw " STRAP);
        harness_standin(h, "raw " STRAP " 00 48 ff");
        client_expect_value(h, "008c");
        client_expect_value(h, "008c");
        client_expect_value(h, "1f2c01020167025802");
        client_expect_value(h, "053c00");
        client_expect_value(h, "");
        client_expect_value(h, "0048ff");
        client_expect_silence(h);
        client_expect_property(h, HEART_RATE, CHARACTERISTIC, "Value", "0 72 255");

        client_expect_done(h, HEART_RATE, CHARACTERISTIC, "StopNotify");
        client_expect_signal(h, HEART_RATE, "PropertiesChanged", CHARACTERISTIC " Notifying false ");
        client_expect_error(h, HEART_RATE, CHARACTERISTIC, "StopNotify", FAILED "No notify session started");
        harness_standin(h, "hr " STRAP " 140");
        client_expect_silence(h);
}

static bool name_is_gone(Harness *h, void *userdata)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;

        return sd_bus_get_name_creds(harness_bus(h, BUS_SYSTEM), userdata, 0, &creds) < 0;
}

/* Each subscribed client costs one more copy for everybody. */
static void test_two_clients(Harness *h)
{
        char unique[64];
        const char *name;
        sd_bus *second;

        client_set_up_notifying(h);
        second = harness_bus_open(h, BUS_SYSTEM);
        assert_null(client_call(h, second, HEART_RATE, CHARACTERISTIC, "StartNotify", NULL));
        client_expect_signal(h, HEART_RATE, "PropertiesChanged", CHARACTERISTIC " Notifying true ");
        harness_standin(h, "hr " STRAP " 140");
        client_expect_value(h, "008c");
        client_expect_value(h, "008c");
        client_expect_silence(h);

        harness_standin(h, "duplicate 2");
        harness_standin(h, "hr " STRAP " 141");
        for (unsigned i = 0; i < 4; i++)
                client_expect_value(h, "008d");
        harness_standin(h, "duplicate 1");

        /* A client that leaves the bus is unsubscribed. */
        assert_true(sd_bus_get_unique_name(second, &name) >= 0);
        assert_true(snprintf(unique, sizeof(unique), "%s", name) > 0);
        sd_bus_close_unref(second);
        assert_true(harness_wait(h, name_is_gone, unique, HARNESS_TIMEOUT));
        client_sync(h);
        harness_standin(h, "hr " STRAP " 142");
        client_expect_value(h, "008e");
        client_expect_silence(h);
        client_expect_property(h, HEART_RATE, CHARACTERISTIC, "Notifying", "true");
}

static void test_other_characteristics(Harness *h)
{
        _cleanup_free_ char *error = NULL;

        client_set_up_notifying(h);
        harness_standin(h, "location " STRAP " 5");
        error = client_call(h, harness_bus(h, BUS_SYSTEM), BODY_LOCATION, CHARACTERISTIC, "ReadValue",
                        "a{sv}", 0);
        assert_null(error);
        client_expect_property(h, BODY_LOCATION, CHARACTERISTIC, "Value", "5");
        error = client_call(h, harness_bus(h, BUS_SYSTEM), CONTROL_POINT, CHARACTERISTIC, "WriteValue",
                        "aya{sv}", 1, 1, 0);
        assert_null(error);
        assert_int_equal(harness_calls(h, "call WriteValue " CONTROL_POINT " 01"), 1);
        client_expect_error(h, BODY_LOCATION, CHARACTERISTIC, "StartNotify",
                        "org.bluez.Error.NotSupported: Operation is not supported");
        client_sync(h);
        harness_clear_signals(h);

        harness_standin(h, "battery " STRAP " 15");
        client_expect_signal(h, STRAP_PATH, "PropertiesChanged", "org.bluez.Battery1 Percentage 15 ");
}

/* -- Lost links -- */

static void test_drop_and_return(Harness *h)
{
        client_set_up_notifying(h);
        harness_standin(h, "set resolving manual");
        harness_standin(h, "leave " STRAP);
        client_expect_device(h, "ServicesResolved false Connected false");
        client_expect_object(h, "InterfacesRemoved", STRAP_PATH, "org.bluez.Battery1");
        client_expect_silence(h);
        client_expect_property(h, HEART_RATE, CHARACTERISTIC, "Notifying", "true");
        /* While disconnected it succeeds, and nothing is signalled. */
        client_expect_done(h, HEART_RATE, CHARACTERISTIC, "StartNotify");
        client_expect_silence(h);

        /* Subscribers resume by themselves, and values come before the services are resolved. */
        harness_standin(h, "connect " STRAP);
        harness_standin(h, "hr " STRAP " 140");
        harness_standin(h, "resolve " STRAP);
        client_expect_device(h, "Connected true");
        client_expect_value(h, "008c");
        client_expect_device(h, "ServicesResolved true");
        client_expect_object(h, "InterfacesAdded", STRAP_PATH, "org.bluez.Battery1");
        client_expect_silence(h);
}

static void test_merged_edge(Harness *h)
{
        client_set_up_notifying(h);
        harness_standin(h, "disconnect " STRAP " merged");
        client_expect_device(h, "ServicesResolved false Connected true");
        client_expect_device(h, "ServicesResolved true");
        client_expect_silence(h);
}

static void test_service_changed(Harness *h)
{
        client_set_up_notifying(h);
        harness_standin(h, "gatt " STRAP " remove");
        client_expect_gatt(h, "InterfacesRemoved");
        harness_standin(h, "gatt " STRAP " add 64");
        client_expect_object(h, "InterfacesAdded", STRAP_PATH "/service0040", "org.bluez.GattService1");
        client_expect_object(h, "InterfacesAdded", STRAP_PATH "/service0040/char0041", CHARACTERISTIC);
        assert_null(client_property(h, HEART_RATE, CHARACTERISTIC, "UUID"));
        harness_standin(h, "hr " STRAP " 140");
        assert_int_equal(harness_calls(h, "note lost *"), 1);
}

/* -- Registrations -- */

static void test_register(Harness *h)
{
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);
        unsigned queries = 0;
        Answer answer;

        client_set_up(h);
        harness_standin(h, "advertise " STRAP);
        profile_export(h, bus, UUID_HEART_RATE_SERVICE, &queries);
        profile_register(h, &answer);
        assert_int_equal(queries, 0);
        answer_expect(h, &answer, NULL);
        assert_int_equal(queries, 1);
        harness_standin(h, "expect registered hci0");
        harness_standin(h, "expect resolved " STRAP);

        profile_register(h, &answer);
        answer_expect(h, &answer, "org.bluez.Error.AlreadyExists: Already Exists");

        /* It comes back by itself when it was lost, */
        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "expect connected " STRAP);
        harness_standin(h, "leave " STRAP);
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect resolved " STRAP);
        harness_standin(h, "adapter power hci0 off");
        harness_standin(h, "expect disconnected " STRAP);
        harness_standin(h, "adapter power hci0 on");
        harness_standin(h, "expect resolved " STRAP);
        assert_int_equal(harness_calls(h, "call Connect *"), 0);

        /* but not after our own Disconnect(), until there is a new registration. */
        client_expect_done(h, STRAP_PATH, DEVICE, "Disconnect");
        harness_standin(h, "wait 50ms");
        client_expect_property(h, STRAP_PATH, DEVICE, "Connected", "false");
        assert_null(client_call(h, bus, ADAPTER_PATH, "org.bluez.GattManager1", "UnregisterApplication", "o",
                        "/profile"));
        profile_register(h, &answer);
        answer_expect(h, &answer, NULL);
        harness_standin(h, "expect resolved " STRAP);
}

static void test_register_refused(Harness *h)
{
        _cleanup_free_ char *error = NULL;
        unsigned queries = 0;
        Answer answer;

        client_set_up(h);
        profile_export(h, harness_bus(h, BUS_SYSTEM), "0000180f-0000-1000-8000-00805f9b34fb", &queries);
        profile_register(h, &answer);
        answer_expect(h, &answer, FAILED "No object received");
        assert_int_equal(queries, 1);
        error = client_call(h, harness_bus(h, BUS_SYSTEM), ADAPTER_PATH, "org.bluez.GattManager1",
                        "UnregisterApplication", "o", "/profile");
        assert_string_equal(error, "org.bluez.Error.DoesNotExist: Does Not Exist");
}

static void test_registration_ends_with_its_client(Harness *h)
{
        unsigned queries = 0;
        Answer answer;

        client_set_up(h);
        profile_export(h, harness_bus(h, BUS_SYSTEM), UUID_HEART_RATE_SERVICE, &queries);
        profile_register(h, &answer);
        answer_expect(h, &answer, NULL);
        harness_bus_stop(h, BUS_SYSTEM);
        harness_bus_start(h, BUS_SYSTEM);
        harness_standin(h, "bluetoothd start");
        harness_standin(h, "expect ready hci0");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "wait 50ms");
        client_expect_property(h, STRAP_PATH, DEVICE, "Connected", "false");
}

/* What bluetooth.conf forbids is forbidden here: nobody may call what a client has beside its profile. */
static void test_policy(Harness *h)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *second = harness_bus_open(h, BUS_SYSTEM);
        const char *name;

        assert_true(sd_bus_get_unique_name(harness_bus(h, BUS_SYSTEM), &name) >= 0);
        assert_true(sd_bus_call_method(second, name, "/profile", "org.bluez.GattProfile1", "Anything", &error,
                                    NULL, NULL) < 0);
        assert_string_equal(error.name, SD_BUS_ERROR_ACCESS_DENIED);
        sd_bus_close_unref(second);
}

/* -- bluetoothd, adapters, discovery -- */

static void test_adapter_power(Harness *h)
{
        client_set_up_notifying(h);
        harness_standin(h, "adapter power hci0 off");
        client_expect_device(h, "ServicesResolved false Connected false");
        client_expect_object(h, "InterfacesRemoved", STRAP_PATH, "org.bluez.Battery1");
        client_expect_signal(h, ADAPTER_PATH, "PropertiesChanged", "org.bluez.Adapter1 Powered false ");
        assert_null(client_call(h, harness_bus(h, BUS_SYSTEM), ADAPTER_PATH, PROPERTIES, "Set", "ssv",
                        "org.bluez.Adapter1", "Powered", "b", 1));
        client_expect_signal(h, ADAPTER_PATH, "PropertiesChanged", "org.bluez.Adapter1 Powered true ");
        client_expect_silence(h);

        harness_standin(h, "adapter remove hci0");
        client_expect_gatt(h, "InterfacesRemoved");
        client_expect_object(h, "InterfacesRemoved", STRAP_PATH, DEVICE);
        client_expect_object(h, "InterfacesRemoved", ADAPTER_PATH, "org.bluez.Adapter1");
        harness_standin(h, "adapter add hci0 powered");
        client_expect_object(h, "InterfacesAdded", ADAPTER_PATH, "org.bluez.Adapter1");
        client_expect_object(h, "InterfacesAdded", STRAP_PATH, DEVICE);
}

static void test_killed(Harness *h)
{
        client_set_up_notifying(h);
        harness_standin(h, "bluetoothd kill");
        client_expect_silence(h);
        harness_standin(h, "hr " STRAP " 140");
        assert_int_equal(harness_calls(h, "note lost *"), 1);

        /* The link has stayed up in the kernel, and nothing will ever resolve it. */
        harness_standin(h, "bluetoothd start");
        harness_standin(h, "expect ready hci0");
        client_expect_property(h, STRAP_PATH, DEVICE, "Connected", "true");
        client_expect_property(h, STRAP_PATH, DEVICE, "ServicesResolved", "false");
        assert_null(client_property(h, HEART_RATE, CHARACTERISTIC, "UUID"));
        harness_standin(h, "wait 50ms");
        client_expect_property(h, STRAP_PATH, DEVICE, "ServicesResolved", "false");
        client_expect_done(h, STRAP_PATH, DEVICE, "Disconnect");
        client_expect_done(h, STRAP_PATH, DEVICE, "Connect");
        harness_standin(h, "expect resolved " STRAP);
        client_expect_property(h, HEART_RATE, CHARACTERISTIC, "Notifying", "false");
}

static void test_stopped(Harness *h)
{
        client_set_up_notifying(h);
        harness_standin(h, "bluetoothd stop");
        client_expect_device(h, "ServicesResolved false Connected false");
        client_expect_object(h, "InterfacesRemoved", STRAP_PATH, "org.bluez.Battery1");
        client_expect_signal(h, ADAPTER_PATH, "PropertiesChanged", "org.bluez.Adapter1 Powered false ");
        client_expect_gatt(h, "InterfacesRemoved");
        client_expect_object(h, "InterfacesRemoved", STRAP_PATH, DEVICE);
        client_expect_object(h, "InterfacesRemoved", ADAPTER_PATH, "org.bluez.Adapter1");
        client_expect_silence(h);
        client_expect_error(h, STRAP_PATH, DEVICE, "Connect",
                        "org.freedesktop.DBus.Error.ServiceUnknown: The name org.bluez was not provided by any .service files");

        harness_standin(h, "set adapter-delay 500ms");
        harness_standin(h, "bluetoothd start");
        assert_null(client_property(h, ADAPTER_PATH, "org.bluez.Adapter1", "Powered"));
        client_expect_object(h, "InterfacesAdded", ADAPTER_PATH, "org.bluez.Adapter1");
        client_expect_object(h, "InterfacesAdded", STRAP_PATH, DEVICE);
        client_expect_signal(h, ADAPTER_PATH, "PropertiesChanged", "org.bluez.Adapter1 Powered true ");
        client_expect_silence(h);
}

static void test_discovery(Harness *h)
{
        const char *new_path = ADAPTER_PATH "/dev_AA_BB_CC_DD_EE_02";
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);

        client_set_up(h);
        harness_standin(h, "set temporary-timeout 50ms");
        harness_standin(h, "strap add hci0 AA:BB:CC:DD:EE:02 \"\\x1b[31mNew\" random");
        harness_standin(h, "advertise AA:BB:CC:DD:EE:02");
        client_expect_silence(h);
        client_expect_done(h, ADAPTER_PATH, "org.bluez.Adapter1", "StartDiscovery");
        client_expect_signal(h, ADAPTER_PATH, "PropertiesChanged", "org.bluez.Adapter1 Discovering true ");
        client_expect_object(h, "InterfacesAdded", new_path, DEVICE);
        client_expect_property(h, new_path, DEVICE, "RSSI", "-60");
        client_expect_property(h, new_path, DEVICE, "Name", "\x1b[31mNew");
        client_expect_error(h, ADAPTER_PATH, "org.bluez.Adapter1", "StartDiscovery",
                        "org.bluez.Error.InProgress: Operation already in progress");
        client_expect_done(h, ADAPTER_PATH, "org.bluez.Adapter1", "StopDiscovery");
        client_expect_signal(h, ADAPTER_PATH, "PropertiesChanged", "org.bluez.Adapter1 Discovering false ");
        client_expect_signal(h, new_path, "PropertiesChanged", DEVICE "  RSSI");

        /* Unless it is connected to, or trusted, it is forgotten soon. */
        client_expect_object(h, "InterfacesRemoved", new_path, DEVICE);
        client_expect_done(h, ADAPTER_PATH, "org.bluez.Adapter1", "StartDiscovery");
        harness_standin(h, "expect known AA:BB:CC:DD:EE:02");
        client_expect_done(h, new_path, DEVICE, "Connect");
        client_expect_done(h, ADAPTER_PATH, "org.bluez.Adapter1", "StopDiscovery");
        assert_null(client_call(h, bus, new_path, PROPERTIES, "Set", "ssv", DEVICE, "Trusted", "b", 1));
        assert_int_equal(harness_calls(h, "call Set * org.bluez.Device1 Trusted true"), 1);
        harness_standin(h, "leave AA:BB:CC:DD:EE:02");
        harness_standin(h, "wait 100ms");
        client_expect_property(h, new_path, DEVICE, "Trusted", "true");
        client_sync(h);
        harness_clear_signals(h);
        assert_null(client_call(h, bus, ADAPTER_PATH, "org.bluez.Adapter1", "RemoveDevice", "o", new_path));
        harness_standin(h, "expect removed AA:BB:CC:DD:EE:02");
}

/* A filter is one client's; a device that one of them wants to see is signalled to all. */
static void test_discovery_filter(Harness *h)
{
        const char *keyboard = ADAPTER_PATH "/dev_AA_BB_CC_DD_EE_03";
        sd_bus *bus = harness_bus(h, BUS_SYSTEM), *other = harness_bus_open(h, BUS_SYSTEM);

        client_set_up(h);
        harness_standin(h, "strap add hci0 AA:BB:CC:DD:EE:02 New");
        harness_standin(h, "strap add hci0 AA:BB:CC:DD:EE:03 Keyboard other");
        harness_standin(h, "rssi AA:BB:CC:DD:EE:02 -81");
        harness_standin(h, "advertise AA:BB:CC:DD:EE:02");
        harness_standin(h, "advertise AA:BB:CC:DD:EE:03");
        assert_null(client_call(h, bus, ADAPTER_PATH, "org.bluez.Adapter1", "SetDiscoveryFilter", "a{sv}", 2,
                        "Transport", "s", "le", "UUIDs", "as", 1, "0000180d-0000-1000-8000-00805f9b34fb"));
        client_expect_done(h, ADAPTER_PATH, "org.bluez.Adapter1", "StartDiscovery");
        client_expect_property(h, ADAPTER_PATH "/dev_AA_BB_CC_DD_EE_02", DEVICE, "RSSI", "-81");
        assert_null(client_property(h, keyboard, DEVICE, "RSSI"));
        assert_null(client_call(h, other, ADAPTER_PATH, "org.bluez.Adapter1", "StartDiscovery", NULL));
        client_expect_property(h, keyboard, DEVICE, "RSSI", "-60");
        harness_standin(h, "rssi AA:BB:CC:DD:EE:03 -70");
        client_expect_property(h, keyboard, DEVICE, "RSSI", "-70");
        sd_bus_close_unref(other);
        client_expect_property(h, ADAPTER_PATH, "org.bluez.Adapter1", "Discovering", "true");

        /* What was asked for is lost with the power. */
        harness_standin(h, "adapter power hci0 blocked");
        client_expect_property(h, ADAPTER_PATH, "org.bluez.Adapter1", "PowerState", "off-blocked");
        client_expect_error(h, ADAPTER_PATH, "org.bluez.Adapter1", "StopDiscovery",
                        "org.bluez.Error.NotReady: Resource Not Ready");
        harness_standin(h, "adapter power hci0 on");
        assert_null(client_property(h, ADAPTER_PATH, "org.bluez.Adapter1", "PowerState"));
        client_expect_error(h, ADAPTER_PATH, "org.bluez.Adapter1", "StopDiscovery",
                        "org.bluez.Error.Failed: No discovery started");
        harness_standin(h, "expect quiet hci0");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_connect),
                harness_test(test_connect_silent),
                harness_test(test_connect_pending),
                harness_test(test_connect_refused),
                harness_test(test_pair),
                harness_test(test_disconnect),
                harness_test(test_removed_in_between),
                harness_test(test_delayed),
                harness_test(test_order),
                harness_test(test_notifications),
                harness_test(test_two_clients),
                harness_test(test_other_characteristics),
                harness_test(test_drop_and_return),
                harness_test(test_merged_edge),
                harness_test(test_service_changed),
                harness_test(test_register),
                harness_test(test_register_refused),
                harness_test(test_registration_ends_with_its_client),
                harness_test(test_policy),
                harness_test(test_adapter_power),
                harness_test(test_killed),
                harness_test(test_stopped),
                harness_test(test_discovery),
                harness_test(test_discovery_filter),
        };

        return cmocka_run_group_tests_name("stand-in for bluetoothd", tests, NULL, NULL);
}
