/* SPDX-License-Identifier: MIT */
/* Text for people. Colour goes only to a terminal and never with NO_COLOR; the text is complete without it. No clock. */
#include "output.h"

#include <assert.h>
#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

#define LABEL_COLUMNS 12
#define COLUMN_GAP    2

Style style_of_zone(unsigned zone)
{
        unsigned highest = STYLE_ZONE_5 - STYLE_ZONE_0;

        return (Style)(STYLE_ZONE_0 + (zone < highest ? zone : highest));
}

const char *style_sequence(Style style, bool colour)
{
        static const struct {
                const char *colour, *plain;
        } sequences[] = {
                [STYLE_PLAIN] = { "", "" },
                [STYLE_DIM] = { "\033[2m", "" },
                [STYLE_BOLD] = { "\033[1m", "\033[1m" },
                [STYLE_GOOD] = { "\033[32m", "" },
                [STYLE_WARNING] = { "\033[33m", "" },
                [STYLE_BAD] = { "\033[1;31m", "\033[1m" },
                [STYLE_BAND_PLAIN] = { "\033[7m", "\033[7m" },
                [STYLE_BAND_GOOD] = { "\033[1;30;42m", "\033[1m" },
                [STYLE_BAND_WARNING] = { "\033[30;43m", "\033[7m" },
                [STYLE_BAND_BAD] = { "\033[1;37;41m", "\033[1;7m" },
                [STYLE_ZONE_0] = { "\033[2m", "" },
                [STYLE_ZONE_1] = { "\033[36m", "" },
                [STYLE_ZONE_2] = { "\033[32m", "" },
                [STYLE_ZONE_3] = { "\033[33m", "" },
                [STYLE_ZONE_4] = { "\033[35m", "" },
                [STYLE_ZONE_5] = { "\033[31m", "" },
        };

        assert(style >= 0 && style < (Style)ELEMENTSOF(sequences));
        return colour ? sequences[style].colour : sequences[style].plain;
}

