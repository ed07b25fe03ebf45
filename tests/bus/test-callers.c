/* SPDX-License-Identifier: MIT */
/* Callers that send too much, read nothing, or have no permission. Whatever they do, the others are answered, and heart
 * rates and alerts arrive. The bus keeps little of what is not read, so that small amounts suffice. */

#include "coach-fixture.h"
#include "run-fixture.h"
#include "shim-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG                                                       \
        RUN_BASE "[ceiling]\nhold = 300ms\nrepeat = 1s\n[session]\n" \
                 "start-above = off\n"
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif
#define LONG_TEXT   (256 * 1024)
#define MESSAGE_MAX 512U /* bytes of a refusal */
#define PROPERTIES  "org.freedesktop.DBus.Properties"
#define LITTLE_UNREAD                                                   \
        "<busconfig><limit name=\"max_incoming_bytes\">2000000</limit>" \
        "<limit name=\"max_replies_per_connection\">50000</limit></busconfig>"

/* A system bus with this in its configuration, and a daemon on it. */
static void begin(Harness *h, const char *bus)
{
        harness_bus_stop(h, BUS_SYSTEM);
        harness_write_file(h, "dbus-more.conf", bus);
        harness_bus_start(h, BUS_SYSTEM);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 60);
}

/* Not over the harness's loop: it is read from only if the test does so. */
static sd_bus *open_bus(void)
{
        sd_bus *bus;

        assert_true(sd_bus_open_system(&bus) >= 0);
        return bus;
}

static void send_call(sd_bus *bus, const char *path, const char *interface, const char *member,
                const char *types, ...)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        uint64_t cookie;
        va_list arguments;

        assert_true(sd_bus_message_new_method_call(bus, &m, CARDIO_BUS_NAME, path, interface, member) >= 0);
        va_start(arguments, types);
        assert_true(sd_bus_message_appendv(m, types, arguments) >= 0);
        va_end(arguments);
        assert_true(sd_bus_send(bus, m, &cookie) >= 0); /* with a cookie an answer is expected, … */
        assert_true(sd_bus_flush(bus) >= 0);            /* … but not read */
}

static char *long_text(void)
{
        char *text = malloc(LONG_TEXT + 1);

        assert_non_null(text);
        memset(text, 'x', LONG_TEXT);
        text[LONG_TEXT] = '\0';
        return text;
}

static int64_t daemon_kilobytes(Harness *h)
{
        char path[64], line[128];
        long kilobytes = 0;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", harness_child_pid(harness_daemon(h)));
        f = fopen(path, "re");
        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "VmRSS: %ld kB", &kilobytes) == 1)
                        break;
        (void)fclose(f);
        assert_true(kilobytes > 0);
        return kilobytes;
}

/* A run that is too fast: the heart rates arrive, and so does the alert. */
static void assert_alerts(Harness *h)
{
        run_command(h, "Subscribe", NULL);
        run_call(h, "StartSession", "s", "");
        harness_clear_signals(h);
        harness_standin(h, "pace 150ms");
        harness_standin(h, "stream " STRAP " 170");
        assert_float_equal(run_wait(h, "OverLimit").heart_rate, 170, 0);
        assert_true(harness_count_signals(h, CARDIO_SENSOR_INTERFACE, "Measurement") > 0);
        harness_standin(h, "stop " STRAP);
        run_call(h, "StopSession", NULL);
}

/* -- Texts -- */

