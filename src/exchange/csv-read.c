/* SPDX-License-Identifier: MIT */

/* Tables of heart rates: ours (csv-write.c), Polar Flow's, and those of apps and scripts. Cells are those of RFC 4180 with a
 * comma, a semicolon or a tab between them; the table begins with the line that names a column of heart rates, whatever is before.
 * Which columns are of use, and how they are named, is in csv-column.c.
 *
 * A row's time is a moment, or how long after the start it was. When that was says a row that has both, a line
 * "# start: 2026-05-17T08:00:00" before the table, or the two lines on the whole with which files of Polar Flow begin. A table
 * that says it nowhere is refused: a run without a date is no use to a diary.
 *
 * Rows without a heart rate are gaps. R-R intervals of such a row are left out: a strap without a heart rate has none either.
 * Rows with a time that goes back, or with none, are left out and counted; of two with the same time the later one is put 1 ms
 * after the first. No memory but the caller's, no clock. */

#include "exchange/reading.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cardio/measurement.h"
#include "exchange/csv-column.h"
#include "exchange/csv-event.h"
#include "exchange/point.h"
#include "exchange/reading-parse.h"
#include "exchange/text-in.h"

#define PREAMBLE_MAX 100U /* rows before the table */
#define ELAPSED_END  1e11 /* ms, 3 years; from there on they are since 1970 */
#define UNIX_END     1e14
#define MS_PER_DAY   (INT64_C(24) * 3600 * 1000)

typedef struct Csv {
        const ReadingTarget *target;
        ReadingProblem *problem;
        TextIn in;
        ReadingActivity activity;
        char separator;
        bool is_polar;

        /* The columns, of the table or of what is before it, and the row that was read last. */
        size_t index[_CSV_COLUMN_MAX]; /* from 1 on, 0 = there is none */
        double unit[_CSV_COLUMN_MAX];
        TextSpan cells[_CSV_COLUMN_MAX];
        size_t row_line;

        bool has_zone; /* the activity's is that of the first moment */
        bool has_start;
        int64_t start_at;

        bool begun, any_heart_rate, warned;
        int64_t file_at, at; /* of the last row, in the file and as given to the target */
        double distance;
} Csv;

static int refuse(Csv *c, size_t line, const char *text, TextSpan quote)
{
        text_in_problem(c->problem, line, text, quote);
        return -EBADMSG;
}

/* -- Cells and rows -- */

static bool ends_line(char c)
{
        return c == '\n' || c == '\r';
}

/* Where the quotes of a cell end, or the size of the file. */
static size_t find_quote(TextIn *in, size_t at, size_t *lines)
{
        for (; at < in->size; at++) {
                if (in->text[at] == '\n')
                        ++*lines;
                if (in->text[at] != '"')
                        continue;
                if (at + 1 == in->size || in->text[at + 1] != '"')
                        break;
                at++;
        }
        return at;
}

static int next_cell(Csv *c, TextSpan *ret, bool *ret_last)
{
        TextIn *in = &c->in;
        size_t from = in->at, end, lines = 0;
        bool quoted;

        while (from < in->size && in->text[from] == ' ')
                from++;
        quoted = from < in->size && in->text[from] == '"';
        end = from + quoted;
        if (quoted) {
                end = find_quote(in, end, &lines);
                if (end == in->size)
                        return refuse(c, in->line, "a cell begins with a quote and does not end with one",
                                        (TextSpan){ 0 });
                *ret = (TextSpan){ in->text + from + 1, end - from - 1 };
                in->line += lines;
        }
        while (end < in->size && in->text[end] != c->separator && !ends_line(in->text[end]))
                end++;
        if (!quoted)
                *ret = (TextSpan){ in->text + from, end - from };
        *ret_last = end == in->size || in->text[end] != c->separator;
        in->at = end < in->size ? end + 1 : end;
        if (*ret_last && end < in->size) {
                in->line++;
                if (in->text[end] == '\r' && in->at < in->size && in->text[in->at] == '\n')
                        in->at++;
        }
        return 0;
}

