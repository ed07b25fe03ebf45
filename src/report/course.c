/* SPDX-License-Identifier: MIT */

/* A run over its time. Column by column as trace.h has them: a line through the means, and around it a band from the lowest to
 * the highest value, so that a spike of a second is seen in a run of a day. The picture agrees with the figures, and with the chart
 * on a terminal. No clock. */

#include "report/course.h"

#include <math.h>

#include "cardio/macro.h"
#include "cardio/pace-text.h"
#include "cardio/pace.h"
#include "report/path.h"
#include "report/words.h"

/* Rows of a table of a whole run. */
#define ROWS_MOST 60U
/* A shade that is narrower could not be seen. */
#define SHADE_LEAST 1.5
/* Labels of ceilings beside the first one. */
#define CEILINGS_NAMED   4U
#define HEART_RATE_RANGE 30.0
/* Of the mean speed. */
#define PACE_FOOT 0.6

static const double box[2] = { CHART_WIDTH, CHART_HEIGHT };

static const char *const zone_classes[] = { "z0", "z1", "z2", "z3", "z4", "z5" };

const char *zone_class(unsigned zone)
{
        return zone_classes[zone < ELEMENTSOF(zone_classes) ? zone : ELEMENTSOF(zone_classes) - 1];
}

static double column_x(const Series *t, unsigned i)
{
        return (i + 0.5) * CHART_WIDTH / t->n;
}

/* -- Lines -- */

typedef struct Piece {
        unsigned from, to; /* columns with values, the first one's joined to the one before the piece if joined */
        unsigned before; /* the column that it is joined to, from = none */
} Piece;

static unsigned next_filled(const Series *t, unsigned i)
{
        while (i < t->n && t->column[i].n == 0)
                i++;
        return i;
}

/* The next piece of the trace that is of one look and whole, from column *i on. */
static bool next_piece(const Series *t, bool zones, unsigned *i, Piece *ret)
{
        unsigned at = next_filled(t, *i), before = at;

        if (at == t->n)
                return false;
        if (at > 0 && !t->column[at].breaks)
                for (unsigned j = at; j-- > 0;)
                        if (t->column[j].n > 0) {
                                before = j;
                                break;
                        }
        *ret = (Piece){ .from = at, .to = at, .before = before };
        for (unsigned next = next_filled(t, at + 1); next < t->n; next = next_filled(t, next + 1)) {
                if (t->column[next].breaks ||
                                (zones && series_zone(&t->column[next]) != series_zone(&t->column[at])))
                        break;
                ret->to = next;
        }
        *i = ret->to + 1;
        return true;
}

static const char *class_of(const Series *t, const Piece *p, const char *plain)
{
        return plain ? plain : zone_class(series_zone(&t->column[p->from]));
}

/* Whether a column of it holds more than one value. */
static bool has_band(const Series *t, const Piece *piece)
{
        for (unsigned i = piece->before; i <= piece->to; i++)
                if (t->column[i].highest > t->column[i].lowest)
                        return true;
        return false;
}

static void draw_band(Out *o, const Chart *c, const Series *t, const Piece *piece, const char *class)
{
        Path p;

        put(o, "<g class=\"", class, "\">");
        p = path_begin(o, "band", CHART_WIDTH, CHART_HEIGHT);
        for (unsigned i = piece->before; i <= piece->to; i++)
                if (t->column[i].n > 0)
                        path_line(&p, column_x(t, i), scale_at(&c->y, t->column[i].highest));
        for (unsigned i = piece->to + 1; i-- > piece->before;)
                if (t->column[i].n > 0)
                        path_line(&p, column_x(t, i), scale_at(&c->y, t->column[i].lowest));
        put(o, "Z");
        path_end(&p);
        put(o, "</g>\n");
}

static void draw_line(Out *o, const Chart *c, const Series *t, const Piece *piece, const char *class)
{
        Path p;

        put(o, "<g class=\"", class, "\">");
        p = path_begin(o, "trace", CHART_WIDTH, CHART_HEIGHT);
        for (unsigned i = piece->before; i <= piece->to; i++)
                if (t->column[i].n > 0)
                        path_line(&p, column_x(t, i), scale_at(&c->y, series_mean(&t->column[i])));
        /* A lone value is a point: a line without length, whose ends are round. */
        if (piece->before == piece->to)
                path_line(&p, column_x(t, piece->to), scale_at(&c->y, series_mean(&t->column[piece->to])));
        path_end(&p);
        put(o, "</g>\n");
}

