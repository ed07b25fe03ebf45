/* SPDX-License-Identifier: MIT */

/* A recorded run with a chest strap, packet by packet through the core: it arrives whole, comes to the figures that are
 * known of it, and comes to the same facts each time. Without the recording these tests are skipped. */

#include "core-fixture.h"

#include <stdio.h>

#include "cardio/tally.h"

#define RECORDS_MAX   4096U
#define RECORD_RR_MAX 16U

typedef struct Record {
        uint8_t heart_rate;
        size_t n_rr;
        uint16_t rr[RECORD_RR_MAX]; /* 1/1024 s */
} Record;

/* One record a second. */
typedef struct Recording {
        size_t n, n_rr;
        uint64_t rr_ms, rr_sum; /* ms as recorded, 1/1024 s as sent */
        Record record[RECORDS_MAX];
} Recording;

static FILE *file_free(FILE *f)
{
        if (f)
                fclose(f);
        return NULL;
}
DEFINE_CLEANUP(FILE *, file_free);

static FILE *open_table(const char *name)
{
        char path[4096], header[64];
        FILE *f;

        snprintf(path, sizeof(path), "%s/garmin-strap-run/%s", TEST_DATA, name);
        f = fopen(path, "re");
        if (!f) {
                print_message("%s is missing: skipped\n", path);
                skip();
        }
        assert_non_null(fgets(header, sizeof(header), f));
        return f;
}

static Recording *recording_load(void)
{
        _cleanup_(file_freep) FILE *records = open_table("records.csv"), *intervals = open_table("rr.csv");
        Recording *r = calloc(1, sizeof(*r));
        unsigned t, heart_rate, after, ms;

        assert_non_null(r);
        while (fscanf(records, "%u,%u", &t, &heart_rate) == 2) {
                assert_true(t == r->n && r->n < RECORDS_MAX && heart_rate <= UINT8_MAX);
                r->record[r->n++].heart_rate = (uint8_t)heart_rate;
        }
        while (fscanf(intervals, "%u,%u", &after, &ms) == 2) {
                Record *record = &r->record[after];
                uint16_t rr = (uint16_t)((ms * 1024 + 500) / 1000);

                assert_true(after < r->n && record->n_rr < RECORD_RR_MAX);
                record->rr[record->n_rr++] = rr;
                r->n_rr++;
                r->rr_ms += ms;
                r->rr_sum += rr;
        }
        return r;
}

static void send_record(World *w, const Record *record)
{
        uint8_t value[2 + 2 * RECORD_RR_MAX] = { 0x16, record->heart_rate };
        size_t size = 2;

        for (size_t i = 0; i < record->n_rr; i++) {
                value[size++] = (uint8_t)record->rr[i];
                value[size++] = (uint8_t)(record->rr[i] >> 8);
        }
        world_packet(w, 0, value, size);
}

/* Plays it from the first packet on until long after the last. */
static World *play(const Recording *r, bool lazy)
{
        EngineConfig c = world_config();
        World *w;
        const ZoneTable bounds = zone_model_default(ZONE_MODEL_HRR);

        c.runner = (Runner){ .resting = 55, .maximum = 190 };
        assert_int_equal(zone_table_resolve(ZONE_MODEL_HRR, &bounds, &c.runner, &c.zones), 0);
        w = world_new(&c);
        w->lazy = lazy;
        for (size_t i = 0; i < r->n; i++) {
                if (i > 0)
                        world_wait(w, 1);
                send_record(w, &r->record[i]);
        }
        world_wait(w, 400);
        assert_int_equal(world_send(w, (Event){ .type = EVENT_TICK }), 0);
        return w;
}

/* One session, and every packet of the recording in it as it was sent. */
static void test_complete(void **state)
{
        _cleanup_free_ Recording *r = recording_load();
        _cleanup_world_ World *w = play(r, false);
        uint64_t rr_sum = 0;
        size_t n_rr = 0;

        (void)state;
        assert_int_equal(r->n, 1681);
        assert_int_equal(r->n_rr, 4360);
        assert_int_equal(r->rr_ms, 1685729);

        assert_int_equal(world_count(w, FACT_REJECTED), 0);
        assert_int_equal(world_count(w, FACT_GAP), 0);
        assert_int_equal(world_count(w, FACT_SESSION_STARTED), 1);
        assert_int_equal(world_count(w, FACT_SESSION_ENDED), 1);
        assert_int_equal(world_count(w, FACT_SAMPLE), r->n);
        assert_int_equal(world_fact(w, FACT_SESSION_ENDED)->at_usec -
                                         world_fact(w, FACT_SESSION_STARTED)->at_usec,
                        SEC(1680));
        for (size_t i = 0, k = 0; i < w->n_emitted; i++) {
                const Emitted *emitted = &w->emitted[i];
                const Record *record = &r->record[k];

                if (emitted->fact.type != FACT_SAMPLE)
                        continue;
                assert_int_equal(emitted->sample.heart_rate, record->heart_rate);
                assert_int_equal(emitted->fact.n_rr, record->n_rr);
                assert_memory_equal(emitted->rr, record->rr, record->n_rr * sizeof(record->rr[0]));
                for (size_t j = 0; j < emitted->fact.n_rr; j++)
                        rr_sum += emitted->rr[j];
                n_rr += emitted->fact.n_rr;
                k++;
        }
        assert_int_equal(n_rr, 4360);
        assert_int_equal(rr_sum, r->rr_sum);
        /* Each interval was rounded once, to a 1/1024 s. */
        assert_true(fabs((double)rr_sum / 1024 - 1685.729) < 4360 * 0.5 / 1024);
}

