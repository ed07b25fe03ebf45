/* SPDX-License-Identifier: MIT */

/* Files of Polar's watches of old, HRM versions 1.02 to 1.07: sections as in INI, of which [Params] says when it began and what
 * the columns of [HRData] are. Its times are those of the watch.
 *
 *      Interval=N    a line for each N seconds, the first one at the start; 0 is no heart rate
 *      Interval=238  a line for each heartbeat: the R-R interval that it ends, ms
 *      Interval=204  no more than times by hand
 *
 * Of R-R intervals a heart rate is made at the end of each, 60000/ms. Where that is none, 25 to 250 bpm, time goes on all the
 * same, and the interval is given with the next heart rate. StartDelay is when the first interval began, ms after the start.
 *
 * SMode (from 1.06 on) has a digit for each column: speed, cadence, altitude and others, and the eighth says whether units are
 * miles. Mode (before) says whether there is a speed, whether behind it is a cadence or an altitude, and the units. A speed is in
 * tenths; a cadence is of one foot. No memory but the caller's, no clock. */

#include "exchange/reading.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "cardio/text.h"
#include "exchange/text-in.h"

#define INTERVAL_RR     238U
#define INTERVAL_TIMES  204U
#define INTERVAL_MAX    3600U /* s */
#define VERSION_KNOWN   107
#define RR_END_MS       (24 * 3600 * 1000) /* a longer one is a broken number */
#define KM_TENTH        (0.1 / 3.6)
#define MILE_TENTH      0.044704
#define SPEED_MAX_TENTH 2000U /* of km/h or mph */
#define CADENCE_MAX     400U
#define MS_PER_DAY      (INT64_C(24) * 3600 * 1000)
#define CUT_MS          60000 /* a file that is so much shorter than it says is cut */

typedef enum HrmSection {
        HRM_OTHER,
        HRM_PARAMS,
        HRM_NOTE,
        HRM_DATA,
        _HRM_SECTION_MAX,
        _HRM_SECTION_INVALID = -EINVAL,
} HrmSection;

typedef struct Hrm {
        const ReadingTarget *target;
        ReadingProblem *problem;
        ReadingActivity activity;
        HrmSection section;
        size_t line;

        bool has_day, has_clock, has_smode, any_data, warned;
        Day day;
        int64_t clock_ms, length_ms, delay_ms;
        unsigned interval;
        bool has_speed, has_cadence;
        double speed_unit; /* m/s */

        bool begun, any_heart_rate;
        int64_t start_at, elapsed_us; /* to the line's time */
        size_t n_rr;
        uint16_t rr[MEASUREMENT_RR_MAX]; /* that wait for a heart rate */
} Hrm;

static int refuse(Hrm *h, const char *text, TextSpan quote)
{
        text_in_problem(h->problem, h->line, text, quote);
        return -EBADMSG;
}

static void warn(Hrm *h, const char *text, TextSpan quote)
{
        ReadingProblem problem = { 0 };

        text_in_problem(&problem, h->line, text, quote);
        h->target->warn(h->target->userdata, &problem);
}

/* -- [Params] -- */

static const char *monitor_of(unsigned monitor)
{
        static const struct {
                unsigned number;
                const char *name;
        } monitors[] = {
                { 1, "Polar Vantage XL" },
                { 2, "Polar Vantage NV" },
                { 3, "Polar Accurex Plus" },
                { 4, "Polar XTrainer Plus" },
                { 6, "Polar S520" },
                { 7, "Polar Coach" },
                { 8, "Polar S210" },
                { 9, "Polar S410" },
                { 10, "Polar S510" },
                { 11, "Polar S610" },
                { 12, "Polar S710" },
                { 13, "Polar S810" },
                { 15, "Polar E600" },
                { 20, "Polar AXN500" },
                { 21, "Polar AXN700" },
                { 22, "Polar S625X" },
                { 23, "Polar S725" },
                { 33, "Polar CS400" },
                { 34, "Polar CS600X" },
                { 35, "Polar CS600" },
                { 36, "Polar RS400" },
                { 37, "Polar RS800" },
                { 38, "Polar RS800CX" },
        };

        for (size_t i = 0; i < ELEMENTSOF(monitors); i++)
                if (monitors[i].number == monitor)
                        return monitors[i].name;
        return "";
}

static bool flag_at(TextSpan flags, size_t i)
{
        return i < flags.size && flags.text[i] == '1';
}

static void take_mode(Hrm *h, TextSpan value, bool smode)
{
        if (h->has_smode && !smode)
                return;
        h->has_smode = h->has_smode || smode;
        h->has_speed = flag_at(value, smode ? 0 : 1);
        h->has_cadence = smode ? flag_at(value, 1) : h->has_speed && value.size > 0 && *value.text == '0';
        h->speed_unit = flag_at(value, smode ? 7 : 2) ? MILE_TENTH : KM_TENTH;
}