/* However long the text a caller sends, the error quotes 64 bytes of it, and says that there was more. */
static void test_texts_are_cut(Harness *h)
{
        _cleanup_free_ char *text = long_text(), *path = NULL;
        const struct {
                const char *path, *interface, *member, *types, *first, *second;
                bool repeats;
        } cases[] = {
                { CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "StartSession", "s", text, NULL, true },
                { CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SetCeiling", "s", text, NULL, true },
                { CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Trust", "s", text, NULL, true },
                { CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "Forget", "s", text, NULL, true },
                { CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "StartWorkout", "s", text, NULL, true },
                { CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "Today", "s", text, NULL, true },
                { CARDIO_OBJECT, CARDIO_COACH_INTERFACE, "GetDay", "s", text, NULL, true },
                { CARDIO_OBJECT, PROPERTIES, "Get", "ss", CARDIO_MANAGER_INTERFACE, text, false },
                { CARDIO_OBJECT, PROPERTIES, "Get", "ss", text, "Ceiling", false },
                { CARDIO_OBJECT, PROPERTIES, "GetAll", "s", text, NULL, false },
                { NULL, CARDIO_MANAGER_INTERFACE, "Reload", NULL, NULL, NULL, false },
                { NULL, PROPERTIES, "GetAll", "s", CARDIO_MANAGER_INTERFACE, NULL, false },
        };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        assert_true(asprintf(&path, "/%s", text) > 0);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

                assert_true(sd_bus_call_method(harness_bus(h, BUS_SYSTEM), CARDIO_BUS_NAME,
                                            cases[i].path ? cases[i].path : path, cases[i].interface,
                                            cases[i].member, &error, NULL, cases[i].types, cases[i].first,
                                            cases[i].second) < 0);
                if (strlen(error.message) > MESSAGE_MAX)
                        fail_msg("%s: %zu bytes", cases[i].member, strlen(error.message));
                if (cases[i].repeats && !strstr(error.message, "xxxx…"))
                        fail_msg("%s: %s", cases[i].member, error.message);
        }
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*xxxx…*", COACH "LogDay", "sa{sv}", "2026-05-17", 1,
                        text, "s", "");
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*xxxx…*", COACH "AddRace", "ssa{sv}", "2026-05-17",
                        text, 0);
        run_refused(h, CARDIO_ERROR_INVALID_ARGUMENT, "*xxxx…*", COACH "AddResting", "sd", text, 50.0);
}

/* -- Floods -- */

/* Long texts, from one who reads nothing of what comes back. */
static void test_long_texts_unread(Harness *h)
{
        _cleanup_free_ char *text = long_text();
        sd_bus *caller;

        begin(h, LITTLE_UNREAD);
        caller = open_bus();
        for (unsigned i = 0; i < 40; i++)
                send_call(caller, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE, "SetCeiling", "s", text);
        assert_alerts(h);
        if (run_scale() == 1 && !SANITIZED) /* sanitizers and valgrind keep what was freed */
                assert_true(daemon_kilobytes(h) < 40000);
        sd_bus_close_unref(caller);
}

/* As many calls as there is time for: each answer is small, and together they would be too much. */
static void test_calls_unread(Harness *h)
{
        sd_bus *caller;

        begin(h, LITTLE_UNREAD);
        caller = open_bus();
        for (unsigned i = 0; i < 20000; i++)
                send_call(caller, CARDIO_OBJECT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                                "");
        assert_alerts(h);
        sd_bus_close_unref(caller);
}

typedef struct Answers {
        unsigned done, refused, other;
} Answers;

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        const sd_bus_error *e = sd_bus_message_get_error(m);
        Answers *a = userdata;

        if (!e)
                a->done++;
        else if (sd_bus_error_has_name(e, CARDIO_ERROR_LIMIT_REACHED))
                a->refused++;
        else
                a->other++;
        return 0;
}

/* A caller with more outstanding calls than allowed is refused for a while; then it may call again. */
static void test_flood_is_refused(Harness *h)
{
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *caller = NULL;
        Answers answers = { 0 };

        /* Else the bus itself has a stricter limit here than a real one. */
        begin(h, "<busconfig><limit name=\"max_replies_per_connection\">50000</limit></busconfig>");
        caller = harness_bus_open(h, BUS_SYSTEM);
        for (unsigned i = 0; i < 1000; i++)
                assert_true(sd_bus_call_method_async(caller, NULL, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                            CARDIO_MANAGER_INTERFACE, "Snooze", on_answer, &answers, "u",
                                            0U) >= 0);
        harness_pass_time(h, USEC_PER_SEC);
        assert_int_equal(answers.other, 0);
        assert_in_range(answers.done, 64, 500);
        assert_in_range(answers.refused, 1, 500);
        assert_true(sd_bus_call_method(caller, CARDIO_BUS_NAME, CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE,
                                    "Snooze", NULL, NULL, "u", 0U) >= 0);
}

/* However fast: who waits for each answer is no flood. */
static void test_one_at_a_time(Harness *h)
{
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (unsigned i = 0; i < 1000; i++)
                run_command(h, "Snooze", "u", 0U);
}

