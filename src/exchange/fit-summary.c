/* SPDX-License-Identifier: MIT */

/* Goes through the messages of a FIT file once before they are read: sport, device, offset of the clock may stand before or
 * behind the records. Where several messages say something the first one of the best kind holds. Developer fields are read only
 * if they are ours, known by the UUID that goes with them, never by their numbers alone. Pure, no clock. */

#include "exchange/fit-summary.h"

#include <math.h>
#include <string.h>

#include "cardio/diary.h"
#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "exchange/figure.h"

#define QUARTER_HOUR 900 /* s */
#define OFFSET_SLACK 120 /* s that the two times of an activity may be apart by mistake */
#define OFFSET_MAX   (15 * 3600)

unsigned fit_heart_rate(const FitField *f, size_t i)
{
        double value = fit_field_number(f, i);

        return value >= 1 && value < FIT_INVALID_UINT8 ? (unsigned)value : 0;
}

static unsigned first_heart_rate(const FitParsed *m, uint8_t number)
{
        FitField f = fit_parsed_field(m, number);

        return fit_heart_rate(&f, 0);
}

void fit_summary_begin(FitSummary *s)
{
        memset(s, 0, sizeof(*s));
        s->activity = READING_ACTIVITY_NONE;
        s->resting = s->maximum = NAN;
        s->file_type = FIT_FILE_TYPE_ACTIVITY;
        s->sport = FIT_INVALID_UINT8;
}

/* -- Device -- */

/* That of the strap before that of the watch. */
enum {
        DEVICE_OF_FILE = 1,
        DEVICE_CREATOR,
        DEVICE_HEART_RATE,
};

static unsigned device_rank(const FitParsed *m)
{
        uint32_t index = fit_parsed_uint32(m, FIT_DEVICE_INFO_DEVICE_INDEX, FIT_INVALID_UINT8),
                 type = fit_parsed_uint32(m, FIT_DEVICE_INFO_DEVICE_TYPE, FIT_INVALID_UINT8),
                 source = fit_parsed_uint32(m, FIT_DEVICE_INFO_SOURCE_TYPE, FIT_INVALID_UINT8);

        if (source == FIT_SOURCE_BLE ? type == FIT_BLE_DEVICE_HEART_RATE : type == FIT_ANT_DEVICE_HEART_RATE)
                return DEVICE_HEART_RATE;
        return index == 0 ? DEVICE_CREATOR : 0;
}

/* We are no device. */
static bool is_ours(const FitParsed *m, uint8_t manufacturer, const char *name)
{
        return fit_parsed_uint32(m, manufacturer, 0) == FIT_MANUFACTURER_DEVELOPMENT &&
               strcmp(name, FIT_PRODUCT_NAME) == 0;
}

static void take_device(FitSummary *s, const FitParsed *m, unsigned rank, uint8_t manufacturer, uint8_t name)
{
        char text[FIT_PARSED_TEXT_MAX];

        if (rank <= s->device_rank)
                return;
        (void)fit_parsed_text(m, name, text);
        if (is_ours(m, manufacturer, text)) {
                s->is_ours = s->is_ours || rank == DEVICE_OF_FILE;
                return;
        }
        if (!*text)
                return;
        s->device_rank = rank;
        memcpy(s->activity.device, text, sizeof(text));
}

/* -- Sport -- */

static const char *sport_name(unsigned sport, char buf[static FIGURE_MAX])
{
        static const char *const names[] = { "generic", "running", "cycling", "transition",
                "fitness equipment", "swimming", "basketball", "soccer", "tennis", "American football",
                "training", "walking", "cross-country skiing", "alpine skiing", "snowboarding", "rowing",
                "mountaineering", "hiking", "multisport", "paddling" };

        return sport < ELEMENTSOF(names) ? names[sport] : figure_from_integer(sport, buf);
}

