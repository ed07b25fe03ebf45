/* SPDX-License-Identifier: MIT */

/* Words and lengths. All is English, whatever the locale; no clock. */

#include "report/words.h"

#include <math.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/pace-text.h"
#include "cardio/phrase.h"

#define SECONDS_MAX   1e12
#define SECONDS_A_DAY 86400

void out_length(Out *o, double seconds)
{
        char buf[48];
        Phrase phrase = phrase_begin(buf, sizeof(buf));

        if (!(seconds >= 0 && seconds < SECONDS_MAX)) {
                out_text(o, "–");
                return;
        }
        phrase_add_length(&phrase, seconds);
        out_text(o, buf);
}

static void out_two_digits(Out *o, int64_t value)
{
        out_text(o, value < 10 ? "0" : "");
        out_integer(o, value);
}

void out_hms(Out *o, double seconds)
{
        int64_t s;

        if (!(seconds >= 0 && seconds < SECONDS_MAX)) {
                out_text(o, "–");
                return;
        }
        s = llround(seconds);
        put(o, s / 3600, ":");
        out_two_digits(o, s / 60 % 60);
        out_text(o, ":");
        out_two_digits(o, s % 60);
}

static int64_t second_of_day(int64_t local_s)
{
        return (local_s % SECONDS_A_DAY + SECONDS_A_DAY) % SECONDS_A_DAY;
}

void out_time_of_day(Out *o, int64_t local_s)
{
        int64_t s = second_of_day(local_s);

        out_two_digits(o, s / 3600);
        out_text(o, ":");
        out_two_digits(o, s / 60 % 60);
}

void out_time_with_seconds(Out *o, int64_t local_s)
{
        out_time_of_day(o, local_s);
        out_text(o, ":");
        out_two_digits(o, second_of_day(local_s) % 60);
}

Day day_of_local(int64_t local_s)
{
        int64_t days = (local_s - second_of_day(local_s)) / SECONDS_A_DAY;

        return (Day)(days < DAY_MIN ? DAY_MIN : days > DAY_MAX ? DAY_MAX : days);
}

const char *month_name(unsigned month)
{
        static const char *const names[] = { "January", "February", "March", "April", "May", "June", "July",
                "August", "September", "October", "November", "December" };

        return month >= 1 && month <= ELEMENTSOF(names) ? names[month - 1] : "";
}

const char *weekday_name(unsigned weekday)
{
        static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
                "Saturday", "Sunday" };

        return names[weekday % ELEMENTSOF(names)];
}

void out_day_and_month(Out *o, Day day)
{
        int year;
        unsigned month, of_month;

        day_to_civil(day, &year, &month, &of_month);
        put(o, of_month, " ", month_name(month));
}

void out_date(Out *o, Day day)
{
        int year;
        unsigned month, of_month;

        day_to_civil(day, &year, &month, &of_month);
        put(o, weekday_name(day_of_week(day)), " ", of_month, " ", month_name(month), " ", year);
}

static const struct {
        Kind kind;
        const char *title, *name, *more; /* more: what makes several of it */
} kind_words[] = {
        { KIND_REST, "Rest", "session on a day of rest", "" },
        { KIND_CROSS_TRAINING, "Cross-training", "cross-training session", "s" },
        { KIND_RECOVERY, "Recovery run", "recovery run", "s" },
        { KIND_BASE, "Base run", "base run", "s" },
        { KIND_LONG, "Long run", "long run", "s" },
        { KIND_HARD, "Hard run", "hard run", "s" },
        { KIND_RACE, "Race", "race", "s" },
};

void out_kind_title(Out *o, const char *kind)
{
        Kind of = kind ? kind_from_string(kind) : _KIND_INVALID;

        for (size_t i = 0; i < ELEMENTSOF(kind_words); i++)
                if (kind_words[i].kind == of) {
                        out_text(o, kind_words[i].title);
                        return;
                }
        if (kind && *kind)
                put(o, escaped(kind));
        else
                out_text(o, "Session");
}

void out_kind_plural(Out *o, const char *kind, bool one)
{
        Kind of = kind ? kind_from_string(kind) : _KIND_INVALID;

        for (size_t i = 0; i < ELEMENTSOF(kind_words); i++)
                if (kind_words[i].kind == of && *kind_words[i].more) {
                        put(o, kind_words[i].name, one ? "" : kind_words[i].more);
                        return;
                }
        put(o, one ? "session" : "sessions", " of this kind");
}

void out_key(Out *o, const char *key)
{
        char part[2] = { 0 };

        for (; *key; key++) {
                part[0] = *key == '-' ? ' ' : *key;
                put(o, escaped(part));
        }
}

/* As elsewhere, but for what is not known. */
static void out_known(Out *o, const char *text)
{
        out_text(o, strcmp(text, "-") == 0 ? "–" : text);
}

void out_pace(Out *o, double speed, bool miles)
{
        char text[PACE_TEXT_MAX];

        out_known(o, pace_to_clock(speed, miles, text));
}

const char *pace_unit(bool miles)
{
        return miles ? "min/mile" : "min/km";
}

void out_distance(Out *o, double metres, bool miles)
{
        char text[PACE_TEXT_MAX];

        out_known(o, metres_to_string(metres, miles, text));
}

void out_share(Out *o, double percent)
{
        put(o, whole(floor(percent)));
}
