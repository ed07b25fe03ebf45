/* SPDX-License-Identifier: MIT */

/* Random runs through the core into real files, with straps that come and go and daemons that are killed: what a session's
 * row and its events say agrees with each other and with its heart rates, added up here in another way; while it is
 * recorded, when it is closed, when it was taken up again, and when it is brought here from an older version. Seeded, so
 * that a failure comes back. LIVES_EVERY=N: of all of them the first, the (1+N)th and so on, for where a life takes long. */

#include "core-fixture.h"
#include "old-database.h"

#include <signal.h>
#include <sys/wait.h>

#include "daemon/store/session-rows.h"

#define RUN_FIGURES                                                                                   \
        "SELECT live_s, avg_hr, min_hr, peak_hr, over_s, breaches, longest_breach_s, trimp, hard_s, " \
        "easy_s, "                                                                                    \
        "(SELECT group_concat(zone || '=' || seconds, ' ') FROM zone_time) FROM session"
#define RUN_ROWS                                                                                \
        "SELECT * FROM (SELECT t, heart_rate, zone, settled FROM sample ORDER BY t) UNION ALL " \
        "SELECT * FROM (SELECT t, type, round(value, 6), '' FROM event WHERE type IN "          \
        "('over-limit', 'back-in-range') ORDER BY t, id)"

/* A runner, a strap and a daemon. */
typedef struct Life {
        Fixture *f;
        Engine *engine;
        SessionWriter *writer;
        uint32_t seed;
        usec_t now_usec, begin_usec;
        double bpm;
        unsigned interval_ms; /* how often the strap sends */
        unsigned n_noticed;
        int64_t noticed[1024]; /* t at which each breach was known to have begun, to have ended, … */
} Life;

static unsigned lives_every(void)
{
        const char *told = getenv("LIVES_EVERY");

        return told && atoi(told) > 0 ? (unsigned)atoi(told) : 1;
}

/* xorshift32 (Marsaglia 2003) */
static unsigned chance(Life *l, unsigned below)
{
        l->seed ^= l->seed << 13;
        l->seed ^= l->seed >> 17;
        l->seed ^= l->seed << 5;
        return l->seed % below;
}

/* As the manager does it. */
static void life_fact(void *userdata, const Fact *fact)
{
        SessionHead head = head_default();
        Life *l = userdata;

        if (fact->type == FACT_SESSION_STARTED) {
                l->begin_usec = fact->at_usec;
                head.ceiling = fact->ceiling;
                head.by_hand = true;
                assert_true(session_writer_begin(l->f->store, &head, l->begin_usec, &l->writer) > 0);
        } else if (fact->type == FACT_SESSION_ENDED) {
                session_writer_end(
                                l->writer, (int64_t)(fact->at_usec - l->begin_usec) / 1000, fact->resumable);
                l->writer = NULL;
        } else
                session_writer_fact(l->writer, fact, NULL);
        if ((fact->type == FACT_OVER_LIMIT && fact->begins) || fact->type == FACT_BACK_IN_RANGE) {
                assert_true(l->n_noticed < ELEMENTSOF(l->noticed));
                l->noticed[l->n_noticed++] = (int64_t)(l->now_usec - l->begin_usec) / 1000;
        }
}

static void life_send(Life *l, Event event)
{
        assert_int_equal(engine_handle(l->engine, &event, l->now_usec, life_fact, l), 0);
}

static void life_wait(Life *l, usec_t length_usec)
{
        usec_t until_usec = l->now_usec + length_usec, deadline;

        while ((deadline = engine_deadline(l->engine)) <= until_usec) {
                l->now_usec = deadline > l->now_usec ? deadline : l->now_usec;
                life_send(l, (Event){ .type = EVENT_TICK });
        }
        l->now_usec = until_usec;
}

static void life_packet(Life *l, uint8_t flags, unsigned bpm, uint16_t rr)
{
        const uint8_t value[] = { flags, (uint8_t)bpm, (uint8_t)rr, (uint8_t)(rr >> 8) };

        life_send(l, (Event){ .type = EVENT_NOTIFICATION, .value = value, .size = flags & 0x10 ? 4 : 2 });
}

static void life_beats(Life *l, unsigned n, unsigned bpm)
{
        for (unsigned i = 0; i < n; i++) {
                life_packet(l, 0x16, bpm, (uint16_t)(900 + chance(l, 100)));
                life_wait(l, l->interval_ms * USEC_PER_MSEC);
        }
}

