/* SPDX-License-Identifier: MIT */

/* Troubles, until they are over. A lost strap is one of a run: it goes off the screen with the run, and comes back if that was
 * only interrupted by a restart of cardiod, which does not say it twice. What the disk refuses is known only as long as cardiod
 * runs. That a battery is low waits for the end of the run, where something can be done about it. No clock. */

#include "notice.h"
#include "notifier-internal.h"

static void withdraw_strap(Notifier *n)
{
        if (n->troubles.shown && n->desktop)
                desktop_withdraw_strap(n->desktop);
        n->troubles.shown = false;
}

static void forget_strap(Notifier *n)
{
        withdraw_strap(n);
        n->troubles.lost = false;
}

static void withdraw_disk(Notifier *n)
{
        if (n->troubles.disk && n->desktop)
                desktop_withdraw_disk(n->desktop);
        n->troubles.disk = false;
}

static bool is_muted(const Notifier *n)
{
        return n->muted != 0 && n->muted == n->session;
}

/* Of a muted run nothing is heard, not even what is no part of it. */
static void deliver(Notifier *n, Notice *notice)
{
        deliver_news(n, notice, !is_muted(n) && hearing_is_news(&n->hearing));
}

static void strap_lost(Notifier *n, Notice *notice)
{
        if (is_muted(n))
                return;
        n->troubles.lost = n->troubles.shown = true;
        n->troubles.session = n->session;
        n->troubles.strap = *notice;
        deliver(n, notice);
}

static void strap_back(Notifier *n, Notice *notice)
{
        n->troubles.lost = n->troubles.shown = false;
        if (!is_muted(n))
                deliver(n, notice);
}

void troubles_signalled(Notifier *n, const FollowerTrouble *trouble)
{
        NoticeType type = notice_trouble_type(trouble->kind);
        Notice notice = notice_trouble(type, n->session > 0 ? n->session : -1, trouble->text);

        if (type == NOTICE_STRAP_LOST) {
                strap_lost(n, &notice);
        } else if (type == NOTICE_STRAP_BACK) {
                strap_back(n, &notice);
        } else if (type == NOTICE_DISK_REFUSES || type == NOTICE_DISK_WRITES) {
                n->troubles.disk = type == NOTICE_DISK_REFUSES;
                deliver(n, &notice);
        } else if (n->session > 0) {
                n->troubles.waits = true;
                n->troubles.waiting = notice;
        } else
                deliver(n, &notice);
}

void troubles_run_over(Notifier *n)
{
        if (!n->troubles.waits)
                return;
        n->troubles.waits = false;
        deliver(n, &n->troubles.waiting);
}

void troubles_run_ended(Notifier *n, int64_t session)
{
        withdraw_strap(n);
        if (n->troubles.session < 0) /* of a cardiod that has not said yet which one it records */
                n->troubles.session = session;
}

void troubles_run_began(Notifier *n, int64_t session)
{
        if (n->troubles.session != session)
                forget_strap(n);
}

void troubles_greeted(Notifier *n)
{
        if (n->session < 0)
                return;
        if (n->troubles.session < 0) /* it was not known yet */
                n->troubles.session = n->session;
        if (n->troubles.session != n->session)
                forget_strap(n);
        if (n->troubles.lost && !n->troubles.shown) {
                n->troubles.shown = true;
                if (n->desktop)
                        desktop_show(n->desktop, &n->troubles.strap);
        }
        if (n->session == 0 && n->owed == 0)
                troubles_run_over(n);
}

void troubles_cardiod_gone(Notifier *n)
{
        withdraw_disk(n);
}

void troubles_forget(Notifier *n)
{
        forget_strap(n);
        withdraw_disk(n);
}

void troubles_muted(Notifier *n)
{
        forget_strap(n);
}
