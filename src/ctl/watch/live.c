/* SPDX-License-Identifier: MIT */
/* The model of a daemon that is being watched. What the bus says counts; between two answers of the daemon
 * the time over, and a breach's length, are carried on here by the same arithmetic (cardio/credit.h). Times are
 * CLOCK_BOOTTIME, handed in. */
#include "watch/live.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/text.h"
#include "cardio/workout.h"
#include "text.h"

/* The daemon tells whole seconds; less than this is no correction. */
#define OVER_CORRECTION_S 1.0

static const char *const states[] = {
        [STRAP_ABSENT] = "absent",
        [STRAP_CONNECTING] = "connecting",
        [STRAP_STALE] = "stale",
        [STRAP_NO_CONTACT] = "no-contact",
        [STRAP_LIVE] = "live",
};

const char *strap_state_to_string(StrapState state)
{
        return state >= 0 && state < _STRAP_STATE_MAX ? states[state] : NULL;
}

static StrapState strap_state_from_string(const char *text)
{
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                if (strcmp(text, states[i]) == 0)
                        return (StrapState)i;
        return STRAP_ABSENT;
}

/* A member's text, cut at a character if it is too long; what is missing leaves the old one. */
static void take_text(json_object *o, const char *key, char *to, size_t size)
{
        const char *text = json_text(o, key);
        size_t n = 0, length;
        uint32_t c;

        if (!text)
                return;
        while (text[n] && n + (length = utf8_next(text + n, &c)) < size)
                n += length;
        memcpy(to, text, n);
        to[n] = '\0';
}

static Strap *find_strap(Live *l, const char *path)
{
        for (size_t i = 0; i < l->n_straps; i++)
                if (strcmp(l->strap[i].path, path) == 0)
                        return &l->strap[i];
        return NULL;
}

/* How much a strap has to say. */
static int strap_rank(const Live *l, const Strap *s)
{
        bool recorded = l->session.id != 0 && s->session == l->session.id;

        return (recorded ? _STRAP_STATE_MAX : 0) + (int)s->state;
}

const Strap *live_strap(const Live *l)
{
        const Strap *best = NULL;

        for (size_t i = 0; i < l->n_straps; i++)
                if (l->strap[i].configured && (!best || strap_rank(l, &l->strap[i]) > strap_rank(l, best)))
                        best = &l->strap[i];
        return best;
}

const Strap *live_heart(const Live *l)
{
        const Strap *s = live_strap(l);

        return s && s->state == STRAP_LIVE && s->heart_rate > 0 && s->smoothed > 0 ? s : NULL;
}

static bool is_over(const Live *l, double smoothed)
{
        if (l->session.id == 0 || l->ceiling <= 0)
                return false;
        /* Without the tolerance the daemon's own word must do. */
        return isnan(l->session.tolerance) ? l->session.breach && smoothed > l->ceiling
                                           : smoothed > l->ceiling + l->session.tolerance;
}

bool live_is_over(const Live *l)
{
        const Strap *s = live_heart(l);

        return s && is_over(l, s->smoothed);
}

double live_history(const Live *l, uint64_t from_s, uint64_t to_s)
{
        float highest = 0;

        if (to_s > l->history_end_s)
                to_s = l->history_end_s;
        if (l->history_end_s >= LIVE_HISTORY_S && from_s < l->history_end_s - LIVE_HISTORY_S)
                from_s = l->history_end_s - LIVE_HISTORY_S;
        for (uint64_t s = from_s + 1; s <= to_s; s++)
                if (l->history[s % LIVE_HISTORY_S] > highest)
                        highest = l->history[s % LIVE_HISTORY_S];
        return highest > 0 ? (double)highest : NAN;
}

void live_put_past(Live *l, double smoothed, usec_t at_usec)
{
        uint64_t s = at_usec / USEC_PER_SEC;
        float *slot;

        if (s + LIVE_HISTORY_S <= l->history_end_s || !(smoothed > 0))
                return;
        if (s > l->history_end_s) {
                uint64_t empty = s - l->history_end_s;

                for (uint64_t i = 0; i < (empty < LIVE_HISTORY_S ? empty : LIVE_HISTORY_S); i++)
                        l->history[(s - i) % LIVE_HISTORY_S] = 0;
                l->history_end_s = s;
        }
        slot = &l->history[s % LIVE_HISTORY_S];
        if ((float)smoothed > *slot)
                *slot = (float)smoothed;
}

