/* SPDX-License-Identifier: MIT */
/* Requests that take time: scanning, setting up a strap, measuring a resting heart rate, deleting. Each remembers its caller,
 * and is cancelled when that leaves the bus; a caller scans until StopScan() or until it leaves. Also calls that come while
 * the database cannot take them for a moment: their methods are called again. No clock. */

#include "bus/request.h"

#include <stdlib.h>
#include <string.h>

#include "bus/internal.h"
#include "cardio/bus-api.h"
#include "log.h"

struct BusRequest {
        Bus *bus;
        sd_bus_message *call;
        uid_t uid; /* the caller's */
        bool scan; /* it waits for discovery to run */
        BusCancel cancel;
        void *cancel_userdata;
};

static const char *request_caller(const BusRequest *r)
{
        return sd_bus_message_get_sender(r->call);
}

static BusRequest *request_free(BusRequest *r)
{
        bool waits = false;
        Bus *b;

        if (!r)
                return NULL;
        b = r->bus;
        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++) {
                if (b->requests.request[i] == r)
                        b->requests.request[i] = NULL;
                else if (b->requests.request[i] &&
                                strcmp(request_caller(b->requests.request[i]), request_caller(r)) == 0)
                        waits = true;
        }
        if (!waits)
                subscribers_remove(b->requests.waiting, request_caller(r));
        sd_bus_message_unref(r->call);
        free(r);
        return NULL;
}

void bus_on_cancel(BusRequest *request, BusCancel cancel, void *userdata)
{
        request->cancel = cancel;
        request->cancel_userdata = userdata;
}

static void on_caller_left(void *userdata, const char *name)
{
        Bus *b = userdata;

        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++) {
                BusRequest *r = b->requests.request[i];

                if (!r || strcmp(request_caller(r), name) != 0)
                        continue;
                if (r->cancel)
                        r->cancel(r->cancel_userdata);
                request_free(r);
        }
}

static int request_new(Bus *b, sd_bus_message *call, bool scan, BusRequest **ret, sd_bus_error *error)
{
        uid_t uid = callers_uid(b->callers, sd_bus_message_get_sender(call));
        BusRequest **place = NULL, *request;
        size_t n_of_one = 0;
        int r;

        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++)
                if (!b->requests.request[i])
                        place = &b->requests.request[i];
                else if (b->requests.request[i]->uid == uid)
                        n_of_one++;
        if (!place || (uid != 0 && n_of_one >= BUS_OF_ONE_MAX))
                return sd_bus_error_setf(error, CARDIO_ERROR_LIMIT_REACHED,
                                "Too many requests wait for their answers; accepted: %u, and %u of one user",
                                BUS_REQUESTS_MAX, BUS_OF_ONE_MAX);
        request = calloc(1, sizeof(*request));
        if (!request)
                return -ENOMEM;
        *request = (BusRequest){ .bus = b, .call = sd_bus_message_ref(call), .uid = uid, .scan = scan };
        r = subscribers_add(b->requests.waiting, request_caller(request),
                        0); /* never full: there are as many as requests */
        if (r < 0) {
                request_free(request);
                return r;
        }
        *place = *ret = request;
        return 0;
}

/* r: result of sending the answer. */
static void request_answered(BusRequest *request, int r)
{
        if (r < 0)
                log_warning("Cannot answer %s: %s", sd_bus_message_get_member(request->call), strerror(-r));
        bus_sent(request->bus, false);
        request_free(request);
}

void bus_answer(BusRequest *request, const char *error, const char *message)
{
        request_answered(request, error ? sd_bus_reply_method_errorf(request->call, error, "%s", message)
                                        : sd_bus_reply_method_return(request->call, NULL));
}

/* -- Scanning -- */

static void on_scanner_left(void *userdata, const char *name)
{
        Bus *b = userdata;

        (void)name;
        if (!subscribers_any(b->requests.scanners))
                b->handlers->scan(b->userdata, false);
}

/* Runs after scanning callers were refused; somebody may have asked again by now. */
static int on_scan_check(sd_event_source *source, void *userdata)
{
        (void)source;
        on_scanner_left(userdata, NULL);
        return 0;
}

int method_start_scan(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        BusRequest *request;
        Bus *b = userdata;
        int r;

        r = request_new(b, m, true, &request, error);
        if (r < 0)
                return r;
        r = bus_remember(b, b->requests.scanners, m, "scan", error);
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
        const char *caller = sd_bus_message_get_sender(m);
        bool scanned = subscribers_has(b->requests.scanners, caller);

        (void)error;
        subscribers_remove(b->requests.scanners, caller);
        if (scanned && !subscribers_any(b->requests.scanners))
                b->handlers->scan(b->userdata, false);
        return sd_bus_reply_method_return(m, NULL);
}

