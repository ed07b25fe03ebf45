/* SPDX-License-Identifier: MIT */
/* A strap's link comes, goes and comes back in every way BlueZ has: each time the heart rate is subscribed to again, no
 * value is lost, no session is interrupted, and nothing is disconnected that works. */

#include "bluez-fixture.h"

#include <string.h>

#define MEASUREMENT    STRAP_DEVICE "/service0020/char0021"
#define OTHER_STRAP    "C0:FF:EE:00:00:02"
#define OTHER_SENSOR   CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

/* -- Services -- */

/* Drops the strap; returns when it is subscribed to again for the nth time. */
static void drop_and_return(Harness *h, unsigned n)
{
        harness_standin(h, "disconnect " STRAP);
        harness_standin(h, "expect resolved " STRAP " 10s");
        harness_wait_calls(h, "call StartNotify *", n, SOON_USEC);
}

static void test_order(Harness *h, const char *order)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "order %s", order);
        bluez_strap_live(h);
        for (unsigned i = 0; i < 3; i++) {
                drop_and_return(h, 2 + i);
                bluez_send(h, 70 + i);
        }
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call StartNotify " MEASUREMENT, 4);
        bluez_assert_calls(h, "call Disconnect *", 0);
        bluez_assert_calls(h, "call Connect *", 0);
}

static void test_gatt_first(Harness *h)
{
        test_order(h, "gatt-first");
}

static void test_resolved_first(Harness *h)
{
        test_order(h, "resolved-first");
}

/* In two signals, ServicesResolved before Connected. */
static void test_drop_in_two_signals(Harness *h)
{
        harness_standin(h, "set drop-signals 2");
        test_order(h, "gatt-first");
}

/* bluetoothd exports the services long after ServicesResolved; the daemon waits five seconds for them. */
static void test_gatt_comes_late(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "order resolved-without-gatt");
        harness_standin(h, "strap add hci0 " STRAP " \"Slow strap\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect resolved " STRAP " 10s");
        bluez_assert_calls(h, "call StartNotify *", 0);
        harness_standin(h, "gatt " STRAP " add");
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Disconnect *", 0);
}

static void test_service_changed(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "gatt " STRAP " remove");
        harness_standin(h, "gatt " STRAP " add 64");
        harness_wait_calls(h, "call StartNotify " STRAP_DEVICE "/service0040/char0041", 1, SOON_USEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call StartNotify *", 2);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* The services change while StartNotify on the path before is not answered yet. */
static void test_service_changed_in_between(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "delay StartNotify 300ms");
        harness_standin(h, "strap add hci0 " STRAP " \"Restless strap\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect-call StartNotify 10s");
        harness_standin(h, "gatt " STRAP " remove");
        harness_standin(h, "gatt " STRAP " add 64");
        harness_wait_calls(h, "call StartNotify " STRAP_DEVICE "/service0040/char0041", 1, SOON_USEC);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Disconnect *", 0);
}

/* -- StartNotify -- */

static void fail_start_notify(Harness *h, const char *error)
{
        usec_t begin_usec;

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "fail StartNotify %s 2", error);
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        begin_usec = bluez_now_usec();
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 30s");
        assert_true(bluez_now_usec() - begin_usec >= 2 * USEC_PER_SEC);
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call StartNotify *", 3);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

static void test_start_notify_fails(Harness *h)
{
        fail_start_notify(h, "org.bluez.Error.Failed \"Operation failed with ATT error: 0x0e\"");
}

static void test_start_notify_in_progress(Harness *h)
{
        fail_start_notify(h, "org.bluez.Error.InProgress \"In Progress\"");
}

/* The strap drops while StartNotify is under way: the answer, which comes after its return, is about the link before. */
static void test_drop_during_start_notify(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "delay StartNotify 300ms");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect-call StartNotify 10s");
        drop_and_return(h, 2);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call StartNotify *", 2);
}

/* An object that BlueZ does not know: the daemon queries all objects again. */
static void test_unknown_object(Harness *h)
{
        unsigned n;

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h,
                        "fail StartNotify org.freedesktop.DBus.Error.UnknownObject \"Method doesn't exist\" 1");
        n = harness_calls(h, "call GetManagedObjects /");
        bluez_strap_live(h);
        assert_true(harness_calls(h, "call GetManagedObjects /") > n);
        bluez_assert_calls(h, "call StartNotify *", 2);
}

