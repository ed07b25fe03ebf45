/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "cardio/macro.h"

/* Callers that are remembered until they take it back or leave the bus: those who want measurements, those who scan, those who
 * wait for an answer. */
typedef struct Subscribers Subscribers;

/* Who may want measurements at once. Each takes a match rule, of which the bus allows us 512, and disconnects us at the next. */
#define SUBSCRIBERS_MAX    128U
#define SUBSCRIBERS_OF_ONE 32U /* … of one user */

/* Called for each subscriber that has left the bus; may be NULL. */
typedef void (*SubscriberLeftFunc)(void *userdata, const char *name);
int subscribers_new(sd_bus *bus, size_t max, size_t max_of_one, SubscriberLeftFunc func, void *userdata,
                Subscribers **ret);
Subscribers *subscribers_free(Subscribers *s);
DEFINE_CLEANUP(Subscribers *, subscribers_free);

/* name: unique, with its user. Adding one twice has no effect. Returns 0; -ENOSPC if there is no room for it, or no more for
 * that user, who is not root; or another negative errno. */
int subscribers_add(Subscribers *s, const char *name, uid_t uid);
size_t subscribers_max(const Subscribers *s);
size_t subscribers_max_of_one(const Subscribers *s);
void subscribers_remove(Subscribers *s, const char *name);
bool subscribers_has(Subscribers *s, const char *name);
bool subscribers_any(const Subscribers *s);
