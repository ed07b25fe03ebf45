/* SPDX-License-Identifier: MIT */
/* One strap on one adapter. The daemon's pauses are tested by a lower bound on the whole time of a row of attempts, which a
 * busy machine can only make longer. Times are CLOCK_BOOTTIME. */

#include "bluez-fixture.h"

#include <string.h>
#include <time.h>

void bluez_begin(Harness *h, const char *config)
{
        harness_standin(h, "adapter add hci0 powered");
        harness_standin(h, "expect ready hci0 10s");
        harness_daemon_start(h, config, DAEMON_SYSTEM);
        harness_standin(h, "expect registered hci0 10s");
}

void bluez_begin_by_clock(Harness *h, const char *config)
{
        harness_clock_begin(h);
        bluez_begin(h, config);
}

void bluez_strap_live(Harness *h)
{
        harness_standin(h, "strap add hci0 " STRAP " \"Test strap\" trusted");
        harness_standin(h, "advertise " STRAP);
        harness_standin(h, "expect notifying " STRAP " 10s");
        bluez_send(h, 61);
        bluez_wait_state(h, "live");
}

void bluez_strap_steady(Harness *h)
{
        bluez_strap_live(h);
        for (unsigned i = 0; i < 6; i++) {
                harness_clock_pass(h, 300 * USEC_PER_MSEC);
                bluez_send(h, 61 + (i + 1) % 2);
        }
}

void bluez_wait_state(Harness *h, const char *state)
{
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "State", state, SOON_USEC);
}

void bluez_wait_announced(Harness *h, const char *text)
{
        for (;;) {
                sd_bus_message *m = harness_pass_until_signal(
                                h, "org.freedesktop.DBus.Properties", "PropertiesChanged", SOON_USEC);
                _cleanup_free_ char *announced = harness_message_text(m);

                if (strstr(announced, text))
                        return;
        }
}

bool bluez_sensor_exists(Harness *h, const char *path)
{
        _cleanup_free_ char *address = harness_property(h, path, CARDIO_SENSOR_INTERFACE, "Address");

        return address;
}

static bool sensor_is_gone(Harness *h, void *userdata)
{
        return !bluez_sensor_exists(h, userdata);
}

void bluez_wait_no_sensor(Harness *h, const char *path)
{
        if (!harness_wait(h, sensor_is_gone, (void *)path, SOON_USEC))
                harness_fail(h, "%s is still there", path);
}

void bluez_send(Harness *h, unsigned heart_rate)
{
        char text[16];

        (void)snprintf(text, sizeof(text), "%u", heart_rate);
        harness_standin(h, "hr " STRAP " %s", text);
        harness_wait_property(h, STRAP_SENSOR, CARDIO_SENSOR_INTERFACE, "HeartRate", text, SOON_USEC);
}

void bluez_lose_contact(Harness *h, const char *packet)
{
        harness_standin(h, "hr " STRAP " %s", packet);
        harness_clock_pass(h, 3500 * USEC_PER_MSEC);
        harness_standin(h, "hr " STRAP " %s", packet);
}

void bluez_assert_calls(Harness *h, const char *pattern, unsigned expected)
{
        unsigned n = harness_calls(h, pattern);

        if (n != expected)
                harness_fail(h, "%u times '%s', expected %u", n, pattern, expected);
}

/* -- Somebody else on the machine -- */

void bluez_call(Harness *h, const char *path, const char *interface, const char *member)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (sd_bus_call_method(harness_bus(h, BUS_SYSTEM), BLUEZ_BUS_NAME, path, interface, member, &error,
                            NULL, NULL) < 0)
                harness_fail(h, "%s: %s", member, error.message);
}

void bluez_set_trusted(Harness *h, bool trusted)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (sd_bus_set_property(harness_bus(h, BUS_SYSTEM), BLUEZ_BUS_NAME, STRAP_DEVICE,
                            BLUEZ_DEVICE_INTERFACE, "Trusted", &error, "b", trusted) < 0)
                harness_fail(h, "Trusted: %s", error.message);
}

void bluez_discover(Harness *h)
{
        bluez_call(h, ADAPTER, BLUEZ_ADAPTER_INTERFACE, "StartDiscovery");
        harness_standin(h, "expect known " STRAP " 10s");
}

usec_t bluez_now_usec(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_BOOTTIME, &ts); /* it exists since Linux 2.6.39 */
        return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

static pid_t connection_pid(sd_bus *bus, const char *name)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        pid_t pid = 0;

        if (sd_bus_get_name_creds(bus, name, SD_BUS_CREDS_PID, &creds) >= 0)
                (void)sd_bus_creds_get_pid(creds, &pid);
        return pid;
}

static bool is_client(sd_bus *bus, const char *name, const char *served)
{
        return name[0] == ':' && strcmp(name, served) != 0 &&
               connection_pid(bus, name) == connection_pid(bus, served);
}

char *bluez_client(Harness *h)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);
        char **names = NULL, *client = NULL;
        const char *served;

        assert_true(sd_bus_get_name_creds(bus, CARDIO_BUS_NAME, SD_BUS_CREDS_UNIQUE_NAME, &creds) >= 0);
        assert_true(sd_bus_creds_get_unique_name(creds, &served) >= 0);
        assert_true(sd_bus_list_names(bus, &names, NULL) >= 0);
        for (char **name = names; *name; name++) {
                if (!client && is_client(bus, *name, served))
                        client = strdup(*name);
                free(*name);
        }
        free(names);
        assert_non_null(client);
        return client;
}
