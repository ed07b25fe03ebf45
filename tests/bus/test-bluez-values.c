/* SPDX-License-Identifier: MIT */
/* What a strap sends becomes State and Contact, heart rates and R-R intervals; what is announced of it and what is not. That
 * a value did not count is shown by the next one. By a clock of the test's own. */

#include "bluez-fixture.h"

#include <string.h>

#define MEASUREMENT STRAP_DEVICE "/service0020/char0021"
#define PROPERTIES  "org.freedesktop.DBus.Properties"

/* The heart rates of all Measurement signals so far, as in "61,62". To be freed. */
static char *take_heart_rates(Harness *h)
{
        char *text = strdup("");

        assert_non_null(text);
        while (harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement") > 0) {
                sd_bus_message *m = harness_wait_signal(h, CARDIO_SENSOR_INTERFACE, "Measurement", SOON_USEC);
                char *longer;
                uint64_t realtime_usec;
                uint16_t heart_rate;

                assert_true(sd_bus_message_read(m, "tq", &realtime_usec, &heart_rate) >= 0);
                assert_true(asprintf(&longer, "%s%s%u", text, text[0] ? "," : "", heart_rate) > 0);
                free(text);
                text = longer;
        }
        return text;
}

static void assert_heart_rates(Harness *h, const char *expected)
{
        _cleanup_free_ char *text = take_heart_rates(h);

        assert_string_equal(text, expected);
}

static void wait_sensor(Harness *h, const char *name, const char *expected)
{
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, name, expected, SOON_USEC);
}

static void subscribe(Harness *h)
{
        assert_int_equal(harness_call(h, NULL, NULL, "Subscribe", NULL), 0);
}

/* -- State -- */

static void test_state(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG "[sensor]\nstale-after = 4s\n");
        harness_standin(h, "set resolving manual");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        bluez_wait_state(h, "absent");
        harness_standin(h, "advertise " STRAP);
        bluez_wait_announced(h, "State connecting");
        harness_standin(h, "resolve " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        harness_standin(h, "hr " STRAP " 61");
        bluez_wait_announced(h, "State live");
        bluez_lose_contact(h, "61 contact no");
        bluez_wait_announced(h, "State no-contact");
        wait_sensor(h, "HeartRate", "0");
        harness_standin(h, "hr " STRAP " 62");
        bluez_wait_announced(h, "State live");
        bluez_wait_announced(h, "State stale");
        wait_sensor(h, "HeartRate", "0");
        harness_standin(h, "hr " STRAP " 63");
        bluez_wait_announced(h, "State live");
        harness_standin(h, "leave " STRAP);
        bluez_wait_announced(h, "State absent");
        wait_sensor(h, "HeartRate", "0");
}

/* Connected, and then never a value: on its way at first, then stale. */
static void test_state_without_a_value(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG "[sensor]\nstale-after = 1s\n");
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        bluez_wait_state(h, "absent");
        harness_standin(h, "advertise " STRAP);
        bluez_wait_announced(h, "State connecting");
        bluez_wait_announced(h, "State stale");
}

/* The same value in so many packets, no two of them alike, and never an R-R interval. */
static void send_same(Harness *h, unsigned heart_rate, unsigned n)
{
        for (unsigned i = 0; i < n; i++) {
                harness_standin(h, "raw " STRAP " 00 %02x %02x", heart_rate, i);
                harness_clock_pass(h, 40 * USEC_PER_MSEC);
        }
}

/* Of what has been announced until now nothing has this text. Beats may be said to be more than they were, every 20 s. */
static void refute_announced(Harness *h, const char *text)
{
        while (harness_count_signals(h, PROPERTIES, "PropertiesChanged") > 0) {
                _cleanup_free_ char *announced = harness_message_text(
                                harness_wait_signal(h, PROPERTIES, "PropertiesChanged", SOON_USEC));

                if (strstr(announced, text))
                        harness_fail(h, "%s was announced", announced);
        }
}

