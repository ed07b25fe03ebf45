/* SPDX-License-Identifier: MIT */
/* The model of the watched daemon. What the bus says counts; between two replies of the daemon the time over and a breach's
 * length are continued here by the same arithmetic (cardio/credit.h). Times are of the live clock, passed in. */
#include "watch/live.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/text.h"
#include "cardio/workout.h"
#include "text.h"

/* The daemon reports whole seconds; a smaller difference is no correction. */
#define OVER_CORRECTION_S 1.0
/* How long a low battery is said. */
#define BATTERY_USEC USEC_PER_MIN
/* m/s: slower is standing. */
#define PACE_MOVES_ABOVE 0.3

/* Copies a text, cut at a character if it is too long; NULL leaves the old one. */
static void take_text(const char *text, char *to, size_t size)
{
        size_t n = 0, length;
        uint32_t c;

        if (!text)
                return;
        while (text[n] && n + (length = utf8_next(text + n, &c)) < size)
                n += length;
        memcpy(to, text, n);
        to[n] = '\0';
}

static LiveStrap *find_strap(Live *l, const char *path)
{
        for (size_t i = 0; i < l->n_straps; i++)
                if (strcmp(l->strap[i].path, path) == 0)
                        return &l->strap[i];
        return NULL;
}

/* How far a strap's state is from absent to live. */
static int strap_rank(const Live *l, const LiveStrap *s)
{
        bool recorded = l->session.id != 0 && s->session == l->session.id;

        return (recorded ? _STRAP_STATE_MAX : 0) + (int)s->state;
}

const LiveStrap *live_strap(const Live *l)
{
        const LiveStrap *best = NULL;

        for (size_t i = 0; i < l->n_straps; i++)
                if (l->strap[i].configured && l->strap[i].kind == SENSOR_KIND_STRAP &&
                                (!best || strap_rank(l, &l->strap[i]) > strap_rank(l, best)))
                        best = &l->strap[i];
        return best;
}

const LiveStrap *live_strap_with_heart_rate(const Live *l)
{
        const LiveStrap *s = live_strap(l);

        return s && s->state == STRAP_LIVE && s->heart_rate > 0 && s->smoothed > 0 ? s : NULL;
}

/* The order in which the daemon chooses. A treadmill whose belt stands while a foot pod moves is not what is run on. */
static int pace_rank(const LiveStrap *s)
{
        return (s->speed > PACE_MOVES_ABOVE ? _SENSOR_KIND_MAX : 0) + (int)s->kind;
}

const LiveStrap *live_pace(const Live *l, usec_t now_usec)
{
        const LiveStrap *best = NULL;

        for (size_t i = 0; i < l->n_straps; i++) {
                const LiveStrap *s = &l->strap[i];

                if (s->configured && s->paced_usec > 0 &&
                                usec_sub(now_usec, s->paced_usec) <= LIVE_PACE_USEC &&
                                (!best || pace_rank(s) > pace_rank(best)))
                        best = s;
        }
        return best;
}

bool live_is_over_pace(const Live *l, usec_t now_usec)
{
        const LiveStrap *s = live_pace(l, now_usec);

        return s && l->session.id != 0 && l->pace_limit > 0 &&
               s->speed > l->pace_limit * (1 + PACE_TOLERANCE);
}

static bool is_over(const Live *l, double smoothed)
{
        if (l->session.id == 0 || l->ceiling <= 0)
                return false;
        /* Without the tolerance only the daemon knows when it is a breach. */
        return isnan(l->session.tolerance) ? l->session.breach && smoothed > l->ceiling
                                           : smoothed > l->ceiling + l->session.tolerance;
}

