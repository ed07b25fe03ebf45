/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "cardio/macro.h"

/* Who wants measurements. A caller that leaves the bus is no subscriber any more. */
typedef struct Subscribers Subscribers;

/* At once; each takes one match rule, of which the bus gives us 512 and throws us off for the next. */
#define SUBSCRIBERS_MAX 128U

int subscribers_new(sd_bus *bus, Subscribers **ret);
Subscribers *subscribers_free(Subscribers *s);
DEFINE_CLEANUP(Subscribers *, subscribers_free);

/* name: unique. To add one twice is to add it once. Returns 0, -ENOSPC, or another negative errno. */
int subscribers_add(Subscribers *s, const char *name);
void subscribers_remove(Subscribers *s, const char *name);
bool subscribers_any(const Subscribers *s);
