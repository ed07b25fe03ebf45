/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* FNV-1a with 64 bits: tells texts apart, and finds what a disk has damaged. Nothing that keeps an attacker out. */
#define FNV1A_BEGIN UINT64_C(0xcbf29ce484222325)

/* Goes on from FNV1A_BEGIN, or from what the bytes before came to. */
static inline uint64_t fnv1a(uint64_t hash, const void *data, size_t size)
{
        const uint8_t *p = data;

        for (size_t i = 0; i < size; i++)
                hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
        return hash;
}