/* plain: the class of all of it, NULL = that of its zones. */
static void draw_trace(Out *o, const Chart *c, const Series *t, const char *plain)
{
        Piece piece;

        for (unsigned i = 0; next_piece(t, !plain, &i, &piece);)
                if (has_band(t, &piece))
                        draw_band(o, c, t, &piece, class_of(t, &piece, plain));
        for (unsigned i = 0; next_piece(t, !plain, &i, &piece);)
                draw_line(o, c, t, &piece, class_of(t, &piece, plain));
}

/* -- What lies behind and above them -- */

static void shade(
                Out *o, const Chart *c, const char *class, int64_t from, int64_t to, double y, double height)
{
        double left = scale_at(&c->x, (double)from), right = scale_at(&c->x, (double)to);

        if (to >= from && from <= (int64_t)c->x.high && to >= 0)
                path_rect(o, class, left, y, right - left, height, SHADE_LEAST, box);
}

static void draw_shades(Out *o, const Chart *c, const ReportRun *run)
{
        for (size_t i = 0; i < run->n_gaps; i++)
                shade(o, c, "gap", run->gaps[i].from, run->gaps[i].to, 0, CHART_HEIGHT);
        for (size_t i = 0; i < run->n_breaches; i++) {
                shade(o, c, "breach", run->breach[i].from, run->breach[i].to, 0, CHART_HEIGHT);
                shade(o, c, "breach-top", run->breach[i].from, run->breach[i].to, 0, 5);
        }
}

static void draw_ceiling(Out *o, const Chart *c, const ReportRun *run)
{
        Path p;
        bool any = false;

        for (size_t i = 0; i < run->n_ceilings; i++)
                any = any || !isnan(run->ceilings[i].value);
        if (!any)
                return;
        p = path_begin(o, "ceiling", CHART_WIDTH, CHART_HEIGHT);
        for (size_t i = 0; i < run->n_ceilings; i++) {
                double y = isnan(run->ceilings[i].value) ? NAN : scale_at(&c->y, run->ceilings[i].value);

                path_line(&p, scale_at(&c->x, (double)run->ceilings[i].from), y);
                path_line(&p, scale_at(&c->x, (double)run->ceilings[i].to), y);
        }
        path_end(&p);
}

static void label_peak(Chart *c, const Series *t)
{
        double x = scale_percent(&c->x, (double)t->highest_at), y = scale_percent(&c->y, t->highest);
        const char *anchor = x < 8 ? "start" : x > 92 ? "end" : "middle";

        put(c->o, "<circle cx=\"", x, "%\" cy=\"", y, "%\" r=\"4\"/>");
        chart_label_begin(c, "peak-label", x, y, anchor, 9);
        put(c->o, "peak ", whole(t->highest));
        chart_label_end(c);
}

/* The one of the whole run is named where the peak's label is not. */
static void label_ceilings(Chart *c, const ReportRun *run)
{
        const Series *t = run->heart_rate;
        unsigned named = 0;

        for (size_t i = 0; i < run->n_ceilings && named < CEILINGS_NAMED; i++) {
                const Span *s = &run->ceilings[i];
                double from = scale_percent(&c->x, (double)s->from), to = scale_percent(&c->x, (double)s->to);
                bool left = scale_percent(&c->x, (double)t->highest_at) > (from + to) / 2;

                if (isnan(s->value) || to - from < 12)
                        continue;
                named++;
                chart_label_begin(c, "ceiling-label", left ? from : to, scale_percent(&c->y, s->value),
                                left ? "start" : "end", 5);
                put(c->o, "ceiling ", whole(s->value));
                chart_label_end(c);
        }
}

static void draw_labels(Chart *c, const ReportRun *run)
{
        chart_labels(c);
        label_ceilings(c, run);
        label_peak(c, run->heart_rate);
        for (size_t i = 0; i < run->n_marks && i < REPORT_ROWS_MAX; i++) {
                chart_label_begin(c, "mark-label", scale_percent(&c->x, (double)run->marks[i].t), 100,
                                "middle", 3);
                put(c->o, "▲");
                chart_label_end(c);
        }
}

