/* SPDX-License-Identifier: MIT */
/* Finished sessions on their way to the broker. The daemon's signals only say when to look; what is to be sent is decided by what
 * the daemon lists and by the outbox alone, so that none is missed, whatever starts, stops or dies in between.
 *
 *      listing ──▶ asking ──▶ confirming ──▶ frozen, saved ──▶ sent ──▶ acknowledged, saved: gone
 *      which are   their      is any of     the payload stays  │ ▲
 *      over?       rows       them split    as it is           ▼ │ connection lost, refused
 *                             by now?                         not sent
 *
 * A session is sent only once its payload is on the disk, and is in the outbox until the disk has it that the broker has it. So
 * a repeat is the same bytes, and comes of a crash, or a lost connection, before the acknowledgement was kept. One that is
 * deleted before it was sent is not sent.
 *
 * At most OUTBOX_SENDING_MAX are frozen; one call to the daemon is out at any time, and its replies are read in the order in which
 * it has sent them: a session that is split after its row was read is seen by the list that follows. Times are CLOCK_BOOTTIME. */

#include "sessions.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/text.h"
#include "cardio/time.h"
#include "outbox.h"
#include "payload.h"
#include "say.h"
#include "sender.h"
#include "walk.h"

/* How long until the next look, when something waits or has failed: twice as long each time. */
#define LOOK_MIN_USEC USEC_PER_SEC
#define LOOK_MAX_USEC (10 * USEC_PER_MIN)

/* What the call that is out is for. */
typedef enum Step {
        STEP_NONE, /* none is */
        STEP_LISTING,
        STEP_ASKING,
        STEP_CONFIRMING,
} Step;

/* About to be frozen. */
typedef struct Candidate {
        int64_t session;
        char *payload; /* NULL = not asked for yet, or changed since */
} Candidate;

struct Sessions {
        sd_event *event;
        Follower *follower;
        char *device;
        Outbox outbox;
        Sender sender;

        /* The daemon. */
        char *database;    /* that it has, NULL = not known, or there is none */
        int64_t recording; /* 0 = nothing is */
        Step step;
        sd_bus_slot *call;
        Walk walk;
        Candidate candidate[OUTBOX_SENDING_MAX];
        size_t n_candidates, asked;
        int64_t missing;        /* was listed last time, and had no row; 0 = none */
        bool again;             /* something has happened since the look began */
        bool row_failed;        /* a session was left out, and is tried again later */
        size_t open, announced; /* of those that wait: not over when it was last looked, and not stored */
        sd_event_source *look_timer;
        usec_t look_usec;
        bool complained; /* that it cannot be looked, or saved */
        bool told_other; /* that the database is another one */
        bool told_room;  /* that too many wait */
};

static void look(Sessions *s);

/* -- Saving, and saying what is wrong ---------------------------------------------------------------------- */

/* Says it once, until all is well again. */
static void complain(Sessions *s, const char *what, const char *why)
{
        _cleanup_free_ char *plain = strdup(why);

        if (!s->complained)
                say("%s: %s; trying again until it works", what, plain ? text_make_plain(plain) : "?");
        s->complained = true;
}

static int save(Sessions *s)
{
        int r = s->outbox.database && s->outbox.unsaved ? outbox_save(&s->outbox) : 0;

        if (r < 0)
                complain(s, "cannot keep which sessions the broker has", strerror(-r));
        return r;
}

/* -- When to look ------------------------------------------------------------------------------------------ */

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
        Sessions *s = userdata;

        (void)source;
        (void)usec;
        s->look_timer = sd_event_source_disable_unref(s->look_timer);
        look(s);
        return 0;
}

static void look_later(Sessions *s, usec_t usec)
{
        int r;

        s->look_timer = sd_event_source_disable_unref(s->look_timer);
        /* What is due now is due now, and not with something else in a quarter of a second. */
        r = sd_event_add_time_relative(
                        s->event, &s->look_timer, CLOCK_BOOTTIME, usec, usec == 0 ? 1 : 0, on_look, s);
        if (r < 0)
                (void)sd_event_exit(s->event, r);
}

static void look_again(Sessions *s)
{
        look_later(s, s->look_usec);
        s->look_usec = 2 * s->look_usec < LOOK_MAX_USEC ? 2 * s->look_usec : LOOK_MAX_USEC;
}

/* From the loop: whoever has called may be in the middle of something. */
static void look_now(Sessions *s)
{
        s->look_usec = LOOK_MIN_USEC;
        s->again = s->step != STEP_NONE;
        if (!s->again)
                look_later(s, 0);
}