/* Sessions say what was done, a sport message only what the device was set to. */
static void take_sport(FitSummary *s, const FitParsed *m, uint8_t field, bool of_session)
{
        uint32_t sport = fit_parsed_uint32(m, field, FIT_INVALID_UINT8);

        if (sport >= FIT_INVALID_UINT8)
                return;
        if (of_session && s->has_session_sport && sport != s->sport)
                s->is_mixed = true;
        if (s->sport == FIT_INVALID_UINT8 || (of_session && !s->has_session_sport))
                s->sport = sport;
        s->has_session_sport = s->has_session_sport || of_session;
}

static void put_sport(FitSummary *s)
{
        char buf[FIGURE_MAX];
        const char *name;

        if (s->sport == FIT_INVALID_UINT8) {
                s->has_strides = true;
                return;
        }
        s->activity.is_running = s->sport == FIT_SPORT_RUNNING && !s->is_mixed;
        s->has_strides = !s->is_mixed && (s->sport == FIT_SPORT_RUNNING || s->sport == FIT_SPORT_WALKING ||
                                                         s->sport == FIT_SPORT_HIKING);
        name = s->is_mixed ? "multisport" : sport_name(s->sport, buf);
        memcpy(s->activity.sport, name, strlen(name) + 1);
}

/* -- The runner -- */

/* What a watch goes by when it is for running is better than what it goes by else. */
enum {
        MAXIMUM_OF_ALL = 1,
        MAXIMUM_OF_ZONES,
        MAXIMUM_RUNNING,
};

static void take_maximum(FitSummary *s, const FitParsed *m, uint8_t field, unsigned rank)
{
        unsigned value = first_heart_rate(m, field);

        if (value == 0 || rank <= s->maximum_rank)
                return;
        s->maximum_rank = rank;
        s->activity.maximum = value;
}

static void take_runner(FitSummary *s, const FitParsed *m)
{
        unsigned resting = first_heart_rate(m, FIT_USER_PROFILE_RESTING_HEART_RATE);

        if (resting != 0 && isnan(s->activity.resting))
                s->activity.resting = resting;
        take_maximum(s, m, FIT_USER_PROFILE_MAX_RUNNING_HEART_RATE, MAXIMUM_RUNNING);
        take_maximum(s, m, FIT_USER_PROFILE_MAX_HEART_RATE, MAXIMUM_OF_ALL);
}

/* -- Our own fields -- */

static void take_developer(FitSummary *s, const FitParsed *m)
{
        static const uint8_t us[] = FIT_DEVELOPER_APPLICATION;
        uint32_t index = fit_parsed_uint32(m, FIT_DEVELOPER_DATA_ID_INDEX, UINT32_MAX);
        FitField id = fit_parsed_field(m, FIT_DEVELOPER_DATA_ID_APPLICATION_ID);

        if (index > UINT8_MAX)
                return;
        if (id.size == sizeof(us) && memcmp(id.bytes, us, sizeof(us)) == 0) {
                s->has_us = true;
                s->us = (uint8_t)index;
        } else if (s->has_us && s->us == index) {
                s->has_us = false;
        }
}

static void take_field(FitSummary *s, const FitParsed *m)
{
        uint32_t index = fit_parsed_uint32(m, FIT_FIELD_DESCRIPTION_INDEX, UINT32_MAX),
                 number = fit_parsed_uint32(m, FIT_FIELD_DESCRIPTION_NUMBER, UINT32_MAX);

        if (!s->has_us || index != s->us || number >= _FIT_DEVELOPER_FIELD_MAX)
                return;
        s->described[number] = true;
        s->types[number] = (uint8_t)fit_parsed_uint32(m, FIT_FIELD_DESCRIPTION_BASE_TYPE, UINT8_MAX);
}

/* The first one that is known stays. */
static void keep_number(double *to, const FitField *f, double least, double most)
{
        double value = fit_field_number(f, 0);

        /* It was a float32, so that its thousandths are those it was written with. */
        if (isnan(*to) && value >= least && value <= most)
                *to = round(value * 1000) / 1000;
}

