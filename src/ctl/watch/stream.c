/* SPDX-License-Identifier: MIT */
/* Watching without a screen: lines for people, for scripts and for a status bar. Times of day are local, of CLOCK_REALTIME,
 * which the caller reads. */
#include "watch/stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardio/bus-api.h"
#include "cardio/markup.h"
#include "cardio/pace-text.h"
#include "memory.h"
#include "text.h"

/* -- For people -- */

static void time_of_day(usec_t realtime_usec, char *buf, size_t size)
{
        time_t at = (time_t)(realtime_usec / USEC_PER_SEC);
        struct tm tm;

        if (!localtime_r(&at, &tm) || strftime(buf, size, "%H:%M:%S", &tm) == 0)
                (void)snprintf(buf, size, "--:--:--");
}

void stream_line(const Live *l, const ViewNow *now, LiveEvent event, char previous[static STREAM_LINE_MAX])
{
        char at[16], text[LIVE_TEXT_MAX], over[HMS_STRING_MAX];
        const LiveStrap *s = live_strap_with_heart_rate(l), *pace = live_pace(l, now->boot_usec);
        char per[PACE_TEXT_MAX];

        time_of_day(now->realtime_usec, at, sizeof(at));
        if (event == LIVE_EVENT_TROUBLE || event == LIVE_EVENT_TROUBLE_NEWS) {
                _cleanup_free_ char *clean = text_clean(l->trouble_news);

                printf("%s  %s\n", at, clean);
        }
        verdict_describe(l, now, text, sizeof(text));
        if (s && (event == LIVE_EVENT_MEASUREMENT || event == LIVE_EVENT_REACH)) {
                printf("%s  %3ld bpm  zone %u", at, lround(s->smoothed), s->zone);
                if (pace)
                        printf("  %s", pace_to_string(pace->speed, l->miles, per));
                printf("  %s", text);
                if (l->session.id != 0 && l->session.over_s > 0)
                        printf("  (over %s in all)", seconds_to_words(l->session.over_s, over));
                putchar('\n');
        } else if (!s && strcmp(previous, text) != 0) {
                printf("%s  %s\n", at, text);
        }
        (void)snprintf(previous, STREAM_LINE_MAX, "%s", s ? "" : text);
        (void)fflush(stdout);
}

/* -- For scripts -- */

static void add_text(json_object *o, const char *key, const char *text)
{
        json_add(o, key, text && *text ? checked(json_object_new_string(text)) : NULL);
}

/* null for 0, which is no heart rate, session or time. */
static void add_integer(json_object *o, const char *key, int64_t value)
{
        json_add(o, key, value != 0 ? checked(json_object_new_int64(value)) : NULL);
}

static void add_seconds(json_object *o, const char *key, double seconds)
{
        json_add(o, key, json_real(round(seconds * 10) / 10));
}

static void add_strap(json_object *o, const Live *l)
{
        const LiveStrap *s = live_strap(l), *heart = live_strap_with_heart_rate(l);
        json_object *rr = checked(json_object_new_array());

        add_text(o, "address", s ? s->address : NULL);
        add_text(o, "name", s ? s->name : NULL);
        add_text(o, "state", s ? strap_state_to_string(s->state) : NULL);
        add_text(o, "contact", s ? s->contact : NULL);
        json_add(o, "battery_percentage",
                        s && s->battery != CARDIO_BATTERY_UNKNOWN ? checked(json_object_new_int64(s->battery))
                                                                  : NULL);
        add_integer(o, "heart_rate", heart ? heart->heart_rate : 0);
        json_add(o, "smoothed", heart ? json_real(heart->smoothed) : NULL);
        json_add(o, "zone", heart ? checked(json_object_new_int64(heart->zone)) : NULL);
        for (size_t i = 0; heart && i < heart->n_rr; i++)
                json_append(rr, checked(json_object_new_int64(heart->rr[i])));
        json_add(o, "rr", rr);
        json_add(o, "alpha1", heart ? json_real(heart->alpha1) : NULL);
        add_text(o, "alpha1_reason", s ? s->alpha1_reason : NULL);
}

