/* SPDX-License-Identifier: MIT */
/* Between the bus, where somebody scans, trusts and forgets, and BlueZ, which does it and takes its time. No clock. */

#include "manager/deletions.h"
#include "manager/setup.h"
#include "manager/internal.h"

#include "cardio/bus-api.h"
#include "cardio/text.h"

void setup_scan(void *userdata, bool wanted)
{
        Manager *m = userdata;

        bluez_scan(m->bluez, wanted);
}

void setup_scan_changed(void *userdata, const char *error, const char *message)
{
        Manager *m = userdata;
        bool scanning = bluez_scanning(m->bluez);

        /* It is called whenever something about adapters has changed. */
        if (scanning != m->scanning || !m->radio || strcmp(bluez_radio(m->bluez), m->radio) != 0) {
                m->scanning = scanning;
                publish(m);
        }
        bus_scan(m->bus, scanning, error, message);
}

static void on_done(void *userdata, const char *error, const char *message)
{
        ManagerSetup *s = userdata;

        s->task = NULL; /* it is gone */
        bus_answer(TAKE_PTR(s->request), error, message);
}

typedef int (*SetUpFunc)(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret);

static int set_up(Manager *m, SetUpFunc func, const char *text, BusRequest *request, sd_bus_error *error)
{
        char address[ADDRESS_STRING_MAX], brief[TEXT_BRIEF_SIZE];
        ManagerSetup *place = NULL;
        int r;

        if (parse_address(text, address) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' is not an address; accepted: " ADDRESS_ACCEPTED,
                                text_brief(brief, sizeof(brief), text));
        for (size_t i = 0; i < ELEMENTSOF(m->setups); i++)
                if (!m->setups[i].task)
                        place = &m->setups[i];
        r = place ? func(m->bluez, address, on_done, place, &place->task) : -ENOBUFS;
        if (r == -EBUSY)
                return sd_bus_error_set(error, CARDIO_ERROR_BUSY,
                                "A strap is being set up already; try again when that is done");
        if (r == -ENOBUFS)
                return sd_bus_error_set(error, CARDIO_ERROR_LIMIT_REACHED,
                                "Too many straps are being set up; try again later");
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        place->request = request;
        return 0;
}

int setup_trust(void *userdata, const char *address, BusRequest *request, sd_bus_error *error)
{
        return set_up(userdata, bluez_trust, address, request, error);
}

int setup_forget(void *userdata, const char *address, BusRequest *request, sd_bus_error *error)
{
        return set_up(userdata, bluez_forget, address, request, error);
}

void setup_abandoned(void *userdata, const BusRequest *request)
{
        Manager *m = userdata;

        if (m->measuring.resting && m->measuring.request == request)
                measure_cancel(m);
        deletion_forget(m, request);
        for (size_t i = 0; i < ELEMENTSOF(m->setups); i++)
                if (m->setups[i].task && m->setups[i].request == request) {
                        m->setups[i].task = bluez_task_cancel(m->setups[i].task);
                        m->setups[i].request = NULL;
                }
}
