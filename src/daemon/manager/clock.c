/* SPDX-License-Identifier: MIT */
/* The wall clock, which somebody may set: what is recorded keeps its length, on CLOCK_BOOTTIME, and its time of day is
 * corrected to what CLOCK_REALTIME says now. A step is noticed when it happens, and again before anything gets its stamp.
 *
 * A session that is recorded follows every step. One that has ended follows only if nothing said that the clock was right when it
 * was stamped, until something does (store/wall-clock.c): the network may come long after the run, and the daemon may have been
 * started again in between. Nobody tells of that without a step, so it is looked for from time to time, while it matters. */

#include "manager/internal.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "clock.h"
#include "local.h"
#include "log.h"

/* Smaller steps of the clock are its steering, not a setting. */
#define CLOCK_STEP_MIN_MS 100

#define CLOCK_POLL_USEC (10 * USEC_PER_SEC)
/* While a runner waits for it. */
#define CLOCK_POLL_SOON_USEC USEC_PER_SEC

/* A timer on the wall clock that never fires, but is cancelled whenever somebody sets that clock. */
static int clock_watch(int fd)
{
        const struct itimerspec never = { .it_value.tv_sec = (time_t)INT32_MAX * 16 };

        /* ECANCELED tells of a step that has not been read yet, and the watch is set all the same. */
        return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 &&
                                               errno != ECANCELED
                               ? -errno
                               : 0;
}

/* Both are read at once: a pause in between would be taken for a step. */
static usec_t clock_offset(void)
{
        return now_realtime_usec() - now_boot_usec();
}

/* What the store goes by. */
static void tell_store(Manager *m)
{
        StoreClock c = { .offset_ms = (int64_t)clock_offset() / (int64_t)USEC_PER_MSEC,
                .known = m->clock_right,
                .utc_offset_s = local_offset_s };

        (void)stpcpy(c.boot_id, m->boot_id); /* of the same size */
        store_set_clock(m->store, &c);
}

void manager_know_clock(Manager *m)
{
        /* Once it is, it is until somebody sets it: without a network it drifts by seconds in a week. */
        if (!m->clock_right)
                m->clock_right = local_is_known() && kernel_clock_is_right();
        tell_store(m);
}

/* Whatever ended before it was known when it was: of another date, perhaps, and of another kind. */
static void move_sessions(Manager *m)
{
        if (!store_move_sessions(m->store))
                return;
        manager_commit(m);
        m->recheck = true;
        manager_judge_recent(m);
        manager_arm_commit(m);
}

void manager_poll_clock(Manager *m)
{
        bool soon = m->undecided.id != 0 || m->clock_right;

        if (m->undecided.id == 0 && !store_follows_clock(m->store))
                (void)sd_event_source_set_enabled(m->clock_poll, SD_EVENT_OFF); /* it is ours */
        else
                (void)manager_set_timer(m->clock_poll,
                                usec_add(manager_now(), soon ? CLOCK_POLL_SOON_USEC : CLOCK_POLL_USEC));
}

static int on_clock_poll(sd_event_source *source, uint64_t usec, void *userdata)
{
        Manager *m = userdata;

        (void)source, (void)usec;
        manager_check_clock(m); /* if it was set, more than this follows */
        manager_know_clock(m);
        move_sessions(m);
        manager_resume_late(m);
        (void)manager_handle(m, &(Event){ .type = EVENT_TICK }); /* time is never refused */
        manager_poll_clock(m);
        return 0;
}

/* In the log, once each time; what else follows is the coach's matter. */
_apart_ void manager_judge_clock(Manager *m)
{
        char today[DAY_STRING_MAX];
        bool known = local_is_known();
        const char *doubt;

        if (known == m->clock_known)
                return;
        m->clock_known = known;
        m->changed = true;
        m->recheck = true;
        (void)day_to_string(local_today(), today);
        if (!known) {
                log_warning("The clock is not set, it says %s: no date is known until it is", today);
                if (m->config->born.year != 0 && m->config->max_heart_rate == 0)
                        log_warning("Your age, and with it your maximum heart rate, is reckoned as of %d "
                                    "until then",
                                        CLOCK_YEAR_MIN);
                return;
        }
        log_info("The clock is set: today is %s", today);
        if (m->session != 0)
                m->session_day = local_day(m->session_started_at);
        doubt = config_doubt_born(m->config, date_of_day(local_today()));
        if (doubt)
                log_error("born in section [runner] %s: correct it, your age is not known", doubt);
}

