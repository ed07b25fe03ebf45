/* SPDX-License-Identifier: MIT */

/* The alert of a breach, and the sensor whose heart rate or pace it is about: when that falls silent, the alert goes. The gap runs
 * on CLOCK_BOOTTIME.
 *
 * There is one alert, and the heart rate goes before the pace, whose limit is only there to keep it low. While its alert stands
 * nothing is said of a pace; one that is still too fast after that is news again, the next time that cardiod signals it. */

#include <string.h>
#include <time.h>

#include "cardio/pace.h"

#include "client/session-row.h"
#include "notifier-internal.h"

/* How long an alert stays when the sensor does not send any more. A strap that sends every second has been silent for 5 s
 * when its state changes: 30 s in total. */
#define GAP_PATIENCE_USEC (25 * USEC_PER_SEC)

void breach_withdraw(Notifier *n)
{
        n->gap = sd_event_source_disable_unref(n->gap);
        if (n->alert != 0 && n->desktop)
                desktop_withdraw(n->desktop);
        n->alert = 0;
}

static void breach_alert_over(Notifier *n)
{
        n->gap = sd_event_source_disable_unref(n->gap);
        n->alert = 0;
}

/* It is signalled with a value of the sensor, which therefore sends. */
static void breach_alert(Notifier *n, const Breach *b)
{
        breach_alert_over(n);
        n->alert = b->session;
        n->alert_kind = b->kind;
        text_copy(n->sensor, sizeof(n->sensor), b->sensor);
}

static bool breach_alerts(const Notifier *n, BreachKind kind)
{
        return n->alert != 0 && n->alert_kind == kind;
}

/* The pace gives way to the heart rate. */
static void breach_cover_pace(Notifier *n, int64_t session)
{
        n->covered = session;
        hearing_breach_over(&n->hearing, BREACH_PACE);
}

void breach_goes_on(Notifier *n, const Breach *b)
{
        Notice notice;

        if (b->session == n->muted)
                return;
        if (b->kind == BREACH_PACE && breach_alerts(n, BREACH_HEART_RATE)) {
                breach_cover_pace(n, b->session);
                return;
        }
        if (b->kind == BREACH_PACE)
                n->covered = 0;
        else if (breach_alerts(n, BREACH_PACE))
                breach_cover_pace(n, b->session);
        breach_alert(n, b);
        notice = notice_too_fast(b, n->miles);
        deliver_news(n, &notice, hearing_too_fast(&n->hearing, b, n->config.repeat));
}

/* Whether its end is one that is cut off. An unknown figure counts as above. */
static bool breach_is_still_above(const Notifier *n, const Breach *b)
{
        double tolerance = b->kind == BREACH_PACE ? PACE_TOLERANCE * b->limit : n->tolerance;

        return !(b->value <= b->limit + tolerance);
}

/* Whether the end of it is not told: that of a pace which gave way to the heart rate, for which what was said of that is the last
 * word, and of whatever ends while the alert is about the other. */
static bool breach_is_covered(Notifier *n, const Breach *b)
{
        bool covered = b->kind == BREACH_PACE && n->covered == b->session;

        if (covered)
                n->covered = 0;
        return covered || (n->alert != 0 && n->alert_kind != b->kind);
}

void breach_is_over(Notifier *n, const Breach *b)
{
        Notice notice;

        hearing_breach_over(&n->hearing, b->kind);
        if (b->session == n->muted || breach_is_covered(n, b))
                return;
        if (breach_is_still_above(n, b)) {
                breach_withdraw(n);
                return;
        }
        breach_alert_over(n);
        notice = notice_in_range(b, n->miles);
        deliver_news(n, &notice, hearing_in_range(&n->hearing, b));
}

/* Whether the run is still too fast is not known any more. If it is, cardiod signals it again. */
static int breach_on_gap(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        breach_withdraw(userdata);
        return 0;
}

void breach_on_sensor(Notifier *n, const char *path, const SensorProperties *sensor)
{
        if (sensor->state)
                hearing_set_sensor(&n->hearing, path, sensor->state);
        if (n->alert == 0)
                return;
        if (n->alert_kind == BREACH_HEART_RATE && sensor->given & SENSOR_SESSION &&
                        sensor->session == n->alert && strcmp(path, n->sensor) != 0) {
                /* The run goes on with that sensor, since it sends. */
                text_copy(n->sensor, sizeof(n->sensor), path);
                n->gap = sd_event_source_disable_unref(n->gap);
        }
        if (!sensor->state || strcmp(path, n->sensor) != 0)
                return;
        if (!hearing_is_silent(&n->hearing, n->alert_kind, path))
                n->gap = sd_event_source_disable_unref(n->gap);
        else if (!n->gap && sd_event_add_time_relative(n->event, &n->gap, CLOCK_BOOTTIME, GAP_PATIENCE_USEC,
                                            0, breach_on_gap, n) < 0)
                breach_withdraw(n);
}
