/* SPDX-License-Identifier: MIT */

/* Closes notifications. Timers run on CLOCK_MONOTONIC. */

#include "closing.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "cardio/macro.h"

#include "notification.h"
#include "pause.h"
#include "say.h"

#define ANSWER_TIMEOUT_USEC (5 * USEC_PER_SEC)

/* What replaces a notification that the server does not close: true whatever it said before. */
#define REPLACEMENT_SUMMARY   "No longer current"
#define REPLACEMENT_EXPIRE_MS 1000

static void entry_rest(ClosingEntry *e)
{
        e->call = sd_bus_slot_unref(e->call);
        e->pause = sd_event_source_disable_unref(e->pause);
}

static void entry_free(ClosingEntry *e)
{
        entry_rest(e);
        e->id = 0;
}

static void entry_send(ClosingEntry *e);

static int entry_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        ClosingEntry *e = userdata;

        (void)source;
        (void)usec;
        entry_rest(e);
        entry_send(e);
        return 0;
}

static void entry_failed(ClosingEntry *e, const char *reason)
{
        entry_rest(e);
        if (e->tries == 1)
                say("cannot take a notification off the screen: %s; trying again", reason);
        if (e->tries == CLOSING_TRIES_MAX ||
                        sd_event_add_time_relative(e->closing->event, &e->pause, CLOCK_MONOTONIC,
                                        pause_usec(e->tries), 0, entry_on_pause, e) < 0) {
                say("a notification stays on the screen: %s", reason);
                entry_free(e);
        }
}

/* These errors come from the bus, and mean that the server has not replied. */
static bool is_silence(const sd_bus_error *e)
{
        return sd_bus_error_has_name(e, SD_BUS_ERROR_NO_REPLY) ||
               sd_bus_error_has_name(e, SD_BUS_ERROR_TIMEOUT);
}

static bool is_gone(const sd_bus_error *e)
{
        return sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
               sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
               sd_bus_error_has_name(e, SD_BUS_ERROR_DISCONNECTED);
}

static bool is_empty(const char *message)
{
        return !message || *message == '\0';
}

static int entry_on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);
        ClosingEntry *e = userdata;

        (void)ret_error;
        /* An error with an empty message is the specification's own reply for a notification that does not exist. */
        if (!error || is_gone(error) || (!is_silence(error) && (!e->certain || is_empty(error->message)))) {
                entry_free(e);
                return 0;
        }
        e->refused = !is_silence(error);
        entry_failed(e, error->message ? error->message : error->name);
        return 0;
}

static int compose_close(sd_bus *bus, uint32_t id, sd_bus_message **ret)
{
        int r;

        r = sd_bus_message_new_method_call(bus, ret, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH,
                        NOTIFICATIONS_INTERFACE, "CloseNotification");
        return r < 0 ? r : sd_bus_message_append(*ret, "u", id);
}

static int compose_replacement(sd_bus *bus, uint32_t id, sd_bus_message **ret)
{
        int r;

        r = sd_bus_message_new_method_call(
                        bus, ret, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH, NOTIFICATIONS_INTERFACE, "Notify");
        return r < 0 ? r
                     : sd_bus_message_append(*ret, "susssasa{sv}i", NOTIFICATIONS_APPLICATION, id,
                                       "dialog-information", REPLACEMENT_SUMMARY, "", 0, 2, "urgency", "y", 0,
                                       "transient", "b", true, REPLACEMENT_EXPIRE_MS);
}

static void entry_send(ClosingEntry *e)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *bus = e->closing->bus;
        int r;

        /* The two ways alternate only if the server refuses: one that hangs would do both once it is back, and show a
         * notification that nobody needs. */
        e->replacing = e->refused && !e->replacing;
        e->tries++;
        r = e->replacing ? compose_replacement(bus, e->id, &m) : compose_close(bus, e->id, &m);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0)
                r = sd_bus_call_async(bus, &e->call, m, entry_on_reply, e, ANSWER_TIMEOUT_USEC);
        if (r < 0)
                entry_failed(e, strerror(-r));
}

static ClosingEntry *closing_find(Closing *c, uint32_t id)
{
        for (size_t i = 0; i < CLOSING_MAX; i++)
                if (c->entry[i].id == id)
                        return &c->entry[i];
        return NULL;
}

void closing_add(Closing *c, uint32_t id, bool certain)
{
        ClosingEntry *e;

        assert(id != 0);
        if (!c->bus || closing_has(c, id))
                return;
        e = closing_find(c, 0);
        if (!e) {
                e = &c->entry[0];
                for (size_t i = 1; i < CLOSING_MAX; i++)
                        if (c->entry[i].tries > e->tries)
                                e = &c->entry[i];
                say("a notification stays on the screen: too many others are to leave it");
                entry_free(e);
        }
        *e = (ClosingEntry){ .closing = c, .id = id, .certain = certain };
        entry_send(e);
}

bool closing_has(const Closing *c, uint32_t id)
{
        for (size_t i = 0; i < CLOSING_MAX; i++)
                if (c->entry[i].id == id)
                        return true;
        return false;
}

void closing_closed(Closing *c, uint32_t id)
{
        ClosingEntry *e = id != 0 ? closing_find(c, id) : NULL;

        if (e)
                entry_free(e);
}

void closing_forget(Closing *c)
{
        for (size_t i = 0; i < CLOSING_MAX; i++)
                entry_free(&c->entry[i]);
}

bool closing_busy(const Closing *c)
{
        for (size_t i = 0; i < CLOSING_MAX; i++)
                if (c->entry[i].id != 0)
                        return true;
        return false;
}
