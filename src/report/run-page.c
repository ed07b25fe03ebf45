/* SPDX-License-Identifier: MIT */

/* The page of a run: what was said of it first, then its figures, its course, its zones, what the runner has noted, and the runs
 * of its kind before it. No clock. */

#include <math.h>
#include <string.h>

#include "cardio/pace.h"
#include "cardio/splits.h"
#include "report/course.h"
#include "report/page.h"
#include "report/report.h"
#include "report/words.h"

/* A length without a heart rate that is worth a word. */
#define SILENCE_LEAST_S 5.0

static bool is_text(const char *text)
{
        return text && *text;
}

/* -- The head -- */

static void put_state(Out *o, const ReportRun *run)
{
        if (is_text(run->state))
                put(o, " · ", escaped(run->state));
        if (is_text(run->source) && strcmp(run->source, "strap") != 0)
                put(o, " · ", escaped(run->source));
        if (!run->dated)
                put(o, " · date unknown: the clock was not set");
}

static void put_head(Out *o, const ReportRun *run)
{
        put(o, "<header><h1>");
        out_kind_title(o, run->kind);
        put(o, "</h1>\n<p>");
        out_date(o, day_of_local(run->started_s));
        put(o, ", ");
        out_time_of_day(o, run->started_s);
        if (run->duration_s > 0) {
                put(o, "–");
                out_time_of_day(o, run->started_s + llround(fmin(run->duration_s, 1e9)));
        }
        put_state(o, run);
        put(o, "</p></header>\n");
}

static const char *verdict_class(const char *key)
{
        if (!key)
                return "";
        if (strcmp(key, "good") == 0)
                return " good";
        return strcmp(key, "too-fast") == 0 || strcmp(key, "too-long") == 0 ? " bad" : "";
}

static void put_verdict(Out *o, const ReportRun *run)
{
        if (!is_text(run->verdict) && !is_text(run->verdict_text))
                return;
        put(o, "<p class=\"verdict", verdict_class(run->verdict), "\"><strong>Verdict:</strong> ");
        if (is_text(run->verdict_text))
                put(o, escaped(run->verdict_text));
        else
                out_key(o, run->verdict);
        put(o, "</p>\n");
}

/* -- Figures -- */

static void figure(Out *o, const char *name, bool warning)
{
        put(o, "<div", warning ? " class=\"over\"" : "", "><dt>", name, "</dt><dd>");
}

static void figure_end(Out *o)
{
        put(o, "</dd></div>\n");
}

static void put_length(Out *o, const ReportRun *run)
{
        figure(o, "Length", false);
        out_length(o, run->duration_s);
        if (run->live_s > 0 && run->duration_s - run->live_s >= SILENCE_LEAST_S) {
                put(o, "<small>");
                out_length(o, run->live_s);
                put(o, " of it with a heart rate</small>");
        }
        figure_end(o);
}

/* "Below 146 bpm (65%hrr), close enough up to 148." */
static void put_easy(Out *o, const ReportRun *run)
{
        bool limited = !isnan(run->ceiling);

        if (!limited && isnan(run->easy_percent))
                return;
        figure(o, "Easy", false);
        if (isnan(run->easy_percent)) {
                put(o, "–");
        } else {
                out_share(o, run->easy_percent);
                put(o, " %");
        }
        if (limited) {
                put(o, "<small>below ", whole(run->ceiling), " bpm");
                if (is_text(run->ceiling_expression))
                        put(o, " (", escaped(run->ceiling_expression), ")");
                if (run->tolerance > 0)
                        put(o, ", close enough up to ", whole(run->ceiling + run->tolerance));
                put(o, "</small>");
        }
        figure_end(o);
}

static void put_over(Out *o, const ReportRun *run)
{
        /* A ceiling may have been set later in the session. */
        if (isnan(run->ceiling) && run->over_s <= 0 && run->breaches == 0)
                return;
        figure(o, "Over the ceiling", run->over_s > 0);
        out_length(o, run->over_s);
        if (run->breaches > 0) {
                put(o, "<small>", run->breaches == 1 ? "a breach" : "", run->breaches == 1 ? "" : "in ");
                if (run->breaches > 1)
                        put(o, run->breaches, " breaches");
                /* How long one is that goes on is not known yet. */
                if (!is_text(run->state) && run->longest_breach_s > 0) {
                        put(o, run->breaches == 1 ? " of " : ", the longest ");
                        out_length(o, run->longest_breach_s);
                }
                put(o, "</small>");
        }
        figure_end(o);
}