void output_open(Output *ret)
{
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
        struct winsize size;
        Output out = { .terminal = isatty(STDOUT_FILENO) };

        out.pager = out.terminal && term && strcmp(term, "dumb") != 0;
        out.colour = out.pager && !(no_color && *no_color);
        out.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
        if (out.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
                out.width = size.ws_col;
        *ret = out;
}

_printf_(3, 0) static void print_clean(const Output *out, Style style, const char *format, va_list arguments)
{
        _cleanup_free_ char *text = NULL, *clean = NULL;
        const char *sequence = out->colour ? style_sequence(style, true) : "";

        text = text_formatted(format, arguments);
        clean = text_clean(text);
        printf("%s%s%s", sequence, clean, *sequence ? STYLE_RESET : "");
}

void output_text(const Output *out, Style style, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        print_clean(out, style, format, arguments);
        va_end(arguments);
}

void output_zone(const Output *out, unsigned zone, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        print_clean(out, style_of_zone(zone), format, arguments);
        va_end(arguments);
}

void output_label(const Output *out, const char *label)
{
        output_text(out, STYLE_DIM, "%-*s", LABEL_COLUMNS, label);
}

Line line_begin(const Output *out, const char *label)
{
        if (!label)
                return (Line){ .out = out };
        output_label(out, label);
        return (Line){ .out = out, .indent = LABEL_COLUMNS, .at = LABEL_COLUMNS };
}

/* Adds a word with the blanks before it, or begins a new line if it does not fit. */
static void line_add_word(Line *l, const char *word, size_t bytes, size_t width)
{
        if (l->blanks > 0 && l->out->width > 0 && l->at + l->blanks + width > l->out->width) {
                printf("\n%*s", (int)l->indent, "");
                l->at = l->indent;
        } else {
                printf("%*s", (int)l->blanks, "");
                l->at += l->blanks;
        }
        printf("%.*s", (int)bytes, word);
        l->at += width;
        l->blanks = 0;
}

_printf_(3, 0) static void line_add_list(Line *l, Style style, const char *format, va_list arguments)
{
        const char *sequence = l->out->colour ? style_sequence(style, true) : "";
        _cleanup_free_ char *text = NULL, *clean = NULL;

        text = text_formatted(format, arguments);
        clean = text_clean(text);

        fputs(sequence, stdout);
        for (char *rest = clean; *rest;) {
                size_t bytes = strcspn(rest, " ");
                char end = rest[bytes];

                rest[bytes] = '\0';
                if (bytes > 0)
                        line_add_word(l, rest, bytes, text_width(rest));
                l->blanks += end == ' ';
                rest += bytes + (end == ' ');
        }
        if (*sequence)
                fputs(STYLE_RESET, stdout);
}

void line_add(Line *l, Style style, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        line_add_list(l, style, format, arguments);
        va_end(arguments);
}

void line_end(Line *l)
{
        putchar('\n');
        l->at = l->blanks = 0;
}

void output_wrapped(const Output *out, Style style, unsigned column, unsigned indent, const char *format, ...)
{
        Line line = { .out = out, .indent = indent, .at = column };
        va_list arguments;

        va_start(arguments, format);
        line_add_list(&line, style, format, arguments);
        va_end(arguments);
        line_end(&line);
}

void output_field(const Output *out, const char *label, const char *format, ...)
{
        Line line = line_begin(out, label);
        va_list arguments;

        va_start(arguments, format);
        line_add_list(&line, STYLE_PLAIN, format, arguments);
        va_end(arguments);
        line_end(&line);
}

void output_bar(const Output *out, unsigned zone, double fraction, unsigned columns)
{
        unsigned filled;

        if (!(fraction > 0))
                return;
        filled = (unsigned)lround(fmin(fraction, 1) * columns);
        if (filled == 0)
                filled = 1; /* a small fraction is still visible */

        if (out->colour)
                fputs(style_sequence(style_of_zone(zone), true), stdout);
        for (unsigned i = 0; i < filled; i++)
                fputs(out->utf8 ? "\u2588" : "#", stdout);
        if (out->colour)
                fputs(STYLE_RESET, stdout);
}

typedef struct Cell {
        char *text; /* cleaned; NULL = empty */
        Style style;
} Cell;

struct Table {
        const Column *columns;
        size_t n_columns;
        Cell *cells;
        size_t n_cells, allocated;
};

Table *table_new(const Column *columns, size_t n)
{
        Table *t = checked(calloc(1, sizeof(*t)));

        assert(n > 0 && n <= TABLE_COLUMNS_MAX);
        t->columns = columns;
        t->n_columns = n;
        return t;
}

Table *table_free(Table *t)
{
        if (!t)
                return NULL;
        for (size_t i = 0; i < t->n_cells; i++)
                free(t->cells[i].text);
        free(t->cells);
        free(t);
        return NULL;
}

void table_cell(Table *t, Style style, const char *text)
{
        if (t->n_cells == t->allocated) {
                t->allocated = t->allocated ? t->allocated * 2 : 16 * t->n_columns;
                t->cells = checked(reallocarray(t->cells, t->allocated, sizeof(*t->cells)));
        }
        t->cells[t->n_cells++] = (Cell){ .style = style, .text = text && *text ? text_clean(text) : NULL };
}

void table_cellf(Table *t, Style style, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = text_formatted(format, arguments);
        va_end(arguments);
        table_cell(t, style, text);
}

static size_t table_width(const size_t *width, size_t n)
{
        size_t total = 0;

        for (size_t i = 0; i < n; i++)
                if (width[i] > 0)
                        total += width[i] + (total > 0 ? COLUMN_GAP : 0);
        return total;
}

static void table_measure(const Table *t, size_t width[static TABLE_COLUMNS_MAX])
{
        for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
                width[i] = 0;
        for (size_t i = 0; i < t->n_cells; i++) {
                size_t *w = &width[i % t->n_columns],
                       here = t->cells[i].text ? text_width(t->cells[i].text) : 0;

                *w = here > *w ? here : *w;
        }
        for (size_t i = 0; i < t->n_columns; i++)
                if (width[i] > 0 && width[i] < strlen(t->columns[i].title))
                        width[i] = strlen(t->columns[i].title);
}

/* Narrows the columns that allow it, the last one first, as far as needed. Returns whether the table fits then. */
static bool table_narrow(const Table *t, size_t available, size_t width[static TABLE_COLUMNS_MAX])
{
        size_t total = table_width(width, t->n_columns);

        for (size_t i = t->n_columns; i > 0 && total > available; i--) {
                size_t least = t->columns[i - 1].narrow, cut = total - available;

                if (least == 0 || width[i - 1] <= least)
                        continue;
                cut = cut < width[i - 1] - least ? cut : width[i - 1] - least;
                width[i - 1] -= cut;
                total -= cut;
        }
        return total <= available;
}

/* The width of each column, 0 = left out. If nothing helps, the table is wider than the terminal. */
static void table_fit(const Table *t, size_t available, size_t width[static TABLE_COLUMNS_MAX])
{
        size_t whole[TABLE_COLUMNS_MAX];

        table_measure(t, whole);
        for (;;) {
                size_t last = 0;

                memcpy(width, whole, sizeof(whole));
                if (available == 0 || table_narrow(t, available, width))
                        return;

                for (size_t i = 1; i < t->n_columns; i++)
                        if (whole[i] > 0 &&
                                        t->columns[i].drop > (whole[last] > 0 ? t->columns[last].drop : 0))
                                last = i;
                if (t->columns[last].drop == 0 || whole[last] == 0)
                        return;
                whole[last] = 0;
        }
}

static void print_blanks(size_t n)
{
        while (n-- > 0)
                putchar(' ');
}

static void table_print_row(const Table *t, const Output *out, const Cell *row, const size_t *width)
{
        size_t pending = 0; /* blanks, printed only before other text, so that no line ends in them */

        for (size_t i = 0, first = 1; i < t->n_columns; i++) {
                const char *text = row ? row[i].text : t->columns[i].title, *sequence; /* cleaned */
                size_t columns, bytes;

                if (width[i] == 0)
                        continue;
                pending += first ? 0 : COLUMN_GAP;
                first = 0;
                if (!text || !*text) {
                        pending += width[i];
                        continue;
                }

                bytes = text_fit(text, width[i]);
                columns = text_width(text);
                columns = width[i] > columns ? width[i] - columns : 0;
                print_blanks(pending + (t->columns[i].right ? columns : 0));
                sequence = out->colour ? style_sequence(row ? row[i].style : STYLE_DIM, true) : "";
                fputs(sequence, stdout);
                (void)fwrite(text, 1, bytes, stdout);
                fputs(*sequence ? STYLE_RESET : "", stdout);
                pending = t->columns[i].right ? 0 : columns;
        }
        putchar('\n');
}

void table_print(const Table *t, const Output *out)
{
        size_t width[TABLE_COLUMNS_MAX];

        table_fit(t, out->width, width);
        table_print_row(t, out, NULL, width);
        for (size_t i = 0; i + t->n_columns <= t->n_cells; i += t->n_columns)
                table_print_row(t, out, &t->cells[i], width);
}
