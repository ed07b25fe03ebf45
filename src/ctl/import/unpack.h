/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files that gzip has packed, as archives of Strava and Garmin are full of. */

/* Whether they begin like one. */
bool unpack_is(const uint8_t *data, size_t size);

/* Unpacks all of it into memory of its own, to be freed. Returns 0; -ENOMEM; -EFBIG if there would be more than limit; -EBADMSG if
 * it is damaged or cut short; or -EOPNOTSUPP in a program that was built without zlib. */
int unpack(const uint8_t *data, size_t size, size_t limit, uint8_t **ret, size_t *ret_size);
