/* SPDX-License-Identifier: MIT */

/* Sounds of the freedesktop theme, played by libcanberra, which talks to PulseAudio or PipeWire, else to ALSA. Runs in a process
 * of its own, where it may block. No clock but the limit of one that is waited for.
 *
 * Which sound: in the freedesktop theme the dialog-* ones are 20 dB below the rest (-31 dBFS, where most have -23 to -15), and
 * nobody hears them beside a treadmill. Of the loud ones these cannot be taken for each other: a beeping alarm clock (6 s); a chord
 * (1 s); one stroke of a bell (0.1 s); the busy tone of a telephone (3 s). */

#include "sound.h"

#include "cardio/macro.h"

#define SOUND_OVER_LIMIT "alarm-clock-elapsed"
#define SOUND_GOOD       "complete"
#define SOUND_SHORT      "bell"
#define SOUND_TROUBLE    "phone-outgoing-busy"

const char *sound_name(NoticeType type, bool spoken)
{
        switch (type) {
        case NOTICE_OVER_LIMIT:
        case NOTICE_OVER_PACE:
                return spoken ? SOUND_SHORT : SOUND_OVER_LIMIT;
        case NOTICE_BACK_IN_RANGE:
        case NOTICE_PACE_IN_RANGE:
                return spoken ? SOUND_SHORT : SOUND_GOOD;
        case NOTICE_STRAP_LOST:
        case NOTICE_DISK_REFUSES:
                return spoken ? SOUND_SHORT : SOUND_TROUBLE;
        case NOTICE_STRAP_BACK:
        case NOTICE_DISK_WRITES:
                return spoken ? SOUND_SHORT : SOUND_GOOD;
        case NOTICE_CUE:
        case NOTICE_TROUBLE:
                return SOUND_SHORT;
        case NOTICE_SESSION_ENDED:
        case NOTICE_ADVICE:
        case NOTICE_TALK_TEST:
        case NOTICE_NOT_SNOOZED:
        case NOTICE_NOT_NOTED:
        case _NOTICE_TYPE_MAX:
        case _NOTICE_TYPE_INVALID:
                break;
        }
        return NULL;
}

#if HAVE_CANBERRA

#include <canberra.h>
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

#include "notification.h"

#define SOUND_ID      1U
#define SOUND_MAX_SEC 10

static int sound_open(void **state, ca_context **ret)
{
        ca_context *c = *state;
        int r;

        if (!c) {
                r = ca_context_create(&c);
                if (r != CA_SUCCESS)
                        return r;
                r = ca_context_change_props(c, CA_PROP_APPLICATION_NAME, NOTIFICATIONS_APPLICATION,
                                CA_PROP_APPLICATION_ID, NOTIFICATIONS_DESKTOP_ENTRY,
                                CA_PROP_APPLICATION_ICON_NAME, NOTIFICATIONS_DESKTOP_ENTRY,
                                CA_PROP_APPLICATION_VERSION, CARDIO_VERSION, NULL);
                if (r != CA_SUCCESS) {
                        (void)ca_context_destroy(c);
                        return r;
                }
                *state = c;
        }
        *ret = c;
        return CA_SUCCESS;
}

static void sound_close(void **state)
{
        if (*state)
                (void)ca_context_destroy(*state); /* fails only for what is no context */
        *state = NULL;
}

typedef struct Playing {
        sem_t done;
        int result;
} Playing;

/* In a thread of the library's. */
static void on_done(ca_context *c, uint32_t id, int result, void *userdata)
{
        Playing *p = userdata;

        (void)c;
        (void)id;
        p->result = result;
        (void)sem_post(&p->done);
}

static void playing_wait(Playing *p)
{
        struct timespec until;

        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SOUND_MAX_SEC;
        while (sem_timedwait(&p->done, &until) < 0)
                if (errno != EINTR) {
                        p->result = CA_ERROR_NOTAVAILABLE;
                        return;
                }
}

static int sound_play(ca_context *c, const WorkerTask *task)
{
        Playing playing = { .result = CA_SUCCESS };
        ca_proplist *list;
        int r;

        r = ca_proplist_create(&list);
        if (r != CA_SUCCESS)
                return r;
        r = ca_proplist_sets(list, CA_PROP_EVENT_ID, task->what);
        if (r == CA_SUCCESS)
                r = ca_proplist_sets(list, CA_PROP_EVENT_DESCRIPTION, task->how);
        if (r == CA_SUCCESS)
                r = ca_proplist_sets(list, CA_PROP_MEDIA_ROLE, "event");
        if (r == CA_SUCCESS && sem_init(&playing.done, 0, 0) < 0)
                r = CA_ERROR_SYSTEM;
        if (r == CA_SUCCESS)
                r = ca_context_play_full(
                                c, SOUND_ID, list, task->wait ? on_done : NULL, task->wait ? &playing : NULL);
        (void)ca_proplist_destroy(list); /* it was copied */
        if (r != CA_SUCCESS || !task->wait)
                return r;
        playing_wait(&playing);
        return playing.result;
}

/* What it is asked for first may find that the server has exited: then it is connected to anew, once. */
static int sound_perform(void **state, const WorkerTask *task, char reason[static WORKER_REASON_MAX])
{
        bool known = *state, quiet = *task->what == '\0';
        ca_context *c;
        int r;

        if (quiet && !known)
                return 0;
        r = sound_open(state, &c);
        if (r == CA_SUCCESS) {
                (void)ca_context_cancel(c, SOUND_ID); /* nothing is played, mostly */
                if (quiet)
                        return 0;
                r = sound_play(c, task);
        }
        if (r == CA_SUCCESS)
                return 0;
        sound_close(state);
        if (known)
                return sound_perform(state, task, reason);
        if (r == CA_ERROR_NOTFOUND)
                (void)snprintf(reason, WORKER_REASON_MAX,
                                "there is no sound theme with %.60s: install sound-theme-freedesktop",
                                task->what);
        else
                (void)snprintf(reason, WORKER_REASON_MAX, "libcanberra: %s", ca_strerror(r));
        return -EIO;
}

static const WorkerType worker = { .name = "sound", .perform = sound_perform };
const WorkerType *const sound_worker = &worker;

#else

const WorkerType *const sound_worker = NULL;

#endif
