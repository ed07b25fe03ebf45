/* SPDX-License-Identifier: MIT */

/* What is imported is in the database whole or not at all, whatever the disk does meanwhile, and whatever it does to that: what is
 * being recorded loses nothing. And the questions that are asked before. */

#include "faulty-disk.h"

#include "daemon/store/import.h"

#define N_SAMPLES 40
#define N_PACE    20
#define CONTENT   "00000000000000000000000000000000000000000000000000000000000000ff"

/* Heart rates of a file, as a replay hands them on. */
static SessionWriter *stage(const Fixture *f)
{
        const SessionHead head = head_default();
        const uint16_t rr[] = { 400, 401 };
        SessionWriter *w = NULL;

        assert_int_equal(session_writer_stage(f->store, &head, 0, &w), 0);
        for (int64_t t = 0; t < N_SAMPLES; t++) {
                Sample sample = sample_of(150, 150, 3);

                session_writer_sample(w, 1000 * t, &sample, rr, ELEMENTSOF(rr));
        }
        assert_int_equal(session_writer_event(w, 0, "over-limit", 150, NULL), 0);
        assert_int_equal(session_writer_end(w, 1000 * (N_SAMPLES - 1), false), 1000 * (N_SAMPLES - 1));
        return w;
}

static int64_t import(const Fixture *f, const char *content, int64_t started_at)
{
        _cleanup_(session_writer_freep) SessionWriter *w = stage(f);
        StorePace pace[N_PACE];
        ImportRow row = { .head = head_default(), .content = content, .pace = pace, .n_pace = N_PACE };

        row.head.started_at = started_at;
        for (int i = 0; i < N_PACE; i++)
                pace[i] = (StorePace){ .t = 1000 * i,
                        .point = { .speed = 3,
                                        .cadence = NAN,
                                        .distance = 3 * i,
                                        .incline = NAN,
                                        .ascent = NAN } };
        return store_add_import(f->store, &row, w);
}

#define WHOLE                                                                                                               \
        "SELECT count(*), sum((SELECT count(*) FROM sample WHERE session_id = s.id)), sum((SELECT count(*) FROM pace"       \
        " WHERE session_id = s.id)), sum((SELECT count(*) FROM event WHERE session_id = s.id)), sum(breaches), sum(live_s)" \
        " FROM session AS s WHERE source = 'import'"
#define IS_WHOLE "1|40|20|2|1|39.0"
#define IS_NOT   "0|-|-|-|-|-"

static void assert_recorded(const Fixture *f)
{
        assert_query(f, "SELECT count(*), max(t) FROM sample WHERE session_id = 1", "20|19000");
}

/* Returns whether there were as many such operations. */
static bool import_with_fault(unsigned ops, int rc, int nth)
{
        _cleanup_free_ char *log = NULL, *after = NULL;
        SessionHead head = head_default();
        void *own;
        Fixture *f;
        int64_t id;
        bool reached;
        Caught c;

        fixture_setup(&own);
        f = own;
        assert_int_equal(session_begin(f->store, &head), 1);
        add_samples(f->store, 0, 10, 120);
        assert_int_equal(store_commit(f->store), 0);
        add_samples(f->store, 10000, 10, 121);
        c = catch_log();
        disk_fault(ops, nth, 1, rc);
        id = import(f, CONTENT, STARTED_AT + 3600000);
        reached = disk.lasting < 1;
        disk_heal();
        log = caught_log(&c);
        if (id > 0 && id != 2)
                fail_msg("id %lld", (long long)id);
        assert_query(f, WHOLE, id > 0 ? IS_WHOLE : IS_NOT);
        assert_int_equal(store_commit(f->store), 0);
        assert_false(store_pending(f->store));
        assert_recorded(f);
        assert_query(f, WHOLE, id > 0 ? IS_WHOLE : IS_NOT);
        /* Again, it is taken, or known. */
        assert_int_equal(import(f, CONTENT, STARTED_AT + 3600000), id > 0 ? -EEXIST : 2);
        (void)session_end(f->store, 19000, false);
        fixture_close(f);
        fixture_open(f);
        assert_recorded(f);
        assert_query(f, WHOLE, IS_WHOLE);
        after = query(f, "SELECT seq FROM sqlite_sequence WHERE name = 'session'");
        assert_string_equal(after, "2");
        fixture_teardown(&own);
        return reached;
}

