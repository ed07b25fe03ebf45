/* SPDX-License-Identifier: MIT */
/* A few lines of text, replaced as a whole whenever they change:
 *
 *      folder /home/runner/Runs
 *      format fit
 *      database /var/lib/cardiod/cardiod.db
 *      seen 45
 *      waiting 44
 *
 * The file's name is a hash of the first three, since a path may be longer than a name. No clock. */
#include "export/follow-state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/user-file.h"
#include "export/whole-file.h"
#include "memory.h"
#include "shared/fnv.h"
#include "text.h"

/* Far more than a lifetime of runs. */
#define WAITING_MAX 100000U

/* -- Where it is -- */

/* $XDG_STATE_HOME/cardiod; NULL if there is no home. */
static char *state_folder(void)
{
        const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
        char *path;
        int r;

        if (state && state[0] == '/')
                r = asprintf(&path, "%s/cardiod", state);
        else if (home && home[0] == '/')
                r = asprintf(&path, "%s/.local/state/cardiod", home);
        else
                return NULL;
        if (r < 0)
                out_of_memory();
        return path;
}

/* -- Reading -- */

/* In order, each once. */
void follow_state_add(FollowState *s, int64_t session)
{
        size_t i = s->n_waiting;

        while (i > 0 && s->waiting[i - 1] > session)
                i--;
        if ((i > 0 && s->waiting[i - 1] == session) || s->n_waiting == WAITING_MAX)
                return;
        s->waiting = checked(reallocarray(s->waiting, s->n_waiting + 1, sizeof(*s->waiting)));
        memmove(s->waiting + i + 1, s->waiting + i, (s->n_waiting - i) * sizeof(*s->waiting));
        s->waiting[i] = session;
        s->n_waiting++;
}

void follow_state_drop(FollowState *s, int64_t session)
{
        for (size_t i = 0; i < s->n_waiting; i++)
                if (s->waiting[i] == session) {
                        memmove(s->waiting + i, s->waiting + i + 1,
                                        (--s->n_waiting - i) * sizeof(*s->waiting));
                        return;
                }
}

/* Returns whether the line is one of ours. */
static bool read_line(FollowState *s, char *line)
{
        int64_t session;

        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "seen ", 5) == 0) {
                if (strcmp(line + 5, "0") != 0 && id_parse(line + 5, &s->seen) < 0)
                        return false;
                s->begun = true;
                return true;
        }
        if (strncmp(line, "waiting ", 8) == 0) {
                if (id_parse(line + 8, &session) < 0)
                        return false;
                follow_state_add(s, session);
                return true;
        }
        return false;
}

/* What it is about has to be the same, too: two may have one hash. */
static Outcome read_state(FollowState *s)
{
        size_t n = strlen(s->about), capacity = 0;
        _cleanup_free_ char *head = checked(calloc(1, n + 1)), *line = NULL;
        int fd = openat(s->folder, s->name, O_RDONLY | O_CLOEXEC);
        FILE *f = fd >= 0 ? checked(fdopen(fd, "r")) : NULL;
        bool good;

        if (!f)
                return errno == ENOENT ? OUTCOME_DONE
                                       : fail(OUTCOME_FAILED, "cannot read %s/%s: %s", s->folder_name,
                                                         s->name, strerror(errno));
        good = fread(head, 1, n, f) == n && strcmp(head, s->about) == 0;
        while (good && getline(&line, &capacity, f) > 0)
                good = read_line(s, line);
        (void)fclose(f); /* it was only read */
        if (good && s->begun)
                return OUTCOME_DONE;
        return fail(OUTCOME_FAILED,
                        "%s/%s does not say what was exported already; remove it to begin with the runs from now on",
                        s->folder_name, s->name);
}

/* -- Opening and saving -- */

static Outcome lock(FollowState *s, const char *folder)
{
        _cleanup_free_ char *name = NULL;

        if (asprintf(&name, "%s.lock", s->name) < 0)
                out_of_memory();
        s->lock = openat(s->folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (s->lock < 0)
                return fail(OUTCOME_FAILED, "cannot write %s/%s: %s", s->folder_name, name, strerror(errno));
        if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
                return OUTCOME_DONE;
        if (errno == EWOULDBLOCK)
                return fail(OUTCOME_FAILED, "another `cardioctl export --follow` writes into %s already",
                                folder);
        return fail(OUTCOME_FAILED, "cannot lock %s/%s: %s", s->folder_name, name, strerror(errno));
}

Outcome follow_state_open(const char *folder, const char *format, const char *database, FollowState *ret)
{
        Outcome outcome;
        int r;

        *ret = (FollowState){ .folder = -1, .lock = -1 };
        if (strchr(folder, '\n') || strchr(database, '\n'))
                return fail(OUTCOME_FAILED, "a path with a line break in it cannot be followed");
        if (asprintf(&ret->about, "folder %s\nformat %s\ndatabase %s\n", folder, format, database) < 0 ||
                        asprintf(&ret->name, "export-%016llx",
                                        (unsigned long long)fnv1a(
                                                        FNV1A_BEGIN, ret->about, strlen(ret->about))) < 0)
                out_of_memory();
        ret->folder_name = state_folder();
        if (!ret->folder_name)
                return fail(OUTCOME_FAILED,
                                "neither XDG_STATE_HOME nor HOME says where to keep which runs were exported");
        r = user_make_folders(ret->folder_name, 0700);
        if (r >= 0) {
                ret->folder = open(ret->folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                r = ret->folder < 0 ? -errno : 0;
        }
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot keep which runs were exported in %s: %s",
                                ret->folder_name, strerror(-r));
        outcome = lock(ret, folder);
        return outcome == OUTCOME_DONE ? read_state(ret) : outcome;
}

void follow_state_close(FollowState *s)
{
        if (s->folder >= 0)
                (void)close(s->folder);
        if (s->lock >= 0)
                (void)close(s->lock); /* and gives the lock back */
        free(s->name);
        free(s->folder_name);
        free(s->about);
        free(s->waiting);
        *s = (FollowState){ .folder = -1, .lock = -1 };
}

Outcome follow_state_save(FollowState *s)
{
        _cleanup_whole_file_ WholeFile f = { .fd = -1 };
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *lines = checked(open_memstream(&text, &size));
        int r;

        s->unsaved = true;
        fprintf(lines, "%sseen %lld\n", s->about, (long long)s->seen);
        for (size_t i = 0; i < s->n_waiting; i++)
                fprintf(lines, "waiting %lld\n", (long long)s->waiting[i]);
        if (fclose(lines) != 0)
                out_of_memory();
        r = whole_file_begin(&f, s->folder, s->name);
        if (r >= 0)
                r = whole_file_write(&f, text, size);
        if (r >= 0)
                r = whole_file_end(&f, true);
        if (r < 0)
                return fail(OUTCOME_FAILED, "cannot keep which runs were exported in %s/%s: %s",
                                s->folder_name, s->name, strerror(-r));
        s->unsaved = false;
        s->begun = true;
        return OUTCOME_DONE;
}
