/* SPDX-License-Identifier: MIT */

/* What the bridge asks of cardiod, of one that is played here: sessions that are split, merged or deleted between one question
 * and the next, rows that cannot be read, and answers that are none. */

#include "sending-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run-fixture.h"

#define SESSIONS_MAX 16U

/* As it is in the played daemon's database. */
typedef struct Session {
        int64_t id, whole;
        bool over;
        const char *duration; /* by which the test knows which row was sent */
} Session;

typedef struct Played Played;
struct Played {
        Harness *h;
        sd_bus_slot *object;
        const char *database;
        int64_t session, last;
        Session sessions[SESSIONS_MAX];
        size_t n;
        unsigned listed;                          /* calls of ListSessions */
        unsigned asked[SESSIONS_MAX + 1];         /* of GetSession, by the session's number */
        void (*then)(Played *p, int64_t session); /* called once it has answered GetSession */
        int64_t hidden;                           /* GetSession does not know it */
        int64_t unreadable;                       /* GetSession has an error for it; 0 = of none */
        bool nonsense;                            /* ListSessions answers something else */
        bool silent;                              /* nothing is answered */
        sd_bus_message *held[8];
        size_t n_held;
};

static Session *find(Played *p, int64_t id)
{
        for (size_t i = 0; i < p->n; i++)
                if (p->sessions[i].id == id)
                        return &p->sessions[i];
        return NULL;
}

static void put(Played *p, Session session)
{
        assert_true(p->n < SESSIONS_MAX);
        p->sessions[p->n++] = session;
        p->last = session.id > p->last ? session.id : p->last;
}

static void drop(Played *p, int64_t id)
{
        Session *s = find(p, id);

        assert_non_null(s);
        memmove(s, s + 1, (size_t)(p->sessions + --p->n - s) * sizeof(*s));
}

/* -- Its answers ------------------------------------------------------------------------------------------- */

/* Returns whether the call is not to be answered. */
static bool hold(Played *p, sd_bus_message *m)
{
        if (!p->silent)
                return false;
        assert_true(p->n_held < ELEMENTSOF(p->held));
        p->held[p->n_held++] = sd_bus_message_ref(m);
        return true;
}

static int on_list(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Played *p = userdata;
        uint32_t limit;
        int64_t after;

        assert_true(sd_bus_message_read(m, "xu", &after, &limit) > 0);
        p->listed++;
        if (hold(p, m))
                return 1;
        if (p->nonsense)
                return sd_bus_reply_method_return(m, "s", "nonsense");
        assert_true(sd_bus_message_new_method_return(m, &reply) >= 0);
        assert_true(sd_bus_message_open_container(reply, 'a', "(xsxb)") >= 0);
        for (size_t i = 0; i < p->n && i < limit; i++) {
                const Session *s = &p->sessions[i];

                if (s->id > after)
                        assert_true(sd_bus_message_append(reply, "(xsxb)", s->id, "strap", s->whole,
                                                    (int)s->over) >= 0);
        }
        assert_true(sd_bus_message_close_container(reply) >= 0);
        assert_true(sd_bus_message_append(reply, "x", p->last) >= 0);
        return sd_bus_send(NULL, reply, NULL);
}

