/* SPDX-License-Identifier: MIT */
#pragma once

/* A database in a folder of its own, and what a test does to it and asks of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "daemon/store/internal.h"

#define STRAP "AA:BB:CC:DD:EE:FF"
/* Friday 2024-03-15 17:30:00 UTC; an hour later by the runner's clock. */
#define STARTED_AT  INT64_C(1710523800000)
#define STARTED_DAY INT32_C(19797)

typedef struct Fixture {
        char folder[32];
        char path[64];
        Store *store;
} Fixture;

static inline void fixture_open(Fixture *f)
{
        char *error = NULL;
        int r = store_open(f->path, false, &f->store, &error);

        if (r < 0)
                fail_msg("%s", error);
}

static inline void fixture_close(Fixture *f)
{
        f->store = store_close(f->store);
}

/* The folder, and no database yet. */
static inline int fixture_setup_closed(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        (void)snprintf(f->folder, sizeof(f->folder), "/tmp/cardio-store-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        (void)snprintf(f->path, sizeof(f->path), "%s/cardiod.db", f->folder);
        *state = f;
        return 0;
}

static inline int fixture_setup(void **state)
{
        (void)fixture_setup_closed(state); /* fails the test by itself */
        fixture_open(*state);
        return 0;
}

static inline int fixture_remove(const char *path, _unused_ const struct stat *st, _unused_ int type,
                _unused_ struct FTW *walk)
{
        return remove(path);
}

static inline int fixture_teardown(void **state)
{
        Fixture *f = *state;

        fixture_close(f);
        assert_int_equal(nftw(f->folder, fixture_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(f);
        return 0;
}

static inline SessionHead head_default(void)
{
        return (SessionHead){
                .address = STRAP,
                .started_at = STARTED_AT,
                .utc_offset_s = 3600,
                .runner = { .resting = 50, .maximum = 197, .sex = SEX_MALE },
                .ceiling = 145.55,
                .ceiling_expression = "65%hrr",
                .tolerance = 2,
                .zone_model = "hrr",
                .zone_bounds = "50 60 70 80 90",
        };
}

/* -- One session at a time, as the manager has it -- */

/* The one that is open, or waits; NULL = there is none. */
static inline SessionWriter *writer_of(Store *s)
{
        for (size_t i = 0; i < SESSION_WRITERS_MAX; i++)
                if (s->writer[i].id != 0)
                        return &s->writer[i];
        return NULL;
}

static inline void session_sample(Store *s, int64_t t, const Sample *sample, const uint16_t *rr, size_t n_rr)
{
        session_writer_sample(writer_of(s), t, sample, rr, n_rr);
}

static inline void session_event(Store *s, int64_t t, const char *type, double value, const char *detail)
{
        session_writer_event(writer_of(s), t, type, value, detail);
}

static inline void session_clock(Store *s, int64_t t, int64_t step_ms)
{
        session_writer_clock(writer_of(s), t, step_ms);
}

static inline int64_t session_end(Store *s, int64_t end_t, bool resumable)
{
        return session_writer_end(writer_of(s), end_t, resumable);
}

static inline void session_discard(Store *s)
{
        session_writer_discard(writer_of(s));
}

/* One that is open, or waits, ends at its last heart rate. */
static inline int64_t session_begin(Store *s, const SessionHead *head)
{
        const SessionWriter *before = writer_of(s);
        SessionWriter *w;

        if (before)
                (void)session_end(
                                s, before->figures.tally.started ? before->figures.tally.last_t : -1, false);
        return session_writer_begin(s, head, 0, &w);
}

/* One to go by, with the time given to session_sample(). */
static inline Sample sample_of(unsigned heart_rate, double smoothed, unsigned zone)
{
        return (Sample){
                .heart_rate = (uint16_t)heart_rate,
                .smoothed = smoothed,
                .zone = (uint8_t)zone,
                .contact = CONTACT_YES,
                .settled = SETTLED_YES,
                .live = true,
        };
}

static inline void add_sample(Store *s, int64_t t, unsigned heart_rate, double smoothed, unsigned zone)
{
        Sample sample = sample_of(heart_rate, smoothed, zone);

        session_sample(s, t, &sample, NULL, 0);
}

/* One that is stored, and not to be gone by. */
static inline void add_unsettled(Store *s, int64_t t, unsigned heart_rate, double smoothed, unsigned zone)
{
        Sample sample = sample_of(heart_rate, smoothed, zone);

        sample.settled = SETTLED_DISAGREE;
        session_sample(s, t, &sample, NULL, 0);
}

/* n heart rates from t on, one a second. */
static inline void add_samples(Store *s, int64_t t, unsigned n, unsigned heart_rate)
{
        for (unsigned i = 0; i < n; i++)
                add_sample(s, t + 1000 * (int64_t)i, heart_rate, heart_rate, heart_rate < 145 ? 2 : 3);
}

/* n points of a pod from t on, one a second, 3 m/s fast, that go on from so many metres. */
static inline void add_pace(Store *s, int64_t t, unsigned n, double metres)
{
        for (unsigned i = 0; i < n; i++)
                session_writer_pace(writer_of(s), t + 1000 * (int64_t)i,
                                &(PacePoint){ .speed = 3,
                                                .cadence = 170,
                                                .distance = metres + 3 * i,
                                                .incline = 1,
                                                .ascent = (metres + 3 * i) / 100 });
}

/* What a query says through a connection of its own: columns parted by |, rows by a line break, NULL as -. */
static inline char *query_path(const char *path, const char *sql)
{
        sqlite3_stmt *statement;
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        sqlite3 *db;
        int rc;

        assert_non_null(out);
        assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        if (rc != SQLITE_OK)
                fail_msg("%s: %s", sql, sqlite3_errmsg(db));
        for (int row = 0; (rc = sqlite3_step(statement)) == SQLITE_ROW; row++) {
                if (row > 0)
                        fputc('\n', out);
                for (int i = 0; i < sqlite3_column_count(statement); i++) {
                        const char *value = (const char *)sqlite3_column_text(statement, i);

                        fprintf(out, "%s%s", i > 0 ? "|" : "", value ? value : "-");
                }
        }
        assert_int_equal(rc, SQLITE_DONE);
        sqlite3_finalize(statement);
        sqlite3_close(db);
        fclose(out);
        return text;
}

static inline char *query(const Fixture *f, const char *sql)
{
        return query_path(f->path, sql);
}

static inline void assert_query(const Fixture *f, const char *sql, const char *expected)
{
        _cleanup_free_ char *found = query(f, sql);

        assert_string_equal(found, expected);
}

/* Does something to the database with another hand. */
static inline void meddle(const Fixture *f, const char *sql)
{
        sqlite3 *db;

        assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
}

/* Standard error, caught in a file: for what is logged. */
typedef struct Caught {
        int saved;
        FILE *file;
} Caught;

static inline Caught catch_log(void)
{
        Caught c = { .saved = dup(STDERR_FILENO), .file = tmpfile() };

        assert_true(c.saved >= 0);
        assert_non_null(c.file);
        fflush(stderr);
        assert_true(dup2(fileno(c.file), STDERR_FILENO) >= 0);
        return c;
}

/* What was logged since. */
static inline char *caught_log(Caught *c)
{
        char *text = NULL;
        size_t size = 0;

        fflush(stderr);
        assert_true(dup2(c->saved, STDERR_FILENO) >= 0);
        close(c->saved);
        rewind(c->file);
        if (getdelim(&text, &size, '\0', c->file) < 0) {
                free(text);
                text = strdup("");
        }
        fclose(c->file);
        return text;
}

static inline unsigned count_lines(const char *text)
{
        unsigned n = 0;

        for (; *text; text++)
                n += *text == '\n';
        return n;
}
