/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/macro.h"

#include "client/connection.h"

/* A line on stderr, which is the journal when the user's systemd runs us. Heart rates are health data and
 * never go there: they are shown to the runner only. Standard output belongs to --print. */
void say(const char *format, ...) _printf_(1, 2);

/* That a bus which is wanted for something is not there. */
void say_unreachable(const char *purpose, BusKind kind, int error);
