/* SPDX-License-Identifier: MIT */

/* R-R intervals as text, for programs that study them: one a line, in ms, as they came and in the order in which they came. No
 * head, no times, nothing for a gap.
 *
 * Three decimals, since a strap counts in 1/1024 s: rounded to whole ms they would be noisier than they are, and could not be
 * taken back. A program that reads whole numbers stops at the point, and is right to 1 ms. */

#include "exchange/exchange.h"

#include "exchange/figure.h"
#include "exchange/text-out.h"

typedef struct RrWriter {
        TextOut out;
} RrWriter;

static int rr_begin(void *writer, const ExchangeSession *session, const ExchangeSink *sink)
{
        RrWriter *w = writer;

        (void)session;
        text_out_begin(&w->out, sink);
        return 0;
}

static int rr_item(void *writer, const ExchangeItem *item)
{
        RrWriter *w = writer;
        char text[FIGURE_MAX];

        if (item->type == EXCHANGE_RR) {
                text_out(&w->out, figure_from_rr(item->rr.rr, text));
                text_out(&w->out, "\n");
        }
        return w->out.error;
}

static int rr_end(void *writer)
{
        RrWriter *w = writer;

        return text_out_end(&w->out);
}

const ExchangeFormat exchange_rr = {
        .name = "rr",
        .extension = "txt",
        .size = sizeof(RrWriter),
        .begin = rr_begin,
        .item = rr_item,
        .end = rr_end,
};
