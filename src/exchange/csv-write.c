/* SPDX-License-Identifier: MIT */

/* Heart rates as a table for a spreadsheet: RFC 4180, but for lines that end with LF, which tools here and spreadsheets
 * alike take. A line of names, then a row for each heart rate, and one for each pace without a heart rate near to it, see point.h:
 *
 *      time        with milliseconds, on the clock of where it was run, and what that was ahead of UTC
 *      seconds     since the first heart rate
 *      heart_rate  bpm
 *      smoothed    bpm
 *      zone
 *      contact     yes, no, or empty if the strap cannot tell
 *      rr_ms       the R-R intervals that came with it, with blanks in between
 *      event       what happened since the row before: type, value and detail; "; " in between
 *      speed_m_s
 *      cadence_spm steps per min, of both feet
 *      distance_m  since the session's start
 *      incline     per cent
 *
 * The columns are the same for every session: a script that adds up many files need not ask each which ones it has. Cells of what is
 * not known are empty, the last four of a session without pace always.
 *
 * Heart rates and R-R intervals are taken back exactly, how fast it went at the time of its row. Of events their own times, and
 * those after the last heart rate, are left out. Nothing is said of the session as a whole: lines beside the table are what
 * spreadsheets and scripts trip over. Decimals have a point in every locale. Names of columns are what to go by: others may
 * follow.
 *
 * Events have text of others in them. It is made plain, so that a row is always one line, and a cell that a spreadsheet would
 * take for a formula begins with an apostrophe. */

#include "exchange/exchange.h"

#include <math.h>
#include <string.h>

#include "cardio/measurement.h"
#include "cardio/text.h"
#include "exchange/figure.h"
#include "exchange/point.h"
#include "exchange/text-out.h"

#define EVENTS_BYTES 2048U /* of those before one heart rate; what does not fit is left out */

typedef struct CsvWriter {
        TextOut out;
        int64_t started_at;
        int32_t offset_s;
        PointMaker points;
        size_t n_rr, n_events;
        uint16_t rr[MEASUREMENT_RR_MAX];
        char events[EVENTS_BYTES];
} CsvWriter;

static int put_row(void *userdata, const Point *point);

static int csv_begin(void *writer, const ExchangeSession *session, const ExchangeSink *sink)
{
        CsvWriter *w = writer;

        w->started_at = session->started_at;
        w->offset_s = session->utc_offset_s == MOMENT_UTC ? 0 : session->utc_offset_s;
        w->n_rr = w->n_events = 0;
        text_out_begin(&w->out, sink);
        point_maker_begin(&w->points, session, put_row, w);
        text_out(&w->out, "time,seconds,heart_rate,smoothed,zone,contact,rr_ms,event,"
                          "speed_m_s,cadence_spm,distance_m,incline\n");
        return w->out.error;
}

/* As many whole characters as fit. */
static void add_event_text(CsvWriter *w, const char *text)
{
        uint32_t c;

        while (*text) {
                size_t length = utf8_next(text, &c);
                const char *plain = c == UTF8_INVALID ? "\xef\xbf\xbd" : utf8_is_control(c) ? " " : text;
                size_t size = c == UTF8_INVALID ? 3 : utf8_is_control(c) ? 1 : length;

                if (size > sizeof(w->events) - w->n_events)
                        return;
                memcpy(w->events + w->n_events, plain, size);
                w->n_events += size;
                text += length;
        }
}

static void add_event(CsvWriter *w, const ExchangeItem *item)
{
        char text[FIGURE_MAX];
        const char *value = figure_from_real(item->event.value, text);

        if (w->n_events > 0)
                add_event_text(w, "; ");
        add_event_text(w, item->event.type);
        if (value) {
                add_event_text(w, " ");
                add_event_text(w, value);
        }
        if (*item->event.detail) {
                add_event_text(w, " ");
                add_event_text(w, item->event.detail);
        }
}

static int add_rr(CsvWriter *w, uint16_t rr)
{
        if (w->n_rr >= sizeof(w->rr) / sizeof(w->rr[0]))
                return -EINVAL; /* more than a strap can send at once */
        w->rr[w->n_rr++] = rr;
        return 0;
}

