/* SPDX-License-Identifier: MIT */

/* What the tests of the daemon share. Deadlines are the harness's, on CLOCK_BOOTTIME. */

#include "run-fixture.h"

#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardio/parse.h"

usec_t run_realtime_usec(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_REALTIME, &ts);
        return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

unsigned run_scale(void)
{
        const char *text = getenv("CARDIO_TIMEOUT_SCALE");
        unsigned scale = 1;

        if (text)
                assert_true(parse_unsigned(text, &scale) >= 0 && scale > 0);
        return scale;
}

void run_assert_contains(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* -- The strap ------------------------------------------------------------------------------------------- */

void run_strap(Harness *h, const char *address)
{
        _cleanup_free_ char *answer = harness_standin_answer(h, "adapter add hci0 powered");

        (void)answer; /* a second strap finds the adapter there */
        harness_standin(h, "strap add hci0 %s \"Strap %s\" trusted", address, address + strlen(address) - 2);
        harness_standin(h, "advertise %s", address);
        harness_standin(h, "expect notifying %s 30s", address);
}

void run_heart_rate(Harness *h, unsigned heart_rate)
{
        char expected[16];

        (void)snprintf(expected, sizeof(expected), "%u", heart_rate);
        harness_clock_pass(h, 110 * USEC_PER_MSEC); /* beyond the smoothing */
        harness_standin(h, "hr " STRAP " %u", heart_rate);
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "HeartRate", expected, HARNESS_TIMEOUT);
}

void run_pace(Harness *h, usec_t usec)
{
        harness_standin(h, "pace %ums", (unsigned)(usec / USEC_PER_MSEC));
        harness_clock_step(h, usec / 2);
}

void run_settle(Harness *h, unsigned heart_rate)
{
        run_heart_rate(h, heart_rate - 1);
        run_heart_rate(h, heart_rate + 1);
        run_heart_rate(h, heart_rate);
}

void run_lose_contact(Harness *h)
{
        harness_standin(h, "hr " STRAP " 0 contact no");
        harness_clock_pass(h, 3500 * USEC_PER_MSEC);
        harness_standin(h, "hr " STRAP " 0 contact no");
        harness_wait_property(h, STRAP_PATH, CARDIO_SENSOR_INTERFACE, "State", "no-contact", HARNESS_TIMEOUT);
}

/* -- Calls ----------------------------------------------------------------------------------------------- */

static int call(Harness *h, const char *member, const char *types, va_list arguments, sd_bus_error *error,
                sd_bus_message **ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *dot = strrchr(member, '.');
        _cleanup_free_ char *interface =
                        dot ? strndup(member, (size_t)(dot - member)) : strdup(CARDIO_MANAGER_INTERFACE);
        sd_bus *bus = harness_bus(h, BUS_SYSTEM);

        assert_non_null(interface);
        assert_true(sd_bus_message_new_method_call(bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT, interface,
                                    dot ? dot + 1 : member) >= 0);
        if (types)
                assert_true(sd_bus_message_appendv(m, types, arguments) >= 0);
        return sd_bus_call(bus, m, 60 * USEC_PER_SEC, error, ret);
}

static sd_bus_message *call_accepted(Harness *h, const char *member, const char *types, va_list arguments)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;

        if (call(h, member, types, arguments, &error, &reply) < 0)
                harness_fail(h, "%s: %s: %s", member, error.name, error.message);
        return reply;
}

int64_t run_call(Harness *h, const char *member, const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        va_list arguments;
        int64_t id;

        va_start(arguments, types);
        reply = call_accepted(h, member, types, arguments);
        va_end(arguments);
        assert_true(sd_bus_message_read(reply, "x", &id) > 0);
        return id;
}

void run_command(Harness *h, const char *member, const char *types, ...)
{
        va_list arguments;

        va_start(arguments, types);
        sd_bus_message_unref(call_accepted(h, member, types, arguments));
        va_end(arguments);
}

