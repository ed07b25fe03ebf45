/* SPDX-License-Identifier: MIT */

/* kill -9 at random moments of `export --follow`: while it starts, reads, writes, names a file, keeps what it did. After each one
 * the folder has whole files alone, under their names, and nothing else; on a file system that knows no files without a name
 * there may be one that is not finished, under a hidden name, until the next start. In the end each run has one file.
 *
 * CARDIO_DEATHS is how many, CARDIO_SEED which; the seed is printed. Which runs there are to write is new each time; what their files
 * have to be is known from an `export` before. */
#include "ctl-fixture.h"
#include "shim-fixture.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

/* A run every hour, of ten minutes. */
#define DATABASE                                                                                     \
        "WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < %u)"  \
        " INSERT INTO session (id, source, kind, record_kind, started_at, ended_at)"                 \
        "  SELECT value, 'strap', 'base', 'base', 1778560260000 + value * 3600000,"                  \
        "         1778560260000 + value * 3600000 + 599000 FROM n;"                                  \
        "WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < 599)" \
        " INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json)"          \
        "  SELECT s.id, n.value * 1000, 120 + (n.value + s.id) %% 20, 120.5, 1, 1, '[500,510]' FROM session AS s, n"

typedef struct DeathTest {
        Harness *h;
        const char *out, *expected, *database;
        unsigned random;
        unsigned n_finished; /* runs that are over for good */
        unsigned n_starts;
        unsigned n_unfinished; /* files, as of now */
} DeathTest;

