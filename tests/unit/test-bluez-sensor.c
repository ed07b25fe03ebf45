/* SPDX-License-Identifier: MIT */
/* What a device is, whose it is, and what of it is listened to, by its services and the configuration. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bluez/internal.h"
#include "bluez/sensor.h"
#include "bluez/services.h"
#include "cardio/macro.h"

#define THIS  "C0:FF:EE:00:00:01"
#define OTHER "C0:FF:EE:00:00:02"

#define HR   SERVICE_HEART_RATE
#define POD  SERVICE_RUNNING_SPEED
#define MILL SERVICE_FITNESS_MACHINE

/* Bits by kind of measurement. */
#define HEART_RATE    (1U << MEASURE_HEART_RATE)
#define RUNNING_SPEED (1U << MEASURE_RUNNING_SPEED)
#define TREADMILL     (1U << MEASURE_TREADMILL)

typedef struct Case {
        const char *name;
        unsigned services;
        bool trusted;
        const char *address, *pace_address; /* of the configuration */
        SensorKind kind;
        bool own;
        unsigned wanted; /* that is subscribed to if it is the runner's */
} Case;

static const Case cases[] = {
        { "strap", HR, true, "", "", SENSOR_KIND_STRAP, true, HEART_RATE | RUNNING_SPEED },
        { "somebody's strap", HR, false, "", "", SENSOR_KIND_STRAP, false, HEART_RATE | RUNNING_SPEED },
        { "keyboard", 0, true, "", "", SENSOR_KIND_STRAP, false, HEART_RATE | RUNNING_SPEED },
        { "pod", POD, true, "", "", SENSOR_KIND_FOOT_POD, true, RUNNING_SPEED },
        { "somebody's pod", POD, false, "", "", SENSOR_KIND_FOOT_POD, false, RUNNING_SPEED },
        { "treadmill", MILL, true, "", "", SENSOR_KIND_TREADMILL, true, TREADMILL },
        { "treadmill that is all", HR | POD | MILL, true, "", "", SENSOR_KIND_TREADMILL, true, TREADMILL },
        { "strap with a pod", HR | POD, true, "", "", SENSOR_KIND_STRAP, true, HEART_RATE | RUNNING_SPEED },

        /* [sensor] address chooses the strap, and nothing else. */
        { "the strap", HR, false, THIS, "", SENSOR_KIND_STRAP, true, HEART_RATE | RUNNING_SPEED },
        { "the strap, services unknown", 0, false, THIS, "", SENSOR_KIND_STRAP, true,
                        HEART_RATE | RUNNING_SPEED },
        { "another strap", HR, true, OTHER, "", SENSOR_KIND_STRAP, false, HEART_RATE | RUNNING_SPEED },
        { "another strap, with a pod", HR | POD, true, OTHER, "", SENSOR_KIND_STRAP, false,
                        HEART_RATE | RUNNING_SPEED },
        { "a pod beside the strap", POD, true, OTHER, "", SENSOR_KIND_FOOT_POD, true, RUNNING_SPEED },
        { "a treadmill beside the strap", MILL | HR, true, OTHER, "", SENSOR_KIND_TREADMILL, true,
                        TREADMILL },

        /* [pace] source chooses the pod or treadmill, and nothing else. */
        { "the pod", POD, false, "", THIS, SENSOR_KIND_FOOT_POD, true, RUNNING_SPEED },
        { "the pod, services unknown", 0, false, "", THIS, SENSOR_KIND_FOOT_POD, true, RUNNING_SPEED },
        { "another pod", POD, true, "", OTHER, SENSOR_KIND_FOOT_POD, false, RUNNING_SPEED },
        { "another treadmill", MILL, true, "", OTHER, SENSOR_KIND_TREADMILL, false, TREADMILL },
        { "a strap beside the pod", HR, true, "", OTHER, SENSOR_KIND_STRAP, true, HEART_RATE },
        { "a strap beside the pod, with another", HR | POD, true, "", OTHER, SENSOR_KIND_STRAP, true,
                        HEART_RATE },
        { "somebody's strap without a pod", HR, false, "", THIS, SENSOR_KIND_STRAP, false,
                        HEART_RATE | RUNNING_SPEED },

        /* A strap's address as the source of pace: that strap's pod. */
        { "the strap's pod", HR | POD, true, "", THIS, SENSOR_KIND_STRAP, true, HEART_RATE | RUNNING_SPEED },
        { "the strap is its pod", HR | POD, false, THIS, THIS, SENSOR_KIND_STRAP, true,
                        HEART_RATE | RUNNING_SPEED },
        { "another strap's pod", HR | POD, false, OTHER, THIS, SENSOR_KIND_FOOT_POD, true, RUNNING_SPEED },
        { "lower case", POD, false, "", "c0:ff:ee:00:00:01", SENSOR_KIND_FOOT_POD, true, RUNNING_SPEED },
};

