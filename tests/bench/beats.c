/* SPDX-License-Identifier: MIT */

/* What R-R intervals cost: α1 of two minutes, as every 20 s of a run, and all that a session's beats come to once it is over.
 *
 *      beats DATABASE   a new file; one session of three hours and one of a day are recorded to it
 *
 * On standard output one `name value` a line, in CPU time of this thread: alpha1_ns; and of each session the time in ms that its
 * beats take the core, and that its closing takes in all, with and without beats. */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cardio/beats.h"
#include "cardio/macro.h"
#include "daemon/store/store.h"
#include "daemon/store/writer.h"

#define ALPHA1_TIMES 2000

static uint64_t cpu_ns(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* it cannot fail for this clock */
        return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A runner at 150 bpm: the beats of each second. */
typedef struct Run {
        double due_ms;
        uint32_t random;
} Run;

static size_t next_second(Run *run, unsigned second, uint16_t rr[static 8])
{
        size_t n = 0;

        while (run->due_ms <= 1000.0 * second) {
                double beat = 392;

                run->random = run->random * 1664525 + 1013904223;
                beat += (run->random >> 16) % 17;
                if (run->random >> 25 == 0) /* one in 128 is missed */
                        beat *= 2;
                run->due_ms += beat;
                rr[n++] = (uint16_t)lround(beat * 1.024);
        }
        return n;
}

static void on_flag(void *userdata, int64_t t, unsigned seq, ArtefactFlag flag)
{
        (void)userdata, (void)t, (void)seq, (void)flag;
}

static void on_alpha1(void *userdata, int64_t t, const Alpha1 *alpha1)
{
        (void)userdata, (void)t, (void)alpha1;
}

static uint64_t core_ns(Beats *b, unsigned seconds)
{
        static const Runner runner = { .resting = 50, .maximum = 197 };
        const BeatsTarget target = { .flag = on_flag, .alpha1 = on_alpha1 };
        uint64_t begin_ns = cpu_ns();
        BeatsFigures figures;
        Run run = { 0 };

        beats_begin(b, &runner, false, &target);
        for (unsigned i = 0; i < seconds; i++) {
                uint16_t rr[8];
                size_t n = next_second(&run, i, rr);

                beats_heart_rate(b, 1000 * (int64_t)i, 150, true, rr, n);
        }
        beats_end(b, &figures);
        return cpu_ns() - begin_ns;
}

static uint64_t alpha1_ns(const Beats *b)
{
        usec_t now_usec = ring_at(&b->ring, ring_end(&b->ring) - 1)->at_usec;
        uint64_t begin_ns = cpu_ns();
        volatile double sum = 0;

        for (unsigned i = 0; i < ALPHA1_TIMES; i++)
                sum += alpha1_of(&b->ring, now_usec, 100, false).artefact_percent;
        (void)sum; /* so that it is computed */
        return (cpu_ns() - begin_ns) / ALPHA1_TIMES;
}

/* Records it, and returns how long its last commit takes. */
static uint64_t close_ns(Store *s, unsigned seconds, bool beats)
{
        const SessionHead head = { .address = "C0:FF:EE:00:00:01",
                .started_at = 1700000000000,
                .runner = { .resting = 50, .maximum = 197 },
                .ceiling = 145,
                .ceiling_expression = "145",
                .zone_model = "hrr",
                .zone_bounds = "50 60 70 80 90" };
        SessionWriter *w = NULL;
        uint64_t begin_ns;
        Run run = { 0 };

        if (session_writer_begin(s, &head, 0, &w) < 0)
                return 0;
        for (unsigned i = 0; i < seconds; i++) {
                Sample sample = { .heart_rate = 150,
                        .smoothed = 150,
                        .zone = 3,
                        .contact = CONTACT_YES,
                        .settled = SETTLED_YES,
                        .live = true };
                uint16_t rr[8];
                size_t n = next_second(&run, i, rr);

                session_writer_sample(w, 1000 * (int64_t)i, &sample, rr, beats ? n : 0);
                if (i % 600 == 599)
                        (void)store_commit_wait(s);
        }
        (void)store_commit_wait(s);
        session_writer_end(w, 1000 * (int64_t)(seconds - 1), false);
        begin_ns = cpu_ns();
        if (store_commit(s) < 0)
                return 0;
        return cpu_ns() - begin_ns;
}

int main(int argc, char *argv[])
{
        static const unsigned hours[] = { 3, 24 };
        _cleanup_free_ Beats *b = calloc(1, sizeof(*b));
        _cleanup_free_ char *error = NULL;
        _cleanup_(store_closep) Store *s = NULL;

        if (argc != 2 || !b || store_open(argv[1], false, &s, &error) < 0) {
                (void)fprintf(stderr, "%s\n", error ? error : "usage: beats DATABASE");
                return EXIT_FAILURE;
        }
        (void)core_ns(b, 600);
        printf("alpha1_ns %" PRIu64 "\n", alpha1_ns(b));
        for (size_t i = 0; i < ELEMENTSOF(hours); i++) {
                unsigned seconds = hours[i] * 3600;

                printf("core_ms_%u_h %.1f\n", hours[i], (double)core_ns(b, seconds) / 1e6);
                printf("close_ms_%u_h %.1f\n", hours[i], (double)close_ns(s, seconds, true) / 1e6);
                printf("close_without_ms_%u_h %.1f\n", hours[i], (double)close_ns(s, seconds, false) / 1e6);
        }
        return EXIT_SUCCESS;
}