/* One value again and again without an R-R interval: for long enough, and often enough. */
static void test_frozen(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG "[sensor]\nfrozen-after = 1s\n");
        bluez_strap_live(h);
        send_same(h, 80, 59);
        bluez_send(h, 81);
        bluez_wait_state(h, "live");
        harness_clear_signals(h);
        send_same(h, 80, 60);
        bluez_wait_announced(h, "State stale");
        send_same(h, 81, 1);
        bluez_wait_announced(h, "State live");
        send_same(h, 81, 60);
        bluez_wait_announced(h, "State stale");
        /* A steady heart is not frozen. */
        harness_clock_step(h, 125 * USEC_PER_MSEC);
        harness_standin(h, "pace 250ms");
        harness_standin(h, "stream " STRAP " 81");
        bluez_wait_announced(h, "State live");
        harness_clear_signals(h);
        harness_clock_pass(h, 2500 * USEC_PER_MSEC);
        refute_announced(h, "State ");
        bluez_wait_state(h, "live");
}

static void test_contact(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        subscribe(h);
        bluez_strap_live(h);
        wait_sensor(h, "Contact", "unsupported");
        harness_standin(h, "hr " STRAP " 90 contact yes");
        wait_sensor(h, "Contact", "yes");
        /* One odd packet is nothing. */
        harness_standin(h, "hr " STRAP " 91 contact no");
        harness_standin(h, "hr " STRAP " 93 contact yes");
        wait_sensor(h, "HeartRate", "93");
        wait_sensor(h, "Contact", "yes");
        bluez_wait_state(h, "live");
        bluez_lose_contact(h, "91 contact no");
        wait_sensor(h, "Contact", "no");
        bluez_wait_state(h, "no-contact");
        harness_standin(h, "hr " STRAP " 0 contact yes");
        wait_sensor(h, "Contact", "yes");
        bluez_wait_state(h, "no-contact");
        harness_standin(h, "hr " STRAP " 92");
        wait_sensor(h, "Contact", "unsupported");
        bluez_wait_state(h, "live");
        assert_heart_rates(h, "61,90,93,92");
}

static void test_contact_that_lies(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG "[sensor]\ntrust-contact = no\n");
        subscribe(h);
        bluez_strap_live(h);
        harness_standin(h, "hr " STRAP " 90 contact no");
        wait_sensor(h, "Contact", "no");
        bluez_wait_state(h, "live");
        bluez_lose_contact(h, "0 contact no");
        bluez_wait_state(h, "no-contact");
        bluez_send(h, 91);
        assert_heart_rates(h, "61,90,91");
}

/* -- What counts -- */

static void test_bounds(Harness *h)
{
        static const unsigned heart_rates[] = { 0, 24, 25, 26, 249, 250, 251, 255, 256, 1000, 32768, 65535 };

        bluez_begin(h, BLUEZ_CONFIG);
        subscribe(h);
        bluez_strap_live(h);
        for (size_t i = 0; i < ELEMENTSOF(heart_rates); i++)
                harness_standin(h, "hr " STRAP " %u wide", heart_rates[i]);
        harness_standin(h, "hr " STRAP " 24");
        harness_standin(h, "hr " STRAP " 251");
        bluez_send(h, 100);
        assert_heart_rates(h, "61,25,26,249,250,100");
}

