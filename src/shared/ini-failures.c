/* SPDX-License-Identifier: MIT */

/* The mistakes in a configuration, as one text: a line for each, up to a limit, with its place. No clock. */

#include "shared/ini-failures.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last line, if there are more; ini_errors_brief() parses it. */
#define AND_MORE "and %u more mistake"

const char *ini_place_to_string(IniPlace place, char buf[static INI_PLACE_MAX])
{
        if (!place.file)
                (void)snprintf(buf, INI_PLACE_MAX, "default");
        else if (place.line == 0)
                (void)snprintf(buf, INI_PLACE_MAX, "%s", place.file);
        else
                (void)snprintf(buf, INI_PLACE_MAX, "%s:%u", place.file, place.line);
        return buf;
}

int ini_no_memory(IniFailures *f)
{
        free(TAKE_PTR(f->lines));
        return f->code = -ENOMEM;
}

/* Takes ownership of line. */
static int failures_append(IniFailures *f, char *line)
{
        char *joined = NULL;

        if (!line || f->code == -ENOMEM) {
                free(line);
                return ini_no_memory(f);
        }
        if (!f->lines) {
                f->lines = line;
                return 0;
        }
        if (asprintf(&joined, "%s\n%s", f->lines, line) < 0)
                joined = NULL;
        free(line);
        if (!joined)
                return ini_no_memory(f);
        free(f->lines);
        f->lines = joined;
        return 0;
}

_printf_(5, 0) static int ini_failv(
                IniFailures *f, int code, IniPlace place, const char *subject, const char *format, va_list ap)
{
        _cleanup_free_ char *reason = NULL;
        char where[INI_PLACE_MAX], *line = NULL;

        if (f->code == 0)
                f->code = code;
        if (f->n++ >= INI_ERRORS_MAX)
                return code;
        if (vasprintf(&reason, format, ap) < 0) {
                reason = NULL;
                return ini_no_memory(f);
        }
        if (asprintf(&line, "%s: %s%s%s", ini_place_to_string(place, where), subject ? subject : "",
                            subject ? ": " : "", reason) < 0)
                line = NULL;
        return failures_append(f, line) < 0 ? -ENOMEM : code;
}

int ini_fail(IniFailures *f, IniPlace place, const char *subject, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = ini_failv(f, -EINVAL, place, subject, format, ap);
        va_end(ap);
        return r;
}

int ini_fail_errno(IniFailures *f, int code, IniPlace place, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = ini_failv(f, code, place, NULL, format, ap);
        va_end(ap);
        return r;
}

char *ini_failures_take(IniFailures *f)
{
        char *line = NULL;

        if (f->n > INI_ERRORS_MAX) {
                unsigned more = f->n - INI_ERRORS_MAX;

                if (asprintf(&line, AND_MORE "%s", more, more == 1 ? "" : "s") < 0)
                        line = NULL;
                (void)failures_append(f, line); /* without memory there is no text */
        }
        return TAKE_PTR(f->lines);
}

char *ini_errors_brief(const char *errors, const char *command)
{
        const char *end = strchrnul(errors, '\n'), *line = end;
        unsigned more = 0, beyond;
        char *brief;

        for (; *line == '\n'; line = strchrnul(line + 1, '\n'))
                more += sscanf(line + 1, AND_MORE, &beyond) == 1 ? beyond : 1;
        if (more == 0)
                return strdup(errors);
        if (asprintf(&brief, "%.*s; and %u more mistake%s, which `%s` lists", (int)(end - errors), errors,
                            more, more == 1 ? "" : "s", command) < 0)
                return NULL;
        return brief;
}
