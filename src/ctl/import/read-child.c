/* SPDX-License-Identifier: MIT */

/* The process that reads one file. It has nothing but the file's descriptor and a pipe to the process that it was forked from, and
 * is in a sandbox before it sees the first byte: unpacking, hashing, recognising and reading are all done here. Ends without the
 * clean-up of the program that it is a copy of. No clock. */

#include "import/read-child.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cardio/macro.h"
#include "import/sandbox.h"
#include "import/unpack.h"
#include "import/wire.h"

#define BUFFER_SIZE (64U * 1024U)
#define PIPE_SIZE   (1024 * 1024)
#define FIRST_SIZE  (256U * 1024U)

/* A table is known by little, and comes last. */
const ReadingFormat *const import_formats[] = { &reading_fit, &reading_tcx, &reading_gpx, &reading_hrm,
        &reading_json, &reading_csv };
_Static_assert(ELEMENTSOF(import_formats) == IMPORT_FORMATS, "as many as the header says");

typedef struct Child {
        int output;
        size_t n;
        uint8_t buffer[BUFFER_SIZE];
        SHA2_CTX hash; /* of the bytes */
        unsigned activities;
} Child;

/* -- What is said -- */

static int flush(Child *c)
{
        size_t done = 0;

        while (done < c->n) {
                ssize_t n = write(c->output, c->buffer + done, c->n - done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                done += (size_t)n;
        }
        c->n = 0;
        return 0;
}

static int say(Child *c, WireType type, uint32_t value, int64_t at, const void *more)
{
        const WireRecord record = { .type = (uint32_t)type, .value = value, .at = at };
        size_t size = wire_size((uint32_t)type);
        int r;

        if (c->n + sizeof(record) + size > sizeof(c->buffer)) {
                r = flush(c);
                if (r < 0)
                        return r;
        }
        memcpy(c->buffer + c->n, &record, sizeof(record));
        if (size > 0)
                memcpy(c->buffer + c->n + sizeof(record), more, size);
        c->n += sizeof(record) + size;
        return 0;
}

static int on_begin(void *userdata)
{
        return say(userdata, WIRE_BEGIN, 0, 0, NULL);
}

static int on_heart_rate(void *userdata, int64_t at, unsigned heart_rate, unsigned contact)
{
        return say(userdata, WIRE_HEART_RATE, heart_rate | contact << WIRE_CONTACT_SHIFT, at, NULL);
}

static int on_rr(void *userdata, int64_t at, unsigned rr)
{
        return say(userdata, WIRE_RR, rr, at, NULL);
}

static int on_pace(void *userdata, int64_t at, double speed, double cadence, double distance, double incline)
{
        const WirePace pace = { speed, cadence, distance, incline };

        return say(userdata, WIRE_PACE, 0, at, &pace);
}

static int on_event(void *userdata, int64_t at, const char *type, double value, const char *detail)
{
        WireEvent event = { .value = value };

        (void)snprintf(event.type, sizeof(event.type), "%s", type);
        (void)snprintf(event.detail, sizeof(event.detail), "%s", detail ? detail : "");
        return say(userdata, WIRE_EVENT, 0, at, &event);
}

/* The bytes' own, or with the number of the activity behind a NUL. */
static void end_hash(const Child *c, char ret[static CONTENT_STRING_MAX])
{
        SHA2_CTX hash = c->hash;
        char number[16] = "";

        if (c->activities > 1) {
                int n = snprintf(number + 1, sizeof(number) - 1, "%u", c->activities);

                SHA256Update(&hash, (const uint8_t *)number, (size_t)n + 1);
        }
        (void)SHA256End(&hash, ret);
}

static int on_end(void *userdata, const ReadingActivity *activity)
{
        Child *c = userdata;
        WireEnd end = { .activity = *activity };

        c->activities++;
        end.flags = (activity->local ? WIRE_LOCAL : 0) | (activity->has_offset ? WIRE_HAS_OFFSET : 0) |
                    (activity->is_running ? WIRE_RUNNING : 0) | (activity->by_hand ? WIRE_BY_HAND : 0);
        end_hash(c, end.content);
        return say(c, WIRE_END, 0, 0, &end);
}

static void on_warn(void *userdata, const ReadingProblem *problem)
{
        (void)say(userdata, WIRE_WARNING, 0, 0,
                        problem); /* if the pipe is gone, so is whoever would hear it */
}

/* -- The file -- */

static ReadResult read_all(int input, uint8_t **ret, size_t *ret_size, int *ret_error)
{
        size_t allocated = 0, n = 0;
        uint8_t *bytes = NULL;

        for (;;) {
                ssize_t got;

                if (n == allocated) {
                        size_t wanted = allocated == 0 ? FIRST_SIZE : 2 * allocated;
                        uint8_t *more = realloc(bytes, wanted);

                        if (!more) {
                                free(bytes);
                                *ret_error = -ENOMEM;
                                return READ_ERROR;
                        }
                        bytes = more;
                        allocated = wanted;
                }
                got = read(input, bytes + n, allocated - n);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0) {
                        *ret_error = -errno;
                        free(bytes);
                        return READ_ERROR;
                }
                n += (size_t)got;
                if (got > 0 && n <= IMPORT_FILE_MAX)
                        continue;
                *ret = bytes;
                *ret_size = n;
                return n > IMPORT_FILE_MAX ? READ_TOO_LARGE : n == 0 ? READ_EMPTY : READ_DONE;
        }
}

