/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>
#include <stdlib.h>

/* A command of a second cannot do its work without memory and has nothing to put in order first: it ends.
 * Around whatever returns NULL only for that reason. */
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
