/* SPDX-License-Identifier: MIT */

/* A session with its heart rates, R-R intervals and events as one JSON document, for programs and to be taken back:
 *
 *      {
 *        "cardiod": "0.1.0",              what wrote it
 *        "version": 1,                    of this form; a member that is added does not change it
 *        "session": { "id": 7, … },       as in the database, null = not known or none
 *        "timeline": [                    in order of time, t in ms since started_at
 *          {"t": 0, "event": "step", "value": 1, "detail": "warm-up"},
 *          {"t": 0, "speed": 3.36, "cadence": 161, "distance": 0, "incline": null},
 *          {"t": 0, "rr": [830, 828], "heart_rate": 72, "smoothed": 72, "zone": 1, "contact": true}
 *        ]
 *      }
 *
 * kind is the one that the session counts as, said_kind what the runner said: it is what is taken back. R-R intervals are in
 * 1/1024 s, as the strap sent them, "rr_flags" beside them where they were classified. contact is null if the strap cannot tell;
 * a smoothed heart rate that is not to be gone by has "settled": false; "alpha1" stands where it was computed, "ascent" where a
 * treadmill counts it. Every number is read back as what it was, and so is all
 * text but for bytes that are not UTF-8, which become U+FFFD. What is not plainly visible is escaped, since a document, too, may
 * be printed on a terminal. */

#include "exchange/exchange.h"

#include <math.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/text.h"
#include "exchange/figure.h"
#include "exchange/text-out.h"

#define RR_MAX 255U /* in one object of the timeline; more take another one */

typedef struct JsonWriter {
        TextOut out;
        bool first;      /* nothing is in the timeline */
        bool open;       /* an object with R-R intervals, of rr_t */
        bool classified; /* one of them is */
        int64_t rr_t;
        size_t n_rr;
        int8_t flag[RR_MAX];
} JsonWriter;

static void put_hex(TextOut *out, uint32_t unit)
{
        static const char digits[] = "0123456789abcdef";
        char text[] = { '\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15], digits[unit >> 4 & 15],
                digits[unit & 15] };

        text_out_bytes(out, text, sizeof(text));
}

