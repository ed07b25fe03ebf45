/* SPDX-License-Identifier: MIT */
/* The checks of the database: it exists, is readable for us and nobody else, is not damaged, and has room to grow. It is
 * only read. Times of day are local, of CLOCK_REALTIME. */
#include "doctor/doctor.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/coach.h"
#include "memory.h"
#include "text.h"

#define MIB          (1024.0 * 1024.0)
#define GIB          (1024.0 * MIB)
#define SPACE_SCARCE (256 * MIB)
#define SPACE_NONE   (16 * MIB)

/* Its path: as database_locate(), without printing. NULL if it is not known. */
static char *locate(const Doctor *d)
{
        const char *path = d->call->database ? d->call->database
                           : d->manager      ? json_text(d->manager, "DatabasePath")
                                             : NULL;

        return path ? checked(strdup(path)) : database_default_path(d->call);
}

/* One value of a query: text, to be freed; NULL if it is not available. */
static char *ask(sqlite3 *db, const char *sql)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        const unsigned char *text;

        if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
                return NULL;
        text = sqlite3_column_text(s, 0);
        return text ? checked(strdup((const char *)text)) : NULL;
}

static bool has_number(sqlite3 *db, const char *sql, long long *ret)
{
        _cleanup_free_ char *text = ask(db, sql);

        if (!text)
                return false;
        *ret = strtoll(text, NULL, 10);
        return true;
}

/* Returns false if there is nothing more to check. */
static bool check_file(Doctor *d, const char *path)
{
        struct stat st;

        if (stat(path, &st) < 0) {
                int error = errno;

                if (error == EACCES)
                        doctor_report(d, "database", CHECK_FAILURE, "see `group` above",
                                        "you may not read %s", path);
                else
                        doctor_report(d, "database", CHECK_FAILURE,
                                        "cardiod makes it when it starts; if it does not, see its log",
                                        "there is no database at %s: %s", path, strerror(error));
                return false;
        }
        if (access(path, R_OK) < 0) {
                doctor_report(d, "database", CHECK_FAILURE,
                                "see `group` above; else its owner and mode are wrong", "you may not read %s",
                                path);
                return false;
        }
        if (!S_ISREG(st.st_mode)) {
                doctor_report(d, "database", CHECK_FAILURE, "move it away", "%s is not a file", path);
                return false;
        }
        return true;
}

static bool check_contents(Doctor *d, const char *path)
{
        _cleanup_free_ char *advice = NULL, *integrity = NULL;
        sqlite3 *db = d->database.db;
        long long id = 0, version = 0;

        if (!has_number(db, "PRAGMA application_id", &id) ||
                        !has_number(db, "PRAGMA user_version", &version)) {
                doctor_report(d, "database", CHECK_FAILURE,
                                sqlite3_errcode(db) == SQLITE_CANTOPEN ||
                                                                sqlite3_errcode(db) == SQLITE_READONLY
                                                ? "start cardiod once: it puts the files beside it in order"
                                                : "stop cardiod, and move it away or restore a backup",
                                "%s cannot be read: %s", path, sqlite3_errmsg(db));
                return false;
        }
        if (id != CARDIO_DATABASE_ID) {
                doctor_report(d, "database", CHECK_FAILURE, "move it away", "%s is not a database of cardiod",
                                path);
                return false;
        }
        if (version > CARDIO_DATABASE_VERSION) {
                doctor_report(d, "database", CHECK_FAILURE, "install the newer cardioctl and cardiod",
                                "%s is of a newer version, %lld; this cardioctl knows %d", path, version,
                                CARDIO_DATABASE_VERSION);
                return false;
        }
        if (d->brief)
                return true; /* reading all of a large one takes seconds */
        integrity = ask(db, "PRAGMA quick_check(1)");
        if (integrity && strcmp(integrity, "ok") == 0)
                return true;
        if (asprintf(&advice,
                            "stop cardiod and restore a backup, or save what is left with `sqlite3 %s .recover`",
                            path) < 0)
                out_of_memory();
        doctor_report(d, "database", CHECK_FAILURE, advice, "%s is damaged", path);
        return false;
}

/* Heart rates are private. */
static bool check_mode(Doctor *d, const char *path)
{
        static const char *const endings[] = { "", "-wal", "-shm" };

        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                _cleanup_free_ char *file = NULL, *advice = NULL;
                struct stat st;

                if (asprintf(&file, "%s%s", path, endings[i]) < 0)
                        out_of_memory();
                if (stat(file, &st) < 0 || (st.st_mode & 07) == 0)
                        continue;
                if (asprintf(&advice, "`sudo chmod o= %s`", file) < 0)
                        out_of_memory();
                doctor_report(d, "database", CHECK_WARNING, advice, "everybody may read %s", file);
                return false;
        }
        return true;
}

