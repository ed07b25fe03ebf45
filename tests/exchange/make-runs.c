/* SPDX-License-Identifier: MIT */

/* make-runs FOLDER [RECORDING]: writes runs into files of each format, for other programs to read, those with heart rates also as SQL for a
 * new database, and beside them what has to be found there:
 *
 *      record SECOND BPM       a heart rate, in Unix time
 *      rr SECOND RR            an interval in 1/1024 s, and the second of its heart rate
 *      lap SECOND MS           where a lap begins, and how long it is
 *      pace MS SPEED CADENCE DISTANCE INCLINE   how fast it went, at a moment in Unix ms
 *
 * `run` has straps' habits: heart rates not quite a second apart, so that some seconds have two and others none, gaps, and packets
 * without intervals or with many; and a workout. `pod` is the same with a foot pod, which says something at
 * other moments than the strap, and goes on where that is silent. `summary` was added by hand: no heart rate at all. `recording` is that of a
 * watch, in the folder RECORDING: records.csv, of t_s,hr_bpm, and rr.csv, of after_record_index,rr_ms. No clock, always the same. */

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardio/macro.h"
#include "exchange-fixture.h"
#include "exchange/exchange.h"

#define ITEMS_MAX 20000U
#define RUN_S     2400

static const ExchangeFormat *const formats[] = {
        &exchange_fit,
        &exchange_tcx,
        &exchange_csv,
        &exchange_rr,
        &exchange_json,
};

static uint32_t random_below(uint32_t *state, uint32_t n)
{
        *state = *state * 1664525U + 1013904223U;
        return (*state >> 8) % n;
}

typedef struct Run {
        ExchangeSession session;
        size_t n;
        ExchangeItem items[ITEMS_MAX];
} Run;

typedef struct Pod {
        int64_t t, tenths; /* of the next one; 0.1 m so far */
        uint32_t seed;
} Pod;

static void add(Run *run, ExchangeItem item)
{
        if (run->n == ITEMS_MAX)
                abort();
        run->items[run->n++] = item;
}

static const struct {
        int64_t t;
        double value;
        const char *cue;
} steps[] = {
        { 0, 1, "warm-up" },
        { 600000, 2, "hard" },
        { 720000, 3, "easy" },
        { 840000, 4, "hard" },
        { 960000, 5, "cool-down" },
        { 1260000, NAN, "done" },
};

/* Lost for 40 s on the way out, and for 3 s in a hard step. */
static bool is_lost(int64_t t)
{
        return (t > 300000 && t < 340000) || (t > 650000 && t < 653000);
}

/* Up to a moment, one about every second; none for 20 s. A runner who warms up, and stands for 10 s. */
static void make_pace(Run *run, Pod *pod, int64_t until)
{
        for (; pod->t < until; pod->t += 960 + random_below(&pod->seed, 70)) {
                double speed = pod->t < 100000 ? 2 : 3 + (double)random_below(&pod->seed, 128) / 256;
                ExchangeItem item;

                if (pod->t >= 500000 && pod->t < 510000)
                        speed = 0;
                pod->tenths += (int64_t)(speed * 10);
                item = pace(pod->t, speed, speed > 0 ? 150 + random_below(&pod->seed, 31) : 0,
                                (double)pod->tenths / 10);
                item.pace.incline = pod->t < 900000 ? 0 : 1.5;
                if (pod->t < 800000 || pod->t >= 820000)
                        add(run, item);
        }
}

static void make_strap(Run *run, Pod *pod)
{
        size_t step = 0;
        uint32_t seed = 1;
        int64_t t = 0;

        run->session = fixture_run;
        run->session.has_pace = pod != NULL;
        run->session.ceiling = 145.55;
        run->session.ceiling_expression = "65%hrr";
        run->session.zone_model = "hrr";
        run->session.zone_bounds = "50 60 70 80 90";
        run->session.sex = "female";
        run->session.talk_test = "pass";
        run->session.rpe = 4;
        run->session.note = "up the hill & down, für Ärzte";
        run->session.day_kind = "recovery";
        run->session.workout = "4x4";
        run->session.by_hand = true;
        run->session.over_s = 90;
        while (t < RUN_S * INT64_C(1000)) {
                unsigned bpm = 120 + (unsigned)(40 * sin((double)t / 200000)) + random_below(&seed, 3);

                if (step < ELEMENTSOF(steps) && steps[step].t <= t) {
                        if (pod)
                                make_pace(run, pod, steps[step].t);
                        add(run, event(steps[step].t, "step", steps[step].value, steps[step].cue));
                        step++;
                }
                if (pod)
                        make_pace(run, pod, t);
                if (!is_lost(t)) {
                        for (uint32_t rr = random_below(&seed, 40) == 0 ? 9 : random_below(&seed, 4); rr > 0;
                                        rr--)
                                add(run, interval(t, 61440 / bpm + random_below(&seed, 20)));
                        add(run, heart_rate(t, bpm));
                        run->session.length = t;
                }
                t += 970 + random_below(&seed, 50);
        }
}