static unsigned wanted(const Device *d)
{
        unsigned bits = 0;

        for (Measure m = 0; m < _MEASURE_MAX; m++)
                bits |= (unsigned)device_wants(d, m) << m;
        return bits;
}

static void test_table(void **state)
{
        static Bluez b;
        Device d = { .bluez = &b, .address = THIS };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Case *c = &cases[i];

                d.services = c->services;
                d.trusted = c->trusted;
                (void)stpcpy(b.config.address, c->address);
                (void)stpcpy(b.config.pace_address, c->pace_address);
                if (device_kind(&d) != c->kind || device_is_own(&d) != c->own || wanted(&d) != c->wanted)
                        fail_msg("%s: kind %d, own %d, wanted %u", c->name, device_kind(&d),
                                        device_is_own(&d), wanted(&d));
        }
}

/* Whoever trusted or configured it: a bike is no treadmill. */
static void test_no_treadmill(void **state)
{
        static Bluez b;
        Device d = { .bluez = &b, .address = THIS, .services = MILL | HR, .trusted = true };

        (void)state;
        d.found = d.advertises_other_machine = true;
        assert_true(device_is_own(&d)); /* what it advertises may be wrong */
        d.trusted = false;
        assert_false(device_is_found(&d));
        d.advertises_other_machine = false;
        assert_true(device_is_found(&d));
        d.trusted = d.other_machine = true;
        assert_false(device_is_own(&d));
        assert_false(device_is_found(&d));
        (void)stpcpy(b.config.pace_address, THIS);
        assert_false(device_is_own(&d));
}

static int on_changed(void *userdata, const SensorRecord *record)
{
        *(SensorRecord *)userdata = *record;
        return 0;
}

/* Two adapters know it, and one of them more of it: it is one sensor, of one kind. */
static void test_two_adapters(void **state)
{
        static const BluezHandlers handlers = { .strap_changed = on_changed };
        static Bluez b;
        SensorRecord record = { .kind = _SENSOR_KIND_INVALID };
        Device heard = { .bluez = &b, .address = THIS, .services = HR, .number = -1 },
               connected = { .bluez = &b, .address = THIS, .services = HR | MILL, .number = -1 },
               another = { .bluez = &b, .address = OTHER, .services = POD, .number = -1 };

        (void)state;
        b.handlers = &handlers;
        b.userdata = &record;
        b.devices[b.n_devices++] = &heard;
        b.devices[b.n_devices++] = &another;
        device_report(&heard);
        assert_int_equal(record.kind, SENSOR_KIND_STRAP);
        b.devices[b.n_devices++] = &connected;
        device_report(&heard);
        assert_int_equal(record.kind, SENSOR_KIND_TREADMILL);
        device_report(&another);
        assert_int_equal(record.kind, SENSOR_KIND_FOOT_POD);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_no_treadmill),
                cmocka_unit_test(test_two_adapters),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