/* -- The end of a look ------------------------------------------------------------------------------------- */

static void end_look(Sessions *s)
{
        s->step = STEP_NONE;
        s->call = sd_bus_slot_unref(s->call);
        walk_end(&s->walk);
        for (size_t i = 0; i < s->n_candidates; i++)
                free(s->candidate[i].payload);
        s->n_candidates = s->asked = 0;
}

static void fail_look(Sessions *s, const char *why)
{
        end_look(s);
        complain(s, "cannot ask cardiod which sessions there are", why);
        sender_send(&s->sender); /* what is frozen goes without the daemon */
        look_again(s);
}

static void fail_look_errno(Sessions *s, int error)
{
        fail_look(s, strerror(-error));
}

/* What is being recorded will be heard of. All else that waits, a session that may go on, a clock, a full disk, may not. */
static void finish_look(Sessions *s)
{
        bool recording = s->recording != 0 && id_list_has(&s->outbox.waiting, s->recording);

        end_look(s);
        if (save(s) < 0) {
                look_again(s);
                return;
        }
        sender_send(&s->sender);
        s->complained = s->complained && s->row_failed;
        if (s->row_failed || (!s->again && s->open + s->announced > (recording ? 1 : 0)))
                look_again(s);
        else if (s->again)
                look_now(s);
        s->again = false;
}

/* The others go on. */
static void fail_row(Sessions *s, int64_t session, const char *why)
{
        char what[64];

        (void)snprintf(what, sizeof(what), "cannot send session %lld", (long long)session);
        complain(s, what, why);
        s->row_failed = true;
}

/* -- Freezing ---------------------------------------------------------------------------------------------- */

static void freeze(Sessions *s)
{
        for (size_t i = 0; i < s->n_candidates; i++) {
                const Candidate *c = &s->candidate[i];
                int r;

                if (!c->payload || !id_list_has(&s->outbox.waiting, c->session))
                        continue;
                r = outbox_freeze(&s->outbox, c->session, c->payload);
                if (r < 0)
                        fail_row(s, c->session, r == -EINVAL ? "it is too long" : strerror(-r));
        }
        finish_look(s);
}

/* It was split while it was asked for: what it is now has to be asked for again. */
static void forget_payload(Sessions *s, int64_t session)
{
        for (size_t i = 0; i < s->n_candidates; i++)
                if (s->candidate[i].session == session) {
                        free(TAKE_PTR(s->candidate[i].payload));
                        s->again = true;
                }
}

/* -- Asking ------------------------------------------------------------------------------------------------ */

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *error);
static int on_row(sd_bus_message *m, void *userdata, sd_bus_error *error);

static void ask_list(Sessions *s)
{
        int r = follower_call(s->follower, &s->call, on_list, s, CARDIO_MANAGER_INTERFACE, "ListSessions",
                        "xu", s->walk.after, WALK_PAGE);

        if (r < 0)
                fail_look_errno(s, r);
}

static void confirm(Sessions *s)
{
        int r;

        walk_end(&s->walk);
        r = walk_begin_new(&s->walk, &s->outbox);
        if (r < 0) {
                fail_look_errno(s, r);
                return;
        }
        s->step = STEP_CONFIRMING;
        ask_list(s);
}

static void ask_next(Sessions *s)
{
        int r;

        if (s->asked == s->n_candidates) {
                confirm(s);
                return;
        }
        r = follower_call(s->follower, &s->call, on_row, s, CARDIO_MANAGER_INTERFACE, "GetSession", "x",
                        s->candidate[s->asked].session);
        if (r < 0)
                fail_look_errno(s, r);
}

/* The reply has come. Returns whether it is none, which is dealt with. */
static bool is_failure(Sessions *s, sd_bus_message *m)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);

        s->call = sd_bus_slot_unref(s->call);
        if (!e)
                return false;
        if (sd_bus_error_has_name(e, SD_BUS_ERROR_UNKNOWN_METHOD))
                fail_look(s, "it is older than cardio-bridge");
        else
                fail_look(s, e->message ? e->message : e->name);
        return true;
}

/* It was deleted, or merged with another one, whose row may have been read before: that is not gone by. The next time this one
 * is asked for first. */
static void miss_row(Sessions *s)
{
        for (size_t i = 0; i < s->asked; i++)
                free(TAKE_PTR(s->candidate[i].payload));
        s->missing = s->candidate[s->asked].session;
        s->row_failed = true;
}

