/* SPDX-License-Identifier: MIT */

/* What the bridge keeps of sessions on their way: in real files, in a folder of its own. What is damaged, none of ours, in use by
 * another one, or cannot be written; and a program that is killed in the middle of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/id-list.h"
#include "bridge/outbox.h"
#include "cardio/macro.h"

#define DATABASE "/var/lib/cardiod/cardiod.db"
#define HEAD     "cardio-bridge 1\ndatabase " DATABASE "\n"

typedef struct Fixture {
        char folder[40];
        char file[64];
        Outbox outbox;
        bool open;
} Fixture;

static int remove_one(const char *path, _unused_ const struct stat *st, _unused_ int type,
                _unused_ struct FTW *walk)
{
        return remove(path);
}

static int setup(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        (void)snprintf(f->folder, sizeof(f->folder), "/tmp/cardio-outbox-XXXXXX");
        assert_non_null(mkdtemp(f->folder));
        (void)snprintf(f->file, sizeof(f->file), "%s/bridge-outbox", f->folder);
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        Fixture *f = *state;

        if (f->open)
                outbox_close(&f->outbox);
        assert_int_equal(nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(f);
        return 0;
}

static void open_it(Fixture *f)
{
        char *error = NULL;

        if (f->open)
                outbox_close(&f->outbox);
        if (outbox_open(f->folder, &f->outbox, &error) < 0)
                fail_msg("%s", error);
        f->open = true;
}

static void refused_in(const char *folder, int expected, const char *part)
{
        Outbox outbox = { .folder = -1, .lock = -1 };
        char *error = NULL;

        assert_int_equal(outbox_open(folder, &outbox, &error), expected);
        assert_int_equal(outbox.folder, -1); /* untouched */
        assert_non_null(error);
        if (!strstr(error, part))
                fail_msg("%s, expected %s", error, part);
        free(error);
}

static void refused(const Fixture *f, int expected, const char *part)
{
        refused_in(f->folder, expected, part);
}