/* The cells of the columns that are known; those that the row does not have are empty. */
static int read_row(Csv *c)
{
        bool last = false;

        memset(c->cells, 0, sizeof(c->cells));
        c->row_line = c->in.line;
        for (size_t i = 1; !last; i++) {
                TextSpan cell;
                int r = next_cell(c, &cell, &last);

                if (r < 0)
                        return r;
                for (size_t k = 0; k < _CSV_COLUMN_MAX; k++)
                        if (c->index[k] == i)
                                c->cells[k] = span_trim(cell);
        }
        return 0;
}

/* "# start: 2026-05-17T08:00:00" */
static void take_comment(Csv *c, TextSpan line)
{
        TextSpan key = span_pull(&line, ":");
        Moment m;

        (void)span_pull(&key, "#");
        if (c->has_start || !span_is(span_trim(key), "start") || !span_to_moment(line, &m))
                return;
        c->has_start = c->has_zone = true;
        c->start_at = m.at;
        c->activity.local = m.local;
        c->activity.has_offset = m.has_offset;
        c->activity.utc_offset_s = m.offset_s;
}

/* Goes to the next line that is neither empty nor a comment; false if there is none. */
static bool find_row(Csv *c)
{
        TextIn ahead = c->in;
        TextSpan line;

        for (; text_in_line(&ahead, &line); c->in = ahead) {
                line = span_trim(line);
                if (line.size > 0 && *line.text == '#')
                        take_comment(c, line);
                else if (line.size > 0)
                        return true;
        }
        return false;
}

/* -- The table's head, and what is before it -- */

/* Whichever there are most of in the line, outside of quotes. */
static char find_separator(TextIn in)
{
        size_t commas = 0, semicolons = 0, tabs = 0;
        bool quoted = false;

        for (; in.at < in.size && !ends_line(in.text[in.at]); in.at++) {
                char c = in.text[in.at];

                quoted ^= c == '"';
                commas += c == ',' && !quoted;
                semicolons += c == ';' && !quoted;
                tabs += c == '\t' && !quoted;
        }
        if (tabs > commas && tabs > semicolons)
                return '\t';
        return semicolons > commas ? ';' : ',';
}

static int read_names(Csv *c)
{
        bool last = false;

        memset(c->index, 0, sizeof(c->index));
        c->separator = find_separator(c->in);
        for (size_t i = 1; !last; i++) {
                TextSpan name;
                double unit;
                CsvColumn column;
                int r = next_cell(c, &name, &last);

                if (r < 0)
                        return r;
                column = csv_column(name, &unit);
                if (column == _CSV_COLUMN_INVALID || c->index[column] > 0)
                        continue;
                c->index[column] = i;
                c->unit[column] = unit;
        }
        return 0;
}

static double limit_of(TextSpan cell)
{
        double value;

        return span_to_number(cell, &value) && value >= 25 && value <= 250 ? value : NAN;
}

/* A text with each pair of quotes as one. */
static void copy_cell(TextSpan cell, char buf[static READING_TEXT_MAX])
{
        char text[2 * READING_TEXT_MAX];
        size_t n = 0;

        for (size_t i = 0; i < cell.size && n < sizeof(text); i++) {
                text[n++] = cell.text[i];
                if (cell.text[i] == '"' && i + 1 < cell.size && cell.text[i + 1] == '"')
                        i++;
        }
        span_copy((TextSpan){ text, n }, buf);
}

/* The line below the names of what Polar Flow says on the whole. */
static int read_whole(Csv *c)
{
        ReadingActivity *a = &c->activity;
        int64_t ms;
        Day day;
        int r = read_row(c);

        if (r < 0)
                return r;
        if (!span_to_day(c->cells[CSV_DATE], &day))
                return refuse(c, c->row_line,
                                "the date % is none, or may be read in two ways; one such as 2026-05-17 is accepted",
                                c->cells[CSV_DATE]);
        if (!span_to_time_of_day(c->cells[CSV_START_TIME], &ms))
                return refuse(c, c->row_line,
                                "the start % is no time of day; one such as 08:00:00 is accepted",
                                c->cells[CSV_START_TIME]);
        c->is_polar = c->has_start = c->has_zone = true;
        c->start_at = day * MS_PER_DAY + ms;
        a->local = true;
        copy_cell(c->cells[CSV_SPORT], a->sport);
        copy_cell(c->cells[CSV_NOTE], a->note);
        a->is_running = reading_sport_is_running(a->sport);
        a->maximum = limit_of(c->cells[CSV_MAXIMUM]);
        a->resting = limit_of(c->cells[CSV_RESTING]);
        return 0;
}

