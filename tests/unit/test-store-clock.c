/* SPDX-License-Identifier: MIT */

/* Clocks that are set after something was recorded by them, as on machines without a real-time clock: what follows them, what
 * stays, and what of another boot may go on. The clocks are the test's own. */

#include "old-database.h"

#include <inttypes.h>

#include "daemon/store/coach.h"

/* By the right clock a session that begins a thousand seconds after the boot begins at STARTED_AT. */
#define RIGHT_MS (STARTED_AT - INT64_C(1000000))
/* It says 1970 when the machine boots. */
#define AT_1970 (-RIGHT_MS)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)
#define STEPS   10

/* Summer time: an hour more, from April on. */
static int zone(int64_t unix_ms)
{
        return unix_ms >= INT64_C(1711846800000) ? 7200 : 3600;
}

typedef enum Act {
        ACT_NONE,
        ACT_RUN,    /* the next session, 60 s */
        ACT_BEGIN,  /* … left open */
        ACT_END,    /* it ends */
        ACT_CLOCK,  /* is so far ahead of the right one, which is not known … */
        ACT_KNOWN,  /* … or is */
        ACT_START,  /* the daemon stops, and is started again */
        ACT_BOOT,   /* the machine is */
        ACT_DELETE, /* a session */
} Act;

typedef struct Step {
        Act act;
        int64_t ahead_ms; /* or the session */
} Step;

typedef struct Life {
        Fixture *f;
        StoreClock clock;
        int64_t n_sessions, open; /* seconds of its begin are its number, times 1000 */
} Life;

static int64_t query_integer(const Fixture *f, const char *sql)
{
        _cleanup_free_ char *text = query(f, sql);

        return strtoll(text, NULL, 10);
}

static void set_clock(Life *l, int64_t ahead_ms, bool known)
{
        int64_t offset_ms = RIGHT_MS + ahead_ms, step_ms = offset_ms - l->clock.offset_ms;

        l->clock.offset_ms = offset_ms;
        l->clock.known = known;
        if (!l->f->store)
                return;
        store_set_clock(l->f->store, &l->clock);
        if (l->open != 0)
                session_clock(l->f->store, 30000, step_ms);
        (void)store_move_sessions(l->f->store);
        assert_int_equal(store_commit(l->f->store), 0);
}

static void begin(Life *l)
{
        SessionHead head = head_default();

        l->open = ++l->n_sessions;
        head.boot_ms = l->open * 1000000;
        head.started_at = head.boot_ms + l->clock.offset_ms;
        head.utc_offset_s = zone(head.started_at);
        head.day_kind = "base";
        assert_int_equal(session_begin(l->f->store, &head), l->open);
        add_samples(l->f->store, 0, 61, 140);
        assert_int_equal(store_commit(l->f->store), 0);
}

static void end(Life *l)
{
        session_end(l->f->store, 60000, false);
        l->open = 0;
        assert_int_equal(store_commit(l->f->store), 0);
}

/* Nothing is young enough to go on. */
static int start(Life *l)
{
        OpenSession o;
        int r;

        fixture_open(l->f);
        store_set_clock(l->f->store, &l->clock);
        r = store_recover(l->f->store, l->n_sessions * 1000000 + 900000 + l->clock.offset_ms, 300000, &o);
        assert_true(r >= 0);
        assert_int_equal(o.id, 0);
        l->open = 0;
        return r;
}

static void act(Life *l, const Step *step)
{
        switch (step->act) {
        case ACT_RUN:
                begin(l);
                end(l);
                break;
        case ACT_BEGIN:
                begin(l);
                break;
        case ACT_END:
                end(l);
                break;
        case ACT_CLOCK:
        case ACT_KNOWN:
                set_clock(l, step->ahead_ms, step->act == ACT_KNOWN);
                break;
        case ACT_BOOT:
                l->clock.boot_id[0]++;
                fixture_close(l->f);
                break;
        case ACT_START:
                if (l->f->store)
                        fixture_close(l->f);
                (void)start(l);
                break;
        case ACT_DELETE:
                assert_int_equal(store_delete_session(l->f->store, step->ahead_ms), 0);
                break;
        case ACT_NONE:
                break;
        }
}

