/* SPDX-License-Identifier: MIT */

/* Collects activities. The process that reads a file is in the hands of whoever wrote the file, once a reader has a fault: what it
 * says is checked here as if it came from anywhere, its order, its numbers and its texts, and bounded. No clock but the system's
 * time zone. */

#include "import/activity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/day.h"
#include "cardio/measurement.h"
#include "import/local-time.h"
#include "import/read-child.h"
#include "import/whole.h"
#include "memory.h"

#define RECORDS_MAX   3000000U
#define AT_MAX        INT64_C(1000000000000000) /* ms; no calendar reaches it */
#define DAY_MS        (INT64_C(24) * 3600 * 1000)
#define LENGTH_MAX    DAY_MS
#define FIRST_AT      INT64_C(631152000000) /* 1990-01-01 */
#define OFFSET_MAX    (14 * 3600)
#define CREDIT_MAX_MS 12000
#define CONTACT_MAX   2U

void contents_begin(FileContents *c)
{
        *c = (FileContents){ .format = -1, .result = READ_DIED };
}

static void activity_done(Activity *a)
{
        free(a->samples);
        free(a->rr);
        free(a->pace);
        free(a->events);
}

void contents_done(FileContents *c)
{
        for (size_t i = 0; i < c->n_activities; i++)
                activity_done(&c->activities[i]);
        free(c->activities);
        free(c->warnings);
        contents_begin(c);
}

/* -- Records -- */

/* Room for one more of an array that has n of them. */
#define grow(array, n, allocated)                                                                \
        do {                                                                                     \
                if ((n) == (allocated)) {                                                        \
                        (allocated) = (allocated) == 0 ? 64 : 2 * (allocated);                   \
                        (array) = checked(reallocarray((array), (allocated), sizeof(*(array)))); \
                }                                                                                \
        } while (0)

static int too_many(FileContents *c, unsigned most, const char *of_what)
{
        c->result = READ_BROKEN;
        c->problem = (ReadingProblem){ .place = "" };
        (void)snprintf(c->problem.text, sizeof(c->problem.text), "it has more than %u %s", most, of_what);
        return -E2BIG;
}

static int take_begin(FileContents *c)
{
        if (c->open)
                return -EBADMSG;
        if (c->n_activities == ACTIVITIES_MAX)
                return too_many(c, ACTIVITIES_MAX, "activities");
        grow(c->activities, c->n_activities, c->a_activities);
        c->activities[c->n_activities] = (Activity){ .number = (unsigned)c->n_activities + 1 };
        c->n_activities++;
        c->open = c->any = true;
        return 0;
}

static int take_heart_rate(FileContents *c, Activity *a, int64_t at, uint32_t value)
{
        unsigned heart_rate = value & ((1U << WIRE_CONTACT_SHIFT) - 1), contact = value >> WIRE_CONTACT_SHIFT;

        if (heart_rate == 0 || contact > CONTACT_MAX ||
                        (a->n_samples > 0 && at <= a->samples[a->n_samples - 1].at))
                return -EBADMSG;
        if (a->n_samples == ACTIVITY_SAMPLES_MAX)
                return too_many(c, ACTIVITY_SAMPLES_MAX, "heart rates in one activity");
        grow(a->samples, a->n_samples, a->a_samples);
        a->samples[a->n_samples++] = (ActivitySample){ at, (uint16_t)heart_rate, (uint8_t)contact };
        return 0;
}

static int take_rr(FileContents *c, Activity *a, int64_t at, uint32_t value)
{
        if (value == 0 || value > UINT16_MAX || (a->n_rr > 0 && at < a->rr[a->n_rr - 1].at))
                return -EBADMSG;
        if (a->n_rr == ACTIVITY_RR_MAX)
                return too_many(c, ACTIVITY_RR_MAX, "R-R intervals in one activity");
        grow(a->rr, a->n_rr, a->a_rr);
        a->rr[a->n_rr++] = (ActivityRr){ at, (uint16_t)value };
        return 0;
}

static int take_pace(FileContents *c, Activity *a, int64_t at, const uint8_t *more)
{
        WirePace pace;

        memcpy(&pace, more, sizeof(pace));
        if (isinf(pace.speed) || isinf(pace.cadence) || isinf(pace.distance) || isinf(pace.incline) ||
                        (a->n_pace > 0 && at <= a->pace[a->n_pace - 1].at))
                return -EBADMSG;
        if (a->n_pace == ACTIVITY_PACE_MAX)
                return too_many(c, ACTIVITY_PACE_MAX, "records of pace in one activity");
        grow(a->pace, a->n_pace, a->a_pace);
        a->pace[a->n_pace++] = (ActivityPace){ at, pace };
        return 0;
}

