/* SPDX-License-Identifier: MIT */

/* What SQLite itself logs, into our log. Most of it is the cause of something that is told of, once, by whoever finds that it
 * could not be done, and appears at the level debug only. What nobody else tells of, damage and files that are misused, is a
 * warning. It can come from either thread, and with each try: so there is a limit. Of values in the database SQLite tells
 * nothing. CLOCK_MONOTONIC. */

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
        default: /* SQLite's numbers, not ours */
                return false;
        }
}

/* SQLite has one log for the process, and so this has one count. Two threads at a time may let one line too many pass. */
static bool is_within_limit(void)
{
        static _Atomic(int64_t) since;
        static _Atomic(unsigned) n;
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* it is always there */
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
