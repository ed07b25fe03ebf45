/* SPDX-License-Identifier: MIT */
/* What `export`, `report` and `trend` have in common: no file of the runner's is replaced without a word. No clock. */
#include "export/output-file.h"

#include <stdio.h>
#include <sys/stat.h>

#define KB 1000.0
#define MB 1000000.0

Outcome output_file_there(const char *path)
{
        return fail(OUTCOME_FAILED, "%s is there already; --force replaces it", path);
}

Outcome output_file_check(const char *path, const char *database, bool force)
{
        struct stat there, source;

        if (stat(path, &there) < 0)
                return OUTCOME_DONE;
        if (!S_ISREG(there.st_mode))
                return fail(OUTCOME_FAILED, "%s is not a file; leave --output out for standard output", path);
        if (stat(database, &source) == 0 && source.st_dev == there.st_dev && source.st_ino == there.st_ino)
                return fail(OUTCOME_FAILED, "%s is the database itself; name another file", path);
        return force ? OUTCOME_DONE : output_file_there(path);
}

const char *size_to_string(uint64_t bytes, char buf[static SIZE_STRING_MAX])
{
        double size = (double)bytes;
        char number[NUMBER_STRING_MAX];

        (void)snprintf(buf, SIZE_STRING_MAX, "%s %s",
                        number_to_string(size < MB ? size / KB : size / MB, 1, number),
                        size < MB ? "kB" : "MB");
        return buf;
}

void output_file_print(const Output *out, const char *path, uint64_t bytes)
{
        char size[SIZE_STRING_MAX];

        output_wrapped(out, STYLE_PLAIN, 0, 0, "%s: %s.", path, size_to_string(bytes, size));
}
