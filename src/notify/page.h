/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "cardio/macro.h"
#include "cardio/time.h"

/* The page of a run, when the runner asks for it: cardioctl writes it to a place that only the runner can read and that is gone
 * when the runner logs out, $XDG_RUNTIME_DIR/cardio-notify, and the desktop opens it.
 *
 *      IDLE ──open──▶ WRITING ──cardioctl is done──▶ PORTAL ──refused──▶ XDG_OPEN ──▶ IDLE
 *
 * Whatever opens it is not our child: a browser cannot run under the rules of our unit. So the desktop's portal is asked, which
 * is told the file by a descriptor, and where there is none the user's systemd, to run xdg-open. */
typedef struct Page Page;

/* So long cardioctl may take, and so long an answer on the bus. */
#define PAGE_TIMEOUT_USEC (30 * USEC_PER_SEC)
/* Some servers report one click several times: within this time after the last one, the same page is not asked for again. */
#define PAGE_AGAIN_USEC (3 * USEC_PER_SEC)

/* failed: why the page of that session was not opened. SIGCHLD must be blocked. */
int page_new(sd_event *event, void (*failed)(void *userdata, int64_t session, const char *reason),
                void *userdata, Page **ret);
/* One at a time: while one is being opened another one is refused. of_user: cardiod is that of the session bus. */
void page_open(Page *p, int64_t session, bool of_user);
Page *page_free(Page *p);
DEFINE_CLEANUP(Page *, page_free);