static int on_get(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Played *p = userdata;
        const Session *s;
        int64_t id;
        int r;

        assert_true(sd_bus_message_read(m, "x", &id) > 0);
        assert_in_range(id, 1, SESSIONS_MAX);
        p->asked[id]++;
        if (hold(p, m))
                return 1;
        if (id == p->unreadable)
                return sd_bus_error_set(
                                error, CARDIO_ERROR_STORAGE, "The database cannot be read: \x1b[2Jdamaged");
        s = id == p->hidden ? NULL : find(p, id);
        if (!s)
                return sd_bus_error_setf(
                                error, CARDIO_ERROR_NO_SUCH_SESSION, "There is no session %" PRIi64, id);
        r = sd_bus_reply_method_return(
                        m, "a{sv}", 3, "id", "x", id, "duration", "s", s->duration, "source", "s", "strap");
        if (p->then)
                p->then(p, id);
        return r;
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("ListSessions", "xu", "a(xsxb)x", on_list, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("GetSession", "x", "a{sv}", on_get, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("DatabasePath", "s", NULL, offsetof(Played, database), 0),
        SD_BUS_PROPERTY("Session", "x", NULL, offsetof(Played, session), 0),
        SD_BUS_VTABLE_END,
};

static void take_name(Played *p)
{
        assert_true(sd_bus_request_name(harness_bus(p->h, BUS_SYSTEM), CARDIO_BUS_NAME, 0) >= 0);
}

static void give_name(Played *p)
{
        assert_true(sd_bus_release_name(harness_bus(p->h, BUS_SYSTEM), CARDIO_BUS_NAME) >= 0);
}

/* Its database has no session yet, and the bridge has looked at it, and is connected. */
static Sending begin(Harness *h, Played *p)
{
        Sending b;

        *p = (Played){ .h = h, .database = "/cardiod.db" };
        assert_true(sd_bus_add_object_vtable(harness_bus(h, BUS_SYSTEM), &p->object, CARDIO_OBJECT,
                                    CARDIO_MANAGER_INTERFACE, vtable, p) >= 0);
        take_name(p);
        b = sending_start(h);
        sending_wait_outbox(h, "*\nseen 0\nend\n");
        sending_command(&b, "connect");
        return b;
}

static void finish(Played *p, Sending *b)
{
        sending_end(b, SIGTERM);
        for (size_t i = 0; i < p->n_held; i++)
                sd_bus_message_unref(p->held[i]);
        sd_bus_slot_unref(p->object);
}

/* It says that one has ended: then it is looked. */
static void signal_end(Played *p, int64_t id)
{
        assert_true(sd_bus_emit_signal(harness_bus(p->h, BUS_SYSTEM), CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                    "SessionEnded", "xot", id, CARDIO_SENSOR_PREFIX "/1", UINT64_C(1)) >= 0);
}

static void expect_duration(Sending *b, unsigned n, int64_t id, const char *duration)
{
        _cleanup_free_ char *payload = sending_payload(b, n);
        char expected[64];

        sending_expect_session(b, n, id);
        (void)snprintf(expected, sizeof(expected), "\"duration\":\"%s\"", duration);
        run_assert_contains(payload, expected);
}

/* -- Between one question and the next --------------------------------------------------------------------- */

/* Right after its row was read the session is split: what is sent is its first part, and the second. */
static void split(Played *p, int64_t session)
{
        if (session != 1 || p->asked[1] > 1)
                return;
        find(p, 1)->duration = "0:20:00";
        put(p, (Session){ .id = 3, .whole = 1, .over = true, .duration = "0:40:00" });
}

static void test_split_in_between(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        put(&p, (Session){ .id = 1, .over = true, .duration = "1:00:00" });
        put(&p, (Session){ .id = 2, .over = true, .duration = "0:30:00" });
        p.then = split;
        signal_end(&p, 1);
        /* The other one does not wait for that. */
        expect_duration(&b, 1, 2, "0:30:00");
        expect_duration(&b, 2, 1, "0:20:00");
        expect_duration(&b, 3, 3, "0:40:00");
        sending_expect(&b, 3);
        assert_int_equal(p.asked[1], 2);
        assert_int_equal(p.asked[2], 1);
        finish(&p, &b);
}

/* Once it is frozen it is sent whole, and its second part is not. */
static void test_split_afterwards(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        put(&p, (Session){ .id = 1, .over = true, .duration = "1:00:00" });
        signal_end(&p, 1);
        expect_duration(&b, 1, 1, "1:00:00");
        put(&p, (Session){ .id = 2, .whole = 1, .over = true, .duration = "0:40:00" });
        put(&p, (Session){ .id = 3, .over = true, .duration = "0:30:00" });
        signal_end(&p, 3);
        expect_duration(&b, 2, 3, "0:30:00");
        sending_expect(&b, 2);
        finish(&p, &b);
}

/* The second of two is merged into the first, whose row was read before. */
static void merge(Played *p, int64_t session)
{
        if (session != 1 || p->asked[1] > 1)
                return;
        find(p, 1)->duration = "1:30:00";
        drop(p, 2);
}

static void test_merged_in_between(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        put(&p, (Session){ .id = 1, .over = true, .duration = "1:00:00" });
        put(&p, (Session){ .id = 2, .over = true, .duration = "0:30:00" });
        p.then = merge;
        signal_end(&p, 2);
        expect_duration(&b, 1, 1, "1:30:00");
        sending_expect(&b, 1);
        sending_wait_outbox(h, "*\nseen 2\nsending 1 {*\nend\n");
        finish(&p, &b);
}

/* -- What cannot be answered ------------------------------------------------------------------------------- */

static void test_row_that_cannot_be_read(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        put(&p, (Session){ .id = 1, .over = true, .duration = "1:00:00" });
        put(&p, (Session){ .id = 2, .over = true, .duration = "0:30:00" });
        p.unreadable = 1;
        signal_end(&p, 2);
        expect_duration(&b, 1, 2, "0:30:00");
        sending_command(&b, "ack 1");
        sending_expect_waiting(&b, 1);
        harness_pass_time(h, 1500 * USEC_PER_MSEC);
        assert_in_range(p.asked[1], 2, 5); /* and not all the time */
        assert_int_equal(
                        sending_count_lines(&b,
                                        "*cannot send session 1: The database cannot be read: ?\\[2Jdamaged;*"),
                        1);
        sending_expect(&b, 1);
        p.unreadable = 0;
        expect_duration(&b, 2, 1, "1:00:00");
        finish(&p, &b);
}

/* Listed, but not there, as in a damaged database: it is not asked for all the time. */
static void test_listed_and_not_there(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        put(&p, (Session){ .id = 1, .over = true, .duration = "1:00:00" });
        put(&p, (Session){ .id = 2, .over = true, .duration = "0:30:00" });
        put(&p, (Session){ .id = 3, .over = true, .duration = "0:20:00" });
        p.hidden = 2;
        signal_end(&p, 3);
        harness_pass_time(h, 1500 * USEC_PER_MSEC);
        assert_in_range(p.asked[2], 1, 4);
        /* Nor do the others wait for it. */
        expect_duration(&b, 1, 3, "0:20:00");
        expect_duration(&b, 2, 1, "1:00:00");
        sending_expect(&b, 2);
        sending_expect_waiting(&b, 3);
        p.hidden = 0;
        expect_duration(&b, 3, 2, "0:30:00");
        finish(&p, &b);
}

static void test_nonsense(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        put(&p, (Session){ .id = 1, .over = true, .duration = "1:00:00" });
        p.nonsense = true;
        signal_end(&p, 1);
        harness_wait_output(
                        h, b.child, true, "*cannot ask cardiod which sessions there are: *", HARNESS_TIMEOUT);
        sending_expect(&b, 0);
        p.nonsense = false;
        expect_duration(&b, 1, 1, "1:00:00");
        assert_int_equal(sending_count_lines(&b, "*cannot ask*"), 1);
        finish(&p, &b);
}

static bool holds_one(_unused_ Harness *h, void *userdata)
{
        const Played *p = userdata;

        return p->n_held > 0;
}

/* It is gone before it has answered, and another one is there: that is asked, from the beginning. */
static void test_gone_before_it_answers(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        for (int64_t id = 1; id <= 2; id++) {
                put(&p, (Session){ .id = id, .over = true, .duration = id == 1 ? "0:10:00" : "0:20:00" });
                p.n_held = 0;
                p.silent = true;
                signal_end(&p, id);
                assert_true(harness_wait(h, holds_one, &p, HARNESS_TIMEOUT));
                give_name(&p);
                sending_expect(&b, (unsigned)id - 1);
                p.silent = false;
                take_name(&p);
                expect_duration(&b, (unsigned)id, id, id == 1 ? "0:10:00" : "0:20:00");
                /* The answers that come late now mean nothing. */
                for (size_t i = 0; i < p.n_held; i++) {
                        assert_true(sd_bus_reply_method_return(p.held[i], "a(xsxb)x", 0, INT64_C(0)) >= 0);
                        sd_bus_message_unref(p.held[i]);
                }
                p.n_held = 0;
                sending_expect(&b, (unsigned)id);
                assert_int_equal(sending_count_lines(&b, "*an older one*"), 0);
        }
        finish(&p, &b);
}

/* What is announced and never stored, as by a daemon that is killed while its disk is full, is waited for until its number is
 * known to be used. */
static void test_announced_only(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        signal_end(&p, 1);
        sending_wait_outbox(h, "*\nseen 0\nwaiting 1\nend\n");
        sending_expect_waiting(&b, 1);
        p.last = 1;
        put(&p, (Session){ .id = 2, .over = true, .duration = "0:20:00" });
        expect_duration(&b, 1, 2, "0:20:00");
        sending_wait_outbox(h, "*\nseen 2\nsending 2 {*\nend\n");
        finish(&p, &b);
}

/* The disk takes nothing any more once the row was read. */
static void block_disk(Played *p, _unused_ int64_t session)
{
        if (p->asked[1] == 1)
                assert_int_equal(mkdir(harness_path(p->h, "outbox/.bridge-outbox.part"), 0700), 0);
}

/* What is frozen, and not on the disk yet, is not sent: neither at once nor with a new connection, daemon or none. */
static void test_frozen_and_not_kept(Harness *h)
{
        Played p;
        Sending b = begin(h, &p);

        put(&p, (Session){ .id = 1, .over = true, .duration = "1:00:00" });
        p.then = block_disk;
        signal_end(&p, 1);
        harness_wait_output(h, b.child, true, "*cannot keep which sessions the broker has: Is a directory;*",
                        HARNESS_TIMEOUT);
        sending_expect(&b, 0);
        give_name(&p);
        sending_command(&b, "disconnect");
        sending_command(&b, "connect");
        sending_expect(&b, 0);
        take_name(&p);
        sending_expect(&b, 0);
        sending_wait_outbox(h, "*\nseen 1\nwaiting 1\nend\n");
        assert_int_equal(rmdir(harness_path(h, "outbox/.bridge-outbox.part")), 0);
        expect_duration(&b, 1, 1, "1:00:00");
        sending_wait_outbox(h, "*\nseen 1\nsending 1 {*\nend\n");
        assert_int_equal(sending_count_lines(&b, "*cannot keep*"), 1);
        finish(&p, &b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_split_in_between),
                harness_test(test_split_afterwards),
                harness_test(test_merged_in_between),
                harness_test(test_row_that_cannot_be_read),
                harness_test(test_listed_and_not_there),
                harness_test(test_nonsense),
                harness_test(test_gone_before_it_answers),
                harness_test(test_announced_only),
                harness_test(test_frozen_and_not_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
