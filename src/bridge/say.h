/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/macro.h"

/* A line on stderr, which is the journal under systemd. Heart rates are health data and are never written there. */
void say(const char *format, ...) _printf_(1, 2);
