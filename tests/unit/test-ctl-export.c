/* SPDX-License-Identifier: MIT */
/* What `export` is made of: the stream of a stored session, files that appear whole or not at all, their names, and which of
 * them were written. The database is one in memory, made from the schema. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#undef fail /* cardioctl has one */
#include "cardio/macro.h"
#include "ctl/export/file-name.h"
#include "ctl/export/follow-state.h"
#include "ctl/export/session-stream.h"
#include "ctl/export/whole-file.h"

/* -- A file system that knows no files without a name -- */

static bool no_nameless;

int openat(int folder, const char *path, int flags, ...)
{
        va_list arguments;
        mode_t mode;

        va_start(arguments, flags);
        mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
        va_end(arguments);
        if (no_nameless && (flags & O_TMPFILE) == O_TMPFILE) {
                errno = EOPNOTSUPP;
                return -1;
        }
        return (int)syscall(SYS_openat, folder, path, flags, mode);
}

/* -- The stream -- */

#define SESSION(id, more)                                                                        \
        "INSERT INTO session (id, source, kind, started_at, ended_at, utc_offset_s) VALUES (" id \
        ", 'strap', 'base', 1778560260000, 1778560264000, 7200);" more
#define SAMPLE(t, heart_rate, rr)                                                                        \
        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json) VALUES (1, " t \
        ", " heart_rate ", 120.5, 2, 1, " rr ");"
#define EVENT(t, type, value, detail)                                                                 \
        "INSERT INTO event (session_id, t, type, value, detail) VALUES (1, " t ", '" type "', " value \
        ", " detail ");"

#define PACE(t, speed, cadence, distance, incline)                                                     \
        "INSERT INTO pace (session_id, t, speed, cadence, distance, incline) VALUES (1, " t ", " speed \
        ", " cadence ", " distance ", " incline ");"

static int open_database(void **state)
{
        static const char *const names[] = { "schema", "schema-coach", "schema-commands", "schema-settled",
                "schema-kinds", "schema-clock", "schema-trouble", "schema-import", "schema-edit",
                "schema-beats", "schema-pace" };
        Database *d = calloc(1, sizeof(*d));
        char path[64];

        assert_non_null(d);
        assert_int_equal(sqlite3_open(":memory:", &d->db), SQLITE_OK);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_free_ char *sql = NULL;
                size_t size = 0;
                FILE *f;

                (void)snprintf(path, sizeof(path), "src/daemon/store/%s.sql", names[i]);
                f = fopen(path, "re");
                assert_non_null(f);
                assert_true(getdelim(&sql, &size, '\0', f) > 0);
                (void)fclose(f);
                assert_int_equal(sqlite3_exec(d->db, sql, NULL, NULL, NULL), SQLITE_OK);
        }
        d->path = strdup("memory");
        *state = d;
        return 0;
}

static int close_database(void **state)
{
        database_close(*state);
        free(*state);
        return 0;
}

static void run_sql(Database *d, const char *sql)
{
        char *error = NULL;

        (void)sqlite3_exec(d->db, sql, NULL, NULL, &error);
        if (error)
                assert_string_equal(error, "");
}

/* Flags of intervals once they are known, and α1 with the heart rate at which it was computed. */
static void test_what_beats_come_to(void **state)
{
        static const int flags[] = { 0, 5, 2, 0 };
        _cleanup_stream_ SessionStream s = { .d = NULL };
        Database *d = *state;
        unsigned n = 0, n_alpha1 = 0;
        ExchangeItem item;
        bool more;

        run_sql(d, "DELETE FROM session; DELETE FROM sample");
        run_sql(d, SESSION("1", SAMPLE("1000", "121", "'[801,802,803]'")));
        run_sql(d, "UPDATE session SET beats_known = 1;"
                   "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json)"
                   " VALUES (1, 2000, 122, 122, 1, 0, '[804]');"
                   "INSERT INTO artefact VALUES (1, 1000, 1, 5), (1, 1000, 2, 2);"
                   "INSERT INTO alpha1 VALUES (1, 2000, 0.8, 1.5);");
        assert_int_equal(session_stream_open(d, 1, &s), OUTCOME_DONE);
        assert_true(s.session.has_alpha1);
        while (session_stream_next(&s, &item, &more) == OUTCOME_DONE && more) {
                if (item.type == EXCHANGE_RR && item.t >= 1000)
                        assert_int_equal(item.rr.flag, flags[n++]);
                if (item.type == EXCHANGE_SAMPLE && item.sample.has_alpha1) {
                        assert_true(item.t == 2000 && item.sample.alpha1 == 0.8);
                        n_alpha1++;
                }
        }
        assert_int_equal(n, ELEMENTSOF(flags));
        assert_int_equal(n_alpha1, 1);
}