static void put_bytes(const Fixture *f, const void *bytes, size_t size)
{
        FILE *file = fopen(f->file, "we");

        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

static void put_text(const Fixture *f, const char *text)
{
        put_bytes(f, text, strlen(text));
}

/* To be freed; "" if there is none. */
static char *get_text(const Fixture *f)
{
        char *text = calloc(1, 1 << 20);
        FILE *file = fopen(f->file, "re");

        assert_non_null(text);
        if (file) {
                assert_true(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
                fclose(file);
        }
        return text;
}

static void assert_text(const Fixture *f, const char *expected)
{
        _cleanup_free_ char *text = get_text(f);

        assert_string_equal(text, expected);
}

/* -- Numbers --------------------------------------------------------------------------------------------- */

static void test_id_list(_unused_ void **state)
{
        static const int64_t in[] = { 5, 1, 9, 5, 3, 7, INT64_MAX, INT64_MIN, 1 };
        static const int64_t sorted[] = { INT64_MIN, 1, 3, 5, 7, 9, INT64_MAX };
        IdList l = { 0 }, copy = { 0 };

        assert_false(id_list_has(&l, 5));
        assert_false(id_list_drop(&l, 5));
        assert_int_equal(id_list_next(&l, 0), INT64_MAX);
        for (size_t i = 0; i < ELEMENTSOF(in); i++)
                assert_int_equal(id_list_add(&l, in[i]), i != 3 && i != 8);
        assert_int_equal(l.n, ELEMENTSOF(sorted));
        for (size_t i = 0; i < ELEMENTSOF(sorted); i++) {
                assert_int_equal(l.id[i], sorted[i]);
                assert_true(id_list_has(&l, sorted[i]));
                assert_int_equal(id_list_next(&l, sorted[i]),
                                i + 1 < ELEMENTSOF(sorted) ? sorted[i + 1] : INT64_MAX);
        }
        assert_false(id_list_has(&l, 4));
        assert_int_equal(id_list_next(&l, 4), 5);
        assert_int_equal(id_list_copy(&copy, &l), 0);
        assert_true(id_list_drop(&l, 1));
        assert_true(id_list_drop(&l, INT64_MAX));
        assert_true(id_list_drop(&l, INT64_MIN));
        assert_false(id_list_has(&l, 1));
        assert_int_equal(l.n, 4);
        assert_int_equal(copy.n, ELEMENTSOF(sorted));
        for (int64_t i = 0; i < 1000; i++)
                assert_int_equal(id_list_add(&copy, 10 + i * 7 % 1000), 1);
        for (int64_t i = 0; i < 1000; i++)
                assert_int_equal(copy.id[i + 6], 10 + i);
        id_list_clear(&l);
        id_list_clear(&copy);
        assert_int_equal(id_list_copy(&copy, &l), 0);
        assert_int_equal(copy.n, 0);
}

/* -- What it keeps --------------------------------------------------------------------------------------- */

static void fill(Outbox *o)
{
        assert_int_equal(outbox_begin(o, DATABASE), 0);
        outbox_see(o, 45);
        assert_int_equal(outbox_add(o, 46), 0);
        assert_int_equal(outbox_add(o, 44), 0);
        assert_int_equal(outbox_add(o, 43), 0);
        assert_int_equal(outbox_add(o, 7), 0);
        assert_int_equal(outbox_freeze(o, 43, "{\"id\":43}"), 0);
        assert_int_equal(outbox_freeze(o, 7, "{\"note\":\"caf\u00e9\"}"), 0);
}

#define FILLED                                                                   \
        HEAD "seen 45\nwaiting 44\nwaiting 46\nsending 43 {\"id\":43}\nsending " \
             "7 {\"note\":\"caf\u00e9\"}\nend\n"

static void assert_filled(const Outbox *o)
{
        assert_string_equal(o->database, DATABASE);
        assert_int_equal(o->seen, 45);
        assert_int_equal(o->waiting.n, 2);
        assert_int_equal(o->waiting.id[0], 44);
        assert_int_equal(o->waiting.id[1], 46);
        assert_int_equal(o->n_sending, 2);
        assert_int_equal(o->sending[0].session, 43);
        assert_string_equal(o->sending[0].payload, "{\"id\":43}");
        assert_int_equal(o->sending[1].session, 7);
        assert_string_equal(o->sending[1].payload, "{\"note\":\"caf\u00e9\"}");
}

static void test_what_is_saved_is_read(void **state)
{
        Fixture *f = *state;
        struct stat st;
        mode_t mask;

        open_it(f);
        assert_null(f->outbox.database);
        assert_false(f->outbox.unsaved);
        assert_int_equal(outbox_save(&f->outbox), -EINVAL); /* it has not begun */
        assert_text(f, "");
        fill(&f->outbox);
        assert_filled(&f->outbox);
        assert_true(f->outbox.unsaved);
        assert_false(f->outbox.sending[0].saved);
        mask = umask(0);
        assert_int_equal(outbox_save(&f->outbox), 0);
        (void)umask(mask);
        assert_false(f->outbox.unsaved);
        assert_true(f->outbox.sending[0].saved && f->outbox.sending[1].saved);
        assert_text(f, FILLED);
        assert_int_equal(stat(f->file, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);

        open_it(f);
        assert_filled(&f->outbox);
        assert_true(f->outbox.sending[0].saved && f->outbox.sending[1].saved);
        assert_int_equal(f->outbox.sending[0].mid, 0);
        assert_false(f->outbox.unsaved);
}

/* Each is done to what fill() made, on the disk already. */
static void test_what_changes_is_unsaved(void **state)
{
        static const struct {
                int64_t add, drop, see;
                const char *freeze;
                int expected;
                bool unsaved;
        } cases[] = {
                { .add = 47, .unsaved = true },
                { .add = 44 }, /* it waits */
                { .add = 43 }, /* it is sent */
                { .drop = 44, .unsaved = true },
                { .drop = 43, .unsaved = true },
                { .drop = 7, .unsaved = true },
                { .drop = 5 },
                { .see = 45 },
                { .see = 46, .unsaved = true },
                { .see = 2, .unsaved = true }, /* as after a restore */
                { .add = 44, .freeze = "{}", .unsaved = true },
                { .add = 47, .freeze = "{\"\u00e9\":1}", .unsaved = true },
                { .add = 43, .freeze = "{}", .expected = -EINVAL }, /* once frozen it stays so */
                { .add = 44, .freeze = "", .expected = -EINVAL },
                { .add = 44, .freeze = "{", .expected = -EINVAL },
                { .add = 44, .freeze = "}", .expected = -EINVAL },
                { .add = 44, .freeze = "[]", .expected = -EINVAL },
                { .add = 44, .freeze = "{\n}", .expected = -EINVAL },
                { .add = 44, .freeze = "{\x7f}", .expected = -EINVAL },
                { .add = 44, .freeze = "{}\n", .expected = -EINVAL },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int r = 0;

                (void)unlink(f->file);
                open_it(f);
                fill(&f->outbox);
                assert_int_equal(outbox_save(&f->outbox), 0);
                if (cases[i].add != 0)
                        r = outbox_add(&f->outbox, cases[i].add);
                if (cases[i].freeze)
                        r = outbox_freeze(&f->outbox, cases[i].add, cases[i].freeze);
                if (cases[i].drop != 0)
                        outbox_drop(&f->outbox, cases[i].drop);
                if (cases[i].see != 0)
                        outbox_see(&f->outbox, cases[i].see);
                assert_int_equal(r, cases[i].expected);
                assert_int_equal(f->outbox.unsaved, cases[i].unsaved);
                if (cases[i].freeze && r == 0) {
                        const OutboxItem *item = outbox_sending(&f->outbox, cases[i].add);

                        assert_string_equal(item->payload, cases[i].freeze);
                        assert_false(item->saved);
                        assert_false(id_list_has(&f->outbox.waiting, cases[i].add));
                }
                if (cases[i].drop != 0)
                        assert_null(outbox_sending(&f->outbox, cases[i].drop));
        }
}

static void test_limits(void **state)
{
        _cleanup_free_ char *payload = malloc(OUTBOX_PAYLOAD_MAX + 2);
        Fixture *f = *state;

        assert_non_null(payload);
        memset(payload, 'x', OUTBOX_PAYLOAD_MAX + 1);
        payload[0] = '{';
        payload[OUTBOX_PAYLOAD_MAX] = '}';
        payload[OUTBOX_PAYLOAD_MAX + 1] = '\0';
        open_it(f);
        assert_int_equal(outbox_begin(&f->outbox, ""), -EINVAL);
        assert_int_equal(outbox_begin(&f->outbox, "/a\n/b"), -EINVAL);
        assert_int_equal(outbox_begin(&f->outbox, DATABASE), 0);
        outbox_see(&f->outbox, INT64_MAX - 1);
        for (int64_t i = 0; i < OUTBOX_WAITING_MAX; i++)
                assert_int_equal(outbox_add(&f->outbox, INT64_MAX - 2 - i), 0);
        assert_int_equal(outbox_add(&f->outbox, 1), -ENOBUFS);
        assert_int_equal(outbox_add(&f->outbox, INT64_MAX - 2), 0);
        assert_int_equal(outbox_freeze(&f->outbox, 1, payload), -EINVAL);
        memmove(payload + 1, payload + 2, OUTBOX_PAYLOAD_MAX);
        for (int64_t i = 0; i < OUTBOX_SENDING_MAX; i++)
                assert_int_equal(outbox_freeze(&f->outbox, INT64_MAX - 2 - OUTBOX_WAITING_MAX - i, payload),
                                0);
        assert_int_equal(outbox_freeze(&f->outbox, 1, payload), -ENOBUFS);
        assert_int_equal(outbox_save(&f->outbox), 0);

        open_it(f);
        assert_int_equal(f->outbox.waiting.n, OUTBOX_WAITING_MAX);
        assert_int_equal(f->outbox.n_sending, OUTBOX_SENDING_MAX);
        assert_string_equal(f->outbox.sending[3].payload, payload);
        assert_int_equal(f->outbox.seen, INT64_MAX - 1);
}

/* -- What is found --------------------------------------------------------------------------------------- */

static void test_damaged_files(void **state)
{
        static const struct {
                const char *text, *expected;
        } cases[] = {
                { "", "line 1 is not" },
                { "\n", "line 1 is not" },
                { "end\n", "line 1 is not" },
                { "cardio-bridge 1\nend\n", "line 2 is not" },
                { HEAD "end\n", "line 3 is not" },
                { "cardio-bridge 2\nwhatever\nend\n", "another version of cardio-bridge has written it" },
                { "cardio-bridge 11\nend\n", "another version of cardio-bridge has written it" },
                { "cardio-bridge 1\r\n", "another version" },
                { "folder /home/runner/Runs\nformat fit\ndatabase /x\nseen 45\n", "line 1 is not" },
                { HEAD "seen 45\n", "line 4 is not" },
                { HEAD "seen 45\nend", "line 4 is not" },
                { HEAD "seen 45\nend\nmore\n", "line 5 is not" },
                { HEAD "seen 45\nend\n\n", "line 5 is not" },
                { HEAD "seen 45\n\nend\n", "line 4 is not" },
                { HEAD "seen 45\nseen 46\nend\n", "line 4 is not" },
                { HEAD "database /x\nseen 45\nend\n", "line 3 is not" },
                { HEAD "waiting 44\nseen 45\nend\n", "line 3 is not" },
                { "cardio-bridge 1\nseen 45\nend\n", "line 2 is not" },
                { "cardio-bridge 1\ndatabase \nseen 45\nend\n", "line 2 is not" },
                { HEAD "seen \nend\n", "line 3 is not" },
                { HEAD "seen -1\nend\n", "line 3 is not" },
                { HEAD "seen 045\nend\n", "line 3 is not" },
                { HEAD "seen 45 \nend\n", "line 3 is not" },
                { HEAD "seen  45\nend\n", "line 3 is not" },
                { HEAD "seen 9223372036854775807\nend\n", "line 3 is not" },
                { HEAD "seen 99999999999999999999\nend\n", "line 3 is not" },
                { HEAD "seen 45\nwaiting 0\nend\n", "line 4 is not" },
                { HEAD "seen 45\nwaiting 44\nwaiting 44\nend\n", "line 5 is not" },
                { HEAD "seen 45\nsending 44 {}\nwaiting 44\nend\n", "line 5 is not" },
                { HEAD "seen 45\nwaiting 44\nsending 44 {}\nend\n", "line 5 is not" },
                { HEAD "seen 45\nsending 44 {}\nsending 44 {}\nend\n", "line 5 is not" },
                { HEAD "seen 45\nsending 44\nend\n", "line 4 is not" },
                { HEAD "seen 45\nsending 44 {\nend\n", "line 4 is not" },
                { HEAD "seen 45\nsending x {}\nend\n", "line 4 is not" },
                { HEAD "seen 45\nsending 44 {\t}\nend\n", "line 4 is not" },
                { HEAD "seen 45\nsending 1 {}\nsending 2 {}\nsending 3 {}\nsending 4 {}\nsending 5 {}\nend\n",
                                "line 8 is not" },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                put_text(f, cases[i].text);
                refused(f, -EBADMSG, cases[i].expected);
                assert_text(f, cases[i].text); /* and left as it is */
        }
        put_bytes(f, HEAD "seen 45\nend\0\n", strlen(HEAD "seen 45\nend\n") + 1);
        refused(f, -EBADMSG, "line 1 is not");
        put_text(f, HEAD "seen 0\nend\n"); /* the least that there can be */
        open_it(f);
        assert_int_equal(f->outbox.seen, 0);
}

static void test_cut_anywhere(void **state)
{
        Fixture *f = *state;

        for (size_t n = 0; n < strlen(FILLED); n++) {
                put_bytes(f, FILLED, n);
                refused(f, -EBADMSG, "so it is not known which sessions the broker has");
        }
        put_text(f, FILLED);
        open_it(f);
        assert_filled(&f->outbox);
}

/* Larger than any of ours: refused before it is in memory. */
static void test_endless_file(void **state)
{
        Fixture *f = *state;
        int fd;

        put_text(f, HEAD "seen 1\n");
        fd = open(f->file, O_WRONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
        assert_int_equal(close(fd), 0);
        refused(f, -EBADMSG, "line 1 is not");
}

static void test_what_is_no_file(void **state)
{
        Fixture *f = *state;

        assert_int_equal(mkdir(f->file, 0700), 0);
        refused(f, -EBADMSG, "is not a file");
        assert_int_equal(rmdir(f->file), 0);
        assert_int_equal(mkfifo(f->file, 0600), 0);
        refused(f, -EBADMSG, "is not a file");
        assert_int_equal(unlink(f->file), 0);
        assert_int_equal(symlink("/dev/zero", f->file), 0);
        refused(f, -ELOOP, "Too many levels of symbolic links");
}

static void test_folders(void **state)
{
        char deep[64], deeper[64], *error = NULL;
        const Fixture *f = *state;
        Outbox outbox;
        struct stat st;

        (void)snprintf(deep, sizeof(deep), "%s/a", f->folder);
        (void)snprintf(deeper, sizeof(deeper), "%s/a/b", f->folder);
        assert_int_equal(outbox_open(deeper, &outbox, &error), 0);
        outbox_close(&outbox);
        assert_int_equal(stat(deep, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        assert_int_equal(stat(deeper, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);

        put_text(f, "");
        refused_in(f->file, -ENOTDIR, "cannot keep which sessions the broker has in ");
        refused_in("", -ENOENT, "cannot keep which sessions the broker has in ");
}

static void test_two_bridges(void **state)
{
        Fixture *f = *state;
        pid_t child;
        int status;

        open_it(f);
        fill(&f->outbox);
        assert_int_equal(outbox_save(&f->outbox), 0);
        refused(f, -EBUSY, "another cardio-bridge keeps its sessions in /tmp/");
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                Outbox other;
                char *error;

                _exit(outbox_open(f->folder, &other, &error) == -EBUSY ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_text(f, FILLED);
        open_it(f); /* the lock goes with the first */
        assert_filled(&f->outbox);
}

/* -- What cannot be written ------------------------------------------------------------------------------ */

/* A disk that is full after each number of bytes: what was saved before is there, and nothing else. */
static void test_full_disk(void **state)
{
        static const char before[] = HEAD "seen 45\nwaiting 43\nend\n",
                          after[] = HEAD "seen 45\nsending 43 {\"id\":43}\nend\n";
        struct rlimit old, tight;
        Fixture *f = *state;

        assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
        put_text(f, before);
        open_it(f);
        assert_int_equal(outbox_freeze(&f->outbox, 43, "{\"id\":43}"), 0);
        for (rlim_t n = 0; n < strlen(after); n++) {
                int r;

                tight = (struct rlimit){ .rlim_cur = n, .rlim_max = old.rlim_max };
                assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
                r = outbox_save(&f->outbox);
                assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
                assert_int_equal(r, -EFBIG);
                assert_true(f->outbox.unsaved);
                assert_false(f->outbox.sending[0].saved);
                assert_text(f, before);
        }
        assert_int_equal(outbox_save(&f->outbox), 0);
        assert_true(f->outbox.sending[0].saved);
        assert_text(f, after);
        assert_true(signal(SIGXFSZ, SIG_DFL) != SIG_ERR);
}

/* -- What the disk is told, and what it may answer ------------------------------------------------------- */

/* These stand in the way of the C library's. */
static struct {
        int until_fault; /* calls that still succeed; below 0: all */
        int error;
        char calls[256]; /* as in "write fsync renameat" */
} disk = { .until_fault = -1 };

static bool fails(const char *call)
{
        size_t n = strlen(disk.calls);

        (void)snprintf(disk.calls + n, sizeof(disk.calls) - n, "%s%s", n > 0 ? " " : "", call);
        if (disk.until_fault != 0) {
                disk.until_fault -= disk.until_fault > 0;
                return false;
        }
        errno = disk.error;
        return true;
}

static bool is_folder(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int fsync(int fd)
{
        return fails(is_folder(fd) ? "fsync-folder" : "fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
        return fails("renameat") ? -1 : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}

/* The content is on the disk before it has its name, and the name before it counts as saved. */
static void test_order_on_the_disk(void **state)
{
        Fixture *f = *state;

        open_it(f);
        fill(&f->outbox);
        disk.calls[0] = '\0';
        assert_int_equal(outbox_save(&f->outbox), 0);
        assert_string_equal(disk.calls, "fsync renameat fsync-folder");
}

static void test_each_step_fails(void **state)
{
        static const char before[] = HEAD "seen 45\nwaiting 43\nend\n",
                          after[] = HEAD "seen 45\nsending 43 {\"id\":43}\nend\n";
        static const struct {
                int until_fault, error;
                bool replaced; /* it has its name, perhaps not for good */
        } cases[] = {
                { 0, EIO, false },
                { 0, ENOSPC, false },
                { 0, EDQUOT, false },
                { 1, ENOSPC, false },
                { 1, EROFS, false },
                { 2, EIO, true },
        };
        Fixture *f = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int r;

                put_text(f, before);
                open_it(f);
                assert_int_equal(outbox_freeze(&f->outbox, 43, "{\"id\":43}"), 0);
                disk.calls[0] = '\0';
                disk.until_fault = cases[i].until_fault;
                disk.error = cases[i].error;
                r = outbox_save(&f->outbox);
                disk.until_fault = -1;
                assert_int_equal(r, -cases[i].error);
                assert_true(f->outbox.unsaved);
                assert_false(f->outbox.sending[0].saved);
                assert_text(f, cases[i].replaced ? after : before);
                assert_int_equal(outbox_save(&f->outbox), 0);
                assert_true(f->outbox.sending[0].saved);
                assert_text(f, after);
        }
        /* Some file systems do not sync folders. */
        disk.until_fault = 2;
        disk.error = EINVAL;
        assert_int_equal(outbox_save(&f->outbox), 0);
        disk.until_fault = -1;
}

static void test_what_is_in_the_way(void **state)
{
        char part[80];
        Fixture *f = *state;
        struct stat st;

        (void)snprintf(part, sizeof(part), "%s/.bridge-outbox.part", f->folder);
        open_it(f);
        fill(&f->outbox);
        /* Of one that was killed. */
        assert_int_equal(symlink("/etc/passwd", part), 0);
        assert_int_equal(outbox_save(&f->outbox), 0);
        assert_text(f, FILLED);
        assert_int_equal(lstat(f->file, &st), 0);
        assert_true(S_ISREG(st.st_mode));
        assert_int_equal(lstat(part, &st), -1);

        assert_int_equal(mkdir(part, 0700), 0);
        outbox_drop(&f->outbox, 43);
        assert_int_equal(outbox_save(&f->outbox), -EISDIR);
        assert_true(f->outbox.unsaved);
        assert_text(f, FILLED);
        assert_int_equal(rmdir(part), 0);
        assert_int_equal(outbox_save(&f->outbox), 0);

        /* The folder is gone, and not just renamed. */
        assert_int_equal(nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        outbox_drop(&f->outbox, 7);
        assert_int_equal(outbox_save(&f->outbox), -ENOENT);
        assert_int_equal(mkdir(f->folder, 0700), 0); /* for the end of the test */
}

/* -- Killed ---------------------------------------------------------------------------------------------- */

#define DEATHS 60U

/* What it looks like after n steps: session n + 1 waits, n is sent. */
static void live(Outbox *o, unsigned *done)
{
        char payload[64];

        for (unsigned n = 1;; n++) {
                (void)snprintf(payload, sizeof(payload), "{\"id\":%u}", n);
                if (n > 1)
                        outbox_drop(o, n - 1);
                outbox_see(o, n + 1);
                if (outbox_add(o, n + 1) < 0 || outbox_freeze(o, n, payload) < 0 || outbox_save(o) < 0)
                        _exit(1);
                __atomic_store_n(done, n, __ATOMIC_SEQ_CST);
        }
}

static void test_killed_at_any_moment(void **state)
{
        unsigned *done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        unsigned most = 0;
        Fixture *f = *state;

        assert_true(done != MAP_FAILED);
        for (unsigned i = 0; i < DEATHS; i++) {
                char payload[64];
                int64_t n;
                pid_t child;
                int status;

                (void)unlink(f->file);
                open_it(f);
                assert_int_equal(outbox_begin(&f->outbox, DATABASE), 0);
                *done = 0;
                child = fork();
                assert_true(child >= 0);
                if (child == 0)
                        live(&f->outbox, done);
                while (__atomic_load_n(done, __ATOMIC_SEQ_CST) < 1 + i % 3)
                        (void)usleep(10);
                (void)usleep(i * 97 % 3000);
                assert_int_equal(kill(child, SIGKILL), 0);
                assert_int_equal(waitpid(child, &status, 0), child);
                assert_true(WIFSIGNALED(status));

                open_it(f);
                assert_int_equal(f->outbox.n_sending, 1);
                n = f->outbox.sending[0].session;
                assert_in_range(n, *done, *done + 1);
                (void)snprintf(payload, sizeof(payload), "{\"id\":%lld}", (long long)n);
                assert_string_equal(f->outbox.sending[0].payload, payload);
                assert_int_equal(f->outbox.seen, n + 1);
                assert_int_equal(f->outbox.waiting.n, 1);
                assert_int_equal(f->outbox.waiting.id[0], n + 1);
                assert_int_equal(outbox_save(&f->outbox), 0);
                most = *done > most ? *done : most;
        }
        assert_true(most > 2); /* it was killed while it wrote, too */
        assert_int_equal(munmap(done, sizeof(*done)), 0);
}

/* root, who has a look at what is wrong with the service, leaves nothing in its folder that the service cannot read. */
static void test_root_tries_it(void **state)
{
        static const char *const names[] = { OUTBOX_NAME, OUTBOX_NAME ".lock" };
        Fixture *f = *state;

        if (geteuid() != 0)
                skip();
        assert_int_equal(chown(f->folder, 65534, 65533), 0);
        open_it(f);
        assert_int_equal(outbox_begin(&f->outbox, DATABASE), 0);
        assert_int_equal(outbox_save(&f->outbox), 0);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                char path[96];
                struct stat st;

                (void)snprintf(path, sizeof(path), "%s/%s", f->folder, names[i]);
                assert_int_equal(stat(path, &st), 0);
                assert_int_equal(st.st_uid, 65534);
                assert_int_equal(st.st_gid, 65533);
                assert_int_equal(st.st_mode & 07777, 0600);
        }
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_id_list),
                test(test_what_is_saved_is_read),
                test(test_what_changes_is_unsaved),
                test(test_limits),
                test(test_damaged_files),
                test(test_cut_anywhere),
                test(test_endless_file),
                test(test_what_is_no_file),
                test(test_folders),
                test(test_two_bridges),
                test(test_root_tries_it),
                test(test_full_disk),
                test(test_order_on_the_disk),
                test(test_each_step_fails),
                test(test_what_is_in_the_way),
                test(test_killed_at_any_moment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