static void session_begin(Live *l, int64_t id, usec_t now_usec)
{
        l->session = (LiveSession){ .id = id, .started_usec = now_usec, .tolerance = NAN };
}

void live_lose(Live *l, Reach reach)
{
        l->reach = reach;
        l->database_path[0] = '\0';
        l->ceiling = l->resting = l->maximum = 0;
        l->ceiling_expression[0] = l->ceiling_reason[0] = l->bluetooth[0] = '\0';
        l->waiting = 0;
        l->workout = (LiveWorkout){ .number = 0 };
        l->waits_for_rest = false;
        l->snoozed_until_usec = 0;
        l->n_straps = 0;
        session_begin(l, 0, 0);
}

void live_put_manager(Live *l, json_object *o, usec_t now_usec)
{
        int64_t session = json_integer_or(o, "session", l->session.id);
        double ceiling = json_number_or(o, "ceiling", l->ceiling);

        take_text(o, "database_path", l->database_path, sizeof(l->database_path));
        take_text(o, "ceiling_expression", l->ceiling_expression, sizeof(l->ceiling_expression));
        take_text(o, "ceiling_reason", l->ceiling_reason, sizeof(l->ceiling_reason));
        take_text(o, "bluetooth", l->bluetooth, sizeof(l->bluetooth));
        l->waits_for_rest = json_true(o, "waits_for_rest") ||
                            (l->waits_for_rest && !json_false(o, "waits_for_rest"));
        l->waiting = (unsigned)json_integer_or(o, "waiting", l->waiting);
        l->ceiling = ceiling > 0 ? ceiling : 0;
        l->resting = json_number_or(o, "resting_heart_rate", l->resting);
        l->maximum = json_number_or(o, "maximum_heart_rate", l->maximum);
        l->snoozed_until_usec = (uint64_t)json_integer_or(o, "snoozed_until", (int64_t)l->snoozed_until_usec);
        if (session != l->session.id)
                session_begin(l, session, now_usec);
}

void live_put_coach(Live *l, json_object *o)
{
        LiveWorkout *w = &l->workout;
        json_object *number = json_array_at(o, "workout_step_number", 0),
                    *steps = json_array_at(o, "workout_step_number", 1);

        take_text(o, "workout", w->name, sizeof(w->name));
        take_text(o, "workout_step", w->step, sizeof(w->step));
        if (number && steps) {
                w->number = (unsigned)json_object_get_int64(number);
                w->steps = (unsigned)json_object_get_int64(steps);
        }
        w->ends_usec = (uint64_t)json_integer_or(o, "workout_step_ends", (int64_t)w->ends_usec);
}

bool live_is_hard_step(const Live *l)
{
        const char *step = l->workout.step;

        return *l->workout.name && *step && strcmp(step, WORKOUT_CUE_WARM_UP) != 0 &&
               strcmp(step, WORKOUT_CUE_EASY) != 0;
}

void live_put_strap(Live *l, const char *path, json_object *o)
{
        Strap *s = find_strap(l, path);
        json_object *configured = NULL;
        const char *state = json_text(o, "state");

        if (!s) {
                if (l->n_straps == LIVE_STRAPS_MAX || strlen(path) >= sizeof(s->path))
                        return;
                s = &l->strap[l->n_straps++];
                *s = (Strap){ .configured = true, .battery = CARDIO_BATTERY_UNKNOWN };
                (void)snprintf(s->path, sizeof(s->path), "%s", path);
        }

        take_text(o, "address", s->address, sizeof(s->address));
        take_text(o, "name", s->name, sizeof(s->name));
        take_text(o, "contact", s->contact, sizeof(s->contact));
        if (state)
                s->state = strap_state_from_string(state);
        if (json_object_object_get_ex(o, "configured", &configured))
                s->configured = json_true(o, "configured");
        s->battery = (unsigned)json_integer_or(o, "battery_percentage", s->battery);
        s->session = json_integer_or(o, "session", s->session);
        s->heart_rate = (unsigned)json_integer_or(o, "heart_rate", s->heart_rate);
        s->smoothed = json_number_or(o, "smoothed_heart_rate", s->smoothed);
        s->zone = (unsigned)json_integer_or(o, "zone", s->zone);
        if (s->state != STRAP_LIVE) { /* what it said last is not so any more */
                s->heart_rate = s->zone = 0;
                s->smoothed = 0;
                s->measured_usec = 0;
                s->n_rr = 0;
        }
}

