/* SPDX-License-Identifier: MIT */
/* Long output goes through a pager on a terminal, the real less or one of ours; short output, an error and what goes
 * elsewhere do not. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl-fixture.h"
#include "terminal.h"

/* The newest is the number SESSIONS. 100 of them are longer than a terminal, 3000 than what a pipe holds. */
#define SESSIONS(n)                                                                                         \
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " #n ") INSERT INTO "     \
        "session (source, kind, started_at, ended_at, ceiling, live_s, over_s) "                            \
        "SELECT 'strap', 'base', 1700000000000 + i * 86400000, 1700003600000 + i * 86400000, 146, 3600, 9 " \
        "FROM n"

/* Nothing of the environment of whoever runs the tests. */
static void forget_pagers(void)
{
        (void)unsetenv("CARDIO_PAGER");
        (void)unsetenv("PAGER");
        (void)unsetenv("LESS");
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)setenv("TERM", "xterm", 1);
}

/* A pager that keeps what it reads in the file "read", and shows one line; runs `then` in the end. */
static const char *make_pager(Harness *h, const char *then)
{
        char script[512];

        (void)snprintf(script, sizeof(script), "#!/bin/sh\ncat >'%s'\necho \"paged with LESS=$LESS\"\n%s\n",
                        harness_path(h, "read"), then);
        harness_write_file(h, "pager", script);
        assert_int_equal(chmod(harness_path(h, "pager"), 0755), 0);
        return harness_path(h, "pager");
}

/* What it read, to be freed; NULL if it was not run. */
static char *pager_read(Harness *h)
{
        FILE *file = fopen(harness_path(h, "read"), "re");
        char *text = NULL;
        size_t size = 0;

        if (!file)
                return NULL;
        assert_true(getdelim(&text, &size, '\0', file) > 0);
        (void)fclose(file);
        assert_int_equal(unlink(harness_path(h, "read")), 0);
        return text;
}

/* The real one: it stays at the first screen, Ctrl-C does not end it, and it keeps the colours. */
static void test_less(Harness *h)
{
        _cleanup_terminal_ Terminal *t = NULL;
        const char *db = ctl_database(h, SESSIONS(100));

        forget_pagers();
        t = terminal_run(h, 24, 80, "--database", db, "sessions", "--limit", "0", NULL);
        terminal_wait(t, 0, " ID  DATE *");
        terminal_wait(t, 1, "100  2024-02-22 *");
        terminal_wait(t, 23, ":");
        assert_true(terminal_has_foreground(t, 1, 3)); /* the time over the ceiling */
        assert_null(strstr(terminal_sent(t), "ESC["));
        /* As at Ctrl-C, which less takes as the end of what it is doing. */
        assert_int_equal(kill(terminal_pid(t), SIGINT), 0);
        terminal_type(t, "G");
        terminal_wait(t, 22, "  1  2023-11-15 *");
        terminal_wait(t, 23, "(END)");
        terminal_type(t, "q");
        assert_int_equal(terminal_wait_end(t), 0);
}

static void test_whose_pager(Harness *h)
{
        static const struct {
                const char *cardio,
                                *pager; /* NULL = not set; "ours" = the script, "ours -x" = with an argument */
                const char *less,
                                *seen; /* what LESS is, and what the script sees of it; NULL = it is not run */
        } cases[] = {
                { NULL, "ours", NULL, "FRX" },
                { "ours", "false", NULL, "FRX" },
                { "ours", "false", "i", "i" },
                { "ours -x", NULL, NULL, "FRX" },
                { "cat", "ours", NULL, NULL },
                { "", "ours", NULL, NULL },
                { NULL, "cat", NULL, NULL },
                { NULL, "", NULL, NULL },
        };
        const char *db = ctl_database(h, SESSIONS(100)), *ours = make_pager(h, "");
        _cleanup_free_ char *with_argument = NULL;

        assert_true(asprintf(&with_argument, "%s -x", ours) > 0);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *values[] = { cases[i].cardio, cases[i].pager },
                           *names[] = { "CARDIO_PAGER", "PAGER" };
                _cleanup_terminal_ Terminal *t = NULL;
                _cleanup_free_ char *read = NULL, *line = NULL;

                forget_pagers();
                for (size_t j = 0; j < ELEMENTSOF(values); j++)
                        if (values[j])
                                (void)setenv(names[j],
                                                strcmp(values[j], "ours") == 0      ? ours
                                                : strcmp(values[j], "ours -x") == 0 ? with_argument
                                                                                    : values[j],
                                                1);
                if (cases[i].less)
                        (void)setenv("LESS", cases[i].less, 1);
                t = terminal_run(h, 24, 80, "--database", db, "sessions", "--limit", "0", NULL);
                assert_int_equal(terminal_wait_end(t), 0);
                read = pager_read(h);
                if (!cases[i].seen) {
                        assert_null(read);
                        terminal_wait(t, 22, "  1  2023-11-15 *");
                        continue;
                }
                assert_non_null(read);
                ctl_assert_contains(read, "2024-02-22");
                ctl_assert_contains(read, "2023-11-15");
                assert_true(asprintf(&line, "paged with LESS=%s", cases[i].seen) > 0);
                terminal_wait(t, 0, line);
        }
}