static Life life_begin(Fixture *f)
{
        return (Life){ .f = f, .clock = { .boot_id = "a", .offset_ms = RIGHT_MS, .utc_offset_s = zone } };
}

static void test_steps(_unused_ void **state)
{
        static const struct {
                const char *name;
                Step step[STEPS];
                const char *ahead;  /* of the right time, ms, by session */
                const char *events; /* and what each has of its own, s */
        } cases[] = {
                { "set after a run", { { ACT_CLOCK, AT_1970 }, { .act = ACT_RUN }, { ACT_KNOWN, 0 } }, "1 0",
                                "1 1710522800.0" },
                { "set during a run",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_BEGIN }, { ACT_KNOWN, 0 },
                                                { .act = ACT_END } },
                                "1 0", "1 1710522800.0" },
                { "set after the daemon was started again",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_RUN }, { .act = ACT_START },
                                                { ACT_KNOWN, 0 } },
                                "1 0", "1 1710522800.0" },
                { "set while it was away",
                                { { ACT_CLOCK, -3 * HOUR_MS }, { .act = ACT_RUN }, { .act = ACT_START },
                                                { ACT_KNOWN, 0 }, { .act = ACT_START } },
                                "1 0", "1 10800.0" },
                { "killed in a run, set after it",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_BEGIN }, { .act = ACT_START },
                                                { ACT_KNOWN, 0 } },
                                "1 0", "1 1710522800.0" },
                { "two runs before",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_RUN }, { .act = ACT_RUN },
                                                { ACT_KNOWN, 0 } },
                                "1 0\n2 0", "1 1710522800.0\n2 1710522800.0" },
                { "one of them deleted",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_RUN }, { .act = ACT_RUN },
                                                { ACT_DELETE, 1 }, { ACT_KNOWN, 0 } },
                                "2 0", "2 1710522800.0" },
                { "ended before, and open",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_RUN }, { .act = ACT_BEGIN },
                                                { ACT_KNOWN, 0 }, { .act = ACT_END } },
                                "1 0\n2 0", "1 1710522800.0\n2 1710522800.0" },
                { "restored from a file, behind",
                                { { ACT_CLOCK, -3 * HOUR_MS }, { .act = ACT_RUN }, { ACT_KNOWN, 0 } }, "1 0",
                                "1 10800.0" },
                { "ahead, in the future",
                                { { ACT_CLOCK, 4000 * DAY_MS }, { .act = ACT_RUN }, { ACT_KNOWN, 0 } }, "1 0",
                                "1 -345600000.0" },
                { "by a second", { { ACT_CLOCK, 1000 }, { .act = ACT_RUN }, { ACT_KNOWN, 0 } }, "1 0",
                                "1 -1.0" },
                { "steered, not set", { { ACT_CLOCK, 50 }, { .act = ACT_RUN }, { ACT_KNOWN, 0 } }, "1 50",
                                "" },
                { "set, and known to be right later",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_RUN }, { ACT_CLOCK, 2000 },
                                                { ACT_KNOWN, 0 } },
                                "1 0", "1 1710522802.0\n1 -2.0" },
                { "known to be right without being set, and set wrong then",
                                { { ACT_CLOCK, 0 }, { .act = ACT_RUN }, { ACT_KNOWN, 0 },
                                                { ACT_CLOCK, HOUR_MS } },
                                "1 0", "" },
                { "set twice, the second time wrong",
                                { { ACT_CLOCK, AT_1970 }, { .act = ACT_RUN }, { ACT_KNOWN, 0 },
                                                { ACT_CLOCK, -HOUR_MS }, { .act = ACT_START },
                                                { ACT_KNOWN, DAY_MS } },
                                "1 0", "1 1710522800.0" },
                { "a clock that was right is set by hand",
                                { { ACT_KNOWN, 0 }, { .act = ACT_RUN }, { ACT_CLOCK, HOUR_MS } }, "1 0", "" },
                { "a clock that was right is set over the network",
                                { { ACT_KNOWN, 0 }, { .act = ACT_RUN }, { ACT_KNOWN, HOUR_MS } }, "1 0", "" },
                { "set wrong by hand, and put right: only what was recorded meanwhile",
                                { { ACT_KNOWN, 0 }, { .act = ACT_RUN }, { ACT_CLOCK, HOUR_MS },
                                                { .act = ACT_RUN }, { ACT_KNOWN, 0 } },
                                "1 0\n2 0", "2 -3600.0" },
                { "set wrong during a run that goes on",
                                { { ACT_KNOWN, 0 }, { .act = ACT_BEGIN }, { ACT_CLOCK, HOUR_MS },
                                                { .act = ACT_END }, { ACT_KNOWN, 0 } },
                                "1 0", "1 3600.0\n1 -3600.0" },
                { "of another boot: nobody knows any more",
                                { { ACT_CLOCK, -HOUR_MS }, { .act = ACT_RUN }, { .act = ACT_BOOT },
                                                { .act = ACT_START }, { ACT_KNOWN, 0 } },
                                "1 -3600000", "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *ahead = NULL, *events = NULL, *lengths = NULL;
                void *own = NULL;
                Life l;

                (void)fixture_setup(&own);
                l = life_begin(own);
                store_set_clock(l.f->store, &l.clock);
                for (size_t k = 0; k < STEPS; k++)
                        act(&l, &cases[i].step[k]);
                ahead = query(l.f,
                                "SELECT id || ' ' || (started_at - 1710522800000 - id * 1000000) FROM session");
                events = query(l.f,
                                "SELECT session_id || ' ' || value FROM event WHERE type = 'clock' ORDER BY session_id, id");
                lengths = query(l.f, "SELECT DISTINCT ended_at - started_at FROM session");
                if (strcmp(ahead, cases[i].ahead) != 0 || strcmp(events, cases[i].events) != 0)
                        fail_msg("%s: %s; %s", cases[i].name, ahead, events);
                assert_string_equal(lengths, "60000");
                (void)fixture_teardown(&own);
        }
}

