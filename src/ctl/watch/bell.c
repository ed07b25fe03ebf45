/* SPDX-License-Identifier: MIT */
/* The bell of `watch --bell`. It waits for a moment before it rings: after a time in which the program was stopped many
 * signals are read at once, and only what is still true then is news. Its clock is CLOCK_MONOTONIC, of the event loop;
 * CLOCK_REALTIME for how long alerts are snoozed. */
#include "watch/bell.h"

#include "watch/live-clock.h"
#include "watch/view.h"

#define MOMENT_USEC (50 * USEC_PER_MSEC)
/* Between two strokes: terminals make one of what comes closer. */
#define STROKE_USEC (400 * USEC_PER_MSEC)

struct Bell {
        sd_event *event;
        const Live *live;
        void (*func)(void *userdata);
        void *userdata;
        bool wanted[_BELL_REASON_MAX];
        unsigned strokes; /* that are left */
        sd_event_source *timer;
};

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata);

static void arm(Bell *b, usec_t usec)
{
        b->timer = sd_event_source_disable_unref(b->timer);
        /* Without memory it does not ring; nothing else suffers. */
        (void)sd_event_add_time_relative(b->event, &b->timer, CLOCK_MONOTONIC, usec, 0, on_timer, b);
}

static void count_strokes(Bell *b)
{
        const ViewNow now = { .boot_usec = live_clock_usec(), .realtime_usec = now_realtime_usec() };
        static const unsigned strokes[_BELL_REASON_MAX] = {
                [BELL_OVER_LIMIT] = 1,
                [BELL_OVER_PACE] = 1,
                [BELL_CUE] = 1,
                [BELL_TROUBLE] = 2,
        };

        for (BellReason i = 0; i < _BELL_REASON_MAX; i++) {
                Verdict v = verdict(b->live, &now);
                bool holds = i == BELL_OVER_LIMIT  ? v == VERDICT_TOO_FAST
                             : i == BELL_OVER_PACE ? v == VERDICT_TOO_FAST_PACE
                                                   : true;

                if (b->wanted[i] && holds && strokes[i] > b->strokes)
                        b->strokes = strokes[i];
                b->wanted[i] = false;
        }
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bell *b = userdata;

        (void)source;
        (void)usec;
        b->timer = sd_event_source_disable_unref(b->timer);
        count_strokes(b);
        if (b->strokes == 0)
                return 0;
        b->strokes--;
        b->func(b->userdata);
        if (b->strokes > 0)
                arm(b, STROKE_USEC);
        return 0;
}

void bell_want(Bell *b, BellReason reason)
{
        b->wanted[reason] = true;
        if (!b->timer)
                arm(b, MOMENT_USEC);
}

int bell_new(sd_event *event, const Live *live, void (*func)(void *userdata), void *userdata, Bell **ret)
{
        Bell *b = calloc(1, sizeof(*b));

        if (!b)
                return -ENOMEM;
        *b = (Bell){ .event = sd_event_ref(event), .live = live, .func = func, .userdata = userdata };
        *ret = b;
        return 0;
}

Bell *bell_free(Bell *b)
{
        if (!b)
                return NULL;
        sd_event_source_disable_unref(b->timer);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}