/* -- Gone and back -- */

static bool state_was_announced(Harness *h, const char *state)
{
        _cleanup_free_ char *word = NULL;
        bool found = false;

        assert_true(asprintf(&word, "State %s", state) > 0);
        while (harness_count_signals(h, "org.freedesktop.DBus.Properties", "PropertiesChanged") > 0) {
                _cleanup_free_ char *text = harness_message_text(harness_wait_signal(
                                h, "org.freedesktop.DBus.Properties", "PropertiesChanged", SOON_USEC));

                found = found || strstr(text, word);
        }
        return found;
}

/* Connected=false is never seen; values come before the services are resolved again. */
static void test_merged_edge(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "set resolving manual");
        harness_clear_signals(h);
        harness_standin(h, "disconnect " STRAP " merged");
        bluez_send(h, 77);
        bluez_send(h, 78);
        bluez_assert_calls(h, "call StartNotify *", 1);
        harness_standin(h, "resolve " STRAP);
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        bluez_send(h, 79);
        bluez_wait_state(h, "live");
        assert_false(state_was_announced(h, "absent"));
        bluez_assert_calls(h, "call Connect *", 0);
        bluez_assert_calls(h, "call Disconnect *", 0);
}

static void test_adapter_off_and_on(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "adapter power hci0 off");
        bluez_wait_state(h, "absent");
        harness_standin(h, "adapter power hci0 on");
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Connect *", 0);
}

/* The dongle is pulled out, another one has the strap. */
static void test_adapter_is_replaced(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "adapter remove hci0");
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        (void)harness_wait_signal(h, OBJECT_MANAGER, "InterfacesRemoved", SOON_USEC);

        harness_standin(h, "adapter add hci1 powered");
        harness_standin(h, "expect registered hci1 10s");
        harness_standin(h, "strap add hci1 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "advertise hci1/" STRAP);
        harness_standin(h, "expect notifying hci1/" STRAP " 10s");
        harness_standin(h, "hr hci1/" STRAP " 62");
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate", "62", SOON_USEC);
        bluez_wait_state(h, "live");
}

/* Two adapters know the strap; the link moves from the one to the other, and the one with the link is pulled out. */
static void test_two_adapters_one_strap(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "adapter add hci1 powered");
        harness_standin(h, "expect registered hci1 10s");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "strap add hci1 " STRAP " \"Test strap\" trusted");
        for (unsigned i = 0; i < 2; i++) {
                harness_standin(h, "advertise hci0/" STRAP);
                harness_standin(h, "expect resolved hci0/" STRAP " 10s");
                harness_wait_calls(h, "call StartNotify /org/bluez/hci0/*", i + 1, SOON_USEC);
                harness_standin(h, "hr hci0/" STRAP " %u", 70 + i);
                bluez_wait_state(h, "live");
                harness_standin(h, "leave hci0/" STRAP);
                bluez_wait_state(h, "absent");

                harness_standin(h, "advertise hci1/" STRAP);
                harness_standin(h, "expect resolved hci1/" STRAP " 10s");
                bluez_wait_state(h, "connecting");
                harness_wait_calls(h, "call StartNotify /org/bluez/hci1/*", i + 1, SOON_USEC);
                harness_standin(h, "hr hci1/" STRAP " %u", 80 + i);
                bluez_wait_state(h, "live");
                if (i == 0)
                        harness_standin(h, "leave hci1/" STRAP);
                else
                        harness_standin(h, "adapter remove hci1");
                bluez_wait_state(h, "absent");
        }
}

static void test_device_is_removed(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_clear_signals(h);
        assert_true(sd_bus_call_method(harness_bus(h, BUS_SYSTEM), BLUEZ_BUS_NAME, ADAPTER,
                                    BLUEZ_ADAPTER_INTERFACE, "RemoveDevice", NULL, NULL, "o",
                                    STRAP_DEVICE) >= 0);
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        (void)harness_wait_signal(h, OBJECT_MANAGER, "InterfacesRemoved", SOON_USEC);
        harness_standin(h, "expect removed " STRAP " 10s");

        /* Set up anew, as on the first day. */
        bluez_discover(h);
        bluez_set_trusted(h, true);
        (void)harness_wait_signal(h, OBJECT_MANAGER, "InterfacesAdded", SOON_USEC);
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
}

