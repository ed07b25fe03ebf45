/* SPDX-License-Identifier: MIT */

/* The model behind the state messages. What the bus says counts; nothing is computed here that the daemon knows better. A
 * bridge that starts in the middle of a breach is told of it. Times are CLOCK_BOOTTIME, passed in. */

#include "state.h"

#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/sensor-kind.h"
#include "cardio/text.h"
#include "cardio/workout.h"

/* Copies a text of others, cut at a character if it is too long; NULL leaves the old one. */
static void take_text(const char *text, char *to, size_t size)
{
        size_t n;

        if (!text)
                return;
        n = utf8_fit(text, size - 1);
        memcpy(to, text, n);
        to[n] = '\0';
        (void)text_make_plain(to); /* in place */
}

/* -- Straps ---------------------------------------------------------------------------------------------- */

static StateStrap *find_strap(State *s, const char *path)
{
        for (size_t i = 0; i < s->n_straps; i++)
                if (strcmp(s->strap[i].path, path) == 0)
                        return &s->strap[i];
        return NULL;
}

/* One beyond STATE_STRAPS_MAX is ignored. */
static StateStrap *add_strap(State *s, const char *path)
{
        StateStrap *strap;

        if (s->n_straps == STATE_STRAPS_MAX || strlen(path) >= STATE_PATH_MAX)
                return NULL;
        strap = &s->strap[s->n_straps++];
        *strap = (StateStrap){ .is_strap = true, .configured = true, .battery = CARDIO_BATTERY_UNKNOWN };
        memcpy(strap->path, path, strlen(path) + 1);
        return strap;
}

/* The session's, else the one closest to live. */
static const StateStrap *shown_strap(const State *s)
{
        const StateStrap *best = NULL;
        int best_rank = -1;

        for (size_t i = 0; i < s->n_straps; i++) {
                const StateStrap *strap = &s->strap[i];
                bool recorded = s->session != 0 && strap->session == s->session;
                int rank = (recorded ? _STRAP_STATE_MAX : 0) + (int)strap->state;

                if (strap->configured && strap->is_strap && rank > best_rank) {
                        best = strap;
                        best_rank = rank;
                }
        }
        return best;
}

static bool has_heart_rate(const StateStrap *strap, usec_t now_usec)
{
        return strap && strap->state == STRAP_LIVE && strap->heart_rate > 0 &&
               usec_sub(now_usec, strap->measured_usec) < STATE_OLD_USEC;
}

static void forget_heart_rate(StateStrap *strap)
{
        strap->heart_rate = strap->zone = 0;
        strap->smoothed = 0;
}

/* A breach whose strap is silent is not told, nor is it when the strap is back, as long as it may be over. */
static void judge_breach(State *s, usec_t now_usec)
{
        const StateStrap *strap = shown_strap(s);

        if (!has_heart_rate(strap, now_usec))
                s->suspended = true;
        else if (strap->smoothed > s->ceiling + s->tolerance)
                s->suspended = false;
}

static void put_strap(State *s, const FollowerSensor *sensor, usec_t now_usec)
{
        const SensorProperties *p = &sensor->properties;
        StateStrap *strap = find_strap(s, sensor->path);
        SensorKind kind;

        if (!strap)
                strap = add_strap(s, sensor->path);
        if (!strap)
                return;
        take_text(p->address, strap->address, sizeof(strap->address));
        take_text(p->name, strap->name, sizeof(strap->name));
        take_text(p->contact, strap->contact, sizeof(strap->contact));
        if (p->state)
                strap->state = strap_state_from_string(p->state);
        if (p->kind) {
                kind = sensor_kind_from_string(p->kind);
                strap->is_strap = kind < 0 || kind == SENSOR_KIND_STRAP;
        }
        if (p->given & SENSOR_CONFIGURED)
                strap->configured = p->configured;
        if (p->given & SENSOR_BATTERY)
                strap->battery = p->battery;
        if (p->given & SENSOR_SESSION)
                strap->session = p->session;
        /* Only read when asked: at the beginning. */
        if (p->given & SENSOR_HEART_RATE && p->heart_rate > 0) {
                strap->heart_rate = p->heart_rate;
                strap->smoothed = p->given & SENSOR_SMOOTHED ? p->smoothed : 0;
                strap->zone = p->given & SENSOR_ZONE ? p->zone : 0;
                strap->measured_usec = now_usec;
        }
        if (strap->state != STRAP_LIVE) /* its last values do not hold any more */
                forget_heart_rate(strap);
}

static void drop_strap(State *s, const char *path)
{
        StateStrap *strap = find_strap(s, path);

        if (strap)
                *strap = s->strap[--s->n_straps];
}

static void put_measurement(State *s, const FollowerMeasurement *m, usec_t now_usec)
{
        StateStrap *strap = find_strap(s, m->path);

        if (!strap || strap->state != STRAP_LIVE || m->heart_rate == 0)
                return;
        strap->heart_rate = m->heart_rate;
        strap->smoothed = m->smoothed;
        strap->zone = m->zone;
        strap->measured_usec = now_usec;
        if (strap == shown_strap(s))
                s->fresh = true;
}

/* -- The manager and the coach --------------------------------------------------------------------------- */

static void put_manager(State *s, const ManagerProperties *p)
{
        if (p->given & MANAGER_SESSION)
                s->session = p->session;
        if (p->given & MANAGER_CEILING)
                s->ceiling = p->ceiling > 0 ? p->ceiling : 0;
        if (p->given & MANAGER_TOLERANCE)
                s->tolerance = p->tolerance > 0 ? p->tolerance : 0;
        if (p->given & MANAGER_OVER_CEILING && p->over_ceiling)
                s->breach = s->session;
        if (s->session == 0 || s->session != s->breach || s->ceiling <= 0)
                s->breach = 0;
}

