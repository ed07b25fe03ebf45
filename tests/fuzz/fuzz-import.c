/* SPDX-License-Identifier: MIT */

/* What `import` hears from the process that reads a file, which a hostile file may have taken over: any bytes, in any pieces. What
 * is accepted is in order and bounded, its texts end, and what becomes a session keeps the limits of one. The first byte says how
 * long the pieces are. No clock. */

#include "import/activity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define NOW    INT64_C(1779031800000)
#define DAY_MS INT64_C(86400000)

int LLVMFuzzerInitialize(_unused_ int *argc, _unused_ char ***argv)
{
        check(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1) == 0);
        return 0;
}

static void check_text(const char *text, size_t size)
{
        check(memchr(text, '\0', size) != NULL);
}

static void check_problem(const ReadingProblem *p)
{
        check_text(p->place, sizeof(p->place));
        check_text(p->text, sizeof(p->text));
}

static void check_order(const Activity *a)
{
        for (size_t i = 1; i < a->n_samples; i++)
                check(a->samples[i].at > a->samples[i - 1].at);
        for (size_t i = 1; i < a->n_rr; i++)
                check(a->rr[i].at >= a->rr[i - 1].at);
        for (size_t i = 1; i < a->n_pace; i++)
                check(a->pace[i].at > a->pace[i - 1].at);
}

static void check_session(const Activity *a)
{
        int64_t first, last;

        check(a->n_samples > 0);
        first = a->samples[0].at;
        last = a->samples[a->n_samples - 1].at;
        check(last - first <= DAY_MS && first <= NOW + DAY_MS);
        check(activity_average(a) >= 25 && activity_average(a) <= 250);
        check(strlen(a->content) == CONTENT_STRING_MAX - 1);
        check_text(a->whole.note, sizeof(a->whole.note));
        check_text(a->whole.sport, sizeof(a->whole.sport));
        for (size_t i = 0; i < a->n_samples; i++)
                check(a->samples[i].heart_rate >= 25 && a->samples[i].heart_rate <= 250);
        for (size_t i = 0; i < a->n_rr; i++)
                check(a->rr[i].at >= first && a->rr[i].at <= last);
        for (size_t i = 0; i < a->n_pace; i++)
                check(a->pace[i].at >= first && a->pace[i].at <= last && !isinf(a->pace[i].pace.speed));
        for (size_t i = 0; i < a->n_events; i++) {
                check(a->events[i].at >= first && a->events[i].at <= last);
                check_text(a->events[i].event.type, sizeof(a->events[i].event.type));
                check_text(a->events[i].event.detail, sizeof(a->events[i].event.detail));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_contents_ FileContents c = { .n_activities = 0 };
        size_t piece = size > 0 ? (size_t)data[0] * 64 + 1 : 1, begin = 1, end = 1;
        int r = 0;

        contents_begin(&c);
        while (r == 0 && end < size) {
                size_t used = 0;

                end = end + piece < size ? end + piece : size;
                r = contents_take(&c, data + begin, end - begin, &used);
                check(used <= end - begin && c.n_activities <= ACTIVITIES_MAX);
                begin += used;
        }
        check(r == 0 || r == -EBADMSG || r == -E2BIG);
        check_problem(&c.problem);
        for (size_t i = 0; i < c.n_warnings; i++)
                check_problem(&c.warnings[i]);
        for (size_t i = 0; i < c.n_activities; i++)
                check_order(&c.activities[i]);
        for (size_t i = 0; i < c.n_activities && c.result == READ_DONE; i++) {
                ReadingProblem problem = { .place = "" };

                if (activity_finish(&c.activities[i], NOW, &problem) == 0)
                        check_session(&c.activities[i]);
                else
                        check(*problem.text);
        }
        return 0;
}