static void put_moved(Out *o, const ReportRun *run)
{
        if (run->distance_m > 0) {
                figure(o, "Distance", false);
                out_distance(o, run->distance_m, run->miles);
                if (run->ascent_m > 0)
                        put(o, "<small>", whole(run->ascent_m), " m up</small>");
                figure_end(o);
        }
        if (run->speed > 0) {
                figure(o, "Pace", false);
                out_pace(o, run->speed, run->miles);
                put(o, " ", pace_unit(run->miles));
                if (run->cadence > 0)
                        put(o, "<small>", whole(run->cadence), " steps per minute</small>");
                figure_end(o);
        }
}

static void put_change(Out *o, const char *name, double percent, const char *of)
{
        if (isnan(percent))
                return;
        figure(o, name, false);
        put(o,
                        percent > 0   ? "+"
                        : percent < 0 ? "−"
                                      : "",
                        fixed(fabs(percent), 1), " %<small>", of, "</small>");
        figure_end(o);
}

static void put_figures(Out *o, const ReportRun *run)
{
        put(o, "<dl class=\"figures\">\n");
        put_length(o, run);
        put_moved(o, run);
        if (!isnan(run->average)) {
                figure(o, "Heart rate", false);
                put(o, whole(run->average), " bpm<small>average; lowest ", whole(run->lowest), ", peak ",
                                whole(run->peak), "</small>");
                figure_end(o);
        }
        if (run->live_s > 0) {
                put_easy(o, run);
                put_over(o, run);
        }
        if (!isnan(run->trimp)) {
                figure(o, "Load", false);
                put(o, whole(run->trimp), "<small>TRIMP</small>");
                figure_end(o);
        }
        put_change(o, "Drift", run->drift_percent, "heart rate, second half against first");
        put_change(o, "Decoupling", run->decoupling_percent, "the same of heart rate over speed");
        if (!isnan(run->hrr60)) {
                figure(o, "Recovery", false);
                put(o, whole(run->hrr60), " bpm<small>down in the first minute after effort</small>");
                figure_end(o);
        }
        if (!isnan(run->rmssd)) {
                figure(o, "RMSSD", false);
                put(o, fixed(run->rmssd, 1), " ms<small>in the run</small>");
                figure_end(o);
        }
        put(o, "</dl>\n");
}

/* -- Zones -- */

/* A bar of a table's row; its value is beside it. */
static void put_bar(Out *o, const char *class, double percent)
{
        put(o, "<td class=\"bar\"><svg aria-hidden=\"true\"><rect class=\"", class, "\" width=\"",
                        fmax(0, fmin(100, isnan(percent) ? 0 : percent)), "%\" height=\"100%\"/></svg></td>");
}

static void put_range(Out *o, const ReportZone *zone, bool first)
{
        if (first && !isnan(zone->high))
                put(o, "below ", whole(zone->high));
        else if (!isnan(zone->low) && !isnan(zone->high))
                put(o, whole(zone->low), "–", whole(zone->high));
        else if (!isnan(zone->low))
                put(o, whole(zone->low), " up");
}

static void put_zones(Out *o, const ReportRun *run)
{
        double most = 0;

        if (run->n_zones == 0)
                return;
        for (size_t i = 0; i < run->n_zones; i++)
                most = fmax(most, run->zone[i].percent);
        put(o, "<section id=\"zones\"><h2>Time in zones</h2>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Time in zones\"><table>\n<thead><tr><th scope=\"col\">Zone</th>"
               "<th scope=\"col\">bpm</th><th scope=\"col\">Time</th><th scope=\"col\">Share</th><td></td></tr></thead>\n<tbody>\n");
        for (size_t i = run->n_zones; i-- > 0;) {
                const ReportZone *zone = &run->zone[i];

                put(o, "<tr><th scope=\"row\">", i, "</th><td>");
                put_range(o, zone, i == 0);
                put(o, "</td><td>");
                out_hms(o, zone->seconds);
                put(o, "</td><td>", padded(zone->percent, 1), " %</td>");
                put_bar(o, zone_class((unsigned)i), most > 0 ? 100 * zone->percent / most : 0);
                put(o, "</tr>\n");
        }
        put(o, "</tbody></table></div></section>\n");
}

