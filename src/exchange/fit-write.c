/* SPDX-License-Identifier: MIT */

/* A session as a FIT activity file, in one go: each item becomes a few bytes that go to the sink at once, and of the session only
 * sums are kept. Pure, no clock, no memory of its own.
 *
 * The messages come in the order of time, the summaries last: file_id, the devices, the timer's start; a record for each heart
 * rate, and for each pace without one near to it, see point.h; the timer's end, the last lap, the session, the activity. What
 * readers trip over is kept from them:
 *
 * - The timer starts once and stops once. Where the strap was silent there are no records, and that is all: a stopped timer
 *   would take that time from the run (Strava).
 * - There is nothing in the file that was not measured: no position or calories of 0, no heart rate without one, and distances,
 *   speeds and the like only in the file of a session that has them, see fit-put-pace.c. Values that are not known are FIT's
 *   "invalid" (0xFF).
 * - One lap for all, or one per step of a workout, see lap.h, each with all that says where it lies (Garmin Connect); the last one always
 *   before the session (pytrainer).
 * - hrv has five values always, unused ones 0xFFFF, and one definition (Runalyze). Its messages have no time: they stand directly
 *   before the record of the heart rate that they came with, so a reader that goes by the records is right to a second after any
 *   gap, where one that adds up intervals runs late (GoldenCheetah, intervals.icu). Each interval is rounded to the nearest ms by
 *   itself: to carry the rest over would keep their sum, but shift differences of neighbours, which is what heart rate
 *   variability is made of.
 * - A record's second is floor(started_at + t). Two heart rates in one second are two records: readers merge those or take both,
 *   as they have to with some watches, and nothing is lost.
 * - The manufacturer is 255, "development": we do not pose as a device. The serial number says nothing, but 0 would be invalid.
 * - Developer fields are described before they are used, and only where they are. What makes a session ours, such as its kind, its
 *   ceiling and its note, is in those of the session message, where programs that do not know them pass them over.
 *
 * A session without heart rates, such as one that was added by hand, is a summary without records. */

#include <math.h>
#include <string.h>

#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/workout.h"
#include "exchange/exchange.h"
#include "exchange/fit-developer.h"
#include "exchange/fit-encode.h"
#include "exchange/fit-put-pace.h"
#include "exchange/fit.h"
#include "exchange/lap.h"
#include "exchange/point.h"

#define PRODUCT       1U
#define SERIAL_NUMBER 1U

#define HRV_VALUES 5U
#define NAME_SIZE  64U
#define LABEL_SIZE 16U /* of our name */

typedef struct HeartRates {
        uint64_t n, sum;
        double lowest, highest; /* of n > 0, smoothed */
} HeartRates;

typedef struct FitWriter {
        FitEncoder encoder;
        int64_t started_at;
        int64_t length; /* ms, at least to the last item */
        int32_t utc_offset_s;
        bool is_run;
        double average, lowest, peak; /* bpm, of the whole session as it was judged; NAN = not known */
        int rpe;                      /* 0 = not known */
        FitDeveloper developer;
        double alpha1; /* NAN = not available now */
        bool has_pace;

        PointMaker points;
        uint16_t rr[HRV_VALUES]; /* ms, that came since the last record */
        unsigned n_rr;
        HeartRates session_heart_rates;
        PaceSum session_pace;
        struct {
                uint16_t index;
                int64_t begin;
                bool stepped; /* a step of the workout, or what is after it */
                FitIntensity intensity;
                HeartRates heart_rates;
                PaceSum pace;
        } lap;
} FitWriter;

/* -- Times -- */

/* Of started_at, which is checked when the file begins, and a t up to length, which is checked as it grows. */
static uint32_t fit_time(const FitWriter *w, int64_t t)
{
        return (uint32_t)((w->started_at + t) / 1000 - FIT_EPOCH);
}

/* Whether there are numbers for all times of the session, and for its lengths in ms. */
static bool fits(const FitWriter *w)
{
        const int64_t earliest = (FIT_EPOCH + (int64_t)FIT_TIME_MIN) * 1000,
                      latest = (FIT_EPOCH + (int64_t)FIT_TIME_MAX) * 1000 + 999,
                      offset = (int64_t)w->utc_offset_s * 1000;
        int64_t end;

        if (w->started_at < earliest || w->started_at > latest || w->length < 0 || w->length >= UINT32_MAX)
                return false;
        end = w->started_at + w->length;
        return end <= latest && end + offset >= earliest && end + offset <= latest;
}