/* A runner who wanders about the ceiling, with a strap that does what straps do. */
static void life_run(Life *l, unsigned n)
{
        static const Intensity ceilings[] = { { INTENSITY_BPM, 140 }, { INTENSITY_BPM, 155 },
                { .kind = INTENSITY_OFF }, { INTENSITY_PERCENT_RESERVE, 65 } };

        for (unsigned i = 0; i < n; i++) {
                unsigned what = chance(l, 200);

                l->bpm += (double)chance(l, 601) / 100 - 3 + (147 - l->bpm) / 60;
                if (what < 4) /* a spike */
                        life_packet(l, 0x16, 30 + chance(l, 220), 600);
                else if (what < 14) /* an odd packet */
                        life_packet(l, (uint8_t)(what % 2 ? 0x04 : 0x00), what % 2 ? 150 : 0, 0);
                else
                        life_packet(l, 0x16, (unsigned)l->bpm, (uint16_t)(300 + chance(l, 500)));
                if (what == 20)
                        life_wait(l, SEC(3 + chance(l, 100))); /* out of reach */
                if (what == 21)
                        life_send(l, (Event){ .type = EVENT_CEILING, .intensity = &ceilings[chance(l, 4)] });
                if (what == 22)
                        l->interval_ms = (unsigned[]){ 300, 1000, 1000, 2500, 5200, 11000 }[chance(l, 6)];
                if (what > 150)
                        assert_int_equal(store_commit(l->f->store), 0);
                life_wait(l, l->interval_ms * USEC_PER_MSEC * (80 + chance(l, 41)) / 100);
        }
}

static EngineConfig life_config(void)
{
        EngineConfig c = world_config();

        c.sensor.stale_usec = 0;
        c.limiter.clear_usec = SEC(15);
        return c;
}

/* A daemon with one strap. */
static void life_begin(Life *l, Fixture *f, uint32_t seed)
{
        EngineConfig c = life_config();

        *l = (Life){ .f = f, .seed = seed, .now_usec = SEC(5000), .bpm = 140, .interval_ms = 1000 };
        l->engine = calloc(1, sizeof(*l->engine));
        assert_non_null(l->engine);
        engine_begin(l->engine, &c);
        life_send(l, (Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED });
}

/* One that is recording, by hand, from the strap's first heart rate on. */
static void life_start(Life *l)
{
        life_packet(l, 0x16, 140, 440);
        life_send(l, (Event){ .type = EVENT_START });
        life_wait(l, SEC(1));
        life_beats(l, 10, 140);
}

static int64_t query_integer(const Fixture *f, const char *sql)
{
        _cleanup_free_ char *text = query(f, sql);

        return strtoll(text, NULL, 10);
}

/* The session goes on with another daemon, that many ms after its last heart rate. */
static void life_resume(Life *l, Fixture *f, uint32_t seed, int64_t after_ms)
{
        _cleanup_free_ StorePast *stored = NULL;
        _cleanup_free_ PastSample *past = NULL;
        int64_t last_t = query_integer(f, "SELECT max(t) FROM sample");
        OpenSession open;
        ssize_t n;

        life_begin(l, f, seed);
        assert_int_equal(store_recover(f->store, STARTED_AT + last_t + after_ms, 300000, &open), 0);
        assert_true(open.id == 1 && open.last_t == last_t);
        n = store_session_past(f->store, 1, &stored);
        assert_true(n > 0);
        past = calloc((size_t)n, sizeof(*past));
        assert_non_null(past);
        l->begin_usec = l->now_usec;
        l->now_usec += (usec_t)(last_t + after_ms) * USEC_PER_MSEC;
        for (ssize_t i = 0; i < n; i++)
                past[i] = (PastSample){ l->begin_usec + (usec_t)stored[i].t * USEC_PER_MSEC,
                        stored[i].smoothed, stored[i].counts, stored[i].zone };
        life_send(l, (Event){ .type = EVENT_RESUME,
                                     .by_hand = true,
                                     .begin_usec = l->begin_usec,
                                     .past = past,
                                     .n_past = (size_t)n });
        assert_int_equal(session_writer_resume(&open, l->begin_usec), 0);
        l->writer = open.writer;
        session_event(f->store, last_t + after_ms, "ceiling", l->engine->ceiling, NULL);
}