/* The bus itself accepts nothing more: the daemon exits to be restarted. BlueZ has another connection. */
static void test_bus_takes_nothing(Harness *h)
{
        ClockShim *clock = clock_begin(harness_path(h, "clock"));
        sd_bus *caller;

        begin(h, "<busconfig><limit name=\"max_incoming_bytes\">30000</limit></busconfig>");
        shim_inherit_no_more();
        run_command(h, "Subscribe", NULL);
        caller = open_bus();
        for (unsigned i = 0; i < 60; i++) /* nearly a megabyte; more than its socket holds */
                send_call(caller, CARDIO_OBJECT, "org.freedesktop.DBus.Introspectable", "Introspect", "");
        for (unsigned n = 0; n < 15 && harness_child_is_running(harness_daemon(h)); n++) {
                clock_pass(clock, 4 * USEC_PER_SEC);
                harness_standin(h, "hr " STRAP " %u", 61 + n);
                send_call(caller, CARDIO_OBJECT, "org.freedesktop.DBus.Peer", "Ping",
                                ""); /* wakes that connection */
                harness_pass_time(h, 100 * USEC_PER_MSEC);
                if (n == 5)
                        assert_true(harness_child_is_running(harness_daemon(h)));
        }
        assert_int_equal(run_wait_end(h, harness_daemon(h)), 1);
        harness_wait_output(h, harness_daemon(h), true, "*The bus does not take what is sent to it*",
                        HARNESS_TIMEOUT);
        harness_wait_output(h, harness_daemon(h), true, "*The bus takes nothing from us any more*",
                        HARNESS_TIMEOUT);
        clock_end(clock);
        sd_bus_close_unref(caller);
}

static void __attribute__((__noreturn__)) call_for_ever(void)
{
        sd_bus *bus = open_bus();

        for (;;) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

                if (sd_bus_message_new_method_call(bus, &m, CARDIO_BUS_NAME, CARDIO_OBJECT,
                                    "org.freedesktop.DBus.Peer", "Ping") < 0 ||
                                sd_bus_send(bus, m, NULL) < 0 || sd_bus_flush(bus) < 0)
                        _exit(1);
        }
}

/* Calls that come while it ends keep nobody from hearing the last it says. */
static void test_end_is_heard(Harness *h)
{
        for (unsigned i = 0; i < 10; i++) {
                pid_t caller;
                int status;

                harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
                if (i == 0) {
                        run_strap(h, STRAP);
                        run_heart_rate(h, 60);
                        run_call(h, "StartSession", "s", "");
                }
                run_settle(h, 120);
                run_wait_manager(h, "Session", "1");
                harness_clear_signals(h);
                caller = fork();
                assert_true(caller >= 0);
                if (caller == 0)
                        call_for_ever();
                harness_pass_time(h, 20 * USEC_PER_MSEC);
                assert_int_equal(harness_daemon_stop(h, SIGTERM), 0);
                assert_int_equal(kill(caller, SIGKILL), 0);
                assert_int_equal(waitpid(caller, &status, 0), caller);
                run_wait(h, "SessionEnded");
        }
}

/* -- Those who may not -- */

#define NOBODY "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"

/* Another package's policy allows everything, without meaning to. The daemon itself does not. */
static void test_careless_policy(Harness *h)
{
        static const char *const calls[][3] = {
                { CARDIO_OBJECT, CARDIO_MANAGER_INTERFACE ".StopSession", NULL },
                { CARDIO_OBJECT, "org.freedesktop.DBus.ObjectManager.GetManagedObjects", NULL },
                { CARDIO_OBJECT, "org.freedesktop.DBus.Introspectable.Introspect", NULL },
                { CARDIO_OBJECT, "org.freedesktop.DBus.Peer.Ping", NULL },
                { STRAP_PATH, PROPERTIES ".GetAll", "string:" CARDIO_SENSOR_INTERFACE },
        };

        if (geteuid() != 0)
                harness_skip(h, "only root can become somebody else");
        assert_int_equal(chmod(harness_path(h, "."), 0711), 0);
        begin(h, "<busconfig><policy context=\"mandatory\"><allow send_destination=\"*\"/>"
                 "<allow receive_sender=\"*\"/></policy></busconfig>");
        for (size_t i = 0; i < ELEMENTSOF(calls); i++) {
                const char *const argv[] = { NOBODY, "dbus-send", "--system", "--print-reply",
                        "--dest=" CARDIO_BUS_NAME, calls[i][0], calls[i][1], calls[i][2], NULL };
                Child *child = harness_spawn(h, "outsider", false, argv);
                _cleanup_free_ char *said = NULL;

                assert_int_not_equal(run_wait_end(h, child), 0);
                said = harness_child_output(h, child, true);
                run_assert_contains(said, "AccessDenied: Heart rates are for group cardiod and root");
        }
        run_heart_rate(h, 61);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                harness_test(test_texts_are_cut),
                harness_test(test_long_texts_unread),
                harness_test(test_calls_unread),
                harness_test(test_flood_is_refused),
                harness_test(test_one_at_a_time),
                harness_test(test_bus_takes_nothing),
                harness_test(test_end_is_heard),
                harness_test(test_careless_policy),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