static int on_row(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Sessions *s = userdata;
        Candidate *c = &s->candidate[s->asked];
        int r;

        (void)error;
        if (sd_bus_message_is_method_error(m, CARDIO_ERROR_NO_SUCH_SESSION)) {
                s->call = sd_bus_slot_unref(s->call);
                miss_row(s);
        } else if (sd_bus_message_is_method_error(m, CARDIO_ERROR_STORAGE)) {
                s->call = sd_bus_slot_unref(s->call);
                fail_row(s, c->session, sd_bus_message_get_error(m)->message);
        } else if (is_failure(s, m)) {
                return 0;
        } else {
                r = payload_session(m, s->device, &c->payload);
                if (r < 0)
                        fail_row(s, c->session, strerror(-r));
        }
        s->asked++;
        ask_next(s);
        return 0;
}

/* -- Listing ----------------------------------------------------------------------------------------------- */

static void say_what_was_found(Sessions *s)
{
        if (s->walk.older)
                say("cardiod's database is an older one than before, with no session above %lld; those that end from now on "
                    "are sent",
                                (long long)s->walk.seen);
        if (s->walk.no_room != 0 && !s->told_room)
                say("more than %u sessions wait; the others are looked for when these have been sent",
                                OUTBOX_WAITING_MAX);
        s->told_room = s->walk.no_room != 0;
}

static void add_candidate(Sessions *s, int64_t session)
{
        Candidate *last = &s->candidate[s->n_candidates++];

        *last = (Candidate){ .session = session };
        if (session != s->missing)
                return;
        last->session = s->candidate[0].session;
        s->candidate[0].session = session;
}

/* All that is new is known, and in the outbox. */
static void listed(Sessions *s)
{
        size_t room = OUTBOX_SENDING_MAX - s->outbox.n_sending;
        bool begins = !s->outbox.database;
        int r = begins ? outbox_begin(&s->outbox, s->database) : 0;

        if (r < 0) {
                fail_look(s, "the path of its database is not one that can be kept");
                return;
        }
        s->open = s->walk.open;
        s->announced = s->walk.announced;
        say_what_was_found(s);
        if (save(s) < 0) {
                end_look(s);
                look_again(s);
                return;
        }
        if (begins)
                say("sessions that end from now on are sent");
        sender_send(&s->sender);
        for (size_t i = 0; i < s->walk.n_ripe && i < room && s->sender.connected; i++)
                add_candidate(s, s->walk.ripe[i]);
        s->missing = 0;
        if (s->n_candidates == 0) {
                finish_look(s);
                return;
        }
        s->step = STEP_ASKING;
        ask_next(s);
}

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Sessions *s = userdata;
        WalkPage page;
        int r;

        (void)error;
        if (is_failure(s, m))
                return 0;
        r = walk_page_read(m, s->walk.after, &page);
        if (r >= 0)
                r = walk_take(&s->walk, &s->outbox, &page);
        if (r < 0) {
                fail_look_errno(s, r);
                return 0;
        }
        for (size_t i = 0; i < page.n && s->step == STEP_CONFIRMING; i++)
                if (page.row[i].whole != 0)
                        forget_payload(s, page.row[i].whole);
        if (r > 0) {
                ask_list(s);
        } else if (s->step == STEP_LISTING) {
                listed(s);
        } else {
                s->open += s->walk.open;
                s->announced = s->walk.announced;
                freeze(s);
        }
        return 0;
}

static void look(Sessions *s)
{
        int r;

        if (s->step != STEP_NONE) {
                s->again = true;
                return;
        }
        if (!s->database) { /* then it is looked when there is one again */
                if (save(s) < 0)
                        look_again(s);
                sender_send(&s->sender);
                return;
        }
        s->again = s->row_failed = false;
        s->step = STEP_LISTING;
        r = walk_begin(&s->walk, &s->outbox);
        if (r < 0)
                fail_look_errno(s, r);
        else
                ask_list(s);
}

/* -- The daemon -------------------------------------------------------------------------------------------- */

static void forget_daemon(Sessions *s)
{
        end_look(s);
        free(TAKE_PTR(s->database));
        s->recording = 0;
        look_now(s);
}

/* Of another database the numbers mean other sessions. */
static void take_database(Sessions *s, const char *path)
{
        if (s->outbox.database && strcmp(s->outbox.database, path) != 0) {
                _cleanup_free_ char *other = strdup(path);

                if (!s->told_other)
                        say("no sessions are sent from %s: what the broker has was kept of %s; if that was moved, say so "
                            "in " OUTBOX_NAME ", else remove that file",
                                        other ? text_make_plain(other) : "another database",
                                        s->outbox.database);
                s->told_other = true;
                return;
        }
        s->told_other = false;
        free(s->database);
        s->database = strdup(path);
        if (!s->database)
                complain(s, "cannot follow cardiod", strerror(ENOMEM));
}

