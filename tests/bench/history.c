/* SPDX-License-Identifier: MIT */

/* Ten years of runs as cardiod would have recorded them, in minutes: invented packets (runs.c) go through the real core
 * and the real store, with made-up time. So the file is always of the schema of the day, and its figures are right.
 *
 *      history [--runs N] [--seed N] [--commit SECONDS] FILE
 *
 * FILE must not exist. --commit: every so many seconds of recorded time, as the daemon does (with a sync each minute),
 * instead of once a run, which is faster. On standard output, one `name value` a line: what was written; rss in kB at the
 * end of the first run and of the last; bytes given to write(), and cpu in µs. */

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "cardio/parse.h"
#include "daemon/log.h"
#include "daemon/store/store.h"
#include "daemon/store/writer.h"
#include "runs.h"

#define ADDRESS         "C0:FF:EE:00:00:01"
#define UTC_OFFSET_S    3600
#define SYNC_USEC       (60 * USEC_PER_SEC)
#define RUN_PAUSE_USEC  (900 * USEC_PER_SEC)
#define ZONE_MODEL_NAME "hrr"
#define ZONE_BOUNDS     "50 60 70 80 90"

typedef struct Options {
        const char *path;
        unsigned runs, seed;
        unsigned commit_s; /* 0 = once a run */
} Options;

typedef struct History {
        Store *store;
        SessionWriter *writer;
        Engine *engine;
        const char *kind;
        usec_t begin_usec;
        uint64_t n_samples, n_intervals, recorded_usec;
        unsigned n_sessions;
} History;

/* -- From facts to the store, as the manager does it -- */

static int64_t session_t(const History *h, usec_t at_usec)
{
        return ((int64_t)at_usec - (int64_t)h->begin_usec) / (int64_t)USEC_PER_MSEC;
}

static void session_started(History *h, const Fact *fact)
{
        char expression[INTENSITY_STRING_MAX];
        const SessionHead head = {
                .address = ADDRESS,
                .kind = h->kind,
                .started_at = (int64_t)(fact->at_usec / USEC_PER_MSEC),
                .utc_offset_s = UTC_OFFSET_S,
                .runner = h->engine->config.runner,
                .ceiling = fact->ceiling,
                .ceiling_expression = intensity_to_string(engine_ceiling(h->engine), expression),
                .tolerance = h->engine->config.limiter.tolerance,
                .zone_model = ZONE_MODEL_NAME,
                .zone_bounds = ZONE_BOUNDS,
        };

        h->begin_usec = fact->at_usec;
        if (session_writer_begin(h->store, &head, fact->at_usec, &h->writer) < 0)
                exit(EXIT_FAILURE); /* it has said why */
}

static void on_fact(void *userdata, const Fact *fact)
{
        History *h = userdata;

        switch (fact->type) {
        case FACT_SESSION_STARTED:
                session_started(h, fact);
                return;
        case FACT_SAMPLE:
                session_writer_fact(h->writer, fact, NULL);
                h->n_samples++;
                h->n_intervals += fact->n_rr;
                return;
        case FACT_ZONE:
        case FACT_OVER_LIMIT:
        case FACT_BACK_IN_RANGE:
                session_writer_fact(h->writer, fact, NULL);
                return;
        case FACT_SESSION_ENDED:
                session_writer_end(h->writer, session_t(h, fact->at_usec), false);
                h->recorded_usec += fact->at_usec - h->begin_usec;
                h->n_sessions++;
                return;
        case FACT_REJECTED:
        case FACT_SENSOR:
        case FACT_HEART_RATE:
        case FACT_GAP:
        case FACT_CONTACT_LOST:
        case FACT_STALE:
        case FACT_CEILING:
        case FACT_SNOOZE:
        case FACT_STRAP:
        case FACT_STRAP_LOST:
        case FACT_STRAP_BACK:
        case FACT_BATTERY_LOW:
        case FACT_BATTERY_RISEN:
        case FACT_SESSION_DISCARDED:
        case _FACT_TYPE_MAX:
        case _FACT_TYPE_INVALID:
                return; /* none of these runs has one that is stored */
        }
}

/* -- One run after the other -- */

static void engine_feed(History *h, const Event *e, usec_t at_usec)
{
        if (engine_handle(h->engine, e, at_usec, on_fact, h) < 0)
                exit(EXIT_FAILURE); /* none of these is ever refused */
}

