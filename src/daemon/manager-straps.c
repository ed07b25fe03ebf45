/* SPDX-License-Identifier: MIT */
/* BlueZ's straps and the core's numbers. A strap keeps its number as long as it is known, and gets it back when it
 * returns; the number of the session's strap goes to no other while the session lasts. */

#include "manager-internal.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "cardio/bus-api.h"
#include "log.h"

static bool strap_is_recorded(const Manager *m, unsigned number)
{
        return engine_recording(m->engine) && m->engine->recorder.sensor == number;
}

int manager_strap_number(Manager *m, const char *address)
{
        int unused = -ENOSPC;

        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                if (strcmp(m->straps[i].address, address) == 0)
                        return (int)i;
                if (unused < 0 && !m->straps[i].used && !strap_is_recorded(m, i))
                        unused = (int)i;
        }
        if (unused >= 0) {
                ManagerStrap *s = &m->straps[unused];
                free(s->name);
                free(s->body_location);
                *s = (ManagerStrap){ .battery = -1 };
                (void)stpcpy(s->address, address); /* both are of one size */
        }
        return unused;
}

/* Text from the air: control characters could begin a line of their own, or drive a terminal. */
const char *manager_strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX])
{
        const ManagerStrap *s = &m->straps[number];
        const char *name = s->name && s->name[0] ? s->name : s->address;
        size_t n = 0;

        for (; n < NAME_PLAIN_MAX - 1 && name[n]; n++)
                buf[n] = name[n];
        /* Not in the middle of a UTF-8 sequence. */
        while (name[n] && n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80)
                n--;
        buf[n] = '\0';
        text_make_plain(buf);
        return buf;
}

static int replace(char **slot, const char *value)
{
        char *copy = NULL;

        if (value) {
                copy = strdup(value);
                if (!copy)
                        return -ENOMEM;
        }
        free(*slot);
        *slot = copy;
        return 0;
}

static void battery_event(Manager *m, unsigned number, int battery)
{
        int before = m->straps[number].battery;

        if (m->session != 0 && strap_is_recorded(m, number) && before >= 0 && battery >= 0 &&
                        battery != before)
                store_event(m->store, (int64_t)((manager_now() - m->session_begin_usec) / USEC_PER_MSEC),
                                "battery", battery, NULL);
}

static int on_strap_changed(void *userdata, const Strap *strap)
{
        Manager *m = userdata;
        int number = manager_strap_number(m, strap->address), r;
        ManagerStrap *s;

        if (number < 0) {
                log_warning("%s: ignored, more than %u straps", strap->address, SENSORS_MAX);
                return number;
        }
        s = &m->straps[number];
        battery_event(m, (unsigned)number, strap->battery);
        s->used = true;
        s->battery = strap->battery;
        s->trusted = strap->trusted;
        s->link = strap->link;
        r = replace(&s->name, strap->name);
        if (r >= 0)
                r = replace(&s->body_location, strap->body_location);
        if (r < 0)
                log_error("%s: its name is lost: %s", s->address, strerror(-r));
        store_sensor(m->store, s->address, s->name, s->body_location, s->battery,
                        strap->link == SENSOR_LINK_ABSENT ? 0 : manager_realtime_ms(manager_now()));
        m->changed = true;
        (void)manager_handle(m, &(Event){ .type = EVENT_LINK,
                                                .sensor = (unsigned)number,
                                                .link = strap->link }); /* a link is never refused */
        return number;
}

void manager_strap_seen(Manager *m, unsigned number)
{
        const Ring *ring = &m->engine->track[number].ring;

        if (m->straps[number].used && ring_end(ring) > 0)
                store_sensor(m->store, m->straps[number].address, NULL, NULL, -1,
                                manager_realtime_ms(ring_at(ring, ring_end(ring) - 1)->at_usec));
}

