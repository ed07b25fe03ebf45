/* SPDX-License-Identifier: MIT */

/* Developer fields: their names, and what a session has of them. Pure, no clock. */

#include "exchange/fit-developer.h"

#include <math.h>
#include <string.h>

#define LABEL_SIZE 16U /* of units */
#define FIELD_SIZE 24U /* of names */

static const struct {
        const char *name, *units; /* NULL = there is no such field, or it is not of the session */
        FitBaseType type;
} labels[_FIT_DEVELOPER_FIELD_MAX] = {
        [FIT_DEVELOPER_CEILING] = { "Ceiling", "bpm", FIT_FLOAT32 },
        [FIT_DEVELOPER_TIME_OVER] = { "TimeOver", "s", FIT_FLOAT32 },
        [FIT_DEVELOPER_ALPHA1] = { "Alpha1", "", FIT_FLOAT32 },
        [FIT_DEVELOPER_TOLERANCE] = { "Tolerance", "bpm", FIT_FLOAT32 },
        [FIT_DEVELOPER_RESTING_HR] = { "RestingHeartRate", "bpm", FIT_FLOAT32 },
        [FIT_DEVELOPER_MAX_HR] = { "MaximumHeartRate", "bpm", FIT_FLOAT32 },
        [FIT_DEVELOPER_BY_HAND] = { "ByHand", "", FIT_UINT8 },
        [FIT_DEVELOPER_KIND] = { "Kind", "", FIT_STRING },
        [FIT_DEVELOPER_TALK_TEST] = { "TalkTest", "", FIT_STRING },
        [FIT_DEVELOPER_NOTE] = { "Note", "", FIT_STRING },
        [FIT_DEVELOPER_DAY_KIND] = { "DayKind", "", FIT_STRING },
        [FIT_DEVELOPER_WORKOUT] = { "Workout", "", FIT_STRING },
        [FIT_DEVELOPER_CEILING_EXPRESSION] = { "CeilingExpression", "", FIT_STRING },
        [FIT_DEVELOPER_ZONE_MODEL] = { "ZoneModel", "", FIT_STRING },
        [FIT_DEVELOPER_ZONE_BOUNDS] = { "ZoneBounds", "", FIT_STRING },
        [FIT_DEVELOPER_SEX] = { "Sex", "", FIT_STRING },
};

static bool is_of_records(FitDeveloperField field)
{
        return field == FIT_DEVELOPER_ALPHA1;
}

bool fit_developer_has(const FitDeveloper *d, FitDeveloperField field)
{
        if (!labels[field].name)
                return false;
        return labels[field].type == FIT_STRING ? *d->text[field] != '\0' : isfinite(d->number[field]);
}

void fit_developer_begin(FitDeveloper *d, const ExchangeSession *s)
{
        const double numbers[_FIT_DEVELOPER_FIELD_MAX] = {
                [FIT_DEVELOPER_CEILING] = s->ceiling,
                [FIT_DEVELOPER_TIME_OVER] = isfinite(s->ceiling) ? s->over_s : NAN,
                [FIT_DEVELOPER_ALPHA1] = s->has_alpha1 ? 0 : NAN,
                [FIT_DEVELOPER_TOLERANCE] = s->tolerance,
                [FIT_DEVELOPER_RESTING_HR] = s->resting,
                [FIT_DEVELOPER_MAX_HR] = s->maximum,
                [FIT_DEVELOPER_BY_HAND] = s->by_hand ? 1 : NAN,
        };
        const char *const texts[_FIT_DEVELOPER_FIELD_MAX] = {
                [FIT_DEVELOPER_KIND] = s->said_kind,
                [FIT_DEVELOPER_TALK_TEST] = s->talk_test,
                [FIT_DEVELOPER_NOTE] = s->note,
                [FIT_DEVELOPER_DAY_KIND] = s->day_kind,
                [FIT_DEVELOPER_WORKOUT] = s->workout,
                [FIT_DEVELOPER_CEILING_EXPRESSION] = s->ceiling_expression,
                [FIT_DEVELOPER_ZONE_MODEL] = s->zone_model,
                [FIT_DEVELOPER_ZONE_BOUNDS] = s->zone_bounds,
                [FIT_DEVELOPER_SEX] = s->sex,
        };

        memcpy(d->number, numbers, sizeof(numbers));
        memcpy(d->text, texts, sizeof(texts));
}

/* -- Descriptions -- */

static int write_field_description(FitEncoder *encoder, FitDeveloperField field)
{
        FitMessage m = { .number = FIT_FIELD_DESCRIPTION };

        fit_put_uint8(&m, FIT_FIELD_DESCRIPTION_INDEX, 0);
        fit_put_uint8(&m, FIT_FIELD_DESCRIPTION_NUMBER, field);
        fit_put_uint8(&m, FIT_FIELD_DESCRIPTION_BASE_TYPE, labels[field].type);
        fit_put_text(&m, FIT_FIELD_DESCRIPTION_NAME, labels[field].name, FIELD_SIZE);
        fit_put_text(&m, FIT_FIELD_DESCRIPTION_UNITS, labels[field].units, LABEL_SIZE);
        return fit_encoder_write(encoder, &m);
}

static int write_developer_data_id(FitEncoder *encoder)
{
        static const uint8_t application[] = FIT_DEVELOPER_APPLICATION;
        FitMessage m = { .number = FIT_DEVELOPER_DATA_ID };

        fit_put_bytes(&m, FIT_DEVELOPER_DATA_ID_APPLICATION_ID, application, sizeof(application));
        fit_put_uint8(&m, FIT_DEVELOPER_DATA_ID_INDEX, 0);
        return fit_encoder_write(encoder, &m);
}

int fit_developer_describe(const FitDeveloper *d, FitEncoder *encoder)
{
        bool begun = false;
        int r;

        for (FitDeveloperField i = 0; i < _FIT_DEVELOPER_FIELD_MAX; i++) {
                if (!fit_developer_has(d, i))
                        continue;
                r = begun ? 0 : write_developer_data_id(encoder);
                begun = true;
                if (r < 0)
                        return r;
                r = write_field_description(encoder, i);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* -- Values -- */

static void put_field(FitMessage *m, const FitDeveloper *d, FitDeveloperField field)
{
        if (labels[field].type == FIT_STRING)
                fit_put_developer_text(m, field, d->text[field]);
        else if (labels[field].type == FIT_UINT8)
                fit_put_developer_uint8(m, field, (unsigned)d->number[field]);
        else
                fit_put_developer(m, field, d->number[field]);
}

void fit_developer_put_session(FitMessage *session, const FitDeveloper *d)
{
        for (FitDeveloperField i = 0; i < _FIT_DEVELOPER_FIELD_MAX; i++)
                if (fit_developer_has(d, i) && !is_of_records(i))
                        put_field(session, d, i);
}