/* A row has so many intervals at most, and its heart rate in any case. */
static void test_intervals_of_a_row_are_bounded(void **state)
{
        static const struct {
                const char *stored;
                unsigned taken;
        } rows[] = { { "255", 255 }, { "300", 255 } };
        Database *d = *state;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_stream_ SessionStream s = { .d = NULL };
                unsigned n[_EXCHANGE_ITEM_TYPE_MAX] = { 0 };
                char sql[512];
                ExchangeItem item;
                bool more;

                run_sql(d, "DELETE FROM session; DELETE FROM sample");
                run_sql(d, SESSION("1", SAMPLE("1000", "121", "'[801]'")));
                (void)snprintf(sql, sizeof(sql),
                                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
                                " INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json)"
                                " SELECT 1, 0, 120, 120.5, 2, 1, json_group_array(800) FROM n",
                                rows[i].stored);
                run_sql(d, sql);
                assert_int_equal(session_stream_open(d, 1, &s), OUTCOME_DONE);
                while (session_stream_next(&s, &item, &more) == OUTCOME_DONE && more)
                        n[item.type]++;
                assert_int_equal(n[EXCHANGE_RR], rows[i].taken + 1);
                assert_int_equal(n[EXCHANGE_SAMPLE], 2);
        }
}

/* All items of session 1, as in "e0 gap 3 | r0 800 | s0 120 |". */
static void assert_items(Database *d, const char *expected)
{
        _cleanup_stream_ SessionStream s = { .d = NULL };
        char text[4096] = "", *p = text, *end = text + sizeof(text);
        ExchangeItem item;
        bool more;

        assert_int_equal(session_stream_open(d, 1, &s), OUTCOME_DONE);
        while (session_stream_next(&s, &item, &more) == OUTCOME_DONE && more) {
                switch (item.type) {
                case EXCHANGE_EVENT:
                        p += snprintf(p, (size_t)(end - p), "e%lld %s %g%s%s | ", (long long)item.t,
                                        item.event.type, item.event.value, *item.event.detail ? " " : "",
                                        item.event.detail);
                        break;
                case EXCHANGE_RR:
                        assert_int_equal(item.rr.flag, -1);
                        p += snprintf(p, (size_t)(end - p), "r%lld %u | ", (long long)item.t, item.rr.rr);
                        break;
                case EXCHANGE_SAMPLE:
                        assert_true(item.sample.smoothed == 120.5);
                        assert_int_equal(item.sample.zone, 2);
                        assert_int_equal(item.sample.contact, 1);
                        p += snprintf(p, (size_t)(end - p), "s%lld %u | ", (long long)item.t,
                                        item.sample.heart_rate);
                        break;
                case EXCHANGE_PACE:
                        p += snprintf(p, (size_t)(end - p), "p%lld %g %g %g %g | ", (long long)item.t,
                                        item.pace.speed, item.pace.cadence, item.pace.distance,
                                        item.pace.incline);
                        break;
                case _EXCHANGE_ITEM_TYPE_MAX:
                case _EXCHANGE_ITEM_TYPE_INVALID:
                        assert_true(false);
                }
                assert_true(p < end);
        }
        assert_string_equal(text, expected);
        /* And it is over, as often as it is asked. */
        assert_int_equal(session_stream_next(&s, &item, &more), OUTCOME_DONE);
        assert_false(more);
}