static void life_end(Life *l)
{
        free(TAKE_PTR(l->engine));
}

/* -- The same sums in another way -- */

typedef struct Row {
        int64_t t;
        double smoothed;
        int zone;
        bool settled, over;
} Row;

typedef struct Rows {
        Row *row;
        size_t n;
        int64_t *credit; /* ms that a row is worth */
} Rows;

static int compare_int64(const void *a, const void *b)
{
        const int64_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

/* At most the median of the ten intervals before, 2 s to 12 s. */
static int64_t credit_at(const Row *row, size_t i)
{
        int64_t interval[10] = { 0 }, most = 2000, length = row[i + 1].t - row[i].t;
        size_t n = i < 10 ? i : 10;

        for (size_t k = 0; k < n; k++)
                interval[k] = row[i - k].t - row[i - k - 1].t;
        qsort(interval, n, sizeof(interval[0]), compare_int64);
        if (n > 0 && (interval[(n - 1) / 2] + interval[n / 2]) / 2 > most)
                most = (interval[(n - 1) / 2] + interval[n / 2]) / 2;
        most = most > 12000 ? 12000 : most;
        return length < most ? length : most;
}

static Rows rows_read(const Fixture *f)
{
        Rows rows = { 0 };
        sqlite3_stmt *st;
        sqlite3 *db;

        rows.row = calloc((size_t)query_integer(f, "SELECT count(*) FROM sample"), sizeof(*rows.row));
        assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        assert_int_equal(
                        sqlite3_prepare_v2(db,
                                        "SELECT t, smoothed, zone, settled, smoothed > 2 + "
                                        "ifnull((SELECT CASE WHEN type = 'ceiling' THEN ifnull(value, 1000) END "
                                        "FROM event AS e WHERE type = 'ceiling' AND e.t <= s.t ORDER BY e.t DESC, id DESC "
                                        "LIMIT 1), (SELECT ceiling FROM session)) FROM sample AS s ORDER BY t",
                                        -1, &st, NULL),
                        SQLITE_OK);
        while (sqlite3_step(st) == SQLITE_ROW)
                rows.row[rows.n++] = (Row){ sqlite3_column_int64(st, 0), sqlite3_column_double(st, 1),
                        sqlite3_column_int(st, 2), sqlite3_column_int(st, 3), sqlite3_column_int(st, 4) };
        sqlite3_finalize(st);
        sqlite3_close(db);
        rows.credit = calloc(rows.n, sizeof(*rows.credit));
        assert_non_null(rows.credit);
        for (size_t i = 0; i + 1 < rows.n; i++)
                rows.credit[i] = credit_at(rows.row, i);
        return rows;
}

static void rows_free(Rows *rows)
{
        free(rows->row);
        free(rows->credit);
}

static bool near(double a, double b)
{
        return fabs(a - b) < 1e-6;
}

/* Each breach is one of settled heart rates above at both ends, and as long as what was over between. */
static double check_run_breaches(const Fixture *f, const Rows *rows)
{
        _cleanup_free_ char *text = query(f,
                        "SELECT t, type, value FROM event WHERE type IN ('over-limit', 'back-in-range') ORDER BY t, id");
        int64_t began = -1, last_ended = -1;
        double sum = 0;

        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
                int64_t t = strtoll(line, NULL, 10), length = 0;
                bool begins = strstr(line, "over-limit");
                double value = strtod(strrchr(line, '|') + 1, NULL);
                const Row *at = NULL;

                for (size_t i = 0; i < rows->n; i++) {
                        if (rows->row[i].t == t)
                                at = &rows->row[i];
                        if (rows->row[i].t >= began && rows->row[i].t < t && rows->row[i].over)
                                length += rows->credit[i];
                }
                assert_true(at && at->settled && at->over);
                assert_true(begins ? began < 0 && t > last_ended : began >= 0 && t >= began);
                if (begins)
                        assert_true(near(value, at->smoothed));
                else if (!near(value, (double)length / 1000))
                        fail_msg("the breach at %lld: %f, not %lld ms", (long long)began, value,
                                        (long long)length);
                sum += begins ? 0 : value;
                last_ended = begins ? last_ended : t;
                began = begins ? t : -1;
        }
        assert_true(began == -1);
        return sum;
}