/* -- What the runner did and noted -- */

static void put_log(Out *o, const ReportRun *run)
{
        bool talk = is_text(run->talk_test);

        if (!talk && run->rpe <= 0 && !is_text(run->note) && !is_text(run->workout))
                return;
        put(o, "<section id=\"log\"><h2>How it felt</h2>\n<dl class=\"log\">\n");
        if (talk)
                put(o, "<dt>Talk test</dt><dd>",
                                strcmp(run->talk_test, "pass") == 0 ? "passed: you could talk"
                                                                    : "failed: you could not talk",
                                "</dd>\n");
        if (run->rpe > 0)
                put(o, "<dt>Effort felt</dt><dd>", run->rpe, " of 10</dd>\n");
        if (is_text(run->workout))
                put(o, "<dt>Workout</dt><dd>", escaped(run->workout), "</dd>\n");
        if (is_text(run->note))
                put(o, "<dt>Note</dt><dd>", escaped(run->note), "</dd>\n");
        put(o, "</dl></section>\n");
}

static void put_more(Out *o, size_t n, unsigned columns)
{
        if (n > REPORT_ROWS_MAX)
                put(o, "<tr><td colspan=\"", columns, "\">and ", n - REPORT_ROWS_MAX, " more</td></tr>\n");
}

static void open_list(Out *o, const char *name, const char *head)
{
        put(o, "<details><summary>", name,
                        "</summary>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"",
                        name, "\"><table>\n<thead><tr>", head, "</tr></thead>\n<tbody>\n");
}

static void close_list(Out *o)
{
        put(o, "</tbody></table></div></details>\n");
}

static void put_steps(Out *o, const ReportRun *run)
{
        if (run->n_steps == 0)
                return;
        open_list(o, "The workout's steps",
                        "<th scope=\"col\">At</th><th scope=\"col\">Step</th><th scope=\"col\">Length</th><th scope=\"col\">Peak</th>");
        for (size_t i = 0; i < run->n_steps && i < REPORT_ROWS_MAX; i++) {
                const ReportStep *s = &run->steps[i];

                put(o, "<tr><th scope=\"row\">");
                out_time_with_seconds(o, run->started_s + s->from / 1000);
                put(o, "</th><td>", escaped(s->cue), "</td><td>");
                out_hms(o, (double)(s->to - s->from) / 1000);
                put(o, "</td><td>", whole(s->peak), "</td></tr>\n");
        }
        put_more(o, run->n_steps, 4);
        close_list(o);
}

static void put_breaches(Out *o, const ReportRun *run)
{
        if (run->n_breaches == 0)
                return;
        open_list(o, "Too fast: each breach",
                        "<th scope=\"col\">At</th><th scope=\"col\">Length</th><th scope=\"col\">Peak</th><th scope=\"col\">Ceiling</th>");
        for (size_t i = 0; i < run->n_breaches && i < REPORT_ROWS_MAX; i++) {
                const ReportBreach *b = &run->breach[i];

                put(o, "<tr><th scope=\"row\">");
                out_time_with_seconds(o, run->started_s + b->from / 1000);
                put(o, "</th><td>");
                if (isnan(b->seconds))
                        put(o, "still over");
                else
                        out_hms(o, b->seconds);
                put(o, "</td><td>", whole(b->peak), "</td><td>", whole(b->ceiling), "</td></tr>\n");
        }
        put_more(o, run->n_breaches, 4);
        close_list(o);
}