static bool check_space(Doctor *d, const char *path, double *ret_free)
{
        struct statvfs fs;

        *ret_free = statvfs(path, &fs) == 0 ? (double)fs.f_bavail * (double)fs.f_frsize : SPACE_SCARCE;
        if (*ret_free >= SPACE_SCARCE)
                return true;
        doctor_report(d, "database", *ret_free < SPACE_NONE ? CHECK_FAILURE : CHECK_WARNING,
                        "make room; what is recorded waits in memory meanwhile, and not for ever",
                        "%.0f MB are free where %s is", *ret_free / MIB, path);
        return false;
}

void doctor_check_database(Doctor *d)
{
        char *path = d->database.path = locate(d);
        long long sessions = 0;
        double space;
        bool well;

        if (!path) {
                doctor_report(d, "database", CHECK_FAILURE, "name it with --database FILE",
                                "nobody says where it is: neither XDG_STATE_HOME nor HOME is set");
                return;
        }
        if (!check_file(d, path))
                return;
        well = doctor_check_locks(d, path);
        if (sqlite3_open_v2(path, &d->database.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
                        SQLITE_OK) {
                doctor_report(d, "database", CHECK_FAILURE, "see its owner and mode",
                                "%s cannot be opened: %s", path, sqlite3_errmsg(d->database.db));
                d->database.db = (sqlite3_close_v2(d->database.db), NULL);
                return;
        }
        (void)sqlite3_busy_timeout(d->database.db, 2000); /* cannot fail */
        (void)sqlite3_db_config(d->database.db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_db_config(d->database.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        if (!check_contents(d, path)) {
                d->database.db = (sqlite3_close_v2(d->database.db), NULL);
                return;
        }
        well = check_mode(d, path) && well;
        if (check_space(d, path, &space) && well && !d->brief &&
                        has_number(d->database.db, "SELECT count(*) FROM session", &sessions))
                doctor_report(d, "database", CHECK_OK, NULL,
                                "%s is whole, with %lld session%s; %.1f GB are free", path, sessions,
                                sessions == 1 ? "" : "s", space / GIB);
}

const char *doctor_last_seen(const Doctor *d, const char *address, char buf[static SEEN_STRING_MAX])
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        struct tm tm;
        time_t at;

        buf[0] = '\0';
        if (!d->database.db ||
                        sqlite3_prepare_v2(d->database.db,
                                        "SELECT last_seen_at / 1000 FROM sensor WHERE address = ?1 AND last_seen_at > 0",
                                        -1, &s, NULL) != SQLITE_OK ||
                        sqlite3_bind_text(s, 1, address, -1, SQLITE_STATIC) != SQLITE_OK ||
                        sqlite3_step(s) != SQLITE_ROW)
                return buf;
        at = (time_t)sqlite3_column_int64(s, 0);
        if (!localtime_r(&at, &tm) || strftime(buf, SEEN_STRING_MAX, "%Y-%m-%d %H:%M", &tm) == 0)
                buf[0] = '\0';
        return buf;
}

double doctor_usual_interval(const Doctor *d, const char *address)
{
        /* The median of the last 20. */
        static const char sql[] =
                        "WITH last AS (SELECT max(session.id) AS id FROM session JOIN sensor ON sensor.id = sensor_id "
                        "WHERE address = ?1), "
                        "times AS (SELECT t FROM sample WHERE session_id = (SELECT id FROM last) ORDER BY t DESC LIMIT 21), "
                        "intervals AS (SELECT t - lag(t) OVER (ORDER BY t) AS ms FROM times) "
                        "SELECT ms FROM intervals WHERE ms IS NOT NULL ORDER BY ms LIMIT 1 OFFSET 10";
        _cleanup_statement_ sqlite3_stmt *s = NULL;

        if (!d->database.db || sqlite3_prepare_v2(d->database.db, sql, -1, &s, NULL) != SQLITE_OK ||
                        sqlite3_bind_text(s, 1, address, -1, SQLITE_STATIC) != SQLITE_OK ||
                        sqlite3_step(s) != SQLITE_ROW)
                return 0;
        return (double)sqlite3_column_int64(s, 0) / 1000;
}

int doctor_base_runs(const Doctor *d)
{
        static const char sql[] = "SELECT count(*) FROM session AS s JOIN session_days AS d ON d.id = s.id"
                                  " WHERE d.kind = 'base' AND s.distance_m >= 1000"
                                  " AND d.local_date >= date('now', 'localtime', '-' || ?1 || ' days')";
        _cleanup_statement_ sqlite3_stmt *s = NULL;

        if (!d->database.db || sqlite3_prepare_v2(d->database.db, sql, -1, &s, NULL) != SQLITE_OK ||
                        sqlite3_bind_int(s, 1, COACH_BASE_DAYS) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
                return -1;
        return sqlite3_column_int(s, 0);
}
