/* SPDX-License-Identifier: MIT */
/* Which ceiling is in force, and why. The first of these that holds: a command's; none in a workout's hard part; none in what was
 * said to be a race or hard, and on a race day; the coach's, if the configuration leaves it to the coach; the
 * configuration's. What a command has set is the core's to keep; the core takes all else for its configuration. */

#include "manager/coach.h"

#include "cardio/bus-api.h"
#include "manager/internal.h"

bool ceiling_is_lifted_by(Kind said)
{
        return said == KIND_RACE || said == KIND_HARD;
}

/* What `auto` stands for: for what the runner said it is, else for the day. */
Intensity ceiling_of_coach(const Manager *m)
{
        const CoachConfig config = config_coach(m->config);

        return m->session.said >= 0 ? coach_ceiling(&config, m->session.said) : m->coach.day.ceiling;
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
        if (m->cues.hard)
                return CEILING_WORKOUT;
        if (ceiling_is_lifted_by(m->session.said))
                return CEILING_SAID;
        if (m->session.said < 0 && m->coach.day.kind == KIND_RACE)
                return CEILING_RACE_DAY;
        return m->config->ceiling.kind == INTENSITY_AUTO ? CEILING_COACH : CEILING_CONFIG;
}

EngineConfig ceiling_engine_config(const Manager *m)
{
        EngineConfig engine = config_engine(m->config, &m->coach.runner);

        switch (ceiling_source(m)) {
        case CEILING_WORKOUT:
        case CEILING_SAID:
        case CEILING_RACE_DAY:
                engine.ceiling = (Intensity){ .kind = INTENSITY_OFF };
                break;
        case CEILING_COACH:
                engine.ceiling = ceiling_of_coach(m);
                break;
        case CEILING_CONFIG:
                break;
        }
        return engine;
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

const char *ceiling_reason(const Manager *m, char buf[static COACH_TEXT_MAX])
{
        if (m->engine->overridden && !m->command.ceiling_from_coach)
                return CARDIO_CEILING_BY_COMMAND;
        switch (m->engine->overridden ? CEILING_COACH : ceiling_source(m)) {
        case CEILING_WORKOUT:
                return CARDIO_CEILING_BY_WORKOUT;
        case CEILING_SAID:
                return said_reason(m->session.said);
        case CEILING_RACE_DAY:
                return coach_reason_to_string(&m->coach.day, buf);
        case CEILING_COACH:
                return m->session.said >= 0 ? said_reason(m->session.said)
                                            : coach_reason_to_string(&m->coach.day, buf);
        case CEILING_CONFIG:
                break;
        }
        return CARDIO_CEILING_BY_CONFIG;
}

/* -- Of a day -- */

Intensity ceiling_of_day(const Manager *m, const CoachDay *day, const char **ret_reason,
                char buf[static COACH_TEXT_MAX])
{
        bool commanded = m->engine->overridden && day->date == m->coach.day.date;

        *ret_reason = buf;
        (void)coach_reason_to_string(day, buf);
        if (commanded ? m->command.ceiling_from_coach : m->config->ceiling.kind == INTENSITY_AUTO)
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