static ReadResult unpack_all(uint8_t **bytes, size_t *size, int *ret_error)
{
        uint8_t *unpacked = NULL;
        int r = unpack(*bytes, *size, IMPORT_FILE_MAX, &unpacked, size);

        switch (r) {
        case 0:
                free(*bytes);
                *bytes = unpacked;
                return *size == 0 ? READ_EMPTY : READ_DONE;
        case -EFBIG:
                return READ_TOO_LARGE_UNPACKED;
        case -EBADMSG:
                return READ_NOT_UNPACKED;
        case -EOPNOTSUPP:
                return READ_CANNOT_UNPACK;
        default:
                *ret_error = r;
                return READ_ERROR;
        }
}

/* Gives all that is in it to the pipe. */
static ReadResult read_activities(
                Child *c, const uint8_t *bytes, size_t size, ReadingProblem *problem, int *ret_error)
{
        const ReadingTarget target = {
                .begin = on_begin,
                .heart_rate = on_heart_rate,
                .rr = on_rr,
                .pace = on_pace,
                .event = on_event,
                .end = on_end,
                .warn = on_warn,
                .userdata = c,
        };
        size_t i = 0;
        int r;

        if (size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
                return READ_ARCHIVE;
        while (i < IMPORT_FORMATS && !import_formats[i]->is(bytes, size))
                i++;
        if (i == IMPORT_FORMATS)
                return READ_FOREIGN;
        SHA256Init(&c->hash);
        SHA256Update(&c->hash, bytes, size);
        r = say(c, WIRE_FORMAT, (uint32_t)i, 0, NULL);
        if (r == 0)
                r = import_formats[i]->read(bytes, size, &target, problem);
        if (r == 0)
                return READ_DONE;
        if (r == -ENODATA)
                return READ_NO_HEART_RATES;
        if (r == -EBADMSG)
                return READ_BROKEN;
        *ret_error = r;
        return READ_ERROR;
}

static void child_run(int input, int output)
{
        Child c = { .output = output };
        ReadingProblem problem = { .place = "" };
        uint8_t *bytes = NULL;
        size_t size = 0;
        ReadResult result;
        int error = 0;

        result = read_all(input, &bytes, &size, &error);
        if (result == READ_DONE && unpack_is(bytes, size))
                result = unpack_all(&bytes, &size, &error);
        if (result == READ_DONE)
                result = read_activities(&c, bytes, size, &problem, &error);
        if (say(&c, WIRE_DONE, (uint32_t)result, error, &problem) == 0)
                (void)flush(&c);
}

int read_child_start(int input, pid_t *ret_pid, int *ret_pipe)
{
        int ends[2], r;
        pid_t parent = getpid(), pid;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE); /* else it is smaller, and slower */
        pid = fork();
        if (pid == 0) {
                /* Ctrl-C is the other's to answer, who ends this one. */
                (void)signal(SIGINT, SIG_IGN);
                (void)signal(SIGPIPE, SIG_DFL);
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (getppid() != parent)
                        _exit(EXIT_FAILURE);
                sandbox_enter(input, ends[1]);
                child_run(input, ends[1]);
                _exit(EXIT_SUCCESS);
        }
        r = pid < 0 ? -errno : 0;
        (void)close(ends[1]);
        if (r < 0) {
                (void)close(ends[0]);
                return r;
        }
        *ret_pid = pid;
        *ret_pipe = ends[0];
        return 0;
}
