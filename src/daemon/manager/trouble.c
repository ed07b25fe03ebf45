/* SPDX-License-Identifier: MIT */
/* Troubles in words, and their signals. When there is one is decided elsewhere: in the core, and in disk.c. The core's clock
 * gives the moment of a row; lengths come with the facts. */

#include "manager/trouble.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cardio/bus-api.h"
#include "cardio/macro.h"
#include "log.h"
#include "manager/internal.h"
#include "store/writer.h"

#define TROUBLE_TEXT_MAX   256U
#define TROUBLE_LENGTH_MAX 32U

static void report(Manager *m, const char *kind, const char *text)
{
        bus_trouble(m->bus, kind, text);
        log_warning("%s: %s", kind, text);
}

/* "a minute", "3 min": in whole minutes, no more than have passed. */
static const char *minutes(usec_t length_usec, char buf[static TROUBLE_LENGTH_MAX])
{
        if (length_usec < 2 * USEC_PER_MIN)
                return "a minute";
        (void)snprintf(buf, TROUBLE_LENGTH_MAX, "%u min",
                        (unsigned)(length_usec / USEC_PER_MIN)); /* always fits */
        return buf;
}

/* What to do, by why there may be no heart rate. */
static const char *remedy(const Manager *m, unsigned sensor)
{
        static const struct {
                const char *radio, *remedy;
        } radios[] = {
                { CARDIO_BLUETOOTH_OFF, "Bluetooth is off, so switch it on" },
                { CARDIO_BLUETOOTH_NO_ADAPTER, "the Bluetooth adapter is gone, so plug it in again" },
                { CARDIO_BLUETOOTH_NO_BLUEZ, "the Bluetooth service does not run, so start it" },
        };
        const char *radio = bluez_radio(m->bluez);

        for (size_t i = 0; i < ELEMENTSOF(radios); i++)
                if (strcmp(radio, radios[i].radio) == 0)
                        return radios[i].remedy;
        return m->engine->track[sensor].state == SENSOR_NO_CONTACT
                               ? "the strap has no contact, so wet the electrodes and tighten it"
                               : "wet the electrodes, check the strap";
}

void trouble_strap_lost(Manager *m, const Fact *fact)
{
        char text[TROUBLE_TEXT_MAX], name[NAME_PLAIN_MAX], length[TROUBLE_LENGTH_MAX];

        /* All of it always fits. */
        (void)snprintf(text, sizeof(text),
                        "No heart rate from %s for %s: the run goes on, but nothing is recorded; %s",
                        strap_name(m, fact->sensor, name), minutes(fact->length_usec, length),
                        remedy(m, fact->sensor));
        report(m, CARDIO_TROUBLE_STRAP_LOST, text);
}

void trouble_strap_back(Manager *m, const Fact *fact)
{
        char text[TROUBLE_TEXT_MAX], name[NAME_PLAIN_MAX];

        (void)snprintf(text, sizeof(text), "%s %s: the heart rate is recorded again",
                        fact->switched ? strap_name(m, fact->sensor, name) : "The strap",
                        fact->switched ? "has taken over" : "is back"); /* always fits */
        report(m, CARDIO_TROUBLE_STRAP_BACK, text);
}

void trouble_battery(Manager *m, const Fact *fact)
{
        char text[TROUBLE_TEXT_MAX], name[NAME_PLAIN_MAX];
        KnownStrap *s = &m->straps.strap[fact->sensor];

        s->battery_low = fact->type == FACT_BATTERY_LOW;
        store_set_battery_low(m->store, s->record.address, s->battery_low);
        committer_commit(&m->committer); /* told once, whatever becomes of the daemon */
        if (!s->battery_low)
                return;
        (void)snprintf(text, sizeof(text),
                        "The battery of %s is low, at %d %%: change or charge it before the next run",
                        strap_name(m, fact->sensor, name), fact->percent); /* always fits */
        report(m, CARDIO_TROUBLE_BATTERY, text);
}

void trouble_disk(Manager *m, const char *kind, const char *text)
{
        (void)session_writer_event(m->session.writer, session_time(&m->session, core_now()), "trouble", NAN,
                        kind); /* logged there; it waits with the rest */
        bus_trouble(m->bus, kind, text);
}