static void test_items_come_in_order_of_time(void **state)
{
        static const struct {
                const char *sql, *items;
        } rows[] = {
                { "", "" },
                { SAMPLE("0", "120", "NULL"), "s0 120 | " },
                { SAMPLE("0", "120", "'[800,812]'") SAMPLE("1000", "121", "'[]'")
                                                SAMPLE("2000", "122", "'[790]'"),
                                "r0 800 | r0 812 | s0 120 | s1000 121 | r2000 790 | s2000 122 | " },
                /* Of one time: events by their number, then intervals, then the heart rate. */
                { SAMPLE("1000", "121", "'[812]'") EVENT("1000", "mark", "NULL", "'here'")
                                                EVENT("1000", "over-limit", "160", "NULL"),
                                "e1000 mark nan here | e1000 over-limit 160 | r1000 812 | s1000 121 | " },
                /* Events between heart rates, in a gap, after the last one, and from before the first. */
                { EVENT("9000", "clock", "5", "NULL") EVENT("500", "gap", "7", "NULL") EVENT("-20", "ceiling",
                                  "146", "NULL") SAMPLE("0", "120", "NULL") SAMPLE("8000", "130", "'[700]'"),
                                "e0 ceiling 146 | s0 120 | e500 gap 7 | r8000 700 | s8000 130 | e9000 clock 5 | " },
                { EVENT("0", "mark", "NULL", "NULL"), "e0 mark nan | " },
                /* How fast it went stands behind what happened then, and before the heart rate. */
                { PACE("0", "3.5", "161", "0", "-1") PACE("1500", "NULL", "-1", "5", "NULL") PACE("9000", "2",
                                  "0", "9", "0") EVENT("0", "mark", "NULL", "NULL") SAMPLE("0", "120",
                                  "'[800]'") SAMPLE("1000", "121", "NULL") SAMPLE("2000", "122", "NULL"),
                                "e0 mark nan | p0 3.5 161 0 -1 | r0 800 | s0 120 | s1000 121 | p1500 nan nan 5 nan | "
                                "s2000 122 | p9000 2 0 9 0 | " },
        };
        Database *d = *state;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                run_sql(d, "DELETE FROM session; DELETE FROM sample; DELETE FROM event; DELETE FROM pace");
                run_sql(d, SESSION("1", ""));
                run_sql(d, rows[i].sql);
                assert_items(d, rows[i].items);
        }
}

/* What no daemon writes is left out, and all else stays. */
static void test_damaged_rows_are_left_out(void **state)
{
        Database *d = *state;

        run_sql(d, "PRAGMA ignore_check_constraints = 1");
        run_sql(d, SESSION("1", SAMPLE("0", "0", "'[800]'") SAMPLE("1000", "121",
                                                "'[0,70000,99999999999999999999,801]'") SAMPLE("2000", "122",
                                                "'[80x,802]'") SAMPLE("3000", "123", "'802'") SAMPLE("4001",
                                                "9999", "NULL") SAMPLE("-4", "120",
                                                "NULL") SAMPLE("999999999999999", "120", "NULL")
                                                   EVENT("999999999999999", "mark", "NULL", "NULL") EVENT(
                                                                   "4000", "mark", "NULL",
                                                                   "CAST(x'6162ff63' AS TEXT)")));
        assert_items(d, "r1000 801 | s1000 121 | r2000 80 | s2000 122 | s3000 123 | e4000 mark nan ab?c | ");
}