static void add_session(json_object *o, const Live *l, const ViewNow *now, int64_t session)
{
        const LiveSession *s = &l->session;
        bool running = s->id != 0 && s->id == session;

        add_integer(o, "session", session);
        add_text(o, "kind", running ? s->kind : NULL);
        json_add(o, "duration_s", NULL);
        json_add(o, "over_s", NULL);
        json_add(o, "breaches", NULL);
        json_add(o, "breach_s", NULL);
        if (!running)
                return;
        add_seconds(o, "duration_s",
                        (double)usec_sub(now->boot_usec, s->started_usec) / (double)USEC_PER_SEC);
        add_seconds(o, "over_s", s->over_s);
        json_add(o, "breaches", checked(json_object_new_int64(s->breaches)));
        if (s->breach)
                add_seconds(o, "breach_s", s->breach_s);
}

/* The means are those of the last seconds, as they are judged. */
static void add_pace(json_object *o, const Live *l, const ViewNow *now)
{
        const LiveStrap *s = live_pace(l, now->boot_usec);

        add_text(o, "pace_address", s ? s->address : NULL);
        json_add(o, "speed", s ? json_real(round(s->speed * 1000) / 1000) : NULL);
        json_add(o, "cadence", s ? json_real(s->cadence) : NULL);
        json_add(o, "incline", s ? json_real(s->incline) : NULL);
        json_add(o, "distance",
                        l->session.distance > 0 ? json_real(round(l->session.distance * 10) / 10) : NULL);
        json_add(o, "pace_limit", l->pace_limit > 0 ? json_real(l->pace_limit) : NULL);
        add_text(o, "pace_reason", l->pace_reason);
        json_add(o, "over_pace", checked(json_object_new_boolean(live_is_over_pace(l, now->boot_usec))));
}

static void add_workout(json_object *o, const Live *l, const ViewNow *now)
{
        const LiveWorkout *w = &l->workout;
        bool runs = *w->name && *w->step;

        add_text(o, "workout", w->name);
        add_text(o, "workout_step", runs ? w->step : NULL);
        add_integer(o, "workout_step_number", runs ? w->number : 0);
        add_integer(o, "workout_steps", runs ? w->steps : 0);
        json_add(o, "workout_left_s", NULL);
        if (runs && w->ends_usec > now->realtime_usec)
                add_seconds(o, "workout_left_s",
                                (double)(w->ends_usec - now->realtime_usec) / (double)USEC_PER_SEC);
}

void stream_json(const Live *l, const ViewNow *now, LiveEvent event, int64_t session)
{
        _cleanup_json_ json_object *o = checked(json_object_new_object());

        json_add(o, "time", json_real((double)(now->realtime_usec / USEC_PER_MSEC) / 1000));
        add_text(o, "event", live_event_to_string(event));
        add_text(o, "verdict", verdict_to_string(verdict(l, now)));
        add_strap(o, l);
        json_add(o, "ceiling", l->ceiling > 0 ? json_real(l->ceiling) : NULL);
        add_text(o, "ceiling_expression", l->ceiling_expression);
        add_text(o, "ceiling_reason", l->ceiling_reason);
        json_add(o, "over", checked(json_object_new_boolean(live_is_over(l))));
        add_session(o, l, now, session);
        add_pace(o, l, now);
        add_workout(o, l, now);
        add_text(o, "trouble", live_trouble(l, now->boot_usec));
        json_add(o, "snoozed_until",
                        l->snoozed_until_usec > now->realtime_usec
                                        ? checked(json_object_new_uint64(l->snoozed_until_usec))
                                        : NULL);
        json_print_line(o);
}

/* -- For Waybar -- */

/* Text escaped for Pango and cleaned for a terminal; to be freed. */
static char *pango_escape(const char *text)
{
        _cleanup_free_ char *clean = text_clean(text);
        size_t size = strlen(clean) * MARKUP_FACTOR + 1;
        char *escaped = checked(malloc(size));

        (void)markup_escape(clean, MARKUP_QUOTES_ESCAPE, escaped, size); /* escaped itself */
        return escaped;
}

static void print_pace(FILE *stream, const Live *l, const ViewNow *now)
{
        const LiveStrap *s = live_pace(l, now->boot_usec);
        char text[PACE_TEXT_MAX];

        if (s)
                fprintf(stream, "\n%s", pace_to_string(s->speed, l->miles, text));
        if (l->session.distance > 0)
                fprintf(stream, "%s%s", s ? ", " : "\n",
                                metres_to_string(l->session.distance, l->miles, text));
}