static void put_gaps(Out *o, const ReportRun *run)
{
        if (run->n_gaps == 0)
                return;
        open_list(o, "Gaps without a heart rate", "<th scope=\"col\">At</th><th scope=\"col\">Length</th>");
        for (size_t i = 0; i < run->n_gaps && i < REPORT_ROWS_MAX; i++) {
                put(o, "<tr><th scope=\"row\">");
                out_time_with_seconds(o, run->started_s + run->gaps[i].from / 1000);
                put(o, "</th><td>");
                out_hms(o, run->gaps[i].value);
                put(o, "</td></tr>\n");
        }
        put_more(o, run->n_gaps, 2);
        close_list(o);
}

/* -- Kilometres, or miles -- */

static bool any_ascent(const ReportRun *run)
{
        for (size_t i = 0; i < run->n_splits; i++)
                if (run->splits[i].ascent_m >= 0.5)
                        return true;
        return false;
}

static void put_split(Out *o, const ReportRun *run, size_t i, bool up)
{
        const ReportSplit *s = &run->splits[i];

        put(o, "<tr><th scope=\"row\">");
        if (!split_is_whole(s->distance_m, run->miles))
                out_distance(o, s->distance_m, run->miles);
        else
                put(o, i + 1);
        put(o, "</th><td>");
        out_pace(o, s->speed, run->miles);
        put(o, "</td><td>", whole(s->heart_rate));
        if (up)
                put(o, "</td><td>", whole(s->ascent_m));
        put(o, "</td></tr>\n");
}

static void put_splits(Out *o, const ReportRun *run)
{
        static const char *const columns[2][2] = {
                { "<th scope=\"col\">km</th><th scope=\"col\">min/km</th><th scope=\"col\">bpm</th>",
                                "<th scope=\"col\">km</th><th scope=\"col\">min/km</th><th scope=\"col\">bpm</th><th scope=\"col\">Up, m</th>" },
                { "<th scope=\"col\">Mile</th><th scope=\"col\">min/mile</th><th scope=\"col\">bpm</th>",
                                "<th scope=\"col\">Mile</th><th scope=\"col\">min/mile</th><th scope=\"col\">bpm</th><th scope=\"col\">Up, m</th>" },
        };
        bool up = any_ascent(run);

        if (run->n_splits < 2)
                return;
        open_list(o, run->miles ? "Mile by mile" : "Kilometre by kilometre", columns[run->miles][up]);
        for (size_t i = 0; i < run->n_splits && i < REPORT_ROWS_MAX; i++)
                put_split(o, run, i, up);
        put_more(o, run->n_splits, up ? 4 : 3);
        close_list(o);
}

static void put_pace_alerts(Out *o, const ReportRun *run)
{
        if (run->n_pace_alerts == 0)
                return;
        open_list(o, "Too fast by pace",
                        run->miles ? "<th scope=\"col\">At</th><th scope=\"col\">min/mile</th>"
                                   : "<th scope=\"col\">At</th><th scope=\"col\">min/km</th>");
        for (size_t i = 0; i < run->n_pace_alerts && i < REPORT_ROWS_MAX; i++) {
                put(o, "<tr><th scope=\"row\">");
                out_time_with_seconds(o, run->started_s + run->pace_alerts[i].t / 1000);
                put(o, "</th><td>");
                out_pace(o, run->pace_alerts[i].speed, run->miles);
                put(o, "</td></tr>\n");
        }
        put_more(o, run->n_pace_alerts, 2);
        close_list(o);
}

/* -- The runs before -- */

/* What the mean of the runs before was, if all are known. */
static double mean_average(const ReportRun *run)
{
        double sum = 0;

        for (size_t i = 0; i < run->n_peers; i++)
                sum += run->peers[i].average;
        return sum / (double)run->n_peers;
}

static void compare_average(Out *o, const ReportRun *run)
{
        double by = run->average - mean_average(run);

        if (isnan(by))
                return;
        put(o, "<p class=\"said\">An average heart rate ");
        if (fabs(by) < 1)
                put(o, "like theirs");
        else
                put(o, whole(fabs(by)), " bpm ", by > 0 ? "above" : "below", " theirs");
        put(o, ".</p>\n");
}

