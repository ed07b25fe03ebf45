/* SPDX-License-Identifier: MIT */

/* What the buttons of notifications do. No clock. */

#include <errno.h>
#include <string.h>

#include "cardio/kind.h"

#include "notice.h"
#include "notifier-internal.h"
#include "say.h"

void buttons_on_snoozed(void *userdata, const char *reason)
{
        Notifier *n = userdata;
        Notice notice;

        if (!reason)
                return;
        say("cannot snooze: %s", reason);
        notice = notice_not_snoozed(n->alert, reason);
        desktop_show(n->desktop, &notice);
}

static void notifier_snooze(Notifier *n)
{
        int r = requests_snooze(&n->requests, (uint32_t)(n->config.snooze_usec / USEC_PER_SEC));

        if (r < 0)
                buttons_on_snoozed(n, r == -ENOTCONN ? "cardiod is not there" : strerror(-r));
}

void buttons_on_annotated(void *userdata, int64_t session, const char *reason)
{
        Notifier *n = userdata;
        Notice notice;

        if (reason) {
                say("cannot note what was said of a run: %s", reason);
                notice = notice_not_noted(session, reason);
                desktop_show(n->desktop, &notice);
                return;
        }
        /* The row of an owed summary is more urgent. */
        if (n->owed != 0 || n->active < 0)
                return;
        n->revised = session;
        if (requests_get_row(&n->requests, session) < 0)
                n->revised = 0;
}

/* Session ids of another cardiod mean other runs. */
static void notifier_annotate(Notifier *n, int64_t session, const char *key, const char *value)
{
        int r = n->active == n->asker ? requests_annotate(&n->requests, session, key, value) : -ENOTCONN;

        if (r < 0)
                buttons_on_annotated(n, session, r == -ENOTCONN ? "cardiod is not there" : strerror(-r));
}

void buttons_on_not_opened(void *userdata, int64_t session, const char *reason)
{
        Notifier *n = userdata;
        Notice notice = notice_not_opened(session, reason);

        desktop_show(n->desktop, &notice);
}

void buttons_on_action(void *userdata, DesktopAction action, int64_t session)
{
        Notifier *n = userdata;

        switch (action) {
        case DESKTOP_SNOOZE:
                aloud_hush(n->aloud);
                breach_withdraw(n);
                notifier_snooze(n);
                break;
        case DESKTOP_MUTE:
                aloud_hush(n->aloud);
                breach_withdraw(n);
                n->muted = session;
                troubles_muted(n);
                break;
        case DESKTOP_TALK:
                notifier_annotate(n, session, "talk_test", "pass");
                break;
        case DESKTOP_NO_TALK:
                notifier_annotate(n, session, "talk_test", "fail");
                break;
        case DESKTOP_NOT_A_RUN:
                notifier_annotate(n, session, "kind", kind_to_string(KIND_CROSS_TRAINING));
                break;
        case DESKTOP_REPORT:
                page_open(n->page, session, n->asker == BUS_SESSION);
                break;
        case _DESKTOP_ACTION_MAX:
        case _DESKTOP_ACTION_INVALID:
                break;
        }
}
