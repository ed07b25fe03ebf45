/* SPDX-License-Identifier: MIT */

/* Bytes gathered for a sink. No memory but the caller's, no clock. */

#include "exchange/text-out.h"

#include <string.h>

void text_out_begin(TextOut *out, const ExchangeSink *sink)
{
        out->sink = sink;
        out->error = 0;
        out->n = 0;
}

static void flush(TextOut *out)
{
        if (out->error == 0 && out->n > 0)
                out->error = out->sink->write(out->sink->userdata, out->bytes, out->n);
        out->n = 0;
}

void text_out_bytes(TextOut *out, const char *bytes, size_t size)
{
        while (size > 0 && out->error == 0) {
                size_t room = sizeof(out->bytes) - out->n, part = size < room ? size : room;

                memcpy(out->bytes + out->n, bytes, part);
                out->n += part;
                bytes += part;
                size -= part;
                if (out->n == sizeof(out->bytes))
                        flush(out);
        }
}

void text_out(TextOut *out, const char *text)
{
        text_out_bytes(out, text, strlen(text));
}

int text_out_end(TextOut *out)
{
        flush(out);
        return out->error;
}
