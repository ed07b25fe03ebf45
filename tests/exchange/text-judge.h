/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange/exchange.h"

/* Say what is wrong with a text file that was made of a session and its items; NULL if nothing is. The one for TCX needs the
 * schema, which is found from the tree's root. */
const char *tcx_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size);
const char *csv_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size);
const char *rr_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size);
const char *json_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size);

/* What they share. A number in a file is the one that was meant: the same, or to 2^-63 where it is below 2^-11; and none that is
 * too large is there. */
bool real_is_read(bool there, double read, double meant);
/* Characters, and no NUL. */
bool text_is_utf8(const uint8_t *data, size_t size);
/* A moment as the file must have it: local, ahead of UTC by so many minutes, or with Z. */
#define JUDGED_MOMENT_MAX 64
const char *judged_moment(
                const ExchangeSession *session, int64_t t, bool local, char buf[static JUDGED_MOMENT_MAX]);