static Tally tally_up(const World *w, Sex sex, unsigned *ret_max)
{
        const Runner runner = { .resting = 55, .maximum = 190, .sex = sex };
        usec_t begin_usec = world_fact(w, FACT_SESSION_STARTED)->at_usec;
        Tally tally;

        tally_begin(&tally, &runner, 2, heart_rate_reserve_at(&runner, 65));
        *ret_max = 0;
        for (size_t i = 0; i < w->n_emitted; i++) {
                const Sample *s = &w->emitted[i].sample;

                if (w->emitted[i].fact.type != FACT_SAMPLE)
                        continue;
                tally_sample(&tally, (int64_t)((s->at_usec - begin_usec) / USEC_PER_MSEC), s->heart_rate,
                                s->smoothed, s->zone, sample_counts(s));
                if (s->heart_rate > *ret_max)
                        *ret_max = s->heart_rate;
        }
        return tally;
}

static void test_figures(void **state)
{
        static const struct {
                Sex sex;
                double trimp;
        } cases[] = { { SEX_MALE, 60.766 }, { SEX_FEMALE, 67.112 },
                { SEX_UNSPECIFIED, (60.766 + 67.112) / 2 } };
        _cleanup_free_ Recording *r = recording_load();
        _cleanup_world_ World *w = play(r, false);

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                unsigned max;
                Tally tally = tally_up(w, cases[i].sex, &max);
                int64_t zones_ms = 0;

                assert_int_equal(tally.live_ms, 1680000);
                assert_true(lround(tally_average(&tally)) == 158);
                assert_int_equal(max, 177);
                assert_true(tally.peak_hr == 177 && tally.min_hr == 98);
                assert_true(fabs(tally_trimp(&tally) - cases[i].trimp) < 0.001);
                for (size_t zone = 0; zone <= ZONES_MAX; zone++)
                        zones_ms += tally.zone_ms[zone];
                assert_int_equal(zones_ms, tally.live_ms);
        }
}

/* Too fast for a recovery run: said once per breach and again, never twice in a minute, and each breach has its end. */
static void test_alerts(void **state)
{
        _cleanup_free_ Recording *r = recording_load();
        _cleanup_world_ World *w = play(r, false);
        size_t begun = 0, n = 0;
        usec_t announced_usec = 0;

        (void)state;
        for (size_t i = 0; i < w->n_emitted; i++) {
                const Fact *f = &w->emitted[i].fact;

                if (f->type != FACT_OVER_LIMIT)
                        continue;
                begun += f->begins;
                assert_true(f->heart_rate > 65 * 1.35 + 55 + 2);
                assert_true(f->length_usec >= SEC(10));
                if (!f->announce)
                        continue;
                n++;
                assert_true(announced_usec == 0 || w->emitted[i].now_usec >= announced_usec + SEC(60));
                announced_usec = w->emitted[i].now_usec;
        }
        print_message("# %zu breaches, %zu alerts\n", begun, n);
        assert_true(begun > 0 && n > 5);
        assert_int_equal(world_count(w, FACT_BACK_IN_RANGE), begun);
}

static void assert_same(const Emitted *a, const Emitted *b)
{
        const Fact *f = &a->fact, *g = &b->fact;

        assert_int_equal(f->type, g->type);
        assert_int_equal(f->sensor, g->sensor);
        assert_int_equal(f->at_usec, g->at_usec);
        assert_int_equal(f->n_rr, g->n_rr);
        assert_memory_equal(a->rr, b->rr, sizeof(a->rr));
        assert_true(f->heart_rate == g->heart_rate || (isnan(f->heart_rate) && isnan(g->heart_rate)));
        assert_true(f->ceiling == g->ceiling);
        assert_int_equal(f->length_usec, g->length_usec);
        assert_int_equal(f->zone, g->zone);
        assert_int_equal(f->reason, g->reason);
        assert_true(f->begins == g->begins && f->announce == g->announce && f->resumable == g->resumable);
        assert_int_equal(a->sample.at_usec, b->sample.at_usec);
        assert_int_equal(a->sample.heart_rate, b->sample.heart_rate);
        assert_true(a->sample.smoothed == b->sample.smoothed);
        assert_int_equal(a->sample.zone, b->sample.zone);
        assert_int_equal(a->sample.live, b->sample.live);
        assert_int_equal(a->sample.settled, b->sample.settled);
}

/* The same facts twice; and the same without a timer, up to the last packet. */
static void test_deterministic(void **state)
{
        _cleanup_free_ Recording *r = recording_load();
        _cleanup_world_ World *first = play(r, false), *second = play(r, false), *lazy = play(r, true);
        size_t n = first->n_emitted;

        (void)state;
        assert_true(n > 2 * r->n);
        assert_int_equal(second->n_emitted, n);
        for (size_t i = 0; i < n; i++)
                assert_same(&first->emitted[i], &second->emitted[i]);
        while (n > 0 && first->emitted[n - 1].fact.type != FACT_SAMPLE)
                n--;
        for (size_t i = 0; i < n; i++)
                assert_same(&first->emitted[i], &lazy->emitted[i]);
        assert_int_equal(world_fact(lazy, FACT_SESSION_ENDED)->at_usec,
                        world_fact(first, FACT_SESSION_ENDED)->at_usec);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_complete),
                cmocka_unit_test(test_figures),
                cmocka_unit_test(test_alerts),
                cmocka_unit_test(test_deterministic),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
