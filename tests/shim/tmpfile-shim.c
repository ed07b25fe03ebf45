/* SPDX-License-Identifier: MIT */

/* A file system that knows no files without a name: LD_PRELOAD this, and set TMPFILE_SHIM. */

#include "tmpfile-shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int openat(int folder, const char *path, int flags, ...)
{
        va_list arguments;
        mode_t mode;

        va_start(arguments, flags);
        mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
        va_end(arguments);
        if ((flags & O_TMPFILE) == O_TMPFILE && getenv("TMPFILE_SHIM")) {
                errno = EOPNOTSUPP;
                return -1;
        }
        return (int)syscall(SYS_openat, folder, path, flags, mode);
}