/* Its date, the offset of the zone on that date, and what depends on it. */
static void test_date(void **state)
{
        Life l = life_begin(*state);

        set_clock(&l, AT_1970, false);
        l.open = 0;
        begin(&l);
        end(&l);
        begin(&l);
        assert_query(l.f, "SELECT id, date, utc_offset_s FROM sessions JOIN session USING (id)",
                        "1|1970-01-01|3600\n2|1970-01-01|3600");
        assert_int_equal(store_put_verdicts(l.f->store, &(StoreVerdict){ 1, VERDICT_GOOD }, 1), 0);
        set_clock(&l, 30 * DAY_MS, true);
        /* Summer time has begun. What those days were for is not known. */
        assert_query(l.f,
                        "SELECT s.id, v.date, s.utc_offset_s, s.day_kind, s.verdict, s.record_kind"
                        " FROM sessions AS v JOIN session AS s ON s.id = v.id",
                        "1|2024-04-14|7200|-|-|recovery\n2|2024-04-14|7200|-|-|-");
        assert_query(l.f, "SELECT clock_known FROM session", "1\n1");
        /* On the same day they are. */
        set_clock(&l, 30 * DAY_MS + HOUR_MS, false);
        end(&l);
        begin(&l);
        end(&l);
        assert_query(l.f, "SELECT id, clock_known, day_kind FROM session", "1|1|-\n2|0|-\n3|0|base");
        set_clock(&l, 30 * DAY_MS, true);
        assert_query(l.f, "SELECT id, clock_known, day_kind FROM session", "1|1|-\n2|1|-\n3|1|base");
}

