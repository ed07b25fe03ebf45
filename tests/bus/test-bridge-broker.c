/* SPDX-License-Identifier: MIT */

/* cardio-bridge and brokers that it must not talk to, that do not want it, that are old, or that misbehave; and what they cost it.
 * The reasons have to be there in words. Time is an input where it is long. */

#include "bridge-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define CONFIG RUN_BASE "[session]\nstart-above = 240\nmin-duration = 0s\n"
#define ONLINE "topic = 'cardiod/garage/availability' AND payload = 'online'"

/* -- Whom it does not talk to -- */

static void expect_refusal(Bridge *b, const BridgeSetup *setup, const char *pattern)
{
        bridge_configure(b, setup);
        bridge_start(b);
        harness_wait_output(b->h, b->child, true, pattern, 2 * HARNESS_TIMEOUT);
        bridge_wait_status(b, pattern, HARNESS_TIMEOUT);
        assert_int_equal(bridge_stop(b, SIGTERM), 0);
}

static void test_certificates(Harness *h)
{
        static const char *const pattern[_BROKER_CERTIFICATE_MAX] = {
                [BROKER_EXPIRED] = "*certificate cannot be trusted*not valid now*",
                [BROKER_OTHER_HOST] = "*certificate is for another name*",
                [BROKER_OTHER_CA] = "*certificate cannot be trusted*no authority known here*",
        };
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (BrokerCertificate kind = BROKER_EXPIRED; kind <= BROKER_OTHER_CA; kind++) {
                _cleanup_broker_ Broker broker;
                BridgeSetup setup;

                broker_begin(h, kind, &broker);
                setup = bridge_to(&broker);
                expect_refusal(&b, &setup, pattern[kind]);
                assert_int_equal(broker_count_all(&broker, "1"), 0);
                harness_refute_output(h, broker.child, true,
                                "*New client connected*as cardio*"); /* not even its name was told */
        }
}

/* A broker that speaks TLS where none is expected, and the other way round. */
static void test_without_tls(Harness *h)
{
        _cleanup_broker_ Broker with, without;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        BridgeSetup setup;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        broker_begin(h, BROKER_NO_TLS, &without);
        setup = bridge_to(&without);
        setup.authority = broker_ca(h);
        expect_refusal(&b, &setup, "*expects no TLS*");
        assert_int_equal(broker_count_all(&without, "1"), 0);
        broker_begin(h, BROKER_GOOD, &with);
        setup = bridge_to(&with);
        setup.authority = NULL;
        expect_refusal(&b, &setup, "*has closed the connection*");
        assert_int_equal(broker_count_all(&with, "1"), 0);
}

/* -- Who does not want it -- */

static void test_passwords(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        _cleanup_free_ char *errors = NULL, *output = NULL;
        BridgeSetup setup;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        broker_begin(h, BROKER_GOOD, &broker);
        setup = bridge_to(&broker);
        setup.password = "wrong";
        expect_refusal(&b, &setup, "*[Rr]efuse*[Nn]ot authori[sz]ed*");
        setup.protocol = "3.1.1";
        expect_refusal(&b, &setup, "*[Rr]efuse*[Nn]ot authori[sz]ed*");
        assert_int_equal(broker_count_all(&broker, "1"), 0);

        /* The one that everybody on this machine can read is not even sent. */
        setup = bridge_to(&broker);
        setup.password_mode = 0644;
        bridge_configure(&b, &setup);
        assert_int_equal(bridge_refuse(&b, &errors), 1);
        run_assert_contains(errors, "password-file");
        run_assert_contains(errors, "open to all users");
        assert_int_equal(harness_command(h, NULL, &output, "cardio-bridge", "--check-config", "--config",
                                         harness_path(h, "bridge.conf-garage")),
                        1);
        run_assert_contains(output, "open to all users");
        setup.password_mode = 0640;
        bridge_configure(&b, &setup);
        bridge_start(&b);
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, ONLINE));
}

