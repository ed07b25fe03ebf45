/* SPDX-License-Identifier: MIT */

/* The database as a file: who may read it, who may write it, and which files are left alone. */

#include "old-database.h"

#include <grp.h>
#include <signal.h>
#include <sys/wait.h>

#define NOBODY 65534

static mode_t mode_of(const char *folder, const char *name)
{
        _cleanup_free_ char *path = NULL;
        struct stat st;

        assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
        assert_int_equal(lstat(path, &st), 0);
        return st.st_mode & 07777;
}

/* Modes are ours, whatever the umask. */
static void test_modes(void **state)
{
        static const mode_t masks[] = { 0, 022, 077 };
        Fixture *f = *state;

        fixture_close(f);
        for (size_t i = 0; i < ELEMENTSOF(masks); i++)
                for (int private = 0; private <= 1; private ++) {
                        _cleanup_free_ char *folder = NULL, *path = NULL;
                        char *error = NULL;
                        Store *s;
                        mode_t file = private ? 0600 : 0640, saved;

                        assert_true(asprintf(&folder, "%s/new-%zu-%d", f->folder, i, private) > 0);
                        assert_true(asprintf(&path, "%s/state/cardiod.db", folder) > 0);
                        saved = umask(masks[i]);
                        assert_int_equal(store_open(path, private, &s, &error), 0);
                        umask(saved);
                        assert_string_equal(store_path(s), path);
                        assert_int_equal(mode_of(folder, "."), private ? 0700 : 0750);
                        assert_int_equal(mode_of(folder, "state"), private ? 0700 : 0750);
                        assert_int_equal(mode_of(folder, "state/cardiod.db"), file);
                        assert_int_equal(mode_of(folder, "state/cardiod.db-wal"), file);
                        assert_int_equal(mode_of(folder, "state/cardiod.db-shm"), file);
                        assert_int_equal(mode_of(folder, "state/cardiod.db.lock"), 0600);
                        store_close(s);
                        assert_int_equal(mode_of(folder, "state/cardiod.db-wal"), file);
                        assert_int_equal(mode_of(folder, "state/cardiod.db-shm"), file);
                }
}

static void test_settings(void **state)
{
        Fixture *f = *state;

        assert_query(f, "PRAGMA application_id", "1667330660");
        assert_query(f, "PRAGMA user_version", "11");
        assert_query(f, "PRAGMA journal_mode", "wal");
        assert_query(f,
                        "SELECT group_concat(name) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                        "AND name NOT LIKE 'sqlite%' AND strict = 0",
                        "-");
}

/* A relative path is of the folder the daemon is in. */
static void test_relative(void **state)
{
        Fixture *f = *state;
        _cleanup_free_ char *back = getcwd(NULL, 0), *path = NULL;
        char *error = NULL;
        Store *s;

        assert_int_equal(chdir(f->folder), 0);
        assert_int_equal(store_open("other.db", false, &s, &error), 0);
        assert_int_equal(chdir(back), 0);
        assert_true(asprintf(&path, "%s/other.db", f->folder) > 0);
        assert_string_equal(store_path(s), path);
        store_close(s);
}

/* -- The writer's lock -- */

static void test_second_writer(void **state)
{
        Fixture *f = *state;
        Store *s = (Store *)-1;
        _cleanup_free_ char *error = NULL, *expected = NULL;

        assert_int_equal(store_open(f->path, false, &s, &error), -EBUSY);
        assert_ptr_equal(s, (Store *)-1);
        assert_true(asprintf(&expected, "%s: another cardiod is using it, process %d", f->path, getpid()) >
                        0);
        assert_string_equal(error, expected);
        /* The first one writes on. */
        store_sensor(f->store, STRAP, NULL, NULL, 50, 0);
        assert_int_equal(store_commit_wait(f->store), 0);
}

