/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange/exchange.h"

/* Says what is wrong with a FIT file that was made of a session and its items; NULL if nothing is. */
const char *fit_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size);
