/* SPDX-License-Identifier: MIT */

/* Follows the daemon over its restarts and those of the bus.
 *
 * Always: signals count only if they come from the owner of the name, and only from the bus that counts. Signals are
 * subscribed to before the owner of the name is queried, so nothing of a daemon that has just started is missed. No clock
 * but the deadlines of sd-bus. */

#include "follower.h"

#include <stdarg.h>
#include <stdio.h>

#include "cardio/bus-api.h"
#include "cardio/time.h"
#include "shared/name-owner.h"

#define PROPERTIES_INTERFACE     "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER_INTERFACE "org.freedesktop.DBus.ObjectManager"

#define CALL_TIMEOUT_USEC (10 * USEC_PER_SEC)
#define MATCHES_MAX       5U

/* The daemon on one bus. */
typedef struct Place {
        Follower *follower;
        BusKind kind;
        Connection *connection; /* NULL: this bus is not looked at */
        sd_bus *bus;            /* of the connection, NULL = not connected */
        int error;              /* why not */
        sd_bus_slot *signals[MATCHES_MAX];
        NameOwner owner;
        Reach reach; /* REACH_PRESENT: the name has an owner */
} Place;

/* What is asked when a daemon appears. */
typedef enum QuestionType {
        QUESTION_SUBSCRIBE,
        QUESTION_MANAGER,
        QUESTION_COACH,
        QUESTION_SENSORS,
        _QUESTION_TYPE_MAX,
        _QUESTION_TYPE_INVALID = -EINVAL,
} QuestionType;

typedef struct Question {
        Follower *follower;
        QuestionType type;
        sd_bus_slot *slot; /* NULL = answered, or not asked */
} Question;

struct Follower {
        bool own_only;
        unsigned flags;
        FollowerFunc func;
        void *userdata;
        Place place[_BUS_KIND_MAX];
        Place *active; /* the one that counts, NULL = none */
        Reach reach;   /* as last emitted */
        Question question[_QUESTION_TYPE_MAX];
};

static void emit(Follower *f, const FollowerEvent *event)
{
        f->func(f->userdata, event);
}

static void emit_place(Follower *f, FollowerEventType type, const Place *p, Reach reach)
{
        const FollowerEvent event = { .type = type,
                .place = { .bus = p->kind, .error = reach == REACH_NO_BUS ? p->error : 0, .reach = reach } };

        emit(f, &event);
}

static void drop_questions(Follower *f)
{
        for (QuestionType i = 0; i < _QUESTION_TYPE_MAX; i++)
                f->question[i].slot = sd_bus_slot_unref(f->question[i].slot);
}

static void detach(Follower *f)
{
        f->active = NULL;
        drop_questions(f);
}

/* No daemon is there, any more or yet: reach is the state of the bus that counts. */
static void lose(Follower *f, const Place *p, Reach reach)
{
        detach(f);
        if (reach == f->reach)
                return;
        f->reach = reach;
        emit_place(f, FOLLOWER_LOST, p, reach);
}

/* -- Asking ---------------------------------------------------------------------------------------------- */

bool follower_is_silence(sd_bus_message *answer)
{
        return sd_bus_message_is_method_error(answer, SD_BUS_ERROR_NO_REPLY) ||
               sd_bus_message_is_method_error(answer, SD_BUS_ERROR_TIMEOUT);
}

int follower_call(Follower *f, sd_bus_slot **slot, sd_bus_message_handler_t func, void *userdata,
                const char *interface, const char *member, const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list arguments;
        int r;

        *slot = sd_bus_slot_unref(*slot);
        if (!f->active)
                return -ENOTCONN;
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
                r = sd_bus_call_async(f->active->bus, slot, m, func, userdata, CALL_TIMEOUT_USEC);
        return r < 0 ? r : 0;
}

static void take_properties(Follower *f, sd_bus_message *m, const char *interface)
{
        FollowerEvent event = { .type = _FOLLOWER_EVENT_TYPE_INVALID };

        if (follower_event_read_properties(m, interface, &event) >= 0)
                emit(f, &event);
}

