/* SPDX-License-Identifier: MIT */
/* The D-Bus face. Each object's properties are kept in one struct that sd-bus reads them from; a push compares field by
 * field, marks what moved, and a defer source announces it when the loop has done its work. Nothing here decides. */

#include "bus/internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cardio/bus-api.h"
#include "cardio/parse.h"
#include "log.h"

static const Property manager_properties[] = {
        { "Recording", 'b', offsetof(BusManager, recording) },
        { "Session", 'x', offsetof(BusManager, session) }, { "Ceiling", 'd', offsetof(BusManager, ceiling) },
        { "CeilingExpression", 's', offsetof(BusManager, ceiling_expression) },
        { "CeilingReason", 's', offsetof(BusManager, ceiling_reason) },
        { "Tolerance", 'd', offsetof(BusManager, tolerance) },
        { "RestingHeartRate", 'd', offsetof(BusManager, resting_heart_rate) },
        { "MaximumHeartRate", 'd', offsetof(BusManager, maximum_heart_rate) },
        { "RestingProvisional", 'b', offsetof(BusManager, resting_provisional) },
        { "SnoozedUntil", 't', offsetof(BusManager, snoozed_until) },
        { "Scanning", 'b', offsetof(BusManager, scanning) },
        { "WaitsForRest", 'b', offsetof(BusManager, waits_for_rest) },
        { "ClockSet", 'b', offsetof(BusManager, clock_set) },
        { "Bluetooth", 's', offsetof(BusManager, bluetooth) },
        { "Waiting", 'u', offsetof(BusManager, waiting) },
        { "Warnings", 's', offsetof(BusManager, warnings) }, /* as lines; a list on the bus */
};

/* 'r' is (uu), as wide as an x. */
static const Property coach_properties[] = {
        { "Workout", 's', offsetof(BusCoach, workout) },
        { "WorkoutStep", 's', offsetof(BusCoach, step) },
        { "WorkoutStepNumber", 'r', offsetof(BusCoach, number) },
        { "WorkoutStepEnds", 't', offsetof(BusCoach, step_ends) },
};

static const Property sensor_properties[] = {
        { "Address", 's', offsetof(BusSensor, address) },
        { "Name", 's', offsetof(BusSensor, name) },
        { "Configured", 'b', offsetof(BusSensor, configured) },
        { "Trusted", 'b', offsetof(BusSensor, trusted) },
        { "Rotating", 'b', offsetof(BusSensor, rotating) },
        { "RSSI", 'n', offsetof(BusSensor, rssi) },
        { "State", 's', offsetof(BusSensor, state) },
        { "Contact", 's', offsetof(BusSensor, contact) },
        { "BodyLocation", 's', offsetof(BusSensor, body_location) },
        { "LinkProblem", 's', offsetof(BusSensor, link_problem) },
        { "BatteryPercentage", 'y', offsetof(BusSensor, battery_percentage) },
        { "Session", 'x', offsetof(BusSensor, session) },
};

#define SENSOR_PROPERTY(name, type, field, flags) \
        SD_BUS_PROPERTY(name, type, NULL, offsetof(BusSensor, field), flags)

static int property_get_losses(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const BusSensor *s = userdata;

        (void)bus, (void)path, (void)interface, (void)property, (void)error;
        return sd_bus_message_append_array(reply, 't', s->loss, s->n_losses * sizeof(s->loss[0]));
}

