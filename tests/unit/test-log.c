/* SPDX-License-Identifier: MIT */

/* Log lines as they leave on standard error. */

#include "daemon/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static int stderr_saved(FILE *file)
{
        int saved = dup(STDERR_FILENO);

        assert_true(saved >= 0);
        assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
        return saved;
}

static char *stderr_restored(int saved, FILE *file)
{
        char *text = NULL;
        size_t size = 0;

        fflush(stderr);
        assert_true(dup2(saved, STDERR_FILENO) >= 0);
        close(saved);
        rewind(file);
        if (getdelim(&text, &size, '\0', file) < 0) {
                free(text);
                text = strdup("");
        }
        fclose(file);
        return text;
}

static void test_lines(void **state)
{
        static const char expected[] = "strap a?b?[31m??ü\nwanted\nfound 1\nlost\n";
        _cleanup_free_ char *text = NULL;
        FILE *file = tmpfile();
        char name[2000];
        int saved;

        (void)state;
        assert_non_null(file);
        memset(name, 'x', sizeof(name));
        name[sizeof(name) - 1] = '\0';

        saved = stderr_saved(file);
        log_open();
        errno = ENOSPC;
        log_info("strap %s", "a\nb\033[31m\x7f\tü");
        assert_int_equal(errno, ENOSPC);
        log_debug("not wanted");
        setenv("CARDIOD_LOG_LEVEL", "info", 1);
        log_debug("not wanted");
        setenv("CARDIOD_LOG_LEVEL", "debug", 1);
        log_debug("wanted");
        unsetenv("CARDIOD_LOG_LEVEL");
        log_event(LOG_ID_STRAP_FOUND, "CARDIO_STRAP=AA:BB:CC:DD:EE:FF", "found %d", 1);
        log_event(LOG_ID_STRAP_LOST, NULL, "lost");
        log_error("%s", name);
        text = stderr_restored(saved, file);

        assert_int_equal(strncmp(text, expected, strlen(expected)), 0);
        assert_int_equal(strlen(text), strlen(expected) + 1023 + 1);
}

/* Two hundred lines in half a minute; what was left out is told with the first line after that. */
static void test_share(void **state)
{
        LogShare share = { 0 };
        unsigned left_out;

        (void)state;
        for (unsigned i = 0; i < LOG_SHARE_MAX; i++)
                assert_true(log_share_take(&share, 1000 + i, &left_out));
        for (unsigned i = 0; i < 7; i++)
                assert_false(log_share_take(&share, 20 * USEC_PER_SEC, &left_out));
        assert_int_equal(left_out, 0);
        assert_false(log_share_take(&share, 1000 + LOG_SHARE_USEC - 1, &left_out));
        assert_true(log_share_take(&share, 1000 + LOG_SHARE_USEC, &left_out));
        assert_int_equal(left_out, 8);
        assert_true(log_share_take(&share, 1001 + LOG_SHARE_USEC, &left_out));
        assert_int_equal(left_out, 0);
}

/* Of what goes elsewhere than to the journal nothing is left out. */
static void test_many_lines(void **state)
{
        _cleanup_free_ char *text = NULL;
        FILE *file = tmpfile();
        unsigned n = 0;
        int saved;

        (void)state;
        assert_non_null(file);
        saved = stderr_saved(file);
        for (unsigned i = 0; i < 2 * LOG_SHARE_MAX; i++)
                log_info("again");
        text = stderr_restored(saved, file);
        for (const char *at = text; (at = strstr(at, "again\n")); at++)
                n++;
        assert_int_equal(n, 2 * LOG_SHARE_MAX);
}

/* Told that stderr is the journal's stream, lines go to the journal instead; where it is another stream, they
 * do not. */
static void test_journal_stream(void **state)
{
        _cleanup_free_ char *text = NULL;
        FILE *file = tmpfile();
        char stream[64];
        struct stat st;
        int saved;

        (void)state;
        assert_non_null(file);
        assert_int_equal(fstat(fileno(file), &st), 0);
        saved = stderr_saved(file);
        (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + 1);
        setenv("JOURNAL_STREAM", stream, 1);
        log_info("to stderr");
        (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
        setenv("JOURNAL_STREAM", stream, 1);
        log_debug("cardiod's test of its log");
        log_event(LOG_ID_STRAP_FOUND, "CARDIO_STRAP=AA:BB:CC:DD:EE:FF", "cardiod's test of its log");
        unsetenv("JOURNAL_STREAM");
        text = stderr_restored(saved, file);
        assert_string_equal(text, "to stderr\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_share),
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_journal_stream),
                cmocka_unit_test(test_many_lines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
