/* SPDX-License-Identifier: MIT */

/* What tests write files of. No clock. */

#include "exchange-fixture.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"

const ExchangeSession fixture_run = {
        .id = 7,
        .started_at = FIXTURE_STARTED_AT,
        .utc_offset_s = 7200,
        .kind = "recovery",
        .said_kind = "recovery",
        .record_kind = "",
        .device = "Polar H10 AB12",
        .note = "",
        .talk_test = "",
        .verdict = "",
        .source = "strap",
        .sport = "",
        .content = "",
        .ceiling_expression = "",
        .zone_model = "",
        .zone_bounds = "",
        .sex = "",
        .day_kind = "",
        .workout = "",
        .average = NAN,
        .lowest = NAN,
        .peak = NAN,
        .resting = 50,
        .maximum = 197,
        .ceiling = NAN,
        .tolerance = 3,
        .live_s = NAN,
        .over_s = NAN,
        .trimp = NAN,
        .longest_breach_s = NAN,
        .hard_s = NAN,
        .easy_s = NAN,
        .rmssd = NAN,
        .sdnn = NAN,
        .pnn50 = NAN,
        .artefact_percent = NAN,
        .hrr60 = NAN,
        .zone_s = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN },
        .clock_known = true,
};

ExchangeItem heart_rate(int64_t t, unsigned bpm)
{
        return (ExchangeItem){
                .type = EXCHANGE_SAMPLE, .t = t, .sample = { .heart_rate = bpm, .smoothed = bpm }
        };
}

ExchangeItem interval(int64_t t, unsigned rr)
{
        return (ExchangeItem){ .type = EXCHANGE_RR, .t = t, .rr = { .rr = (uint16_t)rr, .flag = -1 } };
}

ExchangeItem pace(int64_t t, double speed, double cadence, double distance)
{
        return (ExchangeItem){
                .type = EXCHANGE_PACE,
                .t = t,
                .pace = { .speed = speed,
                                .cadence = cadence,
                                .distance = distance,
                                .incline = NAN,
                                .ascent = NAN },
        };
}

ExchangeItem event(int64_t t, const char *type, double value, const char *detail)
{
        return (ExchangeItem){
                .type = EXCHANGE_EVENT, .t = t, .event = { .type = type, .value = value, .detail = detail }
        };
}

/* -- A file in memory -- */

static int file_write(void *userdata, const void *data, size_t size)
{
        File *f = userdata;

        assert(f->fails_at == 0 || f->n_calls < f->fails_at);
        if (++f->n_calls == f->fails_at)
                return -ENOSPC;
        if (f->size + size > f->allocated) {
                f->allocated = 2 * (f->size + size);
                f->data = realloc(f->data, f->allocated);
                assert(f->data);
        }
        memcpy(f->data + f->size, data, size);
        f->size += size;
        return 0;
}

static int file_patch(void *userdata, uint64_t offset, const void *data, size_t size)
{
        File *f = userdata;

        assert(f->fails_at == 0 || f->n_calls < f->fails_at);
        if (++f->n_calls == f->fails_at)
                return -ENOSPC;
        assert(offset + size <= f->size);
        memcpy(f->data + offset, data, size);
        return 0;
}

void file_done(File *f)
{
        free(f->data);
        memset(f, 0, sizeof(*f));
}

int exchange_write(const ExchangeFormat *format, File *f, const ExchangeSession *session,
                const ExchangeItem *items, size_t n)
{
        const ExchangeSink sink = { .write = file_write, .patch = file_patch, .userdata = f };
        _cleanup_free_ void *writer = calloc(1, format->size);
        int r;

        assert(writer);
        r = format->begin(writer, session, &sink);
        for (size_t i = 0; i < n && r == 0; i++)
                r = format->item(writer, &items[i]);
        if (r == 0)
                r = format->end(writer);
        if (format->free)
                format->free(writer);
        assert(r <= 0);
        return r;
}
