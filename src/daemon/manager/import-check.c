/* SPDX-License-Identifier: MIT */
/* What callers hand over to be imported is of files that anybody may have written: every figure, time and text is checked before
 * anything is done with it. No clock: now is passed in. */

#include "manager/import-check.h"

#include <math.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/intensity.h"
#include "cardio/kind.h"
#include "cardio/macro.h"
#include "cardio/measurement.h"
#include "cardio/resting.h"
#include "cardio/runner.h"
#include "cardio/text.h"
#include "manager/replay.h"

#define MS_PER_DAY INT64_C(86400000)
/* 1990-01-01 UTC. */
#define EARLIEST_MS   INT64_C(631152000000)
#define OFFSET_MAX_S  (14 * 3600)
#define CONTENT_CHARS 64U
/* As the configuration has them. */
#define MAXIMUM_MIN   100.0
#define TOLERANCE_MAX 50.0
#define SPEED_MAX     100.0
#define CADENCE_MAX   1000.0
#define DISTANCE_MAX  1e7
#define INCLINE_MAX   100.0
#define EVENT_MAX     1e9

#define REFUSE(error, ...) sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT, __VA_ARGS__)

/* A time in µs that a day and the start of a file can have. */
static bool is_time(uint64_t at_usec)
{
        return at_usec <= 2 * (uint64_t)SESSION_REPLAY_T_MAX * 1000;
}

/* -- The header -- */

static int check_content(const BusImport *import, sd_bus_error *error)
{
        const char *content = import->content ? import->content : "";

        if (strlen(content) != CONTENT_CHARS || strspn(content, "0123456789abcdef") != CONTENT_CHARS)
                return REFUSE(error,
                                "content has to be there, the SHA-256 of the file; accepted: %u of 0-9 and a-f",
                                CONTENT_CHARS);
        return 0;
}

static int check_texts(const BusImport *import, sd_bus_error *error)
{
        const struct {
                const char *name, *text;
        } texts[] = { { "device", import->device }, { "sport", import->sport },
                { "workout", import->workout }, { "zone_bounds", import->zone_bounds } };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (texts[i].text && strlen(texts[i].text) > DIARY_WORDS_MAX)
                        return REFUSE(error, "%s is too long; accepted: at most %u bytes", texts[i].name,
                                        DIARY_WORDS_MAX);
        return 0;
}

/* NAN = not given. */
static int check_figures(const BusImport *import, sd_bus_error *error)
{
        const struct {
                const char *name;
                double value, min, max;
        } figures[] = { { "max_hr", import->max_hr, MAXIMUM_MIN, HEART_RATE_MAX },
                { "resting_hr", import->resting_hr, RESTING_MIN, RESTING_MAX },
                { "ceiling", import->ceiling, HEART_RATE_MIN, HEART_RATE_MAX },
                { "tolerance", import->tolerance, 0, TOLERANCE_MAX } };

        for (size_t i = 0; i < ELEMENTSOF(figures); i++)
                if (!isnan(figures[i].value) &&
                                !(figures[i].value >= figures[i].min && figures[i].value <= figures[i].max))
                        return REFUSE(error, "%s is %g bpm; accepted: %g to %g bpm", figures[i].name,
                                        figures[i].value, figures[i].min, figures[i].max);
        return 0;
}

static int check_words(const BusImport *import, sd_bus_error *error)
{
        char brief[TEXT_BRIEF_SIZE];
        Intensity intensity;
        const char *reason;

        if (annotation_check(&import->said, &reason) < 0)
                return REFUSE(error, "%s", reason);
        if (import->day_kind && import->day_kind[0] && kind_from_string(import->day_kind) < 0)
                return REFUSE(error, "'%s' is not a day's kind; accepted: " KIND_ACCEPTED,
                                text_brief(brief, sizeof(brief), import->day_kind));
        if (import->sex && import->sex[0] && sex_from_string(import->sex) < 0)
                return REFUSE(error, "'%s' is not a sex; accepted: female, male, unspecified",
                                text_brief(brief, sizeof(brief), import->sex));
        if (import->ceiling_expression && import->ceiling_expression[0] &&
                        intensity_parse(import->ceiling_expression, &intensity) < 0)
                return REFUSE(error, "'%s' is not a ceiling; accepted: %s",
                                text_brief(brief, sizeof(brief), import->ceiling_expression),
                                INTENSITY_ACCEPTED ", auto");
        return 0;
}

