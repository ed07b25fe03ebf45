/* SPDX-License-Identifier: MIT */
/* BlueZ's straps and the core's numbers. A strap keeps its number as long as it is known, and gets it back when it
 * returns; the number of the session's strap goes to no other while the session lasts. */

#include "manager/internal.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "cardio/text.h"
#include "log.h"

/* Straps that are not the runner's: so many are told of while somebody looks for one. */
#define FOUND_MAX 32U

static bool strap_is_recorded(const Manager *m, unsigned number)
{
        return engine_recording(m->engine) && m->engine->recorder.sensor == number;
}

static int strap_find(const Manager *m, const char *address)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (strcmp(m->straps[i].address, address) == 0)
                        return (int)i;
        return -ENOENT;
}

/* The RSSI as a measure of how near it is: one that has not told any is the farthest. */
static int16_t nearness(int16_t rssi)
{
        return rssi == 0 ? INT16_MIN : rssi;
}

/* A place that no strap of the runner's has, nor the session. A found one makes room for one of the runner's. Of found ones only
 * a few are kept, so that a room full of them is no burden, and the nearest: who looks for a strap holds it in their hand. */
static int strap_place(const Manager *m, const Strap *strap)
{
        int unused = -ENOSPC, farthest = -ENOSPC;
        unsigned n_found = 0;

        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const ManagerStrap *s = &m->straps[i];

                if (strap_is_recorded(m, i) || (s->used && s->configured))
                        continue;
                if (s->used) {
                        n_found++;
                        if (farthest < 0 || nearness(s->rssi) < nearness(m->straps[farthest].rssi))
                                farthest = (int)i;
                } else if (unused < 0) {
                        unused = (int)i;
                }
        }
        if (unused >= 0 && (strap->configured || n_found < FOUND_MAX))
                return unused;
        if (farthest >= 0 &&
                        (strap->configured || nearness(strap->rssi) > nearness(m->straps[farthest].rssi)))
                return farthest;
        return -ENOSPC;
}

static int strap_number(Manager *m, const Strap *strap)
{
        int number = strap_find(m, strap->address), place;
        ManagerStrap *s;

        if (number >= 0 && (m->straps[number].used || strap->configured))
                return number;
        place = strap_place(m, strap);
        if (place < 0)
                return place;
        s = &m->straps[place];
        if (s->used) {
                bus_remove_sensor(m->bus, (unsigned)place);
                s->used = false;
        }
        if (number >= 0)
                return number; /* its own, which is free */
        free(s->name);
        free(s->body_location);
        *s = (ManagerStrap){ .battery = -1 };
        (void)stpcpy(s->address, strap->address); /* both are of one size */
        return place;
}

int manager_strap_number(Manager *m, const char *address)
{
        Strap strap = { .configured = true };

        (void)stpcpy(strap.address, address); /* both are of one size */
        return strap_number(m, &strap);
}