/* A broker that asks for a certificate of ours. */
static void test_own_certificate(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        BridgeSetup setup;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        broker_begin(h, BROKER_MUTUAL, &broker);
        setup = bridge_to(&broker);
        /* That it is for want of one is said by TLS 1.3 in an alert, which may be lost with the connection. */
        expect_refusal(&b, &setup, "*not connected to *: *");
        assert_int_equal(broker_count_all(&broker, "1"), 0);
        setup.certificate = broker_client_certificate(h);
        setup.key = broker_client_key(h);
        bridge_configure(&b, &setup);
        bridge_start(&b);
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, ONLINE));
}

/* -- Old ones -- */

static void test_old(Harness *h)
{
        _cleanup_broker_ Broker broker;
        static const char *const modes[] = { "old", "abrupt" };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 120);
        broker_begin(h, BROKER_NO_TLS, &broker);
        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                _cleanup_bridge_ Bridge b = { .h = h, .device = modes[i] };
                BridgeSetup setup = bridge_to(&broker);
                Child *standin = broker_standin(h, modes[i], &broker, &setup.port);
                int64_t id;

                bridge_configure(&b, &setup);
                bridge_start(&b);
                free(broker_wait(&broker, 2 * HARNESS_TIMEOUT,
                                "topic = 'cardiod/%s/availability' AND payload = 'online'", modes[i]));
                harness_wait_output(h, standin, false, "connect 5", HARNESS_TIMEOUT);
                harness_wait_output(h, standin, false, "connect 4", HARNESS_TIMEOUT);
                bridge_wait_begun(&b);
                id = bridge_session(h);
                free(broker_wait(&broker, 2 * HARNESS_TIMEOUT,
                                "topic = 'cardiod/%s/session' AND json->>'id' = %" PRIi64, modes[i], id));
                assert_int_equal(bridge_stop(&b, SIGTERM), 0);
        }
}

/* -- Those that misbehave -- */

static unsigned count_output(Harness *h, const Child *child, bool errors, const char *part)
{
        _cleanup_free_ char *text = harness_child_output(h, child, errors);
        unsigned n = 0;

        for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
                n++;
        return n;
}

/* Whether the stand-in has seen so many clients come and go. */
typedef struct Visits {
        const Child *standin;
        unsigned n;
} Visits;

static bool have_left(Harness *h, void *userdata)
{
        const Visits *v = userdata;

        return count_output(h, v->standin, false, "closed\n") >= v->n;
}

/* They close at once, or send what is no MQTT: it says why, and tries again after a pause, not at once. */
static void test_rubbish(Harness *h)
{
        static const char *const modes[] = { "close", "rubbish" };

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
                BridgeSetup setup = { .protocol = "5" };
                Visits visits = { .standin = broker_standin(h, modes[i], NULL, &setup.port), .n = 2 };

                bridge_configure(&b, &setup);
                bridge_start(&b);
                bridge_wait_status(&b, "*not connected*", 2 * HARNESS_TIMEOUT);
                harness_pass_time(h, 300 * USEC_PER_MSEC);
                assert_int_equal(count_output(h, visits.standin, false, "closed\n"), 1);
                if (!harness_wait(h, have_left, &visits, HARNESS_TIMEOUT))
                        harness_fail(h, "it does not try again");
                assert_int_equal(bridge_stop(&b, SIGTERM), 0);
        }
}

/* Time passes on the test's clock, as quickly as threads notice, until the stand-in has seen so many clients leave. */
static void pass_until_left(Harness *h, const Child *standin, unsigned n, usec_t step_usec)
{
        Visits visits = { .standin = standin, .n = n };

        for (unsigned i = 0; i < 400 && !have_left(h, &visits); i++) {
                harness_clock_pass(h, step_usec);
                harness_pass_time(h, 50 * USEC_PER_MSEC);
        }
        if (!have_left(h, &visits))
                harness_fail(h, "it does not leave a broker that does not answer");
}

/* One that takes the connection and says nothing, one that acknowledges nothing: they are left, and tried again. Neither keeps the
 * bridge from ending when it is told to. */
