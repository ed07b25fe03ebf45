/* SPDX-License-Identifier: MIT */
/* cardioctl's scan, trust and forget, with the real daemon and the stand-in BlueZ: what the runner reads, what a script
 * gets, and that nothing goes on once the program is gone. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bluez-fixture.h"
#include "ctl-fixture.h"

#define OTHER    "C0:FF:EE:00:00:02"
#define KEYBOARD "C0:FF:EE:00:00:03"
#define ROTATING "4F:FF:EE:00:00:04"

static void begin(Harness *h)
{
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        bluez_begin(h, BLUEZ_CONFIG);
}

static void add_strap(Harness *h)
{
        harness_standin(h, "strap add hci0 " STRAP " \"Polar\\x1b[2J H10\"");
        harness_standin(h, "advertise " STRAP);
}

static void expect_line(Harness *h, Child *child, const char *pattern)
{
        harness_wait_output(h, child, false, pattern, SOON_USEC);
}

/* -- scan -- */

static void test_scan(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        _cleanup_free_ char *out = NULL;
        Child *child;

        begin(h);
        harness_standin(h, "strap add hci0 " OTHER " Mine trusted");
        child = harness_program_start(h, "cardioctl", "scan", "--for", "0");
        expect_line(h, child, OTHER "       none  trusted  strap      Mine");
        add_strap(h);
        harness_standin(h, "rssi " STRAP " -71");
        expect_line(h, child, STRAP "    -?? dBm  new      strap      Polar\\?\\[2J H10");
        harness_standin(h, "strap add hci0 " KEYBOARD " Keyboard other");
        harness_standin(h, "advertise " KEYBOARD);
        assert_int_equal(harness_child_end(h, child, SIGINT), 0);
        expect_line(h, child, "`cardioctl trust " STRAP "` makes it yours: *");
        out = harness_child_output(h, child, false);
        assert_null(strstr(out, "Keyboard"));
        harness_standin(h, "expect quiet hci0 10s");

        /* What is found is not the runner's: status does not list it. */
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Strap       Mine, absent\n");
        assert_null(strstr(c.out, "Polar"));
        assert_int_equal(ctl_run(&c, "status", "--json", NULL), 0);
        ctl_assert_contains(c.out, "\"configured\": false");
}

/* On a terminal one table is redrawn in place. */
static void test_scan_on_a_terminal(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        add_strap(h);
        harness_standin(h, "strap add hci0 " OTHER " Mine trusted");
        assert_int_equal(ctl_run_terminal(&c, "scan", "--for", "2s", NULL), 0);
        ctl_assert_contains(c.out, "Looking for sensors; put yours on, or switch it on. Ctrl-C ends it.\r\n");
        ctl_assert_contains(c.out, "\033[3A\r\033[J");
        ctl_assert_contains(c.out, "Polar?[2J H10\033[0m  " STRAP "  -60 dBm  \033[1mnew");
        ctl_assert_contains(
                        c.out, "\r\033[K`cardioctl trust " STRAP "` makes it yours: recorded by itself.\r\n");
        assert_null(strstr(c.out, "\033[2J H10"));
        harness_standin(h, "expect quiet hci0 10s");
}

/* Whether it handles SIGTERM rather than being killed by it. */
static bool minds_signals(Harness *h, void *userdata)
{
        char path[64], line[128];
        unsigned long long blocked = 0;
        FILE *f;

        (void)h;
        (void)snprintf(path, sizeof(path), "/proc/%d/status", harness_child_pid(userdata));
        f = fopen(path, "re");
        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                if (strncmp(line, "SigBlk:", 7) == 0)
                        blocked = strtoull(line + 7, NULL, 16);
        (void)fclose(f);
        return blocked & (1ULL << (SIGTERM - 1));
}

static void wait_for_signals(Harness *h, Child *child)
{
        assert_true(harness_wait(h, minds_signals, child, SOON_USEC));
}

static void test_scan_as_json(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        begin(h);
        add_strap(h);
        child = harness_program_start(h, "cardioctl", "scan", "--json", "--for", "0");
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "RSSI", "-60", SOON_USEC);
        wait_for_signals(h, child);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        c.out = harness_child_output(h, child, false);
        assert_string_equal(ctl_json(&c, "$[0].address"), STRAP);
        assert_string_equal(ctl_json(&c, "$[0].name"), "Polar\033[2J H10");
        assert_string_equal(ctl_json(&c, "$[0].rssi"), "-60");
        assert_string_equal(ctl_json(&c, "$[0].trusted"), "0");
        assert_string_equal(ctl_json(&c, "$[0].configured"), "0");
        assert_string_equal(ctl_json(&c, "$[0].rotating"), "0");
        assert_string_equal(ctl_json(&c, "$[0].state"), "absent");
        assert_null(ctl_json(&c, "$[1]"));
}

