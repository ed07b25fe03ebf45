/* SPDX-License-Identifier: MIT */

/* Training Center XML, version 2: what nearly every site and program for runners takes. By libxml2's writer, which escapes.
 *
 * Order is fixed by the schema: an Activity has Id, its Laps, Notes and Creator; a Lap has TotalTimeSeconds, DistanceMeters,
 * Calories (all three mandatory, so that of what is not known is 0), AverageHeartRateBpm, MaximumHeartRateBpm, Intensity, TriggerMethod,
 * Track, Extensions; a Trackpoint has Time, DistanceMeters, HeartRateBpm, of 1 to 255, Extensions. Speed and cadence are in these, by
 * version 2 of Garmin's ActivityExtension: a Cadence of the format itself is a bicycle's. A RunCadence is of one foot, a whole
 * number up to 254.
 *
 * There is one Lap for all, or one for each step of a workout, see lap.h; together they are as long as the session. An easy
 * step of a workout is Resting, all else is Active. A lap's figures stand before its Track
 * but are only known after it: their place is left blank, between elements, where blanks mean nothing, and filled in at the end
 * of the lap. The average is of all heart rates, the maximum is the highest smoothed one, at most the session's: a spike that
 * the recorder did not believe is no maximum.
 *
 * A gap has no Trackpoints and is nothing else: a second Track in a Lap is how watches write that the timer was stopped, and
 * sites subtract that from the time that was run. There are no positions in a Trackpoint, and distances and the like only
 * where there was a pace, since 0 would be taken for one. Which Trackpoints there are is in point.h.
 *
 * What else makes it a session of ours, such as its kind and its ceiling, is in an extension of the Activity, which others pass over.
 *
 * Times are in UTC with milliseconds, the form that Garmin's own files have and that some readers insist on. Several heart
 * rates in one second stay several, each at its own time.
 *
 * The Creator is cardiod, and no device: its name must not make a site believe that the file came from one. What XML 1.0 cannot
 * say, most control characters and bytes that are not UTF-8, becomes U+FFFD. No clock. */

#include "exchange/exchange.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/text.h"
#include "cardio/workout.h"
#include "exchange/figure.h"
#include "exchange/lap.h"
#include "exchange/point.h"
#include "exchange/tcx.h"

#define TCX       "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
#define TCX_PLACE TCX " http://www.garmin.com/xmlschemas/TrainingCenterDatabasev2.xsd"
#define TCX_MORE  "http://www.garmin.com/xmlschemas/ActivityExtension/v2"
#define XSI       "http://www.w3.org/2001/XMLSchema-instance"

#define FIGURES_SIZE 440U /* of a lap's figures at their longest, see put_figures() */
#define CADENCE_MAX  254  /* of one foot */
#define PIECE_SIZE   256U /* of a text, as it is handed to the library */

typedef struct Lap {
        int64_t start; /* as t */
        bool in_file;
        bool has_track;
        bool timed; /* a step of a workout */
        bool easy;
        uint64_t figures_at; /* where in the file they belong */
        uint64_t n, sum;     /* of heart rates */
        double highest;      /* NAN = none */
        PaceSum pace;
} Lap;

typedef struct TcxWriter {
        const ExchangeSession *session;
        const ExchangeSink *sink;
        xmlTextWriterPtr xml;
        uint64_t written;
        int error;
        int64_t last_point; /* that of the newest Trackpoint */
        bool lapped;        /* a lap is over */
        bool whole;         /* the lap is the session */
        bool stepped;       /* a step has begun, or all are over */
        PointMaker points;
        Lap lap;
} TcxWriter;

/* -- Bytes -- */

/* The library is told nothing of an error, which it would print. */
static int on_bytes(void *context, const char *bytes, int size)
{
        TcxWriter *w = context;

        if (w->error == 0)
                w->error = w->sink->write(w->sink->userdata, bytes, (size_t)size);
        w->written += (uint64_t)size;
        return size;
}

