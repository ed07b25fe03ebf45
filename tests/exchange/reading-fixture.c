/* SPDX-License-Identifier: MIT */

/* Turns what a reader calls into text and items, and holds it to the rules of reading.h. No clock: gmtime_r() only divides. */

#include "reading-fixture.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardio/macro.h"
#include "cardio/text.h"

static void need(bool holds, const char *otherwise)
{
        if (holds)
                return;
        fprintf(stderr, "reading: %s\n", otherwise);
        abort();
}

/* -- Calls -- */

/* Returns what the call is to return. */
static int called(Reading *reading)
{
        need(!reading->failed, "a call after one that failed");
        if (++reading->n_calls != reading->fails_at)
                return 0;
        reading->failed = true;
        return -ECANCELED;
}

static void keep(Reading *reading, ReadItem item)
{
        reading->n[item.type]++;
        if (reading->n_items == reading->n_allocated) {
                reading->n_allocated = 2 * reading->n_allocated + 16;
                reading->items = realloc(reading->items, reading->n_allocated * sizeof(item));
                need(reading->items != NULL, "no memory");
        }
        reading->items[reading->n_items++] = item;
}

static void print_time(Reading *reading, int64_t at)
{
        int64_t ms = at % 1000 < 0 ? at % 1000 + 1000 : at % 1000;
        time_t seconds = (time_t)((at - ms) / 1000);
        struct tm tm = { 0 };
        char text[64] = "";

        need(gmtime_r(&seconds, &tm) != NULL, "a time beyond all years");
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
        fputs(text, reading->stream);
        if (ms != 0)
                fprintf(reading->stream, ".%03" PRId64, ms);
        fputc('Z', reading->stream);
}

static int on_begin(void *userdata)
{
        Reading *reading = userdata;

        need(!reading->open, "an activity that begins within one");
        reading->open = true;
        reading->any_heart_rate = reading->any_pace = reading->any_rr = reading->any_event = false;
        keep(reading, (ReadItem){ .type = READ_BEGIN });
        fputs("begin\n", reading->stream);
        return called(reading);
}

static int on_heart_rate(void *userdata, int64_t at, unsigned heart_rate, unsigned contact)
{
        Reading *reading = userdata;

        need(reading->open, "a heart rate of no activity");
        need(heart_rate >= 1 && heart_rate <= 255, "a heart rate that is none");
        need(contact <= 2, "a contact that is none");
        need(!reading->any_heart_rate || at > reading->heart_rate_at,
                        "a heart rate whose time does not rise");
        need(!reading->any_pace || at >= reading->pace_at, "a heart rate from before a pace");
        need(!reading->any_event || at >= reading->event_at, "a heart rate from before an event");
        need(!reading->any_rr || at == reading->rr_at,
                        "R-R intervals with another time than their heart rate");
        reading->any_rr = false;
        reading->any_heart_rate = true;
        reading->heart_rate_at = at;
        keep(reading, (ReadItem){ .type = READ_HEART_RATE,
                                      .at = at,
                                      .value = heart_rate,
                                      .contact = contact });
        print_time(reading, at);
        fprintf(reading->stream, " hr %u%s\n", heart_rate,
                        contact == 1   ? " contact"
                        : contact == 2 ? " no contact"
                                       : "");
        return called(reading);
}

static int on_event(void *userdata, int64_t at, const char *type, double value, const char *detail)
{
        Reading *reading = userdata;
        ReadItem item = { .type = READ_EVENT, .at = at, .figure = value };

        need(reading->open, "an event of no activity");
        need(*type != '\0', "an event without a type");
        need(!isinf(value), "an infinite figure");
        need(!reading->any_event || at >= reading->event_at, "an event whose time goes back");
        need(!reading->any_heart_rate || at >= reading->heart_rate_at, "an event from before a heart rate");
        need(!reading->any_rr, "an event between R-R intervals and their heart rate");
        reading->any_event = true;
        reading->event_at = at;
        item.type_text = strdup(type);
        item.detail = strdup(detail);
        need(item.type_text && item.detail, "no memory");
        keep(reading, item);
        print_time(reading, at);
        fprintf(reading->stream, " event %s", type);
        if (!isnan(value))
                fprintf(reading->stream, " %.9g", value);
        fprintf(reading->stream, *detail ? " \"%s\"\n" : "%s\n", detail);
        return called(reading);
}

