/* SPDX-License-Identifier: MIT */
/* The checks of Bluetooth, from BlueZ itself and the kernel: the service, adapters, and the runner's sensors. No clock. */
#include "doctor/doctor.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "memory.h"
#include "radio.h"
#include "rfkill.h"
#include "service.h"
#include "strap.h"
#include "text.h"

#define BATTERY_LOW 15
#define LOSSES_MAX  32U
/* One that sends less often is too slow for any alert. */
#define INTERVAL_SLOW_S 15

/* -- Adapters -- */

static void report_switched_off(Doctor *d, CheckResult result, const char *name, json_object *adapter)
{
        const char *state = json_text(adapter, "PowerState");
        Block block = rfkill_bluetooth();

        if (block == BLOCK_HARD)
                doctor_report(d, "adapter", result, "use that switch, or the key for flight mode",
                                "%s is blocked by a switch of this machine", name);
        else if (block == BLOCK_SOFT || (state && strcmp(state, "off-blocked") == 0))
                doctor_report(d, "adapter", result, "`rfkill unblock bluetooth`", "%s is blocked", name);
        else
                doctor_report(d, "adapter", result, "`bluetoothctl power on`", "%s is switched off", name);
}

/* Sensors connect by themselves only while no discovery runs. */
static void report_discovery(Doctor *d, const char *name)
{
        if (d->manager && json_true(d->manager, "Scanning"))
                doctor_report(d, "adapter", CHECK_WARNING, "end `cardioctl scan`, or wait until it has ended",
                                "%s is on, but while sensors are scanned for none connects by itself", name);
        else
                doctor_report(d, "adapter", CHECK_WARNING,
                                "close the program that does, such as a Bluetooth settings window, "
                                "`bluetoothctl scan on` or another app",
                                "%s is on, but another program keeps looking for devices, "
                                "and while it does no sensor connects by itself",
                                name);
}

static void check_adapters(Doctor *d, json_object *objects)
{
        unsigned n = 0, n_on = 0;
        json_object *adapter;

        json_object_object_foreach(objects, path, interfaces)
        {
                (void)path;
                if (json_object_object_get_ex(interfaces, BLUEZ_ADAPTER_INTERFACE, &adapter))
                        n_on += json_true(adapter, "Powered");
        }
        json_object_object_foreach(objects, adapter_path, its)
        {
                const char *name = strrchr(adapter_path, '/') ? strrchr(adapter_path, '/') + 1 : adapter_path;

                if (!json_object_object_get_ex(its, BLUEZ_ADAPTER_INTERFACE, &adapter))
                        continue;
                n++;
                if (!json_true(adapter, "Powered"))
                        report_switched_off(d, n_on > 0 ? CHECK_WARNING : CHECK_FAILURE, name, adapter);
                else if (json_true(adapter, "Discovering"))
                        report_discovery(d, name);
                else
                        doctor_report(d, "adapter", CHECK_OK, NULL, "%s is on", name);
        }
        if (n == 0)
                doctor_report(d, "adapter", CHECK_FAILURE,
                                rfkill_bluetooth() != BLOCK_NONE
                                                ? "`rfkill unblock bluetooth`"
                                                : "plug one in; `journalctl -k -g bluetooth` "
                                                  "has what the kernel says of it",
                                "there is no Bluetooth adapter");
}

/* -- Sensors -- */

/* What is said of each kind. */
static const struct {
        const char *silent; /* what to do if it sends nothing */
        const char *absent; /* when it will be there */
        const char *other;  /* where the configuration names another one */
} words[_SENSOR_KIND_MAX] = {
        [SENSOR_KIND_STRAP] = { "take it off and on again; its battery may be flat", "it is worn nearby",
                        "see `address` in section [sensor] of the configuration" },
        [SENSOR_KIND_FOOT_POD] = { "take some steps with it; its battery may be flat", "it is moved nearby",
                        "see `source` in section [pace] of the configuration" },
        [SENSOR_KIND_TREADMILL] = { "start the belt, and close its app on any phone",
                        "it is switched on nearby, and no app on a phone holds it",
                        "see `source` in section [pace] of the configuration" },
};

/* What a device is, only the daemon says of other than straps: not every fitness machine is a treadmill. */
static SensorKind kind_of(json_object *sensor)
{
        return strap_kind_from_string(sensor ? json_text(sensor, "Kind") : NULL);
}

static const char *check_name(json_object *sensor)
{
        return sensor_kind_to_string(kind_of(sensor));
}

static bool lists(json_object *device, const char *key, const char *wanted)
{
        for (size_t i = 0; i < json_array_length(device, key); i++) {
                const char *uuid = json_object_get_string(json_array_at(device, key, i));

                if (uuid && strcasecmp(uuid, wanted) == 0)
                        return true;
        }
        return false;
}

static json_object *sensor_of(const Doctor *d, const char *address)
{
        for (size_t i = 0; d->sensors && i < json_object_array_length(d->sensors); i++) {
                json_object *sensor = json_object_array_get_idx(d->sensors, i);
                const char *its = json_text(sensor, "Address");

                if (its && strcasecmp(its, address) == 0)
                        return sensor;
        }
        return NULL;
}