void live_drop_strap(Live *l, const char *path)
{
        Strap *s = find_strap(l, path);

        if (!s)
                return;
        *s = l->strap[--l->n_straps];
}

/* The heart rate before is worth that much; this one is above or not. */
static void count_over(Live *l, double before, double credit_s, double smoothed)
{
        LiveSession *session = &l->session;

        if (is_over(l, before)) {
                session->over_s += credit_s;
                session->since_above_s += credit_s;
        }
        if (!is_over(l, smoothed))
                return;
        if (session->breach)
                session->breach_s += session->since_above_s;
        session->since_above_s = 0;
}

bool live_put_measurement(Live *l, const char *path, const LiveMeasurement *m, usec_t now_usec)
{
        Strap *s = find_strap(l, path);
        double credit_s = 0;

        if (!s)
                return false;
        if (now_usec > s->credit.last_usec)
                credit_s = (double)credit_push(&s->credit, now_usec) / (double)USEC_PER_SEC;
        /* A measurement may come before the word that the strap is live. */
        s->state = STRAP_LIVE;
        if (s == live_strap(l)) {
                count_over(l, s->smoothed, credit_s, m->smoothed);
                live_put_past(l, m->smoothed, now_usec);
        }

        s->heart_rate = m->heart_rate;
        s->smoothed = m->smoothed;
        s->zone = m->zone;
        s->measured_usec = now_usec;
        s->n_rr = m->n_rr < LIVE_RR_MAX ? m->n_rr : LIVE_RR_MAX;
        if (s->n_rr > 0)
                memcpy(s->rr, m->rr, s->n_rr * sizeof(*s->rr));
        return s == live_strap(l);
}

void live_put_start(Live *l, int64_t session, usec_t started_usec)
{
        if (session != l->session.id)
                session_begin(l, session, started_usec);
        l->session.started_usec = started_usec;
}

void live_put_session(Live *l, json_object *row, usec_t now_usec)
{
        double over = json_number_or(row, "over_s", 0), length = json_number_or(row, "duration_s", 0);
        usec_t length_usec = length > 0 ? (usec_t)(length * (double)USEC_PER_SEC) : 0;

        if (l->session.id == 0 || json_integer_or(row, "id", 0) != l->session.id)
                return;
        /* The length ends with the last heart rate, which lies in the past: the earliest start is the true one.
         */
        if (usec_sub(now_usec, length_usec) < l->session.started_usec)
                l->session.started_usec = usec_sub(now_usec, length_usec);
        take_text(row, "kind", l->session.kind, sizeof(l->session.kind));
        l->session.breaches = json_integer_or(row, "breaches", l->session.breaches);
        if (fabs(over - l->session.over_s) >= OVER_CORRECTION_S)
                l->session.over_s = over;
}

void live_put_credit(Live *l, const Credit *credit)
{
        const Strap *shown = live_strap(l);
        Strap *s = shown ? find_strap(l, shown->path) : NULL;

        if (s && !s->credit.started)
                s->credit = *credit;
}

void live_put_breach(Live *l, double length_s, bool told)
{
        LiveSession *session = &l->session;

        if (session->id == 0)
                return;
        if (!session->breach || fabs(length_s - session->breach_s) >= OVER_CORRECTION_S)
                session->breach_s = length_s;
        session->breach = true;
        session->breach_told = session->breach_told || told;
}

void live_end_breach(Live *l)
{
        l->session.breach = l->session.breach_told = false;
        l->session.breach_s = 0;
}