bool live_is_over(const Live *l)
{
        const LiveStrap *s = live_strap_with_heart_rate(l);

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

/* Begins the trace of the session anew if it is not of this one, or if the session began at another time than was thought.
 * The last minutes are known: a session begins some seconds before it is known to be one. */
static void trace_session(Live *l)
{
        usec_t started_usec = l->session.started_usec;
        uint64_t s = started_usec / USEC_PER_SEC;

        if (l->session.id == 0 ||
                        (l->trace.session == l->session.id &&
                                        usec_sub(l->trace.started_usec, started_usec) < USEC_PER_SEC &&
                                        usec_sub(started_usec, l->trace.started_usec) < USEC_PER_SEC))
                return;
        trace_begin(&l->trace, l->session.id, started_usec);
        if (l->history_end_s >= LIVE_HISTORY_S && s < l->history_end_s - LIVE_HISTORY_S)
                s = l->history_end_s - LIVE_HISTORY_S;
        for (s = s + 1; s <= l->history_end_s; s++)
                trace_put(&l->trace, s * USEC_PER_SEC, (double)l->history[s % LIVE_HISTORY_S],
                                TRACE_ZONE_UNKNOWN, l->ceiling);
}

static void session_begin(Live *l, int64_t id, usec_t now_usec)
{
        l->session = (LiveSession){ .id = id, .started_usec = now_usec, .tolerance = NAN };
        l->trouble[LIVE_TROUBLE_STRAP][0] = '\0'; /* a lost strap is one of a run */
        trace_session(l);
}

void live_lose(Live *l, Reach reach)
{
        l->reach = reach;
        l->database_path[0] = '\0';
        l->ceiling = l->resting = l->maximum = 0;
        l->ceiling_expression[0] = l->ceiling_reason[0] = l->bluetooth[0] = '\0';
        l->pace_limit = 0;
        l->pace_reason[0] = '\0';
        l->miles = false;
        l->waiting = 0;
        l->workout = (LiveWorkout){ .number = 0 };
        l->waits_for_rest = false;
        memset(l->trouble, 0, sizeof(l->trouble));
        l->snoozed_until_usec = 0;
        l->n_straps = 0;
        session_begin(l, 0, 0);
}

static void take_pace(Live *l, const ManagerProperties *p)
{
        take_text(p->pace_reason, l->pace_reason, sizeof(l->pace_reason));
        if (p->pace_units)
                l->miles = strcmp(p->pace_units, "mile") == 0;
        if (p->given & MANAGER_PACE_LIMIT)
                l->pace_limit = p->pace_limit > 0 ? p->pace_limit : 0;
        if (l->pace_limit <= 0)
                l->session.pace_breach = false;
        if (p->given & MANAGER_DISTANCE)
                live_put_distance(l, p->distance);
}

void live_put_manager(Live *l, const ManagerProperties *p, usec_t now_usec)
{
        take_text(p->database_path, l->database_path, sizeof(l->database_path));
        take_text(p->ceiling_expression, l->ceiling_expression, sizeof(l->ceiling_expression));
        take_text(p->ceiling_reason, l->ceiling_reason, sizeof(l->ceiling_reason));
        take_text(p->bluetooth, l->bluetooth, sizeof(l->bluetooth));
        if (p->given & MANAGER_WAITS_FOR_REST)
                l->waits_for_rest = p->waits_for_rest;
        if (p->given & MANAGER_WAITING)
                l->waiting = p->waiting;
        if (p->given & MANAGER_CEILING)
                l->ceiling = p->ceiling > 0 ? p->ceiling : 0;
        if (p->given & MANAGER_RESTING)
                l->resting = p->resting;
        if (p->given & MANAGER_MAXIMUM)
                l->maximum = p->maximum;
        if (p->given & MANAGER_SNOOZED_UNTIL)
                l->snoozed_until_usec = p->snoozed_until_usec;
        if (p->given & MANAGER_SESSION && p->session != l->session.id)
                session_begin(l, p->session, now_usec);
        take_pace(l, p);
}

void live_put_coach(Live *l, const CoachProperties *p)
{
        LiveWorkout *w = &l->workout;

        take_text(p->workout, w->name, sizeof(w->name));
        take_text(p->step, w->step, sizeof(w->step));
        if (p->given & COACH_STEP_NUMBER) {
                w->number = p->step_number[0];
                w->steps = p->step_number[1];
        }
        if (p->given & COACH_STEP_ENDS)
                w->ends_usec = p->step_ends_usec;
}

bool live_is_hard_step(const Live *l)
{
        const char *step = l->workout.step;

        return *l->workout.name && *step && strcmp(step, WORKOUT_CUE_WARM_UP) != 0 &&
               strcmp(step, WORKOUT_CUE_EASY) != 0;
}

bool live_put_trouble(Live *l, const FollowerTrouble *t, usec_t now_usec)
{
        static const struct {
                const char *begins, *ends; /* NULL: it has no end */
                bool calls;
        } kinds[_LIVE_TROUBLE_MAX] = {
                [LIVE_TROUBLE_DISK] = { CARDIO_TROUBLE_NOT_WRITING, CARDIO_TROUBLE_WRITING, true },
                [LIVE_TROUBLE_STRAP] = { CARDIO_TROUBLE_STRAP_LOST, CARDIO_TROUBLE_STRAP_BACK, true },
                [LIVE_TROUBLE_BATTERY] = { CARDIO_TROUBLE_BATTERY, NULL, false },
        };

        take_text(t->text, l->trouble_news, sizeof(l->trouble_news));
        for (LiveTrouble i = 0; i < _LIVE_TROUBLE_MAX; i++) {
                if (kinds[i].ends && strcmp(t->kind, kinds[i].ends) == 0)
                        l->trouble[i][0] = '\0';
                if (strcmp(t->kind, kinds[i].begins) != 0)
                        continue;
                take_text(t->text, l->trouble[i], sizeof(l->trouble[i]));
                if (i == LIVE_TROUBLE_BATTERY)
                        l->battery_usec = now_usec;
                return kinds[i].calls;
        }
        return false;
}

const char *live_trouble(const Live *l, usec_t now_usec)
{
        for (LiveTrouble i = 0; i < _LIVE_TROUBLE_MAX; i++)
                if (*l->trouble[i] && (i != LIVE_TROUBLE_BATTERY ||
                                                      usec_sub(now_usec, l->battery_usec) < BATTERY_USEC))
                        return l->trouble[i];
        return NULL;
}

static void forget_pace(LiveStrap *s)
{
        s->paced_usec = 0;
        s->speed = s->cadence = s->incline = s->distance = NAN;
        pace_smoother_clear(&s->smoother);
}

/* Adds an unknown strap; NULL if there are too many. */
static LiveStrap *add_strap(Live *l, const char *path)
{
        LiveStrap *s;

        if (l->n_straps == LIVE_STRAPS_MAX || strlen(path) >= sizeof(s->path))
                return NULL;
        s = &l->strap[l->n_straps++];
        *s = (LiveStrap){ .configured = true, .battery = CARDIO_BATTERY_UNKNOWN, .alpha1 = NAN };
        forget_pace(s);
        (void)snprintf(s->path, sizeof(s->path), "%s", path);
        return s;
}

/* One of another version is a strap, as all were before there was a kind. */
static SensorKind kind_from_string(const char *text)
{
        SensorKind kind = sensor_kind_from_string(text);

        return kind >= 0 ? kind : SENSOR_KIND_STRAP;
}

void live_put_strap(Live *l, const char *path, const SensorProperties *p)
{
        LiveStrap *s = find_strap(l, path);

        if (!s)
                s = add_strap(l, path);
        if (!s)
                return;
        take_text(p->address, s->address, sizeof(s->address));
        take_text(p->name, s->name, sizeof(s->name));
        take_text(p->contact, s->contact, sizeof(s->contact));
        take_text(p->alpha1_reason, s->alpha1_reason, sizeof(s->alpha1_reason));
        if (p->state)
                s->state = strap_state_from_string(p->state);
        if (p->kind)
                s->kind = kind_from_string(p->kind);
        if (p->given & SENSOR_CONFIGURED)
                s->configured = p->configured;
        if (p->given & SENSOR_BATTERY)
                s->battery = p->battery;
        if (p->given & SENSOR_SESSION)
                s->session = p->session;
        if (p->given & SENSOR_HEART_RATE)
                s->heart_rate = p->heart_rate;
        if (p->given & SENSOR_SMOOTHED)
                s->smoothed = p->smoothed;
        if (p->given & SENSOR_ZONE)
                s->zone = p->zone;
        if (p->given & SENSOR_ALPHA1)
                s->alpha1 = p->alpha1;
        if (s->state != STRAP_LIVE) { /* its last values do not hold any more */
                s->heart_rate = s->zone = 0;
                s->smoothed = 0;
                s->measured_usec = 0;
                s->n_rr = 0;
        }
        if (s->state <= STRAP_CONNECTING) /* its counter begins anew */
                forget_pace(s);
}

void live_drop_strap(Live *l, const char *path)
{
        LiveStrap *s = find_strap(l, path);

        if (!s)
                return;
        *s = l->strap[--l->n_straps];
}

void live_trace_breach(Live *l, usec_t began_usec, usec_t now_usec)
{
        if (l->session.id != 0 && l->trace.session == l->session.id)
                trace_flag(&l->trace, began_usec, now_usec, TRACE_BREACH);
}

/* A breach lasts up to its last heart rate above. */
static void trace_above(Live *l, bool above, usec_t now_usec)
{
        LiveSession *session = &l->session;

        if (above && session->breach)
                live_trace_breach(l, session->above_usec ? session->above_usec : now_usec, now_usec);
        if (above)
                session->above_usec = now_usec;
        else if (!session->breach)
                session->above_usec = 0;
}

/* Credits the time since the heart rate before, if that one was above, and takes note of whether this one is. */
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

bool live_put_measurement(Live *l, const FollowerMeasurement *m, usec_t now_usec)
{
        LiveStrap *s = find_strap(l, m->path);
        double credit_s = 0;

        if (!s)
                return false;
        if (now_usec > s->credit.last_usec)
                credit_s = (double)credit_push(&s->credit, now_usec) / (double)USEC_PER_SEC;
        /* A measurement may come before the property that says the strap is live. */
        s->state = STRAP_LIVE;
        if (s == live_strap(l)) {
                count_over(l, s->smoothed, credit_s, m->smoothed);
                live_put_past(l, m->smoothed, now_usec);
                if (l->session.id != 0)
                        trace_put(&l->trace, now_usec, m->smoothed, m->zone, l->ceiling);
                trace_above(l, is_over(l, m->smoothed), now_usec);
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

void live_put_distance(Live *l, double distance)
{
        l->session.distance = distance > 0 ? distance : 0;
}

bool live_put_pace(Live *l, const FollowerPace *p, usec_t now_usec)
{
        LiveStrap *s = find_strap(l, p->path);
        double mean;

        if (!s)
                return false;
        if (s->kind != SENSOR_KIND_STRAP) /* it may come before the property that says so */
                s->state = STRAP_LIVE;
        mean = isnan(p->speed) ? NAN : pace_smoother_add(&s->smoother, now_usec, p->speed);
        if (s == live_pace(l, now_usec) && l->session.id != 0 && p->distance > s->distance)
                l->session.distance += p->distance - s->distance;
        s->speed = isnan(mean) ? p->speed : mean;
        s->cadence = p->cadence;
        s->incline = p->incline;
        s->distance = p->distance;
        s->paced_usec = now_usec;
        return s == live_pace(l, now_usec);
}

void live_put_start(Live *l, int64_t session, usec_t started_usec)
{
        if (session != l->session.id)
                session_begin(l, session, started_usec);
        l->session.started_usec = started_usec;
        trace_session(l);
}

void live_put_session(Live *l, const SessionRow *row, usec_t now_usec)
{
        double over = isfinite(row->over_s) ? row->over_s : 0, length = row->exact_duration_s;
        usec_t length_usec = isfinite(length) && length > 0 ? (usec_t)(length * (double)USEC_PER_SEC) : 0;

        if (l->session.id == 0 || row->id != l->session.id)
                return;
        /* The length ends with the last heart rate, which lies in the past: the earliest start is the right one. */
        if (usec_sub(now_usec, length_usec) < l->session.started_usec)
                l->session.started_usec = usec_sub(now_usec, length_usec);
        trace_session(l);
        if (*row->kind)
                take_text(row->kind, l->session.kind, sizeof(l->session.kind));
        if (row->breaches >= 0)
                l->session.breaches = row->breaches;
        if (fabs(over - l->session.over_s) >= OVER_CORRECTION_S)
                l->session.over_s = over;
}

void live_put_credit(Live *l, const Credit *credit)
{
        const LiveStrap *shown = live_strap(l);
        LiveStrap *s = shown ? find_strap(l, shown->path) : NULL;

        if (s && !s->credit.started)
                s->credit = *credit;
}

void live_put_breach(Live *l, double length_s, bool signalled)
{
        LiveSession *session = &l->session;

        if (session->id == 0)
                return;
        if (!session->breach || fabs(length_s - session->breach_s) >= OVER_CORRECTION_S)
                session->breach_s = length_s;
        session->breach = true;
        session->breach_signalled = session->breach_signalled || signalled;
}

void live_end_breach(Live *l)
{
        l->session.breach = l->session.breach_signalled = false;
        l->session.breach_s = 0;
        l->session.above_usec = 0;
}
