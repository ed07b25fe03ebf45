/* SPDX-License-Identifier: MIT */
/* A resting heart rate, measured: what the strap sends while its runner lies still, judged by the core. It is looked at
 * every second of CLOCK_BOOTTIME, and while it lasts no session begins; the strap worn for it is no run afterwards either.
 * It ends when its time is over, when it is clear that nothing comes of it, or when whoever asked has left. */

#include "manager/internal.h"

#include <math.h>
#include <stdlib.h>

#include "cardio/bus-api.h"
#include "clock.h"
#include "local.h"
#include "log.h"
#include "store/coach.h"

/* A strap that is silent that long does not come back in time. */
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

/* Whoever asks is about to lie still. So sessions are held back even if nothing comes of it yet: a strap put on after the
 * refusal is worn for the next try. */
static int hold_sessions(Manager *m, sd_bus_error *error)
{
        int strap;

        if (manager_handle(m, &(Event){ .type = EVENT_HOLD }) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_BUSY,
                                "Session %" PRIi64 " is being recorded. Stop it, measure then, and delete it "
                                "if it was no run",
                                m->session);
        strap = find_strap(m);
        if (strap >= 0)
                return strap;
        (void)manager_handle(m, &(Event){ .type = EVENT_RELEASE }); /* never refused */
        return sd_bus_error_set(error, CARDIO_ERROR_NO_SENSOR,
                        "No strap is live: put it on, and see that it is trusted and connected");
}

static void measure_cancel(void *userdata)
{
        Manager *m = userdata;

        free(TAKE_PTR(m->resting));
        m->resting_request = NULL;
        (void)sd_event_source_set_enabled(m->measure, SD_EVENT_OFF); /* it is ours */
        (void)manager_handle(m, &(Event){ .type = EVENT_RELEASE });  /* never refused */
}

int manager_measure_resting(void *userdata, uint32_t seconds, BusRequest *request, sd_bus_error *error)
{
        _cleanup_free_ RestingMeasurement *resting = malloc(sizeof(*resting));
        usec_t now_usec = manager_now();
        Manager *m = userdata;
        int strap, r;

        r = manager_need_clock(error);
        if (r < 0)
                return r;
        if (m->resting)
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
        m->resting = TAKE_PTR(resting);
        m->resting_request = request;
        bus_on_cancel(request, measure_cancel, m);
        m->resting_strap = (unsigned)strap;
        (void)manager_set_timer(m->measure, now_usec + USEC_PER_SEC);
        return 0;
}

void manager_measure_heart_rate(Manager *m, const Fact *fact)
{
        if (m->resting && fact->sensor == m->resting_strap)
                resting_heart_rate(m->resting, fact->at_usec, fact->sample->stale_usec,
                                fact->sample->heart_rate, fact->rr, fact->n_rr);
}

/* The store is held for a moment. */
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
                .seconds = m->resting->seconds,
                .source = "strap",
        };
        BusRequest *request = m->resting_request;
        int64_t id;

        manager_know_clock(m);
        /* Below any maximum that may be configured, but perhaps not below that of an age. */
        if (row.heart_rate >= m->runner.maximum) {
                measure_cancel(m);
                bus_answer(request, CARDIO_ERROR_MOVING,
                                "That is no resting heart rate: it is not below your maximum heart rate");
                return;
        }
        id = store_add_resting(m->store, &row);
        if (id == -EAGAIN && manager_set_timer(m->measure, usec_add(manager_now(), STORE_AGAIN_USEC)) >= 0)
                return;
        measure_cancel(m);
        if (id < 0) {
                log_error("A resting heart rate cannot be stored: %s", strerror((int)-id));
                bus_answer(request, CARDIO_ERROR_STORAGE, "The database cannot be written");
                return;
        }
        manager_poll_clock(m);
        manager_coach_changed(m);
        bus_answer_resting(request, row.heart_rate, isnan(row.rmssd) ? 0 : row.rmssd);
}

static void failed(Manager *m, const char *error, const char *message)
{
        BusRequest *request = m->resting_request;

        measure_cancel(m);
        bus_answer(request, error, message);
}

int manager_on_measure(sd_event_source *source, uint64_t usec, void *userdata)
{
        usec_t now_usec = manager_now(), heard_usec;
        RestingResult result;
        Manager *m = userdata;

        (void)source, (void)usec;
        if (!m->resting)
                return 0;
        switch (resting_state(m->resting, now_usec, &result)) {
        case RESTING_SETTLING:
        case RESTING_MEASURING:
                heard_usec = m->resting->last_usec > 0 ? m->resting->last_usec : m->resting->begin_usec;
                if (now_usec - heard_usec > SILENCE_MAX_USEC)
                        failed(m, CARDIO_ERROR_NO_SENSOR,
                                        "The strap has fallen silent: see that it sits well");
                else
                        (void)manager_set_timer(m->measure, now_usec + USEC_PER_SEC);
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