/* The lock goes with its process, however that ends. */
static void test_lock_dies(void **state)
{
        Fixture *f = *state;
        int ready[2], status;
        _cleanup_free_ char *error = NULL;
        Store *s;
        pid_t pid;
        char c;

        fixture_close(f);
        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                fixture_open(f);
                if (write(ready[1], "x", 1) == 1)
                        pause();
                _exit(1);
        }
        assert_int_equal(read(ready[0], &c, 1), 1);
        assert_int_equal(store_open(f->path, false, &s, &error), -EBUSY);
        {
                _cleanup_free_ char *expected = NULL;

                assert_true(asprintf(&expected, "%s: another cardiod is using it, process %d", f->path, pid) >
                                0);
                assert_string_equal(error, expected);
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        close(ready[0]);
        close(ready[1]);
        fixture_open(f);
}

/* -- Readers -- */

/* What this program does when it is started with `--read PATH SQL`: as a member of the group, not the owner,
 * who may read the files but not write to the folder. */
static int read_as_member(const char *path, const char *sql)
{
        sqlite3_stmt *statement;
        sqlite3 *db;
        int rc;

        if (setgroups(0, NULL) < 0 || setuid(NOBODY) < 0 || access(path, W_OK) == 0)
                return 3;
        rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
                int found = sqlite3_column_int(statement, 0);

                sqlite3_finalize(statement);
                sqlite3_close(db);
                return found;
        }
        sqlite3_close(db);
        return 2;
}