static void put_coach(State *s, const CoachProperties *p)
{
        if (p->workout)
                s->workout = *p->workout;
        if (p->step)
                s->hard = *p->step && strcmp(p->step, WORKOUT_CUE_WARM_UP) != 0 &&
                          strcmp(p->step, WORKOUT_CUE_EASY) != 0;
}

static void put_limit(State *s, const FollowerEvent *e)
{
        if (e->type == FOLLOWER_OVER_LIMIT) {
                s->breach = e->limit.session;
                s->suspended = false;
        } else if (e->limit.session == s->breach)
                s->breach = 0;
}

static void end_session(State *s, int64_t id)
{
        if (s->breach == id)
                s->breach = 0;
}

/* Whatever was known is void. */
static void forget(State *s, bool asking)
{
        State empty = {
                .asking = asking,
                .sent = s->sent,
                .sent_usec = s->sent_usec,
                .sent_state = s->sent_state,
                .sent_over = s->sent_over,
                .sent_recording = s->sent_recording,
                .sent_ceiling = s->sent_ceiling,
        };

        *s = empty;
}

/* -- In and out ------------------------------------------------------------------------------------------ */

void state_init(State *s)
{
        *s = (State){ .asking = true };
}

void state_follow(State *s, const FollowerEvent *e, usec_t now_usec)
{
        switch (e->type) {
        case FOLLOWER_APPEARED:
                forget(s, true);
                break;
        case FOLLOWER_READY:
        case FOLLOWER_SILENT:
                s->asking = false;
                break;
        case FOLLOWER_LOST:
                forget(s, false);
                break;
        case FOLLOWER_MANAGER:
                put_manager(s, &e->manager);
                break;
        case FOLLOWER_COACH:
                put_coach(s, &e->coach);
                break;
        case FOLLOWER_SENSOR_ADDED:
        case FOLLOWER_SENSOR_CHANGED:
                put_strap(s, &e->sensor, now_usec);
                break;
        case FOLLOWER_SENSOR_REMOVED:
                drop_strap(s, e->sensor.path);
                break;
        case FOLLOWER_MEASUREMENT:
                put_measurement(s, &e->measurement, now_usec);
                break;
        case FOLLOWER_OVER_LIMIT:
        case FOLLOWER_BACK_IN_RANGE:
                put_limit(s, e);
                break;
        case FOLLOWER_SESSION_ENDED:
        case FOLLOWER_SESSION_DISCARDED:
                end_session(s, e->session.id);
                break;
        case FOLLOWER_UNREACHABLE: /* LOST follows if that bus counts */
        case FOLLOWER_PACE:
        case FOLLOWER_SESSION_STARTED: /* the manager's property says it */
        case FOLLOWER_OVER_PACE:
        case FOLLOWER_PACE_IN_RANGE:
        case FOLLOWER_ADVICE:
        case FOLLOWER_CUE:
        case FOLLOWER_TROUBLE:
        case _FOLLOWER_EVENT_TYPE_MAX:
        case _FOLLOWER_EVENT_TYPE_INVALID:
                break;
        }
        judge_breach(s, now_usec);
}

StateView state_view(const State *s, usec_t now_usec)
{
        const StateStrap *strap = shown_strap(s);
        StateView v = {
                .recording = s->session != 0,
                .session = s->session,
                .ceiling = s->ceiling,
                .battery = CARDIO_BATTERY_UNKNOWN,
        };

        if (!strap)
                return v;
        v.state = strap->state;
        v.strap = *strap->name ? strap->name : *strap->address ? strap->address : NULL;
        if (strap->state != STRAP_LIVE)
                return v;
        if (strap->heart_rate > 0 && !has_heart_rate(strap, now_usec)) {
                v.state = STRAP_STALE; /* whatever the daemon said last */
                return v;
        }
        v.battery = strap->battery;
        v.contact = *strap->contact ? strap->contact : NULL;
        if (!has_heart_rate(strap, now_usec))
                return v;
        v.heart_rate = strap->heart_rate;
        v.smoothed = strap->smoothed;
        v.zone = strap->zone;
        v.over = s->breach != 0 && !s->suspended && s->ceiling > 0 && !(s->workout && s->hard);
        return v;
}

/* When the heart rate shown becomes too old. */
static usec_t old_at(const State *s, usec_t now_usec)
{
        const StateStrap *strap = shown_strap(s);

        return has_heart_rate(strap, now_usec) ? usec_add(strap->measured_usec, STATE_OLD_USEC)
                                               : USEC_INFINITY;
}

static usec_t earlier(usec_t a, usec_t b)
{
        return a < b ? a : b;
}

usec_t state_due(const State *s, usec_t now_usec)
{
        StateView v;

        if (s->asking)
                return USEC_INFINITY;
        if (!s->sent)
                return now_usec;
        v = state_view(s, now_usec);
        if (v.state != s->sent_state || v.over != s->sent_over || v.recording != s->sent_recording ||
                        v.ceiling < s->sent_ceiling || v.ceiling > s->sent_ceiling)
                return now_usec;
        return earlier(usec_add(s->sent_usec, s->fresh ? STATE_LIVE_USEC : STATE_IDLE_USEC),
                        old_at(s, now_usec));
}

void state_sent(State *s, const StateView *v, usec_t now_usec)
{
        s->sent = true;
        s->sent_usec = now_usec;
        s->sent_state = v->state;
        s->sent_over = v->over;
        s->sent_recording = v->recording;
        s->sent_ceiling = v->ceiling;
        s->fresh = false;
}

void state_unsent(State *s)
{
        s->sent = false;
}
