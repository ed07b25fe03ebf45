/* SPDX-License-Identifier: MIT */

/* The mistakes in a configuration, as one text: a line for each, up to a limit, with its place. No clock. */

#include "config/failures.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

/* The last line, if there are more; config_errors_brief() parses it. */
#define AND_MORE "and %u more mistake"

int config_no_memory(ConfigFailures *f)
{
        free(TAKE_PTR(f->lines));
        return f->code = -ENOMEM;
}

/* Takes ownership of line. */
static int failures_append(ConfigFailures *f, char *line)
{
        char *joined = NULL;

        if (!line || f->code == -ENOMEM) {
                free(line);
                return config_no_memory(f);
        }
        if (!f->lines) {
                f->lines = line;
                return 0;
        }
        if (asprintf(&joined, "%s\n%s", f->lines, line) < 0)
                joined = NULL;
        free(line);
        if (!joined)
                return config_no_memory(f);
        free(f->lines);
        f->lines = joined;
        return 0;
}

_printf_(5, 0) static int config_failv(ConfigFailures *f, int code, ConfigPlace place, const char *subject,
                const char *format, va_list ap)
{
        _cleanup_free_ char *reason = NULL;
        char where[CONFIG_PLACE_MAX], *line = NULL;

        if (f->code == 0)
                f->code = code;
        if (f->n++ >= CONFIG_ERRORS_MAX)
                return code;
        if (vasprintf(&reason, format, ap) < 0) {
                reason = NULL;
                return config_no_memory(f);
        }
        if (asprintf(&line, "%s: %s%s%s", config_place_to_string(place, where), subject ? subject : "",
                            subject ? ": " : "", reason) < 0)
                line = NULL;
        return failures_append(f, line) < 0 ? -ENOMEM : code;
}

int config_fail(ConfigFailures *f, ConfigPlace place, const char *subject, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = config_failv(f, -EINVAL, place, subject, format, ap);
        va_end(ap);
        return r;
}

int config_fail_errno(ConfigFailures *f, int code, ConfigPlace place, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = config_failv(f, code, place, NULL, format, ap);
        va_end(ap);
        return r;
}

char *config_failures_take(ConfigFailures *f)
{
        char *line = NULL;

        if (f->n > CONFIG_ERRORS_MAX) {
                unsigned more = f->n - CONFIG_ERRORS_MAX;

                if (asprintf(&line, AND_MORE "%s", more, more == 1 ? "" : "s") < 0)
                        line = NULL;
                (void)failures_append(f, line); /* without memory there is no text */
        }
        return TAKE_PTR(f->lines);
}

char *config_errors_brief(const char *errors)
{
        const char *end = strchrnul(errors, '\n'), *line = end;
        unsigned more = 0, beyond;
        char *brief;

        for (; *line == '\n'; line = strchrnul(line + 1, '\n'))
                more += sscanf(line + 1, AND_MORE, &beyond) == 1 ? beyond : 1;
        if (more == 0)
                return strdup(errors);
        if (asprintf(&brief, "%.*s; and %u more mistake%s, which `cardiod --check-config` lists",
                            (int)(end - errors), errors, more, more == 1 ? "" : "s") < 0)
                return NULL;
        return brief;
}