/* A whole number that is not beyond the limit. */
static bool take_unsigned(TextSpan value, unsigned limit, unsigned *ret)
{
        double number;

        if (!span_to_number(value, &number) || number < 0 || number > limit || number != trunc(number))
                return false;
        *ret = (unsigned)number;
        return true;
}

static double limit_of(TextSpan value)
{
        unsigned limit;

        return take_unsigned(value, HEART_RATE_MAX, &limit) && limit >= HEART_RATE_MIN ? (double)limit : NAN;
}

static int take_when(Hrm *h, TextSpan key, TextSpan value)
{
        if (span_is(key, "Date")) {
                h->has_day = span_to_day(value, &h->day);
                return h->has_day ? 0 : refuse(h, "Date=% is no day; YYYYMMDD is accepted", value);
        }
        h->has_clock = span_to_time_of_day(value, &h->clock_ms);
        return h->has_clock ? 0 : refuse(h, "StartTime=% is no time of day; H:MM:SS is accepted", value);
}

static int take_parameter(Hrm *h, TextSpan line)
{
        TextSpan key = span_trim(span_pull(&line, "=")), value = span_trim(line);
        unsigned number;

        if (span_is(key, "Date") || span_is(key, "StartTime"))
                return take_when(h, key, value);
        if (span_is(key, "Interval")) {
                if (!take_unsigned(value, INTERVAL_MAX, &h->interval) || h->interval == 0)
                        return refuse(h,
                                        "Interval=% is none; seconds, or 238 for R-R intervals, are accepted",
                                        value);
        } else if (span_is(key, "SMode") || span_is(key, "Mode")) {
                take_mode(h, value, span_is(key, "SMode"));
        } else if (span_is(key, "Version")) {
                if (!take_unsigned(value, VERSION_KNOWN, &number))
                        warn(h, "Version=% is not known; it is read as 107", value);
        } else if (span_is(key, "Monitor")) {
                const char *name = take_unsigned(value, 255, &number) ? monitor_of(number) : "";

                span_copy((TextSpan){ name, strlen(name) }, h->activity.device);
        } else if (span_is(key, "Length")) {
                (void)span_to_clock(value, &h->length_ms);
        } else if (span_is(key, "MaxHR")) {
                h->activity.maximum = limit_of(value);
        } else if (span_is(key, "RestHR")) {
                h->activity.resting = limit_of(value);
        } else if (span_is(key, "StartDelay") && take_unsigned(value, RR_END_MS, &number)) {
                h->delay_ms = number;
        }
        return 0;
}

/* -- [Note] -- */

/* Lines are joined by blanks; what no longer fits is left out. */
static void take_note(Hrm *h, TextSpan line)
{
        char text[READING_TEXT_MAX], *note = h->activity.note;
        size_t n = strlen(note), size;

        span_copy(line, text);
        if (n > 0 && n + 1 < READING_TEXT_MAX)
                note[n++] = ' ';
        size = utf8_fit(text, READING_TEXT_MAX - 1 - n);
        memcpy(note + n, text, size);
        note[n + size] = '\0';
}

/* -- [HRData] -- */

static int begin_data(Hrm *h)
{
        if (!h->has_day)
                return refuse(h, "nothing says on which day it was: no Date=YYYYMMDD in [Params]",
                                (TextSpan){ 0 });
        if (!h->has_clock)
                return refuse(h, "nothing says when it began: no StartTime=H:MM:SS in [Params]",
                                (TextSpan){ 0 });
        if (h->interval == 0)
                return refuse(h, "nothing says what the lines are: no Interval in [Params]", (TextSpan){ 0 });
        h->any_data = true;
        h->start_at = h->day * MS_PER_DAY + h->clock_ms;
        h->elapsed_us = h->interval == INTERVAL_RR ? h->delay_ms * 1000 : 0;
        return 0;
}

/* The numbers of a line have tabs or blanks in between. */
static TextSpan pull_column(TextSpan *line)
{
        *line = span_trim(*line);
        return span_pull(line, "\t ");
}

static int64_t time_of(const Hrm *h)
{
        return h->start_at + (h->elapsed_us + 500) / 1000;
}

static int begin(Hrm *h)
{
        if (h->begun)
                return 0;
        h->begun = true;
        return h->target->begin(h->target->userdata);
}

static int put_heart_rate(Hrm *h, unsigned heart_rate)
{
        const ReadingTarget *target = h->target;
        int64_t at = time_of(h);
        int r = begin(h);

        for (size_t i = 0; i < h->n_rr && r == 0; i++)
                r = target->rr(target->userdata, at, h->rr[i]);
        h->n_rr = 0;
        h->any_heart_rate = true;
        return r < 0 ? r : target->heart_rate(target->userdata, at, heart_rate, 0);
}

