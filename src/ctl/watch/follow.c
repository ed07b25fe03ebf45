/* SPDX-License-Identifier: MIT */
/* The daemon, followed over its restarts and those of the bus.
 *
 * Always: signals count only if the owner of the name sent them; until the daemon has answered all that it is
 * asked in the beginning, reach is not REACH_PRESENT and nobody is told of anything else; no call blocks.
 * Times are CLOCK_BOOTTIME, except those that the daemon tells, which are CLOCK_REALTIME. */
#include "watch/follow.h"

#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "cardio/bus-api.h"
#include "client/clock.h"
#include "client/link.h"
#include "client/owner.h"
#include "watch/live-record.h"

/* That often the daemon is asked for the row of the session that runs, beside whenever something happens, and else
 * whether it still answers: what it does not take back would be shown for ever. */
#define REFRESH_USEC (15 * USEC_PER_SEC)
/* Shorter, so that an answer is never waited for when the next one is asked. */
#define ASK_TIMEOUT_USEC (10 * USEC_PER_SEC)

/* The daemon on one bus. */
typedef struct Place {
        Follow *follow;
        LinkKind kind;
        Link *link;
        sd_bus *bus; /* of the link, NULL = not connected */
        Owner owner;
        Reach reach; /* REACH_PRESENT: somebody owns the name */
} Place;

struct Follow {
        sd_event *event;
        Live *live;
        FollowFunc func;
        void *userdata;
        Place place[_LINK_KIND_MAX];
        Place *active;
        sd_bus_slot *signals, *subscribe, *manager, *coach, *straps, *row;
        int64_t recorded; /* the session whose past was read */
        sd_event_source *refresh;
};

static const char *const news_names[] = {
        [NEWS_REACH] = "daemon",
        [NEWS_STATUS] = "status",
        [NEWS_MEASUREMENT] = "measurement",
        [NEWS_SESSION_STARTED] = "session-started",
        [NEWS_SESSION_ENDED] = "session-ended",
        [NEWS_SESSION_DISCARDED] = "session-discarded",
        [NEWS_OVER_LIMIT] = "over-limit",
        [NEWS_BACK_IN_RANGE] = "back-in-range",
};

const char *news_to_string(News news)
{
        return news >= 0 && news < _NEWS_MAX ? news_names[news] : NULL;
}

static void tell(Follow *f, News news, int64_t session)
{
        if (news == NEWS_REACH || f->live->reach == REACH_PRESENT)
                f->func(f->userdata, news, session);
}

/* -- Asking -------------------------------------------------------------------------------------------------- */

static void detach(Follow *f)
{
        f->active = NULL;
        f->recorded = 0;
        f->signals = sd_bus_slot_unref(f->signals);
        f->subscribe = sd_bus_slot_unref(f->subscribe);
        f->manager = sd_bus_slot_unref(f->manager);
        f->coach = sd_bus_slot_unref(f->coach);
        f->straps = sd_bus_slot_unref(f->straps);
        f->row = sd_bus_slot_unref(f->row);
        f->refresh = sd_event_source_disable_unref(f->refresh);
}

static void lose(Follow *f, Reach reach)
{
        Reach before = f->live->reach;

        detach(f);
        live_lose(f->live, reach);
        if (reach != before)
                tell(f, NEWS_REACH, f->live->session.id);
}

static int ask(Follow *f, sd_bus_slot **slot, const char *interface, const char *member,
                sd_bus_message_handler_t func, const char *types, ...)
{
        _cleanup_message_ sd_bus_message *m = NULL;
        va_list arguments;
        int r;

        *slot = sd_bus_slot_unref(*slot);
        r = sd_bus_message_new_method_call(
                        f->active->bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT, interface, member);
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, false);
        if (r >= 0 && types) {
                va_start(arguments, types);
                r = sd_bus_message_appendv(m, types, arguments);
                va_end(arguments);
        }
        if (r >= 0)
                r = sd_bus_call_async(f->active->bus, slot, m, func, f, ASK_TIMEOUT_USEC);
        return r < 0 ? r : 0;
}

static void attach(Follow *f, Place *p, Reach reach);

/* Whether nobody has answered. Then all is asked anew: once the daemon goes on it answers that. */
static bool is_silent(Follow *f, sd_bus_message *m)
{
        Place *p = f->active;

        if (!sd_bus_message_is_method_error(m, SD_BUS_ERROR_NO_REPLY) &&
                        !sd_bus_message_is_method_error(m, SD_BUS_ERROR_TIMEOUT))
                return false;
        lose(f, REACH_SILENT);
        attach(f, p, REACH_SILENT);
        return true;
}

