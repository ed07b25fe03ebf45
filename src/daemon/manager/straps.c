/* SPDX-License-Identifier: MIT */
/* The straps that BlueZ knows, by the core's numbers. A strap keeps its number as long as it is known, and gets it back when
 * it returns; the number of the session's strap is given to no other while the session lasts. Losses are stamped by
 * CLOCK_REALTIME. */

#include "manager/straps.h"

#include <math.h>
#include <stdlib.h>

#include "cardio/macro.h"
#include "cardio/text.h"
#include "log.h"
#include "manager/internal.h"

/* At most so many straps that are not the runner's are kept, which appear while somebody scans. */
#define FOUND_MAX 32U

bool strap_is_recorded(const Manager *m, unsigned number)
{
        return engine_recording(m->engine) && m->engine->recorder.sensor == number;
}

int strap_find(const Manager *m, const char *address)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                if (strcmp(m->straps.strap[i].record.address, address) == 0)
                        return (int)i;
        return -ENOENT;
}

/* The RSSI as a measure of distance: a strap without one is the farthest. */
static int16_t nearness(int16_t rssi)
{
        return rssi == 0 ? INT16_MIN : rssi;
}

/* A number that is used neither by a strap of the runner's nor by the session. A found strap makes room for one of the
 * runner's. Of found ones only the nearest few are kept, so that a room full of them is no burden: whoever looks for a strap
 * holds it in their hand. */
static int strap_place(const Manager *m, const SensorRecord *strap)
{
        int unused = -ENOSPC, farthest = -ENOSPC;
        unsigned n_found = 0;

        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const KnownStrap *s = &m->straps.strap[i];

                if (strap_is_recorded(m, i) || (s->used && s->record.configured))
                        continue;
                if (s->used) {
                        n_found++;
                        if (farthest < 0 || nearness(s->record.rssi) <
                                                            nearness(m->straps.strap[farthest].record.rssi))
                                farthest = (int)i;
                } else if (unused < 0) {
                        unused = (int)i;
                }
        }
        if (unused >= 0 && (strap->configured || n_found < FOUND_MAX))
                return unused;
        if (farthest >= 0 && (strap->configured ||
                                             nearness(strap->rssi) >
                                                             nearness(m->straps.strap[farthest].record.rssi)))
                return farthest;
        return -ENOSPC;
}

int strap_number(Manager *m, const SensorRecord *strap)
{
        int number = strap_find(m, strap->address), place;
        KnownStrap *s;

        if (number >= 0 && (m->straps.strap[number].used || strap->configured))
                return number;
        place = strap_place(m, strap);
        if (place < 0)
                return place;
        s = &m->straps.strap[place];
        if (s->used) {
                bus_remove_sensor(m->bus, (unsigned)place);
                s->used = false;
        }
        if (number >= 0)
                return number; /* its own, which is free */
        free((char *)s->record.name);
        *s = (KnownStrap){ .record.battery = -1, .battery_low = store_battery_low(m->store, strap->address) };
        (void)stpcpy(s->record.address, strap->address); /* both have the same size */
        return place;
}

int strap_number_of(Manager *m, const char *address)
{
        SensorRecord strap = { .configured = true };

        (void)stpcpy(strap.address, address); /* both have the same size */
        return strap_number(m, &strap);
}

/* The name is text from the air: control characters could begin a line of their own, or drive a terminal. */
const char *strap_name(const Manager *m, unsigned number, char buf[static NAME_PLAIN_MAX])
{
        const KnownStrap *s = &m->straps.strap[number];
        const char *name = s->record.name && s->record.name[0] ? s->record.name : s->record.address;
        size_t n = utf8_fit(name, NAME_PLAIN_MAX - 1);

        memcpy(buf, name, n);
        buf[n] = '\0';
        return text_make_plain(buf);
}

void strap_set_record(Manager *m, unsigned number, const SensorRecord *record)
{
        char *name = record->name ? strdup(record->name) : NULL;
        KnownStrap *s = &m->straps.strap[number];

        if (record->name && !name) {
                log_error("%s: its name is lost: %s", record->address, strerror(ENOMEM));
                name = (char *)s->record.name;
        } else {
                free((char *)s->record.name);
        }
        s->used = true;
        s->record = *record;
        s->record.name = name;
}

void strap_lost_link(Manager *m, unsigned number, usec_t at_usec)
{
        KnownStrap *s = &m->straps.strap[number];

        if (s->n_losses == ELEMENTSOF(s->loss))
                memmove(s->loss, s->loss + 1, --s->n_losses * sizeof(s->loss[0]));
        s->loss[s->n_losses++] = (uint64_t)core_to_unix_ms(at_usec) * USEC_PER_MSEC;
        bus_set_link_losses(m->bus, number, s->loss, s->n_losses);
}

void strap_remove(Manager *m, unsigned number)
{
        bus_remove_sensor(m->bus, number);
        m->straps.strap[number].used = false;
        m->straps.full = false;
}

