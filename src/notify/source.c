/* SPDX-License-Identifier: MIT */

/* The client of org.cardiod1.
 *
 * Always: a signal counts only if the owner of the name sent it; whatever look-alike sends is passed over.
 * Calls go to the well-known name and never start a service. */

#include "source.h"

#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/measurement.h"

#include "client/owner.h"
#include "say.h"

#define SENSOR_ABSENT "absent"

struct Source {
        LinkKind kind;
        const SourceFuncs *funcs;
        void *userdata;
        Link *link;
        sd_bus *bus; /* of link, NULL = not connected */
        SourceState state;
        Owner owner;
        sd_bus_slot *signals, *coach_signals, *properties, *removed;
        double tolerance; /* bpm */
        sd_bus_slot *greeting;
        sd_bus_slot *row;
        int64_t row_session;
        sd_bus_slot *annotate;
        int64_t annotated;
        sd_bus_slot *snooze;
};

static void source_set_state(Source *s, SourceState state)
{
        if (s->state == state)
                return;
        s->state = state;
        s->funcs->state(s->userdata, s);
}

/* Asks something of cardiod; the answer comes to func with s. */
static int source_call(Source *s, sd_bus_slot **slot, const char *interface, const char *member,
                sd_bus_message_handler_t func, const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list ap;
        int r;

        *slot = sd_bus_slot_unref(*slot);
        if (!s->bus)
                return -ENOTCONN;
        r = sd_bus_message_new_method_call(s->bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT, interface, member);
        if (r < 0)
                return r;
        r = sd_bus_message_set_auto_start(m, false);
        if (r < 0)
                return r;
        va_start(ap, types);
        r = sd_bus_message_appendv(m, types, ap);
        va_end(ap);
        if (r < 0)
                return r;
        r = sd_bus_call_async(s->bus, slot, m, func, s, 0);
        return r < 0 ? r : 0;
}

/* The properties that somebody here wants; what a message does not hold is left as it was. */
typedef struct Properties {
        int64_t session;
        double tolerance;
        const char *state;
} Properties;

static int property_read(sd_bus_message *m, Properties *p)
{
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;
        if (strcmp(name, "Session") == 0)
                return sd_bus_message_read(m, "v", "x", &p->session);
        if (strcmp(name, "Tolerance") == 0)
                return sd_bus_message_read(m, "v", "d", &p->tolerance);
        if (strcmp(name, "State") == 0)
                return sd_bus_message_read(m, "v", "s", &p->state);
        return sd_bus_message_skip(m, "v");
}

/* Of a message that stands before a{sv}. */
static int properties_read(sd_bus_message *m, Properties *p)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = property_read(m, p);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static void source_set_tolerance(Source *s, double tolerance)
{
        s->tolerance = tolerance >= 0 && tolerance < HEART_RATE_MAX ? tolerance : 0;
}

/* Session, 0 if none is being recorded, -1 if it does not say. */
static int64_t source_read_greeting(Source *s, sd_bus_message *m)
{
        Properties p = { .session = -1 };

        if (properties_read(m, &p) < 0)
                return -1;
        source_set_tolerance(s, p.tolerance);
        return p.session;
}

static int source_on_greeting(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Source *s = userdata;

        (void)ret_error;
        s->greeting = sd_bus_slot_unref(s->greeting);
        if (s->state != SOURCE_PRESENT)
                return 0;
        if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_ACCESS_DENIED)) {
                source_set_state(s, SOURCE_DENIED);
                return 0;
        }
        s->funcs->greeted(s->userdata, s,
                        sd_bus_message_is_method_error(m, NULL) ? -1 : source_read_greeting(s, m));
        return 0;
}

static void source_on_owner(void *userdata, const char *before, const char *after)
{
        Source *s = userdata;

        /* One that follows another without a pause is a restart as well. */
        if (before || !after)
                source_set_state(s, SOURCE_ABSENT);
        s->tolerance = 0; /* another cardiod's, until it says its own */
        if (!after)
                return;
        source_set_state(s, SOURCE_PRESENT);
        /* A bus that refuses us drops cardiod's signals without a word, so we ask something to be told. */
        if (source_call(s, &s->greeting, "org.freedesktop.DBus.Properties", "GetAll", source_on_greeting, "s",
                            CARDIO_MANAGER_INTERFACE) < 0)
                s->funcs->greeted(s->userdata, s, -1);
}