/* All that was asked in the beginning is answered. */
static void arrive(Follow *f)
{
        if (f->live->reach == REACH_PRESENT || f->manager || f->coach || f->straps || f->row || f->subscribe)
                return;
        f->live->reach = REACH_PRESENT;
        tell(f, NEWS_REACH, f->live->session.id);
}

static int on_row(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_json_ json_object *row = NULL;
        Follow *f = userdata;
        LiveSession before;

        (void)error;
        f->row = sd_bus_slot_unref(f->row);
        if (is_silent(f, m))
                return 0;
        before = f->live->session;
        /* If the session has ended meanwhile, a signal says so. */
        if (!sd_bus_message_is_method_error(m, NULL) && bus_read(m, &row) >= 0) {
                live_put_session(f->live, row, now_boot_usec());
                /* The end of a breach that was not told of is not told of either: the record has it. */
                if (f->recorded != f->live->session.id ||
                                (f->live->session.breach && !f->live->session.breach_told)) {
                        f->recorded = f->live->session.id;
                        live_record_read(f->live, now_boot_usec(), now_realtime_usec());
                }
        }
        arrive(f);
        if (before.breaches != f->live->session.breaches || before.over_s != f->live->session.over_s ||
                        before.breach != f->live->session.breach ||
                        strcmp(before.kind, f->live->session.kind) != 0)
                tell(f, NEWS_STATUS, f->live->session.id);
        return 0;
}

static int on_refresh(sd_event_source *source, uint64_t usec, void *userdata);

static int on_pong(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Follow *f = userdata;

        (void)error;
        f->row = sd_bus_slot_unref(f->row);
        if (!is_silent(f, m))
                arrive(f);
        return 0;
}

/* Asks for the row of the session that runs, if one does, now and then again. */
static void refresh(Follow *f)
{
        int r;

        f->refresh = sd_event_source_disable_unref(f->refresh);
        f->row = sd_bus_slot_unref(f->row);
        if (!f->active)
                return;
        if (f->live->session.id != 0)
                r = ask(f, &f->row, CARDIO_MANAGER_INTERFACE, "GetSession", on_row, "x", f->live->session.id);
        else
                r = ask(f, &f->row, "org.freedesktop.DBus.Peer", "Ping", on_pong, NULL);
        if (r >= 0)
                r = sd_event_add_time_relative(
                                f->event, &f->refresh, CLOCK_MONOTONIC, REFRESH_USEC, 0, on_refresh, f);
        if (r < 0)
                (void)sd_event_exit(f->event, r);
}

static int on_refresh(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        refresh(userdata);
        return 0;
}

static int on_subscribed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Follow *f = userdata;

        (void)error;
        f->subscribe = sd_bus_slot_unref(f->subscribe);
        if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_ACCESS_DENIED))
                lose(f, REACH_DENIED);
        else if (!is_silent(f, m))
                arrive(f);
        return 0;
}

static int on_manager(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_json_ json_object *properties = NULL;
        Follow *f = userdata;

        (void)error;
        f->manager = sd_bus_slot_unref(f->manager);
        if (is_silent(f, m))
                return 0;
        if (!sd_bus_message_is_method_error(m, NULL) && bus_read_properties(m, &properties) >= 0)
                live_put_manager(f->live, properties, now_boot_usec());
        refresh(f);
        arrive(f);
        return 0;
}

static int on_coach(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_json_ json_object *properties = NULL;
        Follow *f = userdata;

        (void)error;
        f->coach = sd_bus_slot_unref(f->coach);
        if (is_silent(f, m))
                return 0;
        if (!sd_bus_message_is_method_error(m, NULL) && bus_read_properties(m, &properties) >= 0)
                live_put_coach(f->live, properties);
        arrive(f);
        return 0;
}

/* Takes the interfaces of one object, as GetManagedObjects() and InterfacesAdded list them. */
static void take_interfaces(Follow *f, const char *path, json_object *interfaces)
{
        _cleanup_json_ json_object *named = NULL;
        json_object *properties = NULL;

        if (json_object_object_get_ex(interfaces, CARDIO_SENSOR_INTERFACE, &properties) &&
                        json_object_is_type(properties, json_type_object)) {
                named = bus_with_keys(properties);
                live_put_strap(f->live, path, named);
        }
}

static int on_straps(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_json_ json_object *objects = NULL;
        Follow *f = userdata;

        (void)error;
        f->straps = sd_bus_slot_unref(f->straps);
        if (is_silent(f, m))
                return 0;
        if (!sd_bus_message_is_method_error(m, NULL) && bus_read(m, &objects) >= 0 &&
                        json_object_is_type(objects, json_type_object)) {
                json_object_object_foreach(objects, path, interfaces)
                {
                        take_interfaces(f, path, interfaces);
                }
        }
        arrive(f);
        return 0;
}

