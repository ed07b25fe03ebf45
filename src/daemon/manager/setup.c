/* SPDX-License-Identifier: MIT */
/* Between the bus, where callers scan, trust and forget, and BlueZ, which takes its time for these. No clock. */

#include "manager/setup.h"

#include "cardio/bus-api.h"
#include "cardio/text.h"
#include "manager/internal.h"

void setup_scan(void *userdata, bool wanted)
{
        Manager *m = userdata;

        bluez_scan(m->bluez, wanted);
}

void setup_scan_changed(void *userdata, const char *error, const char *message)
{
        Manager *m = userdata;
        bool scanning = bluez_scanning(m->bluez);

        /* Called whenever anything about adapters has changed. */
        if (scanning != m->scanning || !m->radio || strcmp(bluez_radio(m->bluez), m->radio) != 0) {
                m->scanning = scanning;
                publish(m);
        }
        bus_scan(m->bus, scanning, error, message);
}

static void on_done(void *userdata, const char *error, const char *message)
{
        bus_answer(userdata, error, message);
}

static void on_cancel(void *userdata)
{
        bluez_task_cancel(userdata);
}

typedef int (*SetUpFunc)(Bluez *b, const char *address, BluezDone done, void *userdata, BluezTask **ret);

static int set_up(Manager *m, SetUpFunc func, const char *text, BusRequest *request, sd_bus_error *error)
{
        char address[ADDRESS_STRING_MAX], brief[TEXT_BRIEF_SIZE];
        BluezTask *task;
        int r;

        if (parse_address(text, address) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_INVALID_ARGUMENT,
                                "'%s' is not an address; accepted: " ADDRESS_ACCEPTED,
                                text_brief(brief, sizeof(brief), text));
        r = func(m->bluez, address, on_done, request, &task);
        if (r == -EBUSY)
                return sd_bus_error_set(error, CARDIO_ERROR_BUSY,
                                "A strap is being set up already; try again when that is done");
        if (r == -ENOBUFS)
                return sd_bus_error_set(error, CARDIO_ERROR_LIMIT_REACHED,
                                "Too many straps are being set up; try again later");
        if (r < 0)
                return sd_bus_error_set_errno(error, r);
        bus_on_cancel(request, on_cancel, task);
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