static void test_session_as_a_whole(void **state)
{
        _cleanup_stream_ SessionStream s = { .d = NULL }, bare = { .d = NULL }, none = { .d = NULL },
                                       impossible = { .d = NULL };
        Database *d = *state;

        run_sql(d, "INSERT INTO sensor (id, address, name) VALUES (7, 'A0:9E:1A:12:34:56', 'Polar H10')");
        run_sql(d, SESSION("1", SAMPLE("0", "120", "NULL") SAMPLE("3999", "121", "NULL")));
        run_sql(d, "UPDATE session SET sensor_id = 7, note = 'up\nhill ' || CAST(x'ff' AS TEXT), avg_hr = 120.5, min_hr = 119,"
                   " peak_hr = 121, resting_hr = 50, max_hr = 197, ceiling = 145.55, tolerance = 2, live_s = 3.9,"
                   " over_s = 0, trimp = 0.5, rpe = 4, talk_test = 'pass', verdict = 'good' WHERE id = 1");
        assert_int_equal(session_stream_open(d, 1, &s), OUTCOME_DONE);
        assert_int_equal(s.session.id, 1);
        assert_int_equal(s.session.started_at, 1778560260000);
        assert_int_equal(s.session.length, 3999);
        assert_int_equal(s.session.utc_offset_s, 7200);
        assert_string_equal(s.session.kind, "base");
        assert_string_equal(s.session.device, "Polar H10");
        assert_string_equal(s.session.note, "up\nhill ?");
        assert_string_equal(s.session.talk_test, "pass");
        assert_string_equal(s.session.verdict, "good");
        assert_string_equal(s.session.source, "strap");
        assert_true(s.session.average == 120.5 && s.session.lowest == 119 && s.session.peak == 121);
        assert_true(s.session.resting == 50 && s.session.maximum == 197 && s.session.ceiling == 145.55);
        assert_true(s.session.tolerance == 2 && s.session.live_s == 3.9 && s.session.over_s == 0 &&
                        s.session.trimp == 0.5);
        assert_int_equal(s.session.rpe, 4);
        assert_string_equal(s.date, "2026-05-12");
        assert_string_equal(s.time, "0631");
        assert_true(s.ended && s.clock_known && s.has_heart_rates);

        run_sql(d, "INSERT INTO session (id, source, started_at) VALUES (2, 'manual', 1778560260000)");
        assert_int_equal(session_stream_open(d, 2, &bare), OUTCOME_DONE);
        assert_true(isnan(bare.session.average) && isnan(bare.session.ceiling) && isnan(bare.session.trimp));
        assert_string_equal(bare.session.kind, "");
        assert_string_equal(bare.session.device, "");
        assert_int_equal(bare.session.rpe, 0);
        assert_false(bare.ended || bare.has_heart_rates);
        assert_string_equal(bare.time, "0431");

        assert_int_equal(session_stream_open(d, 3, &none), OUTCOME_NOT_FOUND);
        run_sql(d, "UPDATE session SET started_at = 9223372036854775807 WHERE id = 2");
        assert_int_equal(session_stream_open(d, 2, &impossible), OUTCOME_DONE);
        assert_true(s.dated);
        assert_false(impossible.dated);
}

/* -- Names -- */

static void test_names_are_safe(void **state _unused_)
{
        static const struct {
                const char *kind, *name;
        } rows[] = {
                { "base", "2026-05-12-0631-base-43.fit" },
                { "cross-training", "2026-05-12-0631-cross-training-43.fit" },
                { "", "2026-05-12-0631-run-43.fit" },
                { "../../etc/passwd", "2026-05-12-0631-etc-passwd-43.fit" },
                { "/", "2026-05-12-0631-run-43.fit" },
                { "..", "2026-05-12-0631-run-43.fit" },
                { "-rf *", "2026-05-12-0631-rf-43.fit" },
                { "a\nb\x1b[2Jc", "2026-05-12-0631-a-b-2jc-43.fit" },
                { "$(reboot); \"'`", "2026-05-12-0631-reboot-43.fit" },
                { "Läufe", "2026-05-12-0631-l-ufe-43.fit" },
                { "\xff\xfe", "2026-05-12-0631-run-43.fit" },
                { "com1.exe:stream", "2026-05-12-0631-com1-exe-stream-43.fit" },
                { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                "2026-05-12-0631-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-43.fit" },
        };
        SessionStream s = {
                .date = "2026-05-12", .time = { '0', '6', '3', '1', '\0' }, .session = { .id = 43 }
        };
        _cleanup_free_ char *undated = NULL;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_free_ char *name = NULL;

                s.session.kind = rows[i].kind;
                name = file_name_of(&s, "fit");
                assert_string_equal(name, rows[i].name);
                assert_true(file_name_is_of(name, &s, "fit"));
        }
        s = (SessionStream){ .session = { .id = 9, .kind = "base" } };
        undated = file_name_of(&s, "csv");
        assert_string_equal(undated, "undated-0000-base-9.csv");
}

