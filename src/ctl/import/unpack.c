/* SPDX-License-Identifier: MIT */

/* gzip, by zlib where it was there when this was built. What comes out is bounded, however little goes in. No clock. */

#include "import/unpack.h"

#include <errno.h>
#include <stdlib.h>

#include "cardio/macro.h"

#if HAVE_ZLIB
#include <zlib.h>
#endif

#define FIRST_SIZE (256U * 1024U)

bool unpack_is(const uint8_t *data, size_t size)
{
        return size >= 3 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 8;
}

#if HAVE_ZLIB

typedef struct Unpacked {
        uint8_t *bytes;
        size_t n, allocated, limit;
} Unpacked;

static int grow(Unpacked *u)
{
        size_t wanted = u->allocated == 0 ? FIRST_SIZE : 2 * u->allocated;
        uint8_t *bytes;

        if (wanted > u->limit + 1)
                wanted = u->limit + 1;
        if (u->n > u->limit)
                return -EFBIG;
        bytes = realloc(u->bytes, wanted);
        if (!bytes)
                return -ENOMEM;
        u->bytes = bytes;
        u->allocated = wanted;
        return 0;
}

/* All members, one after the other: gzip may have been asked to add to a file. What follows the last one is no matter. */
static int inflate_all(z_stream *z, Unpacked *u)
{
        int r;

        for (;;) {
                if (u->n == u->allocated) {
                        r = grow(u);
                        if (r < 0)
                                return r;
                }
                z->next_out = u->bytes + u->n;
                z->avail_out = (uInt)(u->allocated - u->n);
                r = inflate(z, Z_NO_FLUSH);
                u->n = u->allocated - z->avail_out;
                if (r == Z_MEM_ERROR)
                        return -ENOMEM;
                if (r == Z_STREAM_END) {
                        if (!unpack_is(z->next_in, z->avail_in))
                                return u->n > u->limit ? -EFBIG : 0;
                        r = inflateReset(z);
                }
                if (r == Z_BUF_ERROR && z->avail_in > 0 && z->avail_out == 0)
                        continue; /* it only wants room */
                if (r != Z_OK)
                        return -EBADMSG;
        }
}

int unpack(const uint8_t *data, size_t size, size_t limit, uint8_t **ret, size_t *ret_size)
{
        z_stream z = { .next_in = (z_const Bytef *)data, .avail_in = (uInt)size };
        Unpacked u = { .limit = limit };
        int r;

        if (size > UINT32_MAX || limit > UINT32_MAX / 2)
                return -EFBIG;
        if (inflateInit2(&z, 15 + 16) != Z_OK) /* a window of any size, and gzip's header */
                return -ENOMEM;
        r = inflate_all(&z, &u);
        (void)inflateEnd(&z);
        if (r < 0) {
                free(u.bytes);
                return r;
        }
        *ret = u.bytes;
        *ret_size = u.n;
        return 0;
}

#else

int unpack(const uint8_t *data, size_t size, size_t limit, uint8_t **ret, size_t *ret_size)
{
        (void)data;
        (void)size;
        (void)limit;
        (void)ret;
        (void)ret_size;
        return -EOPNOTSUPP;
}

#endif
