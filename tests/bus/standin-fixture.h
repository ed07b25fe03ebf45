/* SPDX-License-Identifier: MIT */
#pragma once

#include "harness.h"

/* A client of org.bluez with nothing but sd-bus, for the tests of the stand-in. */

#define STRAP          "AA:BB:CC:DD:EE:01"
#define ADAPTER_PATH   "/org/bluez/hci0"
#define STRAP_PATH     ADAPTER_PATH "/dev_AA_BB_CC_DD_EE_01"
#define SERVICE_PATH   STRAP_PATH "/service0020"
#define HEART_RATE     SERVICE_PATH "/char0021"
#define BODY_LOCATION  SERVICE_PATH "/char0024"
#define CONTROL_POINT  SERVICE_PATH "/char0026"
#define PROPERTIES     "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

/* hci0 on, a trusted strap that does not advertise yet; all signals of org.bluez are kept from then on. */
void client_set_up(Harness *h);
/* The same, connected, resolved, and StartNotify called; no signals kept so far. */
void client_set_up_notifying(Harness *h);

/* Calls a method of org.bluez. Returns NULL if it is done, else "ERROR: MESSAGE", to be freed. */
char *client_call(Harness *h, sd_bus *bus, const char *path, const char *interface, const char *member,
                const char *types, ...);
void client_expect_done(Harness *h, const char *path, const char *interface, const char *member);
void client_expect_error(
                Harness *h, const char *path, const char *interface, const char *member, const char *error);

/* Calls without waiting. */
typedef struct Answer {
        bool done;
        char *error; /* NULL: no error */
        sd_bus_slot *slot;
} Answer;
void client_call_async(Harness *h, Answer *answer, const char *path, const char *interface,
                const char *member, const char *types, ...);
void answer_expect(Harness *h, Answer *answer, const char *error);
void answer_done(Answer *answer);

/* The next signal kept is this one, with these arguments as text. */
void client_expect_signal(Harness *h, const char *path, const char *member, const char *text);
/* The next signals are PropertiesChanged of the device. */
void client_expect_device(Harness *h, const char *changes);
/* The next signal is an InterfacesAdded or -Removed of that object. */
void client_expect_object(Harness *h, const char *member, const char *path, const char *first_interface);
void client_expect_gatt(Harness *h, const char *member);
/* The next signal is a value of 0x2A37, in hexadecimal digits. */
void client_expect_value(Harness *h, const char *hex);
/* Waits until all that the stand-in has sent so far has arrived, and it has seen all that has happened on the bus so far. */
void client_sync(Harness *h);
/* Nothing more has come. */
void client_expect_silence(Harness *h);

/* A property as text, or NULL. To be freed. */
char *client_property(Harness *h, const char *path, const char *interface, const char *name);
void client_expect_property(
                Harness *h, const char *path, const char *interface, const char *name, const char *expected);

/* Exports a GattProfile1 at /profile on the connection; the slots end with it. queries: how often its objects were
 * asked for. */
void profile_export(Harness *h, sd_bus *bus, const char *uuid, unsigned *queries);
void profile_register(Harness *h, Answer *answer);