static void test_silent(Harness *h)
{
        _cleanup_bridge_ Bridge silent = { .h = h, .device = "silent", .clock = "clock" },
                                mute = { .h = h, .device = "mute", .clock = "clock" };
        BridgeSetup to_silent = { .port = 0 }, to_mute = { .port = 0 };
        Child *standin_silent = broker_standin(h, "silent", NULL, &to_silent.port),
              *standin_mute = broker_standin(h, "mute", NULL, &to_mute.port);
        usec_t before_usec = harness_clock_usec(h);

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        bridge_configure(&silent, &to_silent);
        bridge_start(&silent);
        bridge_wait_status(&silent, "connecting to 127.0.0.1:*[0-9]*", HARNESS_TIMEOUT);
        bridge_configure(&mute, &to_mute);
        bridge_start(&mute);
        harness_wait_output(h, standin_mute, false, "publish 1 1 * cardiod/mute/availability online",
                        HARNESS_TIMEOUT);
        harness_clock_step(h, USEC_PER_SEC);
        pass_until_left(h, standin_silent, 1, USEC_PER_SEC);
        if (harness_clock_usec(h) - before_usec < 25 * USEC_PER_SEC)
                harness_fail(h, "it does not wait for a slow broker");
        bridge_wait_status(&silent, "*does not answer*", HARNESS_TIMEOUT);
        pass_until_left(h, standin_mute, 1, USEC_PER_SEC);
        bridge_wait_status(&mute, "*does not acknowledge*", HARNESS_TIMEOUT);
        assert_int_equal(bridge_stop(&silent, SIGTERM), 0);
        assert_int_equal(bridge_stop(&mute, SIGTERM), 0);
}

static bool is_reconnected(Harness *h, void *userdata)
{
        (void)h;
        return strncmp(bridge_status(userdata), "connected to ", 13) == 0;
}

static bool has_given_up(Harness *h, void *userdata)
{
        (void)h;
        return strncmp(bridge_status(userdata), "not connected to ", 17) == 0;
}

/* So much time at most, a second at a time. */
static void pass_until(Bridge *b, bool (*condition)(Harness *h, void *userdata), usec_t most_usec)
{
        for (usec_t passed = 0; passed < most_usec && !condition(b->h, b); passed += USEC_PER_SEC) {
                harness_clock_pass(b->h, USEC_PER_SEC);
                harness_pass_time(b->h, 20 * USEC_PER_MSEC);
        }
        if (!condition(b->h, b))
                harness_fail(b->h, "the status is \"%s\"", bridge_status(b));
}

/* A broker that hangs in the midst of it: it is left after a while, whatever it acknowledges later of what it was sent, and the session
 * arrives once it goes on. What was live meanwhile does not. */
static void test_hanging(Harness *h)
{
        _cleanup_broker_ Broker broker;
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage", .clock = "clock" };
        _cleanup_free_ char *payloads = NULL;
        BridgeSetup setup;
        int64_t id;

        broker_begin(h, BROKER_GOOD, &broker);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, USEC_PER_SEC);
        harness_standin(h, "stream " STRAP " 120");
        setup = bridge_to(&broker);
        bridge_configure(&b, &setup);
        bridge_start(&b);
        bridge_wait_begun(&b);
        bridge_wait_status(&b, "connected to *", 2 * HARNESS_TIMEOUT);
        harness_stop_child(broker.child);
        id = run_call(h, "StartSession", "s", "base");
        harness_standin(h, "stream " STRAP " 133");
        bridge_pass(&b, 20 * USEC_PER_SEC);
        harness_clock_step(h, USEC_PER_SEC);
        assert_int_equal(run_call(h, "StopSession", NULL), id);
        pass_until(&b, has_given_up, 3 * USEC_PER_MIN);
        if (!strstr(bridge_status(&b), "does not answer") &&
                        !strstr(bridge_status(&b), "does not acknowledge"))
                harness_fail(h, "the status is \"%s\"", bridge_status(&b));
        harness_standin(h, "stream " STRAP " 99");
        harness_clock_pass(h, 5 * USEC_PER_SEC);
        harness_continue_child(broker.child);
        pass_until(&b, is_reconnected, 5 * USEC_PER_MIN);
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, "leaf = 'state' AND json->>'heart_rate' = 99"));
        broker.taken = 0;
        free(broker_wait(&broker, 2 * HARNESS_TIMEOUT, "leaf = 'session' AND json->>'id' = %" PRIi64, id));
        bridge_wait_status(
                        &b, "connected to 127.0.0.1:*[0-9]", 2 * HARNESS_TIMEOUT); /* and no session waits */
        payloads = broker_sql(&broker, "SELECT count(DISTINCT payload) FROM message WHERE leaf = 'session'");
        assert_string_equal(payloads, "1");
        /* Its kernel has taken heart rates in its stead, but only until that was noticed. */
        assert_in_range(broker_count_all(&broker, "leaf = 'state' AND json->>'heart_rate' = 133"), 0, 62);
}