static void put_rr(CsvWriter *w)
{
        char text[FIGURE_MAX];

        for (size_t i = 0; i < w->n_rr; i++) {
                if (i > 0)
                        text_out(&w->out, " ");
                text_out(&w->out, figure_from_rr(w->rr[i], text));
        }
        w->n_rr = 0;
}

static void put_events(CsvWriter *w)
{
        const char *events = w->events;
        bool formula = w->n_events > 0 && strchr("=+-@", events[0]);
        bool quoted = w->n_events > 0 &&
                      (memchr(events, '"', w->n_events) || memchr(events, ',', w->n_events));

        if (quoted)
                text_out(&w->out, "\"");
        if (formula)
                text_out(&w->out, "'");
        for (size_t i = 0; i < w->n_events; i++)
                text_out_bytes(&w->out, events[i] == '"' ? "\"\"" : events + i, events[i] == '"' ? 2 : 1);
        if (quoted)
                text_out(&w->out, "\"");
        w->n_events = 0;
}

static void put_real(CsvWriter *w, double value)
{
        char text[FIGURE_MAX];
        const char *figure = figure_from_real(value, text);

        text_out(&w->out, figure ? figure : "");
}

/* From heart_rate to event. */
static void put_sample(CsvWriter *w, const ExchangeSample *sample)
{
        static const char *const contact[] = { "", "yes", "no" };
        char text[FIGURE_MAX];

        text_out(&w->out, figure_from_integer(sample->heart_rate, text));
        text_out(&w->out, ",");
        put_real(w, sample->smoothed);
        text_out(&w->out, ",");
        text_out(&w->out, figure_from_integer(sample->zone, text));
        text_out(&w->out, ",");
        text_out(&w->out, sample->contact < 3 ? contact[sample->contact] : "");
        text_out(&w->out, ",");
        put_rr(w);
        text_out(&w->out, ",");
        put_events(w);
}

static void put_pace(CsvWriter *w, const ExchangePace *pace)
{
        put_real(w, pace->speed);
        text_out(&w->out, ",");
        put_real(w, pace->cadence);
        text_out(&w->out, ",");
        put_real(w, pace->distance);
        text_out(&w->out, ",");
        put_real(w, pace->incline);
}

static int put_row(void *userdata, const Point *point)
{
        CsvWriter *w = userdata;
        char text[FIGURE_MAX];
        int r = moment_to_string(w->started_at, point->t, w->offset_s, text);

        if (r < 0)
                return r;
        text_out(&w->out, text);
        text_out(&w->out, ",");
        text_out(&w->out, figure_from_thousandths(point->t, text));
        text_out(&w->out, ",");
        if (point->has_heart_rate)
                put_sample(w, &point->sample);
        else
                text_out(&w->out, ",,,,,");
        text_out(&w->out, ",");
        if (point->has_pace)
                put_pace(w, &point->pace);
        else
                text_out(&w->out, ",,,");
        text_out(&w->out, "\n");
        return w->out.error;
}

static int csv_item(void *writer, const ExchangeItem *item)
{
        CsvWriter *w = writer;
        int r = point_maker_item(&w->points, item);

        if (r < 0)
                return r;
        switch (item->type) {
        case EXCHANGE_EVENT:
                add_event(w, item);
                return 0;
        case EXCHANGE_RR:
                return add_rr(w, item->rr.rr);
        case EXCHANGE_PACE: /* they are points */
        case EXCHANGE_SAMPLE:
                return 0;
        case _EXCHANGE_ITEM_TYPE_MAX:
        case _EXCHANGE_ITEM_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

static int csv_end(void *writer)
{
        CsvWriter *w = writer;
        int r = point_maker_end(&w->points);

        return r < 0 ? r : text_out_end(&w->out);
}

const ExchangeFormat exchange_csv = {
        .name = "csv",
        .extension = "csv",
        .size = sizeof(CsvWriter),
        .begin = csv_begin,
        .item = csv_item,
        .end = csv_end,
};