static void make_run(Run *run)
{
        make_strap(run, NULL);
}

static void make_pod(Run *run)
{
        make_strap(run, &(Pod){ .t = 130, .seed = 2 });
}

static FILE *open_recording(const char *folder, const char *name)
{
        char path[4096];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
        f = fopen(path, "re");
        if (!f || fscanf(f, "%*[^\n]") == EOF) { /* names of columns */
                fprintf(stderr, "%s: %m\n", path);
                exit(1);
        }
        return f;
}

/* A man of 190 and 55 bpm. Intervals are of the record behind them. */
static void make_recording(Run *run, const char *folder)
{
        FILE *records = open_recording(folder, "records.csv"), *intervals = open_recording(folder, "rr.csv");
        unsigned index = 0, ms = 0, t, bpm;
        bool any = fscanf(intervals, "%u,%u", &index, &ms) == 2;

        run->session = fixture_run;
        run->session.maximum = 190;
        run->session.resting = 55;
        run->session.sex = "male";
        run->session.ceiling = 145.55;
        for (unsigned i = 0; fscanf(records, "%u,%u", &t, &bpm) == 2; i++) {
                for (; any && index < i; any = fscanf(intervals, "%u,%u", &index, &ms) == 2)
                        add(run, interval(t * INT64_C(1000), (ms * 1024 + 500) / 1000));
                run->session.length = t * INT64_C(1000);
                add(run, heart_rate(run->session.length, bpm));
        }
        (void)fclose(records);
        (void)fclose(intervals);
}

static void make_summary(Run *run)
{
        run->session = fixture_run;
        run->session.source = "manual";
        run->session.device = "";
        run->session.length = 2700000;
}

/* -- Files -- */

static int out_write(void *userdata, const void *data, size_t size)
{
        return fwrite(data, 1, size, userdata) == size ? 0 : -EIO;
}

static int out_patch(void *userdata, uint64_t offset, const void *data, size_t size)
{
        FILE *f = userdata;

        if (fseek(f, (long)offset, SEEK_SET) < 0 || fwrite(data, 1, size, f) != size)
                return -EIO;
        return fseek(f, 0, SEEK_END) < 0 ? -EIO : 0;
}

static FILE *open_file(const char *folder, const char *name, const char *extension)
{
        char path[4096];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/%s.%s", folder, name, extension);
        f = fopen(path, "we");
        if (!f) {
                fprintf(stderr, "%s: %m\n", path);
                exit(1);
        }
        return f;
}

static void close_file(FILE *f, int r)
{
        if (fclose(f) != 0 || r < 0) {
                fprintf(stderr, "make-runs: %s\n", strerror(r < 0 ? -r : errno));
                exit(1);
        }
}

static void write_format(const ExchangeFormat *format, FILE *f, const Run *run)
{
        const ExchangeSink sink = { .write = out_write, .patch = out_patch, .userdata = f };
        _cleanup_free_ void *writer = calloc(1, format->size);
        int r;

        if (!writer)
                abort();
        r = format->begin(writer, &run->session, &sink);
        for (size_t i = 0; i < run->n && r == 0; i++)
                r = format->item(writer, &run->items[i]);
        if (r == 0)
                r = format->end(writer);
        if (format->free)
                format->free(writer);
        close_file(f, r);
}

static void write_rows(FILE *f, const Run *run)
{
        int64_t lap = 0;

        for (size_t i = 0; i < run->n; i++) {
                const ExchangeItem *item = &run->items[i];
                long long second = (run->session.started_at + item->t) / 1000;

                if (item->type == EXCHANGE_SAMPLE)
                        fprintf(f, "record %lld %u\n", second, item->sample.heart_rate);
                else if (item->type == EXCHANGE_RR)
                        fprintf(f, "rr %lld %u\n", second, item->rr.rr);
                else if (item->type == EXCHANGE_PACE)
                        fprintf(f, "pace %lld %.17g %.17g %.17g %.17g\n",
                                        (long long)(run->session.started_at + item->t), item->pace.speed,
                                        item->pace.cadence, item->pace.distance, item->pace.incline);
                else if (item->t > 0) {
                        fprintf(f, "lap %lld %lld\n", (run->session.started_at + lap) / 1000LL,
                                        (long long)(item->t - lap));
                        lap = item->t;
                }
        }
        fprintf(f, "lap %lld %lld\n", (run->session.started_at + lap) / 1000LL,
                        (long long)(run->session.length - lap));
        close_file(f, 0);
}