static int write_run(History *h, const Options *o, unsigned day)
{
        usec_t commit_usec = 0, sync_usec = 0, end_usec = 0;
        RunPacket packet;
        Run run;
        int r;

        run_begin(&run, o->seed, day);
        h->kind = run.kind;
        engine_feed(h, &(Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED }, run.at_usec);
        store_sensor(h->store, ADDRESS, "Polar H10", "chest", 90, (int64_t)(run.at_usec / USEC_PER_MSEC));
        while (run_next(&run, &packet)) {
                end_usec = packet.at_usec;
                if (o->commit_s > 0 && end_usec >= commit_usec) {
                        bool sync = end_usec >= sync_usec;

                        r = sync ? store_commit_wait(h->store) : store_commit(h->store);
                        if (r < 0)
                                return r;
                        commit_usec = end_usec + o->commit_s * USEC_PER_SEC;
                        if (sync)
                                sync_usec = end_usec + SYNC_USEC;
                }
                engine_feed(h,
                                &(Event){ .type = EVENT_NOTIFICATION,
                                                .value = packet.value,
                                                .size = packet.size },
                                end_usec);
        }
        engine_feed(h, &(Event){ .type = EVENT_LINK, .link = SENSOR_LINK_ABSENT }, end_usec + USEC_PER_SEC);
        engine_feed(h, &(Event){ .type = EVENT_TICK }, end_usec + RUN_PAUSE_USEC);
        return o->commit_s > 0 ? store_commit_wait(h->store) : store_commit(h->store);
}

static unsigned long own_rss_kb(void)
{
        unsigned long pages = 0;
        FILE *f = fopen("/proc/self/statm", "re");

        if (f) {
                if (fscanf(f, "%*u %lu", &pages) != 1)
                        pages = 0;
                (void)fclose(f); /* only read from */
        }
        return pages * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
}

static unsigned long own_written(void)
{
        unsigned long bytes = 0;
        FILE *f = fopen("/proc/self/io", "re");

        if (f) {
                if (fscanf(f, "rchar: %*u wchar: %lu", &bytes) != 1)
                        bytes = 0;
                (void)fclose(f); /* only read from */
        }
        return bytes;
}

static uint64_t own_cpu_usec(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* it cannot fail for this clock */
        return (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

static int write_history(const Options *o)
{
        _cleanup_(store_closep) Store *store = NULL;
        _cleanup_free_ Engine *engine = calloc(1, sizeof(*engine));
        _cleanup_free_ char *why = NULL;
        EngineConfig config = runs_config();
        History h = { 0 };
        int r;

        if (!engine)
                return -ENOMEM;
        engine_begin(engine, &config);
        r = store_open(o->path, false, &store, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        h.store = store;
        h.engine = engine;
        for (unsigned day = 0; day < o->runs; day++) {
                r = write_run(&h, o, day);
                if (r < 0)
                        return r;
                if (day == 0)
                        (void)printf("rss-first %lu\n", own_rss_kb());
        }
        (void)printf("rss-last %lu\nwritten %lu\ncpu %" PRIu64 "\nsessions %u\nsamples %" PRIu64
                     "\nintervals %" PRIu64 "\nseconds %" PRIu64 "\n",
                        own_rss_kb(), own_written(), own_cpu_usec(), h.n_sessions, h.n_samples, h.n_intervals,
                        h.recorded_usec / USEC_PER_SEC);
        return 0;
}

static int parse_options(int argc, char **argv, Options *ret)
{
        static const struct option options[] = { { "runs", required_argument, NULL, 'r' },
                { "seed", required_argument, NULL, 's' }, { "commit", required_argument, NULL, 'c' },
                { NULL, 0, NULL, 0 } };
        Options o = { .runs = RUNS_TEN_YEARS, .seed = 1 };
        int c, r = 0;

        while (r == 0 && (c = getopt_long(argc, argv, "", options, NULL)) >= 0)
                r = c == 'r'   ? parse_unsigned(optarg, &o.runs)
                    : c == 's' ? parse_unsigned(optarg, &o.seed)
                    : c == 'c' ? parse_unsigned(optarg, &o.commit_s)
                               : -EINVAL;
        if (r < 0 || optind != argc - 1) {
                (void)fputs("usage: history [--runs N] [--seed N] [--commit SECONDS] FILE\n", stderr);
                return -EINVAL;
        }
        o.path = argv[optind];
        *ret = o;
        return 0;
}

int main(int argc, char **argv)
{
        Options o;

        if (parse_options(argc, argv, &o) < 0)
                return 2;
        log_open();
        if (access(o.path, F_OK) == 0) {
                log_error("%s: is there already", o.path);
                return EXIT_FAILURE;
        }
        return write_history(&o) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