static void keep_text(char *to, const FitField *f)
{
        if (!*to)
                (void)fit_field_text(f, to);
}

static void take_our_field(void *userdata, uint8_t number, FitField *f)
{
        FitSummary *s = userdata;
        ReadingActivity *a = &s->activity;

        if (number >= _FIT_DEVELOPER_FIELD_MAX || !s->described[number])
                return;
        fit_field_set_type(f, s->types[number]);
        switch ((FitDeveloperField)number) {
        case FIT_DEVELOPER_CEILING:
                keep_number(&a->ceiling, f, 1, HEART_RATE_MAX);
                break;
        case FIT_DEVELOPER_TOLERANCE:
                keep_number(&a->tolerance, f, 0, HEART_RATE_MAX);
                break;
        case FIT_DEVELOPER_RESTING_HR:
                keep_number(&s->resting, f, 1, HEART_RATE_MAX);
                break;
        case FIT_DEVELOPER_MAX_HR:
                keep_number(&s->maximum, f, 1, HEART_RATE_MAX);
                break;
        case FIT_DEVELOPER_BY_HAND:
                a->by_hand = a->by_hand || fit_field_uint32(f, 0, 0) == 1;
                break;
        case FIT_DEVELOPER_KIND:
                keep_text(a->kind, f);
                break;
        case FIT_DEVELOPER_TALK_TEST:
                keep_text(a->talk_test, f);
                break;
        case FIT_DEVELOPER_NOTE:
                keep_text(a->note, f);
                break;
        case FIT_DEVELOPER_DAY_KIND:
                keep_text(a->day_kind, f);
                break;
        case FIT_DEVELOPER_WORKOUT:
                keep_text(a->workout, f);
                break;
        case FIT_DEVELOPER_CEILING_EXPRESSION:
                keep_text(a->ceiling_expression, f);
                break;
        case FIT_DEVELOPER_ZONE_MODEL:
                keep_text(a->zone_model, f);
                break;
        case FIT_DEVELOPER_ZONE_BOUNDS:
                keep_text(a->zone_bounds, f);
                break;
        case FIT_DEVELOPER_SEX:
                keep_text(a->sex, f);
                break;
        case FIT_DEVELOPER_TIME_OVER: /* these two are computed anew */
        case FIT_DEVELOPER_ALPHA1:
        case _FIT_DEVELOPER_FIELD_MAX:
                break;
        }
}

/* -- Times and counts -- */

/* The same moment by two clocks. The first one may be that of a watch which does not know the date in UTC. Zones are whole quarters of an hour from UTC; what is not near to one says nothing. */
static void take_offset(FitSummary *s, const FitParsed *m)
{
        uint32_t local = fit_parsed_uint32(m, FIT_ACTIVITY_LOCAL_TIMESTAMP, 0);
        int64_t offset, nearest;

        if (s->activity.has_offset || s->has_shift || !m->has_time || local < FIT_TIME_MIN)
                return;
        if (m->time < FIT_TIME_MIN) {
                s->has_shift = s->activity.local = true;
                s->shift = (int64_t)local - m->time;
                return;
        }
        offset = (int64_t)local - m->time;
        nearest = (offset + (offset < 0 ? -QUARTER_HOUR : QUARTER_HOUR) / 2) / QUARTER_HOUR * QUARTER_HOUR;
        if (offset < nearest - OFFSET_SLACK || offset > nearest + OFFSET_SLACK || nearest < -OFFSET_MAX ||
                        nearest > OFFSET_MAX)
                return;
        s->activity.has_offset = true;
        s->activity.utc_offset_s = (int32_t)nearest;
}

static void span(FitSummary *s, uint32_t time)
{
        s->first = s->has_span && s->first < time ? s->first : time;
        s->last = s->has_span && s->last > time ? s->last : time;
        s->has_span = true;
}