static unsigned environment_or(const char *name, unsigned otherwise)
{
        const char *text = getenv(name);

        return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static unsigned random_below(DeathTest *w, unsigned n)
{
        w->random = w->random * 1664525U + 1013904223U;
        return (w->random >> 8) % n;
}

static void change(DeathTest *w, const char *format, ...) _printf_(2, 3);
static void change(DeathTest *w, const char *format, ...)
{
        char sql[2048];
        va_list arguments;
        sqlite3 *db = NULL;

        va_start(arguments, format);
        (void)vsnprintf(sql, sizeof(sql), format, arguments);
        va_end(arguments);
        assert_int_equal(sqlite3_open(w->database, &db), SQLITE_OK);
        (void)sqlite3_busy_timeout(db, 5000);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
                harness_fail(w->h, "%s: %s", sql, sqlite3_errmsg(db));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static Child *start(DeathTest *w)
{
        const char *const argv[] = { BUILD "/cardioctl", "export", "--follow", "--format", "fit", "-o",
                w->out, "--database", w->database, NULL };
        char name[24];

        (void)snprintf(name, sizeof(name), "follow-%u", w->n_starts++);
        return harness_spawn(w->h, name, true, argv);
}

static void finish_runs(DeathTest *w, unsigned n)
{
        w->n_finished += n;
        change(w, "UPDATE session SET resumable = 0 WHERE resumable = 1 AND id <= %u", w->n_finished);
}

/* -- The folder -- */

/* To be freed. */
static char *content(DeathTest *w, const char *folder, const char *name, size_t *ret_size)
{
        char path[512], *text = NULL;
        size_t capacity = 0;
        ssize_t n;
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        f = fopen(path, "re");
        if (!f)
                harness_fail(w->h, "%s: %s", path, strerror(errno));
        n = getdelim(&text, &capacity, EOF, f);
        (void)fclose(f);
        *ret_size = n > 0 ? (size_t)n : 0;
        return text;
}

static void assert_same(DeathTest *w, const char *name)
{
        size_t size, expected_size;
        _cleanup_free_ char *got = content(w, w->out, name, &size),
                            *expected = content(w, w->expected, name, &expected_size);

        if (size != expected_size || memcmp(got, expected, size) != 0)
                harness_fail(w->h, "%s is not whole", name);
}

/* Returns how many runs are in it. */
static unsigned check_folder(DeathTest *w, unsigned unfinished_may_be)
{
        DIR *entries = opendir(w->out);
        const struct dirent *entry;
        unsigned n = 0;

        assert_non_null(entries);
        w->n_unfinished = 0;
        while ((entry = readdir(entries))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (entry->d_name[0] == '.') {
                        w->n_unfinished++;
                        continue;
                }
                assert_same(w, entry->d_name);
                n++;
        }
        (void)closedir(entries);
        if (w->n_unfinished > unfinished_may_be)
                harness_fail(w->h, "there are %u unfinished files", w->n_unfinished);
        return n;
}

typedef struct Wait {
        DeathTest *w;
        unsigned n;
} Wait;

static bool has_files(Harness *h, void *userdata)
{
        const Wait *wait = userdata;
        DIR *entries = opendir(wait->w->out);
        const struct dirent *entry;
        unsigned n = 0;

        (void)h;
        while (entries && (entry = readdir(entries)))
                n += entry->d_name[0] != '.';
        if (entries)
                (void)closedir(entries);
        return n >= wait->n;
}

/* Somewhere in the start, or from there until some more runs are written. */
static void pass_time(DeathTest *w, unsigned n_written)
{
        Wait wait = { .w = w, .n = n_written + 1 + random_below(w, 4) };

        if (random_below(w, 4) == 0)
                harness_pass_time(w->h, random_below(w, 40) * USEC_PER_MSEC);
        else
                for (unsigned i = 0; i < 200 && !has_files(w->h, &wait); i++)
                        harness_pass_time(w->h, USEC_PER_MSEC);
        harness_pass_time(w->h, random_below(w, 5000));
}

static void set_up(DeathTest *w, unsigned n_runs)
{
        _cleanup_free_ char *sql = NULL;
        Ctl c = { .h = w->h };

        assert_true(asprintf(&sql, DATABASE, n_runs) > 0);
        w->database = ctl_database(w->h, sql);
        w->out = harness_path(w->h, "out");
        w->expected = harness_path(w->h, "expected");
        assert_int_equal(ctl_run(&c, "export", "--until", "today", "--format", "fit", "-o", w->expected,
                                         "--database", w->database, NULL),
                        0);
        ctl_end(&c);
        /* As if the daemon had stopped in each of them: until it is known that it does not go on, none of them is written. */
        change(w, "UPDATE session SET resumable = 1");
}

static void test_deaths(Harness *h)
{
        unsigned n_deaths = environment_or("CARDIO_DEATHS", 25), n_runs = 4 * n_deaths;
        DeathTest w = { .h = h, .random = environment_or("CARDIO_SEED", (unsigned)time(NULL)) };
        Wait wait = { .w = &w };
        unsigned n_behind = 0, n_left = 0, n_written = 0;
        Child *child;

        print_message("%u deaths, CARDIO_SEED=%u\n", n_deaths, w.random);
        assert_int_equal(setenv("XDG_STATE_HOME", harness_path(h, "state"), 1), 0);
        set_up(&w, n_runs);
        child = start(&w);
        harness_wait_output(
                        h, child, false, "Runs that end from now on are written to *", 4 * HARNESS_TIMEOUT);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        assert_int_equal(check_folder(&w, 0), 0);

        for (unsigned i = 0; i < n_deaths; i++) {
                bool named = random_below(&w, 2) == 0; /* unfinished files have a name */

                finish_runs(&w, random_below(&w, 8));
                if (named)
                        tmpfile_begin();
                child = start(&w);
                shim_inherit_no_more();
                pass_time(&w, n_written);
                assert_int_equal(harness_child_end(h, child, SIGKILL), 128 + SIGKILL);
                /* Where they have none, one of the death before may still be there. */
                n_written = check_folder(&w, named ? 1 : w.n_unfinished);
                n_behind += n_written < w.n_finished;
                n_left += w.n_unfinished;
        }

        /* The next start that lives writes what is missing, and takes away what is left. */
        finish_runs(&w, 1);
        child = start(&w);
        wait.n = w.n_finished < n_runs ? w.n_finished : n_runs;
        if (!harness_wait(h, has_files, &wait, 8 * HARNESS_TIMEOUT))
                harness_fail(h, "there are less than %u files", wait.n);
        assert_int_equal(harness_child_end(h, child, SIGTERM), 0);
        assert_int_equal(check_folder(&w, 0), wait.n);
        print_message("%u runs, %u of them written by those that died; after %u deaths some were missing, after %u "
                      "one was unfinished\n",
                        wait.n, n_written, n_behind, n_left);
}

int main(void)
{
        static const struct CMUnitTest tests[] = { harness_test(test_deaths) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