/* Only what is longer than the terminal, is on one, and is what was asked for. */
static void test_not_paged(Harness *h)
{
        _cleanup_ctl_ Ctl c = { .h = h };
        const char *db = ctl_database(h, SESSIONS(100)), *pager = make_pager(h, "");
        static const char *const arguments[][4] = {
                { "sessions", "--limit", "5" },  /* short */
                { "sessions", "--limit", "22" }, /* the title, 22, and the prompt: just fits */
                { "sessions", "--limit=0", "--no-pager" },
                { "--no-pager", "sessions", "--limit=0" },
                { "show", "last" },
                { "show", "1234" }, /* an error */
                { "sessions", "--kind", "race" },
                { "completions", "bash" },
                { "--no-pager", "help" },
        };

        forget_pagers();
        (void)setenv("CARDIO_PAGER", pager, 1);
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++) {
                const char *const *a = arguments[i];
                _cleanup_terminal_ Terminal *t =
                                terminal_run(h, 24, 80, "--database", db, a[0], a[1], a[2], NULL);
                _cleanup_free_ char *read = NULL;

                assert_int_equal(terminal_wait_end(t), a[1] && strcmp(a[1], "1234") == 0 ? 4 : 0);
                read = pager_read(h);
                if (read)
                        fail_msg("`%s %s` was paged", a[0], a[1] ? a[1] : "");
        }

        assert_int_equal(ctl_run(&c, "--database", db, "sessions", NULL), 0);
        ctl_assert_contains(c.out, "2023-11-15");
        assert_int_equal(ctl_run(&c, "--database", db, "sessions", "--json", NULL), 0);
        assert_string_equal(ctl_json(&c, "$[99].id"), "1");
        assert_null(pager_read(h));

        (void)setenv("TERM", "dumb", 1);
        {
                _cleanup_terminal_ Terminal *t =
                                terminal_run(h, 24, 80, "--database", db, "sessions", "--limit", "0", NULL);

                assert_int_equal(terminal_wait_end(t), 0);
                assert_null(pager_read(h));
        }
}

/* The width is the terminal's; and JSON is paged there, too, as are the help and one line more than fits. */
static void test_paged(Harness *h)
{
        static const char *const arguments[][4] = {
                { "sessions", "--limit", "23" },
                { "sessions", "--json" },
                { "help" },
                { "--help" },
        };
        const char *db = ctl_database(h, SESSIONS(100)), *pager = make_pager(h, "");

        forget_pagers();
        (void)setenv("CARDIO_PAGER", pager, 1);
        (void)setenv("NO_COLOR", "1", 1);
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++) {
                const char *const *a = arguments[i];
                _cleanup_terminal_ Terminal *t =
                                terminal_run(h, 24, 40, "--database", db, a[0], a[1], a[2], NULL);
                _cleanup_free_ char *read = NULL;

                assert_int_equal(terminal_wait_end(t), 0);
                read = pager_read(h);
                assert_non_null(read);
                assert_null(strchr(read, '\033'));
                for (const char *line = read; i == 0 && *line; line += strcspn(line, "\n") + 1)
                        assert_true(strcspn(line, "\n") <= 40);
        }
        (void)unsetenv("NO_COLOR");
}

/* The exit status is the verb's, whatever becomes of the pager; nothing is said about one that has seen enough. */
static void test_left_early(Harness *h)
{
        static const char *const pagers[] = { "true", "false", "head -1", "kill -9 $$", "exit 3" };
        const char *db = ctl_database(h, SESSIONS(3000));

        for (size_t i = 0; i < ELEMENTSOF(pagers); i++) {
                _cleanup_terminal_ Terminal *t = NULL;

                forget_pagers();
                (void)setenv("PAGER", pagers[i], 1);
                t = terminal_run(h, 24, 100, "--database", db, "sessions", "--limit", "0", NULL);
                assert_int_equal(terminal_wait_end(t), 0);
                assert_null(strstr(terminal_sent(t), "cardioctl:"));
                assert_null(strstr(terminal_sent(t), "2023-11-15"));
        }
}

/* One that is not there: the text as it is, and a word about it unless it is the default, or none was named. */
static void test_missing(Harness *h)
{
        const char *db = ctl_database(h, SESSIONS(100));
        _cleanup_free_ char *path = strdup(getenv("PATH"));
        static const char *const pagers[] = { "no-such-pager", "no-such-pager -x", " ", NULL };

        for (size_t i = 0; i < ELEMENTSOF(pagers); i++) {
                _cleanup_terminal_ Terminal *t = NULL;

                forget_pagers();
                if (pagers[i])
                        (void)setenv("CARDIO_PAGER", pagers[i], 1);
                else
                        (void)setenv("PATH", harness_path(h, "."), 1);
                t = terminal_run(h, 24, 100, "--database", db, "sessions", "--limit", "0", NULL);
                (void)setenv("PATH", path, 1);
                assert_int_equal(terminal_wait_end(t), 0);
                ctl_assert_contains(terminal_sent(t), "2024-02-22");
                ctl_assert_contains(terminal_sent(t), "2023-11-15");
                if (pagers[i] && pagers[i][0] != ' ')
                        ctl_assert_contains(
                                        terminal_sent(t), "cardioctl: cannot run the pager 'no-such-pager");
                else
                        assert_null(strstr(terminal_sent(t), "cardioctl:"));
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_less),
                harness_test(test_whose_pager),
                harness_test(test_not_paged),
                harness_test(test_paged),
                harness_test(test_left_early),
                harness_test(test_missing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