/* Bars of average heart rates are only of use from where they differ. */
static double average_percent(const ReportRun *run, double average)
{
        double low = run->average, high = low;

        for (size_t i = 0; i < run->n_peers; i++) {
                low = fmin(low, run->peers[i].average);
                high = fmax(high, run->peers[i].average);
        }
        low -= 10;
        return 100 * (average - low) / (high - low);
}

/* Whether there is a pace to compare with. */
static bool any_pace(const ReportRun *run)
{
        for (size_t i = 0; i < run->n_peers; i++)
                if (run->speed > 0 && run->peers[i].speed > 0)
                        return true;
        return false;
}

static void put_peer(Out *o, const ReportRun *run, const ReportPeer *p, bool this)
{
        put(o,
                        this ? "<tr class=\"this\" aria-current=\"true\"><th scope=\"row\">"
                             : "<tr><th scope=\"row\">",
                        escaped(p->date), "</th><td>");
        out_hms(o, p->duration_s);
        put(o, "</td><td>");
        if (isnan(p->easy_percent)) {
                put(o, "–");
        } else {
                out_share(o, p->easy_percent);
                put(o, " %");
        }
        put(o, "</td><td>", whole(p->trimp), "</td><td>");
        if (any_pace(run)) {
                out_pace(o, p->speed, run->miles);
                put(o, "</td><td>");
        }
        put(o, whole(p->average), "</td>");
        put_bar(o, this ? "plain" : "none", average_percent(run, p->average));
        put(o, "</tr>\n");
}

static void put_peers(Out *o, const ReportRun *run)
{
        const ReportPeer this = { .date = "this one",
                .duration_s = run->duration_s,
                .average = run->average,
                .easy_percent = run->easy_percent,
                .trimp = run->trimp,
                .speed = run->speed };

        if (run->n_peers == 0)
                return;
        put(o, "<section id=\"before\"><h2>The last ");
        if (run->n_peers > 1)
                put(o, run->n_peers, " ");
        out_kind_plural(o, run->kind, run->n_peers == 1);
        put(o, " before it</h2>\n");
        compare_average(o, run);
        put(o, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Runs before it\"><table>\n<thead><tr><th scope=\"col\">Date</th><th scope=\"col\">Length</th>"
               "<th scope=\"col\">Easy</th><th scope=\"col\">Load</th>");
        if (any_pace(run))
                put(o, "<th scope=\"col\">", pace_unit(run->miles), "</th>");
        put(o, "<th scope=\"col\">Average</th><td></td></tr></thead>\n<tbody>\n");
        put_peer(o, run, &this, true);
        for (size_t i = 0; i < run->n_peers; i++)
                put_peer(o, run, &run->peers[i], false);
        put(o, "</tbody></table></div></section>\n");
}

/* -- The page -- */

static void put_foot(Out *o, const ReportRun *run)
{
        put(o, "<footer>Session ", run->id);
        if (is_text(run->strap))
                put(o, " · ", escaped(run->strap));
        if (!isnan(run->resting) && !isnan(run->maximum))
                put(o, " · resting ", whole(run->resting), ", maximum ", whole(run->maximum), " bpm");
        put(o, " · cardiod. These are health data: mind whom you give them to.</footer>\n");
}

int report_write_run(const ReportRun *run, const ReportSink *sink)
{
        Out o;

        out_begin(&o, sink);
        page_begin(&o);
        out_kind_title(&o, run->kind);
        put(&o, ", ");
        out_date(&o, day_of_local(run->started_s));
        page_body(&o);
        put_head(&o, run);
        put_verdict(&o, run);
        put_figures(&o, run);
        course_heart_rate(&o, run);
        put_splits(&o, run);
        put_steps(&o, run);
        put_breaches(&o, run);
        put_pace_alerts(&o, run);
        put_gaps(&o, run);
        put_log(&o, run);
        course_others(&o, run);
        put(&o, "<div class=\"two\">\n");
        put_zones(&o, run);
        put_peers(&o, run);
        put(&o, "</div>\n");
        put_foot(&o, run);
        page_end(&o);
        return out_end(&o);
}
