/* SPDX-License-Identifier: MIT */

/* SQLite's result codes as negative errno, and reasons for whoever opens the database. No clock. */

#include "store/errors.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>

int store_errno(int rc)
{
        switch (rc & 0xff) {
        case SQLITE_OK:
                return 0;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL: /* a lock that is held only for a moment was not released */
                return -EBUSY;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_READONLY:
                return -EROFS;
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_ERROR: /* our statements do not fit its tables */
                return -EBADMSG;
        case SQLITE_CONSTRAINT:
                return -EDOM;
        default: /* SQLite's numbers, not an enum of ours: all others mean that it could not read or write */
                return -EIO;
        }
}

int store_refuse(char **ret_error, int error, const char *format, ...)
{
        char *text = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&text, format, ap) < 0)
                text = NULL;
        va_end(ap);
        *ret_error = text;
        return error;
}
