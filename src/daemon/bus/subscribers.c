/* SPDX-License-Identifier: MIT */
/* The subscribers. sd_bus_track blocks for a question to the bus about each of them, and believes anybody who says that one
 * has left; here nothing blocks, and only the bus is believed. A caller that left before the match on its name was in place is
 * found by asking for the name's owner after it. No clock. */

#include "bus/subscribers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"

#define BUS_NAME      "org.freedesktop.DBus"
#define BUS_PATH      "/org/freedesktop/DBus"
#define NAME_MAX_SIZE 256U /* D-Bus: of a bus name */

typedef struct Subscriber {
        Subscribers *all;
        char *name; /* NULL = free */
        uid_t uid;
        sd_bus_slot *watch, *query;
} Subscriber;

struct Subscribers {
        sd_bus *bus;
        SubscriberLeftFunc func;
        void *userdata;
        size_t n, max, max_of_one;
        Subscriber subscriber[];
};

static void subscriber_end(Subscriber *s)
{
        if (!s->name)
                return;
        s->watch = sd_bus_slot_unref(s->watch);
        s->query = sd_bus_slot_unref(s->query);
        free(TAKE_PTR(s->name));
        s->all->n--;
}

static void subscriber_left(Subscriber *s)
{
        Subscribers *all = s->all;
        _cleanup_free_ char *name = s->name ? strdup(s->name) : NULL;

        subscriber_end(s);
        if (name && all->func)
                all->func(all->userdata, name);
}

/* A unique name changes its owner once: when it goes. */
static int on_gone(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *sender = sd_bus_message_get_sender(m);

        (void)error;
        if (sender && strcmp(sender, BUS_NAME) == 0)
                subscriber_left(userdata);
        return 0;
}

static int on_watched(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        (void)error;
        /* The match failed: we would not notice when it goes. */
        if (sd_bus_message_is_method_error(m, NULL))
                subscriber_left(userdata);
        return 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Subscriber *s = userdata;

        (void)error;
        s->query = sd_bus_slot_unref(s->query);
        if (sd_bus_message_is_method_error(m, NULL))
                subscriber_left(s);
        return 0;
}

static int subscriber_begin(Subscriber *s, const char *name)
{
        char match[NAME_MAX_SIZE + 160];
        int r;

        s->name = strdup(name);
        if (!s->name)
                return -ENOMEM;
        s->all->n++;
        (void)snprintf(match, sizeof(match),
                        "type='signal',sender='" BUS_NAME "',path='" BUS_PATH "',interface='" BUS_NAME
                        "',member='NameOwnerChanged',arg0='%s'",
                        name); /* always fits: the bus gave the name */
        r = sd_bus_add_match_async(s->all->bus, &s->watch, match, on_gone, on_watched, s);
        if (r >= 0)
                r = sd_bus_call_method_async(s->all->bus, &s->query, BUS_NAME, BUS_PATH, BUS_NAME,
                                "GetNameOwner", on_owner, s, "s", name);
        if (r < 0)
                subscriber_end(s);
        return r < 0 ? r : 0;
}

static Subscriber *subscribers_find(Subscribers *s, const char *name)
{
        for (size_t i = 0; i < s->max; i++)
                if (s->subscriber[i].name && strcmp(s->subscriber[i].name, name) == 0)
                        return &s->subscriber[i];
        return NULL;
}

int subscribers_add(Subscribers *s, const char *name, uid_t uid)
{
        Subscriber *place = NULL;
        size_t n_of_one = 0;

        if (subscribers_find(s, name))
                return 0;
        for (size_t i = 0; i < s->max; i++)
                if (!s->subscriber[i].name)
                        place = &s->subscriber[i];
                else if (s->subscriber[i].uid == uid)
                        n_of_one++;
        if (!place || (uid != 0 && n_of_one >= s->max_of_one))
                return -ENOSPC;
        place->uid = uid;
        return subscriber_begin(place, name);
}

size_t subscribers_max(const Subscribers *s)
{
        return s->max;
}

size_t subscribers_max_of_one(const Subscribers *s)
{
        return s->max_of_one;
}

void subscribers_remove(Subscribers *s, const char *name)
{
        Subscriber *found = subscribers_find(s, name);

        if (found)
                subscriber_end(found);
}

bool subscribers_has(Subscribers *s, const char *name)
{
        return subscribers_find(s, name);
}

_hot_ bool subscribers_any(const Subscribers *s)
{
        return s->n > 0;
}

int subscribers_new(sd_bus *bus, size_t max, size_t max_of_one, SubscriberLeftFunc func, void *userdata,
                Subscribers **ret)
{
        Subscribers *s = calloc(1, sizeof(*s) + max * sizeof(s->subscriber[0]));

        if (!s)
                return -ENOMEM;
        s->bus = sd_bus_ref(bus);
        s->func = func;
        s->userdata = userdata;
        s->max = max;
        s->max_of_one = max_of_one;
        for (size_t i = 0; i < max; i++)
                s->subscriber[i].all = s;
        *ret = s;
        return 0;
}

Subscribers *subscribers_free(Subscribers *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < s->max; i++)
                subscriber_end(&s->subscriber[i]);
        sd_bus_unref(s->bus);
        free(s);
        return NULL;
}
