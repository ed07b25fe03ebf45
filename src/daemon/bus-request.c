/* SPDX-License-Identifier: MIT */
/* Requests that take their time: scanning, setting a strap up, measuring a resting heart rate. Each remembers who asked,
 * and is given up when they leave the bus; somebody scans until they say StopScan() or leave. No clock. */

#include "bus-internal.h"

#include <stdlib.h>

#include "cardio/bus-api.h"
#include "log.h"

struct BusRequest {
        Bus *bus;
        sd_bus_message *call;
        sd_bus_track *caller;
        bool scan; /* it waits for discovery to run */
};

static BusRequest *request_free(BusRequest *r)
{
        if (!r)
                return NULL;
        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++)
                if (r->bus->requests[i] == r)
                        r->bus->requests[i] = NULL;
        sd_bus_track_unref(r->caller);
        sd_bus_message_unref(r->call);
        free(r);
        return NULL;
}

static int on_caller_left(sd_bus_track *track, void *userdata)
{
        BusRequest *r = userdata;

        (void)track;
        if (!r->scan)
                r->bus->handlers->abandoned(r->bus->userdata, r);
        request_free(r);
        return 1; /* 0 would mean: ask again at once */
}

static int request_new(Bus *b, sd_bus_message *call, bool scan, BusRequest **ret, sd_bus_error *error)
{
        BusRequest **place = NULL, *request;
        int r;

        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++)
                if (!b->requests[i])
                        place = &b->requests[i];
        if (!place)
                return sd_bus_error_setf(error, CARDIO_ERROR_LIMIT_REACHED,
                                "More than %u requests wait for their answers; try again later",
                                BUS_REQUESTS_MAX);
        request = calloc(1, sizeof(*request));
        if (!request)
                return -ENOMEM;
        *request = (BusRequest){ .bus = b, .call = sd_bus_message_ref(call), .scan = scan };
        r = sd_bus_track_new(b->bus, &request->caller, on_caller_left, request);
        if (r >= 0)
                r = sd_bus_track_add_sender(request->caller, call);
        if (r < 0) {
                request_free(request);
                return r;
        }
        *place = *ret = request;
        return 0;
}

/* r: what came of sending the answer. */
static void request_answered(BusRequest *request, int r)
{
        if (r < 0)
                log_warning("Cannot answer %s: %s", sd_bus_message_get_member(request->call), strerror(-r));
        request_free(request);
}

void bus_answer(BusRequest *request, const char *error, const char *message)
{
        request_answered(request, error ? sd_bus_reply_method_errorf(request->call, error, "%s", message)
                                        : sd_bus_reply_method_return(request->call, NULL));
}

/* -- Scanning -- */

/* Also called some time after the last one has been removed, when there may be another. */
static int on_scanners_gone(sd_bus_track *track, void *userdata)
{
        Bus *b = userdata;

        if (sd_bus_track_count(track) == 0)
                b->handlers->scan(b->userdata, false);
        return 1; /* 0 would mean: ask again at once */
}

int method_start_scan(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusRequest *request;
        Bus *b = userdata;
        int r;

        /* Not before it is needed: an empty one is told as such. */
        r = b->scanners ? 0 : sd_bus_track_new(b->bus, &b->scanners, on_scanners_gone, b);
        if (r < 0)
                return r;
        if (sd_bus_track_count(b->scanners) >= BUS_SCANNERS_MAX &&
                        sd_bus_track_count_sender(b->scanners, m) == 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_LIMIT_REACHED, "More than %u callers scan",
                                BUS_SCANNERS_MAX);
        r = request_new(b, m, true, &request, error);
        if (r < 0)
                return r;
        r = sd_bus_track_add_sender(b->scanners, m);
        if (r < 0) {
                request_free(request);
                return r;
        }
        b->handlers->scan(b->userdata, true);
        return 1;
}

int method_stop_scan(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;
        int r = b->scanners ? sd_bus_track_remove_sender(b->scanners, m) : 0;

        (void)error;
        if (r < 0)
                return r;
        if (r > 0 && sd_bus_track_count(b->scanners) == 0)
                b->handlers->scan(b->userdata, false);
        return sd_bus_reply_method_return(m, NULL);
}

void bus_scan(Bus *b, bool running, const char *error, const char *message)
{
        if (!running && !error)
                return; /* not known yet */
        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++) {
                BusRequest *request = b->requests[i];

                if (!request || !request->scan)
                        continue;
                /* The last one's removal is told by on_scanners_gone(). */
                if (!running)
                        (void)sd_bus_track_remove_sender(b->scanners, request->call);
                bus_answer(request, running ? NULL : error, message);
        }
}

/* -- Setting a strap up -- */

typedef int (*SetUpFunc)(void *userdata, const char *address, BusRequest *request, sd_bus_error *error);

static int set_up(Bus *b, sd_bus_message *m, SetUpFunc func, sd_bus_error *error)
{
        BusRequest *request;
        const char *address;
        int r = sd_bus_message_read(m, "s", &address);

        if (r >= 0)
                r = request_new(b, m, false, &request, error);
        if (r < 0)
                return r;
        r = func(b->userdata, address, request, error);
        if (r < 0)
                request_free(request);
        return r < 0 ? r : 1;
}

int method_trust(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        return set_up(b, m, b->handlers->trust, error);
}

int method_forget(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Bus *b = userdata;

        return set_up(b, m, b->handlers->forget, error);
}

/* -- Measuring -- */

int method_measure_resting(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusRequest *request;
        Bus *b = userdata;
        uint32_t seconds;
        int r = sd_bus_message_read(m, "u", &seconds);

        if (r >= 0)
                r = request_new(b, m, false, &request, error);
        if (r < 0)
                return r;
        r = b->handlers->coach->measure_resting(b->userdata, seconds, request, error);
        if (r < 0)
                request_free(request);
        return r < 0 ? r : 1;
}

void bus_answer_resting(BusRequest *request, double heart_rate, double rmssd)
{
        request_answered(request, sd_bus_reply_method_return(request->call, "dd", heart_rate, rmssd));
}

/* -- The whole -- */

/* The end of the program. Whoever waits learns it from the loss of our name. */
void requests_end(Bus *b)
{
        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++)
                request_free(b->requests[i]);
        sd_bus_track_unref(b->scanners);
}
