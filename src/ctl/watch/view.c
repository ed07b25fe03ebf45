/* SPDX-License-Identifier: MIT */
/* The live view. From two metres away what counts is the number, which is as large as possible, and the colour of the band
 * below it; then the verdict; the rest is for a closer look. What does not fit is left out, the least important first:
 * margins, keys, graph, strap, verdict, so that even one row shows the heart rate. Times are passed in. */
#include "watch/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/alpha1.h"
#include "cardio/bus-api.h"
#include "cardio/pace-text.h"
#include "watch/graph.h"
#include "text.h"

/* A digit is 3 by 5 points, a point twice as wide as high, with two columns between digits. */
#define DIGIT_POINTS_WIDE 3U
#define DIGIT_POINTS_HIGH 5U
#define DIGITS            3U
#define NUMBER_COLUMNS    (2 * (DIGITS * DIGIT_POINTS_WIDE + DIGITS - 1))

#define PANEL_COLUMNS_MIN 15U
#define PANEL_LABEL       8U /* columns, at least */
#define BATTERY_LOW       15U
/* The rows of the graph that the keys leave. */
#define GRAPH_ROWS_MIN 3U
/* The rows that words take at most. */
#define WORDS_ROWS_MAX 4U

/* Where each part goes; 0 rows = left out. */
typedef struct Layout {
        bool strap; /* in the first row */
        unsigned scale, number_row;
        unsigned panel_row, panel_column, panel_rows;
        unsigned band_row, band_rows;
        unsigned graph_row, graph_rows;
        bool keys; /* in the last row */
} Layout;

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

/* The number takes half of the space, so that the rest stays readable. */
static unsigned number_scale(unsigned rows, unsigned columns)
{
        unsigned high = rows >= 24 ? rows / 2 - 2 : rows >= 11 ? rows - 6 : rows >= 7 ? rows - 2 : 0;
        unsigned wide = columns > PANEL_COLUMNS_MIN + 2 ? columns - PANEL_COLUMNS_MIN - 2 : 0;

        if (wide < NUMBER_COLUMNS) /* the panel goes below it */
                wide = columns;
        return least(high / DIGIT_POINTS_HIGH, wide / NUMBER_COLUMNS);
}

static Layout lay_out(const Frame *f)
{
        Layout l = { .scale = number_scale(f->rows, f->columns) };
        unsigned row = 0, number_rows, number_columns, rest;
        bool airy = f->rows >= 22;

        l.strap = f->rows >= 3;
        row += l.strap + airy;

        l.number_row = row;
        number_rows = l.scale > 0 ? l.scale * DIGIT_POINTS_HIGH : 1;
        number_columns = l.scale * NUMBER_COLUMNS;
        row += number_rows;
        l.panel_row = l.number_row;
        l.panel_column = number_columns + 2 * l.scale;
        l.panel_rows = number_rows + airy;
        if (l.scale == 0) {
                l.panel_column = 0; /* the number is one of the panel's words */
        } else if (number_columns + PANEL_COLUMNS_MIN > f->columns) {
                l.panel_row = row;
                l.panel_column = 0;
                l.panel_rows = f->rows > row + 3 ? least(f->rows - row - 2, 4) : 0;
                row += l.panel_rows;
        }

        row += f->rows >= 12 && l.panel_row == l.number_row;
        l.band_row = row;
        l.band_rows = airy ? 3 : f->rows > row;
        row += l.band_rows + airy;
        rest = f->rows > row ? f->rows - row : 0;
        l.keys = rest > GRAPH_ROWS_MIN;
        rest -= l.keys;
        if (rest >= 2) {
                l.graph_row = row;
                l.graph_rows = rest;
        }
        return l;
}

/* -- The number -- */

