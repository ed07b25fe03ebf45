/* SPDX-License-Identifier: MIT */

/* The core alone: how long, or under callgrind how many instructions, a heart rate takes from its bytes to its facts.
 *
 *      core invented N   N invented heart rates (runs.c), all of them within recorded runs
 *      core replay FILE  every session of a database, as packets again
 *
 * Only engine_handle() is timed, in CPU time of this thread; inventing packets or reading them is not. On standard output one
 * `name value` a line: samples, sessions, and ns in all. */

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardio/macro.h"
#include "cardio/parse.h"
#include "runs.h"

/* Many more than any run has. */
#define PACKETS_MAX 200000U

typedef struct Replay {
        Engine *engine;
        RunPacket *packet;
        size_t n;
        uint64_t n_samples, n_sessions, n_emitted, ns;
} Replay;

static void on_fact(void *userdata, const Fact *fact)
{
        Replay *r = userdata;

        r->n_emitted += fact->type == FACT_SAMPLE;
}

static uint64_t cpu_ns(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* it cannot fail for this clock */
        return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int feed(Replay *r, const Event *e, usec_t at_usec)
{
        return engine_handle(r->engine, e, at_usec, on_fact, r);
}

/* A session by hand, so that every one of its packets is recorded: the first, all others, the end. */
static int replay_session(Replay *r)
{
        const RunPacket *first = &r->packet[0], *last = &r->packet[r->n - 1];
        Event notification = { .type = EVENT_NOTIFICATION, .value = first->value, .size = first->size };
        uint64_t begin_ns = cpu_ns();
        int e;

        e = feed(r, &(Event){ .type = EVENT_LINK, .link = SENSOR_LINK_CONNECTED }, first->at_usec);
        if (e >= 0)
                e = feed(r, &notification, first->at_usec);
        if (e >= 0)
                e = feed(r, &(Event){ .type = EVENT_START }, first->at_usec);
        for (const RunPacket *p = first + 1; p <= last && e >= 0; p++) {
                notification.value = p->value;
                notification.size = p->size;
                e = feed(r, &notification, p->at_usec);
        }
        if (e >= 0)
                e = feed(r, &(Event){ .type = EVENT_STOP }, last->at_usec);
        r->ns += cpu_ns() - begin_ns;
        r->n_samples += r->n;
        r->n_sessions++;
        return e;
}

/* -- Invented -- */

static int replay_invented(Replay *r, uint64_t n)
{
        int e = 0;

        for (unsigned day = 0; r->n_samples < n && e >= 0; day++) {
                Run run;

                run_begin(&run, 1, day);
                r->n = 0;
                while (r->n < PACKETS_MAX && r->n_samples + r->n < n && run_next(&run, &r->packet[r->n]))
                        r->n++;
                e = replay_session(r);
        }
        return e;
}

/* -- Stored -- */

/* A packet like the one it was, from a row of `sample`. */
static void packet_restore(RunPacket *p, usec_t started_usec, sqlite3_stmt *s)
{
        const char *rr = (const char *)sqlite3_column_text(s, 3);
        int contact = sqlite3_column_int(s, 2);

        *p = (RunPacket){ .at_usec = started_usec + (usec_t)sqlite3_column_int64(s, 0) * USEC_PER_MSEC };
        p->value[0] = (uint8_t)((rr ? 0x10 : 0) | (contact == CONTACT_UNSUPPORTED          ? 0
                                                                  : contact == CONTACT_YES ? 0x06
                                                                                           : 0x04));
        p->value[1] = (uint8_t)sqlite3_column_int(s, 1);
        p->size = 2;
        while (rr && *rr && p->size + 2U <= RUN_PACKET_MAX) {
                char *end;
                unsigned long interval = strtoul(rr + 1, &end, 10);

                if (end == rr + 1)
                        break;
                p->value[p->size++] = (uint8_t)interval;
                p->value[p->size++] = (uint8_t)(interval >> 8);
                rr = end;
        }
}

static int replay_file(Replay *r, sqlite3 *db)
{
        sqlite3_stmt *sessions = NULL, *samples = NULL;
        int rc, e = 0;

        rc = sqlite3_prepare_v2(
                        db, "SELECT id, started_at FROM session ORDER BY started_at", -1, &sessions, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_prepare_v2(db,
                                "SELECT t, heart_rate, contact, rr_json FROM sample WHERE session_id = ?1 ORDER BY t",
                                -1, &samples, NULL);
        while (rc == SQLITE_OK && e >= 0 && sqlite3_step(sessions) == SQLITE_ROW) {
                (void)sqlite3_bind_int64(samples, 1, sqlite3_column_int64(sessions, 0));
                r->n = 0;
                while (r->n < PACKETS_MAX && sqlite3_step(samples) == SQLITE_ROW)
                        packet_restore(&r->packet[r->n++],
                                        (usec_t)sqlite3_column_int64(sessions, 1) * USEC_PER_MSEC, samples);
                rc = sqlite3_reset(samples);
                if (r->n > 0)
                        e = replay_session(r);
        }
        sqlite3_finalize(sessions);
        sqlite3_finalize(samples);
        return rc == SQLITE_OK ? e : -EIO;
}

static int replay_path(Replay *r, const char *path)
{
        sqlite3 *db;
        int e;

        e = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK ? replay_file(r, db) : -EIO;
        if (e == -EIO)
                (void)fprintf(stderr, "core: %s: %s\n", path, sqlite3_errmsg(db));
        (void)sqlite3_close(db); /* only read from */
        return e;
}

int main(int argc, char **argv)
{
        EngineConfig config = runs_config();
        Replay r = { 0 };
        unsigned n;
        int e;

        if (argc != 3 || (strcmp(argv[1], "replay") != 0 &&
                                         (strcmp(argv[1], "invented") != 0 ||
                                                         parse_unsigned(argv[2], &n) < 0))) {
                (void)fputs("usage: core invented N | core replay FILE\n", stderr);
                return 2;
        }
        r.engine = calloc(1, sizeof(*r.engine));
        r.packet = calloc(PACKETS_MAX, sizeof(*r.packet));
        if (!r.engine || !r.packet)
                return EXIT_FAILURE;
        engine_begin(r.engine, &config);
        e = strcmp(argv[1], "replay") == 0 ? replay_path(&r, argv[2]) : replay_invented(&r, n);
        free(r.engine);
        free(r.packet);
        if (e < 0 || r.n_emitted != r.n_samples) {
                (void)fprintf(stderr, "core: %" PRIu64 " of %" PRIu64 " heart rates were recorded\n",
                                r.n_emitted, r.n_samples);
                return EXIT_FAILURE;
        }
        (void)printf("samples %" PRIu64 "\nsessions %" PRIu64 "\nns %" PRIu64 "\n", r.n_samples, r.n_sessions,
                        r.ns);
        return EXIT_SUCCESS;
}