static int on_rr(void *userdata, int64_t at, unsigned rr)
{
        Reading *reading = userdata;

        need(reading->open, "an R-R interval of no activity");
        need(rr >= 1 && rr <= UINT16_MAX, "an R-R interval that is none");
        need(!reading->any_heart_rate || at > reading->heart_rate_at,
                        "an R-R interval behind its heart rate");
        need(!reading->any_rr || at == reading->rr_at, "R-R intervals without a heart rate");
        reading->any_rr = true;
        reading->rr_at = at;
        keep(reading, (ReadItem){ .type = READ_RR, .at = at, .value = rr });
        print_time(reading, at);
        fprintf(reading->stream, " rr %u\n", rr);
        return called(reading);
}

static void print_figure(Reading *reading, const char *name, double figure)
{
        need(!isinf(figure), "an infinite figure");
        if (isnan(figure))
                fputs(*name ? "" : " -", reading->stream);
        else
                fprintf(reading->stream, " %s%.9g", name, figure);
}

static int on_pace(void *userdata, int64_t at, double speed, double cadence, double distance, double incline)
{
        Reading *reading = userdata;

        need(reading->open, "a pace of no activity");
        need(!reading->any_pace || at > reading->pace_at, "a pace whose time does not rise");
        need(!reading->any_heart_rate || at >= reading->heart_rate_at, "a pace from before a heart rate");
        need(!(isnan(speed) && isnan(cadence) && isnan(distance) && isnan(incline)), "a pace of nothing");
        need(!(speed < 0 || cadence < 0 || distance < 0), "a pace below 0");
        reading->any_pace = true;
        reading->pace_at = at;
        keep(reading, (ReadItem){ .type = READ_PACE,
                                      .at = at,
                                      .speed = speed,
                                      .cadence = cadence,
                                      .distance = distance,
                                      .incline = incline });
        print_time(reading, at);
        fputs(" pace", reading->stream);
        print_figure(reading, "", speed);
        print_figure(reading, "", cadence);
        print_figure(reading, "", distance);
        print_figure(reading, "", incline);
        fputc('\n', reading->stream);
        return called(reading);
}

static void print_text(Reading *reading, const char *name, const char *text, size_t size)
{
        uint32_t c;

        need(memchr(text, '\0', size) != NULL, "a text without an end");
        if (*text)
                fprintf(reading->stream, " %s=\"%s\"", name, text);
        while (*text) {
                text += utf8_next(text, &c);
                need(c != UTF8_INVALID, "a text that is not UTF-8");
                need(reading->ours || strcmp(name, "sport") == 0 || !utf8_is_control(c),
                                "a text that is not plain");
        }
}

static void print_texts(Reading *reading, const ReadingActivity *a)
{
        print_text(reading, "sport", a->sport, sizeof(a->sport));
        print_text(reading, "device", a->device, sizeof(a->device));
        print_text(reading, "note", a->note, sizeof(a->note));
        print_text(reading, "kind", a->kind, sizeof(a->kind));
        print_text(reading, "ceiling-expression", a->ceiling_expression, sizeof(a->ceiling_expression));
        print_text(reading, "zone-model", a->zone_model, sizeof(a->zone_model));
        print_text(reading, "zone-bounds", a->zone_bounds, sizeof(a->zone_bounds));
        print_text(reading, "sex", a->sex, sizeof(a->sex));
        print_text(reading, "talk-test", a->talk_test, sizeof(a->talk_test));
        print_text(reading, "day-kind", a->day_kind, sizeof(a->day_kind));
        print_text(reading, "workout", a->workout, sizeof(a->workout));
}