static int check_start(const BusImport *import, int64_t now_ms, sd_bus_error *error)
{
        if (import->started_at == BUS_IMPORT_NO_START)
                return REFUSE(error,
                                "started_at has to be there; accepted: Unix ms, from 1990 up to a day ahead");
        if (import->started_at < EARLIEST_MS || import->started_at > now_ms + MS_PER_DAY)
                return REFUSE(error, "It would have begun %s; accepted: from 1990 up to a day ahead",
                                import->started_at < EARLIEST_MS ? "before 1990"
                                                                 : "more than a day ahead of now");
        if (import->utc_offset_s != BUS_IMPORT_NO_OFFSET &&
                        (import->utc_offset_s < -OFFSET_MAX_S || import->utc_offset_s > OFFSET_MAX_S))
                return REFUSE(error, "utc_offset_s is %d; accepted: up to 14 hours before or after UTC",
                                import->utc_offset_s);
        return 0;
}

/* -- What was heard -- */

static int check_sample(const BusImport *import, size_t i, sd_bus_error *error)
{
        const BusImportSample *s = &import->sample[i];

        if (!is_time(s->at_usec))
                return REFUSE(error,
                                "Sample %zu is at more than 48 hours; accepted: a session of up to 24 hours",
                                i + 1);
        if (s->heart_rate < HEART_RATE_MIN || s->heart_rate > HEART_RATE_MAX)
                return REFUSE(error, "Sample %zu: %u bpm is no heart rate; accepted: %u to %u", i + 1,
                                s->heart_rate, HEART_RATE_MIN, HEART_RATE_MAX);
        if (s->contact >= _CONTACT_MAX)
                return REFUSE(error, "Sample %zu: %u is no contact; accepted: 0 cannot tell, 1 yes, 2 no",
                                i + 1, s->contact);
        if (i > 0 && s->at_usec / 1000 <= s[-1].at_usec / 1000)
                return REFUSE(error,
                                "Sample %zu is not later than the one before it; accepted: each in a millisecond of its own",
                                i + 1);
        return 0;
}

static int check_samples(const BusImport *import, ImportTimes *ret, sd_bus_error *error)
{
        const BusImportSample *s = import->sample;

        if (import->n_samples == 0)
                return REFUSE(error, "There is no heart rate; accepted: a session with one at least");
        for (size_t i = 0; i < import->n_samples; i++) {
                int r = check_sample(import, i, error);

                if (r < 0)
                        return r;
        }
        ret->base_ms = (int64_t)(s[0].at_usec / 1000);
        ret->length_ms = (int64_t)(s[import->n_samples - 1].at_usec / 1000) - ret->base_ms;
        if (ret->length_ms > SESSION_REPLAY_T_MAX)
                return REFUSE(error, "It is longer than 24 hours; accepted: a session of up to 24 hours");
        ret->started_at = import->started_at + ret->base_ms;
        return 0;
}

static int check_rr(const BusImport *import, sd_bus_error *error)
{
        for (size_t i = 0; i < import->n_rr; i++)
                if (!is_time(import->rr[i].at_usec) ||
                                (i > 0 && import->rr[i].at_usec < import->rr[i - 1].at_usec))
                        return REFUSE(error,
                                        "R-R interval %zu is out of time; accepted: in order, within 48 hours",
                                        i + 1);
        return 0;
}

