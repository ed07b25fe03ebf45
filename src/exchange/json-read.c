/* SPDX-License-Identifier: MIT */

/* Sessions as json-write.c writes them, whatever program has put them into another order or other lines since. Other JSON is
 * refused: there is no common form of it.
 *
 * The document is gone through twice: first as a whole, so that one that is broken gives nothing, and to find where its session and
 * its timeline are; then what they say. One that ends in the middle of its timeline is cut short: the items before are taken, with
 * a warning. What the session was computed to be (average, zones, breaches …) is not read: it is computed anew from its heart
 * rates.
 *
 * An item has a heart rate, R-R intervals or an event, or several of these. Of those whose time goes back the heart rates are
 * counted and left out; intervals are those of the heart rate in their item, or of the next one of the same time. How fast it went
 * before the first heart rate is left out. */

#include "exchange/reading.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cardio/diary.h"
#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "cardio/text.h"
#include "exchange/json-in.h"
#include "exchange/reading-parse.h"

#define VERSION_KNOWN 1
#define DETAIL_MAX    2048U
#define T_MAX         (INT64_C(366) * 24 * 3600 * 1000)
#define OFFSET_MAX_S  (24 * 3600)
#define INCLINE_MAX   100.0
#define BEGINNING_MAX 65536U /* of the bytes, where our name has to be */
/* The years 1970 to 9999. */
#define STARTED_MAX INT64_C(253402300799999)

#define ACCEPTED "accepted is what `cardioctl export --format json` writes"

typedef struct Pace {
        double speed, cadence, distance, incline; /* NAN = not known */
} Pace;

typedef struct Json {
        const ReadingTarget *target;
        ReadingProblem *problem;
        JsonIn in;
        ReadingActivity activity;
        int64_t started_at;
        bool begun, any_heart_rate, any_event, is_rr_lost;
        int64_t read_t, t,
                        event_t; /* of the last heart rate, as it was read and as it was given; of the last event */
        size_t n_rr;
        int64_t rr_t; /* of intervals that wait for their heart rate */
        uint16_t rr[MEASUREMENT_RR_MAX];
        bool has_pace, any_pace; /* one waits for the heart rate of its time; one was given */
        int64_t pace_t, given_pace_t;
        Pace pace;
} Json;

typedef struct Item {
        bool has_t, has_rr, has_heart_rate, has_event;
        int64_t t;
        Pace pace;
        JsonIn rr; /* where they begin */
        double heart_rate;
        unsigned contact;
        char type[READING_TEXT_MAX];
        double value;
        char detail[DETAIL_MAX];
} Item;

static int refuse(Json *j, const char *text)
{
        json_in_place(&j->in, j->problem);
        j->problem->text[0] = '\0';
        reading_say(j->problem, text);
        return -EBADMSG;
}

/* What the parser says. */
static int refuse_broken(Json *j)
{
        return refuse(j, j->in.is_cut ? "the file ends here, in the middle" : j->in.wrong);
}

/* -- Figures -- */

/* One that is not below this, else as if it were null. */
static int take_figure(JsonIn *in, double least, double *ret)
{
        int r = json_in_figure(in, ret);

        if (r == 0 && !(*ret >= least))
                *ret = NAN;
        return r;
}

/* A whole one within these, else as if it were null. */
static int take_whole(JsonIn *in, int64_t least, int64_t most, bool *ret_there, int64_t *ret)
{
        double value;
        int r = json_in_figure(in, &value);

        *ret_there = r == 0 && value >= (double)least && value <= (double)most && value == floor(value);
        if (*ret_there)
                *ret = (int64_t)value;
        return r;
}

/* -- The session -- */

typedef struct Text {
        const char *name;
        char *to;
        size_t size;
} Text;

