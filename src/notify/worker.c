/* SPDX-License-Identifier: MIT */

/* A process for a library that may block. A task and its answer are one message each, on a socket that keeps messages apart.
 * The age of a task runs on CLOCK_BOOTTIME, so that nothing of before a suspension is done after it; pauses run on
 * CLOCK_MONOTONIC. */

#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/clock.h"
#include "pause.h"
#include "say.h"

/* Its end of the socket; above it nothing is open when it begins. */
#define CHILD_FD 3

#define TOO_LATE "it would have come too late"

struct Worker {
        sd_event *event;
        const WorkerType *type;
        WorkerFunc func;
        void *userdata;

        int fd; /* -1 = no process */
        sd_event_source *input, *exited;
        sd_event_source *late;  /* set while a task is with the process */
        sd_event_source *pause; /* set while none may be started */
        unsigned kills;         /* in a row */
        bool reported;          /* the log has a line that it does not work */

        WorkerTask waiting;
        bool waits;
        bool quiet; /* the one with the process is to be quiet */
};

typedef struct Answer {
        int result;
        char reason[WORKER_REASON_MAX];
} Answer;

/* -- In the process -------------------------------------------------------------------------------------- */

static void on_ignored(int signal)
{
        (void)signal;
}

/* It ends with us, not before: a service is stopped by a signal to all of its processes, and Ctrl-C goes to all, too. What it
 * starts in turn must not inherit that, so these are handled, not ignored. */
static void child_set_signals(void)
{
        static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
        const struct sigaction action = { .sa_handler = on_ignored, .sa_flags = SA_RESTART };
        sigset_t none;

        for (size_t i = 0; i < ELEMENTSOF(signals); i++)
                (void)sigaction(signals[i], &action, NULL); /* fails only for a signal that does not exist */
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Standard output may be --print's, and standard input somebody's. Both buses stay with our parent. Where our parent was
 * started without standard files, the socket may have the number of one. */
static int child_set_files(int fd)
{
        int null;

        if (fd < CHILD_FD)
                fd = fcntl(fd, F_DUPFD_CLOEXEC, CHILD_FD);
        null = fd < 0 ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0 || dup2(null, STDIN_FILENO) < 0)
                return -errno;
        if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0 && dup2(null, STDOUT_FILENO) < 0)
                return -errno;
        if (fd != CHILD_FD && dup3(fd, CHILD_FD, O_CLOEXEC) < 0)
                return -errno;
        return close_range(CHILD_FD + 1, ~0U, 0) < 0 ? -errno : 0;
}

static bool is_stale(const WorkerTask *task)
{
        return usec_sub(now_boot_usec(), task->at_boot_usec) > WORKER_FRESH_USEC;
}

static _Noreturn void child_run(const WorkerType *type, int fd, pid_t parent)
{
        void *state = NULL;
        WorkerTask task;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || child_set_files(fd) < 0)
                _exit(EXIT_FAILURE);
        child_set_signals();
        while (recv(CHILD_FD, &task, sizeof(task), 0) == sizeof(task)) {
                Answer answer = { .result = 0 };

                if (is_stale(&task)) {
                        answer.result = -ETIME;
                        (void)snprintf(answer.reason, sizeof(answer.reason), TOO_LATE);
                } else {
                        answer.result = type->perform(&state, &task, answer.reason);
                }
                if (send(CHILD_FD, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
                        break;
        }
        _exit(EXIT_SUCCESS);
}

/* -- The process, seen from here ------------------------------------------------------------------------- */

static void worker_next(Worker *w);

static void worker_answer(Worker *w, const char *reason)
{
        if (w->func) {
                w->func(w->userdata, reason);
                return;
        }
        if (reason && !w->reported)
                say("no %s: %s", w->type->name, reason);
        else if (!reason && w->reported)
                say("%s again", w->type->name);
        w->reported = reason;
}

/* It is reaped here. The socket says what is to be done. */
static int worker_on_exit(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        (void)info;
        (void)userdata;
        /* The loop's own source, of a process that was let go of, has done its work. */
        if (sd_event_source_get_floating(source) > 0)
                (void)sd_event_source_set_floating(source, false);
        return 0;
}

/* Lets go of the process; if it is still there, it is killed, and reaped by the event loop, which keeps the source until then. */
static void worker_end(Worker *w)
{
        if (w->fd < 0)
                return;
        w->input = sd_event_source_disable_unref(w->input);
        w->late = sd_event_source_disable_unref(w->late);
        if (sd_event_source_get_enabled(w->exited, NULL) > 0) { /* not reaped yet */
                (void)sd_event_source_send_child_signal(
                                w->exited, SIGKILL, NULL, 0); /* it may have ended by itself */
                (void)sd_event_source_set_floating(w->exited, true);
        }
        w->exited = sd_event_source_unref(w->exited);
        w->fd = (close(w->fd), -1);
}

static int worker_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        Worker *w = userdata;

        (void)source;
        (void)usec;
        w->pause = sd_event_source_disable_unref(w->pause);
        worker_next(w);
        return 0;
}

