/* SPDX-License-Identifier: MIT */

/* Reads a row of view `sessions` from a message. Nothing in it is trusted to be there or to be well formed. No clock. */

#include "session-row.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/text.h"

typedef enum ColumnType {
        COLUMN_TEXT,
        COLUMN_NUMBER,  /* double */
        COLUMN_INTEGER, /* int64_t */
        COLUMN_LENGTH,  /* int64_t seconds, H:MM:SS on the bus */
        COLUMN_PACE,    /* double m/s, M:SS per km on the bus */
        COLUMN_FLAG,    /* bool */
} ColumnType;

static const struct {
        const char *name;
        ColumnType type;
        size_t offset, size; /* size: of a text's buffer */
} columns[] = {
        { "id", COLUMN_INTEGER, offsetof(SessionRow, id), 0 },
        { "kind", COLUMN_TEXT, offsetof(SessionRow, kind), sizeof(((SessionRow *)NULL)->kind) },
        { "verdict_text", COLUMN_TEXT, offsetof(SessionRow, verdict), sizeof(((SessionRow *)NULL)->verdict) },
        { "avg_bpm", COLUMN_NUMBER, offsetof(SessionRow, average), 0 },
        { "peak_bpm", COLUMN_NUMBER, offsetof(SessionRow, peak), 0 },
        { "ceiling", COLUMN_NUMBER, offsetof(SessionRow, ceiling), 0 },
        { "duration", COLUMN_LENGTH, offsetof(SessionRow, duration_s), 0 },
        { "duration_s", COLUMN_NUMBER, offsetof(SessionRow, exact_duration_s), 0 },
        { "over_s", COLUMN_NUMBER, offsetof(SessionRow, over_s), 0 },
        { "breaches", COLUMN_INTEGER, offsetof(SessionRow, breaches), 0 },
        { "distance_km", COLUMN_NUMBER, offsetof(SessionRow, distance_km), 0 },
        { "pace", COLUMN_PACE, offsetof(SessionRow, speed), 0 },
        { "ask_talk_test", COLUMN_FLAG, offsetof(SessionRow, ask_talk_test), 0 },
        { "ask_if_run", COLUMN_FLAG, offsetof(SessionRow, ask_if_run), 0 },
};

void text_copy(char *to, size_t size, const char *text)
{
        size_t n = strnlen(text, size);

        assert(size > 0);
        if (n == size)
                for (n = size - 1; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80; n--)
                        ;
        memcpy(to, text, n);
        to[n] = '\0';
        (void)text_make_plain(to); /* in place */
}

/* H:MM:SS, or with two parts M:SS; up to four digits in the first. -1 for anything else. */
static int64_t length_parse(const char *s, int parts)
{
        int64_t seconds = 0;

        for (int i = 0; i < parts; i++) {
                int64_t part = 0;
                int digits = 0;

                for (; isdigit((unsigned char)*s) && digits < 4; s++, digits++)
                        part = 10 * part + (*s - '0');
                if (i == 0 ? digits == 0 : digits != 2 || part > 59)
                        return -1;
                if (*s++ != (i < parts - 1 ? ':' : '\0'))
                        return -1;
                seconds = 60 * seconds + part;
        }
        return seconds;
}

/* m/s, of M:SS per km. */
static double pace_parse(const char *s)
{
        int64_t seconds = length_parse(s, 2);

        return seconds > 0 ? 1000.0 / (double)seconds : NAN;
}

/* Figures may come as double or as a 64-bit integer, as SQLite stored them. */
static int number_read(sd_bus_message *m, const char *contents, double *ret)
{
        int64_t integer;
        int r;

        if (strcmp(contents, "d") == 0)
                return sd_bus_message_read(m, "v", "d", ret);
        if (strcmp(contents, "x") != 0)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_read(m, "v", "x", &integer);
        if (r >= 0)
                *ret = (double)integer;
        return r;
}

static int flag_read(sd_bus_message *m, const char *contents, bool *ret)
{
        int flag, r;

        if (strcmp(contents, "b") != 0)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_read(m, "v", "b", &flag);
        if (r >= 0)
                *ret = flag;
        return r;
}

static int column_read(sd_bus_message *m, ColumnType type, void *to, size_t size)
{
        const char *contents, *text;
        int r;

        r = sd_bus_message_peek_type(m, NULL, &contents);
        if (r < 0)
                return r;
        if (type == COLUMN_NUMBER)
                return number_read(m, contents, to);
        if (type == COLUMN_FLAG)
                return flag_read(m, contents, to);
        if (type == COLUMN_INTEGER)
                return strcmp(contents, "x") == 0 ? sd_bus_message_read(m, "v", "x", to)
                                                  : sd_bus_message_skip(m, "v");
        if (strcmp(contents, "s") != 0)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_read(m, "v", "s", &text);
        if (r < 0)
                return r;
        if (type == COLUMN_TEXT)
                text_copy(to, size, text);
        else if (type == COLUMN_PACE)
                *(double *)to = pace_parse(text);
        else
                *(int64_t *)to = length_parse(text, 3);
        return 0;
}

static int entry_read(sd_bus_message *m, SessionRow *row)
{
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(columns); i++)
                if (strcmp(name, columns[i].name) == 0)
                        return column_read(
                                        m, columns[i].type, (char *)row + columns[i].offset, columns[i].size);
        return sd_bus_message_skip(m, "v");
}

int session_row_read(sd_bus_message *m, SessionRow *ret)
{
        SessionRow row = {
                .average = NAN,
                .peak = NAN,
                .ceiling = NAN,
                .duration_s = -1,
                .exact_duration_s = NAN,
                .over_s = NAN,
                .breaches = -1,
                .distance_km = NAN,
                .speed = NAN,
        };
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = entry_read(m, &row);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = row;
        return 0;
}
