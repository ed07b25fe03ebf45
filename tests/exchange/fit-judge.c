/* SPDX-License-Identifier: MIT */

/* What has to hold of every FIT file that we write, whatever the session was, said once for the unit test and the fuzz target. No
 * clock. */

#include "fit-judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit-decode.h"
#include "pace-judge.h"

enum {
        FILE_ID = 0,
        SESSION = 18,
        LAP = 19,
        RECORD = 20,
        EVENT = 21,
        DEVICE_INFO = 23,
        ACTIVITY = 34,
        HRV = 78,
        FIELD_DESCRIPTION = 206,
        DEVELOPER_DATA_ID = 207,
};

typedef struct Judge {
        float alpha1;
        const ExchangeSession *session;
        const ExchangeItem *items;
        size_t n_items;
        const char *wrong; /* the first thing that was */
        PaceJudge *pace;
        /* What the records have of it, in cm and strides; [0] of the session, [1] of the lap. */
        struct {
                int64_t from, distance; /* -1 = not known */
                double cadence;
                unsigned n_cadence;
        } sums[2];

        size_t next; /* the item that has to come next, apart from events */
        size_t n_messages, n_starts, n_stops, n_marks, n_sessions, n_activities;
        size_t next_step;  /* the item from which on steps are still to become laps */
        bool stepped;      /* a step was before that one */
        int64_t lap_begin; /* ms */
        unsigned n_laps;
        int64_t length; /* ms, as it has to be */
} Judge;

static void require(Judge *j, bool holds, const char *otherwise)
{
        if (!holds && !j->wrong)
                j->wrong = otherwise;
}

static int64_t time_of(const Judge *j, int64_t t)
{
        int64_t ms = j->session->started_at + t;

        return ms / 1000 - (ms % 1000 < 0) - 631065600;
}

/* What is in a file whenever it was. */
static bool sets_length(const ExchangeItem *item)
{
        return item->type != EXCHANGE_EVENT && item->type != EXCHANGE_PACE;
}

static bool is_event(const ExchangeItem *item, const char *type)
{
        return item->type == EXCHANGE_EVENT && strcmp(item->event.type, type) == 0;
}

static const ExchangeItem *next_item(Judge *j)
{
        while (j->next < j->n_items &&
                        (j->items[j->next].type == EXCHANGE_EVENT || j->items[j->next].type == EXCHANGE_PACE))
                j->next++;
        return j->next < j->n_items ? &j->items[j->next++] : NULL;
}

/* The last one that was computed; where it is not available no number. */
static void judge_alpha1(Judge *j, const DecodedField *f)
{
        float value;

        require(j, f && f->type == 0x88 && f->size == sizeof(value), "a record without Alpha1");
        if (j->wrong)
                return;
        memcpy(&value, f->bytes, sizeof(value));
        require(j, isnan(j->alpha1) ? isnan(value) : value == j->alpha1, "another Alpha1");
}

/* -- Pace -- */

/* In FIT's units, -1 if it is not known, or too much for a field. */
static int64_t in_units(double value, double units, int64_t most)
{
        return isnan(value) || llround(value * units) > most ? -1 : llround(value * units);
}

static int grade_of(const DecodedMessage *m)
{
        const DecodedField *f = decoded_field(m, 9);

        if (!f || f->type != 0x83 || f->size != 2)
                return INT16_MIN;
        return (int16_t)(f->bytes[0] | f->bytes[1] << 8);
}

/* 1/128 strides per minute; -1 = not known. */
static int64_t strides_of(const DecodedMessage *m, unsigned whole, unsigned fraction)
{
        int64_t strides = decoded_number(m, whole), parts = decoded_number(m, fraction);

        if (parts > 127 || (strides < 0) != (parts < 0))
                return INT64_MIN;
        return strides < 0 ? -1 : 128 * strides + parts;
}

typedef struct FoundPace {
        const Judge *judge;
        const DecodedMessage *record;
        bool has_heart_rate;
} FoundPace;

static bool is_same_pace(const ExchangeItem *row, const void *userdata)
{
        const FoundPace *found = userdata;
        const DecodedMessage *m = found->record;
        const ExchangePace *p = &row->pace;

        return (found->has_heart_rate || decoded_number(m, 253) == time_of(found->judge, row->t)) &&
               decoded_number(m, 5) == in_units(p->distance, 100, UINT32_MAX - 1) &&
               decoded_number(m, 6) == in_units(p->speed, 1000, UINT16_MAX - 1) &&
               decoded_number(m, 73) == in_units(p->speed, 1000, UINT32_MAX - 1) &&
               strides_of(m, 4, 53) == in_units(p->cadence, 64, 128 * 255 - 1) &&
               grade_of(m) == (isnan(p->incline) ? 0x7fff : (int)llround(p->incline * 100));
}