static void test_names_are_known_again(void **state _unused_)
{
        SessionStream s = { .date = "2026-05-12",
                .time = { '0', '6', '3', '1', '\0' },
                .session = { .id = 43, .kind = "base" } };

        assert_true(file_name_is_of(
                        "2026-05-12-0631-long-43.fit", &s, "fit")); /* said to be long meanwhile */
        assert_false(file_name_is_of("2026-05-12-0631-base-43.fit.part", &s, "fit"));
        assert_false(file_name_is_of(".2026-05-12-0631-base-43.fit.part", &s, "fit"));
        assert_false(file_name_is_of("2026-05-12-0631-base-143.fit", &s, "fit"));
        assert_false(file_name_is_of("2026-05-12-0631-base-43.tcx", &s, "fit"));
        assert_false(file_name_is_of("2026-05-12-0632-base-43.fit", &s, "fit")); /* of another machine */
        assert_false(file_name_is_of("2026-05-12-0631-43.fit", &s, "fit"));
        assert_true(file_name_is_left(".2026-05-12-0631-base-43.fit.part", "fit"));
        assert_false(file_name_is_left(".2026-05-12-0631-base-43.csv.part", "fit"));
        assert_false(file_name_is_left("2026-05-12-0631-base-43.fit", "fit"));
        assert_false(file_name_is_left(".my-thesis.fit.part", "fit"));
        assert_false(file_name_is_left(".2026", "fit"));
}

/* -- Whole files -- */

typedef struct Folder {
        char path[32];
        int fd;
} Folder;

static Folder folder_new(void)
{
        Folder f = { .path = "/tmp/test-export.XXXXXX" };

        assert_non_null(mkdtemp(f.path));
        f.fd = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(f.fd >= 0);
        return f;
}

/* Its files, in no order, and their number. */
static unsigned folder_count(const Folder *f)
{
        DIR *entries = opendir(f->path);
        const struct dirent *entry;
        unsigned n = 0;

        assert_non_null(entries);
        while ((entry = readdir(entries)))
                n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        (void)closedir(entries);
        return n;
}

static void folder_end(Folder *f, const char *const *names)
{
        for (; *names; names++)
                assert_int_equal(unlinkat(f->fd, *names, 0), 0);
        assert_int_equal(close(f->fd), 0);
        assert_int_equal(rmdir(f->path), 0);
}

static void assert_content(const Folder *f, const char *name, const char *expected)
{
        char text[64] = "";
        int fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_true(read(fd, text, sizeof(text) - 1) >= 0);
        (void)close(fd);
        assert_string_equal(text, expected);
}

static int write_text(const Folder *folder, const char *name, const char *text, bool replace)
{
        _cleanup_whole_file_ WholeFile f = { .fd = -1 };

        assert_int_equal(whole_file_begin(&f, folder->fd, name), 0);
        assert_int_equal(whole_file_write(&f, text, strlen(text)), 0);
        return whole_file_end(&f, replace);
}

