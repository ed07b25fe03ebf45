/* SPDX-License-Identifier: MIT */
/* Properties on the bus and systemd's status line, brought up to date in one go when anything in them has changed. No clock. */

#include "manager/publish.h"

#include <math.h>
#include <systemd/sd-daemon.h>

#include "cardio/macro.h"
#include "manager/internal.h"

static void publish_workout(Manager *m)
{
        size_t next = m->cues.run.next;
        bool steps = m->cues.workout && next > 0 && next <= m->cues.workout->n;

        bus_set_workout(m->bus,
                        &(WorkoutView){
                                        .workout = m->cues.workout ? m->cues.name : "",
                                        .step = steps ? m->cues.workout->step[next - 1].cue : "",
                                        .number = { steps ? (uint32_t)next : 0,
                                                        m->cues.workout ? (uint32_t)m->cues.workout->n : 0 },
                                        .step_ends = steps ? m->cues.step_ends : 0,
                        });
}

/* Shown by `systemctl status`: the strap, its state and the session; never a heart rate. */
void publish_status(Manager *m)
{
        _cleanup_free_ char *line = NULL;
        char name[NAME_PLAIN_MAX];
        int strap = -1, r;

        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (m->straps.strap[i].used && m->straps.strap[i].record.kind == SENSOR_KIND_STRAP &&
                                m->engine->track[i].used &&
                                (strap < 0 || strap_is_recorded(m, i) ||
                                                (!strap_is_recorded(m, (unsigned)strap) &&
                                                                m->engine->track[i].state == SENSOR_LIVE)))
                        strap = (int)i;

        if (strap < 0)
                r = asprintf(&line, "STATUS=%s",
                                bluez_running(m->bluez) ? "Waiting for a strap" : "Waiting for BlueZ");
        else if (m->session.id != 0)
                r = asprintf(&line, "STATUS=%s: %s, recording session %" PRIi64,
                                strap_name(m, (unsigned)strap, name),
                                sensor_state_to_string(m->engine->track[strap].state), m->session.id);
        else
                r = asprintf(&line, "STATUS=%s: %s", strap_name(m, (unsigned)strap, name),
                                sensor_state_to_string(m->engine->track[strap].state));
        if (r < 0) {
                line = NULL;
                return;
        }
        if (m->published.status && strcmp(m->published.status, line) == 0)
                return;
        (void)sd_notify(false, line); /* does nothing without systemd */
        free(m->published.status);
        m->published.status = TAKE_PTR(line);
}

void publish(Manager *m)
{
        const Engine *e = m->engine;
        char expression[INTENSITY_STRING_MAX], reason[COACH_TEXT_MAX], of_pace[PACE_REASON_MAX];
        double pace_limit = pace_limit_in_force(m);

        m->radio = bluez_radio(m->bluez);
        bus_set_manager(m->bus, &(ManagerView){
                                                .recording = m->session.id != 0,
                                                .session = m->session.id,
                                                .ceiling = isnan(e->ceiling) ? 0 : e->ceiling,
                                                .ceiling_expression = intensity_to_string(
                                                                engine_ceiling(e), expression),
                                                .ceiling_reason = ceiling_reason(m, reason),
                                                .tolerance = e->config.limiter.tolerance,
                                                .resting_heart_rate = e->config.runner.resting,
                                                .maximum_heart_rate = e->config.runner.maximum,
                                                .resting_provisional = m->coach.day.resting.provisional,
                                                .snoozed_until = m->command.snoozed_until,
                                                .scanning = m->scanning,
                                                .waits_for_rest = engine_waits_for_rest(e),
                                                .clock_set = m->clock.known,
                                                .bluetooth = m->radio,
                                                .waiting = (uint32_t)store_waiting(m->store),
                                                .pace_limit = isnan(pace_limit) ? 0 : pace_limit,
                                                .pace_reason = pace_reason(m, of_pace),
                                                .pace_units = m->config->miles ? "mile" : "km",
                                                .warnings = m->published.warnings,
                                });
        publish_workout(m);
        straps_publish(m);
        publish_status(m);
        m->published.waits_for_rest = engine_waits_for_rest(e);
        m->published.dirty = false;
}

_hot_ void publish_changes(Manager *m)
{
        if (m->published.dirty || m->published.waits_for_rest != engine_waits_for_rest(m->engine))
                publish(m);
}
