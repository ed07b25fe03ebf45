/* SPDX-License-Identifier: MIT */

/* Any bytes as the database, and, behind a separator, as its write-ahead log. What is refused stays as it was, byte for
 * byte. What is opened is worked on like any database: whatever fails then fails with an error. Its clocks are the real ones. */

#include "daemon/store/store.h"
#include "daemon/store/writer.h"
#include "daemon/store/coach.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "fuzz.h"

#define SEPARATOR "-- wal --"
#define STRAP     "AA:BB:CC:DD:EE:FF"
#define NOW_MS    INT64_C(1710523800000)
#define TODAY     (Day)(NOW_MS / 86400000)

typedef struct Content {
        uint8_t *data;
        size_t size;
} Content;

static Content content_read(const char *path)
{
        Content c = { 0 };

        c.data = fuzz_read(path, &c.size);
        return c;
}

static bool content_same(const Content *a, const Content *b)
{
        if (!a->data || !b->data)
                return !a->data == !b->data;
        return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static void lay_out(const uint8_t *data, size_t size)
{
        Bytes rest = { data, size }, part = fuzz_part(&rest, SEPARATOR, strlen(SEPARATOR));

        /* With what an earlier input has left, which would be taken up into this one. */
        fuzz_remove(fuzz_path("cardiod.db.spill"));
        fuzz_remove(fuzz_path("cardiod.db.lock"));
        fuzz_remove(fuzz_path("cardiod.db-shm"));
        fuzz_remove(fuzz_path("cardiod.db-wal"));
        fuzz_remove(fuzz_path("cardiod.db-journal"));
        fuzz_write(fuzz_path("cardiod.db"), part.data, part.size);
        if (rest.size > 0)
                fuzz_write(fuzz_path("cardiod.db-wal"), rest.data, rest.size);
}

static void check_refused(int r, const char *error, const Content *db, const Content *wal)
{
        Content db_after = content_read(fuzz_path("cardiod.db"));
        Content wal_after = content_read(fuzz_path("cardiod.db-wal"));

        check(r < 0);
        check(error && strncmp(error, fuzz_path("cardiod.db"), strlen(fuzz_path("cardiod.db"))) == 0);
        if (!content_same(db, &db_after) || !content_same(wal, &wal_after))
                fprintf(stderr, "%s (%d)\n", error, r);
        check(content_same(db, &db_after));
        check(content_same(wal, &wal_after));
        free(db_after.data);
        free(wal_after.data);
}

static int count_column(void *userdata, const char *column, const StoreValue *value)
{
        check(column != NULL);
        check(value->type != STORE_TEXT || value->text);
        (*(unsigned *)userdata)++;
        return 0;
}

static int count_listed(void *userdata, const StoreListed *session)
{
        (void)session;
        (*(unsigned *)userdata)++;
        return 0;
}

static void add_samples(SessionWriter *w, int64_t t)
{
        static const uint16_t rr[] = { 500, 501 };

        for (unsigned i = 0; i < 3; i++) {
                Sample sample = { .heart_rate = (uint16_t)(140 + i),
                        .smoothed = 140,
                        .zone = 3,
                        .contact = CONTACT_YES,
                        .settled = (uint8_t)(i == 1 ? SETTLED_DISAGREE : SETTLED_YES),
                        .live = true };

                session_writer_sample(w, t + 1000 * i, &sample, rr, ELEMENTSOF(rr));
        }
        session_writer_event(w, t + 1000, "over-limit", 150, NULL);
}

/* The coach's queries and the runner's entries. Any of them may fail, and the results are plausible. */
static void coach(Store *s)
{
        const CoachConfig config = { .rest_days = true, .cycle_days = 7, .level = LEVEL_REGULAR };
        const RestingRow morning = { .taken_at = NOW_MS,
                .date = TODAY,
                .heart_rate = 50,
                .rmssd = NAN,
                .sdnn = NAN,
                .pnn50 = NAN,
                .source = "manual" };
        const RaceRow race = { .date = TODAY - 1, .distance = DISTANCE_HALF };
        const ManualSession run = { .started_at = NOW_MS, .minutes = 30, .annotation = ANNOTATION_NOTHING };
        Annotation annotation = ANNOTATION_NOTHING;
        BodyScan scan = BODY_SCAN_NOTHING;
        unsigned columns = 0;
        char text[COACH_TEXT_MAX];
        CoachFacts facts = { .date = TODAY };
        CoachDay day = { 0 };
        StoreRun judged;

        annotation.kind = "recovery";
        annotation.rpe = 3;
        scan.pain = "shin";
        scan.pain_gait = 1;
        (void)store_add_resting(s, &morning);
        (void)store_add_race(s, &race);
        (void)store_add_session(s, &run);
        (void)store_annotate(s, 1, &annotation);
        (void)store_put_day(s, TODAY, &scan);
        if (store_get_coach_facts(s, TODAY, &facts) >= 0) {
                coach_day(&facts, &config, 50, &day);
                check(day.kind >= 0 && day.kind < _KIND_MAX);
                check(day.resting.heart_rate > 0);
                (void)coach_reason_to_string(&day, text);
                for (size_t i = 0; i < day.n_advice; i++)
                        (void)coach_advice_to_string(&day, &day.advice[i], text);
                for (size_t i = 0; i < day.n_care; i++)
                        (void)coach_care_to_string(&day.care[i], text);
        }
        if (store_get_run(s, 1, &judged) >= 0) {
                CoachVerdict verdict;

                coach_verdict(&facts, &day, &judged.run, &verdict);
                (void)coach_verdict_to_string(&verdict, text);
                (void)store_put_verdicts(s, &(StoreVerdict){ 1, verdict.key }, 1);
        }
        (void)store_get_day(s, TODAY, count_column, &columns);
        (void)store_remove_resting(s, 1);
        (void)store_remove_race(s, 1);
}

/* What the daemon does with a database that it has opened. */
static void work(Store *s)
{
        _cleanup_free_ StorePast *past = NULL;
        const SessionHead head = {
                .address = STRAP,
                .kind = "base",
                .started_at = NOW_MS,
                .runner = { .resting = 50, .maximum = 197 },
                .ceiling = 145.55,
                .ceiling_expression = "65%hrr",
                .tolerance = 2,
                .zone_model = "hrr",
                .zone_bounds = "50 60 70 80 90",
        };
        OpenSession open = { 0 };
        SessionWriter *w = NULL;
        unsigned columns = 0;
        int64_t id, last = 0;

        if (store_recover(s, NOW_MS, 300000, &open) == 0 && open.id != 0) {
                check(open.last_t >= 0);
                check(store_session_past(s, open.id, &past) != 0);
                check(session_writer_resume(&open, 0) == 0);
                add_samples(open.writer, open.last_t + 1000);
        }
        (void)store_commit(s); /* may fail: what is damaged shows when it is used */
        id = session_writer_begin(s, &head, 0, &w);
        check(id > 0);
        add_samples(w, 0);
        (void)store_commit_wait(s);
        session_writer_end(open.writer, open.last_t + 3000, false);
        session_writer_end(w, 2000, false);
        (void)store_commit(s);
        store_sync_begin(s);
        (void)store_get_session(s, id, count_column, &columns);
        (void)store_get_session(s, 1, count_column, &columns);
        (void)store_list_sessions(s, id - 100, 50, NOW_MS, count_listed, &columns, &last);
        coach(s);
        (void)store_delete_session(s, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *error = NULL;
        Content db, wal;
        Store *s = NULL;
        int r;

        fuzz_log_clear();
        lay_out(data, size);
        db = content_read(fuzz_path("cardiod.db"));
        wal = content_read(fuzz_path("cardiod.db-wal"));
        r = store_open(fuzz_path("cardiod.db"), false, &s, &error);
        if (r < 0)
                check_refused(r, error, &db, &wal);
        else
                work(s);
        (void)store_close(s);
        free(db.data);
        free(wal.data);
        return 0;
}
