/* SPDX-License-Identifier: MIT */

/* An activity as the one message that the daemon takes it in. Times are µs from its first heart rate. No clock. */

#include "import/message.h"

#include <math.h>
#include <string.h>

#include "cardio/time.h"

/* The daemon names what it does not know: what a file has besides is left to it. */

static int put(sd_bus_message *m, const char *key, const char *type, ...)
{
        va_list arguments;
        int r;

        r = sd_bus_message_open_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", key);
        if (r >= 0)
                r = sd_bus_message_open_container(m, SD_BUS_TYPE_VARIANT, type);
        va_start(arguments, type);
        if (r >= 0)
                r = sd_bus_message_appendv(m, type, arguments);
        va_end(arguments);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int put_text(sd_bus_message *m, const char *key, const char *text)
{
        return *text ? put(m, key, "s", text) : 0;
}

static int put_figure(sd_bus_message *m, const char *key, double figure)
{
        return isnan(figure) ? 0 : put(m, key, "d", figure);
}

/* The name of a sport is the file's own, unless it means running. */
static const char *sport_of(const ReadingActivity *w)
{
        return w->is_running ? *w->sport ? "running" : "" : *w->sport ? w->sport : "other";
}

static int put_texts(sd_bus_message *m, const ReadingActivity *w)
{
        const struct {
                const char *key, *text;
        } texts[] = {
                { "sport", sport_of(w) },
                { "kind", w->kind },
                { "device", w->device },
                { "note", w->note },
                { "ceiling_expression", w->ceiling_expression },
                { "zone_model", w->zone_model },
                { "zone_bounds", w->zone_bounds },
                { "sex", w->sex },
                { "talk_test", w->talk_test },
                { "day_kind", w->day_kind },
                { "workout", w->workout },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(texts) && r >= 0; i++)
                r = put_text(m, texts[i].key, texts[i].text);
        return r;
}

static uint64_t usec_from(const Activity *a, int64_t at)
{
        return (uint64_t)(at - a->samples[0].at) * USEC_PER_MSEC;
}

static int put_events(sd_bus_message *m, const Activity *a)
{
        int r;

        r = sd_bus_message_open_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", "events");
        if (r >= 0)
                r = sd_bus_message_open_container(m, SD_BUS_TYPE_VARIANT, "a(tsds)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "(tsds)");
        for (size_t i = 0; i < a->n_events && r >= 0; i++) {
                const ActivityEvent *e = &a->events[i];

                r = sd_bus_message_append(m, "(tsds)", usec_from(a, e->at), e->event.type, e->event.value,
                                e->event.detail);
        }
        for (unsigned i = 0; i < 3 && r >= 0; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

static int put_header(sd_bus_message *m, const Activity *a, bool keep_overlap)
{
        const ReadingActivity *w = &a->whole;
        int r;

        r = put(m, "started_at", "x", a->samples[0].at);
        if (r >= 0)
                r = put(m, "content", "s", a->content);
        if (r >= 0 && w->has_offset)
                r = put(m, "utc_offset_s", "i", w->utc_offset_s);
        if (r >= 0)
                r = put_texts(m, w);
        if (r >= 0)
                r = put_figure(m, "max_hr", w->maximum);
        if (r >= 0)
                r = put_figure(m, "resting_hr", w->resting);
        if (r >= 0)
                r = put_figure(m, "ceiling", w->ceiling);
        if (r >= 0)
                r = put_figure(m, "tolerance", w->tolerance);
        if (r >= 0 && w->rpe > 0)
                r = put(m, "rpe", "y", (int)w->rpe);
        if (r >= 0 && w->by_hand)
                r = put(m, "by_hand", "b", 1);
        if (r >= 0 && keep_overlap)
                r = put(m, "keep_overlap", "b", 1);
        if (r >= 0 && a->n_events > 0)
                r = put_events(m, a);
        return r;
}

static int put_samples(sd_bus_message *m, const Activity *a)
{
        int r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "(tqy)");

        for (size_t i = 0; i < a->n_samples && r >= 0; i++)
                r = sd_bus_message_append(m, "(tqy)", usec_from(a, a->samples[i].at),
                                a->samples[i].heart_rate, a->samples[i].contact);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int put_rr(sd_bus_message *m, const Activity *a)
{
        int r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "(tq)");

        for (size_t i = 0; i < a->n_rr && r >= 0; i++)
                r = sd_bus_message_append(m, "(tq)", usec_from(a, a->rr[i].at), a->rr[i].rr);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int put_pace(sd_bus_message *m, const Activity *a)
{
        int r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "(tdddd)");

        for (size_t i = 0; i < a->n_pace && r >= 0; i++) {
                const WirePace *p = &a->pace[i].pace;

                r = sd_bus_message_append(m, "(tdddd)", usec_from(a, a->pace[i].at), p->speed, p->cadence,
                                p->distance, p->incline);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int message_append_activity(sd_bus_message *m, const Activity *a, bool keep_overlap)
{
        int r;

        r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0)
                r = put_header(m, a, keep_overlap);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = put_samples(m, a);
        if (r >= 0)
                r = put_rr(m, a);
        if (r >= 0)
                r = put_pace(m, a);
        return r < 0 ? r : 0;
}