/* Every device found, the straps first; names from the air have no effect on the terminal. */
static void test_scan_of_all(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        begin(h);
        add_strap(h);
        harness_standin(h, "strap add hci0 " KEYBOARD " \"Key\\x1b[2Jboard\" other");
        harness_standin(h, "rssi " KEYBOARD " -40");
        harness_standin(h, "advertise " KEYBOARD);
        harness_standin(h, "strap add hci0 " OTHER " Hidden hidden");
        harness_standin(h, "rssi " OTHER " -50");
        harness_standin(h, "advertise " OTHER);
        assert_int_equal(ctl_run(&c, "scan", "--all", "--for", "1s", NULL), 0);
        ctl_assert_contains(c.out,
                        KEYBOARD "    -40 dBm  not known to be one             Key?[2Jboard\n" OTHER
                                 "    -50 dBm  not known to be one             Hidden\n");
        ctl_assert_contains(c.out, STRAP "    -60 dBm  new      strap      Polar?[2J H10\n");
        ctl_assert_contains(c.out, "`cardioctl trust " STRAP "` makes it yours");
        ctl_assert_contains(c.out, "Not every sensor says that it is one");
        assert_int_equal(ctl_run_terminal(&c, "scan", "--all", "--for", "1s", NULL), 0);
        ctl_assert_contains(c.out, "Key?[2Jboard");
        assert_null(strstr(c.out, "\033[2Jboard"));
        child = harness_program_start(h, "cardioctl", "scan", "--all", "--json", "--for", "0");
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "RSSI", "-60", SOON_USEC);
        wait_for_signals(h, child);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        free(c.out);
        c.out = harness_child_output(h, child, false);
        assert_string_equal(ctl_json(&c, "$[1].address"), KEYBOARD);
        assert_string_equal(ctl_json(&c, "$[1].strap"), "0");
        assert_string_equal(ctl_json(&c, "$[2].name"), "Hidden");

        /* The one that does not say so is a strap all the same. */
        assert_int_equal(harness_call(h, NULL, NULL, "Trust", "s", OTHER), 0);
        harness_wait_property(h, CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02", CARDIO_SENSOR_INTERFACE,
                        "Configured", "true", SOON_USEC);
}

static void test_scan_ends_however_it_ends(Harness *h)
{
        static const int signals[] = { SIGKILL, SIGABRT, SIGTERM, SIGHUP };

        begin(h);
        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                Child *child = harness_program_start(h, "cardioctl", "scan", "--for", "0");

                harness_standin(h, "expect discovering hci0 10s");
                (void)harness_child_end(h, child, signals[i]);
                harness_standin(h, "expect quiet hci0 10s");
        }
}

/* Broadcasts that cardiod has left the bus. */
static void lie_that_cardiod_is_gone(Harness *h)
{
        char **names = NULL;
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);

        assert_true(sd_bus_list_names(bus, &names, NULL) >= 0);
        for (char **name = names; *name; free(*name++)) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

                if (**name != ':')
                        continue;
                assert_true(sd_bus_message_new_signal(bus, &m, "/org/freedesktop/DBus",
                                            "org.freedesktop.DBus", "NameOwnerChanged") >= 0);
                assert_true(sd_bus_message_append(m, "sss", CARDIO_BUS_NAME, ":1.1", "") >= 0);
                assert_true(sd_bus_send_to(bus, m, *name, NULL) >= 0);
        }
        free(names);
        assert_true(sd_bus_flush(bus) >= 0);
}

static void test_scan_and_a_liar(Harness *h)
{
        _cleanup_free_ char *errors = NULL;
        Child *child;

        begin(h);
        child = harness_program_start(h, "cardioctl", "scan", "--for", "0");
        harness_standin(h, "expect discovering hci0 10s");
        wait_for_signals(h, child);
        add_strap(h);
        expect_line(h, child, "*" STRAP "*"); /* it has subscribed by now */
        lie_that_cardiod_is_gone(h);
        harness_standin(h, "strap add hci0 " OTHER " Mine trusted");
        expect_line(h, child, "*" OTHER "*");
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        errors = harness_child_output(h, child, true);
        assert_null(strstr(errors, "gone"));
}

