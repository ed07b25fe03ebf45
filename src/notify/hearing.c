/* SPDX-License-Identifier: MIT */

/* What the runner may hear. CLOCK_REALTIME for the end of a snooze, which cardiod says so; CLOCK_BOOTTIME less CLOCK_MONOTONIC is
 * how long the machine was suspended. */

#include "hearing.h"

#include <signal.h>
#include <string.h>

#include "client/session-row.h"
#include "shared/clock.h"

#define SENSOR_LIVE       "live"
#define SENSOR_NO_CONTACT "no-contact"
/* Old news. */
#define OLD_USEC (5 * USEC_PER_SEC)
/* cardiod's timer and this clock do not agree to the millisecond, and it sends no OverLimit before the end. */
#define SNOOZE_SLACK_USEC USEC_PER_SEC

static usec_t suspended_usec(void)
{
        return usec_sub(now_boot_usec(), clock_usec(CLOCK_MONOTONIC));
}

/* Runs when nothing more important is due: all that had waited has been read. */
static int hearing_on_drained(sd_event_source *source, void *userdata)
{
        Hearing *h = userdata;

        (void)source;
        h->doubtful = false;
        return 0;
}

static void hearing_doubt(Hearing *h)
{
        h->doubtful = true;
        (void)sd_event_source_set_enabled(h->drained, SD_EVENT_ONESHOT); /* fails only after a fork */
}

static int hearing_on_continued(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void)source;
        (void)info;
        hearing_doubt(userdata);
        return 0;
}

int hearing_start(Hearing *h, sd_event *event)
{
        int r;

        h->event = event;
        h->suspended_usec = suspended_usec();
        r = sd_event_add_signal(event, &h->stopped, SIGCONT, hearing_on_continued, h);
        if (r < 0)
                return r;
        /* Before what has waited on the buses. */
        r = sd_event_source_set_priority(h->stopped, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0)
                return r;
        r = sd_event_add_defer(event, &h->drained, hearing_on_drained, h);
        if (r < 0)
                return r;
        r = sd_event_source_set_priority(h->drained, SD_EVENT_PRIORITY_IDLE);
        return r < 0 ? r : sd_event_source_set_enabled(h->drained, SD_EVENT_OFF);
}

void hearing_end(Hearing *h)
{
        h->stopped = sd_event_source_disable_unref(h->stopped);
        h->drained = sd_event_source_disable_unref(h->drained);
}

/* A run that goes on after a suspension has a gap in it, which cardiod says long before anything is too fast again. */
void hearing_wake(Hearing *h)
{
        usec_t suspended = suspended_usec();

        if (usec_sub(suspended, h->suspended_usec) > OLD_USEC)
                hearing_doubt(h);
        h->suspended_usec = suspended;
}

void hearing_forget(Hearing *h)
{
        h->snoozed_until_usec = 0;
        memset(h->breach, 0, sizeof(h->breach));
        h->n_silent = h->next = 0;
}

static size_t hearing_find(const Hearing *h, const char *path)
{
        size_t i = 0;

        while (i < h->n_silent && strcmp(h->silent[i].path, path) != 0)
                i++;
        return i;
}

void hearing_set_sensor(Hearing *h, const char *path, const char *state)
{
        bool live = strcmp(state, SENSOR_LIVE) == 0;
        size_t i = hearing_find(h, path);

        if (live) {
                if (i < h->n_silent)
                        h->silent[i] = h->silent[--h->n_silent];
                return;
        }
        if (i == h->n_silent) {
                if (strlen(path) >= HEARING_PATH_MAX)
                        return;
                if (i == HEARING_SENSORS_MAX)
                        i = h->next++ % HEARING_SENSORS_MAX;
                else
                        h->n_silent++;
                text_copy(h->silent[i].path, HEARING_PATH_MAX, path);
        }
        h->silent[i].no_contact = strcmp(state, SENSOR_NO_CONTACT) == 0;
}

bool hearing_is_silent(const Hearing *h, BreachKind kind, const char *path)
{
        size_t i = hearing_find(h, path);

        return i < h->n_silent && !(kind == BREACH_PACE && h->silent[i].no_contact);
}

void hearing_set_snoozed(Hearing *h, usec_t until_realtime_usec)
{
        h->snoozed_until_usec = until_realtime_usec;
}

bool hearing_is_snoozed(const Hearing *h)
{
        return h->snoozed_until_usec > usec_add(now_realtime_usec(), SNOOZE_SLACK_USEC);
}

void hearing_breach_over(Hearing *h, BreachKind kind)
{
        h->breach[kind] = 0;
}

bool hearing_is_news(const Hearing *h)
{
        return !h->doubtful;
}

static bool is_heard(const Hearing *h, const Breach *b)
{
        return hearing_is_news(h) && !hearing_is_snoozed(h) && !hearing_is_silent(h, b->kind, b->sensor);
}

bool hearing_too_fast(Hearing *h, const Breach *b, bool repeat)
{
        bool first = h->breach[b->kind] != b->session;

        if (!is_heard(h, b) || !(first || repeat))
                return false;
        h->breach[b->kind] = b->session;
        return true;
}

bool hearing_in_range(const Hearing *h, const Breach *b)
{
        return is_heard(h, b);
}
