/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A command that takes a second cannot do its work without memory and has nothing to clean up first: it exits. Put around
 * calls that return NULL only for want of memory. */
#define checked(p)                             \
        ({                                     \
                __typeof__(p) _checked_ = (p); \
                if (!_checked_)                \
                        out_of_memory();       \
                _checked_;                     \
        })

static inline void __attribute__((noreturn)) out_of_memory(void)
{
        fputs("cardioctl: out of memory\n", stderr);
        exit(EXIT_FAILURE);
}

/* The text that a format makes, to be freed. */
static inline char *__attribute__((format(printf, 1, 0)))
text_formatted(const char *format, va_list arguments)
{
        char *text;

        if (vasprintf(&text, format, arguments) < 0)
                out_of_memory();
        return text;
}