static void write_event_sql(FILE *f, long long session, const ExchangeItem *item)
{
        fprintf(f, "INSERT INTO event (session_id, t, type, value, detail) VALUES (%lld, %lld, '%s', ",
                        session, (long long)item->t, item->event.type);
        if (isnan(item->event.value))
                fprintf(f, "NULL, '%s');\n", item->event.detail);
        else
                fprintf(f, "%.17g, '%s');\n", item->event.value, item->event.detail);
}

/* None of its texts has to be quoted, and its figures are known. */
static void write_sql(FILE *f, const Run *run)
{
        const ExchangeSession *s = &run->session;
        char intervals[200] = "";
        size_t n = 0;

        fprintf(f, "INSERT INTO sensor (id, address, name) VALUES (1, 'A0:9E:1A:12:34:56', '%s');\n",
                        s->device);
        fprintf(f,
                        "INSERT INTO session (id, sensor_id, source, kind, started_at, ended_at, utc_offset_s, ceiling, over_s,\n"
                        "                     ceiling_expression, tolerance, resting_hr, max_hr, zone_model, zone_bounds, sex,\n"
                        "                     talk_test, rpe, note, day_kind, workout, by_hand)\n"
                        "  VALUES (%lld, 1, '%s', '%s', %lld, %lld, %d, %.17g, %.17g,\n"
                        "          '%s', %.17g, %.17g, %.17g, '%s', '%s', '%s', '%s', %d, '%s', '%s', '%s', %d);\n",
                        (long long)s->id, s->source, s->said_kind, (long long)s->started_at,
                        (long long)(s->started_at + s->length), s->utc_offset_s, s->ceiling, s->over_s,
                        s->ceiling_expression, s->tolerance, s->resting, s->maximum, s->zone_model,
                        s->zone_bounds, s->sex, s->talk_test, s->rpe, s->note, s->day_kind, s->workout,
                        s->by_hand);
        for (size_t i = 0; i < run->n; i++) {
                const ExchangeItem *item = &run->items[i];

                if (item->type == EXCHANGE_EVENT) {
                        write_event_sql(f, (long long)s->id, item);
                } else if (item->type == EXCHANGE_PACE) {
                        fprintf(f,
                                        "INSERT INTO pace (session_id, t, speed, cadence, distance, incline)\n"
                                        "  VALUES (%lld, %lld, %.17g, %.17g, %.17g, %.17g);\n",
                                        (long long)s->id, (long long)item->t, item->pace.speed,
                                        item->pace.cadence, item->pace.distance, item->pace.incline);
                } else if (item->type == EXCHANGE_RR) {
                        n += (size_t)snprintf(intervals + n, sizeof(intervals) - n, "%s%u", n > 0 ? "," : "",
                                        item->rr.rr);
                } else {
                        fprintf(f,
                                        "INSERT INTO sample (session_id, t, heart_rate, smoothed, zone, contact, rr_json)\n"
                                        "  VALUES (%lld, %lld, %u, %.17g, 1, 1, nullif('[%s]', '[]'));\n",
                                        (long long)s->id, (long long)item->t, item->sample.heart_rate,
                                        item->sample.smoothed, intervals);
                        intervals[n = 0] = '\0';
                }
        }
        close_file(f, 0);
}

static void write_run(const char *folder, const char *name, const Run *run)
{
        for (size_t k = 0; k < ELEMENTSOF(formats); k++)
                write_format(formats[k], open_file(folder, name, formats[k]->extension), run);
        write_rows(open_file(folder, name, "rows"), run);
        if (run->n > 0)
                write_sql(open_file(folder, name, "sql"), run);
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                void (*make)(Run *run);
        } runs[] = { { "run", make_run }, { "pod", make_pod }, { "summary", make_summary } };

        _cleanup_free_ Run *run = calloc(1, sizeof(*run));

        if (argc != 2 && argc != 3) {
                fprintf(stderr, "usage: make-runs FOLDER [RECORDING]\n");
                return 2;
        }
        if (!run)
                abort();
        for (size_t i = 0; i < ELEMENTSOF(runs); i++) {
                run->n = 0;
                runs[i].make(run);
                write_run(argv[1], runs[i].name, run);
        }
        if (argc == 3) {
                run->n = 0;
                make_recording(run, argv[2]);
                write_run(argv[1], "recording", run);
        }
        return 0;
}
