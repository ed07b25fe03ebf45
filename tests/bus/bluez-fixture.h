/* SPDX-License-Identifier: MIT */
#pragma once

#include "harness.h"

/* What the tests of the BlueZ client share: one strap on one adapter, and functions for what is done to it and seen of it.
 * Commands go to the stand-in; what another program on the machine might do goes over the test's own connection. */

#define STRAP        "C0:FF:EE:00:00:01"
#define STRAP_SENSOR CARDIO_SENSOR_PREFIX "/C0_FF_EE_00_00_01"
#define ADAPTER      "/org/bluez/hci0"
#define STRAP_DEVICE ADAPTER "/dev_C0_FF_EE_00_00_01"

/* More sections can follow. Nothing is recorded unless by command. */
#define BLUEZ_CONFIG                                    \
        "[runner]\nage = 23\nresting-heart-rate = 50\n" \
        "[session]\nstart-above = off\n"                \
        "[storage]\ncommit-interval = 100ms\n"

/* The daemon is given this long for what it does at once; waits for its pauses of seconds are longer. */
#define SOON_USEC (10 * USEC_PER_SEC)
#define LATE_USEC (40 * USEC_PER_SEC)

/* An adapter, no strap, and the daemon registered with it. */
void bluez_begin(Harness *h, const char *config);
/* The same, on a clock of the test's own: pauses pass by harness_clock_pass() and the like. */
void bluez_begin_by_clock(Harness *h, const char *config);
/* A trusted strap that sends one heart rate; returns when it is live. */
void bluez_strap_live(Harness *h);

/* The same, and sends often enough that its pace is known: it is silent after ten seconds from then on. */
void bluez_strap_steady(Harness *h);

void bluez_wait_state(Harness *h, const char *state);
/* Takes PropertiesChanged signals until one has this text, as in "State live": so no state is missed. On a clock of the test's
 * own it lets time pass. */
void bluez_wait_announced(Harness *h, const char *text);
/* Waits until there is no such object of ours. */
void bluez_wait_no_sensor(Harness *h, const char *path);
bool bluez_sensor_exists(Harness *h, const char *path);
/* Sends a heart rate and waits until it has arrived: what was sent before has arrived, too. It must differ from the current
 * one. */
void bluez_send(Harness *h, unsigned heart_rate);
/* Sends this packet twice, with enough time in between that a lack of contact is believed. */
void bluez_lose_contact(Harness *h, const char *packet);
void bluez_assert_calls(Harness *h, const char *pattern, unsigned expected);

/* The unique name of the daemon's connection to BlueZ, which has no other. To be freed. */
char *bluez_client(Harness *h);

/* Calls a method as another program would. */
void bluez_call(Harness *h, const char *path, const char *interface, const char *member);
void bluez_set_trusted(Harness *h, bool trusted);
/* Scans until the strap is known. The scan goes on. */
void bluez_discover(Harness *h);

/* CLOCK_BOOTTIME. */
usec_t bluez_now_usec(void);
