/* SPDX-License-Identifier: MIT */
/* Starts a session by hand. No clock: the core's time is feed()'s. */

#include "manager/start.h"

#include "cardio/bus-api.h"
#include "cardio/kind.h"
#include "manager/feed.h"
#include "manager/internal.h"

static bool any_is_live(const Manager *m)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (engine_latest(m->engine, i))
                        return true;
        return false;
}

int start_allowed(Manager *m, sd_bus_error *error)
{
        if (m->measuring.resting)
                return sd_bus_error_set(error, CARDIO_ERROR_BUSY,
                                "The resting heart rate is being measured; wait, or end that first");
        feed_time(m);
        if (engine_recording(m->engine))
                return sd_bus_error_setf(error, CARDIO_ERROR_ALREADY_RECORDING,
                                "Session %" PRIi64 " is being recorded; stop it first", m->session.id);
        if (!any_is_live(m))
                return sd_bus_error_set(error, CARDIO_ERROR_NO_SENSOR,
                                "No strap is live: put it on, and see that it is trusted and connected");
        return 0;
}

/* The session's ceiling is set before it begins, so that its row has it. */
int start_by_hand(Manager *m, const char *kind, int64_t *ret_id, sd_bus_error *error)
{
        int r = start_allowed(m, error);

        if (r < 0)
                return r;
        feed_said(m, kind[0] ? kind_from_string(kind) : _KIND_INVALID);
        m->session.next_kind = kind;
        r = feed(m, &(Event){ .type = EVENT_START });
        m->session.next_kind = NULL;
        if (r < 0) {
                m->session.said = _KIND_INVALID;
                m->session.with_workout = false;
                cues_end(&m->cues);
                feed_ceiling_changed(m);
                return sd_bus_error_set_errno(error, r);
        }
        if (m->session.id == 0)
                return sd_bus_error_set(error, CARDIO_ERROR_STORAGE,
                                "The database cannot be written, and no more can wait for it");
        *ret_id = m->session.id;
        return 0;
}