static void draw_digit(
                Frame *f, unsigned row, unsigned column, unsigned scale, Style style, bool utf8, char c)
{
        /* Rows of three points, the leftmost in the highest bit. */
        static const uint8_t digit[10][DIGIT_POINTS_HIGH] = {
                { 7, 5, 5, 5, 7 },
                { 2, 6, 2, 2, 7 },
                { 7, 1, 7, 4, 7 },
                { 7, 1, 7, 1, 7 },
                { 5, 5, 7, 1, 1 },
                { 7, 4, 7, 1, 7 },
                { 7, 4, 7, 5, 7 },
                { 7, 1, 1, 1, 1 },
                { 7, 5, 7, 5, 7 },
                { 7, 5, 7, 1, 7 },
        };
        static const uint8_t dash[DIGIT_POINTS_HIGH] = { 0, 0, 7, 0, 0 };
        const uint8_t *points = c >= '0' && c <= '9' ? digit[c - '0'] : dash;

        for (unsigned y = 0; y < DIGIT_POINTS_HIGH * scale; y++)
                for (unsigned x = 0; x < DIGIT_POINTS_WIDE; x++)
                        if (points[y / scale] & 4U >> x)
                                frame_fill(f, row + y, column + 2 * scale * x, 2 * scale, style,
                                                utf8 ? 0x2588 : '#');
}

static void number_text(const Live *live, char buf[static NUMBER_STRING_MAX])
{
        const LiveStrap *s = live_strap_with_heart_rate(live);

        if (s)
                (void)snprintf(buf, NUMBER_STRING_MAX, "%ld", lround(fmin(s->smoothed, 999)));
        else
                (void)snprintf(buf, NUMBER_STRING_MAX, "--");
}

static Style number_style(const Live *live, const ViewNow *now)
{
        const LiveStrap *s = live_strap_with_heart_rate(live);

        if (!s)
                return STYLE_DIM;
        return verdict(live, now) == VERDICT_TOO_FAST ? STYLE_BAD : style_of_zone(s->zone);
}

static void draw_number(Frame *f, const Layout *l, const Live *live, const ViewNow *now, bool utf8)
{
        char text[NUMBER_STRING_MAX];
        unsigned digit_columns = 2 * l->scale * (DIGIT_POINTS_WIDE + 1), missing;

        number_text(live, text);
        missing = strlen(text) < DIGITS ? DIGITS - (unsigned)strlen(text) : 0;
        for (unsigned i = 0; i < DIGITS && text[i]; i++)
                draw_digit(f, l->number_row, (missing + i) * digit_columns, l->scale, number_style(live, now),
                                utf8, text[i]);
}

/* -- Beside it -- */

/* One entry of the panel, or one word of a row if there is no room for a panel. */
typedef struct PanelEntry {
        const char *label;
        char text[LIVE_TEXT_MAX];
        char more[LIVE_TEXT_MAX]; /* shown after it, if there is room */
        Style style;
} PanelEntry;

#define ENTRIES_MAX    16U
#define REASON_COLUMNS 40

static PanelEntry *add(PanelEntry *entries, size_t *n, const char *label, Style style)
{
        PanelEntry *e = &entries[(*n)++];

        *e = (PanelEntry){ .label = label, .style = style };
        return e;
}

/* A running clock shows completed seconds. */
static const char *clock_to_string(usec_t usec, char buf[static HMS_STRING_MAX])
{
        return seconds_to_string((double)(usec / USEC_PER_SEC), buf);
}

/* A strap that sends no R-R intervals never has one: `show` says so once, and nothing needs a line for it all the time. */
static bool tells_alpha1(const LiveStrap *s)
{
        return !isnan(s->alpha1) ||
               (*s->alpha1_reason && strcmp(s->alpha1_reason, alpha1_state_to_string(ALPHA1_NO_RR)) != 0);
}

static Style pace_style(const Live *live, const ViewNow *now)
{
        if (verdict(live, now) == VERDICT_TOO_FAST_PACE)
                return STYLE_BAD;
        if (live->session.id == 0 || live->pace_limit <= 0)
                return STYLE_BOLD;
        return live_is_over_pace(live, now->boot_usec) ? STYLE_WARNING : STYLE_GOOD;
}