static bool has_measurement(json_object *objects, const char *device_path)
{
        size_t n = strlen(device_path);
        json_object *characteristic;

        json_object_object_foreach(objects, path, interfaces)
        {
                const char *uuid;

                if (strncmp(path, device_path, n) != 0 || path[n] != '/' ||
                                !json_object_object_get_ex(
                                                interfaces, BLUEZ_CHARACTERISTIC_INTERFACE, &characteristic))
                        continue;
                uuid = json_text(characteristic, "UUID");
                if (uuid && strcasecmp(uuid, UUID_HEART_RATE_MEASUREMENT) == 0)
                        return true;
        }
        return false;
}

/* A resolvable private address, 01 in its two highest bits, changes every few minutes; only a bond identifies its device. */
static bool is_rotating(json_object *device, const char *address)
{
        const char *type = json_text(device, "AddressType");

        return type && strcmp(type, "random") == 0 && !json_true(device, "Paired") &&
               strchr("4567", address[0]);
}

/* A link that is lost again and again, by its pattern. */
static void report_drops(Doctor *d, const char *name, json_object *sensor)
{
        uint64_t losses[LOSSES_MAX];
        size_t n = sensor ? json_array_length(sensor, "LinkLosses") : 0, first;
        LinkDrops drops;
        char last[32];
        struct tm tm;
        time_t at;

        first = n > LOSSES_MAX ? n - LOSSES_MAX : 0;
        for (size_t i = first; i < n; i++)
                losses[i - first] = (uint64_t)json_object_get_int64(json_array_at(sensor, "LinkLosses", i));
        drops = link_drops_judge(losses, n - first);
        if (drops.n == 0)
                return;
        at = (time_t)(losses[n - first - 1] / USEC_PER_SEC);
        if (!localtime_r(&at, &tm) || strftime(last, sizeof(last), "%Y-%m-%d %H:%M", &tm) == 0)
                last[0] = '\0';
        if (drops.period_s > 0)
                doctor_report(d, check_name(sensor), CHECK_WARNING, link_drops_advice(&drops),
                                "the link to %s was lost at a regular beat, about every %u s, %u times, last at %s",
                                name, drops.period_s, drops.n, last);
        else
                doctor_report(d, check_name(sensor), CHECK_WARNING, link_drops_advice(&drops),
                                "the link to %s was lost %u times within 10 min, last at %s", name, drops.n,
                                last);
}

/* The current state of a sensor that is the runner's and could be recorded. */
static void report_state(
                Doctor *d, const char *name, const char *address, json_object *sensor, bool connected)
{
        const char *state = sensor ? json_text(sensor, "State") : NULL,
                   *problem = sensor ? json_text(sensor, "LinkProblem") : NULL;
        _cleanup_free_ char *advice = link_problem_advice(problem, address);
        const char *check = check_name(sensor);
        char seen[SEEN_STRING_MAX];

        if (advice) {
                doctor_report(d, check, CHECK_FAILURE, advice, "%s: %s", name, link_problem_text(problem));
        } else if (state && strcmp(state, "no-contact") == 0) {
                doctor_report(d, check, CHECK_WARNING, "wet the electrodes and tighten it",
                                "%s is connected, but does not feel the skin", name);
        } else if (state && strcmp(state, "stale") == 0) {
                doctor_report(d, check, CHECK_WARNING, words[kind_of(sensor)].silent,
                                "%s is connected, but sends nothing new", name);
        } else if (state && strcmp(state, "live") == 0) {
                doctor_report(d, check, CHECK_OK, NULL, "%s is live", name);
        } else if (connected) {
                doctor_report(d, check, CHECK_OK, NULL, "%s is connected", name);
        } else {
                (void)doctor_last_seen(d, address, seen);
                doctor_report(d, check, CHECK_OK, NULL, "%s is not connected; it will be once %s%s%s", name,
                                words[kind_of(sensor)].absent, *seen ? "; last seen " : "", seen);
        }
}

