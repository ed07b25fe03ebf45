/* SPDX-License-Identifier: MIT */
#pragma once

#include "bluez/bluez.h"

/* Trusting and forgetting: what takes its time and is done once. */

/* Each does what is to be done next. */
void tasks_evaluate(Bluez *b);
bool tasks_look(const Bluez *b); /* one waits for a strap to be discovered */
/* One is about the device with this address. */
bool tasks_want(const Bluez *b, const char *address);
bool tasks_connect(const Bluez *b); /* one connects, and discovery would be in its way */
void tasks_free(Bluez *b);