static void test_two_straps(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        harness_standin(h, "strap add hci0 " OTHER_STRAP " \"Second strap\" trusted");
        harness_standin(h, "advertise " OTHER_STRAP);
        harness_standin(h, "expect notifying " OTHER_STRAP " 10s");
        harness_standin(h, "hr " OTHER_STRAP " 122");
        harness_wait_property(h, OTHER_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate", "122", SOON_USEC);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate", "61", SOON_USEC);
        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        harness_wait_property(h, OTHER_SENSOR, CARDIO_SENSOR_INTERFACE, "State", "live", SOON_USEC);
}

/* -- bluetoothd goes and comes, with a session running -- */

static void begin_session(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        assert_int_equal(harness_call(h, NULL, NULL, "StartSession", "s", ""), 0);
}

/* The same session has these heart rates and no others. */
static void end_session(Harness *h, const char *heart_rates)
{
        assert_int_equal(harness_call(h, NULL, NULL, "StopSession", NULL), 0);
        harness_wait_sql(h,
                        "SELECT group_concat(heart_rate) FROM (SELECT * FROM sample WHERE session_id = 1 ORDER BY t)",
                        heart_rates, SOON_USEC);
        harness_wait_sql(h, "SELECT count(*) FROM session", "1", SOON_USEC);
}

static void test_bluetoothd_stops_and_starts(Harness *h)
{
        begin_session(h);
        harness_standin(h, "bluetoothd stop");
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        harness_standin(h, "bluetoothd start");
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        end_session(h, "61,62");
        bluez_assert_calls(h, "call Connect *", 0);
}

/* It was killed, and the links went down with the adapter's power, say. Its straps are waited for, not forgotten. */
static void test_bluetoothd_is_killed(Harness *h)
{
        begin_session(h);
        harness_clear_signals(h);
        harness_standin(h, "bluetoothd kill");
        bluez_wait_state(h, "absent");
        harness_standin(h, "leave " STRAP);
        harness_standin(h, "set adapter-delay 300ms");
        harness_standin(h, "bluetoothd start");
        harness_standin(h, "expect registered hci0 10s");
        bluez_wait_state(h, "absent");
        harness_standin(h, "advertise " STRAP);
        harness_wait_calls(h, "call StartNotify *", 2, SOON_USEC);
        bluez_send(h, 62);
        bluez_wait_state(h, "live");
        assert_int_equal(harness_count_signals(h, OBJECT_MANAGER, "InterfacesRemoved"), 0);
        end_session(h, "61,62");
        bluez_assert_calls(h, "call Connect *", 0);
}

/* A strap that bluetoothd no longer has when it is back, here a temporary device, is not waited for. */
static void test_device_is_gone_after_a_kill(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG "[sensor]\naddress = " STRAP "\n");
        harness_standin(h, "strap add hci0 " STRAP " \"Temporary strap\" known");
        bluez_wait_state(h, "absent");
        harness_standin(h, "bluetoothd kill");
        harness_standin(h, "bluetoothd start");
        bluez_wait_no_sensor(h, STRAP_SENSOR);
        bluez_assert_calls(h, "call Connect *", 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_gatt_first),
                harness_test(test_resolved_first),
                harness_test(test_drop_in_two_signals),
                harness_test(test_gatt_comes_late),
                harness_test(test_service_changed),
                harness_test(test_service_changed_in_between),
                harness_test(test_start_notify_fails),
                harness_test(test_start_notify_in_progress),
                harness_test(test_drop_during_start_notify),
                harness_test(test_unknown_object),
                harness_test(test_merged_edge),
                harness_test(test_adapter_off_and_on),
                harness_test(test_adapter_is_replaced),
                harness_test(test_two_adapters_one_strap),
                harness_test(test_device_is_removed),
                harness_test(test_two_straps),
                harness_test(test_bluetoothd_stops_and_starts),
                harness_test(test_bluetoothd_is_killed),
                harness_test(test_device_is_gone_after_a_kill),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
