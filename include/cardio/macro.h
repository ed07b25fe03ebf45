/* SPDX-License-Identifier: MIT */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* A variable released when it goes out of scope: _cleanup_(store_freep) Store *s = NULL; */
#define _cleanup_(f)   __attribute__((__cleanup__(f)))
#define _printf_(a, b) __attribute__((__format__(printf, a, b)))
/* Runs for each heart rate: these functions are side by side in a section of their own, which bluez.c fetches as a whole. */
#define _hot_ __attribute__((__hot__, __section__("heart_rate")))
/* Seldom called, by one that runs for each heart rate: kept out of its way. */
#define _cold_   __attribute__((__cold__, __noinline__))
#define _unused_ __attribute__((__unused__))

#define ELEMENTSOF(x) (sizeof(x) / sizeof((x)[0]))

/* Hands a pointer on to its next owner and leaves NULL behind, so that the clean-up of the old one does nothing. */
#define TAKE_PTR(p)                          \
        ({                                   \
                __typeof__(p) _taken_ = (p); \
                (p) = NULL;                  \
                _taken_;                     \
        })

/* Defines func_p(), the form _cleanup_() wants, for a function that frees a pointer of this type and returns NULL. */
#define DEFINE_CLEANUP(type, func)          \
        static inline void func##p(type *p) \
        {                                   \
                if (*p)                     \
                        func(*p);           \
        }                                   \
        struct swallow_semicolon_

static inline void freep(void *p)
{
        free(*(void **)p);
}

#define _cleanup_free_ _cleanup_(freep)