static const struct {
        const char *member;
        ReportType type;
} reports[] = {
        { "SessionStarted", REPORT_SESSION_STARTED },
        { "SessionEnded", REPORT_SESSION_ENDED },
        { "SessionDiscarded", REPORT_SESSION_DISCARDED },
        { "OverLimit", REPORT_OVER_LIMIT },
        { "BackInRange", REPORT_BACK_IN_RANGE },
        { "Advice", REPORT_ADVICE },
        { "Cue", REPORT_CUE },
};

static int report_read(sd_bus_message *m, Report *r)
{

        switch (r->type) {
        case REPORT_OVER_LIMIT:
        case REPORT_BACK_IN_RANGE:
                return sd_bus_message_read(m, "xoddu", &r->session, &r->sensor, &r->heart_rate, &r->ceiling,
                                &r->seconds);
        case REPORT_SESSION_STARTED:
        case REPORT_SESSION_ENDED:
        case REPORT_SESSION_DISCARDED:
                /* Their other arguments are not asked for here. */
                return sd_bus_message_read(m, "x", &r->session);
        case REPORT_ADVICE:
                return sd_bus_message_read(m, "xss", &r->session, &r->kind, &r->text);
        case REPORT_CUE:
                return sd_bus_message_read(m, "xsu", &r->session, &r->text, &r->seconds);
        case _REPORT_TYPE_MAX:
        case _REPORT_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

static int source_on_signal(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Source *s = userdata;
        const char *member = sd_bus_message_get_member(m);

        (void)ret_error;
        if (!owner_is_sender(&s->owner, m))
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(reports); i++) {
                Report report = { .type = reports[i].type };

                if (strcmp(member, reports[i].member) != 0)
                        continue;
                if (report_read(m, &report) >= 0)
                        s->funcs->report(s->userdata, s, &report);
                break;
        }
        return 0;
}

static void source_sensor_changed(Source *s, const SensorChange *change)
{
        if (s->state == SOURCE_PRESENT)
                s->funcs->sensor(s->userdata, s, change);
}

static int source_on_properties(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Source *s = userdata;
        Properties p = { .session = -1, .tolerance = s->tolerance };
        const char *interface;

        (void)ret_error;
        if (!owner_is_sender(&s->owner, m) || sd_bus_message_read(m, "s", &interface) < 0 ||
                        properties_read(m, &p) < 0)
                return 0;
        if (strcmp(interface, CARDIO_MANAGER_INTERFACE) == 0)
                source_set_tolerance(s, p.tolerance);
        else if (strcmp(interface, CARDIO_SENSOR_INTERFACE) == 0)
                source_sensor_changed(s, &(SensorChange){ .path = sd_bus_message_get_path(m),
                                                         .state = p.state,
                                                         .session = p.session });
        return 0;
}

/* One that cardiod knows no more sends no more. */
static int source_on_removed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Source *s = userdata;
        const char *path;

        (void)ret_error;
        if (owner_is_sender(&s->owner, m) && sd_bus_message_read(m, "o", &path) >= 0)
                source_sensor_changed(
                                s, &(SensorChange){ .path = path, .state = SENSOR_ABSENT, .session = 0 });
        return 0;
}

/* They fail only for want of memory, or when the connection is already gone: then func(NULL) follows. */
static int source_listen(Source *s, sd_bus *bus)
{
        int r;

        r = sd_bus_match_signal_async(bus, &s->signals, CARDIO_BUS_NAME, CARDIO_OBJECT,
                        CARDIO_MANAGER_INTERFACE, NULL, source_on_signal, NULL, s);
        if (r < 0)
                return r;
        r = sd_bus_match_signal_async(bus, &s->coach_signals, CARDIO_BUS_NAME, CARDIO_OBJECT,
                        CARDIO_COACH_INTERFACE, NULL, source_on_signal, NULL, s);
        if (r < 0)
                return r;
        r = sd_bus_match_signal_async(bus, &s->properties, CARDIO_BUS_NAME, NULL,
                        "org.freedesktop.DBus.Properties", "PropertiesChanged", source_on_properties, NULL,
                        s);
        if (r < 0)
                return r;
        return sd_bus_match_signal_async(bus, &s->removed, CARDIO_BUS_NAME, CARDIO_OBJECT,
                        "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", source_on_removed, NULL,
                        s);
}