static void put_time(FitMessage *m, uint8_t number, const FitWriter *w, int64_t t)
{
        fit_put_uint32(m, number, fit_time(w, t));
}

/* -- What stands at the beginning -- */

static int write_file_id(FitWriter *w)
{
        FitMessage m = { .number = FIT_FILE_ID };

        fit_put_enum(&m, FIT_FILE_ID_TYPE, FIT_FILE_TYPE_ACTIVITY);
        fit_put_uint16(&m, FIT_FILE_ID_MANUFACTURER, FIT_MANUFACTURER_DEVELOPMENT);
        fit_put_uint16(&m, FIT_FILE_ID_PRODUCT, PRODUCT);
        fit_put_uint32z(&m, FIT_FILE_ID_SERIAL_NUMBER, SERIAL_NUMBER);
        put_time(&m, FIT_FILE_ID_TIME_CREATED, w, 0);
        fit_put_text(&m, FIT_FILE_ID_PRODUCT_NAME, FIT_PRODUCT_NAME, LABEL_SIZE);
        return fit_encoder_write(&w->encoder, &m);
}

static int write_device(FitWriter *w, unsigned i, unsigned type, unsigned manufacturer, unsigned source,
                const char *name)
{
        FitMessage m = { .number = FIT_DEVICE_INFO };

        put_time(&m, FIT_FIELD_TIMESTAMP, w, 0);
        fit_put_uint8(&m, FIT_DEVICE_INFO_DEVICE_INDEX, i);
        fit_put_uint8(&m, FIT_DEVICE_INFO_DEVICE_TYPE, type);
        fit_put_uint16(&m, FIT_DEVICE_INFO_MANUFACTURER, manufacturer);
        fit_put_enum(&m, FIT_DEVICE_INFO_SOURCE_TYPE, source);
        fit_put_text(&m, FIT_DEVICE_INFO_PRODUCT_NAME, name, NAME_SIZE);
        return fit_encoder_write(&w->encoder, &m);
}

/* The first one made the file, the second one measured. */
static int write_devices(FitWriter *w, const char *strap)
{
        int r = write_device(w, 0, FIT_INVALID_UINT8, FIT_MANUFACTURER_DEVELOPMENT, FIT_SOURCE_LOCAL,
                        FIT_PRODUCT_NAME);

        if (r < 0 || !*strap)
                return r;
        return write_device(w, 1, FIT_BLE_DEVICE_HEART_RATE, FIT_INVALID_UINT16, FIT_SOURCE_BLE, strap);
}

static int write_event(FitWriter *w, int64_t t, FitEvent event, FitEventType type)
{
        FitMessage m = { .number = FIT_EVENT };

        put_time(&m, FIT_FIELD_TIMESTAMP, w, t);
        fit_put_enum(&m, FIT_EVENT_EVENT, event);
        fit_put_enum(&m, FIT_EVENT_EVENT_TYPE, type);
        return fit_encoder_write(&w->encoder, &m);
}

static int push_point(void *userdata, const Point *point);

static double known(double figure)
{
        return figure > 0 && figure <= FIT_INVALID_UINT8 - 1 ? figure : NAN;
}

static int fit_begin(void *writer, const ExchangeSession *session, const ExchangeSink *sink)
{
        FitWriter *w = writer;
        Kind kind = kind_from_string(session->kind);
        int r;

        w->started_at = session->started_at;
        w->length = session->length;
        w->utc_offset_s = session->utc_offset_s;
        w->average = known(session->average);
        w->lowest = known(session->lowest);
        w->peak = known(session->peak);
        w->is_run = kind < 0 || kind_is_run(kind);
        w->rpe = session->rpe;
        w->alpha1 = NAN;
        w->has_pace = session->has_pace;
        pace_sum_begin(&w->session_pace);
        pace_sum_begin(&w->lap.pace);
        point_maker_begin(&w->points, session, push_point, w);
        fit_developer_begin(&w->developer, session);
        if (!fits(w))
                return -EINVAL;

        r = fit_encoder_begin(&w->encoder, sink);
        if (r < 0)
                return r;
        r = write_file_id(w);
        if (r < 0)
                return r;
        r = write_devices(w, session->device);
        if (r < 0)
                return r;
        r = fit_developer_describe(&w->developer, &w->encoder);
        if (r < 0)
                return r;
        return write_event(w, 0, FIT_EVENT_TIMER, FIT_EVENT_START);
}

/* -- Summaries -- */

