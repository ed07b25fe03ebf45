/* SPDX-License-Identifier: MIT */
/* What the daemon lists, against what the outbox has.
 *
 * A session of a strap that is new waits, until the list says that it is over; one that waits and is not listed any more, although
 * its number has been given, was discarded or deleted. A number above the last one was announced before it could be stored.
 *
 * The second part of a session that was split is new only if the whole still waited: else it went with it. That holds also if the
 * whole is gone by now, and for a part of a part. Hence all new ones have to be known before anything is frozen, and a walk ends
 * with them. No clock. */

#include "walk.h"

#include <errno.h>
#include <string.h>

int walk_page_read(sd_bus_message *reply, int64_t after, WalkPage *ret)
{
        WalkPage page = { .n = 0 };
        int r = sd_bus_message_enter_container(reply, 'a', "(xsxb)");

        while (r >= 0) {
                const char *source;
                WalkRow row;
                int over;

                r = sd_bus_message_read(reply, "(xsxb)", &row.session, &source, &row.whole, &over);
                if (r <= 0)
                        break;
                if (page.n == WALK_PAGE || row.session <= after || row.session == INT64_MAX)
                        return -EBADMSG;
                row.strap = strcmp(source, "strap") == 0;
                row.over = over != 0;
                after = row.session;
                page.row[page.n++] = row;
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "x", &page.last);
        if (r < 0)
                return r;
        if (page.last < 0 || page.last == INT64_MAX || (page.n > 0 && page.last < after))
                return -EBADMSG;
        *ret = page;
        return 0;
}

static bool has_begun(const Outbox *o)
{
        return o->database != NULL;
}

/* Sessions of which nothing is to be known are not asked for. */
static int64_t skip(const Walk *w, const Outbox *o, int64_t after)
{
        int64_t next = w->seen < after ? after + 1 : w->seen + 1, waiting = INT64_MAX;

        if (!has_begun(o))
                return after;
        if (w->n_ripe < OUTBOX_SENDING_MAX)
                waiting = id_list_next(&o->waiting, after);
        if (waiting < next)
                next = waiting;
        for (size_t i = 0; i < o->n_sending; i++)
                if (o->sending[i].session > after && o->sending[i].session < next)
                        next = o->sending[i].session;
        return next - 1;
}

int walk_begin(Walk *w, const Outbox *o)
{
        *w = (Walk){ .seen = o->seen, .last = -1 };
        w->after = skip(w, o, 0);
        return id_list_copy(&w->before, &o->waiting);
}

int walk_begin_new(Walk *w, const Outbox *o)
{
        *w = (Walk){ .seen = o->seen, .last = -1, .after = o->seen };
        return id_list_copy(&w->before, &o->waiting);
}

void walk_end(Walk *w)
{
        id_list_clear(&w->before);
        id_list_clear(&w->parts);
}

/* -- A row ----------------------------------------------------------------------------------------------- */

static void note(Walk *w, const WalkRow *row)
{
        if (!row->over)
                w->open++;
        else if (w->n_ripe < OUTBOX_SENDING_MAX)
                w->ripe[w->n_ripe++] = row->session;
}

/* Whether it went, or goes, to the broker with the whole that it was a part of. */
static bool went_along(const Walk *w, const Outbox *o, const WalkRow *row)
{
        if (row->whole == 0 || id_list_has(&w->before, row->whole) || id_list_has(&o->waiting, row->whole))
                return false;
        return row->whole <= w->seen || id_list_has(&w->parts, row->whole);
}

static bool is_new(const Walk *w, const Outbox *o, const WalkRow *row)
{
        return has_begun(o) ? row->session > w->seen : row->session > w->last || !row->over;
}

static int take_row(Walk *w, Outbox *o, const WalkRow *row)
{
        int r;

        if (outbox_sending(o, row->session))
                return 0;
        if (id_list_has(&o->waiting, row->session)) {
                if (row->strap)
                        note(w, row);
                else /* it was merged with one that is of no strap */
                        outbox_drop(o, row->session);
                return 0;
        }
        if (!row->strap || !is_new(w, o, row))
                return 0;
        if (went_along(w, o, row)) {
                r = id_list_add(&w->parts, row->session);
                return r < 0 ? r : 0;
        }
        r = outbox_add(o, row->session);
        if (r == -ENOBUFS)
                w->no_room = row->session;
        if (r >= 0)
                note(w, row);
        return r;
}

/* -- A page ---------------------------------------------------------------------------------------------- */

static bool is_listed(const WalkPage *page, int64_t session)
{
        for (size_t i = 0; i < page->n; i++)
                if (page->row[i].session == session)
                        return true;
        return false;
}

/* Those that wait, or were not on their way, and are not in the list between these two. */
static void drop_gone(Outbox *o, const WalkPage *page, int64_t after, int64_t upto)
{
        int64_t session = after;

        while ((session = id_list_next(&o->waiting, session)) <= upto && session < INT64_MAX)
                if (!is_listed(page, session))
                        outbox_drop(o, session);
        for (size_t i = o->n_sending; i-- > 0;) {
                session = o->sending[i].session;
                if (session > after && session <= upto && o->sending[i].mid == 0 && !is_listed(page, session))
                        outbox_drop(o, session);
        }
}

/* From a backup. What has those numbers was dealt with, but for what waits; what has higher ones is not of this database. */
static void go_back(Walk *w, Outbox *o, int64_t last)
{
        int64_t session = last;

        while ((session = id_list_next(&o->waiting, session)) < INT64_MAX)
                outbox_drop(o, session);
        w->older = true;
        w->seen = last;
        outbox_see(o, last);
}

static void end_page(Walk *w, Outbox *o, const WalkPage *page)
{
        int64_t session = page->last;

        while ((session = id_list_next(&o->waiting, session)) < INT64_MAX)
                w->announced++;
        outbox_see(o, w->no_room != 0 ? w->no_room - 1 : page->last);
}

int walk_take(Walk *w, Outbox *o, const WalkPage *page)
{
        int64_t upto = page->n == WALK_PAGE ? page->row[page->n - 1].session : page->last;
        int r;

        if (w->last < 0)
                w->last = page->last;
        if (has_begun(o) && page->last < w->seen)
                go_back(w, o, page->last);
        for (size_t i = 0; i < page->n && w->no_room == 0; i++) {
                r = take_row(w, o, &page->row[i]);
                if (r < 0 && r != -ENOBUFS)
                        return r;
        }
        drop_gone(o, page, w->after, upto);
        if (page->n == WALK_PAGE && w->no_room == 0) {
                w->after = skip(w, o, upto);
                return 1;
        }
        end_page(w, o, page);
        return 0;
}