/* -- Listening ------------------------------------------------------------------------------------------- */

static void take_measurement(Follow *f, sd_bus_message *m)
{
        uint64_t realtime_usec;
        uint16_t heart_rate;
        uint8_t zone;
        LiveMeasurement got = { 0 };
        const void *rr;
        size_t size;

        if (sd_bus_message_read(m, "tqdy", &realtime_usec, &heart_rate, &got.smoothed, &zone) < 0 ||
                        sd_bus_message_read_array(m, 'q', &rr, &size) < 0)
                return;
        got.heart_rate = heart_rate;
        got.zone = zone;
        got.rr = rr;
        got.n_rr = size / sizeof(*got.rr);
        if (live_put_measurement(f->live, sd_bus_message_get_path(m), &got, now_boot_usec()))
                tell(f, NEWS_MEASUREMENT, f->live->session.id);
}

static void take_changes(Follow *f, sd_bus_message *m)
{
        _cleanup_json_ json_object *properties = NULL;
        const char *interface;
        int64_t session = f->live->session.id;

        if (sd_bus_message_read(m, "s", &interface) < 0 || bus_read_properties(m, &properties) < 0)
                return;
        if (strcmp(interface, CARDIO_MANAGER_INTERFACE) == 0)
                live_put_manager(f->live, properties, now_boot_usec());
        else if (strcmp(interface, CARDIO_COACH_INTERFACE) == 0)
                live_put_coach(f->live, properties);
        else if (strcmp(interface, CARDIO_SENSOR_INTERFACE) == 0)
                live_put_strap(f->live, sd_bus_message_get_path(m), properties);
        else
                return;
        if (f->live->session.id != session)
                refresh(f);
        tell(f, NEWS_STATUS, f->live->session.id);
}

static void take_objects(Follow *f, sd_bus_message *m, bool added)
{
        _cleanup_json_ json_object *interfaces = NULL;
        const char *path;

        if (sd_bus_message_read(m, "o", &path) < 0)
                return;
        if (!added)
                live_drop_strap(f->live, path);
        else if (bus_read(m, &interfaces) >= 0 && json_object_is_type(interfaces, json_type_object))
                take_interfaces(f, path, interfaces);
        tell(f, NEWS_STATUS, f->live->session.id);
}

static void take_limit(Follow *f, sd_bus_message *m, News news)
{
        const char *sensor;
        double heart_rate, ceiling;
        int64_t session;
        uint32_t seconds;

        if (sd_bus_message_read(m, "xoddu", &session, &sensor, &heart_rate, &ceiling, &seconds) < 0 ||
                        session != f->live->session.id)
                return;
        /* The row that is asked for below says how many there are; until then this is one more. */
        if (news == NEWS_OVER_LIMIT && !f->live->session.breach)
                f->live->session.breaches++;
        if (news == NEWS_OVER_LIMIT)
                live_put_breach(f->live, seconds, true);
        else
                live_end_breach(f->live);
        tell(f, news, session);
        refresh(f);
}