int manager_need_clock(sd_bus_error *error)
{
        return local_is_known() ? 0
                                : sd_bus_error_set(error, CARDIO_ERROR_CLOCK_NOT_SET,
                                                  "The clock of this machine is not set, so that no date is "
                                                  "known: set it, for example with `timedatectl`, and try "
                                                  "again");
}

/* Today was another date by a clock that nothing said was right. */
static void follow_date(Manager *m, Day old_today)
{
        Day *const days[] = { &m->command_day, &m->advised_day, &m->raced_day };

        for (size_t i = 0; i < ELEMENTSOF(days); i++)
                if (*days[i] == old_today)
                        *days[i] = local_today();
        if (m->session != 0)
                m->session_day = local_day(m->session_started_at);
        m->recheck = true;
}

_apart_ static void clock_stepped(Manager *m, int64_t step_ms)
{
        Day old_today = local_day(manager_realtime_ms(manager_now()) - step_ms);
        bool was_right = m->clock_right;

        log_info("The clock was set by %+.1f s", (double)step_ms / 1000);
        if (m->snoozed_until > 0)
                m->snoozed_until += (uint64_t)step_ms * 1000;
        if (m->workout_ends > 0)
                m->workout_ends += (uint64_t)step_ms * 1000;
        m->clock_right = false; /* whatever it was */
        manager_know_clock(m);
        if (m->session != 0) {
                m->session_started_at += step_ms;
                session_writer_clock(m->writer,
                                (int64_t)((manager_now() - m->session_begin_usec) / USEC_PER_MSEC), step_ms);
        }
        if (!was_right) {
                follow_date(m, old_today);
                manager_straps_stepped(m, step_ms);
        }
        manager_judge_clock(m);
        move_sessions(m);
        manager_resume_late(m);
        manager_poll_clock(m);
        m->changed = true;
}

/* Smaller differences are the clock's steering; they are followed, so that they never add up to a step. */
_heartbeat_ void manager_check_clock(Manager *m)
{
        usec_t offset_usec = clock_offset();
        int64_t step_ms = (int64_t)(offset_usec - m->clock_offset_usec) / (int64_t)USEC_PER_MSEC;

        m->clock_offset_usec = offset_usec;
        if (step_ms <= -CLOCK_STEP_MIN_MS || step_ms >= CLOCK_STEP_MIN_MS)
                clock_stepped(m, step_ms);
}

static int on_clock_set(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Manager *m = userdata;
        uint64_t expirations;
        int r;

        (void)source, (void)revents;
        (void)!read(fd, &expirations, sizeof(expirations)); /* ECANCELED, the news itself */
        r = clock_watch(fd);
        if (r < 0)
                log_warning("Cannot watch the clock any more: %s", strerror(-r));
        (void)manager_handle(m, &(Event){ .type = EVENT_TICK }); /* time is never refused */
        manager_arm_midnight(m);
        return 0;
}

int manager_add_clock(Manager *m)
{
        int fd, r;

        r = kernel_boot_id(m->system_bus, m->boot_id);
        if (r < 0)
                log_warning("Cannot tell this boot from others: %s; what ended before the clock was set "
                            "keeps its date",
                                strerror(-r));
        r = manager_add_timer(m, &m->clock_poll, on_clock_poll);
        if (r < 0)
                return r;
        m->clock_offset_usec = clock_offset();
        fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = clock_watch(fd);
        if (r >= 0)
                r = sd_event_add_io(m->event, &m->clock, fd, EPOLLIN, on_clock_set, m);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(m->clock, true);
        if (r < 0)
                (void)close(fd); /* the error before it is the one that counts */
        return r;
}