static char *waybar_tooltip(const Live *l, const ViewNow *now)
{
        const LiveStrap *s = live_strap(l);
        const char *words = live_trouble(l, now->boot_usec);
        _cleanup_free_ char *trouble = pango_escape(words ? words : "");
        _cleanup_free_ char *name = pango_escape(s ? *s->name ? s->name : s->address : ""),
                            *step = pango_escape(l->workout.step),
                            *reason = pango_escape(ceiling_reason_to_string(l->ceiling_reason)),
                            *clean = NULL;
        char line[STREAM_LINE_MAX], figure[NUMBER_STRING_MAX], over[HMS_STRING_MAX];
        char *text = NULL;
        size_t size = 0;
        FILE *stream = checked(open_memstream(&text, &size));

        verdict_describe(l, now, line, sizeof(line));
        clean = pango_escape(line);
        fputs(clean, stream);
        if (s)
                fprintf(stream, "\n%s, %s", name, strap_state_to_string(s->state));
        if (s && s->battery <= 100)
                fprintf(stream, ", battery %u %%", s->battery);
        print_pace(stream, l, now);
        if (*l->workout.step && verdict(l, now) != VERDICT_WORKOUT)
                fprintf(stream, "\n%s, %u of %u, %s left", step, l->workout.number, l->workout.steps,
                                seconds_to_words(verdict_workout_left(l, now), over));
        if (l->ceiling > 0)
                fprintf(stream, "\nceiling %s", number_to_string(l->ceiling, 0, figure));
        if (l->session.id != 0 && *l->ceiling_reason)
                fprintf(stream, "%s%s", l->ceiling > 0 ? ", " : "\nno ceiling, ", reason);
        if (l->waiting > 0)
                fprintf(stream, "\nthe disk refuses, %u entries wait", l->waiting);
        if (*trouble)
                fprintf(stream, "\n%s", trouble);
        if (l->session.id != 0 && l->ceiling > 0)
                fprintf(stream, "\nover %s in %lld breach%s", seconds_to_words(l->session.over_s, over),
                                (long long)l->session.breaches, l->session.breaches == 1 ? "" : "es");
        if (fclose(stream) != 0)
                out_of_memory();
        return text;
}

/* Per cent of the reserve, else of the maximum, 0 to 100. */
static int64_t effort_percent(const Live *l)
{
        const LiveStrap *s = live_strap_with_heart_rate(l);
        double percent = 0;

        if (s && l->resting > 0 && l->maximum > l->resting)
                percent = 100 * (s->smoothed - l->resting) / (l->maximum - l->resting);
        return lround(fmax(0, fmin(100, percent)));
}

void stream_waybar(const Live *l, const ViewNow *now, json_object **previous)
{
        _cleanup_json_ json_object *o = checked(json_object_new_object());
        _cleanup_free_ char *tooltip = waybar_tooltip(l, now);
        json_object *classes = checked(json_object_new_array());
        const LiveStrap *s = live_strap_with_heart_rate(l);
        char text[NUMBER_STRING_MAX] = "", zone[NUMBER_STRING_MAX];

        if (s)
                (void)snprintf(text, sizeof(text), "%ld", lround(s->smoothed));
        else if (l->reach == REACH_PRESENT && live_strap(l) && live_strap(l)->state != STRAP_ABSENT)
                (void)snprintf(text, sizeof(text), "--");
        json_add(o, "text", checked(json_object_new_string(text)));
        json_add(o, "tooltip", checked(json_object_new_string(tooltip)));
        json_append(classes, checked(json_object_new_string(verdict_to_string(verdict(l, now)))));
        if (s) {
                (void)snprintf(zone, sizeof(zone), "zone-%u", s->zone);
                json_append(classes, checked(json_object_new_string(zone)));
        }
        json_add(o, "class", classes);
        json_add(o, "percentage", checked(json_object_new_int64(effort_percent(l))));

        if (*previous && json_object_equal(*previous, o))
                return;
        json_print_line(o);
        json_object_put(*previous);
        *previous = TAKE_PTR(o);
}
