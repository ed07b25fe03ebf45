/* SPDX-License-Identifier: MIT */

/* The beats of a session, once it is closed: the core goes through its rows, and what it finds becomes rows and columns. A
 * session of three hours takes some 20 ms (tests/bench/RESULTS.md). No clock. */

#include "store/beats.h"

#include <errno.h>
#include <stdlib.h>

#include "cardio/beats.h"
#include "cardio/macro.h"
#include "store/errors.h"
#include "store/internal.h"

typedef struct Analysis {
        Store *store;
        int64_t session;
        int r; /* of what was written so far */
        Beats beats;
} Analysis;

/* -- What it finds -- */

static const Sql sql_artefact_insert = {
        .text = "INSERT INTO artefact (session_id, t, seq, flag) VALUES (?1, ?2, ?3, ?4)",
};

static const Sql sql_alpha1_insert = {
        .text = "INSERT INTO alpha1 (session_id, t, alpha1, artefact_percent) VALUES (?1, ?2, ?3, ?4)",
};

/* It stays prepared until the session is done. */
static void run_again(Analysis *a, sqlite3_stmt *st)
{
        int rc = sqlite3_step(st);

        (void)sqlite3_reset(st); /* its result repeats that of the step */
        if (a->r == 0 && rc != SQLITE_DONE)
                a->r = store_errno(rc);
}

static void on_flag(void *userdata, int64_t t, unsigned seq, ArtefactFlag flag)
{
        Analysis *a = userdata;
        sqlite3_stmt *st = store_statement(a->store, &sql_artefact_insert);

        sqlite3_bind_int64(st, 1, a->session);
        sqlite3_bind_int64(st, 2, t);
        sqlite3_bind_int64(st, 3, seq);
        sqlite3_bind_int(st, 4, (int)flag);
        run_again(a, st);
}

static void on_alpha1(void *userdata, int64_t t, const Alpha1 *alpha1)
{
        Analysis *a = userdata;
        sqlite3_stmt *st = store_statement(a->store, &sql_alpha1_insert);

        sqlite3_bind_int64(st, 1, a->session);
        sqlite3_bind_int64(st, 2, t);
        sqlite3_bind_double(st, 3, alpha1->alpha1);
        sqlite3_bind_double(st, 4, alpha1->artefact_percent);
        run_again(a, st);
}

/* -- What it goes through -- */

/* "[a,b,…]" as the daemon writes it. Anything else is from another program, and no intervals are. */
static size_t rr_from_json(const char *json, uint16_t ret[static MEASUREMENT_RR_MAX])
{
        size_t n = 0;

        if (!json || *json++ != '[')
                return 0;
        for (;; json++) {
                unsigned long rr;
                char *end;

                if (*json < '0' || *json > '9' || n == MEASUREMENT_RR_MAX)
                        return 0;
                rr = strtoul(json, &end, 10);
                if (rr > UINT16_MAX)
                        return 0;
                ret[n++] = (uint16_t)rr;
                json = end;
                if (*json != ',')
                        return json[0] == ']' && json[1] == '\0' ? n : 0;
        }
}

static const Sql sql_beats_samples = {
        .text = "SELECT t, smoothed, settled, rr_json FROM sample WHERE session_id = ?1 ORDER BY t",
};

static int go_through(Analysis *a)
{
        sqlite3_stmt *st = store_statement(a->store, &sql_beats_samples);
        int64_t last_t = -1;
        int rc = SQLITE_DONE;

        sqlite3_bind_int64(st, 1, a->session);
        while (a->r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
                uint16_t rr[MEASUREMENT_RR_MAX];
                int64_t t = sqlite3_column_int64(st, 0);
                size_t n = rr_from_json((const char *)sqlite3_column_text(st, 3), rr);

                if (t <= last_t || t >= INT64_MAX / (int64_t)USEC_PER_MSEC / 2)
                        a->r = -EBADMSG; /* the schema does not let that happen */
                else
                        beats_heart_rate(&a->beats, t, sqlite3_column_double(st, 1),
                                        sqlite3_column_int(st, 2), rr, n);
                last_t = t;
        }
        store_reset(a->store, &sql_beats_samples);
        if (a->r == 0 && rc != SQLITE_DONE)
                a->r = store_errno(rc);
        return a->r;
}

static const Sql sql_artefact_clear = {
        .text = "DELETE FROM artefact WHERE session_id = ?1",
};

static const Sql sql_alpha1_clear = {
        .text = "DELETE FROM alpha1 WHERE session_id = ?1",
};

static const Sql sql_beats_figures = {
        .text = "UPDATE session SET beats_known = 1, rmssd = ?2, sdnn = ?3, pnn50 = ?4, artefact_percent = ?5,"
                " hrr60 = ?6, held_hr = ?7 WHERE id = ?1",
};

static int write_figures(Analysis *a)
{
        sqlite3_stmt *st;
        BeatsFigures f;

        beats_end(&a->beats, &f);
        if (a->r < 0)
                return a->r;
        st = store_statement(a->store, &sql_beats_figures);
        sqlite3_bind_int64(st, 1, a->session);
        sqlite3_bind_double(st, 2, f.rmssd);
        sqlite3_bind_double(st, 3, f.sdnn);
        sqlite3_bind_double(st, 4, f.pnn50);
        sqlite3_bind_double(st, 5, f.artefact_percent);
        sqlite3_bind_double(st, 6, f.hrr60);
        sqlite3_bind_double(st, 7, f.held);
        return store_run(a->store, &sql_beats_figures);
}

void store_set_detrend(Store *s, bool detrend)
{
        s->detrend = detrend;
}

int store_analyse_session(Store *s, int64_t session, const Runner *runner)
{
        _cleanup_free_ Analysis *a = malloc(sizeof(*a)); /* most of it is never touched */
        const BeatsTarget target = { .flag = on_flag, .alpha1 = on_alpha1, .userdata = a };
        int r;

        if (!a)
                return -ENOMEM;
        r = store_run_for(s, &sql_artefact_clear, session);
        if (r == 0)
                r = store_run_for(s, &sql_alpha1_clear, session);
        if (r < 0)
                return r;
        a->store = s;
        a->session = session;
        a->r = 0;
        beats_begin(&a->beats, runner, s->detrend, &target);
        r = go_through(a);
        if (r == 0)
                r = write_figures(a);
        store_reset(s, &sql_artefact_insert);
        store_reset(s, &sql_alpha1_insert);
        return r;
}

const Sql *const store_sql_beats[] = {
        &sql_artefact_insert,
        &sql_alpha1_insert,
        &sql_beats_samples,
        &sql_artefact_clear,
        &sql_alpha1_clear,
        &sql_beats_figures,
        NULL,
};
