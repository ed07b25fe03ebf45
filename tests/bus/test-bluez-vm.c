/* SPDX-License-Identifier: MIT */
/* What a real bluetoothd was first seen to do in the virtual machine (tests/vm), played by the stand-in. */

#include "bluez-fixture.h"

/* The link's socket was there before the kernel's event: bluetoothd sets Connected without a signal. Its next signal is that
 * the services are resolved. */
static void test_connected_is_not_signalled(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "set connected-signal no");
        harness_standin(h, "strap add hci0 " STRAP " \"Quick strap\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 66);
        bluez_wait_state(h, "live");

        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 67);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Connect *", 0);
}

/* A first connection, whose services stay unresolved besides: Connect() succeeds, and no signal says so. */
static void test_connect_is_done_and_not_signalled(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "set connected-signal no");
        harness_standin(h, "set resolving manual");
        harness_standin(h, "strap add hci0 " STRAP " \"Quick strap\"");
        harness_standin(h, "advertise " STRAP);
        bluez_discover(h);
        bluez_set_trusted(h, true);
        harness_standin(h, "expect-call Connect 10s");
        bluez_wait_state(h, "connecting");
        harness_standin(h, "expect connected " STRAP " 10s");
        harness_wait_calls(h, "call GetManagedObjects *", 2, SOON_USEC);

        harness_standin(h, "resolve " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 66);
        bluez_wait_state(h, "live");
        bluez_assert_calls(h, "call Connect *", 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_connected_is_not_signalled),
                harness_test(test_connect_is_done_and_not_signalled),
        };

        return cmocka_run_group_tests_name("bluez-vm", tests, NULL, NULL);
}
