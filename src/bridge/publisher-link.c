/* SPDX-License-Identifier: MIT */

/* What a publisher's two halves share: how to reach the broker, and the queue of messages from one to the other. Whoever lives
 * longer frees it. No clock. */

#include "publisher-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/fnv.h"

Link *link_free(Link *l)
{
        if (!l)
                return NULL;
        for (; l->n > 0; l->n--, l->first = (l->first + 1) % LINK_QUEUE_MAX)
                free(l->queue[l->first]);
        if (l->password)
                explicit_bzero(l->password, strlen(l->password));
        free(l->host);
        free(l->ca_file);
        free(l->certificate_file);
        free(l->key_file);
        free(l->username);
        free(l->password);
        free(l->will_topic);
        free(l->subscribe_topic);
        if (l->fd >= 0)
                (void)close(l->fd);
        (void)pthread_mutex_destroy(&l->lock); /* fails only if it is locked */
        free(l);
        return NULL;
}

static int copy(const char *text, char **ret)
{
        if (text)
                *ret = strdup(text);
        return text && !*ret ? -ENOMEM : 0;
}

/* The same after each restart: a broker to which the old connection still looks alive then takes that down, and publishes its
 * last will, before it takes the new one. With an id of its own the last will would come afterwards, and stay. Letters and
 * digits, and no more than 23, are what each broker has to take. */
static void name_client(const char *topic, char ret[static 24])
{
        (void)snprintf(ret, 24, "cardio%016" PRIx64, fnv1a(FNV1A_BEGIN, topic, strlen(topic)));
}

int link_new(const BridgeConfig *config, const char *will_topic, const char *subscribe_topic, Link **ret)
{
        Link *l = calloc(1, sizeof(*l));

        if (!l)
                return -ENOMEM;
        l->fd = -1;
        l->port = config->port;
        l->tls = config->tls;
        l->protocol = config->protocol;
        if (pthread_mutex_init(&l->lock, NULL) != 0) {
                free(l);
                return -ENOMEM;
        }
        if (copy(config->host, &l->host) < 0 || copy(config->ca_file, &l->ca_file) < 0 ||
                        copy(config->certificate_file, &l->certificate_file) < 0 ||
                        copy(config->key_file, &l->key_file) < 0 ||
                        copy(config->username, &l->username) < 0 ||
                        copy(config->password, &l->password) < 0 || copy(will_topic, &l->will_topic) < 0 ||
                        copy(subscribe_topic, &l->subscribe_topic) < 0) {
                link_free(l);
                return -ENOMEM;
        }
        name_client(will_topic, l->client_id);
        *ret = l;
        return 0;
}

/* -- Messages -------------------------------------------------------------------------------------------- */

int link_put(Link *l, LinkMessage *m)
{
        int r = -ENOBUFS;

        (void)pthread_mutex_lock(&l->lock);
        if (l->n < LINK_QUEUE_MAX) {
                l->queue[(l->first + l->n++) % LINK_QUEUE_MAX] = m;
                r = 0;
        }
        (void)pthread_mutex_unlock(&l->lock);
        return r;
}

LinkMessage *link_take(Link *l)
{
        LinkMessage *m = NULL;

        (void)pthread_mutex_lock(&l->lock);
        if (l->n > 0) {
                m = l->queue[l->first];
                l->first = (l->first + 1) % LINK_QUEUE_MAX;
                l->n--;
        }
        (void)pthread_mutex_unlock(&l->lock);
        return m;
}

/* -- The end --------------------------------------------------------------------------------------------- */

void link_end(Link *l)
{
        (void)pthread_mutex_lock(&l->lock);
        l->ending = true;
        (void)pthread_mutex_unlock(&l->lock);
}

bool link_is_ending(Link *l)
{
        bool ending;

        (void)pthread_mutex_lock(&l->lock);
        ending = l->ending;
        (void)pthread_mutex_unlock(&l->lock);
        return ending;
}

bool link_leave(Link *l)
{
        bool ended;

        (void)pthread_mutex_lock(&l->lock);
        ended = l->ended;
        l->abandoned = !ended;
        (void)pthread_mutex_unlock(&l->lock);
        return ended;
}

bool link_finish(Link *l)
{
        bool abandoned;

        (void)pthread_mutex_lock(&l->lock);
        abandoned = l->abandoned;
        l->ended = true;
        (void)pthread_mutex_unlock(&l->lock);
        return !abandoned;
}