/* What the library's calls return: they fail where there is no memory. */
static void took(TcxWriter *w, int r)
{
        if (r < 0 && w->error == 0)
                w->error = -ENOMEM;
}

/* -- XML -- */

#define XML(text) ((const xmlChar *)(text))

static void put_raw(TcxWriter *w, const char *text)
{
        if (w->error == 0)
                took(w, xmlTextWriterWriteRaw(w->xml, XML(text)));
}

static void put_start(TcxWriter *w, const char *before, const char *name)
{
        put_raw(w, before);
        if (w->error == 0)
                took(w, xmlTextWriterStartElement(w->xml, XML(name)));
}

static void put_end(TcxWriter *w, const char *before)
{
        put_raw(w, before);
        if (w->error == 0)
                took(w, xmlTextWriterEndElement(w->xml));
}

static void put_attribute(TcxWriter *w, const char *name, const char *text)
{
        if (w->error == 0)
                took(w, xmlTextWriterWriteAttribute(w->xml, XML(name), XML(text)));
}

static void put_element(TcxWriter *w, const char *before, const char *name, const char *text)
{
        put_raw(w, before);
        if (w->error == 0)
                took(w, xmlTextWriterWriteElement(w->xml, XML(name), XML(text)));
}

/* Production 2 of XML 1.0, but for what utf8_next() refuses already. */
static bool is_xml_character(uint32_t c)
{
        return c == '\t' || c == '\n' || c == '\r' ||
               (c >= 0x20 && c != 0xfffe && c != 0xffff && c != UTF8_INVALID);
}

/* Text of others; within an element or an attribute. */
static void put_text(TcxWriter *w, const char *text)
{
        char piece[PIECE_SIZE];
        size_t n = 0;
        uint32_t c;

        while (*text && w->error == 0) {
                size_t length = utf8_next(text, &c);
                bool good = is_xml_character(c);
                size_t size = good ? length : 3;

                memcpy(piece + n, good ? text : "\xef\xbf\xbd", size);
                n += size;
                text += length;
                if (n > sizeof(piece) - 5 || !*text) {
                        piece[n] = '\0';
                        took(w, xmlTextWriterWriteString(w->xml, XML(piece)));
                        n = 0;
                }
        }
}

static void put_attribute_text(TcxWriter *w, const char *name, const char *text)
{
        if (w->error == 0)
                took(w, xmlTextWriterStartAttribute(w->xml, XML(name)));
        put_text(w, text);
        if (w->error == 0)
                took(w, xmlTextWriterEndAttribute(w->xml));
}

/* -- A lap -- */

static size_t add(char *figures, size_t n, const char *text)
{
        for (; *text; n++) {
                assert(n < FIGURES_SIZE);
                figures[n] = *text++;
        }
        return n;
}

static size_t add_heart_rate(char *figures, size_t n, const char *name, double value)
{
        char text[FIGURE_MAX];

        if (!(value >= 0.5 && value < 255.5))
                return n;
        n = add(figures, n, "    <");
        n = add(figures, n, name);
        n = add(figures, n, "><Value>");
        n = add(figures, n, figure_from_integer(llround(value), text));
        n = add(figures, n, "</Value></");
        n = add(figures, n, name);
        return add(figures, n, ">\n");
}

