/* SPDX-License-Identifier: MIT */
/* ImportSession() on D-Bus: a message that may be megabytes long, taken apart. How many of each there may be is all that is judged
 * here. No clock. */

#include "bus/import.h"

#include <math.h>
#include <stdlib.h>

#include "bus/dict.h"
#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "cardio/macro.h"

/* -- Arrays -- */

/* Makes room for one more after the first n. */
static int reserve(void *array, size_t n, size_t max, size_t size, const char *what, sd_bus_error *error)
{
        void **p = array, *larger;

        if (n == max)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "There are too many %s; accepted: at most %zu", what, max);
        if (n != 0 && (n < 1024 || (n & (n - 1)) != 0))
                return 0;
        larger = reallocarray(*p, n == 0 ? 1024 : 2 * n, size);
        if (!larger)
                return -ENOMEM;
        *p = larger;
        return 0;
}

static int read_samples(sd_bus_message *m, BusImport *import, sd_bus_error *error)
{
        BusImportSample s;
        int r = sd_bus_message_enter_container(m, 'a', "(tqy)");

        while (r >= 0) {
                r = sd_bus_message_read(m, "(tqy)", &s.at_usec, &s.heart_rate, &s.contact);
                if (r <= 0)
                        break;
                r = reserve(&import->sample, import->n_samples, BUS_IMPORT_SAMPLES_MAX, sizeof(s), "samples",
                                error);
                if (r >= 0)
                        import->sample[import->n_samples++] = s;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_rr(sd_bus_message *m, BusImport *import, sd_bus_error *error)
{
        BusImportRr rr;
        int r = sd_bus_message_enter_container(m, 'a', "(tq)");

        while (r >= 0) {
                r = sd_bus_message_read(m, "(tq)", &rr.at_usec, &rr.rr);
                if (r <= 0)
                        break;
                r = reserve(&import->rr, import->n_rr, BUS_IMPORT_RR_MAX, sizeof(rr), "R-R intervals", error);
                if (r >= 0)
                        import->rr[import->n_rr++] = rr;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_pace(sd_bus_message *m, BusImport *import, sd_bus_error *error)
{
        BusImportPace p;
        int r = sd_bus_message_enter_container(m, 'a', "(tdddd)");

        while (r >= 0) {
                r = sd_bus_message_read(
                                m, "(tdddd)", &p.at_usec, &p.speed, &p.cadence, &p.distance, &p.incline);
                if (r <= 0)
                        break;
                r = reserve(&import->pace, import->n_pace, BUS_IMPORT_PACE_MAX, sizeof(p), "values of pace",
                                error);
                if (r >= 0)
                        import->pace[import->n_pace++] = p;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* field: the BusImport itself. */
static int read_events(sd_bus_message *m, void *field, sd_bus_error *error)
{
        BusImport *import = field;
        BusImportEvent e;
        int r = sd_bus_message_enter_container(m, 'a', "(tsds)");

        import->n_events = 0;
        while (r >= 0) {
                r = sd_bus_message_read(m, "(tsds)", &e.at_usec, &e.type, &e.value, &e.detail);
                if (r <= 0)
                        break;
                r = reserve(&import->event, import->n_events, BUS_IMPORT_EVENTS_MAX, sizeof(e), "events",
                                error);
                if (r >= 0)
                        import->event[import->n_events++] = e;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* -- The header -- */

#define FIELD(name) offsetof(BusImport, name), NULL

static const DictEntry header_entries[] = {
        { "started_at", "x", FIELD(started_at) },
        { "content", "s", FIELD(content) },
        { "utc_offset_s", "i", FIELD(utc_offset_s) },
        { "sport", "s", FIELD(sport) },
        { "kind", "s", FIELD(said.kind) },
        { "device", "s", FIELD(device) },
        { "note", "s", FIELD(said.note) },
        { "max_hr", "d", FIELD(max_hr) },
        { "resting_hr", "d", FIELD(resting_hr) },
        { "keep_overlap", "b", FIELD(keep_overlap) },
        { "ceiling", "d", FIELD(ceiling) },
        { "ceiling_expression", "s", FIELD(ceiling_expression) },
        { "tolerance", "d", FIELD(tolerance) },
        { "zone_model", "s", FIELD(zone_model) },
        { "zone_bounds", "s", FIELD(zone_bounds) },
        { "sex", "s", FIELD(sex) },
        { "talk_test", "s", FIELD(said.talk_test) },
        { "rpe", "y", FIELD(said.rpe) },
        { "day_kind", "s", FIELD(day_kind) },
        { "workout", "s", FIELD(workout) },
        { "by_hand", "b", FIELD(by_hand) },
        { "events", "a(tsds)", 0, read_events },
};

static void import_end(BusImport *import)
{
        free(import->sample);
        free(import->rr);
        free(import->pace);
        free(import->event);
}

int bus_method_import_session(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        _cleanup_(import_end) BusImport import = {
                .started_at = BUS_IMPORT_NO_START,
                .utc_offset_s = BUS_IMPORT_NO_OFFSET,
                .max_hr = NAN,
                .resting_hr = NAN,
                .ceiling = NAN,
                .tolerance = NAN,
        };
        Bus *b = userdata;
        int64_t id;
        int r = bus_read_dict(m, header_entries, ELEMENTSOF(header_entries), &import, error);

        if (r >= 0)
                r = read_samples(m, &import, error);
        if (r >= 0)
                r = read_rr(m, &import, error);
        if (r >= 0)
                r = read_pace(m, &import, error);
        if (r >= 0)
                r = b->handlers->import_session(b->userdata, &import, &id, error);
        return r < 0 ? bus_later(b, m, bus_method_import_session, r, error)
                     : sd_bus_reply_method_return(m, "x", id);
}
