/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange/exchange.h"

/* Every format that sessions are written in, and who says what is wrong with a file of it (NULL if nothing is). */
typedef struct JudgedFormat {
        const ExchangeFormat *format; /* NULL behind the last one */
        const char *(*judge)(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                        const uint8_t *data, size_t size);
} JudgedFormat;

extern const JudgedFormat judged_formats[];