/* By what the record says: less than half a stride a minute is standing. */
static void sum_pace(Judge *j, const DecodedMessage *m)
{
        int64_t strides = strides_of(m, 4, 53);

        for (size_t i = 0; i < 2; i++) {
                if (decoded_number(m, 5) >= 0)
                        j->sums[i].distance = decoded_number(m, 5);
                if (strides >= 64) {
                        j->sums[i].cadence += (double)strides / 128;
                        j->sums[i].n_cadence++;
                }
        }
}

static void judge_pace(Judge *j, const DecodedMessage *m, const ExchangeItem *heart_rate)
{
        const FoundPace found = { j, m, heart_rate != NULL };
        int64_t distance = decoded_number(m, 5);
        const ExchangeItem *row;

        if (distance < 0 && decoded_number(m, 73) < 0 && strides_of(m, 4, 53) == -1 &&
                        grade_of(m) == 0x7fff) {
                require(j, heart_rate, "a record of nothing");
                return;
        }
        row = pace_judge_record(
                        j->pace, heart_rate, distance < 0 ? NAN : (double)distance, is_same_pace, &found);
        require(j, row, "another pace");
        if (row)
                sum_pace(j, m);
}

/* Distance, average speed and cadence of a lap or the session, by the records. */
static void judge_sum(Judge *j, const DecodedMessage *m, size_t sum, int64_t ms, const unsigned fields[6])
{
        int64_t distance = j->sums[sum].distance < 0 ? -1 : j->sums[sum].distance - j->sums[sum].from;
        double speed = ms > 0 && distance >= 0 ? (double)distance * 10 / ((double)ms / 1000) : NAN,
               cadence = j->sums[sum].n_cadence > 0 ? j->sums[sum].cadence / j->sums[sum].n_cadence : NAN;
        int64_t strides = strides_of(m, fields[3], fields[4]), enhanced = decoded_number(m, fields[2]);

        if (!j->session->has_pace) {
                for (size_t i = 0; i < 6; i++)
                        require(j, !decoded_field(m, fields[i]), "a sum of nothing");
                return;
        }
        require(j, decoded_field(m, fields[5]), "no ascent");
        require(j, llabs(decoded_number(m, fields[0]) - distance) <= 1, "another distance");
        if (speed < UINT32_MAX - 1e6)
                require(j, fabs((double)enhanced - speed) <= 1 + 20000 / (double)ms, "another average speed");
        else
                require(j, isnan(speed) ? enhanced == -1 : true, "an average speed of nothing");
        require(j, decoded_number(m, fields[1]) == (enhanced < UINT16_MAX ? enhanced : -1),
                        "two average speeds");
        require(j, isnan(cadence) ? strides == -1 : fabs((double)strides / 128 - cadence) <= 0.01,
                        "another average cadence");
}

static void judge_record(Judge *j, const DecodedMessage *m)
{
        bool has_heart_rate = decoded_number(m, 3) >= 0;
        const ExchangeItem *item = has_heart_rate ? next_item(j) : NULL;

        require(j, m->n_fields == 2U + j->session->has_alpha1 + (j->session->has_pace ? 6 : 0),
                        "a record with more than it should have");
        require(j, has_heart_rate || j->session->has_pace, "a record of nothing");
        require(j, !has_heart_rate || (item && item->type == EXCHANGE_SAMPLE),
                        "a record where there is no heart rate");
        require(j, j->n_starts == 1 && j->n_stops == 0, "a record while the timer is stopped");
        if (j->wrong)
                return;
        if (j->session->has_pace)
                judge_pace(j, m, item);
        if (!item)
                return;
        require(j, decoded_number(m, 253) == time_of(j, item->t), "a record in another second");
        require(j, decoded_number(m, 3) == item->sample.heart_rate, "another heart rate");
        if (item->sample.has_alpha1)
                j->alpha1 = (float)item->sample.alpha1;
        if (j->session->has_alpha1)
                judge_alpha1(j, decoded_developer_field(m, 2));
}