/* Where nothing measures a pace there is no line for it. */
static void add_pace(const Live *live, const ViewNow *now, PanelEntry entries[static ENTRIES_MAX], size_t *n)
{
        const LiveStrap *s = live_pace(live, now->boot_usec);
        char text[PACE_TEXT_MAX];
        PanelEntry *e;

        if (!s && !(live->session.distance > 0))
                return;
        e = add(entries, n, "pace", s ? pace_style(live, now) : STYLE_DIM);
        (void)snprintf(e->text, sizeof(e->text), "%s", pace_to_string(s ? s->speed : NAN, live->miles, text));
        if (live->session.id != 0 && live->pace_limit > 0)
                (void)snprintf(e->more, sizeof(e->more), " limit %s",
                                pace_to_clock(live->pace_limit, live->miles, text));
        if (live->session.distance > 0) {
                e = add(entries, n, "distance", STYLE_BOLD);
                (void)snprintf(e->text, sizeof(e->text), "%s",
                                metres_to_string(live->session.distance, live->miles, text));
        }
}

static void add_steps(const Live *live, const ViewNow *now, PanelEntry entries[static ENTRIES_MAX], size_t *n)
{
        const LiveStrap *s = live_pace(live, now->boot_usec);
        char figure[NUMBER_STRING_MAX];
        PanelEntry *e;

        if (s && s->cadence > 0) {
                e = add(entries, n, "cadence", STYLE_PLAIN);
                (void)snprintf(e->text, sizeof(e->text), "%s", number_to_string(s->cadence, 0, figure));
        }
        if (s && !isnan(s->incline)) {
                e = add(entries, n, "incline", STYLE_PLAIN);
                (void)snprintf(e->text, sizeof(e->text), "%s %%", number_to_string(s->incline, 1, figure));
        }
}

static void add_beats(const LiveStrap *s, bool recorded, PanelEntry entries[static ENTRIES_MAX], size_t *n)
{
        char figure[NUMBER_STRING_MAX];
        PanelEntry *e;

        if (recorded && tells_alpha1(s)) {
                e = add(entries, n, "alpha1", STYLE_PLAIN);
                (void)snprintf(e->text, sizeof(e->text), "%s",
                                isnan(s->alpha1) ? "-" : number_to_string(s->alpha1, 2, figure));
                if (*s->alpha1_reason)
                        (void)snprintf(e->more, sizeof(e->more), " %.*s", REASON_COLUMNS, s->alpha1_reason);
        }
        if (s->n_rr > 0) {
                e = add(entries, n, "R-R", STYLE_PLAIN);
                (void)snprintf(e->text, sizeof(e->text), "%ld ms",
                                lround(s->rr[s->n_rr - 1] * 1000.0 / 1024));
        }
}

/* The most important first. */
static size_t panel_entries(const Live *live, const ViewNow *now, PanelEntry entries[static ENTRIES_MAX])
{
        const LiveStrap *s = live_strap_with_heart_rate(live);
        const LiveSession *session = &live->session;
        char figure[NUMBER_STRING_MAX], hms[HMS_STRING_MAX];
        size_t n = 0;
        PanelEntry *e;

        if (s) {
                e = add(entries, &n, "zone", style_of_zone(s->zone));
                (void)snprintf(e->text, sizeof(e->text), "%u", s->zone);
        }
        if (live->ceiling > 0) {
                e = add(entries, &n, "ceiling", STYLE_BOLD);
                (void)snprintf(e->text, sizeof(e->text), "%s", number_to_string(live->ceiling, 0, figure));
        }
        add_pace(live, now, entries, &n);
        if (*live->workout.step) {
                e = add(entries, &n, "step", STYLE_BOLD);
                (void)snprintf(e->text, sizeof(e->text), "%s",
                                seconds_to_string(verdict_workout_left(live, now), hms));
                (void)snprintf(e->more, sizeof(e->more), " %.*s", NUMBER_STRING_MAX, live->workout.step);
        }
        if (live->waiting > 0) {
                e = add(entries, &n, "disk", STYLE_BAD);
                (void)snprintf(e->text, sizeof(e->text), "refuses");
                (void)snprintf(e->more, sizeof(e->more), ", %u wait", live->waiting);
        }
        if (session->id != 0 && (live->ceiling > 0 || session->over_s > 0)) {
                e = add(entries, &n, "over", session->over_s > 0 ? STYLE_WARNING : STYLE_GOOD);
                (void)snprintf(e->text, sizeof(e->text), "%s", seconds_to_string(session->over_s, hms));
                if (session->breaches > 0)
                        (void)snprintf(e->more, sizeof(e->more), " %lldx", (long long)session->breaches);
        }
        if (session->id != 0) {
                e = add(entries, &n, "session", STYLE_BOLD);
                (void)snprintf(e->text, sizeof(e->text), "%s",
                                clock_to_string(usec_sub(now->boot_usec, session->started_usec), hms));
        }
        if (live->snoozed_until_usec > now->realtime_usec) {
                e = add(entries, &n, "snoozed", STYLE_WARNING);
                (void)snprintf(e->text, sizeof(e->text), "%s",
                                clock_to_string(live->snoozed_until_usec - now->realtime_usec, hms));
        }
        if (s) {
                e = add(entries, &n, "now", STYLE_PLAIN);
                (void)snprintf(e->text, sizeof(e->text), "%u", s->heart_rate);
        }
        add_steps(live, now, entries, &n);
        if (s)
                add_beats(s, session->id != 0, entries, &n);
        if (*session->kind) {
                e = add(entries, &n, "kind", STYLE_PLAIN);
                (void)snprintf(e->text, sizeof(e->text), "%s", session->kind);
        }
        return n;
}

