/* SPDX-License-Identifier: MIT */

/* What comes of the sessions that the daemon lists, against those that wait and are sent: a table of lists. And lists that no
 * daemon should send. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "bridge/walk.h"
#include "cardio/macro.h"

#define NOT_BEGUN "-"

/* An outbox is "45 w44 w43 s7": seen, those that wait, those that are sent (not on their way yet), S7: one on its way. A list is
 * "43so 44s- 46so/44": number; strap, import or manual; over or not; of which it was a part. */
typedef struct Case {
        const char *name, *outbox, *list;
        int64_t last;
        const char *expected; /* the outbox then; what is ripe, is not over, was only announced; whether it is older */
} Case;

static const Case cases[] = {
        { "nothing", "0", "", 0, "0; ripe; open 0; announced 0" },
        /* At the beginning: those alone that are not over. */
        { "first start, none", NOT_BEGUN, "", 0, "0; ripe; open 0; announced 0" },
        { "first start", NOT_BEGUN, "1so 2io 3mo 5so", 6, "6; ripe; open 0; announced 0" },
        { "first start in a run", NOT_BEGUN, "1so 2s- 3so 4s-", 4, "4 w2 w4; ripe; open 2; announced 0" },
        { "first start in an import", NOT_BEGUN, "1so 2i- 3m-", 3, "3; ripe; open 0; announced 0" },
        { "first start, one ends at that moment", "- w4", "1so 2so 4so", 4,
                        "4 w4; ripe 4; open 0; announced 0" },
        { "first start, one is announced", "- w5", "1so 2so", 4, "4 w5; ripe; open 0; announced 1" },
        { "first start, a part that may go on", NOT_BEGUN, "1so 2s-/1", 2,
                        "2 w2; ripe; open 1; announced 0" },
        /* New ones. */
        { "new", "4", "1so 4so 5so 6so", 6, "6 w5 w6; ripe 5 6; open 0; announced 0" },
        { "new, of no strap", "4", "5io 6mo 7so", 7, "7 w7; ripe 7; open 0; announced 0" },
        { "new, recorded", "4", "5s-", 5, "5 w5; ripe; open 1; announced 0" },
        { "new, discarded", "4", "", 6, "6; ripe; open 0; announced 0" },
        { "new, discarded between", "4", "6so", 7, "7 w6; ripe 6; open 0; announced 0" },
        /* Those that wait. */
        { "waiting", "5 w3 w5", "1so 3so 4so 5s-", 5, "5 w3 w5; ripe 3; open 1; announced 0" },
        { "deleted or discarded", "5 w3 w5", "1so 4so 5so", 5, "5 w5; ripe 5; open 0; announced 0" },
        { "deleted, the last", "5 w3 w5", "1so 3s- 4so", 5, "5 w3; ripe; open 1; announced 0" },
        { "all deleted", "5 w3 w5", "", 5, "5; ripe; open 0; announced 0" },
        { "announced, and not stored", "5 w6", "5so", 5, "5 w6; ripe; open 0; announced 1" },
        { "announced, then stored", "5 w6", "5so 6so", 6, "6 w6; ripe 6; open 0; announced 0" },
        { "announced, then discarded", "5 w6", "5so", 6, "6; ripe; open 0; announced 0" },
        { "merged with an earlier one", "5 w4 w5", "4so 5s-", 5, "5 w4 w5; ripe 4; open 1; announced 0" },
        { "merged with an import", "5 w4", "4io", 5, "5; ripe; open 0; announced 0" },
        /* Not more than can be sent at once. */
        { "many", "9 w1 w2 w3 w4 w5 w6", "1so 2so 3so 4so 5so 6s-", 9,
                        "9 w1 w2 w3 w4 w5 w6; ripe 1 2 3 4; open 1; announced 0" },
        /* Those that are sent. */
        { "sent", "5 s3 s5", "3so 4so 5so", 5, "5 s3 s5; ripe; open 0; announced 0" },
        { "deleted before it was sent", "5 s3 s5", "5so", 5, "5 s5; ripe; open 0; announced 0" },
        { "deleted on its way", "5 S3 S5", "5so", 5, "5 s3 s5; ripe; open 0; announced 0" },
        /* Parts. */
        { "split while it waits", "5 w3", "3so 4so 6so/3", 6, "6 w3 w6; ripe 3 6; open 0; announced 0" },
        { "split once it was sent", "5", "3so 4so 6so/3", 6, "6; ripe; open 0; announced 0" },
        { "split on its way", "5 S3", "3so 6so/3", 6, "6 s3; ripe; open 0; announced 0" },
        { "split unseen", "5", "6so 7so/6", 7, "7 w6 w7; ripe 6 7; open 0; announced 0" },
        { "split, and its first part deleted", "5 w3", "4so 6so/3", 6, "6 w6; ripe 6; open 0; announced 0" },
        { "split unseen, and its first part deleted", "5", "7so/6", 7, "7 w7; ripe 7; open 0; announced 0" },
        { "sent, split, and its first part deleted", "5", "6so/3", 6, "6; ripe; open 0; announced 0" },
        { "a part of a part that waits", "5 w3", "3so 6so/3 7so/6", 7,
                        "7 w3 w6 w7; ripe 3 6 7; open 0; announced 0" },
        { "a part of a part that was sent", "5", "3so 6so/3 7so/6 8so/7", 8, "8; ripe; open 0; announced 0" },
        { "a part of a part that was sent, later", "6", "3so 6so/3 7so/6", 7,
                        "7; ripe; open 0; announced 0" },
        { "a part of an import", "5", "3io 6io/3", 6, "6; ripe; open 0; announced 0" },
        { "another one was sent", "5 w2", "2so 3so 6so/3 7so/2", 7,
                        "7 w2 w7; ripe 2 7; open 0; announced 0" },
        /* Of a restored backup. */
        { "an older database", "45 w3 w44 s2 s45", "1so 2so 3so", 3,
                        "3 w3 s2 s45; ripe 3; open 0; announced 0; older" },
        { "an older database, deleted from", "45 w3 s2", "1so", 4, "4; ripe; open 0; announced 0; older" },
        { "an empty database", "45 w44 s43", "", 0, "0 s43; ripe; open 0; announced 0; older" },
        { "an older one that goes on", "45 w40", "40s-", 40, "40 w40; ripe; open 1; announced 0; older" },
        { "a newer one", "3 w2", "1so 2so 40so 41s-", 41, "41 w2 w40 w41; ripe 2 40; open 1; announced 0" },
};