static void take_answer(Follower *f, QuestionType type, sd_bus_message *m)
{
        switch (type) {
        case QUESTION_MANAGER:
                take_properties(f, m, CARDIO_MANAGER_INTERFACE);
                break;
        case QUESTION_COACH:
                take_properties(f, m, CARDIO_COACH_INTERFACE);
                break;
        case QUESTION_SENSORS: /* sensors that cannot be read are left out */
                (void)follower_event_read_objects(m, f->func, f->userdata);
                break;
        case QUESTION_SUBSCRIBE:
        case _QUESTION_TYPE_MAX:
        case _QUESTION_TYPE_INVALID:
                break;
        }
}

static bool is_asking(const Follower *f)
{
        for (QuestionType i = 0; i < _QUESTION_TYPE_MAX; i++)
                if (f->question[i].slot)
                        return true;
        return false;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Question *q = userdata;
        Follower *f = q->follower;

        (void)error;
        q->slot = sd_bus_slot_unref(q->slot);
        /* Whoever may ask the manager may follow the daemon, even if a policy denies the rest. */
        if (sd_bus_message_is_method_error(m, SD_BUS_ERROR_ACCESS_DENIED) &&
                        (q->type == QUESTION_SUBSCRIBE || q->type == QUESTION_MANAGER)) {
                lose(f, f->active, REACH_DENIED);
                return 0;
        }
        if (follower_is_silence(m)) {
                drop_questions(f);
                emit(f, &(FollowerEvent){ .type = FOLLOWER_SILENT });
                return 0;
        }
        if (!sd_bus_message_is_method_error(m, NULL))
                take_answer(f, q->type, m);
        if (!is_asking(f))
                emit(f, &(FollowerEvent){ .type = FOLLOWER_READY });
        return 0;
}

static int ask(Follower *f, QuestionType type)
{
        static const struct {
                unsigned flag; /* 0: for all */
                const char *interface, *member, *argument;
        } questions[_QUESTION_TYPE_MAX] = {
                [QUESTION_SUBSCRIBE] = { FOLLOWER_WITH_MEASUREMENTS, CARDIO_MANAGER_INTERFACE, "Subscribe",
                                NULL },
                [QUESTION_MANAGER] = { 0, PROPERTIES_INTERFACE, "GetAll", CARDIO_MANAGER_INTERFACE },
                [QUESTION_COACH] = { FOLLOWER_WITH_STATE, PROPERTIES_INTERFACE, "GetAll",
                                CARDIO_COACH_INTERFACE },
                [QUESTION_SENSORS] = { FOLLOWER_WITH_STATE, OBJECT_MANAGER_INTERFACE, "GetManagedObjects",
                                NULL },
        };
        const char *argument = questions[type].argument;
        Question *q = &f->question[type];

        if (questions[type].flag && !(f->flags & questions[type].flag))
                return 0;
        return follower_call(f, &q->slot, on_answer, q, questions[type].interface, questions[type].member,
                        argument ? "s" : NULL, argument);
}

void follower_ask(Follower *f)
{
        int r = 0;

        if (!f->active)
                return;
        for (QuestionType i = 0; i < _QUESTION_TYPE_MAX && r >= 0; i++)
                r = ask(f, i);
        /* Fails only for want of memory, or when the connection is already lost; then its func follows. */
        if (r < 0)
                lose(f, f->active, REACH_ABSENT);
}

/* -- Which daemon ---------------------------------------------------------------------------------------- */

static void attach(Follower *f, Place *p)
{
        detach(f);
        f->active = p;
        f->reach = REACH_PRESENT;
        emit_place(f, FOLLOWER_APPEARED, p, REACH_PRESENT);
        /* A bus whose policy denies us drops the daemon's signals silently: only a reply shows whether we are allowed. */
        follower_ask(f);
}

static void choose(Follower *f, Place *changed)
{
        Reach reach[_BUS_KIND_MAX], found;
        Place *p;

        for (BusKind kind = 0; kind < _BUS_KIND_MAX; kind++)
                reach[kind] = f->place[kind].reach;
        p = &f->place[reach_choose(f->own_only, reach, &found)];
        switch (found) {
        case REACH_PRESENT:
                if (f->active != p || changed == p)
                        attach(f, p);
                break;
        case REACH_LOOKING:
                if (f->active)
                        lose(f, p, REACH_LOOKING);
                connection_start(
                                p->connection); /* unless started already; this is called again with the result */
                break;
        case REACH_NO_BUS:
        case REACH_ABSENT:
        case REACH_DENIED:
        case REACH_SILENT: /* a place is never in this state */
                lose(f, p, found);
                break;
        case _REACH_MAX:
        case _REACH_INVALID:
                break;
        }
}