/* The average is of all heart rates, the lowest and the highest are of the smoothed ones, as wherever cardiod tells of them. */
static void heart_rates_push(HeartRates *h, unsigned heart_rate, double smoothed)
{
        if (!(smoothed >= 0 && smoothed < FIT_INVALID_UINT8 - 1))
                smoothed = heart_rate;
        if (h->n == 0 || smoothed < h->lowest)
                h->lowest = smoothed;
        if (h->n == 0 || smoothed > h->highest)
                h->highest = smoothed;
        h->n++;
        h->sum += heart_rate;
}

static unsigned heart_rates_average(const HeartRates *h)
{
        return h->n > 0 ? (unsigned)((h->sum + h->n / 2) / h->n) : FIT_INVALID_UINT8;
}

/* It was given, and weighs each heart rate with the time for which it held. */
static unsigned session_average(const FitWriter *w)
{
        const HeartRates *h = &w->session_heart_rates;

        return h->n > 0 && !isnan(w->average) ? (unsigned)lround(w->average) : heart_rates_average(h);
}

/* None is beyond the session's: what is, a spike after a gap, was no minimum and no peak for it. */
static unsigned heart_rates_lowest(const FitWriter *w, const HeartRates *h)
{
        return h->n > 0 ? (unsigned)lround(fmax(h->lowest, w->lowest)) : FIT_INVALID_UINT8;
}

static unsigned heart_rates_highest(const FitWriter *w, const HeartRates *h)
{
        return h->n > 0 ? (unsigned)lround(fmin(h->highest, w->peak)) : FIT_INVALID_UINT8;
}

/* A machine is neither a run nor any one sport. */
static FitSport sport(const FitWriter *w)
{
        return w->is_run ? FIT_SPORT_RUNNING : FIT_SPORT_TRAINING;
}

static FitSubSport sub_sport(const FitWriter *w)
{
        return w->is_run ? FIT_SUB_SPORT_GENERIC : FIT_SUB_SPORT_CARDIO_TRAINING;
}

static int write_lap(FitWriter *w, int64_t end, FitLapTrigger trigger)
{
        const HeartRates *h = &w->lap.heart_rates;
        uint32_t length = (uint32_t)(end - w->lap.begin);
        bool whole = w->lap.index == 0 && trigger == FIT_LAP_TRIGGER_SESSION_END;
        FitMessage m = { .number = FIT_LAP };

        fit_put_uint16(&m, FIT_FIELD_MESSAGE_INDEX, w->lap.index);
        put_time(&m, FIT_FIELD_TIMESTAMP, w, end);
        put_time(&m, FIT_LAP_START_TIME, w, w->lap.begin);
        fit_put_uint32(&m, FIT_LAP_TOTAL_ELAPSED_TIME, length);
        fit_put_uint32(&m, FIT_LAP_TOTAL_TIMER_TIME, length);
        fit_put_enum(&m, FIT_LAP_EVENT, FIT_EVENT_LAP);
        fit_put_enum(&m, FIT_LAP_EVENT_TYPE, FIT_EVENT_STOP);
        fit_put_uint8(&m, FIT_LAP_AVG_HEART_RATE, whole ? session_average(w) : heart_rates_average(h));
        fit_put_uint8(&m, FIT_LAP_MAX_HEART_RATE, heart_rates_highest(w, h));
        fit_put_uint8(&m, FIT_LAP_MIN_HEART_RATE, heart_rates_lowest(w, h));
        fit_put_enum(&m, FIT_LAP_INTENSITY, w->lap.intensity);
        fit_put_enum(&m, FIT_LAP_LAP_TRIGGER, trigger);
        fit_put_enum(&m, FIT_LAP_SPORT, sport(w));
        fit_put_enum(&m, FIT_LAP_SUB_SPORT, sub_sport(w));
        if (w->has_pace)
                fit_put_pace_of_lap(&m, &w->lap.pace, length);
        return fit_encoder_write(&w->encoder, &m);
}

