/* SPDX-License-Identifier: MIT */
/* What callers on the bus ask for. All arguments are checked here or by the core; a refusal says what was wrong and what is
 * accepted. The core's time is feed()'s; CLOCK_BOOTTIME tells how long a session has waited for the wall clock. */

#include "manager/requests.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/diary.h"
#include "cardio/kind.h"
#include "cardio/text.h"
#include "local.h"
#include "log.h"
#include "manager/deletions.h"
#include "manager/diary.h"
#include "manager/edits.h"
#include "manager/feed.h"
#include "manager/import.h"
#include "manager/internal.h"
#include "manager/reload.h"
#include "manager/setup.h"
#include "manager/start.h"
#include "shared/clock.h"
#include "store/writer.h"

/* In one answer. */
#define LISTED_MAX 100U

static int start_session(void *userdata, const char *kind, int64_t *ret_id, sd_bus_error *error)
{
        char brief[TEXT_BRIEF_SIZE];

        if (kind[0] && kind_from_string(kind) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' is not a kind of session; accepted: " KIND_ACCEPTED " or nothing",
                                text_brief(brief, sizeof(brief), kind));
        return start_by_hand(userdata, kind, ret_id, error);
}

static int not_recording(sd_bus_error *error)
{
        return sd_bus_error_set(error, CARDIO_ERROR_NOT_RECORDING, "No session is being recorded");
}

static int stop_session(void *userdata, int64_t *ret_id, sd_bus_error *error)
{
        Manager *m = userdata;
        int64_t id = m->session.id;
        int r = feed(m, &(Event){ .type = EVENT_STOP });

        if (r < 0)
                return not_recording(error);
        *ret_id = id;
        return 0;
}

/* NULL = back to the ceiling that applies without a command. Returns what the core does. */
static int command_ceiling(Manager *m, const Intensity *intensity)
{
        bool from_coach = intensity && intensity->kind == INTENSITY_AUTO;
        Intensity ceiling = from_coach ? ceiling_of_coach(m) : intensity ? *intensity : (Intensity){ 0 };
        int r;

        m->command.ceiling_day = local_today();
        r = feed(m, &(Event){ .type = EVENT_CEILING, .intensity = intensity ? &ceiling : NULL });
        if (r < 0)
                return r;
        m->command.ceiling_from_coach = from_coach;
        if (commands_keep(m, false))
                committer_commit(&m->committer);
        /* Another expression may give the same ceiling, of which the core emits no fact. */
        publish(m);
        return 0;
}

static int set_ceiling(void *userdata, const char *expression, sd_bus_error *error)
{
        char brief[TEXT_BRIEF_SIZE];
        Manager *m = userdata;
        Intensity intensity;
        int r;

        feed_time(m); /* applies what follows from the coach's new facts */
        if (expression[0]) {
                r = intensity_parse(expression, &intensity);
                if (r < 0 || intensity.kind == INTENSITY_CONTACT)
                        return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                        "'%s' is not a ceiling; accepted: %s",
                                        text_brief(brief, sizeof(brief), expression),
                                        INTENSITY_ACCEPTED
                                        ", auto, or nothing to go back to the configuration");
        }
        r = command_ceiling(m, expression[0] ? &intensity : NULL);
        if (r == -ENODATA)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' needs lactate-threshold, which the configuration does not tell",
                                text_brief(brief, sizeof(brief), expression));
        return r < 0 ? sd_bus_error_set_errno(error, r) : 0;
}

static int snooze(void *userdata, uint32_t length_s, sd_bus_error *error)
{
        int r = feed(userdata, &(Event){ .type = EVENT_SNOOZE, .length_usec = length_s * USEC_PER_SEC });

        return r < 0 ? sd_bus_error_set_errno(error, r) : 0;
}

