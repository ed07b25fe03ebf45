/* SPDX-License-Identifier: MIT */

/* What the tests of edits share. Times of runs are counted from today, by the clock of coach_daemon(). */

#include "edit-fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl-fixture.h"
#include "run-fixture.h"

#define SQL_MAX 4000

static sqlite3 *open_database(Harness *h)
{
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(harness_path(h, "cardiod.db"), &db), SQLITE_OK);
        (void)sqlite3_busy_timeout(db, 5000);
        assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
        return db;
}

void edit_meddle(Harness *h, const char *sql)
{
        sqlite3 *db = open_database(h);
        char *error = NULL;

        if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
                fail_msg("%s: %s", error, sql);
        (void)sqlite3_close(db);
}

static time_t day_begin(int64_t days)
{
        time_t now = (time_t)(run_realtime_usec() / USEC_PER_SEC);
        struct tm tm;

        assert_non_null(localtime_r(&now, &tm));
        tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
        tm.tm_mday += (int)days;
        return mktime(&tm);
}

int64_t edit_start(const EditRun *run)
{
        return ((int64_t)day_begin(run->days) + run->start_s) * 1000 + 123;
}

void edit_put_run(Harness *h, const EditRun *run)
{
        time_t begin = day_begin(run->days);
        char sql[SQL_MAX];
        struct tm tm;

        assert_non_null(localtime_r(&begin, &tm));
        (void)snprintf(sql, sizeof(sql),
                        "INSERT OR IGNORE INTO sensor (id, address, name) VALUES (1, '" STRAP
                        "', 'Strap 01');"
                        "INSERT INTO session (id, sensor_id, source, started_at, ended_at, utc_offset_s, resting_hr, max_hr,"
                        " ceiling, ceiling_expression, tolerance, zone_model, zone_bounds, sex, live_s, avg_hr, trimp,"
                        " record_kind, verdict, day_kind, boot_id, boot_ms)"
                        " VALUES (%lld, 1, 'strap', %lld, %lld, %ld, 50, 190, 141, '65%%hrr', 2, 'hrr', '50 60 70 80 90',"
                        " 'male', 10.0 / 3, 100.0 / 7, 0.1, 'base', 'good', 'base', 'of another boot', 77);"
                        "WITH RECURSIVE s (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < %u)"
                        " INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json, settled)"
                        " SELECT %lld, i * 1000, 110 + (i / 10) %% 60 + i %% 3, 100.0 / 3, 2, 1,"
                        " printf('[%%d,%%d]', 400 + i %% 50, 410), 1 FROM s"
                        " WHERE i <= %u OR i >= %u;"
                        "INSERT INTO event (session_id, t, type, value) VALUES (%lld, %u, 'gap', 0.1);"
                        "INSERT INTO zone_time VALUES (%lld, 2, 0.1 + 0.2);",
                        (long long)run->id, (long long)edit_start(run),
                        (long long)(edit_start(run) + run->length_s * INT64_C(1000)), tm.tm_gmtoff,
                        run->length_s, (long long)run->id, run->gap_s, run->gap_end_s, (long long)run->id,
                        run->gap_s * 1000, (long long)run->id);
        edit_meddle(h, sql);
        if (run->more)
                edit_meddle(h, run->more);
}

void edit_daemon(Harness *h, const EditRun *run, size_t n)
{
        sqlite3 *db = open_database(h);

        coach_set_zone(coach_offset_for(12, 0, 0));
        ctl_apply_schema(db);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        for (size_t i = 0; i < n; i++)
                edit_put_run(h, &run[i]);
        harness_daemon_start(h, EDIT_CONFIG, DAEMON_SYSTEM);
}

/* -- Calls ----------------------------------------------------------------------------------------------- */

static int64_t last_id(sd_bus_message *reply)
{
        int64_t id = 0;

        assert_true(sd_bus_message_enter_container(reply, 'a', "x") > 0);
        while (sd_bus_message_read(reply, "x", &id) > 0)
                ;
        sd_bus_message_unref(reply);
        return id;
}

static int64_t succeeded(Harness *h, int r, char *error, sd_bus_message *reply)
{
        if (r < 0)
                harness_fail(h, "refused: %s", error ? error : strerror(-r));
        return last_id(reply);
}

int64_t edit_by(Harness *h, int64_t id, const char *key, uint64_t ms)
{
        _cleanup_free_ char *error = NULL;
        sd_bus_message *reply = NULL;
        int r = harness_call(h, &reply, &error, "EditSession", "xa{sv}", id, 1, key, "t", ms);

        return succeeded(h, r, error, reply);
}

int64_t edit_trim(Harness *h, int64_t id, uint64_t from_ms, uint64_t to_ms)
{
        _cleanup_free_ char *error = NULL;
        sd_bus_message *reply = NULL;
        int r = harness_call(h, &reply, &error, "EditSession", "xa{sv}", id, 2, "trim-start", "t", from_ms,
                        "trim-end", "t", to_ms);

        return succeeded(h, r, error, reply);
}

int64_t edit_merge(Harness *h, int64_t id, int64_t other)
{
        _cleanup_free_ char *error = NULL;
        sd_bus_message *reply = NULL;
        int r = harness_call(h, &reply, &error, "EditSession", "xa{sv}", id, 1, "merge", "x", other);

        return succeeded(h, r, error, reply);
}

void edit_undo(Harness *h, int64_t id)
{
        run_command(h, "UndoEdit", "x", id);
}

/* -- All that there is ----------------------------------------------------------------------------------- */

static void print_value(FILE *f, sqlite3_stmt *s, int column)
{
        switch (sqlite3_column_type(s, column)) {
        case SQLITE_INTEGER:
                (void)fprintf(f, "|%lld", sqlite3_column_int64(s, column));
                break;
        case SQLITE_FLOAT:
                (void)fprintf(f, "|%a", sqlite3_column_double(s, column));
                break;
        case SQLITE_NULL:
                (void)fputs("|NULL", f);
                break;
        default:
                (void)fprintf(f, "|'%s'", (const char *)sqlite3_column_text(s, column));
        }
}

static void print_table(FILE *f, sqlite3 *db, const char *table)
{
        sqlite3_stmt *s = NULL;
        char sql[200];

        (void)snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2", table);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW) {
                (void)fputs(table, f);
                for (int i = 0; i < sqlite3_column_count(s); i++)
                        print_value(f, s, i);
                (void)fputc('\n', f);
        }
        (void)sqlite3_finalize(s);
}

char *edit_dump(Harness *h)
{
        sqlite3 *db = open_database(h);
        sqlite3_stmt *s = NULL;
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        assert_int_equal(sqlite3_prepare_v2(db,
                                         "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                         " AND name NOT LIKE 'sqlite%' AND name <> 'command' ORDER BY name",
                                         -1, &s, NULL),
                        SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW)
                print_table(f, db, (const char *)sqlite3_column_text(s, 0));
        (void)sqlite3_finalize(s);
        (void)sqlite3_close(db);
        (void)fclose(f);
        return text;
}

void edit_assert_same(const char *is, const char *was)
{
        while (*is && *is == *was)
                is++, was++;
        if (*is != *was)
                fail_msg("%.200s\nwas:\n%.200s", is, was);
}