/* Flags 0x1f: 16 bits, contact, energy, R-R. Cut off at any length it is refused, or has fewer intervals. */
static void test_truncated(Harness *h)
{
        static const char *const bytes[] = { "1f", "78", "00", "01", "02", "00", "04", "10", "04" };
        char text[64] = "";

        bluez_begin(h, BLUEZ_CONFIG);
        subscribe(h);
        bluez_strap_live(h);
        for (size_t i = 0; i < ELEMENTSOF(bytes); i++) {
                harness_standin(h, "raw " STRAP "%s", text);
                (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", bytes[i]);
        }
        harness_standin(h, "raw " STRAP "%s", text);
        bluez_send(h, 100);
        /* 5 bytes and more have energy and heart rate. */
        assert_heart_rates(h, "61,120,120,120,120,120,100");

        /* 8 bits with all of the rest. */
        harness_standin(h, "raw " STRAP " 1e");
        harness_standin(h, "raw " STRAP " 1e 79");
        harness_standin(h, "raw " STRAP " 1e 79 01");
        harness_standin(h, "raw " STRAP " 01 79");
        bluez_send(h, 101);
        assert_heart_rates(h, "101");
}

static void test_strange_packets(Harness *h)
{
        char longest[16 + 3 * 510 + 1] = "10 6e";

        bluez_begin(h, BLUEZ_CONFIG);
        subscribe(h);
        bluez_strap_live(h);
        harness_standin(h, "raw " STRAP " e0 6f");             /* reserved bits */
        harness_standin(h, "raw " STRAP " f0 70 00 04 00");    /* … with an odd trailing byte */
        harness_standin(h, "raw " STRAP " 00 71 de ad be ef"); /* more bytes than the flags announce */
        harness_standin(h, "raw " STRAP " 10 72");             /* R-R announced, none there */
        harness_standin(h, "raw " STRAP " ff ff ff ff ff");    /* 65535 bpm */
        for (unsigned i = 0; i < 510; i++)
                (void)strcat(longest, " 03");
        harness_standin(h, "raw " STRAP " %s", longest);
        bluez_send(h, 100);
        assert_heart_rates(h, "61,111,112,113,114,110,100");
        bluez_wait_state(h, "live");
}

/* Each notification arrives once for each client that has subscribed, and bluetoothd may repeat itself. */
static void test_duplicate_broadcasts(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        subscribe(h);
        bluez_strap_live(h);
        bluez_call(h, MEASUREMENT, BLUEZ_CHARACTERISTIC_INTERFACE, "StartNotify");
        harness_standin(h, "duplicate 3");
        bluez_send(h, 70);
        harness_standin(h, "hr " STRAP " 71 rr 800 810");
        harness_standin(h, "hr " STRAP " 71 rr 800 811");
        bluez_send(h, 72);
        assert_heart_rates(h, "61,70,71,71,72");
}

/* A steady heart rate repeats itself. */
static void test_identical_packets(Harness *h)
{
        bluez_begin(h, BLUEZ_CONFIG);
        subscribe(h);
        bluez_strap_live(h);
        harness_clear_signals(h);
        for (unsigned i = 0; i < 3; i++) {
                harness_standin(h, "hr " STRAP " 75 rr 819");
                (void)harness_wait_signal(h, CARDIO_SENSOR_INTERFACE, "Measurement", SOON_USEC);
                harness_clock_pass(h, USEC_PER_SEC);
        }
        bluez_send(h, 76);
        assert_heart_rates(h, "76");
}

/* -- What is announced of it -- */

static void test_properties_are_announced(Harness *h)
{
        static const char *const announced[] = { "Contact yes", "BodyLocation chest", "BatteryPercentage 90",
                "BatteryPercentage 55", "Trusted false", "State absent" };
        static const char *const silent[] = { "HeartRate", "Zone" };
        bool seen[ELEMENTSOF(announced)] = { false };

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted paired");
        bluez_wait_state(h, "absent");
        wait_sensor(h, "Address", STRAP);
        wait_sensor(h, "Name", "Test strap");
        wait_sensor(h, "Trusted", "true");
        wait_sensor(h, "BodyLocation", "");
        wait_sensor(h, "BatteryPercentage", "255");
        wait_sensor(h, "HeartRate", "0");
        harness_clear_signals(h);

        harness_standin(h, "advertise " STRAP);
        wait_sensor(h, "BodyLocation", "chest");
        harness_standin(h, "hr " STRAP " 100 contact yes");
        wait_sensor(h, "HeartRate", "100");
        wait_sensor(h, "SmoothedHeartRate", "100");
        wait_sensor(h, "Zone", "0");
        harness_standin(h, "hr " STRAP " 190 contact yes");
        wait_sensor(h, "HeartRate", "190");
        wait_sensor(h, "SmoothedHeartRate", "145");
        wait_sensor(h, "Zone", "2");
        wait_sensor(h, "BatteryPercentage", "90");
        harness_standin(h, "battery " STRAP " 55");
        wait_sensor(h, "BatteryPercentage", "55");
        harness_standin(h, "battery " STRAP " 200"); /* no percentage */
        bluez_set_trusted(h, false);
        wait_sensor(h, "Trusted", "false");
        wait_sensor(h, "BatteryPercentage", "55");
        harness_standin(h, "leave " STRAP);
        bluez_wait_state(h, "absent");

        while (harness_count_signals(h, PROPERTIES, "PropertiesChanged") > 0) {
                _cleanup_free_ char *text = harness_message_text(
                                harness_wait_signal(h, PROPERTIES, "PropertiesChanged", SOON_USEC));

                for (size_t i = 0; i < ELEMENTSOF(announced); i++)
                        seen[i] = seen[i] || strstr(text, announced[i]);
                for (size_t i = 0; i < ELEMENTSOF(silent); i++)
                        assert_null(strstr(text, silent[i]));
        }
        for (size_t i = 0; i < ELEMENTSOF(announced); i++)
                if (!seen[i])
                        harness_fail(h, "never announced: %s", announced[i]);
        harness_wait_sql(h, "SELECT address, name, body_location, battery FROM sensor",
                        STRAP "|Test strap|chest|55", SOON_USEC);
}

/* Everything about a new strap is announced at once. */
static void test_new_sensor_is_announced(Harness *h)
{
        _cleanup_free_ char *text = NULL;

        bluez_begin(h, BLUEZ_CONFIG);
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        text = harness_message_text(harness_wait_signal(
                        h, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", SOON_USEC));
        assert_non_null(strstr(text, STRAP_SENSOR));
        assert_non_null(strstr(text, "Name Test strap"));
        assert_non_null(strstr(text, "Trusted true"));
        assert_non_null(strstr(text, "State absent"));
}

static void test_measurement_signal(Harness *h)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *other = NULL;
        _cleanup_free_ char *text = NULL;
        sd_bus_message *m;

        bluez_begin(h, BLUEZ_CONFIG);
        bluez_strap_live(h);
        bluez_send(h, 62);
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), 0);

        /* Somebody else subscribes, twice, and leaves without a word. */
        other = harness_bus_open(h, BUS_SYSTEM);
        for (int i = 0; i < 2; i++)
                assert_true(sd_bus_call_method(other, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                            CARDIO_MANAGER_INTERFACE, "Subscribe", NULL, NULL, NULL) >= 0);
        harness_standin(h, "hr " STRAP " 100 rr 614 620 wide");
        m = harness_wait_signal(h, CARDIO_SENSOR_INTERFACE, "Measurement", SOON_USEC);
        assert_string_equal(sd_bus_message_get_path(m), STRAP_SENSOR);
        text = harness_message_text(m);
        /* Smoothed: the median of 61, 62 and 100. */
        assert_string_equal(strchr(text, ' '), " 100 62 0 614 620");
        other = sd_bus_flush_close_unref(other);
        bluez_send(h, 63);
        bluez_send(h, 64); /* by then the daemon knows that it has left */
        harness_clear_signals(h);
        bluez_send(h, 65);
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), 0);

        subscribe(h);
        bluez_send(h, 66);
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), 1);
        assert_int_equal(harness_call(h, NULL, NULL, "Unsubscribe", NULL), 0);
        harness_clear_signals(h);
        bluez_send(h, 67);
        assert_int_equal(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement"), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_clock_test(test_state),
                harness_clock_test(test_state_without_a_value),
                harness_clock_test(test_frozen),
                harness_clock_test(test_contact),
                harness_clock_test(test_contact_that_lies),
                harness_clock_test(test_bounds),
                harness_clock_test(test_truncated),
                harness_clock_test(test_strange_packets),
                harness_clock_test(test_duplicate_broadcasts),
                harness_clock_test(test_identical_packets),
                harness_clock_test(test_properties_are_announced),
                harness_clock_test(test_new_sensor_is_announced),
                harness_clock_test(test_measurement_signal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