static void outbox_from(Outbox *o, const char *text)
{
        _cleanup_free_ char *copy = strdup(text);
        char *save = NULL;

        *o = (Outbox){ .folder = -1, .lock = -1 };
        assert_non_null(copy);
        for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
                int64_t id = strtoll(word + 1, NULL, 10);

                switch (word[0]) {
                case '-':
                        break;
                case 'w':
                        assert_int_equal(outbox_add(o, id), 0);
                        break;
                case 's':
                case 'S':
                        assert_int_equal(outbox_freeze(o, id, "{}"), 0);
                        outbox_sending(o, id)->mid = word[0] == 'S';
                        break;
                default:
                        assert_int_equal(outbox_begin(o, "/cardiod.db"), 0);
                        outbox_see(o, strtoll(word, NULL, 10));
                }
        }
}

/* As the daemon would: those behind `after`. */
static void page_from(WalkPage *page, const Case *c, int64_t after)
{
        _cleanup_free_ char *copy = strdup(c->list);
        char *save = NULL;

        *page = (WalkPage){ .last = c->last };
        assert_non_null(copy);
        for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
                char *end;
                WalkRow row = {
                        .session = strtoll(word, &end, 10), .strap = end[0] == 's', .over = end[1] == 'o'
                };

                if (end[2] == '/')
                        row.whole = strtoll(end + 3, NULL, 10);
                if (row.session > after)
                        page->row[page->n++] = row;
        }
}