/* The strip below: a workout's steps. */
static void draw_steps(Chart *c, const ReportRun *run)
{
        if (run->n_steps == 0)
                return;
        put(c->o, "</svg>\n<svg class=\"steps\" aria-hidden=\"true\">");
        for (size_t i = 0; i < run->n_steps && i < 2 * REPORT_ROWS_MAX; i++) {
                const ReportStep *s = &run->steps[i];
                double from = scale_percent(&c->x, (double)s->from), to = scale_percent(&c->x, (double)s->to);

                if (!(to > from))
                        continue;
                put(c->o, "<rect class=\"step", i % 2 ? " odd" : "", "\" x=\"", from, "%\" width=\"",
                                to - from, "%\" height=\"100%\"/>");
                if (to - from >= 7)
                        put(c->o, "<text x=\"", (from + to) / 2,
                                        "%\" y=\"50%\" dy=\".35em\" text-anchor=\"middle\">", escaped(s->cue),
                                        "</text>\n");
        }
}

/* For the script: the mean of each column. */
static void put_values(Out *o, const Series *t, int64_t started_s, const char *unit)
{
        put(o, " data-start=\"", started_s, "\" data-length=\"", t->length, "\" data-unit=\"", unit,
                        "\" data-values=\"");
        for (unsigned i = 0; i < t->n; i++) {
                put(o, i > 0 ? "," : "");
                if (t->column[i].n > 0)
                        put(o, whole(series_mean(&t->column[i])));
        }
        put(o, "\"");
}

/* -- The table behind it -- */

static double ceiling_at(const ReportRun *run, int64_t t)
{
        double ceiling = NAN;

        for (size_t i = 0; i < run->n_ceilings && run->ceilings[i].from <= t; i++)
                ceiling = run->ceilings[i].value;
        return ceiling;
}

static bool overlaps(int64_t from, int64_t to, int64_t a, int64_t b)
{
        return a < to && b >= from;
}

static void put_remarks(Out *o, const ReportRun *run, int64_t from, int64_t to)
{
        const char *between = "";

        for (size_t i = 0; i < run->n_breaches; i++)
                if (overlaps(from, to, run->breach[i].from, run->breach[i].to)) {
                        put(o, "too fast");
                        between = ", ";
                        break;
                }
        for (size_t i = 0; i < run->n_gaps; i++)
                if (overlaps(from, to, run->gaps[i].from, run->gaps[i].to)) {
                        put(o, between, "a gap");
                        between = ", ";
                        break;
                }
        for (size_t i = 0; i < run->n_marks && i < REPORT_ROWS_MAX; i++)
                if (overlaps(from, to, run->marks[i].t, run->marks[i].t)) {
                        put(o, between, "marked", run->marks[i].text && *run->marks[i].text ? ": " : "",
                                        escaped(run->marks[i].text));
                        between = ", ";
                }
}

static void put_row(Out *o, const ReportRun *run, int64_t from, int64_t to)
{
        const Series *t = run->heart_rate;
        SeriesColumn all = { .lowest = NAN, .highest = NAN };

        for (unsigned i = series_column_of(t, from);
                        i < t->n && (i + 0.5) * (double)t->length / t->n < (double)to; i++) {
                const SeriesColumn *column = &t->column[i];

                all.n += column->n;
                all.sum += column->sum;
                all.lowest = fmin(all.lowest, column->lowest);
                all.highest = fmax(all.highest, column->highest);
                for (unsigned z = 0; z <= ZONES_MAX; z++)
                        all.zone[z] += column->zone[z];
        }
        put(o, "<tr><th scope=\"row\">");
        out_time_of_day(o, run->started_s + from / 1000);
        put(o, "</th><td>", whole(series_mean(&all)), "</td><td>", whole(all.lowest), "</td><td>",
                        whole(all.highest), "</td><td>");
        if (all.n > 0)
                put(o, series_zone(&all));
        else
                put(o, "–");
        put(o, "</td><td>", whole(ceiling_at(run, from)), "</td><td class=\"words\">");
        put_remarks(o, run, from, to);
        put(o, "</td></tr>\n");
}