static void report_sensor(
                Doctor *d, json_object *objects, const char *path, json_object *device, json_object *sensor)
{
        const char *address = json_text(device, "Address"), *text = json_text(device, "Name"), *name;
        const char *check = check_name(sensor);
        bool strap = kind_of(sensor) == SENSOR_KIND_STRAP;
        bool connected = json_true(device, "Connected"), resolved = json_true(device, "ServicesResolved");
        int64_t battery = sensor ? json_integer_or(sensor, "BatteryPercentage", CARDIO_BATTERY_UNKNOWN)
                                 : CARDIO_BATTERY_UNKNOWN;
        _cleanup_free_ char *advice = NULL, *full = NULL;
        double interval_s;

        if (asprintf(&full, "%s%s%s%s", text ? text : "", text ? " (" : "", address, text ? ")" : "") < 0)
                out_of_memory();
        name = full;
        if (json_true(device, "Blocked")) {
                if (asprintf(&advice, "`bluetoothctl unblock %s`", address) < 0)
                        out_of_memory();
                doctor_report(d, check, CHECK_FAILURE, advice, "%s is blocked in BlueZ", name);
        } else if (d->sensors && (!sensor || !json_true(sensor, "Configured"))) {
                doctor_report(d, check, CHECK_WARNING, words[kind_of(sensor)].other,
                                "%s is trusted, but the configuration names another one", name);
        } else if (sensor && link_problem_text(json_text(sensor, "LinkProblem"))) {
                report_state(d, name, address, sensor, connected);
        } else if (strap && connected && resolved && !has_measurement(objects, path)) {
                doctor_report(d, "strap", CHECK_FAILURE,
                                "take it off and on again; then forget it and trust it anew",
                                "%s is connected, but offers no heart rate", name);
        } else if (connected && !resolved) {
                doctor_report(d, check, CHECK_WARNING, "if it stays so, take it off and on again",
                                "%s is connected, but has not told its services yet", name);
        } else {
                report_state(d, name, address, sensor, connected);
        }

        report_drops(d, name, sensor);
        if (is_rotating(device, address)) {
                free(advice);
                if (asprintf(&advice, "`bluetoothctl pair %s` bonds it; else trust it again when it is lost",
                                    address) < 0)
                        out_of_memory();
                doctor_report(d, check, CHECK_WARNING, advice,
                                "%s changes its address, and will not be known again", name);
        }
        interval_s = doctor_usual_interval(d, address);
        if (interval_s > INTERVAL_SLOW_S)
                doctor_report(d, "strap", CHECK_WARNING,
                                "a chest strap sends one each second; some watches can be set to",
                                "%s sends a heart rate about every %.0f s, and nothing can be judged by that",
                                name, interval_s);
        if (battery <= BATTERY_LOW)
                doctor_report(d, check, CHECK_WARNING, "change it", "the battery of %s is at %d %%", name,
                                (int)battery);
}

/* The configured address is a strap even while BlueZ does not know its services. */
static bool is_own(json_object *device, json_object *sensor)
{
        bool strap = kind_of(sensor) == SENSOR_KIND_STRAP;

        return (sensor && json_true(sensor, "Configured")) ||
               ((!strap || lists(device, "UUIDs", UUID_HEART_RATE_SERVICE)) &&
                               (json_true(device, "Trusted") || json_true(device, "Paired")));
}

static void check_sensors(Doctor *d, json_object *objects)
{
        json_object *device;
        unsigned n = 0;

        json_object_object_foreach(objects, path, interfaces)
        {
                json_object *sensor;
                const char *address;

                if (!json_object_object_get_ex(interfaces, BLUEZ_DEVICE_INTERFACE, &device))
                        continue;
                address = json_text(device, "Address");
                if (!address || !*address)
                        continue;
                sensor = sensor_of(d, address);
                if (!is_own(device, sensor))
                        continue;
                report_sensor(d, objects, path, device, sensor);
                n += kind_of(sensor) == SENSOR_KIND_STRAP;
        }
        if (n == 0 && !d->brief) /* which says so of itself */
                doctor_report(d, "strap", CHECK_FAILURE,
                                "put it on, and `cardioctl setup` finds it and makes it yours",
                                "no strap is yours");
}

/* sd-bus refuses to read Unicode noncharacters, which any device nearby may have in its name: then only the daemon's sensors
 * are checked. */
static void check_sensors_only(Doctor *d)
{
        doctor_report(d, "bluez", CHECK_WARNING,
                        "cardiod minds no such name; what it says of your sensors follows",
                        "BlueZ knows a device whose name is not valid Unicode, so that adapters cannot be looked at");
        for (size_t i = 0; d->sensors && i < json_object_array_length(d->sensors); i++) {
                json_object *sensor = json_object_array_get_idx(d->sensors, i);
                const char *address = json_text(sensor, "Address"), *name = json_text(sensor, "Name");

                if (!address || !json_true(sensor, "Configured"))
                        continue;
                report_state(d, name && *name ? name : address, address, sensor, false);
                report_drops(d, name && *name ? name : address, sensor);
        }
}

void doctor_check_bluez(Doctor *d)
{
        _cleanup_error_ sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_json_ json_object *objects = NULL;
        int r;

        if (!d->system_bus)
                return; /* reported already */
        if (!service_is_there(d->system_bus, BLUEZ_BUS_NAME)) {
                doctor_report(d, "bluez", CHECK_FAILURE,
                                "`sudo systemctl enable --now bluetooth`, after installing bluez where it is missing",
                                "BlueZ, the Bluetooth service, is not running");
                return;
        }
        r = service_get_objects(d->system_bus, BLUEZ_BUS_NAME, "/", &objects, &error);
        if (r == -EBADMSG) {
                check_sensors_only(d);
                return;
        }
        if (r < 0) {
                doctor_report(d, "bluez", CHECK_FAILURE, "`sudo systemctl restart bluetooth`",
                                "BlueZ runs, but does not answer: %s",
                                error.message ? error.message : error.name);
                return;
        }
        doctor_report(d, "bluez", CHECK_OK, NULL, "BlueZ answers");
        check_adapters(d, objects);
        check_sensors(d, objects);
}
