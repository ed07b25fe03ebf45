/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One FIT file of those that are chained in some bytes. */
typedef struct FitExtent {
        size_t begin;
        size_t data, end; /* of its records */
        size_t next;      /* where another file may begin */
        bool is_cut;      /* it is not known that its records end there */
        const char *flaw; /* what is wrong with its length or checksum, and where; NULL = nothing */
        size_t flaw_at;
} FitExtent;

bool fit_is_header(const uint8_t *bytes, size_t size);
/* Returns whether a file begins there, with a header that is whole. */
bool fit_extent_find(const uint8_t *bytes, size_t size, size_t begin, FitExtent *ret);