/* Told while the disk cannot be written, it comes with the rest. */
static void test_locked(void **state)
{
        Life l = life_begin(*state);
        sqlite3 *db;

        set_clock(&l, AT_1970, false);
        assert_int_equal(sqlite3_open(l.f->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
        assert_true(session_begin(l.f->store, &(SessionHead){ .address = STRAP,
                                                              .started_at = 1000000,
                                                              .boot_ms = 1000000,
                                                              .ceiling = NAN }) == 1);
        add_samples(l.f->store, 0, 61, 140);
        session_end(l.f->store, 60000, false);
        assert_true(store_commit(l.f->store) < 0);
        l.clock.offset_ms = RIGHT_MS;
        l.clock.known = true;
        store_set_clock(l.f->store, &l.clock);
        assert_true(store_move_sessions(l.f->store));
        assert_false(store_follows_clock(l.f->store));
        assert_true(store_commit(l.f->store) < 0);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(store_commit(l.f->store), 0);
        assert_query(l.f, "SELECT started_at, clock_known FROM session", "1710523800000|1");
}

/* One that was measured follows, one that was told is of the date that was told. */
static void test_mornings(void **state)
{
        Life l = life_begin(*state);
        RestingRow row = { .taken_at = 1000000,
                .measured = true,
                .boot_ms = 1000000,
                .date = 0,
                .heart_rate = 52,
                .rmssd = NAN,
                .sdnn = NAN,
                .pnn50 = NAN,
                .source = "strap" };

        set_clock(&l, AT_1970, false);
        assert_int_equal(store_add_resting(l.f->store, &row), 1);
        row.measured = false;
        row.date = STARTED_DAY - 1;
        assert_int_equal(store_add_resting(l.f->store, &row), 2);
        assert_true(store_follows_clock(l.f->store));
        set_clock(&l, 0, true);
        assert_query(l.f, "SELECT taken_at, local_date, clock_known FROM resting ORDER BY id",
                        "1710523800000|2024-03-15|1\n1000000|2024-03-14|1");
        set_clock(&l, DAY_MS, false);
        assert_query(l.f, "SELECT local_date FROM resting ORDER BY id", "2024-03-15\n2024-03-14");

        /* It does not matter whether the daemon was there. */
        row.measured = true;
        row.date = STARTED_DAY + 1;
        assert_int_equal(store_add_resting(l.f->store, &row), 3);
        fixture_close(l.f);
        l.clock.offset_ms = RIGHT_MS;
        assert_int_equal(start(&l), 1);
        assert_query(l.f, "SELECT local_date, clock_known FROM resting WHERE id = 3", "2024-03-15|0");
        assert_true(store_follows_clock(l.f->store));
        fixture_close(l.f);
        assert_int_equal(start(&l), 0);
}

/* -- What may go on -- */

typedef enum Decision { OVER, GOES_ON, WAITS } Decision;

/* A run of 60 s from 1000 s after its boot on is left open, and the daemon started again. */
static void test_recover(_unused_ void **state)
{
        static const struct {
                const char *name;
                bool known, same_boot;
                int64_t ahead_ms; /* of the right clock, in the run */
                bool now_known;
                int64_t now_ahead_ms, age_ms; /* truly, since its last heart rate */
                int64_t boot_age_ms;          /* of another boot */
                Decision decision;
                int64_t step_ms;
        } cases[] = {
                { "the same boot", true, true, 0, true, 0, 60000, 0, GOES_ON, 0 },
                { "… too old", true, true, 0, true, 0, 300000, 0, OVER, 0 },
                { "… of no known clock", false, true, AT_1970, false, AT_1970, 299999, 0, GOES_ON, 0 },
                { "… too old by it", false, true, AT_1970, false, AT_1970, 300000, 0, OVER, 0 },
                { "… set meanwhile", false, true, AT_1970, true, 0, 60000, 0, GOES_ON, RIGHT_MS },
                { "… set so that it seems young", true, true, 0, false, -3 * HOUR_MS, 3 * HOUR_MS + 10000, 0,
                                OVER, 0 },
                { "… set back", true, true, 0, true, -HOUR_MS, 60000, 0, GOES_ON, -HOUR_MS },
                { "another boot, both known", true, false, 0, true, 0, 200000, 30000, GOES_ON, 0 },
                { "… too old", true, false, 0, true, 0, 300000, 30000, OVER, 0 },
                { "… from a file, hours behind", true, false, 0, false, -3 * HOUR_MS, 3 * HOUR_MS + 10000,
                                30000, WAITS, 0 },
                { "… longer since the boot than it may be", true, false, 0, false, -3 * HOUR_MS,
                                3 * HOUR_MS + 10000, 300000, OVER, 0 },
                { "… not known then", false, false, 0, true, 0, 60000, 30000, OVER, 0 },
                { "… nor now", false, false, -HOUR_MS, false, -HOUR_MS, 60000, 30000, OVER, 0 },
                { "… from the future", true, false, 0, true, -HOUR_MS, 60000, 30000, OVER, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t last_boot_ms = 1060000, now_boot_ms = last_boot_ms + cases[i].age_ms;
                Decision found;
                void *own = NULL;
                OpenSession o;
                Life l;

                (void)fixture_setup(&own);
                l = life_begin(own);
                set_clock(&l, cases[i].ahead_ms, cases[i].known);
                begin(&l);
                fixture_close(l.f);
                l.clock.offset_ms = RIGHT_MS + cases[i].now_ahead_ms;
                l.clock.known = cases[i].now_known;
                if (!cases[i].same_boot) {
                        l.clock.boot_id[0] = 'b';
                        l.clock.offset_ms += now_boot_ms - cases[i].boot_age_ms;
                        now_boot_ms = cases[i].boot_age_ms;
                }
                fixture_open(l.f);
                store_set_clock(l.f->store, &l.clock);
                assert_true(store_recover(l.f->store, now_boot_ms + l.clock.offset_ms, 300000, &o) >= 0);
                found = o.id == 0 ? OVER : o.undecided ? WAITS : GOES_ON;
                if (found != cases[i].decision || (found == GOES_ON && o.step_ms != cases[i].step_ms))
                        fail_msg("%s: %d, %" PRIi64, cases[i].name, (int)found, o.step_ms);
                if (found == GOES_ON) {
                        /* t goes on where it is, by whatever clock. */
                        assert_true(o.boot_ms == now_boot_ms - cases[i].age_ms - 60000);
                        assert_int_equal(session_writer_resume(&o, 0), 0);
                        add_sample(l.f->store, now_boot_ms - o.boot_ms, 150, 150, 3);
                        assert_int_equal(store_commit(l.f->store), 0);
                        assert_true(query_integer(l.f, "SELECT started_at + max(t) FROM session, sample") ==
                                        now_boot_ms + l.clock.offset_ms);
                        assert_int_equal(query_integer(l.f, "SELECT clock_known FROM session"),
                                        cases[i].now_known);
                }
                (void)fixture_teardown(&own);
        }
}

/* One of another boot waits for the clock. */
static void test_undecided(void **state)
{
        static const struct {
                int64_t waited_ms, pause_ms; /* since the boot; and that the machine was off before it */
                bool known;
                int decision;
        } cases[] = {
                { 30000, 60000, false, -EAGAIN },
                { 299999, 60000, false, -EAGAIN },
                { 300000, 60000, false, 0 },
                { 40000, 60000, true, 1 },
                { 40000, 260000, true, 0 },
                { 40000, -90000, true, 0 },
        };
        Life l = life_begin(*state);
        OpenSession o;

        l.clock.known = true;
        store_set_clock(l.f->store, &l.clock);
        begin(&l);
        fixture_close(l.f);
        fixture_open(l.f);
        l.clock = (StoreClock){ .boot_id = "b", .offset_ms = RIGHT_MS };
        store_set_clock(l.f->store, &l.clock);
        assert_int_equal(store_recover(l.f->store, l.clock.offset_ms + 20000, 300000, &o), 0);
        assert_true(o.id == 1 && o.undecided);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                OpenSession asked = o;

                l.clock.offset_ms = RIGHT_MS + 1060000 + cases[i].pause_ms;
                l.clock.known = cases[i].known;
                store_set_clock(l.f->store, &l.clock);
                assert_int_equal(store_decide(l.f->store, &asked, l.clock.offset_ms + cases[i].waited_ms,
                                                 300000),
                                cases[i].decision);
                if (cases[i].decision == 1)
                        assert_true(asked.boot_ms == -60000 - cases[i].pause_ms && asked.step_ms == 0);
        }
        session_end(l.f->store, o.last_t, false);
        assert_int_equal(store_commit(l.f->store), 0);
        assert_query(l.f, "SELECT ended_at - started_at, clock_known FROM session", "60000|1");
}

/* Times that only another hand can have written: closed, and left where they are. */
static void test_impossible(void **state)
{
        static const char *const hands[] = { "boot_ms = 9223372036854775807",
                "boot_ms = -9223372036854775807", "boot_ms = NULL", "started_at = -9223372036854775807",
                "started_at = 9223372036854775807 - 60000",
                "boot_ms = NULL, started_at = -9223372036854775807" };

        for (size_t i = 0; i < ELEMENTSOF(hands); i++) {
                char sql[128];
                Life l = life_begin(*state);
                OpenSession o;

                store_set_clock(l.f->store, &l.clock);
                l.n_sessions = query_integer(l.f, "SELECT count(*) FROM session");
                begin(&l);
                fixture_close(l.f);
                (void)snprintf(sql, sizeof(sql),
                                "UPDATE session SET %s, clock_known = %u WHERE ended_at IS NULL", hands[i],
                                (unsigned)(i % 2));
                meddle(l.f, sql);
                fixture_open(l.f);
                l.clock.offset_ms += HOUR_MS;
                l.clock.known = true;
                store_set_clock(l.f->store, &l.clock);
                assert_true(store_recover(l.f->store, 1070000 + l.clock.offset_ms, 300000, &o) >= 0);
                if (o.id != 0) /* by its boot it can be */
                        session_end(l.f->store, o.last_t, false);
                assert_int_equal(store_commit(l.f->store), 0);
                assert_query(l.f, "SELECT count(*) FROM session WHERE ended_at IS NULL", "0");
        }
}

/* Moments that commands have set, by the clock as it is. */
static void test_commands(void **state)
{
        static const struct {
                char boot;
                bool known, now_known;
                int64_t step_ms, expected;
        } cases[] = {
                { 'a', true, true, 0, 500 },
                { 'a', false, true, RIGHT_MS, RIGHT_MS + 500 },
                { 'a', true, false, -200, 300 },
                { 'b', true, true, HOUR_MS, 500 },
                { 'b', true, false, HOUR_MS, 0 },
                { 'b', false, true, HOUR_MS, 0 },
        };
        Life l = life_begin(*state);

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                StoreCommands c = { .snoozed_until = 500,
                        .effort_at = 500,
                        .ceiling_day = DAY_NONE,
                        .advised_day = DAY_NONE,
                        .raced_day = DAY_NONE };

                l.clock = (StoreClock){ .boot_id = "a", .known = cases[i].known };
                store_set_clock(l.f->store, &l.clock);
                store_set_commands(l.f->store, &c);
                assert_int_equal(store_commit(l.f->store), 0);
                l.clock = (StoreClock){ .offset_ms = cases[i].step_ms, .known = cases[i].now_known };
                l.clock.boot_id[0] = cases[i].boot;
                store_set_clock(l.f->store, &l.clock);
                assert_int_equal(store_get_commands(l.f->store, &c), 0);
                assert_true(c.snoozed_until == cases[i].expected && c.effort_at == cases[i].expected);
        }
}

/* Of an older version nothing is known of the boot: it never moves, and goes on by a clock that is right. */
static void test_migration(_unused_ void **state)
{
        static const struct {
                bool known;
                int64_t id;
        } cases[] = { { true, 1 }, { false, 0 } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (unsigned version = 1; version < 6; version++) {
                        void *own = NULL;
                        OpenSession o;
                        Life l;

                        (void)fixture_setup_closed(&own);
                        l = life_begin(own);
                        l.clock.known = cases[i].known;
                        make_old(l.f, version,
                                        "PRAGMA journal_mode = WAL;"
                                        "INSERT INTO session (source, started_at) "
                                        "VALUES ('strap', 1710523800000);INSERT INTO sample "
                                        "(session_id, t, heart_rate, smoothed, zone, contact)"
                                        " VALUES (1, 0, 140, 140, 3, 1), (1, 1000, 140, 140, 3, 1);"
                                        "INSERT INTO resting (taken_at, local_date, heart_rate, source)"
                                        " VALUES (1, '1970-01-01', 50, 'strap')");
                        fixture_open(l.f);
                        store_set_clock(l.f->store, &l.clock);
                        assert_int_equal(store_recover(l.f->store, STARTED_AT + 10000, 300000, &o), 0);
                        assert_int_equal(o.id, cases[i].id);
                        assert_false(store_follows_clock(l.f->store));
                        assert_query(l.f, "SELECT started_at, boot_id, boot_ms, clock_known FROM session",
                                        "1710523800000|-|-|1");
                        assert_query(l.f, "SELECT taken_at, boot_id, clock_known FROM resting", "1|-|1");
                        (void)fixture_teardown(&own);
                }
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_steps),
                test(test_date),
                test(test_locked),
                test(test_mornings),
                cmocka_unit_test(test_recover),
                test(test_undecided),
                test(test_impossible),
                test(test_commands),
                cmocka_unit_test(test_migration),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