static void on_owner(void *userdata, const char *before, const char *after)
{
        Place *p = userdata;
        Follower *f = p->follower;

        /* A new owner without a pause in between is a restart as well, and is emitted as one. */
        if (before && after && f->active == p)
                lose(f, p, REACH_ABSENT);
        p->reach = after ? REACH_PRESENT : REACH_ABSENT;
        choose(f, p);
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Place *p = userdata;
        Follower *f = p->follower;
        FollowerEvent event;

        (void)error;
        if (f->active == p && name_owner_is_sender(&p->owner, m) && follower_event_read_signal(m, &event) > 0)
                emit(f, &event);
        return 0;
}

/* Fails only for want of memory, or when the connection is already lost; then its func follows. */
static int subscribe(Place *p)
{
        static const struct {
                unsigned flag; /* 0: for all */
                const char *match;
        } matches[MATCHES_MAX] = {
                { 0, "path='" CARDIO_OBJECT "',interface='" CARDIO_MANAGER_INTERFACE "'" },
                { 0, "path='" CARDIO_OBJECT "',interface='" CARDIO_COACH_INTERFACE "'" },
                { 0, "path='" CARDIO_OBJECT "',interface='" OBJECT_MANAGER_INTERFACE "'" },
                { 0, "path_namespace='" CARDIO_OBJECT "',interface='" PROPERTIES_INTERFACE "'" },
                { FOLLOWER_WITH_MEASUREMENTS, "path_namespace='" CARDIO_OBJECT
                                              "',interface='" CARDIO_SENSOR_INTERFACE "'" },
        };
        char match[512];
        int r = 0;

        for (size_t i = 0; i < MATCHES_MAX && r >= 0; i++) {
                if (matches[i].flag && !(p->follower->flags & matches[i].flag))
                        continue;
                (void)snprintf(match, sizeof(match), "type='signal',sender='" CARDIO_BUS_NAME "',%s",
                                matches[i].match);
                r = sd_bus_add_match_async(p->bus, &p->signals[i], match, on_signal, NULL, p);
        }
        if (r >= 0)
                r = name_owner_start(&p->owner, p->bus, CARDIO_BUS_NAME, on_owner, p);
        return r;
}

static void release(Place *p)
{
        p->bus = NULL;
        name_owner_stop(&p->owner);
        for (size_t i = 0; i < MATCHES_MAX; i++)
                p->signals[i] = sd_bus_slot_unref(p->signals[i]);
}

static void on_connection(void *userdata, sd_bus *bus, int error)
{
        Place *p = userdata;
        Follower *f = p->follower;

        if (f->active == p)
                detach(f);
        release(p);
        p->bus = bus;
        p->error = error;
        if (bus && subscribe(p) >= 0)
                return; /* the result of the first query follows */
        if (!bus)
                emit_place(f, FOLLOWER_UNREACHABLE, p, REACH_NO_BUS);
        p->reach = REACH_NO_BUS;
        choose(f, p);
}

int follower_new(sd_event *event, bool own_only, unsigned flags, FollowerFunc func, void *userdata,
                Follower **ret)
{
        _cleanup_(follower_freep) Follower *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->own_only = own_only;
        f->flags = flags;
        f->func = func;
        f->userdata = userdata;
        for (QuestionType i = 0; i < _QUESTION_TYPE_MAX; i++)
                f->question[i] = (Question){ .follower = f, .type = i };
        for (BusKind kind = own_only ? BUS_SESSION : BUS_SYSTEM; kind < _BUS_KIND_MAX; kind++) {
                f->place[kind] = (Place){ .follower = f, .kind = kind };
                r = connection_new(event, kind, on_connection, &f->place[kind], &f->place[kind].connection);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_PTR(f);
        return 0;
}

void follower_start(Follower *f)
{
        choose(f, NULL);
}

Follower *follower_free(Follower *f)
{
        if (!f)
                return NULL;
        detach(f);
        for (size_t i = 0; i < _BUS_KIND_MAX; i++) {
                release(&f->place[i]);
                connection_free(f->place[i].connection);
        }
        free(f);
        return NULL;
}
