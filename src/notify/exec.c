/* SPDX-License-Identifier: MIT */

/* --exec: a command per notice, never waited for, and ended if it hangs. Its time limit runs on CLOCK_MONOTONIC: while the
 * machine is suspended, so is the command. */

#include "exec.h"

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cardio/parse.h"

#include "say.h"
#include "shell.h"

#define VARIABLES    8U
#define VARIABLE_MAX 768U

/* One running command. It leads a process group of its own. */
typedef struct Child {
        Exec *exec;
        pid_t pid;
        sd_event_source *exited; /* both NULL = free */
        sd_event_source *timer;
        bool overtime; /* SIGTERM was sent */
} Child;

struct Exec {
        sd_event *event;
        char *command;
        usec_t timeout_usec;
        Child child[EXEC_CHILDREN_MAX];
};

typedef struct Environment {
        char own[VARIABLES][VARIABLE_MAX];
        char **list; /* our own variables, then the inherited ones */
} Environment;

static const char *const names[VARIABLES] = {
        "CARDIO_EVENT=",
        "CARDIO_HEART_RATE=",
        "CARDIO_CEILING=",
        "CARDIO_SPEED=",
        "CARDIO_PACE_LIMIT=",
        "CARDIO_SECONDS=",
        "CARDIO_SESSION=",
        "CARDIO_TEXT=",
};

static bool is_ours(const char *variable)
{
        for (size_t i = 0; i < VARIABLES; i++)
                if (strncmp(variable, names[i], strlen(names[i])) == 0)
                        return true;
        return false;
}

/* "NAME=figure"; "NAME=" for an unknown one, so that a shell with `set -u` accepts it. */
static void figure_write(char *to, const char *name, int64_t figure)
{
        if (figure < 0)
                (void)snprintf(to, VARIABLE_MAX, "%s", name);
        else
                (void)snprintf(to, VARIABLE_MAX, "%s%" PRId64, name, figure);
}

static void speed_write(char *to, const char *name, double speed)
{
        if (speed > 0)
                (void)snprintf(to, VARIABLE_MAX, "%s%.3f", name, speed);
        else
                (void)snprintf(to, VARIABLE_MAX, "%s", name);
}

static int environment_make(Environment *e, const Notice *n)
{
        size_t inherited = 0, used = 0;

        while (environ[inherited])
                inherited++;
        e->list = calloc(VARIABLES + inherited + 1, sizeof(*e->list));
        if (!e->list)
                return -ENOMEM;
        (void)snprintf(e->own[0], VARIABLE_MAX, "%s%s", names[0], notice_type_to_string(n->type));
        figure_write(e->own[1], names[1], n->heart_rate);
        figure_write(e->own[2], names[2], n->ceiling);
        speed_write(e->own[3], names[3], n->speed);
        speed_write(e->own[4], names[4], n->pace_limit);
        figure_write(e->own[5], names[5], n->seconds);
        figure_write(e->own[6], names[6], n->session);
        (void)snprintf(e->own[7], VARIABLE_MAX, "%s%s", names[7], notice_line(n));
        while (used < VARIABLES) {
                e->list[used] = e->own[used];
                used++;
        }
        for (char **v = environ; *v; v++)
                if (!is_ours(*v))
                        e->list[used++] = *v;
        return 0;
}

static int command_spawn(const char *command, char **environment, pid_t *ret)
{
        char shell[] = "sh", option[] = "-c";
        char *argv[] = { shell, option, (char *)command, NULL }; /* execve() does not write there */

        return shell_start(argv, environment, ret);
}

static void child_free(Child *c)
{
        c->exited = sd_event_source_disable_unref(c->exited);
        c->timer = sd_event_source_disable_unref(c->timer);
}

static int child_on_exit(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        Child *c = userdata;

        (void)source;
        if (c->overtime) {
                /* Its children may still run; the grace time goes on for them. */
                c->exited = sd_event_source_disable_unref(c->exited);
                return 0;
        }
        if (info->si_code != CLD_EXITED)
                say("the command was ended by signal %d", info->si_status);
        else if (info->si_status != 0)
                say("the command ended with status %d", info->si_status);
        child_free(c);
        return 0;
}

static int child_on_timer(sd_event_source *source, uint64_t usec, void *userdata);

static int child_set_timer(Child *c, usec_t usec)
{
        c->timer = sd_event_source_disable_unref(c->timer);
        return sd_event_add_time_relative(
                        c->exec->event, &c->timer, CLOCK_MONOTONIC, usec, 0, child_on_timer, c);
}

/* Can only fail if the process group is gone; nothing is to be done about that. */
static void child_kill(const Child *c, int signal)
{
        (void)kill(-c->pid, signal);
}

static int child_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        char timeout[DURATION_STRING_MAX];
        Child *c = userdata;

        (void)source;
        (void)usec;
        if (!c->overtime) {
                say("the command has run for %s, and is ended",
                                duration_to_string(c->exec->timeout_usec, timeout));
                c->overtime = true;
                child_kill(c, SIGTERM);
                if (child_set_timer(c, EXEC_GRACE_USEC) >= 0)
                        return 0;
        }
        child_kill(c, SIGKILL);
        c->timer = sd_event_source_disable_unref(c->timer);
        return 0;
}

static Child *exec_free_place(Exec *e)
{
        for (size_t i = 0; i < EXEC_CHILDREN_MAX; i++)
                if (!e->child[i].exited && !e->child[i].timer)
                        return &e->child[i];
        return NULL;
}

/* Watches a started command. */
static int exec_add_child(Exec *e, Child *c, pid_t pid)
{
        int r;

        *c = (Child){ .exec = e, .pid = pid };
        r = sd_event_add_child(e->event, &c->exited, pid, WEXITED, child_on_exit, c);
        if (r >= 0)
                r = child_set_timer(c, e->timeout_usec);
        if (r < 0)
                child_free(c);
        return r;
}

void exec_run(Exec *e, const Notice *n)
{
        Child *place = exec_free_place(e);
        Environment environment;
        pid_t pid;
        int r;

        if (!place) {
                say("%s: the command is not run, %u of it are running already",
                                notice_type_to_string(n->type), EXEC_CHILDREN_MAX);
                return;
        }
        r = environment_make(&environment, n);
        if (r >= 0) {
                r = command_spawn(e->command, environment.list, &pid);
                free(environment.list);
        }
        if (r < 0) {
                say("cannot run the command: %s", strerror(-r));
                return;
        }
        r = exec_add_child(e, place, pid);
        if (r < 0) {
                /* Unwatched, it would never be counted, ended or reaped. */
                (void)kill(-pid, SIGKILL);
                (void)waitpid(pid, NULL, 0);
                say("cannot watch the command, so it was ended: %s", strerror(-r));
        }
}

int exec_new(sd_event *event, const char *command, usec_t timeout_usec, Exec **ret)
{
        Exec *e = calloc(1, sizeof(*e));

        if (!e)
                return -ENOMEM;
        e->command = strdup(command);
        if (!e->command) {
                free(e);
                return -ENOMEM;
        }
        e->event = sd_event_ref(event);
        e->timeout_usec = timeout_usec;
        *ret = e;
        return 0;
}

Exec *exec_free(Exec *e)
{
        if (!e)
                return NULL;
        for (size_t i = 0; i < EXEC_CHILDREN_MAX; i++)
                child_free(&e->child[i]);
        sd_event_unref(e->event);
        free(e->command);
        free(e);
        return NULL;
}