/* Text from the air: control characters could begin a line of their own, or drive a terminal. */
const char *manager_strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX])
{
        const ManagerStrap *s = &m->straps[number];
        const char *name = s->name && s->name[0] ? s->name : s->address;
        size_t n = utf8_fit(name, NAME_PLAIN_MAX - 1);

        memcpy(buf, name, n);
        buf[n] = '\0';
        return text_make_plain(buf);
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
                session_writer_event(m->writer,
                                (int64_t)((manager_now() - m->session_begin_usec) / USEC_PER_MSEC), "battery",
                                battery, NULL);
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

/* It is the runner's no more. */
static void strap_leaves(Manager *m, unsigned number)
{
        (void)manager_handle(m, &(Event){ .type = EVENT_FORGET, .sensor = number }); /* never refused */
        log_strap(m, number, SENSOR_ABSENT);
}

/* A found strap that has no place is none to worry about. */
static int strap_refuse(Manager *m, const Strap *strap, int error)
{
        if (!strap->configured) {
                log_debug("%s: ignored, more than %u found straps", strap->address, FOUND_MAX);
        } else if (!m->straps_full) {
                /* BlueZ's client asks again whenever something happens to the strap. */
                log_warning("%s: ignored, more than %u straps; so is any further one", strap->address,
                                SENSORS_MAX);
                m->straps_full = true;
        }
        return error;
}

static int on_strap_changed(void *userdata, const Strap *strap)
{
        Manager *m = userdata;
        int number = strap_number(m, strap), r;
        ManagerStrap *s;

        if (number < 0)
                return strap_refuse(m, strap, number);
        s = &m->straps[number];
        if (strap->configured)
                battery_event(m, (unsigned)number, strap->battery);
        else if (s->used && s->configured)
                strap_leaves(m, (unsigned)number);
        s->used = true;
        s->battery = strap->battery;
        s->configured = strap->configured;
        s->trusted = strap->trusted;
        s->rotating = strap->rotating;
        s->rssi = strap->rssi;
        s->link = strap->link;
        s->problem = strap->problem;
        r = replace(&s->name, strap->name);
        if (r >= 0)
                r = replace(&s->body_location, strap->body_location);
        if (r < 0)
                log_error("%s: its name is lost: %s", s->address, strerror(-r));
        if (!s->configured) {
                manager_push(m);
                return number;
        }
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

static void on_strap_removed(void *userdata, const char *address)
{
        Manager *m = userdata;
        int number = strap_find(m, address);

        if (number < 0 || !m->straps[number].used)
                return;
        if (m->straps[number].configured)
                strap_leaves(m, (unsigned)number);
        bus_remove_sensor(m->bus, (unsigned)number);
        m->straps[number].used = false;
        m->straps_full = false;
        manager_push(m);
}

/* The last ones are kept, for `cardioctl doctor` to see a pattern in. */
static void on_link_lost(void *userdata, unsigned strap, usec_t boot_usec)
{
        Manager *m = userdata;
        ManagerStrap *s = &m->straps[strap];

        if (s->n_losses == ELEMENTSOF(s->loss))
                memmove(s->loss, s->loss + 1, --s->n_losses * sizeof(s->loss[0]));
        s->loss[s->n_losses++] = (uint64_t)manager_realtime_ms(boot_usec + CORE_EPOCH_USEC) * USEC_PER_MSEC;
        bus_set_link_losses(m->bus, strap, s->loss, s->n_losses);
}

void manager_straps_stepped(Manager *m, int64_t step_ms)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                ManagerStrap *s = &m->straps[i];

                if (!s->used)
                        continue;
                for (size_t k = 0; k < s->n_losses; k++)
                        s->loss[k] += (uint64_t)step_ms * USEC_PER_MSEC;
                if (s->n_losses > 0)
                        bus_set_link_losses(m->bus, i, s->loss, s->n_losses);
                if (s->configured)
                        manager_strap_seen(m, i);
        }
}

/* A heart rate of its own is in memory, or a session of it in the database. */
static bool on_strap_known(void *userdata, const char *address)
{
        Manager *m = userdata;
        int number = strap_find(m, address);

        return (number >= 0 && ring_end(&m->engine->track[number].ring) > 0) ||
               store_sensor_known(m->store, address);
}

_heartbeat_ static void on_notification(void *userdata, unsigned strap, const uint8_t *value, size_t size,
                usec_t boot_usec, bool late)
{
        const Event event = {
                .type = EVENT_NOTIFICATION, .sensor = strap, .value = value, .size = size, .late = late
        };

        /* What is wrong with it is told as a fact. */
        (void)manager_handle_at(userdata, &event, boot_usec + CORE_EPOCH_USEC);
}

static void on_running_changed(void *userdata)
{
        manager_push_status(userdata);
}

const BluezHandlers manager_bluez_handlers = {
        .strap_changed = on_strap_changed,
        .strap_removed = on_strap_removed,
        .link_lost = on_link_lost,
        .strap_known = on_strap_known,
        .running_changed = on_running_changed,
        .scan_changed = manager_scan_changed,
        .notification = on_notification,
};

/* What the core knows of one of the runner's straps; a found one is not live, nor anything else. */
static void push_strap(Manager *m, unsigned number)
{
        const EngineTrack *t = &m->engine->track[number];
        const ManagerStrap *s = &m->straps[number];
        SensorState state = s->configured ? t->state : SENSOR_ABSENT;
        int r;

        r = bus_set_sensor(m->bus, number,
                        &(SensorView){
                                        .address = s->address,
                                        .name = s->name,
                                        .state = sensor_state_to_string(state),
                                        .contact = contact_to_string(
                                                        s->configured ? t->contact : CONTACT_UNSUPPORTED),
                                        .body_location = s->body_location,
                                        .configured = s->configured,
                                        .trusted = s->trusted,
                                        .rotating = s->rotating,
                                        .rssi = s->rssi,
                                        .link_problem = link_problem_to_string(s->problem),
                                        .battery_percentage = s->battery < 0 ? CARDIO_BATTERY_UNKNOWN
                                                                             : (uint8_t)s->battery,
                                        .session = s->configured && strap_is_recorded(m, number) ? m->session
                                                                                                 : 0,
                        });
        if (r < 0)
                log_error("%s: not on the bus: %s", s->address, strerror(-r));
        if (state != SENSOR_LIVE)
                bus_set_heart_rate(m->bus, number, 0, 0, 0);
}

void manager_push_straps(Manager *m)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const ManagerStrap *s = &m->straps[i];

                if (!s->used || (s->configured && !m->engine->track[i].used))
                        continue;
                if (s->configured)
                        log_strap(m, i, m->engine->track[i].state);
                push_strap(m, i);
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
