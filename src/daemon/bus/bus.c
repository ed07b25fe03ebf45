/* SPDX-License-Identifier: MIT */
/* The D-Bus side: the name, who may call, and the announcements of properties, made by a defer source when the event loop has
 * done its other work. Nothing here decides anything about sessions. No clock. */

#include "bus/bus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bus/coach.h"
#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

/* -- Announcing -- */

static int on_announce(sd_event_source *source, void *userdata)
{
        Bus *b = userdata;

        (void)source;
        if (bus_is_behind(b)) {
                b->backlog.announce = true;
                return 0;
        }
        bus_object_announce(&b->manager_object, b->bus);
        bus_object_announce(&b->coach_object, b->bus);
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (b->sensors[i])
                        bus_object_announce(&b->sensors[i]->object, b->bus);
        bus_sent(b, false);
        return 0;
}

/* -- Subscribers -- */

_hot_ bool bus_has_subscribers(const Bus *b)
{
        return subscribers_any(b->subscribers);
}

/* -- Callers -- */

/* Sees each call before any object does. */
static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        uint8_t type;

        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;
        bus_sent(b, false); /* for the answer to the previous call */
        if (bus_is_behind(b))
                return 1;
        switch (callers_judge(b->callers, m, error)) {
        case CALLER_SERVED:
                return 0;
        case CALLER_REFUSED:
                return -EACCES; /* the error becomes the answer */
        case CALLER_IGNORED:
                return 1;
        case _CALLER_VERDICT_MAX:
        case _CALLER_VERDICT_INVALID:
                break;
        }
        return 1;
}

/* -- The whole -- */

int bus_check_name(sd_bus *bus, pid_t *ret_holder)
{
        _cleanup_(sd_bus_creds_unrefp) sd_bus_creds *creds = NULL;
        pid_t pid = 0;
        int r = sd_bus_get_name_creds(bus, CARDIO_BUS_NAME, SD_BUS_CREDS_PID, &creds);

        if (r == -ENXIO)
                return 0;
        if (r < 0)
                return r;
        if (sd_bus_creds_get_pid(creds, &pid) < 0)
                pid = 0;
        *ret_holder = pid;
        return -EEXIST;
}

int bus_own_name(sd_bus *bus, pid_t *ret_holder)
{
        int r = sd_bus_request_name(bus, CARDIO_BUS_NAME, 0);

        if (r == -EEXIST && bus_check_name(bus, ret_holder) != -EEXIST)
                *ret_holder = 0;
        return r < 0 ? r : 0;
}

static int objects_begin(Bus *b, const char *version, const char *database_path)
{
        int r = bus_interface_vtable(&bus_manager_interface, &b->manager_vtable);

        if (r >= 0)
                r = bus_interface_vtable(&bus_coach_interface, &b->coach_vtable);
        if (r >= 0)
                r = bus_interface_vtable(&bus_sensor_interface, &b->sensor_vtable);
        if (r >= 0)
                r = bus_object_begin(&b->manager_object, b->bus, &bus_manager_interface, b->manager_vtable,
                                CARDIO_OBJECT, b);
        if (r >= 0)
                r = bus_object_begin(&b->coach_object, b->bus, &bus_coach_interface, b->coach_vtable,
                                CARDIO_OBJECT, b);
        if (r < 0)
                return r;
        b->manager.version = strdup(version);
        b->manager.database_path = strdup(database_path);
        return b->manager.version && b->manager.database_path ? 0 : -ENOMEM;
}

int bus_new(sd_event *event, const BusConnection *connection, const char *version, const char *database_path,
                const BusHandlers *handlers, void *userdata, Bus **ret)
{
        _cleanup_(bus_freep) Bus *b = calloc(1, sizeof(*b));
        sd_bus *bus = connection->bus;
        int r;

        if (!b)
                return -ENOMEM;
        b->event = sd_event_ref(event);
        b->bus = sd_bus_ref(bus);
        b->handlers = handlers;
        b->userdata = userdata;
        bus_set_session_pace(b, NAN, NAN);
        r = callers_new(bus, connection->asked, connection->user, &b->callers);
        if (r >= 0)
                r = sd_bus_add_filter(bus, &b->filter_slot, on_call, b);
        if (r >= 0)
                r = subscribers_new(bus, SUBSCRIBERS_MAX, SUBSCRIBERS_OF_ONE, NULL, NULL, &b->subscribers);
        if (r >= 0)
                r = requests_begin(b);
        if (r >= 0)
                r = sd_event_add_defer(event, &b->announce, on_announce, b);
        if (r >= 0)
                r = sd_event_source_set_enabled(b->announce, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_bus_add_object_manager(bus, &b->object_manager_slot, CARDIO_OBJECT);
        if (r >= 0)
                r = objects_begin(b, version, database_path);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(b);
        return 0;
}

Bus *bus_free(Bus *b)
{
        if (!b)
                return NULL;
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                bus_sensor_free(b->sensors[i]);
        requests_end(b);
        subscribers_free(b->subscribers);
        bus_object_end(&b->coach_object);
        bus_object_end(&b->manager_object);
        free(b->sensor_vtable);
        free(b->coach_vtable);
        free(b->manager_vtable);
        sd_bus_slot_unref(b->object_manager_slot);
        sd_bus_slot_unref(b->filter_slot);
        callers_free(b->callers);
        sd_event_source_disable_unref(b->announce);
        sd_bus_slot_unref(b->backlog.ping);
        sd_bus_unref(b->bus);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}
