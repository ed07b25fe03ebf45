/* SPDX-License-Identifier: MIT */
/* A stream played: through the core as the daemon's shell does it, ticks at its deadlines, and what the core finds out
 * is written as rows and told of by the rules of manager/facts.c. All times are the stream's own: no clock is read. */

#include "replay.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cardio/engine.h"
#include "cardio/parse.h"
#include "daemon/config/config.h"
#include "daemon/store/store.h"
#include "daemon/store/writer.h"

/* The core's clock, and the wall clock, at 0: 2026-05-17 06:00 UTC. */
#define ORIGIN_USEC (365 * 24 * USEC_PER_HOUR)
#define ORIGIN_MS   INT64_C(1778997600000)
#define TODAY       ((Date){ .year = 2026, .month = 5, .day = 17 })
/* What follows the last packet, where the file does not say when it ends. */
#define SILENCE_USEC USEC_PER_HOUR
#define COMMIT_USEC  (60 * USEC_PER_SEC)

typedef struct Play {
        const Replay *replay;
        const char *folder;
        Config *config;
        Engine *engine;
        Store *store;
        SessionWriter *writer;
        char *path; /* of the database */

        usec_t now_usec, awake_usec, committed_usec;
        bool asleep; /* until awake_usec */
        bool begun[SENSORS_MAX];

        int64_t session;               /* its row, 0 = none is recorded */
        usec_t begin_usec, alert_usec; /* of the session's last alert, 0 = none */
        bool alerted;                  /* … in this breach */

        unsigned n_packets, n_heart_rates, n_rejected[_REJECTION_MAX], n_states[_SENSOR_STATE_MAX],
                        n_breaches;
        ReplayHeard *heard; /* n_heart_rates of them */
        Lines *found, *broken;
        ReplayFigures figures;
} Play;

/* -- Text -- */

void lines_add(Lines *l, const char *format, ...)
{
        _cleanup_free_ char *line = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&line, format, arguments);
        va_end(arguments);
        if (n >= 0)
                l->text = realloc(l->text, l->size + (size_t)n + 2); /* not kept where it fails */
        if (n < 0 || !l->text) {
                fputs("out of memory\n", stderr);
                exit(EXIT_FAILURE);
        }
        l->size = (size_t)(stpcpy(stpcpy(l->text + l->size, line), "\n") - l->text);
        l->n++;
}

void lines_free(Lines *l)
{
        free(l->text);
        *l = (Lines){ .text = NULL };
}

const char *replay_number(double value, char buf[static REPLAY_NUMBER_MAX])
{
        int n = snprintf(buf, REPLAY_NUMBER_MAX, "%.3f", value);

        if (n < 0 || n >= (int)REPLAY_NUMBER_MAX || !strchr(buf, '.'))
                return buf;
        while (buf[n - 1] == '0')
                buf[--n] = '\0';
        if (buf[n - 1] == '.')
                buf[--n] = '\0';
        return strcmp(buf, "-0") == 0 ? strcpy(buf, "0") : buf;
}

static double seconds(usec_t usec)
{
        return (double)usec / USEC_PER_SEC;
}

/* From the file's start. */
static double from_start(usec_t at_usec)
{
        return at_usec < ORIGIN_USEC ? -seconds(ORIGIN_USEC - at_usec) : seconds(at_usec - ORIGIN_USEC);
}

typedef struct Number {
        char text[REPLAY_NUMBER_MAX];
} Number;

#define NUMBER(value) replay_number(value, (Number){ "" }.text)

