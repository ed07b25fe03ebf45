/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "cardio/time.h"

/* Calls to BlueZ, and what its errors mean. */

typedef struct Device Device;

/* Calls a method that takes no arguments, or one empty a{sv}. */
int device_call(Device *d, const char *path, const char *interface, const char *method, bool options,
                sd_bus_message_handler_t done, void *userdata, usec_t timeout_usec, sd_bus_slot **slot);
/* The object is gone without a signal: all objects are to be read again. */
bool error_is_gone(const sd_bus_error *e);
bool error_is_in_progress(const sd_bus_error *e);
/* The message of an error reply, or its name if it has none; without control characters, and cut. Returns buf. */
#define BLUEZ_ERROR_SIZE 192
const char *bluez_error_text(const sd_bus_error *e, char buf[static BLUEZ_ERROR_SIZE]);
/* 2 s, 4 s … 60 s, each shortened by up to a quarter, so that several daemons do not retry at the same moments. */
usec_t bluez_back_off(unsigned failures);
