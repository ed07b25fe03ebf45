/* SPDX-License-Identifier: MIT */

/* What is wrong with a configuration, all of it in one text: a line for each mistake, up to a limit, each with its place.
 * What a mistake makes unknown is remembered, so that nothing is called wrong only because something else was. */

#include "config/load.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The last line, where there were more; config_errors_brief() reads it back. */
#define AND_MORE "and %u more mistake"

const char *config_place_to_string(ConfigPlace place, char buf[static CONFIG_PLACE_MAX])
{
        if (!place.file)
                (void)snprintf(buf, CONFIG_PLACE_MAX, "default");
        else if (place.line == 0)
                (void)snprintf(buf, CONFIG_PLACE_MAX, "%s", place.file);
        else
                (void)snprintf(buf, CONFIG_PLACE_MAX, "%s:%u", place.file, place.line);
        return buf;
}

int config_no_memory(ConfigLoad *l)
{
        free(TAKE_PTR(l->errors));
        return l->code = -ENOMEM;
}

/* Takes the line. */
static int errors_append(ConfigLoad *l, char *line)
{
        char *joined = NULL;

        if (!line || l->code == -ENOMEM) {
                free(line);
                return config_no_memory(l);
        }
        if (!l->errors) {
                l->errors = line;
                return 0;
        }
        if (asprintf(&joined, "%s\n%s", l->errors, line) < 0)
                joined = NULL;
        free(line);
        if (!joined)
                return config_no_memory(l);
        free(l->errors);
        l->errors = joined;
        return 0;
}

_printf_(5, 0) static int config_failv(ConfigLoad *l, int code, ConfigPlace place, const char *subject,
                const char *format, va_list ap)
{
        _cleanup_free_ char *reason = NULL;
        char where[CONFIG_PLACE_MAX], *line = NULL;

        if (l->code == 0)
                l->code = code;
        if (l->n_errors++ >= CONFIG_ERRORS_MAX)
                return code;
        if (vasprintf(&reason, format, ap) < 0) {
                reason = NULL;
                return config_no_memory(l);
        }
        if (asprintf(&line, "%s: %s%s%s", config_place_to_string(place, where), subject ? subject : "",
                            subject ? ": " : "", reason) < 0)
                line = NULL;
        return errors_append(l, line) < 0 ? -ENOMEM : code;
}

int config_fail(ConfigLoad *l, ConfigPlace place, const char *subject, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = config_failv(l, -EINVAL, place, subject, format, ap);
        va_end(ap);
        return r;
}

int config_fail_errno(ConfigLoad *l, int code, ConfigPlace place, const char *format, ...)
{
        va_list ap;
        int r;

        va_start(ap, format);
        r = config_failv(l, code, place, NULL, format, ap);
        va_end(ap);
        return r;
}

char *config_errors_take(ConfigLoad *l)
{
        char *line = NULL;

        if (l->n_errors > CONFIG_ERRORS_MAX) {
                unsigned more = l->n_errors - CONFIG_ERRORS_MAX;

                if (asprintf(&line, AND_MORE "%s", more, more == 1 ? "" : "s") < 0)
                        line = NULL;
                (void)errors_append(l, line); /* short memory has left no text */
        }
        return TAKE_PTR(l->errors);
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
