/* SPDX-License-Identifier: MIT */

/* The bridge's sessions, and a broker that does what the test says. */

#include "sending-fixture.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run-fixture.h"

/* -- What it is told, and what it does --------------------------------------------------------------------- */

Sending sending_start(Harness *h)
{
        const char *argv[] = { BUILD "/sessions-standin", harness_path(h, "outbox"), NULL };

        return (Sending){ .h = h, .child = harness_spawn(h, "bridge", true, argv) };
}

void sending_command(Sending *b, const char *line)
{
        char done[32];

        (void)snprintf(done, sizeof(done), "ok %u", ++b->n_done);
        harness_child_write(b->h, b->child, line);
        harness_wait_output(b->h, b->child, false, done, HARNESS_TIMEOUT);
}

void sending_end(Sending *b, int signal)
{
        assert_int_equal(harness_child_end(b->h, b->child, signal), 128 + signal);
}

/* The payload of the nth that was sent. To be freed. */
char *sending_payload(Sending *b, unsigned n)
{
        _cleanup_free_ char *text = NULL;
        char pattern[32], *from;

        (void)snprintf(pattern, sizeof(pattern), "send %u *", n);
        harness_wait_output(b->h, b->child, false, pattern, 3 * HARNESS_TIMEOUT);
        text = harness_child_output(b->h, b->child, false);
        pattern[strlen(pattern) - 1] = '\0';
        from = strstr(text, pattern);
        assert_non_null(from);
        from += strlen(pattern);
        from[strcspn(from, "\n")] = '\0';
        return strdup(from);
}

unsigned sending_count(Sending *b)
{
        _cleanup_free_ char *text = harness_child_output(b->h, b->child, false);
        unsigned n = strncmp(text, "send ", 5) == 0;

        for (const char *p = text; (p = strstr(p, "\nsend ")); p++)
                n++;
        return n;
}

void sending_expect(Sending *b, unsigned n)
{
        harness_pass_time(b->h, SENDING_MOMENT);
        assert_int_equal(sending_count(b), n);
}

/* {"device":"garage","id":ID,… */
void sending_expect_session(Sending *b, unsigned n, int64_t id)
{
        _cleanup_free_ char *payload = sending_payload(b, n);
        char begin[64];

        (void)snprintf(begin, sizeof(begin), "{\"device\":\"garage\",\"id\":%lld,", (long long)id);
        if (strncmp(payload, begin, strlen(begin)) != 0)
                harness_fail(b->h, "%s, expected %s…", payload, begin);
        run_assert_contains(payload, "\"source\":\"strap\"");
}

void sending_expect_waiting(Sending *b, unsigned n)
{
        char expected[64];
        _cleanup_free_ char *text = NULL;

        sending_command(b, "waiting");
        text = harness_child_output(b->h, b->child, false);
        (void)snprintf(expected, sizeof(expected), "waiting %u\nok %u\n", n, b->n_done);
        run_assert_contains(text, expected);
}

static bool outbox_matches(Harness *h, void *userdata)
{
        _cleanup_free_ char *text = harness_read_file(h, SENDING_OUTBOX);

        return fnmatch(userdata, text, 0) == 0;
}

/* Waits until the file is like this. */
void sending_wait_outbox(Harness *h, const char *pattern)
{
        if (harness_wait(h, outbox_matches, (void *)pattern, 3 * HARNESS_TIMEOUT))
                return;
        {
                _cleanup_free_ char *text = harness_read_file(h, SENDING_OUTBOX);

                harness_fail(h, "the outbox is\n%s", text);
        }
}

unsigned sending_count_lines(Sending *b, const char *pattern)
{
        _cleanup_free_ char *text = harness_child_output(b->h, b->child, true);
        char *save = NULL;
        unsigned n = 0;

        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                n += fnmatch(pattern, line, 0) == 0;
        return n;
}
