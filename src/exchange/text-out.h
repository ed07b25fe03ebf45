/* SPDX-License-Identifier: MIT */
#pragma once

#include "exchange/exchange.h"

/* Text on its way to a sink, in pieces of some size. The first error stays, and nothing is written after it, so that a writer
 * asks once, at the end of what it does. */

#define TEXT_OUT_BYTES 2048U

typedef struct TextOut {
        const ExchangeSink *sink;
        int error; /* 0, or the sink's */
        size_t n;
        char bytes[TEXT_OUT_BYTES];
} TextOut;

void text_out_begin(TextOut *out, const ExchangeSink *sink);
void text_out_bytes(TextOut *out, const char *bytes, size_t size);
void text_out(TextOut *out, const char *text);
/* Returns 0 or the first error. */
int text_out_end(TextOut *out);