void run_refused(Harness *h, const char *error, const char *pattern, const char *member, const char *types,
                ...)
{
        _cleanup_(sd_bus_error_free) sd_bus_error e = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        va_list arguments;
        int r;

        va_start(arguments, types);
        r = call(h, member, types, arguments, &e, &reply);
        va_end(arguments);
        if (r >= 0)
                harness_fail(h, "%s was accepted", member);
        assert_string_equal(e.name, error);
        if (fnmatch(pattern, e.message, 0) != 0)
                harness_fail(h, "%s: the message is \"%s\", expected \"%s\"", member, e.message, pattern);
}

/* -- Signals --------------------------------------------------------------------------------------------- */

RunSignal run_wait(Harness *h, const char *member)
{
        sd_bus_message *m =
                        harness_pass_until_signal(h, CARDIO_MANAGER_INTERFACE, member, 4 * HARNESS_TIMEOUT);
        const char *signature = sd_bus_message_get_signature(m, true);
        RunSignal s = { .sensor = "" };
        int r = -EBADMSG;

        if (strcmp(signature, "x") == 0)
                r = sd_bus_message_read(m, "x", &s.session);
        else if (strcmp(signature, "xot") == 0)
                r = sd_bus_message_read(m, "xot", &s.session, &s.sensor, &s.realtime_usec);
        else if (strcmp(signature, "xoddu") == 0)
                r = sd_bus_message_read(
                                m, "xoddu", &s.session, &s.sensor, &s.heart_rate, &s.ceiling, &s.seconds);
        if (r < 0)
                harness_fail(h, "%s has the signature %s", member, signature);
        return s;
}

unsigned run_count(Harness *h, const char *member)
{
        return harness_count_signals(h, CARDIO_MANAGER_INTERFACE, member);
}

char *run_changed(Harness *h, const char *path)
{
        _cleanup_free_ char *text = NULL;
        sd_bus_message *m;
        char *begin, *end;

        do
                m = harness_wait_signal(
                                h, "org.freedesktop.DBus.Properties", "PropertiesChanged", HARNESS_TIMEOUT);
        while (strcmp(sd_bus_message_get_path(m), path) != 0);
        text = harness_message_text(m);
        /* A property that is not announced is not announced as invalidated either. */
        if (strstr(text, "HeartRate") && strcmp(path, CARDIO_OBJECT) != 0)
                harness_fail(h, "a heart rate was announced: %s", text);
        begin = strchr(text, ' ');
        assert_non_null(begin);
        begin++;
        end = begin + strlen(begin);
        while (end > begin && end[-1] == ' ')
                *--end = '\0';
        return strdup(begin);
}

void run_expect_changed(Harness *h, const char *path, const char *expected)
{
        _cleanup_free_ char *text = run_changed(h, path);

        assert_string_equal(text, expected);
}

void run_wait_manager(Harness *h, const char *name, const char *expected)
{
        harness_wait_property(h, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, name, expected, HARNESS_TIMEOUT);
}

/* -- The record ------------------------------------------------------------------------------------------ */

static double real_of(const char *text)
{
        return *text ? strtod(text, NULL) : (double)NAN;
}

static _printf_(2, 0) char *queryv(Harness *h, const char *format, va_list arguments)
{
        _cleanup_free_ char *sql = NULL;

        assert_true(vasprintf(&sql, format, arguments) >= 0);
        return harness_sql(h, sql);
}

double run_real(Harness *h, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = queryv(h, format, arguments);
        va_end(arguments);
        return real_of(text);
}

int64_t run_int(Harness *h, const char *format, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list arguments;

        va_start(arguments, format);
        text = queryv(h, format, arguments);
        va_end(arguments);
        if (!*text)
                harness_fail(h, "no figure: %s", format);
        return strtoll(text, NULL, 10);
}

void run_wait_int(Harness *h, int64_t expected, const char *sql)
{
        char text[24];

        (void)snprintf(text, sizeof(text), "%" PRIi64, expected);
        harness_pass_until_sql(h, sql, text, 2 * HARNESS_TIMEOUT);
}

static bool has_ended(Harness *h _unused_, void *userdata)
{
        return !harness_child_is_running(userdata);
}

int run_wait_end(Harness *h, Child *child)
{
        if (!harness_wait(h, has_ended, child, 2 * HARNESS_TIMEOUT))
                harness_fail(h, "it does not end by itself");
        return harness_child_end(h, child, 0);
}