static void source_release(Source *s)
{
        s->bus = NULL;
        owner_stop(&s->owner);
        s->signals = sd_bus_slot_unref(s->signals);
        s->coach_signals = sd_bus_slot_unref(s->coach_signals);
        s->properties = sd_bus_slot_unref(s->properties);
        s->removed = sd_bus_slot_unref(s->removed);
        s->greeting = sd_bus_slot_unref(s->greeting);
        s->row = sd_bus_slot_unref(s->row);
        s->annotate = sd_bus_slot_unref(s->annotate);
        s->snooze = sd_bus_slot_unref(s->snooze);
}

static void source_on_link(void *userdata, sd_bus *bus, int error)
{
        Source *s = userdata;
        int r;

        source_release(s);
        s->bus = bus;
        if (!bus) {
                say_unreachable("cardiod", s->kind, error);
                source_set_state(s, SOURCE_ABSENT);
                return;
        }
        r = source_listen(s, bus);
        if (r >= 0)
                r = owner_start(&s->owner, bus, CARDIO_BUS_NAME, source_on_owner, s);
        if (r < 0)
                source_set_state(s, SOURCE_ABSENT);
}

int source_new(sd_event *event, LinkKind kind, const SourceFuncs *funcs, void *userdata, Source **ret)
{
        Source *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        s->kind = kind;
        s->funcs = funcs;
        s->userdata = userdata;
        r = link_new(event, kind, source_on_link, s, &s->link);
        if (r < 0) {
                free(s);
                return r;
        }
        *ret = s;
        return 0;
}

void source_start(Source *s)
{
        link_start(s->link);
}

Source *source_free(Source *s)
{
        if (!s)
                return NULL;
        source_release(s);
        link_free(s->link);
        free(s);
        return NULL;
}

SourceState source_state(const Source *s)
{
        return s->state;
}

double source_tolerance(const Source *s)
{
        return s->tolerance;
}

LinkKind source_kind(const Source *s)
{
        return s->kind;
}

/* An error of its own is an answer; the bus's errors say that it is not there to answer. */
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

static int source_on_row(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Source *s = userdata;
        SessionRow row;

        (void)ret_error;
        s->row = sd_bus_slot_unref(s->row);
        if (sd_bus_message_is_method_error(m, NULL) || session_row_read(m, &row) < 0)
                s->funcs->row(s->userdata, s->row_session, NULL, is_gone(m));
        else
                s->funcs->row(s->userdata, s->row_session, &row, false);
        return 0;
}

int source_get_row(Source *s, int64_t session)
{
        s->row_session = session;
        return source_call(s, &s->row, CARDIO_MANAGER_INTERFACE, "GetSession", source_on_row, "x", session);
}

static int source_on_snoozed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Source *s = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);

        (void)ret_error;
        s->snooze = sd_bus_slot_unref(s->snooze);
        s->funcs->snoozed(s->userdata, !e ? NULL : e->message ? e->message : e->name);
        return 0;
}

int source_snooze(Source *s, uint32_t seconds)
{
        return source_call(
                        s, &s->snooze, CARDIO_MANAGER_INTERFACE, "Snooze", source_on_snoozed, "u", seconds);
}

static int source_on_annotated(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        Source *s = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(m);

        (void)ret_error;
        s->annotate = sd_bus_slot_unref(s->annotate);
        s->funcs->annotated(s->userdata, s->annotated, !e ? NULL : e->message ? e->message : e->name);
        return 0;
}

int source_annotate(Source *s, int64_t session, const char *key, const char *value)
{
        s->annotated = session;
        return source_call(s, &s->annotate, CARDIO_COACH_INTERFACE, "Annotate", source_on_annotated, "xa{sv}",
                        session, 1, key, "s", value);
}