/* Into the place that was left for them. */
static void put_figures(TcxWriter *w, int64_t end)
{
        Lap *lap = &w->lap;
        double distance = pace_sum_distance(&lap->pace);
        char figures[FIGURES_SIZE], text[FIGURE_MAX];
        size_t n = 0;

        memset(figures, ' ', sizeof(figures));
        n = add(figures, n, "    <TotalTimeSeconds>");
        n = add(figures, n, figure_from_thousandths(end - lap->start, text));
        n = add(figures, n, "</TotalTimeSeconds>\n    <DistanceMeters>");
        n = add(figures, n, isnan(distance) ? "0" : figure_from_thousandths(llround(distance * 1000), text));
        n = add(figures, n, "</DistanceMeters>\n    <Calories>0</Calories>\n");
        n = add_heart_rate(figures, n, "AverageHeartRateBpm",
                        lap->n == 0                           ? NAN
                        : w->whole && w->session->average > 0 ? w->session->average
                                                              : (double)lap->sum / (double)lap->n);
        n = add_heart_rate(figures, n, "MaximumHeartRateBpm",
                        isnan(lap->highest) ? NAN : fmin(lap->highest, w->session->peak));
        n = add(figures, n,
                        lap->easy ? "    <Intensity>Resting</Intensity>\n"
                                  : "    <Intensity>Active</Intensity>\n");
        (void)add(figures, n,
                        lap->timed ? "    <TriggerMethod>Time</TriggerMethod>"
                                   : "    <TriggerMethod>Manual</TriggerMethod>");
        if (w->error == 0)
                w->error = w->sink->patch(w->sink->userdata, lap->figures_at, figures, sizeof(figures));
}

static void lap_write(TcxWriter *w)
{
        char text[FIGURE_MAX], blank[FIGURES_SIZE + 1];
        Lap *lap = &w->lap;

        if (w->error == 0)
                w->error = moment_to_string(w->session->started_at, lap->start, MOMENT_UTC, text);
        put_start(w, "\n   ", "Lap");
        put_attribute(w, "StartTime", text);
        put_raw(w, "\n");
        if (w->error == 0)
                took(w, xmlTextWriterFlush(w->xml));
        lap->figures_at = w->written;
        memset(blank, ' ', FIGURES_SIZE);
        blank[FIGURES_SIZE] = '\0';
        put_raw(w, blank);
        lap->in_file = true;
}

/* Speed and cadence, if there is one of them, as the format has them in Extensions. */
static void put_extensions(TcxWriter *w, const char *before, const char *name, const char *speed_name,
                double speed, const char *cadence_name, double cadence)
{
        bool has_cadence = round(cadence / 2) <= CADENCE_MAX;
        char text[FIGURE_MAX];

        if (isnan(speed) && !has_cadence)
                return;
        put_start(w, before, "Extensions");
        put_start(w, "", name);
        put_attribute(w, "xmlns", TCX_MORE);
        if (!isnan(speed))
                put_element(w, "", speed_name, figure_from_real(speed, text));
        if (has_cadence)
                put_element(w, "", cadence_name, figure_from_integer(llround(cadence / 2), text));
        put_end(w, "");
        put_end(w, "");
}

static void lap_end(TcxWriter *w, int64_t end)
{
        const PaceSum *pace = &w->lap.pace;

        if (!w->lap.in_file)
                lap_write(w);
        if (w->lap.has_track)
                put_end(w, "\n    ");
        put_extensions(w, "\n    ", "LX", "AvgSpeed", pace_sum_speed(pace, end - w->lap.start),
                        "AvgRunCadence", pace_sum_cadence(pace));
        put_end(w, "\n   ");
        if (w->error == 0)
                took(w, xmlTextWriterFlush(w->xml));
        put_figures(w, end);
}

static void lap_step(TcxWriter *w, const ExchangeItem *step)
{
        LapChange change = lap_at_step(step, w->lap.start, w->stepped, w->session->length);
        PaceSum pace = w->lap.pace;

        if (change == LAP_AS_IT_WAS)
                return;
        if (change == LAP_BEGUN) {
                lap_end(w, step->t);
                w->lapped = true;
                pace_sum_go_on(&pace);
                w->lap = (Lap){ .start = step->t, .highest = NAN, .pace = pace };
        }
        w->stepped = true;
        w->lap.timed = !step_is_end(step);
        w->lap.easy = w->lap.timed && strcmp(step->event.detail, WORKOUT_CUE_EASY) == 0;
}

