/* SPDX-License-Identifier: MIT */
/* What the BlueZ client reports, fed into the core. Values carry the time (CLOCK_BOOTTIME) at which they arrived. */

#include "manager/from-bluez.h"

#include "cardio/macro.h"
#include "manager/feed.h"
#include "manager/internal.h"
#include "manager/setup.h"
#include "store/writer.h"

static void battery_event(Manager *m, unsigned number, int battery)
{
        int before = m->straps.strap[number].record.battery;

        if (m->session.id != 0 && strap_is_recorded(m, number) && before >= 0 && battery >= 0 &&
                        battery != before)
                (void)session_writer_event(m->session.writer, session_time(&m->session, core_now()),
                                "battery", battery, NULL); /* logged there */
}

/* One that is not connected has no level to go by: what it was is old. */
static void feed_battery(Manager *m, unsigned number, const SensorRecord *strap)
{
        (void)feed(m, &(Event){ .type = EVENT_BATTERY,
                                      .sensor = number,
                                      .percent = strap->link == SENSOR_LINK_CONNECTED ? strap->battery
                                                                                      : BATTERY_UNKNOWN,
                                      .low = m->straps.strap[number].battery_low }); /* the slot is in use */
}

/* The strap is no longer the runner's. */
static void strap_leaves(Manager *m, unsigned number)
{
        (void)feed(m, &(Event){ .type = EVENT_FORGET, .sensor = number }); /* never refused */
        pace_forget(m, number);
        strap_log_state(m, number, SENSOR_ABSENT);
}

static int on_strap_changed(void *userdata, const SensorRecord *strap)
{
        Manager *m = userdata;
        int number = strap_number(m, strap);
        SensorLink before;
        KnownStrap *s;

        if (number < 0)
                return strap_refuse(m, strap, number);
        s = &m->straps.strap[number];
        if (strap->configured)
                battery_event(m, (unsigned)number, strap->battery);
        else if (s->used && s->record.configured)
                strap_leaves(m, (unsigned)number);
        before = s->used ? s->record.link : SENSOR_LINK_ABSENT;
        strap_set_record(m, (unsigned)number, strap);
        pace_link(m, (unsigned)number, before, core_now());
        if (!s->record.configured) {
                publish(m);
                return number;
        }
        store_sensor(m->store, s->record.address, s->record.name, s->record.body_location, s->record.battery,
                        strap->link == SENSOR_LINK_ABSENT ? 0 : core_to_unix_ms(core_now()));
        m->published.dirty = true;
        (void)feed(m, &(Event){ .type = EVENT_LINK,
                                      .sensor = (unsigned)number,
                                      .link = strap->link }); /* a link is never refused */
        feed_battery(m, (unsigned)number, strap);
        return number;
}

static void on_strap_removed(void *userdata, const char *address)
{
        Manager *m = userdata;
        int number = strap_find(m, address);

        if (number < 0 || !m->straps.strap[number].used)
                return;
        if (m->straps.strap[number].record.configured)
                strap_leaves(m, (unsigned)number);
        strap_remove(m, (unsigned)number);
        publish(m);
}

static void on_link_lost(void *userdata, unsigned strap, usec_t boot_usec)
{
        strap_lost_link(userdata, strap, boot_usec + CORE_EPOCH_USEC);
}

/* A heart rate has come from it since the start, or a session of it is in the database. */
static bool on_strap_known(void *userdata, const char *address)
{
        Manager *m = userdata;
        int number = strap_find(m, address);

        return (number >= 0 && (ring_end(&m->engine->track[number].ring) > 0 ||
                                               m->straps.strap[number].pace.links > 0)) ||
               store_sensor_known(m->store, address);
}

_hot_ static void on_notification(void *userdata, unsigned strap, const uint8_t *value, size_t size,
                usec_t boot_usec, bool late)
{
        const Event event = {
                .type = EVENT_NOTIFICATION, .sensor = strap, .value = value, .size = size, .late = late
        };

        /* a malformed value is a fact of the core */
        (void)feed_at(userdata, &event, boot_usec + CORE_EPOCH_USEC);
}

/* It is no event of the core's: nothing begins, ends or changes by it. */
static void on_pace(void *userdata, unsigned sensor, PaceFormat format, const uint8_t *value, size_t size,
                usec_t boot_usec)
{
        Manager *m = userdata;

        pace_value(m, sensor, format, value, size, boot_usec + CORE_EPOCH_USEC);
        publish_changes(m);
}

static void on_running_changed(void *userdata)
{
        publish_status(userdata);
}

const BluezHandlers from_bluez_handlers = {
        .strap_changed = on_strap_changed,
        .strap_removed = on_strap_removed,
        .link_lost = on_link_lost,
        .strap_known = on_strap_known,
        .running_changed = on_running_changed,
        .scan_changed = setup_scan_changed,
        .notification = on_notification,
        .pace = on_pace,
};