static void test_scan_of_nothing(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        assert_int_equal(ctl_run(&c, "scan", "--for", "100ms", NULL), 0);
        ctl_assert_contains(c.out, "No sensor was heard.");
        assert_int_equal(ctl_run(&c, "scan", "--for", "100ms", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$"), "[]");
        assert_int_equal(ctl_run(&c, "scan", "--for", "soon", NULL), 2);
        ctl_assert_contains(c.err, "'soon' is not a length of time");
}

static void test_scan_is_refused(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        harness_daemon_start(h, BLUEZ_CONFIG, DAEMON_SYSTEM);
        assert_int_equal(ctl_run(&c, "scan", NULL), 1);
        assert_string_equal(c.err,
                        "cardioctl: BlueZ, the Bluetooth service, is not running; start it with `systemctl start bluetooth`\n");
        harness_standin(h, "adapter add hci0");
        harness_standin(h, "expect registered hci0 10s");
        assert_int_equal(ctl_run(&c, "scan", NULL), 1);
        ctl_assert_contains(c.err, "Bluetooth is switched off; switch it on with `bluetoothctl power on`");
        assert_string_equal(c.out, "");
}

static void test_daemon_goes_during_scan(Harness *h)
{
        Child *child;

        begin(h);
        child = harness_program_start(h, "cardioctl", "scan", "--for", "0");
        harness_standin(h, "expect discovering hci0 10s");
        harness_standin(h, "strap add hci0 " OTHER " Mine trusted");
        expect_line(h, child, OTHER "*");
        assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
        assert_int_equal(harness_child_end(h, child, 0), 3);
        harness_wait_output(h, child, true, "cardioctl: cardiod has just gone; start it with *", SOON_USEC);
}

/* -- trust -- */

static void test_trust(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        add_strap(h);
        harness_standin(h, "pace 100ms");
        harness_standin(h, "battery " STRAP " 12");
        harness_standin(h, "location " STRAP " 1");
        harness_standin(h, "stream " STRAP " 64");
        assert_int_equal(ctl_run(&c, "trust", "c0:ff:ee:00:00:01", NULL), 0);
        ctl_assert_contains(c.out,
                        "Connecting to " STRAP ", which may take a minute. Wear it, or switch it on.\n"
                        "Trusted. Waiting for the first heart rate.\n"
                        "Polar?[2J H10 is yours: it will be recorded by itself.\n"
                        "Heart rate  64 bpm\n"
                        "Contact     ");
        ctl_assert_contains(c.out, "Worn at     chest\nBattery     12 %: change it soon\n");
        bluez_assert_calls(h, "call Pair *", 0);

        assert_int_equal(ctl_run(&c, "trust", STRAP, "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$.address"), STRAP);
        assert_string_equal(ctl_json(&c, "$.trusted"), "1");
        assert_string_equal(ctl_json(&c, "$.state"), "live");
        assert_string_equal(ctl_json(&c, "$.heart_rate"), "64");
        assert_string_equal(ctl_json(&c, "$.battery_percentage"), "12");
}

static void test_trust_of_a_rotating_address(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        harness_standin(h, "strap add hci0 " ROTATING " Watch random");
        harness_standin(h, "advertise " ROTATING);
        harness_standin(h, "battery " ROTATING " none");
        harness_standin(h, "location " ROTATING " 200");
        harness_standin(h, "pace 100ms");
        harness_standin(h, "stream " ROTATING " 64");
        assert_int_equal(ctl_run(&c, "trust", ROTATING, NULL), 0);
        ctl_assert_contains(c.out, "Worn at     not told by this strap\nBattery     not told by this strap\n"
                                   "Its address is private and changes: it will be lost unless it is bonded, "
                                   "with `bluetoothctl pair " ROTATING "`.\n");
}

static void test_trust_without_a_heart_rate(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        begin(h);
        add_strap(h);
        /* It says what to do while there is still time for it. */
        child = harness_program_start(h, "cardioctl", "trust", STRAP, "--wait", "0");
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_lose_contact(h, "0 contact no");
        expect_line(h, child, "It does not feel your skin yet: *");
        harness_standin(h, "hr " STRAP " 66 contact yes");
        assert_int_equal(harness_child_end(h, child, 0), 0);
        expect_line(h, child, "Contact     on the skin");

        harness_standin(h, "pace 100ms");
        harness_standin(h, "stream " STRAP " 0");
        bluez_wait_state(h, "no-contact");
        assert_int_equal(ctl_run(&c, "trust", STRAP, "--wait", "300ms", NULL), 1);
        ctl_assert_contains(c.err, STRAP " is trusted, but sends no heart rate: it does not feel your skin");
        assert_int_equal(ctl_run(&c, "trust", STRAP, "--wait", "300ms", "--json", NULL), 1);
        assert_string_equal(c.out, "");
}

/* It is trusted, and then each subscription costs its link. */
static void test_trust_of_one_that_wants_to_be_paired(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        Child *child;

        begin(h);
        harness_standin(h, "strap add hci0 " STRAP " Strap");
        harness_standin(h, "encrypt " STRAP " lost");
        harness_standin(h, "advertise " STRAP);
        child = harness_program_start(h, "cardioctl", "trust", STRAP, "--wait", "0");
        expect_line(h, child, "No heart rate yet: it wants to be paired. What helps: `bluetoothctl pair*");
        assert_int_equal(ctl_run(&c, "trust", STRAP, "--wait", "300ms", "--json", NULL), 1);
        ctl_assert_contains(c.err, STRAP
                        " is trusted, but sends no heart rate: it wants to be paired. What helps: `bluetoothctl pair " STRAP
                        "`");
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "\nTrouble     Strap (" STRAP "): it wants to be paired\n");
        harness_standin(h, "pair " STRAP);
        harness_standin(h, "expect notifying " STRAP " 5s");
        harness_standin(h, "hr " STRAP " 66");
        assert_int_equal(harness_child_end(h, child, 0), 0);
        expect_line(h, child, "Strap is yours: *");
}

static void test_trust_is_refused(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        assert_int_equal(ctl_run(&c, "trust", "", NULL), 2);
        ctl_assert_contains(c.err, "accepted: its name or how that begins, or an address such as ");
        assert_int_equal(ctl_run(&c, "trust", NULL), 2);
        assert_int_equal(ctl_run(&c, "trust", STRAP, "--wait", "1", NULL), 2);

        add_strap(h);
        harness_standin(h, "fail Connect org.bluez.Error.Failed le-connection-abort-by-local");
        assert_int_equal(ctl_run(&c, "trust", STRAP, NULL), 1);
        ctl_assert_contains(c.err, "Most likely another phone or watch holds it");
        harness_standin(h, "normal all");
        harness_standin(h, "strap add hci0 " KEYBOARD " Keyboard other known");
        harness_standin(h, "advertise " KEYBOARD);
        assert_int_equal(ctl_run(&c, "trust", KEYBOARD, NULL), 4);
        ctl_assert_contains(c.err, "is not a heart-rate strap");
        harness_standin(h, "adapter power hci0 off");
        assert_int_equal(ctl_run(&c, "trust", STRAP, NULL), 1);
        ctl_assert_contains(c.err, "Bluetooth is switched off");
        harness_standin(h, "bluetoothd stop");
        assert_int_equal(ctl_run(&c, "trust", STRAP, NULL), 1);
        ctl_assert_contains(c.err, "BlueZ, the Bluetooth service, is not running");
}

static void test_trust_is_interrupted(Harness *h)
{
        Child *child;

        begin(h);
        harness_standin(h, "strap add hci0 " STRAP " \"Out of range\" known");
        child = harness_program_start(h, "cardioctl", "trust", STRAP);
        harness_wait_calls(h, "call Connect *", 1, SOON_USEC);
        assert_int_equal(harness_child_end(h, child, SIGINT), 128 + SIGINT);
        harness_wait_calls(h, "call Disconnect *", 1, SOON_USEC);
        bluez_assert_calls(h, "call Set *", 0);
}

static void test_trust_for_nothing(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        bluez_begin(h, BLUEZ_CONFIG "[sensor]\naddress = " OTHER "\n");
        add_strap(h);
        assert_int_equal(ctl_run(&c, "trust", STRAP, NULL), 1);
        ctl_assert_contains(
                        c.err, "is trusted, but will not be recorded: the configuration names another strap");
}

/* -- By name, as it is shown: whatever comes from the air in it -- */

static void test_trust_by_name(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        add_strap(h);
        harness_standin(h, "pace 100ms");
        harness_standin(h, "stream " STRAP " 64");
        /* One that is not known yet is looked for, and the search is over before it is connected. */
        assert_int_equal(ctl_run(&c, "trust", "polar?[2j", NULL), 0);
        ctl_assert_contains(c.out,
                        "Looking for polar?[2j; put it on, or switch it on.\n"
                        "Connecting to Polar?[2J H10 (" STRAP "), which may take a minute. Wear it.\n");
        ctl_assert_contains(c.out, "\nPolar?[2J H10 is yours: ");
        harness_standin(h, "expect quiet hci0 10s");

        harness_standin(h, "strap add hci0 " OTHER " \"Polar\" trusted");
        harness_wait_property(h, CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_02", CARDIO_SENSOR_INTERFACE,
                        "Trusted", "true", SOON_USEC);
        assert_int_equal(ctl_run(&c, "forget", "POL", NULL), 2);
        ctl_assert_contains(c.err, "'POL' fits 2 sensors: ");
        ctl_assert_contains(c.err, "Polar?[2J H10 (" STRAP ")");
        ctl_assert_contains(c.err, "Polar (" OTHER ")");
        bluez_assert_calls(h, "call RemoveDevice *", 0);
        /* The whole name of one is how another one begins. */
        assert_int_equal(ctl_run(&c, "forget", "polar", NULL), 0);
        assert_string_equal(c.out, "Polar (" OTHER ") is forgotten. What was recorded from it stays.\n");
        harness_standin(h, "expect removed " OTHER);
        assert_int_equal(ctl_run(&c, "forget", "Garmin", NULL), 4);
        ctl_assert_contains(c.err, "no sensor of yours has a name that begins with 'Garmin'");
}

static void test_trust_by_a_name_of_two(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        add_strap(h);
        harness_standin(h, "strap add hci0 " OTHER " Polar");
        harness_standin(h, "advertise " OTHER);
        assert_int_equal(ctl_run(&c, "trust", "pola", NULL), 2);
        ctl_assert_contains(c.err, "fits 2 sensors: ");
        ctl_assert_contains(c.err, "; say which by its address\n");
        bluez_assert_calls(h, "call Connect *", 0);
}

static void test_search_by_name_is_interrupted(Harness *h)
{
        Child *child;

        begin(h);
        child = harness_program_start(h, "cardioctl", "trust", "Polar");
        harness_standin(h, "expect discovering hci0 10s");
        wait_for_signals(h, child);
        assert_int_equal(harness_child_end(h, child, SIGINT), 1);
        harness_wait_output(h, child, true, "cardioctl: broken off; nothing has changed", SOON_USEC);
        harness_standin(h, "expect quiet hci0 10s");
}

/* -- forget -- */

static void test_forget(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        begin(h);
        bluez_strap_live(h);
        assert_int_equal(ctl_run(&c, "forget", "c0:ff:ee:00:00:01", NULL), 0);
        assert_string_equal(c.out, STRAP " is forgotten. What was recorded from it stays.\n");
        harness_standin(h, "expect removed " STRAP);
        assert_int_equal(ctl_run(&c, "status", NULL), 0);
        ctl_assert_contains(c.out, "Strap       none known; put it on, and `cardioctl setup` finds it\n");
        assert_int_equal(ctl_run(&c, "forget", STRAP, NULL), 4);
        ctl_assert_contains(c.err, "BlueZ knows no sensor " STRAP);
        assert_int_equal(ctl_run(&c, "forget", "it", NULL), 4);
        ctl_assert_contains(c.err, "no sensor of yours has a name that begins with 'it'");
}

static void test_no_daemon(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };

        assert_int_equal(ctl_run(&c, "scan", NULL), 3);
        ctl_assert_contains(c.err, "systemctl start cardiod");
        assert_int_equal(ctl_run(&c, "trust", STRAP, NULL), 3);
        ctl_assert_contains(c.err, "systemctl start cardiod");
        assert_int_equal(ctl_run(&c, "forget", STRAP, NULL), 3);
        ctl_assert_contains(c.err, "systemctl start cardiod");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_scan),
                harness_test(test_scan_on_a_terminal),
                harness_test(test_scan_as_json),
                harness_test(test_scan_of_all),
                harness_test(test_scan_ends_however_it_ends),
                harness_test(test_scan_and_a_liar),
                harness_test(test_scan_of_nothing),
                harness_test(test_scan_is_refused),
                harness_test(test_daemon_goes_during_scan),
                harness_test(test_trust),
                harness_test(test_trust_of_a_rotating_address),
                harness_test(test_trust_without_a_heart_rate),
                harness_test(test_trust_of_one_that_wants_to_be_paired),
                harness_test(test_trust_is_refused),
                harness_test(test_trust_is_interrupted),
                harness_test(test_trust_for_nothing),
                harness_test(test_trust_by_name),
                harness_test(test_trust_by_a_name_of_two),
                harness_test(test_search_by_name_is_interrupted),
                harness_test(test_forget),
                harness_test(test_no_daemon),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