static int on_end(void *userdata, const ReadingActivity *activity)
{
        Reading *reading = userdata;

        need(reading->open, "the end of no activity");
        need(!reading->any_rr, "R-R intervals without a heart rate at the end");
        reading->open = false;
        reading->activity = *activity;
        keep(reading, (ReadItem){ .type = READ_END });
        fputs("end", reading->stream);
        if (activity->local)
                fputs(" local", reading->stream);
        if (activity->has_offset)
                fprintf(reading->stream, " offset=%" PRId32, activity->utc_offset_s);
        fputs(activity->is_running ? " running" : " other", reading->stream);
        need(activity->rpe <= 10, "an effort that is none");
        print_texts(reading, activity);
        print_figure(reading, "max=", activity->maximum);
        print_figure(reading, "resting=", activity->resting);
        print_figure(reading, "ceiling=", activity->ceiling);
        print_figure(reading, "tolerance=", activity->tolerance);
        if (activity->rpe > 0)
                fprintf(reading->stream, " rpe=%u", activity->rpe);
        if (activity->by_hand)
                fputs(" by-hand", reading->stream);
        if (activity->skipped > 0)
                fprintf(reading->stream, " skipped=%u", activity->skipped);
        fputc('\n', reading->stream);
        return called(reading);
}

/* Both may be long: a problem is told in one line. */
static void need_words(const ReadingProblem *problem)
{
        need(memchr(problem->place, '\0', sizeof(problem->place)) != NULL, "a place without an end");
        need(memchr(problem->text, '\0', sizeof(problem->text)) != NULL, "a problem without an end");
        need(*problem->text != '\0', "a problem without words");
        need(!strchr(problem->place, '\n') && !strchr(problem->text, '\n'), "a problem of several lines");
}

static void print_problem(Reading *reading, const ReadingProblem *problem)
{
        need_words(problem);
        fprintf(reading->stream, "%s%s%s\n", problem->place, *problem->place ? ": " : "", problem->text);
}

static void on_warn(void *userdata, const ReadingProblem *problem)
{
        Reading *reading = userdata;

        need(!reading->failed, "a warning after a call that failed");
        keep(reading, (ReadItem){ .type = READ_WARNING });
        fputs("warning: ", reading->stream);
        print_problem(reading, problem);
}

/* -- The whole -- */

static void judge_return(Reading *reading)
{
        need(reading->r <= 0, "a return above 0");
        need(!reading->failed || reading->r == -ECANCELED, "an error of the target that was not returned");
        need(reading->failed || reading->r != -ECANCELED, "an error that the target did not return");
        if (reading->failed)
                return;
        need(reading->r == 0 || reading->r == -EBADMSG || reading->r == -ENODATA,
                        "an error that is none of a reader's");
        need(reading->r != 0 || !reading->open, "an activity that does not end");
        need(reading->r != 0 || reading->n[READ_HEART_RATE] > 0,
                        "0 without a heart rate, instead of -ENODATA");
        need(reading->r != -ENODATA || reading->n[READ_HEART_RATE] == 0, "-ENODATA with heart rates");
        if (reading->r == 0)
                return;
        fputs(reading->r == -EBADMSG ? "EBADMSG " : "ENODATA ", reading->stream);
        print_problem(reading, &reading->problem);
}

void reading_make(Reading *ret, const ReadingFormat *format, const void *data, size_t size)
{
        const ReadingTarget target = {
                .begin = on_begin,
                .heart_rate = on_heart_rate,
                .rr = on_rr,
                .event = on_event,
                .pace = on_pace,
                .end = on_end,
                .warn = on_warn,
                .userdata = ret,
        };
        _cleanup_free_ uint8_t *copy = malloc(size > 0 ? size : 1);
        size_t fails_at = ret->fails_at;

        memset(ret, 0, sizeof(*ret));
        ret->fails_at = fails_at;
        ret->ours = format == &reading_json;
        ret->stream = open_memstream(&ret->text, &ret->text_size);
        need(copy && ret->stream, "no memory");
        if (size > 0)
                memcpy(copy, data, size);
        ret->r = format->read(copy, size, &target, &ret->problem);
        judge_return(ret);
        fclose(ret->stream);
        ret->stream = NULL;
}

void reading_done(Reading *reading)
{
        for (size_t i = 0; i < reading->n_items; i++) {
                free(reading->items[i].type_text);
                free(reading->items[i].detail);
        }
        free(reading->text);
        free(reading->items);
        memset(reading, 0, sizeof(*reading));
}