/* Logs found and lost, once each. */
void strap_log_state(Manager *m, unsigned number, SensorState state)
{
        KnownStrap *s = &m->straps.strap[number];
        char field[sizeof("CARDIO_STRAP=") + ADDRESS_STRING_MAX], name[NAME_PLAIN_MAX];
        SensorState said = state == SENSOR_LIVE         ? SENSOR_LIVE
                           : state == SENSOR_CONNECTING ? s->logged
                                                        : SENSOR_ABSENT;

        if (said == s->logged)
                return;
        s->logged = said;
        (void)snprintf(field, sizeof(field), "CARDIO_STRAP=%s", s->record.address); /* always fits */
        if (said == SENSOR_LIVE)
                log_event(LOG_ID_STRAP_FOUND, field, "%s (%s) is live", strap_name(m, number, name),
                                s->record.address);
        else
                log_event(LOG_ID_STRAP_LOST, field, "%s (%s) is %s", strap_name(m, number, name),
                                s->record.address, sensor_state_to_string(state));
}

int strap_refuse(Manager *m, const SensorRecord *strap, int error)
{
        if (!strap->configured) {
                log_debug("%s: ignored, more than %u found straps", strap->address, FOUND_MAX);
        } else if (!m->straps.full) {
                /* The BlueZ client reports the strap again whenever anything about it changes. */
                log_warning("%s: ignored, more than %u straps; so is any further one", strap->address,
                                SENSORS_MAX);
                m->straps.full = true;
        }
        return error;
}

void strap_seen(Manager *m, unsigned number)
{
        const Ring *ring = &m->engine->track[number].ring;

        if (m->straps.strap[number].used && ring_end(ring) > 0)
                store_sensor(m->store, m->straps.strap[number].record.address, NULL, NULL, -1,
                                core_to_unix_ms(ring_at(ring, ring_end(ring) - 1)->at_usec));
}

void straps_stepped(Manager *m, int64_t step_ms)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                KnownStrap *s = &m->straps.strap[i];

                if (!s->used)
                        continue;
                for (size_t k = 0; k < s->n_losses; k++)
                        s->loss[k] += (uint64_t)step_ms * USEC_PER_MSEC;
                if (s->n_losses > 0)
                        bus_set_link_losses(m->bus, i, s->loss, s->n_losses);
                if (s->record.configured)
                        strap_seen(m, i);
        }
}

/* Every 20 s, counted from the session's start, as its rows are later. */
_hot_ void strap_update_alpha1(Manager *m, unsigned number, usec_t at_usec)
{
        KnownStrap *s = &m->straps.strap[number];
        usec_t begin_usec = strap_is_recorded(m, number) ? m->session.begin_usec : 0;

        if (at_usec < s->alpha1_usec)
                return;
        s->alpha1_usec = at_usec + ALPHA1_EVERY_USEC - (at_usec - begin_usec) % ALPHA1_EVERY_USEC;
        s->alpha1 = alpha1_of(&m->engine->track[number].ring, at_usec,
                        m->engine->config.recorder.effort_above, m->config->detrend);
        m->published.dirty = true;
}

static void set_alpha1(SensorRecord *record, const KnownStrap *s)
{
        bool live = record->state == SENSOR_LIVE && s->alpha1_usec > 0;
        const char *reason = alpha1_state_to_string(live ? s->alpha1.state : ALPHA1_NO_RR);

        record->alpha1 = reason ? NAN : s->alpha1.alpha1;
        record->alpha1_reason = reason ?: "";
}

/* Pushes a strap to the bus with what the core knows about it; one that was only found is not live. */
static void push_strap(Manager *m, unsigned number)
{
        const Track *t = &m->engine->track[number];
        SensorRecord record = m->straps.strap[number].record;
        int r;

        if (record.configured) {
                record.state = t->state;
                record.contact = t->contact;
                record.session = strap_is_recorded(m, number) ? m->session.id : 0;
        }
        if (record.configured && record.kind != SENSOR_KIND_STRAP)
                record.state = pace_state(m, number, core_now());
        if (record.configured)
                strap_log_state(m, number, record.state);
        set_alpha1(&record, &m->straps.strap[number]);
        r = bus_set_sensor(m->bus, number, &record);
        if (r < 0)
                log_error("%s: not on the bus: %s", record.address, strerror(-r));
        if (record.state != SENSOR_LIVE)
                bus_set_heart_rate(m->bus, number, 0, 0, 0);
}

void straps_publish(Manager *m)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++) {
                const KnownStrap *s = &m->straps.strap[i];

                if (!s->used || (s->record.configured && !m->engine->track[i].used))
                        continue;
                push_strap(m, i);
        }
}

void straps_end(Manager *m)
{
        for (unsigned i = 0; i < SENSORS_MAX; i++)
                free((char *)m->straps.strap[i].record.name);
}
