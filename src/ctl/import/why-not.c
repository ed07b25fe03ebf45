/* SPDX-License-Identifier: MIT */

/* What is said of a file that cannot be taken, and what would help. No clock. */

#include "import/why-not.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static const char *signal_text(const FileContents *c)
{
        return c->error == SIGXCPU || c->error == SIGKILL
                               ? "reading it took more than a minute; nothing of it is taken"
                               : "reading it went wrong; nothing of it is taken";
}

#define ACCEPTED_FILES "FIT, TCX, GPX, HRM, CSV and JSON are accepted, also packed by gzip"

const char *contents_why_not(const FileContents *c)
{
        switch (c->result) {
        case READ_DONE:
                return NULL;
        case READ_NO_HEART_RATES:
        case READ_BROKEN:
                return c->problem.text;
        case READ_FOREIGN:
                return "it is no file of a run; " ACCEPTED_FILES;
        case READ_EMPTY:
                return "it is empty";
        case READ_ARCHIVE:
                return "it is a ZIP archive: unpack it, then import the folder";
        case READ_TOO_LARGE:
                return "it is larger than 100 MB, which is far more than a run of 24 hours";
        case READ_TOO_LARGE_UNPACKED:
                return "unpacked it is larger than 100 MB, which is far more than a run of 24 hours";
        case READ_NOT_UNPACKED:
                return "it is packed by gzip, and damaged or cut short";
        case READ_CANNOT_UNPACK:
                return "it is packed by gzip, which this cardioctl was built without; unpack it first: gunzip FILE";
        case READ_ERROR:
                return c->error == -ENOMEM ? "reading it takes more memory than it may have"
                                           : strerror(-c->error);
        case READ_DIED:
                return signal_text(c);
        case _READ_RESULT_MAX:
        case _READ_RESULT_INVALID:
                break;
        }
        return signal_text(c);
}
