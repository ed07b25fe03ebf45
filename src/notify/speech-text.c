/* SPDX-License-Identifier: MIT */

/* The words that are said. Short, since who hears them is running; lengths in words, since a voice reads "2 min" as letters.
 * Pure: figures in, text out. */

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cardio/macro.h"
#include "cardio/pace-text.h"
#include "cardio/workout.h"

#include "speech.h"

/* "two" and so on; figures from a hundred on. */
static void append_number(char *buf, size_t size, int64_t n)
{
        static const char *const small[] = { "zero", "one", "two", "three", "four", "five", "six", "seven",
                "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
                "seventeen", "eighteen", "nineteen" };
        static const char *const tens[] = { "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy",
                "eighty", "ninety" };
        size_t used = strlen(buf);

        if (n < 20)
                (void)snprintf(buf + used, size - used, "%s", small[n]);
        else if (n < 100)
                (void)snprintf(buf + used, size - used, "%s%s%s", tens[n / 10], n % 10 ? "-" : "",
                                n % 10 ? small[n % 10] : "");
        else
                (void)snprintf(buf + used, size - used, "%" PRId64, n);
}

/* ", two minutes" */
static void append_part(char *buf, size_t size, int64_t n, const char *unit)
{
        size_t used = strlen(buf);

        if (n == 0)
                return;
        (void)snprintf(buf + used, size - used, " ");
        append_number(buf, size, n);
        used = strlen(buf);
        (void)snprintf(buf + used, size - used, " %s%s", unit, n == 1 ? "" : "s");
}

static void append_length(char *buf, size_t size, int64_t seconds)
{
        size_t used = strlen(buf);

        if (seconds <= 0)
                return;
        (void)snprintf(buf + used, size - used, ",");
        append_part(buf, size, seconds / 3600, "hour");
        append_part(buf, size, seconds / 60 % 60, "minute");
        append_part(buf, size, seconds % 60, "second");
}

/* "Hard, two minutes." */
static void say_cue(const Notice *n, char buf[static WORKER_TEXT_MAX])
{
        size_t used;

        (void)snprintf(buf, WORKER_TEXT_MAX, "%s", n->cue);
        append_length(buf, WORKER_TEXT_MAX, n->seconds);
        used = strlen(buf);
        (void)snprintf(buf + used, WORKER_TEXT_MAX - used, ".");
}

static void say_pace(const Notice *n, char buf[static WORKER_TEXT_MAX])
{
        char pace[PACE_SPEECH_MAX];

        if (n->speed > 0)
                (void)snprintf(buf, WORKER_TEXT_MAX, "Slow down. %s.",
                                pace_to_speech(n->speed, n->miles, pace));
        else
                (void)snprintf(buf, WORKER_TEXT_MAX, "Slow down.");
}

const char *speech_text(const Notice *n, char buf[static WORKER_TEXT_MAX])
{
        switch (n->type) {
        case NOTICE_OVER_LIMIT:
                if (n->heart_rate >= 0)
                        (void)snprintf(buf, WORKER_TEXT_MAX, "Slow down. %d.", n->heart_rate);
                else
                        (void)snprintf(buf, WORKER_TEXT_MAX, "Slow down.");
                return buf;
        case NOTICE_OVER_PACE:
                say_pace(n, buf);
                return buf;
        case NOTICE_BACK_IN_RANGE:
        case NOTICE_PACE_IN_RANGE:
                (void)snprintf(buf, WORKER_TEXT_MAX, "Back in range.");
                return buf;
        case NOTICE_CUE:
                say_cue(n, buf);
                return buf;
        case NOTICE_STRAP_LOST:
                (void)snprintf(buf, WORKER_TEXT_MAX, "No heart rate. Check the strap.");
                return buf;
        case NOTICE_STRAP_BACK:
                (void)snprintf(buf, WORKER_TEXT_MAX, "The strap is back.");
                return buf;
        case NOTICE_DISK_REFUSES:
                (void)snprintf(buf, WORKER_TEXT_MAX, "Nothing is being stored.");
                return buf;
        case NOTICE_DISK_WRITES:
                (void)snprintf(buf, WORKER_TEXT_MAX, "It is stored again.");
                return buf;
        case NOTICE_TROUBLE:
                (void)snprintf(buf, WORKER_TEXT_MAX, "%s.", n->summary);
                return buf;
        case NOTICE_SESSION_ENDED:
        case NOTICE_ADVICE:
        case NOTICE_TALK_TEST:
        case NOTICE_NOT_SNOOZED:
        case NOTICE_NOT_NOTED:
        case _NOTICE_TYPE_MAX:
        case _NOTICE_TYPE_INVALID:
                break;
        }
        return NULL;
}