/* Returns 1 if it is one of the texts. */
static int take_session_text(Json *j, const char *name)
{
        ReadingActivity *a = &j->activity;
        const Text texts[] = {
                { "said_kind", a->kind, sizeof(a->kind) },
                { "strap", a->device, sizeof(a->device) },
                { "sport", a->sport, sizeof(a->sport) },
                { "note", a->note, sizeof(a->note) },
                { "ceiling_expression", a->ceiling_expression, sizeof(a->ceiling_expression) },
                { "zone_model", a->zone_model, sizeof(a->zone_model) },
                { "zone_bounds", a->zone_bounds, sizeof(a->zone_bounds) },
                { "sex", a->sex, sizeof(a->sex) },
                { "talk_test", a->talk_test, sizeof(a->talk_test) },
                { "day_kind", a->day_kind, sizeof(a->day_kind) },
                { "workout", a->workout, sizeof(a->workout) },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (strcmp(texts[i].name, name) == 0) {
                        int r = json_in_text(&j->in, texts[i].to, texts[i].size);

                        return r < 0 ? r : 1;
                }
        return 0;
}

/* Likewise of the numbers. */
static int take_session_number(Json *j, const char *name)
{
        ReadingActivity *a = &j->activity;
        const struct {
                const char *name;
                double *to;
        } numbers[] = {
                { "max_hr", &a->maximum },
                { "resting_hr", &a->resting },
                { "ceiling", &a->ceiling },
                { "tolerance", &a->tolerance },
        };

        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (strcmp(numbers[i].name, name) == 0) {
                        int r = json_in_figure(&j->in, numbers[i].to);

                        return r < 0 ? r : 1;
                }
        return 0;
}

static int take_started_at(Json *j)
{
        JsonIn before = j->in;
        bool there;
        int r = take_whole(&j->in, 0, STARTED_MAX, &there, &j->started_at);

        if (r < 0 || there)
                return r;
        j->in = before;
        (void)json_in_peek(&j->in);
        return refuse(j, "started_at is none; accepted: milliseconds since 1970");
}

static int take_session_member(Json *j, const char *name, bool *started)
{
        ReadingActivity *a = &j->activity;
        int64_t whole = 0;
        bool there;
        int r = take_session_text(j, name);

        if (r == 0)
                r = take_session_number(j, name);
        if (r != 0)
                return r < 0 ? r : 0;
        if (strcmp(name, "started_at") == 0) {
                *started = true;
                return take_started_at(j);
        }
        if (strcmp(name, "utc_offset_s") == 0) {
                r = take_whole(&j->in, -OFFSET_MAX_S, OFFSET_MAX_S, &there, &whole);
                a->has_offset = there;
                a->utc_offset_s = (int32_t)whole;
        } else if (strcmp(name, "rpe") == 0) {
                r = take_whole(&j->in, 1, RPE_MAX, &there, &whole);
                a->rpe = (unsigned)whole;
        } else if (strcmp(name, "by_hand") == 0 && !json_in_is_null(&j->in)) {
                r = json_in_bool(&j->in, &a->by_hand);
        } else {
                r = json_in_skip(&j->in);
        }
        return r;
}

/* Returns 0, or -EBADMSG with the problem. */
static int read_session(Json *j)
{
        char name[JSON_NAME_MAX];
        bool started = false;
        int r = json_in_object(&j->in);

        while (r == 0 && (r = json_in_member(&j->in, name)) > 0) {
                r = take_session_member(j, name, &started);
                if (r < 0 && !j->in.wrong)
                        return r; /* the problem is told */
        }
        if (r < 0)
                return refuse_broken(j);
        if (!started)
                return refuse(j, "the session before here has no started_at");
        (void)text_make_plain(j->activity.device);
        j->activity.is_running = reading_sport_is_running(j->activity.sport);
        return 0;
}

/* -- The timeline -- */

static int begin(Json *j)
{
        if (j->begun)
                return 0;
        j->begun = true;
        return j->target->begin(j->target->userdata);
}

static int give_event(Json *j, const Item *item)
{
        int r;

        if ((j->any_event && item->t < j->event_t) || (j->any_heart_rate && item->t < j->t)) {
                j->activity.skipped++;
                return 0;
        }
        r = begin(j);
        j->any_event = true;
        j->event_t = item->t;
        if (r < 0 || !j->target->event)
                return r;
        return j->target->event(
                        j->target->userdata, j->started_at + item->t, item->type, item->value, item->detail);
}

static bool is_any_pace(const Pace *p)
{
        return !(isnan(p->speed) && isnan(p->cadence) && isnan(p->distance) && isnan(p->incline));
}

/* The one that waits, unless no heart rate has come. */
static int give_pace(Json *j)
{
        const Pace *p = &j->pace;
        int64_t t = j->any_heart_rate && j->pace_t < j->t ? j->t : j->pace_t;

        if (!j->has_pace)
                return 0;
        j->has_pace = false;
        if (!j->any_heart_rate || (j->any_pace && t <= j->given_pace_t))
                return 0;
        j->any_pace = true;
        j->given_pace_t = t;
        return j->target->pace(j->target->userdata, j->started_at + t, p->speed, p->cadence, p->distance,
                        p->incline);
}

/* Keeps it until what is later comes. */
static int take_pace(Json *j, const Item *item)
{
        int r = give_pace(j);

        if (j->any_heart_rate && item->t < j->read_t) {
                j->activity.skipped++;
                return r;
        }
        j->has_pace = true;
        j->pace_t = item->t;
        j->pace = item->pace;
        return r;
}

/* Keeps them until their heart rate comes. What is no interval is left out. */
static int take_rr(Json *j, const Item *item)
{
        JsonIn in = item->rr;
        int r;

        if (j->n_rr > 0 && j->rr_t != item->t) {
                j->is_rr_lost = true;
                j->n_rr = 0;
        }
        j->rr_t = item->t;
        r = json_in_array(&in);
        while (r == 0 && (r = json_in_element(&in)) > 0) {
                int64_t rr = 0;
                bool there;

                r = take_whole(&in, 1, UINT16_MAX, &there, &rr);
                if (!there)
                        continue;
                if (j->n_rr < ELEMENTSOF(j->rr))
                        j->rr[j->n_rr++] = (uint16_t)rr;
                else
                        j->is_rr_lost = true;
        }
        if (r < 0)
                j->in = in;
        return r;
}

static int give_heart_rate(Json *j, const Item *item)
{
        const ReadingTarget *target = j->target;
        int64_t at, t = j->any_heart_rate && item->t <= j->t ? j->t + 1 : item->t;
        bool goes_back = (j->any_heart_rate && item->t < j->read_t) ||
                         (j->any_event && item->t < j->event_t) || (j->any_pace && t < j->given_pace_t);
        size_t n = j->n_rr;
        int r;

        j->n_rr = 0;
        if (goes_back || !(item->heart_rate >= 0.5 && item->heart_rate < UINT8_MAX + 0.5)) {
                j->activity.skipped += goes_back;
                j->is_rr_lost = j->is_rr_lost || n > 0;
                return 0;
        }
        j->read_t = item->t;
        j->t = t;
        at = j->started_at + t;
        r = begin(j);
        if (n > 0 && j->rr_t != item->t) {
                j->is_rr_lost = true;
                n = 0;
        }
        for (size_t i = 0; i < n && r == 0; i++)
                r = target->rr(target->userdata, at, j->rr[i]);
        j->any_heart_rate = true;
        if (r < 0)
                return r;
        return target->heart_rate(target->userdata, at, (unsigned)lround(item->heart_rate), item->contact);
}

static int take_contact(JsonIn *in, unsigned *ret)
{
        bool contact;
        int r;

        *ret = CONTACT_UNSUPPORTED;
        if (json_in_is_null(in))
                return json_in_skip(in);
        r = json_in_bool(in, &contact);
        if (r == 0)
                *ret = contact ? CONTACT_YES : CONTACT_NO;
        return r;
}

static int take_item_member(Json *j, const char *name, Item *item)
{
        JsonIn *in = &j->in;
        int r;

        if (strcmp(name, "t") == 0)
                return take_whole(in, 0, T_MAX, &item->has_t, &item->t);
        if (strcmp(name, "rr") == 0) {
                item->has_rr = !json_in_is_null(in);
                item->rr = *in;
                return json_in_skip(in);
        }
        if (strcmp(name, "heart_rate") == 0) {
                r = json_in_figure(in, &item->heart_rate);
                item->has_heart_rate = !isnan(item->heart_rate);
                return r;
        }
        if (strcmp(name, "contact") == 0)
                return take_contact(in, &item->contact);
        if (strcmp(name, "event") == 0) {
                r = json_in_text(in, item->type, sizeof(item->type));
                item->has_event = *item->type != '\0';
                return r;
        }
        if (strcmp(name, "value") == 0)
                return json_in_figure(in, &item->value);
        if (strcmp(name, "speed") == 0)
                return take_figure(in, 0, &item->pace.speed);
        if (strcmp(name, "cadence") == 0)
                return take_figure(in, 0, &item->pace.cadence);
        if (strcmp(name, "distance") == 0)
                return take_figure(in, 0, &item->pace.distance);
        if (strcmp(name, "incline") == 0)
                return take_figure(in, -INCLINE_MAX, &item->pace.incline);
        if (strcmp(name, "detail") == 0)
                return json_in_text(in, item->detail, sizeof(item->detail));
        return json_in_skip(in);
}

/* What it says goes to the target. Returns 0; an error of the target; or -EBADMSG, and what is wrong is the parser's. */
static int read_item(Json *j, Item *item)
{
        char name[JSON_NAME_MAX];
        int r = json_in_object(&j->in);

        item->has_t = item->has_rr = item->has_heart_rate = item->has_event = false;
        item->contact = CONTACT_UNSUPPORTED;
        item->value = NAN;
        item->detail[0] = '\0';
        item->pace = (Pace){ NAN, NAN, NAN, NAN };
        while (r == 0 && (r = json_in_member(&j->in, name)) > 0)
                r = take_item_member(j, name, item);
        if (r < 0)
                return r;
        if (!item->has_t) {
                j->activity.skipped += item->has_heart_rate || item->has_event;
                return 0;
        }
        if (j->has_pace && item->t > j->pace_t)
                r = give_pace(j);
        if (r == 0 && item->has_event)
                r = give_event(j, item);
        if (r == 0 && item->has_rr)
                r = take_rr(j, item);
        if (r == 0 && item->has_heart_rate)
                r = give_heart_rate(j, item);
        if (r == 0 && is_any_pace(&item->pace))
                r = take_pace(j, item);
        return r;
}

/* Up to where it may be cut. */
static int read_timeline(Json *j)
{
        Item item;
        int r = json_in_array(&j->in);

        while (r == 0 && (r = json_in_element(&j->in)) > 0)
                r = read_item(j, &item);
        if (r == 0)
                r = give_pace(j);
        if (r == -EBADMSG && j->in.wrong)
                return j->in.is_cut ? 0 : refuse_broken(j);
        return r;
}

/* -- The document -- */

typedef struct Places {
        bool is_ours, has_session, has_timeline;
        bool session_whole;
        JsonIn session, timeline;
} Places;

static int take_version(Json *j)
{
        JsonIn before = j->in;
        double version;
        int r = json_in_figure(&j->in, &version);

        if (r < 0 || version == VERSION_KNOWN)
                return r;
        j->in = before;
        (void)json_in_peek(&j->in);
        return refuse(j, "this version of the form is not known; version 1 is accepted");
}

/* Where what is. Returns 0, also if the file is cut in a place that it can be read up to; or -EBADMSG with the problem. */
static int find(Json *j, Places *p)
{
        char name[JSON_NAME_MAX];
        int r = json_in_object(&j->in);

        while (r == 0 && (r = json_in_member(&j->in, name)) > 0) {
                bool session = strcmp(name, "session") == 0;

                if (strcmp(name, "version") == 0) {
                        r = take_version(j);
                        if (r < 0 && !j->in.wrong)
                                return r;
                        continue;
                }
                p->is_ours = p->is_ours || strcmp(name, "cardiod") == 0;
                if (session && !p->has_session) {
                        p->has_session = true;
                        p->session = j->in;
                } else if (strcmp(name, "timeline") == 0 && !p->has_timeline) {
                        p->has_timeline = true;
                        p->timeline = j->in;
                }
                r = json_in_skip(&j->in);
                p->session_whole = p->session_whole || (session && r == 0);
        }
        if (r == 0)
                r = json_in_end(&j->in);
        if (r < 0)
                return j->in.is_cut && p->session_whole && p->has_timeline ? 0 : refuse_broken(j);
        return 0;
}

static int judge_form(Json *j, const Places *p)
{
        *j->problem = (ReadingProblem){ 0 };
        if (p->is_ours && p->has_session && p->has_timeline)
                return 0;
        reading_say(j->problem, "this is JSON, but it has no member ");
        reading_quote(j->problem, !p->is_ours ? "cardiod" : !p->has_session ? "session" : "timeline");
        reading_say(j->problem, "; " ACCEPTED);
        return -EBADMSG;
}

static void warn(Json *j, const char *text)
{
        ReadingProblem problem = { 0 };

        if (j->in.is_cut)
                json_in_place(&j->in, &problem);
        reading_say(&problem, text);
        j->target->warn(j->target->userdata, &problem);
}

/* Of a file that ends too early, end is where. */
static int finish(Json *j, const JsonIn *end)
{
        const bool is_cut = end->is_cut;

        j->in = *end;
        if (is_cut && !j->any_heart_rate)
                return refuse(j, "the file ends here, before its first heart rate");
        if (!j->any_heart_rate) {
                *j->problem = (ReadingProblem){ 0 };
                reading_say(j->problem, "there is no heart rate in its timeline");
                return -ENODATA;
        }
        if (is_cut)
                warn(j, "the file ends here, in the middle; what is whole before it is taken");
        if (j->is_rr_lost || j->n_rr > 0)
                warn(j, "R-R intervals that belong to no heart rate are left out");
        return j->target->end(j->target->userdata, &j->activity);
}

static int json_read(
                const uint8_t *data, size_t size, const ReadingTarget *target, ReadingProblem *ret_problem)
{
        Json j = { .target = target, .problem = ret_problem, .activity = READING_ACTIVITY_NONE };
        Places places = { 0 };
        JsonIn end;
        int r;

        *ret_problem = (ReadingProblem){ 0 };
        json_in_begin(&j.in, data, size);
        r = find(&j, &places);
        if (r < 0)
                return r;
        end = j.in;
        r = judge_form(&j, &places);
        if (r < 0)
                return r;
        j.in = places.session;
        r = read_session(&j);
        if (r < 0)
                return r;
        j.in = places.timeline;
        r = read_timeline(&j);
        return r < 0 ? r : finish(&j, &end);
}

/* There is much JSON of others beside runs in what they export. Ours has its name at the beginning, also if it is sorted. */
static bool json_is(const uint8_t *data, size_t size)
{
        char name[JSON_NAME_MAX];
        JsonIn in;

        json_in_begin(&in, data, size < BEGINNING_MAX ? size : BEGINNING_MAX);
        if (json_in_object(&in) < 0)
                return false;
        while (json_in_member(&in, name) > 0) {
                if (strcmp(name, "cardiod") == 0)
                        return true;
                if (json_in_skip(&in) < 0)
                        break;
        }
        return false;
}

const ReadingFormat reading_json = {
        .name = "JSON",
        .extension = "json",
        .is = json_is,
        .read = json_read,
};
