/* SPDX-License-Identifier: MIT */
/* What is known about the wall clock, which anybody may set, and the timers and watches of the calendar. Nothing notifies us
 * when the clock becomes right without a step, so it is polled while something depends on it. Clocks: CLOCK_REALTIME against
 * CLOCK_BOOTTIME. */

#include "manager/wall-clock.h"

#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "shared/clock.h"
#include "local.h"
#include "log.h"
#include "manager/internal.h"

/* Smaller steps are slewing, not a setting. */
#define CLOCK_STEP_MIN_MS 100

#define CLOCK_POLL_USEC (10 * USEC_PER_SEC)
/* The poll's interval while a runner waits for it. */
#define CLOCK_POLL_SOON_USEC USEC_PER_SEC

#define ZONE_FOLDER            "/etc"
#define MIDNIGHT_ACCURACY_USEC (100 * USEC_PER_MSEC)

/* A timer on the wall clock that never fires, but is cancelled whenever the clock is set. */
static int clock_watch(int fd)
{
        const struct itimerspec never = { .it_value.tv_sec = (time_t)INT32_MAX * 16 };

        /* ECANCELED reports a step that has not been read yet; the timer is set all the same. */
        return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 &&
                                               errno != ECANCELED
                               ? -errno
                               : 0;
}

/* Reads both clocks back to back: a pause in between would look like a step. */
_hot_ static usec_t clock_offset(void)
{
        return now_realtime_usec() - now_boot_usec();
}

_hot_ int64_t clock_step(WallClock *c)
{
        usec_t offset_usec = clock_offset();
        int64_t step_ms = (int64_t)(offset_usec - c->offset_usec) / (int64_t)USEC_PER_MSEC;

        c->offset_usec = offset_usec;
        return step_ms <= -CLOCK_STEP_MIN_MS || step_ms >= CLOCK_STEP_MIN_MS ? step_ms : 0;
}

/* Passes on to the store what it goes by. */
static void set_store_clock(Manager *m)
{
        StoreClock c = { .offset_ms = (int64_t)clock_offset() / (int64_t)USEC_PER_MSEC,
                .known = m->clock.right,
                .utc_offset_s = local_offset_s };

        (void)stpcpy(c.boot_id, m->clock.boot_id); /* both have the same size */
        store_set_clock(m->store, &c);
}

void clock_check_right(Manager *m)
{
        /* Once it is right it stays so until somebody sets it: without a network it drifts by seconds in a week. */
        if (!m->clock.right)
                m->clock.right = local_is_known() && kernel_clock_is_right();
        set_store_clock(m);
}

void clock_forget(Manager *m)
{
        m->clock.right = false;
        clock_check_right(m);
}

void clock_poll_later(Manager *m)
{
        bool soon = m->session.undecided.id != 0 || m->clock.right;

        if (m->session.undecided.id == 0 && !store_follows_clock(m->store))
                (void)sd_event_source_set_enabled(
                                m->clock.poll, SD_EVENT_OFF); /* cannot fail: it is our timer */
        else
                (void)core_timer_set(m->clock.poll,
                                usec_add(core_now(), soon ? CLOCK_POLL_SOON_USEC : CLOCK_POLL_USEC));
}

bool clock_check_date(Manager *m)
{
        char today[DAY_STRING_MAX];
        bool known = local_is_known();
        const char *doubt;

        if (known == m->clock.known)
                return false;
        m->clock.known = known;
        m->published.dirty = true;
        (void)day_to_string(local_today(), today);
        if (!known) {
                log_warning("The clock is not set, it says %s: no date is known until it is", today);
                if (m->config->born.year != 0 && m->config->max_heart_rate == 0)
                        log_warning("Your age, and with it your maximum heart rate, is reckoned as of %d until then",
                                        CLOCK_YEAR_MIN);
                return true;
        }
        log_info("The clock is set: today is %s", today);
        doubt = config_doubt_born(m->config, date_of_day(local_today()));
        if (doubt)
                log_error("born in section [runner] %s: correct it, your age is not known", doubt);
        return true;
}

int clock_need(sd_bus_error *error)
{
        return local_is_known()
                               ? 0
                               : sd_bus_error_set(error, CARDIO_ERROR_CLOCK_NOT_SET,
                                                 "The clock of this machine is not set, so that no date is known: set it, "
                                                 "for example with `timedatectl`, and try again");
}

/* The timer runs on the wall clock itself, and follows when that is set. */
void clock_arm_midnight(Manager *m)
{
        int64_t end_ms = local_day_end((int64_t)(now_realtime_usec() / USEC_PER_MSEC));
        int r = sd_event_source_set_time(m->clock.midnight, (uint64_t)end_ms * USEC_PER_MSEC);

        if (r >= 0)
                r = sd_event_source_set_enabled(m->clock.midnight, SD_EVENT_ONESHOT);
        if (r < 0)
                log_error("Cannot wait for midnight: %s", strerror(-r));
}

void clock_watch_again(int fd)
{
        uint64_t expirations;
        int r;

        (void)!read(fd, &expirations, sizeof(expirations)); /* ECANCELED: the step itself */
        r = clock_watch(fd);
        if (r < 0)
                log_warning("Cannot watch the clock any more: %s", strerror(-r));
}

static int watch_step(Manager *m, sd_event_io_handler_t on_set)
{
        int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC), r;

        if (fd < 0)
                return -errno;
        r = clock_watch(fd);
        if (r >= 0)
                r = sd_event_add_io(m->event, &m->clock.set, fd, EPOLLIN, on_set, m);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(m->clock.set, true);
        if (r < 0)
                (void)close(fd); /* the earlier error is the one to return */
        return r;
}

static void watch_zone(Manager *m, sd_event_inotify_handler_t on_zone)
{
        int r = sd_event_add_inotify(m->event, &m->clock.zone, ZONE_FOLDER,
                        IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR, on_zone, m);

        if (r < 0)
                log_warning("Cannot watch the time zone: %s; another one is seen at the next heart rate",
                                strerror(-r));
}

int clock_begin(Manager *m, sd_event_io_handler_t on_set, sd_event_time_handler_t on_poll,
                sd_event_time_handler_t on_midnight, sd_event_inotify_handler_t on_zone)
{
        int r = kernel_boot_id(m->system_bus, m->clock.boot_id);

        if (r < 0)
                log_warning("Cannot tell this boot from others: %s; what ended before the clock was set keeps its date",
                                strerror(-r));
        r = core_timer_add(m->event, &m->clock.poll, on_poll, m);
        if (r >= 0)
                r = sd_event_add_time(m->event, &m->clock.midnight, CLOCK_REALTIME, 0, MIDNIGHT_ACCURACY_USEC,
                                on_midnight, m);
        if (r < 0)
                return r;
        watch_zone(m, on_zone);
        clock_arm_midnight(m);
        m->clock.offset_usec = clock_offset();
        return watch_step(m, on_set);
}

void clock_end(WallClock *c)
{
        c->set = sd_event_source_disable_unref(c->set);
        c->poll = sd_event_source_disable_unref(c->poll);
        c->midnight = sd_event_source_disable_unref(c->midnight);
        c->zone = sd_event_source_disable_unref(c->zone);
}