static void put_heart_rate(TcxWriter *w, const ExchangeSample *sample)
{
        char text[FIGURE_MAX];
        Lap *lap = &w->lap;

        if (sample->heart_rate < 1 || sample->heart_rate > 255)
                return;
        put_start(w, "", "HeartRateBpm");
        put_element(w, "", "Value", figure_from_integer(sample->heart_rate, text));
        put_end(w, "");
        lap->n++;
        lap->sum += sample->heart_rate;
        lap->highest = fmax(lap->highest, sample->smoothed);
}

static int put_trackpoint(void *userdata, const Point *point)
{
        TcxWriter *w = userdata;
        const ExchangePace *pace = &point->pace;
        char text[FIGURE_MAX];
        Lap *lap = &w->lap;

        if (w->error == 0)
                w->error = moment_to_string(w->session->started_at, point->t, MOMENT_UTC, text);
        if (w->error < 0)
                return w->error;
        if (!point->has_heart_rate && isnan(pace->distance) && isnan(pace->speed) && isnan(pace->cadence))
                return 0; /* there is no place for an incline */
        if (!lap->in_file)
                lap_write(w);
        if (!lap->has_track)
                put_start(w, "\n    ", "Track");
        lap->has_track = true;
        w->last_point = point->t;
        put_start(w, "\n     ", "Trackpoint");
        put_element(w, "", "Time", text);
        pace_sum_add(&lap->pace, point);
        if (point->has_pace && !isnan(pace->distance))
                put_element(w, "", "DistanceMeters", figure_from_real(pace->distance, text));
        if (point->has_heart_rate)
                put_heart_rate(w, &point->sample);
        if (point->has_pace)
                put_extensions(w, "", "TPX", "Speed", pace->speed, "RunCadence", pace->cadence);
        put_end(w, "");
        return w->error;
}

/* -- The file -- */

static void put_creator(TcxWriter *w)
{
        static const char *const parts[] = { "VersionMajor", "VersionMinor", "BuildMajor", "BuildMinor" };
        const char *version = CARDIO_VERSION;

        put_start(w, "\n   ", "Creator");
        put_attribute(w, "xsi:type", "Device_t");
        put_element(w, "\n    ", "Name", "cardiod");
        put_element(w, "\n    ", "UnitId", "0");
        put_element(w, "\n    ", "ProductID", "0");
        put_start(w, "\n    ", "Version");
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                unsigned number = 0;
                char text[FIGURE_MAX];

                for (; *version >= '0' && *version <= '9'; version++)
                        number = number * 10 + (unsigned)(*version - '0');
                if (*version == '.')
                        version++;
                put_element(w, "\n     ", parts[i], figure_from_integer(number, text));
        }
        put_end(w, "\n    ");
        put_end(w, "\n   ");
}

/* What a file of ours is taken back with. */
static void put_session(TcxWriter *w)
{
        const ExchangeSession *s = w->session;
        const struct {
                const char *name, *text;
        } texts[] = {
                { "Kind", s->said_kind },
                { "Device", s->device },
                { "TalkTest", s->talk_test },
                { "DayKind", s->day_kind },
                { "Workout", s->workout },
                { "CeilingExpression", s->ceiling_expression },
                { "ZoneModel", s->zone_model },
                { "ZoneBounds", s->zone_bounds },
                { "Sex", s->sex },
        };
        const struct {
                const char *name;
                double value;
        } figures[] = {
                { "UtcOffsetSeconds", s->utc_offset_s },
                { "MaximumHeartRate", s->maximum },
                { "RestingHeartRate", s->resting },
                { "Ceiling", s->ceiling },
                { "Tolerance", s->tolerance },
                { "Rpe", s->rpe > 0 ? (double)s->rpe : (double)NAN },
                { "ByHand", s->by_hand ? 1 : (double)NAN },
        };
        char text[FIGURE_MAX];

        put_start(w, "\n   ", "Extensions");
        put_start(w, "\n    ", TCX_SESSION);
        put_attribute(w, "xmlns", TCX_SESSION_SPACE);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (*texts[i].text)
                        put_attribute_text(w, texts[i].name, texts[i].text);
        for (size_t i = 0; i < ELEMENTSOF(figures); i++)
                if (figure_from_real(figures[i].value, text))
                        put_attribute(w, figures[i].name, text);
        put_end(w, "");
        put_end(w, "\n   ");
}

