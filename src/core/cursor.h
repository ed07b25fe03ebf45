/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a value from the air field by field, little-endian, and cannot leave it. A field that is not all there is not read, and
 * none behind it. */
typedef struct Cursor {
        const uint8_t *next;
        size_t left;
} Cursor;

/* An unsigned number of up to four bytes. */
static inline bool cursor_pull(Cursor *c, unsigned bytes, uint32_t *ret)
{
        uint32_t number = 0;

        if (c->left < bytes) {
                c->left = 0;
                return false;
        }
        for (unsigned i = 0; i < bytes; i++)
                number |= (uint32_t)c->next[i] << 8 * i;
        c->next += bytes;
        c->left -= bytes;
        *ret = number;
        return true;
}

static inline bool cursor_pull_u8(Cursor *c, uint8_t *ret)
{
        uint32_t number;

        if (!cursor_pull(c, 1, &number))
                return false;
        *ret = (uint8_t)number;
        return true;
}

static inline bool cursor_pull_le16(Cursor *c, uint16_t *ret)
{
        uint32_t number;

        if (!cursor_pull(c, 2, &number))
                return false;
        *ret = (uint16_t)number;
        return true;
}