/* Up to and with the line that names the columns of the table. */
static int read_head(Csv *c)
{
        for (size_t i = 0; i < PREAMBLE_MAX && find_row(c); i++) {
                size_t line = c->in.line;
                int r = read_names(c);

                if (r < 0)
                        return r;
                if (c->index[CSV_HEART_RATE] > 0) {
                        if (c->index[CSV_TIME] > 0 || c->index[CSV_UTC] > 0 || c->index[CSV_DATE] > 0 ||
                                        c->index[CSV_ELAPSED] > 0)
                                return 0;
                        return refuse(c, line,
                                        "no column of times; one named time, timestamp or seconds is accepted",
                                        (TextSpan){ 0 });
                }
                if (c->index[CSV_DATE] > 0 && c->index[CSV_START_TIME] > 0 && find_row(c)) {
                        r = read_whole(c);
                        if (r < 0)
                                return r;
                }
        }
        return refuse(c, 1, "no line names a column of heart rates; " CSV_HEART_RATE_ACCEPTED " is accepted",
                        (TextSpan){ 0 });
}

/* -- Times -- */

typedef struct RowTime {
        bool has_moment, has_elapsed;
        int64_t moment, elapsed; /* ms */
} RowTime;

/* Times of two kinds do not go together. */
static bool take_moment(Csv *c, Moment m, RowTime *t)
{
        if (c->has_zone && c->activity.local != m.local)
                return false;
        if (!c->has_zone) {
                c->has_zone = true;
                c->activity.local = m.local;
        }
        if (m.has_offset && !c->activity.has_offset) {
                c->activity.has_offset = true;
                c->activity.utc_offset_s = m.offset_s;
        }
        if (!t->has_moment)
                t->moment = m.at;
        t->has_moment = true;
        return true;
}

static bool take_elapsed(int64_t ms, RowTime *t)
{
        if (!t->has_elapsed)
                t->elapsed = ms;
        t->has_elapsed = true;
        return true;
}

/* False if a cell that has something in it cannot be understood. */
static bool take_time(Csv *c, CsvColumn column, RowTime *t)
{
        TextSpan cell = c->cells[column];
        bool date_alone = column == CSV_DATE;
        double value;
        int64_t ms;
        Moment m;
        Day day;

        if (cell.size == 0)
                return true;
        if (span_to_moment(cell, &m)) {
                m.local = m.local && column != CSV_UTC;
                return take_moment(c, m, t);
        }
        if (date_alone && span_to_day(cell, &day))
                return true; /* the column of times has the rest */
        if (span_to_number(cell, &value)) {
                value *= c->unit[column];
                if (value >= ELAPSED_END && value < UNIX_END)
                        return take_moment(c, (Moment){ .at = llround(value) }, t);
                return value >= 0 && value < ELAPSED_END && !date_alone && take_elapsed(llround(value), t);
        }
        if (column != CSV_ELAPSED && span_to_day(c->cells[CSV_DATE], &day) && span_to_time_of_day(cell, &ms))
                return take_moment(c, (Moment){ .at = day * MS_PER_DAY + ms, .local = column != CSV_UTC }, t);
        return !date_alone && span_to_clock(cell, &ms) && take_elapsed(ms, t);
}