static int tcx_begin(void *writer, const ExchangeSession *session, const ExchangeSink *sink)
{
        xmlOutputBufferPtr output;
        TcxWriter *w = writer;
        char text[FIGURE_MAX];
        Kind kind = kind_from_string(session->kind);

        w->session = session;
        w->sink = sink;
        w->lap.highest = NAN;
        pace_sum_begin(&w->lap.pace);
        point_maker_begin(&w->points, session, put_trackpoint, w);
        if (session->length < 0)
                return -EINVAL;
        w->error = moment_to_string(session->started_at, 0, MOMENT_UTC, text);
        if (w->error < 0)
                return w->error;
        output = xmlOutputBufferCreateIO(on_bytes, NULL, w, NULL);
        if (!output)
                return -ENOMEM;
        w->xml = xmlNewTextWriter(output);
        if (!w->xml) {
                (void)xmlOutputBufferClose(output); /* nothing is in it */
                return -ENOMEM;
        }

        took(w, xmlTextWriterStartDocument(w->xml, "1.0", "UTF-8", NULL));
        put_start(w, "", "TrainingCenterDatabase");
        put_attribute(w, "xmlns", TCX);
        put_attribute(w, "xmlns:xsi", XSI);
        put_attribute(w, "xsi:schemaLocation", TCX_PLACE);
        put_start(w, "\n ", "Activities");
        put_start(w, "\n  ", "Activity");
        put_attribute(w, "Sport", kind >= 0 && !kind_is_run(kind) ? "Other" : "Running");
        put_element(w, "\n   ", "Id", text);
        return w->error;
}

static int tcx_item(void *writer, const ExchangeItem *item)
{
        TcxWriter *w = writer;
        int r = point_maker_item(&w->points, item);

        if (r < 0)
                return r;
        switch (item->type) {
        case EXCHANGE_EVENT:
                if (strcmp(item->event.type, "step") == 0)
                        lap_step(w, item);
                return w->error;
        case EXCHANGE_PACE: /* they are points */
        case EXCHANGE_SAMPLE:
        case EXCHANGE_RR:
                return 0;
        case _EXCHANGE_ITEM_TYPE_MAX:
        case _EXCHANGE_ITEM_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

static int tcx_end(void *writer)
{
        TcxWriter *w = writer;
        int r = point_maker_end(&w->points);

        if (r < 0)
                return r;
        w->whole = !w->lapped;
        lap_end(w, w->session->length > w->last_point ? w->session->length : w->last_point);
        if (*w->session->note) {
                put_start(w, "\n   ", "Notes");
                put_text(w, w->session->note);
                put_end(w, "");
        }
        put_creator(w);
        put_session(w);
        put_end(w, "\n  ");
        put_end(w, "\n ");
        put_end(w, "\n");
        if (w->error == 0)
                took(w, xmlTextWriterEndDocument(w->xml));
        if (w->error == 0)
                took(w, xmlTextWriterFlush(w->xml));
        return w->error;
}

static void tcx_free(void *writer)
{
        TcxWriter *w = writer;

        /* What the library has not handed on by now is of a file that failed. */
        w->error = -ECANCELED;
        if (w->xml)
                xmlFreeTextWriter(w->xml);
        w->xml = NULL;
}

const ExchangeFormat exchange_tcx = {
        .name = "tcx",
        .extension = "tcx",
        .size = sizeof(TcxWriter),
        .begin = tcx_begin,
        .item = tcx_item,
        .end = tcx_end,
        .free = tcx_free,
};