static void put_table(Chart *c, const ReportRun *run)
{
        static const char *const titles[] = { "Time", "Average", "Lowest", "Highest", "Zone", "Ceiling", "",
                NULL };
        int64_t length = run->heart_rate->length, step = 1000 * scale_time_step(length / 1000, ROWS_MOST);

        chart_table(c, "Heart rate as a table", titles);
        for (int64_t t = 0; t < length || t == 0; t += step)
                put_row(c->o, run, t, t + step);
        chart_table_end(c);
}

/* -- The heart rate -- */

static Scale heart_rate_scale(const ReportRun *run)
{
        double low = run->heart_rate->lowest, high = run->heart_rate->highest;

        for (size_t i = 0; i < run->n_ceilings; i++) {
                low = fmin(low, run->ceilings[i].value);
                high = fmax(high, run->ceilings[i].value);
        }
        return scale_fit(low, high, HEART_RATE_RANGE, CHART_HEIGHT);
}

static void put_legend(Out *o, const ReportRun *run)
{
        static const char *const names[] = { "below", "zone 1", "zone 2", "zone 3", "zone 4", "zone 5",
                "zone 6", "zone 7" };

        for (unsigned z = 0; z < run->n_zones && z < ELEMENTSOF(names); z++)
                if (run->zone[z].seconds > 0)
                        legend_item(o, zone_class(z), names[z]);
        if (run->n_breaches > 0)
                legend_item(o, "breach-top", "too fast");
        if (run->n_gaps > 0)
                legend_item(o, "gap", "no heart rate");
        if (run->n_marks > 0)
                put(o, "<li>▲ your marks</li>");
}

static void say_heart_rate(Chart *c, const ReportRun *run)
{
        Out *o = c->o;

        chart_said(c);
        put(o, "From ", whole(run->heart_rate->lowest), " to ", whole(run->heart_rate->highest),
                        " bpm, smoothed");
        if (run->n_breaches > 0)
                put(o, "; too fast ", run->n_breaches == 1 ? "once" : "", run->n_breaches == 1 ? "" : "in ");
        if (run->n_breaches > 1)
                put(o, run->n_breaches, " breaches");
        if (run->n_gaps > 0)
                put(o, "; ", run->n_gaps, run->n_gaps == 1 ? " gap" : " gaps", " without a heart rate");
        put(o, ".");
        chart_said_end(c);
}

void course_heart_rate(Out *o, const ReportRun *run)
{
        const Series *t = run->heart_rate;
        Chart c = { .o = o, .id = "heart-rate" };

        if (!t || series_is_empty(t))
                return;
        c.x = scale_of_time(t->length, CHART_WIDTH);
        c.y = heart_rate_scale(run);
        chart_begin(&c, "Heart rate");
        put_legend(o, run);
        chart_picture(&c, "tall", "Heart rate over the time of the run", "bpm", write_whole);
        put_values(o, t, run->started_s, "bpm");
        chart_open(&c);
        draw_shades(o, &c, run);
        draw_trace(o, &c, t, NULL);
        draw_ceiling(o, &c, run);
        draw_labels(&c, run);
        draw_steps(&c, run);
        chart_times(&c, run->started_s);
        chart_end(&c);
        say_heart_rate(&c, run);
        put_table(&c, run);
        chart_done(&c);
}

/* -- What else was measured -- */

typedef struct Other {
        const char *id, *title, *label, *unit, *table, *column;
        double range_min;
        void (*write_value)(Out *o, double value);
} Other;

static void write_pace_per_km(Out *o, double value)
{
        out_pace(o, value, false);
}

static void write_pace_per_mile(Out *o, double value)
{
        out_pace(o, value, true);
}

/* Of the columns' means: single values of a strap that slips would leave no room for the others. */
static Scale scale_of_means(const Series *t, double range_min)
{
        double low = NAN, high = NAN;

        for (unsigned i = 0; i < t->n; i++) {
                low = fmin(low, series_mean(&t->column[i]));
                high = fmax(high, series_mean(&t->column[i]));
        }
        return scale_fit(low, high, range_min, CHART_HEIGHT);
}