static const sd_bus_vtable sensor_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SENSOR_PROPERTY("Address", "s", address, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Name", "s", name, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Configured", "b", configured, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Trusted", "b", trusted, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Rotating", "b", rotating, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("RSSI", "n", rssi, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("State", "s", state, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Contact", "s", contact, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("BodyLocation", "s", body_location, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("LinkProblem", "s", link_problem, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("BatteryPercentage", "y", battery_percentage, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("Session", "x", session, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SENSOR_PROPERTY("HeartRate", "q", heart_rate, 0),
        SENSOR_PROPERTY("SmoothedHeartRate", "d", smoothed, 0),
        SENSOR_PROPERTY("Zone", "y", zone, 0),
        SD_BUS_PROPERTY("LinkLosses", "at", property_get_losses, 0, 0),
        SD_BUS_SIGNAL_WITH_ARGS("Measurement",
                        SD_BUS_ARGS("t", realtime_usec, "q", heart_rate, "d", smoothed, "y", zone, "aq", rr),
                        0),
        SD_BUS_VTABLE_END,
};

/* -- Announcing -- */

static void announce_object(Bus *b, const char *path, const char *interface, const Property *properties,
                size_t n, bool *dirty)
{
        char *names[PROPERTIES_MAX + 1];
        size_t n_names = 0;
        int r;

        for (size_t i = 0; i < n; i++) {
                if (dirty[i])
                        names[n_names++] = (char *)properties[i].name;
                dirty[i] = false;
        }
        names[n_names] = NULL;
        r = n_names > 0 ? sd_bus_emit_properties_changed_strv(b->bus, path, interface, names) : 0;
        if (r < 0)
                log_warning("Cannot announce what changed at %s: %s", path, strerror(-r));
}

static int on_announce(sd_event_source *source, void *userdata)
{
        Bus *b = userdata;

        (void)source;
        if (bus_is_behind(b)) {
                b->backlog.announce = true;
                return 0;
        }
        announce_object(b, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, manager_properties,
                        ELEMENTSOF(manager_properties), b->dirty);
        announce_object(b, CARDIO_OBJECT, CARDIO_COACH_INTERFACE, coach_properties,
                        ELEMENTSOF(coach_properties), b->coach_dirty);
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (b->sensors[i])
                        announce_object(b, b->sensors[i]->path, CARDIO_SENSOR_INTERFACE, sensor_properties,
                                        ELEMENTSOF(sensor_properties), b->sensors[i]->dirty);
        bus_sent(b, false);
        return 0;
}

static bool string_update(char **slot, const char *value)
{
        char *copy;

        if (strcmp(*slot ? *slot : "", value ? value : "") == 0)
                return false;
        copy = strdup(value ? value : "");
        if (!copy) {
                log_error("Cannot announce a property: out of memory");
                return false;
        }
        free(*slot);
        *slot = copy;
        return true;
}

static bool field_update(void *object, const Property *p, const void *value)
{
        char *field = (char *)object + p->offset;
        size_t size = p->type == 'b' || p->type == 'u' ? 4 : p->type == 'y' ? 1 : p->type == 'n' ? 2 : 8;

        if (p->type == 's')
                return string_update((char **)field, *(char *const *)value);
        if (memcmp(field, value, size) == 0)
                return false;
        memcpy(field, value, size);
        return true;
}

/* values[i] points to what properties[i] is now; marks those that moved. */
static void object_update(Bus *b, void *object, const Property *properties, size_t n,
                const void *const *values, bool *dirty)
{
        bool any = false;

        for (size_t i = 0; i < n; i++)
                if (field_update(object, &properties[i], values[i]))
                        dirty[i] = any = true;
        if (any)
                (void)sd_event_source_set_enabled(
                                b->announce, SD_EVENT_ONESHOT); /* cannot fail: it is ours */
}

void bus_set_manager(Bus *b, const ManagerView *view)
{
        const int recording = view->recording, provisional = view->resting_provisional,
                  scanning = view->scanning, waits_for_rest = view->waits_for_rest,
                  clock_set = view->clock_set;
        const bool first = !b->manager.ceiling_expression;
        const void *const values[] = {
                &recording,
                &view->session,
                &view->ceiling,
                &view->ceiling_expression,
                &view->ceiling_reason,
                &view->tolerance,
                &view->resting_heart_rate,
                &view->maximum_heart_rate,
                &provisional,
                &view->snoozed_until,
                &scanning,
                &waits_for_rest,
                &clock_set,
                &view->bluetooth,
                &view->waiting,
                &view->warnings,
        };

        _Static_assert(ELEMENTSOF(values) == ELEMENTSOF(manager_properties) &&
                                        ELEMENTSOF(values) <= PROPERTIES_MAX,
                        "a value for each property");
        object_update(b, &b->manager, manager_properties, ELEMENTSOF(values), values, b->dirty);
        if (first)
                memset(b->dirty, 0, sizeof(b->dirty)); /* nobody has seen it otherwise */
}

void bus_set_workout(Bus *b, const WorkoutView *view)
{
        const uint32_t number[] = { view->number, view->steps };
        const bool first = !b->coach.workout;
        const void *const values[] = { &view->workout, &view->step, number, &view->step_ends };

        _Static_assert(ELEMENTSOF(values) == ELEMENTSOF(coach_properties), "a value for each property");
        object_update(b, &b->coach, coach_properties, ELEMENTSOF(values), values, b->coach_dirty);
        if (first)
                memset(b->coach_dirty, 0, sizeof(b->coach_dirty)); /* as above */
}

static BusSensor *sensor_free(BusSensor *s)
{
        if (!s)
                return NULL;
        sd_bus_slot_unref(s->slot);
        free(s->path);
        free(s->address);
        free(s->name);
        free(s->state);
        free(s->contact);
        free(s->body_location);
        free(s->link_problem);
        free(s);
        return NULL;
}
DEFINE_CLEANUP(BusSensor *, sensor_free);

#define SENSOR_PATH_SIZE (sizeof(CARDIO_SENSOR_PREFIX "/") + ADDRESS_STRING_MAX)

/* AA:BB:… becomes …/sensor/AA_BB_…; characters that D-Bus does not take in a path cannot come, the address is parsed. */
static const char *sensor_path(char buf[static SENSOR_PATH_SIZE], const char *address)
{
        (void)snprintf(buf, SENSOR_PATH_SIZE, CARDIO_SENSOR_PREFIX "/%s", address); /* fits */
        for (char *c = buf; *c; c++)
                if (*c == ':')
                        *c = '_';
        return buf;
}

static int sensor_new(Bus *b, const char *address, BusSensor **ret)
{
        _cleanup_(sensor_freep) BusSensor *s = calloc(1, sizeof(*s));
        char path[SENSOR_PATH_SIZE];
        int r;

        if (s)
                s->path = strdup(sensor_path(path, address));
        if (!s || !s->path)
                return -ENOMEM;
        r = sd_bus_add_object_vtable(b->bus, &s->slot, s->path, CARDIO_SENSOR_INTERFACE, sensor_vtable, s);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

int bus_set_sensor(Bus *b, unsigned number, const SensorView *view)
{
        const int configured = view->configured, trusted = view->trusted, rotating = view->rotating;
        const void *const values[] = {
                &view->address,
                &view->name,
                &configured,
                &trusted,
                &rotating,
                &view->rssi,
                &view->state,
                &view->contact,
                &view->body_location,
                &view->link_problem,
                &view->battery_percentage,
                &view->session,
        };
        bool added = !b->sensors[number];
        BusSensor *s;
        int r;

        _Static_assert(ELEMENTSOF(values) == ELEMENTSOF(sensor_properties), "a value for each property");
        if (added) {
                r = sensor_new(b, view->address, &b->sensors[number]);
                if (r < 0)
                        return r;
        }
        s = b->sensors[number];
        object_update(b, s, sensor_properties, ELEMENTSOF(values), values, s->dirty);
        if (!added)
                return 0;
        memset(s->dirty, 0, sizeof(s->dirty)); /* InterfacesAdded tells all of them */
        r = bus_is_full(b) ? -ENOBUFS
                           : sd_bus_emit_interfaces_added(b->bus, s->path, CARDIO_SENSOR_INTERFACE, NULL);
        bus_sent(b, false);
        return r;
}

void bus_remove_sensor(Bus *b, unsigned number)
{
        int r;

        if (!b->sensors[number])
                return;
        r = bus_is_full(b) ? -ENOBUFS
                           : sd_bus_emit_interfaces_removed(
                                             b->bus, b->sensors[number]->path, CARDIO_SENSOR_INTERFACE, NULL);
        bus_sent(b, false);
        if (r < 0)
                log_warning("Cannot announce that %s is gone: %s", b->sensors[number]->path, strerror(-r));
        b->sensors[number] = sensor_free(b->sensors[number]);
}

void bus_set_heart_rate(Bus *b, unsigned number, uint16_t heart_rate, double smoothed, uint8_t zone)
{
        BusSensor *s = b->sensors[number];

        if (!s)
                return;
        s->heart_rate = heart_rate;
        s->smoothed = smoothed;
        s->zone = zone;
}

void bus_set_link_losses(Bus *b, unsigned number, const uint64_t *losses, size_t n)
{
        BusSensor *s = b->sensors[number];

        if (!s)
                return;
        s->n_losses = n < ELEMENTSOF(s->loss) ? n : ELEMENTSOF(s->loss);
        memcpy(s->loss, losses, s->n_losses * sizeof(s->loss[0]));
}

/* -- Signals -- */

bool bus_has_subscribers(const Bus *b)
{
        return subscribers_any(b->subscribers);
}

void bus_measurement(Bus *b, unsigned number, uint64_t realtime_usec, uint16_t heart_rate, double smoothed,
                uint8_t zone, const uint16_t *rr, size_t n_rr)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        if (!b->sensors[number] || bus_is_behind(b))
                return;
        r = sd_bus_message_new_signal(
                        b->bus, &m, b->sensors[number]->path, CARDIO_SENSOR_INTERFACE, "Measurement");
        if (r >= 0)
                r = sd_bus_message_append(m, "tqdy", realtime_usec, heart_rate, smoothed, zone);
        if (r >= 0)
                r = sd_bus_message_append_array(m, 'q', rr, n_rr * sizeof(*rr));
        if (r >= 0)
                r = sd_bus_send(b->bus, m, NULL);
        if (r < 0)
                log_warning("Cannot send Measurement: %s", strerror(-r));
        bus_sent(b, false);
}

void bus_session(Bus *b, const char *name, int64_t session, const char *address, uint64_t realtime_usec)
{
        char path[SENSOR_PATH_SIZE];

        bus_emit(b, CARDIO_MANAGER_INTERFACE, name, "xot", session, sensor_path(path, address),
                        realtime_usec);
}

void bus_session_discarded(Bus *b, int64_t session)
{
        bus_emit(b, CARDIO_MANAGER_INTERFACE, "SessionDiscarded", "x", session);
}

void bus_limit(Bus *b, const char *name, int64_t session, const char *address, double heart_rate,
                double ceiling, usec_t length_usec)
{
        char path[SENSOR_PATH_SIZE];

        bus_emit(b, CARDIO_MANAGER_INTERFACE, name, "xoddu", session, sensor_path(path, address), heart_rate,
                        ceiling, (uint32_t)(length_usec / USEC_PER_SEC));
}

/* -- Callers -- */

/* Sees each call before any object does. */
static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        uint8_t type;

        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;
        bus_sent(b, false); /* the answer to the one before */
        if (bus_is_behind(b))
                return 1;
        switch (callers_judge(b->callers, m, error)) {
        case CALLER_SERVED:
                return 0;
        case CALLER_REFUSED:
                return -EACCES; /* the error is what is answered */
        case CALLER_IGNORED:
                return 1;
        case _CALLER_VERDICT_MAX:
        case _CALLER_VERDICT_INVALID:
                break;
        }
        return 1;
}

int bus_remember(Bus *b, Subscribers *s, sd_bus_message *m, const char *what, sd_bus_error *error)
{
        const char *name = sd_bus_message_get_sender(m);
        int r = subscribers_add(s, name, callers_uid(b->callers, name));

        return r == -ENOSPC ? sd_bus_error_setf(error, CARDIO_ERROR_LIMIT_REACHED,
                                              "No more callers can %s, or no more of one user: accepted: "
                                              "%zu, and %zu",
                                              what, subscribers_max(s), subscribers_max_of_one(s))
                            : r;
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
        b->manager.version = strdup(version);
        b->manager.database_path = strdup(database_path);
        if (!b->manager.version || !b->manager.database_path)
                return -ENOMEM;

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
                r = sd_bus_add_object_vtable(bus, &b->manager_slot, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                bus_manager_vtable, b);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, &b->coach_slot, CARDIO_OBJECT, CARDIO_COACH_INTERFACE,
                                bus_coach_vtable, b);
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
                sensor_free(b->sensors[i]);
        requests_end(b);
        subscribers_free(b->subscribers);
        sd_bus_slot_unref(b->coach_slot);
        sd_bus_slot_unref(b->manager_slot);
        sd_bus_slot_unref(b->object_manager_slot);
        sd_bus_slot_unref(b->filter_slot);
        callers_free(b->callers);
        sd_event_source_disable_unref(b->announce);
        sd_bus_slot_unref(b->backlog.ping);
        free(b->coach.workout);
        free(b->coach.step);
        free(b->manager.version);
        free(b->manager.database_path);
        free(b->manager.ceiling_expression);
        free(b->manager.ceiling_reason);
        free(b->manager.bluetooth);
        free(b->manager.warnings);
        sd_bus_unref(b->bus);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}