static void put_escaped(TextOut *out, uint32_t c)
{
        if (c >= 0x10000) {
                put_hex(out, 0xd800 + ((c - 0x10000) >> 10));
                put_hex(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
        } else {
                put_hex(out, c);
        }
}

static void put_string(TextOut *out, const char *text)
{
        uint32_t c;

        text_out(out, "\"");
        while (*text) {
                size_t length = utf8_next(text, &c);

                if (c == '"' || c == '\\')
                        text_out(out, "\\");
                if (c == UTF8_INVALID)
                        put_escaped(out, 0xfffd);
                else if (c == '\n')
                        text_out(out, "\\n");
                else if (utf8_is_control(c))
                        put_escaped(out, c);
                else
                        text_out_bytes(out, text, length);
                text += length;
        }
        text_out(out, "\"");
}

static void put_real(TextOut *out, double value)
{
        char text[FIGURE_MAX];
        const char *figure = figure_from_real(value, text);

        text_out(out, figure ? figure : "null");
}

static void put_integer(TextOut *out, int64_t value)
{
        char text[FIGURE_MAX];

        text_out(out, figure_from_integer(value, text));
}

static void put_texts(TextOut *out, const ExchangeSession *s)
{
        const struct {
                const char *key, *text;
        } texts[] = {
                { "kind", s->kind },
                { "said_kind", s->said_kind },
                { "record_kind", s->record_kind },
                { "day_kind", s->day_kind },
                { "workout", s->workout },
                { "strap", s->device },
                { "sport", s->sport },
                { "content", s->content },
                { "talk_test", s->talk_test },
                { "verdict", s->verdict },
                { "note", s->note },
                { "sex", s->sex },
                { "ceiling_expression", s->ceiling_expression },
                { "zone_model", s->zone_model },
                { "zone_bounds", s->zone_bounds },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                text_out(out, ",\n    ");
                put_string(out, texts[i].key);
                text_out(out, ": ");
                if (*texts[i].text)
                        put_string(out, texts[i].text);
                else
                        text_out(out, "null");
        }
}

static void put_figures(TextOut *out, const ExchangeSession *s)
{
        const struct {
                const char *key;
                double value;
        } figures[] = {
                { "resting_hr", s->resting },
                { "max_hr", s->maximum },
                { "ceiling", s->ceiling },
                { "tolerance", s->tolerance },
                { "avg_hr", s->average },
                { "min_hr", s->lowest },
                { "peak_hr", s->peak },
                { "live_s", s->live_s },
                { "over_s", s->over_s },
                { "longest_breach_s", s->longest_breach_s },
                { "hard_s", s->hard_s },
                { "easy_s", s->easy_s },
                { "trimp", s->trimp },
                { "rmssd", s->rmssd },
                { "sdnn", s->sdnn },
                { "pnn50", s->pnn50 },
                { "artefact_percent", s->artefact_percent },
                { "hrr60", s->hrr60 },
                { "rpe", s->rpe > 0 ? (double)s->rpe : (double)NAN },
        };

        for (size_t i = 0; i < ELEMENTSOF(figures); i++) {
                text_out(out, ",\n    ");
                put_string(out, figures[i].key);
                text_out(out, ": ");
                put_real(out, figures[i].value);
        }
}

static void put_flags(TextOut *out, const ExchangeSession *s)
{
        const struct {
                const char *key;
                bool value;
        } flags[] = {
                { "by_hand", s->by_hand },
                { "record_long", s->record_long },
                { "clock_known", s->clock_known },
        };

        for (size_t i = 0; i < ELEMENTSOF(flags); i++) {
                text_out(out, ",\n    ");
                put_string(out, flags[i].key);
                text_out(out, flags[i].value ? ": true" : ": false");
        }
}

static void put_zones(TextOut *out, const ExchangeSession *s)
{
        bool first = true;

        text_out(out, ",\n    \"zones\": [");
        for (unsigned i = 0; i < EXCHANGE_ZONES; i++) {
                if (!isfinite(s->zone_s[i]))
                        continue;
                text_out(out, first ? "{\"zone\": " : ", {\"zone\": ");
                put_integer(out, i);
                text_out(out, ", \"seconds\": ");
                put_real(out, s->zone_s[i]);
                text_out(out, "}");
                first = false;
        }
        text_out(out, "]");
}

static int json_begin(void *writer, const ExchangeSession *s, const ExchangeSink *sink)
{
        JsonWriter *w = writer;
        int64_t ended_at;

        if (__builtin_add_overflow(s->started_at, s->length, &ended_at))
                return -EINVAL;
        w->first = true;
        w->open = false;
        text_out_begin(&w->out, sink);
        text_out(&w->out, "{\n  \"cardiod\": \"" CARDIO_VERSION
                          "\",\n  \"version\": 1,\n  \"session\": {\n    \"id\": ");
        put_integer(&w->out, s->id);
        text_out(&w->out, ",\n    \"source\": ");
        put_string(&w->out, s->source);
        text_out(&w->out, ",\n    \"started_at\": ");
        put_integer(&w->out, s->started_at);
        text_out(&w->out, ",\n    \"ended_at\": ");
        put_integer(&w->out, ended_at);
        text_out(&w->out, ",\n    \"utc_offset_s\": ");
        put_integer(&w->out, s->utc_offset_s);
        put_texts(&w->out, s);
        put_figures(&w->out, s);
        text_out(&w->out, ",\n    \"breaches\": ");
        put_integer(&w->out, s->breaches);
        put_flags(&w->out, s);
        put_zones(&w->out, s);
        text_out(&w->out, "\n  },\n  \"timeline\": [");
        return w->out.error;
}

static void put_t(JsonWriter *w, int64_t t)
{
        text_out(&w->out, w->first ? "\n    {\"t\": " : ",\n    {\"t\": ");
        put_integer(&w->out, t);
        w->first = false;
}

static void close_rr(JsonWriter *w)
{
        text_out(&w->out, "]");
        if (w->classified) {
                text_out(&w->out, ", \"rr_flags\": [");
                for (size_t i = 0; i < w->n_rr; i++) {
                        text_out(&w->out, i > 0 ? ", " : "");
                        put_real(&w->out, w->flag[i] >= 0 ? (double)w->flag[i] : (double)NAN);
                }
                text_out(&w->out, "]");
        }
        w->open = false;
}

/* What came with no heart rate has an object of its own. */
static void close_object(JsonWriter *w)
{
        if (!w->open)
                return;
        close_rr(w);
        text_out(&w->out, "}");
}

static void put_rr(JsonWriter *w, const ExchangeItem *item)
{
        if (w->open && (w->rr_t != item->t || w->n_rr == RR_MAX))
                close_object(w);
        if (w->open) {
                text_out(&w->out, ", ");
        } else {
                put_t(w, item->t);
                text_out(&w->out, ", \"rr\": [");
                w->open = true;
                w->classified = false;
                w->rr_t = item->t;
                w->n_rr = 0;
        }
        put_integer(&w->out, item->rr.rr);
        w->flag[w->n_rr++] = item->rr.flag >= 0 && item->rr.flag <= INT8_MAX ? (int8_t)item->rr.flag : -1;
        w->classified = w->classified || item->rr.flag >= 0;
}

static void put_sample(JsonWriter *w, const ExchangeItem *item)
{
        if (w->open && w->rr_t == item->t) {
                close_rr(w);
        } else {
                close_object(w);
                put_t(w, item->t);
        }
        text_out(&w->out, ", \"heart_rate\": ");
        put_integer(&w->out, item->sample.heart_rate);
        text_out(&w->out, ", \"smoothed\": ");
        put_real(&w->out, item->sample.smoothed);
        text_out(&w->out, ", \"zone\": ");
        put_integer(&w->out, item->sample.zone);
        text_out(&w->out, ", \"contact\": ");
        text_out(&w->out, item->sample.contact == 1 ? "true" : item->sample.contact == 2 ? "false" : "null");
        if (item->sample.unsettled)
                text_out(&w->out, ", \"settled\": false");
        if (item->sample.has_alpha1) {
                text_out(&w->out, ", \"alpha1\": ");
                put_real(&w->out, item->sample.alpha1);
        }
        text_out(&w->out, "}");
}

static void put_event(JsonWriter *w, const ExchangeItem *item)
{
        close_object(w);
        put_t(w, item->t);
        text_out(&w->out, ", \"event\": ");
        put_string(&w->out, item->event.type);
        text_out(&w->out, ", \"value\": ");
        put_real(&w->out, item->event.value);
        text_out(&w->out, ", \"detail\": ");
        if (*item->event.detail)
                put_string(&w->out, item->event.detail);
        else
                text_out(&w->out, "null");
        text_out(&w->out, "}");
}

static void put_pace(JsonWriter *w, const ExchangeItem *item)
{
        close_object(w);
        put_t(w, item->t);
        text_out(&w->out, ", \"speed\": ");
        put_real(&w->out, item->pace.speed);
        text_out(&w->out, ", \"cadence\": ");
        put_real(&w->out, item->pace.cadence);
        text_out(&w->out, ", \"distance\": ");
        put_real(&w->out, item->pace.distance);
        text_out(&w->out, ", \"incline\": ");
        put_real(&w->out, item->pace.incline);
        if (isfinite(item->pace.ascent)) {
                text_out(&w->out, ", \"ascent\": ");
                put_real(&w->out, item->pace.ascent);
        }
        text_out(&w->out, "}");
}

static int json_item(void *writer, const ExchangeItem *item)
{
        JsonWriter *w = writer;

        switch (item->type) {
        case EXCHANGE_EVENT:
                put_event(w, item);
                return w->out.error;
        case EXCHANGE_PACE:
                put_pace(w, item);
                return w->out.error;
        case EXCHANGE_RR:
                put_rr(w, item);
                return w->out.error;
        case EXCHANGE_SAMPLE:
                put_sample(w, item);
                return w->out.error;
        case _EXCHANGE_ITEM_TYPE_MAX:
        case _EXCHANGE_ITEM_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

static int json_end(void *writer)
{
        JsonWriter *w = writer;

        close_object(w);
        text_out(&w->out, w->first ? "]\n}\n" : "\n  ]\n}\n");
        return text_out_end(&w->out);
}

const ExchangeFormat exchange_json = {
        .name = "json",
        .extension = "json",
        .size = sizeof(JsonWriter),
        .begin = json_begin,
        .item = json_item,
        .end = json_end,
};
