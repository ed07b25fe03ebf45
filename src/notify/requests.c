/* SPDX-License-Identifier: MIT */

/* What cardio-notify asks of cardiod, and the replies. No clock but the deadlines of sd-bus. */

#include "requests.h"

#include "cardio/bus-api.h"
#include "cardio/macro.h"

/* An error of cardiod's own is a reply; these come from the bus, and mean that cardiod has not replied. */
static bool is_gone(sd_bus_message *m)
{
        static const char *const gone[] = {
                SD_BUS_ERROR_NO_REPLY,
                SD_BUS_ERROR_SERVICE_UNKNOWN,
                SD_BUS_ERROR_NAME_HAS_NO_OWNER,
                SD_BUS_ERROR_DISCONNECTED,
        };

        for (size_t i = 0; i < ELEMENTSOF(gone); i++)
                if (sd_bus_message_is_method_error(m, gone[i]))
                        return true;
        return false;
}

static int on_row(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        NotifierRequests *q = userdata;
        SessionRow row;

        (void)ret_error;
        q->row = sd_bus_slot_unref(q->row);
        if (sd_bus_message_is_method_error(m, NULL) || session_row_read(m, &row) < 0)
                q->funcs->row(q->userdata, q->row_session, NULL, is_gone(m));
        else
                q->funcs->row(q->userdata, q->row_session, &row, false);
        return 0;
}

int requests_get_row(NotifierRequests *q, int64_t session)
{
        q->row_session = session;
        return follower_call(q->follower, &q->row, on_row, q, CARDIO_MANAGER_INTERFACE, "GetSession", "x",
                        session);
}

static int on_snoozed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        NotifierRequests *q = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);

        (void)ret_error;
        q->snooze = sd_bus_slot_unref(q->snooze);
        q->funcs->snoozed(q->userdata, !e ? NULL : e->message ? e->message : e->name);
        return 0;
}

int requests_snooze(NotifierRequests *q, uint32_t seconds)
{
        return follower_call(q->follower, &q->snooze, on_snoozed, q, CARDIO_MANAGER_INTERFACE, "Snooze", "u",
                        seconds);
}

static int on_annotated(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        NotifierRequests *q = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);

        (void)ret_error;
        q->annotate = sd_bus_slot_unref(q->annotate);
        q->funcs->annotated(q->userdata, q->annotated, !e ? NULL : e->message ? e->message : e->name);
        return 0;
}

int requests_annotate(NotifierRequests *q, int64_t session, const char *key, const char *value)
{
        q->annotated = session;
        return follower_call(q->follower, &q->annotate, on_annotated, q, CARDIO_COACH_INTERFACE, "Annotate",
                        "xa{sv}", session, 1, key, "s", value);
}

void requests_end(NotifierRequests *q)
{
        q->row = sd_bus_slot_unref(q->row);
        q->snooze = sd_bus_slot_unref(q->snooze);
        q->annotate = sd_bus_slot_unref(q->annotate);
}