static void check_whole_files(void)
{
        Folder folder = folder_new();
        WholeFile f;
        struct stat st;
        int fd;

        /* Until the end nothing of that name is there. */
        assert_int_equal(whole_file_begin(&f, folder.fd, "run.fit"), 0);
        assert_int_equal(whole_file_write(&f, "....content", 11), 0);
        assert_int_equal(whole_file_patch(&f, 0, "size", 4), 0);
        assert_int_equal(whole_file_patch(&f, 8, "sky", 3), 0);
        assert_int_equal(whole_file_patch(&f, 9, "sky", 3), -EINVAL);
        assert_int_equal(whole_file_patch(&f, UINT64_MAX, "sky", 3), -EINVAL);
        assert_int_equal(whole_file_size(&f), 11);
        assert_true(faccessat(folder.fd, "run.fit", F_OK, 0) < 0);
        assert_int_equal(folder_count(&folder), no_nameless ? 1 : 0);
        assert_int_equal(whole_file_end(&f, false), 0);
        whole_file_cancel(&f);
        assert_content(&folder, "run.fit", "sizecontsky");
        assert_int_equal(folder_count(&folder), 1);

        /* Another one in its place only if that is wanted. */
        assert_int_equal(write_text(&folder, "run.fit", "new", false), -EEXIST);
        assert_content(&folder, "run.fit", "sizecontsky");
        assert_int_equal(write_text(&folder, "run.fit", "new", true), 0);
        assert_content(&folder, "run.fit", "new");
        assert_int_equal(folder_count(&folder), 1);

        /* Given up. */
        assert_int_equal(whole_file_begin(&f, folder.fd, "run.fit"), 0);
        assert_int_equal(whole_file_write(&f, "half", 4), 0);
        whole_file_cancel(&f);
        assert_content(&folder, "run.fit", "new");
        assert_int_equal(folder_count(&folder), 1);

        /* What a kill has left is taken away. */
        fd = openat(folder.fd, ".run.fit.part", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        (void)close(fd);
        assert_int_equal(write_text(&folder, "run.fit", "newer", true), 0);
        assert_content(&folder, "run.fit", "newer");
        assert_int_equal(folder_count(&folder), 1);

        /* Its mode is the umask's. */
        assert_int_equal(fstatat(folder.fd, "run.fit", &st, 0), 0);
        assert_int_equal(st.st_mode & 0777, 0640);
        folder_end(&folder, (const char *const[]){ "run.fit", NULL });
}

static void test_files_appear_whole(void **state _unused_)
{
        mode_t mask = umask(0027);

        check_whole_files();
        no_nameless = true; /* as on the file system of a stick */
        check_whole_files();
        no_nameless = false;
        (void)umask(mask);
}

static void test_files_of_any_size(void **state _unused_)
{
        static char block[100000], back[sizeof(block)];
        Folder folder = folder_new();
        WholeFile f;
        size_t size = 0;
        int fd;

        for (size_t i = 0; i < sizeof(block); i++)
                block[i] = (char)(i * 7 % 251);
        assert_int_equal(whole_file_begin(&f, folder.fd, "run"), 0);
        for (size_t n = 1; size + n <= sizeof(block); size += n, n = n * 3 % 70000 + 1)
                assert_int_equal(whole_file_write(&f, block + size, n), 0);
        assert_int_equal(whole_file_write(&f, NULL, 0), 0);
        assert_int_equal(whole_file_patch(&f, size - 1, block + size - 1, 1), 0);
        assert_int_equal(whole_file_size(&f), size);
        assert_int_equal(whole_file_end(&f, false), 0);
        whole_file_cancel(&f);
        fd = openat(folder.fd, "run", O_RDONLY | O_CLOEXEC);
        assert_int_equal(read(fd, back, sizeof(back)), size);
        (void)close(fd);
        assert_memory_equal(back, block, size);
        folder_end(&folder, (const char *const[]){ "run", NULL });
}

/* Ctrl-C waits until nothing half done is left, and counts then. */
static void test_signals_wait_meanwhile(void **state _unused_)
{
        Folder folder = folder_new();
        sigset_t set;
        WholeFile f;

        assert_int_equal(whole_file_begin(&f, folder.fd, "run"), 0);
        assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &set), 0);
        assert_int_equal(sigismember(&set, SIGINT), 1);
        assert_int_equal(sigismember(&set, SIGTERM), 1);
        whole_file_cancel(&f);
        assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &set), 0);
        assert_int_equal(sigismember(&set, SIGINT), 0);
        folder_end(&folder, (const char *const[]){ NULL });
}

