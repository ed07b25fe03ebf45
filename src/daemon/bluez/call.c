/* SPDX-License-Identifier: MIT */
/* Calls to BlueZ, and what its errors mean. No clock. */

#include "bluez/call.h"

#include <sys/random.h>

#include "bluez/internal.h"
#include "cardio/bus-api.h"
#include "cardio/text.h"
#include "log.h"

#define BACK_OFF_FIRST_USEC   (2 * USEC_PER_SEC)
#define BACK_OFF_LONGEST_USEC (60 * USEC_PER_SEC)

usec_t bluez_back_off(unsigned failures)
{
        usec_t length_usec = BACK_OFF_FIRST_USEC;
        uint16_t jitter = 0;

        for (unsigned i = 1; i < failures && length_usec < BACK_OFF_LONGEST_USEC; i++)
                length_usec *= 2;
        if (length_usec > BACK_OFF_LONGEST_USEC)
                length_usec = BACK_OFF_LONGEST_USEC;
        (void)!getrandom(&jitter, sizeof(jitter), GRND_NONBLOCK); /* without it there is just no jitter */
        return length_usec - length_usec / 4 * jitter / UINT16_MAX;
}

const char *bluez_error_text(const sd_bus_error *e, char buf[static BLUEZ_ERROR_SIZE])
{
        return text_brief(buf, BLUEZ_ERROR_SIZE, e->message && *e->message ? e->message : e->name);
}

bool error_is_gone(const sd_bus_error *e)
{
        return sd_bus_error_has_name(e, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
               sd_bus_error_has_name(e, SD_BUS_ERROR_UNKNOWN_METHOD);
}

bool error_is_in_progress(const sd_bus_error *e)
{
        return sd_bus_error_has_name(e, "org.bluez.Error.InProgress") ||
               (e->message && strstr(e->message, "already in progress"));
}

int device_call(Device *d, const char *path, const char *interface, const char *method, bool options,
                sd_bus_message_handler_t done, void *userdata, usec_t timeout_usec, sd_bus_slot **slot)
{
        sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(d->bluez->bus, &call, BLUEZ_BUS_NAME, path, interface, method);
        if (r >= 0 && options)
                r = sd_bus_message_append(call, "a{sv}", 0);
        if (r >= 0)
                r = sd_bus_call_async(d->bluez->bus, slot, call, done, userdata, timeout_usec);
        sd_bus_message_unref(call);
        if (r < 0)
                log_warning("%s: cannot call %s: %s", d->address, method, strerror(-r));
        return r;
}