void bus_scan(Bus *b, bool running, const char *error, const char *message)
{
        if (!running && !error)
                return; /* not known yet */
        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++) {
                BusRequest *request = b->requests.request[i];

                if (!request || !request->scan)
                        continue;
                if (!running) {
                        subscribers_remove(b->requests.scanners, request_caller(request));
                        (void)sd_event_source_set_enabled(b->requests.scan_check,
                                        SD_EVENT_ONESHOT); /* cannot fail: it is our source */
                }
                bus_answer(request, running ? NULL : error, message);
        }
}

/* -- Setting up a strap -- */

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

/* -- Deleting -- */

int bus_delete(Bus *b, sd_bus_message *call,
                int (*func)(void *userdata, int64_t id, BusRequest *request, sd_bus_error *error),
                sd_bus_error *error)
{
        BusRequest *request;
        int64_t id;
        int r = sd_bus_message_read(call, "x", &id);

        if (r >= 0)
                r = request_new(b, call, false, &request, error);
        if (r < 0)
                return r;
        r = func(b->userdata, id, request, error);
        if (r < 0)
                request_free(request);
        return r < 0 ? r : 1;
}

/* -- Waiting for the database -- */

static int later_add(Bus *b, sd_bus_message *message, sd_bus_message_handler_t method)
{
        if (b->requests.n_later == BUS_REQUESTS_MAX)
                return -ENOBUFS;
        b->requests.later[b->requests.n_later].message = sd_bus_message_ref(message);
        b->requests.later[b->requests.n_later++].method = method;
        return 1;
}

int bus_later(Bus *b, sd_bus_message *call, sd_bus_message_handler_t method, int r, sd_bus_error *error)
{
        if (r != -EAGAIN || sd_bus_error_is_set(error))
                return r;
        if (later_add(b, call, method) < 0)
                return sd_bus_error_setf(error, CARDIO_ERROR_LIMIT_REACHED,
                                "More than %u calls wait for the disk; try again later", BUS_REQUESTS_MAX);
        return 1;
}

int bus_reply_stored(Bus *b, sd_bus_message *call, const int64_t *id)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r = sd_bus_message_new_method_return(call, &reply);

        if (r >= 0 && id)
                r = sd_bus_message_append(reply, "x", *id);
        if (r < 0)
                return r;
        /* If there is no room the answer goes out before it is stored: the command has been carried out. */
        if (b->handlers->held(b->userdata) && later_add(b, reply, NULL) >= 0)
                return 1;
        return sd_bus_send(b->bus, reply, NULL);
}

static void call_again(Bus *b, sd_bus_message *call, sd_bus_message_handler_t method)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_message_rewind(call, true);

        if (r >= 0)
                r = method(call, b, &error);
        if (r < 0 || sd_bus_error_is_set(&error))
                r = sd_bus_reply_method_errno(call, r, &error);
        if (r < 0)
                log_warning("Cannot answer %s: %s", sd_bus_message_get_member(call), strerror(-r));
}

void bus_retry(Bus *b)
{
        __typeof__(b->requests.later[0]) later[BUS_REQUESTS_MAX];
        size_t n = b->requests.n_later;
        int r;

        /* Those that have to wait again go behind those that were added meanwhile. */
        memcpy(later, b->requests.later, n * sizeof(later[0]));
        b->requests.n_later = 0;
        for (size_t i = 0; i < n; i++) {
                if (later[i].method)
                        call_again(b, later[i].message, later[i].method);
                else {
                        r = sd_bus_send(b->bus, later[i].message, NULL);
                        if (r < 0)
                                log_warning("Cannot answer: %s", strerror(-r));
                }
                sd_bus_message_unref(later[i].message);
        }
}

/* -- Resting measurement -- */

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

int requests_begin(Bus *b)
{
        int r = subscribers_new(
                        b->bus, BUS_SCANNERS_MAX, BUS_OF_ONE_MAX, on_scanner_left, b, &b->requests.scanners);

        if (r >= 0)
                r = subscribers_new(b->bus, BUS_REQUESTS_MAX, BUS_REQUESTS_MAX, on_caller_left, b,
                                &b->requests.waiting);
        if (r >= 0)
                r = sd_event_add_defer(b->event, &b->requests.scan_check, on_scan_check, b);
        return r < 0 ? r : sd_event_source_set_enabled(b->requests.scan_check, SD_EVENT_OFF);
}

/* The program ends. Waiting callers notice that our name is gone. */
void requests_end(Bus *b)
{
        for (size_t i = 0; i < BUS_REQUESTS_MAX; i++)
                request_free(b->requests.request[i]);
        while (b->requests.n_later > 0)
                sd_bus_message_unref(b->requests.later[--b->requests.n_later].message);
        subscribers_free(b->requests.scanners);
        subscribers_free(b->requests.waiting);
        sd_event_source_disable_unref(b->requests.scan_check);
}
