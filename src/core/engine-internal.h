/* SPDX-License-Identifier: MIT */
#pragma once

#include "cardio/engine.h"

/* What engine.c and engine-session.c share. */

/* One call of engine_handle(). */
typedef struct Step {
        Engine *e;
        usec_t now_usec;
        usec_t clock_usec; /* the caller's: the newest heart rate may be ahead of it */
        FactFunc report;
        void *userdata;
} Step;

void emit_fact(const Step *step, Fact *fact);
#define emit(step, ...) emit_fact(step, &(Fact)__VA_ARGS__)

/* A heart rate and its R-R intervals, as they go from stage to stage; emitted once, or once more as the session's. */
Fact heart_rate_fact(unsigned sensor, const Sample *sample, const uint16_t *rr, size_t n_rr);

/* An intensity in bpm, for the engine's runner; NAN if it is none. */
double engine_bpm(const Engine *e, const Intensity *intensity);

/* Computes the ceiling in force anew and emits it if it moved. */
void session_update_ceiling(const Step *step);

/* The session's stages begin, its first heart rate yet to come. */
void session_begin(Engine *e);

/* The strap may be lost by now. */
void session_silence(const Step *step);

/* A session by hand. first: its first heart rate, NULL = it is yet to come. */
void session_start(const Step *step, unsigned sensor, usec_t begin_usec, const Sample *first);

/* The same of all heart rates from begin_usec on that the ring of the strap holds: of one at least. */
void session_whole(const Step *step, unsigned sensor, usec_t begin_usec);

/* recorder → limiter: a heart rate of any strap, which may be the session's or begin one. */
void session_heart_rate(const Step *step, Fact *fact, usec_t credit_usec);

/* Carries out what the recorder has decided. */
void session_action(const Step *step, RecorderAction action);

/* type: FACT_SESSION_ENDED or FACT_SESSION_DISCARDED. */
void session_ended(const Step *step, FactType type, bool resumable);

/* The session's strap may have sent no heart rate for so long that this is a gap: emits why, as far as the strap says. */
void session_gap(const Step *step);

/* The muting of the limiter may have run out. */
void session_unmute(const Step *step);