#define TOLD(p, format, ...) \
        lines_add((p)->found, "%s " format, NUMBER(from_start((p)->now_usec)), ##__VA_ARGS__)
#define BROKEN(p, format, ...) \
        lines_add((p)->broken, "at %s: " format, NUMBER(from_start((p)->now_usec)), ##__VA_ARGS__)

/* -- What the core finds out; see manager/facts.c -- */

static int64_t session_t(const Play *p, usec_t at_usec)
{
        return ((int64_t)at_usec - (int64_t)p->begin_usec) / (int64_t)USEC_PER_MSEC;
}

static int64_t realtime_ms(usec_t at_usec)
{
        return ORIGIN_MS + ((int64_t)at_usec - (int64_t)ORIGIN_USEC) / (int64_t)USEC_PER_MSEC;
}

static void commit(Play *p)
{
        int r = store_commit(p->store);

        if (r < 0)
                BROKEN(p, "the store could not write: %s", strerror(-r));
        p->committed_usec = p->now_usec;
}

static const char *address(unsigned sensor, char buf[static ADDRESS_STRING_MAX])
{
        (void)snprintf(buf, ADDRESS_STRING_MAX, "C0:FF:EE:00:00:%02X", (uint8_t)sensor);
        return buf;
}

static void session_started(Play *p, const Fact *f)
{
        char expression[INTENSITY_STRING_MAX], bounds[ZONE_BOUNDS_STRING_MAX], strap[ADDRESS_STRING_MAX];
        const SessionHead head = {
                .address = address(f->sensor, strap),
                .by_hand = p->engine->recorder.by_hand,
                .started_at = realtime_ms(f->at_usec),
                .runner = p->engine->config.runner,
                .ceiling = f->ceiling,
                .ceiling_expression = intensity_to_string(engine_ceiling(p->engine), expression),
                .tolerance = p->engine->config.limiter.tolerance,
                .zone_model = zone_model_to_string(p->config->zone_model),
                .zone_bounds = config_zone_bounds(p->config, bounds),
        };

        if (p->session != 0)
                BROKEN(p, "a session begins within another one");
        p->session = session_writer_begin(p->store, &head, f->at_usec, &p->writer);
        if (p->session <= 0)
                BROKEN(p, "the store does not begin a session: %s", strerror((int)-p->session));
        p->begin_usec = f->at_usec;
        p->alert_usec = 0;
        if (p->figures.sessions++ == 0) {
                p->figures.noticed = from_start(p->now_usec);
                p->figures.began = from_start(f->at_usec);
        }
        TOLD(p, "session begins, from %s%s", NUMBER(from_start(f->at_usec)), head.by_hand ? ", by hand" : "");
        commit(p);
}

static void session_over(Play *p, const Fact *f)
{
        if (p->session == 0)
                BROKEN(p, "a session ends that did not begin");
        if (f->type == FACT_SESSION_ENDED) {
                (void)session_writer_end(p->writer, session_t(p, f->at_usec), f->resumable);
                TOLD(p, "session ended at %s%s", NUMBER(from_start(f->at_usec)),
                                f->resumable ? ", to go on" : "");
        } else {
                session_writer_discard(p->writer);
                p->figures.sessions--;
                TOLD(p, "session discarded");
        }
        p->session = 0;
        p->writer = NULL;
        commit(p);
}

/* What is announced to the runner must never be too much, whatever is sent. */
static void check_announcement(Play *p, const Fact *f)
{
        usec_t pause_usec = p->now_usec - p->alert_usec;

        if (p->session == 0)
                BROKEN(p, "a breach is announced outside of a session");
        if (f->type == FACT_OVER_LIMIT) {
                if (f->announce && p->alert_usec > 0 && pause_usec < p->config->repeat_usec)
                        BROKEN(p, "it is announced to be over the limit %s s after the last time",
                                        NUMBER(seconds(pause_usec)));
                if (f->begins)
                        p->alerted = false;
                if (f->announce) {
                        p->alert_usec = p->now_usec;
                        p->alerted = true;
                }
        } else if (f->announce && !p->alerted) {
                BROKEN(p, "it is announced to be back in range, and was not announced to be over the limit");
        }
}

static void limit(Play *p, const Fact *f)
{
        bool over = f->type == FACT_OVER_LIMIT;

        check_announcement(p, f);
        session_writer_fact(p->writer, f, NULL);
        if (over && f->announce && isnan(p->figures.first_alert))
                p->figures.first_alert = from_start(p->now_usec);
        TOLD(p, "%s: %s bpm, ceiling %s, for %s%s",
                        !over       ? "back in range"
                        : f->begins ? "over limit"
                                    : "still over",
                        NUMBER(f->heart_rate), NUMBER(f->ceiling), NUMBER(seconds(f->length_usec)),
                        f->announce ? "" : "; not announced");
}

static void ceiling_changed(Play *p, const Fact *f)
{
        char expression[INTENSITY_STRING_MAX];

        session_writer_fact(p->writer, f, intensity_to_string(engine_ceiling(p->engine), expression));
        if (isnan(f->ceiling))
                TOLD(p, "no ceiling");
        else
                TOLD(p, "ceiling %s", NUMBER(f->ceiling));
}

static void heart_rate(Play *p, const Fact *f)
{
        unsigned n = p->n_heart_rates++;

        if ((n & (n - 1)) == 0)
                p->heard = reallocarray(p->heard, n > 0 ? 2 * n : 1, sizeof(*p->heard));
        if (!p->heard) {
                fputs("out of memory\n", stderr);
                exit(EXIT_FAILURE);
        }
        p->heard[n] = (ReplayHeard){
                .at_ms = ORIGIN_MS + ((int64_t)f->at_usec - (int64_t)ORIGIN_USEC) / (int64_t)USEC_PER_MSEC,
                .sensor = f->sensor,
                .heart_rate = f->sample->heart_rate,
                .has_rr = f->n_rr > 0,
        };
}

static void on_fact(void *userdata, const Fact *f)
{
        Play *p = userdata;
        char text[ADDRESS_STRING_MAX];

        switch (f->type) {
        case FACT_REJECTED:
                p->n_rejected[f->reason]++;
                break;
        case FACT_SENSOR:
                p->n_states[p->engine->track[f->sensor].state]++;
                break;
        case FACT_HEART_RATE:
                heart_rate(p, f);
                break;
        case FACT_SAMPLE:
        case FACT_GAP:
        case FACT_CONTACT_LOST:
        case FACT_STALE:
        case FACT_ZONE:
                session_writer_fact(p->writer, f, NULL);
                break;
        case FACT_SESSION_STARTED:
                session_started(p, f);
                break;
        case FACT_SESSION_ENDED:
        case FACT_SESSION_DISCARDED:
                session_over(p, f);
                break;
        case FACT_OVER_LIMIT:
        case FACT_BACK_IN_RANGE:
                limit(p, f);
                break;
        case FACT_CEILING:
                ceiling_changed(p, f);
                break;
        case FACT_SNOOZE:
                session_writer_fact(p->writer, f, NULL);
                TOLD(p, "snoozed for %s", NUMBER(seconds(f->length_usec)));
                break;
        case FACT_STRAP:
                session_writer_fact(p->writer, f, address(f->sensor, text));
                TOLD(p, "goes on with strap %u", f->sensor);
                break;
        case FACT_STRAP_LOST:
        case FACT_STRAP_BACK:
                session_writer_fact(p->writer, f, NULL);
                TOLD(p, "strap %s, after %s", f->type == FACT_STRAP_LOST ? "lost" : "back",
                                NUMBER(seconds(f->length_usec)));
                break;
        case FACT_BATTERY_LOW:
        case FACT_BATTERY_RISEN: /* of which no file has a level */
                BROKEN(p, "a battery has another level");
                break;
        case _FACT_TYPE_MAX:
        case _FACT_TYPE_INVALID:
                break;
        }
}

/* -- The way of time -- */

static int handle(Play *p, const Event *e)
{
        return engine_handle(p->engine, e, p->now_usec, on_fact, p);
}

/* Ticks up to a time, as the daemon's timer delivers them: late while the machine is suspended. */
static void advance(Play *p, usec_t to_usec)
{
        if (p->asleep && p->awake_usec <= to_usec) {
                p->asleep = false;
                p->now_usec = p->awake_usec;
                (void)handle(p, &(Event){ .type = EVENT_AWAKE }); /* never refused */
        }
        for (;;) {
                usec_t due_usec = engine_deadline(p->engine);

                if (due_usec < p->awake_usec)
                        due_usec = p->awake_usec;
                if (due_usec > to_usec)
                        break;
                if (due_usec > p->now_usec)
                        p->now_usec = due_usec;
                (void)handle(p, &(Event){ .type = EVENT_TICK }); /* time is never refused */
                if (engine_deadline(p->engine) <= p->now_usec) {
                        BROKEN(p, "the core asks for a tick and stands still");
                        break;
                }
        }
        p->now_usec = to_usec;
        if (p->session != 0 && p->now_usec - p->committed_usec >= COMMIT_USEC)
                commit(p);
}

static void play_step(Play *p, const ReplayStep *s)
{
        Event e = { .sensor = s->sensor };

        if (!p->begun[s->sensor] && (s->type == REPLAY_PACKET || s->type == REPLAY_LINK)) {
                p->begun[s->sensor] = true;
                if (s->type == REPLAY_PACKET)
                        (void)handle(p, &(Event){ .type = EVENT_LINK,
                                                        .sensor = s->sensor,
                                                        .link = SENSOR_LINK_CONNECTED });
        }
        switch (s->type) {
        case REPLAY_PACKET:
                p->n_packets++;
                e.type = EVENT_NOTIFICATION;
                e.value = s->value;
                e.size = s->size;
                break;
        case REPLAY_LINK:
                e.type = EVENT_LINK;
                e.link = s->link;
                break;
        case REPLAY_START:
                e.type = EVENT_START;
                break;
        case REPLAY_STOP:
                e.type = EVENT_STOP;
                break;
        case REPLAY_SNOOZE:
                e.type = EVENT_SNOOZE;
                e.length_usec = s->length_usec;
                break;
        case REPLAY_CEILING:
                e.type = EVENT_CEILING;
                e.intensity = s->ceiling;
                break;
        case REPLAY_HOLD:
                e.type = EVENT_HOLD;
                break;
        case REPLAY_RELEASE:
                e.type = EVENT_RELEASE;
                break;
        case REPLAY_END:
                e.type = EVENT_SUSPEND;
                break;
        case REPLAY_ASLEEP:
                p->awake_usec = p->now_usec + s->length_usec;
                p->asleep = true;
                return;
        case _REPLAY_STEP_TYPE_MAX:
        case _REPLAY_STEP_TYPE_INVALID:
                return;
        }
        if (handle(p, &e) < 0)
                TOLD(p, "refused");
}

static void play_all(Play *p)
{
        const Replay *r = p->replay;
        bool ended = false;

        for (size_t i = 0; i < r->n_steps && !ended; i++) {
                advance(p, ORIGIN_USEC + r->step[i].at_usec);
                play_step(p, &r->step[i]);
                ended = r->step[i].type == REPLAY_END;
        }
        if (!ended)
                advance(p, p->now_usec + SILENCE_USEC);
        if (p->session != 0)
                BROKEN(p, "a session is still open");
}

static void count_up(Play *p)
{
        Lines *l = p->found;
        char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return;
        fprintf(f, "%u packets, %u heart rates", p->n_packets, p->n_heart_rates);
        for (Rejection i = 0; i < _REJECTION_MAX; i++)
                if (p->n_rejected[i] > 0)
                        fprintf(f, ", %u %s", p->n_rejected[i], rejection_to_string(i));
        fputs("; states:", f);
        for (SensorState i = 0; i < _SENSOR_STATE_MAX; i++)
                if (p->n_states[i] > 0)
                        fprintf(f, " %u %s", p->n_states[i], sensor_state_to_string(i));
        if (fclose(f) == 0)
                lines_add(l, "%s", text);
        free(text);
}

/* -- Before and after -- */

/* The first n of these lines: the file's own, or those that hold without it. */
static int write_config(const char *path, const ReplayConfig *lines, size_t n)
{
        FILE *f = fopen(path, "we");

        if (!f)
                return -errno;
        for (size_t i = 0; i < n; i++) {
                int section = (int)strcspn(lines[i].key, ".");

                fprintf(f, "[%.*s]\n%s = %s\n", section, lines[i].key, lines[i].key + section + 1,
                                lines[i].value);
        }
        return fclose(f) != 0 ? -errno : 0;
}

static int begin(Play *p, char **ret_error)
{
        static const ReplayConfig standard[] = { { .key = "runner.age", .value = "23" },
                { .key = "runner.resting-heart-rate", .value = "50" } };
        _cleanup_free_ char *config = NULL, *drop_ins = NULL, *own = NULL, *error = NULL;
        EngineConfig engine_config;
        Runner runner;
        int r;

        if (asprintf(&p->path, "%s/cardiod.db", p->folder) < 0 ||
                        asprintf(&config, "%s/cardiod.conf", p->folder) < 0 ||
                        asprintf(&drop_ins, "%s.d", config) < 0 ||
                        asprintf(&own, "%s/replay.conf", drop_ins) < 0)
                return -ENOMEM;
        r = mkdir(drop_ins, 0700) < 0 ? -errno : 0;
        if (r == 0)
                r = write_config(config, standard, ELEMENTSOF(standard));
        if (r == 0)
                r = write_config(own, p->replay->config, p->replay->n_config);
        if (r < 0)
                return replay_error(
                                ret_error, "%s: cannot write a configuration: %s", p->folder, strerror(-r));
        r = config_load(config, true, TODAY, &p->config, &error);
        if (r < 0)
                return replay_error(ret_error, "%s: %s", p->replay->path, error ? error : "out of memory");
        r = store_open(p->path, true, &p->store, &error);
        if (r < 0)
                return replay_error(ret_error, "%s", error ? error : "out of memory");
        p->engine = calloc(1, sizeof(*p->engine));
        if (!p->engine)
                return -ENOMEM;
        runner = config_runner(p->config, TODAY);
        engine_config = config_engine(p->config, &runner);
        engine_begin(p->engine, &engine_config);
        return 0;
}

static void end(Play *p)
{
        p->store = store_close(p->store);
        free(p->engine);
        free(p->heard);
        p->config = config_free(p->config);
        free(p->path);
}

/* What the rows say once they were computed anew from the samples and events, as after a crash, has to be the same. */
static int check_again(Play *p, const Lines *rows, char **ret_error)
{
        _cleanup_lines_ Lines again = { .text = NULL }, ignored = { .text = NULL };
        ReplayFigures figures = { .peak = NAN };
        OpenSession open;
        char *error = NULL;
        int r;

        r = replay_rows_reopen(p->path, ret_error);
        if (r < 0)
                return r;
        r = store_open(p->path, true, &p->store, &error);
        if (r < 0) {
                *ret_error = error;
                return r;
        }
        r = store_recover(p->store, INT64_MAX / 2, 1, &open);
        p->store = store_close(p->store);
        if (r < 0)
                return replay_error(ret_error, "the rows cannot be computed anew: %s", strerror(-r));
        r = replay_rows(p->path, ORIGIN_MS, &again, &ignored, &figures, ret_error);
        if (r == 0 && rows->size > 0 && (!again.text || strcmp(rows->text, again.text) != 0))
                lines_add(p->broken, "computed anew from its rows it is:\n%s",
                                again.text ? again.text : "nothing");
        return r;
}

static int play(Play *p, char **ret_error)
{
        _cleanup_lines_ Lines rows = { .text = NULL };
        int r;

        p->now_usec = ORIGIN_USEC;
        play_all(p);
        p->store = store_close(p->store);
        r = replay_rows(p->path, ORIGIN_MS, &rows, p->broken, &p->figures, ret_error);
        if (r < 0)
                return r;
        if (rows.size > 0) {
                rows.text[rows.size - 1] = '\0';
                lines_add(p->found, "%s", rows.text);
                rows.text[rows.size - 1] = '\n';
        }
        count_up(p);
        p->figures.heart_rates = p->n_heart_rates;
        r = check_again(p, &rows, ret_error);
        return r < 0 ? r : replay_again(p->path, p->config, p->heard, p->n_heart_rates, p->broken, ret_error);
}

int replay_play(const Replay *r, const char *folder, Lines *ret_found, Lines *ret_broken,
                ReplayFigures *ret_figures, char **ret_error)
{
        Play p = { .replay = r,
                .folder = folder,
                .found = ret_found,
                .broken = ret_broken,
                .figures = { .noticed = NAN, .began = NAN, .first_alert = NAN, .peak = NAN } };
        int q;

        *ret_error = NULL;
        q = begin(&p, ret_error);
        if (q == 0)
                q = play(&p, ret_error);
        end(&p);
        if (q == 0 && ret_figures)
                *ret_figures = p.figures;
        return q;
}
