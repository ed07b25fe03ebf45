/* SPDX-License-Identifier: MIT */
/* The verdict on a Live, in one word and in one line; the same for a person, a script and a status bar. Times are passed in. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/pace-text.h"
#include "text.h"
#include "watch/view.h"

const char *verdict_to_string(Verdict v)
{
        static const char *const names[] = {
                [VERDICT_NO_DAEMON] = "no-daemon",
                [VERDICT_DENIED] = "denied",
                [VERDICT_NO_STRAP] = "no-strap",
                [VERDICT_ABSENT] = "absent",
                [VERDICT_CONNECTING] = "connecting",
                [VERDICT_STALE] = "stale",
                [VERDICT_NO_CONTACT] = "no-contact",
                [VERDICT_IDLE] = "idle",
                [VERDICT_WORKOUT] = "workout",
                [VERDICT_FREE] = "no-ceiling",
                [VERDICT_EASY] = "easy",
                [VERDICT_AT] = "at-ceiling",
                [VERDICT_ABOVE] = "above",
                [VERDICT_SNOOZED] = "snoozed",
                [VERDICT_TOO_FAST_PACE] = "too-fast-pace",
                [VERDICT_TOO_FAST] = "too-fast",
        };

        return v >= 0 && v < _VERDICT_MAX ? names[v] : NULL;
}

static Verdict verdict_of_strap(const LiveStrap *s)
{
        if (!s)
                return VERDICT_NO_STRAP;
        switch (s->state) {
        case STRAP_ABSENT:
                return VERDICT_ABSENT;
        case STRAP_CONNECTING:
        case STRAP_LIVE: /* no heart rate yet */
                return VERDICT_CONNECTING;
        case STRAP_STALE:
                return VERDICT_STALE;
        case STRAP_NO_CONTACT:
                return VERDICT_NO_CONTACT;
        case _STRAP_STATE_MAX:
        case _STRAP_STATE_INVALID:
                break;
        }
        return _VERDICT_INVALID;
}

static Verdict verdict_of_heart_rate(const Live *l, const ViewNow *now)
{
        const LiveStrap *s = live_strap_with_heart_rate(l);

        if (l->reach == REACH_DENIED)
                return VERDICT_DENIED;
        if (l->reach != REACH_PRESENT)
                return VERDICT_NO_DAEMON;
        if (!s)
                return verdict_of_strap(live_strap(l));
        if (l->session.id == 0)
                return VERDICT_IDLE;
        if (live_is_hard_step(l) || (l->ceiling <= 0 && *l->workout.step))
                return VERDICT_WORKOUT;
        if (l->ceiling <= 0)
                return VERDICT_FREE;
        if (s->smoothed <= l->ceiling)
                return VERDICT_EASY;
        /* Within the tolerance a breach is about to end: that is close enough. */
        if (!live_is_over(l))
                return VERDICT_AT;
        if (l->snoozed_until_usec > now->realtime_usec)
                return VERDICT_SNOOZED;
        return l->session.breach ? VERDICT_TOO_FAST : VERDICT_ABOVE;
}

Verdict verdict(const Live *l, const ViewNow *now)
{
        Verdict v = verdict_of_heart_rate(l, now);
        bool alert = l->session.pace_breach && live_is_over_pace(l, now->boot_usec) &&
                     l->snoozed_until_usec <= now->realtime_usec;

        /* It never stands in place of what is wrong with the heart rate, or with the strap. */
        return alert && (v == VERDICT_FREE || v == VERDICT_EASY || v == VERDICT_AT || v == VERDICT_ABOVE)
                               ? VERDICT_TOO_FAST_PACE
                               : v;
}

/* Why waiting for a strap is in vain, if it is. */
static const char *obstacle(const Live *l)
{
        if (strcmp(l->bluetooth, CARDIO_BLUETOOTH_OFF) == 0)
                return "Bluetooth is off";
        if (strcmp(l->bluetooth, CARDIO_BLUETOOTH_NO_ADAPTER) == 0)
                return "no Bluetooth adapter";
        if (strcmp(l->bluetooth, CARDIO_BLUETOOTH_NO_BLUEZ) == 0)
                return "BlueZ is not running";
        return NULL;
}