static void draw_entry(Frame *f, unsigned row, unsigned column, const PanelEntry *e)
{
        if (column >= f->columns)
                return;
        column += frame_text(f, row, column, f->columns - column, e->style, e->text);
        if (column + strlen(e->more) <= f->columns)
                frame_text(f, row, column, f->columns - column, e->style, e->more);
}

/* All in one row, as many as fit. */
static void draw_words(Frame *f, unsigned row, const Live *live, const ViewNow *now)
{
        PanelEntry entries[ENTRIES_MAX];
        size_t n = panel_entries(live, now, entries);
        char text[NUMBER_STRING_MAX];
        unsigned column;

        number_text(live, text);
        column = frame_text(f, row, 0, f->columns, number_style(live, now), text);
        for (size_t i = 0; i < n; i++) {
                unsigned label = (unsigned)strlen(entries[i].label) + 1;
                unsigned all = 2 + label + (unsigned)text_width(entries[i].text);

                entries[i].more[0] = '\0';
                if (column + all > f->columns)
                        break;
                frame_text(f, row, column + 2, label, STYLE_PLAIN, entries[i].label);
                draw_entry(f, row, column + 2 + label, &entries[i]);
                column += all;
        }
}

static void draw_panel(Frame *f, const Layout *l, const Live *live, const ViewNow *now)
{
        PanelEntry entries[ENTRIES_MAX];
        size_t n = panel_entries(live, now, entries);
        unsigned step = 2 * n <= l->panel_rows + 1 ? 2 : 1, label = PANEL_LABEL;

        for (size_t i = 0; i < n; i++)
                if (strlen(entries[i].label) >= label)
                        label = (unsigned)strlen(entries[i].label) + 1;

        for (size_t i = 0; i < n && i * step < l->panel_rows; i++) {
                unsigned row = l->panel_row + (unsigned)i * step;

                frame_text(f, row, l->panel_column, label, STYLE_PLAIN, entries[i].label);
                draw_entry(f, row, l->panel_column + label, &entries[i]);
        }
}

/* -- Above and below -- */

/* What to do if there is nothing to show. */
static const char *advice(const Live *live)
{
        switch (live->reach) {
        case REACH_ABSENT:
                return live->own_only ? "systemctl --user start cardiod" : "systemctl start cardiod";
        case REACH_SILENT:
                return "cardioctl doctor";
        case REACH_DENIED:
                return "sudo usermod -aG " CARDIO_GROUP " $USER, then log in again";
        case REACH_PRESENT:
                if (strcmp(live->bluetooth, CARDIO_BLUETOOTH_NO_BLUEZ) == 0)
                        return "systemctl start bluetooth";
                if (strcmp(live->bluetooth, CARDIO_BLUETOOTH_OFF) == 0)
                        return "bluetoothctl power on, or rfkill unblock bluetooth";
                return "put your strap on: cardioctl setup finds it, and makes it yours";
        case REACH_LOOKING:
        case REACH_NO_BUS:
        case _REACH_MAX:
        case _REACH_INVALID:
                break;
        }
        return "";
}