static int write_session(FitWriter *w)
{
        const HeartRates *h = &w->session_heart_rates;
        FitMessage m = { .number = FIT_SESSION };

        fit_put_uint16(&m, FIT_FIELD_MESSAGE_INDEX, 0);
        put_time(&m, FIT_FIELD_TIMESTAMP, w, w->length);
        put_time(&m, FIT_SESSION_START_TIME, w, 0);
        fit_put_uint32(&m, FIT_SESSION_TOTAL_ELAPSED_TIME, (uint32_t)w->length);
        fit_put_uint32(&m, FIT_SESSION_TOTAL_TIMER_TIME, (uint32_t)w->length);
        fit_put_enum(&m, FIT_SESSION_EVENT, FIT_EVENT_SESSION);
        fit_put_enum(&m, FIT_SESSION_EVENT_TYPE, FIT_EVENT_STOP);
        fit_put_enum(&m, FIT_SESSION_SPORT, sport(w));
        fit_put_enum(&m, FIT_SESSION_SUB_SPORT, sub_sport(w));
        fit_put_uint8(&m, FIT_SESSION_AVG_HEART_RATE, session_average(w));
        fit_put_uint8(&m, FIT_SESSION_MAX_HEART_RATE, heart_rates_highest(w, h));
        fit_put_uint8(&m, FIT_SESSION_MIN_HEART_RATE, heart_rates_lowest(w, h));
        fit_put_uint16(&m, FIT_SESSION_FIRST_LAP_INDEX, 0);
        fit_put_uint16(&m, FIT_SESSION_NUM_LAPS, w->lap.index + 1U);
        fit_put_enum(&m, FIT_SESSION_TRIGGER, FIT_SESSION_ACTIVITY_END);
        fit_put_uint8(&m, FIT_SESSION_WORKOUT_RPE,
                        w->rpe > 0 && w->rpe <= 10 ? 10U * (unsigned)w->rpe : FIT_INVALID_UINT8);
        if (w->has_pace)
                fit_put_pace_of_session(&m, &w->session_pace, (uint32_t)w->length);
        fit_developer_put_session(&m, &w->developer);
        return fit_encoder_write(&w->encoder, &m);
}

static int write_activity(FitWriter *w)
{
        FitMessage m = { .number = FIT_ACTIVITY };

        put_time(&m, FIT_FIELD_TIMESTAMP, w, w->length);
        fit_put_uint32(&m, FIT_ACTIVITY_TOTAL_TIMER_TIME, (uint32_t)w->length);
        fit_put_uint16(&m, FIT_ACTIVITY_NUM_SESSIONS, 1);
        fit_put_enum(&m, FIT_ACTIVITY_TYPE, FIT_ACTIVITY_MANUAL);
        fit_put_enum(&m, FIT_ACTIVITY_EVENT, FIT_EVENT_ACTIVITY);
        fit_put_enum(&m, FIT_ACTIVITY_EVENT_TYPE, FIT_EVENT_STOP);
        fit_put_uint32(&m, FIT_ACTIVITY_LOCAL_TIMESTAMP,
                        (uint32_t)(fit_time(w, w->length) + (int64_t)w->utc_offset_s));
        return fit_encoder_write(&w->encoder, &m);
}

/* -- What happened -- */

static int flush_rr(FitWriter *w)
{
        FitMessage m = { .number = FIT_HRV };

        if (w->n_rr == 0)
                return 0;
        while (w->n_rr < HRV_VALUES)
                w->rr[w->n_rr++] = FIT_INVALID_UINT16;
        w->n_rr = 0;
        fit_put_uint16s(&m, FIT_HRV_TIME, w->rr, HRV_VALUES);
        return fit_encoder_write(&w->encoder, &m);
}

static int push_rr(FitWriter *w, uint16_t rr)
{
        w->rr[w->n_rr++] = (uint16_t)((rr * 1000U + 512) / 1024);
        return w->n_rr == HRV_VALUES ? flush_rr(w) : 0;
}

static int push_sample(FitWriter *w, const ExchangeSample *sample)
{
        if (sample->heart_rate >= FIT_INVALID_UINT8)
                return -EINVAL;
        if (sample->has_alpha1)
                w->alpha1 = sample->alpha1;
        heart_rates_push(&w->lap.heart_rates, sample->heart_rate, sample->smoothed);
        heart_rates_push(&w->session_heart_rates, sample->heart_rate, sample->smoothed);
        return flush_rr(w);
}

static int push_point(void *userdata, const Point *point)
{
        FitMessage m = { .number = FIT_RECORD };
        FitWriter *w = userdata;
        int r = point->has_heart_rate ? push_sample(w, &point->sample) : 0;

        if (r < 0)
                return r;
        pace_sum_add(&w->lap.pace, point);
        pace_sum_add(&w->session_pace, point);
        put_time(&m, FIT_FIELD_TIMESTAMP, w, point->t);
        fit_put_uint8(&m, FIT_RECORD_HEART_RATE,
                        point->has_heart_rate ? point->sample.heart_rate : FIT_INVALID_UINT8);
        if (w->has_pace)
                fit_put_pace(&m, point->has_pace ? &point->pace : NULL);
        if (fit_developer_has(&w->developer, FIT_DEVELOPER_ALPHA1))
                fit_put_developer(&m, FIT_DEVELOPER_ALPHA1, w->alpha1);
        return fit_encoder_write(&w->encoder, &m);
}