static void judge_hrv(Judge *j, const DecodedMessage *m)
{
        const DecodedField *f = decoded_field(m, 0);
        unsigned n = 0;

        require(j, m->n_fields == 1 && f && f->type == 0x84 && f->size == 10, "hrv that is not five uint16");
        for (unsigned i = 0; i < 5 && !j->wrong; i++) {
                unsigned ms = f->bytes[2 * i] | (unsigned)f->bytes[2 * i + 1] << 8;
                const ExchangeItem *item;

                if (ms == 0xffff)
                        continue;
                require(j, n == i, "an interval behind padding");
                n++;
                item = next_item(j);
                require(j, item && item->type == EXCHANGE_RR, "an interval where there was none");
                require(j, j->wrong || fabs(ms - item->rr.rr * 1000.0 / 1024) <= 0.5, "another interval");
        }
        require(j, n > 0, "hrv without an interval");
}

static void judge_event(Judge *j, const DecodedMessage *m)
{
        int64_t event = decoded_number(m, 0), type = decoded_number(m, 1);

        if (event == 32) {
                require(j, type == 3, "a mark that is none");
                j->n_marks++;
                return;
        }
        require(j, event == 0 && (type == 0 || type == 4), "an event that nobody expects");
        if (type == 0) {
                require(j, decoded_number(m, 253) == time_of(j, 0), "the timer's start in another second");
                j->n_starts++;
        } else {
                require(j, decoded_number(m, 253) == time_of(j, j->length),
                                "the timer's end in another second");
                j->n_stops++;
        }
}

/* Where the next lap ends: at a step that begins a second or more after the lap, five seconds or more if it is the first, and a
 * second or more before the end of the session, or five if it ends the workout; else at the end. */
static int64_t lap_end(Judge *j, bool *ret_step)
{
        int64_t length = j->session->length;
        bool begins;

        *ret_step = true;
        for (size_t i = 0; i < j->n_items; i++) {
                const ExchangeItem *item = &j->items[i];

                if (sets_length(item) && item->t > length)
                        length = item->t;
                if (i < j->next_step || !is_event(item, "step") ||
                                length - item->t < (isnan(item->event.value) ? 5000 : 1000))
                        continue;
                j->next_step = i + 1;
                begins = item->t - j->lap_begin >= (j->stepped ? 1000 : 5000);
                j->stepped = true;
                if (begins)
                        return item->t;
        }
        *ret_step = false;
        return j->length;
}

static bool is_known(double figure)
{
        return figure > 0 && figure <= 254;
}

static void judge_heart_rates(Judge *j, const DecodedMessage *m, int64_t begin, int64_t end, bool with_end,
                unsigned average, unsigned highest, unsigned lowest)
{
        const ExchangeSession *s = j->session;
        double sum = 0, most = -1, least = -1, mean;
        int64_t n = 0;

        for (size_t i = 0; i < j->n_items; i++) {
                const ExchangeItem *item = &j->items[i];
                double smoothed;

                if (item->type != EXCHANGE_SAMPLE || item->t < begin || item->t > end ||
                                (item->t == end && !with_end))
                        continue;
                if (item->sample.smoothed >= 0 && item->sample.smoothed < 254)
                        smoothed = item->sample.smoothed;
                else
                        smoothed = item->sample.heart_rate;
                n++;
                sum += item->sample.heart_rate;
                most = n == 1 || smoothed > most ? smoothed : most;
                least = n == 1 || smoothed < least ? smoothed : least;
        }
        if (n > 0 && is_known(s->peak))
                most = fmin(most, s->peak);
        if (n > 0 && is_known(s->lowest))
                least = fmax(least, s->lowest);
        mean = n == 0 ? -1 : begin == 0 && with_end && is_known(s->average) ? s->average : sum / (double)n;
        require(j, fabs((double)decoded_number(m, highest) - most) <= 0.5, "another highest heart rate");
        require(j, fabs((double)decoded_number(m, lowest) - least) <= 0.5, "another lowest heart rate");
        require(j, fabs((double)decoded_number(m, average) - mean) <= 0.5, "another average");
}

static void judge_lap(Judge *j, const DecodedMessage *m)
{
        bool is_step;
        int64_t end = lap_end(j, &is_step), intensity = decoded_number(m, 23);
        static const unsigned sum[] = { 9, 13, 110, 17, 80, 21 };

        require(j, decoded_number(m, 254) == j->n_laps, "laps that are not counted through");
        require(j, decoded_number(m, 0) == 9 && decoded_number(m, 1) == 1, "a lap that is no lap");
        require(j, decoded_number(m, 2) == time_of(j, j->lap_begin), "a lap that begins elsewhere");
        require(j, decoded_number(m, 253) == time_of(j, end), "a lap that ends elsewhere");
        require(j, decoded_number(m, 7) == end - j->lap_begin, "a lap of another length");
        require(j, decoded_number(m, 8) == end - j->lap_begin, "a lap in which the timer stopped");
        require(j, intensity >= 0 && intensity <= 3, "a lap without intensity");
        require(j, decoded_number(m, 24) == (is_step ? 1 : 7), "a lap that ended for another reason");
        judge_heart_rates(j, m, j->lap_begin, end, !is_step, 15, 16, 63);
        require(j, j->n_stops == (is_step ? 0 : 1),
                        "the last lap before the timer's end, or another one behind it");
        judge_sum(j, m, 1, end - j->lap_begin, sum);
        j->sums[1].from = j->sums[1].distance < 0 ? 0 : j->sums[1].distance;
        j->sums[1].cadence = j->sums[1].n_cadence = 0;
        j->lap_begin = end;
        j->n_laps++;
}