static void take_record(FitSummary *s, const FitParsed *m)
{
        s->n_records++;
        s->n_heart_rates += first_heart_rate(m, FIT_RECORD_HEART_RATE) != 0;
        if (m->has_time)
                span(s, m->time);
}

/* How hard it felt, ten times. */
static void take_effort(FitSummary *s, const FitParsed *m)
{
        uint32_t rpe = fit_parsed_uint32(m, FIT_SESSION_WORKOUT_RPE, 0);

        if (s->activity.rpe == 0 && rpe >= 10 && rpe <= 10 * RPE_MAX)
                s->activity.rpe = (rpe + 5) / 10;
}

static void take_session(FitSummary *s, const FitParsed *m)
{
        uint32_t start = fit_parsed_uint32(m, FIT_SESSION_START_TIME, UINT32_MAX);

        take_sport(s, m, FIT_SESSION_SPORT, true);
        if (s->has_us)
                fit_parsed_developer(m, s->us, take_our_field, s);
        take_effort(s, m);
        if (start != UINT32_MAX)
                span(s, start);
        if (m->has_time)
                span(s, m->time);
}

static void count_events(FitSummary *s, const FitParsed *m)
{
        FitField bpm = fit_parsed_field(m, FIT_HR_FILTERED_BPM);

        for (size_t i = 0; i < bpm.n; i++)
                s->n_events += fit_heart_rate(&bpm, i) != 0;
}

void fit_summary_message(FitSummary *s, const FitParsed *m)
{
        switch (m->number) {
        case FIT_FILE_ID:
                s->has_id = true;
                s->file_type = fit_parsed_uint32(m, FIT_FILE_ID_TYPE, FIT_FILE_TYPE_ACTIVITY);
                take_device(s, m, DEVICE_OF_FILE, FIT_FILE_ID_MANUFACTURER, FIT_FILE_ID_PRODUCT_NAME);
                break;
        case FIT_DEVICE_INFO:
                take_device(s, m, device_rank(m), FIT_DEVICE_INFO_MANUFACTURER, FIT_DEVICE_INFO_PRODUCT_NAME);
                break;
        case FIT_USER_PROFILE:
                take_runner(s, m);
                break;
        case FIT_ZONES_TARGET:
                take_maximum(s, m, FIT_ZONES_TARGET_MAX_HEART_RATE, MAXIMUM_OF_ZONES);
                break;
        case FIT_SPORT:
                take_sport(s, m, FIT_SPORT_SPORT, false);
                break;
        case FIT_SESSION:
                take_session(s, m);
                break;
        case FIT_ACTIVITY:
                take_offset(s, m);
                break;
        case FIT_DEVELOPER_DATA_ID:
                take_developer(s, m);
                break;
        case FIT_FIELD_DESCRIPTION:
                take_field(s, m);
                break;
        case FIT_RECORD:
                take_record(s, m);
                break;
        case FIT_HR:
                count_events(s, m);
                break;
        default: /* what we have nothing to do with */
                break;
        }
}

void fit_summary_end(FitSummary *s)
{
        /* Ours have decimals. */
        if (!isnan(s->resting))
                s->activity.resting = s->resting;
        if (!isnan(s->maximum))
                s->activity.maximum = s->maximum;
        put_sport(s);
}

bool fit_summary_is_addition(const FitSummary *s)
{
        return s->n_events > 0 && !s->has_id && s->n_records == 0;
}

bool fit_summary_time(const FitSummary *s, const FitParsed *m, int64_t *ret)
{
        int64_t time = m->time;

        if (!m->has_time || (time < FIT_TIME_MIN && !s->has_shift))
                return false;
        if (time < FIT_TIME_MIN)
                time += s->shift;
        *ret = (time + FIT_EPOCH) * 1000;
        return true;
}
