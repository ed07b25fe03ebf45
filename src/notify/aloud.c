/* SPDX-License-Identifier: MIT */

/* Sound and speech. How long a notification server is waited for runs on CLOCK_MONOTONIC. */

#include "aloud.h"

#include <stdio.h>
#include <string.h>

#include "say.h"
#include "sound.h"
#include "speech.h"
#include "worker.h"

struct Aloud {
        sd_event *event;
        NotifyConfig config;
        AloudFunc take_over;
        void *userdata;
        Worker *sound, *speech; /* NULL: this program was built without */
        Notice pending;         /* the server may sound it, while … */
        sd_event_source *patience;
        bool reported; /* the log has a line that sound is missing */
};

static WorkerTask task_of(const Notice *n)
{
        return (WorkerTask){
                .at_boot_usec = n->at_boot_usec,
                .urgent = n->type != NOTICE_BACK_IN_RANGE && n->type != NOTICE_PACE_IN_RANGE &&
                          n->type != NOTICE_STRAP_BACK && n->type != NOTICE_DISK_WRITES,
        };
}

static void aloud_sound_now(Aloud *a, const Notice *n)
{
        WorkerTask task = task_of(n);

        if (!a->sound) {
                if (!a->reported)
                        say("no sound: this cardio-notify was built without libcanberra");
                a->reported = true;
                return;
        }
        (void)snprintf(task.what, sizeof(task.what), "%s", n->sound);
        (void)snprintf(task.how, sizeof(task.how), "%s", n->summary);
        worker_give(a->sound, &task);
}

static void aloud_say(Aloud *a, const Notice *n)
{
        WorkerTask task = task_of(n);

        if (!a->config.speak || !a->speech || !speech_text(n, task.what))
                return;
        (void)snprintf(task.how, sizeof(task.how), "%s", a->config.language);
        worker_give(a->speech, &task);
}

static void aloud_expect_no_more(Aloud *a)
{
        a->patience = sd_event_source_disable_unref(a->patience);
}

static int aloud_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        Aloud *a = userdata;

        (void)source;
        (void)usec;
        aloud_expect_no_more(a);
        a->take_over(a->userdata, a->pending.type);
        aloud_sound_now(a, &a->pending);
        return 0;
}

const char *aloud_sound(const Aloud *a, const Notice *n)
{
        return a->config.sound ? sound_name(n->type, a->config.speak && a->speech) : NULL;
}

void aloud_play(Aloud *a, const Notice *n, bool by_server)
{
        aloud_say(a, n);
        if (!n->sound)
                return;
        aloud_expect_no_more(a); /* the newer one */
        a->pending = *n;
        if (!by_server || sd_event_add_time_relative(a->event, &a->patience, CLOCK_MONOTONIC,
                                          ALOUD_SERVER_USEC, 0, aloud_on_patience, a) < 0)
                aloud_sound_now(a, n);
}

void aloud_sounded(Aloud *a, NoticeType type, bool by_server)
{
        if (!a->patience || a->pending.type != type)
                return;
        aloud_expect_no_more(a);
        if (!by_server)
                aloud_sound_now(a, &a->pending);
}

/* speech-dispatcher and its voice are started by whoever speaks first, which takes seconds on a small machine. */
void aloud_prepare(Aloud *a)
{
        if (a->config.speak && a->speech)
                worker_prepare(a->speech);
}

void aloud_hush(Aloud *a)
{
        aloud_expect_no_more(a);
        if (a->sound)
                worker_hush(a->sound);
        if (a->speech)
                worker_hush(a->speech);
}

void aloud_configure(Aloud *a, const NotifyConfig *config)
{
        a->config = *config;
        if (config->speak && !a->speech)
                say("speak = yes: this cardio-notify was built without libspeechd, and says nothing");
}

int aloud_new(sd_event *event, const NotifyConfig *config, AloudFunc take_over, void *userdata, Aloud **ret)
{
        _cleanup_(aloud_freep) Aloud *a = calloc(1, sizeof(*a));
        int r = 0;

        if (!a)
                return -ENOMEM;
        a->event = sd_event_ref(event);
        a->take_over = take_over;
        a->userdata = userdata;
        if (sound_worker)
                r = worker_new(event, sound_worker, NULL, NULL, &a->sound);
        if (r >= 0 && speech_worker)
                r = worker_new(event, speech_worker, NULL, NULL, &a->speech);
        if (r < 0)
                return r;
        aloud_configure(a, config);
        *ret = TAKE_PTR(a);
        return 0;
}

Aloud *aloud_free(Aloud *a)
{
        if (!a)
                return NULL;
        aloud_expect_no_more(a);
        worker_free(a->sound);
        worker_free(a->speech);
        sd_event_unref(a->event);
        free(a);
        return NULL;
}