static char *text_of(const Outbox *o, const Walk *w)
{
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        assert_non_null(out);
        fprintf(out, "%lld", (long long)o->seen);
        for (size_t i = 0; i < o->waiting.n; i++)
                fprintf(out, " w%lld", (long long)o->waiting.id[i]);
        for (size_t i = 0; i < o->n_sending; i++)
                fprintf(out, " s%lld", (long long)o->sending[i].session);
        fputs("; ripe", out);
        for (size_t i = 0; i < w->n_ripe; i++)
                fprintf(out, " %lld", (long long)w->ripe[i]);
        fprintf(out, "; open %zu; announced %zu%s", w->open, w->announced, w->older ? "; older" : "");
        assert_int_equal(fclose(out), 0);
        return text;
}

static void test_lists(_unused_ void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = NULL;
                WalkPage page;
                Outbox o;
                Walk w;

                outbox_from(&o, cases[i].outbox);
                assert_int_equal(walk_begin(&w, &o), 0);
                page_from(&page, &cases[i], w.after);
                assert_int_equal(walk_take(&w, &o, &page), 0);
                text = text_of(&o, &w);
                if (strcmp(text, cases[i].expected) != 0)
                        fail_msg("%s: %s, expected %s", cases[i].name, text, cases[i].expected);
                walk_end(&w);

                /* A second look finds the same, and nothing new. */
                o.unsaved = false;
                free(text);
                if (!o.database)
                        assert_int_equal(outbox_begin(&o, "/cardiod.db"), 0);
                o.unsaved = false;
                assert_int_equal(walk_begin(&w, &o), 0);
                page_from(&page, &cases[i], w.after);
                assert_int_equal(walk_take(&w, &o, &page), 0);
                w.older = strstr(cases[i].expected, "older") != NULL;
                text = text_of(&o, &w);
                if (strcmp(text, cases[i].expected) != 0)
                        fail_msg("%s, again: %s, expected %s", cases[i].name, text, cases[i].expected);
                assert_false(o.unsaved);
                walk_end(&w);
                outbox_close(&o);
        }
}

/* What is found between the row of a session and its being frozen. */
static void test_only_new_ones(_unused_ void **state)
{
        static const Case found[] = {
                { "nothing", "5 w3", "", 5, "5 w3; ripe; open 0; announced 0" },
                { "its second part", "5 w3", "6so/3", 6, "6 w3 w6; ripe 6; open 0; announced 0" },
                { "another one", "5 w3", "6s-", 6, "6 w3 w6; ripe; open 1; announced 0" },
        };

        for (size_t i = 0; i < ELEMENTSOF(found); i++) {
                _cleanup_free_ char *text = NULL;
                WalkPage page;
                Outbox o;
                Walk w;

                outbox_from(&o, found[i].outbox);
                assert_int_equal(walk_begin_new(&w, &o), 0);
                assert_int_equal(w.after, 5);
                page_from(&page, &found[i], w.after);
                assert_int_equal(walk_take(&w, &o, &page), 0);
                text = text_of(&o, &w);
                if (strcmp(text, found[i].expected) != 0)
                        fail_msg("%s: %s, expected %s", found[i].name, text, found[i].expected);
                walk_end(&w);
                outbox_close(&o);
        }
}

/* -- Page by page ---------------------------------------------------------------------------------------- */

/* The sessions 1 to n, all over but those whose number is a multiple of open. Returns the number of pages. */
static unsigned walk_through(Walk *w, Outbox *o, int64_t n, int64_t open)
{
        unsigned pages = 0;
        int r = 1;

        assert_int_equal(walk_begin(w, o), 0);
        while (r > 0) {
                WalkPage page = { .last = n };

                for (int64_t id = w->after + 1; id <= n && page.n < WALK_PAGE; id++)
                        page.row[page.n++] =
                                        (WalkRow){ .session = id, .strap = true, .over = id % open != 0 };
                r = walk_take(w, o, &page);
                assert_true(r >= 0);
                pages++;
                assert_true(pages < 1000);
        }
        return pages;
}