/* -- What was written -- */

/* To half its length. */
static void cut(const Folder *f, const char *name)
{
        int fd = openat(f->fd, name, O_RDWR | O_CLOEXEC);
        struct stat st;

        assert_true(fd >= 0);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(ftruncate(fd, st.st_size / 2), 0);
        (void)close(fd);
}

static void test_state_is_kept(void **state _unused_)
{
        Folder folder = folder_new();
        char path[64], names[2][64];
        FollowState s, other;

        assert_int_equal(setenv("XDG_STATE_HOME", folder.path, 1), 0);
        assert_int_equal(follow_state_open("/home/runner/Runs", "fit", "/var/lib/cardiod.db", &s),
                        OUTCOME_DONE);
        assert_false(s.begun);
        s.seen = 45;
        follow_state_add(&s, 44);
        follow_state_add(&s, 41);
        follow_state_add(&s, 44);
        follow_state_add(&s, 43);
        follow_state_drop(&s, 43);
        follow_state_drop(&s, 99);
        assert_int_equal(follow_state_save(&s), OUTCOME_DONE);

        /* One at a time; another folder is another one. */
        assert_int_equal(follow_state_open("/home/runner/Runs", "fit", "/var/lib/cardiod.db", &other),
                        OUTCOME_FAILED);
        follow_state_close(&other);
        assert_int_equal(follow_state_open("/home/runner/Runs", "tcx", "/var/lib/cardiod.db", &other),
                        OUTCOME_DONE);
        assert_false(other.begun);
        (void)snprintf(names[1], sizeof(names[1]), "cardiod/%s.lock", other.name);
        follow_state_close(&other);
        (void)snprintf(path, sizeof(path), "cardiod/%s", s.name);
        (void)snprintf(names[0], sizeof(names[0]), "cardiod/%s.lock", s.name);
        follow_state_close(&s);

        assert_int_equal(follow_state_open("/home/runner/Runs", "fit", "/var/lib/cardiod.db", &s),
                        OUTCOME_DONE);
        assert_true(s.begun);
        assert_int_equal(s.seen, 45);
        assert_int_equal(s.n_waiting, 2);
        assert_int_equal(s.waiting[0], 41);
        assert_int_equal(s.waiting[1], 44);
        follow_state_close(&s);

        /* Damaged: nothing is written twice for that. */
        cut(&folder, path);
        assert_int_equal(follow_state_open("/home/runner/Runs", "fit", "/var/lib/cardiod.db", &s),
                        OUTCOME_FAILED);
        follow_state_close(&s);
        assert_int_equal(unlinkat(folder.fd, path, 0), 0);
        assert_int_equal(unlinkat(folder.fd, names[0], 0), 0);
        assert_int_equal(unlinkat(folder.fd, names[1], 0), 0);
        assert_int_equal(unlinkat(folder.fd, "cardiod", AT_REMOVEDIR), 0);
        folder_end(&folder, (const char *const[]){ NULL });
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                                test_items_come_in_order_of_time, open_database, close_database),
                cmocka_unit_test_setup_teardown(
                                test_damaged_rows_are_left_out, open_database, close_database),
                cmocka_unit_test_setup_teardown(
                                test_intervals_of_a_row_are_bounded, open_database, close_database),
                cmocka_unit_test_setup_teardown(test_what_beats_come_to, open_database, close_database),
                cmocka_unit_test_setup_teardown(test_session_as_a_whole, open_database, close_database),
                cmocka_unit_test(test_names_are_safe),
                cmocka_unit_test(test_names_are_known_again),
                cmocka_unit_test(test_files_appear_whole),
                cmocka_unit_test(test_files_of_any_size),
                cmocka_unit_test(test_signals_wait_meanwhile),
                cmocka_unit_test(test_state_is_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