/* -- What it costs -- */

/* what: as in /proc/PID/status. */
static unsigned memory_kb(Harness *h, const Child *child, const char *what)
{
        char path[64], line[128];
        size_t n = strlen(what);
        unsigned kb = 0;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", harness_child_pid(child));
        f = fopen(path, "re");
        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                if (strncmp(line, what, n) == 0)
                        (void)sscanf(line + n, ": %u", &kb);
        (void)fclose(f);
        if (kb == 0)
                harness_fail(h, "%s has no %s", path, what);
        return kb;
}

/* A broker that never stops talking, in the end with messages that are far too large: it costs neither memory nor an answer to each. */
static void test_flood(Harness *h)
{
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage", .clock = "clock" };
        BridgeSetup setup = { .discovery = true };
        Child *standin = broker_standin(h, "flood", NULL, &setup.port);
        unsigned before, after;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, USEC_PER_SEC);
        harness_standin(h, "stream " STRAP " 120");
        bridge_configure(&b, &setup);
        bridge_start(&b);
        bridge_wait_begun(&b);
        bridge_wait_status(&b, "connected to *", 2 * HARNESS_TIMEOUT);
        bridge_pass(&b, 5 * USEC_PER_SEC);
        before = memory_kb(h, b.child, "VmRSS");
        bridge_pass(&b, 20 * USEC_PER_SEC);
        after = memory_kb(h, b.child, "VmRSS");
        print_message("%u kB, after a flood %u kB\n", before, after);
#ifndef __SANITIZE_ADDRESS__
        if (!getenv("CARDIO_WRAP") && after > before + 256)
                harness_fail(h, "the bridge has grown from %u to %u kB", before, after);
#endif
        /* Once a second, if that: not once for each of thousands. */
        assert_in_range(count_output(h, standin, false, "homeassistant/device/"), 1, 40);
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
}

/* Bytes that this machine has taken from it and not got rid of, on its connection to that port. */
static unsigned queued_bytes(Harness *h, uint16_t port)
{
        unsigned remote, state, queued, found = UINT32_MAX;
        char line[256];
        FILE *f = fopen("/proc/net/tcp", "re");

        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, " %*d: %*x:%*x %*x:%x %x %x", &remote, &state, &queued) == 3 &&
                                remote == port && state == 1)
                        found = queued;
        (void)fclose(f);
        if (found == UINT32_MAX)
                harness_fail(h, "there is no connection to port %u", port);
        return found;
}

/* A network that stands still: heart rates that can go nowhere do not pile up in the kernel either. */
static void test_standstill(Harness *h)
{
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage", .clock = "clock" };
        BridgeSetup setup = { .port = 0 };
        Child *standin = broker_standin(h, "deaf", NULL, &setup.port);

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, USEC_PER_SEC);
        harness_standin(h, "stream " STRAP " 120");
        bridge_configure(&b, &setup);
        bridge_start(&b);
        harness_wait_output(h, standin, false, "connect 5", HARNESS_TIMEOUT);
        bridge_pass(&b, 28 * USEC_PER_SEC);
        assert_in_range(queued_bytes(h, setup.port), 1, 800); /* four states or so */
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
}

#define STATES_WARM 300U
#define STATES      3000U

static void pass_states(Harness *h, unsigned n)
{
        harness_clock_step(h, USEC_PER_SEC);
        harness_clock_pass(h, n * USEC_PER_SEC);
}