static int take_event(FileContents *c, Activity *a, int64_t at, const uint8_t *more)
{
        ActivityEvent *e;

        if (a->n_events == ACTIVITY_EVENTS_MAX)
                return too_many(c, ACTIVITY_EVENTS_MAX, "events in one activity");
        grow(a->events, a->n_events, a->a_events);
        e = &a->events[a->n_events];
        e->at = at;
        memcpy(&e->event, more, sizeof(e->event));
        e->event.type[sizeof(e->event.type) - 1] = e->event.detail[sizeof(e->event.detail) - 1] = '\0';
        if (a->n_events > 0 && at < a->events[a->n_events - 1].at)
                return -EBADMSG;
        a->n_events++;
        return 0;
}

/* Every text ends, and every flag is one. */
static int take_end(FileContents *c, Activity *a, const uint8_t *more)
{
        ReadingActivity *w = &a->whole;
        char *const texts[] = { w->sport, w->device, w->kind, w->ceiling_expression, w->zone_model,
                w->zone_bounds, w->sex, w->talk_test, w->day_kind, w->workout };
        uint32_t flags;

        memcpy(w, more + offsetof(WireEnd, activity), sizeof(*w));
        memcpy(&flags, more + offsetof(WireEnd, flags), sizeof(flags));
        memcpy(a->content, more + offsetof(WireEnd, content), sizeof(a->content));
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                texts[i][READING_TEXT_MAX - 1] = '\0';
        w->note[READING_NOTE_MAX - 1] = '\0';
        a->content[sizeof(a->content) - 1] = '\0';
        w->local = flags & WIRE_LOCAL;
        w->has_offset = flags & WIRE_HAS_OFFSET;
        w->is_running = flags & WIRE_RUNNING;
        w->by_hand = flags & WIRE_BY_HAND;
        c->open = false;
        return strspn(a->content, "0123456789abcdef") == CONTENT_STRING_MAX - 1 ? 0 : -EBADMSG;
}

static ReadingProblem problem_from(const uint8_t *more)
{
        ReadingProblem p;

        memcpy(&p, more, sizeof(p));
        p.place[sizeof(p.place) - 1] = p.text[sizeof(p.text) - 1] = '\0';
        return p;
}

static int take_warning(FileContents *c, const uint8_t *more)
{
        if (c->n_warnings == FILE_WARNINGS_MAX)
                return 0;
        c->warnings = checked(reallocarray(c->warnings, c->n_warnings + 1, sizeof(*c->warnings)));
        c->warnings[c->n_warnings++] = problem_from(more);
        return 0;
}

static int take_done(FileContents *c, const WireRecord *record, const uint8_t *more)
{
        if (record->value >= READ_DIED || (record->value == READ_DONE && c->open))
                return -EBADMSG;
        c->result = (ReadResult)record->value;
        c->error = record->at < 0 && record->at > -4096 ? (int)record->at : -EIO;
        c->problem = problem_from(more);
        return 0;
}

static int take(FileContents *c, const WireRecord *record, const uint8_t *more)
{
        Activity *a = c->open ? &c->activities[c->n_activities - 1] : NULL;
        WireType type = (WireType)record->type;

        if (record->at > AT_MAX || record->at < -AT_MAX || c->result != READ_DIED ||
                        (!a && type >= WIRE_HEART_RATE && type <= WIRE_END))
                return -EBADMSG;
        if (++c->n_records > RECORDS_MAX)
                return too_many(c, RECORDS_MAX, "records");
        switch (type) {
        case WIRE_FORMAT:
                c->format = record->value < IMPORT_FORMATS ? (int)record->value : -1;
                return 0;
        case WIRE_BEGIN:
                return take_begin(c);
        case WIRE_HEART_RATE:
                return take_heart_rate(c, a, record->at, record->value);
        case WIRE_RR:
                return take_rr(c, a, record->at, record->value);
        case WIRE_PACE:
                return take_pace(c, a, record->at, more);
        case WIRE_EVENT:
                return take_event(c, a, record->at, more);
        case WIRE_END:
                return take_end(c, a, more);
        case WIRE_WARNING:
                return take_warning(c, more);
        case WIRE_DONE:
                return take_done(c, record, more);
        case _WIRE_TYPE_MAX:
        case _WIRE_TYPE_INVALID:
                break;
        }
        return -EBADMSG;
}

int contents_take(FileContents *c, const uint8_t *bytes, size_t size, size_t *ret_used)
{
        size_t used = 0;
        int r = 0;

        while (r == 0 && size - used >= sizeof(WireRecord)) {
                WireRecord record;
                size_t more;

                memcpy(&record, bytes + used, sizeof(record));
                more = wire_size(record.type);
                if (size - used - sizeof(record) < more)
                        break;
                r = take(c, &record, bytes + used + sizeof(record));
                used += sizeof(record) + more;
        }
        *ret_used = used;
        return r;
}

/* -- A session of it -- */

/* "; " is for what is said by the caller. */
static _printf_(2, 3) int refuse(ReadingProblem *ret, const char *format, ...)
{
        va_list arguments;

        *ret = (ReadingProblem){ .place = "" };
        va_start(arguments, format);
        (void)vsnprintf(ret->text, sizeof(ret->text), format, arguments);
        va_end(arguments);
        return -EINVAL;
}

