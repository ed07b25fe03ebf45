/* SPDX-License-Identifier: MIT */

/* SQLite's own log messages, in our log. Most are the cause of a failure that whoever meets it logs once, and so are logged at
 * debug level only. What nobody else logs, damage and misused files, is a warning. Messages can come from either thread, and
 * repeatedly: so there is a limit. SQLite logs no values of the database. Uses CLOCK_MONOTONIC. */

#include "store/sqlite-log.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "cardio/macro.h"
#include "log.h"

#define WARNINGS_MAX 5U
#define WINDOW_S     3600

static bool is_for_all(int code)
{
        switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return true;
        case SQLITE_WARNING:
                return code != SQLITE_WARNING_AUTOINDEX;
        default: /* SQLite's numbers, not an enum of ours */
                return false;
        }
}

/* SQLite has one log callback per process, hence one counter. Two threads at once may let one line too many pass. */
static bool is_within_limit(void)
{
        static _Atomic(int64_t) since;
        static _Atomic(unsigned) n;
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail */
        if (atomic_load(&since) == 0 || ts.tv_sec - atomic_load(&since) >= WINDOW_S) {
                atomic_store(&since, ts.tv_sec + 1);
                atomic_store(&n, 0);
        }
        return atomic_fetch_add(&n, 1) < WARNINGS_MAX;
}

void store_on_sqlite_log(_unused_ void *userdata, int code, const char *message)
{
        if (is_for_all(code) && is_within_limit())
                log_warning("SQLite: %s (%s)", message, sqlite3_errstr(code));
        else
                log_debug("SQLite: %s (%s)", message, sqlite3_errstr(code));
}