static void take_manager(Sessions *s, const ManagerProperties *m)
{
        if (m->database_path && *m->database_path)
                take_database(s, m->database_path);
        if (m->given & MANAGER_SESSION) {
                s->recording = m->session;
                look_now(s);
        }
}

/* If it is not stored yet it is waited for. */
static void take_end(Sessions *s, int64_t session)
{
        int r = 0;

        if (session > 0 && session < INT64_MAX &&
                        (!s->outbox.database || (s->database && session > s->outbox.seen)))
                r = outbox_add(&s->outbox, session);
        if (r < 0 && r != -ENOBUFS) /* the list has it, too */
                complain(s, "cannot follow cardiod", strerror(-r));
        look_now(s);
}

void sessions_follow(Sessions *s, const FollowerEvent *event)
{
        switch (event->type) {
        case FOLLOWER_MANAGER:
                take_manager(s, &event->manager);
                break;
        case FOLLOWER_APPEARED: /* whatever was known is void; FOLLOWER_MANAGER follows */
        case FOLLOWER_LOST:
                forget_daemon(s);
                break;
        case FOLLOWER_READY:
                look_now(s);
                break;
        case FOLLOWER_SESSION_ENDED:
                take_end(s, event->session.id);
                break;
        case FOLLOWER_SESSION_DISCARDED:
                if (!outbox_sending(&s->outbox, event->session.id))
                        outbox_drop(&s->outbox, event->session.id);
                look_now(s);
                break;
        case FOLLOWER_UNREACHABLE: /* FOLLOWER_LOST follows if that bus counts */
        case FOLLOWER_SILENT:
        case FOLLOWER_COACH:
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_SENSOR_CHANGED:
        case FOLLOWER_SENSOR_REMOVED:
        case FOLLOWER_MEASUREMENT:
        case FOLLOWER_PACE:
        case FOLLOWER_SESSION_STARTED: /* the property changes, too */
        case FOLLOWER_OVER_LIMIT:
        case FOLLOWER_BACK_IN_RANGE:
        case FOLLOWER_OVER_PACE:
        case FOLLOWER_PACE_IN_RANGE:
        case FOLLOWER_ADVICE:
        case FOLLOWER_CUE:
        case FOLLOWER_TROUBLE:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
}

/* -- The broker -------------------------------------------------------------------------------------------- */

void sessions_connected(Sessions *s)
{
        sender_connected(&s->sender);
        look_now(s); /* those that were deleted meanwhile are not sent */
}

void sessions_disconnected(Sessions *s)
{
        sender_disconnected(&s->sender);
}

void sessions_acknowledged(Sessions *s, int mid)
{
        int64_t session = sender_acknowledged(&s->sender, mid);

        if (session == 0)
                return;
        outbox_drop(&s->outbox, session);
        (void)save(s); /* a look tries again */
        if (s->outbox.unsaved || s->outbox.waiting.n > s->open)
                look_now(s);
}

void sessions_refused(Sessions *s, int mid)
{
        sender_refused(&s->sender, mid);
}

size_t sessions_waiting(const Sessions *s)
{
        size_t waiting = s->outbox.waiting.n;

        return s->outbox.n_sending + (waiting > s->open ? waiting - s->open : 0);
}

/* -- Beginning and end ------------------------------------------------------------------------------------- */

int sessions_new(sd_event *event, Follower *follower, const char *device, const char *folder,
                SessionsSendFunc send, void *userdata, Sessions **ret, char **ret_error)
{
        _cleanup_(sessions_freep) Sessions *s = calloc(1, sizeof(*s));
        int r;

        *ret_error = NULL;
        if (!s)
                return -ENOMEM;
        s->outbox.folder = s->outbox.lock = -1;
        s->event = sd_event_ref(event);
        s->follower = follower;
        s->look_usec = LOOK_MIN_USEC;
        sender_init(&s->sender, event, &s->outbox, send, userdata);
        s->device = strdup(device);
        if (!s->device)
                return -ENOMEM;
        r = outbox_open(folder, &s->outbox, ret_error);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

Sessions *sessions_free(Sessions *s)
{
        if (!s)
                return NULL;
        end_look(s);
        (void)save(s);
        sd_event_source_disable_unref(s->look_timer);
        sender_done(&s->sender);
        outbox_close(&s->outbox);
        sd_event_unref(s->event);
        free(s->database);
        free(s->device);
        free(s);
        return NULL;
}
