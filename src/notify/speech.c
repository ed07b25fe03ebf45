/* SPDX-License-Identifier: MIT */

/* Speech by speech-dispatcher, through libspeechd. Runs in a process of its own, where it may block. No clock but the limit of
 * a text that is waited for. */

#include "speech.h"

#if HAVE_SPEECHD

#include <errno.h>
#include <libspeechd.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardio/macro.h"

#define SPEECH_MAX_SEC 15

/* Its callbacks have no argument of ours. Used by the thread of the library's and by the one that waits for it. */
static sem_t spoken;

/* In a thread of the library's: said, or stopped by somebody else. */
static void on_spoken(size_t message, size_t client, SPDNotificationType type)
{
        (void)message;
        (void)client;
        (void)type;
        (void)sem_post(&spoken);
}

static void speech_close(void **state)
{
        if (*state)
                spd_close(*state);
        *state = NULL;
}

static int speech_open(void **state, bool wait, char reason[static WORKER_REASON_MAX])
{
        _cleanup_free_ char *error = NULL;
        SPDConnection *c;

        if (*state)
                return 0;
        /* The dispatcher is started if it does not run. The end of a text is told to a thread only. */
        c = spd_open2("cardio-notify", "alerts", NULL, wait ? SPD_MODE_THREADED : SPD_MODE_SINGLE, NULL, 1,
                        &error);
        if (!c) {
                (void)snprintf(reason, WORKER_REASON_MAX, "speech-dispatcher: %.120s",
                                error ? error : "it cannot be reached");
                return -EIO;
        }
        if (wait) {
                (void)sem_init(&spoken, 0, 0);
                c->callback_end = c->callback_cancel = on_spoken;
                (void)spd_set_notification_on(c, SPD_END);
                (void)spd_set_notification_on(c, SPD_CANCEL);
        }
        *state = c;
        return 0;
}

static int speech_wait(void)
{
        struct timespec until;

        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SPEECH_MAX_SEC;
        while (sem_timedwait(&spoken, &until) < 0)
                if (errno != EINTR)
                        return -ETIME;
        return 0;
}

static int speech_say(SPDConnection *c, const WorkerTask *task, char reason[static WORKER_REASON_MAX])
{
        if (spd_cancel(c) < 0 || spd_set_language(c, task->how) < 0) {
                (void)snprintf(reason, WORKER_REASON_MAX, "speech-dispatcher is gone");
                return -EPIPE;
        }
        if (*task->what == '\0')
                return 0;
        while (task->wait && sem_trywait(&spoken) == 0) /* of what was said before */
                ;
        if (spd_say(c, task->urgent ? SPD_IMPORTANT : SPD_MESSAGE, task->what) < 0) {
                (void)snprintf(reason, WORKER_REASON_MAX, "speech-dispatcher does not take the text");
                return -EPIPE;
        }
        if (task->wait && speech_wait() < 0) {
                (void)snprintf(reason, WORKER_REASON_MAX, "speech-dispatcher has not said it");
                return -ETIME;
        }
        return 0;
}

/* What it is asked for first may find that the dispatcher has exited: then it is connected to anew, once. */
static int speech_perform(void **state, const WorkerTask *task, char reason[static WORKER_REASON_MAX])
{
        bool known = *state;
        int r;

        if (*task->what == '\0' && !known && !task->prepare)
                return 0;
        r = speech_open(state, task->wait, reason);
        if (r >= 0 && !task->prepare)
                r = speech_say(*state, task, reason);
        if (r >= 0)
                return 0;
        speech_close(state);
        return known && r == -EPIPE ? speech_perform(state, task, reason) : r;
}

static const WorkerType worker = { .name = "speech", .perform = speech_perform };
const WorkerType *const speech_worker = &worker;

#else

const WorkerType *const speech_worker = NULL;

#endif