/* The runner names the steps; those that are easy between hard ones are what FIT calls rest. */
static FitIntensity intensity_of_step(const char *name)
{
        static const struct {
                const char *name;
                FitIntensity intensity;
        } names[] = {
                { WORKOUT_CUE_WARM_UP, FIT_INTENSITY_WARM_UP },
                { "warmup", FIT_INTENSITY_WARM_UP },
                { "cool-down", FIT_INTENSITY_COOL_DOWN },
                { "cooldown", FIT_INTENSITY_COOL_DOWN },
                { WORKOUT_CUE_EASY, FIT_INTENSITY_REST },
                { "jog", FIT_INTENSITY_REST },
                { "recover", FIT_INTENSITY_REST },
                { "recovery", FIT_INTENSITY_REST },
                { "rest", FIT_INTENSITY_REST },
                { "walk", FIT_INTENSITY_REST },
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(name, names[i].name) == 0)
                        return names[i].intensity;
        return FIT_INTENSITY_ACTIVE;
}

static int push_step(FitWriter *w, const ExchangeItem *step)
{
        LapChange change = lap_at_step(step, w->lap.begin, w->lap.stepped, w->length);
        int r;

        if (change == LAP_AS_IT_WAS)
                return 0;
        if (change == LAP_BEGUN) {
                if (w->lap.index == UINT16_MAX - 1)
                        return -EINVAL;
                r = write_lap(w, step->t, FIT_LAP_TRIGGER_TIME);
                if (r < 0)
                        return r;
                w->lap.index++;
                w->lap.begin = step->t;
                memset(&w->lap.heart_rates, 0, sizeof(w->lap.heart_rates));
                pace_sum_go_on(&w->lap.pace);
        }
        w->lap.stepped = true;
        w->lap.intensity = step_is_end(step) ? FIT_INTENSITY_ACTIVE : intensity_of_step(step->event.detail);
        return 0;
}

static int push_event(FitWriter *w, const ExchangeItem *item)
{
        if (strcmp(item->event.type, "step") == 0)
                return push_step(w, item);
        if (strcmp(item->event.type, "mark") == 0)
                return write_event(w, item->t, FIT_EVENT_USER_MARKER, FIT_EVENT_MARKER);
        return 0;
}

static int fit_item(void *writer, const ExchangeItem *item)
{
        FitWriter *w = writer;
        int r;

        /* What happened after the session's last heart rate is not in the file. */
        if (item->t > w->length && (item->type == EXCHANGE_EVENT || item->type == EXCHANGE_PACE))
                return 0;
        if (item->t > w->length) {
                w->length = item->t;
                if (!fits(w))
                        return -EINVAL;
        }
        r = point_maker_item(&w->points, item);
        if (r < 0)
                return r;
        switch (item->type) {
        case EXCHANGE_EVENT:
                return push_event(w, item);
        case EXCHANGE_RR:
                return push_rr(w, item->rr.rr);
        case EXCHANGE_PACE: /* they are points */
        case EXCHANGE_SAMPLE:
                return 0;
        case _EXCHANGE_ITEM_TYPE_MAX:
        case _EXCHANGE_ITEM_TYPE_INVALID:
                break;
        }
        return -EINVAL;
}

static int fit_end(void *writer)
{
        FitWriter *w = writer;
        int r = point_maker_end(&w->points);

        if (r < 0)
                return r;
        r = flush_rr(w);
        if (r < 0)
                return r;
        r = write_event(w, w->length, FIT_EVENT_TIMER, FIT_EVENT_STOP_ALL);
        if (r < 0)
                return r;
        r = write_lap(w, w->length, FIT_LAP_TRIGGER_SESSION_END);
        if (r < 0)
                return r;
        r = write_session(w);
        if (r < 0)
                return r;
        r = write_activity(w);
        if (r < 0)
                return r;
        return fit_encoder_end(&w->encoder);
}

const ExchangeFormat exchange_fit = {
        .name = "fit",
        .extension = "fit",
        .binary = true,
        .size = sizeof(FitWriter),
        .begin = fit_begin,
        .item = fit_item,
        .end = fit_end,
};