static bool is_figure(double value, double min, double max)
{
        return isnan(value) || (value >= min && value <= max);
}

static int check_pace(const BusImport *import, sd_bus_error *error)
{
        for (size_t i = 0; i < import->n_pace; i++) {
                const BusImportPace *p = &import->pace[i];

                if (!is_time(p->at_usec) || (i > 0 && p->at_usec < p[-1].at_usec))
                        return REFUSE(error, "Pace %zu is out of time; accepted: in order, within 48 hours",
                                        i + 1);
                if (!is_figure(p->speed, 0, SPEED_MAX) || !is_figure(p->cadence, 0, CADENCE_MAX) ||
                                !is_figure(p->distance, 0, DISTANCE_MAX) ||
                                !is_figure(p->incline, -INCLINE_MAX, INCLINE_MAX))
                        return REFUSE(error,
                                        "Pace %zu is not believed; accepted: 0 to 100 m/s, 0 to 1000 steps per minute, 0 to "
                                        "10000 km, -100 to 100 %%, NaN where it is not known",
                                        i + 1);
        }
        return 0;
}

/* -- What happened -- */

static int check_event(const BusImport *import, size_t i, sd_bus_error *error)
{
        static const char *const types[] = { "mark", "step", "ceiling", "snooze", "battery", "clock", "strap",
                "trouble", "stale", "contact-lost", "over-pace", "pace-in-range" };
        const BusImportEvent *e = &import->event[i];
        bool ceiling = strcmp(e->type, "ceiling") == 0, known = false;
        char brief[TEXT_BRIEF_SIZE];

        for (size_t k = 0; k < ELEMENTSOF(types); k++)
                known = known || strcmp(e->type, types[k]) == 0;
        if (!known)
                return REFUSE(error,
                                "Event %zu: '%s' cannot be imported; accepted: mark, step, ceiling, snooze, battery, clock, "
                                "strap, trouble, stale, contact-lost, over-pace, pace-in-range",
                                i + 1, text_brief(brief, sizeof(brief), e->type));
        if (!is_time(e->at_usec) || (i > 0 && e->at_usec < e[-1].at_usec))
                return REFUSE(error, "Event %zu is out of time; accepted: in order, within 48 hours", i + 1);
        if (!(ceiling ? is_figure(e->value, HEART_RATE_MIN, HEART_RATE_MAX)
                      : is_figure(e->value, -EVENT_MAX, EVENT_MAX)))
                return REFUSE(error, "Event %zu: %g is not believed; accepted: %s", i + 1, e->value,
                                ceiling ? "25 to 250 bpm, NaN = none" : "a number, NaN = none");
        if (strlen(e->detail) > DIARY_WORDS_MAX)
                return REFUSE(error, "Event %zu: the text is too long; accepted: at most %u bytes", i + 1,
                                DIARY_WORDS_MAX);
        return 0;
}

static int check_events(const BusImport *import, sd_bus_error *error)
{
        int r = 0;

        for (size_t i = 0; i < import->n_events && r == 0; i++)
                r = check_event(import, i, error);
        return r;
}

int import_check(const BusImport *import, int64_t now_ms, ImportTimes *ret, sd_bus_error *error)
{
        int r = check_content(import, error);

        if (r == 0)
                r = check_start(import, now_ms, error);
        if (r == 0)
                r = check_texts(import, error);
        if (r == 0)
                r = check_figures(import, error);
        if (r == 0)
                r = check_words(import, error);
        if (r == 0)
                r = check_samples(import, ret, error);
        if (r == 0)
                r = check_rr(import, error);
        if (r == 0)
                r = check_pace(import, error);
        if (r == 0)
                r = check_events(import, error);
        /* The first heart rate may be long after the start of the file. */
        if (r == 0 && ret->started_at > now_ms + MS_PER_DAY)
                return REFUSE(error,
                                "It would have begun more than a day ahead of now; accepted: from 1990 up to a day ahead");
        return r;
}
