/* SPDX-License-Identifier: MIT */
/* The bridge's outbox, of any bytes, and then lists of sessions of any content against it. What is refused stays as it was; what
 * is accepted is written again as what was read; and whatever is listed, nothing that was done with is taken up again.
 *
 * The input is the file, a line "---", and pages of the list: 8 bytes for each row, as take_row() has them. A row may end its
 * page. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/outbox.h"
#include "bridge/walk.h"
#include "cardio/macro.h"
#include "fuzz.h"

#define SEPARATOR "\n---\n"

static bool file_is(const Bytes *expected)
{
        size_t size = 0;
        _cleanup_free_ uint8_t *is = fuzz_read(fuzz_path(OUTBOX_NAME), &size);

        return is && size == expected->size && (size == 0 || memcmp(is, expected->data, size) == 0);
}

static bool same(const Outbox *a, const Outbox *b)
{
        if (strcmp(a->database, b->database) != 0 || a->seen != b->seen || a->waiting.n != b->waiting.n ||
                        a->n_sending != b->n_sending)
                return false;
        for (size_t i = 0; i < a->waiting.n; i++)
                if (a->waiting.id[i] != b->waiting.id[i])
                        return false;
        for (size_t i = 0; i < a->n_sending; i++)
                if (a->sending[i].session != b->sending[i].session ||
                                strcmp(a->sending[i].payload, b->sending[i].payload) != 0)
                        return false;
        return true;
}

static void check_order(const IdList *l)
{
        for (size_t i = 1; i < l->n; i++)
                check(l->id[i - 1] < l->id[i]);
}

/* Writes it, reads it, and takes it over. */
static void write_again(Outbox *o)
{
        _cleanup_free_ char *error = NULL;
        Outbox again;

        check(outbox_save(o) == 0);
        check(!o->unsaved);
        (void)close(o->lock); /* as if it had been killed */
        o->lock = -1;
        check(outbox_open(fuzz_folder(), &again, &error) == 0);
        check(same(o, &again));
        outbox_close(o);
        *o = again;
}

/* -- Lists ------------------------------------------------------------------------------------------------- */

static bool take_row(Bytes *rest, int64_t after, WalkRow *ret, bool *ret_ends)
{
        const uint8_t *p = rest->data;

        if (rest->size < 8)
                return false;
        *ret = (WalkRow){
                .session = after + 1 + p[0] + p[1] * 256, .strap = p[2] % 4 != 0, .over = p[3] % 4 != 0
        };
        if (p[4] % 2 == 0)
                ret->whole = p[5] + p[6] * 256;
        *ret_ends = p[7] < 20;
        rest->data += 8;
        rest->size -= 8;
        return ret->session < INT64_MAX - 100000;
}

static void take_page(Bytes *rest, int64_t after, WalkPage *ret)
{
        bool ends = false;

        *ret = (WalkPage){ .last = after };
        while (!ends && ret->n < WALK_PAGE && take_row(rest, ret->last, &ret->row[ret->n], &ends))
                ret->last = ret->row[ret->n++].session;
        /* Those with higher numbers were deleted. */
        if (ends && rest->size > 0)
                ret->last += rest->data[0];
}

static bool was_sent(const Outbox *o, int64_t session)
{
        for (size_t i = 0; i < o->n_sending; i++)
                if (o->sending[i].session == session)
                        return true;
        return false;
}

static void walk(Outbox *o, Bytes *rest)
{
        int64_t seen = o->seen;
        IdList before = { 0 }, sent = { 0 };
        unsigned pages = 0;
        Walk w;
        int r;

        check(id_list_copy(&before, &o->waiting) == 0);
        for (size_t i = 0; i < o->n_sending; i++) {
                o->sending[i].mid = rest->size % 2 != 0;
                check(id_list_add(&sent, o->sending[i].session) == 1);
        }
        check(walk_begin(&w, o) == 0);
        do {
                int64_t after = w.after;
                WalkPage page;

                take_page(rest, after, &page);
                r = walk_take(&w, o, &page);
                check(r == 0 || r == 1);
                check(r == 0 || (page.n == WALK_PAGE && w.after >= page.row[page.n - 1].session));
                check(r == 1 || w.older || w.no_room != 0 || o->seen == page.last);
                if (w.older && page.last < seen)
                        seen = page.last;
        } while (r > 0 && ++pages < 1000);

        check_order(&o->waiting);
        check(o->waiting.n <= OUTBOX_WAITING_MAX && o->n_sending <= sent.n);
        check(w.n_ripe <= OUTBOX_SENDING_MAX && w.n_ripe + w.open + w.announced <= o->waiting.n);
        for (size_t i = 0; i < o->waiting.n; i++) {
                check(id_list_has(&before, o->waiting.id[i]) || o->waiting.id[i] > seen);
                check(!was_sent(o, o->waiting.id[i]));
        }
        for (size_t i = 0; i < o->n_sending; i++)
                check(id_list_has(&sent, o->sending[i].session));
        for (size_t i = 0; i < w.n_ripe; i++)
                check(id_list_has(&o->waiting, w.ripe[i]));
        walk_end(&w);
        id_list_clear(&before);
        id_list_clear(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Bytes rest = { .data = data, .size = size };
        Bytes first = fuzz_part(&rest, SEPARATOR, strlen(SEPARATOR));
        _cleanup_free_ char *error = NULL;
        Outbox o;
        int r;

        fuzz_write(fuzz_path(OUTBOX_NAME), first.data, first.size);
        r = outbox_open(fuzz_folder(), &o, &error);
        check(file_is(&first));
        check((r < 0) == (error != NULL));
        if (r < 0) {
                check(r == -EBADMSG);
                return 0;
        }
        check(!o.unsaved && o.n_sending <= OUTBOX_SENDING_MAX);
        check_order(&o.waiting);
        write_again(&o);
        for (unsigned i = 0; i < 3; i++)
                walk(&o, &rest);
        write_again(&o);
        outbox_close(&o);
        return 0;
}