static void make_utc(Activity *a)
{
        ReadingActivity *w = &a->whole;
        int64_t ms;

        if (w->has_offset && (w->utc_offset_s > OFFSET_MAX || w->utc_offset_s < -OFFSET_MAX))
                w->has_offset = false;
        if (!w->local)
                return;
        /* The clock of a watch stays what it is in a run: the zone of its beginning is that of all of it. */
        if (!w->has_offset)
                w->utc_offset_s = local_time_offset(a->samples[0].at);
        w->has_offset = true;
        w->local = false;
        ms = w->utc_offset_s * INT64_C(1000);
        for (size_t i = 0; i < a->n_samples; i++)
                a->samples[i].at -= ms;
        for (size_t i = 0; i < a->n_rr; i++)
                a->rr[i].at -= ms;
        for (size_t i = 0; i < a->n_pace; i++)
                a->pace[i].at -= ms;
        for (size_t i = 0; i < a->n_events; i++)
                a->events[i].at -= ms;
}

/* What is no heart rate to the daemon is none here either, and takes its intervals along. */
static void drop_implausible(Activity *a)
{
        size_t n = 0, n_rr = 0, i_rr = 0;

        for (size_t i = 0; i < a->n_samples; i++) {
                const ActivitySample s = a->samples[i];
                bool plausible = s.heart_rate >= HEART_RATE_MIN && s.heart_rate <= HEART_RATE_MAX;

                while (i_rr < a->n_rr && a->rr[i_rr].at < s.at)
                        i_rr++;
                for (; i_rr < a->n_rr && a->rr[i_rr].at == s.at; i_rr++)
                        if (plausible)
                                a->rr[n_rr++] = a->rr[i_rr];
                if (plausible)
                        a->samples[n++] = s;
        }
        a->implausible = a->n_samples - n;
        a->n_samples = n;
        a->n_rr = n_rr;
}

/* What lies outside of the session is dropped, and its distance begins with it. */
static void clip_pace(Activity *a, int64_t first, int64_t last)
{
        double before = 0;
        size_t n = 0;

        for (size_t i = 0; i < a->n_pace; i++) {
                ActivityPace p = a->pace[i];

                if (p.at < first && !isnan(p.pace.distance))
                        before = p.pace.distance;
                if (p.at < first || p.at > last)
                        continue;
                p.pace.distance = p.pace.distance >= before ? p.pace.distance - before : NAN;
                a->pace[n++] = p;
        }
        a->n_pace = n;
}

/* A pace outside of the session is none of it; an event is of its first or last moment. */
static void clip(Activity *a)
{
        int64_t first = a->samples[0].at, last = a->samples[a->n_samples - 1].at;

        clip_pace(a, first, last);
        for (size_t i = 0; i < a->n_events; i++) {
                int64_t *at = &a->events[i].at;

                *at = *at < first ? first : *at > last ? last : *at;
        }
}

static int check_times(const Activity *a, int64_t now, ReadingProblem *ret_problem)
{
        int64_t first = a->samples[0].at, last = a->samples[a->n_samples - 1].at;
        int offset = a->whole.has_offset ? a->whole.utc_offset_s : 0;
        char date[DAY_STRING_MAX];

        (void)day_to_string(day_of_moment(first, offset), date);
        if (first < FIRST_AT)
                return refuse(ret_problem,
                                "it begins on %s, before 1990: the clock of what recorded it was wrong",
                                date);
        if (first > now + DAY_MS)
                return refuse(ret_problem,
                                "it begins on %s, which is still to come: the clock of what recorded it was wrong",
                                date);
        if (last - first > LENGTH_MAX)
                return refuse(ret_problem,
                                "from its first heart rate, on %s, to its last are %.1f hours; up to 24 are accepted",
                                date, (double)(last - first) / 3600000);
        return 0;
}

int activity_finish(Activity *a, int64_t now, ReadingProblem *ret_problem)
{
        int r;

        drop_implausible(a);
        if (a->n_samples == 0)
                return refuse(ret_problem, "it has no heart rate between %u and %u bpm", HEART_RATE_MIN,
                                HEART_RATE_MAX);
        if (a->whole.skipped > a->n_samples)
                return refuse(ret_problem,
                                "most of it would be lost: %u records have a time before that of the first ones, or none, "
                                "and %zu heart rates are left",
                                a->whole.skipped, a->n_samples);
        make_utc(a);
        r = check_times(a, now, ret_problem);
        if (r < 0)
                return r;
        clip(a);
        activity_make_acceptable(a);
        return 0;
}

int64_t activity_length(const Activity *a)
{
        return a->samples[a->n_samples - 1].at - a->samples[0].at;
}

double activity_average(const Activity *a)
{
        double sum = 0, time = 0;

        for (size_t i = 0; i + 1 < a->n_samples; i++) {
                double ms = fmin((double)(a->samples[i + 1].at - a->samples[i].at), CREDIT_MAX_MS);

                sum += ms * a->samples[i].heart_rate;
                time += ms;
        }
        return time > 0 ? sum / time : a->samples[0].heart_rate;
}
