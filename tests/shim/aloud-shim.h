/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What of libcanberra and libspeechd cardio-notify calls, without their headers, which need not be there. */

int ca_context_create(void **c);
int ca_context_change_props(void *c, ...);
int ca_context_destroy(void *c);
int ca_context_cancel(void *c, uint32_t id);
int ca_context_play_full(void *c, uint32_t id, void *list, void (*done)(void *, uint32_t, int, void *),
                void *userdata);
int ca_proplist_create(void **list);
int ca_proplist_destroy(void *list);
int ca_proplist_sets(void *list, const char *key, const char *value);

/* Begins as the library's own does. */
typedef struct SpeechConnection {
        void (*callback_begin)(size_t, size_t, int);
        void (*callback_end)(size_t, size_t, int);
        void (*callback_cancel)(size_t, size_t, int);
} SpeechConnection;

void *spd_open2(const char *client, const char *connection, const char *user, int mode, const void *address,
                int autospawn, char **error);
void spd_close(void *connection);
int spd_cancel(void *connection);
int spd_set_notification_on(void *connection, int type);
int spd_set_language(void *connection, const char *language);
int spd_say(void *connection, int priority, const char *text);
