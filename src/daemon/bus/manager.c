/* SPDX-License-Identifier: MIT */
/* org.cardiod1.Manager on D-Bus: reads calls, passes them to the handlers, and answers. Arguments are not judged here. No
 * clock. */

#include "bus/manager.h"

#include <stdlib.h>
#include <string.h>

#include "bus/coach.h"
#include "bus/edit.h"
#include "bus/import.h"
#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

static int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        int r = bus_remember(b, b->subscribers, m, "subscribe", error);

        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int method_unsubscribe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        (void)error;
        subscribers_remove(b->subscribers, sd_bus_message_get_sender(m));
        return sd_bus_reply_method_return(m, NULL);
}

static int method_start_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        const char *kind;
        int64_t id;
        int r = sd_bus_message_read(m, "s", &kind);

        if (r >= 0)
                r = b->handlers->start_session(b->userdata, kind, &id, error);
        return r < 0 ? r : bus_reply_stored(b, m, &id);
}

static int method_stop_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        int64_t id;
        int r = b->handlers->stop_session(b->userdata, &id, error);

        return r < 0 ? r : bus_reply_stored(b, m, &id);
}

static int method_set_ceiling(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        const char *expression;
        int r = sd_bus_message_read(m, "s", &expression);

        if (r >= 0)
                r = b->handlers->set_ceiling(b->userdata, expression, error);
        return r < 0 ? r : bus_reply_stored(b, m, NULL);
}

static int method_snooze(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        uint32_t seconds;
        int r = sd_bus_message_read(m, "u", &seconds);

        if (r >= 0)
                r = b->handlers->snooze(b->userdata, seconds, error);
        return r < 0 ? r : bus_reply_stored(b, m, NULL);
}

static int method_mark(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        const char *text;
        int r = sd_bus_message_read(m, "s", &text);

        if (r >= 0)
                r = b->handlers->mark(b->userdata, text, error);
        return r < 0 ? r : bus_reply_stored(b, m, NULL);
}

static int method_get_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Bus *b = userdata;
        int64_t id;
        int r = sd_bus_message_read(m, "x", &id);

        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = b->handlers->get_session(b->userdata, id, reply, error);
        return r < 0 ? bus_later(b, m, method_get_session, r, error) : sd_bus_send(b->bus, reply, NULL);
}

static int method_list_sessions(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Bus *b = userdata;
        int64_t after, last = 0;
        uint32_t limit;
        int r = sd_bus_message_read(m, "xu", &after, &limit);

        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = b->handlers->list_sessions(b->userdata, after, limit, reply, &last, error);
        if (r >= 0)
                r = sd_bus_message_append(reply, "x", last);
        return r < 0 ? bus_later(b, m, method_list_sessions, r, error) : sd_bus_send(b->bus, reply, NULL);
}

static int method_delete_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        return bus_later(b, m, method_delete_session, bus_delete(b, m, b->handlers->delete_session, error),
                        error);
}

