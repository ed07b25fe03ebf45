/* SPDX-License-Identifier: MIT */
/* What every verb uses of its call: the options given, and how to report an error. No clock. */
#include "ctl.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "text.h"

Outcome fail(Outcome outcome, const char *format, ...)
{
        _cleanup_free_ char *text = NULL, *clean = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = text_formatted(format, arguments);
        va_end(arguments);
        clean = text_clean(text);
        (void)fflush(stdout);
        fprintf(stderr, "cardioctl: %s\n", clean);
        return outcome;
}

const char *call_option(const Call *call, const char *name)
{
        for (size_t i = 0; call->verb->options && call->verb->options[i].name; i++)
                if (strcmp(call->verb->options[i].name, name) == 0)
                        return call->value[i];
        assert(!"an option of the verb");
        return NULL;
}
