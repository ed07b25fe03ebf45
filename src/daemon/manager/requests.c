/* SPDX-License-Identifier: MIT */
/* What callers on the bus ask for. Everything they send is checked here or by the core; a refusal says what was wrong
 * and what is accepted. */

#include "manager/internal.h"

#include <stdlib.h>

#include "cardio/bus-api.h"
#include "cardio/kind.h"
#include "cardio/text.h"
#include "log.h"

static bool any_is_live(const Manager *m)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (engine_latest(m->engine, i))
                        return true;
        return false;
}

int manager_may_start(Manager *m, sd_bus_error *error)
{
        if (m->resting)
                return sd_bus_error_set(error, CARDIO_ERROR_BUSY,
                                "The resting heart rate is being measured; wait, or end that first");
        (void)manager_handle(m, &(Event){ .type = EVENT_TICK }); /* time is never refused */
        if (engine_recording(m->engine))
                return sd_bus_error_setf(error, CARDIO_ERROR_ALREADY_RECORDING,
                                "Session %" PRIi64 " is being recorded; stop it first", m->session);
        if (!any_is_live(m))
                return sd_bus_error_set(error, CARDIO_ERROR_NO_SENSOR,
                                "No strap is live: put it on, and see that it is trusted and connected");
        return 0;
}

/* The ceiling is the session's own before it begins, so that its row has it. */
int manager_start_session(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error)
{
        int r = manager_may_start(m, error);

        if (r < 0)
                return r;
        manager_ceiling_said(m, kind[0] ? kind_from_string(kind) : _KIND_INVALID);
        manager_ceiling_follow(m);
        m->next_kind = kind;
        r = manager_handle(m, &(Event){ .type = EVENT_START });
        m->next_kind = NULL;
        if (r < 0) {
                m->said = _KIND_INVALID;
                m->was_workout = false;
                manager_workout_end(m);
                manager_ceiling_follow(m);
                return sd_bus_error_set_errno(error, r);
        }
        if (m->session == 0)
                return sd_bus_error_set(error, CARDIO_ERROR_STORAGE,
                                "The database cannot be written, and no more can wait for it");
        *ret_id = m->session;
        return 0;
}

static int start_session(void *userdata, const char *kind, int64_t *ret_id, sd_bus_error *error)
{
        char brief[TEXT_BRIEF_SIZE];

        if (kind[0] && kind_from_string(kind) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' is not a kind of session; accepted: " KIND_ACCEPTED " or nothing",
                                text_brief(brief, sizeof(brief), kind));
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
        char brief[TEXT_BRIEF_SIZE];
        Manager *m = userdata;
        Intensity intensity;
        int r;

        manager_coach_follow(m);
        if (expression[0]) {
                r = intensity_parse(expression, &intensity);
                if (r < 0 || intensity.kind == INTENSITY_CONTACT)
                        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                        "'%s' is not a ceiling; accepted: %s",
                                        text_brief(brief, sizeof(brief), expression),
                                        INTENSITY_ACCEPTED
                                        ", auto, or nothing to go back to the configuration");
        }
        r = manager_ceiling_command(m, expression[0] ? &intensity : NULL);
        if (r == -ENODATA)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' needs lactate-threshold, which the configuration does not tell",
                                text_brief(brief, sizeof(brief), expression));
        return r < 0 ? sd_bus_error_set_errno(error, r) : 0;
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

/* What no row has: how it went, in words, and whether the runner may be asked. */
static int append_verdict(Manager *m, int64_t id, sd_bus_message *reply)
{
        char text[COACH_TEXT_MAX];
        CoachVerdict verdict;
        StoreRun run;

        if (id == m->session || manager_verdict(m, id, &run, &verdict) < 0)
                return 0;
        return sd_bus_message_append(reply, "{sv}{sv}{sv}", "verdict_text", "s",
                        coach_verdict_to_string(&verdict, text), "ask_talk_test", "b",
                        (int)verdict.ask_talk_test, "ask_if_run", "b",
                        (int)(verdict.key == VERDICT_REST_WAS_DUE && verdict.perhaps));
}

static int get_session(void *userdata, int64_t id, sd_bus_message *reply, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = store_commit(m->store);

        /* An older session can be told of even while the disk refuses. */
        if (r == -EAGAIN)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = store_get_session(m->store, id, append_column, reply);
        if (r == -ENOENT)
                return no_such_session(id, error);
        if (r < 0)
                return sd_bus_error_setf(
                                error, CARDIO_ERROR_STORAGE, "The database cannot be read: %s", strerror(-r));
        r = append_verdict(m, id, reply);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int delete_session(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = store_delete_session(m->store, id);

        if (r == -EAGAIN)
                return r;
        if (r == -ENOENT)
                return no_such_session(id, error);
        if (r == -EBUSY && id == m->session)
                return sd_bus_error_setf(error, CARDIO_ERROR_BUSY,
                                "Session %" PRIi64 " is being recorded; stop it first", id);
        if (r < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_STORAGE,
                                "Session %" PRIi64 " cannot be deleted now: %s", id, strerror(-r));
        manager_answer_deletion(m, request);
        manager_coach_changed(m);
        return 0;
}

static bool held(void *userdata)
{
        const Manager *m = userdata;

        return store_held(m->store);
}

static int reload(void *userdata, sd_bus_error *error)
{
        _cleanup_free_ char *why = NULL;
        int r = manager_reload(userdata, &why);

        return r < 0 ? sd_bus_error_set(error, CARDIO_ERROR_CONFIGURATION, why ? why : strerror(-r)) : 0;
}

/* The loop ends, and with it the connection, which need not be waited for. */
static void stuck(void *userdata)
{
        Manager *m = userdata;

        log_error("The bus takes nothing from us any more, since somebody does not read what they are sent: "
                  "stopping, to "
                  "be started again");
        (void)sd_event_exit(m->event, EXIT_FAILURE); /* it has begun, so it can end */
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
        .held = held,
        .stuck = stuck,
        .abandoned = manager_abandoned,
        .coach = &manager_coach_handlers,
};
