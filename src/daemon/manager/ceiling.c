/* SPDX-License-Identifier: MIT */
/* Which ceiling is in force, and why. The first of these that holds: a command's; none in a workout's hard part; none in what was
 * said to be a race or hard, and on a race day; the coach's, if the configuration leaves it to the coach; the
 * configuration's. What a command has set is the core's to keep; the core takes all else for its configuration. */

#include "manager/internal.h"

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "local.h"

static bool lifts_ceiling(Kind said)
{
        return said == KIND_RACE || said == KIND_HARD;
}

/* What `auto` stands for: for what the runner said it is, else for the day. */
Intensity manager_ceiling_of_coach(const Manager *m)
{
        const CoachConfig config = config_coach(m->config);

        return m->said >= 0 ? coach_ceiling(&config, m->said) : m->day.ceiling;
}

typedef enum CeilingSource {
        CEILING_WORKOUT,
        CEILING_SAID,
        CEILING_RACE_DAY,
        CEILING_COACH,
        CEILING_CONFIG,
} CeilingSource;

/* Apart from commands. */
static CeilingSource ceiling_source(const Manager *m)
{
        if (m->workout_hard)
                return CEILING_WORKOUT;
        if (lifts_ceiling(m->said))
                return CEILING_SAID;
        if (m->said < 0 && m->day.kind == KIND_RACE)
                return CEILING_RACE_DAY;
        return m->config->ceiling.kind == INTENSITY_AUTO ? CEILING_COACH : CEILING_CONFIG;
}

EngineConfig manager_engine_config(const Manager *m)
{
        EngineConfig engine = config_engine(m->config, &m->runner);

        switch (ceiling_source(m)) {
        case CEILING_WORKOUT:
        case CEILING_SAID:
        case CEILING_RACE_DAY:
                engine.ceiling = (Intensity){ .kind = INTENSITY_OFF };
                break;
        case CEILING_COACH:
                engine.ceiling = manager_ceiling_of_coach(m);
                break;
        case CEILING_CONFIG:
                break;
        }
        return engine;
}

/* Nothing of it is ever refused: what needs a lactate threshold has one. */
void manager_ceiling_follow(Manager *m)
{
        EngineConfig engine = manager_engine_config(m);
        Intensity coached = manager_ceiling_of_coach(m);

        m->changed = true;
        (void)manager_handle(m, &(Event){ .type = EVENT_CONFIGURE, .config = &engine });
        if (m->coached && m->engine->overridden)
                (void)manager_handle(m, &(Event){ .type = EVENT_CEILING, .intensity = &coached });
}

int manager_ceiling_command(Manager *m, const Intensity *intensity)
{
        Intensity ceiling = intensity && intensity->kind == INTENSITY_AUTO ? manager_ceiling_of_coach(m)
                            : intensity                                    ? *intensity
                                                                           : (Intensity){ 0 };
        int r;

        m->command_day = local_today();
        r = manager_handle(m, &(Event){ .type = EVENT_CEILING, .intensity = intensity ? &ceiling : NULL });
        if (r < 0)
                return r;
        m->coached = intensity && intensity->kind == INTENSITY_AUTO;
        if (manager_keep_commands(m, false))
                manager_commit(m);
        /* Another expression may come to the same figure, which is no fact of the core's. */
        manager_push(m);
        return 0;
}

void manager_ceiling_said(Manager *m, Kind said)
{
        m->said = said;
        if (m->engine->overridden && (lifts_ceiling(said) || m->workout))
                (void)manager_ceiling_command(m, NULL); /* never refused */
}

/* What a command has set without a session is over with the day. */
void manager_ceiling_expire(Manager *m)
{
        if (!m->engine->overridden)
                m->coached = false;
        else if (m->session == 0 && m->command_day != local_today())
                (void)manager_ceiling_command(m, NULL);
}

/* -- In words -- */

static const char *said_reason(Kind said)
{
        static const char *const reasons[_KIND_MAX] = {
                [KIND_REST] = "you said it is rest",
                [KIND_CROSS_TRAINING] = "you said it is cross-training",
                [KIND_RECOVERY] = "you said it is a recovery run",
                [KIND_BASE] = "you said it is a base run",
                [KIND_LONG] = "you said it is a long run",
                [KIND_HARD] = "you said it is a hard run",
                [KIND_RACE] = "you said it is a race",
        };

        return reasons[said];
}

const char *manager_ceiling_reason(const Manager *m, char buf[static COACH_TEXT_MAX])
{
        if (m->engine->overridden && !m->coached)
                return CARDIO_CEILING_BY_COMMAND;
        switch (m->engine->overridden ? CEILING_COACH : ceiling_source(m)) {
        case CEILING_WORKOUT:
                return CARDIO_CEILING_BY_WORKOUT;
        case CEILING_SAID:
                return said_reason(m->said);
        case CEILING_RACE_DAY:
                return coach_reason_to_string(&m->day, buf);
        case CEILING_COACH:
                return m->said >= 0 ? said_reason(m->said) : coach_reason_to_string(&m->day, buf);
        case CEILING_CONFIG:
                break;
        }
        return CARDIO_CEILING_BY_CONFIG;
}

/* -- Of a day -- */

Intensity manager_ceiling_of_day(const Manager *m, const CoachDay *day, const char **ret_reason,
                char buf[static COACH_TEXT_MAX])
{
        bool commanded = m->engine->overridden && day->date == m->day.date;

        *ret_reason = buf;
        (void)coach_reason_to_string(day, buf);
        if (commanded ? m->coached : m->config->ceiling.kind == INTENSITY_AUTO)
                return day->ceiling;
        if (commanded) {
                *ret_reason = CARDIO_CEILING_BY_COMMAND;
                return m->engine->override;
        }
        if (day->kind == KIND_RACE)
                return (Intensity){ .kind = INTENSITY_OFF };
        *ret_reason = CARDIO_CEILING_BY_CONFIG;
        return m->config->ceiling;
}