/* What tells the pace, behind the strap, if there is room for all of it: its name, and a battery that is low. */
static void draw_pace_source(Frame *f, const Live *live, const ViewNow *now, unsigned column, unsigned end)
{
        const LiveStrap *s = live_pace(live, now->boot_usec);
        _cleanup_free_ char *name = NULL;
        char low[NUMBER_STRING_MAX] = "";

        if (!s || s->kind == SENSOR_KIND_STRAP)
                return;
        name = text_clean(*s->name ? s->name : s->address);
        if (s->battery <= BATTERY_LOW)
                (void)snprintf(low, sizeof(low), "  battery %u %%", s->battery);
        if (column + strlen("pace from ") + text_width(name) + strlen(low) > end)
                return;
        column += frame_textf(f, 0, column, end - column, STYLE_PLAIN, "pace from %s", name);
        frame_text(f, 0, column, end - column, STYLE_BAD, low);
}

static void draw_strap(Frame *f, const Live *live, const ViewNow *now)
{
        const LiveStrap *s = live_strap(live);
        unsigned column, right = 0;
        Style style;

        if (!s) {
                frame_text(f, 0, 0, f->columns, STYLE_PLAIN, advice(live));
                return;
        }
        style = s->state == STRAP_LIVE ? STYLE_GOOD : s->state == STRAP_ABSENT ? STYLE_DIM : STYLE_WARNING;
        if (s->battery <= 100 && f->columns >= 30) {
                right = s->battery == 100 ? 13 : 12;
                frame_textf(f, 0, f->columns - right, right,
                                s->battery <= BATTERY_LOW ? STYLE_BAD : STYLE_PLAIN, "battery %u %%",
                                s->battery);
                right++;
        }
        column = frame_text(f, 0, 0, f->columns - right, STYLE_BOLD, *s->name ? s->name : s->address) + 2;
        if (column + strlen(strap_state_to_string(s->state)) > f->columns - right)
                return;
        column += frame_text(
                        f, 0, column, f->columns - right - column, style, strap_state_to_string(s->state));
        draw_pace_source(f, live, now, column + 3, f->columns - right);
}

/* Why there is that ceiling, or none: in the empty row below the strap, if there is one. */
static void draw_reason(Frame *f, const Live *live)
{
        char ceiling[NUMBER_STRING_MAX] = "none";

        if (live->session.id == 0 || !*live->ceiling_reason)
                return;
        if (live->ceiling > 0)
                (void)number_to_string(live->ceiling, 0, ceiling);
        frame_textf(f, 1, 0, f->columns, STYLE_DIM, "ceiling %s, %s", ceiling,
                        ceiling_reason_to_string(live->ceiling_reason));
}

static Style band_style(Verdict v)
{
        switch (v) {
        case VERDICT_TOO_FAST_PACE:
        case VERDICT_TOO_FAST:
                return STYLE_BAND_BAD;
        case VERDICT_EASY:
                return STYLE_BAND_GOOD;
        case VERDICT_NO_DAEMON:
        case VERDICT_DENIED:
        case VERDICT_STALE:
        case VERDICT_NO_CONTACT:
        case VERDICT_AT:
        case VERDICT_ABOVE:
        case VERDICT_SNOOZED:
                return STYLE_BAND_WARNING;
        case VERDICT_NO_STRAP:
        case VERDICT_ABSENT:
        case VERDICT_CONNECTING:
        case VERDICT_IDLE:
        case VERDICT_WORKOUT:
        case VERDICT_FREE:
                return STYLE_BAND_PLAIN;
        case _VERDICT_MAX:
        case _VERDICT_INVALID:
                break;
        }
        return STYLE_PLAIN;
}

static void draw_band(Frame *f, const Layout *l, const Live *live, const ViewNow *now)
{
        char text[LIVE_TEXT_MAX];
        Style style = band_style(verdict(live, now));
        char *figures;
        unsigned columns;

        for (unsigned i = 0; i < l->band_rows; i++)
                frame_fill(f, l->band_row + i, 0, f->columns, style, ' ');
        verdict_describe(live, now, text, sizeof(text));
        figures = strstr(text, "  ");
        if (figures && text_width(text) > f->columns) /* the verdict without its figures */
                *figures = '\0';
        columns = least((unsigned)text_width(text), f->columns);
        frame_text(f, l->band_row + l->band_rows / 2, (f->columns - columns) / 2, f->columns, style, text);
}