/* Returns 1; 0 if the row has no time; or -EBADMSG. */
static int find_time(Csv *c, int64_t *ret)
{
        static const CsvColumn columns[] = { CSV_TIME, CSV_UTC, CSV_DATE, CSV_ELAPSED };
        TextSpan odd = { 0 };
        RowTime t = { 0 };

        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
                if (!take_time(c, columns[i], &t))
                        odd = c->cells[columns[i]];
        if (t.has_moment && t.has_elapsed && !c->has_start) {
                c->has_start = true;
                c->start_at = t.moment - t.elapsed;
        }
        if (t.has_moment || (t.has_elapsed && c->has_start)) {
                *ret = t.has_moment ? t.moment : c->start_at + t.elapsed;
                return 1;
        }
        if (t.has_elapsed)
                return refuse(c, c->row_line,
                                "times are since the start, which is missing: a column \"time\" as in " MOMENT_ACCEPTED
                                " is accepted, or a first line \"# start: " MOMENT_ACCEPTED "\"",
                                (TextSpan){ 0 });
        if (odd.size > 0)
                return refuse(c, c->row_line,
                                "the time % is none; as in " MOMENT_ACCEPTED
                                ", Unix seconds or ms, or since the start, are accepted",
                                odd);
        return 0;
}

/* -- The table -- */

static bool is_nothing(TextSpan cell)
{
        static const char *const words[] = { "", "-", "--", "nan", "null", "none", "na", "n/a" };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (span_is(cell, words[i]))
                        return true;
        return false;
}

/* 0 if there is none. */
static unsigned heart_rate_of(Csv *c)
{
        TextSpan cell = c->cells[CSV_HEART_RATE];
        ReadingProblem problem = { 0 };
        double value;

        if (is_nothing(cell))
                return 0;
        if (span_to_number(cell, &value) && value >= 0 && value < UINT8_MAX + 0.5)
                return (unsigned)lround(value);
        if (!c->warned) {
                c->warned = true;
                text_in_problem(&problem, c->row_line,
                                "% is no heart rate; it is left out, as are others like it", cell);
                c->target->warn(c->target->userdata, &problem);
        }
        return 0;
}

/* Ours alone have it. */
static unsigned contact_of(const Csv *c)
{
        TextSpan cell = c->cells[CSV_CONTACT];

        return span_is(cell, "yes") ? CONTACT_YES : span_is(cell, "no") ? CONTACT_NO : CONTACT_UNSUPPORTED;
}

/* In the units of reading.h; NAN if it is none, or none of a runner. */
static double figure_of(const Csv *c, CsvColumn column, double least, double most)
{
        double value;

        if (!span_to_number(c->cells[column], &value))
                return NAN;
        value *= c->unit[column];
        return value >= least && value <= most ? value : NAN;
}

/* Steps of both feet. Polar counts one of them. */
static double cadence_of(const Csv *c, double speed)
{
        double value, unit = c->unit[CSV_CADENCE];

        if (!span_to_number(c->cells[CSV_CADENCE], &value))
                return NAN;
        if (c->activity.is_running && unit == 0)
                value = c->is_polar ? reading_cadence_of_foot(value) : reading_cadence_of_run(value, speed);
        else if (c->activity.is_running)
                value *= unit;
        return value >= 0 && value <= POINT_CADENCE_MAX ? value : NAN;
}

static void find_pace(Csv *c, double pace[static 4])
{
        pace[0] = figure_of(c, CSV_SPEED, 0, POINT_SPEED_MAX);
        pace[1] = cadence_of(c, pace[0]);
        pace[2] = figure_of(c, CSV_DISTANCE, c->distance, POINT_DISTANCE_MAX);
        pace[3] = figure_of(c, CSV_INCLINE, -POINT_INCLINE_MAX, POINT_INCLINE_MAX);
}

