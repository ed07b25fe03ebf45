/* SPDX-License-Identifier: MIT */
/* Which ceiling is in force, and why. The first of these that applies: set by command; none, in a workout's hard part; none,
 * in a session said to be a race or hard, and on a race day; the coach's, if the configuration says `auto`; the
 * configuration's. The core keeps a ceiling set by command; all else it takes as configuration. No clock. */

#include "manager/coach.h"

#include "cardio/bus-api.h"
#include "manager/internal.h"

bool ceiling_is_lifted_by(Kind said)
{
        return said == KIND_RACE || said == KIND_HARD;
}

/* The ceiling that `auto` stands for: by what the runner says the session is, else by the day. */
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

/* Leaves commands aside: the core knows those. */
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

/* -- On a given day -- */

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
