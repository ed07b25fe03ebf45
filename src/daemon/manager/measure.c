/* SPDX-License-Identifier: MIT */
/* Measures a resting heart rate: the strap's values while the runner lies still, judged by the core. Checked every second
 * (CLOCK_BOOTTIME). While it lasts no session begins, and afterwards the strap worn for it does not begin one either. It ends
 * when its time is over, when the core says that it cannot succeed, or when the caller has left. */

#include "manager/measure.h"

#include <math.h>
#include <stdlib.h>

#include "cardio/bus-api.h"
#include "shared/clock.h"
#include "local.h"
#include "log.h"
#include "manager/feed.h"
#include "manager/internal.h"

/* A strap that is silent this long does not come back in time. */
#define SILENCE_MAX_USEC (30 * USEC_PER_SEC)

/* The live strap with the newest heart rate. Returns its number, or -ENODEV. */
static int find_strap(const Manager *m)
{
        const Sample *newest = NULL;
        int strap = -ENODEV;

        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const Sample *sample = engine_latest(m->engine, i);

                if (sample && (!newest || sample->at_usec > newest->at_usec)) {
                        newest = sample;
                        strap = (int)i;
                }
        }
        return strap;
}

/* Whoever asks is about to lie still. So sessions are held back even if the measurement is refused: a strap put on after that
 * is worn for the next try. */
static int hold_sessions(Manager *m, sd_bus_error *error)
{
        int strap;

        if (feed(m, &(Event){ .type = EVENT_HOLD }) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_BUSY,
                                "Session %" PRIi64
                                " is being recorded. Stop it, measure then, and delete it if it was no run",
                                m->session.id);
        strap = find_strap(m);
        if (strap >= 0)
                return strap;
        (void)feed(m, &(Event){ .type = EVENT_RELEASE }); /* never refused */
        return sd_bus_error_set(error, CARDIO_ERROR_NO_SENSOR,
                        "No strap is live: put it on, and see that it is trusted and connected");
}

static void measure_cancel(void *userdata)
{
        Manager *m = userdata;

        free(TAKE_PTR(m->measuring.resting));
        m->measuring.request = NULL;
        (void)sd_event_source_set_enabled(
                        m->measuring.timer, SD_EVENT_OFF); /* cannot fail: it is our timer */
        (void)feed(m, &(Event){ .type = EVENT_RELEASE });  /* never refused */
}

int measure_start(void *userdata, uint32_t seconds, BusRequest *request, sd_bus_error *error)
{
        _cleanup_free_ RestingMeasurement *resting = malloc(sizeof(*resting));
        usec_t now_usec = core_now();
        Manager *m = userdata;
        int strap, r;

        r = clock_need(error);
        if (r < 0)
                return r;
        if (m->measuring.resting)
                return sd_bus_error_set(error, CARDIO_ERROR_BUSY, "A measurement is under way");
        if (!resting)
                return -ENOMEM;
        if (resting_begin(resting, seconds, now_usec) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "%u seconds are no measurement; accepted: " RESTING_SECONDS_ACCEPTED,
                                seconds);
        strap = hold_sessions(m, error);
        if (strap < 0)
                return strap;
        m->measuring.resting = TAKE_PTR(resting);
        m->measuring.request = request;
        bus_on_cancel(request, measure_cancel, m);
        m->measuring.strap = (unsigned)strap;
        (void)core_timer_set(m->measuring.timer, now_usec + USEC_PER_SEC);
        return 0;
}

/* A sync keeps writers out for a moment: try again after this. */
#define STORE_AGAIN_USEC (100 * USEC_PER_MSEC)

static void measured(Manager *m, const RestingResult *result)
{
        RestingRow row = {
                .taken_at = (int64_t)(now_realtime_usec() / USEC_PER_MSEC),
                .measured = true,
                .boot_ms = (int64_t)(now_boot_usec() / USEC_PER_MSEC),
                .date = local_today(),
                .heart_rate = result->heart_rate,
                .rmssd = result->rmssd,
                .sdnn = result->sdnn,
                .pnn50 = result->pnn50,
                .seconds = m->measuring.resting->seconds,
                .source = "strap",
        };
        BusRequest *request = m->measuring.request;
        int64_t id;

        clock_check_right(m);
        /* Any maximum that can be configured is higher; one computed from an age may not be. */
        if (row.heart_rate >= m->coach.runner.maximum) {
                measure_cancel(m);
                bus_answer(request, CARDIO_ERROR_MOVING,
                                "That is no resting heart rate: it is not below your maximum heart rate");
                return;
        }
        id = store_add_resting(m->store, &row);
        if (id == -EAGAIN && core_timer_set(m->measuring.timer, usec_add(core_now(), STORE_AGAIN_USEC)) >= 0)
                return;
        measure_cancel(m);
        if (id < 0) {
                log_error("A resting heart rate cannot be stored: %s", strerror((int)-id));
                bus_answer(request, CARDIO_ERROR_STORAGE, "The database cannot be written");
                return;
        }
        clock_poll_later(m);
        feed_coach_changed(m);
        bus_answer_resting(request, row.heart_rate, isnan(row.rmssd) ? 0 : row.rmssd);
}

static void failed(Manager *m, const char *error, const char *message)
{
        BusRequest *request = m->measuring.request;

        measure_cancel(m);
        bus_answer(request, error, message);
}

static int on_measure(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
        usec_t now_usec = core_now(), heard_usec;
        RestingResult result;
        Manager *m = userdata;

        if (!m->measuring.resting)
                return 0;
        switch (resting_state(m->measuring.resting, now_usec, &result)) {
        case RESTING_SETTLING:
        case RESTING_MEASURING:
                heard_usec = m->measuring.resting->last_usec > 0 ? m->measuring.resting->last_usec
                                                                 : m->measuring.resting->begin_usec;
                if (now_usec - heard_usec > SILENCE_MAX_USEC)
                        failed(m, CARDIO_ERROR_NO_SENSOR,
                                        "The strap has fallen silent: see that it sits well");
                else
                        (void)core_timer_set(m->measuring.timer, now_usec + USEC_PER_SEC);
                break;
        case RESTING_DONE:
                measured(m, &result);
                break;
        case RESTING_MOVING:
                failed(m, CARDIO_ERROR_MOVING,
                                "The heart rate does not settle: lie still for a while, and try again");
                break;
        case RESTING_NO_DATA:
                failed(m, CARDIO_ERROR_NO_SENSOR, "Too few heart rates came: see that the strap sits well");
                break;
        case _RESTING_STATE_MAX:
        case _RESTING_STATE_INVALID:
                break;
        }
        return 0;
}

int measure_begin(Manager *m)
{
        return core_timer_add(m->event, &m->measuring.timer, on_measure, m);
}