static void check_run(const Fixture *f)
{
        Rows rows = rows_read(f);
        double live = 0, over = 0, min = INFINITY, peak = -INFINITY, breaches;
        _cleanup_free_ char *expected = NULL;

        for (size_t i = 0; i < rows.n; i++) {
                live += (double)rows.credit[i] / 1000;
                over += rows.row[i].over ? (double)rows.credit[i] / 1000 : 0;
                if (rows.row[i].settled) {
                        min = fmin(min, rows.row[i].smoothed);
                        peak = fmax(peak, rows.row[i].smoothed);
                }
        }
        breaches = check_run_breaches(f, &rows);
        assert_true(breaches <= over + 1e-6);
        assert_true(asprintf(&expected, "%.3f|%.3f|%.1f|%.1f|1|1|1|1", live, over, min, peak) > 0);
        assert_query(f,
                        "SELECT printf('%.3f|%.3f|%.1f|%.1f', live_s, over_s, min_hr, peak_hr), "
                        "abs((SELECT total(seconds) FROM zone_time) - live_s) < 1e-6, longest_breach_s <= over_s, "
                        "longest_breach_s IS (SELECT max(0.0, ifnull(max(value), 0)) FROM event WHERE type = 'back-in-range'), "
                        "breaches = (SELECT count(*) FROM event WHERE type = 'over-limit') FROM session",
                        expected);
        rows_free(&rows);
}

/* -- Lives -- */

/* A file of its own for each seed: it has one session, and each check walks all of it. */
static Fixture *file_new(void)
{
        void *state;

        fixture_setup(&state);
        return state;
}

static void file_end(Fixture *f)
{
        void *state = f;

        fixture_teardown(&state);
}

/* The figures of a session are the same while it is recorded, when it was stopped and taken up again, when it has ended
 * and when the file is opened anew; and they are right. */
static void test_figures_agree(_unused_ void **state)
{
        unsigned n_breaches = 0;

        for (uint32_t seed = 1; seed <= 60; seed += lives_every()) {
                Fixture *f = file_new();
                _cleanup_free_ char *running = NULL;
                Figures figures;
                Life l;

                life_begin(&l, f, seed * 2654435761U);
                life_start(&l);
                life_run(&l, 100 + chance(&l, 900));
                life_beats(&l, 60, 120); /* no breach is open */
                assert_int_equal(store_commit(f->store), 0);
                running = query(f, RUN_FIGURES);
                life_send(&l, (Event){ .type = EVENT_SUSPEND });
                life_end(&l);
                fixture_close(f);
                assert_query(f, RUN_FIGURES, running);
                check_run(f);

                fixture_open(f);
                life_resume(&l, f, seed * 40503U + 1, 1000 + chance(&l, 90000));
                assert_int_equal(store_commit(f->store), 0);
                assert_query(f, RUN_FIGURES, running);
                life_send(&l, (Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED });
                life_run(&l, 100 + chance(&l, 500));
                life_beats(&l, 60, 120);
                assert_int_equal(store_commit(f->store), 0);
                free(running);
                running = query(f, RUN_FIGURES);
                life_send(&l, (Event){ .type = EVENT_STOP });
                life_end(&l);
                fixture_close(f);
                assert_query(f, RUN_FIGURES, running);
                check_run(f);
                n_breaches += (unsigned)query_integer(f, "SELECT breaches FROM session");

                fixture_open(f);
                assert_int_equal(store_replay(f->store, 1, &figures), 0);
                assert_int_equal(figures_write(f->store, 1, &figures), 0);
                assert_query(f, RUN_FIGURES, running);
                file_end(f);
        }
        assert_true(n_breaches > 60);
}