/* A broker that reads nothing more: thousands of states and hundreds of events later the bridge is no larger. */
static void test_memory(Harness *h)
{
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage", .clock = "clock" };
        BridgeSetup setup = { .port = 0 };
        Child *standin = broker_standin(h, "deaf", NULL, &setup.port);
        unsigned before, after;

        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_pace(h, USEC_PER_SEC);
        harness_standin(h, "stream " STRAP " 120");
        bridge_configure(&b, &setup);
        bridge_start(&b);
        harness_wait_output(h, standin, false, "connect 5", HARNESS_TIMEOUT);
        (void)bridge_session(h);
        pass_states(h, STATES_WARM);
        before = memory_kb(h, b.child, "VmRSS");
        pass_states(h, STATES);
        after = memory_kb(h, b.child, "VmRSS");
        print_message("%u kB, after %u states to a broker that does not read %u kB\n", before, STATES, after);
        /* What a sanitizer keeps is its own. */
#ifndef __SANITIZE_ADDRESS__
        if (!getenv("CARDIO_WRAP") && after > before + 256)
                harness_fail(h, "the bridge has grown from %u to %u kB", before, after);
#endif
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
}

/* LimitDATA= of its unit. */
static rlim_t limit_of_unit(Harness *h)
{
        FILE *f = fopen("systemd/cardio-bridge.service", "re");
        unsigned long long mb = 0;
        char line[512];

        assert_non_null(f);
        while (fgets(line, sizeof(line), f))
                (void)sscanf(line, "LimitDATA=%lluM", &mb);
        (void)fclose(f);
        if (mb == 0)
                harness_fail(h, "the unit has no LimitDATA=");
        return (rlim_t)mb << 20;
}

/* The library takes whatever a broker sends into memory, as a whole. By the limits of its unit the bridge leaves such a broker
 * instead of being killed; and a message that comes with each subscription does not keep sessions from being sent. */
static void test_huge(Harness *h)
{
        _cleanup_bridge_ Bridge b = { .h = h, .device = "garage" };
        BridgeSetup setup = { .discovery = true };
        struct rlimit before, limit;
        Child *standin;
        unsigned peak;

#ifdef __SANITIZE_ADDRESS__
        harness_skip(h, "a sanitizer takes more than is there");
#endif
        if (getenv("CARDIO_WRAP"))
                harness_skip(h, "valgrind needs memory of its own");
        standin = broker_standin(h, "huge", NULL, &setup.port);
        harness_daemon_start(h, CONFIG, DAEMON_SYSTEM);
        run_strap(h, STRAP);
        run_heart_rate(h, 120);
        bridge_configure(&b, &setup);
        assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
        limit = (struct rlimit){ .rlim_cur = limit_of_unit(h), .rlim_max = before.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_DATA, &limit), 0); /* the child has it, too */
        bridge_start(&b);
        assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
        harness_wait_output(h, b.child, true, "*not connected*homeassistant/status is too large*",
                        2 * HARNESS_TIMEOUT);
        bridge_wait_status(&b, "connected to *", 2 * HARNESS_TIMEOUT);
        bridge_wait_begun(&b);
        (void)bridge_session(h);
        harness_wait_output(h, standin, false, "publish 1 0 * cardiod/garage/session *", 2 * HARNESS_TIMEOUT);
        bridge_wait_status(&b, "connected to 127.0.0.1:*[0-9]", HARNESS_TIMEOUT);
        peak = memory_kb(h, b.child, "VmHWM");
        if (peak > 32 * 1024)
                harness_fail(h, "it had %u kB", peak);
        assert_int_equal(bridge_stop(&b, SIGTERM), 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                harness_test(test_certificates),
                harness_test(test_without_tls),
                harness_test(test_passwords),
                harness_test(test_own_certificate),
                harness_clock_test(test_old),
                harness_test(test_rubbish),
                harness_clock_test(test_silent),
                harness_clock_test(test_hanging),
                harness_clock_test(test_flood),
                harness_clock_test(test_standstill),
                harness_clock_test(test_memory),
                harness_clock_test(test_huge),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
