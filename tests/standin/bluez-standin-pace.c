/* SPDX-License-Identifier: MIT */

/* Commands of foot pods and treadmills: how fast they say that the runner is. No clock. */

#include "bluez-standin.h"

#include <math.h>
#include <string.h>

#include "cardio/bus-api.h"

/* What a value says; NAN = it does not say that. */
typedef struct Speed {
        double speed, cadence, stride_cm, distance, incline, gain, heart_rate;
} Speed;

static size_t put(uint8_t *value, size_t size, int64_t number, size_t bytes)
{
        for (size_t i = 0; i < bytes; i++)
                value[size + i] = (uint8_t)((uint64_t)number >> (8 * i));
        return size + bytes;
}

/* RSC Measurement, Running Speed and Cadence Service 1.0, 3.1. */
static size_t running_speed_encode(const Speed *s, uint8_t value[static VALUE_MAX])
{
        bool stride = !isnan(s->stride_cm), distance = !isnan(s->distance);
        size_t n = put(value, 0, (stride ? 1 : 0) | (distance ? 2 : 0), 1);

        n = put(value, n, lround(s->speed * 256), 2);
        n = put(value, n, isnan(s->cadence) ? 0 : lround(s->cadence), 1);
        if (stride)
                n = put(value, n, lround(s->stride_cm), 2);
        if (distance)
                n = put(value, n, lround(s->distance * 10), 4);
        return n;
}

/* Treadmill Data, Fitness Machine Service 1.0, 4.9. */
static size_t treadmill_encode(const Speed *s, uint8_t value[static VALUE_MAX])
{
        unsigned flags = (isnan(s->distance) ? 0 : 1U << 2) | (isnan(s->incline) ? 0 : 1U << 3) |
                         (isnan(s->gain) ? 0 : 1U << 4) | (isnan(s->heart_rate) ? 0 : 1U << 8);
        size_t n = put(value, 0, flags, 2);

        n = put(value, n, lround(s->speed * 3.6 * 100), 2);
        if (!isnan(s->distance))
                n = put(value, n, lround(s->distance), 3);
        if (!isnan(s->incline)) {
                n = put(value, n, lround(s->incline * 10), 2);
                n = put(value, n, INT16_MAX, 2); /* the ramp angle is not known */
        }
        if (!isnan(s->gain)) {
                n = put(value, n, lround(s->gain * 10), 2);
                n = put(value, n, 0, 2);
        }
        if (!isnan(s->heart_rate))
                n = put(value, n, lround(s->heart_rate), 1);
        return n;
}

/* A number that may be negative, within what the characteristic can say. */
static int word_signed(const Words *w, size_t i, double min, double max, double *ret)
{
        bool negative = i < w->n && w->word[i][0] == '-';
        Words positive = *w;
        int r;

        if (negative)
                positive.word[i]++;
        r = word_decimal(&positive, i, ret);
        if (r < 0)
                return r;
        if (negative)
                *ret = -*ret;
        return *ret < min || *ret > max ? script_refuse(w->script, "out of range: %s", w->word[i]) : 0;
}

static int speed_read(const Words *w, bool treadmill, Speed *s)
{
        const struct {
                const char *name;
                bool pod, treadmill; /* can say that */
                double min, max;
                double *value;
        } options[] = {
                { "cadence", true, false, 0, UINT8_MAX, &s->cadence },
                { "stride", true, false, 0, UINT16_MAX, &s->stride_cm },
                { "distance", true, true, 0, 0xffffff, &s->distance },
                { "incline", false, true, -100, 100, &s->incline },
                { "gain", false, true, 0, 6553, &s->gain },
                { "hr", false, true, 0, UINT8_MAX, &s->heart_rate },
        };
        int r = word_signed(w, 2, 0, 255, &s->speed);

        for (size_t i = 3; r >= 0 && i < w->n; i += 2) {
                size_t k = 0;

                while (k < ELEMENTSOF(options) && !word_is(w, i, options[k].name))
                        k++;
                if (k == ELEMENTSOF(options) || !(treadmill ? options[k].treadmill : options[k].pod))
                        return script_refuse(w->script, "%s says no such thing: %s",
                                        treadmill ? "a treadmill" : "a foot pod", w->word[i]);
                r = word_signed(w, i + 1, options[k].min, options[k].max, options[k].value);
        }
        return r;
}

static int word_pace(Words *w, size_t i, Characteristic **ret)
{
        Device *d;
        int r = word_device(w, i, &d);

        if (r < 0)
                return r;
        *ret = device_pace(d);
        return *ret ? 0 : script_refuse(w->script, "%s measures no pace", d->address);
}

static int run_speed(Words *w)
{
        Speed s = { NAN, NAN, NAN, NAN, NAN, NAN, NAN };
        uint8_t value[VALUE_MAX];
        Characteristic *c;
        bool treadmill;
        int r;

        r = word_pace(w, 1, &c);
        if (r < 0)
                return r;
        treadmill = strcmp(c->uuid, UUID_TREADMILL_DATA) == 0;
        r = speed_read(w, treadmill, &s);
        if (r < 0)
                return r;
        (void)characteristic_notify(
                        c, value, treadmill ? treadmill_encode(&s, value) : running_speed_encode(&s, value));
        return COMMAND_DONE;
}

static int run_speed_raw(Words *w)
{
        uint8_t value[VALUE_MAX];
        Characteristic *c;
        size_t size;
        int r;

        r = word_pace(w, 1, &c);
        if (r >= 0)
                r = word_bytes(w, 2, value, &size);
        if (r < 0)
                return r;
        (void)characteristic_notify(c, value, size);
        return COMMAND_DONE;
}

static int run_service_data(Words *w)
{
        uint8_t value[VALUE_MAX];
        size_t size;
        Device *d;
        int r;

        r = word_device(w, 1, &d);
        if (r >= 0)
                r = word_bytes(w, 2, value, &size);
        if (r < 0)
                return r;
        if (size > SERVICE_DATA_MAX)
                return script_refuse(w->script, "more than %u bytes", SERVICE_DATA_MAX);
        memcpy(d->service_data, value, size);
        d->service_data_size = size;
        object_emit_changed(d->standin, d->path, BLUEZ_DEVICE_INTERFACE, "ServiceData", NULL);
        return COMMAND_DONE;
}

const Command pace_commands[] = {
        { "speed", 2, 14, run_speed,
                        "ADDRESS M/S [cadence N] [stride CM] [distance M] [incline PERCENT] [gain M] [hr BPM]" },
        { "speed-raw", 1, WORDS_MAX, run_speed_raw, "ADDRESS [BYTE...]" },
        { "service-data", 1, SERVICE_DATA_MAX + 1, run_service_data, "ADDRESS [BYTE...]" },
        { .name = NULL },
};