double verdict_workout_left(const Live *l, const ViewNow *now)
{
        uint64_t ends_usec = l->workout.ends_usec;

        /* Rounded up: it is 0 when the time is over, not a second before. */
        return ends_usec > now->realtime_usec
                               ? ceil((double)(ends_usec - now->realtime_usec) / (double)USEC_PER_SEC)
                               : 0;
}

/* "HARD  3 of 5, 1 min 20 s left" */
static void describe_workout(const Live *l, const ViewNow *now, char *buf, size_t size)
{
        const LiveWorkout *w = &l->workout;
        char hms[HMS_STRING_MAX];
        size_t n = 0;

        for (; w->step[n] && n + 1 < size; n++)
                buf[n] = (char)toupper((unsigned char)w->step[n]);
        (void)snprintf(buf + n, size - n, "  %u of %u, %s left", w->number, w->steps,
                        seconds_to_words(verdict_workout_left(l, now), hms));
}

/* "TOO FAST  5:40 /km, recovery is 6:45 /km or slower" */
static void describe_pace(const Live *l, const ViewNow *now, char *buf, size_t size)
{
        const LiveStrap *s = live_pace(l, now->boot_usec);
        char pace[PACE_TEXT_MAX], limit[PACE_TEXT_MAX];

        (void)snprintf(buf, size, "TOO FAST  %s, recovery is %s or slower",
                        pace_to_string(s ? s->speed : NAN, l->miles, pace),
                        pace_to_string(l->pace_limit, l->miles, limit));
}

static const char *why_no_daemon(Reach reach)
{
        return reach == REACH_LOOKING  ? "looking for cardiod"
               : reach == REACH_NO_BUS ? "no bus to reach cardiod on; waiting for it"
               : reach == REACH_SILENT ? "cardiod does not answer; waiting for it"
                                       : "cardiod is not running; waiting for it";
}

void verdict_describe(const Live *l, const ViewNow *now, char *buf, size_t size)
{
        const LiveStrap *s = live_strap_with_heart_rate(l);
        long above = s && l->ceiling > 0 ? lround(s->smoothed - l->ceiling) : 0;
        char hms[HMS_STRING_MAX];

        switch (verdict(l, now)) {
        case VERDICT_NO_DAEMON:
                (void)snprintf(buf, size, "%s", why_no_daemon(l->reach));
                return;
        case VERDICT_DENIED:
                (void)snprintf(buf, size, "access to cardiod is denied");
                return;
        case VERDICT_NO_STRAP:
                (void)snprintf(buf, size, "%s", obstacle(l) ? obstacle(l) : "no strap known");
                return;
        case VERDICT_ABSENT:
                (void)snprintf(buf, size, "%s", obstacle(l) ? obstacle(l) : "waiting for the strap");
                return;
        case VERDICT_CONNECTING:
                (void)snprintf(buf, size, "connecting");
                return;
        case VERDICT_STALE:
                (void)snprintf(buf, size, "the strap is silent");
                return;
        case VERDICT_NO_CONTACT:
                (void)snprintf(buf, size, "no skin contact");
                return;
        case VERDICT_IDLE:
                (void)snprintf(buf, size, "not recording%s",
                                l->waits_for_rest ? " before you have rested" : "");
                return;
        case VERDICT_WORKOUT:
                describe_workout(l, now, buf, size);
                return;
        case VERDICT_FREE:
                (void)snprintf(buf, size, "recording, no ceiling");
                return;
        case VERDICT_EASY:
                (void)snprintf(buf, size, "EASY  %ld below", -above);
                return;
        case VERDICT_AT:
                (void)snprintf(buf, size, "AT THE CEILING");
                return;
        case VERDICT_ABOVE:
                (void)snprintf(buf, size, "ABOVE  %ld over", above);
                return;
        case VERDICT_SNOOZED:
                (void)snprintf(buf, size, "ABOVE  %ld over, snoozed", above);
                return;
        case VERDICT_TOO_FAST_PACE:
                describe_pace(l, now, buf, size);
                return;
        case VERDICT_TOO_FAST:
                (void)snprintf(buf, size, "TOO FAST  %ld over for %s", above,
                                seconds_to_words(l->session.breach_s, hms));
                return;
        case _VERDICT_MAX:
        case _VERDICT_INVALID:
                break;
        }
        buf[0] = '\0';
}