static void take_session(Follow *f, sd_bus_message *m, News news)
{
        usec_t now_usec = now_realtime_usec();
        const char *sensor;
        uint64_t at_usec = 0;
        int64_t session;

        if (sd_bus_message_read(m, "x", &session) < 0)
                return;
        if (news == NEWS_SESSION_STARTED) {
                if (sd_bus_message_read(m, "ot", &sensor, &at_usec) < 0)
                        return;
                live_put_start(f->live, session, usec_sub(now_boot_usec(), usec_sub(now_usec, at_usec)));
                refresh(f);
        }
        tell(f, news, session);
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        static const News of_session[] = { NEWS_SESSION_STARTED, NEWS_SESSION_ENDED, NEWS_SESSION_DISCARDED };
        static const char *const member_of_session[] = { "SessionStarted", "SessionEnded",
                "SessionDiscarded" };
        Follow *f = userdata;

        (void)error;
        if (!f->active || !owner_is_sender(&f->active->owner, m))
                return 0;
        if (sd_bus_message_is_signal(m, CARDIO_SENSOR_INTERFACE, "Measurement"))
                take_measurement(f, m);
        else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.Properties", "PropertiesChanged"))
                take_changes(f, m);
        else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded"))
                take_objects(f, m, true);
        else if (sd_bus_message_is_signal(m, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved"))
                take_objects(f, m, false);
        else if (sd_bus_message_is_signal(m, CARDIO_MANAGER_INTERFACE, "OverLimit"))
                take_limit(f, m, NEWS_OVER_LIMIT);
        else if (sd_bus_message_is_signal(m, CARDIO_MANAGER_INTERFACE, "BackInRange"))
                take_limit(f, m, NEWS_BACK_IN_RANGE);
        for (size_t i = 0; i < ELEMENTSOF(of_session); i++)
                if (sd_bus_message_is_signal(m, CARDIO_MANAGER_INTERFACE, member_of_session[i]))
                        take_session(f, m, of_session[i]);
        return 0;
}

/* -- Which daemon ---------------------------------------------------------------------------------------- */

static void attach(Follow *f, Place *p, Reach reach)
{
        int r;

        detach(f);
        live_lose(f->live, reach);
        f->active = p;
        r = sd_bus_add_match_async(p->bus, &f->signals,
                        "type='signal',sender='" CARDIO_BUS_NAME "',path_namespace='" CARDIO_OBJECT "'",
                        on_signal, NULL, f);
        if (r >= 0)
                r = ask(f, &f->subscribe, CARDIO_MANAGER_INTERFACE, "Subscribe", on_subscribed, NULL);
        if (r >= 0)
                r = ask(f, &f->manager, "org.freedesktop.DBus.Properties", "GetAll", on_manager, "s",
                                CARDIO_MANAGER_INTERFACE);
        if (r >= 0)
                r = ask(f, &f->coach, "org.freedesktop.DBus.Properties", "GetAll", on_coach, "s",
                                CARDIO_COACH_INTERFACE);
        if (r >= 0)
                r = ask(f, &f->straps, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", on_straps,
                                NULL);
        /* Fails only for want of memory, or when the connection is already gone; the link says so then. */
        if (r < 0)
                lose(f, REACH_ABSENT);
}

/* The daemon of the system bus, and that of the session bus only if there is none. */
static void choose(Follow *f, Place *changed)
{
        Place *system = &f->place[LINK_SYSTEM], *session = &f->place[LINK_SESSION];
        bool elsewhere = !system->link || system->reach == REACH_ABSENT || system->reach == REACH_NO_BUS;
        Place *p = elsewhere ? session : system;

        switch (p->reach) {
        case REACH_PRESENT:
                if (f->active != p || changed == p)
                        attach(f, p, REACH_LOOKING);
                break;
        case REACH_LOOKING:
                break;
        case REACH_NO_BUS:
        case REACH_ABSENT:
        case REACH_DENIED:
        case REACH_SILENT: /* a place is never said to be */
                /* A session bus that is not there, or another's, says nothing of a daemon of the system. */
                lose(f, p == session && system->link && system->reach == REACH_ABSENT ? REACH_ABSENT
                                                                                      : p->reach);
                break;
        case _REACH_MAX:
        case _REACH_INVALID:
                break;
        }
}

static void on_owner(void *userdata, const char *before, const char *after)
{
        Place *p = userdata;

        /* One that follows another without a pause is a restart as well, and to be told as one. */
        if (before) {
                p->reach = REACH_ABSENT;
                choose(p->follow, p);
        }
        p->reach = after ? REACH_PRESENT : REACH_ABSENT;
        choose(p->follow, p);
}

static void on_link(void *userdata, sd_bus *bus, int error)
{
        Place *p = userdata;

        if (p->follow->active == p)
                detach(p->follow);
        owner_stop(&p->owner);
        p->bus = bus;
        if (bus && owner_start(&p->owner, bus, CARDIO_BUS_NAME, on_owner, p) >= 0)
                return; /* its first word follows */
        p->reach = error == -EACCES || error == -EPERM ? REACH_DENIED : REACH_NO_BUS;
        choose(p->follow, p);
}

int follow_new(sd_event *event, bool user, Live *live, FollowFunc func, void *userdata, Follow **ret)
{
        _cleanup_(follow_freep) Follow *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->event = sd_event_ref(event);
        f->live = live;
        f->live->own_only = user;
        f->func = func;
        f->userdata = userdata;
        for (LinkKind kind = user ? LINK_SESSION : LINK_SYSTEM; kind < _LINK_KIND_MAX; kind++) {
                f->place[kind] = (Place){ .follow = f, .kind = kind };
                r = link_new(event, kind, on_link, &f->place[kind], &f->place[kind].link);
                if (r < 0)
                        return r;
        }
        for (LinkKind kind = 0; kind < _LINK_KIND_MAX; kind++)
                if (f->place[kind].link)
                        link_start(f->place[kind].link);

        *ret = TAKE_PTR(f);
        return 0;
}

Follow *follow_free(Follow *f)
{
        if (!f)
                return NULL;
        detach(f);
        for (size_t i = 0; i < _LINK_KIND_MAX; i++) {
                owner_stop(&f->place[i].owner);
                link_free(f->place[i].link);
        }
        sd_event_unref(f->event);
        free(f);
        return NULL;
}