static int take_rr(Hrm *h, TextSpan line)
{
        TextSpan column = pull_column(&line);
        double ms, rr;
        long heart_rate;

        if (!span_to_number(column, &ms) || !(ms >= 0 && ms < RR_END_MS)) {
                if (!h->warned)
                        warn(h, "% is no R-R interval; it is left out, as are others like it", column);
                h->warned = true;
                return 0;
        }
        h->elapsed_us += llround(ms * 1000);
        rr = ms * 1.024;
        if (rr >= 0.5 && rr < UINT16_MAX + 0.5) {
                if (h->n_rr == ELEMENTSOF(h->rr)) /* the oldest goes */
                        memmove(h->rr, h->rr + 1, --h->n_rr * sizeof(h->rr[0]));
                h->rr[h->n_rr++] = (uint16_t)lround(rr);
        }
        if (ms < 60000.0 / (HEART_RATE_MAX + 1) || ms > 60000.0 / (HEART_RATE_MIN - 1))
                return 0;
        heart_rate = lround(60000 / ms);
        if (heart_rate < (long)HEART_RATE_MIN || heart_rate > (long)HEART_RATE_MAX)
                return 0;
        return put_heart_rate(h, (unsigned)heart_rate);
}

static double pull_figure(TextSpan *line, bool there, double unit, unsigned limit)
{
        unsigned value;

        return there && take_unsigned(pull_column(line), limit, &value) ? value * unit : NAN;
}

static int take_line(Hrm *h, TextSpan line)
{
        TextSpan column = pull_column(&line);
        unsigned heart_rate = 0;
        double speed, cadence;
        int r = 0;

        if (!take_unsigned(column, UINT8_MAX, &heart_rate) && !h->warned) {
                warn(h, "% is no heart rate; it is left out, as are others like it", column);
                h->warned = true;
        }
        speed = pull_figure(&line, h->has_speed, h->speed_unit, SPEED_MAX_TENTH);
        cadence = pull_figure(&line, h->has_cadence, 2, CADENCE_MAX / 2);
        if (heart_rate > 0)
                r = put_heart_rate(h, heart_rate);
        if (r == 0 && !(isnan(speed) && isnan(cadence))) {
                r = begin(h);
                if (r == 0)
                        r = h->target->pace(h->target->userdata, time_of(h), speed, cadence, NAN, NAN);
        }
        h->elapsed_us += h->interval * INT64_C(1000000);
        return r;
}

/* -- The file -- */

static int take_section(Hrm *h, TextSpan line)
{
        if (span_is(line, "[HRData]")) {
                h->section = HRM_DATA;
                return begin_data(h);
        }
        h->section = span_is(line, "[Params]") ? HRM_PARAMS : span_is(line, "[Note]") ? HRM_NOTE : HRM_OTHER;
        return 0;
}

static int take(Hrm *h, TextSpan line)
{
        line = span_trim(line);
        if (line.size == 0)
                return 0;
        if (*line.text == '[' && line.text[line.size - 1] == ']')
                return h->any_data ? 0 : take_section(h, line);
        switch (h->section) {
        case HRM_PARAMS:
                return take_parameter(h, line);
        case HRM_NOTE:
                take_note(h, line);
                return 0;
        case HRM_DATA:
                if (h->interval == INTERVAL_TIMES)
                        return 0;
                return h->interval == INTERVAL_RR ? take_rr(h, line) : take_line(h, line);
        case HRM_OTHER:
        case _HRM_SECTION_MAX:
        case _HRM_SECTION_INVALID:
                break;
        }
        return 0;
}

static int hrm_end(Hrm *h)
{
        if (!h->any_data)
                return refuse(h, "the file ends before [HRData]", (TextSpan){ 0 });
        if (!h->any_heart_rate) {
                text_in_problem(h->problem, h->line,
                                h->interval == INTERVAL_TIMES
                                                ? "Interval=204: there are times by hand, no heart rates"
                                                : "no heart rate up to here",
                                (TextSpan){ 0 });
                return -ENODATA;
        }
        if (h->elapsed_us / 1000 + CUT_MS < h->length_ms)
                warn(h, "the file ends before the time that Length says: it is cut short", (TextSpan){ 0 });
        return h->target->end(h->target->userdata, &h->activity);
}

static int hrm_read(
                const uint8_t *data, size_t size, const ReadingTarget *target, ReadingProblem *ret_problem)
{
        Hrm h = {
                .target = target,
                .problem = ret_problem,
                .activity = READING_ACTIVITY_NONE,
                .line = 1,
                .speed_unit = KM_TENTH,
        };
        TextSpan line;
        TextIn in;
        int r = 0;

        h.activity.local = true;
        text_in_begin(&in, data, size);
        while (r == 0 && text_in_line(&in, &line)) {
                h.line = in.line - 1;
                r = take(&h, line);
        }
        return r < 0 ? r : hrm_end(&h);
}

static bool hrm_is(const uint8_t *data, size_t size)
{
        TextSpan line;
        TextIn in;

        text_in_begin(&in, data, size);
        while (text_in_line(&in, &line)) {
                line = span_trim(line);
                if (line.size > 0)
                        return span_is(line, "[Params]");
        }
        return false;
}

const ReadingFormat reading_hrm = {
        .name = "HRM",
        .extension = "hrm",
        .is = hrm_is,
        .read = hrm_read,
};