static void test_every_fault(_unused_ void **state)
{
        static const struct {
                unsigned ops;
                int rc;
        } faults[] = {
                { DISK_WRITE, SQLITE_FULL },
                { DISK_WRITE, SQLITE_IOERR_WRITE },
                { DISK_READ, SQLITE_IOERR_READ },
                { DISK_SHM_LOCK, SQLITE_BUSY },
                { DISK_SHM_MAP, SQLITE_IOERR_SHMMAP },
        };

        for (size_t i = 0; i < ELEMENTSOF(faults); i++)
                for (int nth = 1; import_with_fault(faults[i].ops, faults[i].rc, nth); nth++)
                        ;
}

/* The same content is found until the session is deleted. */
static void test_content(void **state)
{
        Fixture *f = *state;

        assert_int_equal(store_find_content(f->store, CONTENT), 0);
        assert_int_equal(import(f, CONTENT, STARTED_AT), 1);
        assert_int_equal(store_find_content(f->store, CONTENT), 1);
        assert_int_equal(import(f, CONTENT, STARTED_AT + 1), -EEXIST);
        assert_int_equal(store_delete_session(f->store, 1), 0);
        assert_int_equal(store_find_content(f->store, CONTENT), 0);
        assert_query(f, "SELECT count(*) FROM pace", "0");
        assert_int_equal(import(f, CONTENT, STARTED_AT), 2);
}

static void test_overlap(void **state)
{
        static const struct {
                int64_t from, to; /* s after the first one's start */
                int64_t length_ms;
                unsigned n;
                int64_t id;
        } table[] = {
                { -10, 0, 0, 0, 0 }, { -10, 1, 1000, 1, 1 }, { 0, 39, 39000, 1, 1 }, { 10, 20, 10000, 1, 1 },
                { 38, 100, 1000, 1, 1 }, { 39, 100, 0, 0, 0 }, { 39, 500, 0, 0, 0 },
                { -1000, 1000, 78000, 2, 1 }, /* the earlier one of two that have as much */
                { 20, 1000, 58000, 2, 2 }, { 499, 510, 10000, 1, 2 },
                { 4999, 5010, 10000, 1, 3 }, /* which is being recorded */
        };
        Fixture *f = *state;
        SessionHead head = head_default();
        StoreOverlap o;

        assert_int_equal(import(f, CONTENT, STARTED_AT), 1);
        assert_int_equal(import(f, "a", STARTED_AT + 500000), 2);
        head.started_at = STARTED_AT + 5000000;
        assert_int_equal(session_begin(f->store, &head), 3);
        add_samples(f->store, 0, 11, 120);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                assert_int_equal(store_get_overlap(f->store, STARTED_AT + 1000 * table[i].from,
                                                 STARTED_AT + 1000 * table[i].to, &o),
                                0);
                if (o.length_ms != table[i].length_ms || o.n != table[i].n || o.id != table[i].id)
                        fail_msg("%zu: %lld ms in %u, most in %lld", i, (long long)o.length_ms, o.n,
                                        (long long)o.id);
        }
}

/* Of the time before or, where there is none near, of the time after. */
static void test_resting(void **state)
{
        static const struct {
                const char *date;
                double heart_rate;
                unsigned mornings;
        } table[] = {
                { "2020-01-01", 45, 2 }, /* the first that there are */
                { "2020-06-01", 44, 1 },
                { "2020-06-05", 45, 2 },
                { "2020-06-30", 46, 1 }, /* the other one is older than 28 days */
                { "2020-12-01", 45, 2 }, /* not near, but the nearest */
                { "2023-12-01", 55, 1 }, /* the next is nearer */
                { "2024-03-01", 55, 1 },
        };
        Fixture *f = *state;
        RestingInForce resting;
        Day day;

        assert_int_equal(store_get_resting(f->store, 20000, 61, &resting), 0);
        assert_true(resting.heart_rate == 61 && resting.mornings == 0);
        meddle(f, "INSERT INTO resting (taken_at, local_date, heart_rate, source) VALUES (0, '2020-06-01', 44, 'manual'),"
                  " (0, '2020-06-04', 46, 'manual'), (0, '2024-03-01', 55, 'manual')");
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                assert_int_equal(day_parse(table[i].date, &day), 0);
                assert_int_equal(store_get_resting(f->store, day, 61, &resting), 0);
                if (resting.heart_rate != table[i].heart_rate || resting.mornings != table[i].mornings)
                        fail_msg("%s: %g of %u", table[i].date, resting.heart_rate, resting.mornings);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_fault),
                cmocka_unit_test_setup_teardown(test_content, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_overlap, fixture_setup, fixture_teardown),
                cmocka_unit_test_setup_teardown(test_resting, fixture_setup, fixture_teardown),
        };

        return cmocka_run_group_tests(tests, disk_setup, disk_teardown);
}
