/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/macro.h"

#include "client/connection.h"

/* A line on stderr, which is the journal when the user's systemd runs us. Heart rates are health data and are never written
 * there, only shown to the runner. Standard output belongs to --print. */
void say(const char *format, ...) _printf_(1, 2);

/* Logs that the bus needed for a purpose cannot be reached. */
void say_unreachable(const char *purpose, BusKind kind, int error);