static int method_reload(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        int r = b->handlers->reload(b->userdata, error);

        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

void bus_session(Bus *b, const char *name, int64_t session, const char *address, uint64_t realtime_usec)
{
        char path[SENSOR_PATH_SIZE];

        b->manager.over_ceiling = false;
        bus_emit(b, CARDIO_MANAGER_INTERFACE, name, "xot", session, bus_sensor_path(path, address),
                        realtime_usec);
}

void bus_session_discarded(Bus *b, int64_t session)
{
        b->manager.over_ceiling = false;
        bus_emit(b, CARDIO_MANAGER_INTERFACE, "SessionDiscarded", "x", session);
}

void bus_limit(Bus *b, const char *name, int64_t session, const char *address, double heart_rate,
                double ceiling, usec_t length_usec)
{
        char path[SENSOR_PATH_SIZE];

        b->manager.over_ceiling = strcmp(name, "OverLimit") == 0;
        bus_emit(b, CARDIO_MANAGER_INTERFACE, name, "xoddu", session, bus_sensor_path(path, address),
                        heart_rate, ceiling, (uint32_t)(length_usec / USEC_PER_SEC));
}

void bus_over_pace(Bus *b, const char *name, int64_t session, const char *address, double speed, double limit,
                usec_t length_usec)
{
        char path[SENSOR_PATH_SIZE];

        bus_emit(b, CARDIO_MANAGER_INTERFACE, name, "xoddu", session, bus_sensor_path(path, address), speed,
                        limit, (uint32_t)(length_usec / USEC_PER_SEC));
}

void bus_sessions_changed(Bus *b)
{
        bus_emit(b, CARDIO_MANAGER_INTERFACE, "SessionsChanged", "");
}

void bus_trouble(Bus *b, const char *kind, const char *text)
{
        bus_emit(b, CARDIO_MANAGER_INTERFACE, "Trouble", "ss", kind, text);
}

/* -- Properties -- */

/* The warnings, as an array. */
static int get_warnings(_unused_ sd_bus *bus, _unused_ const char *path, _unused_ const char *interface,
                _unused_ const char *property, sd_bus_message *reply, void *userdata,
                _unused_ sd_bus_error *error)
{
        const char *const *warnings = userdata;
        _cleanup_free_ char *lines = strdup(*warnings ? *warnings : "");
        char *save = NULL, *line;
        int r;

        if (!lines)
                return -ENOMEM;
        r = sd_bus_message_open_container(reply, 'a', "s");
        for (line = strtok_r(lines, "\n", &save); r >= 0 && line; line = strtok_r(NULL, "\n", &save))
                r = sd_bus_message_append(reply, "s", line);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

#define CHANGES     SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define CONST       SD_BUS_VTABLE_PROPERTY_CONST
#define UNANNOUNCED 0

#define VALUE(field) PROPERTY_VALUE(BusManager, view.field)
#define TEXT(field)  PROPERTY_TEXT(BusManager, view.field)

static const BusProperty properties[] = {
        { "Version", "s", NULL, PROPERTY_TEXT(BusManager, version), CONST },
        { "DatabasePath", "s", NULL, PROPERTY_TEXT(BusManager, database_path), CONST },
        { "Recording", "b", property_get_bool, VALUE(recording), CHANGES },
        { "Session", "x", NULL, VALUE(session), CHANGES },
        { "Ceiling", "d", NULL, VALUE(ceiling), CHANGES },
        { "CeilingExpression", "s", NULL, TEXT(ceiling_expression), CHANGES },
        { "CeilingReason", "s", NULL, TEXT(ceiling_reason), CHANGES },
        { "Tolerance", "d", NULL, VALUE(tolerance), CHANGES },
        { "RestingHeartRate", "d", NULL, VALUE(resting_heart_rate), CHANGES },
        { "MaximumHeartRate", "d", NULL, VALUE(maximum_heart_rate), CHANGES },
        { "RestingProvisional", "b", property_get_bool, VALUE(resting_provisional), CHANGES },
        { "SnoozedUntil", "t", NULL, VALUE(snoozed_until), CHANGES },
        { "Scanning", "b", property_get_bool, VALUE(scanning), CHANGES },
        { "WaitsForRest", "b", property_get_bool, VALUE(waits_for_rest), CHANGES },
        { "ClockSet", "b", property_get_bool, VALUE(clock_set), CHANGES },
        { "Bluetooth", "s", NULL, TEXT(bluetooth), CHANGES },
        { "Waiting", "u", NULL, VALUE(waiting), CHANGES },
        { "PaceLimit", "d", NULL, VALUE(pace_limit), CHANGES },
        { "PaceReason", "s", NULL, TEXT(pace_reason), CHANGES },
        { "PaceUnits", "s", NULL, TEXT(pace_units), CHANGES },
        { "Speed", "d", NULL, PROPERTY_VALUE(BusManager, speed), UNANNOUNCED },
        { "Distance", "d", NULL, PROPERTY_VALUE(BusManager, distance), UNANNOUNCED },
        { "OverCeiling", "b", property_get_bool, PROPERTY_VALUE(BusManager, over_ceiling), UNANNOUNCED },
        { "Warnings", "as", get_warnings, TEXT(warnings), CHANGES },
};

void bus_set_manager(Bus *b, const ManagerView *view)
{
        bus_push(b, &b->manager_object, view);
}

void bus_set_snoozed_until(Bus *b, uint64_t until_usec)
{
        ManagerView view = b->manager.view;

        if (!b->manager_object.initialised)
                return; /* with everything else, when it begins */
        view.snoozed_until = until_usec;
        bus_push(b, &b->manager_object, &view);
        if (!bus_is_behind(b))
                bus_object_announce(&b->manager_object, b->bus);
}

void bus_set_session_pace(Bus *b, double speed, double distance)
{
        b->manager.speed = speed;
        b->manager.distance = distance;
}

/* -- Methods and signals -- */

/* callers.c has checked before who may call at all: hence UNPRIVILEGED. */
#define LIMIT_ARGS SD_BUS_ARGS("x", session, "o", sensor, "d", heart_rate, "d", ceiling, "u", seconds)
#define PACE_ARGS  SD_BUS_ARGS("x", session, "o", sensor, "d", speed, "d", limit, "u", seconds)

static const sd_bus_vtable members[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Subscribe", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_subscribe,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Unsubscribe", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_unsubscribe,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StartSession", SD_BUS_ARGS("s", kind), SD_BUS_RESULT("x", session),
                        method_start_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StopSession", SD_BUS_NO_ARGS, SD_BUS_RESULT("x", session),
                        method_stop_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetCeiling", SD_BUS_ARGS("s", expression), SD_BUS_NO_RESULT,
                        method_set_ceiling, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Snooze", SD_BUS_ARGS("u", seconds), SD_BUS_NO_RESULT, method_snooze,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Mark", SD_BUS_ARGS("s", text), SD_BUS_NO_RESULT, method_mark,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StartScan", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_start_scan,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("StopScan", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_stop_scan,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Trust", SD_BUS_ARGS("s", address), SD_BUS_NO_RESULT, method_trust,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Forget", SD_BUS_ARGS("s", address), SD_BUS_NO_RESULT, method_forget,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetSession", SD_BUS_ARGS("x", session), SD_BUS_RESULT("a{sv}", row),
                        method_get_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListSessions", SD_BUS_ARGS("x", after, "u", limit),
                        SD_BUS_RESULT("a(xsxb)", sessions, "x", last), method_list_sessions,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("DeleteSession", SD_BUS_ARGS("x", session), SD_BUS_NO_RESULT,
                        method_delete_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("AddSession", SD_BUS_ARGS("a{sv}", run), SD_BUS_RESULT("x", session),
                        bus_method_add_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ImportSession",
                        SD_BUS_ARGS("a{sv}", header, "a(tqy)", samples, "a(tq)", rr, "a(tdddd)", pace),
                        SD_BUS_RESULT("x", session), bus_method_import_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("EditSession", SD_BUS_ARGS("x", session, "a{sv}", edit),
                        SD_BUS_RESULT("ax", sessions), bus_method_edit_session, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("UndoEdit", SD_BUS_ARGS("x", session), SD_BUS_NO_RESULT, bus_method_undo_edit,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_reload,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("SessionStarted",
                        SD_BUS_ARGS("x", session, "o", sensor, "t", started_realtime_usec), 0),
        SD_BUS_SIGNAL_WITH_ARGS(
                        "SessionEnded", SD_BUS_ARGS("x", session, "o", sensor, "t", ended_realtime_usec), 0),
        SD_BUS_SIGNAL_WITH_ARGS("SessionDiscarded", SD_BUS_ARGS("x", session), 0),
        SD_BUS_SIGNAL_WITH_ARGS("SessionsChanged", SD_BUS_NO_ARGS, 0),
        SD_BUS_SIGNAL_WITH_ARGS("OverLimit", LIMIT_ARGS, 0),
        SD_BUS_SIGNAL_WITH_ARGS("BackInRange", LIMIT_ARGS, 0),
        SD_BUS_SIGNAL_WITH_ARGS("OverPace", PACE_ARGS, 0),
        SD_BUS_SIGNAL_WITH_ARGS("PaceInRange", PACE_ARGS, 0),
        SD_BUS_SIGNAL_WITH_ARGS("Trouble", SD_BUS_ARGS("s", kind, "s", text), 0),
        SD_BUS_VTABLE_END,
};

const BusInterface bus_manager_interface = {
        .name = CARDIO_MANAGER_INTERFACE,
        .properties = properties,
        .n_properties = ELEMENTSOF(properties),
        .members = members,
        .offset = offsetof(Bus, manager),
};

_Static_assert(offsetof(BusManager, view) == 0, "the values begin with what is pushed");
