/* SPDX-License-Identifier: MIT */

/* Calls of ImportSession. */

#include "import-fixture.h"

#include <fnmatch.h>
#include <stdio.h>
#include <time.h>

#define CALL_USEC (60 * USEC_PER_SEC)

sd_bus_message *import_begin(Harness *h, unsigned number, int64_t started_at)
{
        char content[65];
        sd_bus_message *m;

        (void)snprintf(content, sizeof(content), "%064x", number);
        assert_true(sd_bus_message_new_method_call(harness_bus(h, BUS_SYSTEM), &m, CARDIO_BUS_NAME,
                                    CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "ImportSession") >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        if (started_at != 0)
                assert_true(sd_bus_message_append(m, "{sv}{sv}", "started_at", "x", started_at, "content",
                                            "s", content) >= 0);
        return m;
}

void import_end_header(sd_bus_message *m)
{
        assert_true(sd_bus_message_close_container(m) >= 0);
}

void import_steady(sd_bus_message *m, unsigned n, unsigned every_ms, unsigned heart_rate)
{
        import_end_header(m);
        assert_true(sd_bus_message_open_container(m, 'a', "(tqy)") >= 0);
        for (unsigned i = 0; i < n; i++)
                assert_true(sd_bus_message_append(m, "(tqy)", (uint64_t)i * every_ms * 1000, heart_rate, 0) >=
                                0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_append(m, "a(tq)a(tdddd)", 0, 0) >= 0);
}

int64_t import_send(Harness *h, sd_bus_message *m)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = m, *reply = NULL;
        int64_t id = 0;

        if (sd_bus_call(harness_bus(h, BUS_SYSTEM), call, CALL_USEC * run_scale(), &error, &reply) < 0)
                harness_fail(h, "ImportSession: %s: %s", error.name, error.message);
        assert_true(sd_bus_message_read(reply, "x", &id) > 0);
        assert_true(id > 0);
        return id;
}

void import_refused(Harness *h, sd_bus_message *m, const char *name, const char *pattern)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = m;

        if (sd_bus_call(harness_bus(h, BUS_SYSTEM), call, CALL_USEC * run_scale(), &error, NULL) >= 0)
                harness_fail(h, "ImportSession was not refused: %s", pattern);
        if (strcmp(error.name, name) != 0 || fnmatch(pattern, error.message, 0) != 0)
                harness_fail(h, "ImportSession: %s: %s; not %s: %s", error.name, error.message, name,
                                pattern);
}

int64_t import_run(Harness *h, unsigned number, int64_t started_at, unsigned minutes, unsigned heart_rate)
{
        sd_bus_message *m = import_begin(h, number, started_at);

        import_steady(m, minutes * 60 + 1, 1000, heart_rate);
        return import_send(h, m);
}

int64_t import_moment(int days, unsigned hour)
{
        time_t at = (time_t)(run_realtime_usec() / USEC_PER_SEC);
        struct tm tm;

        assert_non_null(localtime_r(&at, &tm));
        tm.tm_mday += days;
        tm.tm_hour = (int)hour;
        tm.tm_min = tm.tm_sec = 0;
        tm.tm_isdst = -1;
        return (int64_t)mktime(&tm) * 1000;
}