/* Killed at any moment, a session is closed at its last heart rate, and its breach at the last one above; or it goes on. */
static void test_killed(_unused_ void **state)
{
        unsigned n_breaches = 0;

        for (uint32_t seed = 1; seed <= 60; seed += lives_every()) {
                Fixture *f = file_new();
                OpenSession open;
                int status;
                pid_t pid;
                Life l;

                fixture_close(f);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0) {
                        fixture_open(f);
                        life_begin(&l, f, seed * 2246822519U);
                        life_start(&l);
                        life_run(&l, 50 + chance(&l, 500));
                        life_beats(&l, chance(&l, 40), 165); /* most of them above */
                        (void)store_commit(f->store);
                        raise(SIGKILL);
                }
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
                fixture_open(f);
                if (seed % 2) {
                        int64_t last_t = query_integer(f, "SELECT max(t) FROM sample");

                        assert_int_equal(store_recover(f->store, STARTED_AT + last_t + 300000, 300000, &open),
                                        0);
                        assert_int_equal(open.id, 0);
                        assert_query(f, "SELECT ended_at = started_at + (SELECT max(t) FROM sample) FROM session",
                                        "1");
                } else {
                        life_resume(&l, f, seed, 20000);
                        life_send(&l, (Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED });
                        life_beats(&l, 40, 165);
                        life_run(&l, 100);
                        life_send(&l, (Event){ .type = EVENT_STOP });
                        life_end(&l);
                        assert_int_equal(store_commit(f->store), 0);
                }
                check_run(f);
                n_breaches += (unsigned)query_integer(f, "SELECT breaches FROM session");
                file_end(f);
        }
        assert_true(n_breaches > 60);
}

/* Moves what is stored into a database of an older version, as far as that has columns for it. */
static void turn_old(const Fixture *f, unsigned version)
{
        static const char *const tables[] = { "sensor", "session", "sample", "event", "zone_time" };
        char now[80], sql[1024];

        (void)snprintf(now, sizeof(now), "%s.now", f->path);
        assert_int_equal(rename(f->path, now), 0);
        make_old(f, version, "");
        for (size_t i = 0; i < ELEMENTSOF(tables); i++) {
                _cleanup_free_ char *columns = NULL;

                (void)snprintf(sql, sizeof(sql), "SELECT group_concat(name) FROM pragma_table_info('%s')",
                                tables[i]);
                columns = query(f, sql);
                assert_true(snprintf(sql, sizeof(sql),
                                            "ATTACH '%s' AS now; INSERT INTO %s (%s) SELECT %s FROM now.%s",
                                            now, tables[i], columns, columns, tables[i]) < (int)sizeof(sql));
                meddle(f, sql);
        }
        assert_int_equal(unlink(now), 0);
}

/* What an older version would have stored of the same run, with events at the times at which they were noticed, comes to
 * the same. */
static void test_brought_here(_unused_ void **state)
{
        for (uint32_t seed = 1; seed <= 60; seed += lives_every()) {
                Fixture *f = file_new();
                _cleanup_free_ char *figures = NULL, *rows = NULL, *kind = NULL, *log = NULL;
                Caught c;
                Life l;

                life_begin(&l, f, seed * 3266489917U);
                life_start(&l);
                life_run(&l, 100 + chance(&l, 900));
                life_send(&l, (Event){ .type = EVENT_STOP });
                fixture_close(f);
                check_run(f);
                figures = query(f, RUN_FIGURES);
                rows = query(f, RUN_ROWS);
                kind = query(f, "SELECT record_kind FROM session");

                for (unsigned i = 0; i < l.n_noticed; i++) {
                        _cleanup_free_ char *sql = NULL;

                        assert_true(asprintf(&sql,
                                                    "UPDATE event SET t = %lld, value = 999 "
                                                    "WHERE id = (SELECT id FROM event "
                                                    "WHERE type IN ('over-limit', 'back-in-range') ORDER BY id "
                                                    "LIMIT 1 OFFSET %u)",
                                                    (long long)l.noticed[i], i) > 0);
                        meddle(f, sql);
                }
                meddle(f, "DELETE FROM event WHERE type = 'trouble';" /* which it did not know */
                          "UPDATE sample SET zone = 7 - zone WHERE settled = 0 AND t > 10000;"
                          "UPDATE session SET live_s = 1, min_hr = 1, peak_hr = 250, over_s = 1, breaches = 99, "
                          "longest_breach_s = 999, record_kind = 'long'; DELETE FROM zone_time");
                life_end(&l);
                turn_old(f, 3);
                c = catch_log();
                fixture_open(f);
                log = caught_log(&c);
                assert_int_equal(count_lines(log), 1);
                assert_query(f, RUN_FIGURES, figures);
                assert_query(f, RUN_ROWS, rows);
                assert_query(f, "SELECT record_kind FROM session", kind);
                file_end(f);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_figures_agree),
                cmocka_unit_test(test_killed),
                cmocka_unit_test(test_brought_here),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
