/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "cardio/time.h"

/* Calling BlueZ, and what its errors say. */

typedef struct Device Device;

/* Calls a method without arguments, or with an empty a{sv}. */
int device_call(Device *d, const char *path, const char *interface, const char *method, bool options,
                sd_bus_message_handler_t done, void *userdata, usec_t timeout_usec, sd_bus_slot **slot);
/* The object is gone and we have not been told: look at everything anew. */
bool error_is_gone(const sd_bus_error *e);
bool error_is_in_progress(const sd_bus_error *e);
/* What an error reply says, or its name where it says nothing; plain and brief. Returns buf. */
#define BLUEZ_ERROR_SIZE 192
const char *bluez_error_text(const sd_bus_error *e, char buf[static BLUEZ_ERROR_SIZE]);
/* 2 s, 4 s … 60 s, each shortened by up to a quarter, so that straps and daemons do not step in time. */
usec_t bluez_back_off(unsigned failures);