/* Of a runner who stands or walks for a while the pace of running is what is to be seen: what is slower is at the foot. */
static Scale scale_of_pace(const Series *t, double range_min)
{
        Scale s = scale_of_means(t, range_min);
        double sum = 0, n = 0;

        for (unsigned i = 0; i < t->n; i++)
                if (t->column[i].n > 0) {
                        sum += series_mean(&t->column[i]);
                        n++;
                }
        s.low = fmax(s.low, PACE_FOOT * sum / n);
        return s;
}

/* Round ones, of which fast ones are high. */
static void find_pace_ticks(Chart *c, bool miles)
{
        static const int steps[] = { 10, 15, 30, 60, 120, 300, 600 };
        double length = miles ? METRES_PER_MILE : 1000,
               slow = fmin(length / fmax(c->y.low, 0.2), PACE_SLOWEST_S * length / 1000),
               fast = length / fmax(c->y.high, 0.21);
        int step = 0;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                step = steps[i];
                if ((slow - fast) / step <= 6)
                        break;
        }
        for (double pace = ceil(fast / step) * step; pace <= slow && c->n_ticks < CHART_TICKS_MAX;
                        pace += step)
                c->ticks[c->n_ticks++] = length / pace;
}

static void put_other_table(Chart *c, const ReportRun *run, const Series *t, const Other *other)
{
        const char *const titles[] = { "Time", other->column, NULL };
        int64_t step = 1000 * scale_time_step(t->length / 1000, ROWS_MOST);

        chart_table(c, other->table, titles);
        for (int64_t at = 0; at < t->length; at += step) {
                double sum = 0;
                unsigned n = 0;

                for (unsigned i = series_column_of(t, at);
                                i < t->n && (i + 0.5) * (double)t->length / t->n < (double)(at + step); i++) {
                        sum += t->column[i].sum;
                        n += t->column[i].n;
                }
                put(c->o, "<tr><th scope=\"row\">");
                out_time_of_day(c->o, run->started_s + at / 1000);
                put(c->o, "</th><td>");
                other->write_value(c->o, n > 0 ? sum / n : NAN);
                put(c->o, "</td></tr>\n");
        }
        chart_table_end(c);
}

static void draw_other(Out *o, const ReportRun *run, const Series *t, const Other *other)
{
        Chart c = { .o = o, .id = other->id };

        if (!t || series_is_empty(t))
                return;
        c.x = scale_of_time(t->length, CHART_WIDTH);
        if (t == run->speed_series) {
                c.y = scale_of_pace(t, other->range_min);
                find_pace_ticks(&c, run->miles);
        } else {
                c.y = scale_of_means(t, other->range_min);
        }
        chart_begin(&c, other->title);
        chart_picture(&c, "low", other->label, other->unit, other->write_value);
        chart_open(&c);
        draw_trace(o, &c, t, "plain");
        chart_labels(&c);
        chart_times(&c, run->started_s);
        chart_end(&c);
        chart_said(&c);
        put(o, "From ");
        other->write_value(o, t->lowest);
        put(o, " to ");
        other->write_value(o, t->highest);
        put(o, *other->unit ? " " : "", other->unit, ".");
        chart_said_end(&c);
        put_other_table(&c, run, t, other);
        chart_done(&c);
}

void course_others(Out *o, const ReportRun *run)
{
        const Other pace = { "pace", "Pace", "Pace over the time of the run, faster is higher",
                pace_unit(run->miles), "Pace as a table", pace_unit(run->miles), 0.8,
                run->miles ? write_pace_per_mile : write_pace_per_km };
        static const Other incline = { "incline", "Incline", "Incline over the time of the run", "%",
                "Incline as a table", "%", 2, write_decimal },
                           rr = { "rr", "From beat to beat", "R-R intervals over the time of the run", "ms",
                                   "R-R intervals as a table", "Average, ms", 100, write_whole },
                           alpha1 = { "alpha1", "DFA α1", "DFA alpha 1 over the time of the run", "",
                                   "DFA α1 as a table", "α1", 0.5, write_decimal };

        put(o, "<div class=\"two\">\n");
        draw_other(o, run, run->speed_series, &pace);
        draw_other(o, run, run->incline, &incline);
        draw_other(o, run, run->alpha1, &alpha1);
        draw_other(o, run, run->rr, &rr);
        put(o, "</div>\n");
}
