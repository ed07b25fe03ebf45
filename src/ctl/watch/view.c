/* SPDX-License-Identifier: MIT */
/* The live view. From two metres away what counts is the number, which is as large as possible, and the colour of the band
 * below it; then the verdict; the rest is for a closer look. What does not fit is left out, the least important first:
 * margins, graph, strap, verdict, so that even one row shows the heart rate. Times are passed in. */
#include "watch/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "watch/graph.h"
#include "text.h"

/* A digit is 3 by 5 points, a point twice as wide as high, with two columns between digits. */
#define DIGIT_POINTS_WIDE 3U
#define DIGIT_POINTS_HIGH 5U
#define DIGITS            3U
#define NUMBER_COLUMNS    (2 * (DIGITS * DIGIT_POINTS_WIDE + DIGITS - 1))

#define PANEL_COLUMNS_MIN 15U
#define PANEL_LABEL       8U
#define BATTERY_LOW       15U

/* Where each part goes; 0 rows = left out. */
typedef struct Layout {
        bool strap; /* in the first row */
        unsigned scale, number_row;
        unsigned panel_row, panel_column, panel_rows;
        unsigned band_row, band_rows;
        unsigned graph_row, graph_rows;
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

#define ENTRIES_MAX 10U

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
        if (s && s->n_rr > 0) {
                e = add(entries, &n, "R-R", STYLE_PLAIN);
                (void)snprintf(e->text, sizeof(e->text), "%ld ms",
                                lround(s->rr[s->n_rr - 1] * 1000.0 / 1024));
        }
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
        unsigned step = 2 * n <= l->panel_rows + 1 ? 2 : 1;

        for (size_t i = 0; i < n && i * step < l->panel_rows; i++) {
                unsigned row = l->panel_row + (unsigned)i * step;

                frame_text(f, row, l->panel_column, PANEL_LABEL, STYLE_PLAIN, entries[i].label);
                draw_entry(f, row, l->panel_column + PANEL_LABEL, &entries[i]);
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
                return "cardioctl scan finds a strap, cardioctl trust ADDRESS sets it up";
        case REACH_LOOKING:
        case REACH_NO_BUS:
        case _REACH_MAX:
        case _REACH_INVALID:
                break;
        }
        return "";
}

static void draw_strap(Frame *f, const Live *live)
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
        if (column + strlen(strap_state_to_string(s->state)) <= f->columns - right)
                frame_text(f, 0, column, f->columns - right - column, style, strap_state_to_string(s->state));
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

void view_draw(const Live *live, const ViewNow *now, bool utf8, Frame *f)
{
        Layout l = lay_out(f);

        frame_clear(f);
        if (f->rows == 0 || f->columns == 0)
                return;
        if (l.strap)
                draw_strap(f, live);
        if (l.number_row > 1)
                draw_reason(f, live);
        if (l.scale > 0) {
                draw_number(f, &l, live, now, utf8);
                draw_panel(f, &l, live, now);
        } else {
                draw_words(f, l.number_row, live, now);
        }
        if (l.band_rows > 0)
                draw_band(f, &l, live, now);
        if (l.graph_rows > 0)
                graph_draw(f, l.graph_row, l.graph_rows, live, now->boot_usec, utf8);
}