static void test_pages(_unused_ void **state)
{
        static const struct {
                const char *outbox;
                int64_t n, open;
                unsigned pages;
                size_t waiting, n_open;
        } table[] = {
                /* The first start looks at all, once; a hundred are a page that may not be the last. */
                { NOT_BEGUN, 10000, 4000, 101, 2, 2 },
                { NOT_BEGUN, 10050, 4000, 101, 2, 2 },
                /* Then at what is new, … */
                { "10000", 10000, 4000, 1, 0, 0 },
                { "10000", 10001, 4000, 1, 1, 0 },
                { "9000", 10000, 4000, 11, 1000, 0 },
                /* … and at those that wait, but not at those between: a page behind 99, one behind 7999, one behind 9999. */
                { "10000 w100 w8000", 10000, 100, 3, 2, 2 },
                { "10000 w100 w120 w8000", 10000, 20, 3, 3, 3 },
                { "10000 s100 s8000", 10000, 100, 3, 0, 0 },
                /* As soon as there is enough to do only at what is new. */
                { "10000 w1 w2 w3 w4 w3000 w6000 w9000", 10001, 4000, 2, 8, 0 },
                /* More than may wait. */
                { "0", 12000, 13000, 101, OUTBOX_WAITING_MAX, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                unsigned pages;
                Outbox o;
                Walk w;

                outbox_from(&o, table[i].outbox);
                pages = walk_through(&w, &o, table[i].n, table[i].open);
                if (pages != table[i].pages || o.waiting.n != table[i].waiting || w.open != table[i].n_open)
                        fail_msg("%s: %u pages, %zu wait, %zu of them open", table[i].outbox, pages,
                                        o.waiting.n, w.open);
                assert_int_equal(o.seen, table[i].n <= 10050 ? table[i].n : 10000);
                assert_int_equal(w.no_room, table[i].n <= 10050 ? 0 : 10001);
                walk_end(&w);
                outbox_close(&o);
        }
}

/* Its whole, which waited, is found to be gone with one page, and its second part comes with another. */
static void test_a_part_on_a_later_page(_unused_ void **state)
{
        WalkPage first = { .n = WALK_PAGE, .last = 203 }, second = {
                .n = 1, .last = 203, .row = { { .session = 203, .whole = 2, .strap = true, .over = true } }
        };
        Outbox o;
        Walk w;

        outbox_from(&o, "100 w2");
        for (size_t i = 0; i < WALK_PAGE; i++)
                first.row[i] = (WalkRow){ .session = 101 + (int64_t)i, .over = true };
        assert_int_equal(walk_begin(&w, &o), 0);
        assert_int_equal(w.after, 1);
        assert_int_equal(walk_take(&w, &o, &first), 1);
        assert_int_equal(o.waiting.n, 0);
        assert_int_equal(w.after, 200);
        assert_int_equal(walk_take(&w, &o, &second), 0);
        assert_int_equal(o.waiting.n, 1);
        assert_int_equal(o.waiting.id[0], 203);
        walk_end(&w);
        outbox_close(&o);
}

/* More than may wait: each is sent in the end, in order. */
static void test_more_than_may_wait(_unused_ void **state)
{
        int64_t sent = 0;
        Outbox o;

        outbox_from(&o, "0");
        while (sent < 12000) {
                Walk w;

                (void)walk_through(&w, &o, 12000, 13000);
                assert_true(w.n_ripe > 0);
                for (size_t i = 0; i < w.n_ripe; i++) {
                        assert_int_equal(w.ripe[i], ++sent);
                        outbox_drop(&o, w.ripe[i]);
                }
                /* Most at once, for the test's sake. */
                while (o.waiting.n > 10) {
                        assert_int_equal(o.waiting.id[0], ++sent);
                        outbox_drop(&o, sent);
                }
                walk_end(&w);
        }
        assert_int_equal(sent, 12000);
        assert_int_equal(o.seen, 12000);
        assert_int_equal(o.waiting.n, 0);
        outbox_close(&o);
}

/* -- What comes from the bus ------------------------------------------------------------------------------ */

/* A bus that nothing is ever sent on: it only makes messages. */
static sd_bus *bus_new(void)
{
        sd_bus *bus = NULL;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        (void)close(fds[1]);
        return bus;
}

static sd_bus_message *reply_begin(sd_bus *bus)
{
        sd_bus_message *m;

        assert_true(sd_bus_message_new_signal(bus, &m, "/", "org.test", "Test") >= 0);
        return m;
}

static void test_replies(_unused_ void **state)
{
        static const struct {
                const char *list;
                int64_t after, last;
                bool other; /* not of this type at all */
                int expected;
        } table[] = {
                { "", 0, 0, false, 0 },
                { "1so 2io 3m- 4s-/1", 0, 4, false, 0 },
                { "1so 2so", 0, 7, false, 0 },
                { "1so 2so", 1, 7, false, -EBADMSG }, /* not behind it */
                { "2so 1so", 0, 7, false, -EBADMSG },
                { "2so 2so", 0, 7, false, -EBADMSG },
                { "1so 9so", 0, 7, false, -EBADMSG }, /* above the last */
                { "1so", 0, -1, false, -EBADMSG },
                { "", 0, INT64_MAX, false, -EBADMSG },
                { "1so 9223372036854775807so", 0, INT64_MAX, false, -EBADMSG },
                { "", 0, 0, true, -ENXIO },
        };
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = bus_new();

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = reply_begin(bus);
                const Case c = { .list = table[i].list, .last = table[i].last };
                WalkPage page, read = { .last = -7 };
                int r;

                page_from(&page, &c, INT64_MIN);
                if (table[i].other) {
                        assert_true(sd_bus_message_append(m, "s", "none") >= 0);
                } else {
                        assert_true(sd_bus_message_open_container(m, 'a', "(xsxb)") >= 0);
                        for (size_t j = 0; j < page.n; j++)
                                assert_true(sd_bus_message_append(m, "(xsxb)", page.row[j].session,
                                                            page.row[j].strap ? "strap" : "import",
                                                            page.row[j].whole, (int)page.row[j].over) >= 0);
                        assert_true(sd_bus_message_close_container(m) >= 0);
                        assert_true(sd_bus_message_append(m, "x", page.last) >= 0);
                }
                assert_true(sd_bus_message_seal(m, 1, 0) >= 0 && sd_bus_message_rewind(m, true) >= 0);
                r = walk_page_read(m, table[i].after, &read);
                if (table[i].other)
                        assert_true(r < 0);
                else if (r != table[i].expected)
                        fail_msg("'%s': %d", table[i].list, r);
                if (r < 0) {
                        assert_int_equal(read.last, -7);
                        continue;
                }
                assert_int_equal(read.last, page.last);
                assert_int_equal(read.n, page.n);
                for (size_t j = 0; j < page.n; j++) {
                        assert_int_equal(read.row[j].session, page.row[j].session);
                        assert_int_equal(read.row[j].whole, page.row[j].whole);
                        assert_int_equal(read.row[j].strap, page.row[j].strap);
                        assert_int_equal(read.row[j].over, page.row[j].over);
                }
        }
}

static void test_a_page_that_is_too_long(_unused_ void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = bus_new();
        WalkPage page;

        m = reply_begin(bus);
        assert_true(sd_bus_message_open_container(m, 'a', "(xsxb)") >= 0);
        for (int64_t id = 1; id <= WALK_PAGE + 1; id++)
                assert_true(sd_bus_message_append(m, "(xsxb)", id, "strap", INT64_C(0), 1) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_append(m, "x", INT64_C(1000)) >= 0);
        assert_true(sd_bus_message_seal(m, 1, 0) >= 0 && sd_bus_message_rewind(m, true) >= 0);
        assert_int_equal(walk_page_read(m, 0, &page), -EBADMSG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lists),
                cmocka_unit_test(test_only_new_ones),
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_a_part_on_a_later_page),
                cmocka_unit_test(test_more_than_may_wait),
                cmocka_unit_test(test_replies),
                cmocka_unit_test(test_a_page_that_is_too_long),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