/* The process is of no use any more. */
static void worker_give_up(Worker *w, const char *reason)
{
        worker_end(w);
        w->kills++;
        /* Without a pause it is only tried again sooner. */
        (void)sd_event_add_time_relative(
                        w->event, &w->pause, CLOCK_MONOTONIC, pause_usec(w->kills), 0, worker_on_pause, w);
        worker_answer(w, reason);
        worker_next(w);
}

static int worker_on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        worker_give_up(userdata, "the server does not answer");
        return 0;
}

static int worker_on_input(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Worker *w = userdata;
        Answer answer;
        ssize_t n;

        (void)source;
        (void)events;
        n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n != sizeof(answer)) {
                worker_give_up(w, "its process has ended");
                return 0;
        }
        answer.reason[sizeof(answer.reason) - 1] = '\0';
        w->late = sd_event_source_disable_unref(w->late);
        w->kills = 0;
        if (!w->quiet)
                worker_answer(w, answer.result < 0 ? answer.reason : NULL);
        worker_next(w);
        return 0;
}

/* -- Tasks ----------------------------------------------------------------------------------------------- */

static int worker_watch(Worker *w, pid_t pid)
{
        int r = sd_event_add_child(w->event, &w->exited, pid, WEXITED, worker_on_exit, NULL);

        if (r < 0)
                return r;
        r = sd_event_add_io(w->event, &w->input, w->fd, EPOLLIN, worker_on_input, w);
        if (r < 0)
                w->exited = sd_event_source_disable_unref(w->exited);
        return r;
}

static int worker_start(Worker *w)
{
        pid_t parent = getpid(), pid;
        int fd[2], r;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
                return -errno;
        pid = fork();
        if (pid == 0)
                child_run(w->type, fd[1], parent);
        r = pid < 0 ? -errno : 0;
        (void)close(fd[1]);
        w->fd = fd[0];
        if (r >= 0) {
                r = worker_watch(w, pid);
                if (r < 0) {
                        (void)kill(pid, SIGKILL);
                        (void)waitpid(pid, NULL, 0);
                }
        }
        if (r < 0)
                w->fd = (close(w->fd), -1);
        return r;
}

static int worker_send(Worker *w, const WorkerTask *task)
{
        usec_t limit = usec_add(task->at_boot_usec,
                        task->wait || task->prepare ? WORKER_DONE_USEC : WORKER_FRESH_USEC);
        int r;

        /* One that has just ended is replaced. */
        if (w->fd >= 0 && send(w->fd, task, sizeof(*task), MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(*task))
                worker_end(w);
        if (w->fd < 0) {
                r = worker_start(w);
                if (r < 0)
                        return r;
                if (send(w->fd, task, sizeof(*task), MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(*task))
                        return -errno;
        }
        w->quiet = *task->what == '\0' && !task->prepare;
        return sd_event_add_time(w->event, &w->late, CLOCK_BOOTTIME, limit, 0, worker_on_late, w);
}

/* Gives the process the task that waits, if it can have it now. */
static void worker_next(Worker *w)
{
        int r;

        if (w->waits && is_stale(&w->waiting)) {
                w->waits = false;
                worker_answer(w, TOO_LATE);
        }
        if (w->fd < 0 && *w->waiting.what == '\0' && !w->waiting.prepare)
                w->waits = false; /* nothing is heard any more */
        if (!w->waits || w->late || w->pause)
                return;
        w->waits = false;
        r = worker_send(w, &w->waiting);
        if (r < 0)
                worker_give_up(w, strerror(-r));
}

void worker_give(Worker *w, const WorkerTask *task)
{
        w->waiting = *task;
        w->waits = true;
        worker_next(w);
}

void worker_prepare(Worker *w)
{
        const WorkerTask ready = { .at_boot_usec = now_boot_usec(), .prepare = true };

        if (!w->waits && !w->late && !w->pause)
                worker_give(w, &ready);
}

void worker_hush(Worker *w)
{
        const WorkerTask quiet = { .at_boot_usec = now_boot_usec() };

        w->waits = false;
        if (w->fd >= 0)
                worker_give(w, &quiet);
}

/* -- Life ------------------------------------------------------------------------------------------------ */

int worker_new(sd_event *event, const WorkerType *type, WorkerFunc func, void *userdata, Worker **ret)
{
        Worker *w = calloc(1, sizeof(*w));

        if (!w)
                return -ENOMEM;
        w->event = sd_event_ref(event);
        w->type = type;
        w->func = func;
        w->userdata = userdata;
        w->fd = -1;
        *ret = w;
        return 0;
}

Worker *worker_free(Worker *w)
{
        if (!w)
                return NULL;
        worker_end(w);
        w->pause = sd_event_source_disable_unref(w->pause);
        sd_event_unref(w->event);
        free(w);
        return NULL;
}
