/* SPDX-License-Identifier: MIT */
/* What callers on the bus ask for. Everything they send is checked here or by the core; a refusal says what was wrong
 * and what is accepted. */

#include "manager-internal.h"

#include "cardio/bus-api.h"
#include "cardio/kind.h"
#include "log.h"

int manager_start_session(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error)
{
        int r;

        if (m->resting)
                return sd_bus_error_set(error, CARDIO_ERROR_BUSY,
                                "The resting heart rate is being measured; wait, or end that first");
        m->next_kind = kind;
        r = manager_handle(m, &(Event){ .type = EVENT_START });
        m->next_kind = NULL;
        if (r == -EALREADY)
                return sd_bus_error_setf(error, CARDIO_ERROR_ALREADY_RECORDING,
                                "Session %" PRIi64 " is being recorded; stop it first", m->session);
        if (r == -ENODEV)
                return sd_bus_error_set(error, CARDIO_ERROR_NO_SENSOR,
                                "No strap is live: put it on, and see that it is trusted and connected");
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        if (m->session == 0)
                return sd_bus_error_set(error, CARDIO_ERROR_STORAGE,
                                "The database cannot be written, and no more can wait for it");
        *ret_id = m->session;
        return 0;
}

static int start_session(void *userdata, const char *kind, int64_t *ret_id, sd_bus_error *error)
{
        if (kind[0] && kind_from_string(kind) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' is not a kind of session; accepted: " KIND_ACCEPTED " or nothing",
                                kind);
        return manager_start_session(userdata, kind, ret_id, error);
}

static int stop_session(void *userdata, int64_t *ret_id, sd_bus_error *error)
{
        Manager *m = userdata;
        int64_t id = m->session;
        int r = manager_handle(m, &(Event){ .type = EVENT_STOP });

        if (r < 0)
                return sd_bus_error_set(error, CARDIO_ERROR_NOT_RECORDING, "No session is being recorded");
        *ret_id = id;
        return 0;
}

static int set_ceiling(void *userdata, const char *expression, sd_bus_error *error)
{
        Event event = { .type = EVENT_CEILING };
        Manager *m = userdata;
        Intensity intensity;
        bool coached = false;
        int r;

        manager_coach_follow(m);
        if (expression[0]) {
                r = intensity_parse(expression, &intensity);
                if (r < 0 || intensity.kind == INTENSITY_CONTACT)
                        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                        "'%s' is not a ceiling; accepted: %s", expression,
                                        INTENSITY_ACCEPTED
                                        ", auto, or nothing to go back to the configuration");
                coached = intensity.kind == INTENSITY_AUTO;
                if (coached)
                        intensity = m->day.ceiling;
                event.intensity = &intensity;
        }
        r = manager_handle(m, &event);
        if (r == -ENODATA)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' needs lactate-threshold, which the configuration does not tell",
                                expression);
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        m->coached = coached;
        if (manager_keep_commands(m, false))
                manager_commit(m);
        /* Another expression may come to the same figure, which is no fact of the core's. */
        manager_push(m);
        return 0;
}

static int snooze(void *userdata, uint32_t length_s, sd_bus_error *error)
{
        int r = manager_handle(
                        userdata, &(Event){ .type = EVENT_SNOOZE, .length_usec = length_s * USEC_PER_SEC });

        return r < 0 ? sd_bus_error_set_errno(error, r) : 0;
}

static int append_column(void *userdata, const char *column, const StoreValue *value)
{
        sd_bus_message *reply = userdata;

        switch (value->type) {
        case STORE_INTEGER:
                return sd_bus_message_append(reply, "{sv}", column, "x", value->integer);
        case STORE_REAL:
                return sd_bus_message_append(reply, "{sv}", column, "d", value->real);
        case STORE_TEXT:
                return sd_bus_message_append(reply, "{sv}", column, "s", value->text);
        }
        return -EINVAL;
}

static int no_such_session(int64_t id, sd_bus_error *error)
{
        return sd_bus_error_setf(error, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session %" PRIi64, id);
}

static int get_session(void *userdata, int64_t id, sd_bus_message *reply, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        if (r < 0)
                return r;
        r = store_get_session(m->store, id, append_column, reply);
        if (r == -ENOENT)
                return no_such_session(id, error);
        if (r < 0)
                return sd_bus_error_setf(
                                error, CARDIO_ERROR_STORAGE, "The database cannot be read: %s", strerror(-r));
        return sd_bus_message_close_container(reply);
}

static int delete_session(void *userdata, int64_t id, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = store_delete_session(m->store, id);

        if (r == 0)
                manager_coach_changed(m);
        manager_arm_commit(m); /* a reader may have kept it in the log */
        if (r == -ENOENT)
                return no_such_session(id, error);
        if (r == -EBUSY && id == m->session)
                return sd_bus_error_setf(error, CARDIO_ERROR_BUSY,
                                "Session %" PRIi64 " is being recorded; stop it first", id);
        if (r < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_STORAGE,
                                "Session %" PRIi64 " cannot be deleted now: %s", id, strerror(-r));
        return 0;
}

static int reload(void *userdata, sd_bus_error *error)
{
        _cleanup_free_ char *why = NULL;
        int r = manager_reload(userdata, &why);

        return r < 0 ? sd_bus_error_set(error, CARDIO_ERROR_CONFIGURATION, why ? why : strerror(-r)) : 0;
}

const BusHandlers manager_bus_handlers = {
        .start_session = start_session,
        .stop_session = stop_session,
        .set_ceiling = set_ceiling,
        .snooze = snooze,
        .get_session = get_session,
        .delete_session = delete_session,
        .reload = reload,
        .scan = manager_scan,
        .trust = manager_trust,
        .forget = manager_forget,
        .abandoned = manager_abandoned,
        .coach = &manager_coach_handlers,
};