static int member_finds(const Fixture *f, const char *sql)
{
        int status;
        pid_t pid;

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                execl(program_invocation_name, program_invocation_name, "--read", f->path, sql, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

/* A member of the group reads it with the daemon running, stopped, and killed. */
static void test_group_reader(void **state)
{
        Fixture *f = *state;
        int status;
        pid_t pid;

        if (geteuid() != 0) {
                print_message("needs root, to be somebody else\n");
                skip();
        }
        assert_int_equal(chmod(f->folder, 0750), 0);
        store_sensor(f->store, STRAP, NULL, NULL, 41, 0);
        assert_int_equal(store_commit(f->store), 0);
        assert_int_equal(member_finds(f, "SELECT battery FROM sensor"), 41);

        fixture_close(f);
        assert_int_equal(member_finds(f, "SELECT battery FROM sensor"), 41);
        assert_int_equal(member_finds(f, "SELECT count(*) FROM sessions"), 0);

        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                fixture_open(f);
                store_sensor(f->store, STRAP, NULL, NULL, 42, 0);
                if (store_commit(f->store) == 0)
                        raise(SIGKILL);
                _exit(1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(member_finds(f, "SELECT battery FROM sensor"), 42);
        assert_int_equal(chmod(f->path, 0600), 0);
        assert_int_equal(member_finds(f, "SELECT battery FROM sensor"), 2);
}

/* -- Files that are refused -- */

typedef struct Bytes {
        char *data;
        size_t size;
} Bytes;

static Bytes read_bytes(const char *path)
{
        Bytes b = { 0 };
        FILE *file = fopen(path, "re");
        long size;

        assert_non_null(file);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        size = ftell(file);
        assert_true(size >= 0);
        rewind(file);
        b.size = (size_t)size;
        b.data = malloc(b.size + 1);
        assert_non_null(b.data);
        assert_int_equal(fread(b.data, 1, b.size, file), b.size);
        fclose(file);
        return b;
}

static void write_bytes(const char *path, const void *data, size_t size)
{
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

static bool is_there(const char *path, const char *suffix)
{
        _cleanup_free_ char *name = NULL;

        assert_true(asprintf(&name, "%s%s", path, suffix) > 0);
        return access(name, F_OK) == 0;
}

/* Of a file that is not there: nothing. */
static Bytes read_beside(const char *path, const char *suffix)
{
        _cleanup_free_ char *name = NULL;

        assert_true(asprintf(&name, "%s%s", path, suffix) > 0);
        return is_there(path, suffix) ? read_bytes(name) : (Bytes){ 0 };
}

static void assert_same_bytes(Bytes before, Bytes after)
{
        assert_int_equal(before.size, after.size);
        if (before.size > 0)
                assert_memory_equal(before.data, after.data, after.size);
        free(before.data);
        free(after.data);
}

/* It is refused with these words, and every byte of it stays, of its log too; nothing new lies beside it but the lock's
 * file. What the index of a log holds is SQLite's to make anew at any time. */
static void assert_refused(const Fixture *f, int expected, const char *words)
{
        Bytes before = read_bytes(f->path), log_before = read_beside(f->path, "-wal");
        bool had_log = is_there(f->path, "-wal"), had_index = is_there(f->path, "-shm");
        _cleanup_free_ char *error = NULL;
        Store *s = NULL;

        assert_int_equal(store_open(f->path, false, &s, &error), expected);
        assert_null(s);
        assert_non_null(error);
        if (strncmp(error, f->path, strlen(f->path)) != 0 || !strstr(error, words))
                fail_msg("said: %s", error);
        assert_same_bytes(before, read_bytes(f->path));
        assert_same_bytes(log_before, read_beside(f->path, "-wal"));
        assert_int_equal(is_there(f->path, "-wal"), had_log);
        if (!had_log)
                assert_int_equal(is_there(f->path, "-shm"), had_index);
        assert_false(is_there(f->path, "-journal"));
}

static void remove_database(Fixture *f)
{
        static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };

        fixture_close(f);
        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
                _cleanup_free_ char *path = NULL;

                assert_true(asprintf(&path, "%s%s", f->path, suffixes[i]) > 0);
                assert_true(unlink(path) == 0 || errno == ENOENT);
        }
}

static void make_database(const Fixture *f, const char *sql)
{
        sqlite3 *db;

        assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
}

static void test_foreign(void **state)
{
        static const struct {
                const char *sql, *words;
        } files[] = {
                { "CREATE TABLE recipe (name)", "another program" },
                { "CREATE TABLE recipe (name); PRAGMA journal_mode = WAL", "another program" },
                { "CREATE TABLE session (id); PRAGMA user_version = 1", "another program" },
                { "PRAGMA user_version = 1", "another program" },
                { "PRAGMA application_id = 252006673; CREATE TABLE recipe (name)",
                                "application_id 0x0f055111" },
                { "PRAGMA application_id = 1667330660; CREATE TABLE session (id)", "another program" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 99; CREATE TABLE session (id);PRAGMA "
                  "journal_mode = WAL",
                                "newer cardiod (schema version 99, known here up to 11)" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 1; CREATE TABLE session (id)",
                                "cannot be brought from schema version 1 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 4; CREATE TABLE session (id)",
                                "cannot be brought from schema version 4 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 5; CREATE TABLE session (id)",
                                "cannot be brought from schema version 5 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 6; CREATE TABLE session (id)",
                                "cannot be brought from schema version 6 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 7; CREATE TABLE session (id)",
                                "cannot be brought from schema version 7 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 8; CREATE TABLE session (id)",
                                "cannot be brought from schema version 8 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 9; CREATE TABLE session (id)",
                                "cannot be brought from schema version 9 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 10; CREATE TABLE session (id)",
                                "cannot be brought from schema version 10 to 11" },
                { "PRAGMA application_id = 1667330660; PRAGMA user_version = 11; CREATE TABLE session (id)",
                                "not as expected" },
        };
        Fixture *f = *state;

        remove_database(f);
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                make_database(f, files[i].sql);
                assert_refused(f, -EBADMSG, files[i].words);
                assert_int_equal(unlink(f->path), 0);
        }
}

static void test_not_a_database(void **state)
{
        Fixture *f = *state;
        static const char text[] = "Dear diary, today I ran.\n";
        static const char zeros[4096];

        remove_database(f);
        write_bytes(f->path, text, sizeof(text) - 1);
        assert_refused(f, -EBADMSG, "not an SQLite database");
        write_bytes(f->path, "SQLite format 3", 16);
        assert_refused(f, -EBADMSG, "not an SQLite database");
        write_bytes(f->path, zeros, sizeof(zeros));
        assert_refused(f, -EBADMSG, "not an SQLite database");

        /* An empty file becomes one. */
        write_bytes(f->path, text, 0);
        fixture_open(f);
        assert_query(f, "SELECT count(*) FROM session", "0");
}

/* Bytes lost or overwritten at any place are found, or do no harm; never is a damaged file written to. */
static void test_damaged(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        unsigned refused = 0;
        Bytes whole;

        session_begin(f->store, &head);
        add_samples(f->store, 0, 2000, 140);
        session_end(f->store, 1999000, false);
        fixture_close(f);
        whole = read_bytes(f->path);

        for (size_t cut = 101; cut < whole.size; cut += whole.size / 7) {
                write_bytes(f->path, whole.data, cut);
                assert_refused(f, -EBADMSG, "");
        }
        for (size_t at = 0; at < whole.size; at += 1024) {
                char saved[512];
                _cleanup_free_ char *error = NULL;
                Store *s;

                memcpy(saved, whole.data + at, sizeof(saved));
                memset(whole.data + at, 0x5a, sizeof(saved));
                write_bytes(f->path, whole.data, whole.size);
                if (store_open(f->path, false, &s, &error) < 0)
                        refused++;
                else
                        store_close(s);
                memcpy(whole.data + at, saved, sizeof(saved));
        }
        assert_int_equal(refused, whole.size / 1024);

        write_bytes(f->path, whole.data, whole.size);
        free(whole.data);
        fixture_open(f);
        assert_query(f, "SELECT count(*) FROM sample", "2000");
}

/* A database of the first version is brought to this one, with all that is in it. */
static void test_migration(void **state)
{
        Fixture *f = *state;

        remove_database(f);
        make_old(f, 1,
                        "PRAGMA journal_mode = WAL; INSERT INTO sensor (address) VALUES ('" STRAP "');"
                        "INSERT INTO session (sensor_id, source, started_at) VALUES (1, 'strap', 5);"
                        "INSERT INTO sample VALUES (1, 0, 140, 140, 3, 1, NULL)");
        fixture_open(f);
        assert_query(f, "PRAGMA user_version", "11");
        assert_query(f, "SELECT s.id, started_at, address, heart_rate FROM session AS s, sensor, sample",
                        "1|5|" STRAP "|140");
        assert_query(f, "SELECT count(*) FROM command", "0");
}

/* Its header says that it is ours, its tables that it is not: of this version, of an older one, with or without a log. */
static void test_tampered(void **state)
{
        static const char *const hands[] = {
                "DROP TABLE sample", "DROP TABLE zone_time; CREATE TABLE zone_time (x)",
                "ALTER TABLE session RENAME COLUMN started_at TO began_at", "DROP VIEW sessions",
                "DROP TABLE session; CREATE TABLE session AS SELECT 1 AS id", /* and no sqlite_sequence */
        };
        Fixture *f = *state;

        for (unsigned version = 1; version <= 4; version += 3)
                for (unsigned log = 0; log <= 1; log++)
                        for (size_t i = 0; i < ELEMENTSOF(hands); i++) {
                                remove_database(f);
                                if (version == 4) {
                                        fixture_open(f);
                                        fixture_close(f);
                                        make_database(f, log ? "" : "PRAGMA journal_mode = DELETE");
                                        make_database(f, hands[i]);
                                } else {
                                        make_old(f, 1, log ? "PRAGMA journal_mode = WAL" : "");
                                        make_database(f, hands[i]);
                                }
                                assert_refused(f, -EBADMSG, "");
                        }
        remove_database(f);
        fixture_open(f);
}

/* A table that points nowhere, in a log that is otherwise sound. */
static void test_damage_in_log(void **state)
{
        Fixture *f = *state;
        int status;
        pid_t pid;

        fixture_close(f);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                sqlite3 *db;

                /* Killed, so that nothing moves it out of the log. */
                if (sqlite3_open(f->path, &db) == SQLITE_OK &&
                                sqlite3_exec(db,
                                                "PRAGMA writable_schema = ON; "
                                                "UPDATE sqlite_schema SET rootpage = 999 WHERE name = 'sample'",
                                                NULL, NULL, NULL) == SQLITE_OK)
                        raise(SIGKILL);
                _exit(1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_refused(f, -EBADMSG, "damaged");
        remove_database(f);
        fixture_open(f);
}

/* Rows that the schema does not let in, in tables that another hand has made: refused, whatever reads them. */
static void test_impossible_rows(void **state)
{
#define A_SAMPLE "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact) VALUES "
#define A_TABLE                                                                                       \
        "DROP TABLE sample; CREATE TABLE sample (session_id INTEGER, t INTEGER, heart_rate INTEGER, " \
        "smoothed REAL, zone INTEGER, contact INTEGER, rr_json TEXT"
        static const char *const hands[] = {
                A_SAMPLE "(1, 5, 140, 140, 3, 1), (1, 5, 140, 140, 3, 1)",
                A_SAMPLE "(1, -5, 140, 140, 3, 1)",
                A_SAMPLE "(1, 9223372036854775807, 140, 140, 3, 1), (1, 5, 4294967436, 140, 3, 1)",
                A_SAMPLE "(1, 5, 4294967436, 140, 3, 1)",
                A_SAMPLE "(1, 5, 140, 140, 8, 1)",
                A_SAMPLE "(1, 5, 140, 140, -1, 1)",
                A_SAMPLE "(1, 5, 140, 140, 4294967296, 1)",
                A_SAMPLE
                "(1, 5, 140, 140, 3, 1); "
                "INSERT INTO event (session_id, t, type) VALUES (1, -9223372036854775807, 'over-limit')",
        };
        static const char session[] = "INSERT INTO session (source, started_at) VALUES ('strap', 1)";
        Fixture *f = *state;
        OpenSession o;

        for (size_t i = 0; i < ELEMENTSOF(hands); i++) {
                /* While they are brought to this version: nothing is changed. */
                remove_database(f);
                make_old(f, 1, A_TABLE ")");
                make_database(f, session);
                make_database(f, hands[i]);
                assert_refused(f, -EBADMSG, "session 1 is damaged");
                /* While what was left open is taken up. */
                remove_database(f);
                fixture_open(f);
                fixture_close(f);
                make_database(f, "DROP VIEW rr; " A_TABLE ", settled INTEGER)");
                make_database(f, session);
                make_database(f, hands[i]);
                fixture_open(f);
                assert_int_equal(store_recover(f->store, 100, 300000, &o), -EBADMSG);
        }

        /* Numbers and times at the end of their range. */
        remove_database(f);
        make_old(f, 1,
                        "INSERT INTO session (source, started_at) VALUES ('strap', 9223372036854775807); INSERT INTO sample "
                        "VALUES (1, 5, 140, 140, 3, 1, NULL)");
        fixture_open(f);
        assert_true(store_recover(f->store, 100, 300000, &o) < 0);
        remove_database(f);
        make_old(f, 1,
                        "INSERT INTO session (id, source, started_at) VALUES (9223372036854775807, "
                        "'strap', 1)");
        assert_refused(f, -EBADMSG, "no number is left");
        remove_database(f);
        make_old(f, 1,
                        "INSERT INTO session (id, source, started_at) VALUES (1, 'strap', 1); "
                        "UPDATE sqlite_sequence SET seq = 'none'; DELETE FROM session");
        fixture_open(f);
}

/* A log that does not add up from some byte on ends there, as one that a power cut has torn: what was committed before
 * is there. */
static void test_torn_log(void **state)
{
        Fixture *f = *state;
        SessionHead head = head_default();
        unsigned n_commits = 0, last = 0;
        char log_path[80];
        Bytes db, log;

        /* As a crash leaves it: copied while it is open. */
        for (unsigned i = 0; i < 5; i++) {
                session_begin(f->store, &head);
                add_samples(f->store, 0, 11, 140);
                session_end(f->store, 10000, false);
                assert_int_equal(store_commit_wait(f->store), 0);
        }
        (void)snprintf(log_path, sizeof(log_path), "%s-wal", f->path);
        db = read_bytes(f->path);
        log = read_bytes(log_path);
        assert_true(log.size > 20000);

        for (size_t at = 0; at < log.size; at += log.size / 40 + 1) {
                char shm[80];
                _cleanup_free_ char *found = NULL;

                fixture_close(f);
                (void)snprintf(shm, sizeof(shm), "%s-shm", f->path);
                assert_int_equal(unlink(shm), 0);
                write_bytes(f->path, db.data, db.size);
                log.data[at] ^= 0x55;
                write_bytes(log_path, log.data, log.size);
                log.data[at] ^= 0x55;
                fixture_open(f);
                assert_query(f, "PRAGMA integrity_check", "ok");
                found = query(f, "SELECT count(*) FROM session");
                n_commits = (unsigned)strtoul(found, NULL, 10);
                /* The later the damage, the more is there. */
                assert_true(n_commits >= last && n_commits <= 5);
                last = n_commits;
        }
        assert_true(last >= 4);
        free(db.data);
        free(log.data);
}

/* What this program does when it is started with `--open PATH`: as somebody who may not. */
static int open_as_stranger(const char *path)
{
        _cleanup_free_ char *error = NULL;
        Store *s;

        if (setgroups(0, NULL) < 0 || setuid(NOBODY) < 0)
                return 3;
        return store_open(path, false, &s, &error) == -EACCES && strncmp(error, path, strlen(path)) == 0 ? 0
                                                                                                         : 1;
}

static void test_no_permission(void **state)
{
        Fixture *f = *state;
        Bytes before;
        int status;
        pid_t pid;

        if (geteuid() != 0) {
                print_message("needs root, to be somebody else\n");
                skip();
        }
        fixture_close(f);
        before = read_bytes(f->path);
        assert_int_equal(chmod(f->folder, 0755), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                execl(program_invocation_name, program_invocation_name, "--open", f->path, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        assert_same_bytes(before, read_bytes(f->path));
        fixture_open(f);
}

static void assert_path_refused(const char *path, int expected, const char *words)
{
        _cleanup_free_ char *error = NULL;
        Store *s;
        int r = store_open(path, false, &s, &error);

        if (r != expected || !strstr(error, words))
                fail_msg("%s: %d, %s", path, r, r < 0 ? error : "opened");
}

static void test_odd_paths(void **state)
{
        Fixture *f = *state;
        char path[80];

        assert_path_refused(f->folder, -EISDIR, "is a folder");
        assert_path_refused("/proc/nowhere/cardiod.db", -ENOENT, "/proc/nowhere: cannot create this folder");

        (void)snprintf(path, sizeof(path), "%s/link.db", f->folder);
        assert_int_equal(symlink(f->path, path), 0);
        assert_path_refused(path, -ELOOP, "is a symbolic link");

        (void)snprintf(path, sizeof(path), "%s/pipe", f->folder);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_path_refused(path, -EINVAL, "is not a regular file");

        (void)snprintf(path, sizeof(path), "%s/x.db", f->path);
        assert_path_refused(path, -ENOTDIR, "Not a directory");
}

#define test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                test(test_modes),
                test(test_settings),
                test(test_relative),
                test(test_second_writer),
                test(test_lock_dies),
                test(test_group_reader),
                test(test_foreign),
                test(test_not_a_database),
                test(test_damaged),
                test(test_migration),
                test(test_tampered),
                test(test_damage_in_log),
                test(test_impossible_rows),
                test(test_torn_log),
                test(test_no_permission),
                test(test_odd_paths),
        };

        if (argc == 4 && strcmp(argv[1], "--read") == 0)
                return read_as_member(argv[2], argv[3]);
        if (argc == 3 && strcmp(argv[1], "--open") == 0)
                return open_as_stranger(argv[2]);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