/* The core knows nothing of marks: they are the runner's own. */
static int mark(void *userdata, const char *text, sd_bus_error *error)
{
        char detail[DIARY_WORDS_MAX + 1];
        Manager *m = userdata;
        int r;

        if (strlen(text) > DIARY_WORDS_MAX)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "The text is too long; accepted: at most %u bytes, or nothing",
                                DIARY_WORDS_MAX);
        feed_time(m); /* a session that is over by now ends first */
        if (m->session.id == 0)
                return not_recording(error);
        (void)snprintf(detail, sizeof(detail), "%s", text); /* always fits */
        r = session_writer_event(m->session.writer, session_time(&m->session, m->fed_usec), "mark", NAN,
                        text_make_plain(detail));
        if (r < 0)
                return sd_bus_error_setf(
                                error, CARDIO_ERROR_STORAGE, "The mark cannot be kept: %s", strerror(-r));
        committer_commit(&m->committer);
        return 0;
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

/* Appends what no row holds: the verdict in words, and whether the runner may be asked. */
static int append_verdict(Manager *m, int64_t id, sd_bus_message *reply)
{
        char text[COACH_TEXT_MAX];
        CoachVerdict verdict;
        StoreRun run;

        if (id == m->session.id || verdict_of_session(m, id, &run, &verdict) < 0)
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

        /* An older session can be shown even while the disk refuses. */
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

static int append_listed(void *userdata, const StoreListed *session)
{
        sd_bus_message *reply = userdata;

        return sd_bus_message_append(reply, "(xsxb)", session->id, session->source, session->split_from,
                        (int)session->over);
}

static int list_sessions(void *userdata, int64_t after, unsigned limit, sd_bus_message *reply,
                int64_t *ret_last, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = store_commit(m->store);

        if (r == -EAGAIN)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(xsxb)");
        if (r < 0)
                return r;
        r = store_list_sessions(m->store, after, limit < LISTED_MAX ? limit : LISTED_MAX,
                        (int64_t)(now_boot_usec() / USEC_PER_MSEC), append_listed, reply, ret_last);
        if (r < 0)
                return sd_bus_error_setf(
                                error, CARDIO_ERROR_STORAGE, "The database cannot be read: %s", strerror(-r));
        return sd_bus_message_close_container(reply);
}

static int delete_session(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error)
{
        Manager *m = userdata;
        int r = store_delete_session(m->store, id);

        if (r == -EAGAIN)
                return r;
        if (r == -ENOENT)
                return no_such_session(id, error);
        if (r == -EBUSY && id == m->session.id)
                return sd_bus_error_setf(error, CARDIO_ERROR_BUSY,
                                "Session %" PRIi64 " is being recorded; stop it first", id);
        if (r < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_STORAGE,
                                "Session %" PRIi64 " cannot be deleted now: %s", id, strerror(-r));
        deletion_answer_later(m, request);
        feed_coach_changed(m);
        changes_note(m);
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
        int r = reload_configuration(userdata, &why);

        return r < 0 ? sd_bus_error_set(error, CARDIO_ERROR_CONFIGURATION, why ? why : strerror(-r)) : 0;
}

/* The loop ends, and the connection is closed without waiting for it. */
static void stuck(void *userdata)
{
        Manager *m = userdata;

        log_error("The bus takes nothing from us any more, since somebody does not read what they are sent: stopping, "
                  "to be started again");
        (void)sd_event_exit(m->event, EXIT_FAILURE); /* cannot fail: the loop runs */
}

const BusHandlers requests_handlers = {
        .start_session = start_session,
        .stop_session = stop_session,
        .set_ceiling = set_ceiling,
        .snooze = snooze,
        .mark = mark,
        .get_session = get_session,
        .list_sessions = list_sessions,
        .delete_session = delete_session,
        .import_session = import_session,
        .edit_session = edits_edit,
        .undo_edit = edits_undo,
        .reload = reload,
        .scan = setup_scan,
        .trust = setup_trust,
        .forget = setup_forget,
        .held = held,
        .stuck = stuck,
        .coach = &diary_handlers,
};