static int put_rr(Csv *c)
{
        const char *separators = c->separator == ',' ? " ;|[]," : " ;|[]";
        TextSpan rest = c->cells[CSV_RR];

        while (rest.size > 0) {
                double ms;
                int r;

                if (!span_to_number(span_pull(&rest, separators), &ms))
                        continue;
                ms *= c->unit[CSV_RR] * 1.024;
                if (!(ms >= 0.5 && ms < UINT16_MAX + 0.5))
                        continue;
                r = c->target->rr(c->target->userdata, c->at, (unsigned)lround(ms));
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Those of a row are given with its time, which is a little later than they were. */
static int put_events(Csv *c)
{
        TextSpan rest = c->cells[CSV_EVENT];
        char detail[READING_TEXT_MAX];
        CsvEvent event;

        while (c->target->event && csv_event_next(&rest, &event)) {
                int r;

                copy_cell(event.detail, detail);
                r = c->target->event(c->target->userdata, c->at, event.type, event.value, detail);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int put_row(Csv *c, unsigned heart_rate, const double pace[static 4])
{
        const ReadingTarget *target = c->target;
        int r = c->begun ? 0 : target->begin(target->userdata);

        c->begun = true;
        if (r == 0 && heart_rate > 0) {
                c->any_heart_rate = true;
                r = put_events(c);
                if (r == 0)
                        r = put_rr(c);
                if (r == 0)
                        r = target->heart_rate(target->userdata, c->at, heart_rate, contact_of(c));
        }
        if (r == 0 && !(isnan(pace[0]) && isnan(pace[1]) && isnan(pace[2]) && isnan(pace[3])))
                r = target->pace(target->userdata, c->at, pace[0], pace[1], pace[2], pace[3]);
        return r;
}

static int take_row(Csv *c)
{
        unsigned heart_rate = heart_rate_of(c);
        double pace[4];
        int64_t at;
        int r;

        find_pace(c, pace);
        if (heart_rate == 0 && isnan(pace[0]) && isnan(pace[1]) && isnan(pace[2]) && isnan(pace[3]))
                return 0;
        r = find_time(c, &at);
        if (r < 0 && !c->begun && heart_rate > 0)
                return r; /* no row will be better */
        if (r <= 0 || (c->begun && at < c->file_at)) {
                c->activity.skipped++;
                return 0;
        }
        c->file_at = at;
        c->at = c->begun && at <= c->at ? c->at + 1 : at;
        if (!isnan(pace[2]))
                c->distance = pace[2];
        return put_row(c, heart_rate, pace);
}

static int csv_read(
                const uint8_t *data, size_t size, const ReadingTarget *target, ReadingProblem *ret_problem)
{
        Csv c = {
                .target = target,
                .problem = ret_problem,
                .activity = READING_ACTIVITY_NONE,
        };
        int r;

        text_in_begin(&c.in, data, size);
        if (text_in_is_utf16(data, size))
                return refuse(&c, 1, "this is UTF-16; UTF-8 is accepted", (TextSpan){ 0 });
        r = read_head(&c);
        while (r == 0 && find_row(&c)) {
                r = read_row(&c);
                if (r == 0)
                        r = take_row(&c);
        }
        if (r < 0)
                return r;
        if (!c.any_heart_rate) {
                text_in_problem(ret_problem, c.in.line,
                                c.activity.skipped > 0 ? "no row has both a time and a heart rate"
                                                       : "no heart rate up to here",
                                (TextSpan){ 0 });
                return -ENODATA;
        }
        return target->end(target->userdata, &c.activity);
}

/* Text with a separator somewhere near its beginning that is of no other kind. */
static bool csv_is(const uint8_t *data, size_t size)
{
        bool any = false;
        TextIn in;

        text_in_begin(&in, data, size);
        if (size >= 2 && data[0] != '\0' && data[1] != '\0' && text_in_is_utf16(data, size))
                return true; /* a byte-order mark: read() says what is wrong */
        while (in.at < size && strchr(" \t\r\n", data[in.at]) && data[in.at] != '\0')
                in.at++;
        if (in.at == size || strchr("<[{", data[in.at]))
                return false;
        for (size_t i = in.at; i < size && i < in.at + 4096; i++) {
                if (data[i] < ' ' && !strchr("\t\r\n", data[i]))
                        return false;
                any = any || strchr(",;\t", data[i]);
        }
        return any;
}

const ReadingFormat reading_csv = {
        .name = "CSV",
        .extension = "csv",
        .is = csv_is,
        .read = csv_read,
};
