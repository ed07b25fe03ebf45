/* SPDX-License-Identifier: MIT */
/* The process that reads a file for `import`: what its sandbox keeps it from, and what it says of files of each kind, packed and
 * hostile ones, too. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sha2.h>

#include "cardio/macro.h"
#include "ctl/import/activity.h"
#include "ctl/import/read-child.h"
#include "ctl/import/sandbox.h"
#include "ctl/import/unpack.h"

/* -- The sandbox -- */

/* What a program that was taken over would try; each returns whether it could. */
static bool can_open(int file _unused_)
{
        return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool can_make_file(int file _unused_)
{
        return memfd_create("x", 0) >= 0;
}

static bool can_connect(int file _unused_)
{
        return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool can_duplicate(int file)
{
        return dup(file) >= 0;
}

/* The first one is open in the test; here it is not. */
static bool can_write_elsewhere(int file _unused_)
{
        return write(STDERR_FILENO, "", 0) >= 0;
}

static bool can_write_file(int file)
{
        return pwrite(file, "x", 1, 0) == 1 || write(file, "x", 1) == 1;
}

static bool can_raise_limits(int file _unused_)
{
        return setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 16, 16 }) == 0;
}

/* Of a sanitizer, whose memory has no limit. */
static bool can_take_memory(int file _unused_)
{
        const size_t most = (size_t)SANDBOX_MEMORY_MAX * 1024 * 1024;

        return mmap(NULL, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
               MAP_FAILED;
}

static bool can_fork(int file _unused_)
{
        pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(EXIT_SUCCESS);
        return pid > 0;
}

static bool can_signal(int file _unused_)
{
        return kill(getppid(), 0) == 0;
}

static bool can_run(int file _unused_)
{
        char *const arguments[] = { (char *)"/nowhere", NULL };

        return execve("/nowhere", arguments, arguments) == 0 || errno == ENOENT; /* it looked for it */
}

static bool can_ask_for_itself(int file _unused_)
{
        return syscall(SYS_getppid) > 0;
}

static const struct {
        const char *what;
        bool (*can)(int file);
        bool by_filter; /* the limits alone do not keep a program of root's from it */
} attempts[] = {
        { "open a file", can_open, false },
        { "make a file", can_make_file, false },
        { "connect to anything", can_connect, false },
        { "have another descriptor", can_duplicate, false },
        { "use another descriptor", can_write_elsewhere, false },
        { "write into the file", can_write_file, false },
        { "take memory without end", can_take_memory, false },
        { "raise its limits", can_raise_limits, true },
        { "fork", can_fork, true },
        { "signal another process", can_signal, true },
        { "run a program", can_run, true },
        { "ask who started it", can_ask_for_itself, true },
};

/* A line of what could be done, a byte for each. */
static void try_all(int file, int output, bool sandboxed)
{
        char could[ELEMENTSOF(attempts)];

        (void)signal(SIGXFSZ, SIG_IGN); /* which ends a program that writes too much */
        if (sandboxed)
                sandbox_enter(file, output);
        for (size_t i = 0; i < ELEMENTSOF(attempts); i++)
                could[i] = attempts[i].can(file) ? 'y' : 'n';
        /* Without a sanitizer's look at what is left, which it may not have. */
        (void)syscall(SYS_exit_group,
                        write(output, could, sizeof(could)) == sizeof(could) ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void try_in_child(bool sandboxed, char could[static ELEMENTSOF(attempts)])
{
        char path[] = "/tmp/test-import-XXXXXX";
        int ends[2], status = 0, file = mkstemp(path);
        pid_t pid;

        assert_true(file >= 0);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(pipe(ends), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
                try_all(file, ends[1], sandboxed);
        assert_int_equal(close(ends[1]), 0);
        assert_int_equal(read(ends[0], could, ELEMENTSOF(attempts)), ELEMENTSOF(attempts));
        assert_int_equal(close(ends[0]), 0);
        assert_int_equal(close(file), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

static bool has_filter(void)
{
        return prctl(PR_GET_SECCOMP) >= 0;
}

static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        return true;
#else
        return false;
#endif
}

static void test_sandbox(void **state _unused_)
{
        char free_to[ELEMENTSOF(attempts)], could[ELEMENTSOF(attempts)];

        try_in_child(false, free_to);
        try_in_child(true, could);
        for (size_t i = 0; i < ELEMENTSOF(attempts); i++) {
                if (free_to[i] != 'y')
                        fail_msg("it is no proof that it cannot %s: nobody can", attempts[i].what);
                if ((attempts[i].by_filter && !has_filter()) ||
                                (attempts[i].can == can_take_memory && is_sanitized()))
                        continue;
                if (could[i] != 'n')
                        fail_msg("it can %s", attempts[i].what);
        }
}

/* -- Files -- */

/* What the process says of these bytes. */
static void read_bytes(FileContents *c, const void *bytes, size_t size)
{
        int file = memfd_create("file", MFD_CLOEXEC), pipe_end, status;
        uint8_t buffer[65536];
        size_t n = 0, used;
        pid_t pid;

        assert_true(file >= 0);
        assert_int_equal(write(file, bytes, size), (ssize_t)size);
        assert_int_equal(lseek(file, 0, SEEK_SET), 0);
        assert_int_equal(read_child_start(file, &pid, &pipe_end), 0);
        assert_int_equal(close(file), 0);
        contents_begin(c);
        for (;;) {
                ssize_t got = read(pipe_end, buffer + n, sizeof(buffer) - n);

                assert_true(got >= 0);
                if (got == 0)
                        break;
                n += (size_t)got;
                assert_int_equal(contents_take(c, buffer, n, &used), 0);
                memmove(buffer, buffer + used, n - used);
                n -= used;
        }
        assert_int_equal(n, 0);
        assert_int_equal(close(pipe_end), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
}

#define CSV "time,heart_rate\n2026-05-17T08:00:00Z,120\n2026-05-17T08:00:01Z,121\n"
#define LAP                                                                                             \
        "<Lap StartTime=\"2026-05-17T08:00:00Z\"><Track><Trackpoint><Time>2026-05-17T08:00:00Z</Time>"  \
        "<HeartRateBpm><Value>120</Value></HeartRateBpm></Trackpoint><Trackpoint>"                      \
        "<Time>2026-05-17T08:00:01Z</Time><HeartRateBpm><Value>121</Value></HeartRateBpm></Trackpoint>" \
        "</Track></Lap>"
#define TCX(activities) \
        "<TrainingCenterDatabase><Activities>" activities "</Activities></TrainingCenterDatabase>"
#define ACTIVITY(sport) "<Activity Sport=\"" sport "\">" LAP "</Activity>"
#define BOMB                                                                                    \
        "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">" \
        "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\">]>"
#define OUTSIDE "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>"

static void test_files(void **state _unused_)
{
        static const struct {
                const char *bytes;
                ReadResult result;
                size_t n_activities;
                const char *format;
        } rows[] = {
                { CSV, READ_DONE, 1, "csv" },
                { TCX(ACTIVITY("Running")), READ_DONE, 1, "tcx" },
                { TCX(ACTIVITY("Running") ACTIVITY("Biking")), READ_DONE, 2, "tcx" },
                { TCX(""), READ_NO_HEART_RATES, 0, "tcx" },
                { TCX("<Activity>"), READ_BROKEN, 0, "tcx" },
                { BOMB TCX("&e;"), READ_FOREIGN, 0, NULL },
                { OUTSIDE TCX("&b;"), READ_FOREIGN, 0, NULL },
                { "<TrainingCenterDatabase>" OUTSIDE "<Id>&b;</Id></TrainingCenterDatabase>", READ_BROKEN, 0,
                                "tcx" },
                { "<gpx></gpx>", READ_NO_HEART_RATES, 0, "gpx" },
                { "a,b\n1,2\n", READ_BROKEN, 0, "csv" },
                { "{\"cardiod\": 1}", READ_BROKEN, 0, "json" },
                { "{}", READ_FOREIGN, 0, NULL },
                { "nothing of a run", READ_FOREIGN, 0, NULL },
                { "<html></html>", READ_FOREIGN, 0, NULL },
                { "PK\3\4 and so on", READ_ARCHIVE, 0, NULL },
                { "", READ_EMPTY, 0, NULL },
                { "\x1f\x8b\x08 and nothing", READ_NOT_UNPACKED, 0, NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                _cleanup_contents_ FileContents c = { .n_activities = 0 };

                read_bytes(&c, rows[i].bytes, strlen(rows[i].bytes));
                if (c.result == READ_CANNOT_UNPACK && rows[i].result == READ_NOT_UNPACKED)
                        continue;
                if (c.result != rows[i].result)
                        fail_msg("row %zu: result %d: %s", i, (int)c.result, c.problem.text);
                assert_int_equal(c.n_activities, rows[i].n_activities);
                if (rows[i].format)
                        assert_string_equal(import_formats[c.format]->extension, rows[i].format);
                else
                        assert_int_equal(c.format, -1);
        }
}

/* The same run is the same content, packed or not; the activities of a file are each one of their own. */
static void test_content(void **state _unused_)
{
        static const char two[] = TCX(ACTIVITY("Running") ACTIVITY("Biking"));
        _cleanup_contents_ FileContents c = { .n_activities = 0 };
        char expected[CONTENT_STRING_MAX], second[sizeof(two) + 2];

        read_bytes(&c, two, strlen(two));
        (void)SHA256Data((const uint8_t *)two, strlen(two), expected);
        assert_string_equal(c.activities[0].content, expected);
        memcpy(second, two, sizeof(two)); /* with its NUL */
        second[sizeof(two)] = '2';
        (void)SHA256Data((const uint8_t *)second, sizeof(two) + 1, expected);
        assert_string_equal(c.activities[1].content, expected);
        assert_string_equal(c.activities[1].whole.sport, "Biking");
}

#if HAVE_ZLIB
#include <zlib.h>

static size_t pack(const void *bytes, size_t size, uint8_t *ret, size_t room)
{
        z_stream z = { .next_in = (z_const Bytef *)bytes,
                .avail_in = (uInt)size,
                .next_out = ret,
                .avail_out = (uInt)room };

        assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(deflateEnd(&z), Z_OK);
        return room - z.avail_out;
}

static void test_packed(void **state _unused_)
{
        const size_t most = IMPORT_FILE_MAX, room = 1024 * 1024;
        _cleanup_free_ uint8_t *zeros = calloc(1, most + 1), *packed = malloc(room);
        _cleanup_contents_ FileContents c = { .n_activities = 0 }, large = { .n_activities = 0 };
        char expected[CONTENT_STRING_MAX];

        assert_true(zeros && packed);
        read_bytes(&c, packed, pack(CSV, strlen(CSV), packed, room));
        assert_int_equal(c.result, READ_DONE);
        (void)SHA256Data((const uint8_t *)CSV, strlen(CSV), expected);
        assert_string_equal(c.activities[0].content, expected);
        /* 100 kB that would be more than 100 MB. */
        read_bytes(&large, packed, pack(zeros, most + 1, packed, room));
        assert_int_equal(large.result, READ_TOO_LARGE_UNPACKED);
}
#else
static void test_packed(void **state _unused_)
{
        skip();
}
#endif

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sandbox),
                cmocka_unit_test(test_files),
                cmocka_unit_test(test_content),
                cmocka_unit_test(test_packed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
