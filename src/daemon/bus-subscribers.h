/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "cardio/macro.h"

/* Callers who are remembered until they take it back or leave the bus: those who want measurements, those who scan, those
 * who wait for an answer. */
typedef struct Subscribers Subscribers;

/* Who want measurements at once. Whoever is remembered takes one match rule, of which the bus gives us 512 and throws us
 * off for the next. */
#define SUBSCRIBERS_MAX 128U

/* func, or NULL, is told of each that has left the bus and is forgotten. */
typedef void (*SubscriberLeftFunc)(void *userdata, const char *name);
int subscribers_new(sd_bus *bus, size_t max, SubscriberLeftFunc func, void *userdata, Subscribers **ret);
Subscribers *subscribers_free(Subscribers *s);
DEFINE_CLEANUP(Subscribers *, subscribers_free);

/* name: unique. To add one twice is to add it once. Returns 0, -ENOSPC, or another negative errno. */
int subscribers_add(Subscribers *s, const char *name);
void subscribers_remove(Subscribers *s, const char *name);
bool subscribers_has(Subscribers *s, const char *name);
bool subscribers_any(const Subscribers *s);