/* Found and lost, each said once. */
static void log_strap(Manager *m, unsigned number, SensorState state)
{
        ManagerStrap *s = &m->straps[number];
        char field[sizeof("CARDIO_STRAP=") + ADDRESS_STRING_MAX], name[NAME_PLAIN_MAX];
        SensorState said = state == SENSOR_LIVE         ? SENSOR_LIVE
                           : state == SENSOR_CONNECTING ? s->logged
                                                        : SENSOR_ABSENT;

        if (said == s->logged)
                return;
        s->logged = said;
        (void)snprintf(field, sizeof(field), "CARDIO_STRAP=%s", s->address); /* the size is known */
        if (said == SENSOR_LIVE)
                log_event(LOG_ID_STRAP_FOUND, field, "%s (%s) is live", manager_strap_name(m, number, name),
                                s->address);
        else
                log_event(LOG_ID_STRAP_LOST, field, "%s (%s) is %s", manager_strap_name(m, number, name),
                                s->address, sensor_state_to_string(state));
}

static void on_strap_removed(void *userdata, const char *address)
{
        Manager *m = userdata;
        int number = manager_strap_number(m, address);

        if (number < 0 || !m->straps[number].used)
                return;
        (void)manager_handle(m, &(Event){ .type = EVENT_FORGET, .sensor = (unsigned)number }); /* as above */
        log_strap(m, (unsigned)number, SENSOR_ABSENT);
        bus_remove_sensor(m->bus, (unsigned)number);
        m->straps[number].used = false;
        m->changed = true;
}

static void on_notification(void *userdata, unsigned strap, const uint8_t *value, size_t size)
{
        (void)manager_handle(userdata,
                        &(Event){ .type = EVENT_NOTIFICATION,
                                        .sensor = strap,
                                        .value = value,
                                        .size = size }); /* what is wrong with it is told as a fact */
}

static void on_running_changed(void *userdata)
{
        manager_push_status(userdata);
}

const BluezHandlers manager_bluez_handlers = {
        .strap_changed = on_strap_changed,
        .strap_removed = on_strap_removed,
        .running_changed = on_running_changed,
        .notification = on_notification,
};

void manager_push_straps(Manager *m)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const EngineTrack *t = &m->engine->track[i];
                const ManagerStrap *s = &m->straps[i];
                int r;

                if (!s->used || !t->used)
                        continue;
                log_strap(m, i, t->state);
                r = bus_set_sensor(m->bus, i,
                                &(SensorView){
                                                .address = s->address,
                                                .name = s->name,
                                                .state = sensor_state_to_string(t->state),
                                                .contact = contact_to_string(t->contact),
                                                .body_location = s->body_location,
                                                .trusted = s->trusted,
                                                .battery_percentage = s->battery < 0 ? CARDIO_BATTERY_UNKNOWN
                                                                                     : (uint8_t)s->battery,
                                                .session = strap_is_recorded(m, i) ? m->session : 0,
                                });
                if (r < 0)
                        log_error("%s: not on the bus: %s", s->address, strerror(-r));
                if (t->state != SENSOR_LIVE)
                        bus_set_heart_rate(m->bus, i, 0, 0, 0);
        }
}

/* `systemctl status`: the strap, its state and the session; never a heart rate. */
void manager_push_status(Manager *m)
{
        _cleanup_free_ char *line = NULL;
        char name[NAME_PLAIN_MAX];
        int strap = -1, r;

        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (m->straps[i].used && m->engine->track[i].used &&
                                (strap < 0 || strap_is_recorded(m, i) ||
                                                (!strap_is_recorded(m, (unsigned)strap) &&
                                                                m->engine->track[i].state == SENSOR_LIVE)))
                        strap = (int)i;

        if (strap < 0)
                r = asprintf(&line, "STATUS=%s",
                                bluez_running(m->bluez) ? "Waiting for a strap" : "Waiting for BlueZ");
        else if (m->session != 0)
                r = asprintf(&line, "STATUS=%s: %s, recording session %" PRIi64,
                                manager_strap_name(m, (unsigned)strap, name),
                                sensor_state_to_string(m->engine->track[strap].state), m->session);
        else
                r = asprintf(&line, "STATUS=%s: %s", manager_strap_name(m, (unsigned)strap, name),
                                sensor_state_to_string(m->engine->track[strap].state));
        if (r < 0) {
                line = NULL;
                return;
        }
        if (m->status && strcmp(m->status, line) == 0)
                return;
        (void)sd_notify(false, line); /* nobody listens outside of systemd */
        free(m->status);
        m->status = TAKE_PTR(line);
}