/* -- The last row ---------------------------------------------------------------------------------------- */

/* What the keys do now, in as many words as fit. */
static void keys_to_string(const Live *live, const ViewNow *now, bool whole, unsigned columns,
                char buf[static LIVE_TEXT_MAX])
{
        bool runs = live->session.id != 0, snoozed = live->snoozed_until_usec > now->realtime_usec;
        const char *s = snoozed ? "alerts" : "snooze", *space = runs ? "stop" : "start";

        (void)snprintf(buf, LIVE_TEXT_MAX, "s %s   space %s   %sg %s   q quit", s, space,
                        runs ? "m mark   " : "", whole ? "last minutes" : "whole run");
        if (strlen(buf) > columns)
                (void)snprintf(buf, LIVE_TEXT_MAX, "s %s  space %s  %sg %s  q", s, space,
                                runs ? "m mark  " : "", whole ? "back" : "run");
        if (strlen(buf) > columns)
                (void)snprintf(buf, LIVE_TEXT_MAX, "s space %sg q", runs ? "m " : "");
        if (strlen(buf) > columns)
                buf[0] = '\0';
}

/* Words in as many of the last rows as they take, wrapped between them; at most that many. */
static void draw_wrapped(Frame *f, unsigned rows, Style style, const char *words)
{
        _cleanup_free_ char *clean = text_clean(words);
        char *line[WORDS_ROWS_MAX];
        unsigned n = 0;

        for (char *at = clean; *at && n < rows;) {
                size_t fit = text_fit(at, f->columns), cut = fit;

                while (at[fit] && cut > 0 && at[cut] != ' ')
                        cut--;
                line[n++] = at;
                if (!at[fit] || n == rows)
                        break;
                at += cut > 0 ? cut : fit;
                if (cut > 0)
                        *at++ = '\0';
        }
        for (unsigned i = 0; i < n; i++) {
                frame_fill(f, f->rows - n + i, 0, f->columns, STYLE_PLAIN, ' ');
                frame_text(f, f->rows - n + i, 0, f->columns, style, line[i]);
        }
}

static void draw_last(Frame *f, const Layout *l, const Live *live, const ViewNow *now, const ViewMode *mode)
{
        unsigned rest = f->rows - least(l->band_row + l->band_rows, f->rows), width;
        char keys[LIVE_TEXT_MAX];

        if (mode->words && rest > 0) {
                draw_wrapped(f, least(rest, WORDS_ROWS_MAX), mode->style, mode->words);
                return;
        }
        /* Where the verdict has the last row the strap is left out meanwhile. */
        if (mode->words && l->strap) {
                frame_fill(f, 0, 0, f->columns, STYLE_PLAIN, ' ');
                frame_text(f, 0, 0, f->columns, mode->style, mode->words);
                return;
        }
        if (!l->keys)
                return;
        if (mode->keys)
                keys_to_string(live, now, mode->whole, f->columns, keys);
        else
                (void)snprintf(keys, sizeof(keys), "%s", f->columns >= 12 ? "Ctrl-C quits" : "");
        width = (unsigned)strlen(keys);
        frame_text(f, f->rows - 1, (f->columns - width) / 2, f->columns, STYLE_DIM, keys);
}

void view_draw(const Live *live, const ViewNow *now, const ViewMode *mode, Frame *f)
{
        Layout l = lay_out(f);

        frame_clear(f);
        if (f->rows == 0 || f->columns == 0)
                return;
        if (l.strap)
                draw_strap(f, live, now);
        if (l.number_row > 1)
                draw_reason(f, live);
        if (l.scale > 0) {
                draw_number(f, &l, live, now, mode->utf8);
                draw_panel(f, &l, live, now);
        } else {
                draw_words(f, l.number_row, live, now);
        }
        if (l.band_rows > 0)
                draw_band(f, &l, live, now);
        if (l.graph_rows > 0)
                (mode->whole ? graph_draw_run : graph_draw_minutes)(
                                f, l.graph_row, l.graph_rows, live, now->boot_usec, mode->utf8);
        draw_last(f, &l, live, now, mode);
}
