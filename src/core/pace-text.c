/* SPDX-License-Identifier: MIT */

/* Pace and distance in words. A pace is rounded to whole seconds before it is split into minutes: 4:59.6 is 5:00. Without the C
 * library's formatting, which knows locales. Pure. */

#include "cardio/pace-text.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "cardio/pace.h"
#include "cardio/phrase.h"

#define METRES_MOST 1e9 /* m */

static double unit_length(bool miles)
{
        return miles ? METRES_PER_MILE : 1000;
}

/* Whole seconds for a kilometre or a mile; false if that is no pace. */
static bool find_pace(double speed, bool miles, uint64_t *ret_s)
{
        if (!(speed >= 1000.0 / PACE_SLOWEST_S) || isinf(speed))
                return false;
        *ret_s = (uint64_t)llround(unit_length(miles) / speed);
        return true;
}

static void add_two_digits(Phrase *p, uint64_t value)
{
        if (value < 10)
                phrase_add(p, "0");
        phrase_add_unsigned(p, value);
}

static const char *write_pace(double speed, bool miles, const char *unit, char *buf, size_t size)
{
        Phrase p = phrase_begin(buf, size);
        uint64_t s;

        if (!find_pace(speed, miles, &s)) {
                phrase_add(&p, "-");
                return buf;
        }
        phrase_add_unsigned(&p, s / 60);
        phrase_add(&p, ":");
        add_two_digits(&p, s % 60);
        phrase_add(&p, unit);
        return buf;
}

const char *pace_to_string(double speed, bool miles, char buf[static PACE_TEXT_MAX])
{
        return write_pace(speed, miles, miles ? " /mile" : " /km", buf, PACE_TEXT_MAX);
}

const char *pace_to_clock(double speed, bool miles, char buf[static PACE_TEXT_MAX])
{
        return write_pace(speed, miles, "", buf, PACE_TEXT_MAX);
}

static const char *write_distance(double metres, bool miles, const char *unit, char *buf, size_t size)
{
        Phrase p = phrase_begin(buf, size);
        uint64_t hundredths;

        if (!(metres >= 0 && metres <= METRES_MOST)) {
                phrase_add(&p, "-");
                return buf;
        }
        hundredths = (uint64_t)llround(100 * metres / unit_length(miles));
        phrase_add_unsigned(&p, hundredths / 100);
        phrase_add(&p, ".");
        add_two_digits(&p, hundredths % 100);
        phrase_add(&p, unit);
        return buf;
}

const char *metres_to_string(double metres, bool miles, char buf[static PACE_TEXT_MAX])
{
        return write_distance(metres, miles, miles ? " mi" : " km", buf, PACE_TEXT_MAX);
}

const char *metres_to_figure(double metres, bool miles, char buf[static PACE_TEXT_MAX])
{
        return write_distance(metres, miles, "", buf, PACE_TEXT_MAX);
}

const char *pace_to_speech(double speed, bool miles, char buf[static PACE_SPEECH_MAX])
{
        Phrase p = phrase_begin(buf, PACE_SPEECH_MAX);
        uint64_t s;

        if (!find_pace(speed, miles, &s)) {
                phrase_add(&p, "no pace");
                return buf;
        }
        if (s >= 60) {
                phrase_add_unsigned(&p, s / 60);
                phrase_add(&p, s < 120 ? " minute" : " minutes");
        }
        if (s % 60 > 0 || s < 60) {
                phrase_add(&p, s >= 60 ? " " : "");
                phrase_add_unsigned(&p, s % 60);
                phrase_add(&p, s >= 60 ? "" : s == 1 ? " second" : " seconds");
        }
        phrase_add(&p, miles ? " per mile" : " per kilometre");
        return buf;
}