static void judge_session(Judge *j, const DecodedMessage *m)
{
        static const unsigned sum[] = { 9, 14, 124, 18, 92, 22 };

        judge_sum(j, m, 0, j->length, sum);
        require(j, decoded_number(m, 254) == 0 && decoded_number(m, 0) == 8 && decoded_number(m, 1) == 1,
                        "a session that is none");
        require(j, decoded_number(m, 2) == time_of(j, 0), "a session that begins elsewhere");
        require(j, decoded_number(m, 253) == time_of(j, j->length), "a session that ends elsewhere");
        require(j, decoded_number(m, 7) == j->length && decoded_number(m, 8) == j->length,
                        "a session of another length");
        require(j, decoded_number(m, 25) == 0 && decoded_number(m, 26) == j->n_laps,
                        "a session with other laps");
        require(j, j->n_laps > 0 && j->lap_begin == j->length, "a session before its last lap");
        judge_heart_rates(j, m, 0, j->length, true, 16, 17, 64);
        j->n_sessions++;
}

static void judge_activity(Judge *j, const DecodedMessage *m)
{
        require(j, j->n_sessions == 1 && decoded_number(m, 1) == 1, "an activity before its session");
        require(j, decoded_number(m, 0) == j->length && decoded_number(m, 253) == time_of(j, j->length),
                        "an activity of another length");
        require(j, decoded_number(m, 5) == time_of(j, j->length) + j->session->utc_offset_s,
                        "another local time");
        j->n_activities++;
}

static void judge_message(const DecodedMessage *m, void *userdata)
{
        Judge *j = userdata;

        require(j, (m->number == FILE_ID) == (j->n_messages++ == 0), "file_id is not the first message");
        require(j, j->n_activities == 0, "a message behind the activity");
        switch (m->number) {
        case RECORD:
                judge_record(j, m);
                break;
        case HRV:
                judge_hrv(j, m);
                break;
        case EVENT:
                judge_event(j, m);
                break;
        case LAP:
                judge_lap(j, m);
                break;
        case SESSION:
                judge_session(j, m);
                break;
        case ACTIVITY:
                judge_activity(j, m);
                break;
        case FILE_ID:
        case DEVICE_INFO:
        case FIELD_DESCRIPTION:
        case DEVELOPER_DATA_ID:
                require(j, j->n_starts == 0, "a description that comes late");
                break;
        default:
                require(j, false, "a message that nobody expects");
        }
}

const char *fit_judge(const ExchangeSession *session, const ExchangeItem *items, size_t n_items,
                const uint8_t *data, size_t size)
{
        _cleanup_pace_judge_ PaceJudge pace;
        Judge j = { .session = session,
                .pace = &pace,
                .items = items,
                .n_items = n_items,
                .length = session->length,
                .alpha1 = NAN,
                .sums = { { .distance = -1 }, { .distance = -1 } } };
        size_t n_marks = 0;
        int64_t length = session->length;
        const char *wrong;

        for (size_t i = 0; i < n_items; i++) {
                if (sets_length(&items[i]) && items[i].t > j.length)
                        j.length = items[i].t;
        }
        for (size_t i = 0; i < n_items; i++) {
                if (sets_length(&items[i]) && items[i].t > length)
                        length = items[i].t;
                n_marks += is_event(&items[i], "mark") && items[i].t <= length;
        }
        pace_judge_begin(&pace, session, items, n_items, true);
        wrong = fit_decode(data, size, judge_message, &j);
        if (wrong)
                return wrong;
        require(&j, next_item(&j) == NULL, "heart rates or intervals are missing");
        require(&j, pace_judge_end(&pace), "pace is missing");
        require(&j, j.n_starts == 1 && j.n_stops == 1, "the timer did not start and stop once");
        require(&j, j.n_marks == n_marks, "other marks");
        require(&j, j.n_sessions == 1 && j.n_activities == 1, "no session, or no activity");
        return j.wrong;
}
